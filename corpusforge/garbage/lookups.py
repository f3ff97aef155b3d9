"""Which lookups of retractions are of use: those that cover a file that stays, or what one was made of."""

from __future__ import annotations

from typing import Any

from corpusforge.files import join
from corpusforge.garbage.owners import NOBODY, Owners
from corpusforge.parquet import open_sealed_parquet
from corpusforge.retract.ledger import ledgers
from corpusforge.retract.lookup import CLUSTERS, PART, SHARD, ancestors, lookups


def useful_lookups(corpus: str, shards: Owners, parts: Owners, clusters: set[str]) -> frozenset[str]:
    """Return the names of the lookups that cover any of some shards, parts and folders of clusters.

    A shard that was written again is found by the one it was made of, whether that is still there or not.
    Memory: a row group of the files of one lookup.
    """
    folders = lookups(corpus)
    roots = _with_ancestors(corpus, shards) if folders else frozenset[str]()
    found: set[str] = set()
    for folder in folders:
        with open_sealed_parquet(join(folder, "places.parquet")) as file:
            for group in range(file.num_row_groups):
                if _covers(file.read_row_group(group), shards, roots, parts, clusters):
                    found.add(folder.rpartition("/")[2])
                    break
    return frozenset(found)


def _with_ancestors(corpus: str, shards: Owners) -> frozenset[str]:
    """Return the shards that those needed were made of, by all ledgers."""
    older, found = ancestors(ledgers(corpus)), set[str]()
    for shard, is_needed in zip(older, _owned(shards, list(older)), strict=True):
        if is_needed:
            while (shard := older.get(shard, "")) and shard not in found:
                found.add(shard)
    return frozenset(found)


def _covers(table: Any, shards: Owners, roots: frozenset[str], parts: Owners, clusters: set[str]) -> bool:
    by_kind: dict[str, list[str]] = {}
    for kind, name in zip(table["kind"].to_pylist(), table["name"].to_pylist(), strict=True):
        by_kind.setdefault(kind, []).append(name)
    ids = [name.rpartition("/")[2] for name in by_kind.pop(SHARD, [])]
    of_parts = by_kind.pop(PART, [])
    runs = {name.partition("/")[0] for name in by_kind.get(CLUSTERS, [])}
    return (
        any(_owned(shards, ids))
        or not roots.isdisjoint(ids)
        or any(_owned(parts, of_parts))
        or not runs.isdisjoint(clusters)
    )


def _owned(owners: Owners, names: list[str]) -> list[bool]:
    return [owner != NOBODY for owner in owners.of(names)]
