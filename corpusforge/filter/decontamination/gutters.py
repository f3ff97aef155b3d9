r"""The lines of a listing without what counts them, and the lines of a session without their prompts.

    1  def area(r):          def area(r):
    2      return r          return r

The number stands within the n-grams of what is listed, and nobody counts it to the text. Also
`1 | x`, `1: x`, `1. x`, `[1] x`, `In [1]: x`, `>>> x`. A numbered list reads so too: a text is looked up
as it stands, and once more without them.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpusforge.compiled import jit
from corpusforge.filter.decontamination.invisible import Visible

_MARGIN_BYTES = 4096
"""Read before and behind the numbered lines: an item may begin or end beside them."""
_MAX_INDENT_BYTES = 24
_MAX_DIGITS = 7
_LINE, _SPACE, _TAB, _RETURN, _QUOTE = 0x0A, 0x20, 0x09, 0x0D, 0x3E
_OPEN, _CLOSE, _ROUND_OPEN, _ROUND_CLOSE, _COLON, _STOP, _BAR = 0x5B, 0x5D, 0x28, 0x29, 0x3A, 0x2E, 0x7C
_NONE, _PROMPT = -1, -2
"""In place of a line's number: it has none; it has a prompt, which needs no neighbour to be told by."""


def without_gutters(data: NDArray[np.uint8]) -> tuple[int, Visible] | None:
    """Return (first byte, what stands from there on without gutters, to some bytes behind the last).

    None where nothing is numbered or prompted. The bytes are valid UTF-8, and so is what is returned.
    """
    breaks = np.flatnonzero(data == _LINE)
    cuts = np.empty((len(breaks) + 1, 2), np.int64)
    n_cuts = _cuts(data, breaks, cuts)
    if not n_cuts:
        return None
    cuts = cuts[:n_cuts]
    first = _character_at(data, max(0, int(cuts[0, 0]) - _MARGIN_BYTES))
    last = _character_at(data, min(len(data), int(cuts[-1, 1]) + _MARGIN_BYTES))
    is_kept = np.ones(last - first, np.bool_)
    _clear(is_kept, cuts - first)
    lost = np.cumsum(cuts[:, 1] - cuts[:, 0])
    places = cuts[:, 1] - first - lost
    return first, Visible(data[first:last][is_kept], places, lost)


def _character_at(data: NDArray[np.uint8], place: int) -> int:
    """Return the first byte of the character that a byte belongs to."""
    while 0 < place < len(data) and data[place] & 0xC0 == 0x80:
        place -= 1
    return place


@jit
def _clear(is_kept: Any, cuts: Any) -> None:
    for k in range(len(cuts)):
        is_kept[cuts[k, 0] : cuts[k, 1]] = False


@jit
def _cuts(data: Any, breaks: Any, cuts: Any) -> int:
    """Write the first byte of each gutter, and the byte behind it; return how many there are."""
    size, found = len(data), 0
    last, first, stop, is_written = _NONE, 0, 0, False  # of the numbered line before
    for k in range(len(breaks) + 1):
        at = breaks[k - 1] + 1 if k else 0
        end = breaks[k] if k < len(breaks) else size
        indented = at
        while at < end and at - indented < _MAX_INDENT_BYTES and _is_margin(data[at]):
            at += 1
        if at >= end or data[at] == _RETURN:
            continue  # a blank line breaks no listing
        number, behind = _numbered(data, at, end)
        if number == _PROMPT:
            cuts[found, 0], cuts[found, 1] = at, behind
            found += 1
        elif number != _NONE and number == last + 1 and last != _NONE:
            if not is_written:
                cuts[found, 0], cuts[found, 1] = first, stop
                found += 1
            cuts[found, 0], cuts[found, 1] = at, behind
            found += 1
            last, is_written = number, True
        else:
            last, first, stop, is_written = number, at, behind, False
    return found


@jit
def _is_margin(byte: int) -> bool:
    return byte == _SPACE or byte == _TAB


@jit
def _numbered(data: Any, at: int, end: int) -> Any:
    """Return (the number that a line begins with, `_PROMPT` or `_NONE`; the byte behind it)."""
    byte = data[at]
    if byte == _QUOTE:  # >>> of Python
        is_prompt = (
            at + 3 < end and data[at + 1] == _QUOTE and data[at + 2] == _QUOTE and data[at + 3] == _SPACE
        )
        return (_PROMPT, at + 3) if is_prompt else (_NONE, at)
    is_session = False
    if byte == 0x49 or byte == 0x4F:  # In [1]: and Out[1]: of IPython
        at = _behind_name(data, at, end)
        if at == 0:
            return _NONE, 0
        byte, is_session = data[at], True
    is_square, is_round = byte == _OPEN, byte == _ROUND_OPEN
    at += is_square or is_round
    number, digits = 0, 0
    while at < end and digits < _MAX_DIGITS and 0x30 <= data[at] <= 0x39:
        number = number * 10 + np.int64(data[at]) - 0x30
        at += 1
        digits += 1
    if digits == 0:
        return _NONE, at
    if is_square or is_round:
        if at >= end or data[at] != (_CLOSE if is_square else _ROUND_CLOSE):
            return _NONE, at
        at += 1
        if is_session:
            return _PROMPT, at
    if at >= end or _is_margin(data[at]) or data[at] == _RETURN or data[at] == _BAR:
        return number, at
    if data[at] != _COLON and data[at] != _STOP and data[at] != _ROUND_CLOSE:
        return _NONE, at
    is_figure = at + 1 < end and 0x30 <= data[at + 1] <= 0x39  # 3.14 and 12:30
    return (_NONE if is_figure else number), at


@jit
def _behind_name(data: Any, at: int, end: int) -> int:
    """Return the byte of the bracket behind `In ` or `Out`, 0 where there is none."""
    if at + 4 < end and data[at] == 0x49 and data[at + 1] == 0x6E:
        bracket = at + 2 + (data[at + 2] == _SPACE)
        return bracket if data[bracket] == _OPEN else 0
    if at + 4 < end and data[at] == 0x4F and data[at + 1] == 0x75 and data[at + 2] == 0x74:
        bracket = at + 3 + (data[at + 3] == _SPACE)
        return bracket if data[bracket] == _OPEN else 0
    return 0
