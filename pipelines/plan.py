"""plan: the patterns of the sources -> the table of parts. Listed once each, judged on workers."""

from __future__ import annotations

from collections.abc import Callable

import apache_beam as beam

from corpusforge.config import BuildConfig, ConfigError
from corpusforge.files import join, remove
from corpusforge.parts.plan import PLAN_FOLDER, Plan, read_plan
from corpusforge.parts.spec import PartSpec
from corpusforge.parts.tasks import (
    find_missing,
    finish_plan,
    list_source,
    numbered_parts,
    plan_inputs,
    prefix_digits,
    result_path,
)
from corpusforge.printable import visible
from corpusforge.sealed import read_json
from corpusforge_pipelines.runs import Run
from corpusforge_pipelines.spread import Spread
from corpusforge_pipelines.work import Work

_ERRORS_SHOWN = 10


def add_plan(pipeline: beam.Pipeline, config: BuildConfig, folder: str) -> beam.PCollection[int]:
    """Return the number of parts of a build, once their table is written."""
    none = pipeline | "Nothing wrong" >> beam.Create([(0, "")], reshuffle=False)  # (0, "")
    errors = (
        pipeline
        | "Sources" >> beam.Create(list(range(len(config.sources))), reshuffle=False)  # number: int
        | "List" >> beam.ParDo(Work(list_source, config))  # Slice: some inputs of a source
        | "Spread inputs" >> Spread()  # Slice
        | "Judge inputs" >> beam.ParDo(Work(plan_inputs, config, folder))  # error: str
        | "To one" >> beam.WithKeys(0)  # (0, error: str)
    )
    return (
        (errors, none)
        | "All slices" >> beam.Flatten()  # (0, str)
        | "When all are there" >> beam.GroupByKey()  # (0, [str])
        | "Join" >> beam.ParDo(Work(finish_plan, config, folder))  # parts: int
    )


def run_plan(run: Run, config: BuildConfig, note: Callable[[str], None] = lambda line: None) -> Plan | None:
    """Return the plan of a build; None on a dry run. `note` is told of what a person should look at.

    Raises `ConfigError`, a line each, for inputs that cannot be planned.
    """
    folder = join(config.output, PLAN_FOLDER, f"new-{config.plan_fingerprint()[:16]}")
    remove(folder)  # what a killed run left may be of other inputs
    if not run(lambda pipeline: add_plan(pipeline, config, folder)):
        return None
    found = read_json(result_path(folder))
    remove(folder)
    errors = found["errors"]
    if errors:
        more = len(errors) - _ERRORS_SHOWN
        shown = [*map(visible, errors[:_ERRORS_SHOWN]), *([f"and {more:,} more"] if more > 0 else [])]
        raise ConfigError("\n".join(shown))
    for line in found["notes"]:
        note(line)
    return read_plan(found["folder"])


class MissingParts(beam.PTransform):
    """The parts of a plan, each with whether it is there, the largest first; one listing tells many."""

    def __init__(self, plan: Plan, config: BuildConfig) -> None:
        super().__init__()
        self._plan = plan
        self._config = config

    def expand(self, input_or_inputs: beam.Pipeline) -> beam.PCollection[tuple[PartSpec, bool]]:
        digits = prefix_digits(self._plan.n_parts)
        return (
            input_or_inputs
            | "Plan" >> Parts(self._plan)  # (part: int, PartSpec)
            | "By prefix" >> beam.Map(lambda part: (part[1].part_id[:digits], part[1]))  # (prefix, PartSpec)
            | "Of a prefix" >> beam.GroupByKey()  # (prefix: str, [PartSpec])
            | "Find missing" >> beam.ParDo(Work(find_missing, self._config))  # (PartSpec, is there: bool)
            | "Spread" >> Spread()  # (PartSpec, is there: bool)
        )


class Parts(beam.PTransform):
    """The parts of a plan, each with its number, spread over the workers."""

    def __init__(self, plan: Plan) -> None:
        super().__init__()
        self._plan = plan

    def expand(self, input_or_inputs: beam.Pipeline) -> beam.PCollection[tuple[int, PartSpec]]:
        return (
            input_or_inputs
            | "Plan" >> beam.Create([self._plan.n_slices], reshuffle=False)  # slices: int
            | "Slices" >> beam.FlatMap(lambda n_slices: list(range(n_slices)))  # slice: int
            | "Spread slices" >> Spread()  # slice: int
            | "Read slices" >> beam.ParDo(Work(numbered_parts, self._plan))  # (part: int, PartSpec)
            | "Spread parts" >> Spread()  # (part: int, PartSpec)
        )
