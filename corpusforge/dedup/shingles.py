"""Normalised UTF-8 -> shingle hashes: words of any script, or the tokens of a program.

A *word* is a run of letters, marks, digits and `_`. Scripts written without spaces count by
character. As *tokens*, every other visible character (operators, brackets, punctuation) is
one too, and identifiers stay what they are.

The hashes: a word is cut into pieces, ASCII characters up to eight to a piece (big endian),
any other character p a piece of its own (2^40 + p). From h = 0, h = (h ^ piece) * M and
h ^= h >> 32 for each. A shingle's hash is the sum of h_i * M^(n-1-i) mod 2^64 over its n
words, folded to 32 bits by xor of its halves. M = 0x9E3779B97F4A7C15. `fold` then applies
MurmurHash3's fmix32, which is datasketch's pre-mix for its `affine32` scheme.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpusforge import unicode
from corpusforge.compiled import jit

WORDS, TOKENS = 0, 1
"""Rows of `character_classes`."""

_SEPARATOR, _WORD, _ALONE = 0, 1, 2
_UNSPACED = (
    (0x0E00, 0x0F00),  # Thai, Lao
    (0x1000, 0x10A0),  # Burmese
    (0x1780, 0x1800),  # Khmer
    (0x19E0, 0x1A00),  # Khmer symbols
    (0x3040, 0x3100),  # kana
    (0x31F0, 0x3200),
    (0x3400, 0xA000),  # Han
    (0xA9E0, 0xAA00),  # Burmese
    (0xAA60, 0xAA80),
    (0xF900, 0xFB00),
    (0x1AFF0, 0x1B170),  # kana
    (0x20000, 0x32400),  # Han
)


@lru_cache(maxsize=1)
def character_classes() -> NDArray[np.uint8]:
    """Return u8 [2, 0x110000] for words and tokens: separator, part of a word, a word of its own.

    A table, because `unicodedata.category` costs more than hashing a word.
    """
    table = np.zeros((2, 0x110000), dtype=np.uint8)
    for first, last in (
        (0, 0x3400),
        (0xA000, 0xAC00),
        (0xD7A4, 0xE000),
        (0xF900, 0x20000),
        (0xE0100, 0xE01F0),
    ):
        categories = "".join(map(unicode.category, map(chr, range(first, last)))).encode()
        major = np.frombuffer(categories, dtype="S1")[::2]
        is_word, is_visible = np.isin(major, [b"L", b"N", b"M"]), np.isin(major, [b"P", b"S"])
        if first <= ord("_") < last:
            is_word[ord("_") - first] = True
        table[WORDS, first:last] = np.where(is_word, _WORD, _SEPARATOR)
        table[TOKENS, first:last] = np.where(is_visible & ~is_word, _ALONE, table[WORDS, first:last])
    for first, last in ((0x3400, 0xA000), (0xAC00, 0xD7A4), (0x20000, 0x32400)):
        table[:, first:last] = _WORD
    for first, last in _UNSPACED:
        window = table[:, first:last]
        window[window == _WORD] = _ALONE
    return table


@jit
def fold(value: Any) -> Any:
    """Return 32 bits of a 64-bit hash through MurmurHash3's fmix32, datasketch's pre-mix."""
    h = np.uint32(value ^ (value >> np.uint64(32)))
    h ^= h >> np.uint32(16)
    h = np.uint32(h * np.uint32(0x85EBCA6B))
    h ^= h >> np.uint32(13)
    h = np.uint32(h * np.uint32(0xC2B2AE35))
    return np.uint32(h ^ (h >> np.uint32(16)))


@jit
def _mixed(word: Any, piece: Any) -> Any:
    word = (word ^ piece) * np.uint64(0x9E3779B97F4A7C15)
    return word ^ (word >> np.uint64(32))


@jit
def decoded(data: Any, position: Any, point: Any) -> Any:
    """Return (code point, bytes) of the character that begins at a place with byte `point`."""
    length = 2 + (point >= 0xE0) + (point >= 0xF0)
    point &= 0x7F >> length
    for k in range(1, length):
        point = (point << 6) | np.int64(data[np.uint64(position + k)] & 0x3F)
    return point, length


@jit
def hash_shingles(data: Any, start: int, stop: int, classes: Any, width: int, ring: Any, hashes: Any) -> int:
    """Write the fmix32-ed hash of every shingle of one UTF-8 text; return how many.

    A text of fewer words than a shingle has one, the whole; a text without a word has none.
    `ring` is u64 [width] to work in, `hashes` has room for stop - start + 1.
    """
    mix = np.uint64(0x9E3779B97F4A7C15)
    wide = np.uint64(1) << np.uint64(40)
    leaving = np.uint64(1)
    for k in range(width):
        leaving *= mix
        ring[k] = np.uint64(0)
    rolling = word = piece = np.uint64(0)
    held = slot = words = 0
    in_word = False
    position = start
    while position <= stop:
        point, length, kind = np.int64(0), 1, np.uint8(0)
        if position < stop:
            point = np.int64(data[np.uint64(position)])
            if point >= 0x80:
                point, length = decoded(data, position, point)
            kind = classes[np.uint64(point)]
        position += length
        if kind == 1 and point < 0x80:
            in_word = True
            piece = (piece << np.uint64(8)) | np.uint64(point)
            held += 1
            if held == 8:
                word, piece, held = _mixed(word, piece), np.uint64(0), 0
            continue
        if held:
            word, piece, held = _mixed(word, piece), np.uint64(0), 0
        if kind == 1:
            in_word = True
            word = _mixed(word, wide | np.uint64(point))
            continue
        for turn in range(2):  # the word that ended here, then a character that is one
            if (turn == 0 and not in_word) or (turn == 1 and kind != 2):
                continue
            if turn == 1:
                word = _mixed(np.uint64(0), wide | np.uint64(point))
            rolling = rolling * mix + word - ring[slot] * leaving
            ring[slot] = word
            slot = slot + 1 if slot + 1 < width else 0
            words += 1
            if words >= width:
                hashes[words - width] = fold(rolling)
            in_word, word = False, np.uint64(0)
    if 0 < words < width:
        hashes[0] = fold(rolling)
        return 1
    return max(words - width + 1, 0)
