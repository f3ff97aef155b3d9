"""Markup to text: the bytes of a record become Markdown with formulas and code kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from corpusforge.document import Document, Drop, DropReason, Markup, SourceKind, drop
from corpusforge.extract.books.book import extract_book_text, extract_epub, extract_xhtml_book
from corpusforge.extract.config import ExtractConfig
from corpusforge.extract.encoding.charset import decode_text
from corpusforge.extract.notebooks.notebook import extract_notebook
from corpusforge.extract.qa import extract_qa
from corpusforge.extract.repositories.source import extract_source
from corpusforge.extract.web.converted import is_converted, without_boilerplate_lines
from corpusforge.extract.web.html import extract_html
from corpusforge.extract.web.preview import preview
from corpusforge.extract.wiki.parsoid import extract_wiki_html
from corpusforge.extract.wiki.wikitext import extract_wikitext
from corpusforge.text import clean_text

__all__ = ["ExtractConfig", "extract_document", "preview"]

_EXTRACTORS: dict[Markup, Callable[[Document, ExtractConfig], Document | Drop]] = {
    Markup.HTML: extract_html,
    Markup.NOTEBOOK: extract_notebook,
    Markup.WIKITEXT: extract_wikitext,
    Markup.SOURCE: extract_source,
    Markup.QA: extract_qa,
    Markup.BOOK_TEXT: extract_book_text,
    Markup.EPUB: extract_epub,
    Markup.XHTML_BOOK: extract_xhtml_book,
}


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
        return extract_wiki_html(document, config)
    return _EXTRACTORS[document.markup](document, config)


def _ready_text(document: Document, config: ExtractConfig) -> Document | Drop:
    """Return ready text decoded, if it came as bytes, and cleaned."""
    text, notes = (document.text, list[str]())
    if not text and document.raw:
        text, notes = decode_text(document.raw, document.charset)
    text = clean_text(text)
    if document.source_kind is SourceKind.WARC and config.drop_boilerplate_lines and is_converted(text):
        text, n_dropped = without_boilerplate_lines(text)
        notes = [*notes, f"{n_dropped} lines of boilerplate left out"] if n_dropped else notes
    if not text.strip():
        return drop(document, DropReason.NO_TEXT, "empty text")
    return replace(document, raw=None, text=text, notes=(*document.notes, *notes))
