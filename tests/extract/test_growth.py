"""What once took the square of its size, at a size that would take minutes: it ends within a step's deadline."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest

from corpusforge.document import Document, Drop, Markup, SourceKind
from corpusforge.extract import ExtractConfig, extract_document
from corpusforge.sandbox import Sandbox, SandboxConfig

N_BYTES = 100_000


def make_extract(config: ExtractConfig) -> Callable[[Document], Document | Drop]:
    """Return the function of the sandbox; what is compiled at first use is no part of a text's time."""
    extract_document(a_document(Markup.HTML, "<p>First words.</p>"), config)
    return lambda document: extract_document(document, config)


def a_document(markup: Markup, raw: str) -> Document:
    return Document(
        doc_id="0" * 32,
        source="s",
        source_kind=SourceKind.JSONL,
        locator="l",
        markup=markup,
        raw=raw.encode(),
    )


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox[Document, Document | Drop]]:
    one = Sandbox[Document, Document | Drop](f"{__name__}:make_extract", ExtractConfig(), SandboxConfig())
    yield one
    one.close()


def notebook(text: str, *, output: bool) -> str:
    outputs = [{"output_type": "stream", "name": "stdout", "text": text}] if output else []
    cell = {
        "cell_type": "code" if output else "markdown",
        "source": "f()" if output else text,
        "outputs": outputs,
    }
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [cell]})


def repeated(piece: str) -> str:
    return piece * (N_BYTES // len(piece))


CASES: dict[str, tuple[Markup, str]] = {
    "lines of a start": (Markup.BOOK_TEXT, repeated("*** START OF THE PROJECT GUTENBERG EBOOK A ***\n")),
    "lines of one paragraph": (
        Markup.BOOK_TEXT,
        repeated("words of a line that was set by hand, and joi-\n"),
    ),
    "raised in a row": (Markup.HTML, f"<p>Words.</p><p>{repeated('<sup>2</sup>')}"),
    "raised in raised": (Markup.HTML, f"<p>Words.</p><p>{repeated('<sup>')}2"),
    "code in code": (Markup.HTML, f"<p>Words.</p><p>{repeated('<code>a ')}"),
    "blocks in blocks": (Markup.HTML, f"<p>Words.</p>{repeated('<pre>a ')}"),
    "formulas in formulas": (Markup.HTML, f"<p>Words.</p>{repeated('<math>')}<mi>x</mi>"),
    "images never closed": (Markup.NOTEBOOK, notebook("data: " + repeated("!["), output=False)),
    "tags never closed": (Markup.NOTEBOOK, notebook("data: " + repeated("<img src=a "), output=False)),
    "a line without end": (Markup.NOTEBOOK, notebook(repeated("x"), output=True)),
    "files never closed": (Markup.NOTEBOOK, notebook(repeated("data:image/svg+xml,<svg "), output=False)),
    "blanks behind a name": (Markup.NOTEBOOK, notebook("data: \n[a]:" + repeated(" "), output=False)),
    "links never closed": (Markup.WIKITEXT, "Words. " + repeated("[[a|b")),
    "links in links": (Markup.WIKITEXT, f"Words. {'[[' * 9000}a{']]' * 9000}"),
    "tags that never end": (Markup.WIKITEXT, "Words. " + repeated("<a b=c")),
    "tables never closed": (Markup.WIKITEXT, "Words.\n" + repeated("{|\n")),
    "parameters never closed": (Markup.WIKITEXT, "Words. " + repeated("{{{1|")),
    "addresses never closed": (Markup.WIKITEXT, "Words. " + repeated("[http://a.b c ")),
    "titles never closed": (Markup.NOTEBOOK, notebook(repeated("\x1b]0;a"), output=True)),
}


@pytest.mark.parametrize("case", CASES)
def test_a_text_of_one_mark_ends_within_the_deadline(
    sandbox: Sandbox[Document, Document | Drop], case: str
) -> None:
    markup, raw = CASES[case]
    (result,) = sandbox.map([a_document(markup, raw)])
    assert isinstance(result, Document | Drop), result


def test_what_lies_too_deep_keeps_its_text(sandbox: Sandbox[Document, Document | Drop]) -> None:
    page = (
        f"<p>First words.</p>{'<div>' * 2000}<p>Words at the bottom, <b>all</b> of them.</p>{'</div>' * 2000}"
    )
    (result,) = sandbox.map([a_document(Markup.XHTML_BOOK, f"<html><body>{page}</body></html>")])
    assert isinstance(result, Document) and "Words at the bottom, all of them." in result.text
