"""Zip archives, by their directory or, where that is lost, by the headers before each entry."""

from __future__ import annotations

import lzma
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import IO, cast

from corpusforge.document import DropReason, name_text
from corpusforge.ingest.archives.entry import (
    Entry,
    Found,
    Limits,
    Refused,
    is_too_much,
    too_much,
    unsafe_name,
)
from corpusforge.ingest.archives.zip_names import member_name, open_zip
from corpusforge.ingest.compression.inflate import grows_too_much
from corpusforge.ingest.coverage import Coverage
from corpusforge.ingest.opening import check, size_of

_FEED_BYTES = 1 << 16
_LOCAL = struct.Struct("<4sHHHHHLLLHH")
"""Local file header (APPNOTE.TXT 4.3.7): signature, version, flags, method, time, date, crc,
packed size, size, name length, extra length."""
_SIGNATURE = b"PK\x03\x04"
_DESCRIPTOR = b"PK\x07\x08"
_ENCRYPTED, _SIZES_FOLLOW = 0x1, 0x8
_DEFLATED, _STORED = 8, 0
_SYMLINK, _FILE_TYPE = 0o120000, 0o170000
_ERRORS = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    EOFError,
    OSError,
    ValueError,  # an offset before the file, where bytes of it are missing
    NotImplementedError,
    RuntimeError,
)

_NO_DIRECTORY = (zipfile.BadZipFile, ValueError, NotImplementedError, OverflowError, struct.error, EOFError)


def zip_entries(
    stream: IO[bytes],
    limits: Limits,
    start: int,
    stop: int | None,
    coverage: Coverage,
    wanted: Callable[[str], bool] | None,
) -> Iterator[tuple[int, Found | str]]:
    """Yield (number, entry) of a zip archive, in the order of its directory.

    The directory is the truth; an archive cut short has none, and is read forward. Entries outside
    [start, stop) of the directory, and those that are not wanted, are told of by their name alone.
    """
    try:
        archive = open_zip(stream)
    except _NO_DIRECTORY as error:
        check(stream, error)
        stream.seek(0)
        found = _forward(stream, limits, f"no readable directory: {error}", coverage)
        yield from enumerate(found if start == 0 else ())
        return
    with archive:
        members = archive.infolist()
        if not members and start == 0:
            yield 0, Refused("#offset=0", DropReason.EMPTY, "an archive without entries")
        sizes = [member.compress_size for member in members]
        coverage.start, coverage.stop = sum(sizes[:start]), sum(sizes[:stop])
        asked = range(start, len(members) if stop is None else stop)
        yield from _members(archive, members, limits, asked, wanted)


def _members(
    archive: zipfile.ZipFile,
    members: list[zipfile.ZipInfo],
    limits: Limits,
    asked: range,
    wanted: Callable[[str], bool] | None,
) -> Iterator[tuple[int, Found | str]]:
    n_out_bytes, number = 0, 0
    n_in_bytes = cast("IO[bytes]", archive.fp).seek(0, 2)
    for place, member in enumerate(members):
        name = member_name(member)
        if place not in asked or (wanted is not None and not wanted(name)):
            if unsafe_name(name) or not member.is_dir():
                yield number, name
                number += 1
        else:
            for found in _member(archive, member, limits):
                yield number, found
                number += 1
        # By what the directory states, so that every range of it comes to the same end; no entry gives
        # more. Entries that overlap pass one by one: a small file may name the same bytes often.
        n_out_bytes += min(member.file_size, limits.max_entry_bytes + _FEED_BYTES)
        if grows_too_much(n_in_bytes, n_out_bytes, limits.max_ratio):
            if place in asked and wanted is None:
                detail = f"{n_in_bytes} bytes inflate to over {n_out_bytes}: the entries after are not read"
                yield number, Refused(f"#offset={member.header_offset}", DropReason.BOMB, detail)
            return


def _member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, limits: Limits) -> Iterator[Found]:
    name = member_name(member)
    unsafe = unsafe_name(name)
    if unsafe:
        yield Refused(name, DropReason.UNSAFE_NAME, f"{name!r}: {unsafe}", member.file_size)
    elif member.is_dir():
        return
    elif member.create_system == 3 and (member.external_attr >> 16) & _FILE_TYPE not in (0, 0o100000):
        is_link = (member.external_attr >> 16) & _FILE_TYPE == _SYMLINK
        what = "a symbolic link" if is_link else "a special file"
        yield Refused(name, DropReason.NOT_CONTENT, f"{what}, no regular file", member.file_size)
    elif member.flag_bits & _ENCRYPTED:
        yield Refused(name, DropReason.UNREADABLE, "the entry is encrypted", member.file_size)
    else:
        yield _inflated(archive, member, name, limits)


def _inflated(archive: zipfile.ZipFile, member: zipfile.ZipInfo, name: str, limits: Limits) -> Found:
    """Return one entry; stops inflating as soon as it passes the limit, whatever the header says."""
    data = bytearray()
    try:
        with archive.open(member) as content:
            while block := content.read(_FEED_BYTES):
                data += block
                if is_too_much(len(data), member.compress_size, limits):
                    return too_much(name, len(data), member.compress_size, limits)
    except _ERRORS as error:
        check(cast("IO[bytes]", archive.fp), error)
        detail = f"entry at byte {member.header_offset}: {error or type(error).__name__}"
        return Refused(name, DropReason.UNREADABLE, detail, member.file_size)
    return Entry(name, bytes(data), _iso(member.date_time))


def _iso(date: tuple[int, int, int, int, int, int]) -> str | None:
    """Return a zip's date, which states no time zone; its zero, 1980-01-01, means none."""
    year, month, day, hour, minute, second = date
    if date == (1980, 1, 1, 0, 0, 0) or not (1 <= month <= 12 and 1 <= day <= 31):
        return None
    return f"{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}"


@dataclass(frozen=True, slots=True)
class _Local:
    name: str
    flags: int
    method: int
    crc: int
    n_packed_bytes: int


def _forward(stream: IO[bytes], limits: Limits, cause: str, coverage: Coverage) -> Iterator[Found]:
    """Yield entries from the front until the archive cannot be followed, then one refusal."""
    while True:
        offset = stream.tell()
        local = _local(stream)
        if local is None:
            coverage.stopped(offset, size_of(stream))
            yield Refused(f"#offset={offset}", DropReason.UNREADABLE, f"{cause}; stopped at byte {offset}")
            return
        found = _local_data(stream, local, limits)
        if found is None:
            detail = f"{cause}; entry {local.name!r} at byte {offset} is cut short or damaged"
            coverage.stopped(offset, size_of(stream))
            yield Refused(f"#offset={offset}", DropReason.UNREADABLE, detail)
            return
        unsafe = unsafe_name(local.name)
        if unsafe:
            yield Refused(local.name, DropReason.UNSAFE_NAME, f"{local.name!r}: {unsafe}")
        elif not local.name.endswith("/"):
            yield found


def _local(stream: IO[bytes]) -> _Local | None:
    head = stream.read(_LOCAL.size)
    if len(head) < _LOCAL.size or not head.startswith(_SIGNATURE):
        return None
    _, _, flags, method, _, _, crc, packed, _, n_name, n_extra = _LOCAL.unpack(head)
    name = stream.read(n_name)
    if len(name) + len(stream.read(n_extra)) < n_name + n_extra:
        return None
    return _Local(name_text(name), flags, method, crc, packed)


def _local_data(stream: IO[bytes], local: _Local, limits: Limits) -> Found | None:
    """Return an entry read behind its local header, the stream left after it; None where that fails."""
    start = stream.tell()
    if local.flags & _ENCRYPTED or local.method not in (_STORED, _DEFLATED):
        if local.flags & _SIZES_FOLLOW:
            return None
        stream.seek(start + local.n_packed_bytes)
        return Refused(local.name, DropReason.UNREADABLE, f"encrypted, or compression method {local.method}")
    if local.method == _STORED:
        data, n_packed = _stored(stream, local, limits), local.n_packed_bytes
    else:
        data, n_packed = _unpacked(stream, local, limits)
    if data is None:
        return None
    stream.seek(start + n_packed)
    crc = local.crc
    if local.flags & _SIZES_FOLLOW:
        tail = stream.read(16)
        signed = tail.startswith(_DESCRIPTOR)
        crc = int.from_bytes(tail[4:8] if signed else tail[:4], "little")
        stream.seek(start + n_packed + (16 if signed else 12))
    if is_too_much(len(data), n_packed, limits):
        return too_much(local.name, len(data), n_packed, limits)
    if zlib.crc32(data) != crc:
        return Refused(local.name, DropReason.UNREADABLE, "its checksum does not match", len(data))
    return Entry(local.name, data)


def _stored(stream: IO[bytes], local: _Local, limits: Limits) -> bytes | None:
    if local.flags & _SIZES_FOLLOW:
        return None  # nothing tells where it ends
    wanted = min(local.n_packed_bytes, limits.max_entry_bytes + 1)
    data = stream.read(wanted)
    return data if len(data) == wanted else None


def _unpacked(stream: IO[bytes], local: _Local, limits: Limits) -> tuple[bytes | None, int]:
    """Return (bytes, packed length); past the limit the rest is inflated for its length only."""
    start = stream.tell()
    data = bytearray()
    decoder = zlib.decompressobj(-15)
    waiting = b""
    try:
        while not decoder.eof:
            waiting = waiting or stream.read(_FEED_BYTES)
            block = decoder.decompress(waiting, _FEED_BYTES)
            if not waiting and not block:
                return None, 0
            waiting = decoder.unconsumed_tail
            if len(data) <= limits.max_entry_bytes:
                data += block
    except zlib.error:
        return None, 0
    return bytes(data), stream.tell() - start - len(decoder.unused_data)
