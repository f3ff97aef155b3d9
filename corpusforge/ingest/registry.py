"""Which reader opens which kind of dump: one row a source.

A reader is imported when it is first needed, so that reading WARC loads no SQLite.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator

from corpusforge.document import Document, Drop, Quarantined, SourceKind
from corpusforge.files import open_input
from corpusforge.ingest.config import IngestConfig
from corpusforge.ingest.detect import detect_kind, is_parquet
from corpusforge.ingest.forms import form_of
from corpusforge.ingest.inputs import InputFile
from corpusforge.ingest.tables.parquet import ParquetError, Table

Record = Document | Drop | Quarantined
Reader = Callable[[InputFile, IngestConfig, int, int | None], Iterator[Record]]

READERS: dict[SourceKind, str] = {
    SourceKind.WARC: "corpusforge.ingest.web.warc:read_warc",
    SourceKind.GITHUB: "corpusforge.ingest.repositories.github:read_github",
    SourceKind.NOTEBOOKS: "corpusforge.ingest.notebooks:read_notebooks",
    SourceKind.MEDIAWIKI: "corpusforge.ingest.wiki.mediawiki:read_mediawiki",
    SourceKind.STACKEXCHANGE: "corpusforge.ingest.stackexchange:read_stackexchange",
    SourceKind.BOOKS: "corpusforge.ingest.books:read_books",
    SourceKind.JSONL: "corpusforge.ingest.tables.jsonl:read_jsonl",
}
"""`module:function` of each kind's reader."""


def reader_of(kind: SourceKind) -> Reader:
    """Return the reader of a kind of dump."""
    module, _, function = READERS[kind].partition(":")
    return getattr(importlib.import_module(module), function)


def read(input: InputFile, config: IngestConfig, start: int = 0, stop: int | None = None) -> Iterator[Record]:
    """Yield every record of a dump, or of one of its `splits`, in the order of the file.

    A damaged dump yields drops that say where and how much; only a missing file or an
    undetectable kind raises (OSError, ValueError).
    """
    kind = input.kind or detect_kind(input.path)
    reader = form_of(kind, input.path) or reader_of(kind)
    yield from reader(input, config, start, stop)


def read_at(input: InputFile, config: IngestConfig, locator: str) -> Record | None:
    """Return the record that a locator leads to, or None.

    A WARC or ARC file is opened at the locator's byte offset; any other dump is read up to it.
    """
    kind = input.kind or detect_kind(input.path)
    start, stop = 0, None
    if kind is SourceKind.WARC:
        digits = locator.rpartition("#offset=")[2].partition("&")[0]
        start = int(digits) if digits.isdecimal() else 0
        stop = start + 1
    reader = form_of(kind, input.path) or reader_of(kind)
    records = reader(input, config, start, stop)
    return next((record for record in records if record.locator == locator), None)


def splits(input: InputFile, config: IngestConfig) -> list[tuple[int, int | None]]:
    """Return the (start, stop) of each split of a dump, to be given to `read`.

    Parquet: row groups, joined up to `config.split_bytes`. Anything else: one split.
    """
    kind = input.kind or detect_kind(input.path)
    if kind not in (SourceKind.GITHUB, SourceKind.JSONL) or not is_parquet(input.path):
        return [(0, None)]
    try:
        with open_input(input.path) as stream:
            sizes_bytes = Table(stream).group_sizes_bytes()
    except ParquetError:
        return [(0, None)]  # the reader says what is wrong with it
    found: list[tuple[int, int | None]] = []
    start, n_bytes = 0, 0
    for group, size_bytes in enumerate(sizes_bytes):
        n_bytes += size_bytes
        if n_bytes >= config.split_bytes:
            found.append((start, group + 1))
            start, n_bytes = group + 1, 0
    if start < len(sizes_bytes):
        found.append((start, len(sizes_bytes)))
    return found or [(0, None)]
