"""How dense a document is in connectives and in structural tokens: one measure for mathematics and code.

    text --lower case--> code points --one compiled pass--> words, connectives, structural tokens, signs

Connectives are those of `vocabulary.toml`, in all of its languages. Structural tokens are what carries form
and not content: brackets, semicolons, runs of relation and assignment signs, LaTeX commands, a colon that
ends a line, and what opens one: a list mark, a number with a point, a heading, a fence.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpusforge.compiled import jit
from corpusforge.label.structure import slot_hash
from corpusforge.label.vocabulary import (
    ALONE,
    DIGIT,
    GREEK,
    LETTER,
    NEWLINE,
    RELATION,
    SPACE,
    character_classes,
    spellings,
)
from corpusforge.points import lower_points_of

READ_CHARS = 200_000
"""Of a text that is counted."""
_WORD, _HAN, _DIGIT, _SPACE, _LINE, _BRACKET, _RELATION, _BACKSLASH, _MARK = range(9)
_BASIS, _PRIME = np.uint64(0xCBF29CE484222325), np.uint64(0x100000001B3)
_MAX_STEM = 63


def densities(text: str) -> dict[str, float]:
    """Return `connective_density`, per 1,000 words, and `structure_density`, per 1,000 words and signs.

    Two Han characters, kana or Hangul syllables count as a word. 0 of an empty text.
    """
    points = lower_points_of(text[:READ_CHARS])
    keys, kinds, stem_lengths = _connectives()
    words, connectives, structural, signs = _count(points, _classes(), keys, kinds, stem_lengths)
    return {
        "connective_density": connectives * 1000 / max(1, words),
        "structure_density": structural * 1000 / max(1, words + signs),
    }


@lru_cache(maxsize=1)
def _classes() -> NDArray[np.uint8]:
    """Return the class of each character of the basic plane."""
    of = character_classes()
    table = np.full(len(of), _MARK, dtype=np.uint8)
    kinds = {
        SPACE: _SPACE,
        NEWLINE: _LINE,
        DIGIT: _DIGIT,
        LETTER: _WORD,
        GREEK: _WORD,
        ALONE: _HAN,
        RELATION: _RELATION,
    }
    for kind, ours in kinds.items():
        table[of == kind] = ours
    for characters, ours in (("\r\v\f\x85\u2028\u2029", _LINE), ("()[]{};", _BRACKET), ("→⇒⇔↦←↔", _RELATION)):
        for character in characters:
            table[ord(character)] = ours
    table[ord("\\")] = _BACKSLASH
    return table


@lru_cache(maxsize=1)
def _connectives() -> tuple[NDArray[np.uint64], NDArray[np.uint8], np.uint64]:
    """Return (hash table of spellings, 1 for a word and 2 for a stem, which lengths stems have, as bits)."""
    entries = {slot_hash(one.rstrip("*")): (2 if one.endswith("*") else 1) for one in spellings("connective")}
    lengths = {len(one) - 1 for one in spellings("connective") if one.endswith("*")}
    size = 1 << (4 * len(entries)).bit_length()
    keys, kinds = np.zeros(size, np.uint64), np.zeros(size, np.uint8)
    for key, kind in sorted(entries.items()):
        slot = key & (size - 1)
        while keys[slot]:
            slot = (slot + 1) & (size - 1)
        keys[slot], kinds[slot] = key, kind
    return keys, kinds, np.uint64(sum(1 << min(length, _MAX_STEM) for length in lengths))


@jit
def _look_up(value: Any, keys: Any, kinds: Any) -> int:
    mask = keys.shape[0] - 1
    slot = np.int64(value & np.uint64(mask))
    while keys[slot] != 0:
        if keys[slot] == value:
            return kinds[slot]
        slot = (slot + 1) & mask
    return 0


@jit
def _class(points: Any, at: int, classes: Any) -> int:
    if at >= points.shape[0]:
        return _LINE
    point = points[at]
    if point < classes.shape[0]:
        return classes[point]
    return _HAN if 0x20000 <= point < 0x32000 else _MARK


@jit
def _opens_line(points: Any, at: int, classes: Any) -> bool:
    """Return whether a line's first character begins a list item, a heading, a fence or a numbered line."""
    point = points[at]
    if point == 96 or point == 126:  # ``` and ~~~
        return at + 2 < points.shape[0] and points[at + 1] == point and points[at + 2] == point
    if point == 35:
        return True
    if point == 45 or point == 42 or point == 43 or point == 0x2022:
        return _class(points, at + 1, classes) == _SPACE
    end = at
    while _class(points, end, classes) == _DIGIT:
        end += 1
    return end > at and end < points.shape[0] and (points[end] == 46 or points[end] == 41)


@jit
def _count(points: Any, classes: Any, keys: Any, kinds: Any, stems: Any) -> tuple[int, int, int, int]:
    """Return (words, connectives, structural tokens, other signs and numbers)."""
    words, han, connectives, structural, signs = 0, 0, 0, 0, 0
    at, is_opening = 0, True
    while at < points.shape[0]:
        kind = _class(points, at, classes)
        if kind == _SPACE:
            at += 1
            continue
        if kind == _LINE:
            is_opening = True
            at += 1
            continue
        if is_opening and _opens_line(points, at, classes):
            structural += 1
        is_opening = False
        end = at + 1
        if kind == _WORD:
            value, is_connective = (_BASIS ^ np.uint64(points[at])) * _PRIME, False
            while _class(points, end, classes) == _WORD:
                value = (value ^ np.uint64(points[end])) * _PRIME
                end += 1
                if end - at < _MAX_STEM and (stems >> np.uint64(end - at)) & np.uint64(1):
                    is_connective = is_connective or _look_up(value, keys, kinds) == 2
            words += 1
            connectives += is_connective or _look_up(value, keys, kinds) > 0
        elif kind == _HAN:
            han += 1
            value = (_BASIS ^ np.uint64(points[at])) * _PRIME
            for further in range(1, 4):
                if _class(points, at + further, classes) != _HAN:
                    break
                value = (value ^ np.uint64(points[at + further])) * _PRIME
                if _look_up(value, keys, kinds) > 0:
                    connectives += 1
                    break
        elif kind == _DIGIT:
            while _class(points, end, classes) == _DIGIT:
                end += 1
            signs += 1
        elif kind == _BACKSLASH:
            while _class(points, end, classes) == _WORD:
                end += 1
            structural += end > at + 1
            signs += 1
        else:
            while kind == _RELATION and _class(points, end, classes) == _RELATION:
                end += 1
            ends_line = points[at] == 58 and _class(points, end, classes) == _LINE
            structural += kind != _MARK or ends_line
            signs += 1
        at = end
    return words + han // 2, connectives, structural, signs
