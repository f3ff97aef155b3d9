"""Paragraphs and lines that many rows hold, of `corpusforge dedup`: found in files, range by range.

Memory holds the spans of a sixty-fourth of the rows, or of the hashes, at a time.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpusforge.commands.tables import Batch
from corpusforge.dedup.bands import Lookup, Rows, by_number
from corpusforge.dedup.config import DedupConfig
from corpusforge.dedup.repeats import (
    DOOMED_DTYPE,
    HOLDER_DTYPE,
    RANGE_DTYPE,
    SPAN_DTYPE,
    cut_ranges,
    doomed,
    find_spans,
    holders,
    keep_order,
)

_RANGES = 64
_ROWS_READ = 1 << 16


class Repeats:
    """The repeated spans of rows that stay; batches are added in order, then `find`, then `take`."""

    def __init__(self, folder: str, config: DedupConfig, lookup: Lookup, keep: NDArray[np.bool_]) -> None:
        self._folder = os.path.join(folder, "repeats")
        self._config = config
        self._lookup = lookup
        self._keep = keep
        self._range_rows = len(keep) // _RANGES + 1
        self._first = 0
        self._cuts: Iterator[tuple[int, Rows]] | None = None
        self._next: tuple[int, Rows] | None = None
        self.counts: dict[str, int] = {"documents_cut": 0, "spans": 0, "bytes": 0, "documents_gone": 0}
        os.makedirs(self._folder)

    def add(self, batch: Batch) -> None:
        """Find the spans of the next rows."""
        first, n_rows = self._first, len(batch.texts)
        self._first += n_rows
        if not n_rows:
            return
        repeats = self._config.repeats
        stays = np.flatnonzero(self._keep[first : first + n_rows]).tolist()
        spans = find_spans(
            [batch.texts[place] for place in stays],
            stays,
            by_paragraph=repeats.web == "paragraphs",
            min_words=repeats.min_words,
            salt=0,
        )
        rows = self._lookup(np.arange(first, first + n_rows, dtype=np.uint64))
        held = holders(spans, rows, keep_order(rows, 0, self._config), first)
        self._append("hash", (held["hash"] >> np.uint64(58)).astype(np.int64), held)
        spans["row"] += np.uint32(first)
        numbers = spans["row"].astype(np.int64) // self._range_rows
        self._append("spans", numbers, spans)

    def find(self) -> None:
        """Decide what is cut; rows of which nothing is left are kept no more."""
        for number in range(_RANGES):
            cut = doomed(self._read("hash", number, HOLDER_DTYPE), self._config.repeats)
            self._append("doomed", (cut["ref"] // np.uint64(self._range_rows)).astype(np.int64), cut)
        for number in range(_RANGES):
            spans = self._read("spans", number, SPAN_DTYPE)
            cut = self._read("doomed", number, DOOMED_DTYPE)
            self._decide(cut_ranges(spans, spans["row"].astype(np.uint64), cut), number)
        self._cuts = self._by_row()
        self._next = next(self._cuts, None)

    def _decide(self, ranges: Rows, number: int) -> None:
        rows, first, n_spans = np.unique(ranges["row"], return_index=True, return_counts=True)
        if not len(rows):
            return
        n_bytes = np.add.reduceat(ranges["length"].astype(np.int64), first)
        had = np.empty(len(rows), dtype=np.int64)
        for start in range(0, len(rows), _ROWS_READ):
            block = slice(start, start + _ROWS_READ)
            had[block] = self._lookup(rows[block].astype(np.uint64))["n_bytes"]
        goes = had - n_bytes < self._config.repeats.min_left_bytes
        self._keep[rows[goes]] = False
        self.counts["documents_gone"] += int(goes.sum())
        self.counts["documents_cut"] += int((~goes).sum())
        self.counts["spans"] += int(n_spans[~goes].sum())
        self.counts["bytes"] += int(n_bytes[~goes].sum())
        self._append("cuts", np.full(len(ranges), number), ranges)

    def take(self, row: int) -> Rows | None:
        """Return what is cut of a row, None where nothing is; rows are asked for in order."""
        assert self._cuts is not None
        while self._next is not None and self._next[0] < row:
            self._next = next(self._cuts, None)
        return self._next[1] if self._next is not None and self._next[0] == row else None

    def _by_row(self) -> Iterator[tuple[int, Rows]]:
        for number in range(_RANGES):
            ranges = self._read("cuts", number, RANGE_DTYPE)
            for row, mine in by_number(ranges["row"].astype(np.int64)):
                yield row, ranges[mine]

    def _path(self, what: str, number: int) -> str:
        return os.path.join(self._folder, f"{what}-{number:02d}.bin")

    def _append(self, what: str, numbers: NDArray[np.int64], records: Rows) -> None:
        for number, mine in by_number(numbers):
            with open(self._path(what, number), "ab") as out:
                out.write(records[mine].tobytes())

    def _read(self, what: str, number: int, dtype: np.dtype[Any]) -> Rows:
        path = self._path(what, number)
        return np.fromfile(path, dtype) if os.path.exists(path) else np.empty(0, dtype)
