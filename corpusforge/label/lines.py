"""Lines of a text that are worth a closer look, found by compiled passes: comments, states, numbered rounds.

Expressions are then tried on these alone. What is passed over could not have matched; beyond ASCII a
character is taken for any letter, so that all that differ in case only are looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpusforge.compiled import jit_in_place
from corpusforge.label.structure import DECIMAL, character_kinds, is_space
from corpusforge.points import points_of

_READ_LINES = 2000
"""Of a program, in which comments are looked for."""
_MAX_STATE_CHARS = 300
_EQUALS, _COLON, _MINUS, _MORE, _OPENS, _BLANK, _HASH, _STAR = 61, 58, 45, 62, 91, 32, 35, 42
_SLASH, _PERCENT, _SEMICOLON, _QUOTE, _APOSTROPHE = 47, 37, 59, 34, 39
_LINE_FEED, _TAB, _COMMA, _BAR = 10, 9, 44, 124
_TO_RIGHT, _TO_LEFT, _ORDINAL = 0x2192, 0x2190, 0x7B2C  # → ← 第
_ROUNDS = ("iteration", "iter", "pass", "round", "loop", "cycle", "iteracion", "durchlauf")
"""What is counted, backwards from a number; `итерация` is as many other letters."""
_HEADERS = ("i", "j", "k", "n", "t", "step", "iter", "iteration", "pass", "line")


def comment_lines(text: str) -> Iterator[str]:
    """Yield the lines, as `splitlines` parts them, that begin like a comment; of the first `_READ_LINES`."""
    return _lines(text, _comments)


def state_lines(text: str) -> Iterator[str]:
    """Yield the lines of at most 300 characters in which two signs or more stand before a value."""
    return _lines(text, _states)


def header_places(text: str) -> Iterator[int]:
    """Yield where lines begin whose first cell may be an index or a step, such as `| i |` or `n,`."""
    points, at = points_of(text), 0
    while (place := int(_next_header(points, at, _header_words()))) >= 0:
        yield place
        at = place + 1


def counts_rounds(text: str) -> bool:
    """Return whether two numbers may stand behind a word such as `round`, as `round 1` or `Pass #2`."""
    return bool(_rounds(points_of(text), character_kinds(), _round_words()) > 1)


def _lines(text: str, find: Callable[..., Any]) -> Iterator[str]:
    points = points_of(text)
    places = np.empty((2, 16), dtype=np.int64)
    while (found := int(find(points, character_kinds(), places[0], places[1]))) > places.shape[1]:
        places = np.empty((2, found), dtype=np.int64)
    starts, ends = places[:, :found].tolist()
    return (text[start:end] for start, end in zip(starts, ends, strict=True))


@lru_cache(maxsize=1)
def _round_words() -> NDArray[np.uint8]:
    """Return the words that are counted from their last letter."""
    return _in_rows([word[::-1] for word in _ROUNDS])


@lru_cache(maxsize=1)
def _header_words() -> NDArray[np.uint8]:
    return _in_rows(_HEADERS)


def _in_rows(words: Sequence[str]) -> NDArray[np.uint8]:
    """Return words, one a row; 0 behind each."""
    rows = np.zeros((len(words), 1 + max(map(len, words))), dtype=np.uint8)
    for row, word in zip(rows, words, strict=True):
        row[: len(word)] = list(word.encode())
    return rows


@jit_in_place
def _ends_line(point: Any) -> bool:
    """Return whether `str.splitlines` parts lines at a character."""
    if point > 0x85:
        return point == 0x2028 or point == 0x2029
    return 10 <= point <= 13 or 28 <= point <= 30 or point == 0x85


@jit_in_place
def _note(starts: Any, ends: Any, found: int, start: int, end: int) -> int:
    if found < starts.shape[0]:
        starts[found], ends[found] = start, end
    return found + 1


@jit_in_place
def _comments(points: Any, kinds: Any, starts: Any, ends: Any) -> int:
    """Return how many lines begin like a comment, after writing where as many as there is room for lie."""
    n, at, found, n_lines = points.shape[0], 0, 0, 0
    while at < n and n_lines < _READ_LINES:
        end = at
        while end < n and not _ends_line(points[end]):
            end += 1
        first = at
        while first < end and is_space(points, first, kinds):
            first += 1
        if first < end and _opens_comment(points, first, end):
            found = _note(starts, ends, found, at, end)
        is_pair = end + 1 < n and points[end] == 13 and points[end + 1] == 10
        at = end + 1 + is_pair
        n_lines += 1
    return found


@jit_in_place
def _opens_comment(points: Any, at: int, end: int) -> bool:
    point = points[at]
    if point == _HASH or point == _STAR or point == _PERCENT or point == _SEMICOLON:
        return True
    following = np.int64(points[at + 1]) if at + 1 < end else 0
    if point == _SLASH:
        return following == _SLASH or following == _STAR
    if point == _MINUS:
        return following == _MINUS
    is_quote = point == _QUOTE or point == _APOSTROPHE
    return is_quote and following == point and at + 2 < end and points[at + 2] == point


@jit_in_place
def _states(points: Any, kinds: Any, starts: Any, ends: Any) -> int:
    """Return how many lines may give values to two names; places as in `_comments`."""
    n, at, found = points.shape[0], 0, 0
    while at < n:
        end, n_signs, n_valued = at, 0, 0
        while end < n and not _ends_line(points[end]):
            point = points[end]
            if point < _COLON or (_MORE < point < _TO_LEFT):
                end += 1
                continue  # nearly all characters
            is_arrow = point == _MORE and end > at and points[end - 1] == _MINUS
            if point == _EQUALS or point == _COLON or point == _TO_RIGHT or point == _TO_LEFT or is_arrow:
                n_signs += point != _TO_LEFT
                n_valued += _is_valued(points, end + 1, kinds)
            end += 1
        if n_signs > 1 and n_valued > 1 and end - at <= _MAX_STATE_CHARS:
            found = _note(starts, ends, found, at, end)
        at = end + 1
    return found


@jit_in_place
def _next_header(points: Any, at: int, words: Any) -> int:
    """Return where the first line from `at` on begins whose first cell may be of `words`, -1: none does."""
    n = points.shape[0]
    while at < n:
        if at == 0 or points[at - 1] == _LINE_FEED:
            first = at + (points[at] == _BAR)
            while first < n and (points[first] == _BLANK or points[first] == _TAB):
                first += 1
            if _heads(points, first, words):
                return at
        while at < n and points[at] != _LINE_FEED:
            at += 1
        at += 1
    return -1


@jit_in_place
def _heads(points: Any, at: int, words: Any) -> bool:
    """Return whether a word of `words` may stand at a place with what ends a cell behind it."""
    n = points.shape[0]
    for row in range(words.shape[0]):
        k = 0
        while words[row, k] and at + k < n and (points[at + k] > 127 or points[at + k] | 32 == words[row, k]):
            k += 1
        end = at + k
        if words[row, k] == 0 and end < n:
            if points[end] == _TAB or (points[end] == _BLANK and end + 1 < n and points[end + 1] == _BLANK):
                return True
            while end < n and (points[end] == _BLANK or points[end] == _TAB):
                end += 1
                if end < n and points[end] == _TAB:
                    return True
            if end < n and (points[end] == _BAR or points[end] == _COMMA):
                return True
    return False


@jit_in_place
def _is_decimal(points: Any, at: int, kinds: Any) -> bool:
    point = points[at]
    return point < kinds.shape[0] and kinds[point] == DECIMAL


@jit_in_place
def _is_valued(points: Any, at: int, kinds: Any) -> bool:
    """Return whether a number or a list follows, perhaps behind a blank."""
    n = points.shape[0]
    if at < n and points[at] == _BLANK:
        at += 1
    if at < n and points[at] == _OPENS:
        return True
    if at < n and points[at] == _MINUS:
        at += 1
    return at < n and _is_decimal(points, at, kinds)


@jit_in_place
def _rounds(points: Any, kinds: Any, words: Any) -> int:
    """Return how many numbers stand behind a word of `words`, where other letters are any letter."""
    found = 0
    for at in range(1, points.shape[0]):
        if not _is_decimal(points, at, kinds):
            continue
        last = at - 1
        if points[last] == _HASH:
            last -= 1
        if last >= 0 and is_space(points, last, kinds):
            last -= 1
        found += last >= 0 and _counts(points, last, words)
    return found


@jit_in_place
def _counts(points: Any, last: int, words: Any) -> bool:
    if points[last] == _ORDINAL:
        return True
    for row in range(words.shape[0]):
        k = 0
        while (
            words[row, k] and last >= k and (points[last - k] > 127 or points[last - k] | 32 == words[row, k])
        ):
            k += 1
        if words[row, k] == 0:
            return True
    return False
