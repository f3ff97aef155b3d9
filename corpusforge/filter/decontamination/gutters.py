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


_WORD_BYTES, _BLOCK_WORDS = 8, 16
_ONES, _LOW, _HIGH = (
    np.uint64(0x0101010101010101),
    np.uint64(0x7F7F7F7F7F7F7F7F),
    np.uint64(0x8080808080808080),
)
_TO_DIGIT, _TO_COLON, _TO_VISIBLE = (
    np.uint64((0x80 - byte) * 0x0101010101010101) for byte in (0x30, 0x3A, 0x21)
)
_LINES, _QUOTES, _ROUNDS, _SQUARES, _SMALL_N, _SMALL_T = (
    np.uint64(byte * 0x0101010101010101) for byte in (_LINE, _QUOTE, _ROUND_OPEN, _OPEN, 0x6E, 0x74)
)
_BYTE, _TWO_BYTES, _LAST_BYTE, _LAST_TWO_BYTES = (np.uint64(bits) for bits in (8, 16, 56, 48))


def without_gutters(data: NDArray[np.uint8]) -> list[tuple[int, Visible]]:
    """Return (first byte, what stands from there on without gutters) of each listing, and a bit beside it.

    The bytes are valid UTF-8, and so is what is returned.
    """
    n_cuts = _count_cuts(data)
    if not n_cuts:
        return []
    cuts = np.empty((n_cuts, 2), np.int64)
    _write_cuts(data, cuts)
    listings: list[tuple[int, Visible]] = []
    done = 0
    for k in range(1, n_cuts + 1):
        if k == n_cuts or cuts[k, 0] - cuts[k - 1, 1] > 2 * _MARGIN_BYTES:
            listings.append(_listing(data, cuts[done:k]))
            done = k
    return listings


def _listing(data: NDArray[np.uint8], cuts: NDArray[np.int64]) -> tuple[int, Visible]:
    first = _character_at(data, max(0, int(cuts[0, 0]) - _MARGIN_BYTES))
    last = _character_at(data, min(len(data), int(cuts[-1, 1]) + _MARGIN_BYTES))
    places, lost = np.empty(len(cuts), np.int64), np.empty(len(cuts), np.int64)
    plain = np.empty(last - first, np.uint8)
    size = _without(data[first:last], cuts, first, plain, places, lost)
    return first, Visible(plain[:size], places, lost)


def _character_at(data: NDArray[np.uint8], place: int) -> int:
    """Return the first byte of the character that a byte belongs to."""
    while 0 < place < len(data) and data[place] & 0xC0 == 0x80:
        place -= 1
    return place


@jit_in_place
def _without(data: Any, cuts: Any, first: int, plain: Any, places: Any, lost: Any) -> int:
    """Write what stands outside of the cuts, and of each its place and the bytes lost so far."""
    size, at = 0, 0
    for k in range(len(cuts)):
        for kept in range(at, cuts[k, 0] - first):
            plain[size] = data[kept]
            size += 1
        at = cuts[k, 1] - first
        places[k], lost[k] = size, at - size
    for kept in range(at, len(data)):
        plain[size] = data[kept]
        size += 1
    return size


@jit
def _count_cuts(data: Any) -> int:
    """Return how many gutters there are."""
    return _cuts(data, np.empty((0, 2), np.int64))


@jit
def _write_cuts(data: Any, cuts: Any) -> None:
    """Write the first byte of each gutter, and the byte behind it, by place."""
    _cuts(data, cuts)
    for k in range(1, len(cuts)):  # a prompt between two numbers is told before the first of them
        first, behind, place = cuts[k, 0], cuts[k, 1], k
        while place > 0 and cuts[place - 1, 0] > first:
            cuts[place, 0], cuts[place, 1] = cuts[place - 1, 0], cuts[place - 1, 1]
            place -= 1
        cuts[place, 0], cuts[place, 1] = first, behind


@jit
def _cuts(data: Any, cuts: Any) -> int:
    """Write the gutters for which there is room; return how many there are.

    Bytes are looked at where a number or a prompt may begin alone, and told eight at once. `state` is
    of the last line with a number: the number, its first byte or -1 where its gutter is written, the
    byte behind the number; how many gutters there are.
    """
    state = np.array([_NONE, -1, 0, 0], np.int64)
    words = data[: len(data) // _WORD_BYTES * _WORD_BYTES].view(np.uint64)
    _look_at(data, 0, min(len(data), _WORD_BYTES), state, cuts)
    done = 1
    for first in range(1, len(words) - _BLOCK_WORDS + 1, _BLOCK_WORDS):
        if _any_begins(words, first, first + _BLOCK_WORDS):
            for k in range(first, first + _BLOCK_WORDS):
                if _begins(words[k], words[k - 1]):
                    _look_at(data, k * _WORD_BYTES, (k + 1) * _WORD_BYTES, state, cuts)
        done = first + _BLOCK_WORDS
    for k in range(done, len(words)):
        if _begins(words[k], words[k - 1]):
            _look_at(data, k * _WORD_BYTES, (k + 1) * _WORD_BYTES, state, cuts)
    _look_at(data, max(len(words) * _WORD_BYTES, min(len(data), _WORD_BYTES)), len(data), state, cuts)
    return state[3]


@jit_in_place
def _look_at(data: Any, first: int, last: int, state: Any, cuts: Any) -> None:
    """Look at the bytes where a number or a prompt may begin, one by one."""
    for at in range(first, last):
        before = data[at - 1] if at else _LINE
        if 0x30 <= data[at] <= 0x39:
            if before < 0x21 or before == _OPEN or before == _ROUND_OPEN:
                _begin(data, at, state, cuts)
        elif data[at] == _QUOTE and before == _QUOTE:
            _begin(data, at, state, cuts)


@jit_in_place
def _any_begins(words: Any, first: int, last: int) -> bool:
    """Return whether a number or a prompt may begin in some words; without a branch, for vectors of them."""
    found = np.uint64(0)
    for k in range(first, last):
        found |= _begins(words[k], words[k - 1])
    return found != 0


@jit_in_place
def _begins(word: Any, word_before: Any) -> Any:
    """Return the high bits of the bytes where a number or a prompt may begin: the second of two >, a digit.

    The digit stands behind a line's end; or behind a space or bracket that has one before it, a space
    or, as in `In[1]` and `Out[1]`, an n or t.
    """
    before = word << _BYTE | word_before >> _LAST_BYTE
    second = word << _TWO_BYTES | word_before >> _LAST_TWO_BYTES
    low, low_before, low_second = word & _LOW, before & _LOW, second & _LOW
    is_digit = (low + _TO_DIGIT) & ~(low + _TO_COLON) & ~word
    is_space = ~(low_before + _TO_VISIBLE) & ~before
    is_line = ~((low_before ^ _LINES) + _LOW) & ~before
    is_round, is_square = ~((low_before ^ _ROUNDS) + _LOW), ~((low_before ^ _SQUARES) + _LOW)
    has_space = ~(low_second + _TO_VISIBLE) & ~second
    has_name = ~((low_second ^ _SMALL_N) + _LOW) | ~((low_second ^ _SMALL_T) + _LOW)
    is_behind = is_line | (has_space & (is_space | is_round)) | (is_square & (has_space | has_name))
    is_prompt = ~((low ^ _QUOTES) + _LOW) & ~((low_before ^ _QUOTES) + _LOW)
    return ((is_digit & is_behind) | is_prompt) & _HIGH


@jit_in_place
def _begin(data: Any, at: int, state: Any, cuts: Any) -> None:
    """Look at the line that a byte, the first digit or the second > of it, may be the gutter of."""
    if data[at] == _QUOTE:
        at -= 1
    elif at and (data[at - 1] == _OPEN or data[at - 1] == _ROUND_OPEN):
        at -= 1
        if data[at] == _OPEN and at and not _is_margin(data[at - 1]) and data[at - 1] != _LINE:
            at = _name_before(data, at)
        elif data[at] == _OPEN and at > 1 and data[at - 1] == _SPACE and data[at - 2] == 0x6E:
            at = _name_before(data, at - 1)
    first = at
    while first > 0 and at - first < _MAX_INDENT_BYTES and _is_margin(data[first - 1]):
        first -= 1
    if first > 0 and data[first - 1] != _LINE:
        return
    number, behind = _numbered(data, at, len(data))
    if number == _PROMPT:
        _add_cut(at, behind, state, cuts)
    elif number != _NONE:
        _line(data, first, at, number, behind, state, cuts)


@jit_in_place
def _name_before(data: Any, at: int) -> int:
    """Return the first byte of `In` or `Out` before a byte, which itself where there is neither."""
    if at > 1 and data[at - 1] == 0x6E and data[at - 2] == 0x49:
        return at - 2
    if at > 2 and data[at - 1] == 0x74 and data[at - 2] == 0x75 and data[at - 3] == 0x4F:
        return at - 3
    return at


@jit_in_place
def _line(data: Any, first: int, at: int, number: int, behind: int, state: Any, cuts: Any) -> None:
    """Take the number of a line, which begins at `first`, for that of a listing's where one is before it."""
    written = at
    if state[0] != _NONE and number == state[0] + 1 and _follows(data, state[2], first):
        if state[1] >= 0:
            _add_cut(state[1], state[2], state, cuts)
        _add_cut(at, behind, state, cuts)
        written = -1
    elif number > 0 and _stands_before(data, at, number - 1):
        _add_cut(at, behind, state, cuts)
        written = -1
    state[0], state[1], state[2] = number, written, behind


@jit_in_place
def _follows(data: Any, at: int, line: int) -> bool:
    """Return whether from a byte's line to another stand blank ones and prompts alone."""
    while at < line and data[at] != _LINE:
        at += 1
    at += 1
    while at < line:
        end = min(line, at + _MAX_INDENT_BYTES)
        while at < end and _is_margin(data[at]):
            at += 1
        if data[at] != _LINE and data[at] != _RETURN and _numbered(data, at, len(data))[0] != _PROMPT:
            return False
        while at < line and data[at] != _LINE:
            at += 1
        at += 1
    return True


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
