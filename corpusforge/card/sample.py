"""A bounded look at a snapshot: exact counts of a few columns, and a sample of documents with their text.

A shard is a random sample of its subset, in an order that is random too, so the first rows of a few
shards are a sample of it. What is read does not grow with the corpus beyond `COUNTED_SHARDS`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, cast

import numpy as np
import pyarrow.compute
from numpy.typing import NDArray

from corpusforge.domains import SUBSETS, supply_key
from corpusforge.export.figures import Figures
from corpusforge.export.payload import shard_file
from corpusforge.files import open_input
from corpusforge.parquet import open_parquet
from corpusforge.shards.arrow import pa
from corpusforge.shards.format import ShardRow
from corpusforge.shards.snapshot import Index

pc: Any = cast(Any, pyarrow.compute)

SAMPLE_DOCUMENTS = 500
"""Documents of a subset that are looked at one by one."""
SAMPLE_SHARDS = 4
"""Shards of a subset that they come from."""
COUNTED_SHARDS = 32
"""Shards of a subset whose licences, dates and languages are counted."""
TEXT_CHARS = 20_000
"""Of a document's text that is read."""

_COUNTED = ["source", "licence", "language", "programming_language", "date", "n_bytes", "length"]
_SHOWN = ["doc_id", "source", "source_kind", "locator", "path", "title", "domain_reason", "scaffold_score"]
_FIGURES = ["math_score", "length", "n_bytes", "signals"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stratum:
    """A sample of one subset's documents: rows, texts and lengths in one order."""

    key: str
    """`web`, `math/scaffold`."""
    n_docs: int
    """Documents of the subset, in the sample or not."""
    rows: list[dict[str, Any]]
    texts: list[str]
    """Their first `TEXT_CHARS` characters."""
    tokens: NDArray[np.int64]
    table: Any
    """Their signals, an Arrow table of one column of maps."""

    def signal(self, name: str) -> NDArray[np.float64]:
        """Return f64 [documents]: a signal, nan where a document has none."""
        found = np.full(len(self.rows), np.nan)
        first = 0
        for chunk in self.table["signals"].chunks:
            keys = chunk.keys
            at = np.flatnonzero(pc.equal(keys, name).to_numpy(zero_copy_only=False))
            # Of a table that was cut, the offsets are its own, and keys and items those of the whole.
            offsets = np.asarray(chunk.offsets)
            at = at[(at >= offsets[0]) & (at < offsets[-1])]
            rows = np.searchsorted(offsets, at, side="right") - 1
            found[first + rows] = chunk.items.to_numpy(zero_copy_only=False)[at]
            first += len(chunk)
        return found

    @property
    def is_whole(self) -> bool:
        """Whether the sample is all there is."""
        return len(self.rows) == self.n_docs


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """What a card is made of, beside the index."""

    figures: Figures
    """Counts of the shards that were counted."""
    years: dict[str, dict[str, int]]
    """Documents by source and year, `""` where no date is stated; of the shards that were counted."""
    counted_documents: int
    strata: dict[str, Stratum]
    """By key, in the order of the domains."""


def read_sample(corpus: str, index: Index) -> Sample:
    """Return the sample of a snapshot: the same for the same snapshot."""
    figures, years = Figures(), dict[str, dict[str, int]]()
    strata: dict[str, Stratum] = {}
    n_counted = 0
    by_key = {
        key: list(rows) for key, rows in groupby(index.rows, lambda row: supply_key(row.domain, row.subset))
    }
    known = [supply_key(domain, subset) for domain in SUBSETS for subset in SUBSETS[domain]]
    for key in [key for key in known if key in by_key] + sorted(by_key.keys() - set(known)):
        rows = by_key[key]
        for row in evenly(rows, COUNTED_SHARDS):
            table = _columns(corpus, row)
            n_counted += table.num_rows
            figures.add(table.rename_columns({"length": "n_tokens"}), f"{row.domain}/{row.subset}")
            _add_years(years, table)
        strata[key] = _stratum(corpus, key, rows)
    return Sample(figures=figures, years=years, counted_documents=n_counted, strata=strata)


def evenly(rows: Sequence[ShardRow], count: int) -> list[ShardRow]:
    """Return up to `count` of some shards, evenly chosen: all where there are no more."""
    step = max(1, -(-len(rows) // count))
    return list(rows[::step])


def _columns(corpus: str, row: ShardRow) -> Any:
    with open_input(shard_file(corpus, row, "docs")) as stream:
        return open_parquet(stream).read(columns=_COUNTED)


def _add_years(years: dict[str, dict[str, int]], table: Any) -> None:
    year = pc.utf8_slice_codeunits(table["date"].fill_null(""), 0, 4)
    found = (
        pa.table({"source": table["source"], "year": year})
        .group_by(["source", "year"])
        .aggregate([([], "count_all")])
    )
    for one in found.to_pylist():
        of_source = years.setdefault(one["source"], {})
        of_source[one["year"]] = of_source.get(one["year"], 0) + one["count_all"]


def _stratum(corpus: str, key: str, shards: Sequence[ShardRow]) -> Stratum:
    chosen = evenly(shards, SAMPLE_SHARDS)
    quota = -(-SAMPLE_DOCUMENTS // len(chosen))
    tables: list[Any] = []
    texts: list[str] = []
    for row in chosen:
        for docs, found in _heads(corpus, row, quota):
            tables.append(docs)
            texts += found
    table = pa.concat_tables(tables) if tables else pa.table({name: [] for name in _SHOWN + _FIGURES})
    return Stratum(
        key=key,
        n_docs=sum(row.n_docs for row in shards),
        rows=table.select(_SHOWN).to_pylist(),
        texts=texts,
        tokens=np.asarray(table["length"].to_numpy(), dtype=np.int64),
        table=table.select(["signals"]),
    )


def _heads(corpus: str, row: ShardRow, quota: int) -> Iterator[tuple[Any, list[str]]]:
    """Yield (docs, texts) of the first documents of a shard, a row group each."""
    with (
        open_input(shard_file(corpus, row, "docs")) as docs_stream,
        open_input(shard_file(corpus, row, "text")) as text_stream,
    ):
        docs, texts = open_parquet(docs_stream), open_parquet(text_stream)
        left = quota
        for group in range(docs.num_row_groups):
            if left <= 0:
                return
            known = docs.read_row_group(group, columns=_SHOWN + _FIGURES).slice(0, left)
            text = texts.read_row_group(group, columns=["text"]).slice(0, left)["text"]
            cut = pc.utf8_slice_codeunits(text, 0, TEXT_CHARS)
            left -= known.num_rows
            yield known, cut.to_pylist()
