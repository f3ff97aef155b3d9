"""A Parquet table with some last columns made anew: the bytes of all other columns are copied, not encoded.

    row group   | doc_id | source | ... | n_bytes | start | length |   the last two are another table's
    footer      offsets, sizes: shifted; of the last columns all is the other table's

A column chunk knows no place in its file, only the footer does. What is spliced is byte for byte what the
writer would write of the same rows; where it could not be (another version wrote the table), nothing is.
"""

from __future__ import annotations

import struct
from mmap import mmap
from typing import IO, cast

from corpusforge.shards.thrift import STRUCT, Struct, Unpacking, packed

_MAGIC = b"PAR1"
_TAIL_BYTES = 8
"""Of a file: the length of the footer, and the magic number."""

# parquet.thrift: ids of fields
_ROW_GROUPS, _CREATED_BY = 4, 6
_COLUMNS, _TOTAL_BYTES, _N_ROWS, _GROUP_PLACE, _GROUP_STORED = 1, 2, 3, 5, 6
_CHUNK_PLACE, _CHUNK_META = 2, 3
_UNCOMPRESSED, _STORED, _DATA_PLACE, _INDEX_PLACE, _DICTIONARY_PLACE = 6, 7, 9, 10, 11


def spliced(old: bytes | mmap, new: bytes, out: IO[bytes]) -> bool:
    """Write the table `old`, its last columns those of `new`; False, and nothing written, where it cannot be.

    Both are whole Parquet files with as many rows in each row group, by the same version of the same writer.
    """
    footer, other = _footer(old), _footer(new)
    # What this writer wrote once, and is written again here as it is, holds nothing that would be lost.
    if not _fit(footer, other) or packed(other) != _packed_footer(new):
        return False
    out.write(_MAGIC)
    at = len(_MAGIC)
    for group, more in zip(_list(footer, _ROW_GROUPS), _list(other, _ROW_GROUPS), strict=True):
        held, made = _list(group, _COLUMNS), _list(more, _COLUMNS)
        gone = held[len(held) - len(made) :]
        columns = [(old, chunk) for chunk in held[: -len(made)]] + [(new, chunk) for chunk in made]
        n_raw = sum(chunk[_CHUNK_META][_UNCOMPRESSED] for chunk in made)
        n_raw -= sum(chunk[_CHUNK_META][_UNCOMPRESSED] for chunk in gone)
        first = at
        for data, chunk in columns:
            meta = chunk[_CHUNK_META]
            start, size = _start(meta), meta[_STORED]
            out.write(data[start : start + size])
            _shift(chunk, at - start)
            at += size
        group.put(_COLUMNS, (STRUCT, [chunk for _, chunk in columns]))
        group.put(_TOTAL_BYTES, group[_TOTAL_BYTES] + n_raw)
        if _GROUP_PLACE in group.fields:
            group.put(_GROUP_PLACE, first)
        if _GROUP_STORED in group.fields:
            group.put(_GROUP_STORED, at - first)
    end = packed(footer)
    out.write(end + struct.pack("<I", len(end)) + _MAGIC)
    return True


def _list(one: Struct, key: int) -> list[Struct]:
    return one[key][1]


def _fit(footer: Struct, other: Struct) -> bool:
    rows = [[group[_N_ROWS] for group in _list(one, _ROW_GROUPS)] for one in (footer, other)]
    return rows[0] == rows[1] and footer.get(_CREATED_BY) == other.get(_CREATED_BY)


def _start(meta: Struct) -> int:
    dictionary = meta.get(_DICTIONARY_PLACE)
    return min(dictionary, meta[_DATA_PLACE]) if dictionary else meta[_DATA_PLACE]


def _shift(chunk: Struct, n_bytes: int) -> None:
    """Move a column chunk."""
    if chunk[_CHUNK_PLACE]:  # 0 where the writer leaves it out, as the format asks now
        chunk.put(_CHUNK_PLACE, chunk[_CHUNK_PLACE] + n_bytes)
    meta = chunk[_CHUNK_META]
    for key in (_DATA_PLACE, _INDEX_PLACE, _DICTIONARY_PLACE):
        if meta.get(key):
            meta.put(key, meta[key] + n_bytes)


def _footer(data: bytes | mmap) -> Struct:
    return cast("Struct", Unpacking(_packed_footer(data)).value(STRUCT))


def _packed_footer(data: bytes | mmap) -> bytes:
    (n_bytes,) = struct.unpack_from("<I", data, len(data) - _TAIL_BYTES)
    return data[len(data) - _TAIL_BYTES - n_bytes : len(data) - _TAIL_BYTES]
