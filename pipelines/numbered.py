"""Calls of a function on all workers of a runner, by numbers: a graph does not grow with them."""

from __future__ import annotations

from typing import Any

import apache_beam as beam

from corpusforge.parts.finding import read_table, to_bytes, write_found
from corpusforge_pipelines.runs import Run
from corpusforge_pipelines.spread import Spread
from corpusforge_pipelines.work import Work as Calls


def numbers(pipeline: beam.Pipeline, count: int) -> Any:
    """Return the numbers below one, spread over workers."""
    return (
        pipeline
        | "Count" >> beam.Create([count], reshuffle=False)  # count: int
        | "Number" >> beam.FlatMap(lambda count: list(range(count)))  # number: int
        | "Spread" >> Spread()  # number: int
    )


def each_number(run: Run, count: int, calls: Calls) -> None:
    """Call a function for every number below one."""
    if count:
        run(lambda pipeline: numbers(pipeline, count) | "Call" >> beam.ParDo(calls))  # what was done


def rows_together(run: Run, count: int, calls: Calls, path: str, schema: Any) -> Any:
    """Return the rows that calls of the numbers below one yield, as a table, having written it to `path`.

    The calls yield (0, rows as an Arrow stream). The table is sorted by all of its columns.
    """
    nothing = (0, to_bytes(schema.empty_table()))

    def wire(pipeline: beam.Pipeline) -> object:
        none = pipeline | "None" >> beam.Create([nothing], reshuffle=False)  # (0, rows: bytes)
        found = numbers(pipeline, count) | "Look" >> beam.ParDo(calls)  # (0, rows: bytes)
        return (
            (found, none)
            | "All" >> beam.Flatten()  # (0, rows: bytes)
            | "Together" >> beam.GroupByKey()  # (0, [rows: bytes])
            | "Write" >> beam.ParDo(Calls(write_found, path, schema))  # rows: int
        )

    run(wire)
    return read_table(path)
