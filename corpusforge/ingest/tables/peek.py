"""Whether a table's rows hold text, told by its beginning: a source of none is refused before it is read."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping
from typing import IO, Any, cast

from corpusforge.document import SourceKind, well_formed
from corpusforge.ingest.compression.inflate import Inflated
from corpusforge.ingest.inputs import InputFile
from corpusforge.ingest.opening import opened, size_of
from corpusforge.ingest.repositories.bigquery import is_contents, is_join_side
from corpusforge.ingest.tables.array import elements, is_array
from corpusforge.ingest.tables.arrow import ArrowTable, is_arrow
from corpusforge.ingest.tables.cells import is_blank
from corpusforge.ingest.tables.columns import (
    CONTENT_LISTS,
    FILES,
    Named,
    arranged,
    content_of,
    may_hold_text,
)
from corpusforge.ingest.tables.jsonl import is_lines, is_side_file
from corpusforge.ingest.tables.parquet import Table, TableError

_PEEK_BYTES = 256 << 10
_MAX_ROW_BYTES = 1 << 20
_COLUMNS_SHOWN = 24


def columns_without_text(input: InputFile, kind: SourceKind) -> list[str] | None:
    """Return the columns of a table in which no row holds text; None where one may, or it is no table."""
    if kind not in (SourceKind.JSONL, SourceKind.GITHUB) or is_side_file(input.name):
        return None
    with opened(input.path, until_bytes=_PEEK_BYTES) as stream:
        head = stream.read(16)
        stream.seek(0)
        if head.startswith(b"PAR1") or is_arrow(head):
            return _of_table(stream, head.startswith(b"PAR1"), input.columns)
        if kind is not SourceKind.JSONL:
            return None
        data = stream.read(_PEEK_BYTES)
        is_whole = size_of(stream) <= len(data)
    return _of_rows(data, is_whole, input)


def told_columns(columns: list[str]) -> str:
    """Return column names as a line shows them."""
    more = len(columns) - _COLUMNS_SHOWN
    shown = ", ".join(well_formed(name) for name in columns[:_COLUMNS_SHOWN])
    return shown + (f" and {more} more" if more > 0 else "") if columns else "none"


def _of_table(stream: IO[bytes], is_parquet: bool, named: Named) -> list[str] | None:
    try:
        table = Table(stream) if is_parquet else ArrowTable(stream)
    except TableError:
        return None  # its reader says what is wrong with it
    if is_contents(table.columns) or is_join_side(table.columns):
        return None
    columns = table.columns - (table.blank_columns() if isinstance(table, Table) else set())
    return None if may_hold_text(columns, named) else sorted(table.columns)


def _of_rows(data: bytes, is_whole: bool, input: InputFile) -> list[str] | None:
    inflated = Inflated(io.BytesIO(data), max_ratio=1e6)
    plain = b""
    for block in inflated.blocks():
        plain += block
        if len(plain) >= _PEEK_BYTES:
            is_whole = False
            break
    if inflated.damage and is_whole:
        return None
    columns: dict[str, None] = {}
    n_rows = 0
    if not is_lines(input.name, plain) and not is_array(plain):
        return None
    for row in _rows(plain[:_PEEK_BYTES], is_whole):
        n_rows += 1
        columns.update(dict.fromkeys(row))
        if _holds_text(row, input.columns):
            return None
    return list(columns) if is_whole and n_rows else None  # else a later row may hold text


def _rows(plain: bytes, is_whole: bool) -> Iterator[Mapping[str, Any]]:
    """Yield the whole rows of the beginning of a text; what is no JSON is passed over."""
    if is_array(plain):
        pieces = [element.data for element in elements(iter([plain]), _MAX_ROW_BYTES) if element.is_whole]
    else:
        pieces = plain.split(b"\n")
        pieces = pieces if is_whole else pieces[:-1]
    for piece in pieces:
        try:
            row: object = json.loads(piece.removeprefix(b"\xef\xbb\xbf"))
        except (ValueError, RecursionError):
            continue
        if isinstance(row, dict):
            yield cast("dict[str, Any]", row)


def _holds_text(row: Mapping[str, Any], named: Named) -> bool:
    values = arranged(row, named)
    name, _ = content_of(values)
    lists = (*FILES, *CONTENT_LISTS)
    return (name != "" and not is_blank(values[name])) or any(not is_blank(values.get(key)) for key in lists)
