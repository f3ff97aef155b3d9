"""XML character data as text: the predefined entities and character references, nothing else."""

from __future__ import annotations

from typing import Any

import numpy as np

from corpusforge.compiled import jit_in_place

_AMPERSAND, _SEMICOLON, _HASH, _X, _QUESTION = (ord(char) for char in "&;#x?")
_MAX_DECIMAL, _MAX_HEXADECIMAL = 7, 6
"""Digits of a character reference."""
_LT, _GT, _AMP, _QUOT, _APOS = (tuple(name.encode()) for name in ("lt;", "gt;", "amp;", "quot;", "apos;"))


def unescape(text: bytes) -> bytes:
    """Return text with the predefined entities and character references replaced, once.

    Any other entity stays as it is written; half of a surrogate pair is a question mark.
    """
    if b"&" not in text:
        return text
    out = np.empty(len(text), dtype=np.uint8)  # no reference is shorter than its character in UTF-8
    return out[: _replaced(np.frombuffer(text, dtype=np.uint8), out)].tobytes()


@jit_in_place
def _replaced(data: Any, out: Any) -> int:
    """Return how many bytes were written."""
    at = size = 0
    while at < data.shape[0]:
        byte = data[at]
        if byte != _AMPERSAND:
            out[size] = byte
            at, size = at + 1, size + 1
            continue
        point, end = _reference(data, at + 1)
        if end == 0:
            out[size] = byte
            at, size = at + 1, size + 1
            continue
        at, size = end, _write(point, out, size)
    return size


@jit_in_place
def _reference(data: Any, at: int) -> Any:
    """Return (code point, end) of the reference behind an ampersand; end 0: it is none."""
    if at < data.shape[0] and data[at] == _HASH:
        return _number(data, at + 1)
    if _follows(data, at, _LT):
        return 60, at + 3
    if _follows(data, at, _GT):
        return 62, at + 3
    if _follows(data, at, _AMP):
        return 38, at + 4
    if _follows(data, at, _QUOT):
        return 34, at + 5
    if _follows(data, at, _APOS):
        return 39, at + 5
    return 0, 0


@jit_in_place
def _follows(data: Any, at: int, name: Any) -> bool:
    if at + len(name) > data.shape[0]:
        return False
    for place in range(len(name)):
        if data[at + place] != name[place]:
            return False
    return True


@jit_in_place
def _number(data: Any, at: int) -> Any:
    """Return (code point, end) of a number behind `&#`; end 0: it is none, or no character's."""
    base, most = 10, _MAX_DECIMAL
    if at < data.shape[0] and data[at] == _X:
        base, most = 16, _MAX_HEXADECIMAL
        at += 1
    first, point = at, 0
    while at < data.shape[0] and at - first < most:
        byte = np.int64(data[at])
        if 48 <= byte <= 57:
            digit = byte - 48
        elif base == 16 and (65 <= byte <= 70 or 97 <= byte <= 102):
            digit = (byte | 32) - 87
        else:
            break
        point = point * base + digit
        at += 1
    if at == first or at >= data.shape[0] or data[at] != _SEMICOLON or point > 0x10FFFF:
        return 0, 0
    return point, at + 1


@jit_in_place
def _write(point: int, out: Any, size: int) -> int:
    """Write a character in UTF-8; return where the next one begins."""
    if 0xD800 <= point < 0xE000:
        point = _QUESTION
    if point < 0x80:
        out[size] = point
        return size + 1
    if point < 0x800:
        out[size] = 0xC0 | point >> 6
        out[size + 1] = 0x80 | point & 63
        return size + 2
    if point < 0x10000:
        out[size] = 0xE0 | point >> 12
        out[size + 1] = 0x80 | point >> 6 & 63
        out[size + 2] = 0x80 | point & 63
        return size + 3
    out[size] = 0xF0 | point >> 18
    out[size + 1] = 0x80 | point >> 12 & 63
    out[size + 2] = 0x80 | point >> 6 & 63
    out[size + 3] = 0x80 | point & 63
    return size + 4
