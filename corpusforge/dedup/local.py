"""Dedup of one table on one machine: the pipeline's own functions, without a runner.

What is held in memory per document are the key and the row number of one band (16 bytes) and a
place (4 bytes); signatures and band keys lie in files, one file a band, read from front to end.
Only documents that share a key with another are looked at after that: see `shortlist`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from typing import IO, Any

import numpy as np
import xxhash
from numpy.typing import NDArray

from corpusforge.dedup.bands import Refs, Rows, Sets, band_keys
from corpusforge.dedup.buckets import bounds_of, checked_edges
from corpusforge.dedup.canary import Planted, Seen, plant
from corpusforge.dedup.clusters import apart, roots, unite
from corpusforge.dedup.config import DedupConfig
from corpusforge.dedup.policy import policy_of
from corpusforge.dedup.shortlist import MappedRows, Shortlist, in_order_of_places
from corpusforge.dedup.signature import signature_dtype
from corpusforge.dedup.survivors import Members, apart_from, clusters
from corpusforge.domains import Domain


class SignatureStore:
    """Signatures and band keys of a table, row after row, in files of a folder; a context manager."""

    def __init__(self, folder: str, config: DedupConfig, planted: Planted | None = None) -> None:
        """`planted` are rows that came the way of the others; else the store plants its own."""
        os.makedirs(folder, exist_ok=True)
        self._folder = folder
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
        self._planted = planted
        self._contents = xxhash.xxh3_64()
        self._domains = np.zeros(len(Domain), dtype=bool)
        self.n_rows = 0

    def __enter__(self) -> SignatureStore:
        return self

    def __exit__(self, *exception: object) -> None:
        self._stack.close()

    def add(self, rows: Rows, sets: Sequence[NDArray[np.uint32]] | None = None) -> None:
        """Append signature rows, and the shingles of each where the check is `jaccard`."""
        self._contents.update(rows["content"].tobytes())
        self._domains[rows["domain"]] = True
        self._write(rows, sets)
        self.n_rows += len(rows)

    def _write(self, rows: Rows, sets: Sequence[NDArray[np.uint32]] | None) -> None:
        self._files[0].write(rows.tobytes())
        for handle, keys in zip(self._files[1:], band_keys(rows, self._policy), strict=True):
            handle.write(keys.tobytes())
        for values in sets or ():
            self._set_file.write(values.tobytes())
            self._set_sizes.append(len(values))

    def lookup(self) -> Callable[[Refs], Rows]:
        """Return a look-up of signature rows by row number."""
        self._stack.close()
        dtype = signature_dtype(self._config.signature.permutations)
        if not self.n_rows:
            return lambda refs: np.empty(0, dtype)
        return MappedRows(self._signature_path, dtype)

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
        """Yield the clusters of all rows; refs are row numbers.

        Raises `MissedDuplicates` behind the last where what is planted behind the rows was not found.
        """
        domains = [domain.value for place, domain in enumerate(Domain) if self._domains[place]]
        planted = self._planted or plant(self._config, self._contents.hexdigest(), domains)
        self._write(planted.rows, planted.sets)
        seen: list[Seen] = []
        for members in self._all_clusters(self.n_rows + len(planted.rows)):
            own, of_planted = apart_from(members, members.refs >= np.uint64(self.n_rows))
            seen += of_planted
            if len(own.refs):
                yield own
        planted.check(seen, np.arange(self.n_rows, self.n_rows + len(planted.rows), dtype=np.uint64))

    def _all_clusters(self, n_rows: int) -> Iterator[Members]:
        self._stack.close()
        dtype = signature_dtype(self._config.signature.permutations)
        listed = Shortlist(self._folder, self._key_paths, self._signature_path, dtype, n_rows)
        if not len(listed):
            return
        lookup, sets = listed.lookup(), self.sets()
        by_place: Sets | None = None if sets is None else lambda places: sets(listed.rows(places))
        parents = np.arange(len(listed), dtype=np.int64)
        for pairs in _of_use(listed, parents):
            edges = checked_edges(pairs, lookup, self._policy, sets=by_place)
            unite(edges["low"].astype(np.int64), edges["high"].astype(np.int64), parents)
        root = roots(parents)
        together = np.flatnonzero(np.bincount(root, minlength=len(listed))[root] > 1)
        yield from clusters(
            listed.rows(together),
            root[together].astype(np.uint64),  # in the order of places: each is read near the one before
            lambda rows: lookup(listed.places(rows)),
            self._config,
            sets=sets,
        )


def _of_use(listed: Shortlist, parents: NDArray[np.int64]) -> Iterator[Rows]:
    """Yield by band the records of buckets whose documents are not together yet.

    Like texts share many bands: once they are together, there is nothing to find.
    """
    for band in listed.bands():
        held: list[Rows] = []
        for pairs in band:
            bounds = bounds_of(pairs["key"])
            held.append(pairs[np.repeat(apart(pairs["ref"], bounds, parents), np.diff(bounds))])
        yield in_order_of_places(np.concatenate(held))
