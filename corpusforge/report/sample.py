"""What page and card look at of a snapshot: a bounded number of documents, whatever the corpus weighs.

A shard holds the documents of a range of keys, which are hashes of their ids, and its rows come in the
order of the keys: the first rows of the first shards of a (domain, subset) are a random sample of it, the
same on every machine. Where the bound is above what there is, nothing is left out, and a figure is exact.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast

import numpy as np
import pyarrow.compute
from numpy.typing import NDArray

from corpusforge.domains import supply_key
from corpusforge.files import open_input
from corpusforge.parquet import open_parquet
from corpusforge.report.summary import DOMAIN_KEYS
from corpusforge.shards.arrow import pa
from corpusforge.shards.documents import read_rows
from corpusforge.shards.format import ShardRow, shard_path
from corpusforge.shards.inside import path_inside
from corpusforge.shards.snapshot import Index

pc: Any = cast(Any, pyarrow.compute)

SAMPLE_DOCUMENTS = 10_000
"""Documents of a (domain, subset) whose figures are looked at."""
SAMPLE_GROUPS = 64
"""Row groups of them that are read at most: one holds up to 8,192 documents or 16 MiB of text and tokens."""
SHOWN_DOCUMENTS = 10
"""Documents of a (domain, subset) whose text is shown."""
YEARS_SHOWN = 40
_COLUMNS = (
    "n_bytes", "length", "language", "language_score", "programming_language", "licence", "host", "repo",
    "date", "math_score", "scaffold_score", "signals",
)  # fmt: skip


@dataclass(frozen=True)
class Stratum:
    """Documents of one (domain, subset): a random sample, or all of them."""

    key: str
    """`web`, `math/scaffold`."""
    n_documents: int
    """How many the snapshot holds."""
    table: Any
    """An Arrow table of columns of the docs table, a row for each document of the sample."""
    texts: Sequence[str] = ()
    """How their texts begin, where they were read."""

    @property
    def domain(self) -> str:
        """The domain, without its subset."""
        return self.key.partition("/")[0]

    @property
    def weight(self) -> float:
        """How many documents of the snapshot each one stands for."""
        return self.n_documents / self.table.num_rows if self.table.num_rows else 0.0

    @property
    def is_whole(self) -> bool:
        """Whether the sample is all there is."""
        return self.table.num_rows == self.n_documents

    @cached_property
    def rows(self) -> list[dict[str, Any]]:
        """The columns by document, but the signals."""
        return cast("list[dict[str, Any]]", self.table.drop_columns(["signals"]).to_pylist())

    @cached_property
    def signals(self) -> Mapping[str, NDArray[np.float64]]:
        """Values of each signal by name, of the documents that have it."""
        return {name: values[~np.isnan(values)] for name, values in self._signals.items()}

    def signal(self, name: str) -> NDArray[np.float64]:
        """Return f64 [documents]: a signal, nan where a document has none."""
        if name in self._signals:
            return self._signals[name]
        return np.full(int(self.table.num_rows), np.nan, dtype=np.float64)

    @cached_property
    def _signals(self) -> dict[str, NDArray[np.float64]]:
        """Every signal of the map column, nan where a document has none."""
        maps = self.table["signals"].combine_chunks()
        # Of a table that was cut, offsets are its own, and keys and items those of the whole.
        offsets = np.asarray(maps.offsets)
        first, stop = int(offsets[0]), int(offsets[-1])
        names = maps.keys.slice(first, stop - first).dictionary_encode()
        values = maps.items.slice(first, stop - first).to_numpy(zero_copy_only=False)
        rows = np.repeat(np.arange(len(maps)), np.diff(offsets))
        codes = names.indices.to_numpy()
        order = np.argsort(codes, kind="stable")
        ends = np.cumsum(np.bincount(codes, minlength=len(names.dictionary)))[:-1]
        found: dict[str, NDArray[np.float64]] = {}
        for name, places in zip(names.dictionary.to_pylist(), np.split(order, ends), strict=True):
            found[name] = np.full(len(maps), np.nan)
            found[name][rows[places]] = values[places]
        return dict(sorted(found.items()))

    def column(self, name: str) -> NDArray[np.float64]:
        """Return the numbers of a column, of the documents that have one."""
        values = self.table[name].drop_null().to_numpy()
        return np.asarray(values, dtype=np.float64)


def sampled_strata(corpus: str, index: Index) -> list[Stratum]:
    """Return the figures of a bounded sample of each (domain, subset), in the order of every table."""
    return [sampled_stratum(corpus, key, rows, _COLUMNS) for key, rows in shards_by_key(index).items()]


def shards_by_key(index: Index) -> dict[str, list[ShardRow]]:
    """Return the shards of each `math/scaffold`-like key, in the order of every table."""
    found: dict[str, list[ShardRow]] = {key: [] for key in DOMAIN_KEYS}
    for row in index.rows:
        found.setdefault(supply_key(row.domain, row.subset), []).append(row)
    return {key: rows for key, rows in found.items() if rows}


def sampled_stratum(
    corpus: str,
    key: str,
    rows: Sequence[ShardRow],
    columns: Sequence[str],
    most: int | None = None,
    text_chars: int = 0,
) -> Stratum:
    """Return columns of up to `most` documents of some shards, and so many characters of their texts.

    At most `SAMPLE_DOCUMENTS` unless told, and of `SAMPLE_GROUPS` row groups.
    """
    tables: list[Any] = []
    texts: list[str] = []
    left, groups = most or SAMPLE_DOCUMENTS, SAMPLE_GROUPS
    for row in rows:
        if left <= 0 or groups <= 0:
            break
        with ExitStack() as stack:
            docs = open_parquet(stack.enter_context(open_input(_path(corpus, row, "docs"))))
            text = (
                open_parquet(stack.enter_context(open_input(_path(corpus, row, "text"))))
                if text_chars
                else None
            )
            for group in range(min(docs.num_row_groups, groups)):
                tables.append(docs.read_row_group(group, columns=list(columns)).slice(0, left))
                if text is not None:
                    whole = text.read_row_group(group, columns=["text"])["text"].slice(0, left)
                    texts += pc.utf8_slice_codeunits(whole, 0, text_chars).to_pylist()
                left -= tables[-1].num_rows
                groups -= 1
                if left <= 0:
                    break
    table = pa.concat_tables(tables).combine_chunks()
    return Stratum(key, sum(row.n_docs for row in rows), table, texts)


def shown_documents(corpus: str, index: Index) -> dict[str, list[dict[str, Any]]]:
    """Return the first documents of each (domain, subset), their text and all that is known of them.

    They are as random as the keys of their ids, and the same on every run. One row group of text is read
    for each (domain, subset).
    """
    found: dict[str, list[dict[str, Any]]] = {}
    for key, (row, *_) in shards_by_key(index).items():
        places = range(min(SHOWN_DOCUMENTS, row.n_docs))
        documents = read_rows(_path(corpus, row, "docs"), places)
        texts = read_rows(_path(corpus, row, "text"), places)
        found[key] = [
            {**document, "text": text["text"], "signals": dict(document["signals"] or ())}
            for document, text in zip(documents, texts, strict=True)
        ]
    return found


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
