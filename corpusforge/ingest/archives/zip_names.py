"""Names in zip archives, by their bytes: zipfile gives up a whole archive for one that is no UTF-8.

A name is its bytes, read as UTF-8 whether or not the archive says that it is (many writers do not):
`name_text` tells of those that are something else.
"""

from __future__ import annotations

import os
import struct
import zipfile
from collections.abc import Iterator
from typing import IO, cast

from corpusforge.document import name_text
from corpusforge.ingest.opening import GuardedStream

_UTF8 = 0x800
_UTF8_BYTE = 0x08
"""The bit that says "UTF-8", within the upper byte of the flags."""
_TAIL_BYTES = (64 << 10) + 22
_END = struct.Struct("<4s4H2LH")
_END64 = struct.Struct("<4sQ2H2L4Q")
_END64_LOCATOR_BYTES = 20
_CENTRAL = struct.Struct("<4s6H3L5H2L")
"""Central header (APPNOTE.TXT 4.3.12): its flags are at byte 8, those of the local header at byte 6."""


def open_zip(stream: IO[bytes]) -> zipfile.ZipFile:
    """Return an open archive, also where it calls a name UTF-8 that is none. Raises what zipfile does."""
    try:
        return zipfile.ZipFile(stream)
    except UnicodeDecodeError:
        stream.seek(0)
        renamed = _Unflagged(stream, frozenset(_flags_of_bad_names(stream)))
        return zipfile.ZipFile(cast("IO[bytes]", renamed))


def member_name(member: zipfile.ZipInfo) -> str:
    """Return the name of an entry as stored: zipfile's own is cut at a NUL, its separators turned."""
    name = member.orig_filename
    if member.flag_bits & _UTF8 or name.isascii():
        return name_text(name)
    return name_text(name.encode("cp437"))


def _flags_of_bad_names(stream: IO[bytes]) -> Iterator[int]:
    """Yield where the flags of entries lie whose names are not the UTF-8 that they say, in both headers."""
    place = _directory(stream)
    if place is None:
        return
    start, n_bytes, concat = place
    stream.seek(start)
    data = stream.read(n_bytes)
    at = 0
    while at + _CENTRAL.size <= len(data):
        header = _CENTRAL.unpack_from(data, at)
        n_name, n_extra, n_comment, local = header[10], header[11], header[12], header[16]
        name = data[at + _CENTRAL.size : at + _CENTRAL.size + n_name]
        if header[3] & _UTF8 and not _is_utf8(name):
            yield start + at + 9
            yield concat + local + 7
        at += _CENTRAL.size + n_name + n_extra + n_comment


def _directory(stream: IO[bytes]) -> tuple[int, int, int] | None:
    """Return (start, bytes) of the directory, and how many bytes stand before the archive itself."""
    size = stream.seek(0, os.SEEK_END)
    begin = max(0, size - _TAIL_BYTES)
    stream.seek(begin)
    tail = stream.read(_TAIL_BYTES)
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) - at < _END.size:
        return None
    n_bytes, offset = _END.unpack_from(tail, at)[5:7]
    end = begin + at
    at64 = at - _END64_LOCATOR_BYTES - _END64.size
    if at64 >= 0 and tail.startswith(b"PK\x06\x06", at64):
        n_bytes, offset = _END64.unpack_from(tail, at64)[8:10]
        end = begin + at64
    start = end - n_bytes
    return (start, n_bytes, start - offset) if start >= 0 else None


def _is_utf8(name: bytes) -> bool:
    try:
        name.decode()
    except UnicodeDecodeError:
        return False
    return True


class _Unflagged(GuardedStream):
    """A zip in which some flags are read without the bit that says UTF-8."""

    def __init__(self, stream: IO[bytes], places: frozenset[int]) -> None:
        super().__init__(stream)
        self._places = places

    def close(self) -> None:
        """Leave the stream below open: it belongs to who opened it."""

    def read(self, size: int = -1, /) -> bytes:
        """Return up to `size` bytes."""
        at = self.tell()
        data = super().read(size)
        if any(at <= place < at + len(data) for place in self._places):
            changed = bytearray(data)
            for place in self._places:
                if at <= place < at + len(data):
                    changed[place - at] &= ~_UTF8_BYTE & 0xFF
            data = bytes(changed)
        return data
