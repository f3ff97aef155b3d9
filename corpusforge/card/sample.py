"""A bounded look at a snapshot: exact counts of a few columns, and a sample of documents with their text.

The sample is drawn as the report's (`report.sample`), with texts and smaller. What is read does not grow
with the corpus beyond `COUNTED_SHARDS`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import pyarrow.compute

from corpusforge.export.figures import Figures
from corpusforge.export.payload import shard_file
from corpusforge.files import open_input
from corpusforge.parquet import open_parquet
from corpusforge.report.sample import Stratum, sampled_stratum, shards_by_key
from corpusforge.shards.arrow import pa
from corpusforge.shards.format import ShardRow
from corpusforge.shards.snapshot import Index

pc: Any = cast(Any, pyarrow.compute)

SAMPLE_DOCUMENTS = 500
"""Documents of a subset that are looked at one by one."""
COUNTED_SHARDS = 32
"""Shards of a subset whose licences, dates and languages are counted."""
TEXT_CHARS = 20_000
"""Of a document's text that is read."""

_COUNTED = ["source", "licence", "language", "programming_language", "date", "n_bytes", "length"]
_SHOWN = (
    "doc_id", "source", "source_kind", "locator", "path", "title", "domain_reason", "scaffold_score",
    "math_score", "length", "n_bytes", "signals",
)  # fmt: skip


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
    for key, rows in shards_by_key(index).items():
        for row in evenly(rows, COUNTED_SHARDS):
            table = _columns(corpus, row)
            n_counted += table.num_rows
            figures.add(table.rename_columns({"length": "n_tokens"}), f"{row.domain}/{row.subset}")
            _add_years(years, table)
        strata[key] = sampled_stratum(corpus, key, rows, _SHOWN, SAMPLE_DOCUMENTS, TEXT_CHARS)
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
