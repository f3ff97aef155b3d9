"""The shuffle between levels as a dict, in one process: for corpora that need no runner."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from corpusforge.shards.format import ShardRow
from corpusforge.shards.index import Sums, add_sums
from corpusforge.shards.levels import Shape, choose_shape
from corpusforge.shards.spill import SpillInfo
from corpusforge.shards.tasks import (
    Refs,
    Work,
    check_rows,
    make_shard,
    merge_range,
    n_tables,
    read_refs,
    read_rows,
    table_of,
    tabulate,
    write_rows,
)
from corpusforge.shards.writer import plan_shards


def combine(work: Work, infos: Sequence[SpillInfo]) -> Sums:
    """Return the sums of spills, their tables written."""
    tables: dict[int, list[SpillInfo]] = {}
    for info in infos:
        tables.setdefault(table_of(info.number), []).append(info)
    return add_sums([sums for table in sorted(tables.items()) for sums in tabulate(work, table)])


def write_shards(
    work: Work, infos: Sequence[SpillInfo], target_tokens: int, n_levels: int | None = None
) -> list[ShardRow]:
    """Return the rows of the shards that spills make, about `target_tokens` each, written.

    `n_levels`: how often they are merged on the way; chosen from their counts where not given.
    """
    sums = combine(work, infos)
    shape = choose_shape(sums, plan_shards(sums.by_group(), target_tokens), work.store, n_levels)
    return follow(work, shape, sums)


def follow(work: Work, shape: Shape, sums: Sums) -> list[ShardRow]:
    """Return the rows of the shards that tabulated spills make, written along a shape."""
    found = _grouped(refs for table in range(n_tables(sums)) for refs in read_refs(work, shape, table))
    for level in range(len(shape.levels)):
        found = _grouped(refs for task in found for refs in merge_range(work, shape, level, task))
    made = [row for task in found for row in make_shard(work, shape, task)]
    list(write_rows(work, shape, (0, made)))
    rows = read_rows(work, shape)
    check_rows(rows, sums)
    return rows


def _grouped(refs: Iterable[Refs]) -> list[tuple[int, list[bytes]]]:
    found: dict[int, list[bytes]] = {}
    for task, packed in refs:
        found.setdefault(task, []).append(packed)
    return sorted(found.items())
