"""Files on local disk and in gs:// buckets: list, open, digest, publish whole.

Nothing is ever half visible: a file is written beside its place and renamed into it
(local), or uploaded as one object (gs://).
"""

from __future__ import annotations

import glob
import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import IO, Any

import xxhash

GS_PREFIX = "gs://"
_DIGEST_BLOCK_BYTES = 4 << 20


def is_remote(path: str) -> bool:
    """Return whether a path names an object of a bucket."""
    return path.startswith(GS_PREFIX)


def join(base: str, *names: str) -> str:
    """Return a path below `base`, which may be a local folder or a gs:// prefix."""
    return "/".join([base.rstrip("/"), *names])


@dataclass(frozen=True, slots=True)
class Entry:
    """One file or object of a listing."""

    path: str
    size_bytes: int
    checksum: str | None
    """A digest of the content as `content_digest` gives it, where the store keeps one."""


def list_entries(path: str) -> Iterator[Entry]:
    """Yield the files at a path, below a folder, or matching a glob, sorted, with their sizes."""
    for name in list_files(path):
        yield Entry(name, size_bytes(name), content_digest(name) if is_remote(name) else None)


def list_files(path: str) -> list[str]:
    """Return the files at a path, below a folder, or matching a glob, sorted.

    Hidden files and symbolic links to folders are passed over.
    """
    if is_remote(path):
        return _list_remote(path)
    if os.path.isdir(path):
        found = [
            os.path.join(folder, name)
            for folder, subfolders, names in os.walk(path)
            for name in names
            if not name.startswith(".") and not _prune_hidden(subfolders)
        ]
    else:
        found = [name for name in glob.glob(path, recursive=True) if os.path.isfile(name)]
    return sorted(found)


def _prune_hidden(subfolders: list[str]) -> bool:
    subfolders[:] = sorted(name for name in subfolders if not name.startswith("."))
    return False


def exists(path: str) -> bool:
    """Return whether a file or object is there."""
    return _blob(path).exists() if is_remote(path) else os.path.exists(path)


def size_bytes(path: str) -> int:
    """Return the size of a file or object."""
    if not is_remote(path):
        return os.path.getsize(path)
    blob = _blob(path)
    blob.reload()
    return int(blob.size or 0)


def open_input(path: str) -> IO[bytes]:
    """Return a seekable binary stream over a file or object."""
    # Without raw_download a stored Content-Encoding would be undone on the way.
    return _blob(path).open("rb", raw_download=True) if is_remote(path) else open(path, "rb")


def read_bytes(path: str) -> bytes:
    """Return the whole content of a file or object."""
    with open_input(path) as stream:
        return stream.read()


def content_digest(path: str) -> str:
    """Return a digest of the content: 32 hex digits.

    Local: xxh3-128 of the bytes. gs://: from the object's size and MD5 or CRC32C, which
    the bucket keeps, so that a terabyte need not be read to see that it is unchanged.
    """
    if is_remote(path):
        blob = _blob(path)
        blob.reload()
        identity = f"{blob.size}\0{blob.md5_hash}\0{blob.crc32c}"
        return hashlib.sha256(identity.encode()).hexdigest()[:32]
    digest = xxhash.xxh3_128()
    with open(path, "rb") as stream:
        while block := stream.read(_DIGEST_BLOCK_BYTES):
            digest.update(block)
    return digest.hexdigest()


@contextmanager
def publishing(path: str) -> Generator[str]:
    """Yield a local path to write to; on a clean exit its content appears at `path` whole.

    On an exception nothing appears. An existing file is replaced.
    """
    if is_remote(path):
        with tempfile.TemporaryDirectory(prefix="corpusforge-") as folder:
            local = os.path.join(folder, "out")
            yield local
            _blob(path).upload_from_filename(local)
        return
    folder = os.path.dirname(path) or "."
    os.makedirs(folder, exist_ok=True)
    handle, temporary = tempfile.mkstemp(prefix=".tmp-", dir=folder)
    os.close(handle)
    try:
        yield temporary
        _sync(temporary)
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def write_bytes(path: str, data: bytes) -> None:
    """Publish bytes at a path, whole or not at all."""
    with publishing(path) as temporary:
        Path(temporary).write_bytes(data)


def version_of(path: str) -> int | bytes | None:
    """Return a token for the present state of a small file, for `swap`; None if absent."""
    if is_remote(path):
        blob = _blob(path)
        if not blob.exists():
            return None
        blob.reload()
        return int(blob.generation or 0)
    return read_bytes(path) if os.path.exists(path) else None


def swap(path: str, data: bytes, expected: int | bytes | None) -> bool:
    """Replace a small file if its state is still `expected` (see `version_of`).

    Returns False, and changes nothing, where another writer came first. gs:// uses the
    generation precondition; local disk a lock file beside the target.
    """
    if is_remote(path):
        from google.api_core.exceptions import PreconditionFailed  # a second to import

        try:
            _blob(path).upload_from_string(data, if_generation_match=expected or 0)
        except PreconditionFailed:
            return False
        return True
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
    """Remove a file or object, or a whole local folder, if it is there."""
    if is_remote(path):
        if exists(path):
            _blob(path).delete()
    elif os.path.isdir(path):
        shutil.rmtree(path)
    else:
        Path(path).unlink(missing_ok=True)


def _sync(path: str) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@lru_cache(maxsize=1)
def _client() -> Any:
    from google.cloud import storage

    if os.environ.get("STORAGE_EMULATOR_HOST"):
        return storage.Client.create_anonymous_client()
    return storage.Client()


def _blob(path: str) -> Any:
    bucket, _, name = path.removeprefix(GS_PREFIX).partition("/")
    return _client().bucket(bucket).blob(name)


def _list_remote(path: str) -> list[str]:
    bucket, _, pattern = path.removeprefix(GS_PREFIX).partition("/")
    wild = re.search(r"[*?[]", pattern)
    if wild:
        prefix, fits = pattern[: wild.start()], _glob_pattern(pattern).fullmatch
    elif pattern and _blob(path).exists():
        return [path]
    else:
        prefix, fits = (pattern.rstrip("/") + "/" if pattern else ""), bool
    names: list[str] = [blob.name for blob in _client().list_blobs(bucket, prefix=prefix)]
    return sorted(f"{GS_PREFIX}{bucket}/{name}" for name in names if fits(name) and not name.endswith("/"))


def _glob_pattern(pattern: str) -> re.Pattern[str]:
    """Return a glob as a regular expression, `**/` being any folders, as in `glob.glob`."""
    pieces = re.split(r"(\*\*/|\*|\?|\[[^]]*\])", pattern)
    marks = {"**/": "(?:.*/)?", "*": "[^/]*", "?": "[^/]"}

    def translated(piece: str) -> str:
        return marks.get(piece) or (piece.replace("[!", "[^") if piece.startswith("[") else re.escape(piece))

    return re.compile("".join(translated(piece) for piece in pieces))
