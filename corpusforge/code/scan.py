"""Compiled passes over the bytes of a file: spans, lines, tokens, printed syntax trees.

Each function walks its bytes once. Arrays in, numbers out; nothing here knows a language.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from corpusforge.compiled import jit

Bytes = NDArray[np.uint8]
Spans = NDArray[np.int64]
"""[n, 2]: first byte and the one after the last, in order."""

_BLANK, _WORD, _OPERATOR, _SYMBOL = 0, 1, 2, 3
_IS_OPERAND, _IS_DECISION, _IS_SEEN = 1, 2, 4
_FNV_OFFSET, _FNV_PRIME = np.uint64(0xCBF29CE484222325), np.uint64(0x100000001B3)
_LETTERS_END = 0x32000
"""No letter has a code point beyond."""
_DENSE = ((0x3040, 0x30FF), (0x3400, 0x9FFF), (0xAC00, 0xD7AF), (0x0E00, 0x109F), (0x1780, 0x17FF))
"""Kana, Han, Hangul, Thai to Burmese, Khmer."""
NO_SPANS: Spans = np.empty((0, 2), dtype=np.int64)


def _token_classes() -> Bytes:
    """Return what a byte is in a program: part of a word (all that is not ASCII is), or a symbol."""
    classes = np.full(256, _SYMBOL, dtype=np.uint8)
    classes[128:] = _WORD
    for byte in range(128):
        if chr(byte).isalnum() or byte in b"\0_":
            classes[byte] = _WORD
    classes[list(b" \t\n\r\f\v")] = _BLANK
    classes[list(b"-+*/%&|^!=<>~?:.")] = _OPERATOR
    return classes


_CLASSES = _token_classes()


# --- spans


def merge_spans(starts: Sequence[int], ends: Sequence[int]) -> Spans:
    """Return the outermost of some spans, in order; those that overlap become one."""
    if not starts:
        return NO_SPANS
    spans = np.array((starts, ends), dtype=np.int64)
    out = np.empty((len(starts), 2), dtype=np.int64)
    count = _merge(spans[0], spans[1], out)
    if count < 0:  # out of order
        spans = spans[:, np.lexsort((spans[1], spans[0]))]
        count = _merge(spans[0], spans[1], out)
    return out[:count]


def in_order(*spans: Spans) -> Spans:
    """Return several lists of spans as one."""
    filled = [some for some in spans if len(some)]
    if len(filled) < 2:
        return filled[0] if filled else NO_SPANS
    joined = np.concatenate(filled)
    return joined[np.lexsort((joined[:, 1], joined[:, 0]))]


@jit
def _merge(starts: Any, ends: Any, out: Any) -> int:
    """Write the merged spans to `out`; return how many, -1 where they are out of order."""
    count = 0
    for i in range(starts.shape[0]):
        if i and starts[i] < starts[i - 1]:
            return -1
        if count and starts[i] < out[count - 1, 1]:
            out[count - 1, 1] = max(out[count - 1, 1], ends[i])
        else:
            out[count, 0] = starts[i]
            out[count, 1] = ends[i]
            count += 1
    return count


def outside(spans: Spans, others: Spans) -> Spans:
    """Return the spans that begin where none of some others does; both in order."""
    if not len(spans) or not len(others):
        return spans
    return spans[_begin_elsewhere(spans, others)]


@jit
def _begin_elsewhere(spans: Any, others: Any) -> Any:
    keep = np.ones(spans.shape[0], dtype=np.bool_)
    j = 0
    for i in range(spans.shape[0]):
        while j < others.shape[0] and others[j, 0] < spans[i, 0]:
            j += 1
        keep[i] = j == others.shape[0] or others[j, 0] != spans[i, 0]
    return keep


def filled_in(data: Bytes, spans: Spans) -> int:
    """Return the bytes within spans that are no white space."""
    return _filled_in(data, spans, _CLASSES) if len(spans) else 0


@jit
def _filled_in(data: Any, spans: Any, classes: Any) -> int:
    count = 0
    for i in range(spans.shape[0]):
        for position in range(spans[i, 0], spans[i, 1]):
            count += classes[data[position]] != _BLANK
    return count


# --- lines


class Lines(NamedTuple):
    """The lines of a text, without their line feeds."""

    total: int
    chars: int
    longest: int
    """Characters of the longest line."""


def line_figures(text: str) -> Lines:
    """Return how many lines a text has, and their characters."""
    return Lines(*_line_figures(np.frombuffer(text.encode("utf-8", "replace"), dtype=np.uint8)))


@jit
def _line_figures(data: Any) -> tuple[int, int, int]:
    lines, chars, longest, length = 1, 0, 0, 0
    for byte in data:
        if byte == 10:
            chars += length
            longest = max(longest, length)
            lines += 1
            length = 0
        else:
            length += (byte & 0xC0) != 0x80  # a character of UTF-8 has one byte that is no continuation
    return lines, chars + length, max(longest, length)


# --- words of prose


@cache
def _letters() -> NDArray[np.uint8]:
    """Return by code point: 1 a letter, 2 one of a script without spaces between words, 0 neither."""
    table = np.zeros(_LETTERS_END, dtype=np.uint8)
    for point in range(_LETTERS_END):
        char = chr(point)
        table[point] = char.isalnum() and not char.isdecimal()
    for first, last in _DENSE:
        table[first : last + 1] |= 2
    return table


def count_words(text: str) -> int:
    """Return the words of two letters or more; in scripts without spaces two characters are one more."""
    if text.isascii():
        return _count_words(np.frombuffer(text.encode(), dtype=np.uint8), _letters())
    return _count_words(np.frombuffer(text.encode("utf-32-le", "replace"), dtype=np.uint32), _letters())


@jit
def _count_words(points: Any, letters: Any) -> int:
    words, letter_run, dense_run = 0, 0, 0
    for point in points:
        kind = letters[point] if point < letters.shape[0] else 0
        letter_run = letter_run + 1 if kind & 1 else 0
        words += letter_run == 2
        dense_run = dense_run + 1 if kind & 2 else 0
        words += dense_run > 0 and dense_run % 2 == 0
    return words


# --- printed syntax trees


class PrintedTree:
    """Depth and different words of a syntax tree, printed whole or in pieces."""

    _MAX_TYPES = 6_000
    """More different kinds of node than any grammar has."""

    def __init__(self) -> None:
        self.depth = 0
        self.types = 0
        self._seen = np.zeros(8_192, dtype=np.uint64)

    def add(self, printed: str, depth: int) -> None:
        """Take in one printed subtree, `depth` nodes below the root."""
        data = np.frombuffer(printed.encode(), dtype=np.uint8)
        deepest, self.types = _printed(data, self._seen, self.types, self._MAX_TYPES, _CLASSES)
        self.depth = max(self.depth, depth + deepest)


@jit
def _printed(data: Any, seen: Any, types: int, most: int, classes: Any) -> tuple[int, int]:
    depth, deepest, i = 0, 0, 0
    while i < data.shape[0]:
        byte = data[i]
        if byte == 40 or byte == 41:
            depth += 1 if byte == 40 else -1
            deepest = max(deepest, depth)
            i += 1
        elif classes[byte] == _BLANK:
            i += 1
        else:
            key = _FNV_OFFSET
            while i < data.shape[0] and data[i] != 40 and data[i] != 41 and classes[data[i]] != _BLANK:
                key = (key ^ data[i]) * _FNV_PRIME
                i += 1
            if data[i - 1] != 58 and types < most:  # a word that ends with ":" names a field
                slot = _slot(seen, key)
                if seen[slot] == 0:
                    seen[slot] = key
                    types += 1
    return deepest, types


# --- tokens


def known_tokens(keywords: frozenset[bytes], decisions: frozenset[bytes]) -> tuple[Any, Any]:
    """Return the tokens that `token_figures` knows by name: hashes, u64, and kinds, u8."""
    tokens = sorted(keywords | decisions)
    kinds = np.zeros(len(tokens), dtype=np.uint8)
    hashes = np.zeros(len(tokens), dtype=np.uint64)
    for place, token in enumerate(tokens):
        data = np.frombuffer(token, dtype=np.uint8)
        hashes[place] = _hash(data, 0, len(data), _FNV_OFFSET)
        kinds[place] = _IS_DECISION if token in decisions else 0
        if token not in keywords and _CLASSES[token[0]] == _WORD:
            kinds[place] |= _IS_OPERAND
    return hashes, kinds


def token_figures(data: Bytes, skipped: Spans, literals: Spans, known: tuple[Any, Any]) -> NDArray[np.int64]:
    """Return the tokens of a program: operands, operators, different ones of each, decisions.

    Operands are the words that are no keyword, and each of `literals` as a whole;
    operators are keywords and runs of symbols. What lies in `skipped` is white space. Both
    lists of spans are in order. The five figures are i64 in the order above.
    """
    slots = 1 << (len(data) + 2 * len(known[0]) + 16).bit_length()  # never full: a token has a byte or more
    keys, kinds = np.zeros(slots, dtype=np.uint64), np.zeros(slots, dtype=np.uint8)
    counts = np.zeros(5, dtype=np.int64)
    _count_tokens(data, skipped, literals, *known, _CLASSES, keys, kinds, counts)
    return counts


@jit
def _hash(data: Any, start: int, end: int, key: Any) -> Any:
    for i in range(start, end):
        key = (key ^ data[i]) * _FNV_PRIME
    return key


@jit
def _count_tokens(
    data: Any, skipped: Any, literals: Any, known: Any, known_kinds: Any, classes: Any, keys: Any, kinds: Any,
    counts: Any,
) -> None:  # fmt: skip
    for i in range(known.shape[0]):
        slot = _slot(keys, known[i])
        keys[slot] = known[i]
        kinds[slot] = known_kinds[i]
    position, i, j = 0, 0, 0
    while i < skipped.shape[0] or j < literals.shape[0]:
        is_literal = i == skipped.shape[0] or (
            j < literals.shape[0]
            and (
                literals[j, 0] < skipped[i, 0]
                or (literals[j, 0] == skipped[i, 0] and literals[j, 1] < skipped[i, 1])
            )
        )
        if is_literal:
            start, end = literals[j, 0], literals[j, 1]
            j += 1
        else:
            start, end = skipped[i, 0], skipped[i, 1]
            i += 1
        if start < position:
            continue  # inside the last one
        _count_code(data, position, start, classes, keys, kinds, counts)
        position = end
        if is_literal:
            _count(keys, kinds, counts, _hash(data, start, end, ~_FNV_OFFSET), _IS_OPERAND)
    _count_code(data, position, data.shape[0], classes, keys, kinds, counts)


@jit
def _count_code(data: Any, start: int, end: int, classes: Any, keys: Any, kinds: Any, counts: Any) -> None:
    i = start
    while i < end:
        kind, first = classes[data[i]], i
        i += 1
        if kind == _BLANK:
            continue
        while kind != _SYMBOL and i < end and classes[data[i]] == kind:
            i += 1
        key = _hash(data, first, i, _FNV_OFFSET)
        _count(keys, kinds, counts, key, _IS_OPERAND if kind == _WORD else 0)


@jit
def _count(keys: Any, kinds: Any, counts: Any, key: Any, kind: int) -> None:
    slot = _slot(keys, key)
    if keys[slot] == 0:
        keys[slot] = key
        kinds[slot] = kind
    found = kinds[slot]
    is_operator = 0 if found & _IS_OPERAND else 1
    counts[is_operator] += 1
    if not found & _IS_SEEN:
        counts[2 + is_operator] += 1
        kinds[slot] = found | _IS_SEEN
    if found & _IS_DECISION:
        counts[4] += 1


@jit
def _slot(keys: Any, key: Any) -> Any:
    """Return where a key stands in an open table, or the free slot where it belongs."""
    mask = np.uint64(keys.shape[0] - 1)
    slot = (key ^ (key >> np.uint64(29))) & mask
    while keys[slot] != 0 and keys[slot] != key:
        slot = (slot + np.uint64(1)) & mask
    return slot
