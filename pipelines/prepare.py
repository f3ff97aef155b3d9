"""prepare: dumps -> parts. Map-only; an element is one part's description, never a document."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from typing import Any

import apache_beam as beam

from corpusforge.config import BuildConfig
from corpusforge.files import is_remote, join
from corpusforge.sandbox import Sandbox
from corpusforge.steps import open_sandbox
from pipelines.counters import count_part
from pipelines.parts import has_part, make_part, read_stats
from pipelines.plan import PartSpec

PROGRESS_FOLDER = ".progress"
_PROGRESS_EVERY_S = 1.0


class MakePart(beam.DoFn):
    """PartSpec -> its id, once its files are there. A part that is there is not made again."""

    def __init__(self, config: BuildConfig) -> None:
        self._config = config
        self._sandbox: Sandbox[Any, Any] | None = None

    def setup(self) -> None:
        self._sandbox = open_sandbox(self._config.steps())

    def process(self, spec: PartSpec) -> Iterator[str]:
        assert self._sandbox is not None
        if has_part(self._config.output, spec.part_id):
            stats = read_stats(self._config.output, spec.part_id)
        else:
            with _Heartbeat(self._config.output, spec.part_id) as heartbeat:
                stats = make_part(spec, self._config, self._sandbox, heartbeat.beat)
        count_part(stats)
        yield spec.part_id

    def teardown(self) -> None:
        if self._sandbox is not None:
            self._sandbox.close()


class _Heartbeat:
    """Leaves the number of records done in a small file, for a progress bar on this machine."""

    def __init__(self, output: str, part_id: str) -> None:
        self._path = None if is_remote(output) else join(output, PROGRESS_FOLDER, part_id)
        self._next_s = 0.0

    def __enter__(self) -> _Heartbeat:
        if self._path:
            os.makedirs(os.path.dirname(self._path), exist_ok=True)
        return self

    def beat(self, records: int) -> None:
        now_s = time.monotonic()
        if self._path and now_s >= self._next_s:
            self._next_s = now_s + _PROGRESS_EVERY_S
            with open(self._path, "w") as handle:
                handle.write(str(records))

    def __exit__(self, *exception: object) -> None:
        if self._path and os.path.exists(self._path):
            os.unlink(self._path)


def add_prepare(
    pipeline: beam.Pipeline, specs: Sequence[PartSpec], config: BuildConfig
) -> beam.PCollection[str]:
    """Return the ids of the parts, made by as many workers as the runner has."""
    return (
        pipeline
        | "Parts" >> beam.Create(list(specs), reshuffle=False)  # PartSpec
        | "Spread" >> beam.Reshuffle()  # PartSpec
        | "Make parts" >> beam.ParDo(MakePart(config))  # part id: str
    )
