"""The lines of a list that people write: UTF-8, plain or packed (.gz, .xz), digested as they are read."""

from __future__ import annotations

import gzip
import hashlib
import io
import lzma
from collections.abc import Iterator
from typing import IO, Any, cast

from corpusforge.files import open_input

_MAX_LINE_BYTES = 8192


class ListLines:
    """(number, line) of a list, from 1; `sha256` of the file's bytes once all were read.

    Raises ValueError, one clear line: no such file, damaged, not UTF-8.
    """

    def __init__(self, path: str, stream: IO[bytes] | None = None) -> None:
        self._path = path
        self._stream = stream
        self._sha256 = hashlib.sha256()

    def __iter__(self) -> Iterator[tuple[int, str]]:
        name = f"list {self._path}"
        try:
            with self._stream or open_input(self._path) as stream:
                hashing = _Hashing(stream, self._sha256)
                for number, line in enumerate(_lines(_unpacked(hashing, self._path)), start=1):
                    try:
                        yield number, line.decode("utf-8-sig" if number == 1 else "utf-8")
                    except UnicodeDecodeError as error:
                        raise ValueError(f"{name}, line {number}: not UTF-8 at byte {error.start}") from None
                while hashing.read(1 << 20):  # what lies behind the packed stream counts for the digest
                    pass
        except (OSError, EOFError, lzma.LZMAError) as error:
            raise ValueError(f"{name}: {getattr(error, 'strerror', None) or error}") from None

    def sha256(self) -> str:
        """Return the sha256 of the file, all lines of it read."""
        return self._sha256.hexdigest()


class _Hashing(io.RawIOBase):
    """A stream that digests what is read from it."""

    def __init__(self, stream: IO[bytes], sha256: Any) -> None:
        self._stream = stream
        self._sha256 = sha256

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(cast(bytearray, buffer))
        data = self._stream.read(len(view))
        self._sha256.update(data)
        view[: len(data)] = data
        return len(data)


def _unpacked(stream: _Hashing, path: str) -> IO[bytes]:
    buffered = io.BufferedReader(stream, 1 << 20)
    if path.endswith(".gz"):
        return cast("IO[bytes]", gzip.open(buffered))
    return lzma.open(buffered) if path.endswith(".xz") else buffered


def _lines(stream: IO[bytes]) -> Iterator[bytes]:
    while line := stream.readline(_MAX_LINE_BYTES):
        yield line
