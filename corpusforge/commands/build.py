"""`corpusforge build`: a configuration -> a verified snapshot, and the table of what is in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from corpusforge.commands.compiling import compile_first
from corpusforge.commands.console import note, show
from corpusforge.commands.dry_run import check_place, predict_cost, print_plan, read_prediction
from corpusforge.commands.errors import INTERRUPTED, CommandError, usage_error
from corpusforge.commands.report import write_pages
from corpusforge.commands.totals import print_receipt, print_times, print_totals
from corpusforge.config import BuildConfig, load_config
from corpusforge.cost.amount import cost_here, family_cpu_s, process_wall_s, spent
from corpusforge.files import join, list_files
from corpusforge.files.meter import traffic_here
from corpusforge.parts.first import first_markup
from corpusforge.parts.format import COMMIT
from corpusforge.parts.totals import GOES_ON, BuildError
from corpusforge.printable import counted_as
from corpusforge.steps import check_files, share_tools

if TYPE_CHECKING:
    pass

Stage = Literal["prepare", "dedup", "shard"]


def build(
    config_path: str,
    runner: str,
    workers: int,
    until: Stage,
    beam_flags: Sequence[str],
    log_json: str | None = None,
    prediction: str | None = None,
) -> None:
    """Build the corpus of a configuration file."""
    config = load_config(config_path)
    _check_flags(beam_flags)
    predicted: Mapping[str, Any] = {} if prediction is None else read_prediction(prediction, config)
    check_files(config.steps())  # a missing model is told here, not by every worker
    compile_first(note)
    share_tools(config.steps(), first_markup(config))
    try:
        _build(config, runner, workers, until, beam_flags, log_json, predicted)
    except BuildError as error:
        if not str(error).endswith(GOES_ON):
            raise
        line = str(error).removesuffix(GOES_ON).rstrip(". ")
        line += "; free some room there" if "StorageFull" in line else ""
        raise CommandError(f"{line}; {way_on(config, config_path)}") from error
    except (KeyboardInterrupt, RuntimeError) as error:
        # A runner wraps what a worker raised, a KeyboardInterrupt too, into a RuntimeError.
        if isinstance(error, RuntimeError) and "KeyboardInterrupt" not in str(error):
            raise
        raise CommandError(f"interrupted; {way_on(config, config_path)}", INTERRUPTED) from error


def way_on(config: BuildConfig, config_path: str) -> str:
    """Return what a build that ended before its time has kept, what starts again, and by which command."""
    try:
        n_parts = sum(path.endswith(COMMIT) for path in list_files(join(config.output, "parts")))
    except OSError:
        n_parts = 0
    kept = f"{counted_as(n_parts, 'part')} in {config.output} are kept" if n_parts else "no part was finished"
    if n_parts == 1:
        kept = f"1 part in {config.output} is kept"
    again = "the parts under way and the stages behind them start again"
    return f"nothing is lost: {kept}, {again}: corpusforge build {config_path}"


def _build(
    config: BuildConfig,
    runner: str,
    workers: int,
    until: Stage,
    beam_flags: Sequence[str],
    log_json: str | None,
    predicted: Mapping[str, Any],
) -> None:
    # Beam takes seconds to import: not before the configuration is known to be good.
    from corpusforge.commands.log_json import JsonLog
    from corpusforge.commands.progress import BuildProgress
    from corpusforge_pipelines.loading import load_beam

    load_beam(runner, beam_flags)
    from corpusforge_pipelines.build import build as build_corpus
    from corpusforge_pipelines.options import make_options

    try:
        make_options(runner, beam_flags)
    except ValueError as error:
        raise usage_error(f"--runner {runner}: {error}") from None
    started = spent(family_cpu_s(), process_wall_s(), traffic_here())
    try:
        with BuildProgress() as progress, JsonLog(log_json, progress) as observer:
            result = build_corpus(
                config,
                runner=runner,
                workers=workers,
                beam_flags=beam_flags,
                until=until,
                observer=observer,
                started=started,
                predicted=predicted,
            )
    except ValueError as error:
        if not str(error).startswith("Unexpected pipeline runner"):
            raise
        known = "DirectRunner, DataflowRunner, FlinkRunner, SparkRunner, PrismRunner or PortableRunner"
        raise usage_error(f"--runner {runner}: no runner of Beam is called so; use {known}") from None
    if result.snapshot_id is None and until != "shard":
        show(f"stopped after {until}, as asked; the same command without --until goes on from here")
        return
    if result.snapshot_id is None:
        show(f"dry run of {runner}: the job graph of the first stage is valid; nothing was run")
        return
    print_totals(result.totals)
    print_times(result.timings)
    if result.receipt is not None:
        print_receipt(result.receipt)
    report, card = write_pages(result.corpus, result.snapshot_id, is_charged=result.receipt is not None)
    parts = counted_as(result.redone, "part")
    show(
        "",
        f"Snapshot {result.snapshot_id} in {result.corpus} ({parts} made by this run)",
        f"Report   {report}",
        f"Card     {card}",
        "",
        f"Next:  corpusforge verify {result.corpus}",
        f"       corpusforge mix {result.corpus} --recipe RECIPE.toml",
        f"       corpusforge trace DOC_ID --corpus {result.corpus}",
    )


def _check_flags(beam_flags: Sequence[str]) -> None:
    """Raise `CommandError` for a word that is no flag of Beam's: it would be passed on, and mean nothing."""
    if beam_flags and not beam_flags[0].startswith("-"):
        raise usage_error(
            f"{beam_flags[0]}: one configuration is built at a time; behind it and `--` come flags of Beam's"
        )


def dry_run(
    config_path: str, workers: int, sample_seconds: float, beam_flags: Sequence[str], prediction: str | None
) -> None:
    """Print the parts that a build would make, and what it will take; write nothing but `prediction`."""
    config = load_config(config_path)
    _check_flags(beam_flags)
    if prediction is not None:
        check_place(prediction, config)
    before = cost_here()
    specs, done = print_plan(config)
    planned = cost_here() - before
    if not sample_seconds:
        return
    check_files(config.steps())
    predict_cost(config, specs, done, workers, sample_seconds, planned, prediction)
