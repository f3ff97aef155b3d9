"""Opening and reading files and objects."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import IO, Any, cast

from corpusforge.files.local import LocalSource
from corpusforge.files.meter import count_read
from corpusforge.files.paths import is_remote
from corpusforge.files.ranges import Range, ranges_of
from corpusforge.files.sources import ObjectSource, Source
from corpusforge.files.spool import SpooledSource
from corpusforge.files.store import Version, store_of
from corpusforge.files.streams import BUFFER_BYTES, AheadReader, LocalReader, Reader


def open_input(
    path: str,
    *,
    size_bytes: int | None = None,
    version: Version | None = None,
    until_bytes: int | None = None,
    is_random: bool = False,
    will_reread: bool = False,
) -> IO[bytes]:
    """Return a seekable binary stream over a file or object; faults are `StorageFault`.

    Opening an object, and seeking in it, costs no request. The content is pinned: an object
    or file that changes while it is read is `InputChanged`.

    Args:
        path: A local path or an object of a store.
        size_bytes: The object's size where a listing told it: saves a request at the first read.
        version: Its version, likewise.
        until_bytes: Where the caller means to stop: nothing is read ahead beyond it.
        is_random: Whether exactly what is asked for is read of an object, nothing ahead.
        will_reread: Whether what was read of an object is kept on local disk until the stream is
            closed, so that a second pass asks for nothing.
    """
    if not is_remote(path):
        return cast("IO[bytes]", io.BufferedReader(LocalReader(LocalSource(path)), BUFFER_BYTES))
    source: Source = ObjectSource(path, size_bytes, version)
    if will_reread:
        source = SpooledSource(source)
    if is_random:
        return cast("IO[bytes]", Reader(source))
    return cast("IO[bytes]", io.BufferedReader(AheadReader(source, until_bytes), BUFFER_BYTES))


def exact(stream: IO[bytes]) -> Reader | None:
    """Return a reader of the same pinned object that reads exactly what is asked for.

    None for a stream that is none of a bucket's objects: reading ahead costs nothing there. A
    stream that wraps one of `open_input` may have an `exact` method that returns such a reader.
    """
    raw: Any = getattr(stream, "raw", stream)
    return raw.exact() if hasattr(raw, "exact") else None


def read_bytes(path: str) -> bytes:
    """Return the whole content of a file or object; a bucket's checksum is checked: one request."""
    if is_remote(path):
        data = store_of(path).fetch_whole(path)
        count_read(len(data))
        return data
    with LocalReader(LocalSource(path)) as stream:
        return stream.readall()


def read_range(path: str, start: int, stop: int, *, size_bytes: int | None = None) -> bytes:
    """Return bytes [start, stop) of a file or object, fewer at its end only: one request.

    A second one asks for the size where that is not given and fewer bytes came.
    """
    return read_ranges(path, [(start, stop)], size_bytes=size_bytes)[0]


def read_ranges(path: str, ranges: Sequence[Range], *, size_bytes: int | None = None) -> list[bytes]:
    """Return the bytes of several ranges of one file or object, in the order asked for.

    Ranges that lie close come in one request (see `joined`).
    """
    source: Source = ObjectSource(path, size_bytes) if is_remote(path) else LocalSource(path)
    try:
        return ranges_of(source.read, ranges)
    finally:
        source.close()
