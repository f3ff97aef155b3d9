"""Arrow tables on disk (IPC file and stream, `.arrow`, `.feather`), row by row, a record batch at a time.

```
file:    ARROW1 00 00 | stream | footer      stream:  message, message, …, end
message: FFFFFFFF | bytes of metadata u32 | metadata (flatbuffer `Message`) | body
```
(arrow.apache.org/docs/format/Columnar.html). The messages are counted by their metadata alone, so that
a batch that cannot be decoded tells how many rows are lost.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import IO, Any, cast

import pyarrow
import pyarrow.ipc

from corpusforge.ingest.coverage import Coverage
from corpusforge.ingest.opening import check, size_of
from corpusforge.ingest.tables.parquet import Row, TableError, is_nested_in, row_dicts

_arrow = cast(Any, pyarrow)
_ipc = cast(Any, pyarrow.ipc)
_FILE_MAGIC = b"ARROW1"
_FILE_HEAD_BYTES = 8
_CONTINUATION = b"\xff\xff\xff\xff"
_MAX_METADATA_BYTES = 64 << 20
_RECORD_BATCH = 3
"""Of the union `MessageHeader` (format/Message.fbs)."""
_ERRORS: tuple[type[Exception], ...] = (_arrow.ArrowException, OSError, ValueError, struct.error)


@dataclass(frozen=True, slots=True)
class _Batch:
    """Where a record batch lies, and how many rows it states."""

    start_bytes: int
    end_bytes: int
    n_rows: int


def is_arrow(head: bytes) -> bool:
    """Return whether a file begins as Arrow's IPC file or stream does."""
    if head.startswith(_FILE_MAGIC + b"\0\0"):
        return True
    if not head.startswith(_CONTINUATION) or len(head) < 8:
        return False
    return 0 < int.from_bytes(head[4:8], "little") <= _MAX_METADATA_BYTES


class ArrowTable:
    """An open IPC file or stream; as `Table`, with record batches for row groups."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._next = 0
        self._reader: Any = None
        stream.seek(0)
        self._is_file = stream.read(len(_FILE_MAGIC)) == _FILE_MAGIC
        self._batches = list[_Batch]()
        self.broken_at_bytes = self._find_batches(_FILE_HEAD_BYTES if self._is_file else 0)
        """Where the messages can be followed no further; None where they end as they should."""
        self._reader = self._opened()
        self._schema = self._reader.schema
        self.columns = frozenset(cast("list[str]", self._schema.names))

    def _find_batches(self, at: int) -> int | None:
        end = size_of(self._stream)
        while at < end:
            self._stream.seek(at)
            head = self._stream.read(8)
            n_metadata = int.from_bytes(head[4:8], "little")
            if not head.startswith(_CONTINUATION) or len(head) < 8 or n_metadata > _MAX_METADATA_BYTES:
                return at
            if n_metadata == 0:  # the end; of a file, its footer comes next
                return None
            try:
                kind, n_rows, n_body = _message(self._stream.read(n_metadata))
            except (struct.error, IndexError):
                return at
            stop = at + 8 + n_metadata + n_body
            if n_body < 0 or n_rows < 0:
                return at
            if kind == _RECORD_BATCH:
                self._batches.append(_Batch(at, min(stop, end), n_rows))
            at = stop
        return None

    @property
    def n_rows(self) -> int:
        """Rows of the whole table."""
        return sum(batch.n_rows for batch in self._batches)

    def is_nested(self, names: Iterable[str]) -> bool:
        """Return whether one of these columns holds lists or objects: a row may be a whole repository."""
        return is_nested_in(self._schema, names)

    def groups(self, start: int = 0, stop: int | None = None) -> Iterator[tuple[int, int, int]]:
        """Yield (record batch, its first row, the row after its last) from `start` to before `stop`."""
        first = 0
        for number, batch in enumerate(self._batches):
            if number >= start and (stop is None or number < stop):
                yield number, first, first + batch.n_rows
            first += batch.n_rows

    def rows(self, group: int, columns: Iterable[str], batch_rows: int) -> Iterator[Row]:
        """Yield the rows of one record batch; raises `TableError`. Batches are asked for in order."""
        try:
            batch = self._read(group).select([name for name in columns if name in self.columns])
            for start in range(0, batch.num_rows, batch_rows):
                yield from row_dicts(batch.slice(start, batch_rows))
        except _ERRORS as error:
            check(self._stream, error)
            raise TableError(_first_line(error)) from None

    def note_unread(self, coverage: Coverage, group: int, row: int) -> None:
        """Tell a coverage that a record batch was not read."""
        batch = self._batches[group]
        coverage.stopped(1, 1 + batch.end_bytes - batch.start_bytes)

    def _read(self, group: int) -> Any:
        if self._is_file:
            batch = self._reader.get_batch(group)
        else:
            while self._next < group:
                self._skip()
            self._next += 1
            batch = self._reader.read_next_batch()
        for column in batch.columns:
            _validate(column)
        return batch

    def _skip(self) -> None:
        self._next += 1
        try:
            self._reader.read_next_batch()
        except _ERRORS as error:
            check(self._stream, error)  # told of by the range that it belongs to

    def _opened(self) -> Any:
        self._stream.seek(0)
        options = _ipc.IpcReadOptions(use_threads=False)
        try:
            if self._is_file:
                return _ipc.open_file(self._stream, options=options)
            return _ipc.open_stream(self._stream, options=options)
        except _ERRORS as error:
            check(self._stream, error)
            if self._is_file and self._batches:  # a file without its end is a stream behind a head
                self._is_file = False
                self._stream.seek(_FILE_HEAD_BYTES)
                return _ipc.open_stream(self._stream, options=options)
            raise TableError(_first_line(error)) from None


def _validate(column: Any) -> None:
    """Raise Arrow's error for an array whose buffers contradict each other; text may be no UTF-8."""
    try:
        column.validate(full=True)
    except _arrow.ArrowInvalid:
        kinds = {_arrow.string(): _arrow.binary(), _arrow.large_string(): _arrow.large_binary()}
        if column.type not in kinds:
            raise
        column.validate()
        column.view(kinds[column.type]).validate(full=True)


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]


def _message(data: bytes) -> tuple[int, int, int]:
    """Return (kind, rows of a record batch, bytes of the body) of a message's metadata.

    A flatbuffer: the root's place, and for each table the place of its fields behind its vtable.
    """
    root = struct.unpack_from("<I", data, 0)[0]
    kind_at, header_at, body_at = (_field(data, root, number) for number in (1, 2, 3))
    kind = data[kind_at] if kind_at else 0
    n_body = struct.unpack_from("<q", data, body_at)[0] if body_at else 0
    n_rows = 0
    if kind == _RECORD_BATCH and header_at:
        header = header_at + struct.unpack_from("<I", data, header_at)[0]
        length_at = _field(data, header, 0)
        n_rows = struct.unpack_from("<q", data, length_at)[0] if length_at else 0
    return kind, n_rows, n_body


def _field(data: bytes, table: int, number: int) -> int:
    """Return where a field of a flatbuffer's table lies, 0 where it has its default."""
    vtable = table - struct.unpack_from("<i", data, table)[0]
    n_vtable = struct.unpack_from("<H", data, vtable)[0]
    if 4 + 2 * number >= n_vtable:
        return 0
    offset = struct.unpack_from("<H", data, vtable + 4 + 2 * number)[0]
    return table + offset if offset else 0
