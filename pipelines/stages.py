"""What runs the stages of a build, or of another verb that makes a snapshot; one at a time in a corpus."""

from __future__ import annotations

import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, cast

import apache_beam as beam
from apache_beam.metrics import MetricsFilter

from corpusforge.parts.lock import one_writer_at_a_time
from corpusforge.parts.totals import GOES_ON, BuildError
from corpusforge.workers import bytes_done, records_under_way
from corpusforge_pipelines.bill import Bill
from corpusforge_pipelines.counters import counted_cost
from corpusforge_pipelines.failures import deciding_line
from corpusforge_pipelines.loading import LOCAL_RUNNERS
from corpusforge_pipelines.observer import Done, Observer, Poll
from corpusforge_pipelines.options import job_page, make_options, only_stages
from corpusforge_pipelines.remembered import remember
from corpusforge_pipelines.runs import Wire
from corpusforge_pipelines.work import DONE, done_here, watch_anew

__all__ = ["Stages", "one_writer_at_a_time"]

_ASK_EVERY_S = 15.0
"""How often a service is asked how far a job is."""


@dataclass(kw_only=True)
class Stages:
    """Runs the stages of what is made in a corpus: each timed, watched, and a pipeline on the runner."""

    name: str
    """Of the corpus: a service lists the job by it."""
    runner: str
    beam_flags: Sequence[str]
    observer: Observer
    timings: dict[str, float] = field(default_factory=dict)
    bill: Bill = field(default_factory=Bill)
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
            self.bill.stage(name, has_failed=True)
            self.observer.fail(name, error)
            raise
        finally:
            watch_anew()
        self.bill.stage(name)
        self.timings[name] = round(time.monotonic() - start_s, 3)
        self.observer.finish(name, ", ".join(words))

    def _heard(self, result: Any) -> None:
        if isinstance(result, dict) and "part" in result:
            told = cast("dict[str, Any]", result)
            self.bill.hear(told["costs"])
            self.observer.part(self._stage, told["part"])

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
        remember()
        options = make_options(self.runner, self.beam_flags, corpus=self.name, stage=self._stage)
        pipeline = beam.Pipeline(options=options)
        wire(pipeline)
        try:
            result = pipeline.run()
            if only_stages(options):
                self.bill.journal = ""
                return False
            self._job = None if self.runner in LOCAL_RUNNERS else result
            if place := job_page(options, result):
                self.observer.note(f"{self._stage}: {place}")
            result.wait_until_finish()
            self.bill.calls(counted_cost(result), is_here=self.runner in LOCAL_RUNNERS)
        except Exception as error:  # not narrowed: each runner has types of its own for what a worker raised
            if "KeyboardInterrupt" in str(error):
                raise
            raise BuildError(f"{self._stage} failed: {deciding_line(error)}. {GOES_ON}") from error
        return True
