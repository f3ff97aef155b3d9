"""A file of a repository to text: its bytes decoded, nothing else."""

from __future__ import annotations

from dataclasses import replace

from corpusforge.document import Document, Drop, DropReason, drop
from corpusforge.extract.charset import decode_plain
from corpusforge.extract.config import ExtractConfig
from corpusforge.text import clean_text


def extract_source(document: Document, config: ExtractConfig) -> Document | Drop:
    """Return the file's text; binary files and empty ones are dropped."""
    raw = document.raw or b""
    if not raw.strip():
        return drop(document, DropReason.EMPTY, f"empty file: {len(raw)} bytes")
    decoded = decode_plain(raw, document.charset)
    if decoded is None:
        at = raw.find(b"\0")
        what = f"NUL byte at offset {at}" if at >= 0 else "control characters"
        return drop(document, DropReason.BINARY, f"binary: {what}, {len(raw)} bytes")
    text, notes = decoded
    text = clean_text(text)
    if not text.strip():
        return drop(document, DropReason.NO_TEXT, f"no text in {len(raw)} bytes")
    return replace(document, raw=None, text=text, notes=(*document.notes, *notes))
