"""Refs to sorted rows: what a task of merging, or a shard, holds of the files below it.

Every ref is read once, by one range. Tokens, text and metadata of the rows that are the task's own
go to a scratch file, uncompressed, and are mapped: in memory there are 56 bytes a document.
"""

from __future__ import annotations

import mmap
import tempfile
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from corpusforge.files import read_range
from corpusforge.sealed import damaged
from corpusforge.shards.arrow import pa
from corpusforge.shards.blocks import Block, read_blocks, read_metadata
from corpusforge.shards.places import Position, rows_before, sorted_order

SCRATCH_MEMORY_BYTES = 32 << 20
"""What is gathered lies in memory up to so many bytes, beyond in a file."""
_COLUMNS = ("key", "group", "n_tokens", "text_bytes", "token_start", "text_start", "batch", "row")


class _Scratch:
    """Bytes put end to end, to be mapped when all are there."""

    def __init__(self, folder: str | None) -> None:
        self._file: IO[bytes] = tempfile.SpooledTemporaryFile(
            max_size=SCRATCH_MEMORY_BYTES, prefix=".tmp-", dir=folder
        )
        self._n_bytes = 0

    def append(self, data: memoryview) -> int:
        """Return where the data now begins."""
        start = self._n_bytes
        self._file.write(data)
        self._file.write(bytes(-len(data) % 8))
        self._n_bytes += -(-len(data) // 8) * 8
        return start

    def view(self) -> memoryview:
        """Return everything."""
        if self._n_bytes <= SCRATCH_MEMORY_BYTES:
            self._file.seek(0)
            return memoryview(self._file.read())
        self._file.flush()
        return memoryview(mmap.mmap(self._file.fileno(), 0, access=mmap.ACCESS_READ))

    def close(self) -> None:
        self._file.close()


@dataclass(frozen=True, slots=True)
class Gathered:
    """The rows of a task, sorted by (group, key, doc_id); one entry a document in each array."""

    token_bytes: int
    key: NDArray[np.uint64]
    group: NDArray[np.uint16]
    n_tokens: NDArray[np.int64]
    text_bytes: NDArray[np.int64]
    token_start: NDArray[np.int64]
    """In bytes of the scratch."""
    text_start: NDArray[np.int64]
    batch: NDArray[np.int64]
    row: NDArray[np.int64]
    batches: list[Any]
    """Record batches of `METADATA_SCHEMA`, mapped."""
    data: memoryview

    def __len__(self) -> int:
        return len(self.key)

    def tokens(self, first: int, last: int) -> bytes:
        """Return the tokens of rows, end to end."""
        lengths = self.n_tokens[first:last] * self.token_bytes
        return self._joined(self.token_start[first:last], lengths)

    def text(self, first: int, last: int) -> bytes:
        """Return the text of rows, end to end."""
        return self._joined(self.text_start[first:last], self.text_bytes[first:last])

    def _joined(self, starts: NDArray[np.int64], lengths: NDArray[np.int64]) -> bytes:
        spans = zip(starts.tolist(), (starts + lengths).tolist(), strict=True)
        return b"".join([self.data[start:stop] for start, stop in spans])

    def metadata(self, first: int, last: int) -> Any:
        """Return the metadata of rows as a table, in one chunk: chunks would show in the bytes."""
        tables: list[Any] = []
        order = np.empty(last - first, np.int64)
        taken = 0
        for number, places in self._segments(first, last):
            tables.append(self.batches[number].slice(int(self.row[places[0]]), len(places)))
            order[places - first] = np.arange(taken, taken + len(places))
            taken += len(places)
        if len(tables) == 1:
            return pa.Table.from_batches(tables)
        return pa.Table.from_batches(tables).combine_chunks().take(pa.array(order))

    def _segments(self, first: int, last: int) -> Iterator[tuple[int, NDArray[np.int64]]]:
        """Yield (batch, rows from it); these lie side by side in the batch."""
        batches = self.batch[first:last]
        order = np.argsort(batches, kind="stable")
        cuts = np.flatnonzero(np.diff(batches[order])) + 1
        for places in np.split(order, cuts):
            yield int(batches[places[0]]), places + first


@contextmanager
def gathered(
    refs: NDArray[Any], path_of: Callable[[int], str], bounds: tuple[Position, Position], folder: str | None
) -> Generator[Gathered]:
    """Yield the rows within `bounds` of all refs (`blocks.REF_DTYPE`), in whatever order these come.

    `folder`: where the scratch file goes. Raises `Damaged`, naming the file, where a ref does not
    lead to blocks, and ValueError for a document that comes twice.
    """
    scratch = _Scratch(folder)
    try:
        rows = _Rows(scratch, bounds)
        for ref in np.sort(refs, order=["file", "start"]):
            path, start = path_of(int(ref["file"])), int(ref["start"])
            data = memoryview(read_range(path, start, start + int(ref["length"])))
            if len(data) < ref["length"]:
                raise damaged(path, f"it ends before byte {start + int(ref['length'])}")
            rows.add(read_blocks(data, path))
        yield rows.sorted()
    finally:
        scratch.close()


class _Rows:
    """Takes blocks; keeps the rows of them that are within bounds."""

    def __init__(self, scratch: _Scratch, bounds: tuple[Position, Position]) -> None:
        self._scratch, self._bounds = scratch, bounds
        self._columns: dict[str, list[NDArray[Any]]] = {name: [] for name in _COLUMNS}
        self._metadata: list[tuple[int, int]] = []
        self._token_bytes = 0

    def add(self, blocks: Iterable[Block]) -> None:
        for block in blocks:
            places = block.places
            first, last = (rows_before(places["group"], places["key"], bound) for bound in self._bounds)
            if first < last:
                self._add_rows(block, first, last)

    def _add_rows(self, block: Block, first: int, last: int) -> None:
        mine = block.places[first:last]
        self._token_bytes = block.token_bytes
        own: dict[str, NDArray[Any]] = {"key": mine["key"], "group": mine["group"]}
        for name, start, unit in (
            ("n_tokens", "token_start", block.token_bytes),
            ("text_bytes", "text_start", 1),
        ):
            lengths = block.places[name].astype(np.int64)
            ends = np.cumsum(lengths) * unit
            before = int(ends[first - 1]) if first else 0
            section = block.section("tokens" if name == "n_tokens" else "text")
            at = self._scratch.append(section[before : int(ends[last - 1])])
            own[name] = lengths[first:last]
            own[start] = at - before + ends[first:last] - own[name] * unit
        section = block.section("metadata")
        own["batch"] = np.full(last - first, len(self._metadata), np.int64)
        own["row"] = np.arange(first, last, dtype=np.int64)
        self._metadata.append((self._scratch.append(section), len(section)))
        for name, values in own.items():
            # A view would hold all that was read.
            self._columns[name].append(values.copy())

    def sorted(self) -> Gathered:
        data = self._scratch.view()
        batches = [read_metadata(data[start : start + length]) for start, length in self._metadata]
        dtypes: dict[str, Any] = {"key": np.uint64, "group": np.uint16}
        columns: dict[str, NDArray[Any]] = {
            name: np.concatenate([np.empty(0, dtypes.get(name, np.int64)), *arrays])
            for name, arrays in self._columns.items()
        }

        def doc_ids(rows: NDArray[np.int64]) -> list[str]:
            places = zip(columns["batch"][rows].tolist(), columns["row"][rows].tolist(), strict=True)
            return [batches[batch].column("doc_id")[row].as_py() for batch, row in places]

        order = sorted_order(columns["group"], columns["key"], doc_ids)
        arrays = {name: column[order] for name, column in columns.items()}
        return Gathered(token_bytes=self._token_bytes, **arrays, batches=batches, data=data)
