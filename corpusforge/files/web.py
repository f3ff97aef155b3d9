"""Files of http:// and https:// servers, for reading: by ranges, or whole where a server has none.

Credentials and proxies are those of `requests`: `~/.netrc`, `HTTPS_PROXY`. A server that answers a
request for a range with the whole file is read from its beginning as far as is wanted; where that
is far, the file is kept in a nameless temporary file, the last two of a process.
"""

from __future__ import annotations

import errno
import os
import re
import tempfile
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from functools import lru_cache
from typing import IO, Any, TypeVar
from urllib.parse import urlsplit

from corpusforge.files.faults import (
    TRANSIENT_STATUSES,
    StorageDenied,
    StorageFault,
    StorageMissing,
    attempt,
    changed,
    judge_local,
    note,
)
from corpusforge.files.paths import check_writable, refused, root_and_name
from corpusforge.files.store import Fetched, ObjectState, Version, digest_of, library

T = TypeVar("T")

TIMEOUT_S = (10.0, 30.0)
"""To connect, and between two pieces of an answer."""
_NEAR_BYTES = 256 << 10
"""So far a file without ranges is read again from its beginning; beyond, it is kept."""
_KEPT_FILES = 2
_PIECE_BYTES = 1 << 20
_PLACE = re.compile(r"bytes (\d+)-(\d+)/(\d+|\*)")
_lock = threading.Lock()
_kept: OrderedDict[tuple[int, str], tuple[IO[bytes], int, Version]] = OrderedDict()


def state(path: str) -> ObjectState:
    """Return size and version of a file: one request, two where the first tells nothing."""
    return attempt(path, "stat", lambda: _state(path, path, {}), judge)


def _state(path: str, url: str, headers: Mapping[str, str]) -> ObjectState:
    with closing(_answer("HEAD", url, headers)) as answer:
        if answer.ok and answer.headers.get("Content-Length", "").isdigit():
            return _state_of(path, int(answer.headers["Content-Length"]), _version(answer))
        if answer.status_code in (401, 404, 410):
            answer.raise_for_status()
    with closing(_answer("GET", url, {**headers, "Range": "bytes=0-0"})) as answer:
        if answer.status_code == 416:
            return _state_of(path, 0, _version(answer))
        answer.raise_for_status()
        size_bytes = _size(answer)
        if size_bytes is None:
            _, size_bytes, _ = _keep(path, answer)
        return _state_of(path, size_bytes, _version(answer))


def exists(path: str) -> bool:
    """Return whether a file is there."""
    try:
        state(path)
    except StorageMissing:
        return False
    return True


def fetch(path: str, start: int, stop: int, version: Version | None) -> Fetched:
    """Return bytes [start, stop) of a file, fewer where it ends before: one request.

    With a version, its e-tag or its date, anything but that one is `InputChanged`.
    """
    return fetched(path, path, {}, start, stop, version, _version)


def fetched(
    path: str,
    url: str,
    headers: Mapping[str, str],
    start: int,
    stop: int,
    version: Version | None,
    version_of: Callable[[Any], str],
) -> Fetched:
    """Return bytes of what a URL leads to; `version_of` reads the version from an answer."""
    if start >= stop:
        return Fetched(b"", None)
    with _lock:
        kept = _kept.get((os.getpid(), path))
    if kept is not None and kept[2] == (version or ""):
        return _from_kept(kept, start, stop)
    found = attempt(path, "read", lambda: _fetched(path, url, headers, start, stop, version_of), judge)
    if version and found.version and found.version != version:
        raise changed(path, f"version {version} is gone, {found.version} is there")
    return found


def _fetched(
    path: str, url: str, headers: Mapping[str, str], start: int, stop: int, version_of: Callable[[Any], str]
) -> Fetched:
    with closing(_answer("GET", url, {**headers, "Range": f"bytes={start}-{stop - 1}"})) as answer:
        if answer.status_code == 416:
            return Fetched(b"", None)
        answer.raise_for_status()
        version, place = version_of(answer) or None, _PLACE.match(answer.headers.get("Content-Range", ""))
        if answer.status_code == 206:
            if place is None or int(place[1]) != start:
                raise note(StorageFault(path, "read", "the server sent another range than was asked for"))
            data, size_bytes = _read(answer, stop - start), _size(answer)
            if len(data) != int(place[2]) + 1 - start:
                raise ConnectionError(f"{len(data)} bytes came, {int(place[2]) + 1 - start} were said to")
            return Fetched(data, version, size_bytes)
        if stop <= _NEAR_BYTES:
            return Fetched(_read(answer, stop)[start:], version, _size(answer))
        return _from_kept(_keep(path, answer, version), start, stop)


def fetch_whole(path: str) -> bytes:
    """Return all bytes of a file: one request."""
    return whole(path, path, {})


def whole(path: str, url: str, headers: Mapping[str, str]) -> bytes:
    """Return all bytes of what a URL leads to."""

    def call() -> bytes:
        with closing(_answer("GET", url, headers)) as answer:
            answer.raise_for_status()
            return b"".join(iter(lambda: answer.raw.read(_PIECE_BYTES, decode_content=False), b""))

    return attempt(path, "read", call, judge)


def pages(root: str, prefix: str, *, one_level: bool = False) -> Iterator[list[ObjectState]]:
    """Raise `StorageRefused`: servers have no listing."""
    raise refused(f"{root}/{prefix}", f"{root.partition(':')[0]}:// has no listing; name each file")


def upload(path: str, data: bytes | None, local: str | None, expected: Version | None = None) -> bool:
    """Raise `StorageRefused`: these places are for reading."""
    check_writable(path)
    return False


def delete(path: str) -> None:
    """Raise `StorageRefused`."""
    check_writable(path)


def delete_many(root: str, names: Sequence[str]) -> int:
    """Raise `StorageRefused`."""
    check_writable(root)
    return 0


def _answer(method: str, url: str, headers: Mapping[str, str]) -> Any:
    """Return an answer whose body is still to be read, as it is stored."""
    asked = {"Accept-Encoding": "identity", **headers}
    return _session(os.getpid()).request(
        method, url, headers=asked, stream=True, timeout=TIMEOUT_S, allow_redirects=True
    )


@lru_cache(maxsize=1)
def _session(process: int) -> Any:
    return library("requests", "https://").Session()


def _read(answer: Any, n_bytes: int) -> bytes:
    parts: list[bytes] = []
    while n_bytes and (part := answer.raw.read(min(n_bytes, _PIECE_BYTES), decode_content=False)):
        parts.append(part)
        n_bytes -= len(part)
    return b"".join(parts)


def _keep(path: str, answer: Any, version: Version | None = None) -> tuple[IO[bytes], int, Version]:
    """Keep a whole file on disk; the one that was used first goes."""
    file: IO[bytes] = tempfile.TemporaryFile("w+b", 0)
    n_bytes = 0
    while part := answer.raw.read(_PIECE_BYTES, decode_content=False):
        n_bytes += file.write(part)
    said = _size(answer)
    if said is not None and said != n_bytes:
        raise ConnectionError(f"{n_bytes} bytes came, the server said {said}")
    with _lock:
        _kept[os.getpid(), path] = found = file, n_bytes, version or _version(answer)
        while len(_kept) > _KEPT_FILES:
            _kept.popitem(last=False)
    return found


def _from_kept(kept: tuple[IO[bytes], int, Version], start: int, stop: int) -> Fetched:
    file, size_bytes, version = kept
    return Fetched(os.pread(file.fileno(), stop - start, start), version or None, size_bytes)


def _size(answer: Any) -> int | None:
    """Return the size of the whole file that an answer tells, None where it tells none."""
    place = _PLACE.match(answer.headers.get("Content-Range", ""))
    told = place[3] if place else answer.headers.get("Content-Length", "")
    return int(told) if told.isdigit() else None


def _version(answer: Any) -> str:
    return str(answer.headers.get("ETag") or answer.headers.get("Last-Modified") or "")


def _state_of(path: str, size_bytes: int, version: str) -> ObjectState:
    # A server that tells no version is believed on the size.
    return ObjectState(root_and_name(path)[1], size_bytes, version, digest_of(size_bytes, version))


def judge(error: Exception, path: str, operation: str) -> tuple[StorageFault, bool] | None:
    """Return the fault that an error of requests is, and whether the call may be tried again."""
    import requests
    import urllib3

    what = (str(error).splitlines() or [""])[0][:300] or type(error).__name__
    if isinstance(error, requests.HTTPError) and error.response is not None:
        code, reason = error.response.status_code, error.response.reason
        if code in (404, 410):
            return StorageMissing(path, operation, "no such file on the server", errno.ENOENT), False
        if code in (401, 403, 407):
            return StorageDenied(path, operation, f"{code} {reason}", errno.EACCES), False
        host = urlsplit(error.response.url).netloc
        return StorageFault(path, operation, f"{code} {reason} from {host}"), code in TRANSIENT_STATUSES
    lasting = requests.exceptions.InvalidURL | requests.TooManyRedirects | requests.exceptions.InvalidSchema
    if isinstance(error, lasting):
        return StorageFault(path, operation, what), False
    if isinstance(error, requests.RequestException | urllib3.exceptions.HTTPError):
        return StorageFault(path, operation, f"{type(error).__name__}: {what}"), True
    return judge_local(error, path, operation)
