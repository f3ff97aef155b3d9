"""Numbers over the workers, from one element; and functions whose results are passed on as they come."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import apache_beam as beam

from corpusforge.workers import current_pool
from corpusforge_pipelines.work import Work


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
            | "Spread" >> beam.Reshuffle()  # number: int
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
