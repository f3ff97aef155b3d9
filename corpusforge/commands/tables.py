"""Tables of documents that are read twice: once for what decides, once to write the rows that stay.

JSONL (plain, gzip, bzip2, xz, zstd) and Parquet. A row keeps its bytes or its columns as they are.
"""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import IO, Any, cast

import lz4.frame
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import zstandard
from numpy.typing import NDArray

from corpusforge.commands.errors import CommandError, usage_error
from corpusforge.commands.origins import COLUMNS, told_columns
from corpusforge.commands.rows import LZ4_MAGIC, decompressed
from corpusforge.dedup.bands import Rows
from corpusforge.dedup.repeats import cut_text
from corpusforge.files import (
    StorageFault,
    base_name,
    is_glob,
    is_remote,
    join,
    list_files,
    open_input,
    publishing,
)
from corpusforge.ingest.tables.cells import column_values
from corpusforge.ingest.tables.parquet import filtered
from corpusforge.parquet import open_parquet

BATCH_ROWS = 1024
BATCH_CHARS = 8 << 20
_ROW_FILE = (".jsonl", ".ndjson", ".json", ".parquet")
_COMPRESSED = (".gz", ".bz2", ".xz", ".zst", ".lz4")
_PARQUET_MAGIC = b"PAR1"
_DAMAGED = (
    OSError,
    EOFError,
    lzma.LZMAError,
    zstandard.ZstdError,
    RuntimeError,
    cast(Any, pa).ArrowException,
)


@dataclass(frozen=True, slots=True)
class Table:
    """One input file."""

    path: str
    name: str
    """How it is called in locators and in the output: relative to the folder that was named."""
    is_parquet: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Fields:
    """Where a row holds what."""

    text: str = "text"
    id: str = "id"


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows of a table, in order."""

    ids: list[object]
    """A row's own id; None where it has none."""
    locators: list[str]
    texts: list[str]
    told: list[Mapping[str, Any]] = field(default_factory=list[Mapping[str, Any]])
    """What a row's columns tell of its origin (`origins.COLUMNS`); empty where they tell nothing."""

    def add(self, row_id: object, locator: str, text: str, told: Mapping[str, Any] | None = None) -> None:
        """Append a row."""
        self.told.append(told or {})
        self.ids.append(row_id)
        self.locators.append(locator)
        self.texts.append(text)

    def names(self) -> list[str]:
        """Return how each row is called: by its own id, or by its place."""
        rows = zip(self.ids, self.locators, strict=True)
        return [place if own is None else str(own) for own, place in rows]


Cuts = Callable[[int], Rows | None]
"""Byte ranges (`RANGE_DTYPE`) to cut from the text of the row at a place in its table, None for none."""
OnBad = Callable[[int, str], None]
"""Told of a row that is no document, by its place in the table; raises where that ends the run."""


def find_tables(paths: Sequence[str]) -> list[Table]:
    """Return the tables at files, in folders and by globs, in the order given. Raises `CommandError`."""
    tables: list[Table] = []
    for given in paths:
        files = list_files(given)
        is_folder = _is_folder(given, files)
        if is_folder:
            files = [path for path in files if _bare(path).endswith(_ROW_FILE)]
        if not files:
            raise usage_error(f"{given}: no JSONL or Parquet file there")
        root = given.rstrip("/") if is_folder else os.path.dirname(given)
        for path in files:
            is_below = root and path.startswith(root) and path != given
            name = path[len(root) :].lstrip("/") if is_below else base_name(path)
            with open_input(path) as stream:
                is_parquet = stream.read(4) == _PARQUET_MAGIC
            tables.append(Table(path, name, is_parquet))
    names = [table.name for table in tables]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise usage_error(f"two inputs are called {twice[0]}: their kept rows would overwrite each other")
    return tables


def _is_folder(given: str, files: Sequence[str]) -> bool:
    """Return whether a path is a folder, or a prefix of a bucket, of the files that were found there."""
    if not is_remote(given):
        return os.path.isdir(given)
    return not is_glob(given) and list(files) != [given]


def _bare(path: str) -> str:
    lower = path.lower()
    return next((lower.removesuffix(ending) for ending in _COMPRESSED if lower.endswith(ending)), lower)


def read_batches(table: Table, fields: Fields, on_bad: OnBad) -> Iterator[Batch]:
    """Yield the rows of a table in batches. Raises `CommandError` where it is damaged beyond reading on."""
    try:
        yield from (_parquet_batches if table.is_parquet else _jsonl_batches)(table, fields, on_bad)
    except StorageFault:
        raise
    except _DAMAGED as error:
        line = (str(error).splitlines() or [type(error).__name__])[0]
        raise CommandError(f"{table.path}: damaged, cannot be read to its end: {line}") from None


def _jsonl_batches(table: Table, fields: Fields, on_bad: OnBad) -> Iterator[Batch]:
    batch, n_chars = Batch([], [], []), 0
    for place, (number, line) in enumerate(_lines(table)):
        try:
            value: object = json.loads(line.removeprefix(b"\xef\xbb\xbf"))
            if not isinstance(value, dict):
                raise TypeError(f"expected a JSON object, got {type(value).__name__}")
            row = cast("dict[str, Any]", value)
            text = _text_of(row, fields)
        except (ValueError, RecursionError, TypeError, KeyError) as error:
            on_bad(place, f"{table.name}, line {number}: {_said(error)}")
            continue
        told = {name: row[name] for name in row.keys() & COLUMNS}
        batch.add(row.get(fields.id), f"{table.name}#line={number}", text, told)
        n_chars += len(text)
        if len(batch.texts) >= BATCH_ROWS or n_chars >= BATCH_CHARS:
            yield batch
            batch, n_chars = Batch([], [], []), 0
    if batch.texts:
        yield batch


def _said(error: Exception) -> str:
    if isinstance(error, KeyError | TypeError):
        return str(error.args[0])
    return f"not JSON: {error}"


def _text_of(row: dict[str, Any], fields: Fields) -> str:
    if fields.text not in row:
        held = ", ".join(sorted(row)[:8]) or "none"
        raise KeyError(f"no field {fields.text!r}: name the text's field with --text-field (fields: {held})")
    value = row[fields.text]
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    if not isinstance(value, str):
        raise TypeError(f"field {fields.text!r}: expected text, got {type(value).__name__}")
    return value


def _lines(table: Table) -> Iterator[tuple[int, bytes]]:
    with open_input(table.path) as stream:
        head = stream.read(8)
        stream.seek(0)
        for number, line in enumerate(decompressed(stream, head), 1):
            if line.strip():
                yield number, line


def _parquet_batches(table: Table, fields: Fields, on_bad: OnBad) -> Iterator[Batch]:
    with open_input(table.path) as stream:
        file = open_parquet(stream)
        names: list[str] = file.schema_arrow.names
        if fields.text not in names:
            raise usage_error(
                f"{table.path}: no column {fields.text!r}: name the text's with --text-field "
                f"(columns: {', '.join(names[:8])})"
            )
        telling = told_columns(names)
        columns = list(
            dict.fromkeys([*(name for name in (fields.text, fields.id) if name in names), *telling])
        )
        number = 0
        for part in file.iter_batches(batch_size=BATCH_ROWS, columns=columns):
            batch = Batch([], [], [])
            values = part.column(fields.text).to_pylist()
            ids = part.column(fields.id).to_pylist() if fields.id in columns else [None] * len(values)
            cells = [column_values(part.column(name)) for name in telling]
            told = [dict(zip(telling, row, strict=True)) for row in zip(*cells, strict=True)]
            for place, (row_id, value) in enumerate(zip(ids, values, strict=True)):
                try:
                    text = _text_of({fields.text: value}, fields)
                    batch.add(row_id, f"{table.name}#row={number}", text, told[place] if told else None)
                except TypeError as error:
                    on_bad(number, f"{table.name}, row {number}: {_said(error)}")
                number += 1
            yield batch


def write_kept(
    table: Table, folder: str, keep: NDArray[np.bool_], fields: Fields, cuts: Cuts | None = None
) -> None:
    """Write the rows of a table that stay, in its own format, to the same name in a folder.

    A row of whose text something is cut is written anew, its other fields as they were.
    """
    with publishing(join(folder, table.name)) as path:
        if table.is_parquet:
            _write_parquet(table, path, keep, fields, cuts)
            return
        with open_input(table.path) as stream:
            head = stream.read(8)
        with _compressing(path, head) as out:
            for place, ((_, line), stays) in enumerate(zip(_lines(table), keep.tolist(), strict=True)):
                if stays:
                    ranges = cuts(place) if cuts else None
                    line = line if ranges is None else _cut_line(line, fields, ranges)
                    out.write(line if line.endswith(b"\n") else line + b"\n")


def _cut_line(line: bytes, fields: Fields, ranges: Rows) -> bytes:
    row: dict[str, Any] = json.loads(line.removeprefix(b"\xef\xbb\xbf"))
    row[fields.text] = cut_text(_text_of(row, fields), ranges)
    try:
        return json.dumps(row, ensure_ascii=False).encode()
    except UnicodeEncodeError:  # an unpaired surrogate in another field
        return json.dumps(row).encode()


def _write_parquet(
    table: Table, path: str, keep: NDArray[np.bool_], fields: Fields, cuts: Cuts | None
) -> None:
    arrow = cast(Any, pa)
    with open_input(table.path) as stream:
        file = open_parquet(stream)
        with cast(Any, pq).ParquetWriter(path, file.schema_arrow, compression="zstd") as writer:
            first = 0
            for part in file.iter_batches(batch_size=8 * BATCH_ROWS):
                stays = keep[first : first + part.num_rows]
                if cuts is not None:
                    part = _cut_column(part, fields, [cuts(first + place) for place in range(part.num_rows)])
                first += part.num_rows
                kept = filtered(part, arrow.array(stays))
                rows = kept if isinstance(kept, arrow.Table) else arrow.Table.from_batches([kept])
                writer.write_table(rows.cast(file.schema_arrow))


def _cut_column(part: Any, fields: Fields, ranges: Sequence[Rows | None]) -> Any:
    if not any(one is not None for one in ranges):
        return part
    values = part.column(fields.text).to_pylist()
    texts = [
        value if one is None else cut_text(_text_of({fields.text: value}, fields), one)
        for value, one in zip(values, ranges, strict=True)
    ]
    place = part.schema.get_field_index(fields.text)
    field = part.schema.field(place)
    return part.set_column(place, field, cast(Any, pa).array(texts, field.type))


def _compressing(path: str, head: bytes) -> IO[bytes]:
    """Return a stream onto a file, compressed as the input was."""
    if head.startswith(b"\x1f\x8b"):
        # no name and no time in the header: the same rows give the same bytes
        return cast(IO[bytes], _Gzip(path))
    if head.startswith(b"BZh"):
        return cast(IO[bytes], bz2.open(path, "wb"))
    if head.startswith(b"\xfd7zXZ\0"):
        return cast(IO[bytes], lzma.open(path, "wb"))
    if head.startswith(b"\x28\xb5\x2f\xfd"):
        return cast(IO[bytes], cast(Any, zstandard).open(path, "wb"))
    if head.startswith(LZ4_MAGIC):
        return cast(IO[bytes], cast(Any, lz4.frame).open(path, "wb"))
    return open(path, "wb")


class _Gzip(gzip.GzipFile):
    def __init__(self, path: str) -> None:
        self._file = open(path, "wb")
        super().__init__(filename="", mode="wb", fileobj=self._file, mtime=0, compresslevel=6)

    def close(self) -> None:
        super().close()
        self._file.close()
