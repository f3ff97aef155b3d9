"""One compiled pass over a passage: its tokens, and the counts of its structure.

What it looks for carries over between sources and languages: step words, relations and chains of
them, the shapes of lines, where in the passage the steps stand.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpusforge.compiled import jit

EMPTY, UNKNOWN_WORD, UNKNOWN_HAN, LETTER_ALONE, NUMBER, COMMAND, SIGN, LINE_END = range(8)
"""The ids of the fixed tokens; `LINE_END` and the three after it say how many relations a line held."""
QUESTION, COLON, N_FIXED = 11, 12, 13

RELATION, CHAIN, WORD, IMPERATIVE, ANCHOR, CONNECTIVE, OPERATION, NOTHING = (1 << k for k in range(8))
"""The flags of a token."""

SHAPES = (
    "n_tokens", "n_lines", "n_words", "n_kinds", "chained_lines", "relation_lines", "multi_relation_lines",
    "most_relations", "wordless_lines", "item_lines", "imperative_lines", "connective_lines", "short_lines",
    "long_lines", "question_lines", "colon_lines", "relations_first_third", "relations_last_third",
    "anchors_first_third", "anchors_last_third", "operations", "equalities", "last_question", "last_relation",
    "first_anchor", "anchor_gaps",
)  # fmt: skip
"""Counts of structure. `last_question`, `last_relation` and `first_anchor` are places in the passage, 0-1."""

(N_TOKENS, N_LINES, N_WORDS, N_KINDS, CHAINED, RELATION_LINES, MULTI, MOST, WORDLESS, ITEMS, IMPERATIVES,
 CONNECTIVES, SHORT, LONG, QUESTIONS, COLONS, RELATIONS_FIRST, RELATIONS_LAST, ANCHORS_FIRST, ANCHORS_LAST,
 OPERATIONS, EQUALITIES, LAST_QUESTION, LAST_RELATION, FIRST_ANCHOR,
 ANCHOR_GAPS) = range(len(SHAPES))  # fmt: skip

_BASIS, _PRIME = 0xCBF29CE484222325, 0x100000001B3
_U_BASIS, _U_PRIME = np.uint64(_BASIS), np.uint64(_PRIME)
_MASK_64 = (1 << 64) - 1
_SPACE, _LINE, _LATIN, DECIMAL, _HAN, _MARK, _BACKSLASH = range(7)
"""Kinds of characters."""
_LONGEST_HAN = 4
_SHORT_TOKENS, _LONG_TOKENS = 6, 40
_N_POINTS = 0x20000


def slot_hash(spelling: str) -> int:
    """Return the 64-bit FNV-1a hash of a spelling's code points, never 0."""
    value = _BASIS
    for char in spelling:
        value = ((value ^ ord(char)) * _PRIME) & _MASK_64
    return value or 1


@lru_cache(maxsize=1)
def character_kinds() -> NDArray[np.uint8]:
    """Return the kind of each character of the first two planes."""
    points = np.arange(_N_POINTS, dtype=np.uint32)
    characters = points.view("U1")
    letters = np.full(_N_POINTS, _LATIN, dtype=np.uint8)
    for first, last in ((0x0E00, 0x0F00), (0x2E80, 0xA4D0), (0xAC00, 0xD7A4), (0xF900, 0xFB00)):
        letters[first:last] = _HAN
    table = np.where(np.strings.isalpha(characters), letters, np.uint8(_MARK))
    table[np.strings.isdecimal(characters)] = DECIMAL
    table[np.strings.isspace(characters)] = _SPACE
    for char in "\n\r\x0b\x0c\x85\u2028\u2029":
        table[ord(char)] = _LINE
    table[ord("\\")] = _BACKSLASH
    return table


def scan(points: Any, keys: Any, table: Any, columns: Any, flags: Any, ids: Any, starts: Any, ends: Any,
         counts: Any) -> int:  # fmt: skip
    """Return how many tokens a passage has, after writing their ids, places and counts.

    `points` u32, the lower-case text; `ids`, `starts`, `ends` i32 [2 * len(points) + 2]; `counts` f64, zeros.
    """
    n = _tokenise(points, character_kinds(), keys, table, flags, ids, starts, ends)
    _count(ids, n, columns, flags, counts)
    return n


@jit
def write(ids: Any, spelled: Any, bounds: Any, out: Any) -> int:
    """Return how many bytes the names of tokens take, after writing them with a space between."""
    length = 0
    for at in range(ids.shape[0]):
        if at:
            out[length] = 32
            length += 1
        for k in range(bounds[ids[at]], bounds[ids[at] + 1]):
            out[length] = spelled[k]
            length += 1
    return length


@jit
def _look_up(points: Any, start: int, stop: int, keys: Any, table: Any) -> int:
    """Return the id of a spelling, or -1."""
    value = _U_BASIS
    for at in range(start, stop):
        value = (value ^ np.uint64(points[at])) * _U_PRIME
    mask = keys.shape[0] - 1
    slot = np.int64(value & np.uint64(mask))
    while keys[slot] != 0:
        if keys[slot] == value:
            return table[slot]
        slot = (slot + 1) & mask
    return -1


@jit
def _class(points: Any, at: int, classes: Any) -> int:
    if at >= points.shape[0]:
        return _SPACE
    point = points[at]
    if point < classes.shape[0]:
        return classes[point]
    return _HAN if point < 0x32000 else _MARK


@jit
def is_space(points: Any, at: int, kinds: Any) -> bool:
    """Return whether a character is white space: all of it lies in the first two planes."""
    point = points[at]
    return point < kinds.shape[0] and kinds[point] <= _LINE


@jit
def _tokenise(
    points: Any, classes: Any, keys: Any, table: Any, flags: Any, ids: Any, starts: Any, ends: Any
) -> int:
    stop = points.shape[0]
    n, at, n_relations, line_start = 0, 0, 0, 0
    while at <= stop:
        kind = _class(points, at, classes) if at < stop else _LINE
        if kind == _LINE:
            if n > line_start:
                ids[n], starts[n], ends[n] = LINE_END + min(3, n_relations), at, at
                n += 1
            line_start, n_relations = n, 0
            at += 1
            continue
        if kind == _SPACE:
            at += 1
            continue
        end = _end(points, at, kind, classes, keys, table)
        found = _identify(points, at, end, kind, keys, table)
        if flags[found] & NOTHING == 0:
            ids[n], starts[n], ends[n] = found, at, end
            n += 1
            n_relations += flags[found] & RELATION
        at = end
    return n


@jit
def _end(points: Any, at: int, kind: int, classes: Any, keys: Any, table: Any) -> int:
    """Return where the token that begins at `at` ends."""
    end = at + 1
    if kind == _LATIN:
        while _class(points, end, classes) == _LATIN:
            end += 1
        is_apostrophe = end < points.shape[0] and (points[end] == 39 or points[end] == 0x2019)
        if end - at >= 2 and is_apostrophe and _class(points, end + 1, classes) == _LATIN:
            end += 2
            while _class(points, end, classes) == _LATIN:
                end += 1
    elif kind == DECIMAL:
        while True:
            if _class(points, end, classes) == DECIMAL:
                end += 1
            elif end < points.shape[0] and (points[end] == 44 or points[end] == 46) and (
                _class(points, end + 1, classes) == DECIMAL
            ):  # fmt: skip
                end += 2
            else:
                break
    elif kind == _BACKSLASH:
        if _class(points, end, classes) == _LATIN:
            while _class(points, end, classes) == _LATIN and points[end] < 128:
                end += 1
        elif end < points.shape[0] and _class(points, end, classes) == _MARK:
            end += 1
    elif kind == _HAN or (end < points.shape[0] and 61 <= points[end] <= 62):  # a sign before = or >
        longest = min(points.shape[0] - at, _LONGEST_HAN if kind == _HAN else 2)
        for length in range(longest, 1, -1):
            if _look_up(points, at, at + length, keys, table) >= 0:
                return at + length
    return end


@jit
def _identify(points: Any, at: int, end: int, kind: int, keys: Any, table: Any) -> int:
    """Return the id of the token between two places."""
    if kind == DECIMAL:
        return NUMBER
    if kind == _LATIN and end == at + 1:
        return LETTER_ALONE
    if kind == _BACKSLASH and (end == at + 1 or not 97 <= points[at + 1] <= 122):
        return EMPTY
    found = _look_up(points, at, end, keys, table)
    if found >= 0:
        return found
    if kind == _LATIN:
        return UNKNOWN_WORD
    if kind == _HAN:
        return UNKNOWN_HAN
    return COMMAND if kind == _BACKSLASH else SIGN


@jit
def _count(ids: Any, n: int, columns: Any, flags: Any, counts: Any) -> None:
    shapes = counts[counts.shape[0] - len(SHAPES) :]
    seen = np.zeros(columns.shape[0], dtype=np.uint8)
    shapes[N_TOKENS], shapes[FIRST_ANCHOR] = n, 1.0
    line_start, last_anchor = 0, -1
    for at in range(n):
        token = ids[at]
        if LINE_END <= token < QUESTION:
            _count_line(ids, line_start, at, flags, shapes)
            line_start = at + 1
            continue
        if seen[token] == 0:
            seen[token] = 1
            shapes[N_KINDS] += 1
        if columns[token] >= 0:
            counts[columns[token]] += 1
        flag = flags[token]
        third = 3 * at // n
        if flag & RELATION:
            shapes[RELATIONS_FIRST] += third == 0
            shapes[RELATIONS_LAST] += third == 2
            shapes[LAST_RELATION] = at / n
        if flag & ANCHOR:
            shapes[ANCHORS_FIRST] += third == 0
            shapes[ANCHORS_LAST] += third == 2
            shapes[FIRST_ANCHOR] = min(shapes[FIRST_ANCHOR], at / n)
            shapes[ANCHOR_GAPS] += last_anchor >= 0 and at - last_anchor > 8
            last_anchor = at
        if token == QUESTION:
            shapes[LAST_QUESTION] = at / n
        shapes[N_WORDS] += flag & WORD != 0


@jit
def _count_line(ids: Any, start: int, stop: int, flags: Any, shapes: Any) -> None:
    n_relations, n_words = 0, 0
    for at in range(start, stop):
        flag = flags[ids[at]]
        n_relations += flag & RELATION
        n_words += flag & WORD != 0
        is_number = at > start and ids[at - 1] == NUMBER
        if flag & OPERATION and is_number and at + 1 < stop and ids[at + 1] == NUMBER:
            shapes[OPERATIONS] += 1
        if flag & RELATION and is_number and at + 1 < stop and ids[at + 1] == NUMBER:
            shapes[EQUALITIES] += 1
    first = start
    while (
        first < stop - 1
        and flags[ids[first]] & WORD == 0
        and ids[first] != LETTER_ALONE
        and first < start + 4
    ):
        first += 1
    lead, after, last = flags[ids[start]], flags[ids[first]], ids[stop - 1]
    shapes[N_LINES] += 1
    shapes[CHAINED] += lead & CHAIN != 0
    shapes[RELATION_LINES] += n_relations > 0
    shapes[MULTI] += n_relations > 1
    shapes[MOST] = max(shapes[MOST], n_relations)
    shapes[WORDLESS] += n_words == 0
    shapes[ITEMS] += ids[start] == NUMBER or first > start
    shapes[IMPERATIVES] += after & IMPERATIVE != 0
    shapes[CONNECTIVES] += after & CONNECTIVE != 0
    shapes[SHORT] += stop - start <= _SHORT_TOKENS
    shapes[LONG] += stop - start >= _LONG_TOKENS
    shapes[QUESTIONS] += last == QUESTION
    shapes[COLONS] += last == COLON
