"""A text without what is no prose, in one compiled pass: addresses, tags, entities, TeX, marks, figures."""

from __future__ import annotations

from typing import Any

import numpy as np

from corpusforge.compiled import jit_in_place
from corpusforge.label.structure import DECIMAL, character_kinds, is_space
from corpusforge.points import points_of

_MARKS = np.zeros(128, dtype=np.uint8)
_MARKS[list(b"#*|=_~>{}[]")] = 1
_HTTP, _HTTPS, _WWW = (np.frombuffer(word, dtype=np.uint8) for word in (b"http://", b"https://", b"www."))
_MAX_TAG_CHARS, _MIN_ENTITY_CHARS, _MAX_ENTITY_CHARS = 200, 2, 8
_H, _W, _LESS, _MORE, _AND, _SEMICOLON, _BACKSLASH, _LINE_FEED, _BLANK = 104, 119, 60, 62, 38, 59, 92, 10, 32


def without_noise(text: str) -> str:
    """Return a text with one blank for each run of noise and white space, none at its ends."""
    points = points_of(text)
    kept = np.empty_like(points)
    size = int(_keep(points, character_kinds(), _MARKS, _HTTP, _HTTPS, _WWW, kept))
    data = kept[:size].tobytes()
    return data.decode() if points.itemsize == 1 else data.decode("utf-32-le", "surrogatepass")


@jit_in_place
def _keep(points: Any, kinds: Any, marks: Any, http: Any, https: Any, www: Any, kept: Any) -> int:
    """Return how many characters are left, after writing them."""
    at, size, is_apart = 0, 0, False
    while at < points.shape[0]:
        end = _end_of_noise(points, at, kinds, marks, http, https, www)
        if end == at and is_space(points, at, kinds):
            end = at + 1
        if end > at:
            is_apart, at = size > 0, end
            continue
        if is_apart:
            kept[size] = _BLANK
            size += 1
            is_apart = False
        kept[size] = points[at]
        size += 1
        at += 1
    return size


@jit_in_place
def _end_of_noise(points: Any, at: int, kinds: Any, marks: Any, http: Any, https: Any, www: Any) -> int:
    """Return where the noise that begins at a place ends; the place itself where none does."""
    point, n = points[at], points.shape[0]
    end = at + 1
    if point >= 128 or 48 <= point <= 57:
        while end <= n and _is_decimal(points, end - 1, kinds):
            end += 1
        return end - 1
    if marks[point]:
        while end < n and points[end] < 128 and marks[points[end]]:
            end += 1
        return end
    if point == _H or point == _W:
        first = at + _length(points, at, http) + _length(points, at, https) + _length(points, at, www)
        end = first
        while first > at and end < n and not is_space(points, end, kinds):
            end += 1
        return end if end > first else at
    if point == _LESS:
        while end < n and end - at <= _MAX_TAG_CHARS and not _ends_tag(points[end]):
            end += 1
        return end + 1 if at + 1 < end < n and points[end] == _MORE else at
    if point == _AND:
        while end < n and end - at <= _MAX_ENTITY_CHARS and 97 <= points[end] <= 122:
            end += 1
        return end + 1 if _MIN_ENTITY_CHARS < end - at and end < n and points[end] == _SEMICOLON else at
    if point == _BACKSLASH:
        while end < n and (97 <= points[end] <= 122 or 65 <= points[end] <= 90):
            end += 1
        return end if end > at + 1 else at
    return at


@jit_in_place
def _ends_tag(point: Any) -> bool:
    return point == _LESS or point == _MORE or point == _LINE_FEED


@jit_in_place
def _is_decimal(points: Any, at: int, kinds: Any) -> bool:
    return points[at] < kinds.shape[0] and kinds[points[at]] == DECIMAL


@jit_in_place
def _length(points: Any, at: int, word: Any) -> int:
    """Return the length of a word where it stands at a place, else 0."""
    if at + word.shape[0] > points.shape[0]:
        return 0
    for k in range(word.shape[0]):
        if points[at + k] != word[k]:
            return 0
    return word.shape[0]
