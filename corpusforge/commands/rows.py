"""Rows of a table of documents (JSON lines, a JSON array, Parquet, Arrow, stdin): one item a row, in order.

A row becomes what a build makes of it (`ingest.tables.rows`), bad rows too.
"""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import math
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import IO, Any, cast

import lz4.frame
import zstandard

from corpusforge.commands.errors import CommandError, usage_error
from corpusforge.document import Document, Drop, DropReason, SourceKind, name_text, well_formed
from corpusforge.files import StorageFault, base_name, exists, open_input
from corpusforge.ingest.config import IngestConfig
from corpusforge.ingest.inputs import InputFile
from corpusforge.ingest.records import make_drop
from corpusforge.ingest.tables import rows as tables
from corpusforge.ingest.tables.array import elements, is_array
from corpusforge.ingest.tables.arrow import is_arrow
from corpusforge.ingest.tables.cells import shown
from corpusforge.ingest.tables.columns import Values, may_hold_text, read_columns
from corpusforge.ingest.tables.jsonl import open_table
from corpusforge.ingest.tables.parquet import TableError

STDIN = "-"
_BATCH_ROWS = 256
_BLOCK_BYTES = 1 << 20
_PARQUET_MAGIC = b"PAR1"
LZ4_MAGIC = b"\x04\x22\x4d\x18"
_LIMITS = IngestConfig()


@dataclass(frozen=True, slots=True)
class RowFault:
    """A row that is no document."""

    message: str


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the input: its id, and what it holds."""

    id: object
    """The row's own `id`, as it was given; its locator where it has none."""
    content: Document | Drop | RowFault
    """What a build makes of it; a fault where it is no row of a document."""


def read_rows(path: str, config: IngestConfig = _LIMITS) -> Iterator[Row]:
    """Yield one `Row` a row of a table, or of JSON lines on stdin (`-`), in order.

    JSON may be compressed (gzip, bzip2, xz, zstd, lz4; told by its first bytes). A line that is
    no row is a row with a fault; blank lines are none. Raises `CommandError` where the file
    is missing, or damaged beyond reading on.
    """
    name = "stdin" if path == STDIN else name_text(os.fsencode(base_name(path)))
    if path == STDIN:
        yield from _jsonl(sys.stdin.buffer, name, config)
        return
    if not exists(path):
        raise usage_error(f"{path}: no such file")
    with open_input(path) as stream:
        head = stream.read(16)
        stream.seek(0)
        if head.startswith(_PARQUET_MAGIC) or is_arrow(head):
            yield from _table(stream, path, name, config)
            return
        try:
            plain = cast(IO[bytes], io.BufferedReader(cast(Any, decompressed(stream, head)), _BLOCK_BYTES))
            if is_array(cast(Any, plain).peek(_BLOCK_BYTES)):
                yield from _array(plain, name, config)
            else:
                yield from _jsonl(plain, name, config)
        except StorageFault:
            raise
        except (EOFError, OSError, lzma.LZMAError, zstandard.ZstdError, RuntimeError) as error:
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
    if head.startswith(LZ4_MAGIC):
        return cast(IO[bytes], cast(Any, lz4.frame).open(stream))
    return stream


def _jsonl(stream: IO[bytes], name: str, config: IngestConfig) -> Iterator[Row]:
    offset = 0
    for number, line in enumerate(stream, 1):
        if line.strip():
            where = f"{name}, line {number}, offset {offset:,}"
            yield _json_row(line, f"{name}#line={number}", where, f"line {number}", config)
        offset += len(line)


def _array(stream: IO[bytes], name: str, config: IngestConfig) -> Iterator[Row]:
    blocks = iter(lambda: stream.read(_BLOCK_BYTES), b"")
    for number, element in enumerate(elements(blocks, config.max_record_bytes)):
        where = f"{name}, row {number}, offset {element.offset_bytes:,}"
        yield _json_row(element.data, f"{name}#row={number}", where, f"row {number}", config)


def _json_row(data: bytes, locator: str, where: str, place: str, config: IngestConfig) -> Row:
    n_bytes = len(data.rstrip(b"\n"))
    if n_bytes > config.max_record_bytes:
        detail = f"{place} has {n_bytes} bytes, the limit is {config.max_record_bytes}"
        drop = make_drop(_input(locator), SourceKind.JSONL, locator, DropReason.TOO_LARGE, detail)
        return Row(locator, drop)
    try:
        value: object = json.loads(data.removeprefix(b"\xef\xbb\xbf"))
    except (ValueError, RecursionError) as error:
        return Row(locator, RowFault(f"{where}: not JSON: {error}"))
    if not isinstance(value, dict):
        return Row(locator, RowFault(f"{where}: expected a JSON object, got {type(value).__name__}"))
    return _row(cast("dict[str, Any]", value), locator, where, place, config)


def _table(stream: IO[bytes], path: str, name: str, config: IngestConfig) -> Iterator[Row]:
    number = 0
    try:
        table = open_table(stream)
        # Where none holds text, each row's fault names them all.
        columns = read_columns(table.columns) if may_hold_text(table.columns) else sorted(table.columns)
        for group, _, _ in table.groups():
            for values in table.rows(group, columns, _BATCH_ROWS):
                place = f"row {number}"
                yield _row(values, f"{name}#row={number}", f"{name}, {place}", place, config)
                number += 1
    except TableError as error:
        raise CommandError(f"{path}: not readable after row {number}: {error}") from None


def row_of(values: Values, number: int, config: IngestConfig = _LIMITS) -> Row:
    """Return a row that came as values and from no file; `number` is its place, from 0."""
    return _row(values, f"rows#row={number}", f"row {number}", f"row {number}", config)


def _row(values: Values, locator: str, where: str, place: str, config: IngestConfig) -> Row:
    own = values.get("id")
    return Row(locator if own is None else _id(own), record_of(values, locator, where, place, config))


def _id(value: object) -> object:
    """Return a row's own id as JSON can hold it."""
    if isinstance(value, str):
        return well_formed(value)
    is_number = isinstance(value, int) or (isinstance(value, float) and math.isfinite(value))
    return value if is_number else shown(value)


def _input(locator: str, source: str = "rows") -> InputFile:
    return InputFile(path="", name=locator.partition("#")[0], source=source)


def record_of(
    values: Values, locator: str, where: str, place: str, config: IngestConfig
) -> Document | Drop | RowFault:
    """Return what a build makes of a row, or why it is no document."""
    source = values.get("source")
    name = well_formed(source) if isinstance(source, str) and source else "rows"
    input = _input(locator, name)
    row = tables.Row(values, locator, place)
    records = list(islice(tables.row_records(input, config, SourceKind.JSONL, row), 2))
    if len(records) != 1:
        return RowFault(f"{where}: it holds several files, each a document of its own to a build")
    record = records[0]
    if isinstance(record, Drop) and record.reason is DropReason.UNREADABLE:
        return RowFault(f"{where}: {record.detail.removeprefix(place).lstrip(', ')}")
    return record
