"""build: prepare -> dedup -> shard -> commit, each taken up where it was left."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, Literal, cast

import apache_beam as beam
from apache_beam.metrics import MetricsFilter

from corpusforge.config import BuildConfig, ConfigError
from corpusforge.dedup.result import NO_DUPLICATES
from corpusforge.files import is_remote, join, remove
from corpusforge.own_steps import check_steps
from corpusforge.parts.plan import Plan
from corpusforge.parts.reader import dropped_example
from corpusforge.parts.surveys import remove_surveys
from corpusforge.parts.tasks import close_sandbox
from corpusforge.parts.totals import (
    GOES_ON,
    BuildError,
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
from corpusforge.shards.levels import describe
from corpusforge.shards.snapshot import LOCK
from corpusforge.workers import bytes_done, current_pool, pool_of, records_under_way
from corpusforge_pipelines.dedup import run_dedup
from corpusforge_pipelines.failures import blamed, deciding_line, quiet_tracebacks
from corpusforge_pipelines.leakage import run_leakage
from corpusforge_pipelines.observer import Done, Observer, Poll, SilentObserver
from corpusforge_pipelines.options import LOCAL_RUNNERS, job_page, make_options, only_stages
from corpusforge_pipelines.plan import run_plan
from corpusforge_pipelines.prepare import run_prepare
from corpusforge_pipelines.repeats import run_repeats
from corpusforge_pipelines.runs import Wire
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
from corpusforge_pipelines.survey import run_survey
from corpusforge_pipelines.work import DONE, done_here, watch_anew

__all__ = ["BuildError", "BuildResult", "Observer", "build"]

Stage = Literal["prepare", "dedup", "shard"]
"""The pipelines, in order; each finds what the one before it left on disk."""
_ASK_EVERY_S = 15.0
"""How often a service is asked how far a job is."""


@dataclass(frozen=True, kw_only=True)
class BuildResult:
    """What a build did. `snapshot_id` is None where it was told to stop before the last stage."""

    corpus: str
    snapshot_id: str | None
    totals: Mapping[str, Any] = field(default_factory=dict)
    timings: Mapping[str, float] = field(default_factory=dict)
    """Wall seconds by stage."""
    timing_by_source: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    """`wall_s`, `cpu_s` and `records` of the parts that this run made."""
    redone: int = 0
    """How many parts were made by this run."""


@dataclass(kw_only=True)
class _Run:
    """What every stage of one build needs to know."""

    config: BuildConfig
    runner: str
    beam_flags: Sequence[str]
    observer: Observer
    timings: dict[str, float] = field(default_factory=dict)
    _stage: str = ""
    _job: Any = None
    _asked: tuple[float, int] = (0.0, 0)

    @contextmanager
    def stage(
        self, name: str, total: int, poll: Poll | None = None, *, unit: str = "part"
    ) -> Generator[list[str]]:
        """Time a stage and tell the observer; the list takes words for its last line."""
        start_s = time.monotonic()
        words: list[str] = []
        watch_anew(self._heard)
        self._stage, self._job, self._asked = name, None, (0.0, 0)
        self.observer.start(name, total, poll or (lambda: Done(units=self.done(), unit=unit)))
        try:
            yield words
        except BaseException as error:
            self.observer.fail(name, error)
            raise
        finally:
            watch_anew()
        self.timings[name] = round(time.monotonic() - start_s, 3)
        self.observer.finish(name, ", ".join(words))

    def _heard(self, result: Any) -> None:
        if isinstance(result, dict) and "part" in result:
            self.observer.part(self._stage, cast("dict[str, Any]", result)["part"])

    def prepared(self, of_bytes: int) -> Done:
        """Return how far the stage that reads the inputs is; a service tells of parts alone."""
        if self._job is not None:
            return Done(units=self.done())
        n_bytes, there_bytes = bytes_done()
        words = f"{records:,} records under way" if (records := records_under_way()) else ""
        return Done(self.done(), words, n_bytes, there_bytes, of_bytes)

    def done(self) -> int:
        """Return how many elements of the stage's watched work are done, as Beam counts them."""
        if self._job is None:
            return done_here()
        if time.monotonic() > self._asked[0] + _ASK_EVERY_S:
            found = self._job.metrics().query(MetricsFilter().with_name(DONE))
            count = sum(counter.attempted or counter.committed or 0 for counter in found["counters"])
            self._asked = (time.monotonic(), count)
        return self._asked[1]

    def pipeline(self, wire: Wire) -> bool:
        """Run one Beam pipeline to its end; return False if it was only a dry run."""
        options = make_options(self.runner, self.beam_flags, corpus=self.config.name, stage=self._stage)
        pipeline = beam.Pipeline(options=options)
        wire(pipeline)
        try:
            result = pipeline.run()
            if only_stages(options):
                return False
            self._job = None if self.runner in LOCAL_RUNNERS else result
            if place := job_page(options, result):
                self.observer.note(f"{self._stage}: {place}")
            result.wait_until_finish()
        except Exception as error:  # not narrowed: each runner has types of its own for what a worker raised
            if "KeyboardInterrupt" in str(error):
                raise
            raise BuildError(f"{self._stage} failed: {deciding_line(error)}. {GOES_ON}") from error
        return True


def build(
    config: BuildConfig,
    *,
    runner: str = "DirectRunner",
    workers: int = 1,
    beam_flags: Sequence[str] = (),
    until: Stage = "shard",
    observer: Observer | None = None,
) -> BuildResult:
    """Return what a build did; the corpus is at `config.output`, its `CURRENT` moved.

    Raises `BuildError` where a snapshot must not be committed, `ConfigError` where the
    inputs cannot be planned. Run again, it goes on where it stopped; `until` names the last
    stage to run. On a dry run, or for a template (Beam's flags), the first pipeline's job graph
    is made, no more.
    """
    logging.getLogger("apache_beam").setLevel(logging.ERROR)
    quiet_tracebacks()
    run = _Run(config=config, runner=runner, beam_flags=beam_flags, observer=observer or SilentObserver())
    n_workers = workers if runner in LOCAL_RUNNERS else 1
    with _one_build_at_a_time(config.output), pool_of(n_workers):
        try:
            _check_steps(config)
            return _build(run, until)
        finally:
            close_sandbox()


def _check_steps(config: BuildConfig) -> None:
    """Raise `ConfigError` where a step of one's own cannot be used: tried where parts will be made."""
    pool = current_pool()
    if pool is None or not config.own_steps:
        fault = check_steps(config.own_steps, config.sandbox)
    else:
        fault = pool.submit(check_steps, config.own_steps, config.sandbox).result()
    if fault:
        raise ConfigError(fault)


def _build(run: _Run, until: Stage) -> BuildResult:
    config = run.config
    nothing = BuildResult(corpus=config.output, snapshot_id=None, timings=run.timings)
    with run.stage("plan", 1, lambda: Done(words="listing and reading inputs")) as words:
        plan = run_plan(run.pipeline, config, run.observer.note)
        if plan is None:
            return nothing
        words.append(counted_as(plan.n_parts, "part"))
    n_bytes = sum(source.size_bytes for source in plan.sources)
    with run.stage("prepare", plan.n_parts, lambda: run.prepared(n_bytes)) as words:
        if not run_survey(run.pipeline, plan, config):
            return nothing
        sums = run_prepare(run.pipeline, plan, config)
        if sums is None:
            return nothing
        made = counted_as(sums["made"], "part")
        words.append(f"{made} made, {plan.n_parts - sums['made']:,} already there")
    check_prepared(sums, plan.n_parts, config)
    remove_surveys(config.output)
    for line in damaged_lines(sums, config.output):
        run.observer.note(line)
    result = replace(nothing, redone=sums["made"], timing_by_source=sums["seconds"])
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
    snapshot_id, counted = _shard(run, plan, totals, _leakage(run, plan, totals))
    return replace(result, snapshot_id=snapshot_id, totals=counted)


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


def _shard(
    run: _Run, plan: Plan, sources: Mapping[str, Any], leakage: Mapping[str, Any] | None
) -> tuple[str, Mapping[str, Any]]:
    """Return (snapshot id, totals), having spilled, sharded and committed what was not yet."""
    config = run.config
    done = find_totals(plan, config)
    work = shard_work(plan, config)
    if done is not None:
        snapshot = find_snapshot(plan, config, done)
        remove_leftovers(config, work)  # of a build that ended between its commit and its clean-up
        return snapshot, done
    n_spills = -(-plan.n_parts // spill_parts_count(plan))
    with run.stage("tokenise", n_spills, unit="spill") as words:
        sums = run_spills(run.pipeline, plan, config, work)
        words.append(f"{sums.n_tokens:,} tokens")
    counted = rows_by_source(sums)
    with blamed(config.output):
        check_sharded(sources, counted)
    _check_not_empty(plan, config, sources, counted)
    totals = {"sources": sources, "rows": counted, **({"leakage": leakage} if leakage else {})}
    shape = shape_of(sums, config, work)
    with run.stage("shard", shape.shards.count, unit="shard") as words, blamed(config.output):
        rows = run_shards(run.pipeline, work, shape, sums)
        words.append(counted_as(len(rows), "shard"))
        words.extend(describe(shape))
    with run.stage("commit", 1, lambda: Done()) as words:
        snapshot = commit_rows(plan, config, rows, totals)
        remove_leftovers(config, work)
        words.append(f"snapshot {snapshot}")
    return snapshot, totals


def _check_not_empty(
    plan: Plan, config: BuildConfig, sources: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]
) -> None:
    parts = (spec.part_id for spec in plan.parts())
    check_not_empty(sources, rows, lambda reason: dropped_example(config.output, parts, reason))


@contextmanager
def _one_build_at_a_time(output: str) -> Generator[None]:
    """Hold the lock of a local corpus, and clear what a killed build left half written."""
    if is_remote(output):
        yield
        return
    import fcntl

    os.makedirs(output, exist_ok=True)
    with open(join(output, LOCK), "ab") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BuildError(f"another build is writing to {output}; wait for it to end") from None
        for folder, subfolders, names in os.walk(output):
            for name in [*subfolders, *names]:
                if name.startswith(".tmp-"):
                    remove(os.path.join(folder, name))
            subfolders[:] = [name for name in subfolders if not name.startswith(".tmp-")]
        try:
            yield
        except Exception as error:
            if _is_gone(output, handle.fileno()):
                raise BuildError(
                    f"{output} was removed or replaced while the build ran: what was made is lost, run again"
                ) from error
            raise


def _is_gone(output: str, lock: int) -> bool:
    """Return whether the folder of a corpus is no longer the one whose lock is held."""
    try:
        return not os.path.samestat(os.stat(join(output, LOCK)), os.fstat(lock))
    except OSError:
        return True
