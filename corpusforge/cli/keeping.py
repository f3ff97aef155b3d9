"""What stays of a corpus, and what goes from its disk."""

from __future__ import annotations

from typing import Annotated

import typer

from corpusforge.cli.app import Corpus, Json, app


@app.command(epilog="Examples: `corpusforge gc CORPUS` · `corpusforge gc CORPUS --keep CURRENT --dry-run`")
def gc(
    corpus: Corpus,
    keep: Annotated[
        list[str] | None,
        typer.Option(help="A snapshot that stays, beside the current one; may recur.", metavar="ID"),
    ] = None,
    keep_plans: Annotated[
        bool, typer.Option("--keep-plans", help="Keep every snapshot that a plan in the corpus stands on.")
    ] = False,
    drop_plans: Annotated[
        bool, typer.Option("--drop-plans", help="Remove the plans over snapshots that go.")
    ] = False,
    drop_unfinished: Annotated[
        bool, typer.Option("--drop-unfinished", help="Remove what builds that did not end left, too.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would go and stop.")] = False,
    as_json: Json = False,
) -> None:
    """Remove what no snapshot that stays needs: shards, parts, clusters, reports, what killed writers left.

    The current snapshot always stays. Where there are others, `--keep` says which of them stay; without it
    they are listed, each with what it alone would free, and nothing is removed. A removed snapshot cannot be
    read any more, nor plans over it. Killed at any moment, the same command goes on; what stays is whole.
    """
    from corpusforge.commands import gc as command

    command.gc(
        corpus,
        keep or [],
        keep_plans=keep_plans,
        drop_plans=drop_plans,
        drop_unfinished=drop_unfinished,
        dry_run=dry_run,
        as_json=as_json,
    )
