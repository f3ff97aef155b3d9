"""A compressed or plain archive as pieces of decompressed bytes, damage told apart.

A `.warc.gz` is a chain of gzip members, a `.warc.lz4` one of frames. Each is inflated by
itself and bounded, so that damage costs the member it lies in; the walk then goes on at
the next member that inflates to the head of a record.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Iterator
from typing import IO, NamedTuple

from corpusforge.ingest.compression.inflate import CHUNK_BYTES, FLOOR_BYTES, compression_of, grows_too_much
from corpusforge.ingest.web.decoders import (
    ZSTD_DICTIONARY,
    BombError,
    Decoder,
    Decoders,
    MemberError,
    decoders_of,
    whole_gzip,
)

PIECE_BYTES = 1 << 20
"""A member that inflates to more is given out in pieces of about this size."""
_FEED_BYTES = 1 << 15
_SLOW_FEED_BYTES = 64
"""After an error the member is inflated again in such steps: all that can be read is."""
_BLOCK_BYTES = 1 << 20
_PROBE_BYTES = 1 << 10
_CUT = "the file ends inside a compressed record"

_MAGIC = {
    "gzip": re.compile(rb"\x1f\x8b\x08[\x00-\x1f]"),
    "lz4": re.compile(re.escape(b"\x04\x22\x4d\x18")),
    "zstd": re.compile(re.escape(b"\x28\xb5\x2f\xfd")),
}


class Piece(NamedTuple):
    """Decompressed bytes that follow each other in one member."""

    offset_bytes: int
    """Where the member begins in the file; for a plain file, where these bytes do."""
    inner_bytes: int
    """How many decompressed bytes of the member came before."""
    data: bytes
    end_bytes: int | None = None
    """Where the member ends in the file, on its last piece."""
    is_plain: bool = False


class Damage(NamedTuple):
    """A stretch of the file that could not be read."""

    offset_bytes: int
    length_bytes: int
    detail: str
    is_cut: bool = False
    """Whether the file ends where more was to come."""
    is_bomb: bool = False


Pieces = Iterator[Piece | Damage]


def archive_compression(head: bytes) -> str:
    """Return `gzip`, `lz4`, `zstd` or ``""`` by the first bytes of an archive of records."""
    if head.startswith(b"\x04\x22\x4d\x18"):
        return "lz4"
    if head.startswith(ZSTD_DICTIONARY):
        return "zstd"
    name = compression_of(head)
    return name if name in _MAGIC else ""


def pieces(
    stream: IO[bytes], start: int, begins_record: Callable[[bytes], bool], max_ratio: float = 1000.0
) -> Pieces:
    """Yield the pieces of an open file from byte `start` on, which must begin a member.

    `begins_record` tells by the first decompressed bytes whether a member found behind
    damage is one. A plain file yields blocks as they lie. A member with which those of its
    stretch have grown beyond `FLOOR_BYTES` and by more than `max_ratio` is given up.
    """
    stream.seek(0)
    head = stream.read(8)
    compression = archive_compression(head)
    if compression == "":
        stream.seek(start)
        # Blocks end at the same places wherever reading begins.
        while block := stream.read(_BLOCK_BYTES - start % _BLOCK_BYTES):
            yield Piece(start, 0, block, is_plain=True)
            start += len(block)
        return
    walk = _Walk(stream, decoders_of(stream, compression), _MAGIC[compression], begins_record, max_ratio)
    yield from walk.run(start or walk.first_member())


def first_member(stream: IO[bytes], start: int, begins_record: Callable[[bytes], bool]) -> int | None:
    """Return where the first member from a byte of a compressed archive on begins that begins a record."""
    stream.seek(0)
    compression = archive_compression(stream.read(8))
    walk = _Walk(stream, decoders_of(stream, compression), _MAGIC[compression], begins_record, 1000.0)
    return walk.find(start)


class _Step(NamedTuple):
    """A member inflated so far."""

    decoder: Decoder
    out: bytes
    """What the last step gave."""
    at: int
    """Where in the file the input goes on."""


class _Walk:
    """A walk over the members of one file, read through a window."""

    def __init__(
        self,
        stream: IO[bytes],
        decoders: Decoders,
        magic: re.Pattern[bytes],
        begins_record: Callable[[bytes], bool],
        max_ratio: float,
    ) -> None:
        self._stream = stream
        self._decoders = decoders
        self._magic = magic
        self._begins_record = begins_record
        self._max_ratio = max_ratio
        self._is_gzip = magic is _MAGIC["gzip"]
        self._bytes = b""
        self._window = memoryview(self._bytes)
        """The same bytes, to be sliced without a copy."""
        self._base = 0
        """Where the window begins in the file."""
        self._window_ends_file = False
        self._fed_from = 0
        """Where the input of the last step began."""
        self._chunk, self._chunk_start, self._chunk_out = -1, 0, 0
        """The stretch of the file whose members share one limit on growth, as those of `Inflated` do."""

    def first_member(self) -> int:
        """Return where the members begin: behind a zstd dictionary, else 0."""
        head = bytes(self._view(0, 8))
        return 8 + int.from_bytes(head[4:], "little") if head.startswith(ZSTD_DICTIONARY) else 0

    def run(self, offset: int) -> Pieces:
        """Yield pieces and damage from a file offset to the end of the file."""
        while True:
            while self._is_gzip and (piece := self._sole(offset)) is not None:
                yield piece
                assert piece.end_bytes is not None
                offset = piece.end_bytes
            if not (view := self._view(offset, 4)):
                return
            if self._magic.match(view):
                if offset // CHUNK_BYTES != self._chunk:
                    self._begin_chunk(offset)
                end, error = yield from self._member(offset)
            else:
                end = self._after_padding(offset)
                error = MemberError("these bytes begin no compressed record") if end == offset else None
            if error is not None:
                end = self._next_member(offset + 1)
                detail = str(error)
                is_bomb = isinstance(error, BombError)
                yield Damage(offset, end - offset, detail, is_cut=detail == _CUT, is_bomb=is_bomb)
            offset = end

    def _begin_chunk(self, offset: int) -> None:
        """Count growth anew from a member on, the first of its stretch of the file."""
        self._chunk, self._chunk_start, self._chunk_out = offset // CHUNK_BYTES, offset, 0

    def _sole(self, offset: int) -> Piece | None:
        """Return a gzip member that one step gives whole, as most are; None: read it in steps."""
        at = offset - self._base
        if not (0 <= at <= len(self._bytes) - _FEED_BYTES):
            self._view(offset, _FEED_BYTES)
            at = offset - self._base
        stop = min(at + _FEED_BYTES, len(self._bytes))
        found = whole_gzip(self._bytes, self._window, at, stop, PIECE_BYTES)
        if found is None:
            return None
        out, end = found
        if offset // CHUNK_BYTES != self._chunk:
            self._begin_chunk(offset)
        n_out_bytes = self._chunk_out + len(out)
        if n_out_bytes > FLOOR_BYTES and grows_too_much(
            offset + stop - at - self._chunk_start, n_out_bytes, self._max_ratio
        ):
            return None
        self._chunk_out = n_out_bytes
        return Piece(offset, 0, out, self._base + end)

    def _member(self, offset: int) -> Generator[Piece, None, tuple[int, MemberError | None]]:
        """Yield the pieces of one member; return where it ends and what is wrong with it."""
        begun = self._begin(offset)
        if begun is not None and begun.decoder.eof and not self._grows(begun):
            end = begun.at - len(begun.decoder.unused_data)
            self._chunk_out += len(begun.out)
            yield Piece(offset, 0, begun.out, end)  # whole in one step, as most are
            return end, None
        done, slow_from = 0, None
        while True:
            try:
                for piece in self._pieces_of(offset, slow_from, done, begun):
                    yield piece
                    done += len(piece.data)
                    self._chunk_out += len(piece.data)
                    if piece.end_bytes is not None:
                        return piece.end_bytes, None
            except MemberError as error:
                if begun is not None:
                    begun = None  # once more, by what tells exactly
                elif slow_from is not None or isinstance(error, BombError):
                    return offset, error
                else:
                    slow_from = self._fed_from

    def _begin(self, offset: int) -> _Step | None:
        try:
            return self._step(self._decoders.quick(), offset)
        except MemberError:
            return None

    def _grows(self, begun: _Step) -> bool:
        n_in_bytes, n_out_bytes = begun.at - self._chunk_start, self._chunk_out + len(begun.out)
        return grows_too_much(n_in_bytes, n_out_bytes, self._max_ratio)

    def _pieces_of(
        self, offset: int, slow_from: int | None, done: int, begun: _Step | None
    ) -> Iterator[Piece]:
        """Yield the pieces of one member from decompressed byte `done` on."""
        parts: list[bytes] = []
        skip, size = done, 0
        try:
            for data, end in self._steps(offset, slow_from, done, begun):
                fresh = data[skip:] if skip else data
                skip -= len(data) - len(fresh)
                parts.append(fresh)
                size += len(fresh)
                if size >= PIECE_BYTES or end is not None:
                    yield Piece(offset, done, parts[0] if len(parts) == 1 else b"".join(parts), end)
                    done += size
                    parts, size = [], 0
        except MemberError:
            if slow_from is not None and size:
                yield Piece(offset, done, b"".join(parts))
            raise

    def _steps(
        self, offset: int, slow_from: int | None = None, done: int = 0, begun: _Step | None = None
    ) -> Iterator[tuple[bytes, int | None]]:
        """Yield (decompressed bytes, where the member ends if this is its last step).

        `done` bytes of the member are counted already.
        """
        is_probe = offset // CHUNK_BYTES != self._chunk
        start, before = (offset, 0) if is_probe else (self._chunk_start, self._chunk_out - done)
        step, produced = begun or self._step(self._decoders.exact(), offset, slow_from), 0
        while True:
            produced += len(step.out)
            if grows_too_much(step.at - start, before + produced, self._max_ratio):
                grown = f"{step.at - start} bytes expand to over {before + produced}"
                raise BombError(f"{grown}: beyond {self._max_ratio:g} times")
            if step.decoder.eof:
                yield step.out, step.at - len(step.decoder.unused_data)
                return
            yield step.out, None
            step = self._step(step.decoder, step.at, slow_from)

    def _step(self, decoder: Decoder, at: int, slow_from: int | None = None) -> _Step:
        """Inflate what waits, or else what comes next in the file; raises `MemberError`."""
        data: bytes | memoryview = decoder.pending
        if not data:
            self._fed_from = at
            is_slow = slow_from is not None and at >= slow_from
            data = self._view(at, _SLOW_FEED_BYTES if is_slow else _FEED_BYTES)
            at += len(data)
        out = decoder.decompress(data, PIECE_BYTES)
        if not data and not out and not decoder.eof:
            raise MemberError(_CUT)
        return _Step(decoder, out, at)

    def find(self, offset: int) -> int | None:
        """Return where the next member begins whose content begins a record, or None."""
        found = self._next_member(offset)
        return found if self._view(found, 1) else None

    def _next_member(self, offset: int) -> int:
        """Return where the next member begins whose content begins a record, or the end of the file."""
        while view := self._view(offset, _BLOCK_BYTES // 2):
            found = self._magic.search(view)
            if found is None:
                offset += max(1, len(view) - 3)
            elif self._holds_record(offset + found.start()):
                return offset + found.start()
            else:
                offset += found.start() + 1
        return offset

    def _holds_record(self, offset: int) -> bool:
        head = b""
        try:
            for data, end in self._steps(offset, offset):
                head += data
                if len(head) >= _PROBE_BYTES or end is not None:
                    break
        except MemberError:
            pass
        return self._begins_record(head)

    def _after_padding(self, offset: int) -> int:
        while view := self._view(offset, _FEED_BYTES):
            rest = len(bytes(view).lstrip(b"\0\r\n"))
            offset += len(view) - rest
            if rest:
                break
        return offset

    def _view(self, offset: int, size: int) -> memoryview:
        """Return the bytes of the file at an offset: `size` of them, fewer at its end only."""
        at = offset - self._base
        if at < 0 or (at + size > len(self._window) and not self._window_ends_file):
            self._stream.seek(offset)
            self._bytes = self._stream.read(_BLOCK_BYTES)
            self._window = memoryview(self._bytes)
            self._window_ends_file = len(self._window) < _BLOCK_BYTES
            self._base, at = offset, 0
        return self._window[at : at + size]
