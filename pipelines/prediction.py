"""What a build will take, told from a sample of its dumps: made into parts, and built, in a folder that goes.

tiny     a build of one document, twice: what a first one takes to load, and what every one takes
look     at all records of dumps that are not too long: what they hold, which are alike (`parts.alike`)
sample   records or windows of each source and kind: rates of `prepare` (`parts.sampling`)
build    of these parts, by the code of a build itself: rates of all that follows (`whole`)

A corpus in a bucket is rehearsed: the folder stands for the bucket, and what it is asked for is counted.
"""

from __future__ import annotations

import json
import math
import os
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace

from corpusforge.config import BuildConfig, SourceConfig
from corpusforge.cost.amount import Cost, cost_from, cost_here, spending
from corpusforge.cost.extrapolation import (
    FLOOR,
    Estimate,
    next_stratum,
    total_of,
)
from corpusforge.cost.receipt import FINISH, PREPARE, START, Receipt
from corpusforge.document import SourceKind
from corpusforge.files import is_remote, join
from corpusforge.files.rehearsal import rehearsed
from corpusforge.parts.alike import look
from corpusforge.parts.empty import empty_parts
from corpusforge.parts.plan import write_plan
from corpusforge.parts.sampling import sample
from corpusforge.parts.spec import PartSpec
from corpusforge.parts.tasks import close_sandbox, lent_sandbox
from corpusforge.parts.totals import BuildError
from corpusforge.parts.windows import Stratum, spec_of_sample, strata_of
from corpusforge.shards.levels import parts_per_spill
from corpusforge.shards.snapshot import read_index
from corpusforge.shards.tasks import DoesNotAddUp
from corpusforge.steps import first_documents, process_all
from corpusforge_pipelines.build import BuildResult, build, build_parts
from corpusforge_pipelines.shard import spill_parts_count
from corpusforge_pipelines.survivors import Left, left_of
from corpusforge_pipelines.whole import OfParts, Small, Todo, kept_of, parts_of, stage_of

_TINY = (
    "The harbour town wakes early in the summer. Boats come back before the light, and the people who buy "
    "the fish stand on the quay with their hands in their pockets. Nobody hurries, because the price is "
    "made later, when the trains for the city are loaded and the last baskets have been weighed.\n\n"
    "Behind the market a narrow street leads up to the old library. Its doors were painted green when the "
    "council still had money for such things; since then two winters have taken most of the colour. The "
    "keeper opens at nine, counts the chairs, and writes the number into a book that no one has ever "
    "asked to see.\n\n"
    "In the afternoon the school lets its pupils out. Some of them run down to the water, others wait at "
    "the bakery, where yesterday's bread is sold for half of what it cost. An engine whistles from beyond "
    "the bridge. By evening the lamps are lit along the river, and whoever has a letter to send must be "
    "quick, for the box is emptied at seven and the clerk does not wait."
)
"""A text that is kept by the rules as they ship."""
_LATER = 0.10
"""Of what follows `prepare`, how far off a line through two builds may be."""
_ROUND = 0.01
"""Of counts, at least: a record at the edge of a window may be read otherwise than in the whole."""
_TINY_PARTS = 3
"""Of the second tiny build, paragraphs of the text: what it asks of a store more is by the part."""
Finish = Callable[[str, str], object]
"""Writes report and card: (corpus, snapshot)."""


@dataclass(frozen=True, kw_only=True)
class Prediction:
    """What a build will take."""

    stages: Mapping[str, Cost]
    """By stage, as a receipt has them; wall by the workers asked for."""
    totals: Mapping[str, tuple[float, float, float]]
    """(low, expected, high) of `cpu_s`, `wall_s`, `read_bytes`, `written_bytes`, `requests`,
    `documents`, `tokens`."""
    by_source: Mapping[str, Mapping[str, float]]
    """Of each `SOURCE/KIND`: `input_bytes`, `seen_bytes`, `cpu_s`, `error_s`, `parts`."""
    notes: Sequence[str] = ()


def predict(
    config: BuildConfig,
    specs: Sequence[PartSpec],
    done: Sequence[bool],
    *,
    seconds: float,
    workers: int,
    started: Cost,
    planned: Cost,
    finish: Finish,
    tell: Callable[[str, float], None] = lambda what, share: None,
) -> Prediction:
    """Return what a build of these parts will take, of which some are `done`.

    About so many seconds of CPU go into the look and the sample, and a few more into building it. `started`
    and `planned` are what the command took to load and to plan: a build takes it too. Nothing is written but
    in a temporary folder, which is removed.
    """
    with tempfile.TemporaryDirectory(prefix="corpusforge-sample-") as folder, ExitStack() as stack:
        place = stack.enter_context(rehearsed(config.output, folder)) if is_remote(config.output) else folder
        tell("a build of one document", 0.0)
        cold = _tiny(config, folder, place, finish, 1)
        warm = _tiny(config, folder, place, finish, _TINY_PARTS)
        one = _relaxed(config, join(place, "sample"))
        strata = strata_of(specs)
        tell("all records", 0.0)
        with spending() as looking:
            alike = look(strata, one, seconds / 2, lambda share: tell("all records", share))
            seconds = max(seconds / 2, seconds - looking.cost().cpu_s)
        try:
            with lent_sandbox(one.steps()) as sandbox:
                list(process_all(first_documents(), sandbox))  # its start is known from the tiny builds
                drawn = alike.drawn if alike is not None else ()
                sample(strata, one, sandbox, seconds, drawn, _choose, lambda share: tell("the dumps", share))
            each = empty_parts(strata[0], _relaxed(config, join(place, "empty")))
        finally:
            close_sandbox()
        tell("a build of the sample", 1.0)
        built = _build_sample(one, strata, finish)
        left = left_of(one.output, strata, alike)
    is_done = dict(zip((spec.part_id for spec in specs), done, strict=True))
    todo = [_todo(stratum, is_done) for stratum in strata]
    return _joined(config, strata, todo, (cold, warm, built), left, each, workers, started, planned)


def _choose(strata: Sequence[Stratum], left: Sequence[bool]) -> int | None:
    seen: list[tuple[int, float, float]] = []
    for stratum in strata:
        pairs = [(float(one.n_bytes), one.cost.cpu_s) for one in stratum.observations]
        mean_s = math.fsum(cpu_s for _, cpu_s in pairs) / max(1, len(pairs))
        seen.append((len(pairs), total_of(pairs, stratum.n_bytes).error, mean_s))
    return next_stratum(seen, left)


def _todo(stratum: Stratum, is_done: Mapping[str, bool]) -> Todo:
    left = [spec for spec in stratum.specs if not is_done[spec.part_id]]
    return Todo(sum(max(1, spec.n_bytes) for spec in left) / stratum.n_bytes, len(left))


def _relaxed(config: BuildConfig, output: str) -> BuildConfig:
    """Return a configuration that a sample passes: what guards a corpus guards no sample."""
    dedup = config.dedup.model_copy(update={"max_removed_share": 1.0})
    limits = {"max_quarantine_fraction": 1.0, "max_unread_fraction": 1.0}
    return config.model_copy(update={"output": output, "dedup": dedup, **limits})


def _tiny(config: BuildConfig, folder: str, place: str, finish: Finish, n_parts: int) -> Small:
    """Build one document, or its paragraphs as a part each."""
    paths = [join(folder, f"{number}.jsonl") for number in range(n_parts)]
    for path in paths:
        text = _TINY if n_parts == 1 else _TINY.split("\n\n")[paths.index(path)]
        with open(path, "w", encoding="utf-8") as stream:
            stream.write(json.dumps({"id": os.path.basename(path), "text": text}) + "\n")
    source = SourceConfig(name="sample", kind=SourceKind.JSONL, paths=tuple(paths))
    one = _relaxed(config, join(place, f"tiny-{n_parts}")).model_copy(update={"sources": (source,)})
    seen = _measured(one, lambda: build(one), finish)
    seen.parts = seen.spills = n_parts
    return seen


def _build_sample(config: BuildConfig, strata: Sequence[Stratum], finish: Finish) -> Small:
    names = [source.name for source in config.ordered_sources()]
    order = {name: place for place, name in enumerate(names)}
    made = [spec for stratum in strata for spec in stratum.made]
    made += [spec_of_sample(stratum) for stratum in strata if stratum.cut_bytes]
    specs = sorted(made, key=lambda spec: (order[spec.source], spec.name, spec.start))
    plan = write_plan(config.output, names, specs)
    seen = _measured(config, lambda: build_parts(config, plan), finish)
    seen.documents, seen.parts = sum(stratum.kept for stratum in strata), len(specs)
    seen.spills = -(-plan.n_parts // spill_parts_count(plan))
    return seen


def _measured(config: BuildConfig, make: Callable[[], BuildResult], finish: Finish) -> Small:
    """Return what a small build took; of one that is left without a document, nothing is known beyond."""
    seen = Small()
    with suppress(BuildError, DoesNotAddUp):
        result = make()
        if result.receipt is not None and result.snapshot_id is not None:
            seen.stages = _stages(result.receipt)
            seen.tokens = result.receipt.tokens
            seen.documents = sum(source["kept"] for source in result.totals["sources"].values())
            seen.rows = result.totals["rows"]
            seen.shards = len(read_index(config.output, result.snapshot_id).rows)
            before = cost_here()
            finish(config.output, result.snapshot_id)
            seen.stages[FINISH] = cost_here() - before
    return seen


def _stages(receipt: Receipt) -> dict[str, Cost]:
    """Return the stages of a receipt; bytes and requests of its parts are left out, which are told apart."""
    stages = receipt.stages()
    rest = stages[PREPARE] - sum(map(cost_from, receipt.made), Cost())
    return {**stages, PREPARE: replace(rest, cpu_us=stages[PREPARE].cpu_us, wall_us=stages[PREPARE].wall_us)}


def _joined(
    config: BuildConfig,
    strata: Sequence[Stratum],
    todo: Sequence[Todo],
    builds: tuple[Small, Small, Small],
    left: Sequence[Left],
    each: tuple[Cost, Cost],
    workers: int,
    started: Cost,
    planned: Cost,
) -> Prediction:
    cold, _, built = builds
    parts = [parts_of(*one, each, config.output) for one in zip(strata, todo, strict=True)]
    kept = kept_of(config, strata, parts, left, built)
    documents = sum((told.documents for told in parts), Estimate(0.0))
    n_parts = sum(len(stratum.specs) for stratum in strata)
    n_spills = -(-n_parts // parts_per_spill(n_parts, sum(stratum.n_bytes for stratum in strata)))
    stages: dict[str, Cost] = {START: started, "plan": planned, PREPARE: Cost()}
    for name in [name for name in (cold.stages or built.stages) if name != START]:
        cost = stage_of(name, builds, documents.value, (n_parts, n_spills), kept)
        stages[name] = stages.get(name, Cost()) + cost
    stages[PREPARE] += sum((told.cost for told in parts), Cost())
    error_s = math.sqrt(math.fsum(told.cpu.error**2 for told in parts))
    later_s = math.fsum(cost.cpu_s for name, cost in stages.items() if name not in (START, PREPARE, "plan"))
    spread = documents.error / documents.value if documents.value else 0.0
    later = Estimate(later_s, later_s * math.hypot(_LATER / 2, spread))
    rest = math.fsum(cost.cpu_s for cost in stages.values()) - later_s
    cpu = Estimate(rest, error_s) + later
    longest_s = _longest_s(strata, parts)
    stages = {name: _wall(name, cost, workers, strata, longest_s) for name, cost in stages.items()}
    whole = sum(stages.values(), Cost())
    doubt = kept.tokens.error / kept.tokens.value if kept.tokens.value else spread
    wall = Estimate(whole.wall_s, whole.wall_s * (cpu.error / cpu.value if cpu.value else 0.0))
    totals = {
        "cpu_s": cpu.between(2 * FLOOR),
        "wall_s": wall.between(4 * FLOOR),
        "read_bytes": Estimate(whole.read_bytes, whole.read_bytes * spread).between(FLOOR),
        "written_bytes": Estimate(whole.written_bytes, whole.written_bytes * doubt).between(FLOOR),
        "requests": Estimate(whole.n_requests, whole.n_requests * spread).between(2 * FLOOR),
        "documents": kept.documents.between(_ROUND),
        "tokens": kept.tokens.between(_ROUND),
    }
    notes = (
        []
        if cold.stages
        else ["a document of plain English is not kept: what a build takes to load is not known"]
    )
    notes += [] if built.tokens else ["nothing of the sample is kept: what follows prepare is not known"]
    notes += [] if any(one.n_parts for one in todo) else ["all parts are there: what follows them is told"]
    return Prediction(stages=stages, totals=totals, by_source=_by_source(strata, todo, parts), notes=notes)


def _by_source(
    strata: Sequence[Stratum], todo: Sequence[Todo], parts: Sequence[OfParts]
) -> dict[str, dict[str, float]]:
    """Return the strata of each source and kind, small parts and others, as one."""
    found: dict[str, dict[str, float]] = {}
    for stratum, left, told in zip(strata, todo, parts, strict=True):
        more = {
            "input_bytes": float(stratum.n_bytes),
            "seen_bytes": stratum.seen_bytes,
            "cpu_s": told.cpu.value,
            "parts": float(left.n_parts),
        }
        of = found.setdefault(stratum.name, {**dict.fromkeys(more, 0.0), "error_s": 0.0})
        for name, value in more.items():
            of[name] += value
        of["error_s"] = math.hypot(of["error_s"], told.cpu.error)
    return found


def _longest_s(strata: Sequence[Stratum], parts: Sequence[OfParts]) -> float:
    """Return the CPU seconds of the longest part, by the rate of its source and kind."""
    return max(
        (
            told.cpu.value * max(spec.n_bytes for spec in stratum.specs) / stratum.n_bytes
            for stratum, told in zip(strata, parts, strict=True)
        ),
        default=0.0,
    )


def _wall(name: str, cost: Cost, workers: int, strata: Sequence[Stratum], longest_s: float) -> Cost:
    """Return a stage with its wall time: parts are made by all workers at once, the longest by one."""
    if name != PREPARE:
        return cost
    seen = [one.cost for stratum in strata for one in stratum.observations if one.cost.wall_us]
    cpu_s, wall_s = sum(one.cpu_s for one in seen), sum(one.wall_s for one in seen)
    busy = cpu_s / wall_s if wall_s else 1.0
    at_once = min(workers * busy, float(os.cpu_count() or 1)) if workers > 1 else busy
    return replace(cost, wall_us=round(1e6 * max(cost.cpu_s / at_once, longest_s / busy)))
