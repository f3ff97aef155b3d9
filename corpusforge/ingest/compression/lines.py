"""The lines of a file, or of a range of it, compressed or not: each at its place.

A range of a plain file owns the lines that begin in it. In a compressed file the line that begins
with the first byte of a range's first member belongs to the range before, which alone can tell
whether that byte begins a line. A place is counted within its member, since nothing tells how much
the members before hold without inflating them all.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

import numpy as np

from corpusforge.ingest.compression.inflate import Inflated, compression_of
from corpusforge.ingest.compression.window import Window, utf8_blocks

_LINE_END = re.compile(rb"\n")
_EMPTY = re.compile(rb"\n*")
GRID_BYTES = 1 << 20
"""Line ends are counted in stretches of this size."""
_COUNTS = np.dtype("<u8")


@dataclass(frozen=True, slots=True)
class Line:
    """One line, without its end."""

    data: bytes
    """At most the limit and one byte."""
    n_bytes: int
    number: int
    """From 1, within the member."""
    inner_bytes: int
    """Where it begins in its member, decompressed; a plain file is one member."""
    member_bytes: int
    """Where its member begins in the file."""
    out_bytes: int
    """Where it begins in all that was decompressed."""
    is_cut: bool
    """Whether the file ends in it for damage."""

    def place(self) -> str:
        """Return its place as a locator tells it: `line=3&offset=120`, and `&stream=…` but for the first."""
        stream = f"&stream={self.member_bytes}" if self.member_bytes else ""
        return f"line={self.number}&offset={self.inner_bytes}{stream}"


def lines(inflated: Inflated, limit_bytes: int, begun: int | None = None) -> Iterator[Line]:
    """Yield the lines that a range owns, some of the empty ones left out.

    Bytes of a line beyond `limit_bytes` are counted, not kept.

    `inflated` is as `range_of` makes it. `begun` is None for the range at the start of the file;
    for any other the number of the line that its first byte belongs to, which another owns.
    """
    blocks = inflated.blocks()
    window = Window(utf8_blocks(blocks) if begun is None else blocks)
    counted_in, n_counted = -1, 0
    if begun is not None:
        window.until(_LINE_END, 0)
        counted_in, n_counted = _place_of_end(inflated, window)[0], begun
    ended = False
    while not ended:
        n_counted += _pass_empty(inflated, window, counted_in)
        begin = window.offset_bytes
        data, end, n_bytes = window.until(_LINE_END, limit_bytes)
        ended = end is None
        last = inflated.boundary
        if last is not None and begin > last[0] - (not inflated.compression):
            return
        member, inner = inflated.place(begin)
        number = n_counted + 1 if member == counted_in else 1
        yield Line(data, n_bytes, number, inner, member, begin, ended and inflated.ends_damaged)
        ends_in = _place_of_end(inflated, window)[0]
        counted_in, n_counted = ends_in, n_counted + 1 if ends_in == counted_in else 1


def _pass_empty(inflated: Inflated, window: Window, counted_in: int) -> int:
    """Pass empty lines of the member that lines are counted in, and return how many there were."""
    at = window.offset_bytes
    if inflated.place(at)[0] != counted_in:
        return 0
    end = inflated.members[1][0] if len(inflated.members) > 1 else None
    if inflated.boundary is not None:
        end = min(inflated.boundary[0] - 1, inflated.boundary[0] - 1 if end is None else end)
    return window.pass_run(_EMPTY, None if end is None else max(0, end - at))


def range_of(stream: IO[bytes], max_ratio: float, start: int, stop: int | None) -> Inflated:
    """Return what `lines` reads the lines of a range of the file from."""
    stream.seek(0)
    inflated = Inflated(stream, max_ratio, start, stop)
    if start > 0 and not is_compressed(stream):
        inflated.start = start - 1  # where that byte is a line end, a line begins at `start`
    return inflated


def is_compressed(stream: IO[bytes]) -> bool:
    """Return whether a file begins as a compressed one; leaves it at its start."""
    stream.seek(0)
    head = stream.read(8)
    stream.seek(0)
    return compression_of(head) != ""


def _place_of_end(inflated: Inflated, window: Window) -> tuple[int, int]:
    """Return the place of the line end that was passed last."""
    return inflated.place(max(0, window.offset_bytes - 1))


def count_line_ends(stream: IO[bytes], start: int, stop: int) -> bytes:
    """Return how many line ends each stretch of 1 MiB of [start, stop) holds, as little-endian u64.

    `start` must be a multiple of 1 MiB, `stop` one or the end of the file.
    """
    stream.seek(start)
    counts: list[int] = []
    for at in range(start, stop, GRID_BYTES):
        counts.append(stream.read(min(GRID_BYTES, stop - at)).count(b"\n"))
    return np.array(counts, _COUNTS).tobytes()


def line_begun(stream: IO[bytes], inflated: Inflated, start: int, counts: bytes | None) -> int | None:
    """Return what `lines` is to be told of a range, by counts of the whole file, or by reading it."""
    if start == 0:
        return None
    return 1 + _line_ends_before(stream, counts, inflated.start) if inflated.start < start else 1


def _line_ends_before(stream: IO[bytes], counts: bytes | None, offset: int) -> int:
    """Return how many line ends stand before an offset of a plain file."""
    known = np.frombuffer(counts or b"", _COUNTS)[: offset // GRID_BYTES]
    at = len(known) * GRID_BYTES
    n_ends = int(known.sum())
    stream.seek(at)
    while at < offset and (block := stream.read(min(GRID_BYTES, offset - at))):
        n_ends += block.count(b"\n")
        at += len(block)
    stream.seek(0)
    return n_ends
