"""build: prepare -> dedup -> shard -> commit, each taken up where it was left."""

from __future__ import annotations

import json
import logging
import os
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import apache_beam as beam
from apache_beam.options.pipeline_options import TestOptions

from corpusforge.config import BuildConfig
from corpusforge.dedup.result import NO_DUPLICATES
from corpusforge.files import exists, is_remote, join, list_files, read_bytes, remove
from pipelines.dedup import is_deduped, run_dedup
from pipelines.leakage import run_leakage
from pipelines.observer import Observer, Poll, SilentObserver
from pipelines.options import make_options
from pipelines.parts import dropped_example, has_part, part_path, read_stats
from pipelines.plan import PartSpec, plan_parts
from pipelines.prepare import PROGRESS_FOLDER, add_prepare
from pipelines.repeats import run_repeats
from pipelines.shard import (
    add_shards,
    add_spills,
    commit_rows,
    find_snapshot,
    find_totals,
    plan_from_spills,
    read_shard_rows,
    read_spills,
    remove_spills,
    rows_by_source,
    written,
)
from pipelines.totals import (
    BuildError,
    add_duplicates,
    add_repeats,
    check_not_empty,
    check_prepared,
    check_sharded,
    check_wipe_out,
    source_totals,
)

__all__ = ["BuildError", "BuildResult", "Observer", "build"]

Stage = Literal["prepare", "dedup", "shard"]
"""The pipelines, in order; each finds what the one before it left on disk."""
Wire = Callable[[beam.Pipeline], object]


@dataclass(frozen=True, kw_only=True)
class BuildResult:
    """What a build did. `snapshot_id` is None where it was told to stop before the last stage."""

    corpus: str
    snapshot_id: str | None
    totals: Mapping[str, Any] = field(default_factory=dict)
    timings: Mapping[str, float] = field(default_factory=dict)
    """Wall seconds by stage."""
    timing_by_source: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    redone: int = 0
    """How many parts were made by this run."""


@dataclass(kw_only=True)
class _Run:
    """What every stage of one build needs to know."""

    config: BuildConfig
    runner: str
    workers: int
    beam_flags: Sequence[str]
    observer: Observer
    timings: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str, total: int, poll: Poll) -> Generator[list[str]]:
        """Time a stage and tell the observer; the list takes words for its last line."""
        start_s = time.monotonic()
        words: list[str] = []
        self.observer.start(name, total, poll)
        yield words
        self.timings[name] = round(time.monotonic() - start_s, 3)
        self.observer.finish(name, ", ".join(words))

    def pipeline(self, wire: Wire) -> bool:
        """Run one Beam pipeline to its end; return False if it was only a dry run."""
        options = make_options(self.runner, self.workers, self.beam_flags)
        pipeline = beam.Pipeline(options=options)
        wire(pipeline)
        result = pipeline.run()
        if options.view_as(TestOptions).dry_run:
            return False
        result.wait_until_finish()
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
    stage to run. On a dry run (Beam's flag) the first pipeline's job graph is made, no more.
    """
    logging.getLogger("apache_beam").setLevel(logging.ERROR)
    run = _Run(
        config=config,
        runner=runner,
        workers=workers,
        beam_flags=beam_flags,
        observer=observer or SilentObserver(),
    )
    with _one_build_at_a_time(config.output):
        return _build(run, until)


def _build(run: _Run, until: Stage) -> BuildResult:
    config = run.config
    with run.stage("plan", 1, lambda: (0, "reading inputs")) as words:
        specs = plan_parts(config)
        missing = [spec for spec in specs if not has_part(config.output, spec.part_id)]
        words.append(f"{len(specs):,} parts, {len(missing):,} to make")
    if not _prepare(run, specs, missing):
        return BuildResult(corpus=config.output, snapshot_id=None, timings=run.timings)
    result = BuildResult(corpus=config.output, snapshot_id=None, timings=run.timings, redone=len(missing))
    stats = [read_stats(config.output, spec.part_id) for spec in specs]
    check_prepared(specs, stats, config)
    if until == "prepare":
        return result
    totals = source_totals(stats)
    summary = _dedup(run, specs)
    add_duplicates(totals, summary)
    check_wipe_out(totals, summary, config)
    add_repeats(totals, _repeats(run, specs), config)
    if until == "dedup":
        return result
    snapshot_id, counted = _shard(run, specs, totals, _leakage(run, specs, totals))
    return replace(
        result,
        snapshot_id=snapshot_id,
        totals=counted,
        timing_by_source=_timing_by_source(config, specs),
    )


def _prepare(run: _Run, specs: Sequence[PartSpec], missing: Sequence[PartSpec]) -> bool:
    output = run.config.output
    with run.stage("prepare", len(missing), _part_poll(output, missing)) as words:
        # The largest first: a big file begun last would keep one worker busy alone.
        order = sorted(missing, key=lambda spec: (-spec.size_bytes, spec.part_id))
        if missing and not run.pipeline(lambda pipeline: add_prepare(pipeline, order, run.config)):
            return False
        remove(join(output, PROGRESS_FOLDER))
        unmade = [spec.name for spec in specs if not has_part(output, spec.part_id)]
        if unmade:
            raise BuildError(f"{len(unmade)} parts were not made, the first of {unmade[0]}; run again")
        words.append(f"{len(missing):,} parts made, {len(specs) - len(missing):,} already there")
    return True


def _part_poll(output: str, specs: Sequence[PartSpec]) -> Poll:
    """Return a poll of finished parts and of the records in those under way."""
    waiting = {spec.part_id for spec in specs}

    def poll() -> tuple[int, str]:
        waiting.difference_update([part for part in waiting if has_part(output, part)])
        return len(specs) - len(waiting), f"{_records_under_way(output):,} records under way"

    return poll


def _records_under_way(output: str) -> int:
    if is_remote(output):
        return 0
    total = 0
    for path in list_files(join(output, PROGRESS_FOLDER)):
        try:
            total += int(read_bytes(path) or b"0")
        except (FileNotFoundError, ValueError):
            continue  # that part has just been finished, or is being written
    return total


def _dedup(run: _Run, specs: Sequence[PartSpec]) -> Mapping[str, Any]:
    if run.config.dedup.method == "off":
        return NO_DUPLICATES
    with run.stage("dedup", 1, lambda: (int(is_deduped(specs, run.config)), "comparing")) as words:
        summary = run_dedup(run.pipeline, specs, run.config)
        words.append(f"{summary['clusters']:,} clusters, {summary['removed']:,} documents go")
    return summary


def _repeats(run: _Run, specs: Sequence[PartSpec]) -> Mapping[str, Mapping[str, int]]:
    """Return what is cut of documents, by source and domain; nothing where it is not asked for."""
    if not run.config.dedup.repeats.is_on():
        return {}
    with run.stage("repeats", 1, lambda: (0, "counting paragraphs and lines")) as words:
        summary = run_repeats(run.pipeline, specs, run.config)
        n_spans = sum(counts.get("spans", 0) for counts in summary.values())
        words.append(f"{n_spans:,} spans cut")
    return summary


def _leakage(run: _Run, specs: Sequence[PartSpec], totals: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return what leaks from domain to domain; None where it is not asked for."""
    if not run.config.dedup.leakage or run.config.dedup.method == "off":
        return None
    with run.stage("leakage", 1, lambda: (0, "comparing domains")):
        return run_leakage(run.pipeline, specs, run.config, totals)


def _shard(
    run: _Run, specs: Sequence[PartSpec], sources: Mapping[str, Any], leakage: Mapping[str, Any] | None
) -> tuple[str, Mapping[str, Any]]:
    """Return (snapshot id, totals), having spilled, sharded and committed what was not yet."""
    config = run.config
    done = find_totals(specs, config)
    if done is not None:
        return find_snapshot(specs, config, done), done
    with run.stage("tokenise", len(specs), lambda: (written(specs, config, ".spill.json"), "")) as words:
        run.pipeline(lambda pipeline: add_spills(pipeline, specs, config))
        spills = read_spills(specs, config)
        words.append(f"{sum(spill.n_tokens for spill in spills):,} tokens")
    counted = rows_by_source(specs, spills)
    check_sharded(sources, counted)
    parts = [spec.part_id for spec in specs]
    check_not_empty(sources, counted, lambda reason: dropped_example(config.output, parts, reason))
    totals = {"sources": sources, "rows": counted, **({"leakage": leakage} if leakage else {})}
    shards = plan_from_spills(spills, config)
    with run.stage("shard", len(shards), lambda: (written(specs, config, ".shard.json"), "")) as words:
        run.pipeline(lambda pipeline: add_shards(pipeline, shards, specs, config))
        rows = read_shard_rows(specs, config, len(shards))
        words.append(f"{len(rows):,} shards")
    with run.stage("commit", 1, lambda: (0, "")) as words:
        snapshot = commit_rows(specs, config, rows, totals)
        remove_spills(specs, config)
        words.append(f"snapshot {snapshot}")
    return snapshot, totals


def _timing_by_source(config: BuildConfig, specs: Sequence[PartSpec]) -> dict[str, dict[str, float]]:
    """Return the seconds that the parts of each source took, whenever they were made."""
    seconds: dict[str, dict[str, float]] = {}
    for spec in specs:
        path = part_path(config.output, spec.part_id, "timing.json")
        if exists(path):
            total = seconds.setdefault(spec.source, {"wall_s": 0.0, "cpu_s": 0.0})
            for name, value in json.loads(read_bytes(path)).items():
                total[name] = round(total[name] + value, 3)
    return seconds


@contextmanager
def _one_build_at_a_time(output: str) -> Generator[None]:
    """Hold the lock of a local corpus, and clear what a killed build left half written."""
    if is_remote(output):
        yield
        return
    import fcntl

    os.makedirs(output, exist_ok=True)
    with open(join(output, ".lock"), "ab") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BuildError(f"another build is writing to {output}; wait for it to end") from None
        for folder, subfolders, names in os.walk(output):
            for name in [*subfolders, *names]:
                if name.startswith(".tmp-"):
                    remove(os.path.join(folder, name))
            subfolders[:] = [name for name in subfolders if not name.startswith(".tmp-")]
        yield
