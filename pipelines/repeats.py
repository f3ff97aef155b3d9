"""repeats: survivors' paragraphs and lines -> what is cut of each part. Hashes and refs travel, no text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import apache_beam as beam

from corpusforge.config import BuildConfig
from corpusforge.dedup.sizes import PARTITION_KEYS, sizes_of
from corpusforge.files import exists
from corpusforge.parts.plan import Plan
from corpusforge.parts.repeated import (
    RepeatsRun,
    cut_parts,
    doomed_spans,
    held_spans,
    repeats_folder,
    summary_path,
    summary_written,
)
from corpusforge.sealed import read_json
from corpusforge_pipelines.runs import Run
from corpusforge_pipelines.spread import Numbers, Streamed
from corpusforge_pipelines.work import Work

_SPANS_PER_DOCUMENT = 32
"""Lines or paragraphs, each a record of twice the size of a band key."""


def add_repeats(pipeline: beam.Pipeline, run: RepeatsRun) -> beam.PCollection[int]:
    """Return the number of spans that are cut, once what is cut of each part is written."""
    none = pipeline | "Every span" >> Numbers(run.sizes.spans)  # (span of parts: int, b"")
    cut = (
        pipeline
        | "Spans" >> Numbers(run.sizes.spans, are_pairs=False)  # span of parts: int
        | "Holders" >> beam.ParDo(Work(held_spans, run))  # (partition: int, packed holders)
        | "By hash" >> beam.GroupByKey()  # (partition: int, [packed holders])
        | "Doomed" >> beam.ParDo(Streamed(doomed_spans, run))  # (span: int, packed (ref, hash))
    )
    return (
        (cut, none)
        | "All cuts" >> beam.Flatten()  # (span: int, packed (ref, hash))
        | "By span" >> beam.GroupByKey()  # (span: int, [packed (ref, hash)])
        | "Cut" >> beam.ParDo(Work(cut_parts, run))  # (0, counts)
        | "To one" >> beam.GroupByKey()  # (0, [counts])
        | "Write summary" >> beam.ParDo(Work(summary_written, run))  # spans cut: int
    )


def run_repeats(run: Run, plan: Plan, config: BuildConfig, documents: Mapping[str, int]) -> dict[str, Any]:
    """Return {"source/domain": counts} of what is cut from a build, having run it if it was not yet."""
    folder = repeats_folder(plan, config)
    if not exists(summary_path(folder)):
        n_documents = sum(documents.values())
        sizes = sizes_of(n_documents, plan.n_parts, config.dedup)
        partitions = config.dedup.partitions or -(-n_documents * 2 * _SPANS_PER_DOCUMENT // PARTITION_KEYS)
        sizes = replace(sizes, partitions=max(1, partitions))
        one = RepeatsRun(config=config, plan=plan, sizes=sizes, folder=folder)
        run(lambda pipeline: add_repeats(pipeline, one))
    return read_json(summary_path(folder))
