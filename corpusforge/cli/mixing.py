"""From a corpus to what a trainer reads."""

from __future__ import annotations

from typing import Annotated

import typer

from corpusforge.cli.app import Corpus, Json, NewFolder, Snapshot, app


@app.command(
    epilog="Examples: `corpusforge mix CORPUS --recipe recipe.toml` · "
    "`corpusforge mix CORPUS --again CORPUS/plans/PLAN.json`"
)
def mix(
    corpus: Annotated[
        str | None, typer.Argument(metavar="CORPUS", help="None with --supply.", show_default=False)
    ] = None,
    recipe: Annotated[
        str | None, typer.Option(help="The recipe, a TOML file.", metavar="TOML", show_default=False)
    ] = None,
    output: Annotated[
        str | None, typer.Option("--output", "-o", help="Write the plan here instead of to CORPUS/plans.")
    ] = None,
    supply: Annotated[
        str | None,
        typer.Option(help='Plan on paper: {"web": tokens, "math/generic": tokens}.', metavar="JSON"),
    ] = None,
    again: Annotated[
        str | None,
        typer.Option(
            help="Make this plan again over a child snapshot: every budget exact, only what is gone "
            "replaced; of other tokens, by documents. A --recipe beside it allows its max_epochs.",
            metavar="PLAN.json",
        ),
    ] = None,
    snapshot: Snapshot = None,
    tolerance: Annotated[
        str, typer.Option(help="Share of what is replaced that may be of another length or source.")
    ] = "0",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="With --again: tell, and write nothing.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Mix a corpus: a plan of exact token budgets, with its table of tokens and epochs per arm."""
    from corpusforge.commands import again as again_command
    from corpusforge.commands import mix as command

    if again is None:
        given = {"--dry-run": dry_run, "--tolerance": tolerance != "0"}
        of_again = [name for name, is_given in given.items() if is_given]
        command.mix(corpus, recipe, output, supply, as_json, snapshot=snapshot, of_again=of_again)
    else:
        again_command.again(
            corpus, again, again_command.Wanted(recipe, output, supply, snapshot, tolerance, dry_run, as_json)
        )


@app.command(epilog="Example: `corpusforge diff CORPUS plan.json:full plan.json:without_code`")
def diff(
    corpus: Corpus,
    first: Annotated[str, typer.Argument(metavar="PLAN[:ARM]|SNAPSHOT", help="Arm A; `full` unless named.")],
    second: Annotated[str, typer.Argument(metavar="PLAN[:ARM]|SNAPSHOT", help="Arm B.")],
    as_json: Json = False,
) -> None:
    """Diff two arms, of one plan or of two: documents and tokens that each reads, by domain.

    Of a plan and the one made again of it over a child: what was replaced; exit 1 where anything else moved.
    Of two snapshots, by their ids: what each holds, and that what both hold stands in the same order.
    """
    from corpusforge.commands import diff as command

    command.diff(corpus, first, second, as_json)


@app.command(epilog="Example: `corpusforge export CORPUS --format megatron --output DIR`")
def export(
    corpus: Corpus,
    format_name: Annotated[
        str,
        typer.Option(
            "--format", help="megatron, olmo, datatrove, mds, parquet, jsonl, hf.", show_default=False
        ),
    ],
    output: NewFolder,
    plan: Annotated[
        str | None, typer.Option(help="Write the samples of this plan: megatron or mds.", metavar="JSON")
    ] = None,
    arm: Annotated[str, typer.Option(help="Which arm of the plan.")] = "full",
    snapshot: Snapshot = None,
) -> None:
    """Export a snapshot, or an arm of a plan, to what other trainers and tools read; whole, or not at all.

    megatron, olmo, datatrove, mds hold tokens (links where it can be no copy); parquet text and tokens;
    jsonl is Dolma's layout (documents/*.jsonl.zst); hf is a folder for `datasets.load_dataset`: Parquet by
    domain, a dataset card, Croissant metadata.
    """
    from corpusforge.commands import export as command

    command.export(corpus, format_name, output, plan, arm, snapshot)
