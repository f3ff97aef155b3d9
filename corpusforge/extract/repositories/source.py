"""A file of a repository to text: a program as it is, Markdown and reStructuredText as they are read."""

from __future__ import annotations

from dataclasses import replace

from corpusforge.document import Document, Drop, DropReason, drop
from corpusforge.extract.config import ExtractConfig
from corpusforge.extract.encoding.charset import decode_plain
from corpusforge.extract.repositories.markdown import markdown_text
from corpusforge.extract.repositories.rest import rest_text
from corpusforge.text import clean_text

_MARKDOWN = frozenset(("md", "markdown", "mdown", "mkd", "mkdn", "mdwn"))
_REST = frozenset(("rst", "rest"))


def extract_source(document: Document, config: ExtractConfig) -> Document | Drop:
    """Return the file's text as it is, to the character; binary files and empty ones are dropped.

    A literal may hold a form feed, U+2028 or letters that NFC would change: nothing is cleaned here.
        Markdown and reStructuredText, told by the path, lose what a reader of the page does not
    see: front matter, badges, comments, tags, directives; the latter becomes Markdown.
    """
    raw = document.raw or b""
    if not raw.strip():
        return drop(document, DropReason.EMPTY, f"empty file: {len(raw)} bytes")
    decoded = decode_plain(raw, document.charset)
    if decoded is None:
        at = raw.find(b"\0")
        what = f"NUL byte at offset {at}" if at >= 0 else "control characters"
        return drop(document, DropReason.BINARY, f"binary: {what}, {len(raw)} bytes")
    text, notes = decoded
    title = None
    suffix = (document.path or "").rpartition(".")[2].lower()
    if config.read_markup and suffix in _MARKDOWN:
        text, title = markdown_text(clean_text(text), config)
    elif config.read_markup and suffix in _REST:
        text = rest_text(clean_text(text))
    if not text.strip():
        return drop(document, DropReason.NO_TEXT, f"no text in {len(raw)} bytes")
    return replace(
        document, raw=None, text=text, title=document.title or title, notes=(*document.notes, *notes)
    )
