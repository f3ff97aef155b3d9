"""What a worker does between spills and shards: plain functions of an element, for any runner.

    FOLDER/spills/NNNNNNNN.spill                 survivors of some parts
    FOLDER/tables/NNNNNN.parquet, sums.json      what the spills hold
    FOLDER/<shape>/merged-1/NNNNNNNN.run         of the first level of merging, where there is one
    FOLDER/<shape>/rows/NNNNNNNN.json            the row of a shard that is written
    FOLDER/<shape>/shards.json                   all of them; written last

Each level knows what is there from one listing of its folder; what is there is not made again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from uuid import uuid4

import numpy as np
from numpy.typing import NDArray

from corpusforge.files import is_remote, join, list_files
from corpusforge.sealed import read_json, write_json
from corpusforge.shards.blocks import REF_DTYPE, Codec
from corpusforge.shards.format import ShardRow, row_from_json, row_to_json
from corpusforge.shards.index import (
    TABLE_SPILLS,
    Sums,
    add_sums,
    read_table,
    refs_by_target,
    sums_of,
    write_sums,
    write_table,
)
from corpusforge.shards.levels import BUCKET, DISK, Shape, Store
from corpusforge.shards.merge import merge, read_run
from corpusforge.shards.spill import SpillInfo, spill_path
from corpusforge.shards.writer import write_shard

Refs = tuple[int, bytes]
"""(task of the next level, packed `blocks.REF_DTYPE`)."""


class DoesNotAddUp(ValueError):
    """Two sums that must agree do not: a fault of corpusforge, unless a file of the corpus is damaged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """Where a build's shards are made; small, and handed to every worker."""

    corpus: str
    folder: str
    run: str = field(default_factory=lambda: uuid4().hex, compare=False)
    """Which run of the pipelines this is: what was listed in another is not believed."""

    @property
    def spills(self) -> str:
        """The folder of the spills."""
        return join(self.folder, "spills")

    @property
    def sums_path(self) -> str:
        """Where the sums of all spills are."""
        return join(self.folder, "sums.json")

    @property
    def store(self) -> Store:
        """What requests cost here."""
        return BUCKET if is_remote(self.folder) else DISK

    @property
    def codec(self) -> Codec:
        """How blocks are stored: small where they cross a network."""
        return "lz4" if is_remote(self.folder) else "none"

    def table_path(self, number: int) -> str:
        """Return where a table of spills is."""
        return join(self.folder, "tables", f"{number:06d}.parquet")

    def level_folder(self, shape: Shape, level: int) -> str:
        """Return the folder of the runs that a level makes, counted from 0."""
        return join(self.folder, shape.shape_id(), f"merged-{level + 1}")

    def rows_folder(self, shape: Shape) -> str:
        """Return the folder of the rows of written shards."""
        return join(self.folder, shape.shape_id(), "rows")

    def shards_path(self, shape: Shape) -> str:
        """Return where the rows of all shards are."""
        return join(self.folder, shape.shape_id(), "shards.json")

    def path_below(self, shape: Shape, level: int, file: int) -> str:
        """Return the path of a file that a level reads, or, above all levels, the shards."""
        if not level:
            return spill_path(self.spills, file)
        return run_path(self.level_folder(shape, level - 1), file)


def run_path(folder: str, number: int) -> str:
    """Return where a run lies."""
    return join(folder, f"{number:08d}.run")


def is_there(work: Work, folder: str, number: int) -> bool:
    """Return whether the file of a number was in a folder of working files when this process first looked."""
    return number in _listed(folder, work.run)


@lru_cache(maxsize=16)
def _listed(folder: str, run: str) -> frozenset[int]:
    names = (path.rpartition("/")[2] for path in list_files(folder))
    return frozenset(int(name[:8]) for name in names)


def table_of(spill: int) -> int:
    """Return the number of the table that holds the index of a spill."""
    return spill // TABLE_SPILLS


def tabulate(work: Work, element: tuple[int, Iterable[SpillInfo]]) -> Iterator[Sums]:
    """Yield the sums of the spills of one table, written. `element`: (number of the table, its spills)."""
    number, infos = element[0], list(element[1])
    write_table(work.table_path(number), infos)
    yield add_sums(map(sums_of, infos))


def finish_spills(work: Work, sums: Sums) -> Iterator[int]:
    """Yield the number of spills, the sums of all written: this commits them."""
    write_sums(work.sums_path, sums)
    yield sums.n_spills


def n_tables(sums: Sums) -> int:
    """Return how many tables of spills there are."""
    return -(-sums.n_spills // TABLE_SPILLS)


def read_refs(work: Work, shape: Shape, table: int) -> Iterator[Refs]:
    """Yield what each task of the first level, or each shard, reads of the spills of one table."""
    yield from _refs(shape, 0, read_table(work.table_path(table)))


def merge_range(work: Work, shape: Shape, level: int, element: tuple[int, Iterable[bytes]]) -> Iterator[Refs]:
    """Yield what each task of the next level reads of one run, made unless it is there.

    `element`: (number of the run, what it is made of).
    """
    number, packed = element
    made = shape.levels[level]
    folder = work.level_folder(shape, level)
    path = run_path(folder, number)
    if is_there(work, folder, number):
        index = read_run(path)
    else:
        index = merge(
            path,
            number,
            unpack(packed),
            lambda file: work.path_below(shape, level, file),
            made.ranges,
            number % made.ranges.count,
            shape.shards,
            work.codec,
        )
    yield from _refs(shape, level + 1, index)


def make_shard(work: Work, shape: Shape, element: tuple[int, Iterable[bytes]]) -> Iterator[dict[str, Any]]:
    """Yield the row of a shard as JSON, written unless it is there; nothing where it would be empty.

    `element`: (number of the shard, what it is made of).
    """
    number, packed = element
    folder = work.rows_folder(shape)
    path = join(folder, f"{number:08d}.json")
    if is_there(work, folder, number):
        yield read_json(path)
        return
    level = len(shape.levels)
    row = write_shard(
        shape.shards, number, unpack(packed), lambda file: work.path_below(shape, level, file), work.corpus
    )
    if row is not None:
        value = row_to_json(row)
        write_json(path, value)
        yield value


def write_rows(work: Work, shape: Shape, element: tuple[int, Iterable[dict[str, Any]]]) -> Iterator[int]:
    """Yield how many shards there are, their rows written together, in order. `element`: (anything, rows)."""
    ordered = sorted(element[1], key=lambda row: (row["domain"], row["subset"], row["index"]))
    write_json(work.shards_path(shape), {"shards": ordered})
    yield len(ordered)


def read_rows(work: Work, shape: Shape) -> list[ShardRow]:
    """Return the rows of all shards, in order."""
    return [row_from_json(row) for row in read_json(work.shards_path(shape))["shards"]]


def check_rows(rows: Sequence[ShardRow], sums: Sums) -> None:
    """Raise `DoesNotAddUp` unless the shards hold what the spills do, documents and tokens."""
    found = (sum(row.n_docs for row in rows), sum(row.n_tokens for row in rows))
    if found != (sums.n_docs, sums.n_tokens):
        raise DoesNotAddUp(
            f"shards hold {found[0]:,} documents and {found[1]:,} tokens, their spills {sums.n_docs:,} and "
            f"{sums.n_tokens:,}"
        )


def unpack(packed: Iterable[bytes]) -> NDArray[Any]:
    """Return refs that came in pieces."""
    return np.frombuffer(b"".join(packed), REF_DTYPE)


def _refs(shape: Shape, level: int, index: NDArray[Any]) -> Iterator[Refs]:
    """Yield what the tasks of a level read of files below it, from the blocks of these."""
    targets = shape.targets(level)
    groups = np.array([shape.group_of(level, int(file)) for file in index["file"]], np.int64)
    for group in np.unique(groups).tolist():
        for target, refs in refs_by_target(index[groups == group], targets):
            yield group * targets.count + target, refs.tobytes()
