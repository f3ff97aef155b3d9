"""The elements of a JSON array in a file, one by one: only one of them is held."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_OUTSIDE = re.compile(rb'["{}\[\],]')
_INSIDE = re.compile(rb'["\\]')
_ARRAY = re.compile(rb"\A(?:\xef\xbb\xbf)?\s*\[\s*(?:\{|\]\s*\Z)")
_SPACE = b" \t\r\n"


@dataclass(frozen=True, slots=True)
class Element:
    """One element of the array."""

    data: bytes
    """At most the limit and one byte."""
    n_bytes: int
    offset_bytes: int
    is_whole: bool
    """Whether its end was found: False where the file ends in it, or closes what it did not open."""


def is_array(head: bytes) -> bool:
    """Return whether a text begins as an array of objects, and is not a line each of several arrays."""
    if _ARRAY.match(head) is None:
        return False
    first, _, rest = head.lstrip(b"\xef\xbb\xbf \t\r\n").partition(b"\n")
    return not (first.rstrip().endswith(b"]") and rest.strip())


def elements(blocks: Iterator[bytes], limit_bytes: int) -> Iterator[Element]:
    """Yield the elements of the array that some text is; bytes beyond the limit are counted, not kept."""
    held = bytearray()
    state = _State()
    offset = n_bytes = at_bytes = 0
    for block in blocks:
        start = 0
        for end, closes in state.ends(block):
            piece = block[start:end]
            held += piece[: max(0, limit_bytes + 1 - len(held))]
            n_bytes += len(piece)
            if closes:
                if held.strip(_SPACE):
                    yield _element(held, n_bytes, offset, limit_bytes, is_whole=True)
                held.clear()
                n_bytes = 0
                end += 1  # the comma or bracket behind it
            else:
                held.clear()
                n_bytes, end = 0, end + 1  # the bracket that opens the array
            start, offset = end, at_bytes + end
        piece = block[start:]
        held += piece[: max(0, limit_bytes + 1 - len(held))]
        n_bytes += len(piece)
        at_bytes += len(block)
    if held.strip(_SPACE) or not state.is_closed:
        yield _element(held, n_bytes, offset, limit_bytes, is_whole=False)


def _element(held: bytearray, n_bytes: int, offset: int, limit_bytes: int, *, is_whole: bool) -> Element:
    """Return an element without the white space around it."""
    data = bytes(held)
    n_before = len(data) - len(data.lstrip(_SPACE))
    is_cut = n_bytes > len(data)
    n_bytes -= n_before if is_cut else len(data) - len(data.strip(_SPACE))
    return Element(data.strip(_SPACE)[: limit_bytes + 1], n_bytes, offset + n_before, is_whole)


class _State:
    """Where in the array's text a scan stands: its depth, and whether in a string."""

    def __init__(self) -> None:
        self._depth = 0
        self._in_string = False
        self._is_escaped = False

    @property
    def is_closed(self) -> bool:
        """Return whether the array has ended."""
        return self._depth == 0

    def ends(self, block: bytes) -> Iterator[tuple[int, bool]]:
        """Yield (place, whether an element ends there) of each comma and bracket of the array itself."""
        at = 0
        if self._is_escaped and block:
            self._is_escaped, at = False, 1
        while found := (_INSIDE if self._in_string else _OUTSIDE).search(block, at):
            char, at = found[0], found.end()
            if self._in_string:
                if char == b'"':
                    self._in_string = False
                elif at < len(block):
                    at += 1
                else:
                    self._is_escaped = True
            elif char == b'"':
                self._in_string = True
            elif char in b"{[":
                self._depth += 1
                if self._depth == 1:
                    yield found.start(), False
            elif char == b",":
                if self._depth == 1:
                    yield found.start(), True
            else:
                self._depth -= 1
                if self._depth == 0:
                    yield found.start(), True
