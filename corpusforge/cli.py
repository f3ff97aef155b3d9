"""The command `corpusforge`: a subcommand per verb, each in its module under `commands`.

Nothing heavy is imported here: each verb imports its module when it runs, so that
`corpusforge --help` answers at once.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Annotated, Any, Literal

import typer

from corpusforge import __version__
from corpusforge.commands.terminal import VerbGroup, guard_logs_and_tracebacks, located_words

app = typer.Typer(
    cls=VerbGroup,
    name="corpusforge",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Corpus = Annotated[
    str, typer.Argument(metavar="CORPUS", help="Folder or bucket's prefix of a corpus.", show_default=False)
]
Config = Annotated[
    str | None, typer.Option("--config", "-c", help="Take the thresholds of this TOML file.", metavar="TOML")
]
NewFolder = Annotated[str, typer.Option("--output", "-o", help="A new folder.", show_default=False)]
Output = Annotated[str | None, typer.Option("--output", "-o", help="Write here instead of to stdout.")]
Snapshot = Annotated[str | None, typer.Option(help="Another snapshot than the current one.", metavar="ID")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"corpusforge {__version__}")
        raise typer.Exit()


@app.callback(epilog="Begin with: `corpusforge build CONFIG.toml --dry-run`")
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of a failure.")] = False,
) -> None:
    """Raw dumps in, a domain-classified pre-training corpus with exact token budgets out."""


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


@app.command(epilog="Example: `corpusforge label pages.jsonl --output labels.jsonl`")
def label(
    input: Annotated[
        str, typer.Argument(metavar="IN", help="JSONL or Parquet; - is JSONL on stdin.", show_default=False)
    ],
    output: Output = None,
    task: Annotated[
        Literal["code", "math", "scaffold", "language"] | None, typer.Option(help="Run one step alone.")
    ] = None,
    config: Config = None,
) -> None:
    """Label documents: one decision an input row, in the same order.

    A row holds `id` and `text`, `html` or `notebook`, and may hold
    path, url and source. Out come domain, subset, language, math and scaffold scores, and the
    reason with its figures; a row that cannot be read gives a row with an `error`.
    """
    from corpusforge.commands import label as command

    command.label(input, output, None if task is None else command.Task(task), config)


@app.command(epilog="Example: `corpusforge extract page.html`")
def extract(
    input: Annotated[
        str,
        typer.Argument(
            metavar="IN",
            help="A page, notebook, wikitext, EPUB, JSONL or dump; - is stdin.",
            show_default=False,
        ),
    ],
    output: Output = None,
    markup: Annotated[
        Literal["html", "notebook", "wikitext", "source", "epub", "text"] | None,
        typer.Option(help="What the file is, where its name and content do not tell."),
    ] = None,
    form: Annotated[
        Literal["text", "script"],
        typer.Option("--as", help="Of a notebook: Markdown text, or a script in the percent format."),
    ] = "text",
    config: Config = None,
) -> None:
    """Extract text: formulas as LaTeX, code as fenced blocks.

    One file gives its text. JSONL rows `{"id", "html", "url"?}` give rows `{"id", "text"}`, in order.
    """
    from corpusforge.commands import extract as command
    from corpusforge.document import Markup

    wanted = None if markup is None else Markup(markup)
    command.extract(input, output, wanted, config, as_script=form == "script")


@app.command(epilog="Example: `corpusforge dedup pages.jsonl --output deduped`")
def dedup(
    inputs: Annotated[
        list[str],
        typer.Argument(
            metavar="IN…",
            help="JSONL or Parquet: files, folders, globs; - is JSONL on stdin.",
            show_default=False,
        ),
    ],
    output: NewFolder,
    method: Annotated[Literal["near", "exact"], typer.Option(help="What counts as a duplicate.")] = "near",
    threshold: Annotated[
        float, typer.Option(min=0.01, max=1.0, help="Jaccard similarity that makes a near duplicate.")
    ] = 0.75,
    ngram: Annotated[int, typer.Option(min=1, max=32, help="Words (or tokens) in a shingle.")] = 5,
    unit: Annotated[
        Literal["words", "tokens"], typer.Option(help="Shingles of words, or of a program's tokens.")
    ] = "words",
    permutations: Annotated[int, typer.Option(min=16, max=512, help="Hash values in a signature.")] = 128,
    bands: Annotated[int | None, typer.Option(min=1, help="LSH bands; by default those that fit.")] = None,
    rows: Annotated[int | None, typer.Option(min=1, help="Hash values in a band.")] = None,
    check: Annotated[
        Literal["estimate", "jaccard"],
        typer.Option(help="Check candidates by their signatures, or by all their shingles."),
    ] = "estimate",
    repeats: Annotated[
        Literal["off", "paragraphs", "lines"],
        typer.Option(help="Cut paragraphs or lines that many rows hold from all but one of them."),
    ] = "off",
    max_documents: Annotated[
        int, typer.Option(min=1, help="A paragraph or line is cut where more rows hold it.")
    ] = 10,
    text_field: Annotated[str, typer.Option(help="The field that holds the text.")] = "text",
    id_field: Annotated[str, typer.Option(help="The field that holds the id.")] = "id",
    seed: Annotated[int, typer.Option(min=0, help="Seed of the permutations.")] = 1,
    skip_bad_rows: Annotated[
        bool, typer.Option("--skip-bad-rows", help="Leave out rows that hold no document.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Remove exact and near duplicates from any JSONL or Parquet.

    Writes clusters.parquet (doc_id, cluster_id, keep; one row an input row), the kept rows in the
    input's own format under kept/, and summary.json. Of a cluster the longest text stays, then the
    lowest id; a row without an id is called by its place.
    """
    from corpusforge.commands import dedup as command
    from corpusforge.commands.tables import Fields

    settings = command.Settings(
        threshold=threshold,
        ngram=ngram,
        unit=unit,
        permutations=permutations,
        bands=bands,
        rows=rows,
        method=method,
        check=check,
        seed=seed,
        fields=Fields(text=text_field, id=id_field),
        repeats=repeats,
        max_documents=max_documents,
        skip_bad_rows=skip_bad_rows,
    )
    command.dedup(inputs, output, settings, as_json)


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


@app.command(epilog="Example: `corpusforge verify CORPUS --sample 10`")
def verify(
    corpus: Corpus,
    sample: Annotated[int | None, typer.Option(min=1, help="Read so many shards, spread evenly.")] = None,
    snapshot: Snapshot = None,
    shards_only: Annotated[bool, typer.Option("--shards-only", help="Index and shards alone.")] = False,
) -> None:
    """Verify all files of a corpus, or of an unfinished build, by their checksums. Exit 1 if any is wrong."""
    from corpusforge.commands import verify as command

    command.verify(corpus, sample, snapshot, shards_only=shards_only)


@app.command(epilog="Example: `corpusforge mix CORPUS --recipe recipe.toml`")
def mix(
    recipe: Annotated[str, typer.Option(help="The recipe, a TOML file.", metavar="TOML", show_default=False)],
    corpus: Annotated[
        str | None, typer.Argument(metavar="CORPUS", help="None with --supply.", show_default=False)
    ] = None,
    output: Annotated[
        str | None, typer.Option("--output", "-o", help="Write the plan here instead of to CORPUS/plans.")
    ] = None,
    supply: Annotated[
        str | None,
        typer.Option(help='Plan on paper: {"web": tokens, "math/generic": tokens}.', metavar="JSON"),
    ] = None,
    as_json: Json = False,
) -> None:
    """Mix a corpus: a plan of exact token budgets, with its table of tokens and epochs per arm."""
    from corpusforge.commands import mix as command

    command.mix(corpus, recipe, output, supply, as_json)


@app.command(epilog="Example: `corpusforge diff CORPUS plan.json:full plan.json:without_code`")
def diff(
    corpus: Corpus,
    first: Annotated[str, typer.Argument(metavar="PLAN[:ARM]", help="Arm A; `full` unless named.")],
    second: Annotated[str, typer.Argument(metavar="PLAN[:ARM]", help="Arm B.")],
    as_json: Json = False,
) -> None:
    """Diff two arms, of one plan or of two: documents and tokens that each reads, by domain."""
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


@app.command(epilog="Example: `corpusforge report CORPUS`")
def report(corpus: Corpus, snapshot: Snapshot = None) -> None:
    """Write one self-contained HTML page about a snapshot and print where it is."""
    from corpusforge.commands import report as command

    command.report(corpus, snapshot)


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


_ALL_ON: dict[str, Any] = {"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}


@app.command(context_settings=_ALL_ON, epilog="Example: `corpusforge train --recipe math.toml --data DATA`")
def train(context: typer.Context) -> None:
    """Train a classifier from labelled data: model, pin and model card (`train --help` for its options)."""
    from corpusforge.commands.workshop import forward

    forward("train", context.args)


@app.command(context_settings=_ALL_ON, epilog="Example: `corpusforge evaluate --task math --data dev.jsonl`")
def evaluate(context: typer.Context) -> None:
    """Evaluate a classifier on labelled data, or `decontamination` by injection (`evaluate --help`)."""
    from corpusforge.commands.workshop import forward

    forward("evaluate", context.args)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command and exit: 0 done, 1 failed, 2 wrong usage or configuration, 130 interrupted."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    ours = given[: given.index("--")] if "--" in given else given
    is_debug = "--debug" in ours
    given = [*(word for word in ours if word != "--debug"), *given[len(ours) :]]
    guard_logs_and_tracebacks(only_ours=not is_debug)
    try:
        app(located_words(given), prog_name="corpusforge")
    except BrokenPipeError:  # `corpusforge … | head`: the reader has what it wanted
        sys.stderr.close()
        sys.exit(1)
    except Exception as error:
        if is_debug:
            raise
        from corpusforge.commands.errors import tell

        sys.exit(tell(error))


if __name__ == "__main__":
    main()
