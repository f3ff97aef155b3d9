"""One writer at a time in a corpus on local disk; what killed ones left half written."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator
from contextlib import contextmanager

from corpusforge.files import is_remote, join, remove
from corpusforge.parts.totals import BuildError
from corpusforge.shards.snapshot import LOCK

_TEMPORARY = ".tmp-"
"""How the names of files and folders begin that are not yet whole (`files.publishing`)."""


@contextmanager
def one_writer_at_a_time(output: str) -> Generator[None]:
    """Hold the lock of a local corpus, and clear what a killed build left half written."""
    with locked(output):
        if not is_remote(output):
            for path in temporaries(output):
                remove(path)
        yield


@contextmanager
def locked(output: str) -> Generator[None]:
    """Hold the lock of a local corpus; in a bucket there is none. `BuildError` where another holds it."""
    if is_remote(output):
        yield
        return
    import fcntl

    os.makedirs(output, exist_ok=True)
    with open(join(output, LOCK), "ab") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BuildError(f"another build is writing to {output}; wait for it to end") from None
        try:
            yield
        except Exception as error:
            if _is_gone(output, handle.fileno()):
                raise BuildError(
                    f"{output} was removed or replaced while the build ran: what was made is lost, run again"
                ) from error
            raise


def temporaries(output: str) -> Iterator[str]:
    """Yield the files and folders of a local corpus that a killed writer left: for who holds the lock."""
    for folder, subfolders, names in os.walk(output):
        for name in [*subfolders, *names]:
            if name.startswith(_TEMPORARY):
                yield os.path.join(folder, name)
        subfolders[:] = [name for name in subfolders if not name.startswith(_TEMPORARY)]


def _is_gone(output: str, lock: int) -> bool:
    """Return whether the folder of a corpus is no longer the one whose lock is held."""
    try:
        return not os.path.samestat(os.stat(join(output, LOCK)), os.fstat(lock))
    except OSError:
        return True
