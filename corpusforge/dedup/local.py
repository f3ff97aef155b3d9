"""Dedup of one table on one machine: the pipeline's own functions, without a runner.

What is held in memory per document is a key, a ref and a parent (about 60 bytes); signatures
and band keys lie in files, one file a band, so that each band is read once from front to end.
"""

from __future__ import annotations

import mmap
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from typing import IO, Any, cast

import numpy as np
import xxhash
from numpy.typing import NDArray

from corpusforge.compiled import jit
from corpusforge.dedup.bands import PAIR_DTYPE, Refs, Rows, Sets, band_keys
from corpusforge.dedup.buckets import candidates, checked_edges
from corpusforge.dedup.clusters import apart, roots, unite
from corpusforge.dedup.config import DedupConfig
from corpusforge.dedup.leaders import BLOCK_ROWS
from corpusforge.dedup.normal import normalised_bytes
from corpusforge.dedup.order import NO_LICENCE, UNKNOWN_DATE
from corpusforge.dedup.policy import policy_of
from corpusforge.dedup.signature import signature_dtype, signatures_of
from corpusforge.dedup.survivors import Members, clusters
from corpusforge.domains import Domain

_ROWS_MAPPED = 32_768
"""Rows read from a mapped file before its pages are given back: at most 32,768 pages, 128 MB."""
_BLOCKS = 64
"""A block of signatures grows with the table, so that as many of its rows share a page: 9 bytes a row."""
RANGE_KEYS = 1 << 18
"""Keys of a band that are compared at a time: what is sifted and sorted stays in the caches."""


def signature_rows(
    texts: Sequence[str], orders: NDArray[np.uint64], config: DedupConfig, domain: Domain
) -> Rows:
    """Return the signature rows of texts of one domain; `orders` (u64 [n, 2]) says which id is lower.

    A row's `doc` is its order where two rows never have the same; it is not a document id.
    """
    data, ends = normalised_bytes(texts)
    rows = np.zeros(len(texts), dtype=signature_dtype(config.signature.permutations))
    rows["doc"] = orders
    rows["content"] = _content_hashes(data, ends)
    rows["n_bytes"] = [len(text.encode("utf-8", "replace")) for text in texts]
    rows["date"], rows["licence"] = UNKNOWN_DATE, NO_LICENCE
    rows["domain"] = list(Domain).index(domain)
    rows["minhash"] = signatures_of(data, ends, config.signature, [domain] * len(texts))
    return rows


def _content_hashes(data: NDArray[np.uint8], ends: NDArray[np.int64]) -> NDArray[np.uint64]:
    """Return `text.content_hash` of normalised texts as two u64 each, high half first."""
    view, digests, start = memoryview(cast(Any, data)), list[bytes](), 0
    for stop in ends.tolist():
        digests.append(xxhash.xxh3_128_digest(view[start:stop]))
        start = stop
    return np.frombuffer(b"".join(digests), dtype=">u8").reshape(-1, 2).astype(np.uint64)


class _MappedRows:
    """Rows of a mapped file by number; gives pages back, so that memory does not grow with the file."""

    def __init__(self, path: str, dtype: np.dtype[Any]) -> None:
        self._rows: Any = np.memmap(path, dtype, mode="r")
        self._words = self._rows.view("<u4").reshape(len(self._rows), -1)
        self._taken = 0

    def __call__(self, refs: Refs) -> Rows:
        taken = np.empty(len(refs), dtype=self._rows.dtype)
        words = taken.view("<u4").reshape(len(refs), -1)
        numbers = refs.astype(np.int64)
        order = np.argsort(numbers)
        for start in range(0, len(refs), _ROWS_MAPPED):
            self._taken += _gather(self._words, numbers, order[start : start + _ROWS_MAPPED], words)
            if self._taken > _ROWS_MAPPED:
                self._rows._mmap.madvise(mmap.MADV_DONTNEED)
                self._taken = 0
        return taken


@jit
def _gather(rows: Any, numbers: Any, order: Any, out: Any) -> int:
    """Copy row `numbers[k]` to place k, for the k in `order`; return how many."""
    for k in order:
        row = numbers[k]
        for word in range(rows.shape[1]):
            out[k, word] = rows[row, word]
    return order.shape[0]


@jit
def _scattered(keys: Any, bits: int, ends: Any, out: Any) -> None:
    """Sort (key, row number) into 2**bits ranges of keys, bits > 0; `ends` becomes where each range ends.

    A key of 0 is none. `out` is u64 [n, 2].
    """
    shift = np.uint64(64 - bits)
    for row in range(keys.shape[0]):
        if keys[row] != 0:
            ends[np.int64(keys[row] >> shift)] += 1
    total = 0
    for place in range(ends.shape[0]):
        size = ends[place]
        ends[place] = total
        total += size
    for row in range(keys.shape[0]):
        if keys[row] != 0:
            place = np.int64(keys[row] >> shift)
            out[ends[place], 0] = keys[row]
            out[ends[place], 1] = row
            ends[place] += 1


class SignatureStore:
    """Signatures and band keys of a table, row after row, in files of a folder; a context manager."""

    def __init__(self, folder: str, config: DedupConfig) -> None:
        os.makedirs(folder, exist_ok=True)
        self._config = config
        self._policy = policy_of(config)
        self._stack = ExitStack()
        self._signature_path = os.path.join(folder, "signatures.bin")
        n_keys = 2 + self._policy.bands
        self._key_paths = [os.path.join(folder, f"keys-{number:03d}.u64") for number in range(n_keys)]
        self._files: list[IO[bytes]] = [
            self._stack.enter_context(open(path, "wb")) for path in [self._signature_path, *self._key_paths]
        ]
        self._set_path = os.path.join(folder, "shingles.u32")
        self._set_file: IO[bytes] = self._stack.enter_context(open(self._set_path, "wb"))
        self._set_sizes: list[int] = []
        self.n_rows = 0

    def __enter__(self) -> SignatureStore:
        return self

    def __exit__(self, *exception: object) -> None:
        self._stack.close()

    def add(self, rows: Rows, sets: Sequence[NDArray[np.uint32]] | None = None) -> None:
        """Append signature rows, and the shingles of each where the check is `jaccard`."""
        self._files[0].write(rows.tobytes())
        for handle, keys in zip(self._files[1:], band_keys(rows, self._policy), strict=True):
            handle.write(keys.tobytes())
        for values in sets or ():
            self._set_file.write(values.tobytes())
            self._set_sizes.append(len(values))
        self.n_rows += len(rows)

    def lookup(self) -> Callable[[Refs], Rows]:
        """Return a look-up of signature rows by row number."""
        self._stack.close()
        dtype = signature_dtype(self._config.signature.permutations)
        if not self.n_rows:
            return lambda refs: np.empty(0, dtype)
        return _MappedRows(self._signature_path, dtype)

    def sets(self) -> Sets | None:
        """Return a look-up of shingles; None where none were given."""
        if not self._set_sizes:
            return None
        self._stack.close()
        values: Any = (
            np.memmap(self._set_path, "<u4", mode="r") if sum(self._set_sizes) else np.empty(0, "<u4")
        )
        starts = np.cumsum([0, *self._set_sizes], dtype=np.int64)
        return lambda refs: [values[starts[row] : starts[row + 1]] for row in refs.astype(np.int64).tolist()]

    def clusters(self) -> Iterator[Members]:
        """Yield the clusters of all rows; refs are row numbers."""
        lookup, sets = self.lookup(), self.sets()
        parents = np.arange(self.n_rows, dtype=np.int64)
        block_rows = max(BLOCK_ROWS, self.n_rows // _BLOCKS)
        for path in self._key_paths:
            for pairs in self._candidates(path, parents, block_rows):
                edges = checked_edges(pairs, lookup, self._policy, sets=sets, block_rows=block_rows)
                unite(edges["low"].astype(np.int64), edges["high"].astype(np.int64), parents)
        root = roots(parents)
        refs = np.flatnonzero(np.bincount(root, minlength=self.n_rows)[root] > 1)
        yield from clusters(
            refs.astype(np.uint64),
            root[refs].astype(np.uint64),
            lookup,
            self._config,
            sets=sets,
            block_rows=block_rows,
        )

    def _candidates(self, path: str, parents: NDArray[np.int64], n_rows: int) -> Iterator[Rows]:
        """Yield the candidates of one band, about `n_rows` at a time."""

        def is_open(refs: Refs, bounds: NDArray[np.int64]) -> NDArray[np.bool_]:
            # like texts share many bands: once they are together, there is nothing to find
            return apart(refs, bounds, parents)

        held: list[Rows] = []
        for pairs in self._pairs(path):
            held.append(candidates(pairs, is_open=is_open))
            if sum(map(len, held)) >= n_rows:
                yield np.concatenate(held)
                held = []
        yield np.concatenate([np.empty(0, dtype=PAIR_DTYPE), *held])

    def _pairs(self, path: str) -> Iterator[Rows]:
        """Yield the (key, row number) records of one band by ranges of keys, each of about one size."""
        if not self.n_rows:
            return
        keys: Any = np.memmap(path, "<u8", mode="r")
        bits = max(1, (len(keys) // RANGE_KEYS).bit_length())
        ends = np.zeros(1 << bits, dtype=np.int64)
        pairs = np.empty((len(keys), 2), dtype=np.uint64)
        _scattered(keys, bits, ends, pairs)
        records = pairs.view(PAIR_DTYPE)[:, 0]
        start = 0
        for end in ends.tolist():
            yield records[start:end]
            start = end
