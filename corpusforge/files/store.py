"""The one protocol of every place that keeps objects, and which place a path names.

    gs://            bucket.py   google-cloud-storage
    s3://  az://     cloud.py    obstore
    http://  https:// web.py     requests; for reading
    hf://            hub.py      huggingface_hub names what there is, web.py reads it; for reading

A store is a module with the functions below: each is one request, or as few as do it, bounded,
judged and tried again by `faults.attempt`. Paths are whole, with their scheme. Local disk has
links, special files and handles instead of versions, and is `local.py`.
"""

from __future__ import annotations

import errno
import hashlib
import importlib
import importlib.util
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

from corpusforge.files.faults import StorageRefused
from corpusforge.files.paths import root_and_name, scheme_of

Version = int | str
"""What names one content of an object: a generation of gs://, an e-tag, the hash of a hub's file."""
ABSENT = 0
"""The version of what is not there."""


@dataclass(frozen=True, slots=True)
class ObjectState:
    """What a store tells about an object."""

    name: str
    """Below its bucket, host or repository."""
    size_bytes: int
    version: Version
    digest: str
    """32 hex digits of what the store keeps of the content: its size, and its MD5, e-tag or hash."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """Some bytes of an object."""

    data: bytes
    version: Version | None
    """Of the object that they are of; None where nothing was there to read."""
    size_bytes: int | None = None
    """Of the whole object, where the answer told it."""


class Store(Protocol):
    """What every place that keeps objects can be asked for; all raise `StorageFault`."""

    def state(self, path: str) -> ObjectState:
        """Return size, version and digest of an object; raises `StorageMissing`."""
        ...

    def exists(self, path: str) -> bool:
        """Return whether an object is there."""
        ...

    def fetch(self, path: str, start: int, stop: int, version: Version | None) -> Fetched:
        """Return bytes [start, stop) of an object, fewer where it ends before.

        With a version, anything but that one is `InputChanged`.
        """
        ...

    def fetch_whole(self, path: str) -> bytes:
        """Return all bytes of an object."""
        ...

    def pages(self, root: str, prefix: str, *, one_level: bool = False) -> Iterator[list[ObjectState]]:
        """Yield the objects below a root whose names begin with a prefix, by name, a page at a time.

        With `one_level`, those of "folders" below the prefix may be left out.
        """
        ...

    def upload(
        self, path: str, data: bytes | None, local: str | None, expected: Version | None = None
    ) -> bool:
        """Publish bytes, or a local file, as one object; an object that is there is replaced.

        With an expected version (`ABSENT`: none), only where that is the one that is there: else
        False is returned and nothing is changed.
        """
        ...

    def delete(self, path: str) -> None:
        """Delete an object, where it is there."""
        ...

    def delete_many(self, root: str, names: Sequence[str]) -> int:
        """Delete objects, in as few requests as the service takes; return how many that were."""
        ...


_stand_ins: dict[str, Store] = {}
"""Stores by the root that they serve in place of its service."""


@contextmanager
def stand_in(root: str, store: Store) -> Generator[None]:
    """Let a store serve all below a root, in this process, meanwhile."""
    _stand_ins[root] = store
    try:
        yield
    finally:
        del _stand_ins[root]


def store_of(path: str) -> Store:
    """Return the store of a remote path."""
    if _stand_ins and (found := _stand_ins.get(root_and_name(path)[0])):
        return found
    from corpusforge.files import bucket, cloud, hub, web  # they import the types above

    stores: dict[str | None, Store] = {
        "gs": bucket, "s3": cloud, "az": cloud, "hf": hub, "http": web, "https": web,
    }  # fmt: skip
    return stores[scheme_of(path)]


_NEEDS = {
    "gs": ("google.cloud.storage", "google-cloud-storage"),
    "s3": ("obstore", "'corpusforge[s3]'"),
    "az": ("obstore", "'corpusforge[azure]'"),
    "hf": ("huggingface_hub", "'corpusforge[hf]'"),
    "http": ("requests", "requests"),
    "https": ("requests", "requests"),
}
"""The library that a scheme needs, and what to install for it."""


def library(module: str, path: str) -> Any:
    """Return a module of the library that a path needs; `StorageRefused` where it is not installed."""
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        raise _not_installed(path) from error


def check_usable(path: str) -> str:
    """Return a path whose scheme is known and whose library is installed; else raises `StorageRefused`."""
    scheme = scheme_of(path)
    if scheme is not None:
        root_and_name(path)
        try:
            found = importlib.util.find_spec(_NEEDS[scheme][0])
        except ModuleNotFoundError:
            found = None
        if found is None:
            raise _not_installed(path)
    return path


def _not_installed(path: str) -> StorageRefused:
    scheme = str(scheme_of(path))
    name, package = _NEEDS[scheme]
    what = f"{scheme}:// needs {name.replace('.', '-')}, which is not installed: pip install {package}"
    return StorageRefused(path, "use", what, errno.ENOPKG)


def digest_of(*facts: object) -> str:
    """Return 32 hex digits of what a store keeps of a content."""
    return hashlib.sha256("\0".join(map(str, facts)).encode()).hexdigest()[:32]
