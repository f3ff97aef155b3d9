"""A forward-only window over a byte stream, searched for marks, of bounded size."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterator

MARK_BYTES = 16 << 10
"""The longest mark that is sure to be found where it spans two blocks."""


class Window:
    """The part of a byte stream between what was read and what was looked at.

    Every pattern searched for must begin with a literal byte and match at most
    `MARK_BYTES` bytes.
    """

    def __init__(self, blocks: Iterator[bytes]) -> None:
        self._blocks = blocks
        self._data = b""
        self._at = 0
        self._base = 0
        self._ended = False

    @property
    def offset_bytes(self) -> int:
        """The offset in the stream of the next byte to read."""
        return self._base + self._at

    def find(self, pattern: re.Pattern[bytes]) -> re.Match[bytes] | None:
        """Return the next match and move past it; None, and to the end, where there is none."""
        return self.until(pattern, 0)[1]

    def until(
        self, pattern: re.Pattern[bytes], limit_bytes: int, *, consume: bool = True
    ) -> tuple[bytes, re.Match[bytes] | None, int]:
        """Return the bytes up to the next match, the match, and how many bytes there were.

        Bytes beyond `limit_bytes` are counted, not kept. With `consume` the window moves
        past the match, otherwise to its start.
        """
        parts: list[bytes] = []
        n_bytes = 0
        while True:
            found = pattern.search(self._data, self._at)
            # A match at the very end of the window might grow with the next block.
            settled = found is not None and (found.end() < len(self._data) or self._ended)
            if found is not None and settled:
                end, after = found.start(), found.end() if consume else found.start()
            else:
                after = len(self._data) if self._ended else max(self._at, len(self._data) - MARK_BYTES)
                end = after
            room = limit_bytes - n_bytes
            if room > 0 and end > self._at:
                parts.append(self._data[self._at : min(end, self._at + room)])
            n_bytes += end - self._at
            self._at = after
            if settled or self._ended:
                return b"".join(parts), found if settled else None, n_bytes
            self._refill()

    def skip_to(self, pattern: re.Pattern[bytes], is_past: Callable[[int], bool]) -> int | None:
        """Return the offset of the next match, and move to its start; None where there is none.

        The search is given up once `is_past` says so of the offset that it stands at.
        """
        while True:
            found = pattern.search(self._data, self._at)
            if found is not None and (found.end() < len(self._data) or self._ended):
                self._at = found.start()
                return None if is_past(self.offset_bytes) else self.offset_bytes
            self._at = len(self._data) if self._ended else max(self._at, len(self._data) - MARK_BYTES)
            if self._ended or is_past(self.offset_bytes):
                return None
            self._refill()

    def looks_at(self, pattern: re.Pattern[bytes], n_bytes: int) -> bool:
        """Return whether a pattern of at most `n_bytes` matches at the next byte to read."""
        while len(self._data) - self._at < n_bytes and not self._ended:
            self._refill()
        return pattern.match(self._data, self._at) is not None

    def pass_run(self, run: re.Pattern[bytes], most: int | None) -> int:
        """Pass what a pattern matches here, of the bytes at hand and at most so many; return how many."""
        end = len(self._data) if most is None else min(len(self._data), self._at + most)
        found = run.match(self._data, self._at, end)
        n_bytes = found.end() - self._at if found else 0
        self._at += n_bytes
        return n_bytes

    def start_of(self, found: re.Match[bytes]) -> int:
        """Return the offset in the stream of the match last returned."""
        return self._base + found.start()

    def _refill(self) -> None:
        block = next(self._blocks, None)
        if block is None:
            self._ended = True
            return
        self._base += self._at
        self._data = self._data[self._at :] + block
        self._at = 0


def utf8_blocks(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """Yield a byte stream that opens with a UTF-16 byte order mark as UTF-8; any other as it is."""
    first = next(blocks, b"")
    if not first.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        yield first
        yield from blocks
        return
    decoder = codecs.getincrementaldecoder("utf-16")("replace")
    yield decoder.decode(first).encode("utf-8", "replace")
    for block in blocks:
        yield decoder.decode(block).encode("utf-8", "replace")
    yield decoder.decode(b"", True).encode("utf-8", "replace")
