"""The documents of one (domain, subset) of a snapshot, end to end: where each lies, of which source."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpusforge.files import exists, open_input, read_bytes
from corpusforge.mixture.matching import length_class
from corpusforge.mixture.samplepatch import cut
from corpusforge.parquet import open_parquet
from corpusforge.shards.format import ENDS_DTYPE, ShardRow, shard_path
from corpusforge.shards.inside import path_inside

_HELD_SHARDS = 48
"""Shards whose ends and sources are held at once: some 1 MiB each. A window lies in 18 at most."""
_CLASSES = 64
"""Lengths to a power of two: u32 has 32 of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Stretches of documents, each within one; in the order of what was asked for. Tokens of the stream."""

    owner: NDArray[np.int64]
    """Which of the ranges that were asked for."""
    start: NDArray[np.int64]
    stop: NDArray[np.int64]
    doc_start: NDArray[np.int64]
    doc_stop: NDArray[np.int64]
    number: NDArray[np.int64]
    """Of the document, in the stream."""

    def take(self, rows: NDArray[Any]) -> Found:
        """Return some of them."""
        return Found(**{name: getattr(self, name)[rows] for name in self.__dataclass_fields__})


class Names:
    """Numbers for the names of sources, given out as they are met."""

    def __init__(self) -> None:
        self.codes: dict[str, int] = {}

    def code(self, name: str) -> int:
        """Return the number of a name."""
        return self.codes.setdefault(name, len(self.codes))

    def told(self, stratum: int) -> str:
        """Return a stratum for a person: its lengths and its source."""
        low, source = 1 << stratum % _CLASSES, list(self.codes)[stratum // _CLASSES]
        return f"{low:,} to {2 * low - 1:,} tokens and source {source}"


def strata_of(lengths: NDArray[np.int64], sources: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the stratum of documents: length in tokens to a power of two, and number of the source."""
    return sources * _CLASSES + length_class(lengths)


class Stream:
    """All documents of a (domain, subset) in order. Holds the ends and sources of some shards."""

    def __init__(self, corpus: str, rows: Sequence[ShardRow]) -> None:
        self.corpus, self.rows = corpus, list(rows)
        self.sizes = np.array([row.n_tokens for row in rows], np.uint64)
        self.before = np.concatenate([np.zeros(1, np.int64), np.cumsum(self.sizes.astype(np.int64))])
        self.docs_before = np.cumsum([0, *(row.n_docs for row in rows)], dtype=np.int64)
        self.n_tokens = int(self.before[-1])
        self._ends: OrderedDict[int, NDArray[np.int64]] = OrderedDict()
        self._sources: OrderedDict[int, NDArray[np.int64]] = OrderedDict()

    def path(self, shard: int, kind: str) -> str:
        """Return where a file of a shard lies; ValueError where it is gone."""
        row = self.rows[shard]
        path = path_inside(self.corpus, shard_path(row.domain, row.subset, row.id, kind))
        if not exists(path):
            raise ValueError(f"{path}: missing: restore it, or make the plan before shards are removed")
        return path

    def ends(self, shard: int) -> NDArray[np.int64]:
        """Return where the documents of a shard end, in tokens of the shard."""
        if shard not in self._ends:
            ends = np.frombuffer(read_bytes(self.path(shard, "ends")), ENDS_DTYPE).astype(np.int64)
            if len(ends) != self.rows[shard].n_docs or int(ends[-1]) != self.rows[shard].n_tokens:
                raise ValueError(f"{self.path(shard, 'ends')}: not the file of the index: restore it")
            _hold(self._ends, shard, ends)
        return self._ends[shard]

    def documents(self, starts: NDArray[np.int64], stops: NDArray[np.int64]) -> Found:
        """Return the stretches of documents that ranges of tokens are made of."""
        owner, first, last = cut(self.before, starts, stops)
        shards = np.searchsorted(self.before, first, side="right") - 1
        parts: list[NDArray[np.int64]] = []
        for shard in np.unique(shards).tolist():
            mine = np.flatnonzero(shards == shard)
            base, ends = int(self.before[shard]), self.ends(shard)
            whose, begin, end = cut(ends, first[mine] - base, last[mine] - base)
            row = np.searchsorted(ends, begin, side="right")
            doc_start = np.where(row > 0, ends[row - 1], 0)
            columns = [mine[whose], begin + base, end + base, doc_start + base, ends[row] + base]
            parts.append(np.stack([*columns, row + self.docs_before[shard]]))
        table = np.concatenate(parts, axis=1) if parts else np.zeros((6, 0), np.int64)
        table = table[:, np.argsort(table[0], kind="stable")]
        return Found(
            owner=owner[table[0]],
            start=table[1],
            stop=table[2],
            doc_start=table[3],
            doc_stop=table[4],
            number=table[5],
        )

    def extents(self, numbers: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return (first token, token behind the last) of documents, by their numbers."""
        starts, stops = np.empty_like(numbers), np.empty_like(numbers)
        shards = np.searchsorted(self.docs_before, numbers, side="right") - 1
        for shard in np.unique(shards).tolist():
            mine = np.flatnonzero(shards == shard)
            row, ends = numbers[mine] - self.docs_before[shard], self.ends(shard)
            base = self.before[shard]
            starts[mine] = np.where(row > 0, ends[row - 1], 0) + base
            stops[mine] = ends[row] + base
        return starts, stops

    def strata(self, found: Found, names: Names) -> NDArray[np.int64]:
        """Return the stratum of the document of each stretch."""
        sources = np.empty_like(found.number)
        shards = np.searchsorted(self.docs_before, found.number, side="right") - 1
        for shard in np.unique(shards).tolist():
            mine = np.flatnonzero(shards == shard)
            sources[mine] = self._sources_of(shard, names)[found.number[mine] - self.docs_before[shard]]
        return strata_of(found.doc_stop - found.doc_start, sources)

    def _sources_of(self, shard: int, names: Names) -> NDArray[np.int64]:
        if shard not in self._sources:
            with open_input(self.path(shard, "docs")) as stream:
                column = open_parquet(stream).read(["source"])["source"].combine_chunks()
            _hold(self._sources, shard, source_codes(column, names))
        return self._sources[shard]


def source_codes(column: Any, names: Names) -> NDArray[np.int64]:
    """Return the numbers of the sources in an Arrow column."""
    coded = column.dictionary_encode()
    codes = np.array([names.code(name) for name in coded.dictionary.to_pylist()], np.int64)
    return codes[np.asarray(coded.indices)] if len(codes) else np.zeros(0, np.int64)


def _hold(held: OrderedDict[int, NDArray[np.int64]], shard: int, values: NDArray[np.int64]) -> None:
    held[shard] = values
    if len(held) > _HELD_SHARDS:
        held.popitem(last=False)
