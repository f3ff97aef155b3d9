"""A bucket that is a folder: what is asked of it is counted as of the bucket it stands for, and never sent.

A dry run builds its sample "in" such a bucket, by the code that a build in the real one takes; so the meter
tells which requests a build will make.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from uuid import uuid4

from corpusforge.files import bucket, cloud
from corpusforge.files.faults import StorageMissing
from corpusforge.files.meter import count_requests
from corpusforge.files.paths import root_and_name, scheme_of
from corpusforge.files.store import ABSENT, Fetched, ObjectState, Version, digest_of, stand_in


class Rehearsal:
    """A store (`store.Store`) of one bucket, in a local folder; for one process."""

    def __init__(self, scheme: str, folder: str) -> None:
        self._scheme, self._folder = scheme, folder
        self._objects: dict[str, ObjectState] = {}
        self._has_conditions = scheme == "gs"

    def _place(self, name: str) -> str:
        return os.path.join(self._folder, digest_of(name))

    def state(self, path: str) -> ObjectState:
        """Return what is kept of an object: one request. Raises `StorageMissing`."""
        count_requests("stat")
        return self._found(path, "stat")

    def exists(self, path: str) -> bool:
        """Return whether an object is there: one request."""
        count_requests("stat")
        return root_and_name(path)[1] in self._objects

    def fetch(self, path: str, start: int, stop: int, version: Version | None) -> Fetched:
        """Return bytes [start, stop) of an object, fewer where it ends before: one request."""
        count_requests("read")
        state = self._found(path, "read")
        with open(self._place(state.name), "rb") as stream:
            stream.seek(start)
            return Fetched(stream.read(max(0, stop - start)), state.version, state.size_bytes)

    def fetch_whole(self, path: str) -> bytes:
        """Return all bytes of an object: one request."""
        count_requests("read")
        with open(self._place(self._found(path, "read").name), "rb") as stream:
            return stream.read()

    def pages(self, root: str, prefix: str, *, one_level: bool = False) -> Iterator[list[ObjectState]]:
        """Yield the objects whose names begin with a prefix, a request a page."""
        names = sorted(name for name in self._objects if name.startswith(prefix))
        if one_level:
            names = [name for name in names if "/" not in name[len(prefix) :]]
        for first in range(0, max(1, len(names)), bucket.PAGE_OBJECTS):
            count_requests("list")
            yield [self._objects[name] for name in names[first : first + bucket.PAGE_OBJECTS]]

    def upload(
        self, path: str, data: bytes | None, local: str | None, expected: Version | None = None
    ) -> bool:
        """Publish bytes, or a local file: as many requests as the service takes for it."""
        n_bytes = len(data or b"") if local is None else os.path.getsize(local)
        count_requests("write", 1 + pieces(self._scheme, n_bytes if local is not None else 0))
        if expected is not None and not self._has_conditions:
            count_requests("write")  # once for each process: whether the service honours preconditions
            self._has_conditions = True
        name = root_and_name(path)[1]
        before = self._objects.get(name)
        if expected is not None and (before.version if before else ABSENT) != expected:
            return False
        if local is not None:
            shutil.copyfile(local, self._place(name))
        else:
            with open(self._place(name), "wb") as stream:
                stream.write(data or b"")
        version = uuid4().hex
        self._objects[name] = ObjectState(name, n_bytes, version, digest_of(n_bytes, version))
        return True

    def delete(self, path: str) -> None:
        """Delete an object, where it is there: one request."""
        count_requests("delete")
        self._remove(root_and_name(path)[1])

    def delete_many(self, root: str, names: Sequence[str]) -> int:
        """Delete objects, in as few requests as the service takes."""
        most = bucket.BATCH_CALLS if self._scheme == "gs" else cloud.BATCH_OBJECTS
        count_requests("delete", -(-len(names) // most))
        return sum(self._remove(name) for name in names)

    def _remove(self, name: str) -> bool:
        if self._objects.pop(name, None) is None:
            return False
        os.unlink(self._place(name))
        return True

    def _found(self, path: str, operation: str) -> ObjectState:
        state = self._objects.get(root_and_name(path)[1])
        if state is None:
            raise StorageMissing(path, operation, "there is no such object")
        return state


def pieces(scheme: str | None, n_bytes: int) -> int:
    """Return how many requests the upload of a file takes beyond the first."""
    if scheme is None or n_bytes <= cloud.ONE_PUT_BYTES:
        return 0
    return -(-n_bytes // cloud.PIECE_BYTES) + (scheme != "gs")


@contextmanager
def rehearsed(path: str, folder: str) -> Generator[str]:
    """Yield a root that no service has: what is written below it goes to a local folder, and is counted.

    `path` names the bucket that it stands for, by its scheme.
    """
    scheme = str(scheme_of(path))
    root = f"{scheme}://corpusforge-sample-{uuid4().hex[:12]}"
    with stand_in(root, Rehearsal(scheme, folder)):
        yield root
