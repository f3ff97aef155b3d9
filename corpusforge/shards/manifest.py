"""The shard rows of a large snapshot, beside its index: arrays that open in milliseconds.

An index of more than `MANIFEST_SHARDS` shards keeps its rows in three files instead of in
its JSON: `manifest.npy` and `blocks.npy`, which a reader opens with numpy alone, and
`manifest.parquet`, the same rows for everybody else. The index holds their sha256.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Mapping, Sequence
from tokenize import TokenError
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpusforge.shards.format import KINDS, ShardRow, row_from_json, shard_path

MANIFEST_SHARDS = 1000
"""Above so many shards the rows leave the JSON of the index."""
PARQUET = "manifest.parquet"
FILES = ("manifest.npy", "blocks.npy", PARQUET)

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
            columns[name] = [value.decode("ascii", "backslashreplace") for value in columns[name]]
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

    The index has the shape that `shards.schema` says. `read` gives a file that lies beside it, by
    name. Raises ValueError, in one line that starts with `where`, where paths of a shard are not those
    that its id gives, or a manifest is not the one the index names or holds no such rows.
    """
    if "manifest" not in index:
        rows = [row_from_json(row) for row in index["shards"]]
        for number, (row, value) in enumerate(zip(rows, index["shards"], strict=True)):
            for kind in KINDS:
                expected = shard_path(row.domain, row.subset, row.id, kind)
                if value["paths"][kind] != expected:
                    raise ValueError(f"{where}: shards.{number}.paths.{kind}: expected {expected}")
        return rows
    arrays: list[NDArray[Any]] = []
    for name, dtype in zip(FILES[:2], (_ROW, _BLOCK), strict=True):
        try:
            data = read(name)
        except FileNotFoundError:
            raise ValueError(f"{where}: {name} beside it is missing") from None
        if hashlib.sha256(data).hexdigest() != index["manifest"][name]:
            raise ValueError(f"{where}: {name} beside it was changed: its sha256 is not the index's")
        try:
            arrays.append(_from_npy(data, dtype))
        except ValueError as error:
            raise ValueError(f"{where}: {name} beside it: {error}") from None
    if fault := _arrays_fault(*arrays):
        raise ValueError(f"{where}: {FILES[0]} beside it: {fault}")
    return rows_from_arrays(*arrays)


def _from_npy(data: bytes, dtype: np.dtype[Any]) -> NDArray[Any]:
    """Return the array of a .npy file; ValueError where it is not one row of entries of this dtype."""
    stream = io.BytesIO(data)
    try:
        if np.lib.format.read_magic(stream) != (1, 0):
            raise ValueError("another version of .npy")
        shape, _, found = np.lib.format.read_array_header_1_0(stream)
    # numpy reads the header as a Python literal
    except (ValueError, TypeError, KeyError, SyntaxError, RecursionError, MemoryError, TokenError) as error:
        raise ValueError(f"not a .npy file: {(str(error).splitlines() or ['no header'])[0]}") from None
    n_bytes = len(data) - stream.tell()
    if found != dtype or len(shape) != 1 or shape[0] * dtype.itemsize != n_bytes:
        raise ValueError(f"not an array of {dtype.itemsize} bytes an entry, as long as the file")
    return np.frombuffer(data, dtype, offset=stream.tell())


def _arrays_fault(table: NDArray[Any], blocks: NDArray[Any]) -> str | None:
    """Return what in the arrays of a manifest no row of JSON could say."""
    for name in ("id", "sha256", "docs_sha256", "text_sha256", "ends_sha256"):
        width = table.dtype[name].itemsize
        letters = np.ascontiguousarray(table[name]).view(np.uint8).reshape(-1, width)
        is_hex = np.isin(letters, np.frombuffer(b"0123456789abcdef", np.uint8)).all(axis=1)
        if not is_hex.all():
            return f"row {int(np.argmin(is_hex))}: {name}: expected {width} hex digits"
    for name in table.dtype.names or ():
        if table.dtype[name].kind == "u" and (table[name] > np.uint64(2**63 - 1)).any():
            return f"row {int(np.argmax(table[name]))}: {name}: expected less than 2^63"
    for name in ("bytes", "n_tokens", "n_docs", "max_len", "n_blocks"):
        if not table[name].all():
            return f"row {int(np.argmin(table[name]))}: {name}: expected at least 1"
    is_committed = table["state"] == b"committed"
    if not is_committed.all():
        return f"row {int(np.argmin(is_committed))}: state: expected committed"
    n_blocks = sum(table["n_blocks"].tolist())
    if n_blocks != len(blocks):
        return f"n_blocks: {n_blocks} in all, {FILES[1]} holds {len(blocks)}"
    return None
