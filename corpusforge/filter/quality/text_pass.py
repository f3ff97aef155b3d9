"""One compiled pass over the characters of a text: words, lines, paragraphs, and what of them repeats.

    characters --runs of white space between--> words, as hashes --ids--> n-grams that repeat
                                            `--> lines and paragraphs, as hashes of hashes

What is equal has equal hashes of 64 bits; two different words of a text share one once in 10^13 texts.
"""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpusforge.compiled import jit, jit_in_place
from corpusforge.filter.quality import c4_lines
from corpusforge.filter.quality.char_classes import (
    BULLET,
    LETTER,
    LONE,
    SEGMENT_LETTERS,
    SIGN,
    SPACE,
    TERMINAL,
    class_of,
    class_table,
    is_unparted,
)
from corpusforge.filter.quality.repeats import LAST_N, add_repeats, add_stops, count_ngrams, identified
from corpusforge.points import points_of

(
    CHARS, WORDS, WORD_CHARS, KINDS, ALPHABETIC, STOP_KINDS, STOPS, GOPHER_STOP_KINDS, GOPHER_STOPS,
    HASH_SIGNS, ELLIPSES, DIGITS, BRACES, NEWLINES, LOREM, LINES, BULLET_LINES, ELLIPSIS_LINES,
    TERMINAL_LINES, SHORT_LINES, FEW_WORD_LINES, JAVASCRIPT_LINES, POLICY_LINES, C4_LINES, C4_SENTENCES,
    LINE_CHARS, REPEATED_LINES, REPEATED_LINE_CHARS, PARAGRAPHS, PARAGRAPH_CHARS, REPEATED_PARAGRAPHS,
    REPEATED_PARAGRAPH_CHARS, N_COUNTS,
) = range(33)  # fmt: skip
"""What is counted, in order."""
SHORT_LINE_CHARS = 30  # FineWeb's fineweb_quality filter

_MARKS, _LITERAL = c4_lines.LINE_MARKS, c4_lines.LITERAL
_ELLIPSIS, _DOT, _NEWLINE, _BLANK, _HASH_SIGN = 0x2026, 46, 10, 32, 35
_DOLLAR, _BACKTICK, _BRACE = 36, 96, 123
_CO, _PO, _US, _IP = (int.from_bytes(pair, "big") for pair in (b"co", b"po", b"us", b"ip"))
_WORD, _LINE, _PARAGRAPH = range(3)
_BASIS, _PRIME = np.uint64(0xCBF29CE484222325), np.uint64(0x100000001B3)  # FNV-1a
_MIX = np.uint64(0x9E3779B97F4A7C15)  # 2^64 / golden ratio: Knuth's multiplicative hash


def word_hash(word: str) -> int:
    """Return the hash by which the pass knows a word."""
    value = int(_BASIS)
    for char in word:
        value = ((value ^ ord(char)) * int(_PRIME)) & 0xFFFFFFFFFFFFFFFF
    return value


def count(
    text: str, stop_words: NDArray[np.uint64], stop_kinds: NDArray[np.int64], gopher: NDArray[np.uint64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return (counts i64 [N_COUNTS], characters in n-grams i64 [LAST_N + 1]) of a text.

    `stop_words` are hashes of spellings, `stop_kinds` the stop words that they spell, ascending;
    `gopher` are hashes of Gopher's own stop words, as they stand. In the place n of the second array:
    the characters of the n-gram that holds most, all its places together, for n of `TOP_NGRAMS`; those
    of n-grams that repeat earlier ones for `DUPLICATE_NGRAMS`.
    """
    counts, ngram_chars = np.zeros(N_COUNTS, dtype=np.int64), np.zeros(LAST_N + 1, dtype=np.int64)
    points = points_of(text)
    hashes, chars = _scratch(len(points) + 1)
    line = np.zeros(c4_lines.N_STATE, dtype=np.int64)
    _read(points, class_table(), hashes, chars, counts, line)
    _compare(hashes, chars, stop_words, stop_kinds, gopher, counts, ngram_chars)
    return counts, ngram_chars


_KEPT_PIECES = 1 << 18
_kept = threading.local()


def _scratch(n: int) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """Return room for the hashes and lengths of n words, lines and paragraphs, with anything in it.

    A thread keeps what it has: fresh memory costs more than what is written there.
    """
    room = getattr(_kept, "room", None)
    if room is None or room[0].shape[1] < n:
        size = max(n, 1 << 14)
        room = np.empty((3, size), dtype=np.uint64), np.empty((3, size), dtype=np.int64)
        if size <= _KEPT_PIECES:
            _kept.room = room
    return room


@jit
def _compare(
    hashes: Any, chars: Any, stop_words: Any, stop_kinds: Any, gopher: Any, counts: Any, ngram_chars: Any
) -> None:
    """Count what of the words, lines and paragraphs repeats or is a stop word."""
    add_repeats(hashes[_LINE], chars[_LINE], counts[LINES : LINES + 1], counts[REPEATED_LINES:])
    add_repeats(hashes[_PARAGRAPH], chars[_PARAGRAPH], counts[PARAGRAPHS:], counts[REPEATED_PARAGRAPHS:])
    counts[PARAGRAPH_CHARS] = chars[_PARAGRAPH, : counts[PARAGRAPHS]].sum()
    n_words = counts[WORDS]
    words = hashes[_WORD]
    ids, table, seen, counts[KINDS] = identified(words, n_words)
    add_stops(words, ids, table, seen, stop_words, stop_kinds, counts[STOP_KINDS:])
    add_stops(words, ids, table, seen, gopher, np.arange(gopher.shape[0]), counts[GOPHER_STOP_KINDS:])
    count_ngrams(ids, chars[_WORD], n_words, ngram_chars)


@jit_in_place
def _read(points: Any, classes: Any, hashes: Any, chars: Any, counts: Any, line: Any) -> None:
    """Write the hashes and lengths of words, lines and paragraphs, less the white space around them."""
    n, i, n_words, end = points.shape[0], 0, 0, 0
    line_start = paragraph_start = -1
    line_hash = paragraph_hash = line_gap = paragraph_gap = _BASIS
    while i < n:
        start = i
        if class_of(points, i, classes) & SPACE:
            i, gap, newlines, is_break = _gap(points, i, classes, counts, line)
            line_gap = paragraph_gap = gap
            if newlines and line_start >= 0:
                _end_piece(_LINE, line_hash, start - line_start, hashes, chars, counts)
                _end_line(points, line_start, start, classes, counts, line)
                line_start = -1
            if is_break and paragraph_start >= 0:
                _end_piece(_PARAGRAPH, paragraph_hash, start - paragraph_start, hashes, chars, counts)
                paragraph_start = -1
            continue
        i, value = _word(points, i, classes, counts, line)
        end = i
        c4_lines.add_word(points, start, end, classes, line)
        hashes[_WORD, n_words], chars[_WORD, n_words] = value, end - start
        n_words += 1
        if line_start < 0:
            line_start, line_hash, line_gap = start, _BASIS, _BASIS
        if paragraph_start < 0:
            paragraph_start, paragraph_hash, paragraph_gap = start, _BASIS, _BASIS
        line_hash = (((line_hash ^ line_gap) * _MIX) ^ value) * _PRIME
        paragraph_hash = (((paragraph_hash ^ paragraph_gap) * _MIX) ^ value) * _PRIME
        line_gap = paragraph_gap = np.uint64(0)
    counts[CHARS], counts[WORDS] = n, n_words
    if line_start >= 0:
        _end_piece(_LINE, line_hash, end - line_start, hashes, chars, counts)
        _end_line(points, line_start, end, classes, counts, line)
    if paragraph_start >= 0:
        _end_piece(_PARAGRAPH, paragraph_hash, end - paragraph_start, hashes, chars, counts)


@jit_in_place
def _gap(points: Any, i: int, classes: Any, counts: Any, line: Any) -> Any:
    """Return (end, hash, line feeds, whether two follow each other) of the white space at `i`."""
    start, value, newlines, is_break = i, _BASIS, 0, False
    while i < points.shape[0] and class_of(points, i, classes) & SPACE:
        value = (value ^ np.uint64(points[i])) * _PRIME
        if points[i] == _NEWLINE:
            newlines += 1
            is_break |= i > start and points[i - 1] == _NEWLINE
        i += 1
    counts[NEWLINES] += newlines
    if i == start + 1 and i + 1 < points.shape[0] and points[start] == _BLANK:
        pair = (np.int64(points[i]) | 32) << 8 | (np.int64(points[i + 1]) | 32)
        if pair == _CO or pair == _PO or pair == _US or pair == _IP:  # few words go to the closer look
            phrase = c4_lines.phrase_at(points, start)
            if phrase == 0:
                counts[LOREM] = 1
            elif phrase > 0:
                line[_MARKS] |= c4_lines.POLICY
    if is_break:
        line[_LITERAL] = c4_lines.literal_at_break(line[_LITERAL])
    return i, value, newlines, is_break


@jit_in_place
def _word(points: Any, i: int, classes: Any, counts: Any, line: Any) -> Any:
    """Return (end, hash) of the word at `i`: up to white space; a Chinese or Japanese character is one.

    Scripts of South-East Asia and Tibet part no words: a segment of a few letters, marks not counted, is one.
    """
    start, value, letters, dots, run = i, _BASIS, 0, 0, 0
    while i < points.shape[0]:
        kind = class_of(points, i, classes)
        if kind & (SPACE | LONE) and (i > start or kind & SPACE):
            break
        if kind & LETTER and is_unparted(np.int64(points[i])):
            if run == SEGMENT_LETTERS:
                break
            run += 1
        value = (value ^ np.uint64(points[i])) * _PRIME
        letters |= kind & LETTER
        if kind & SIGN:
            dots = _count_sign(points, i, dots, counts, line)
        elif dots:
            counts[ELLIPSES] += dots // 3
            dots = 0
        i += 1
        if kind & LONE:
            break
    counts[ELLIPSES] += dots // 3
    counts[ALPHABETIC] += letters > 0
    counts[WORD_CHARS] += i - start
    return i, value


@jit_in_place
def _count_sign(points: Any, i: int, dots: int, counts: Any, line: Any) -> Any:
    """Count a sign; return how many dots stand in a row up to it."""
    point = np.int64(points[i])
    if point == _DOT:
        return dots + 1
    counts[ELLIPSES] += dots // 3 + (point == _ELLIPSIS)
    if 48 <= point <= 57:
        counts[DIGITS] += 1
    elif point == _HASH_SIGN:
        counts[HASH_SIGNS] += 1
    elif point == _BRACE:
        counts[BRACES] += line[_LITERAL] == 0
    elif point == _DOLLAR or point == _BACKTICK:
        line[_LITERAL] = c4_lines.literal_after(points, i, line[_LITERAL])
    elif point != _ELLIPSIS and c4_lines.is_javascript(points, i):
        line[_MARKS] |= c4_lines.JAVASCRIPT
    return 0


@jit_in_place
def _end_piece(row: int, value: Any, n_chars: int, hashes: Any, chars: Any, counts: Any) -> None:
    """Write a line or paragraph behind those before it."""
    n = LINES if row == _LINE else PARAGRAPHS
    place = counts[n]
    hashes[row, place], chars[row, place] = value, n_chars
    counts[n] = place + 1


@jit_in_place
def _end_line(points: Any, start: int, end: int, classes: Any, counts: Any, line: Any) -> None:
    """Count what a line is, and clear what is known of it."""
    counts[LINE_CHARS] += end - start
    counts[SHORT_LINES] += end - start <= SHORT_LINE_CHARS
    counts[BULLET_LINES] += (class_of(points, start, classes) & BULLET) > 0
    counts[TERMINAL_LINES] += (class_of(points, end - 1, classes) & TERMINAL) > 0
    counts[ELLIPSIS_LINES] += points[end - 1] == _ELLIPSIS or (
        end - start > 2 and points[end - 1] == _DOT and points[end - 2] == _DOT and points[end - 3] == _DOT
    )
    counts[FEW_WORD_LINES] += c4_lines.few_words(line)
    counts[JAVASCRIPT_LINES] += (line[_MARKS] & c4_lines.JAVASCRIPT) > 0
    counts[POLICY_LINES] += (line[_MARKS] & c4_lines.POLICY) > 0
    sentences = c4_lines.sentences_kept(points, start, end, line)
    counts[C4_LINES] += sentences > 0
    counts[C4_SENTENCES] += sentences
    line[:_LITERAL] = 0
