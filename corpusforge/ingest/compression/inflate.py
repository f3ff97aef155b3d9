"""A file's bytes, decompressed block by block: bounded, and with damage noted, not raised.

A long dump must not be lost to one bad byte, so what could be read is yielded, the damage
is described with its offset in the file, and reading goes on at the next member (gzip), stream
(bzip2) or frame (zstd). The same walk serves a range of the file: it begins at the first member
in the range, and says where the next range's begins.
"""

from __future__ import annotations

import bz2
import lzma
import re
import zlib
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import IO, Any, Protocol, cast

import zstandard

from corpusforge.ingest.compression.frames import SKIPPABLE_MAGICS, ZstdFrame, skippable_bytes
from corpusforge.ingest.opening import check

BLOCK_BYTES = 1 << 20
"""The most decompressed bytes that are held at a time."""
FLOOR_BYTES = 4 << 20
"""What anything compressed may expand to, whatever its size: small files of one repeated row are valid."""
CHUNK_BYTES = 1 << 20
"""Members that begin in the same stretch of this size, from the file's start, share one limit on growth:
a count over the whole file would depend on where it is split."""
_FORGIVEN_BYTES = 64 << 20
"""What damage may come to in such a stretch and be no bomb: a bad block of bzip2 may be 46 MB."""
_FEED_BYTES = 1 << 16
_PROOF_BYTES = 1 << 16
"""What a member found by its magic must inflate to, or to its end, before it is believed."""
_XZ_MEMORY_BYTES = 256 << 20
_ZSTD_WINDOW_BYTES = 128 << 20  # what `zstd --long=27`, its own default ceiling, needs

MAGICS: tuple[tuple[bytes, str], ...] = (
    (b"\x1f\x8b", "gzip"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ\x00", "xz"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (SKIPPABLE_MAGICS[0], "zstd"),  # pzstd tells the size of each frame in one before it
    (b"\x04\x22\x4d\x18", "lz4"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
)
_MEMBER = {
    "gzip": re.compile(rb"\x1f\x8b\x08[\x00-\x1f]"),
    "bzip2": re.compile(rb"BZh[1-9](?:1AY&SY|\x17rE8P\x90)"),
    "zstd": re.compile(re.escape(b"\x28\xb5\x2f\xfd")),
    "lz4": re.compile(re.escape(b"\x04\x22\x4d\x18")),
}
"""How a member begins, where members can be found within a file."""


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


class _BadLz4(Exception):
    """What a frame of LZ4 cannot be read for."""


class _Lz4:
    """A frame of LZ4 behind the interface of `bz2.BZ2Decompressor`."""

    def __init__(self) -> None:
        import lz4.frame

        self._decoder: Any = cast(Any, lz4.frame).LZ4FrameDecompressor()

    @property
    def eof(self) -> bool:
        return self._decoder.eof

    @property
    def needs_input(self) -> bool:
        return self._decoder.needs_input

    @property
    def unused_data(self) -> bytes:
        return self._decoder.unused_data or b""

    def decompress(self, data: bytes, max_length: int, /) -> bytes:
        try:
            return self._decoder.decompress(data, max_length)
        except RuntimeError as error:
            raise _BadLz4(str(error)) from None


_DECODERS: dict[str, Callable[[], _Decoder]] = {
    "gzip": _Gzip,
    "bzip2": bz2.BZ2Decompressor,
    "xz": lambda: cast(_Decoder, lzma.LZMADecompressor(lzma.FORMAT_XZ, _XZ_MEMORY_BYTES)),
    "lz4": _Lz4,
}
_ERRORS = (OSError, EOFError, lzma.LZMAError, zlib.error, zstandard.ZstdError, _BadLz4)
"""What decoders raise for bad data. The stream raises some of them too: `check` tells which it was."""
_CUT = "the file ends before the compressed data does"


@dataclass(frozen=True, slots=True)
class Damage:
    """Where a compressed file could not be read, and why."""

    offset_bytes: int
    """In the file as it lies on disk."""
    detail: str
    is_bomb: bool = False
    is_trailing: bool = False
    """Nothing was lost: the bytes stand after the end of the data."""
    out_bytes: int = 0
    """How many decompressed bytes had come out before."""


def grows_too_much(
    n_in_bytes: int, n_out_bytes: int, max_ratio: float, floor_bytes: int = FLOOR_BYTES
) -> bool:
    """Return whether compressed bytes came to more than they may: a bomb, whatever the bytes say."""
    return n_out_bytes > max(floor_bytes, max_ratio * max(1, n_in_bytes))


def compression_of(head: bytes) -> str:
    """Return `gzip`, `bzip2`, `xz`, `zstd`, `lz4`, `7z` or, for anything else, ``""``."""
    return next((name for magic, name in MAGICS if head.startswith(magic)), "")


@dataclass(slots=True)
class Inflated:
    """The decompressed bytes of one open file, or of a range of it; iterate `blocks` once.

    A file that is not compressed passes through. `max_ratio` bounds what comes out of the members
    of `CHUNK_BYTES` to that many times what went in, once more than `floor_bytes` have come out.

    With `start` the blocks begin at the first member from that byte of the file on. With `stop`
    they do not end there: `boundary` tells, once it is reached, where the first member from `stop`
    on begins, and what runs across it can be read to its end.
    """

    stream: IO[bytes]
    max_ratio: float
    start: int = 0
    stop: int | None = None
    floor_bytes: int = FLOOR_BYTES
    compression: str = ""
    damage: list[Damage] = field(default_factory=lambda: [])
    """All damage met so far, in the order of the file; a reader may take entries out."""
    members: deque[tuple[int, int]] = field(default_factory=lambda: deque([(0, 0)]))
    """(decompressed offset, file offset) of each member or stream begun so far."""
    boundary: tuple[int, int] | None = None
    """(decompressed offset, file offset) where the next range begins."""
    stopped_at: int | None = None
    """Where in the file reading had to stop, with bytes behind that no decoder could take."""
    ends_damaged: bool = False
    """Whether nothing was decompressed since the last damage."""
    n_out_bytes: int = 0
    _chunk: int = -1
    _chunk_start: int = 0
    _chunk_out: int = 0
    _chunk_forgiven: int = 0

    def blocks(self) -> Iterator[bytes]:
        """Yield blocks of at most `BLOCK_BYTES` until the file ends or cannot go on."""
        self.stream.seek(0)
        self.compression = compression_of(self.stream.read(8))
        if self.compression == "7z":
            self.damage.append(Damage(0, "7z archives are not read; repack as bzip2, gzip or plain XML"))
            self.stopped_at = 0
        elif self.compression == "":
            yield from self._plain()
        else:
            yield from self._compressed()

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

    def place(self, offset_bytes: int) -> tuple[int, int]:
        """Return (file offset of the member that holds a decompressed offset, bytes of it before).

        Offsets must be asked for in rising order: members passed are forgotten. A file that is
        not compressed is one member.
        """
        while len(self.members) > 1 and self.members[1][0] <= offset_bytes:
            self.members.popleft()
        begin, at = self.members[0]
        return at, offset_bytes - begin

    def is_past(self, offset_bytes: int) -> bool:
        """Return whether a decompressed offset is known to lie in the next range."""
        return self.boundary is not None and offset_bytes >= self.boundary[0]

    def take_damage(self, before: int | None = None) -> list[Damage]:
        """Return the damage met so far, no further than a decompressed offset, and forget it."""
        taken = [damage for damage in self.damage if before is None or damage.out_bytes <= before]
        if taken:
            self.damage = [damage for damage in self.damage if damage not in taken]
        return taken

    def _plain(self) -> Iterator[bytes]:
        self.members[0] = (-self.start, 0)
        self.boundary = None if self.stop is None else (self.stop - self.start, self.stop)
        self.stream.seek(self.start)
        while block := self.stream.read(BLOCK_BYTES):
            self.n_out_bytes += len(block)
            yield block

    def _compressed(self) -> Iterator[bytes]:
        at = self.start if self.start == 0 else self._next(self.start)
        self.members[0] = (0, at or 0)
        while at is not None:
            if self.stop is not None and self.boundary is None and at >= self.stop and self._is_proven(at):
                self.boundary = (self.n_out_bytes, at)
            self.members.append((self.n_out_bytes, at))
            self._begin_chunk(at)
            is_bomb, n_member_bytes, member = False, 0, self._member(at)
            try:
                for block in member:
                    self.ends_damaged = False
                    self.n_out_bytes += len(block)
                    self._chunk_out += len(block)
                    n_member_bytes += len(block)
                    yield block
                    if is_bomb := self._is_bomb(member):
                        break
            except _ERRORS as error:
                check(self.stream, error)
                forgiven = min(n_member_bytes, _FORGIVEN_BYTES - self._chunk_forgiven)
                self._chunk_forgiven += forgiven
                self._chunk_out -= forgiven
                self._note(at, f"{self.compression} at byte {at}: {_reason(error)}")
                stopped_at = self.stream.tell()
                at = self._next(at + 1)
                self.stopped_at = stopped_at if at is None else None
            else:
                after = (self._chunk + 1) * CHUNK_BYTES
                at = self._next(after) if is_bomb else self._after(self.stream.tell())

    def _member(self, at: int) -> Iterator[bytes]:
        """Yield the blocks of the member at a byte of the file; leaves the stream behind its end."""
        self.stream.seek(at)
        if self.compression == "zstd":
            yield from self._zstd(at)
            return
        decoder = _DECODERS[self.compression]()
        while not decoder.eof:
            data = self.stream.read(_FEED_BYTES) if decoder.needs_input else b""
            if decoder.needs_input and not data:
                raise EOFError(_CUT)
            if block := decoder.decompress(data, BLOCK_BYTES):
                yield block
        self.stream.seek(self.stream.tell() - len(decoder.unused_data))

    def _zstd(self, at: int) -> Iterator[bytes]:
        if n_skipped := skippable_bytes(self.stream.read(8)):
            after = self.stream.seek(at + n_skipped)
            head = self.stream.read(8)
            if not _begins(head, "zstd") and (head or after > self.stream.seek(0, 2)):
                raise EOFError(f"behind a frame of {n_skipped} bytes to be skipped no other begins")
            self.stream.seek(after)
            return
        self.stream.seek(at)
        frame = ZstdFrame(self.stream)
        decoder = zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW_BYTES)
        with decoder.stream_reader(cast("IO[bytes]", frame), closefd=False) as reader:
            while block := reader.read(BLOCK_BYTES):
                yield block
        if not frame.is_whole:
            raise EOFError(_CUT)
        self.stream.seek(at + frame.n_bytes)

    def _after(self, end: int) -> int | None:
        """Return where the next member begins; note trailing bytes that begin none."""
        self.stream.seek(end)
        tail = self.stream.read(_FEED_BYTES)
        if _begins(tail, self.compression):
            return end
        if tail.strip(b"\0"):
            detail = f"bytes after the end of the {self.compression} data at byte {end}"
            self._note(end, detail, trailing=True)
            return self._next(end)
        return None

    def _next(self, offset: int) -> int | None:
        """Return where the first proven member from an offset on begins, or None."""
        pattern = _MEMBER.get(self.compression)
        while pattern is not None:
            found = self._search(pattern, offset)
            if found is None or self._is_proven(found):
                return found
            offset = found + 1
        return None

    def _search(self, pattern: re.Pattern[bytes], offset: int) -> int | None:
        self.stream.seek(offset)
        window = b""
        while block := self.stream.read(BLOCK_BYTES):
            window += block
            if found := pattern.search(window):
                return offset + found.start()
            n_passed = max(0, len(window) - 16)
            offset += n_passed
            window = window[n_passed:]
        return None

    def _is_proven(self, at: int) -> bool:
        """Return whether a member begins at a byte of the file: it inflates, for a while or to its end."""
        self.stream.seek(at)
        if self.compression not in _MEMBER or not _MEMBER[self.compression].match(self.stream.read(16)):
            return False
        n_bytes = 0
        try:
            for block in self._member(at):
                n_bytes += len(block)
                if n_bytes >= _PROOF_BYTES:
                    break
        except _ERRORS as error:
            check(self.stream, error)
            return False
        return True

    def _begin_chunk(self, at: int) -> None:
        if at // CHUNK_BYTES != self._chunk:
            self._chunk, self._chunk_start, self._chunk_out = at // CHUNK_BYTES, at, 0
            self._chunk_forgiven = 0

    def _is_bomb(self, member: Iterator[bytes]) -> bool:
        """Return whether too much came out; raises what the decoder does where the rest shows damage."""
        n_in_bytes = max(1, self.stream.tell() - self._chunk_start)
        if not grows_too_much(n_in_bytes, self._chunk_out, self.max_ratio, self.floor_bytes):
            return False
        detail = f"{n_in_bytes} bytes expand to over {self._chunk_out}: beyond {self.max_ratio:g} times"
        n_left = _FORGIVEN_BYTES - self._chunk_forgiven - self._chunk_out
        while n_left > 0 and (block := next(member, b"")):
            n_left -= len(block)
        self._note(self._chunk_start + n_in_bytes, detail, bomb=True)
        return True

    def _note(self, offset: int, detail: str, *, bomb: bool = False, trailing: bool = False) -> None:
        self.damage.append(Damage(offset, detail, bomb, trailing, self.n_out_bytes))
        self.ends_damaged = not trailing


def _begins(head: bytes, compression: str) -> bool:
    """Return whether some bytes begin a member: of zstd, also a frame to be skipped."""
    return compression_of(head) == compression or (compression == "zstd" and skippable_bytes(head[:8]) > 0)


def _reason(error: BaseException) -> str:
    return str(error) or type(error).__name__
