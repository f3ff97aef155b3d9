"""What the page looks at of a corpus: a bounded number of documents and parts, whatever the corpus weighs.

A shard holds the documents of a range of keys, which are hashes of their ids, and its rows come in the
order of the keys: the first rows of the first shards of a (domain, subset) are a random sample of it, the
same on every machine. Parts have hashes for names: those with the lowest are a random sample too. Where
the bound is above what there is, nothing is left out, and a figure is exact.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from corpusforge.domains import supply_key
from corpusforge.files import exists, join, open_input
from corpusforge.parquet import open_parquet
from corpusforge.parts.format import COMMIT, part_path
from corpusforge.parts.plan import PLAN_FOLDER, manifest_count, read_plan
from corpusforge.report.summary import DOMAIN_KEYS
from corpusforge.shards.arrow import pa
from corpusforge.shards.documents import read_rows
from corpusforge.shards.format import ShardRow, shard_path
from corpusforge.shards.inside import path_inside
from corpusforge.shards.snapshot import Index

SAMPLE_DOCUMENTS = 10_000
"""Documents of a (domain, subset) whose figures are looked at."""
SAMPLE_GROUPS = 64
"""Row groups of them that are read at most: one holds up to 8,192 documents or 16 MiB of text and tokens."""
SAMPLE_PARTS = 48
"""Parts whose drops and duplicates are looked at."""
SAMPLE_SLICES = 32
"""Slices of 512 parts of a plan among which they are looked for, and as many first ones of sources."""
SHOWN_DOCUMENTS = 10
"""Documents of a (domain, subset) whose text is shown."""
YEARS_SHOWN = 40
_COLUMNS = (
    "n_bytes", "length", "language", "language_score", "programming_language", "licence", "host", "repo",
    "date", "math_score", "scaffold_score", "signals",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Stratum:
    """Documents of one (domain, subset): a random sample, or all of them."""

    key: str
    """`web`, `math/scaffold`."""
    n_documents: int
    """How many the snapshot holds."""
    table: Any
    """Their figures, an Arrow table of the docs table's columns."""
    signals: Mapping[str, NDArray[np.float64]]
    """By name, of the documents that have it."""

    @property
    def domain(self) -> str:
        """The domain, without its subset."""
        return self.key.partition("/")[0]

    @property
    def weight(self) -> float:
        """How many documents of the snapshot each one stands for."""
        return self.n_documents / self.table.num_rows if self.table.num_rows else 0.0

    def column(self, name: str) -> NDArray[np.float64]:
        """Return the numbers of a column, of the documents that have one."""
        values = self.table[name].drop_null().to_numpy()
        return np.asarray(values, dtype=np.float64)


def sampled_strata(corpus: str, index: Index) -> list[Stratum]:
    """Return the figures of a bounded sample of each (domain, subset), in the order of every table."""
    return [_stratum(corpus, key, rows) for key, rows in _by_key(index).items()]


def _by_key(index: Index) -> dict[str, list[ShardRow]]:
    """Return the shards of each `math/scaffold`-like key, in the order of every table."""
    found: dict[str, list[ShardRow]] = {key: [] for key in DOMAIN_KEYS}
    for row in index.rows:
        found.setdefault(supply_key(row.domain, row.subset), []).append(row)
    return {key: rows for key, rows in found.items() if rows}


def _stratum(corpus: str, key: str, rows: list[ShardRow]) -> Stratum:
    tables: list[Any] = []
    left, groups = SAMPLE_DOCUMENTS, SAMPLE_GROUPS
    for row in rows:
        if left <= 0 or groups <= 0:
            break
        with open_input(_path(corpus, row, "docs")) as stream:
            file = open_parquet(stream)
            for group in range(min(file.num_row_groups, groups)):
                tables.append(file.read_row_group(group, columns=list(_COLUMNS)).slice(0, left))
                left -= tables[-1].num_rows
                groups -= 1
                if left <= 0:
                    break
    table = pa.concat_tables(tables).combine_chunks()
    return Stratum(key, sum(row.n_docs for row in rows), table, _signals(table))


def _signals(table: Any) -> dict[str, NDArray[np.float64]]:
    """Return the values of each signal in the map column of a table."""
    maps = table["signals"].combine_chunks()
    first, last = (maps.offsets[place].as_py() for place in (0, len(maps)))
    names = maps.keys.slice(first, last - first).dictionary_encode()
    values = maps.items.slice(first, last - first).to_numpy(zero_copy_only=False)
    codes = names.indices.to_numpy()
    ends = np.cumsum(np.bincount(codes, minlength=len(names.dictionary)))
    pieces = np.split(values[np.argsort(codes, kind="stable")], ends[:-1])
    return dict(sorted(zip(names.dictionary.to_pylist(), pieces, strict=True))) if len(codes) else {}


def shown_documents(corpus: str, index: Index) -> dict[str, list[dict[str, Any]]]:
    """Return the first documents of each (domain, subset), their text and all that is known of them.

    They are as random as the keys of their ids, and the same on every run. One row group of text is read
    for each (domain, subset).
    """
    found: dict[str, list[dict[str, Any]]] = {}
    for key, (row, *_) in _by_key(index).items():
        places = range(min(SHOWN_DOCUMENTS, row.n_docs))
        documents = read_rows(_path(corpus, row, "docs"), places)
        texts = read_rows(_path(corpus, row, "text"), places)
        found[key] = [
            {**document, "text": text["text"], "signals": dict(document["signals"] or ())}
            for document, text in zip(documents, texts, strict=True)
        ]
    return found


@dataclass(frozen=True, slots=True)
class SampledParts:
    """Parts that are looked at: those of the lowest ids of each source, in turn."""

    ids: tuple[str, ...]
    n_parts: int
    """How many the snapshot was made of."""

    @property
    def is_all(self) -> bool:
        """Whether nothing is left out."""
        return len(self.ids) == self.n_parts


def sampled_parts(corpus: str, index: Index) -> SampledParts:
    """Return a bounded sample of a snapshot's parts that are still there. Memory: a few ids a source."""
    lowest: dict[str, list[_Last]] = {}
    for source, part_id in _named_parts(corpus, index.header):
        heap = lowest.setdefault(source, [])
        part = _Last(part_id)
        if len(heap) < SAMPLE_PARTS:
            heapq.heappush(heap, part)
        elif heap[0] < part:
            heapq.heapreplace(heap, part)
    in_turn = zip_longest(*(sorted(part.id for part in heap) for _, heap in sorted(lowest.items())))
    chosen = [part for turn in in_turn for part in cast("tuple[str | None, ...]", turn) if part][
        :SAMPLE_PARTS
    ]
    there = tuple(part for part in chosen if exists(part_path(corpus, part, COMMIT)))
    return SampledParts(there, manifest_count(index.header))


def _named_parts(corpus: str, header: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield (source, part id) of all parts; of a plan, of slices evenly from it and each source's first."""
    if not header.get("plan"):
        for entry in header["inputs"]:
            if "part_id" in entry:  # an index need not name them
                yield str(entry.get("source", "")), str(entry["part_id"])
        return
    plan = read_plan(join(corpus, PLAN_FOLDER, header["plan"]))
    evenly = {number * plan.n_slices // SAMPLE_SLICES for number in range(SAMPLE_SLICES)}
    firsts = {source.first // plan.slice_parts for source in plan.sources[:SAMPLE_SLICES] if source.count}
    for number in sorted(evenly | firsts):
        for spec in plan.slice(number):
            yield spec.source, spec.part_id


@dataclass(frozen=True, slots=True)
class _Last:
    """A part's id that a heap has on top where it is the highest."""

    id: str

    def __lt__(self, other: _Last) -> bool:
        return self.id > other.id


def top_values(strata: list[Stratum], column: str, count: int) -> list[tuple[str, int]]:
    """Return (value, documents) of the most frequent values of a column, estimated where it is a sample."""
    total: dict[str, float] = {}
    for stratum in strata:
        for row in _counted(stratum, column):
            total[row[0]] = total.get(row[0], 0.0) + row[1] * stratum.weight
    ranked = sorted(total.items(), key=lambda item: (-item[1], item[0]))
    return [(name, round(n)) for name, n in ranked[:count]]


def _counted(stratum: Stratum, column: str) -> Iterator[tuple[str, int]]:
    for entry in stratum.table[column].drop_null().value_counts().to_pylist():
        yield str(entry["values"]), int(entry["counts"])


def years(strata: list[Stratum]) -> list[tuple[str, int]]:
    """Return (year, documents) in order and without gaps: the last `YEARS_SHOWN`, those before as one."""
    total: dict[int, float] = {}
    for stratum in strata:
        for date, n in _counted(stratum, "date"):
            if date[:4].isdecimal() and date[:4].isascii() and 1000 <= int(date[:4]) <= 2999:
                total[int(date[:4])] = total.get(int(date[:4]), 0.0) + n * stratum.weight
    if not total:
        return []
    first = max(min(total), max(total) - YEARS_SHOWN + 1)
    before = sum(n for year, n in sorted(total.items()) if year < first)
    shown = [(str(year), round(total.get(year, 0.0))) for year in range(first, max(total) + 1)]
    return [(f"< {first}", round(before)), *shown] if before else shown


def _path(corpus: str, row: ShardRow, kind: str) -> str:
    return path_inside(corpus, shard_path(row.domain, row.subset, row.id, kind))
