"""A random sample of the documents of a stratum: the same documents for the same seed, wherever it is drawn.

Documents stand in the order of a hash of their id and the seed; a sample is the first of them. So a
larger sample begins with the smaller one, and whoever stops early has read a random sample too.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import xxhash
from numpy.typing import NDArray

from corpusforge.files import open_input
from corpusforge.parquet import open_parquet
from corpusforge.shards.arrow import pa
from corpusforge.shards.format import ShardRow, shard_path
from corpusforge.shards.inside import path_inside
from corpusforge.shards.snapshot import Index
from corpusforge.verdicts.rows import Stratum

_BATCH_ROWS = 65_536
_SALT = b"verdicts\0"
"""So that no seed gives the order in which shards hold their documents."""


@dataclass(frozen=True, slots=True)
class SampledDocument:
    """One document of a sample, and where it lies."""

    doc_id: str
    shard: ShardRow
    row: int
    """Of the shard's tables."""


@dataclass(frozen=True, slots=True)
class Sample:
    """The first documents of a stratum in the order of a seed."""

    documents: tuple[SampledDocument, ...]
    n_stratum: int
    """How many documents the stratum holds."""


def sample_documents(corpus: str, index: Index, stratum: Stratum, n_documents: int, seed: int) -> Sample:
    """Return a random sample of a stratum, in its order; all of it where it holds no more.

    Reads ids, and languages and sources where the stratum names one, of the domain's docs tables;
    no text. Raises ValueError where the corpus is damaged, OSError where it cannot be read.
    """
    n_stratum = 0
    first: list[tuple[int, str, int, ShardRow]] = []
    for shard, first_row, table in stratum_tables(corpus, index, stratum, ["doc_id"]):
        inside = in_stratum(table, stratum)
        rows = np.flatnonzero(inside)
        n_stratum += len(rows)
        ids = table["doc_id"].to_pylist()
        keys = sample_keys([ids[row] for row in rows], seed)
        # Only what may be among the first is compared: a few of each batch, once some were seen.
        worst = first[-1][0] if len(first) >= n_documents and first else 2**64 - 1
        near = np.flatnonzero(keys <= np.uint64(worst))
        found = [(int(keys[at]), ids[rows[at]], first_row + int(rows[at]), shard) for at in near]
        first = sorted([*first, *found], key=lambda entry: entry[:2])[: max(0, n_documents)]
    return Sample(tuple(SampledDocument(doc_id, shard, row) for _, doc_id, row, shard in first), n_stratum)


def sample_keys(doc_ids: Sequence[str], seed: int) -> NDArray[np.uint64]:
    """Return the place of each document in the order of a seed: u64, by xxh3-64 of its id."""
    digest = xxhash.xxh3_64_intdigest
    return np.fromiter((digest(_SALT + doc_id.encode(), seed) for doc_id in doc_ids), np.uint64, len(doc_ids))


def stratum_tables(
    corpus: str, index: Index, stratum: Stratum, columns: Sequence[str]
) -> Iterator[tuple[ShardRow, int, Any]]:
    """Yield (shard, its first row, columns of the docs table) of the shards that may hold a stratum.

    Beside the columns asked for, those by which `in_stratum` decides.
    """
    wanted = [*columns, *(n for n in ("language", "source") if n not in columns and n in stratum.values())]
    for shard in index.rows:
        if stratum.domain not in (None, shard.domain) or stratum.subset not in (None, shard.subset):
            continue
        path = path_inside(corpus, shard_path(shard.domain, shard.subset, shard.id, "docs"))
        with open_input(path) as stream:
            first_row = 0
            for batch in open_parquet(stream).iter_batches(_BATCH_ROWS, columns=wanted):
                yield shard, first_row, pa.Table.from_batches([batch])
                first_row += batch.num_rows


def in_stratum(table: Any, stratum: Stratum) -> NDArray[np.bool_]:
    """Return which rows of a table of `stratum_tables` have the language and source of a stratum."""
    inside = np.ones(table.num_rows, np.bool_)
    for name, value in stratum.values().items():
        if name in ("language", "source"):
            inside &= np.array([held == value for held in table[name].to_pylist()], np.bool_)
    return inside
