"""Edges in files -> stars in files: what a task of a star round reads, yields and writes.

edges-<step>/<partition>.u64    packed `EDGE_DTYPE` after so many pipelines; every partition has a file
open-<step>.json                how many nodes were open in the last round of the pipeline before
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from corpusforge.dedup.bands import EDGE_DTYPE, Rows, by_number
from corpusforge.dedup.stars import (
    both_ways,
    large_stars,
    node_partition,
    small_stars,
)
from corpusforge.files import join
from corpusforge.sealed import read_sealed, write_json, write_sealed

Packed = tuple[int, bytes]
"""(partition, packed `EDGE_DTYPE`)."""
OPEN = -1
"""In place of a partition: a count of open nodes follows."""


def edges_path(folder: str, step: int, partition: int) -> str:
    """Return where a partition of the edges lies after a number of pipelines."""
    return join(folder, f"edges-{step:03d}", f"{partition:05d}.u64")


def read_edges(folder: str, step: int, partition: int) -> Rows:
    """Return the edges of one partition."""
    return np.frombuffer(read_sealed(edges_path(folder, step, partition)), dtype=EDGE_DTYPE)


def packed_by(edges: Rows, numbers: np.ndarray[tuple[int], np.dtype[np.int64]]) -> Iterator[Packed]:
    """Yield packed edges by a number that each has."""
    for number, mine in by_number(numbers):
        yield number, edges[mine].tobytes()


def read_neighbours(folder: str, step: int, partitions: int, partition: int) -> Iterator[Packed]:
    """Yield the edges of a file both ways, by the partition of the node they are seen from."""
    edges = both_ways(read_edges(folder, step, partition))
    yield from packed_by(edges, node_partition(edges["low"], partitions))


def large_round(partitions: int, element: tuple[int, Iterable[bytes]]) -> Iterator[Packed]:
    """Yield the edges of a large-star step by their higher end, and (`OPEN`, count)."""
    for edges, n_open in large_stars(element[1]):
        yield from packed_by(edges, node_partition(edges["high"], partitions))
        yield OPEN, np.int64(n_open).tobytes()


def small_round(partitions: int, element: tuple[int, Iterable[bytes]]) -> Iterator[Packed]:
    """Yield the edges of a small-star step both ways, by node, and (`OPEN`, count)."""
    for edges, n_open in small_stars(element[1]):
        neighbours = both_ways(edges)
        yield from packed_by(neighbours, node_partition(neighbours["low"], partitions))
        yield OPEN, np.int64(n_open).tobytes()


def write_stars(folder: str, step: int, element: tuple[int, Iterable[bytes]]) -> Iterator[int]:
    """Yield how many edges of a partition's nodes to lower ones there are, once they are written.

    Where the rounds have ended, each node but the roots has one.
    """
    found = [np.empty(0, dtype=EDGE_DTYPE)]
    for piece in element[1]:
        neighbours = np.frombuffer(piece, dtype=EDGE_DTYPE)
        mine = neighbours[neighbours["low"] > neighbours["high"]]
        edges = np.empty(len(mine), dtype=EDGE_DTYPE)
        edges["low"], edges["high"] = mine["high"], mine["low"]
        found.append(edges)
    edges = np.unique(np.concatenate(found))
    write_sealed(edges_path(folder, step, element[0]), edges)
    yield len(edges)


def write_open(folder: str, step: int, element: tuple[int, Iterable[bytes]]) -> Iterator[int]:
    """Yield the number of open nodes of a round, once it is written: the last file of a pipeline."""
    total = sum(int(np.frombuffer(count, dtype=np.int64)[0]) for count in element[1])
    write_json(open_path(folder, step), {"open": total})
    yield total


def open_path(folder: str, step: int) -> str:
    """Return where the number of open nodes lies after a number of pipelines."""
    return join(folder, f"open-{step:03d}.json")
