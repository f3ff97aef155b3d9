"""What the lines of a text may be of a trace: one compiled pass, so that most texts need no expression.

Nothing that `corpusforge.traces` finds is passed over: a line that the pass turns down no expression there
would match. Beyond ASCII a character is taken for any letter or value.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpusforge.compiled import jit_in_place
from corpusforge.points import points_of

FILLED, SHELL, TABLE, PROMPTS, STATES = (1 << place for place in range(5))
"""Enough lines that are not blank; one of the first two begins with `+`; one of as many begins with a
word such as `step`; enough begin with `> `; enough of a sample may give values to names."""

_STEP_WORDS = (
    "at", "after", "before", "step", "line", "iter", "iteration", "round", "pass", "loop", "cycle", "tick",
    "frame", "depth", "call", "pc", "state", "var", "vars", "local", "locals", "env", "memory", "stack",
)  # fmt: skip
_VALUE_WORDS = ("true", "false", "none", "null", "nil", "undefined", "inf")
VALUE_ENDS = "0123456789_eE+-\"'])}lLdDfF"
"""The last characters of values, of those in ASCII."""
_VALUE_STARTS = "0123456789-\"'[{("
_HEADER_WORDS = ("step", "iter", "iteration", "pass", "round")
_NAME_CHARS = 31
_NAME, _FIRST, _ENDS, _STARTS = (1 << place for place in range(4))
"""What an ASCII character may be: in a name, at its start, a value's last and first."""
_LINE_FEED, _TAB, _BLANK, _HASH, _PLUS, _MINUS, _DOT, _SLASH = 10, 9, 32, 35, 43, 45, 46, 47
_COLON, _SEMICOLON, _EQUALS, _MORE, _BAR, _OPENS, _CLOSES = 58, 59, 61, 62, 124, 91, 93
_TO_RIGHT, _TO_LEFT = 0x2192, 0x2190  # → ←
_SPACES = np.array([0x85, 0xA0, 0x1680, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000], dtype=np.int64)


def may_hold(text: str, line_chars: int, fewest: int, n_sampled: int, share: float) -> int:
    """Return what the lines of a text may be, as bits.

    `line_chars`: of a line that are read; `fewest` lines are enough; of each so many lines, `n_sampled` in
    all, this `share` at least must give values to names.
    """
    points = points_of(text)
    return int(_look(points, _kinds(), _words(), line_chars, fewest, n_sampled, share))


@lru_cache(maxsize=1)
def _kinds() -> NDArray[np.uint8]:
    table = np.zeros(128, dtype=np.uint8)
    for point in range(128):
        character = chr(point)
        if character.isalnum() or character in "_.[]":
            table[point] |= _NAME
        if character.isalpha() or character == "_":
            table[point] |= _FIRST
    for bit, characters in ((_ENDS, VALUE_ENDS), (_STARTS, _VALUE_STARTS)):
        for character in characters:
            table[ord(character)] |= bit
    return table


@lru_cache(maxsize=1)
def _words() -> NDArray[np.uint8]:
    """Return the words of steps, values and headers, one a row behind its length; a row of 0 between them."""
    listed = [*_STEP_WORDS, "", *_VALUE_WORDS, "", *_HEADER_WORDS]
    rows = np.zeros((len(listed), 1 + max(map(len, listed))), dtype=np.uint8)
    for row, word in zip(rows, listed, strict=True):
        row[0], row[1 : 1 + len(word)] = len(word), list(word.encode())
    return rows


@jit_in_place
def _look(
    points: Any, kinds: Any, words: Any, line_chars: int, fewest: int, n_sampled: int, share: float
) -> int:
    n, at, n_filled, n_prompts, n_states, bits = points.shape[0], 0, 0, 0, 0, 0
    while at < n:
        end, is_filled = _line(points, at)
        if is_filled:
            n_filled += 1
            if n_filled <= 2 and points[at] == _PLUS:
                bits |= SHELL
            if n_filled <= fewest and _may_head(points, at, end, kinds, words):
                bits |= TABLE
            n_prompts += points[at] == _MORE and at + 1 < end and points[at + 1] == _BLANK
            n_states += _may_be_state(points, at, min(end, at + line_chars), kinds, words)
        at = end + 1
    if n_filled >= fewest:
        bits |= FILLED
    if n_prompts >= fewest:
        bits |= PROMPTS
    step = max(1, n_filled // n_sampled)
    if step > 1:
        n_states = _sampled_states(points, kinds, words, line_chars, step)
    if n_states >= share * ((n_filled + step - 1) // step):
        bits |= STATES
    return bits


@jit_in_place
def _sampled_states(points: Any, kinds: Any, words: Any, line_chars: int, step: int) -> int:
    """Return how many of each so many filled lines may give values to names."""
    at, n_filled, found = 0, 0, 0
    while at < points.shape[0]:
        end, is_filled = _line(points, at)
        if is_filled:
            if n_filled % step == 0:
                found += _may_be_state(points, at, min(end, at + line_chars), kinds, words)
            n_filled += 1
        at = end + 1
    return found


@jit_in_place
def _line(points: Any, at: int) -> tuple[int, bool]:
    """Return where a line ends, and whether it holds more than white space."""
    is_filled = False
    while at < points.shape[0] and points[at] != _LINE_FEED:
        is_filled = is_filled or not is_blank(points[at])
        at += 1
    return at, is_filled


@jit_in_place
def is_blank(point: Any) -> bool:
    """Return whether `str.strip` takes a character away."""
    if point < 0x80:
        return point == 32 or 9 <= point <= 13 or 28 <= point <= 31
    if 0x2000 <= point <= 0x200A:
        return True
    for k in range(_SPACES.shape[0]):
        if point == _SPACES[k]:
            return True
    return False


@jit_in_place
def _is(point: Any, kinds: Any, kind: int) -> bool:
    """Return whether a character is of a kind; beyond ASCII it may be."""
    return point >= 0x80 or (kinds[point] & kind) != 0


@jit_in_place
def _may_head(points: Any, at: int, end: int, kinds: Any, words: Any) -> bool:
    if at < end and points[at] == _BAR:
        at += 1
    while at < end and points[at] == _BLANK:
        at += 1
    return at < end and _begins_with_word(points, at, end, kinds, words, 2)


@jit_in_place
def _may_be_state(points: Any, at: int, end: int, kinds: Any, words: Any) -> bool:
    """Return False only for a line that gives no values to two names, nor one at a step."""
    last = end - 1
    while last >= at and (points[last] == _BLANK or points[last] == _TAB or points[last] == _DOT):
        last -= 1
    if last < at or not _is(points[last], kinds, _ENDS):
        return False
    at = _behind_marks(points, at, end)
    if at >= end or not _is(points[at], kinds, _FIRST):
        return False
    stop = at
    while stop < end and points[stop] < 0x80 and kinds[points[stop]] & _NAME:
        stop += 1
    if stop < end and points[stop] >= 0x80 and points[stop] != _TO_RIGHT and points[stop] != _TO_LEFT:
        return True
    if _begins_with_word(points, at, end, kinds, words, 0):
        return True
    if stop - at > _NAME_CHARS:
        return False
    value = _behind_sign(points, stop, end)
    return value > 0 and _may_be_value(points, value, end, kinds, words) and _has_two_signs(points, at, end)


@jit_in_place
def _behind_marks(points: Any, at: int, end: int) -> int:
    """Return the place behind blanks and what opens a comment."""
    while at < end and (points[at] == _BLANK or points[at] == _TAB):
        at += 1
    if at < end and (points[at] == _HASH or points[at] == _SEMICOLON):
        at += 1
    elif at + 1 < end and points[at] == points[at + 1] and (points[at] == _SLASH or points[at] == _MINUS):
        at += 2
    while at < end and (points[at] == _BLANK or points[at] == _TAB):
        at += 1
    return at


@jit_in_place
def _behind_sign(points: Any, at: int, end: int) -> int:
    """Return the place behind what gives a value, with a blank before and behind it; 0: nothing does."""
    if at < end and points[at] == _BLANK:
        at += 1
    if at >= end:
        return 0
    point = points[at]
    if point == _COLON or point == _EQUALS or point == _TO_RIGHT or point == _TO_LEFT:
        at += 1
        if point == _COLON and at < end and points[at] == _EQUALS:
            at += 1
    elif point == _MINUS and at + 1 < end and points[at + 1] == _MORE:
        at += 2
    else:
        return 0
    return at + 1 if at < end and points[at] == _BLANK else at


@jit_in_place
def _may_be_value(points: Any, at: int, end: int, kinds: Any, words: Any) -> bool:
    if at >= end:
        return False
    return _is(points[at], kinds, _STARTS) or _begins_with_word(points, at, end, kinds, words, 1)


@jit_in_place
def _has_two_signs(points: Any, at: int, end: int) -> bool:
    found = 0
    while at < end and found < 2:
        point = points[at]
        found += point == _EQUALS or point == _COLON or point == _TO_RIGHT or point == _TO_LEFT
        found += point == _MINUS and at + 1 < end and points[at + 1] == _MORE
        at += 1
    return found >= 2


@jit_in_place
def _begins_with_word(points: Any, at: int, end: int, kinds: Any, words: Any, part: int) -> bool:
    """Return whether a word of one part of `words` may stand at a place, in either case."""
    row = 0
    while part:
        part -= words[row, 0] == 0
        row += 1
    while row < words.shape[0] and words[row, 0]:
        length, k = np.int64(words[row, 0]), 0
        while k < length and at + k < end:
            if points[at + k] < 0x80 and points[at + k] | 32 != words[row, 1 + k]:
                break
            k += 1
        if k == length and (at + k == end or not _goes_on(points[at + k], kinds)):
            return True
        row += 1
    return False


@jit_in_place
def _goes_on(point: Any, kinds: Any) -> bool:
    """Return whether a word of ASCII goes on with a character."""
    if point >= 0x80 or point == _DOT or point == _OPENS or point == _CLOSES:
        return False
    return (kinds[point] & _NAME) != 0
