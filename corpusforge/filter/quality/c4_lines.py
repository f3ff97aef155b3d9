"""What C4 asks of a line (Raffel et al. 2020, 2.2; its code in TensorFlow Datasets), for the compiled pass.

C4 keeps lines that end in `.`, `?`, `!` or a quotation mark and not in dots, of three words and more, none
of them over 1,000 characters, without the word Javascript and without a notice of cookies or terms, and
pages of five sentences in such lines. The pass removes no line: it counts what C4 would keep.

Braces are counted here too, outside formulas and code, which pages of C4 had lost.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpusforge.compiled import jit_in_place
from corpusforge.filter.quality.char_classes import CLOSER, LETTER, LOWER, TERMINAL, class_of

LINE_WORDS, LINE_BREAKS, LINE_MARKS, AFTER_END, LITERAL, N_STATE = range(6)
"""Of the line so far: its words, ends of sentences within it, the marks below, whether its last word ended a
sentence; and, across lines, the signs that opened a formula (negative) or code."""
JAVASCRIPT, POLICY, LONG_WORD = 1, 2, 4

_MIN_WORDS, _MAX_WORD_CHARS = 3, 1000
_DOT, _NOT, _ASKS, _QUOTE, _APOSTROPHE, _OPENS, _CLOSES = 46, 33, 63, 34, 39, 91, 93
_DOLLAR, _BACKSLASH, _BACKTICK, _FENCE = 36, 92, 96, 3

_PHRASES = (
    ("lorem", "ipsum"), ("terms of", "use"), ("privacy", "policy"), ("cookie", "policy"),
    ("uses", "cookies"), ("use of", "cookies"), ("use", "cookies"),
)  # fmt: skip
"""What stands before a blank and behind it; the first is filler text, the others are notices of a site."""


def _in_rows(words: list[str]) -> NDArray[np.uint8]:
    """Return words as bytes, one a row, behind their lengths."""
    rows = np.zeros((len(words), 1 + max(map(len, words))), dtype=np.uint8)
    for row, word in zip(rows, words, strict=True):
        row[0], row[1 : 1 + len(word)] = len(word), list(word.encode())
    return rows


_BEFORE, _BEHIND = (_in_rows([phrase[side] for phrase in _PHRASES]) for side in (0, 1))
_SCRIPT = _in_rows(["javascript"])


@jit_in_place
def _stands(points: Any, at: Any, rows: Any, row: int) -> bool:
    """Return whether a word of `rows` stands at a place, in either case."""
    length = np.int64(rows[row, 0])
    if at < 0 or at + length > points.shape[0]:
        return False
    for k in range(length):
        if points[at + k] | 32 != rows[row, k + 1]:
            return False
    return True


@jit_in_place
def phrase_at(points: Any, blank: int) -> int:
    """Return the place in `_PHRASES` of the one around a blank with a word behind it, or -1."""
    first = points[blank + 1] | 32
    for row in range(_BEHIND.shape[0]):
        if _BEHIND[row, 1] == first and _stands(points, blank + 1, _BEHIND, row):
            if _stands(points, blank - np.int64(_BEFORE[row, 0]), _BEFORE, row):
                return row
    return -1


@jit_in_place
def is_javascript(points: Any, at: int) -> bool:
    """Return whether `javascript` starts at a place, in either case."""
    return _stands(points, at, _SCRIPT, 0)


@jit_in_place
def literal_after(points: Any, i: int, state: Any) -> Any:
    """Return the signs that hold a formula or code open behind the `$` or backtick at `i`.

    As in Markdown: as many signs close as opened, and an escaped dollar is one.
    """
    mark, run = points[i], 1
    if i and (points[i - 1] == mark or (mark == _DOLLAR and points[i - 1] == _BACKSLASH)):
        return state
    while i + run < points.shape[0] and points[i + run] == mark:
        run += 1
    opened = run if mark == _BACKTICK else -run
    if state == 0:
        return opened
    return 0 if state == opened else state


@jit_in_place
def literal_at_break(state: Any) -> Any:
    """Return what stays open behind an empty line: fenced code."""
    return state if state >= _FENCE else 0


@jit_in_place
def add_word(points: Any, start: int, end: int, classes: Any, line: Any) -> None:
    """Count a word of a line, and the end of a sentence before it: none where it is in small letters."""
    if line[AFTER_END]:
        line[LINE_BREAKS] += (class_of(points, start, classes) & LOWER) == 0
    line[LINE_WORDS] += 1
    if end - start > _MAX_WORD_CHARS:
        line[LINE_MARKS] |= LONG_WORD
    last = end - 1
    while last > start and class_of(points, last, classes) & CLOSER:
        last -= 1
    line[AFTER_END] = (class_of(points, last, classes) & TERMINAL) > 0 and not (
        last == start + 1 and points[last] == _DOT and (class_of(points, start, classes) & LETTER) > 0
    )  # an initial


@jit_in_place
def sentences_kept(points: Any, start: int, end: int, line: Any) -> Any:
    """Return the sentences of a line that C4 would keep, 0 of another."""
    if line[LINE_MARKS] or line[LINE_WORDS] < _MIN_WORDS:
        return 0
    end = _before_citation(points, start, end)
    last = points[end - 1]
    if last != _DOT:
        kept = last == _NOT or last == _ASKS or last == _QUOTE or last == _APOSTROPHE
    else:
        kept = end - start < 3 or points[end - 2] != _DOT or points[end - 3] != _DOT
    return line[LINE_BREAKS] + 1 if kept else 0


@jit_in_place
def _before_citation(points: Any, start: int, end: int) -> Any:
    """Return where a line ends without the numbers in brackets at its end."""
    while end - start > 2 and points[end - 1] == _CLOSES:
        at = end - 2
        while at > start and 48 <= points[at] <= 57:
            at -= 1
        if at == start or points[at] != _OPENS:
            break
        end = at
    return end


@jit_in_place
def few_words(line: Any) -> bool:
    """Return whether a line has fewer words than C4 asks for."""
    return line[LINE_WORDS] < _MIN_WORDS
