r"""UTF-8 bytes of a text without the characters that nobody sees, and where they were.

inter\u200bnational   \f\ufeffrac   1,\u2060000   inter\u00ad[line break]national
international         \frac         1,000         inter-[line break]national

They may stand within a command, a number or a tag, so that they go before words are read. A text
without one costs a look at each byte; an ASCII text costs nothing.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpusforge import unicode
from corpusforge.compiled import jit

_SELECTORS = ((0x034F, 0x0350), (0x180B, 0x1810), (0xFE00, 0xFE10), (0xE0100, 0xE01F0))
"""Invisible, and no format characters (Cf) in Unicode: the grapheme joiner, variation selectors."""
_SOFT_HYPHEN = 0xAD


@dataclass(frozen=True, slots=True)
class Visible:
    """The bytes that are left, u8; before byte `places[i]` of them `lost[i]` bytes are missing."""

    data: NDArray[np.uint8]
    places: NDArray[np.int64]
    lost: NDArray[np.int64]

    def bytes_before(self, starts: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return where the bytes `starts` of `data` are in the text's own UTF-8 bytes."""
        if not len(self.places):
            return starts
        gaps = np.searchsorted(self.places, starts, side="right")
        return starts + np.concatenate(([0], self.lost))[gaps]


def visible(text: str) -> Visible:
    """Return the visible UTF-8 bytes of a text; unpaired surrogates become `?`."""
    data = np.frombuffer(text.encode("utf-8", "replace"), dtype=np.uint8)
    none = np.empty(0, np.int64)
    if text.isascii():
        return Visible(data, none, none)
    is_invisible, leads = _tables()
    n_invisible = _count(data, is_invisible, leads)
    if not n_invisible:
        return Visible(data, none, none)
    out, places, lost = np.empty_like(data), np.empty(n_invisible, np.int64), np.empty(n_invisible, np.int64)
    size = _without(data, is_invisible, leads, out, places, lost)
    return Visible(out[:size], places, lost)


@lru_cache(maxsize=1)
def _tables() -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return (whether each code point is invisible, whether each byte is the first of one that is)."""
    is_invisible = np.zeros(sys.maxunicode + 1, np.bool_)
    leads = np.zeros(256, np.bool_)
    for code in range(0x80, 0xE0200):  # none above
        is_invisible[code] = unicode.category(chr(code)) == "Cf"
    for first, behind in _SELECTORS:
        is_invisible[first:behind] = True
    for code in np.flatnonzero(is_invisible).tolist():
        leads[chr(code).encode()[0]] = True
    return is_invisible, leads


@jit
def decoded(data: Any, at: int) -> Any:
    """Return the character at a byte and the byte behind it; the text is valid UTF-8."""
    first = np.int64(data[at])
    if first < 0x80:
        return first, at + 1
    length = 2 + (first >= 0xE0) + (first >= 0xF0)
    code = first & (0x7F >> length)
    for k in range(1, length):
        code = (code << 6) | np.int64(data[at + k] & 0x3F)
    return code, at + length


@jit
def _count(data: Any, is_invisible: Any, leads: Any) -> int:
    found = 0
    for at in range(len(data)):
        if leads[data[at]]:
            code, _ = decoded(data, at)
            found += is_invisible[code]
    return found


@jit
def _without(data: Any, is_invisible: Any, leads: Any, out: Any, places: Any, lost: Any) -> int:
    """Write the visible bytes, and of each gap its place and the bytes lost so far; return their number."""
    at, size, gaps = 0, 0, 0
    while at < len(data):
        if leads[data[at]]:
            code, past = decoded(data, at)
            if is_invisible[code]:
                if code == _SOFT_HYPHEN and past < len(data) and (data[past] == 0x0A or data[past] == 0x0D):
                    out[size] = 0x2D  # seen at the end of a line
                    size += 1
                places[gaps], lost[gaps] = size, past - size
                gaps += 1
                at = past
                continue
        out[size] = data[at]
        size += 1
        at += 1
    return size
