"""Streams over files and objects: read ahead in order, or exactly what is asked for.

    bytes of the object   ....[ behind |      window      ]........
                                 1 MiB   64 KiB -> 8 MiB   next request

A stream in order asks for 64 KiB first, then for four times as much each time, so that a reader
of a header costs little and one of a whole file one request for each 8 MiB. What lies up to 1 MiB
behind stays at hand: readers of compressed members step back a little.
"""

from __future__ import annotations

import errno
import io
import os
import threading
import weakref
from collections.abc import Generator
from contextlib import contextmanager

from corpusforge.files.faults import StorageFault, note
from corpusforge.files.local import LocalSource
from corpusforge.files.sources import Borrowed, Source

FIRST_BYTES = 64 << 10
MAX_AHEAD_BYTES = 8 << 20
BEHIND_BYTES = 1 << 20
GROWTH = 4
"""How much more each request of a stream in order asks for than the one before."""
ALL_STREAMS_BYTES = 256 << 20
"""What the windows of all open streams of a process may hold: many streams read ahead less each."""
BUFFER_BYTES = 64 << 10


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
        if at < 0:  # as any file says it; `zipfile` waits for that
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
        self._at = at
        return at

    def readinto(self, buffer: memoryview, /) -> int:  # pyright: ignore[reportIncompatibleMethodOverride]
        """Fill a buffer from the present place; return how many bytes were put there."""
        with self._sticking():
            n_bytes = self._fill(buffer)
        self._at += n_bytes
        return n_bytes

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
        return b"".join(iter(lambda: self.read(BUFFER_BYTES), b""))

    def exact(self) -> Reader | None:
        """Return a reader of the same object without a window; None for a local file."""
        return None if isinstance(self, LocalReader) else Reader(Borrowed(self._source))

    def close(self) -> None:
        """Let go of the file and of what was read ahead."""
        if not self.closed:
            self._source.close()
        super().close()

    @contextmanager
    def _sticking(self) -> Generator[None]:
        if self.closed:
            raise ValueError("I/O operation on closed file.")
        if self._fault is not None:
            raise note(self._fault)
        try:
            yield
        except StorageFault as fault:
            self._fault = fault
            raise

    def _taken(self, size: int) -> bytes | memoryview:
        """Return up to so many bytes from the present place, none at the end only."""
        with self._sticking():
            return self._bytes_at(self._at, size)

    def _fill(self, buffer: memoryview) -> int:
        data = self._bytes_at(self._at, len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def _bytes_at(self, at: int, size: int) -> bytes | memoryview:
        return self._source.read(at, at + size)


class LocalReader(Reader):
    """A stream over a local file: read straight into the buffer of whoever reads."""

    def __init__(self, source: LocalSource) -> None:
        super().__init__(source)
        self._file = source

    def _fill(self, buffer: memoryview) -> int:
        return self._file.fill(self._at, buffer)


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
            if self._is_end(at):
                return b""  # what was read stays at hand
            self._request(at, size)
        held = self._window if at >= self._base else self._behind
        start = at - self._base if at >= self._base else at - self._base + len(self._behind)
        return held[start : start + size]

    def _is_end(self, at: int) -> bool:
        """Return whether a place is known to lie behind the last byte."""
        end = self._base + len(self._window)
        return at >= self.size_bytes if at == end and len(self._window) else False

    def _request(self, at: int, size: int) -> None:
        """Ask for the bytes at a place, and for more where the stream is read in order."""
        share_bytes = ALL_STREAMS_BYTES // max(1, len(_open_streams))
        end = self._base + len(self._window)
        if at == end and len(self._window):
            self._step_bytes = min(self._step_bytes * GROWTH, MAX_AHEAD_BYTES)
            self._behind = self._last_bytes(min(BEHIND_BYTES, max(FIRST_BYTES, share_bytes // 8)))
        else:
            is_near = end < at <= end + self._step_bytes  # a reader that passes something over
            self._step_bytes = self._step_bytes if is_near else FIRST_BYTES
            self._behind = memoryview(b"")
        self._window = memoryview(b"")  # let go before the next comes
        ahead_bytes = min(self._step_bytes, max(FIRST_BYTES, share_bytes * 7 // 8))
        stop = at + max(ahead_bytes, min(size, MAX_AHEAD_BYTES))
        if self._until is not None and at < self._until:
            stop = max(min(stop, self._until), at + min(size, FIRST_BYTES))
        elif self._until is not None:  # a record that reaches beyond: begin small again
            self._until, self._step_bytes, stop = None, FIRST_BYTES, at + max(size, FIRST_BYTES)
        self._base = at
        self._window = memoryview(self._source.read(at, stop))

    def _last_bytes(self, n_bytes: int) -> memoryview:
        """Return a copy of the last bytes of what is held, so that the rest can go."""
        missing = n_bytes - len(self._window)
        before = bytes(self._behind[-missing:]) if missing > 0 else b""
        return memoryview(before + bytes(self._window[-n_bytes:]))


def requests_in_order(n_bytes: int) -> int:
    """Return how many requests a stream makes that reads so many bytes from end to end, alone."""
    count, step_bytes = 1, FIRST_BYTES
    n_bytes -= step_bytes
    while n_bytes > 0 and step_bytes < MAX_AHEAD_BYTES:
        step_bytes = min(step_bytes * GROWTH, MAX_AHEAD_BYTES)
        count, n_bytes = count + 1, n_bytes - step_bytes
    return count + max(0, -(-n_bytes // MAX_AHEAD_BYTES))


_open_lock = threading.Lock()
_open_streams: weakref.WeakSet[AheadReader] = weakref.WeakSet()
