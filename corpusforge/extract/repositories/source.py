"""A file of a repository to text: a program as it is, Markdown and reStructuredText as they are read."""

from __future__ import annotations

import re
from dataclasses import replace

from corpusforge.document import Document, Drop, DropReason, drop
from corpusforge.extract.config import ExtractConfig
from corpusforge.extract.embedded import without_files
from corpusforge.extract.encoding.charset import decode_plain
from corpusforge.extract.repositories.markdown import markdown_text
from corpusforge.extract.repositories.rest import rest_text
from corpusforge.text import clean_text

_MARKDOWN = frozenset(("md", "markdown", "mdown", "mkd", "mkdn", "mdwn"))
_PLUTO = "### A Pluto.jl notebook ###"
_PLUTO_FILES = re.compile(
    r"^# ╔═╡ 00000000-0000-0000-0000-00000000000[12]\nPLUTO_(?:PROJECT|MANIFEST)_TOML_CONTENTS = "
    r"\"\"\".*?^\"\"\"\n+|^# ╟─00000000-0000-0000-0000-00000000000[12]\n?",
    re.M | re.S,
)
_REST = frozenset(("rst", "rest"))
_MAGICS = ((b"%PDF-", "PDF"), (b"AT&TFORM", "DjVu"), (b"{\\rtf", "RTF"), (b"%!PS-Adobe", "PostScript"))
"""Documents whose first bytes hold no NUL and no control character."""


def extract_source(document: Document, config: ExtractConfig) -> Document | Drop:
    """Return the file's text as it is, to the character; binary files and empty ones are dropped.

    A literal may hold a form feed, U+2028 or letters that NFC would change: nothing is cleaned here.
    Markdown and reStructuredText, told by the path, lose what a reader of the page does not
    see: front matter, badges, comments, tags, directives; the latter becomes Markdown.
    """
    raw = document.raw or b""
    if not raw.strip():
        return drop(document, DropReason.EMPTY, f"empty file: {len(raw)} bytes")
    name = next((name for magic, name in _MAGICS if raw.startswith(magic)), None)
    if name is not None:
        return drop(document, DropReason.BINARY, f"it begins like {name}; make text of it first")
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
        text = rest_text(without_files(clean_text(text))[0])
    else:
        text = without_baggage(text)
    if not text.strip():
        return drop(document, DropReason.NO_TEXT, f"no text in {len(raw)} bytes")
    return replace(
        document, raw=None, text=text, title=document.title or title, notes=(*document.notes, *notes)
    )


def without_baggage(text: str) -> str:
    """Return a notebook that is a script without what it carries for itself; any other text as it is.

    Pluto keeps the project and its manifest, a MATLAB live script its outputs, images among them.
    """
    if text.startswith(_PLUTO):
        return _PLUTO_FILES.sub("", text)
    if "\n%[appendix]{" in text and "%[text]" in text:
        return text.partition("\n%[appendix]{")[0] + "\n"
    return text
