"""A document by its id: a shard's documents stand in the order of a hash of their ids, so nothing is scanned."""

from __future__ import annotations

from typing import Any

import pyarrow.compute

from corpusforge.shards.places import KEYS, shard_key
from corpusforge.shards.snapshot import Index
from corpusforge.view.scan import Place
from corpusforge.view.tables import Tables

pc: Any = pyarrow.compute

_MOST_SHARDS = 24
"""Three of every (domain, subset): the one that a key falls in, and its neighbours."""


def locate(tables: Tables, index: Index, doc_id: str) -> Place | None:
    """Return where a document stands; None where no shard of the snapshot holds it.

    Reads the ids of a few row groups: of each (domain, subset) the shard whose keys it falls among,
    and there by halving.
    """
    key = shard_key(doc_id, int(index.header["seed"]))
    counts: dict[tuple[str, str], int] = {}
    for row in index.rows:  # an empty shard has no row: the largest index tells at least how many there were
        counts[row.domain, row.subset] = max(counts.get((row.domain, row.subset), 0), row.index + 1)
    near = sorted(
        range(len(index.rows)),
        key=lambda n: abs(
            index.rows[n].index - key * counts[index.rows[n].domain, index.rows[n].subset] // KEYS
        ),
    )
    for number in near[:_MOST_SHARDS]:
        found = _in_shard(tables, number, doc_id, key, int(index.header["seed"]))
        if found is not None:
            return found
    return None


def _in_shard(tables: Tables, shard: int, doc_id: str, key: int, seed: int) -> Place | None:
    groups = tables.groups(shard)
    low, high = 0, len(groups)
    while low < high:
        middle = (low + high) // 2
        ids = tables.column(shard, middle, "doc_id")
        if key < shard_key(ids[0].as_py(), seed):
            high = middle
        elif key > shard_key(ids[-1].as_py(), seed):
            low = middle + 1
        else:
            place = int(pc.index(ids, doc_id).as_py())
            return None if place < 0 else Place(shard, sum(groups[:middle]) + place)
    return None
