"""A dump's bytes, opened so that a fault of storage is never taken for damage of content.

A decoder raises OSError for bad data as a disk does for a bad sector. What came from the
stream itself is remembered by it: where something is caught that may be either, `check`
tells, and a fault that a library swallowed ends the reading when the stream is closed.
"""

from __future__ import annotations

import errno
import io
import os
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import IO, Any, TypeVar, cast

from corpusforge.files import open_input
from corpusforge.files.reading import exact
from corpusforge.ingest.beside import check_declared
from corpusforge.ingest.coverage import Coverage
from corpusforge.ingest.deadline import check_deadline, note_progress

_Result = TypeVar("_Result")


class GuardedStream(io.RawIOBase):
    """A readable, seekable stream that remembers the first exception of the one below it."""

    def __init__(self, stream: IO[bytes], coverage: Coverage | None = None) -> None:
        super().__init__()
        self._stream = stream
        self._coverage = coverage
        self.fault: BaseException | None = None
        """What the storage raised; it is raised again by every later call."""
        self._read_to = 0
        """Where the bytes end that were read so far."""

    def exact(self) -> Any:
        """Return a reader of exactly what is asked for; None where reading ahead costs nothing."""
        return exact(self._stream)

    def read(self, size: int = -1, /) -> bytes:
        """Return up to `size` bytes, all where it is negative."""
        return self._read(self._stream.read, size)

    def readinto(self, buffer: Any, /) -> int:
        """Fill a buffer and return how many bytes it took."""
        data = self.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def readline(self, size: int | None = -1, /) -> bytes:
        """Return the next line with its end."""
        return self._read(self._stream.readline, -1 if size is None else size)

    def readall(self) -> bytes:
        """Return the rest."""
        return self.read()

    def seek(self, offset: int, whence: int = 0, /) -> int:
        """Move to an offset and return it.

        For one before the file, which is asked for because of the content, ValueError or OSError is
        raised as by any file, and not remembered.
        """
        if whence == 0 and offset < 0:
            raise ValueError(f"negative seek value {offset}")
        if whence == 2 and offset < 0 and self._guarded(self._stream.seek, 0, 2) < -offset:
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
        return self._guarded(self._stream.seek, offset, whence)

    def tell(self) -> int:
        """Return the offset of the next byte."""
        return self._guarded(self._stream.tell)

    def readable(self) -> bool:
        """Return True."""
        return True

    def seekable(self) -> bool:
        """Return True."""
        return True

    def close(self) -> None:
        """Close the stream below."""
        if not self.closed:
            super().close()
            self._stream.close()

    def _read(self, call: Callable[..., bytes], size: int) -> bytes:
        check_deadline()
        data = self._guarded(call, size)
        end = self._guarded(self._stream.tell)
        if end > self._read_to:
            self._read_to = end
            note_progress()
        if self._coverage is not None:
            self._coverage.n_read_bytes += len(data)
        return data

    def _guarded(self, call: Callable[..., _Result], *arguments: int) -> _Result:
        if self.fault is not None:
            raise self.fault
        try:
            return call(*arguments)
        except BaseException as error:
            self.fault = error
            raise


@contextmanager
def opened(path: str, coverage: Coverage | None = None, **how: Any) -> Generator[IO[bytes]]:
    """Yield a guarded stream over a dump, closed afterwards; `how` goes to `open_input`.

    While a reader reads its dump, what it has not declared is refused (`beside.py`).
    Raises, at the latest on leaving, whatever the storage raised meanwhile. `coverage` is told
    where the stream stood.
    """
    check_declared(path)
    stream = GuardedStream(open_input(path, **how), coverage)
    try:
        yield cast("IO[bytes]", stream)
        check(cast("IO[bytes]", stream))
    finally:
        if coverage is not None and stream.fault is None and not stream.closed:
            coverage.at = stream.tell()
        stream.close()


def check(stream: IO[bytes], error: BaseException | None = None) -> None:
    """Raise the fault that a guarded stream met; do nothing where it met none.

    Called where `error` was caught that content as well as storage may have caused.
    """
    fault = stream.fault if isinstance(stream, GuardedStream) else None
    if fault is not None:
        raise fault from (error if error is not fault else None)


def size_of(stream: IO[bytes]) -> int:
    """Return the bytes of an open dump; leaves it where it stood."""
    at = stream.tell()
    end = stream.seek(0, 2)
    stream.seek(at)
    return end
