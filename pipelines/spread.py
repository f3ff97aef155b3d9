"""Elements over the workers; numbers, from one element; and functions whose results go on as they come."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import apache_beam as beam
from apache_beam.options.pipeline_options import DirectOptions, StandardOptions

from corpusforge.workers import current_pool
from corpusforge_pipelines.loading import LOCAL_RUNNERS
from corpusforge_pipelines.work import Work


class Spread(beam.PTransform):
    """The same elements, each free to go to another worker than the one that it comes from.

    On one machine they stay: there `Work` hands each to the pool of the build, and a shuffle between
    would be a stage of Beam's for nothing.
    """

    def expand(self, input_or_inputs: Any) -> Any:
        options = input_or_inputs.pipeline.options
        is_here = (
            options.view_as(StandardOptions).runner in LOCAL_RUNNERS
            and options.view_as(DirectOptions).direct_num_workers == 1
        )
        return input_or_inputs if is_here else input_or_inputs | beam.Reshuffle()


class Numbers(beam.PTransform):
    """The numbers [0, count): alone and spread over the workers, or each with no bytes, to make a group."""

    def __init__(self, count: int, *, are_pairs: bool = True) -> None:
        super().__init__()
        self._count = count
        self._are_pairs = are_pairs

    def expand(self, input_or_inputs: beam.Pipeline) -> Any:
        count = input_or_inputs | "Count" >> beam.Create([self._count], reshuffle=False)  # count: int
        if self._are_pairs:
            return count | "Pairs" >> beam.FlatMap(_pairs)  # (number: int, b"")
        return (
            count
            | "Numbers" >> beam.FlatMap(_numbers)  # number: int
            | "Spread" >> Spread()  # number: int
        )


def _numbers(count: int) -> Iterator[int]:
    yield from range(count)


def _pairs(count: int) -> Iterator[tuple[int, bytes]]:
    for number in range(count):
        yield number, b""


class Streamed(Work):
    """As `Work`, for what touches no storage: on a service its results are passed on as they come."""

    def process(self, element: Any) -> Iterator[Any]:
        if current_pool() is None:
            yield from self._function(element)
        else:
            yield from super().process(element)
