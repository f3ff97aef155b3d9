"""Markup to text: the bytes of a record become Markdown with formulas and code kept."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import replace
from functools import cache

from corpusforge.document import Document, Drop, DropReason, Markup, SourceKind, drop
from corpusforge.extract.config import ExtractConfig
from corpusforge.text import clean_text

__all__ = ["ExtractConfig", "extract_document", "load_extractors"]

_Extractor = Callable[[Document, ExtractConfig], Document | Drop]
_WIKI_HTML = "wiki.parsoid:extract_wiki_html"
_EXTRACTORS: dict[Markup, str] = {
    Markup.HTML: "web.html:extract_html",
    Markup.NOTEBOOK: "notebooks.notebook:extract_notebook",
    Markup.WIKITEXT: "wiki.wikitext:extract_wikitext",
    Markup.SOURCE: "repositories.source:extract_source",
    Markup.QA: "qa:extract_qa",
    Markup.BOOK_TEXT: "books.book:extract_book_text",
    Markup.EPUB: "books.book:extract_epub",
    Markup.XHTML_BOOK: "books.book:extract_xhtml_book",
}
"""Loaded with the first document of their kind: whoever extracts pages loads no reader of wikis."""


def extract_document(document: Document, config: ExtractConfig) -> Document | Drop:
    """Return the document with its text (clean, Markdown-like) and without raw bytes.

    Formulas stand between `$` or `$$`, code in fenced blocks. A Drop says, with
    figures, why there is no text. Ready text (`Markup.TEXT`) is only cleaned; of a web page that
    came as lines of text, those that are no content go.
    """
    if document.raw is not None and len(document.raw) > config.max_raw_bytes:
        return drop(document, DropReason.TOO_LARGE, f"{len(document.raw)} bytes > {config.max_raw_bytes}")
    if document.markup is Markup.TEXT:
        return _ready_text(document, config)
    if not document.raw:
        return drop(document, DropReason.EMPTY, f"0 bytes of {document.markup}")
    if document.markup is Markup.HTML and document.source_kind is SourceKind.MEDIAWIKI:
        return _extractor(_WIKI_HTML)(document, config)
    return _extractor(_EXTRACTORS[document.markup])(document, config)


def load_extractors() -> None:
    """Load the extractors of every kind: before processes fork, so that each does not."""
    for name in (*_EXTRACTORS.values(), _WIKI_HTML):
        _extractor(name)


@cache
def _extractor(name: str) -> _Extractor:
    module, _, function = name.partition(":")
    return getattr(importlib.import_module(f"corpusforge.extract.{module}"), function)


def _ready_text(document: Document, config: ExtractConfig) -> Document | Drop:
    """Return ready text decoded, if it came as bytes, and cleaned."""
    text, notes = (document.text, list[str]())
    if not text and document.raw:
        from corpusforge.extract.encoding.charset import decode_text

        text, notes = decode_text(document.raw, document.charset)
    text = clean_text(text)
    if document.source_kind is SourceKind.WARC and config.drop_boilerplate_lines:
        from corpusforge.extract.web.converted import is_converted, without_boilerplate_lines

        text, n_dropped = without_boilerplate_lines(text) if is_converted(text) else (text, 0)
        notes = [*notes, f"{n_dropped} lines of boilerplate left out"] if n_dropped else notes
    if not text.strip():
        return drop(document, DropReason.NO_TEXT, "empty text")
    return replace(document, raw=None, text=text, notes=(*document.notes, *notes))
