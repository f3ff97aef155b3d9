"""Reading Parquet on one thread, and from a bucket by few requests of exact ranges.

Arrow's own threads hold pieces of Python's buffers. Where one of them lets go of the last
piece while the process ends, it wants an interpreter that is no more, and the process dies of
SIGABRT after all work was done. So nothing here reads with threads; workers are processes anyway.
That rules out Arrow's own joining of reads (`pre_buffer`), which is done by threads.
"""

from __future__ import annotations

import io
from bisect import bisect_right
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import accumulate, pairwise
from typing import IO, Any

import pyarrow.parquet as pq

from corpusforge.files.ranges import Range, joined
from corpusforge.files.reading import exact, open_input
from corpusforge.files.streams import Reader
from corpusforge.parquet_seal import MAGIC, chunk_digest, chunk_lengths, footer_sums
from corpusforge.sealed import damaged

_TAIL_BYTES = 64 << 10
"""What Arrow reads of a file first: its last bytes, with the footer or the place of it."""


def open_parquet(stream: IO[bytes]) -> Any:
    """Return an open Parquet file, pyarrow's `ParquetFile` but for its threads (pyarrow ships no types).

    Of a bucket's object (`open_input`) the footer and the columns asked for are read, and nothing
    else: columns that lie side by side in one request of at most 32 MiB.
    """
    reader = exact(stream)
    if reader is None:
        return _ParquetFile(stream, pre_buffer=False)
    return _ParquetFile(_Pieces(reader), pre_buffer=False)


@contextmanager
def open_sealed_parquet(path: str) -> Generator[Any]:
    """Yield what `open_parquet` returns, of a file of the corpus (`parquet_seal`), every byte read checked.

    Raises `Damaged` where the footer, or a column chunk that is read, is not what was written.
    """
    with open_input(path) as stream:
        reader = exact(stream)
        pieces = None if reader is None else _Pieces(reader)
        checked = _Checked(pieces or stream, path)
        try:
            file = _ParquetFile(checked, pieces, pre_buffer=False)
        except (ValueError, OSError) as error:  # Arrow's, of a footer that holds: another version wrote it
            raise damaged(path, str(error)) from error
        checked.lengths = chunk_lengths(file.metadata)
        yield file


def check_parquet(path: str) -> dict[bytes, bytes]:
    """Return what the footer of a sealed file says besides, every byte of the file checked."""
    with open_sealed_parquet(path) as file:
        for start, stop in file.source.chunks():
            file.source.checked(start, stop)
        return dict(file.metadata.metadata)


_Base: Any = pq.ParquetFile


class _ParquetFile(_Base):
    def __init__(self, source: Any, pieces: _Pieces | None = None, **options: Any) -> None:
        self.source = source
        self._pieces = pieces or (source if isinstance(source, _Pieces) else None)
        above: Any = super()
        above.__init__(source, **options)

    def read(self, columns: Sequence[str] | None = None, **options: Any) -> Any:
        self._expect(None, columns)
        above: Any = super()
        return above.read(columns, **{"use_threads": False, **options})

    def read_row_group(self, i: int, columns: Sequence[str] | None = None, **options: Any) -> Any:
        self._expect([i], columns)
        above: Any = super()
        return above.read_row_group(i, columns, **{"use_threads": False, **options})

    def read_row_groups(
        self, row_groups: Sequence[int], columns: Sequence[str] | None = None, **options: Any
    ) -> Any:
        self._expect(row_groups, columns)
        above: Any = super()
        return above.read_row_groups(row_groups, columns, **{"use_threads": False, **options})

    def iter_batches(
        self,
        batch_size: int = 65536,
        row_groups: Sequence[int] | None = None,
        columns: Sequence[str] | None = None,
        **options: Any,
    ) -> Any:
        self._expect(row_groups, columns)
        options = {"use_threads": False, "row_groups": row_groups, "columns": columns, **options}
        above: Any = super()
        return above.iter_batches(batch_size, **options)

    def _expect(self, row_groups: Sequence[int] | None, columns: Sequence[str] | None) -> None:
        if self._pieces is not None:
            metadata = self.metadata
            groups = range(metadata.num_row_groups) if row_groups is None else row_groups
            self._pieces.expect(_chunks(metadata, groups, columns))


def _chunks(metadata: Any, groups: Iterable[int], columns: Sequence[str] | None) -> Iterator[Range]:
    """Yield where the column chunks of row groups lie."""
    for group in groups:
        row_group = metadata.row_group(group)
        for number in range(row_group.num_columns):
            chunk = row_group.column(number)
            name = str(chunk.path_in_schema)
            if columns is None or any(name == each or name.startswith(f"{each}.") for each in columns):
                start = chunk.dictionary_page_offset or chunk.data_page_offset
                start = min(start, chunk.data_page_offset)
                yield start, start + chunk.total_compressed_size


class _Checked(io.RawIOBase):
    """What Arrow reads a sealed file through: the footer, and whole column chunks, checked."""

    def __init__(self, below: Any, path: str) -> None:
        super().__init__()
        self._below, self._path, self._at = below, path, 0
        self._size = below.seek(0, io.SEEK_END)
        first = max(0, self._size - _TAIL_BYTES)
        tail = self._read(first, self._size)
        footer_bytes = int.from_bytes(tail[-8:-4], "little") + 8
        if tail[-4:] != MAGIC or footer_bytes + len(MAGIC) > self._size:
            raise damaged(path, "its end is not that of Parquet")
        self._start = self._size - footer_bytes
        if self._start < first:
            tail = self._read(self._start, first) + tail
        self._footer = tail[-footer_bytes:]
        self._sums = footer_sums(self._footer, path)
        self.lengths: list[int] = []
        """Bytes of each chunk; Arrow tells, having read the footer."""
        self._numbers: dict[int, int] = {}

    def chunks(self) -> Iterator[Range]:
        """Yield where all chunks lie; they, the magic before and the footer behind are the whole file."""
        starts = list(accumulate(self.lengths, initial=len(MAGIC)))
        if starts[-1] != self._start or len(self._sums) != len(self.lengths):
            raise damaged(self._path, "its chunks")
        if self._read(0, len(MAGIC)) != MAGIC:
            raise damaged(self._path, "its first bytes")
        return pairwise(starts)

    def checked(self, start: int, stop: int) -> bytes:
        """Return a range that begins with a chunk: all of the chunk is read and checked."""
        if not self._numbers:
            starts = accumulate(self.lengths, initial=len(MAGIC))
            self._numbers = {at: number for number, at in enumerate(starts)}
        number = self._numbers.get(start, -1)
        if not 0 <= number < len(self._sums) or stop - start > self.lengths[number]:
            raise OSError(f"{self._path}: no chunk lies from byte {start} to {stop}")
        data = self._read(start, start + self.lengths[number])
        if chunk_digest(data) != self._sums[number]:
            raise damaged(self._path, f"bytes {start} to {start + self.lengths[number]}")
        return data[: stop - start]

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        self._at = offset + (0, self._at, self._size)[whence]
        return self._at

    def read(self, size: int = -1, /) -> bytes:
        stop = self._size if size < 0 else min(self._size, self._at + size)
        start, self._at = self._at, stop
        if start >= self._start:
            return self._footer[start - self._start : stop - self._start]
        if stop == self._size:
            # Arrow looks for the footer in the end of the file: of the chunks before it, nothing is used.
            return bytes(self._start - start) + self._footer
        return self.checked(start, stop)

    def _read(self, start: int, stop: int) -> bytes:
        self._below.seek(start)
        return self._below.read(stop - start)


class _Pieces(io.RawIOBase):
    """What Arrow reads an object through: ranges it will ask for are fetched joined, and held once.

    A piece is let go when all of it was read. Anything not expected is read as asked for.
    """

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._tail, self._tail_start = b"", 0
        self._starts: list[int] = []
        self._stops: list[int] = []
        self._left_bytes: list[int] = []
        self._held: dict[int, bytes] = {}

    def expect(self, ranges: Iterable[Range]) -> None:
        """Be told what will be read soon, each range once and whole."""
        pieces = list(joined(list(ranges)))
        self._starts = [start for start, _, _ in pieces]
        self._stops = [stop for _, stop, _ in pieces]
        self._left_bytes = [sum(last - first for first, last in members) for _, _, members in pieces]
        self._held.clear()

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._reader.tell()

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        return self._reader.seek(offset, whence)

    def read(self, size: int = -1, /) -> bytes:
        if size < 0:
            size = self._reader.size_bytes - self._reader.tell()
        at = self._reader.tell()
        stop = at + size
        data = self._from_piece(at, stop)
        if data is None:
            data = self._fetched(at, stop)
            if stop == self._reader.size_bytes or at < self._tail_start < stop:
                self._keep_tail(at, data)
        self._reader.seek(at + len(data))
        return data

    def _keep_tail(self, start: int, data: bytes) -> None:
        """Keep the end of the file: the footer is read a second time, and small columns lie there."""
        if not self._tail:
            self._tail, self._tail_start = data[-_TAIL_BYTES:], start + max(0, len(data) - _TAIL_BYTES)
        elif start < self._tail_start:
            self._tail = data[: self._tail_start - start] + self._tail
            self._tail_start = start

    def _from_piece(self, start: int, stop: int) -> bytes | None:
        number = bisect_right(self._starts, start) - 1
        if number < 0 or stop > self._stops[number] or self._left_bytes[number] <= 0:
            return None
        first = self._starts[number]
        if number not in self._held:
            self._held[number] = self._fetched(first, self._stops[number])
        data = self._held[number][start - first : stop - first]
        self._left_bytes[number] -= len(data)
        if self._left_bytes[number] <= 0:
            del self._held[number]
        return data

    def _fetched(self, start: int, stop: int) -> bytes:
        """Return a range; what of it lies in the tail is there already."""
        fresh = stop if not self._tail else max(start, min(stop, self._tail_start))
        self._reader.seek(start)
        data = self._reader.read(fresh - start)
        if fresh == stop:
            return data
        return data + self._tail[fresh - self._tail_start : stop - self._tail_start]
