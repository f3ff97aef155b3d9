"""The shard rows of a large snapshot, beside its index: arrays that open in milliseconds.

An index of more than `MANIFEST_SHARDS` shards keeps its rows in three files instead of in
its JSON: `manifest.npy` and `blocks.npy`, which a reader opens with numpy alone, and
`manifest.parquet`, the same rows for everybody else. The index holds their sha256.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpusforge.shards.format import ShardRow, row_from_json

MANIFEST_SHARDS = 1000
"""Above so many shards the rows leave the JSON of the index."""
FILES = ("manifest.npy", "blocks.npy", "manifest.parquet")

_ROW = np.dtype(
    [
        ("id", "S32"),
        ("domain", "S32"),
        ("subset", "S32"),
        ("index", "<u8"),
        ("bytes", "<u8"),
        ("n_tokens", "<u8"),
        ("n_docs", "<u8"),
        ("max_len", "<u8"),
        ("max_id", "<u8"),
        ("sha256", "S64"),
        ("docs_sha256", "S64"),
        ("text_sha256", "S64"),
        ("ends_sha256", "S64"),
        ("state", "S16"),
        ("n_blocks", "<u8"),
    ]
)
_BLOCK = np.dtype([("xxh3", "<u8"), ("crc32", "<u4")])


def rows_to_arrays(rows: Sequence[ShardRow]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return (one entry a shard, one entry a block of all payloads in order)."""
    names = [name for name in _ROW.names or () if name != "n_blocks"]
    table = np.zeros(len(rows), _ROW)
    for name in names:
        table[name] = [getattr(row, name) for row in rows]
        if table.dtype[name].kind == "S" and [v.decode() for v in table[name].tolist()] != [
            getattr(row, name) for row in rows
        ]:
            raise ValueError(f"a shard's {name} is longer than {table.dtype[name].itemsize} bytes")
    table["n_blocks"] = [len(row.xxh3) for row in rows]
    blocks = np.zeros(int(table["n_blocks"].sum()), _BLOCK)
    blocks["xxh3"] = [int(value, 16) for row in rows for value in row.xxh3]
    blocks["crc32"] = [int(value, 16) for row in rows for value in row.crc32]
    return table, blocks


def rows_from_arrays(table: NDArray[Any], blocks: NDArray[Any]) -> list[ShardRow]:
    """Return the shard rows of `rows_to_arrays`."""
    names = [name for name in _ROW.names or () if name != "n_blocks"]
    columns = {name: table[name].tolist() for name in names}
    for name in names:
        if table.dtype[name].kind == "S":
            columns[name] = [value.decode() for value in columns[name]]
    xxh3 = [f"{value:016x}" for value in blocks["xxh3"].tolist()]
    crc32 = [f"{value:08x}" for value in blocks["crc32"].tolist()]
    ends = np.cumsum(table["n_blocks"]).tolist()
    rows: list[ShardRow] = []
    first = 0
    for number, end in enumerate(ends):
        values = {name: column[number] for name, column in columns.items()}
        rows.append(ShardRow(**values, xxh3=tuple(xxh3[first:end]), crc32=tuple(crc32[first:end])))
        first = end
    return rows


def to_npy(array: NDArray[Any]) -> bytes:
    """Return an array as a .npy file."""
    stream = io.BytesIO()
    np.save(stream, array, allow_pickle=False)
    return stream.getvalue()


def read_rows(index: Mapping[str, Any], read: Callable[[str], bytes], where: str) -> list[ShardRow]:
    """Return the shard rows of an index, from its JSON or its manifest.

    `read` gives a file that lies beside the index, by name. Raises ValueError, in one line that
    starts with `where`, for a manifest that is not the one the index names.
    """
    if "manifest" not in index:
        return [row_from_json(row) for row in index["shards"]]
    arrays: list[NDArray[Any]] = []
    for name in FILES[:2]:
        data = read(name)
        if hashlib.sha256(data).hexdigest() != index["manifest"][name]:
            raise ValueError(f"{where}: {name} beside it was changed: its sha256 is not the index's")
        arrays.append(np.load(io.BytesIO(data), allow_pickle=False))
    return rows_from_arrays(*arrays)
