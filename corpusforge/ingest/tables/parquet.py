"""Parquet tables, row by row, in bounded memory, behind types (pyarrow ships none).

A row group that cannot be decoded costs its rows: one drop, which tells how many.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import IO, Any, cast

import pyarrow

from corpusforge.ingest.compression.inflate import grows_too_much
from corpusforge.ingest.coverage import Coverage
from corpusforge.ingest.opening import check
from corpusforge.ingest.tables.cells import BadValue, column_values, name_of

_arrow = cast(Any, pyarrow)
_ERRORS: tuple[type[Exception], ...] = (_arrow.ArrowException, OSError, UnicodeDecodeError)
_SCAN_ROWS = 1 << 16
_MAX_RATIO = 1000.0
"""What the pages of a column may grow by: the default of `ingest.max_ratio`."""
_SIZED = frozenset({str, bytes})
_MAX_BATCH_BYTES = 1 << 30
"""What a batch of rows may take, were each of them the longest value that a dictionary can hold."""
_MIN_BATCH_ROWS = 4

Row = dict[str, Any]


class TableError(ValueError):
    """A table, or a row group of one, that cannot be read."""


class Table:
    """An open Parquet file."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        try:
            # With the first table: lines of JSON need none of it.
            from corpusforge.parquet import open_parquet

            self._file = open_parquet(stream)
            self._metadata = self._file.metadata
            self.columns = frozenset(cast("list[str]", self._file.schema_arrow.names))
        except _ERRORS as error:
            raise _told(stream, error) from None

    @property
    def n_rows(self) -> int:
        """Rows of the whole table."""
        return self._metadata.num_rows

    def is_nested(self, names: Iterable[str]) -> bool:
        """Return whether one of these columns holds lists or objects: a row may be a whole repository."""
        return is_nested_in(self._file.schema_arrow, names)

    def blank_columns(self) -> set[str]:
        """Return the columns that the footer says hold nothing but nulls."""
        nulls: dict[str, int] = {}
        for group in range(self._metadata.num_row_groups):
            metadata = self._metadata.row_group(group)
            for number in range(metadata.num_columns):
                column = metadata.column(number)
                found = column.statistics
                name = str(column.path_in_schema)
                n_nulls = found.null_count if found is not None and found.has_null_count else 0
                nulls[name] = nulls.get(name, 0) + n_nulls
        return {name for name, n_nulls in nulls.items() if n_nulls == self.n_rows > 0}

    def group_sizes_bytes(self) -> list[int]:
        """Return the size of each row group when decompressed, in order."""
        return [self._metadata.row_group(g).total_byte_size for g in range(self._metadata.num_row_groups)]

    def groups(self, start: int = 0, stop: int | None = None) -> Iterator[tuple[int, int, int]]:
        """Yield (row group, its first row, the row after its last) from `start` to before `stop`."""
        first = 0
        for group in range(self._metadata.num_row_groups):
            after = first + self._metadata.row_group(group).num_rows
            if group >= start and (stop is None or group < stop):
                yield group, first, after
            first = after

    def rows(self, group: int, columns: Iterable[str], batch_rows: int) -> Iterator[Row]:
        """Yield the rows of one row group; raises `TableError`."""
        names = [name for name in columns if name in self.columns]
        self._check_growth(group, names)
        packed_bytes, batch_rows = self._within_memory(group, names, batch_rows)
        n_chars = 0
        try:
            for batch in self._file.iter_batches(batch_rows, row_groups=[group], columns=names):
                rows = row_dicts(batch)
                n_chars += sum(len(cell) for row in rows for cell in row.values() if type(cell) in _SIZED)
                if grows_too_much(packed_bytes, n_chars, _MAX_RATIO):
                    grown = f"{packed_bytes} bytes expand to {n_chars} and more"
                    raise TableError(f"a bomb: {grown}, over {_MAX_RATIO:g} times")
                yield from rows
        except _ERRORS as error:
            raise _told(self._stream, error) from None

    def _within_memory(self, group: int, names: list[str], batch_rows: int) -> tuple[int, int]:
        """Return (packed bytes of the columns of a row group, rows to decode at a time).

        A value that a dictionary holds once may stand in each row: it is as long as all pages at most.
        """
        metadata = self._metadata.row_group(group)
        columns = [metadata.column(n) for n in range(metadata.num_columns)]
        read = [column for column in columns if column.path_in_schema.partition(".")[0] in names]
        longest = max((c.total_uncompressed_size for c in read if c.has_dictionary_page), default=0)
        n_rows = max(_MIN_BATCH_ROWS, _MAX_BATCH_BYTES // max(1, longest))
        return sum(column.total_compressed_size for column in read), min(batch_rows, n_rows)

    def _check_growth(self, group: int, names: list[str]) -> None:
        """Raise `ParquetError` where a column's pages are a bomb, by the sizes that the footer states."""
        metadata = self._metadata.row_group(group)
        for column in (metadata.column(n) for n in range(metadata.num_columns)):
            n_in, n_out = column.total_compressed_size, column.total_uncompressed_size
            if column.path_in_schema.partition(".")[0] in names and grows_too_much(n_in, n_out, _MAX_RATIO):
                path = column.path_in_schema
                raise TableError(
                    f"a bomb: {n_in} bytes of {path} expand to {n_out}, over {_MAX_RATIO:g} times"
                )

    def range_bytes(self, start: int, stop: int | None) -> tuple[int, int]:
        """Return (0, compressed bytes) before and in row groups `start` to `stop`, as a range."""
        sizes = [self._packed_bytes(group) for group in range(self._metadata.num_row_groups)]
        begin = sum(sizes[:start])
        return begin, begin + sum(sizes[start:stop])

    def note_unread(self, coverage: Coverage, group: int, row: int) -> None:
        """Tell a coverage that a row group was not read from a row on."""
        first = sum(self._metadata.row_group(before).num_rows for before in range(group))
        n_rows, n_bytes = max(1, self._metadata.row_group(group).num_rows), self._packed_bytes(group)
        n_unread_bytes = n_bytes * (n_rows - (row - first)) // n_rows
        coverage.stopped(1, 1 + n_unread_bytes)

    def _packed_bytes(self, group: int) -> int:
        metadata = self._metadata.row_group(group)
        return sum(metadata.column(n).total_compressed_size for n in range(metadata.num_columns))

    def where(self, key: str, wanted: set[str], columns: Iterable[str]) -> Iterator[Row]:
        """Yield the rows of the whole table whose `key` is wanted; raises `TableError`."""
        names = [name for name in columns if name in self.columns]
        try:
            for batch in self._file.iter_batches(_SCAN_ROWS, columns=names):
                mask = _is_among(batch.column(key), wanted)
                yield from row_dicts(filtered(batch, mask))
        except _ERRORS as error:
            raise _told(self._stream, error) from None


def is_nested_in(schema: Any, names: Iterable[str]) -> bool:
    """Return whether an Arrow schema has one of these columns, of lists or objects."""
    return any(_arrow.types.is_nested(schema.field(name).type) for name in names if name in schema.names)


def row_dicts(batch: Any) -> list[Row]:
    """Return a batch as one dict a row; a cell without a value is a `BadCell`."""
    names = cast("list[str]", batch.schema.names)
    columns = [column_values(batch.column(place)) for place in range(len(names))]
    return [dict(zip(names, cells, strict=True)) for cells in zip(*columns, strict=True)]


def filtered(batch: Any, mask: Any) -> Any:
    """Return the rows of a batch at which a mask of truth values is set, as a batch or table."""
    try:
        return batch.filter(mask)
    except _arrow.ArrowNotImplementedError:  # for view types Arrow has no such kernel
        runs: list[Any] = []
        first = 0
        for is_kept, run in groupby(mask.to_pylist()):
            n_rows = sum(1 for _ in run)
            if is_kept:
                runs.append(batch.slice(first, n_rows))
            first += n_rows
        return _arrow.Table.from_batches(runs, batch.schema)


def _is_among(column: Any, wanted: set[str]) -> Any:
    """Return a mask of the cells whose text is wanted."""
    try:
        values = _arrow.array(sorted(wanted), _arrow.string())
        compute: Any = importlib.import_module("pyarrow.compute")
        return compute.is_in(column.cast(_arrow.string()), value_set=values)
    except _ERRORS:  # text that is no UTF-8, or a type that Arrow has no cast for
        return _arrow.array([key_text(value) in wanted for value in column_values(column)])


def key_text(value: object) -> str | None:
    """Return a cell that joins two tables as text, None for one that cannot."""
    try:
        return name_of("key", value)
    except BadValue:
        return None


def _told(stream: IO[bytes], error: Exception) -> Exception:
    """Return what to raise for an error of Arrow; raises the fault of storage where it was one."""
    check(stream, error)
    return error if isinstance(error, MemoryError) else TableError(_first_line(error))


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
