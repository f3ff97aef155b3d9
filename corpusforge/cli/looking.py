"""What a corpus holds, and why."""

from __future__ import annotations

from typing import Annotated

import typer

from corpusforge.cli.app import Config, Corpus, Json, Snapshot, app


@app.command(
    epilog="Examples: `corpusforge trace page.html` · `corpusforge trace DOC_ID --corpus CORPUS` · "
    "`corpusforge trace plan.json:full:12:40 --corpus CORPUS`"
)
def trace(
    target: Annotated[
        str,
        typer.Argument(
            metavar="FILE|DOC_ID|TOKEN",
            help="A file, a document's 32-digit id, or a token: DOMAIN/SUBSET:SHARD:TOKEN, SHARD_ID:TOKEN or"
            " PLAN.json:ARM:SAMPLE:TOKEN.",
            show_default=False,
        ),
    ],
    corpus: Annotated[str | None, typer.Option(help="The corpus that DOC_ID or TOKEN is of.")] = None,
    config: Config = None,
    limit: Annotated[int, typer.Option(min=1, help="Records of a dump to show.")] = 5,
    snapshot: Snapshot = None,
    as_json: Json = False,
) -> None:
    """Trace a document: every step's decision on a file, or a shipped document or token back to its dump."""
    from corpusforge.commands import trace as command

    if corpus is None:
        command.trace_file(target, config, limit, as_json)
    else:
        command.trace_shipped(target, corpus, snapshot, as_json)


@app.command(epilog="Example: `corpusforge view CORPUS`")
def view(
    corpus: Corpus,
    snapshot: Snapshot = None,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Where to listen; 0: any free port.")] = 0,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open a browser.")] = True,
    verdicts: Annotated[
        str, typer.Option(metavar="JSONL", help="Append what people say of documents here.")
    ] = "verdicts.jsonl",
) -> None:
    """View a corpus in the browser: documents, distributions, drops, clusters, plans, snapshots.

    A local server on 127.0.0.1, for this machine alone; the address holds a random token. Nothing is copied.
    """
    from corpusforge.commands import view as command

    command.view(corpus, snapshot, port, browser, verdicts)


@app.command(epilog="Examples: `corpusforge inspect CORPUS` · `corpusforge inspect corpus.toml`")
def inspect(
    target: Annotated[
        str,
        typer.Argument(metavar="CORPUS|PART|CONFIG", help="What to look into.", show_default=False),
    ],
    snapshot: Snapshot = None,
    as_json: Json = False,
) -> None:
    """Show what a corpus or a part holds, or every effective threshold of a configuration."""
    from corpusforge.commands import inspect as command

    command.inspect(target, snapshot, as_json)


@app.command(
    epilog="Examples: `corpusforge verify CORPUS --sample 10` · "
    "`corpusforge verify CORPUS --absent list.txt --exports EXPORT --workers 2`"
)
def verify(
    corpus: Corpus,
    sample: Annotated[int | None, typer.Option(min=1, help="Read so many shards, spread evenly.")] = None,
    snapshot: Snapshot = None,
    shards_only: Annotated[bool, typer.Option("--shards-only", help="Index and shards alone.")] = False,
    absent: Annotated[
        str | None,
        typer.Option(
            metavar="LIST",
            help="Prove instead that no document of a list (as `retract` takes it) is there: everywhere in"
            " the corpus, or in what --snapshot stands on.",
        ),
    ] = None,
    exports: Annotated[
        list[str] | None, typer.Option(metavar="DIR", help="With --absent: an export, too; may recur.")
    ] = None,
    copies: Annotated[
        bool, typer.Option("--copies/--no-copies", help="With --absent: documents of their clusters, too.")
    ] = True,
    workers: Annotated[int, typer.Option(min=1, help="With --absent: processes that read.")] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="With --absent: print JSON.")] = False,
) -> None:
    """Verify all files of a corpus, or of an unfinished build, by their checksums. Exit 1 if any is wrong.

    With `--absent LIST`: look for the documents of a list in payloads, text, docs, parts, rejects,
    quarantine, clusters, reports and exports. Exit 0: absent everywhere; 1: found, or a file of which that
    cannot be told.
    """
    from corpusforge.commands.errors import usage_error

    if absent is None:
        from corpusforge.commands import verify as command

        if exports or workers > 1 or as_json or not copies:
            raise usage_error("--exports, --no-copies, --workers and --json go with --absent LIST")
        command.verify(corpus, sample, snapshot, shards_only=shards_only)
        return
    from corpusforge.commands.absent import verify_absent

    if sample is not None or shards_only:
        raise usage_error("--absent looks at everything: --sample and --shards-only do not go with it")
    verify_absent(corpus, absent, snapshot, exports or [], copies=copies, workers=workers, as_json=as_json)


@app.command(epilog="Example: `corpusforge report CORPUS`")
def report(
    corpus: Corpus,
    snapshot: Snapshot = None,
    card: Annotated[
        bool, typer.Option("--card", help="Print the corpus card, in Markdown, instead of the page's path.")
    ] = False,
    benchmarks: Annotated[
        str | None,
        typer.Option(metavar="ITEMS", help="Card: audit contamination by these items (JSONL or a folder)."),
    ] = None,
    hits: Annotated[
        str | None, typer.Option(metavar="FILE", help="Card: precision, by the hits that a person read.")
    ] = None,
    verdicts: Annotated[
        list[str] | None, typer.Option(metavar="FILE", help="Card: error rates by people; may recur.")
    ] = None,
    labelled: Annotated[
        str | None, typer.Option(metavar="FILE", help='Card: error rates by rows {"id", "domain"} (JSONL).')
    ] = None,
) -> None:
    """Write one self-contained HTML page about a snapshot and print where it is; its card beside it.

    The card (card.md, and croissant.json in the corpus's folder) tells sources, licences, what was left
    out, every threshold with its reason, and how good the labels are.
    """
    from corpusforge.commands import report as command

    command.report(corpus, snapshot, card, benchmarks, hits, verdicts or (), labelled)


@app.command(epilog="Example: `corpusforge probe CORPUS`")
def probe(
    corpus: Corpus,
    seed: Annotated[
        int | None, typer.Option(min=0, help="Of the sample; the corpus's own by default.")
    ] = None,
    train_bytes: Annotated[
        int, typer.Option(min=4096, help="Of each domain at most; a quarter of it is read.")
    ] = 1 << 20,
    snapshot: Snapshot = None,
    as_json: Json = False,
) -> None:
    """Probe a corpus: bits per character of each domain under a small model, and under the others' models.

    The model is one of byte n-grams, trained on a fixed sample; what is read is held out from it by a
    hash. The table is kept beside the snapshot's report, as probe.json.
    """
    from corpusforge.commands import probe as command

    command.probe(corpus, snapshot, seed, train_bytes, as_json)
