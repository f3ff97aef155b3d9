"""What a build will take, told from a sample of its dumps: made into parts, and built, in a folder that goes.

tiny     a build of one document, twice: what a first one takes to load, and what every one takes
sample   windows of each source and kind, one part each: rates of `prepare` by the byte (`parts.sampling`)
build    of these parts, by the code of a build itself: rates of all that follows, by document and token
"""

from __future__ import annotations

import json
import math
import os
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace

from corpusforge.config import BuildConfig, SourceConfig
from corpusforge.cost.amount import Cost, cost_here
from corpusforge.cost.extrapolation import (
    FLOOR,
    Estimate,
    distinct,
    next_stratum,
    on_line,
    total_of,
)
from corpusforge.cost.receipt import FINISH, PREPARE, START
from corpusforge.document import SourceKind
from corpusforge.files import join, list_files
from corpusforge.parquet import open_sealed_parquet
from corpusforge.parts.plan import write_plan
from corpusforge.parts.sampling import empty_parts, sample, share_with_rejects
from corpusforge.parts.spec import PartSpec
from corpusforge.parts.tasks import close_sandbox, lent_sandbox
from corpusforge.parts.totals import BuildError
from corpusforge.parts.windows import Stratum, spec_of_sample, strata_of
from corpusforge.shards.tasks import DoesNotAddUp
from corpusforge.steps import first_documents, process_all
from corpusforge_pipelines.build import BuildResult, build, build_parts

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
_SHOWN = 10_000
"""Documents of a domain at most that report and card look at (`report.sample`)."""
Finish = Callable[[str, str], object]
"""Writes report and card: (corpus, snapshot)."""


@dataclass(frozen=True, kw_only=True)
class Prediction:
    """What a build will take."""

    stages: Mapping[str, Cost]
    """By stage, as a receipt has them; wall by the workers asked for."""
    totals: Mapping[str, tuple[float, float, float]]
    """(low, expected, high) of `cpu_s`, `wall_s`, `read_bytes`, `written_bytes`, `documents`, `tokens`."""
    by_source: Mapping[str, Mapping[str, float]]
    """Of each `SOURCE/KIND`: `input_bytes`, `seen_bytes`, `cpu_s`, `error_s`, `documents`."""
    notes: Sequence[str] = ()


@dataclass
class _Seen:
    """What was measured of one small build."""

    stages: dict[str, Cost] = field(default_factory=dict[str, Cost])
    documents: int = 0
    tokens: int = 0
    result: BuildResult | None = None


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

    About so many seconds go into the sample, and a few more into building it. `started` and `planned` are
    what the command took to load and to plan: a build takes it too. Nothing is written but in a temporary
    folder, which is removed.
    """
    with tempfile.TemporaryDirectory(prefix="corpusforge-sample-") as folder:
        tell("a build of one document", 0.0)
        cold = _tiny(config, join(folder, "cold"), finish)
        warm = _tiny(config, join(folder, "warm"), finish)
        one = _relaxed(config, join(folder, "sample"))
        strata = strata_of(specs)
        try:
            with lent_sandbox(one.steps()) as sandbox:
                list(process_all(first_documents(), sandbox))  # its start is known from the tiny builds
                sample(strata, one, sandbox, seconds, _choose, lambda share: tell("the dumps", share))
            each = empty_parts(strata[0], _relaxed(config, join(folder, "empty")))
        finally:
            close_sandbox()
        tell("a build of the sample", 1.0)
        built = _build_sample(one, strata, finish)
        times = _times_seen(one.output, built.documents)
    todo = {
        stratum.name: _todo(stratum, dict(zip((s.part_id for s in specs), done, strict=True)))
        for stratum in strata
    }
    return _joined(config, strata, todo, (cold, warm, built), times, each, workers, started, planned)


def _choose(strata: Sequence[Stratum], left: Sequence[bool]) -> int | None:
    seen: list[tuple[int, float, float]] = []
    for stratum in strata:
        pairs = [(float(one.n_bytes), one.cost.cpu_s) for one in stratum.observations]
        mean_s = math.fsum(cpu_s for _, cpu_s in pairs) / max(1, len(pairs))
        seen.append((len(pairs), total_of(pairs, stratum.n_bytes).error, mean_s))
    return next_stratum(seen, left)


def _todo(stratum: Stratum, is_done: Mapping[str, bool]) -> tuple[float, int]:
    """Return (the share of a stratum's bytes that is to be made, in how many parts)."""
    left = [spec for spec in stratum.specs if not is_done[spec.part_id]]
    return sum(max(1, spec.n_bytes) for spec in left) / stratum.n_bytes, len(left)


def _relaxed(config: BuildConfig, output: str) -> BuildConfig:
    """Return a configuration that a sample passes: what guards a corpus guards no sample."""
    dedup = config.dedup.model_copy(update={"max_removed_share": 1.0})
    limits = {"max_quarantine_fraction": 1.0, "max_unread_fraction": 1.0}
    return config.model_copy(update={"output": output, "dedup": dedup, **limits})


def _tiny(config: BuildConfig, folder: str, finish: Finish) -> _Seen:
    os.makedirs(folder)
    path = join(folder, "one.jsonl")
    with open(path, "w", encoding="utf-8") as stream:
        stream.write(json.dumps({"id": "1", "text": _TINY}) + "\n")
    source = SourceConfig(name="sample", kind=SourceKind.JSONL, paths=(path,))
    one = _relaxed(config, join(folder, "corpus")).model_copy(update={"sources": (source,)})
    return _measured(one, lambda: build(one), finish)


def _build_sample(config: BuildConfig, strata: Sequence[Stratum], finish: Finish) -> _Seen:
    names = [source.name for source in config.ordered_sources()]
    order = {name: place for place, name in enumerate(names)}
    specs = sorted(map(spec_of_sample, strata), key=lambda spec: (order[spec.source], spec.name))
    plan = write_plan(config.output, names, specs)
    seen = _measured(config, lambda: build_parts(config, plan), finish)
    seen.documents = sum(stratum.stats["kept"] for stratum in strata)
    return seen


def _measured(config: BuildConfig, make: Callable[[], BuildResult], finish: Finish) -> _Seen:
    """Return what a small build took; of one that is left without a document, nothing is known beyond."""
    seen = _Seen()
    with suppress(BuildError, DoesNotAddUp):
        result = seen.result = make()
        if result.receipt is not None and result.snapshot_id is not None:
            seen.stages = result.receipt.stages()
            seen.tokens = result.receipt.tokens
            seen.documents = sum(source["kept"] for source in result.totals["sources"].values())
            before = cost_here()
            finish(config.output, result.snapshot_id)
            seen.stages[FINISH] = cost_here() - before
    return seen


def _times_seen(output: str, documents: int) -> Counter[int]:
    """Return how many clusters have how many of the sample's documents; those in none are alone."""
    sizes: Counter[str] = Counter()
    for path in list_files(join(output, "clusters")):
        if path.endswith("clusters.parquet"):
            with open_sealed_parquet(path) as file:
                for batch in file.iter_batches(columns=["cluster_id"]):
                    sizes.update(batch.column(0).to_pylist())
    times = Counter(sizes.values())
    times[1] += max(0, documents - sum(sizes.values()))
    return times


def _joined(
    config: BuildConfig,
    strata: Sequence[Stratum],
    todo: Mapping[str, tuple[float, int]],
    builds: tuple[_Seen, _Seen, _Seen],
    times: Mapping[int, int],
    each: tuple[Cost, Cost],
    workers: int,
    started: Cost,
    planned: Cost,
) -> Prediction:
    cold, warm, built = builds
    parts, documents = _of_parts(strata, todo, each)
    n_seen, n_documents = built.documents, documents.value
    clusters = distinct(times, n_documents) if config.dedup.method != "off" else Estimate(n_documents)
    kept = _survivors(strata, times, n_documents, clusters)
    tokens_seen = built.tokens
    tokens = tokens_seen * kept.value
    stages: dict[str, Cost] = {START: started, "plan": planned, PREPARE: Cost()}
    n_todo = sum(count for _, count in todo.values())
    for name in [name for name in (cold.stages or built.stages) if name != START]:
        units = (
            (warm.tokens, tokens_seen, tokens) if name in _BY_TOKEN else (warm.documents, n_seen, n_documents)
        )
        if name == FINISH:
            shown = _SHOWN * max(1, len(built.result.totals["rows"]) if built.result else 1)
            units = (warm.documents, min(n_seen, shown), min(n_documents, shown))
        stages[name] = stages.get(name, Cost()) + _on_lines(cold, warm, built, name, units)
    made = sum((cost for _, cost in parts.values()), Cost())
    stages[PREPARE] += made
    error_s = math.sqrt(math.fsum(estimate.error**2 for estimate, _ in parts.values()))
    later_s = math.fsum(cost.cpu_s for name, cost in stages.items() if name not in (START, PREPARE, "plan"))
    spread = documents.error / n_documents if n_documents else 0.0
    later = Estimate(later_s, later_s * math.hypot(_LATER / 2, spread))
    rest = math.fsum(cost.cpu_s for cost in stages.values()) - later_s
    cpu = Estimate(rest, error_s) + later
    longest_s = _longest_s(strata, parts)
    stages = {name: _wall(name, cost, workers, strata, longest_s) for name, cost in stages.items()}
    whole = sum(stages.values(), Cost())
    doubt = kept.error / kept.value if kept.value else spread
    wall = Estimate(whole.wall_s, whole.wall_s * (cpu.error / cpu.value if cpu.value else 0.0))
    totals = {
        "cpu_s": cpu.between(2 * FLOOR),
        "wall_s": wall.between(4 * FLOOR),
        "read_bytes": Estimate(whole.read_bytes, whole.read_bytes * spread).between(FLOOR),
        "written_bytes": Estimate(whole.written_bytes, whole.written_bytes * doubt).between(FLOOR),
        "documents": Estimate(clusters.value, clusters.value * doubt).between(_ROUND),
        "tokens": Estimate(tokens, tokens * doubt).between(_ROUND),
    }
    by_source = {
        stratum.name: {
            "input_bytes": float(stratum.n_bytes),
            "seen_bytes": stratum.seen_bytes,
            "cpu_s": parts[stratum.name][0].value,
            "error_s": parts[stratum.name][0].error,
            "parts": float(todo[stratum.name][1]),
        }
        for stratum in strata
    }
    notes = (
        []
        if cold.stages
        else ["a document of plain English is not kept: what a build takes to load is not known"]
    )
    notes += [] if built.tokens else ["nothing of the sample is kept: what follows prepare is not known"]
    notes += [] if n_todo else ["all parts are there: what follows them is told"]
    return Prediction(stages=stages, totals=totals, by_source=by_source, notes=notes)


_BY_TOKEN = ("tokenise", "shard", "commit")


def _of_parts(
    strata: Sequence[Stratum], todo: Mapping[str, tuple[float, int]], empty: tuple[Cost, Cost]
) -> tuple[dict[str, tuple[Estimate, Cost]], Estimate]:
    """Return what the parts of each stratum will take, with the doubt of its CPU, and documents of all."""
    found: dict[str, tuple[Estimate, Cost]] = {}
    documents = Estimate(0.0)
    for stratum in strata:
        share, n_parts = todo[stratum.name]
        rejects = share_with_rejects(stratum, len(stratum.specs))
        each_s = empty[0].cpu_s + rejects * empty[1].cpu_s
        each_bytes = empty[0].written_bytes + rejects * empty[1].written_bytes
        scale = stratum.n_bytes / stratum.seen_bytes if stratum.seen_bytes else 0.0
        seen = stratum.observations
        cpu = total_of([(one.n_bytes, one.cost.cpu_s) for one in seen], stratum.n_bytes)
        late_s = max(0.0, stratum.late.cpu_s - each_s) * scale
        cpu = (cpu + Estimate(late_s)).times(share) + Estimate(each_s * n_parts)
        read = total_of([(one.n_bytes, one.cost.read_bytes) for one in seen], stratum.n_bytes).value
        written = max(0, stratum.late.written_bytes - each_bytes) * scale
        cost = Cost(
            cpu_us=round(cpu.value * 1e6),
            read_bytes=round(read * share),
            written_bytes=round(written * share + each_bytes * n_parts),
        )
        found[stratum.name] = (cpu, cost)
        documents += total_of([(one.n_bytes, one.documents) for one in seen], stratum.n_bytes)
    return found, documents


def _survivors(
    strata: Sequence[Stratum], times: Mapping[int, int], n_documents: float, clusters: Estimate
) -> Estimate:
    """Return how many times the sample's tokens the whole has: by bytes of text, less duplicates."""
    kept = [one for stratum in strata for one in stratum.stats["kept_by_domain"].values()]
    seen_bytes, seen = sum(one["bytes"] for one in kept), sum(one["documents"] for one in kept)
    found = sum(times.values())
    if not seen_bytes or not found or not n_documents:
        return Estimate(0.0)
    text = Estimate(0.0)
    for stratum in strata:
        pairs = [(one.n_bytes, one.text_bytes) for one in stratum.observations]
        text += total_of(pairs, stratum.n_bytes)
    stays = clusters.times(seen / found / n_documents)
    value = text.value / seen_bytes * stays.value
    doubt = math.hypot(text.error / text.value if text.value else 0.0, stays.error / max(1e-9, stays.value))
    return Estimate(value, value * doubt)


def _on_lines(cold: _Seen, warm: _Seen, built: _Seen, name: str, units: tuple[float, float, float]) -> Cost:
    """Return a stage of the whole: what a first build takes, and the line through tiny and sample."""
    first, fixed, seen = (one.stages.get(name, Cost()) for one in (cold, warm, built))
    if not cold.stages:
        first = fixed = Cost()

    def told(what: str) -> int:
        few, many = float(getattr(fixed, what)), float(getattr(seen, what))
        if name in ("plan", PREPARE):  # the sample was planned and made otherwise: its parts are told apart
            return int(getattr(first, what))
        more = on_line(few, units[0], many, units[1], units[2]) - few
        return round(getattr(first, what) + max(0.0, more))

    return Cost(
        cpu_us=told("cpu_us"),
        wall_us=told("wall_us"),
        read_bytes=told("read_bytes"),
        written_bytes=told("written_bytes"),
    )


def _longest_s(strata: Sequence[Stratum], parts: Mapping[str, tuple[Estimate, Cost]]) -> float:
    """Return the CPU seconds of the longest part, by the rate of its source and kind."""
    return max(
        (
            parts[stratum.name][0].value * max(spec.n_bytes for spec in stratum.specs) / stratum.n_bytes
            for stratum in strata
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
