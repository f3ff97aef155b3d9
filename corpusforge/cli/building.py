"""What makes a corpus, and what a build takes."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from corpusforge.cli.app import Config, app


@app.command(epilog="Example: `corpusforge build corpus.toml --workers 2`")
def build(
    config: Annotated[
        str, typer.Argument(metavar="CONFIG", help="The configuration, a TOML file.", show_default=False)
    ],
    beam_flags: Annotated[
        list[str] | None,
        typer.Argument(metavar="-- BEAM_FLAGS", help="Passed to Beam as they are.", show_default=False),
    ] = None,
    runner: Annotated[str, typer.Option(help="The Beam runner.")] = "DirectRunner",
    workers: Annotated[int, typer.Option(min=1, help="Worker processes of the local runner.")] = 1,
    until: Annotated[
        Literal["prepare", "dedup", "shard"], typer.Option(help="The last pipeline to run.")
    ] = "shard",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the plan of parts and stop.")] = False,
    log_json: Annotated[
        str | None,
        typer.Option("--log-json", help="Write a line of JSON for each part and stage.", metavar="FILE"),
    ] = None,
) -> None:
    """Build a corpus: everything, from dumps to a verified snapshot.

    Interrupted or killed, the same command goes on where it stopped; with nothing changed it
    does nothing again. Flags after `--` go to Beam, for example
    `--runner DataflowRunner -- --project=P --region=R --temp_location=gs://B/tmp`.
    """
    from corpusforge.commands import build as command

    command.build(config, runner, workers, until, dry_run, beam_flags or [], log_json)


@app.command(
    "contamination-table",
    epilog="Example: `corpusforge contamination-table benchmarks/ --output table.npz`",
)
def contamination_table(
    benchmarks: Annotated[
        list[str],
        typer.Argument(
            metavar="BENCHMARKS", help="Files or folders of JSONL items (.gz, .xz).", show_default=False
        ),
    ],
    output: Annotated[
        str, typer.Option("--output", "-o", help="The table, an .npz file.", show_default=False)
    ],
    config: Config = None,
) -> None:
    """Build the n-gram table of test items that `filter.benchmarks` names.

    An item is a row `{"benchmark", "text", "id"?}`. The table holds hashes and the items' names, none
    of their text; its sha256 is printed, and stands in the manifest of a build that uses it.
    """
    from corpusforge.commands import decontamination as command

    command.build_table(benchmarks, output, config)
