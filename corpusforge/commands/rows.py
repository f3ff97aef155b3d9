"""Rows of a table of documents (JSONL, Parquet, stdin): one item a row, bad rows too, in order."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import IO, Any, cast

import pyarrow as pa
import zstandard

from corpusforge.commands.errors import CommandError, usage_error
from corpusforge.document import Document, Markup, SourceKind, stable_id
from corpusforge.files import exists, open_input
from corpusforge.parquet import open_parquet

STDIN = "-"
_BATCH_ROWS = 256
_DAMAGED: tuple[type[Exception], ...] = (cast("type[Exception]", cast(Any, pa).ArrowException), OSError)
_PARQUET_MAGIC = b"PAR1"
_KIND_BY_SOURCE = {
    "wikipedia": SourceKind.MEDIAWIKI,
    "wiki": SourceKind.MEDIAWIKI,
    "books": SourceKind.BOOKS,
    "gutenberg": SourceKind.BOOKS,
    **{kind.value: kind for kind in SourceKind},
}
"""What a row's `source` says of where the row comes from; anything else says nothing."""


@dataclass(frozen=True, slots=True)
class RowFault:
    """A row that is no document."""

    message: str


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the input: its id, and what it holds."""

    id: object
    """The row's own `id`, as it was given; its locator where it has none."""
    content: Document | RowFault


def read_rows(path: str) -> Iterator[Row]:
    """Yield one `Row` a row of a JSONL or Parquet file, or of JSONL on stdin (`-`), in order.

    JSONL may be compressed (gzip, bzip2, xz, zstd; told by its first bytes). A line that is
    no row is a row with a fault; blank lines are none. Raises `CommandError` where the file
    is missing, or damaged beyond reading on.
    """
    name = "stdin" if path == STDIN else os.path.basename(path)
    if path == STDIN:
        yield from _jsonl(sys.stdin.buffer, name)
        return
    if not exists(path):
        raise usage_error(f"{path}: no such file")
    with open_input(path) as stream:
        head = stream.read(8)
        stream.seek(0)
        if head.startswith(_PARQUET_MAGIC):
            yield from _parquet(stream, path, name)
            return
        try:
            yield from _jsonl(decompressed(stream, head), name)
        except (EOFError, OSError, lzma.LZMAError, zstandard.ZstdError) as error:
            raise CommandError(f"{path}: damaged compression: {error}; rows before it were read") from None


def decompressed(stream: IO[bytes], head: bytes) -> IO[bytes]:
    """Return the plain bytes of a stream that may be compressed, told by its first bytes."""
    if head.startswith(b"\x1f\x8b"):
        return cast(IO[bytes], gzip.open(stream))
    if head.startswith(b"BZh"):
        return cast(IO[bytes], bz2.open(stream))
    if head.startswith(b"\xfd7zXZ\0"):
        return cast(IO[bytes], lzma.open(stream))
    if head.startswith(b"\x28\xb5\x2f\xfd"):
        reader = zstandard.ZstdDecompressor().stream_reader(stream, read_across_frames=True)
        return cast(IO[bytes], io.BufferedReader(cast(Any, reader)))
    return stream


def _jsonl(stream: IO[bytes], name: str) -> Iterator[Row]:
    offset = 0
    for number, line in enumerate(stream, 1):
        if line.strip():
            locator = f"{name}#line={number}"
            try:
                value: object = json.loads(line.removeprefix(b"\xef\xbb\xbf"))
            except (ValueError, RecursionError) as error:
                yield Row(locator, RowFault(f"{name}, line {number}, offset {offset:,}: not JSON: {error}"))
            else:
                yield _row(value, locator, f"{name}, line {number}")
        offset += len(line)


def _parquet(stream: IO[bytes], path: str, name: str) -> Iterator[Row]:
    number = 0
    try:
        file = open_parquet(stream)  # pyarrow ships no types
        for batch in file.iter_batches(batch_size=_BATCH_ROWS):
            for value in batch.to_pylist():
                yield _row(value, f"{name}#row={number}", f"{name}, row {number}")
                number += 1
    except _DAMAGED as error:
        first_line = str(error).splitlines()[0]
        raise CommandError(f"{path}: not readable as Parquet after row {number}: {first_line}") from None


def _row(value: object, locator: str, where: str) -> Row:
    if not isinstance(value, dict):
        return Row(locator, RowFault(f"{where}: expected a JSON object, got {type(value).__name__}"))
    row = cast("dict[str, Any]", value)
    row_id: object = locator if row.get("id") is None else row["id"]
    return Row(row_id, document_of(row, locator, where))


def document_of(row: Mapping[str, Any], locator: str, where: str) -> Document | RowFault:
    """Return the document of a row {"text" or "html" or "notebook", "path"?, "url"?, "source"?}.

    Text with a path is a file of a repository; a notebook may be its JSON or the text of it.
    """
    held = [name for name in ("html", "notebook", "text") if row.get(name) is not None]
    if not held:
        return RowFault(f"{where}: needs one of the keys text, html, notebook")
    value = row[held[0]]
    if held[0] == "notebook" and isinstance(value, dict):
        value = json.dumps(value, ensure_ascii=False)
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    if not isinstance(value, str):
        return RowFault(f"{where}: key {held[0]}: expected text, got {type(value).__name__}")
    path, source = _text(row.get("path")), _text(row.get("source")) or "rows"
    kind = _KIND_BY_SOURCE.get(source.lower(), SourceKind.JSONL)
    markup = _markup(held[0], path)
    is_text = markup is Markup.TEXT
    return Document(
        doc_id=stable_id(kind, locator),
        source=source,
        source_kind=kind,
        locator=locator,
        markup=markup,
        raw=None if is_text else value.encode("utf-8", "replace"),
        charset=None if is_text else "utf-8",
        text=value if is_text else "",
        path=path,
        url=_text(row.get("url")),
        repo=_text(row.get("repo")),
        title=_text(row.get("title")),
    )


def _markup(key: str, path: str | None) -> Markup:
    if key == "html":
        return Markup.HTML
    if key == "notebook" or (path or "").lower().endswith(".ipynb"):
        return Markup.NOTEBOOK
    return Markup.SOURCE if path else Markup.TEXT


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
