"""How many words a text has, by one compiled pass: as many as `corpusforge.text.words` would return."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpusforge.compiled import jit_in_place
from corpusforge.points import points_of
from corpusforge.text import WORD_CLASSES

_LETTER, _MARK, _IDEOGRAPH, _SEGMENT, _SEGMENT_MARK = (1 << place for place in range(5))
"""What begins a word up to a blank, what goes on with it, a character of a pair, one of a segment of a script
that writes no blanks, what goes on with that."""
_LAST_POINT = 0x40000  # no letter or digit stands behind it (Unicode 15)
_MOST_IN_PAIR, _MOST_IN_SEGMENT = 2, 3


def n_words(text: str) -> int:
    """Return how many words a text has."""
    return int(_count(points_of(text), _classes()))


@lru_cache(maxsize=1)
def _classes() -> NDArray[np.uint8]:
    """Return what each character may be in a word, as bits."""
    points = np.arange(_LAST_POINT, dtype=np.uint32)
    is_word = np.strings.isalnum(points.view("U1"))
    is_word[ord("_")] = True
    of = {name: _among(ranges) for name, ranges in WORD_CLASSES.items()}
    table = np.zeros(_LAST_POINT, dtype=np.uint8)
    table[is_word & ~of["ideographs"] & ~of["unparted"]] |= _LETTER
    table[is_word & ~of["ideographs"]] |= _SEGMENT
    for name, bit in (("marks", _MARK), ("ideographs", _IDEOGRAPH), ("unparted_marks", _SEGMENT_MARK)):
        table[of[name]] |= bit
    return table


def _among(ranges: str) -> NDArray[np.bool_]:
    """Return which characters a set of an expression holds: single ones, and first and last of a range."""
    found = np.zeros(_LAST_POINT, dtype=np.bool_)
    at = 0
    while at < len(ranges):
        is_range = ranges[at + 1 : at + 2] == "-"
        found[ord(ranges[at]) : ord(ranges[at + 2 * is_range]) + 1] = True
        at += 3 if is_range else 1
    return found


@jit_in_place
def _count(points: Any, classes: Any) -> int:
    n, at, found = points.shape[0], 0, 0
    while at < n:
        kind = _class(points, at, classes)
        if kind & _LETTER:
            while at < n and _class(points, at, classes) & (_LETTER | _MARK):
                at += 1
        elif kind & _IDEOGRAPH:
            at = _behind_run(points, at, classes, _IDEOGRAPH, _MOST_IN_PAIR)
        elif kind & _SEGMENT:
            for _ in range(_MOST_IN_SEGMENT):
                if at < n and _class(points, at, classes) & _SEGMENT:
                    at = _behind_run(points, at + 1, classes, _SEGMENT_MARK, n)
        else:
            at += 1
            continue
        found += 1
    return found


@jit_in_place
def _behind_run(points: Any, at: int, classes: Any, wanted: int, most: int) -> int:
    """Return the place behind the characters of a class that begin at `at`, `most` at most."""
    end = min(points.shape[0], at + most)
    while at < end and _class(points, at, classes) & wanted:
        at += 1
    return at


@jit_in_place
def _class(points: Any, at: int, classes: Any) -> Any:
    point = np.int64(points[at])
    return np.int64(classes[point]) if point < classes.shape[0] else 0
