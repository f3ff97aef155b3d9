"""Columns of a snapshot's docs and text tables, by shard and row group.

Files stay open for a while, so that a footer is read once, and the columns read last stay in memory: the
second filter over a corpus in a bucket asks the bucket for nothing. Both are bounded. One thread reads
at a time: Arrow's files are no two threads' to share.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from contextlib import ExitStack
from typing import Any

from corpusforge.files import open_input
from corpusforge.parquet import open_parquet
from corpusforge.shards.format import ShardRow, shard_path
from corpusforge.shards.inside import path_inside

_OPEN_FILES = 48
_CACHE_BYTES = 192 << 20
"""Of columns that stay in memory: a million documents have about 15 MB a short column."""
_LARGE_BYTES = 4 << 20
"""A larger column, of texts or signals, does not stay: it would push out a hundred short ones."""


class Tables:
    """The docs and text tables of the shards of a snapshot."""

    def __init__(self, corpus: str, shards: Sequence[ShardRow]) -> None:
        self._corpus = corpus
        self._shards = shards
        self._lock = threading.RLock()
        self._files: OrderedDict[tuple[int, str], tuple[Any, ExitStack]] = OrderedDict()
        self._columns: OrderedDict[tuple[int, int, str], Any] = OrderedDict()
        self._bytes = 0
        self._groups: dict[int, list[int]] = {}

    def groups(self, shard: int) -> list[int]:
        """Return the rows of each row group of a shard."""
        with self._lock:
            if shard not in self._groups:
                metadata = self._file(shard, "docs").metadata
                self._groups[shard] = [metadata.row_group(n).num_rows for n in range(metadata.num_row_groups)]
            return self._groups[shard]

    def column(self, shard: int, group: int, name: str) -> Any:
        """Return a column of a row group as an Arrow array; `text` is the text table's."""
        return self.columns(shard, group, [name])[0]

    def columns(self, shard: int, group: int, names: Sequence[str]) -> list[Any]:
        """Return columns of a row group as Arrow arrays, in the order asked for."""
        with self._lock:
            found = {name: self._columns.get((shard, group, name)) for name in names}
            for kind, is_text in (("docs", False), ("text", True)):
                missing = [name for name in found if found[name] is None and (name == "text") == is_text]
                if missing:
                    table = self._file(shard, kind).read_row_group(group, columns=missing)
                    for name in missing:
                        found[name] = _whole(table[name])
            for name in names:
                self._keep((shard, group, name), found[name])
            return [found[name] for name in names]

    def head(self, shard: int, group: int, n_rows: int, names: Sequence[str]) -> list[Any]:
        """Return the first rows of columns of a row group's docs table; the rest is not decoded."""
        with self._lock:
            file = self._file(shard, "docs")
            batch = next(iter(file.iter_batches(n_rows, row_groups=[group], columns=list(names))))
            return [batch.column(name) for name in names]

    def bounds(self, shard: int, group: int, name: str) -> tuple[Any, Any] | None:
        """Return the least and largest value of a column of a row group; None where the file tells none."""
        with self._lock:
            file = self._file(shard, "docs")
            place = file.schema_arrow.get_field_index(name)
            leaf = file.metadata.schema.names.index(name) if place >= 0 else -1
            statistics = file.metadata.row_group(group).column(leaf).statistics
        return (statistics.min, statistics.max) if statistics is not None and statistics.has_min_max else None

    def rows(
        self, shard: int, group: int, places: Sequence[int], names: Sequence[str]
    ) -> list[dict[str, Any]]:
        """Return rows of a row group as dicts of the columns named; maps are dicts in them."""
        columns = [column.take(places) for column in self.columns(shard, group, names)]
        values = [column.to_pylist() for column in columns]
        rows = [dict(zip(names, row, strict=True)) for row in zip(*values, strict=True)]
        for row in rows:
            for name in ("signals", "redactions"):
                if name in row:
                    row[name] = dict(row[name] or ())
        return rows

    def close(self) -> None:
        """Close the files."""
        with self._lock:
            for _, stack in self._files.values():
                stack.close()
            self._files.clear()
            self._columns.clear()

    def _file(self, shard: int, kind: str) -> Any:
        key = (shard, kind)
        if key not in self._files:
            row = self._shards[shard]
            path = path_inside(self._corpus, shard_path(row.domain, row.subset, row.id, kind))
            stack = ExitStack()
            self._files[key] = (open_parquet(stack.enter_context(open_input(path))), stack)
            while len(self._files) > _OPEN_FILES:
                self._files.popitem(last=False)[1][1].close()
        self._files.move_to_end(key)
        return self._files[key][0]

    def _keep(self, key: tuple[int, int, str], column: Any) -> None:
        if key not in self._columns:
            if column.nbytes > _LARGE_BYTES:
                return
            self._columns[key] = column
            self._bytes += column.nbytes
        self._columns.move_to_end(key)
        while self._bytes > _CACHE_BYTES and len(self._columns) > 1:
            self._bytes -= self._columns.popitem(last=False)[1].nbytes


def _whole(column: Any) -> Any:
    """Return a column as one array; of one piece without a copy."""
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()
