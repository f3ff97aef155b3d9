"""prepare: dumps -> parts. Map-only; an element is one part's description, never a document."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any

import apache_beam as beam

from corpusforge.config import BuildConfig
from corpusforge.parts import costs
from corpusforge.parts.plan import Plan
from corpusforge.parts.tasks import NO_RUN, prepare_part, sums_path, write_sums
from corpusforge.parts.totals import Sums, add_sums, no_sums
from corpusforge.sealed import read_json
from corpusforge_pipelines.counters import count_sums
from corpusforge_pipelines.plan import MissingParts
from corpusforge_pipelines.runs import Run
from corpusforge_pipelines.work import Work


class SumParts(beam.CombineFn):
    """Sums of single parts -> the sums of all; as large as the sources are many, not the parts."""

    def create_accumulator(self, *args: Any) -> Sums:
        return no_sums()

    def add_input(self, mutable_accumulator: Sums, element: Sums, *args: Any) -> Sums:
        return add_sums(mutable_accumulator, element)

    def merge_accumulators(self, accumulators: Iterable[Sums], *args: Any) -> Sums:
        total = no_sums()
        for sums in accumulators:
            total = add_sums(total, sums)
        return total

    def extract_output(self, accumulator: Sums, *args: Any) -> Sums:
        return accumulator


def add_prepare(
    pipeline: beam.Pipeline, plan: Plan, config: BuildConfig, run: costs.Run = NO_RUN
) -> beam.PCollection[int]:
    """Return how many parts there are, made by as many workers as the runner has, their sums written."""
    make = partial(prepare_part, run=run)
    return (
        pipeline
        | "Parts" >> MissingParts(plan, config)  # (PartSpec, is there: bool)
        | "Make parts" >> beam.ParDo(Work(make, config, watched=True))  # Sums of a part
        | "Count" >> beam.Map(count_sums)  # Sums of a part
        | "Sum" >> beam.CombineGlobally(SumParts())  # Sums
        | "Write sums" >> beam.ParDo(Work(write_sums, plan))  # parts: int
    )


def run_prepare(run: Run, plan: Plan, config: BuildConfig, made_by: costs.Run = NO_RUN) -> Sums | None:
    """Return the sums of a build's parts, all of them made; None on a dry run.

    `made_by` tells parts of this run from those that were there.
    """
    if not run(lambda pipeline: add_prepare(pipeline, plan, config, made_by)):
        return None
    return read_json(sums_path(plan))
