"""A sample of every (domain, subset), for histograms and shares: a shard's first rows are a random draw.

Documents of a shard stand in the order of a hash of their ids, so the first row groups are as good as any
rows. Of a (domain, subset) with fewer documents than a sample all are read. Each document of a sample
stands for `weight` of the snapshot.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow
import pyarrow.compute
from numpy.typing import NDArray

from corpusforge.shards.snapshot import Index
from corpusforge.view.tables import Tables

pa: Any = pyarrow  # ship no types for what is used here
pc: Any = pyarrow.compute

STRATUM_ROWS = 4000
"""Documents of a (domain, subset) that are read; a row group has up to 8,192."""
NUMBERS = ("n_bytes", "length", "math_score", "scaffold_score", "language_score")
NAMES = ("language", "licence", "host", "repo", "programming_language", "source_kind")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stratum:
    """Sampled documents of one (domain, subset)."""

    domain: str
    subset: str
    n_documents: int
    """Of the snapshot."""
    n_rows: int
    numbers: Mapping[str, NDArray[np.float64]]
    """By column or signal: one value a document that has it."""
    names: Mapping[str, Sequence[tuple[str, int]]]
    """By column: (value, documents of the sample), the most frequent first."""
    years: Mapping[str, int]

    @property
    def weight(self) -> float:
        """Documents of the snapshot that one of the sample stands for."""
        return self.n_documents / self.n_rows if self.n_rows else 0.0


def draw(tables: Tables, index: Index) -> list[Stratum]:
    """Return a sample of every (domain, subset) of a snapshot, in the order of the index."""
    shards: dict[tuple[str, str], list[int]] = {}
    for number, row in enumerate(index.rows):
        shards.setdefault((row.domain, row.subset), []).append(number)
    return [_stratum(tables, index, key, numbers) for key, numbers in shards.items()]


def _stratum(tables: Tables, index: Index, key: tuple[str, str], shards: Sequence[int]) -> Stratum:
    columns = (*NUMBERS, *NAMES, "date", "signals")
    batches: list[list[Any]] = []
    n_rows = 0
    for shard in shards:
        for group, in_group in enumerate(tables.groups(shard)):
            if n_rows >= STRATUM_ROWS:
                break
            taken = min(in_group, STRATUM_ROWS - n_rows)
            batches.append(tables.head(shard, group, taken, columns))
            n_rows += taken
    whole = {
        name: pa.chunked_array([batch[place] for batch in batches]) for place, name in enumerate(columns)
    }
    return Stratum(
        domain=key[0],
        subset=key[1],
        n_documents=sum(index.rows[number].n_docs for number in shards),
        n_rows=n_rows,
        numbers={
            **{name: _values(whole[name]) for name in NUMBERS},
            **_signals([batch[-1] for batch in batches]),
        },
        names={name: _counted(whole[name]) for name in NAMES},
        years=dict(_counted(pc.utf8_slice_codeunits(whole["date"], 0, 4))),
    )


def _values(column: Any) -> NDArray[np.float64]:
    return np.asarray(pc.cast(pc.drop_null(column), pa.float64()), dtype=np.float64)


def _signals(maps: Sequence[Any]) -> dict[str, NDArray[np.float64]]:
    """Return the values of each signal of map columns."""
    keys = pa.chunked_array([_entries(column, 0) for column in maps]).combine_chunks()
    values = pa.chunked_array([_entries(column, 1) for column in maps]).combine_chunks()
    coded = keys.dictionary_encode()
    codes = np.asarray(coded.indices)
    order = np.argsort(codes, kind="stable")
    names = coded.dictionary.to_pylist()
    bounds = np.searchsorted(codes[order], np.arange(len(names) + 1))
    sorted_values = np.asarray(values, dtype=np.float64)[order]
    return {name: sorted_values[bounds[n] : bounds[n + 1]] for n, name in enumerate(names)}


def _entries(column: Any, place: int) -> Any:
    """Return the keys (0) or values (1) of the entries of a map column, of a slice its own."""
    offsets = column.offsets
    first, last = offsets[0].as_py(), offsets[len(column)].as_py()
    return (column.keys, column.items)[place].slice(first, last - first)


def _counted(column: Any) -> list[tuple[str, int]]:
    counts = pc.value_counts(pc.drop_null(column))
    pairs = zip(counts.field(0).to_pylist(), counts.field(1).to_pylist(), strict=True)
    return sorted(((str(value), int(n)) for value, n in pairs), key=lambda pair: (-pair[1], pair[0]))
