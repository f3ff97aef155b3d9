"""Writing: nothing is ever half visible.

A local file is written beside its place, synchronised and renamed into it; an object is uploaded as one.
"""

from __future__ import annotations

import errno
import os
import shutil
import stat
import tempfile
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

from corpusforge.files.faults import StorageFault, StorageMissing, attempt, judge_local, note
from corpusforge.files.listing import entry, exists
from corpusforge.files.meter import count_written
from corpusforge.files.paths import check_writable, is_remote, root_and_name
from corpusforge.files.reading import read_bytes
from corpusforge.files.store import ABSENT, Version, store_of

_REMOVED_TOGETHER = 1000
"""Objects whose names are gathered before their buckets are asked."""
_OPEN_FILES = ("/dev/stdout", "/dev/stderr", "/dev/fd/", "/proc/self/fd/")
"""Links to what the process holds open: of a file too they must stay."""
_DISK_ERRNOS = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS, errno.EFBIG})


@contextmanager
def publishing(path: str) -> Generator[str]:
    """Yield a local path to write to; on a clean exit its content appears at `path` whole.

    On an exception nothing appears. An existing file is replaced; a device or a pipe (`/dev/stdout`,
    `/dev/null`, `>(gzip)`) stays and is written to. A full or failing disk under the writer is a
    `StorageFault` that names `path`.
    """
    if is_stream(path):
        with tempfile.TemporaryDirectory(prefix="corpusforge-") as folder:
            local = os.path.join(folder, "out")
            with _disk_faults(local):
                yield local
            attempt(path, "write", lambda: _pour(local, path))
        return
    if is_remote(check_writable(path)):
        with tempfile.TemporaryDirectory(prefix="corpusforge-") as folder:
            local = os.path.join(folder, "out")
            with _disk_faults(local):
                yield local
            _upload(path, local)
        return
    temporary = attempt(path, "write", lambda: _temporary_beside(path))
    try:
        with _disk_faults(path):
            yield temporary
        attempt(path, "write", lambda: _settle(temporary, path))
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def publish(finished: str, path: str) -> None:
    """Move a finished local file to `path`, whole or not at all; on disk, both in one file system."""
    if is_remote(path):
        _upload(path, finished)
        os.unlink(finished)
    elif is_stream(path):
        attempt(path, "write", lambda: _pour(finished, path))
        os.unlink(finished)
    else:
        attempt(path, "write", lambda: _settle(finished, path))


def is_stream(path: str) -> bool:
    """Return whether a local path leads to a device or a pipe: no file that another could replace."""
    if is_remote(path):
        return False
    if path.startswith(_OPEN_FILES):
        return True
    try:
        mode = os.stat(path).st_mode
    except (OSError, ValueError):
        return False
    return stat.S_ISCHR(mode) or stat.S_ISFIFO(mode) or stat.S_ISBLK(mode)


def _pour(local: str, path: str) -> None:
    with open(local, "rb") as source, open(path, "wb", buffering=0) as target:
        shutil.copyfileobj(source, target)
    count_written(os.path.getsize(local))


def _upload(path: str, local: str) -> None:
    store_of(path).upload(path, None, local)
    count_written(os.path.getsize(local))


def _temporary_beside(path: str) -> str:
    folder = os.path.dirname(path) or "."
    os.makedirs(folder, exist_ok=True)
    handle, temporary = tempfile.mkstemp(prefix=".tmp-", dir=folder)
    os.close(handle)
    return temporary


def _settle(temporary: str, path: str) -> None:
    handle = os.open(temporary, os.O_RDONLY)
    try:
        os.fsync(handle)
        n_bytes = os.fstat(handle).st_size
    finally:
        os.close(handle)
    os.chmod(temporary, 0o644)
    os.replace(temporary, path)
    count_written(n_bytes)


@contextmanager
def _disk_faults(path: str) -> Generator[None]:
    try:
        yield
    except OSError as error:
        judged = judge_local(error, path, "write") if error.errno in _DISK_ERRNOS else None
        if judged is None or isinstance(error, StorageFault):
            raise
        raise note(judged[0]) from error


def write_bytes(path: str, data: bytes) -> None:
    """Publish bytes at a path, whole or not at all: one request up to 8 MiB."""
    if is_remote(path):
        store_of(path).upload(path, data, None)
        count_written(len(data))
        return
    with publishing(path) as temporary:
        Path(temporary).write_bytes(data)


def version_of(path: str) -> Version | bytes | None:
    """Return a token for the present state of a small file, for `swap`; None if absent."""
    try:
        return entry(path).object_version if is_remote(path) else read_bytes(path)
    except StorageMissing:
        return None


def swap(path: str, data: bytes, expected: Version | bytes | None) -> bool:
    """Replace a small file if its state is still `expected` (see `version_of`).

    Returns False, and changes nothing, where another writer came first. A bucket is asked with a
    precondition (generation, or e-tag); local disk has a lock file beside the target.
    """
    if is_remote(path):
        version = ABSENT if expected is None or isinstance(expected, bytes) else expected
        is_ours = store_of(path).upload(path, data, None, version)
        count_written(len(data) if is_ours else 0)
        return is_ours
    os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
    with _locked(path + ".lock"):
        if version_of(path) != expected:
            return False
        write_bytes(path, data)
        return True


@contextmanager
def _locked(path: str) -> Generator[None]:
    import fcntl

    with open(path, "ab") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)  # released by the kernel when a process dies
        yield


def remove(path: str) -> None:
    """Remove a file or object, or a whole local folder, if it is there: one request."""
    if is_remote(path):
        store_of(path).delete(path)
    elif os.path.isdir(path):
        attempt(path, "delete", lambda: shutil.rmtree(path))
    else:
        attempt(path, "delete", lambda: Path(path).unlink(missing_ok=True))


def remove_tree(path: str) -> int:
    """Remove all that lies below a folder or prefix; return how many objects that were.

    A bucket is asked once for each 1,000 objects listed and once for each batch removed. A local
    folder goes with what is in it, and 0 is returned for none.
    """
    if not is_remote(path):
        if not exists(path):
            return 0
        n_files = sum(len(names) for _, _, names in os.walk(path))
        remove(path)
        return n_files
    root, prefix = root_and_name(path)
    n_removed, store = 0, store_of(path)
    for page in store.pages(root, prefix.rstrip("/") + "/"):
        n_removed += store.delete_many(root, [item.name for item in page])
    return n_removed


def remove_files(paths: Iterable[str]) -> None:
    """Remove files or objects, where they are there: one request for each batch of a bucket."""
    waiting = iter(paths)
    while some := list(islice(waiting, _REMOVED_TOGETHER)):
        by_bucket: dict[str, list[str]] = {}
        for path in some:
            if is_remote(path):
                holder, name = root_and_name(path)
                by_bucket.setdefault(holder, []).append(name)
            else:
                remove(path)
        for holder, names in by_bucket.items():
            store_of(holder).delete_many(holder, names)
