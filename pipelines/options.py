"""Runner flags: what the command says -> Beam's options."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from apache_beam.options.pipeline_options import (
    GoogleCloudOptions,
    PipelineOptions,
    SetupOptions,
    TestOptions,
)

from corpusforge_pipelines.loading import LOCAL_RUNNERS

_NAME_CHARS = 63
"""Of a Dataflow job, at most."""


def make_options(
    runner: str = "DirectRunner", extra: Sequence[str] = (), *, corpus: str = "", stage: str = ""
) -> PipelineOptions:
    """Return Beam's options for a runner and verbatim flags.

    A service lists the pipeline as `corpusforge-CORPUS-STAGE`, or as `NAME-STAGE` where the flags name a job.

    `DirectRunner` is Beam's own in-process runner: in 2.77 that name first tries to
    download another one, so its real name, FnApiRunner, is passed. Raises ValueError for
    runners that are known to lose data.
    """
    if runner.lower() in ("daskrunner", "dask"):
        raise ValueError("the Dask runner drops the output of finish_bundle without a word; use another")
    flags = list(extra)
    if runner in LOCAL_RUNNERS:
        flags.append("--runner=FnApiRunner")
    else:
        flags.append(f"--runner={runner}")
    options = PipelineOptions(flags)
    # Every function is importable from the installed package; __main__ is not shipped.
    options.view_as(SetupOptions).save_main_session = False
    if stage:
        service = options.view_as(GoogleCloudOptions)
        service.job_name = _job_name(service.job_name or f"corpusforge-{corpus}", stage)
    return options


def _job_name(name: str, stage: str) -> str:
    words = re.sub("[^a-z0-9]+", "-", name.lower()).strip("-")
    return f"{words[: _NAME_CHARS - len(stage) - 1].rstrip('-')}-{stage}"


def only_stages(options: PipelineOptions) -> bool:
    """Return whether the flags ask for a job graph (a dry run, a template) and not for a run."""
    return bool(options.view_as(TestOptions).dry_run or options.view_as(GoogleCloudOptions).template_location)


def job_page(options: PipelineOptions, result: Any) -> str:
    """Return where a person can watch a job of Dataflow; '' for other runners."""
    service = options.view_as(GoogleCloudOptions)
    if not hasattr(result, "job_id") or not service.project:
        return ""
    return (
        f"https://console.cloud.google.com/dataflow/jobs/{service.region}/{result.job_id()}"
        f"?project={service.project}"
    )
