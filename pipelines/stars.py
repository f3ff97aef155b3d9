"""Clusters on many machines: rounds of large-star and small-star over packed edges.

A pipeline unrolls `star_rounds` rounds; the driver runs it again while a round found
something to do (see `corpusforge.dedup.stars` for what proves that none is left).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import apache_beam as beam
import numpy as np
from apache_beam.pvalue import TaggedOutput

from corpusforge.config import BuildConfig
from corpusforge.dedup.bands import EDGE_DTYPE, Rows, by_number
from corpusforge.dedup.stars import both_ways, large_star, node_partition, small_star
from corpusforge.files import join, list_files, read_bytes, write_bytes

MAX_PIPELINES = 64
"""Past 64 x `star_rounds` rounds something is wrong: the paper's bound is log squared of the nodes."""


def edges_path(folder: str, step: int, partition: int) -> str:
    """Return where a partition of the edges lies after a number of pipelines."""
    return join(folder, f"edges-{step:03d}", f"{partition:05d}.u64")


def read_edges(folder: str, step: int, partition: int) -> Rows:
    """Return the edges of one partition."""
    return np.frombuffer(read_bytes(edges_path(folder, step, partition)), dtype=EDGE_DTYPE)


class ReadEdges(beam.DoFn):
    """Path of packed edges -> (partition of a node, packed (node, neighbour))."""

    def __init__(self, partitions: int) -> None:
        self._partitions = partitions

    def process(self, element: str) -> Iterator[tuple[int, bytes]]:
        edges = np.frombuffer(read_bytes(element), dtype=EDGE_DTYPE)
        yield from spread(both_ways(edges), "low", self._partitions)


class LargeStar(beam.DoFn):
    """(partition, [packed (node, neighbour)]) -> (partition, packed edges); the rest: open nodes."""

    def __init__(self, partitions: int) -> None:
        self._partitions = partitions

    def process(self, element: tuple[int, Iterable[bytes]]) -> Iterator[Any]:
        edges, n_open = large_star(joined(element[1]))
        yield from spread(edges, "high", self._partitions)
        yield TaggedOutput("open", n_open)


class SmallStar(beam.DoFn):
    """(partition, [packed edges]) -> (partition, packed (node, neighbour)); the rest: open nodes."""

    def __init__(self, partitions: int) -> None:
        self._partitions = partitions

    def process(self, element: tuple[int, Iterable[bytes]]) -> Iterator[Any]:
        edges, n_open = small_star(joined(element[1]))
        yield from spread(both_ways(edges), "low", self._partitions)
        yield TaggedOutput("open", n_open)


class WriteEdges(beam.DoFn):
    """(partition, [packed (node, neighbour)]) -> its edges, written."""

    def __init__(self, folder: str, step: int) -> None:
        self._folder = folder
        self._step = step

    def process(self, element: tuple[int, Iterable[bytes]]) -> Iterator[int]:
        neighbours = joined(element[1])
        edges = np.sort(neighbours[neighbours["low"] < neighbours["high"]], order=["low", "high"])
        write_bytes(edges_path(self._folder, self._step, element[0]), edges.tobytes())
        yield len(edges)


class WriteOpen(beam.DoFn):
    """(0, [open nodes of each task]) -> their sum, written: the last file of a pipeline."""

    def __init__(self, folder: str, step: int) -> None:
        self._path = join(folder, f"open-{step:03d}.json")

    def process(self, element: tuple[int, Iterable[int]]) -> Iterator[int]:
        total = sum(element[1])
        write_bytes(self._path, json.dumps({"open": total}).encode())
        yield total


def joined(pieces: Iterable[bytes]) -> Rows:
    """Return packed edges as one array."""
    return np.frombuffer(b"".join(pieces), dtype=EDGE_DTYPE)


def spread(edges: Rows, end: str, partitions: int) -> Iterator[tuple[int, bytes]]:
    """Yield packed edges by the partition of one of their ends."""
    for number, mine in by_number(node_partition(edges[end], partitions)):
        yield number, edges[mine].tobytes()


def add_stars(pipeline: beam.Pipeline, folder: str, step: int, config: BuildConfig) -> None:
    """Read the edges after `step` pipelines, do some rounds, write them and the count of open nodes."""
    partitions = config.dedup.partitions
    paths = [path for path in list_files(join(folder, f"edges-{step:03d}")) if path.endswith(".u64")]
    neighbours = (
        pipeline
        | "Edge files" >> beam.Create(paths, reshuffle=False)  # path: str
        | "Spread" >> beam.Reshuffle()  # path: str
        | "Both ways" >> beam.ParDo(ReadEdges(partitions))  # (partition: int, packed (node, neighbour))
    )
    still_open: tuple[Any, ...] = ()
    for number in range(config.dedup.star_rounds):
        large = (
            neighbours
            | f"Nodes {number}" >> beam.GroupByKey()  # (partition: int, [packed (node, neighbour)])
            | f"Large star {number}" >> beam.ParDo(LargeStar(partitions)).with_outputs("open", main="edges")
        )  # edges: (partition: int, packed edges); open: int
        small = (
            large.edges
            | f"Larger ends {number}" >> beam.GroupByKey()  # (partition: int, [packed edges])
            | f"Small star {number}" >> beam.ParDo(SmallStar(partitions)).with_outputs("open", main="edges")
        )  # edges: (partition: int, packed (node, neighbour)); open: int
        neighbours, still_open = small.edges, (large.open, small.open)
    _ = (
        neighbours
        | "Last nodes" >> beam.GroupByKey()  # (partition: int, [packed (node, neighbour)])
        | "Write edges" >> beam.ParDo(WriteEdges(folder, step + 1))  # edges: int
    )
    none = pipeline | "None open" >> beam.Create([0], reshuffle=False)  # 0
    _ = (
        (*still_open, none)
        | "Open" >> beam.Flatten()  # open nodes of one task: int
        | "To one" >> beam.WithKeys(0)  # (0, int)
        | "All open" >> beam.GroupByKey()  # (0, [int])
        | "Write open" >> beam.ParDo(WriteOpen(folder, step + 1))  # open nodes of the last round: int
    )


def run_stars(
    run: Callable[[Callable[[beam.Pipeline], object]], bool], folder: str, config: BuildConfig
) -> int:
    """Return after how many pipelines the stars have converged; their edges lie in `folder`."""
    for step in range(MAX_PIPELINES):
        run(lambda pipeline, step=step: add_stars(pipeline, folder, step, config))
        if json.loads(read_bytes(join(folder, f"open-{step + 1:03d}.json")))["open"] == 0:
            return step + 1
    raise RuntimeError(f"clusters did not converge in {MAX_PIPELINES * config.dedup.star_rounds} rounds")
