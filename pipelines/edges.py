"""dedup, first pipeline: the parts' signatures -> edges between like documents. Rows come by the shuffle."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import apache_beam as beam

from corpusforge.parts.compared import (
    EDGES,
    LEADERS,
    REQUESTS,
    DedupRun,
    candidates,
    compared,
    counts_written,
    delivered,
    edges_written,
    flagged_keys,
)
from corpusforge_pipelines.spread import Numbers, Streamed
from corpusforge_pipelines.work import Work


def add_edges(pipeline: beam.Pipeline, run: DedupRun) -> beam.PCollection[int]:
    """Return the number of edges, once they and the rows of all candidates are written."""
    sizes = run.sizes
    none = pipeline | "Every partition" >> Numbers(sizes.edge_partitions * len(run.kinds))  # (n: int, b"")
    found = (
        pipeline
        | "Spans" >> Numbers(sizes.spans, are_pairs=False)  # span of parts: int
        | "Keys" >> beam.ParDo(Work(flagged_keys, run))  # (partition: int, [key u64, ref u64] packed)
        | "By key" >> beam.GroupByKey()  # (partition: int, [packed pairs])
        | "Candidates" >> beam.ParDo(Streamed(candidates, run))  # Sent
    )
    edges = [found | "Exact edges" >> beam.FlatMap(only(EDGES))]  # (partition: int, packed edges)
    rows = (
        found
        | "Requests" >> beam.FlatMap(only(REQUESTS))  # (span: int, packed requests)
        | "By span" >> beam.GroupByKey()  # (span: int, [packed requests])
        | "Rows" >> beam.ParDo(Work(delivered, run))  # (task: bytes, packet)
    )
    for level in range(1 + sizes.levels):
        found = (
            rows
            | f"By task {level}" >> beam.GroupByKey()  # (task: bytes, [packet])
            | f"Compare {level}" >> beam.ParDo(Work(compared, run))  # Sent
        )
        edges.append(found | f"Edges {level}" >> beam.FlatMap(only(EDGES)))  # (partition: int, packed edges)
        rows = found | f"Leaders {level}" >> beam.FlatMap(only(LEADERS))  # (task: bytes, packet)
    return (
        (*edges, none)
        | "All edges" >> beam.Flatten()  # (partition: int, packed edges)
        | "By partition" >> beam.GroupByKey()  # (partition: int, [packed edges])
        | "Write edges" >> beam.ParDo(Work(edges_written, run))  # (0, packed counts)
        | "To one" >> beam.GroupByKey()  # (0, [packed counts])
        | "Write counts" >> beam.ParDo(Work(counts_written, run))  # edges: int
    )


def only(kind: str) -> Callable[[tuple[str, Any, bytes]], Iterator[tuple[Any, bytes]]]:
    """Return a function that passes on what is of one kind."""

    def passed(element: tuple[str, Any, bytes]) -> Iterator[tuple[Any, bytes]]:
        if element[0] == kind:
            yield element[1], element[2]

    return passed
