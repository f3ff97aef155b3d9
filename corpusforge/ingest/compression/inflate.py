"""A file's bytes, decompressed block by block: bounded, and with damage noted, not raised.

A long dump must not be lost to one bad byte, so what could be read is yielded, the damage
is described with its offset in the file, and a bzip2 file goes on at its next stream.
"""

from __future__ import annotations

import bz2
import lzma
import re
import zlib
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import IO, Protocol, cast

import zstandard

BLOCK_BYTES = 1 << 20
"""The most decompressed bytes that are held at a time."""
FLOOR_BYTES = 256 << 20
"""What any file may expand to, whatever its own size."""
_FEED_BYTES = 1 << 16
_XZ_MEMORY_BYTES = 256 << 20
_ZSTD_WINDOW_BYTES = 128 << 20  # what `zstd --long=27`, its own default ceiling, needs

MAGICS: tuple[tuple[bytes, str], ...] = (
    (b"\x1f\x8b", "gzip"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ\x00", "xz"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
)
_BZ2_STREAM = re.compile(rb"BZh[1-9](?:1AY&SY|\x17rE8P\x90)")


class _Decoder(Protocol):
    """One member (gzip) or stream (bzip2, xz): the interface of `bz2.BZ2Decompressor`."""

    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int, /) -> bytes: ...


class _Gzip:
    """A gzip member behind the interface of `bz2.BZ2Decompressor`."""

    def __init__(self) -> None:
        self._inflater = zlib.decompressobj(wbits=31)
        self._waiting = b""

    @property
    def eof(self) -> bool:
        return self._inflater.eof

    @property
    def needs_input(self) -> bool:
        return not self._waiting

    @property
    def unused_data(self) -> bytes:
        return self._inflater.unused_data

    def decompress(self, data: bytes, max_length: int, /) -> bytes:
        out = self._inflater.decompress(self._waiting + data, max_length)
        self._waiting = self._inflater.unconsumed_tail
        return out


_DECODERS: dict[str, Callable[[], _Decoder]] = {
    "gzip": _Gzip,
    "bzip2": bz2.BZ2Decompressor,
    "xz": lambda: cast(_Decoder, lzma.LZMADecompressor(lzma.FORMAT_XZ, _XZ_MEMORY_BYTES)),
}
_ERRORS = (OSError, EOFError, lzma.LZMAError, zlib.error, zstandard.ZstdError, MemoryError)


@dataclass(frozen=True, slots=True)
class Damage:
    """Where a compressed file could not be read, and why."""

    offset_bytes: int
    """In the file as it lies on disk."""
    detail: str
    is_bomb: bool = False
    is_trailing: bool = False
    """Nothing was lost: the bytes stand after the end of the data."""


def compression_of(head: bytes) -> str:
    """Return `gzip`, `bzip2`, `xz`, `zstd`, `7z` or, for anything else, ``""``."""
    return next((name for magic, name in MAGICS if head.startswith(magic)), "")


@dataclass(slots=True)
class Inflated:
    """The decompressed bytes of one open file; iterate `blocks` once.

    A file that is not compressed passes through. `max_ratio` bounds what comes out to
    that many times what went in, once more than `floor_bytes` have come out.
    """

    stream: IO[bytes]
    max_ratio: float
    floor_bytes: int = FLOOR_BYTES
    compression: str = ""
    damage: list[Damage] = field(default_factory=lambda: [])
    """All damage met so far, in the order of the file; a reader may take entries out."""
    members: deque[tuple[int, int]] = field(default_factory=lambda: deque([(0, 0)]))
    """(decompressed offset, file offset) of each member or stream begun so far."""
    n_out_bytes: int = 0

    def blocks(self) -> Iterator[bytes]:
        """Yield blocks of at most `BLOCK_BYTES` until the file ends or cannot go on."""
        head = self.stream.read(8)
        self.stream.seek(0)
        self.compression = compression_of(head)
        if self.compression == "7z":
            self.damage.append(Damage(0, "7z archives are not read; repack as bzip2, gzip or plain XML"))
            return
        source = {"": self._plain, "zstd": self._zstd}.get(self.compression, self._members)
        for block in source():
            self.n_out_bytes += len(block)
            yield block
            n_in_bytes = max(1, self.stream.tell())
            if self.n_out_bytes > max(self.floor_bytes, self.max_ratio * n_in_bytes) and self.compression:
                detail = (
                    f"{n_in_bytes} bytes expand to over {self.n_out_bytes}: beyond {self.max_ratio:g} times"
                )
                self.damage.append(Damage(n_in_bytes, detail, is_bomb=True))
                return

    def whole(self, limit_bytes: int) -> bytes:
        """Return all bytes, or `limit_bytes` + 1 where there are more."""
        data = bytearray()
        for block in self.blocks():
            data += block[: limit_bytes + 1 - len(data)]
            if len(data) > limit_bytes:
                break
        return bytes(data)

    @property
    def is_whole(self) -> bool:
        """Whether nothing was lost so far."""
        return all(damage.is_trailing for damage in self.damage)

    def member_at(self, offset_bytes: int) -> int:
        """Return the file offset of the member that holds a decompressed offset.

        Offsets must be asked for in rising order: members passed are forgotten.
        """
        while len(self.members) > 1 and self.members[1][0] <= offset_bytes:
            self.members.popleft()
        return self.members[0][1]

    def _plain(self) -> Iterator[bytes]:
        while block := self.stream.read(BLOCK_BYTES):
            yield block

    def _zstd(self) -> Iterator[bytes]:
        decoder = zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW_BYTES)
        with decoder.stream_reader(self.stream, read_across_frames=True, closefd=False) as reader:
            while True:
                try:
                    block = reader.read(BLOCK_BYTES)
                except _ERRORS as error:
                    self.damage.append(Damage(self.stream.tell(), f"zstd: {error}"))
                    return
                if not block:
                    return
                yield block

    def _members(self) -> Iterator[bytes]:
        start: int | None = 0
        while start is not None:
            if start:
                self.members.append((self.n_out_bytes, start))
            self.stream.seek(start)
            decoder = _DECODERS[self.compression]()
            try:
                yield from _decoded(self.stream, decoder)
            except _ERRORS as error:
                self.damage.append(Damage(start, f"{self.compression} at byte {start}: {_reason(error)}"))
                start = self._next_bz2_stream(start)
            else:
                start = self._after(self.stream.tell() - len(decoder.unused_data))

    def _after(self, end: int) -> int | None:
        """Return where the next member begins; note trailing bytes that begin none."""
        self.stream.seek(end)
        tail = self.stream.read(_FEED_BYTES)
        if compression_of(tail) == self.compression:
            return end
        if tail.strip(b"\0"):
            detail = f"bytes after the end of the {self.compression} data at byte {end}"
            self.damage.append(Damage(end, detail, is_trailing=True))
            return self._next_bz2_stream(end)
        return None

    def _next_bz2_stream(self, start: int) -> int | None:
        if self.compression != "bzip2":
            return None
        offset = start + 1
        self.stream.seek(offset)
        window = b""
        while block := self.stream.read(BLOCK_BYTES):
            window += block
            if found := _BZ2_STREAM.search(window):
                return offset + found.start()
            offset += max(0, len(window) - 16)
            window = window[-16:]
        return None


def _decoded(stream: IO[bytes], decoder: _Decoder) -> Iterator[bytes]:
    while not decoder.eof:
        data = stream.read(_FEED_BYTES) if decoder.needs_input else b""
        if decoder.needs_input and not data:
            raise EOFError("the file ends before the compressed data does")
        if block := decoder.decompress(data, BLOCK_BYTES):
            yield block


def _reason(error: BaseException) -> str:
    return str(error) or type(error).__name__
