"""Fenced blocks of Markdown-like text, found by one compiled pass over its lines.

A block opens with three or more backticks or tildes behind at most three blanks, and a line feed behind its
info string, which holds no backtick. It ends with a line of as many or more of the same mark, or the text.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from corpusforge.compiled import jit_in_place
from corpusforge.points import points_of

_LINE_FEED, _TAB, _BLANK, _BACKTICK, _TILDE = 10, 9, 32, 96, 126
_MOST_BLANKS, _FEWEST_MARKS = 3, 3
_FIELDS = 5
"""Of a block: where its first line begins, its info string, its body, its last line, what follows."""


def split_fences(text: str) -> tuple[str, list[tuple[str, str]]]:
    """Return (text outside fenced blocks, [(info string, body)]) of Markdown-like text."""
    blocks: list[tuple[str, str]] = []
    pieces: list[str] = []
    end = 0
    for start, info, body, close, stop in _blocks(text):
        blocks.append((text[info : body - 1].strip(), text[body:close]))
        pieces.append(text[end:start])
        end = stop
    return "\n".join([*pieces, text[end:]]), blocks


def _blocks(text: str) -> list[list[int]]:
    """Return the places of all blocks, one a row, as `_FIELDS` says."""
    points = points_of(text)
    places = np.empty((16, _FIELDS), dtype=np.int64)
    while (found := int(_find(points, places))) > len(places):
        places = np.empty((found, _FIELDS), dtype=np.int64)
    return places[:found].tolist()


@jit_in_place
def _find(points: Any, places: Any) -> int:
    """Return how many blocks there are, after writing the places of as many as there is room for."""
    n, at, found = points.shape[0], 0, 0
    while at < n:
        start = at
        first = _behind_blanks(points, at, _MOST_BLANKS)
        behind = _behind_marks(points, first)
        if behind - first < _FEWEST_MARKS:
            at = _line_end(points, at) + 1
            continue
        info = _behind_blanks(points, behind, n)
        end = info
        while end < n and points[end] != _LINE_FEED and points[end] != _BACKTICK:
            end += 1
        if end == n or points[end] == _BACKTICK:
            at = _line_end(points, end) + 1
            continue
        close, at = _closing(points, end + 1, points[first], behind - first)
        if found < places.shape[0]:
            row = places[found]
            row[0], row[1], row[2], row[3], row[4] = start, info, end + 1, close, at
        found += 1
        at += 1
    return found


@jit_in_place
def _closing(points: Any, at: int, mark: int, least: int) -> tuple[int, int]:
    """Return where the line that closes a block begins and ends: without one, at the text's end."""
    n = points.shape[0]
    while at < n:
        first = _behind_blanks(points, at, _MOST_BLANKS)
        behind = first
        while behind < n and points[behind] == mark:
            behind += 1
        if behind - first >= least:
            while behind < n and (points[behind] == _BACKTICK or points[behind] == _TILDE):
                behind += 1
            behind = _behind_blanks(points, behind, n)
            if behind == n or points[behind] == _LINE_FEED:
                return at, behind
        at = _line_end(points, behind) + 1
    return n, n


@jit_in_place
def _behind_blanks(points: Any, at: int, most: int) -> int:
    end = min(points.shape[0], at + most)
    while at < end and (points[at] == _BLANK or points[at] == _TAB):
        at += 1
    return at


@jit_in_place
def _behind_marks(points: Any, at: int) -> int:
    """Return the place behind a run of backticks or of tildes, `at` itself where there is none."""
    n = points.shape[0]
    if at == n or (points[at] != _BACKTICK and points[at] != _TILDE):
        return at
    mark = points[at]
    while at < n and points[at] == mark:
        at += 1
    return at


@jit_in_place
def _line_end(points: Any, at: int) -> int:
    while at < points.shape[0] and points[at] != _LINE_FEED:
        at += 1
    return at
