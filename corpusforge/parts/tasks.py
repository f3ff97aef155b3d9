"""What a worker does with the plan and with a part: plain functions of an element, for any runner."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any

from corpusforge.config import BuildConfig, ConfigError, StepsConfig
from corpusforge.files import join, list_files, publishing
from corpusforge.parquet import open_sealed_parquet
from corpusforge.parquet_seal import SealedParquetWriter
from corpusforge.parts.costs import MADE, Run, costs_of_there, note_cost, part_costs
from corpusforge.parts.inputs import Input
from corpusforge.parts.plan import Plan, write_plan
from corpusforge.parts.planning import SameContent, checked_inputs, parts_of
from corpusforge.parts.reader import has_part, parts_with_prefix, read_stats
from corpusforge.parts.spec import PLAN_SCHEMA, PartSpec, specs_of_batch, specs_to_batch
from corpusforge.parts.totals import Sums, part_sums
from corpusforge.parts.writer import make_part
from corpusforge.sandbox import Sandbox, SandboxError
from corpusforge.sealed import Damaged, write_json
from corpusforge.steps import open_sandbox
from corpusforge.workers import FAULTS, Heartbeat, count_there

SLICE_INPUTS = 256
"""Inputs that one task looks at."""
Slice = tuple[int, int, list[Input] | str]
"""(number of the source, number of the slice, inputs or why there are none)."""
NO_RUN = Run()
PREFIX_PARTS = 4096
"""Parts whose presence one listing tells: of the folder of all parts, or of one prefix of their ids."""


def list_source(config: BuildConfig, number: int) -> Iterator[Slice]:
    """Yield the inputs of a source in slices, or the one reason why they cannot be listed."""
    try:
        inputs = checked_inputs(config.ordered_sources()[number], config)
    except ConfigError as error:
        yield number, 0, str(error)
        return
    for first in range(0, len(inputs), SLICE_INPUTS):
        yield number, first // SLICE_INPUTS, inputs[first : first + SLICE_INPUTS]


def plan_inputs(config: BuildConfig, folder: str, element: Slice) -> Iterator[str]:
    """Yield what keeps a slice of inputs from being planned; their parts are written to `folder`."""
    source_number, number, inputs = element
    if isinstance(inputs, str):
        yield inputs
        return
    source, fingerprint = config.ordered_sources()[source_number], config.part_fingerprint()
    with (
        publishing(join(folder, f"{source_number:04d}-{number:08d}.parquet")) as path,
        SealedParquetWriter(path, PLAN_SCHEMA) as table,
    ):
        for input in inputs:
            try:
                table.write_batch(specs_to_batch(list(parts_of(input, source, config, fingerprint))))
            except ConfigError as error:
                yield str(error)


def finish_plan(config: BuildConfig, folder: str, element: tuple[int, Iterable[str]]) -> Iterator[int]:
    """Yield the number of parts, their slices joined; where they lie, or what is wrong, is in `folder`."""
    errors = sorted(error for error in element[1] if error)
    plan, twice = None, SameContent()
    if not errors:
        names = [source.name for source in config.ordered_sources()]
        plan = write_plan(config.output, names, twice.watch(_slices(folder)))
    found = {"folder": plan.folder if plan else None, "errors": errors, "notes": twice.lines()}
    write_json(result_path(folder), found)
    yield plan.n_parts if plan else 0


def result_path(folder: str) -> str:
    """Return where `finish_plan` writes what came of a plan."""
    return join(folder, "result.json")


def _slices(folder: str) -> Iterator[PartSpec]:
    for path in list_files(folder):
        if path.endswith(".parquet"):
            with open_sealed_parquet(path) as file:
                for group in range(file.num_row_groups):
                    yield from specs_of_batch(file.read_row_group(group))


def prefix_digits(n_parts: int) -> int:
    """Return how many digits of the parts' ids tell apart groups of about `PREFIX_PARTS`."""
    digits = 0
    while n_parts > PREFIX_PARTS * 16**digits:
        digits += 1
    return digits


def numbered_parts(plan: Plan, number: int) -> Iterator[tuple[int, PartSpec]]:
    """Yield (number, part) of a slice of a plan."""
    yield from enumerate(plan.slice(number), number * plan.slice_parts)


def find_missing(
    config: BuildConfig, element: tuple[str, Iterable[PartSpec]]
) -> Iterator[tuple[PartSpec, bool]]:
    """Yield (part, whether it is there) of the parts whose ids begin with a prefix, the largest first.

    A big file that is begun last would keep one worker busy alone.
    """
    prefix, specs = element
    there = parts_with_prefix(config.output, prefix)
    for spec in sorted(specs, key=lambda spec: (-spec.size_bytes, spec.part_id)):
        yield spec, spec.part_id in there


def write_sums(plan: Plan, sums: Sums) -> Iterator[int]:
    """Yield the number of parts, their sums written beside the plan."""
    write_json(sums_path(plan), sums)
    yield sums["parts"]


def sums_path(plan: Plan) -> str:
    """Return where the sums of a build's parts are written."""
    return join(plan.folder, "prepared.json")


def prepare_part(config: BuildConfig, element: tuple[PartSpec, bool], run: Run = NO_RUN) -> Iterator[Sums]:
    """Yield the sums of a part, made unless it is there; `element`: (part, whether it was there).

    What is raised names the input, unless the set-up is at fault.
    """
    spec, is_there = element
    if is_there or has_part(config.output, spec.part_id):
        count_there(spec.n_bytes)
        stats = read_stats(config.output, spec.part_id)
        yield part_sums(stats, costs_of_there(config.output, stats, spec, run))
        return
    heartbeat = Heartbeat(spec.n_bytes)
    is_made = False
    try:
        with lent_sandbox(config.steps()) as sandbox:
            stats, cost = make_part(spec, config, sandbox, heartbeat.beat)
        is_made = True
    except Exception as error:
        if spec.path in str(error) or isinstance(error, SandboxError | Damaged):
            raise
        kind = OSError if isinstance(error, FAULTS) else RuntimeError
        raise kind(f"{spec.path}: {type(error).__name__}: {error}") from error
    finally:
        heartbeat.end(is_made=is_made)
    note_cost(config.output, spec.part_id, run, cost)
    yield part_sums(stats, part_costs(stats, spec.n_bytes, MADE, cost), cost)


_idle: dict[str, list[Sandbox[Any, Any]]] = {}
"""Sandboxes that wait for a part, by the fingerprint of their steps."""
_idle_lock = Lock()


@contextmanager
def lent_sandbox(config: StepsConfig) -> Generator[Sandbox[Any, Any]]:
    """Lend a sandbox: a process has as many as it has threads that make parts at one time.

    One that was left amid a part is ended: what it still answers is of that part.
    """
    fingerprint = config.fingerprint()
    with _idle_lock:
        mine = _idle.get(fingerprint)
        sandbox = mine.pop() if mine else open_sandbox(config)
    try:
        yield sandbox
    except BaseException:
        sandbox.close()
        raise
    with _idle_lock:
        others = [_idle.pop(key) for key in list(_idle) if key != fingerprint]
        _idle.setdefault(fingerprint, []).append(sandbox)
    for other in (sandbox for waiting in others for sandbox in waiting):
        other.close()


def close_sandbox() -> None:
    """End the sandboxes of this process that make no part."""
    with _idle_lock:
        idle = [sandbox for mine in _idle.values() for sandbox in mine]
        _idle.clear()
    for sandbox in idle:
        sandbox.close()
