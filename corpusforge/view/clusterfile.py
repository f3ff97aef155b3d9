"""The tables of clusters: how large they are, one by its id, some from a place on."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from corpusforge.files import join, list_files
from corpusforge.parquet import open_sealed_parquet

MAX_ROWS = 400_000
"""Rows of the tables that sizes are counted over."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """Clusters by how many documents they hold."""

    sizes: Counter[int]
    is_whole: bool

    @property
    def n_clusters(self) -> int:
        """How many were counted."""
        return sum(self.sizes.values())

    @property
    def rows(self) -> list[tuple[str, int]]:
        """(documents, clusters): 2, 3, 4, then ranges that double."""
        found: dict[str, int] = {}
        for n in sorted(self.sizes):
            low = n if n < 5 else 1 << (n.bit_length() - 1)
            name = str(n) if n < 5 else f"{max(low, 5)} to {2 * low - 1}"
            found[name] = found.get(name, 0) + self.sizes[n]
        return list(found.items())


def cluster_paths(corpus: str, runs: Sequence[str]) -> list[str]:
    """Return the tables of clusters of some dedup runs of a corpus, sorted."""
    return sorted(
        path
        for run in runs
        for path in list_files(join(corpus, "clusters", run))
        if path.endswith("/clusters.parquet")
    )


def cluster_sizes(corpus: str, runs: Sequence[str]) -> Sizes:
    """Return how large clusters are; of a large run, the first ones."""
    sizes: Counter[int] = Counter()
    n_rows = 0
    for path in cluster_paths(corpus, runs):
        with open_sealed_parquet(path) as file:
            members: Counter[str] = Counter()
            for group in range(file.num_row_groups):
                if n_rows >= MAX_ROWS:
                    return Sizes(sizes + Counter(members.values()), False)
                ids = file.read_row_group(group, columns=["cluster_id"])["cluster_id"]
                n_rows += len(ids)
                for pair in ids.value_counts().to_pylist():
                    members[pair["values"]] += pair["counts"]
            sizes.update(members.values())
    return Sizes(sizes, True)


def clusters_from(
    corpus: str, runs: Sequence[str], table: int, row: int, count: int
) -> tuple[list[list[dict[str, Any]]], tuple[int, int] | None]:
    """Return up to `count` clusters from a row of a table on, and where the next ones begin.

    The rows of a cluster follow each other.
    """
    paths = cluster_paths(corpus, runs)
    found: list[list[dict[str, Any]]] = []
    for number in range(table, len(paths)):
        at = row if number == table else 0
        for place, member in _rows_from(paths[number], at):
            if found and found[-1][0]["cluster_id"] == member["cluster_id"]:
                found[-1].append(member)
                continue
            if len(found) == count:
                return found, (number, place)
            found.append([member])
    return found, None


def _rows_from(path: str, first: int) -> Iterator[tuple[int, dict[str, Any]]]:
    with open_sealed_parquet(path) as file:
        base = 0
        for group in range(file.num_row_groups):
            n_rows = file.metadata.row_group(group).num_rows
            if base + n_rows > first:
                skipped = max(0, first - base)
                rows = file.read_row_group(group).slice(skipped)
                for batch in rows.to_batches(256):
                    for member in batch.to_pylist():
                        yield base + skipped, member
                        skipped += 1
            base += n_rows


def cluster_of(
    corpus: str, runs: Sequence[str], cluster_id: str, seconds: float = 10.0
) -> list[dict[str, Any]]:
    """Return the members of a cluster, none where it was not found within the time."""
    import pyarrow.compute

    pc: Any = pyarrow.compute
    end = time.monotonic() + seconds
    for path in cluster_paths(corpus, runs):
        found: list[dict[str, Any]] = []
        with open_sealed_parquet(path) as file:
            for group in range(file.num_row_groups):
                ids = file.read_row_group(group, columns=["cluster_id"])["cluster_id"]
                if pc.index(ids, cluster_id).as_py() >= 0:
                    rows = file.read_row_group(group)
                    found += rows.filter(pc.equal(rows["cluster_id"], cluster_id)).to_pylist()
                elif found or time.monotonic() > end:
                    break
        if found:
            return found
    return []
