"""Many ranges of one file by few reads."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

MAX_GAP_BYTES = 128 << 10
_MAX_JOINED_BYTES = 32 << 20
Range = tuple[int, int]
"""[first byte, byte behind the last)."""


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
