"""build: prepare -> dedup -> shard -> commit, each taken up where it was left."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from corpusforge.config import BuildConfig, ConfigError
from corpusforge.cost.amount import Cost, cost_from
from corpusforge.cost.receipt import Receipt
from corpusforge.dedup.result import NO_DUPLICATES
from corpusforge.own_steps import check_steps
from corpusforge.parts.costs import MADE, rows_of
from corpusforge.parts.plan import Plan
from corpusforge.parts.reader import dropped_example
from corpusforge.parts.surveys import remove_surveys
from corpusforge.parts.tasks import close_sandbox
from corpusforge.parts.totals import (
    BuildError,
    Sums,
    add_duplicates,
    add_repeats,
    check_not_empty,
    check_prepared,
    check_sharded,
    check_wipe_out,
    damaged_lines,
    source_totals,
)
from corpusforge.printable import counted_as
from corpusforge.retract.ledger import why_not_now
from corpusforge.shards.levels import describe
from corpusforge.workers import current_pool, pool_of
from corpusforge_pipelines.bill import charge, open_bill
from corpusforge_pipelines.dedup import run_dedup
from corpusforge_pipelines.failures import blamed, quiet_tracebacks
from corpusforge_pipelines.leakage import run_leakage
from corpusforge_pipelines.loading import LOCAL_RUNNERS
from corpusforge_pipelines.observer import Done, Observer, SilentObserver
from corpusforge_pipelines.plan import run_plan
from corpusforge_pipelines.prepare import run_prepare
from corpusforge_pipelines.repeats import run_repeats
from corpusforge_pipelines.shard import (
    commit_rows,
    find_snapshot,
    find_totals,
    remove_leftovers,
    rows_by_source,
    run_shards,
    run_spills,
    shape_of,
    shard_work,
    spill_parts_count,
)
from corpusforge_pipelines.stages import Stages, one_writer_at_a_time
from corpusforge_pipelines.survey import run_survey

__all__ = ["BuildError", "BuildResult", "Observer", "build"]

NOTHING = Cost()
_TOLD = ("records", "text_bytes")
"""Of the parts of a source, beside what they took."""
Stage = Literal["prepare", "dedup", "shard"]
"""The pipelines, in order; each finds what the one before it left on disk."""


@dataclass(frozen=True, kw_only=True)
class BuildResult:
    """What a build did. `snapshot_id` is None where it was told to stop before the last stage."""

    corpus: str
    snapshot_id: str | None
    totals: Mapping[str, Any] = field(default_factory=dict)
    timings: Mapping[str, float] = field(default_factory=dict)
    """Wall seconds by stage."""
    timing_by_source: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    """`wall_s`, `cpu_s`, `records` and `text_bytes` of the parts that this run made."""
    redone: int = 0
    """How many parts were made by this run."""
    receipt: Receipt | None = None
    """What the snapshot took; None where this run found everything there."""


@dataclass(kw_only=True)
class _Run(Stages):
    """What every stage of one build needs to know."""

    config: BuildConfig


def build(
    config: BuildConfig,
    *,
    runner: str = "DirectRunner",
    workers: int = 1,
    beam_flags: Sequence[str] = (),
    until: Stage = "shard",
    observer: Observer | None = None,
    started: Cost = NOTHING,
    predicted: Mapping[str, Any] | None = None,
) -> BuildResult:
    """Return what a build did; the corpus is at `config.output`, its `CURRENT` moved.

    Raises `BuildError` where a snapshot must not be committed, `ConfigError` where the
    inputs cannot be planned. Run again, it goes on where it stopped; `until` names the last
    stage to run. On a dry run, or for a template (Beam's flags), the first pipeline's job graph
    is made, no more. `started` is what was spent before the call, and `predicted` what a prediction said:
    both go on the receipt.
    """
    logging.getLogger("apache_beam").setLevel(logging.ERROR)
    quiet_tracebacks()
    n_workers = workers if runner in LOCAL_RUNNERS else 1
    with one_writer_at_a_time(config.output), pool_of(n_workers):
        if waits := why_not_now(config.output):
            raise BuildError(waits)
        run = _Run(
            name=config.name,
            runner=runner,
            beam_flags=beam_flags,
            observer=observer or SilentObserver(),
            bill=open_bill(config.output, "build", runner, n_workers),
            config=config,
        )
        run.bill.start(started)
        try:
            _check_steps(config)
            return _build(run, until, predicted)
        finally:
            close_sandbox()


def build_parts(config: BuildConfig, plan: Plan) -> BuildResult:
    """Return what a build made of parts that lie in its output, in this process: what follows `prepare`."""
    with one_writer_at_a_time(config.output), pool_of(1):
        run = _Run(
            name=config.name,
            runner=LOCAL_RUNNERS[0],
            beam_flags=(),
            observer=SilentObserver(),
            bill=open_bill(config.output, "build", LOCAL_RUNNERS[0], 1),
            config=config,
        )
        return _from_plan(run, plan, "shard", None)


def _check_steps(config: BuildConfig) -> None:
    """Raise `ConfigError` where a step of one's own cannot be used: tried where parts will be made."""
    pool = current_pool()
    if pool is None or not config.own_steps:
        fault = check_steps(config.own_steps, config.sandbox)
    else:
        fault = pool.submit(check_steps, config.own_steps, config.sandbox).result()
    if fault:
        raise ConfigError(fault)


def _build(run: _Run, until: Stage, predicted: Mapping[str, Any] | None) -> BuildResult:
    config = run.config
    nothing = BuildResult(corpus=config.output, snapshot_id=None, timings=run.timings)
    with run.stage("plan", 1, lambda: Done(words="listing and reading inputs")) as words:
        plan = run_plan(run.pipeline, config, run.observer.note)
        if plan is None:
            return nothing
        words.append(counted_as(plan.n_parts, "part"))
    return _from_plan(run, plan, until, predicted)


def _from_plan(run: _Run, plan: Plan, until: Stage, predicted: Mapping[str, Any] | None) -> BuildResult:
    config = run.config
    nothing = BuildResult(corpus=config.output, snapshot_id=None, timings=run.timings)
    n_bytes = sum(source.size_bytes for source in plan.sources)
    with run.stage("prepare", plan.n_parts, lambda: run.prepared(n_bytes)) as words:
        if not run_survey(run.pipeline, plan, config):
            return nothing
        sums = run_prepare(run.pipeline, plan, config, run.bill.run())
        if sums is None:
            return nothing
        made = counted_as(sums["made"], "part")
        words.append(f"{made} made, {plan.n_parts - sums['made']:,} already there")
    check_prepared(sums, plan.n_parts, config)
    remove_surveys(config.output)
    for line in damaged_lines(sums, config.output):
        run.observer.note(line)
    result = replace(nothing, redone=sums["made"], timing_by_source=_times(sums))
    if until == "prepare":
        return result
    totals = source_totals(sums)
    if not any(source["kept"] for source in totals.values()):  # told here, not three stages on
        _check_not_empty(plan, config, totals, [])
    documents = {name: source["kept"] for name, source in totals.items()}
    summary = _dedup(run, plan, documents)
    add_duplicates(totals, summary)
    check_wipe_out(totals, summary, config)
    add_repeats(totals, _repeats(run, plan, documents), config)
    if until == "dedup":
        return result
    snapshot_id, counted = _shard(run, plan, totals)
    receipt = charge(
        run.bill,
        config.output,
        snapshot_id,
        sums["costs"],
        input_bytes=sum(source["bytes_in"] for source in counted["sources"].values()),
        tokens=sum(row["tokens"] for row in counted["rows"]),
        has_made=bool(sums["made"]) or "tokenise" in run.timings,
        predicted=predicted,
    )
    return replace(result, snapshot_id=snapshot_id, totals=counted, receipt=receipt)


def _times(sums: Sums) -> dict[str, dict[str, float]]:
    """Return what the parts that this run made took, by source."""
    found: dict[str, dict[str, float]] = {}
    for row in rows_of(sums["costs"], [MADE]):
        cost = cost_from(row)
        more = {"wall_s": cost.wall_s, "cpu_s": cost.cpu_s, **{key: row[key] for key in _TOLD}}
        of = found.setdefault(row["source"], dict.fromkeys(more, 0.0))
        for key, value in more.items():
            of[key] += value
    return found


def _dedup(run: _Run, plan: Plan, documents: Mapping[str, int]) -> Mapping[str, Any]:
    if run.config.dedup.method == "off":
        return NO_DUPLICATES
    what = f"comparing {counted_as(sum(documents.values()), 'document')}"
    with run.stage("dedup", 1, lambda: Done(words=what)) as words:
        summary = run_dedup(run.pipeline, plan, run.config, documents)
        clusters, gone = (
            counted_as(summary["clusters"], "cluster"),
            counted_as(summary["removed"], "document"),
        )
        words.append(f"{clusters}, {gone} removed")
    return summary


def _repeats(run: _Run, plan: Plan, documents: Mapping[str, int]) -> Mapping[str, Mapping[str, int]]:
    """Return what is cut of documents, by source and domain; nothing where it is not asked for."""
    if not run.config.dedup.repeats.is_on():
        return {}
    with run.stage("repeats", 1, lambda: Done(words="counting paragraphs and lines")) as words:
        summary = run_repeats(run.pipeline, plan, run.config, documents)
        n_spans = sum(counts.get("spans", 0) for counts in summary.values())
        words.append(f"{n_spans:,} spans cut")
    return summary


def _leakage(run: _Run, plan: Plan, totals: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return what leaks from domain to domain; None where it is not asked for."""
    if not run.config.dedup.leakage or run.config.dedup.method == "off":
        return None
    with run.stage("leakage", 1, lambda: Done(words="comparing domains")):
        return run_leakage(run.pipeline, plan, run.config, totals)


def _shard(run: _Run, plan: Plan, sources: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    """Return (snapshot id, totals), having spilled, sharded and committed what was not yet."""
    config = run.config
    done = find_totals(plan, config)
    work = shard_work(plan, config)
    if done is not None:
        snapshot = find_snapshot(plan, config, done)
        remove_leftovers(config.output, work)  # of a build that ended between its commit and its clean-up
        return snapshot, done
    leakage = _leakage(run, plan, sources)
    n_spills = -(-plan.n_parts // spill_parts_count(plan))
    with run.stage("tokenise", n_spills, unit="spill") as words:
        sums = run_spills(run.pipeline, plan, config, work)
        words.append(f"{sums.n_tokens:,} tokens")
    counted = rows_by_source(sums)
    with blamed(config.output):
        check_sharded(sources, counted)
    _check_not_empty(plan, config, sources, counted)
    totals = {"sources": sources, "rows": counted, **({"leakage": leakage} if leakage else {})}
    shape = shape_of(sums, config.shards.shard_tokens, work)
    with run.stage("shard", shape.shards.count, unit="shard") as words, blamed(config.output):
        rows = run_shards(run.pipeline, work, shape, sums)
        words.append(counted_as(len(rows), "shard"))
        words.extend(describe(shape))
    with run.stage("commit", 1, lambda: Done()) as words:
        snapshot = commit_rows(plan, config, rows, totals)
        remove_leftovers(config.output, work)
        words.append(f"snapshot {snapshot}")
    return snapshot, totals


def _check_not_empty(
    plan: Plan, config: BuildConfig, sources: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]
) -> None:
    parts = (spec.part_id for spec in plan.parts())
    check_not_empty(sources, rows, lambda reason: dropped_example(config.output, parts, reason))
