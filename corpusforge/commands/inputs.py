"""One file as a person hands it over: a page, a notebook, a program, or a whole dump."""

from __future__ import annotations

import json
import lzma
import os
import re
import sys
from collections.abc import Iterator
from enum import StrEnum
from io import BufferedReader
from typing import cast

import zstandard

from corpusforge.commands.errors import usage_error
from corpusforge.commands.rows import STDIN, decompressed
from corpusforge.document import Document, Markup, SourceKind, name_text, stable_id
from corpusforge.files import StorageFault, base_name, is_remote, open_input
from corpusforge.ingest import IngestConfig, InputFile, detect_kind, read
from corpusforge.ingest.registry import Record
from corpusforge.ingest.strange import strange
from corpusforge.ingest.tables.array import is_array
from corpusforge.ingest.tables.arrow import is_arrow
from corpusforge.ingest.web.mhtml import is_mhtml
from corpusforge.ingest.wiki.enterprise import is_enterprise

_HEAD_BYTES = 64 << 10
_MAX_BYTES = 256 << 20
"""Of one page or program handed over."""
_MARKUP_BY_ENDING = {
    ".html": Markup.HTML, ".htm": Markup.HTML, ".ipynb": Markup.NOTEBOOK, ".epub": Markup.EPUB,
    ".xhtml": Markup.HTML, ".wiki": Markup.WIKITEXT, ".wikitext": Markup.WIKITEXT,
    ".mediawiki": Markup.WIKITEXT,
}  # fmt: skip
_KIND_BY_MARKUP = {
    Markup.HTML: SourceKind.WARC,
    Markup.NOTEBOOK: SourceKind.NOTEBOOKS,
    Markup.WIKITEXT: SourceKind.MEDIAWIKI,
    Markup.EPUB: SourceKind.BOOKS,
    Markup.SOURCE: SourceKind.GITHUB,
    Markup.TEXT: SourceKind.JSONL,
}
_DUMP_ENDINGS = re.compile(
    r"\.(?:warc|arc|wat|wet|wacz|mht|mhtml|parquet|zip|7z|xml|tar|tgz|jsonl|ndjson)(?:\.(?:gz|bz2|xz|zst|lz4))?$"
    r"|\.tar\.\w+$|\.(?:gz|bz2|xz|zst|lz4)$",
    re.I,
)
_PACKED_ENDING = re.compile(r"\.(?:gz|bz2|xz|zst|lz4)$", re.I)
_HTML_START = re.compile(
    rb"^\s*(?:<!doctype html|<\?xml[^>]*\?>\s*<(?:!doctype html|html)|<html|<head|<body)", re.I
)
_ROW_START = re.compile(rb'^\s*\{\s*"(?:id|html|text|url|path|notebook)"\s*:')


class Shape(StrEnum):
    """How a file holds documents."""

    ROWS = "rows"
    """A row each, in JSONL or Parquet."""
    DUMP = "dump"
    """Records that an ingest reader knows."""
    SINGLE = "single"
    """The file is the document."""


def shape_of(path: str) -> Shape:
    """Return how a file (or stdin, `-`) holds documents, by its first bytes and its name.

    Raises `CommandError` for a path where nothing is.
    """
    if path == STDIN:
        head = cast(BufferedReader, sys.stdin.buffer).peek(_HEAD_BYTES)
        return Shape.ROWS if _is_row(head) else Shape.SINGLE
    if os.path.isdir(path):
        return Shape.DUMP
    head = head_of(path)
    if is_enterprise(head) or is_mhtml(head):
        return Shape.DUMP
    if (what := strange(head)) is not None:
        raise usage_error(f"{path}: {what}")
    if head.startswith(b"PAR1") or is_arrow(head) or _is_row(head):
        return Shape.ROWS
    name = base_name(path)
    if _ending(name) in _MARKUP_BY_ENDING or _HTML_START.match(head):
        return Shape.SINGLE
    if _DUMP_ENDINGS.search(name) or head.startswith((b"WARC/", b"<mediawiki", b"PK\x03\x04", b"7z\xbc\xaf")):
        return Shape.DUMP
    return Shape.SINGLE


def head_of(path: str) -> bytes:
    """Return the first bytes of a file, undone from its compression where it has one."""
    try:
        with open_input(path) as stream:
            magic = stream.read(8)
            stream.seek(0)
            plain = decompressed(stream, magic)
            try:
                return plain.read(_HEAD_BYTES)
            except StorageFault:
                raise
            except (OSError, EOFError, ValueError):
                return magic  # damaged: a reader will say where
    except FileNotFoundError:
        raise usage_error(f"{path}: no such file") from None


def single_document(path: str, markup: Markup | None = None) -> Document:
    """Return the document that a file (or stdin) is, its bytes still to be extracted."""
    raw = sys.stdin.buffer.read() if path == STDIN else _whole(path)
    name = "stdin" if path == STDIN else name_text(os.fsencode(base_name(path)))
    markup = markup or _MARKUP_BY_ENDING.get(_ending(name)) or _markup_by_content(raw)
    kind = _KIND_BY_MARKUP.get(markup, SourceKind.JSONL)
    return Document(
        doc_id=stable_id(kind, name),
        source="file",
        source_kind=kind,
        locator=name,
        markup=markup,
        raw=raw,
        path=name if markup in (Markup.SOURCE, Markup.NOTEBOOK) and path != STDIN else None,
    )


def dump_records(path: str, config: IngestConfig) -> Iterator[Record]:
    """Yield the records of a dump. Raises `CommandError` where its kind cannot be told."""
    name = name_text(os.fsencode(base_name(path if is_remote(path) else os.path.normpath(path))))
    try:
        kind = detect_kind(path)
    except ValueError as error:
        raise usage_error(str(error)) from None
    yield from read(InputFile(path=path, name=name, source="file", kind=kind), config)


def _whole(path: str) -> bytes:
    """Return a file's bytes, undone from its compression."""
    with open_input(path) as stream:
        magic = stream.read(8)
        stream.seek(0)
        try:
            data = decompressed(stream, magic).read(_MAX_BYTES + 1)
        except StorageFault:
            raise
        except (OSError, EOFError, ValueError, lzma.LZMAError, zstandard.ZstdError) as error:
            raise usage_error(f"{path}: damaged: {error}; fetch it again") from None
    if len(data) > _MAX_BYTES:
        raise usage_error(f"{path}: over {_MAX_BYTES:,} bytes once unpacked: split it first")
    return data


def _markup_by_content(raw: bytes) -> Markup:
    if _HTML_START.match(raw[:_HEAD_BYTES]):
        return Markup.HTML
    if raw.lstrip()[:1] == b"{" and b'"cells"' in raw and b'"nbformat"' in raw:
        return Markup.NOTEBOOK
    return Markup.SOURCE


def _is_row(head: bytes) -> bool:
    """Return whether bytes begin with a JSON object on one line that is no notebook."""
    if is_array(head):
        return True
    line, _, rest = head.lstrip().partition(b"\n")
    if not line.startswith(b"{"):
        return False
    if not rest and len(head) >= _HEAD_BYTES:  # the line is longer than what was read
        return _ROW_START.match(line) is not None
    try:
        value: object = json.loads(line)
    except (ValueError, RecursionError):
        return _ROW_START.match(line) is not None and len(line) > 2 and rest[:1] not in (b" ", b"\t")
    return isinstance(value, dict) and "nbformat" not in value


def _ending(name: str) -> str:
    return os.path.splitext(_PACKED_ENDING.sub("", name))[1].lower()
