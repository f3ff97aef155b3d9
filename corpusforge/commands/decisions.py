"""What `corpusforge dedup` decided of every row, and the table of it."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
import pyarrow
import pyarrow.parquet as pq

from corpusforge.dedup.survivors import Members
from corpusforge.files import publishing

pa: Any = pyarrow  # ships no types for what is used here

LARGEST_SHOWN = 5
MEMBERS_SHOWN = 3
_CHUNK_ROWS = 65_536
_SCHEMA: Any = pa.schema([("doc_id", pa.string()), ("cluster_id", pa.string()), ("keep", pa.bool_())])


class RowIds:
    """The ids of all rows, in a file; a context manager."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._schema = pa.schema([("id", pa.string())])
        self._writer = pa.ipc.new_file(path, self._schema)

    def __enter__(self) -> RowIds:
        return self

    def __exit__(self, *exception: object) -> None:
        self._writer.close()

    def add(self, names: list[str]) -> None:
        """Append the ids of rows."""
        column = pa.array([name.encode("utf-8", "replace").decode() for name in names], pa.string())
        self._writer.write_batch(pa.RecordBatch.from_arrays([column], schema=self._schema))

    def column(self) -> Any:
        """Return all ids as one Arrow column, mapped from the file."""
        self._writer.close()
        return pa.ipc.open_file(pa.memory_map(self._path)).read_all().column("id")


class Decisions:
    """Keep or not, and the survivor of each row's cluster: its own place where it has none."""

    def __init__(self, n_rows: int) -> None:
        self.keep = np.ones(n_rows, dtype=bool)
        self.survivor = np.arange(n_rows, dtype=np.int64)
        self.n_clusters = self.n_exact = self.n_near = 0
        self._largest: list[tuple[int, int, list[int]]] = []

    def add(self, members: Members) -> None:
        """Take over a batch of clusters; refs are rows."""
        rows = members.refs.astype(np.int64)
        self.keep[rows] = members.keep
        self.survivor[rows] = rows[members.survivor]
        first = np.flatnonzero(members.survivor == np.arange(len(rows)))
        sizes = np.diff(np.r_[first, len(rows)])
        self.n_clusters += len(first)
        self.n_exact += int((members.exact & ~members.keep).sum())
        self.n_near += int((~members.exact & ~members.keep).sum())
        for k in np.argsort(-sizes, kind="stable")[:LARGEST_SHOWN].tolist():
            shown = rows[first[k] : first[k] + min(MEMBERS_SHOWN, int(sizes[k]))]
            self._largest.append((int(sizes[k]), int(rows[first[k]]), shown.tolist()))
        self._largest = sorted(self._largest, key=lambda one: (-one[0], one[1]))[:LARGEST_SHOWN]

    def largest(self, names: Any) -> list[dict[str, Any]]:
        """Return the largest clusters: how many rows, and the ids of the survivor and two others."""
        return [
            {"documents": size, "members": names.take(pa.array(rows)).to_pylist()}
            for size, _, rows in self._largest
        ]


def write_clusters(path: str, names: Any, result: Decisions) -> None:
    """Write (doc_id, cluster_id, keep) of every row, in order; a cluster's id is its survivor's."""
    with publishing(path) as temporary, cast(Any, pq).ParquetWriter(temporary, _SCHEMA) as writer:
        for start in range(0, max(1, len(result.keep)), _CHUNK_ROWS):
            stop = min(start + _CHUNK_ROWS, len(result.keep))
            columns = [
                names.slice(start, stop - start).combine_chunks(),
                names.take(pa.array(result.survivor[start:stop])).combine_chunks(),
                pa.array(result.keep[start:stop]),
            ]
            writer.write_table(pa.Table.from_arrays(columns, schema=_SCHEMA))
