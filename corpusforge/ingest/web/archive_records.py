"""The records of a WARC or ARC archive: header and block, each at its place, none lost.

What stands between records is told as a `Gap`: damage, garbage, a record cut short. The
length that a record states is believed only when a record, or the end, follows it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import IO, NamedTuple

from corpusforge.ingest.config import IngestConfig
from corpusforge.ingest.web.arc import ARC_LINE, arc_fields
from corpusforge.ingest.web.cursor import Cursor
from corpusforge.ingest.web.fields import all_first, unfolded, usual_fields
from corpusforge.ingest.web.members import Piece, archive_compression, first_member, pieces

# Line ends are CRLF, LF, and CRCRLF where a tool translated them twice.
_HEADER_END = re.compile(rb"\n\r{0,2}\n")
_WARC_LINE = re.compile(rb"(?i:WARC)/\d{1,3}\.[^\r\n]{1,16}\r{0,2}\n")
_RECORD = re.compile(_WARC_LINE.pattern + b"|" + ARC_LINE)
_NEXT_RECORD = re.compile(rb"\n(?:(?i:WARC)/\d{1,3}\.\d{1,3}[ \t]*\r{0,2}\n|" + ARC_LINE + rb")")
_USUAL_VERSIONS = (b"WARC/1.0\r\n", b"WARC/1.1\r\n")
_USUAL_VERSION_BYTES = 8
_HEAD_BYTES = 10 << 10
"""What is looked at to tell a record's head; an ARC line is at most a little shorter."""
_SKIP_BYTES = 1 << 20
_BLANK = b"\r\n\0 \t"


class ArchiveRecord(NamedTuple):
    """One record as it lies in the archive."""

    offset_bytes: int
    inner_bytes: int
    version: str
    """`WARC/1.1`, or `ARC`."""
    headers: Mapping[str, str]
    """Names in lower case; an ARC line is told in the names of WARC."""
    data: bytes
    """Holds the block from `start` to `stop`: the member as it was inflated, where it is all of it."""
    start: int
    stop: int
    n_bytes: int
    """Of the block in the archive; more than `block` holds where it was too large."""
    is_too_large: bool = False
    is_cut: bool = False
    """Whether the file or member ends inside the block."""
    notes: tuple[str, ...] = ()

    @property
    def block(self) -> bytes:
        """The block, a copy where `data` holds more."""
        return self.data[self.start : self.stop]


class Gap(NamedTuple):
    """A stretch of the archive that gives no record."""

    offset_bytes: int
    inner_bytes: int
    n_bytes: int
    detail: str
    is_cut: bool = False
    """Whether the file ends inside a record."""
    is_bomb: bool = False


@dataclass(frozen=True, slots=True)
class ArchiveLimits:
    """What one record may ask for."""

    max_header_bytes: int
    max_record_bytes: int
    max_ratio: float = 1000.0


def limits_of(config: IngestConfig) -> ArchiveLimits:
    """Return what a record may ask for under a configuration."""
    return ArchiveLimits(config.max_header_bytes, config.max_record_bytes, config.max_ratio)


def begins_record(head: bytes) -> bool:
    """Return whether bytes begin with the head of a WARC or ARC record."""
    return _RECORD.match(head) is not None


def holds_record(data: bytes) -> bool:
    """Return whether the head of a record stands at the beginning of a line of some bytes."""
    return _NEXT_RECORD.search(data) is not None


def archive_records(
    stream: IO[bytes], limits: ArchiveLimits, start: int = 0, stop: int | None = None
) -> Iterator[ArchiveRecord | Gap]:
    """Yield the records and gaps whose first byte lies in [start, stop) of the file, in order.

    `start` must be the offset of a record or member, as a locator tells it.
    """
    found_pieces = pieces(stream, start, begins_record, limits.max_ratio)
    scan = _Scan(Cursor(found_pieces, begins_record), limits)
    for found in scan.run():
        if stop is not None and found.offset_bytes >= stop:
            return
        yield found


def first_record(stream: IO[bytes], start: int) -> int | None:
    """Return where the first record from a byte of an archive on seems to begin, or None.

    What stands within a record's payload may look like one: only reading from the front is sure.
    """
    stream.seek(0)
    if archive_compression(stream.read(8)):
        return first_member(stream, start, begins_record)
    offset = max(0, start - 1)
    stream.seek(offset)
    window = b""
    while block := stream.read(_SKIP_BYTES):
        window += block
        if found := _NEXT_RECORD.search(window):
            return offset + found.start() + 1
        n_passed = max(0, len(window) - 2 * _HEAD_BYTES)
        offset += n_passed
        window = window[n_passed:]
    return None


@dataclass(slots=True)
class _Scan:
    cursor: Cursor
    limits: ArchiveLimits

    def run(self) -> Iterator[ArchiveRecord | Gap]:
        cursor, limits = self.cursor, self.limits
        while True:
            if (whole := cursor.whole_member()) is not None:
                if (record := _sole_record(whole, limits)) is not None:
                    yield record
                    continue
                cursor.take(whole)
            cursor.skip_blank()
            if cursor.ensure(1) == 0:
                if cursor.damage is not None:
                    yield self._damaged(*cursor.place())
                elif not cursor.at_record:
                    return
                cursor.resume()
                continue
            yield self._record()

    def _record(self) -> ArchiveRecord | Gap:
        cursor = self.cursor
        offset, inner = cursor.place()
        cursor.ensure(_HEAD_BYTES)
        head = self._head()
        if isinstance(head, str):
            return self._garbage(offset, inner, head)
        version, headers, header_bytes = head
        cursor.advance(header_bytes)
        length = headers.get("content-length", "")
        if not (length.isascii() and length.isdecimal() and len(length) < 19):
            why = f"its Content-Length is {length[:40]!r}" if length else "it states no Content-Length"
            return self._garbage(offset, inner, f"a {version} record is not read: {why}", header_bytes)
        n_bytes = int(length)
        if n_bytes > self.limits.max_record_bytes:
            return self._too_large(offset, inner, version, headers, n_bytes)
        return self._block(offset, inner, version, headers, n_bytes)

    def _head(self) -> tuple[str, Mapping[str, str], int] | str:
        """Return (version, headers, bytes of the header), or why no record begins here."""
        cursor = self.cursor
        found = cursor.match(_RECORD)
        if found is None:
            return "no record begins here"
        if found[0][:5].upper() != b"WARC/":
            return "ARC", arc_fields(found[0]), len(found[0])
        limit, looked = self.limits.max_header_bytes, 0
        while (end := cursor.search(_HEADER_END, limit, max(0, looked - 3))) is None:
            looked = min(cursor.ensure(0), limit)
            if looked >= limit:
                return f"its header has no end within {limit} bytes"
            if cursor.ensure(looked + 1) <= looked:
                if cursor.ended or cursor.at_record:  # a header alone, as some tools leave
                    end = (looked, looked)
                    break
                return "its header has no end"
        version, headers = _parse_header(cursor.peek(end[0]))
        return version, headers, end[1]

    def _block(
        self, offset: int, inner: int, version: str, headers: Mapping[str, str], n_bytes: int
    ) -> ArchiveRecord | Gap:
        cursor = self.cursor
        at_hand = cursor.ensure(n_bytes)
        notes: tuple[str, ...] = ()
        kept, is_cut = n_bytes, False
        if at_hand < n_bytes or not self._followed(n_bytes):
            found = self._next_record(min(at_hand, n_bytes))
            if found is not None:
                kept = found
            elif at_hand < n_bytes:
                kept, is_cut = at_hand, cursor.ended
            if kept < n_bytes:
                notes = (f"the record states {n_bytes} bytes and has {kept}",)
        if self._hit_by_damage(offset, kept):
            return self._damaged(offset, inner)
        block = cursor.peek(kept)
        cursor.advance(kept)
        return ArchiveRecord(
            offset, inner, version, headers, block, 0, kept, kept, is_cut=is_cut, notes=notes
        )

    def _next_record(self, limit_bytes: int, start: int = 0) -> int | None:
        """Return how far ahead the next head of a record stands, in what is at hand."""
        # The line end before it may be the last byte that the cursor has passed.
        found = self.cursor.search(_NEXT_RECORD, limit_bytes, start - 1)
        return found[0] + 1 if found else None

    def _hit_by_damage(self, offset: int, n_bytes: int) -> bool:
        """Return whether the member is damaged and a block of `n_bytes` is the last that it gives."""
        cursor = self.cursor
        if cursor.damage is None or cursor.damage.offset_bytes != offset:
            return False
        behind = cursor.peek(cursor.ensure(0))[n_bytes:].lstrip(_BLANK)
        return not (behind and b"WARC/".startswith(behind[:5].upper())) and not begins_record(behind)

    def _followed(self, n_bytes: int) -> bool:
        """Return whether a record, or the end, follows `n_bytes` that are at hand."""
        cursor = self.cursor
        if cursor.member_ends(n_bytes) or cursor.stops_behind(n_bytes):
            return True
        cursor.ensure(n_bytes + 64 + _HEAD_BYTES)
        following = cursor.peek(n_bytes + 64 + _HEAD_BYTES)[n_bytes:]
        return begins_record(following.lstrip(_BLANK))

    def _too_large(
        self, offset: int, inner: int, version: str, headers: Mapping[str, str], n_bytes: int
    ) -> ArchiveRecord | Gap:
        """Skip a block in steps; a head within it, so one with a false length, ends it."""
        left = n_bytes
        cursor = self.cursor
        while left:
            at_hand = min(left, cursor.ensure(min(left, _SKIP_BYTES) + _HEAD_BYTES))
            found = self._next_record(at_hand)
            if found is not None:
                cursor.advance(found)
                left -= found
                break
            step = at_hand if at_hand <= _HEAD_BYTES or at_hand == left else at_hand - _HEAD_BYTES
            cursor.advance(step)
            left -= step
            if step == 0:
                break
        if cursor.damage is not None and cursor.ensure(1) == 0:
            return self._damaged(offset, inner)
        return ArchiveRecord(offset, inner, version, headers, b"", 0, 0, n_bytes - left, is_too_large=True)

    def _garbage(self, offset: int, inner: int, why: str, skipped: int = 0) -> Gap:
        """Skip to the next head of a record, or to where the stream stops."""
        cursor = self.cursor
        start = 0 if skipped else 1
        while True:
            at_hand = cursor.ensure(_SKIP_BYTES)
            found = self._next_record(at_hand, start)
            if found is not None:
                cursor.advance(found)
                return Gap(offset, inner, skipped + found, why)
            step = max(0, at_hand - _HEAD_BYTES) if at_hand >= _SKIP_BYTES else at_hand
            cursor.advance(step)
            skipped += step
            start = 0
            if at_hand < _SKIP_BYTES:
                break
        if cursor.damage is not None:
            return self._damaged(offset, inner)
        return Gap(offset, inner, skipped, why, is_cut=cursor.ended)

    def _damaged(self, offset: int, inner: int) -> Gap:
        """Return the gap of the damage at which the stream stands, from a record's place on."""
        damage = self.cursor.damage
        assert damage is not None
        if offset < damage.offset_bytes and self.cursor.ensure(0) == 0:
            offset, inner = damage.offset_bytes, 0  # what came before the damage was whole
        self.cursor.resume()
        end = damage.offset_bytes + damage.length_bytes
        return Gap(offset, inner, end - offset, damage.detail, damage.is_cut, damage.is_bomb)


def _sole_record(member: Piece, limits: ArchiveLimits) -> ArchiveRecord | None:
    """Return the WARC record that a member holds from its first byte to its last, as most do."""
    data = member.data
    head = _usual_head(data, limits.max_header_bytes) or _any_head(data, limits.max_header_bytes)
    if head is None:
        return None
    version, headers, start = head
    length = headers.get("content-length", "")
    if not (length.isascii() and length.isdecimal() and len(length) < 19):
        return None
    n_bytes = int(length)
    stop = start + n_bytes
    if n_bytes > limits.max_record_bytes or stop + 4 != len(data) or not data.endswith(b"\r\n\r\n"):
        return None
    return ArchiveRecord(member.offset_bytes, 0, version, headers, data, start, stop, n_bytes)


def _usual_head(data: bytes, limit_bytes: int) -> tuple[str, Mapping[str, str], int] | None:
    """Return (version, fields, bytes of the header) of a header as most are, None for any other."""
    if not data.startswith(_USUAL_VERSIONS):
        return None
    found = usual_fields(data, _USUAL_VERSION_BYTES + 1, limit_bytes, joins=False)
    return (data[:_USUAL_VERSION_BYTES].decode(), *found) if found else None


def _any_head(data: bytes, limit_bytes: int) -> tuple[str, Mapping[str, str], int] | None:
    """Return the same of any header of WARC."""
    if _WARC_LINE.match(data) is None or (end := _HEADER_END.search(data, 0, limit_bytes)) is None:
        return None
    return *_parse_header(data[: end.start()]), end.end()


def _parse_header(header: bytes) -> tuple[str, dict[str, str]]:
    """Return the version and the fields by name in lower case; of a repeated field the first."""
    try:
        text = header.decode()
    except UnicodeDecodeError:
        text = header.decode("latin-1")
    version, _, lines = unfolded(text).partition("\n")
    return version.strip(), all_first(lines)
