"""Tar archives: ustar, GNU and pax headers, read forward from a decompressed stream.

`tarfile` takes header sizes at their word and stops at the first bad header; here a name
header is capped, and after a bad header reading goes on at the next good one.
"""

from __future__ import annotations

import re
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import IO

from corpusforge.document import DropReason, name_text
from corpusforge.ingest.archives.entry import Entry, Found, Limits, Refused, too_much, unsafe_name
from corpusforge.ingest.compression.inflate import Inflated
from corpusforge.ingest.coverage import Coverage
from corpusforge.ingest.opening import size_of

_BLOCK = 512
_HEADER_BYTES = 1 << 20
"""The most that a long-name or pax header may hold; real ones hold a path."""
_SKIP_BYTES = 1 << 20
_PAX = re.compile(rb"(\d{1,20}) ([^=]{1,255})=")
_NAME_HEADERS = (
    tarfile.GNUTYPE_LONGNAME,
    tarfile.GNUTYPE_LONGLINK,
    tarfile.XHDTYPE,
    tarfile.XGLTYPE,
    tarfile.SOLARIS_XHDTYPE,
)
_REGULAR = (tarfile.REGTYPE, tarfile.AREGTYPE, tarfile.CONTTYPE)
_TYPES = {
    tarfile.DIRTYPE: "a directory",
    tarfile.SYMTYPE: "a symbolic link",
    tarfile.LNKTYPE: "a hard link",
    tarfile.CHRTYPE: "a character device",
    tarfile.BLKTYPE: "a block device",
    tarfile.FIFOTYPE: "a named pipe",
    tarfile.GNUTYPE_SPARSE: "a sparse file",
}


class _Ended(Exception):
    """The stream ended before an entry did."""


@dataclass(slots=True)
class _Reader:
    """Reads exact lengths from blocks of any size."""

    blocks: Iterator[bytes]
    at: int = 0
    _data: bytes = b""

    def read(self, n_bytes: int) -> bytes:
        """Return that many bytes, or fewer where the stream ends."""
        parts: list[bytes] = []
        while n_bytes > 0:
            if not self._data:
                self._data = next(self.blocks, b"")
                if not self._data:
                    break
            part, self._data = self._data[:n_bytes], self._data[n_bytes:]
            parts.append(part)
            n_bytes -= len(part)
            self.at += len(part)
        return b"".join(parts)

    def skip(self, n_bytes: int) -> None:
        """Move on, a bounded piece at a time; raises `_Ended` where the stream does."""
        while n_bytes > 0:
            part = len(self.read(min(n_bytes, _SKIP_BYTES)))
            if not part:
                raise _Ended
            n_bytes -= part


def tar_entries(stream: IO[bytes], limits: Limits, coverage: Coverage) -> Iterator[Found]:
    """Yield the entries of a tar stream, compressed or not."""
    inflated = Inflated(stream, max_ratio=limits.max_ratio)
    reader = _Reader(inflated.blocks())
    try:
        yield from _entries(reader, limits, inflated)
    except _Ended:
        if not inflated.damage:  # else that is the cause
            detail = f"the archive ends inside an entry, after {reader.at} bytes of tar"
            yield Refused(f"#offset={reader.at}", DropReason.UNREADABLE, detail)
    for damage in inflated.damage:
        reason = DropReason.BOMB if damage.is_bomb else DropReason.UNREADABLE
        yield Refused(f"#compressed_offset={damage.offset_bytes}", reason, damage.detail)
    if inflated.stopped_at is not None:
        coverage.stopped(inflated.stopped_at, size_of(stream))


def _entries(reader: _Reader, limits: Limits, inflated: Inflated) -> Iterator[Found]:
    named: dict[str, str] = {}
    bad_from: int | None = None
    n_headers = 0
    while True:
        offset = reader.at
        block = reader.read(_BLOCK)
        header = _header(block)
        if header is None and len(block) == _BLOCK and block.strip(b"\0"):
            bad_from = offset if bad_from is None else bad_from
            continue
        if bad_from is not None and (header is not None or len(block) < _BLOCK):
            what = "no valid header" if n_headers else "no tar header"
            detail = f"bytes {bad_from} to {offset} of the tar: {what}"
            yield Refused(f"#offset={bad_from}", DropReason.UNREADABLE, detail, offset - bad_from)
            bad_from, named, n_headers = None, {}, n_headers + 1
        if len(block) < _BLOCK:  # an archive without its two closing blocks of zeros is whole
            if block:
                raise _Ended
            if n_headers == 0 and not inflated.damage:
                yield Refused("#offset=0", DropReason.EMPTY, "an archive without entries")
            return
        if header is None:
            continue
        n_headers += 1
        if header.type in _NAME_HEADERS:
            yield from _name_header(reader, header, named, offset)
        else:
            yield from _file(reader, header, named, limits)
            named = {}


def _header(block: bytes) -> tarfile.TarInfo | None:
    try:
        header = tarfile.TarInfo.frombuf(block, "utf-8", "surrogateescape")
    except tarfile.HeaderError:
        return None
    return header if header.size >= 0 else None


def _name_header(
    reader: _Reader, header: tarfile.TarInfo, named: dict[str, str], offset: int
) -> Iterator[Found]:
    """Read a header that only describes the next entry (or, `g`, the archive)."""
    if header.size > _HEADER_BYTES:
        detail = f"a name header of {header.size} bytes; real ones hold a path"
        yield Refused(f"#offset={offset}", DropReason.BOMB, detail)
        return  # what follows is read as headers, and so passed over as damage
    data = _data(reader, header.size)
    if header.type == tarfile.GNUTYPE_LONGNAME:
        named["path"] = data.rstrip(b"\0").decode("utf-8", "surrogateescape")
    elif header.type in (tarfile.XHDTYPE, tarfile.SOLARIS_XHDTYPE):
        named.update(_pax(data))


def _file(reader: _Reader, header: tarfile.TarInfo, named: dict[str, str], limits: Limits) -> Iterator[Found]:
    name = _text(named.get("path", header.name))
    size = int(named["size"]) if re.fullmatch(r"[0-9]{1,18}", named.get("size", "")) else header.size
    n_padding = -size % _BLOCK
    has_data = header.type not in _TYPES or header.type == tarfile.GNUTYPE_SPARSE
    unsafe = unsafe_name(name)
    if unsafe or header.type not in _REGULAR or any(key.startswith("GNU.sparse") for key in named):
        if header.type == tarfile.DIRTYPE and not unsafe:
            pass  # a directory holds nothing: no record
        elif unsafe:
            yield Refused(name, DropReason.UNSAFE_NAME, f"{name!r}: {unsafe}", size)
        else:
            what = _TYPES.get(header.type, "a sparse or special file")
            yield Refused(name, DropReason.NOT_CONTENT, f"{what}, no regular file", size)
        reader.skip(size + n_padding if has_data else 0)
        return
    if size > limits.max_entry_bytes:
        # The stream is inflated as a whole: its ratio is judged there, for all entries at once.
        reader.skip(size + n_padding)
        yield too_much(name, size, None, limits)
        return
    data = _data(reader, size)
    yield Entry(name, data, _iso(named.get("mtime"), header.mtime))


def _data(reader: _Reader, size: int) -> bytes:
    data = reader.read(size)
    if len(data) < size:
        raise _Ended
    reader.read(-size % _BLOCK)  # the last entry's padding may be cut off without loss
    return data


def _pax(data: bytes) -> dict[str, str]:
    """Return the keyword = value records of a pax header; a malformed rest is passed over."""
    values: dict[str, str] = {}
    at = 0
    while found := _PAX.match(data, at):
        end = at + int(found[1])
        if end <= found.end() or end > len(data):
            break
        value = data[found.end() : end - 1].decode("utf-8", "surrogateescape")
        values[found[2].decode("utf-8", "replace")] = value
        at = end
    return values


def _text(name: str) -> str:
    return name_text(name.encode("utf-8", "surrogateescape"))


def _iso(stated: str | None, header_s: float) -> str | None:
    try:
        seconds = float(stated) if stated else header_s
        return datetime.fromtimestamp(int(seconds), UTC).isoformat() if seconds > 0 else None
    except (ValueError, OverflowError, OSError):
        return None
