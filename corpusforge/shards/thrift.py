"""Thrift's compact protocol, as much of it as footers and page headers of Parquet are written in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

# thrift-compact-protocol.md: types of fields
_STOP, _TRUE, _FALSE, _BYTE, _I64, _DOUBLE, _BINARY, _LIST, _SET, STRUCT = 0, 1, 2, 3, 6, 7, 8, 9, 10, 12
_ONE_BYTE = [bytes([number]) for number in range(128)]
_INTEGERS = (4, 5, _I64)


@dataclass(slots=True)
class Struct:
    """A structure: fields by id: (type, value), in their order."""

    fields: dict[int, tuple[int, Any]]

    def __getitem__(self, key: int) -> Any:
        return self.fields[key][1]

    def get(self, key: int) -> Any:
        """Return the value of a field; None where it is not there."""
        return self.fields[key][1] if key in self.fields else None

    def put(self, key: int, value: Any) -> None:
        """Set the value of a field that is there."""
        self.fields[key] = self.fields[key][0], value


class Unpacking:
    """Reads values of the compact protocol, one after the other; `at` is the byte behind the last one."""

    def __init__(self, data: bytes | memoryview, at: int = 0) -> None:
        self._data, self.at = data, at

    def value(self, kind: int) -> Any:
        """Return the next value, of a type."""
        if kind in _INTEGERS:
            number = self.varint()
            return number >> 1 ^ -(number & 1)
        if kind == _BINARY:
            return self._bytes(self.varint())
        if kind == STRUCT:
            return self._struct()
        if kind in (_LIST, _SET):
            head = self._bytes(1)[0]
            count = head >> 4 if head >> 4 != 15 else self.varint()
            return head & 15, [self.value(head & 15) for _ in range(count)]
        if kind in (_TRUE, _FALSE, _BYTE):  # in a list
            return self._bytes(1)
        if kind == _DOUBLE:
            return self._bytes(8)
        raise ValueError(f"Parquet footer: type {kind} at byte {self.at}")

    def _struct(self) -> Struct:
        fields: dict[int, tuple[int, Any]] = {}
        key = 0
        while (head := self._bytes(1)[0]) != _STOP:
            kind = head & 15
            key = key + (head >> 4) if head >> 4 else self.value(_INTEGERS[0])
            fields[key] = kind, None if kind in (_TRUE, _FALSE) else self.value(kind)
        return Struct(fields)

    def _bytes(self, count: int) -> bytes | memoryview:
        self.at += count
        return self._data[self.at - count : self.at]

    def varint(self) -> int:
        """Return the next unsigned number of any length."""
        number = shift = 0
        while True:
            byte = self._data[self.at]
            self.at += 1
            number |= (byte & 127) << shift
            if byte < 128:
                return number
            shift += 7


def packed(one: Struct) -> bytes:
    """Return a structure in the compact protocol."""
    out = bytearray()
    _pack(one, out)
    return bytes(out)


def _pack(one: Struct, out: bytearray) -> None:
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
    elif kind == STRUCT:
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
