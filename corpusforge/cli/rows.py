"""Single steps of the pipeline over files of any kind."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from corpusforge.cli.app import Config, Json, NewFolder, Output, app


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
    input's own format under kept/, and summary.json. Of a cluster the likelier origin stays, where
    columns tell it (url, date, repo and others), then the longest text, then the lowest id; a row
    without an id is called by its place.
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
