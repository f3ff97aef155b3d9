"""What `corpusforge dedup` decided of every row, and the table of it."""

from __future__ import annotations

import os
from contextlib import ExitStack
from typing import Any, cast

import numpy as np
import pyarrow
import pyarrow.parquet as pq
from numpy.typing import NDArray

from corpusforge.compiled import jit
from corpusforge.dedup.survivors import Members
from corpusforge.files import publishing

pa: Any = pyarrow  # ships no types for what is used here

LARGEST_SHOWN = 5
MEMBERS_SHOWN = 3
_CHUNK_ROWS = 16_384
_SCHEMA: Any = pa.schema([("doc_id", pa.string()), ("cluster_id", pa.string()), ("keep", pa.bool_())])


class RowIds:
    """The ids of all rows, in files: their bytes, and where each ends; a context manager."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._stack = ExitStack()
        self._bytes = self._stack.enter_context(open(path, "wb"))
        self._ends = self._stack.enter_context(open(f"{path}.ends", "wb"))
        self._size = 0

    def __enter__(self) -> RowIds:
        return self

    def __exit__(self, *exception: object) -> None:
        self._stack.close()

    def add(self, names: list[str]) -> None:
        """Append the ids of rows."""
        if not names:
            return
        encoded = [name.encode("utf-8", "replace") for name in names]
        ends = self._size + np.cumsum([len(name) for name in encoded], dtype=np.int64)
        self._size = int(ends[-1])
        self._bytes.write(b"".join(encoded))
        self._ends.write(ends.tobytes())

    def names(self) -> Names:
        """Return a look-up of ids by row, mapped from the files; none is added after."""
        self._stack.close()
        return Names(_mapped(self._path, np.uint8), _mapped(f"{self._path}.ends", np.int64))


class Names:
    """Ids of rows as Arrow columns."""

    def __init__(self, data: NDArray[np.uint8], ends: NDArray[np.int64]) -> None:
        self._data = data
        self._ends = ends

    def __call__(self, rows: NDArray[np.int64]) -> Any:
        """Return the ids of rows, in their order."""
        ends = self._ends[rows]
        starts = np.where(rows > 0, self._ends[rows - 1], 0)
        offsets = np.zeros(len(rows) + 1, dtype=np.int32)
        np.cumsum(ends - starts, out=offsets[1:])
        joined = np.empty(int(offsets[-1]), dtype=np.uint8)
        _join(self._data, starts, ends, joined)
        return pa.StringArray.from_buffers(len(rows), pa.py_buffer(offsets), pa.py_buffer(joined))


@jit
def _join(data: Any, starts: Any, ends: Any, out: Any) -> None:
    at = 0
    for k in range(starts.shape[0]):
        for place in range(starts[k], ends[k]):
            out[at] = data[place]
            at += 1


def _mapped(path: str, dtype: type[Any]) -> NDArray[Any]:
    return np.memmap(path, dtype, mode="r") if os.path.getsize(path) else np.empty(0, dtype)


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
        for k in np.lexsort((rows[first], -sizes))[:LARGEST_SHOWN].tolist():
            shown = rows[first[k] : first[k] + min(MEMBERS_SHOWN, int(sizes[k]))]
            self._largest.append((int(sizes[k]), int(rows[first[k]]), shown.tolist()))
        self._largest = sorted(self._largest, key=lambda one: (-one[0], one[1]))[:LARGEST_SHOWN]

    def largest(self, names: Names) -> list[dict[str, Any]]:
        """Return the largest clusters: how many rows, and the ids of the survivor and two others."""
        return [
            {"documents": size, "members": names(np.array(rows)).to_pylist()}
            for size, _, rows in self._largest
        ]


def write_clusters(path: str, names: Names, result: Decisions) -> None:
    """Write (doc_id, cluster_id, keep) of every row, in order; a cluster's id is its survivor's."""
    # ids are too many for a dictionary: it would be filled, and given up
    parquet = cast(Any, pq).ParquetWriter
    with publishing(path) as temporary, parquet(temporary, _SCHEMA, use_dictionary=False) as writer:
        for start in range(0, max(1, len(result.keep)), _CHUNK_ROWS):
            rows = np.arange(start, min(start + _CHUNK_ROWS, len(result.keep)))
            columns = [names(rows), names(result.survivor[rows]), pa.array(result.keep[rows])]
            writer.write_table(pa.Table.from_arrays(columns, schema=_SCHEMA))
