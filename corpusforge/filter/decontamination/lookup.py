"""Where the n-grams of a table occur in a text: one compiled pass, in blocks of words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpusforge.compiled import jit
from corpusforge.filter.decontamination.gutters import without_gutters
from corpusforge.filter.decontamination.invisible import Visible, visible
from corpusforge.filter.decontamination.markup_words import HASH, KIND, SIGN, START, STOP
from corpusforge.filter.decontamination.normal_words import read_words
from corpusforge.filter.decontamination.spelling import spelling

ANCHOR_WORDS = 3
"""The last words of an item that is looked for whole; they say which lengths are tried."""
MAX_WHOLE_WORDS = 64
WHOLE = 0
"""The salt of whole items; n-grams have their number of words."""
_BASE = np.uint64(0x9E3779B97F4A7C15)  # 2^64 / golden ratio, odd
_BLOCK_WORDS = 1 << 15
_KEPT_WORDS = 256
"""Words that a block repeats of the one before; more than any window, signs included."""
_RADIX_BITS = 16

HIT_DTYPE = np.dtype([("row", "<i8"), ("word", "<i8"), ("start", "<i8"), ("stop", "<i8")])
"""Row of the table, place among the words (signs not counted) where it ends, first and last byte + 1."""


@dataclass(frozen=True, slots=True)
class Index:
    """Sorted `hashes` u64, with what finds them fast: `bits` and `radix`.

    `anchors` u64, sorted: the ends of whole items; bit k of `anchor_lengths[i]`: one of k + 1 words.
    """

    hashes: NDArray[np.uint64]
    radix: NDArray[np.int64]
    bits: NDArray[np.uint64]
    anchors: NDArray[np.uint64]
    anchor_lengths: NDArray[np.uint64]
    anchor_bits: NDArray[np.uint64]
    widths: NDArray[np.int64]


def make_index(
    hashes: NDArray[np.uint64],
    anchors: NDArray[np.uint64],
    anchor_lengths: NDArray[np.uint64],
    widths: tuple[int, ...],
) -> Index:
    """Return the index of sorted hashes; `widths` are the n-gram lengths in words."""
    tops = (hashes >> np.uint64(64 - _RADIX_BITS)).astype(np.int64)
    radix = np.searchsorted(tops, np.arange((1 << _RADIX_BITS) + 1)).astype(np.int64)
    return Index(
        hashes, radix, _bitmap(hashes, 8), anchors, anchor_lengths, _bitmap(anchors, 64),
        np.array(sorted(set(widths)), np.int64),
    )  # fmt: skip


def _bitmap(hashes: NDArray[np.uint64], bits_per_hash: int) -> NDArray[np.uint64]:
    """Return a bitmap, u64, a power of two long; a hash sets two bits in one place."""
    bits = np.zeros(1 << (max(8, len(hashes)) * bits_per_hash // 64).bit_length(), np.uint64)
    _set_bits(hashes, bits)
    return bits


def window_hashes(words: NDArray[np.uint64], n: int, salt: int) -> NDArray[np.uint64]:
    """Return the hash of each window of n words, in order; `salt` is n, or `WHOLE`."""
    out = np.empty(max(0, len(words) - n + 1), np.uint64)
    _windows(words, n, salt, out)
    return out


def anchor_hash(words: NDArray[np.uint64]) -> Any:
    """Return the hash of the last `ANCHOR_WORDS` words."""
    return int(window_hashes(words[-ANCHOR_WORDS:], ANCHOR_WORDS, ANCHOR_WORDS)[0])


def find(text: str, index: Index) -> NDArray[Any]:
    """Return the places where rows of a table occur in a text: `HIT_DTYPE`, in no stated order.

    A listing is read once more without what counts its lines; its words are counted by their bytes then.
    Memory beside the hits is the text's bytes, twice where some are invisible: words come in blocks.
    """
    seen = visible(text)
    places, n_words = _find(seen.data, index)
    if listings := without_gutters(seen.data):
        words_per_byte = n_words / max(1, len(seen.data))
        readings = [places, *(_find_listed(first, plain, index) for first, plain in listings)]
        hits = [reading for reading in readings if len(reading)]
        places = np.concatenate(hits) if len(hits) > 1 else (hits or readings)[0]
        places["word"] = places["stop"] * words_per_byte
    if not len(places):
        return places
    places["start"] = seen.bytes_before(places["start"])
    places["stop"] = seen.bytes_before(places["stop"] - 1) + 1
    return places


def _find_listed(first: int, plain: Visible, index: Index) -> NDArray[Any]:
    places, _ = _find(plain.data, index)
    if not len(places):
        return places
    places["start"] = plain.bytes_before(places["start"]) + first
    places["stop"] = plain.bytes_before(places["stop"] - 1) + 1 + first
    return places


def _find(data: NDArray[np.uint8], index: Index) -> tuple[NDArray[Any], int]:
    """Return (the places where rows of a table occur in UTF-8 bytes, how many words these are)."""
    arrays = (
        index.hashes, index.radix, index.bits, index.anchors, index.anchor_lengths, index.anchor_bits,
        index.widths,
    )  # fmt: skip
    words = np.empty((min(len(data) // 3, _BLOCK_WORDS) + _KEPT_WORDS + 64, 4), np.uint64)
    hits: list[NDArray[np.int64]] = [np.empty((0, 4), np.int64)]
    at, count, done, n_before = 0, 0, 0, 0
    # Not one compiled function: a cached one would not see that the words of another file changed.
    while at < len(data):
        at, count = read_words(data, at, spelling(), words, count)
        # the last word may yet be joined by the next block's first
        ready = count if at >= len(data) else count - 1
        found, n_before = _look_up(words, done, ready, n_before, arrays)
        hits.append(found)
        first = max(0, ready - _KEPT_WORDS)
        words[: count - first] = words[first:count].copy()
        count, done = count - first, ready - first
    return np.concatenate(hits).view(HIT_DTYPE).reshape(-1), n_before


@jit
def _mixed(value: Any) -> Any:
    value = (value ^ (value >> np.uint64(32))) * np.uint64(0xD6E8FEB86659FD93)
    return value ^ (value >> np.uint64(29))


@jit
def _finished(value: Any, salt: int) -> Any:
    value = (value + np.uint64(salt)) * np.uint64(0xD6E8FEB86659FD93)
    return (value ^ (value >> np.uint64(31))) * _BASE


@jit
def _power(n: int) -> Any:
    result = np.uint64(1)
    for _ in range(n):
        result *= _BASE
    return result


@jit
def _windows(words: Any, n: int, salt: int, out: Any) -> None:
    leaving = _power(n)
    rolling = np.uint64(0)
    for i in range(len(words)):
        rolling = rolling * _BASE + _mixed(words[i])
        if i >= n:
            rolling -= _mixed(words[i - n]) * leaving
        if i >= n - 1:
            out[i - n + 1] = _finished(rolling, salt)


@jit
def _place(values: Any, count: int, value: Any) -> Any:
    """Return the place of the first of `count` sorted values that is no less."""
    low, high = 0, count
    while low < high:
        middle = (low + high) >> 1
        if values[middle] < value:
            low = middle + 1
        else:
            high = middle
    return low


@jit
def _row(hashes: Any, radix: Any, key: Any) -> Any:
    """Return the place of a key among the sorted hashes, -1 where it is not."""
    top = np.int64(key >> np.uint64(64 - _RADIX_BITS))
    low, high = radix[top], radix[top + 1]
    while low < high:
        middle = (low + high) >> 1
        if hashes[middle] < key:
            low = middle + 1
        else:
            high = middle
    return low if low < radix[top + 1] and hashes[low] == key else -1


@jit
def _grown(hits: Any) -> Any:
    larger = np.empty((2 * len(hits), 4), np.int64)
    larger[: len(hits)] = hits
    return larger


@jit
def _look_up(out: Any, done: int, ready: int, words: int, index: Any) -> Any:
    """Return (hits, words so far): hits that end at the words `done:ready`; those before had their block.

    `words` counts what earlier blocks held, signs left out.
    """
    hits, n_hits = np.empty((16, 4), np.int64), 0
    plain = np.empty(ready + 1, np.uint64)  # hash of all words up to here, signs left out
    whole = np.empty(ready + 1, np.uint64)  # the same, signs included
    plain[0] = whole[0] = 0
    places = np.empty(ready + 1, np.int64)  # of the words that are no signs
    n_plain, n_done = 0, 0
    for i in range(ready):
        mixed = _mixed(out[i, HASH])
        whole[i + 1] = whole[i] * _BASE + mixed
        plain[n_plain + 1] = plain[n_plain] * _BASE + mixed
        places[n_plain] = i
        n_plain += out[i, KIND] != SIGN
        n_done += i < done and out[i, KIND] != SIGN
    near = np.empty(ready + 1, np.int64)
    rows, radix = index[0], index[1]
    for n in index[6]:
        for k in range(_candidates(plain, n_done, n_plain, n, index[2], near)):
            j = near[k]
            key = _finished(plain[j + 1] - plain[j + 1 - n] * _power(n), n)
            row = _row(rows, radix, key)
            if row >= 0:
                start, stop = out[places[j + 1 - n], START], out[places[j], STOP]
                hits, n_hits = _add(row, words + j - n_done, start, stop, hits, n_hits)
    for k in range(_candidates(whole, done, ready, ANCHOR_WORDS, index[5], near)):
        i = near[k]
        word = words + _place(places, n_plain, i) - n_done
        hits, n_hits = _add_wholes(index, whole, i, word, out, hits, n_hits)
    return hits[:n_hits].copy(), words + n_plain - n_done


@jit
def _candidates(prefix: Any, done: int, count: int, n: int, bits: Any, near: Any) -> Any:
    """Write the ends of windows of n words in `done:count` whose bits are set; return how many.

    No branch depends on a bit, so that many reads of the bitmap are under way at once.
    """
    power = _power(n)
    mask = np.uint64(len(bits) - 1)
    found = 0
    for j in range(max(done, n - 1), count):
        key = _finished(prefix[j + 1] - prefix[j + 1 - n] * power, n)
        both = _two_bits(key)
        near[found] = j
        found += np.int64(bits[np.int64((key >> np.uint64(32)) & mask)] & both == both)
    return found


@jit
def _two_bits(key: Any) -> Any:
    return np.uint64(1) << (key & np.uint64(63)) | np.uint64(1) << ((key >> np.uint64(6)) & np.uint64(63))


@jit
def _set_bits(keys: Any, bits: Any) -> None:
    mask = np.uint64(len(bits) - 1)
    for key in keys:
        bits[np.int64((key >> np.uint64(32)) & mask)] |= _two_bits(key)


@jit
def _add(row: int, word: int, start: int, stop: int, hits: Any, n_hits: int) -> Any:
    if n_hits == len(hits):
        hits = _grown(hits)
    hits[n_hits, 0] = row
    hits[n_hits, 1] = word
    hits[n_hits, 2] = start
    hits[n_hits, 3] = stop
    return hits, n_hits + 1


@jit
def _add_wholes(index: Any, whole: Any, i: int, word: int, out: Any, hits: Any, n_hits: int) -> Any:
    """Add the whole items that end at word i, of the lengths that their anchor has."""
    power = _power(ANCHOR_WORDS)
    anchor = _finished(whole[i + 1] - whole[i + 1 - ANCHOR_WORDS] * power, ANCHOR_WORDS)
    place = _place(index[3], len(index[3]), anchor)
    if place >= len(index[3]) or index[3][place] != anchor:
        return hits, n_hits
    lengths = index[4][place]
    for n in range(ANCHOR_WORDS, min(MAX_WHOLE_WORDS, i + 1) + 1):
        if lengths >> np.uint64(n - 1) & np.uint64(1):
            key = _finished(whole[i + 1] - whole[i + 1 - n] * power, WHOLE)
            row = _row(index[0], index[1], key)
            if row >= 0:
                hits, n_hits = _add(row, word, out[i + 1 - n, START], out[i, STOP], hits, n_hits)
        power *= _BASE
    return hits, n_hits
