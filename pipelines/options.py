"""Runner flags: what the command says -> Beam's options."""

from __future__ import annotations

from collections.abc import Sequence

from apache_beam.options.pipeline_options import PipelineOptions, SetupOptions

LOCAL_RUNNERS = ("DirectRunner", "FnApiRunner")


def make_options(runner: str = "DirectRunner", extra: Sequence[str] = ()) -> PipelineOptions:
    """Return Beam's options for a runner and verbatim flags.

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
    return options
