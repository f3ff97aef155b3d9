"""Signatures and shingles by ref, read from the parts where they lie."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpusforge.config import BuildConfig
from corpusforge.dedup.bands import ref_part, ref_row
from corpusforge.dedup.buckets import bounds_of
from corpusforge.dedup.config import SignatureConfig
from corpusforge.dedup.signature import shingle_sets, signature_dtype
from corpusforge.files import open_input
from corpusforge.parquet import open_parquet
from corpusforge.parts.format import part_path
from corpusforge.parts.reader import read_signatures

_OPEN_PARTS = 256


class SignatureLookup:
    """Signature rows by ref, from the parts' sidecars."""

    def __init__(self, output: str, part_ids: Sequence[str], config: SignatureConfig) -> None:
        self._dtype = signature_dtype(config.permutations)

        @lru_cache(_OPEN_PARTS)
        def read(part: int) -> NDArray[Any]:
            return read_signatures(output, part_ids[part], config)

        self._read = read

    def __call__(self, refs: NDArray[np.uint64]) -> NDArray[Any]:
        """Return one row a ref, in the order of the refs."""
        out = np.empty(len(refs), dtype=self._dtype)
        order = np.argsort(refs)  # rows are read in the order in which they lie
        ordered = refs[order]
        bounds = bounds_of(ref_part(ordered))
        for start, stop in itertools.pairwise(bounds.tolist()):
            rows = self._read(int(ref_part(ordered[start : start + 1])[0]))
            out[order[start:stop]] = rows[ref_row(ordered[start:stop]).astype(np.int64)]
        return out


class ShingleLookup:
    """Distinct shingle hashes by ref: reads the texts of what is asked for, and of nothing else."""

    def __init__(self, output: str, part_ids: Sequence[str], config: SignatureConfig) -> None:
        self._output = output
        self._part_ids = part_ids
        self._config = config

    def __call__(self, refs: NDArray[np.uint64]) -> list[NDArray[np.uint32]]:
        """Return one sorted set a ref, in the order of the refs."""
        found: dict[int, NDArray[np.uint32]] = {}
        for part in np.unique(ref_part(refs)).tolist():
            rows = np.unique(ref_row(refs[ref_part(refs) == np.uint64(part)])).astype(np.int64)
            sets = self._of_part(part, rows)
            found.update(zip(((part << 32) | rows).tolist(), sets, strict=True))
        return [found[ref] for ref in refs.tolist()]

    def _of_part(self, part: int, rows: NDArray[np.int64]) -> list[NDArray[np.uint32]]:
        sets: list[NDArray[np.uint32]] = []
        with open_input(part_path(self._output, self._part_ids[part], "documents.parquet")) as stream:
            file = open_parquet(stream)
            first = 0
            for group in range(file.num_row_groups):
                stop = first + file.metadata.row_group(group).num_rows
                mine = rows[(rows >= first) & (rows < stop)] - first
                if len(mine):
                    held = file.read_row_group(group, columns=["text", "domain"]).take(mine)
                    texts, domains = held["text"].to_pylist(), held["domain"].to_pylist()
                    sets += shingle_sets(texts, self._config, domains)
                first = stop
        return sets


def shingle_lookup(config: BuildConfig, part_ids: Sequence[str]) -> ShingleLookup | None:
    """Return the look-up of shingles where candidates are checked by them, else None."""
    if config.dedup.check != "jaccard":
        return None
    return ShingleLookup(config.output, part_ids, config.dedup.signature)
