r"""The lines of a listing without what counts them, and the lines of a session without their prompts.

    1  def area(r):          def area(r):
    2      return r          return r

The number stands within the n-grams of what is listed, and nobody counts it to the text. Also
`1 | x`, `1: x`, `[1] x`, `(1) x`, `In [1]: x`, `>>> x`; not `1. x`, which is a list, and stands in many
texts. Tables may read so too: a text is looked up as it stands, and its listings once more.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpusforge.compiled import jit, jit_in_place
from corpusforge.filter.decontamination.invisible import Visible

_MARGIN_BYTES = 512
"""Read before and behind numbered lines: more than an n-gram, which may begin or end beside them."""
_MAX_INDENT_BYTES = 24
_MAX_DIGITS = 7
_MAX_BACK_BYTES = 400
_LINE, _SPACE, _TAB, _RETURN, _QUOTE = 0x0A, 0x20, 0x09, 0x0D, 0x3E
_OPEN, _CLOSE, _ROUND_OPEN, _ROUND_CLOSE, _COLON, _BAR = 0x5B, 0x5D, 0x28, 0x29, 0x3A, 0x7C
_NONE, _PROMPT = -1, -2
"""In place of a line's number: it has none; it has a prompt, which needs no neighbour to be told by."""


_USUAL_CUTS = 256
"""Gutters that there is room for at first: a text with more is read once more."""
_NEWLINES = np.uint64(0x0A0A0A0A0A0A0A0A)
_ONES, _HIGH = np.uint64(0x0101010101010101), np.uint64(0x8080808080808080)
_LOW_HIGH, _BYTE = np.uint64(0x80), np.uint64(8)


def without_gutters(data: NDArray[np.uint8]) -> list[tuple[int, Visible]]:
    """Return (first byte, what stands from there on without gutters) of each listing, and a bit beside it.

    The bytes are valid UTF-8, and so is what is returned.
    """
    words, state = data[: len(data) & ~7].view(np.uint64), np.empty(4, np.int64)
    cuts = np.empty((_USUAL_CUTS, 2), np.int64)
    n_cuts = _cuts(data, words, cuts, state)
    if not n_cuts:
        return []
    if n_cuts > len(cuts):
        cuts = np.empty((n_cuts, 2), np.int64)
        _cuts(data, words, cuts, state)
    cuts = cuts[:n_cuts]
    apart = np.flatnonzero(cuts[1:, 0] - cuts[:-1, 1] > 2 * _MARGIN_BYTES) + 1
    return [_listing(data, listed) for listed in np.split(cuts, apart)]


def _listing(data: NDArray[np.uint8], cuts: NDArray[np.int64]) -> tuple[int, Visible]:
    first = _character_at(data, max(0, int(cuts[0, 0]) - _MARGIN_BYTES))
    last = _character_at(data, min(len(data), int(cuts[-1, 1]) + _MARGIN_BYTES))
    is_kept = np.ones(last - first, np.bool_)
    _clear(is_kept, cuts - first)
    lost = np.cumsum(cuts[:, 1] - cuts[:, 0])
    return first, Visible(data[first:last][is_kept], cuts[:, 1] - first - lost, lost)


def _character_at(data: NDArray[np.uint8], place: int) -> int:
    """Return the first byte of the character that a byte belongs to."""
    while 0 < place < len(data) and data[place] & 0xC0 == 0x80:
        place -= 1
    return place


@jit
def _clear(is_kept: Any, cuts: Any) -> None:
    for k in range(len(cuts)):
        is_kept[cuts[k, 0] : cuts[k, 1]] = False


@jit_in_place
def _cuts(data: Any, words: Any, cuts: Any, state: Any) -> int:
    """Write the first byte of each gutter, and the byte behind it, where there is room; return how many.

    `words` are the same bytes, eight in one. `state` is of the last line that is not blank: its number,
    its first byte, the byte behind the number; and how many gutters there are.
    """
    state[0], state[3] = _NONE, 0
    _line(data, 0, state, cuts)
    at = 0
    for word in words:  # most have no line's end among their eight bytes
        odd = word ^ _NEWLINES
        ends = (odd - _ONES) & ~odd & _HIGH
        behind = at + 1
        while ends:
            while not ends & _LOW_HIGH:
                ends >>= _BYTE
                behind += 1
            # What is borrowed may mark the byte above a line's end too.
            if data[behind - 1] == _LINE:
                # Most lines open with a letter, and those are told without a call.
                if behind < len(data) and _opens_plain_line(data[behind]):
                    state[0] = _NONE
                else:
                    _line(data, behind, state, cuts)
            ends >>= _BYTE
            behind += 1
        at += 8
    for k in range(at, len(data)):
        if data[k] == _LINE:
            _line(data, k + 1, state, cuts)
    return state[3]


@jit_in_place
def _opens_plain_line(byte: int) -> bool:
    """Return whether a line's first byte is neither a margin nor begins a number or a prompt."""
    return byte >= 0x3F and byte != _OPEN and byte != 0x49 and byte != 0x4F


@jit_in_place
def _line(data: Any, at: int, state: Any, cuts: Any) -> None:
    """Look at the line that begins at a byte."""
    end = min(len(data), at + _MAX_INDENT_BYTES)
    while at < end and _is_margin(data[at]):
        at += 1
    if at >= len(data) or data[at] == _LINE or data[at] == _RETURN:
        return  # a blank line breaks no listing
    number, behind, line = _NONE, at, at
    if data[at] < 0x3A or data[at] == _QUOTE or data[at] == _OPEN or data[at] == 0x49 or data[at] == 0x4F:
        number, behind = _numbered(data, at, len(data))
    if number == _PROMPT:
        _add_cut(at, behind, state, cuts)
        return
    if number != _NONE and state[0] != _NONE and number == state[0] + 1:
        if state[1] >= 0:
            _add_cut(state[1], state[2], state, cuts)
        _add_cut(at, behind, state, cuts)
        at = -1  # written
    elif number > 0 and _stands_before(data, line, number - 1):
        _add_cut(at, behind, state, cuts)
        at = -1
    state[0], state[1], state[2] = number, at, behind


@jit_in_place
def _stands_before(data: Any, at: int, number: int) -> bool:
    """Return whether the line before has a number in its midst: a listing that begins behind other words."""
    end = at
    while end > 0 and data[end - 1] != _LINE:
        end -= 1
    end -= 1
    for k in range(end - 1, max(0, end - _MAX_BACK_BYTES), -1):
        if data[k] == _LINE:
            return False
        if _is_margin(data[k - 1]) and (data[k] == _OPEN or data[k] == _ROUND_OPEN or data[k] < 0x3A):
            if _numbered(data, k, end)[0] == number:
                return True
    return False


@jit_in_place
def _add_cut(first: int, behind: int, state: Any, cuts: Any) -> None:
    if state[3] < len(cuts):
        cuts[state[3], 0] = first
        cuts[state[3], 1] = behind
    state[3] += 1


@jit_in_place
def _is_margin(byte: int) -> bool:
    return byte == _SPACE or byte == _TAB


@jit_in_place
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
    if data[at] != _COLON:
        return _NONE, at
    is_figure = at + 1 < end and 0x30 <= data[at + 1] <= 0x39  # 12:30
    return (_NONE if is_figure else number), at


@jit_in_place
def _behind_name(data: Any, at: int, end: int) -> int:
    """Return the byte of the bracket behind `In ` or `Out`, 0 where there is none."""
    if at + 4 < end and data[at] == 0x49 and data[at + 1] == 0x6E:
        bracket = at + 2 + (data[at + 2] == _SPACE)
        return bracket if data[bracket] == _OPEN else 0
    if at + 4 < end and data[at] == 0x4F and data[at + 1] == 0x75 and data[at + 2] == 0x74:
        bracket = at + 3 + (data[at + 3] == _SPACE)
        return bracket if data[bracket] == _OPEN else 0
    return 0
