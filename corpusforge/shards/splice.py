"""A Parquet table with some last columns made anew: the bytes of all other columns are copied, not encoded.

    row group   | doc_id | source | ... | n_bytes | start | length |   the last two are another table's
    footer      offsets, sizes: shifted; of the last columns all is the other table's

A column chunk knows no place in its file, only the footer does. What is spliced is byte for byte what the
writer would write of the same rows; where it could not be (another version wrote the table), nothing is.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from mmap import mmap
from typing import IO, Any, cast

_MAGIC = b"PAR1"
_TAIL_BYTES = 8
"""Of a file: the length of the footer, and the magic number."""

# thrift-compact-protocol.md: types of fields
_STOP, _TRUE, _FALSE, _BYTE, _I64, _DOUBLE, _BINARY, _LIST, _SET, _STRUCT = 0, 1, 2, 3, 6, 7, 8, 9, 10, 12
_ONE_BYTE = [bytes([number]) for number in range(128)]
_INTEGERS = (4, 5, _I64)

# parquet.thrift: ids of fields
_ROW_GROUPS, _CREATED_BY = 4, 6
_COLUMNS, _TOTAL_BYTES, _N_ROWS, _GROUP_PLACE, _GROUP_STORED = 1, 2, 3, 5, 6
_CHUNK_PLACE, _CHUNK_META = 2, 3
_UNCOMPRESSED, _STORED, _DATA_PLACE, _INDEX_PLACE, _DICTIONARY_PLACE = 6, 7, 9, 10, 11


@dataclass(slots=True)
class _Struct:
    """Fields by id: (type, value), in their order."""

    fields: dict[int, tuple[int, Any]]

    def __getitem__(self, key: int) -> Any:
        return self.fields[key][1]

    def get(self, key: int) -> Any:
        return self.fields[key][1] if key in self.fields else None

    def put(self, key: int, value: Any) -> None:
        """Set the value of a field that is there."""
        self.fields[key] = self.fields[key][0], value


def spliced(old: bytes | mmap, new: bytes, out: IO[bytes]) -> bool:
    """Write the table `old`, its last columns those of `new`; False, and nothing written, where it cannot be.

    Both are whole Parquet files with as many rows in each row group, by the same version of the same writer.
    """
    footer, other = _footer(old), _footer(new)
    # What this writer wrote once, and is written again here as it is, holds nothing that would be lost.
    if not _fit(footer, other) or _packed(other) != _packed_footer(new):
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
        group.put(_COLUMNS, (_STRUCT, [chunk for _, chunk in columns]))
        group.put(_TOTAL_BYTES, group[_TOTAL_BYTES] + n_raw)
        if _GROUP_PLACE in group.fields:
            group.put(_GROUP_PLACE, first)
        if _GROUP_STORED in group.fields:
            group.put(_GROUP_STORED, at - first)
    packed = _packed(footer)
    out.write(packed + struct.pack("<I", len(packed)) + _MAGIC)
    return True


def _list(one: _Struct, key: int) -> list[_Struct]:
    return one[key][1]


def _fit(footer: _Struct, other: _Struct) -> bool:
    rows = [[group[_N_ROWS] for group in _list(one, _ROW_GROUPS)] for one in (footer, other)]
    return rows[0] == rows[1] and footer.get(_CREATED_BY) == other.get(_CREATED_BY)


def _start(meta: _Struct) -> int:
    dictionary = meta.get(_DICTIONARY_PLACE)
    return min(dictionary, meta[_DATA_PLACE]) if dictionary else meta[_DATA_PLACE]


def _shift(chunk: _Struct, n_bytes: int) -> None:
    """Move a column chunk."""
    if chunk[_CHUNK_PLACE]:  # 0 where the writer leaves it out, as the format asks now
        chunk.put(_CHUNK_PLACE, chunk[_CHUNK_PLACE] + n_bytes)
    meta = chunk[_CHUNK_META]
    for key in (_DATA_PLACE, _INDEX_PLACE, _DICTIONARY_PLACE):
        if meta.get(key):
            meta.put(key, meta[key] + n_bytes)


def _footer(data: bytes | mmap) -> _Struct:
    return cast("_Struct", _Unpacking(_packed_footer(data)).value(_STRUCT))


def _packed_footer(data: bytes | mmap) -> bytes:
    (n_bytes,) = struct.unpack_from("<I", data, len(data) - _TAIL_BYTES)
    return data[len(data) - _TAIL_BYTES - n_bytes : len(data) - _TAIL_BYTES]


class _Unpacking:
    """Reads values of the compact protocol, one after the other."""

    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0

    def value(self, kind: int) -> Any:
        """Return the next value, of a type."""
        if kind in _INTEGERS:
            number = self._varint()
            return number >> 1 ^ -(number & 1)
        if kind == _BINARY:
            return self._bytes(self._varint())
        if kind == _STRUCT:
            return self._struct()
        if kind in (_LIST, _SET):
            head = self._bytes(1)[0]
            count = head >> 4 if head >> 4 != 15 else self._varint()
            return head & 15, [self.value(head & 15) for _ in range(count)]
        if kind in (_TRUE, _FALSE, _BYTE):  # in a list
            return self._bytes(1)
        if kind == _DOUBLE:
            return self._bytes(8)
        raise ValueError(f"Parquet footer: type {kind} at byte {self._at}")

    def _struct(self) -> _Struct:
        fields: dict[int, tuple[int, Any]] = {}
        key = 0
        while (head := self._bytes(1)[0]) != _STOP:
            kind = head & 15
            key = key + (head >> 4) if head >> 4 else self.value(_INTEGERS[0])
            fields[key] = kind, None if kind in (_TRUE, _FALSE) else self.value(kind)
        return _Struct(fields)

    def _bytes(self, count: int) -> bytes:
        self._at += count
        return self._data[self._at - count : self._at]

    def _varint(self) -> int:
        number = shift = 0
        while True:
            byte = self._data[self._at]
            self._at += 1
            number |= (byte & 127) << shift
            if byte < 128:
                return number
            shift += 7


def _packed(one: _Struct) -> bytes:
    """Return a structure in the compact protocol."""
    out = bytearray()
    _pack(one, out)
    return bytes(out)


def _pack(one: _Struct, out: bytearray) -> None:
    before = 0
    for key, (kind, value) in one.fields.items():
        if 0 < key - before < 16:
            out.append((key - before) << 4 | kind)
        else:
            out.append(kind)
            out += _zigzag(key)
        before = key
        if kind not in (_TRUE, _FALSE):
            _pack_value(kind, value, out)
    out.append(_STOP)


def _pack_value(kind: int, value: Any, out: bytearray) -> None:
    if kind in _INTEGERS:
        out += _zigzag(value)
    elif kind == _BINARY:
        out += _varint(len(value))
        out += value
    elif kind == _STRUCT:
        _pack(value, out)
    elif kind in (_LIST, _SET):
        inner, items = cast("tuple[int, list[Any]]", value)
        out.append(min(len(items), 15) << 4 | inner)
        if len(items) >= 15:
            out += _varint(len(items))
        for item in items:
            _pack_value(inner, item, out)
    else:
        out += value


def _zigzag(number: int) -> bytes:
    return _varint(number << 1 if number >= 0 else (-number << 1) - 1)


def _varint(number: int) -> bytes:
    if number < 128:
        return _ONE_BYTE[number]
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    out.append(number)
    return bytes(out)
