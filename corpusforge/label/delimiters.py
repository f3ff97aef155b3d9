"""Where formulas may begin in a text: one compiled pass, so that one expression need not be tried everywhere.

A dollar of a program, or a backslash of a path, closes nothing within the reach of a formula; the
expression would read hundreds of characters behind each of them to learn that.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpusforge.compiled import jit_in_place

DISPLAY_CHARS, BRACKET_CHARS, PAREN_CHARS, INLINE_CHARS = 4000, 4000, 1000, 302
"""The most between `$$`, `\\[ \\]`, `\\( \\)` and single dollars."""
_DOLLAR, _BACKSLASH, _LINE_FEED = 36, 92, 10
_OPEN_BRACKET, _CLOSE_BRACKET, _OPEN_PAREN, _CLOSE_PAREN = 91, 93, 40, 41
_BEGIN = np.frombuffer(b"begin{", dtype=np.uint8)


def formula_places(text: str) -> list[int]:
    """Return, in order, the places of all dollars and backslashes at which a formula may begin."""
    if text.isascii():
        points: NDArray[Any] = np.frombuffer(text.encode(), dtype=np.uint8)
    else:
        points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    places = np.empty(64, dtype=np.int64)
    while (found := int(_find(points, _BEGIN, places))) > len(places):
        places = np.empty(found, dtype=np.int64)
    return places[:found].tolist()


@jit_in_place
def _find(points: Any, begin: Any, places: Any) -> int:
    """Return how many places there are, after writing as many as there is room for."""
    n, found, bracket, paren = points.shape[0], 0, -1, -1
    for at in range(n - 1):
        point = points[at]
        is_place = False
        if point == _DOLLAR:
            is_place = _opens_display(points, at) if points[at + 1] == _DOLLAR else _opens_inline(points, at)
        elif point == _BACKSLASH:
            if points[at + 1] == _OPEN_BRACKET:
                bracket = _closing(points, at + 3, bracket, _CLOSE_BRACKET)
                is_place = bracket < n and bracket - at - 2 <= BRACKET_CHARS
            elif points[at + 1] == _OPEN_PAREN:
                paren = _closing(points, at + 3, paren, _CLOSE_PAREN)
                is_place = paren < n and paren - at - 2 <= PAREN_CHARS
            else:
                is_place = _stands(points, at + 1, begin)
        if is_place:
            if found < places.shape[0]:
                places[found] = at
            found += 1
    return found


@jit_in_place
def _closing(points: Any, start: int, known: int, mark: int) -> int:
    """Return where a backslash and a mark first stand from `start` on, or the end; `known`: found before."""
    if known >= start:
        return known
    at = start
    while at + 1 < points.shape[0]:
        if points[at] == _BACKSLASH and points[at + 1] == mark:
            return at
        at += 1
    return points.shape[0]


@jit_in_place
def _stands(points: Any, at: int, word: Any) -> bool:
    if at + word.shape[0] > points.shape[0]:
        return False
    for k in range(word.shape[0]):
        if points[at + k] != word[k]:
            return False
    return True


@jit_in_place
def _opens_display(points: Any, at: int) -> bool:
    end = at + 2
    while end < points.shape[0] and points[end] != _DOLLAR and end - at - 2 <= DISPLAY_CHARS:
        end += 1
    return end > at + 2 and end + 1 < points.shape[0] and points[end] == points[end + 1] == _DOLLAR


@jit_in_place
def _opens_inline(points: Any, at: int) -> bool:
    """Return whether a dollar may open a formula of one line; what is not ASCII may be anything."""
    if at and (points[at - 1] == _DOLLAR or points[at - 1] == _BACKSLASH or _is_word(points[at - 1])):
        return False
    if _is_space(points[at + 1]):
        return False
    end = at + 1
    while end < points.shape[0] and points[end] != _DOLLAR and points[end] != _LINE_FEED:
        if end - at > INLINE_CHARS:
            return False
        end += 1
    if end == points.shape[0] or points[end] != _DOLLAR:
        return False
    if end > at + 2 and (points[end - 1] == _BACKSLASH or _is_space(points[end - 1])):
        return False
    return end + 1 == points.shape[0] or not (points[end + 1] == _DOLLAR or _is_word(points[end + 1]))


@jit_in_place
def _is_space(point: Any) -> bool:
    return point == 32 or 9 <= point <= 13 or 28 <= point <= 31


@jit_in_place
def _is_word(point: Any) -> bool:
    return 48 <= point <= 57 or 65 <= point <= 90 or 97 <= point <= 122 or point == 95
