"""Streams over files and objects: read ahead in order, or exactly what is asked for.

    bytes of the object   ....[ behind |      window      ]........
                                 1 MiB   64 KiB -> 8 MiB   next request

A stream in order asks for 64 KiB first, then for four times as much each time, so that a reader
of a header costs little and one of a whole file one request for each 8 MiB. What lies up to 1 MiB
behind stays at hand: readers of compressed members step back a little.
"""

from __future__ import annotations

import io
import threading
import weakref
from collections.abc import Callable, Iterator, Sequence
from typing import IO, Protocol, cast

from corpusforge.files import bucket, local
from corpusforge.files.faults import StorageFault, changed, note
from corpusforge.files.paths import is_remote

FIRST_BYTES = 64 << 10
MAX_AHEAD_BYTES = 8 << 20
BEHIND_BYTES = 1 << 20
GROWTH = 4
"""How much more each request of a stream in order asks for than the one before."""
ALL_STREAMS_BYTES = 256 << 20
"""What the windows of all open streams of a process may hold: many streams read ahead less each."""
MAX_GAP_BYTES = 128 << 10
_MAX_JOINED_BYTES = 32 << 20
_BUFFER_BYTES = 64 << 10
Range = tuple[int, int]
"""[first byte, byte behind the last)."""


class Source(Protocol):
    """One file or object, pinned to what it was at its first touch."""

    path: str
    is_seekable: bool

    @property
    def size_bytes(self) -> int:
        """Return its size; may cost a request."""
        ...

    def read(self, start: int, stop: int) -> bytes:
        """Return bytes [start, stop), fewer only at the end of the file; raises `StorageFault`."""
        ...

    def close(self) -> None:
        """Let go of what is held."""
        ...


class BucketSource:
    """An object; the generation that the first request met is the only one read."""

    is_seekable = True

    def __init__(self, path: str, size_bytes: int | None = None, generation: int | None = None) -> None:
        self.path = path
        self._size_bytes = size_bytes
        self._generation = generation

    @property
    def size_bytes(self) -> int:
        """Return the size: one request where neither the caller nor an earlier answer told it."""
        if self._size_bytes is None:
            found = bucket.state(self.path)
            if self._generation not in (None, found.generation):
                detail = f"generation {self._generation} is gone, {found.generation} is there"
                raise changed(self.path, detail)
            self._size_bytes, self._generation = found.size_bytes, found.generation
        return self._size_bytes

    def read(self, start: int, stop: int) -> bytes:
        """Return bytes [start, stop), fewer only at the end of the object."""
        if self._size_bytes is not None:
            stop = min(stop, self._size_bytes)
        if start >= stop:
            return b""
        found = bucket.fetch(self.path, start, stop, self._generation)
        data = found.data
        self._generation = self._generation or found.generation
        if self._size_bytes is None and found.is_whole:
            self._size_bytes = len(data)
        # Nothing tells a short answer from the object's end but its size.
        missing = min(stop, self.size_bytes) - start - len(data)
        if missing > 0:
            what = f"{len(data)} bytes came from byte {start}, {missing} fewer than the object has"
            raise note(StorageFault(self.path, "read", what))
        return data

    def close(self) -> None:
        """Let go of nothing: a request leaves nothing open."""


class Reader(io.RawIOBase):
    """What streams over files and objects share: a place in a source, and faults that stay.

    Once a read has failed, every later one fails alike: a reader that took the fault for damage
    of the file must not go on behind it.
    """

    def __init__(self, source: Source) -> None:
        self._source = source
        self._at = 0
        self._fault: StorageFault | None = None

    @property
    def name(self) -> str:
        """The path."""
        return self._source.path

    @property
    def size_bytes(self) -> int:
        """The size of the file or object; may cost a request."""
        return self._source.size_bytes

    def readable(self) -> bool:
        """Return True."""
        return True

    def seekable(self) -> bool:
        """Return whether there is a place to move to: a pipe has none."""
        return self._source.is_seekable

    def tell(self) -> int:
        """Return the place of the next byte."""
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Move; costs nothing but for `SEEK_END`, which asks for the size."""
        bases = {io.SEEK_SET: lambda: 0, io.SEEK_CUR: lambda: self._at, io.SEEK_END: lambda: self.size_bytes}
        at = bases[whence]() + offset
        if at != self._at and not self.seekable():
            raise io.UnsupportedOperation("a pipe cannot be sought in")
        if at < 0:
            raise ValueError(f"negative seek position {at}")
        self._at = at
        return at

    def readinto(self, buffer: memoryview, /) -> int:  # pyright: ignore[reportIncompatibleMethodOverride]
        """Fill a buffer from the present place; return how many bytes were put there."""
        data = self._taken(len(buffer))
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)

    def read(self, size: int = -1, /) -> bytes:
        """Return exactly so many bytes, fewer at the end of the file only; all for -1."""
        if size < 0:
            return self.readall()
        parts: list[bytes | memoryview] = []
        while size > 0 and (data := self._taken(size)):
            parts.append(data)
            self._at += len(data)
            size -= len(data)
        return bytes(parts[0]) if len(parts) == 1 else b"".join(parts)

    def readall(self) -> bytes:
        """Return what is left."""
        if self.seekable():
            return self.read(max(0, self.size_bytes - self._at))
        return b"".join(iter(lambda: self.read(_BUFFER_BYTES), b""))

    def close(self) -> None:
        """Let go of the file and of what was read ahead."""
        if not self.closed:
            self._source.close()
        super().close()

    def _taken(self, size: int) -> bytes | memoryview:
        """Return up to so many bytes from the present place, none at the end only."""
        if self.closed:
            raise ValueError("I/O operation on closed file.")
        if self._fault is not None:
            raise note(self._fault)
        try:
            return self._bytes_at(self._at, size)
        except StorageFault as fault:
            self._fault = fault
            raise

    def _bytes_at(self, at: int, size: int) -> bytes | memoryview:
        return self._source.read(at, at + size)


class AheadReader(Reader):
    """A stream over an object that reads ahead (see the module)."""

    def __init__(self, source: Source, until: int | None = None) -> None:
        super().__init__(source)
        self._until = until
        self._behind, self._window = memoryview(b""), memoryview(b"")
        self._base = 0
        """Where the window begins; what is behind ends there."""
        self._step_bytes = FIRST_BYTES
        with _open_lock:
            _open_streams.add(self)

    def close(self) -> None:
        """Let go of what was read ahead."""
        self._behind = self._window = memoryview(b"")
        with _open_lock:
            _open_streams.discard(self)
        super().close()

    def _bytes_at(self, at: int, size: int) -> bytes | memoryview:
        if not self._base - len(self._behind) <= at < self._base + len(self._window):
            self._request(at, size)
        held = self._window if at >= self._base else self._behind
        start = at - self._base if at >= self._base else at - self._base + len(self._behind)
        return held[start : start + size]

    def _request(self, at: int, size: int) -> None:
        """Ask for the bytes at a place, and for more where the stream is read in order."""
        end = self._base + len(self._window)
        if at == end and len(self._window):
            self._step_bytes = min(self._step_bytes * GROWTH, MAX_AHEAD_BYTES)
            self._behind = memoryview(bytes(self._window[-BEHIND_BYTES:]))
        else:
            is_near = end < at <= end + self._step_bytes  # a reader that passes something over
            self._step_bytes = self._step_bytes if is_near else FIRST_BYTES
            self._behind = memoryview(b"")
        self._window = memoryview(b"")  # let go before the next comes
        share = max(FIRST_BYTES, ALL_STREAMS_BYTES // max(1, len(_open_streams)))
        wanted = max(min(self._step_bytes, share), min(size, MAX_AHEAD_BYTES))
        stop = at + wanted
        if self._until is not None and at < self._until:
            stop = max(min(stop, self._until), at + min(size, FIRST_BYTES))
        elif self._until is not None:  # a record that reaches beyond: begin small again
            self._until, self._step_bytes, stop = None, FIRST_BYTES, at + max(size, FIRST_BYTES)
        self._base = at
        self._window = memoryview(self._source.read(at, stop))


_open_lock = threading.Lock()
_open_streams: weakref.WeakSet[AheadReader] = weakref.WeakSet()


def open_input(
    path: str,
    *,
    size_bytes: int | None = None,
    generation: int | None = None,
    until_bytes: int | None = None,
    is_random: bool = False,
) -> IO[bytes]:
    """Return a seekable binary stream over a file or object; faults are `StorageFault`.

    Opening a bucket's object, and seeking in it, costs no request. `size_bytes` and `generation`,
    where a listing told them, save one at the first read. `until_bytes` says where the caller means
    to stop: nothing is read ahead beyond it. With `is_random` exactly what is asked for is read,
    nothing ahead. The content is pinned: an object or file that changes while it is read is
    `InputChanged`.
    """
    if not is_remote(path):
        return cast("IO[bytes]", io.BufferedReader(Reader(local.LocalSource(path)), _BUFFER_BYTES))
    source = BucketSource(path, size_bytes, generation)
    if is_random:
        return cast("IO[bytes]", Reader(source))
    return cast("IO[bytes]", io.BufferedReader(AheadReader(source, until_bytes), _BUFFER_BYTES))


def exact(stream: IO[bytes]) -> Reader | None:
    """Return a reader of the same pinned object that reads exactly what is asked for.

    None for a stream that is none of a bucket's objects: reading ahead costs nothing there.
    """
    raw = getattr(stream, "raw", stream)
    if isinstance(raw, Reader) and isinstance(raw._source, BucketSource):  # pyright: ignore[reportPrivateUsage]
        return Reader(raw._source)  # pyright: ignore[reportPrivateUsage]
    return None


def read_bytes(path: str) -> bytes:
    """Return the whole content of a file or object; a bucket's checksum is checked: one request."""
    if is_remote(path):
        return bucket.fetch_whole(path)
    with Reader(local.LocalSource(path)) as stream:
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
    source: Source = BucketSource(path, size_bytes) if is_remote(path) else local.LocalSource(path)
    try:
        return ranges_of(source.read, ranges)
    finally:
        source.close()


def ranges_of(read: Callable[[int, int], bytes], ranges: Sequence[Range]) -> list[bytes]:
    """Return the bytes of several ranges by few calls of `read(start, stop)`, in the order asked for."""
    found: dict[Range, bytes] = {}
    for start, stop, members in joined(ranges):
        data = read(start, stop) if start < stop else b""
        found.update({(first, last): data[first - start : last - start] for first, last in members})
    return [found[each] for each in ranges]


def joined(ranges: Sequence[Range]) -> Iterator[tuple[int, int, list[Range]]]:
    """Yield (start, stop, ranges inside) of the reads that cover the ranges, in order.

    Two are joined where the gap is at most 128 KiB and all gaps of a read stay within a twentieth of
    what was asked for; a read of several ranges stays within 32 MiB.
    """
    start = stop = asked = 0
    members: list[Range] = []
    for first, last in sorted(set(ranges)):
        gap = max(0, first - stop)
        would_ask = asked + max(0, last - max(first, stop))
        would_waste = max(stop, last) - start - would_ask
        fits = gap <= MAX_GAP_BYTES and 20 * would_waste <= would_ask
        if members and fits and max(stop, last) - start <= _MAX_JOINED_BYTES:
            stop, asked = max(stop, last), would_ask
            members.append((first, last))
            continue
        if members:
            yield start, stop, members
        start, stop, asked, members = first, last, last - first, [(first, last)]
    if members:
        yield start, stop, members
