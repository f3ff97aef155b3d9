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
        str | None,
        typer.Option(
            "--output", "-o", help="Write the plan, or the swarm's folder, here and not to CORPUS/plans."
        ),
    ] = None,
    supply: Annotated[
        str | None,
        typer.Option(help='Plan on paper: {"web": tokens, "math/generic": tokens}.', metavar="JSON"),
    ] = None,
    again: Annotated[
        str | None,
        typer.Option(
            help="Make this plan, or this swarm, again over a child snapshot: every budget exact, only what "
            "is gone replaced; of other tokens, by documents. A --recipe beside it, with the --fit or --pin "
            "of the plan, allows its max_epochs.",
            metavar="PLAN.json",
        ),
    ] = None,
    swarm: Annotated[
        bool, typer.Option("--swarm", help="Make the recipe's swarm: hundreds of small mixtures around it.")
    ] = False,
    fit: Annotated[
        str | None,
        typer.Option(help="Take the weights that a fitter found over a swarm.", metavar="JSON"),
    ] = None,
    buckets: Annotated[
        str | None,
        typer.Option(help="The buckets.json of that swarm, where the fit does not name it.", metavar="JSON"),
    ] = None,
    pin: Annotated[
        str | None,
        typer.Option(
            help="Read as many tokens of each source as this arm does, of another snapshot or corpus.",
            metavar="PLAN[:ARM]",
        ),
    ] = None,
    snapshot: Snapshot = None,
    tolerance: Annotated[
        str,
        typer.Option(help="With --again: share of what is replaced that may be of another length or source."),
    ] = "0",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the tables and write nothing.")] = False,
    as_json: Json = False,
) -> None:
    """Mix a corpus: a plan of exact token budgets, with its table of tokens and epochs per arm.

    With `--swarm` a folder in CORPUS/plans/swarms: a plan whose arms are small mixtures, each repeating every
    domain as often as its target would, ratios.csv for a fitter, and buckets.json; `--fit` makes the target
    of what the fitter found, and refuses it once the buckets hold other text.
    """
    from corpusforge.commands import again as again_command
    from corpusforge.commands import mix as command

    if again is None:
        asked = command.Asked(
            swarm=swarm, fit=fit, buckets=buckets, pin=pin, snapshot=snapshot, dry_run=dry_run
        )
        of_again = ["--tolerance"] if tolerance != "0" else []
        command.mix(corpus, recipe, output, supply, as_json, asked, of_again=of_again)
        return
    wanted = again_command.Wanted(
        recipe=recipe,
        fit=fit,
        buckets=buckets,
        pin=pin,
        swarm=swarm,
        output=output,
        supply=supply,
        snapshot=snapshot,
        tolerance=tolerance,
        dry_run=dry_run,
        as_json=as_json,
    )
    again_command.again(corpus, again, wanted)


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
