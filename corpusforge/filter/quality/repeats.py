"""Which pieces of a text repeat: lines and paragraphs, words, stop words and n-grams, all as hashes."""

from __future__ import annotations

from typing import Any

import numpy as np

from corpusforge.compiled import jit, jit_in_place

TOP_NGRAMS, DUPLICATE_NGRAMS = range(2, 5), range(5, 11)
FIRST_N, LAST_N = 2, 10

_MIX = np.uint64(0x9E3779B97F4A7C15)  # 2^64 / golden ratio: Knuth's multiplicative hash
_SHIFT, _ONE = np.uint64(29), np.uint64(1)


@jit
def _slots(n: int) -> Any:
    """Return a table of twice as many places as n or more, a power of two, all free (-1)."""
    size = 16
    while size < 2 * n:
        size *= 2
    return np.full(size, -1, dtype=np.int32)


@jit_in_place
def _slot(table: Any, hashes: Any, value: Any) -> Any:
    """Return the place in a table where a hash stands or would; the table holds places in `hashes`."""
    mask = np.uint64(table.shape[0] - 1)
    slot = ((value ^ (value >> _SHIFT)) * _MIX >> np.uint64(32)) & mask
    while table[np.int64(slot)] >= 0 and hashes[table[np.int64(slot)]] != value:
        slot = (slot + _ONE) & mask
    return np.int64(slot)


@jit
def add_repeats(hashes: Any, chars: Any, n: Any, out: Any) -> None:
    """Add to `out` how many of the first n[0] pieces repeat an earlier one, and their characters."""
    table = _slots(n[0])
    for k in range(n[0]):
        slot = _slot(table, hashes, hashes[k])
        if table[slot] < 0:
            table[slot] = k
        else:
            out[0] += 1
            out[1] += chars[k]


@jit
def identified(words: Any, n: int) -> Any:
    """Return (id of each word, by first occurrence; table of those; how often by id; how many ids)."""
    table = _slots(n)
    ids, seen = np.empty(n, dtype=np.int64), np.zeros(n, dtype=np.int64)
    kinds = 0
    for k in range(n):
        slot = _slot(table, words, words[k])
        if table[slot] < 0:
            table[slot] = k
            ids[k] = kinds
            kinds += 1
        else:
            ids[k] = ids[table[slot]]
        seen[ids[k]] += 1
    return ids, table, seen, kinds


@jit
def add_stops(
    words: Any, ids: Any, table: Any, seen: Any, stop_words: Any, stop_kinds: Any, out: Any
) -> None:
    """Add to `out` how many stop words are among the words, and how often."""
    last = -1
    for k in range(stop_words.shape[0]):
        place = table[_slot(table, words, stop_words[k])]
        if place >= 0:
            out[0] += stop_kinds[k] != last
            out[1] += seen[ids[place]]
            last = stop_kinds[k]


@jit
def count_ngrams(ids: Any, word_chars: Any, n_words: int, chars: Any) -> None:
    """Write the characters in n-grams that repeat.

    An n-gram can only repeat where its first n - 1 words do, so each n looks at the positions
    that the one before left: the first costs a table of all, the others nearly nothing.
    """
    ends = np.zeros(n_words + 1, dtype=np.int64)
    positions, hashes = np.arange(n_words), np.empty(n_words, dtype=np.uint64)
    for k in range(n_words):
        ends[k + 1] = ends[k] + word_chars[k]
        hashes[k] = (np.uint64(ids[k]) + _ONE) * _MIX
    left = n_words
    for n in range(FIRST_N, LAST_N + 1):
        kept = 0
        for k in range(left):
            at = positions[k]
            if at + n <= n_words:
                positions[kept] = at
                hashes[kept] = (hashes[k] ^ (hashes[k] >> _SHIFT)) * _MIX + (
                    np.uint64(ids[at + n - 1]) + _ONE
                ) * _MIX
                kept += 1
        left = _repeated(positions, hashes, kept, n, ends, chars) if kept > 1 else 0


@jit
def _repeated(positions: Any, hashes: Any, kept: int, n: int, ends: Any, chars: Any) -> Any:
    """Write the characters of one n; keep the positions of n-grams that repeat, and return how many."""
    table = _slots(kept)
    firsts, times = np.empty(kept, dtype=np.int64), np.zeros(kept, dtype=np.int64)
    covered = 0
    for k in range(kept):
        slot = _slot(table, hashes, hashes[k])
        if table[slot] < 0:
            table[slot] = k
        elif n > 4:
            at = positions[k]
            chars[n] += ends[at + n] - ends[max(covered, at)]
            covered = at + n
        firsts[k] = table[slot]
        times[firsts[k]] += 1
    left = 0
    for k in range(kept):
        if times[firsts[k]] > 1:
            at = positions[k]
            if n <= 4:
                chars[n] = max(chars[n], (ends[at + n] - ends[at]) * times[firsts[k]])
            positions[left], hashes[left] = at, hashes[k]
            left += 1
    return left
