"""`corpusforge build --dry-run`: the parts that a build would make, and what it will take."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from typing import Any

from corpusforge.card import write_card
from corpusforge.commands.compiling import compile_first
from corpusforge.commands.console import count, duration, note, show, show_table, size
from corpusforge.commands.errors import usage_error
from corpusforge.config import BuildConfig
from corpusforge.cost.amount import Cost, cost_here, family_cpu_s, process_wall_s, spent
from corpusforge.cost.receipt import FINISH
from corpusforge.files import StorageMissing, is_remote, read_bytes, write_bytes
from corpusforge.files.meter import traffic_here
from corpusforge.frozen import canonical_sha256
from corpusforge.ingest import unsplittable
from corpusforge.parts.first import first_markup
from corpusforge.parts.planning import SameContent, plan_parts
from corpusforge.parts.reader import has_part
from corpusforge.parts.spec import BUCKET, PartSpec
from corpusforge.printable import counted_as
from corpusforge.report import write_report
from corpusforge.report.receipt import QUANTITIES, quantities
from corpusforge.steps import share_tools

_PARTS_SHOWN = 500
_WRITTEN_BY = "`corpusforge build --dry-run --prediction FILE`"


def print_plan(config: BuildConfig) -> tuple[list[PartSpec], list[bool]]:
    """Print and return the parts of a build, and which are there; say what one worker must read alone."""
    specs = plan_parts(config)
    done = [has_part(config.output, spec.part_id) for spec in specs]
    rows = [
        [
            spec.name,
            spec.kind.value,
            _split(spec),
            spec.part_id,
            "done" if is_done else "to do",
            size(spec.size_bytes) if spec.start == 0 else "",
        ]
        for spec, is_done in zip(specs[:_PARTS_SHOWN], done, strict=False)
    ]
    n_bytes = sum(spec.size_bytes for spec in specs if spec.start == 0)
    total = [counted_as(len(specs), "part"), "", "", "", f"{count(done.count(False))} to do", size(n_bytes)]
    columns = ["input", "kind", "split", "part", "state", "bytes"]
    title = f"Plan of {config.name}"
    title += f": the first {count(_PARTS_SHOWN)} parts" if len(specs) > _PARTS_SHOWN else ""
    show_table(title, columns, rows, words=5, total=total)
    for spec in specs:
        if (spec.start, spec.stop) == (0, None):
            why = unsplittable(spec.input_file(), config.ingest, spec.size_bytes)
            if why:
                note(f"{spec.name}: {why}")
    twice = SameContent()
    list(twice.watch(specs))
    for line in twice.lines():
        note(line)
    note(f"output: {config.output}; nothing was written")
    return specs, done


def _split(spec: PartSpec) -> str:
    if (spec.start, spec.stop) == (0, None):
        return ""
    if spec.form == BUCKET:
        return f"{spec.start + 1} of {spec.stop}"
    return f"{spec.start:,}-" + (f"{spec.stop:,}" if spec.stop is not None else "end")


def predict_cost(
    config: BuildConfig,
    specs: Sequence[PartSpec],
    done: Sequence[bool],
    workers: int,
    seconds: float,
    planned: Cost,
    path: str | None,
) -> None:
    """Print what a build will take, told from a sample of its dumps; write it to a path, if one is given."""
    if not specs:
        return
    before = cost_here()
    compile_first(note)  # once for an installation: the build will find it done
    compiled = cost_here() - before
    share_tools(
        config.steps(), first_markup(config)
    )  # as the build does, so that children cost here what they cost there
    # Beam takes seconds to import: not before the plan is on the screen.
    from corpusforge.commands.progress import SampleProgress
    from corpusforge_pipelines.loading import LOCAL_RUNNERS, load_beam

    load_beam(LOCAL_RUNNERS[0])
    from corpusforge_pipelines.prediction import predict

    began = spent(family_cpu_s(), process_wall_s(), traffic_here()) - planned - compiled
    with SampleProgress() as progress:
        found = predict(
            config,
            specs,
            done,
            seconds=seconds,
            workers=workers,
            started=Cost(cpu_us=began.cpu_us, wall_us=began.wall_us),
            planned=planned,
            finish=lambda corpus, snapshot: (write_report(corpus, snapshot), write_card(corpus, snapshot)),
            tell=progress.tell,
        )
    told = counted_as(workers, "worker")
    rows = [
        [name, size(of["input_bytes"]), _share(of["seen_bytes"], of["input_bytes"]), count(of["parts"]),
         duration(of["cpu_s"]), f"± {duration(2 * of['error_s'])}"]
        for name, of in found.by_source.items()
    ]  # fmt: skip
    columns = ["source", "input", "sampled", "parts to make", "CPU", "95 % within"]
    show_table("Cost of the parts to make, from a sample", columns, rows)
    rows = [
        [stage, duration(cost.wall_s), duration(cost.cpu_s), size(cost.read_bytes), size(cost.written_bytes),
         count(cost.n_requests)]
        for stage, cost in found.stages.items()
    ]  # fmt: skip
    show_table(f"Cost by stage, {told}", ["stage", "wall", "CPU", "read", "written", "requests"], rows)
    if requests := sum(found.stages.values(), Cost()).requests:
        show_table("Requests of stores, by operation", ["operation", "requests"], _listed(requests))
    lines: list[list[str]] = []
    for name in QUANTITIES:
        low, expected, high = found.totals[name]
        title, write = QUANTITIES[name]
        lines.append([title, write(expected), f"{write(low)} to {write(high)}"])
    show_table(f"The build will take, {told}", ["", "about", "most likely between"], lines)
    for line in found.notes:
        note(line)
    if path is not None:
        totals = {name: list(three) for name, three in found.totals.items()}
        stages = {stage: cost.cpu_s for stage, cost in found.stages.items()}
        requests = {stage: dict(cost.requests) for stage, cost in found.stages.items()}
        value = {
            "configuration": _configuration(config),
            **totals,
            "stages": stages,
            FINISH: quantities(found.stages.get(FINISH, Cost())),
            "requests_by_stage": requests,
        }
        write_bytes(path, (json.dumps(value, sort_keys=True) + "\n").encode())
        show("", f"Prediction  {path}; build with --prediction {path} to have both on the receipt")


def _listed(requests: Mapping[str, int]) -> list[list[str]]:
    return [[operation, count(number)] for operation, number in requests.items()]


def _share(part: float, whole: float) -> str:
    return f"{min(1.0, part / whole):.0%}" if whole else ""


def _configuration(config: BuildConfig) -> str:
    return canonical_sha256(config.corpus_settings())


def check_place(path: str, config: BuildConfig) -> None:
    """Raise a usage error where a prediction cannot be written to a path, before anything is sampled."""
    if path.startswith(config.output.rstrip("/") + "/"):
        raise usage_error(
            f"--prediction {path}: lies in the corpus, where a dry run writes nothing; put it elsewhere"
        )
    folder = os.path.dirname(path) or "."
    if not is_remote(path) and not os.path.isdir(folder):
        raise usage_error(f"--prediction {path}: there is no folder {folder}; make it, or name another place")


def read_prediction(path: str, config: BuildConfig) -> Mapping[str, Any]:
    """Return what a dry run with this configuration told; a usage error for any other file."""
    try:
        value = json.loads(read_bytes(path))
        configuration = value["configuration"]
        totals = {name: [float(one) for one in value[name]] for name in QUANTITIES}
        finish = {name: float(value[FINISH][name]) for name in quantities(Cost())}
        if not all(len(three) == 3 for three in totals.values()):
            raise ValueError
    except StorageMissing as error:
        raise usage_error(f"--prediction {error}; {_WRITTEN_BY} writes one") from None
    except OSError as error:
        raise usage_error(f"--prediction {error}") from None
    except (ValueError, KeyError, TypeError):
        raise usage_error(f"--prediction {path}: not what {_WRITTEN_BY} writes; run it") from None
    if configuration != _configuration(config):
        raise usage_error(f"--prediction {path}: it was made with another configuration; run --dry-run again")
    return {**totals, FINISH: finish}
