"""What two snapshots of a corpus hold differently: documents and their order, tokens, shards."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from corpusforge.files import open_input
from corpusforge.parquet import open_parquet
from corpusforge.shards.format import ShardRow, shard_path
from corpusforge.shards.inside import path_inside
from corpusforge.shards.places import shard_key
from corpusforge.shards.snapshot import Index, read_index

Pair = tuple[int, int]
"""A figure of the first snapshot and of the second."""
Placed = tuple[NDArray[np.uint64], NDArray[np.bytes_], NDArray[np.bytes_]]
"""(keys, ids, content hashes: 32 hex digits each) of some documents, in order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Between:
    """One (domain, subset) of two snapshots."""

    domain: str
    subset: str
    docs: Pair
    shared_docs: int
    """Those of both, by their ids."""
    changed_docs: int
    """Of these, those whose text is another."""
    tokens: Pair
    shards: Pair
    shared_shards: int
    """Those that are the same files."""


def compare_snapshots(corpus: str, first: str, second: str) -> list[Between]:
    """Return what two snapshots hold of each (domain, subset), sorted.

    Documents that both hold stand in the same order in both: in the order of their keys, which is checked.
    Whether their texts are the same is told by their hashes. Reads the docs tables of shards that are not the
    same files, a row group at a time. Raises ValueError where the
    snapshots have different seeds, so different orders, or documents are out of order.
    """
    indexes = [read_index(corpus, snapshot) for snapshot in (first, second)]
    seeds = [int(index.header["seed"]) for index in indexes]
    if seeds[0] != seeds[1]:
        raise ValueError(
            f"the snapshots have the seeds {seeds[0]} and {seeds[1]}: their orders are not comparable"
        )
    names = sorted({(row.domain, row.subset) for index in indexes for row in index.rows})
    return [_compare(corpus, indexes, seeds[0], name) for name in names]


def _compare(corpus: str, indexes: Sequence[Index], seed: int, name: tuple[str, str]) -> Between:
    rows = [[row for row in index.rows if (row.domain, row.subset) == name] for index in indexes]
    ids = [{row.id for row in side} for side in rows]
    shared = ids[0] & ids[1]
    others = [[row for row in side if row.id not in shared] for side in rows]
    sides = [_placed(corpus, side, seed) for side in others]
    n_moved, n_changed = _in_both(sides[0], sides[1])
    n_shared = sum(row.n_docs for row in rows[0] if row.id in shared) + n_moved
    docs, tokens = (
        [sum(getattr(row, what) for row in side) for side in rows] for what in ("n_docs", "n_tokens")
    )
    return Between(
        domain=name[0],
        subset=name[1],
        docs=(docs[0], docs[1]),
        shared_docs=n_shared,
        changed_docs=n_changed,
        tokens=(tokens[0], tokens[1]),
        shards=(len(rows[0]), len(rows[1])),
        shared_shards=len(shared),
    )


def _placed(corpus: str, rows: Sequence[ShardRow], seed: int) -> Iterator[Placed]:
    """Yield the documents of shards, a row group at a time. Raises ValueError where one is out of order."""
    last = 0
    for row in rows:
        path = path_inside(corpus, shard_path(row.domain, row.subset, row.id, "docs"))
        with open_input(path) as stream:
            table = open_parquet(stream)
            for group in range(table.num_row_groups):
                some = table.read_row_group(group, ["doc_id", "content_hash"])
                names: list[str] = some["doc_id"].to_pylist()
                keys = np.array([shard_key(name, seed) for name in names], np.uint64)
                if len(keys) and (int(keys[0]) < last or bool((keys[1:] < keys[:-1]).any())):
                    raise ValueError(f"{path}: its documents are not in the order of their keys")
                last = int(keys[-1]) if len(keys) else last
                yield keys, np.array(names, "S32"), np.array(some["content_hash"].to_pylist(), "S32")


def _in_both(first: Iterator[Placed], second: Iterator[Placed]) -> tuple[int, int]:
    """Return how many documents two ordered streams share, and how many of these have another text.

    Holds what lies between the ends of their row groups.
    """
    sides = [first, second]
    held: list[Placed] = [_NOTHING, _NOTHING]
    n_shared = n_changed = 0
    while True:
        for side in (0, 1):
            if not len(held[side][0]):
                held[side] = next(sides[side], _NOTHING)
        if not all(len(keys) for keys, _, _ in held):
            return n_shared, n_changed
        # The side that ends first is done with; equal keys at its end wait for what may follow.
        limit = min(int(keys[-1]) for keys, _, _ in held)
        for side in (0, 1):
            while (
                len(held[side][0]) and int(held[side][0][-1]) == limit and (more := next(sides[side], None))
            ):
                keys, names, hashes = held[side]
                held[side] = (
                    np.concatenate([keys, more[0]]),
                    np.concatenate([names, more[1]]),
                    np.concatenate([hashes, more[2]]),
                )
        taken = [int(np.searchsorted(keys, np.uint64(limit), side="right")) for keys, _, _ in held]
        names = [one[1][:n] for one, n in zip(held, taken, strict=True)]
        shared, *rows = np.intersect1d(names[0], names[1], return_indices=True)
        n_shared += len(shared)
        n_changed += int((held[0][2][rows[0]] != held[1][2][rows[1]]).sum())
        held = [(one[0][n:], one[1][n:], one[2][n:]) for one, n in zip(held, taken, strict=True)]


_NOTHING: Placed = (np.empty(0, np.uint64), np.empty(0, "S32"), np.empty(0, "S32"))
