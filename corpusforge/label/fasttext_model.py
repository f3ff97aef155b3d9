"""A quantised fastText classifier as it is served: read from its file, run in one compiled pass.

    line --words--> ids of words, of their character n-grams, of n-grams of words
         --rows of the quantised matrix--> mean --output matrix, softmax--> probabilities

It computes what fastText's C++ computes, in the same order and in 32-bit floats (`dictionary.cc`,
`productquantizer.cc`, `loss.cc` of fastText 0.9.2), without its strings and hash maps, which are most of
its time. Training stays with the library.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpusforge.compiled import jit, jit_in_place

_MAGIC, _VERSION, _SOFTMAX = 793712314, 12, 3
_ENTRY = re.compile(rb"([^\0]*)\0.{9}", re.DOTALL)
"""A word, its count (i64) and kind (i8)."""
_OFFSET, _PRIME = 2166136261, 16777619  # FNV-1a, 32 bits
_CENTROIDS, _PART_DIM = 256, 2
_ROW_BYTES = 16
_AT_ONCE = 4  # parts
_NO_ROW = -1
_EVERY_ROW = -1  # the size of a pruning index where nothing was pruned
_WORD_NGRAM = np.uint64(116049371)
_END_OF_LINE = b"</s>"


@dataclass(frozen=True, slots=True, eq=False)
class FastText:
    """A classifier of one line of text."""

    labels: tuple[str, ...]
    sizes: NDArray[np.int64]
    """Words, buckets, shortest and longest character n-gram, longest n-gram of words, the end of a line."""
    slots: NDArray[np.int32]
    """Word number by hash, open addressing; -1 is free."""
    spelled: NDArray[np.uint8]
    bounds: NDArray[np.int64]
    """Where in `spelled` each word begins and ends."""
    pruned: NDArray[np.int32]
    """Row of each bucket, -1 for none; of no length where every bucket has its row."""
    codes: NDArray[np.uint8]
    """[rows, 16 or a multiple]: the centroid of each part of a row, the code of its norm, nothing; rows are
    words, then buckets. So a row lies in one line of the processor's cache."""
    norms: NDArray[np.float32]
    """By code."""
    centroids: NDArray[np.float32]
    """[parts, 256, 2 dimensions]."""
    output: NDArray[np.float32]
    """[dimensions, labels]."""

    def predict(self, text: str, k: int, threshold: float, on_error: str) -> list[tuple[float, str]]:
        """Return the `k` best (probability, label) of a line; encoding errors as `on_error` says."""
        line = np.frombuffer(text.encode("utf-8", on_error), dtype=np.uint8)
        k = min(k, len(self.labels))
        chosen, places = np.empty(k, dtype=np.float32), np.empty(k, dtype=np.int64)
        known = _classify(
            line, self.sizes, self.slots, self.spelled, self.bounds, self.pruned, self.codes, self.norms,
            self.centroids, self.output, chosen, places,
        )  # fmt: skip
        if not known:
            return []
        return [
            (probability, self.labels[place])
            for probability, place in zip(chosen.tolist(), places.tolist(), strict=True)
            if probability >= threshold
        ]


def read_fasttext(data: bytes) -> FastText:
    """Return the classifier of an `.ftz` file. Raises ValueError where it is none that is served here."""
    reader = _Reader(data)
    if reader.values("ii") != (_MAGIC, _VERSION):
        raise ValueError("no fastText model, or of another version")
    dim, _, _, _, _, word_ngrams, loss, _, bucket, shortest, longest, _ = reader.values("12i")
    reader.values("d")
    _, n_words, n_labels, _, n_pruned = reader.values("iiiqq")
    names = reader.entries(n_words + n_labels)
    pairs = reader.array("<i4", 2 * max(0, n_pruned)).reshape(-1, 2)
    (is_quantised,) = reader.values("?")
    if not is_quantised or loss != _SOFTMAX:
        raise ValueError("a fastText model that is not quantised, or without a softmax, is not served")
    words = names[:n_words]
    pruned = np.full(bucket if n_pruned != _EVERY_ROW else 0, _NO_ROW, dtype=np.int32)
    pruned[pairs[:, 0]] = pairs[:, 1]
    codes, norms, centroids = reader.quantised(dim)
    (is_output_quantised,) = reader.values("?")
    if is_output_quantised or reader.values("qq") != (n_labels, dim):
        raise ValueError("a fastText model whose output is quantised is not served")
    slots = _word_slots(words)
    spelled = np.frombuffer(b"".join(words), dtype=np.uint8)
    bounds = np.cumsum([0, *map(len, words)], dtype=np.int64)
    end = words.index(_END_OF_LINE) if _END_OF_LINE in words else -1
    sizes = np.array([n_words, bucket, shortest, longest, word_ngrams, end], dtype=np.int64)
    output = np.ascontiguousarray(reader.array("<f4", n_labels * dim).reshape(n_labels, dim).T)
    labels = tuple(name.decode() for name in names[n_words:])
    return FastText(labels, sizes, slots, spelled, bounds, pruned, codes, norms, centroids, output)


class _Reader:
    """Reads little-endian values from bytes, one after another."""

    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0

    def values(self, form: str) -> tuple[Any, ...]:
        if self._at + struct.calcsize("<" + form) > len(self._data):
            raise ValueError("a fastText model that was cut short")
        found = struct.unpack_from("<" + form, self._data, self._at)
        self._at += struct.calcsize("<" + form)
        return found

    def entries(self, number: int) -> list[bytes]:
        """Return the words of the dictionary; their counts and kinds are passed over."""
        found = list(islice(_ENTRY.finditer(self._data, self._at), number))
        if len(found) < number:
            raise ValueError("a fastText model that was cut short")
        self._at = found[-1].end() if found else self._at
        return [entry[1] for entry in found]

    def array(self, dtype: str, size: int) -> NDArray[Any]:
        found = np.frombuffer(self._data, dtype=dtype, count=size, offset=self._at)
        self._at += found.nbytes
        return found

    def quantised(self, dim: int) -> tuple[NDArray[np.uint8], NDArray[np.float32], NDArray[np.float32]]:
        """Return (codes, with that of the norm behind each row's, norms, centroids) of a quantised matrix."""
        has_norms, n_rows, _, size = self.values("?qqi")
        codes = self.array("u1", size).reshape(n_rows, -1)
        _, parts, part_dim, last_dim = self.values("4i")
        if (part_dim, last_dim) != (_PART_DIM, _PART_DIM):
            raise ValueError(f"a fastText model quantised by other than {_PART_DIM} dimensions")
        centroids = self.array("<f4", dim * _CENTROIDS).reshape(parts, _CENTROIDS, _PART_DIM)
        rows = np.zeros((n_rows, -(-(parts + 1) // _ROW_BYTES) * _ROW_BYTES), dtype=np.uint8)
        rows[:, :parts] = codes
        norms = np.ones(1, dtype=np.float32)
        if has_norms:
            rows[:, parts] = self.array("u1", n_rows)
            self.values("4i")
            norms = self.array("<f4", _CENTROIDS)
        return rows, norms, centroids


def _word_slots(words: Sequence[bytes]) -> NDArray[np.int32]:
    size = 1 << (2 * len(words)).bit_length()
    slots = [-1] * size
    for number, place in enumerate((_hashes_of(words) % size).tolist()):
        while slots[place] >= 0:
            place = (place + 1) % size
        slots[place] = number
    return np.array(slots, dtype=np.int32)


def _hashes_of(words: Sequence[bytes]) -> NDArray[np.uint32]:
    """Return the hash of each word: FNV-1a with each byte's sign extended, as fastText has it."""
    sizes = np.array([len(word) for word in words], dtype=np.int64)
    starts = np.cumsum(sizes) - sizes
    data = np.frombuffer(b"".join(words), dtype=np.int8).astype(np.uint32)
    values = np.full(len(words), _OFFSET, dtype=np.uint32)
    for place in range(int(sizes.max(initial=0))):
        rows = np.flatnonzero(sizes > place)
        values[rows] = (values[rows] ^ data[starts[rows] + place]) * np.uint32(_PRIME)
    return values


@jit_in_place
def _added(value: Any, byte: Any) -> Any:
    """Return a hash with one more byte, which C++ takes for signed."""
    wide = np.uint64(byte) if byte < 0x80 else np.uint64(byte) | np.uint64(0xFFFFFF00)
    return ((value ^ wide) * np.uint64(_PRIME)) & np.uint64(0xFFFFFFFF)


@jit
def _classify(
    line: Any, sizes: Any, slots: Any, spelled: Any, bounds: Any, pruned: Any, codes: Any, norms: Any,
    centroids: Any, output: Any, chosen: Any, places: Any,
) -> bool:  # fmt: skip
    """Write the highest probabilities and their labels; return False for a line of nothing known.

    What is added is gathered first: then many reads of the matrix are under way at once.
    """
    n = line.shape[0]
    found = np.empty((n + 2) * (2 + max(0, sizes[3]) + sizes[4]), dtype=np.int64)
    hashes, edged = np.empty(n + 2, dtype=np.int64), np.empty(n + 2, dtype=np.uint8)
    count, n_hashes, at = 0, 0, 0
    while at < n:
        start, value, word = at, np.uint64(_OFFSET), np.int64(-1)
        while at < n and not _is_space(line[at]):
            value = _added(value, line[at])
            at += 1
        is_end = at == start and line[at] == 10
        if at == start and not is_end:
            at += 1
            continue
        if is_end:
            word, value = sizes[5], np.uint64(_END_OF_LINE_HASH)
        else:
            word = _word_at(line, start, at, value, slots, spelled, bounds)
            is_end = word >= 0 and word == sizes[5]
        if word >= 0:
            found[count] = word
            count += 1
        if not is_end and sizes[3] > 0:
            count = _character_ngrams(line, start, at, sizes, edged, found, count)
        hashes[n_hashes] = np.int64(np.int32(np.uint32(value)))
        n_hashes += 1
        if is_end:
            break
    count = _word_ngrams(hashes, n_hashes, sizes, found, count)
    count = _with_rows(found, count, sizes, pruned)
    if count:
        hidden = np.zeros(output.shape[0], dtype=np.float32)
        found_norms = np.empty(count, dtype=np.float32)
        for k in range(count):
            found_norms[k] = norms[codes[found[k], centroids.shape[0]]]
        _sum(found, found_norms, codes, centroids, hidden)
        logs = np.zeros(output.shape[1], dtype=np.float32)
        _softmax(hidden, np.float32(1.0 / count), output, logs)
        _choose(logs, chosen, places)
    return count > 0


_END_OF_LINE_HASH = int(_hashes_of([_END_OF_LINE])[0])


@jit_in_place
def _is_space(byte: Any) -> bool:
    return byte == 32 or 9 <= byte <= 13 or byte == 0


@jit_in_place
def _word_at(line: Any, start: int, stop: int, value: Any, slots: Any, spelled: Any, bounds: Any) -> Any:
    """Return the number of a word of the dictionary, -1 for any other."""
    mask = slots.shape[0] - 1
    place = np.int64(value) & mask
    while slots[place] >= 0:
        word = slots[place]
        first, size = bounds[word], bounds[word + 1] - bounds[word]
        if size == stop - start:
            same = 0
            while same < size and spelled[first + same] == line[start + same]:
                same += 1
            if same == size:
                return np.int64(word)
        place = (place + 1) & mask
    return np.int64(-1)


@jit_in_place
def _character_ngrams(
    line: Any, start: int, stop: int, sizes: Any, edged: Any, found: Any, count: int
) -> int:
    """Write the buckets, less 1 and negated, of the n-grams of `<word>`; return how many are found so far."""
    size, shortest, longest, n_buckets = stop - start + 2, sizes[2], sizes[3], sizes[1]
    per_bucket = 1.0 / n_buckets
    edged[0], edged[size - 1] = 60, 62
    for k in range(start, stop):
        edged[k - start + 1] = line[k]
    for i in range(size):
        if edged[i] & 0xC0 == 0x80:
            continue
        value, j = np.uint64(_OFFSET), i
        for n in range(1, longest + 1):
            if j >= size:
                break
            value = _added(value, edged[j])
            j += 1
            while j < size and edged[j] & 0xC0 == 0x80:
                value = _added(value, edged[j])
                j += 1
            if n >= shortest and not (n == 1 and (i == 0 or j == size)):
                # The remainder; a product takes less time than a division.
                bucket = np.int64(value) - np.int64(np.float64(value) * per_bucket) * n_buckets
                bucket += n_buckets if bucket < 0 else -n_buckets if bucket >= n_buckets else 0
                found[count] = -1 - bucket
                count += 1
    return count


@jit_in_place
def _word_ngrams(hashes: Any, n_hashes: int, sizes: Any, found: Any, count: int) -> int:
    """Write the buckets, less 1 and negated, of n-grams of words; return how many are found so far."""
    for i in range(n_hashes):
        value = np.uint64(hashes[i])
        for j in range(i + 1, min(n_hashes, i + sizes[4])):
            value = value * _WORD_NGRAM + np.uint64(hashes[j])
            found[count] = -1 - np.int64(value % np.uint64(sizes[1]))
            count += 1
    return count


@jit_in_place
def _with_rows(found: Any, count: int, sizes: Any, pruned: Any) -> int:
    """Put rows for buckets, and leave out those that have none; return how many are left."""
    left, n_words, is_pruned = 0, sizes[0], pruned.shape[0] > 0
    for k in range(count):
        row = found[k]
        if row < 0:
            row = np.int64(pruned[-1 - row]) if is_pruned else -1 - row
            row = n_words + row if row >= 0 else _NO_ROW
        found[left] = row
        left += row >= 0
    return left


@jit_in_place
def _sum(found: Any, norms: Any, codes: Any, centroids: Any, hidden: Any) -> None:
    """Add up rows, some parts of two dimensions at a time, whose sums stay in registers."""
    parts = centroids.shape[0]
    together = parts // _AT_ONCE * _AT_ONCE
    for part in range(0, together, _AT_ONCE):
        a0 = a1 = b0 = b1 = c0 = c1 = d0 = d1 = np.float32(0)
        for k in range(norms.shape[0]):
            row, norm = codes[found[k]], norms[k]
            a, b, c, d = row[part], row[part + 1], row[part + 2], row[part + 3]
            a0 += norm * centroids[part, a, 0]
            a1 += norm * centroids[part, a, 1]
            b0 += norm * centroids[part + 1, b, 0]
            b1 += norm * centroids[part + 1, b, 1]
            c0 += norm * centroids[part + 2, c, 0]
            c1 += norm * centroids[part + 2, c, 1]
            d0 += norm * centroids[part + 3, d, 0]
            d1 += norm * centroids[part + 3, d, 1]
        for n, value in enumerate((a0, a1, b0, b1, c0, c1, d0, d1)):
            hidden[2 * part + n] = value
    for part in range(together, parts):
        first = second = np.float32(0)
        for k in range(norms.shape[0]):
            code, norm = codes[found[k], part], norms[k]
            first += norm * centroids[part, code, 0]
            second += norm * centroids[part, code, 1]
        hidden[2 * part], hidden[2 * part + 1] = first, second


@jit_in_place
def _softmax(hidden: Any, scale: Any, output: Any, logs: Any) -> None:
    """Write the logarithms of the labels' probabilities in the place of zeros."""
    dim, n = output.shape
    best = np.float32(-np.inf)
    for k in range(dim):
        hidden[k] *= scale
    for k in range(dim):
        weight = hidden[k]
        for label in range(n):
            logs[label] += output[k, label] * weight
    for label in range(n):
        best = max(best, logs[label])
    total = np.float32(0)
    for label in range(n):
        logs[label] = np.float32(np.exp(np.float64(logs[label] - best)))
        total += logs[label]
    for label in range(n):
        logs[label] = np.float32(np.log(np.float64(logs[label] / total) + 1e-5))


@jit_in_place
def _choose(logs: Any, chosen: Any, places: Any) -> None:
    """Write the highest probabilities, of equal ones the first, and their places; logs are used up."""
    for k in range(chosen.shape[0]):
        best = np.int64(0)
        for label in range(1, logs.shape[0]):
            if logs[label] > logs[best]:
                best = np.int64(label)
        chosen[k], places[k] = np.float32(np.exp(np.float64(logs[best]))), best
        logs[best] = -np.float32(np.inf)
