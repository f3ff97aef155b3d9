"""Clusters on many machines: rounds of large-star and small-star over packed edges.

A pipeline unrolls `star_rounds` rounds; the driver runs it again while a round found
something to do (see `corpusforge.dedup.stars` for what proves that none is left).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import apache_beam as beam

from corpusforge.dedup.star_tasks import (
    OPEN,
    large_round,
    open_path,
    read_neighbours,
    small_round,
    write_open,
    write_stars,
)
from corpusforge.sealed import read_json
from corpusforge_pipelines.runs import Run
from corpusforge_pipelines.spread import Numbers, Streamed
from corpusforge_pipelines.work import Work

MAX_PIPELINES = 64
"""Past 64 x `star_rounds` rounds something is wrong: the paper's bound is log squared of the nodes."""


def add_stars(pipeline: beam.Pipeline, folder: str, step: int, partitions: int, rounds: int) -> None:
    """Read the edges after `step` pipelines, do some rounds, write them and the count of open nodes."""
    none = pipeline | "Every partition" >> Numbers(partitions)  # (partition: int, b"")
    neighbours = (
        pipeline
        | "Edge files" >> Numbers(partitions, are_pairs=False)  # partition: int
        | "Both ways" >> beam.ParDo(Work(read_neighbours, folder, step, partitions))  # (partition, packed)
    )
    counts: tuple[Any, ...] = ()
    for number in range(rounds):
        large = (
            neighbours
            | f"Nodes {number}" >> beam.GroupByKey()  # (partition: int, [packed (node, neighbour)])
            | f"Large star {number}" >> beam.ParDo(Streamed(large_round, partitions))  # (partition, packed)
        )
        small = (
            large
            | f"Edges {number}" >> beam.FlatMap(_edges)  # (partition: int, packed edges)
            | f"Larger ends {number}" >> beam.GroupByKey()  # (partition: int, [packed edges])
            | f"Small star {number}" >> beam.ParDo(Streamed(small_round, partitions))  # (partition, packed)
        )
        neighbours = small | f"Neighbours {number}" >> beam.FlatMap(_edges)  # (partition: int, packed)
        counts = (large, small)
    _ = (
        (neighbours, none)
        | "All nodes" >> beam.Flatten()  # (partition: int, packed (node, neighbour))
        | "Last nodes" >> beam.GroupByKey()  # (partition: int, [packed (node, neighbour)])
        | "Write edges" >> beam.ParDo(Work(write_stars, folder, step + 1))  # edges: int
    )
    _ = (
        counts
        | "Last round" >> beam.Flatten()  # (partition: int, packed)
        | "Open" >> beam.FlatMap(_open)  # (0, packed count)
        | "All open" >> beam.GroupByKey()  # (0, [packed count])
        | "Write open" >> beam.ParDo(Work(write_open, folder, step + 1))  # open nodes of the last round: int
    )


def _edges(element: tuple[int, bytes]) -> Iterator[tuple[int, bytes]]:
    if element[0] != OPEN:
        yield element


def _open(element: tuple[int, bytes]) -> Iterator[tuple[int, bytes]]:
    if element[0] == OPEN:
        yield 0, element[1]


def run_stars(run: Run, folder: str, partitions: int, rounds: int) -> int:
    """Return after how many pipelines the stars have converged; their edges lie in `folder`."""
    for step in range(MAX_PIPELINES):
        run(lambda pipeline, step=step: add_stars(pipeline, folder, step, partitions, rounds))
        if read_json(open_path(folder, step + 1))["open"] == 0:
            return step + 1
    raise RuntimeError(f"clusters did not converge in {MAX_PIPELINES * rounds} rounds")
