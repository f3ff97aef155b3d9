"""Text -> MinHash signature, in one compiled pass, and the sidecar that keeps it.

The permutations and the arithmetic are datasketch's `affine32` scheme (its default since
2.0): h' = fmix32(h); value_k = min over shingles of a_k * h' + b_k mod 2^32. The 32-bit
shingle hash h is ours: see `_hash_shingles`. `datasketch.MinHash(scheme="affine32",
hashvalues=…)` accepts the rows.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, cast

import numba
import numpy as np
from numpy.typing import NDArray

from corpusforge.dedup.config import SignatureConfig
from corpusforge.text import normalised

U32 = np.uint32
U64 = np.uint64
EMPTY = 0xFFFFFFFF
"""The value of a signature with no shingle (datasketch's empty sentinel)."""

_SEPARATOR, _WORD, _ALONE = 0, 1, 2


def signature_dtype(permutations: int) -> np.dtype[Any]:
    """Return the row of a part's signature sidecar (`.npy`, little endian).

    `doc` and `content` are the 128-bit ids as two u64, high half first; `domain` is the
    domain's place in `Domain`.
    """
    return np.dtype(
        [
            ("doc", "<u8", (2,)),
            ("content", "<u8", (2,)),
            ("domain", "u1"),
            ("n_bytes", "<u8"),
            ("minhash", "<u4", (permutations,)),
        ]
    )


def signatures(texts: Sequence[str], config: SignatureConfig) -> NDArray[np.uint32]:
    """Return the signatures of texts: u32 [n, permutations].

    Texts are compared as `text.normalised` gives them. A text of fewer words than a
    shingle has one shingle, the whole; a text without a word has the empty signature.
    """
    encoded = [normalised(text).encode() for text in texts]
    ends = np.cumsum([len(data) for data in encoded], dtype=np.int64)
    multipliers, offsets = permutations(config.permutations, config.seed)
    out = np.full((len(texts), config.permutations), EMPTY, dtype=U32)
    if encoded:
        data = np.frombuffer(b"".join(encoded), dtype=np.uint8)
        _minhash(data, ends, _character_classes(), config.shingle_words, multipliers, offsets, out)
    return out


@lru_cache(maxsize=4)
def permutations(count: int, seed: int) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    """Return (a, b), u32 [count] each, drawn as `datasketch.MinHash` draws them."""
    generator = np.random.RandomState(seed)
    a = generator.randint(0, 1 << 31, count, dtype=U32) * U32(2) + U32(1)
    b = generator.randint(0, 1 << 32, count, dtype=U32)
    return a, b


@lru_cache(maxsize=1)
def _character_classes() -> NDArray[np.uint8]:
    """Return u8 [0x110000]: separator, part of a word, or a word of its own.

    Scripts written without spaces count by character: Han, kana, Thai, Lao, Khmer, Burmese.
    """
    table = np.zeros(0x110000, dtype=np.uint8)
    for first, last in _assigned_ranges():
        for point in range(first, last):
            if unicodedata.category(chr(point))[0] in "LNM" or point == ord("_"):
                table[point] = _WORD
    for first, last in _UNSPACED:
        window = table[first:last]
        window[window == _WORD] = _ALONE
    return table


_UNSPACED = (
    (0x0E00, 0x0F00),  # Thai, Lao
    (0x1000, 0x10A0),  # Burmese
    (0x1780, 0x1800),  # Khmer
    (0x3040, 0x3100),  # kana
    (0x3400, 0xA000),  # Han
    (0xF900, 0xFB00),
    (0x20000, 0x32000),
)


def _assigned_ranges() -> tuple[tuple[int, int], ...]:
    return ((0, 0x32000), (0xE0100, 0xE01F0))


def _jit(function: Any) -> Any:
    # the cache on disk spares every worker the compilation
    return cast(Any, numba.njit(cache=True, nogil=True, boundscheck=False)(function))


@_jit
def _minhash(data: Any, ends: Any, classes: Any, width: int, a: Any, b: Any, out: Any) -> None:
    hashes = np.empty(4096, dtype=np.uint32)
    start = 0
    for row in range(ends.shape[0]):
        stop = ends[row]
        if stop - start + 1 > hashes.shape[0]:
            hashes = np.empty(2 * (stop - start + 1), dtype=np.uint32)
        count = _hash_shingles(data, start, stop, classes, width, hashes)
        _minimise(hashes, count, a, b, out[row])
        start = stop


@_jit
def _minimise(hashes: Any, count: int, a: Any, b: Any, row: Any) -> None:
    """Lower `row` to the minimum of every permutation over `hashes[:count]`."""
    for k in range(row.shape[0]):
        ak = a[k]
        bk = b[k]
        low = row[k]
        for i in range(count):
            low = min(low, np.uint32(ak * hashes[i] + bk))
        row[k] = low


@_jit
def _hash_shingles(data: Any, start: int, stop: int, classes: Any, width: int, hashes: Any) -> int:
    """Write the fmix32-ed hash of every shingle of one UTF-8 text; return how many.

    A word's hash is FNV-1a (64 bit) over its bytes, finished by a multiply; a shingle's
    is the polynomial of its words' hashes in the same odd multiplier, folded to 32 bits.
    """
    prime = np.uint64(0x100000001B3)
    basis = np.uint64(0xCBF29CE484222325)
    mix = np.uint64(0x9E3779B97F4A7C15)
    leaving = np.uint64(1)
    for _ in range(width):
        leaving *= mix
    ring = np.zeros(width, dtype=np.uint64)
    rolling = np.uint64(0)
    word = basis
    in_word = False
    words = 0
    count = 0
    position = start
    while position <= stop:
        kind = 0
        length = 1
        if position < stop:
            first = data[position]
            if first < 0x80:
                kind = classes[first]
            else:
                length = 2 + (first >= 0xE0) + (first >= 0xF0)
                point = np.int64(first & (0x7F >> length))
                for k in range(1, length):
                    point = (point << 6) | np.int64(data[position + k] & 0x3F)
                kind = classes[point]
        if in_word and kind != 1:
            word = (word ^ (word >> np.uint64(32))) * mix
            slot = words % width
            rolling = rolling * mix + word - ring[slot] * leaving
            ring[slot] = word
            words += 1
            in_word = False
            word = basis
            if words >= width:
                hashes[count] = _fold(rolling)
                count += 1
        if kind != 0:
            for k in range(length):
                word = (word ^ np.uint64(data[position + k])) * prime
            in_word = True
            if kind == 2:
                word = (word ^ (word >> np.uint64(32))) * mix
                slot = words % width
                rolling = rolling * mix + word - ring[slot] * leaving
                ring[slot] = word
                words += 1
                in_word = False
                word = basis
                if words >= width:
                    hashes[count] = _fold(rolling)
                    count += 1
        position += length
    if 0 < words < width:
        hashes[0] = _fold(rolling)
        count = 1
    return count


@_jit
def _fold(value: Any) -> Any:
    """Return 32 bits of a 64-bit hash through MurmurHash3's fmix32, datasketch's pre-mix."""
    h = np.uint32(value ^ (value >> np.uint64(32)))
    h ^= h >> np.uint32(16)
    h = np.uint32(h * np.uint32(0x85EBCA6B))
    h ^= h >> np.uint32(13)
    h = np.uint32(h * np.uint32(0xC2B2AE35))
    return np.uint32(h ^ (h >> np.uint32(16)))
