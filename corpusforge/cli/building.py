"""What makes a corpus, and what a build takes."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from corpusforge.cli.app import Config, Corpus, Json, Snapshot, app


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
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print the plan of parts and what the build will cost; stop.")
    ] = False,
    sample_seconds: Annotated[
        float,
        typer.Option(
            min=0, help="With --dry-run: about so long dumps are sampled to tell the cost; 0: not at all."
        ),
    ] = 60.0,
    prediction: Annotated[
        str | None,
        typer.Option(
            help="With --dry-run: where to write the cost that it tells. Else: such a file, for the receipt.",
            metavar="FILE",
        ),
    ] = None,
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

    if dry_run:
        command.dry_run(config, workers, sample_seconds, beam_flags or [], prediction)
    else:
        command.build(config, runner, workers, until, beam_flags or [], log_json, prediction)


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


Runner = Annotated[str, typer.Option(help="The Beam runner.")]
Workers = Annotated[int, typer.Option(min=1, help="Worker processes of the local runner.")]
BeamFlags = Annotated[
    list[str] | None,
    typer.Argument(metavar="-- BEAM_FLAGS", help="Passed to Beam as they are.", show_default=False),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would be done and stop.")]


@app.command(epilog="Example: `corpusforge retokenize CORPUS --tokenizer o200k_base`")
def retokenize(
    corpus: Corpus,
    beam_flags: BeamFlags = None,
    tokenizer: Annotated[
        str | None, typer.Option(help="cl100k_base, o200k_base, o200k_harmony, llama3 or qwen3.")
    ] = None,
    tokenizer_json: Annotated[str | None, typer.Option(help="Or any tokenizer.json.", metavar="FILE")] = None,
    eos_token: Annotated[
        str | None, typer.Option(help="Of that file, the special token that ends a document.")
    ] = None,
    shard_tokens: Annotated[
        int | None, typer.Option(min=1, help="Tokens of a shard; as before unless told.")
    ] = None,
    snapshot: Snapshot = None,
    runner: Runner = "DirectRunner",
    workers: Workers = 1,
    dry_run: DryRun = False,
) -> None:
    """Tokenise a snapshot's documents anew, in the same order, from the text that it holds: no dumps.

    The result is a snapshot of the same corpus; the old one, and plans over it, stay. Each shard keeps its
    documents; with `--shard-tokens` the shards are cut anew, as a build with this tokenizer cuts them.
    """
    from corpusforge.commands import rewrite as command
    from corpusforge.commands.errors import usage_error

    given = {
        "tokenizer": tokenizer,
        "tokenizer_json": tokenizer_json,
        "eos_token": eos_token,
        "shard_tokens": shard_tokens,
    }
    if (tokenizer is None) == (tokenizer_json is None):
        raise usage_error("name a tokenizer: --tokenizer NAME or --tokenizer-json FILE")
    settings = {key: value for key, value in given.items() if value is not None}
    command.retokenize(
        corpus,
        snapshot,
        settings,
        command.Running(runner=runner, workers=workers, beam_flags=beam_flags or [], dry_run=dry_run),
    )


@app.command(epilog="Example: `corpusforge reshard CORPUS --shard-tokens 100000000`")
def reshard(
    corpus: Corpus,
    shard_tokens: Annotated[int, typer.Option(min=1, help="Tokens of a shard.", show_default=False)],
    beam_flags: BeamFlags = None,
    snapshot: Snapshot = None,
    runner: Runner = "DirectRunner",
    workers: Workers = 1,
    dry_run: DryRun = False,
) -> None:
    """Cut a snapshot into shards of another size: the same documents and tokens, in the same order.

    The result is a snapshot of the same corpus; the old one, and plans over it, stay.
    """
    from corpusforge.commands import rewrite as command

    running = command.Running(runner=runner, workers=workers, beam_flags=beam_flags or [], dry_run=dry_run)
    command.reshard(corpus, snapshot, shard_tokens, running)


@app.command(epilog="Example: `corpusforge retract CORPUS opt-out.txt --why 'mail of 3 May' --dry-run`")
def retract(
    corpus: Corpus,
    listed: Annotated[
        str, typer.Argument(metavar="LIST", help="What is to go; `-` is stdin.", show_default=False)
    ],
    beam_flags: BeamFlags = None,
    why: Annotated[str, typer.Option(help="Why, for the ledger.", metavar="TEXT")] = "",
    asked: Annotated[str, typer.Option(help="When it was asked for, as the ledger is to say it.")] = "",
    ledger_hashes: Annotated[
        bool, typer.Option("--ledger-hashes", help="Keep hashes of URLs, hosts and repositories alone.")
    ] = False,
    policy: Annotated[
        Literal["cluster", "next-best"],
        typer.Option(help="Copies go too (cluster), or the next best takes a document's place."),
    ] = "cluster",
    share: Annotated[
        float | None,
        typer.Option(
            "--yes-remove-share", min=0, max=1, help="Share of the tokens that may go.", show_default="0.1"
        ),
    ] = None,
    runner: Runner = "DirectRunner",
    workers: Workers = 1,
    dry_run: DryRun = False,
    json: Json = False,
) -> None:
    """Take documents out of a built corpus, their copies too unless told, and keep them out.

    A line of LIST names URLs (`url:`), hosts (`host:`), repositories (`repo:`), licences (`licence:`),
    documents (`id:`), texts (`hash:`) or those for which a condition holds (`where:`). The result is a
    snapshot of the same corpus; only the shards that held such a document are written again. Later builds
    leave them out as well. Interrupted or killed, the same command goes on.
    """
    from corpusforge.commands import retract as command

    running = command.Running(
        runner=runner, workers=workers, beam_flags=beam_flags or [], dry_run=dry_run, as_json=json
    )
    request = command.Asked(why=why, asked=asked, is_hashed=ledger_hashes, policy=policy)
    command.retract(corpus, listed, request, share, running)
