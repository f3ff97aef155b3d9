"""WARC 0.17 to 1.1 and ARC: one document for each page, one drop for each other record.

Locator: `<file>#offset=<byte>`, where the record's gzip member (or, in a file that is not
compressed, the record) begins; `&inner=<byte>` follows where a member holds several records.

The cheap tests stand here, before a body crosses to another process and long before a tree is built:
status, media type, length, and whether the same bytes came before in this dump.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

import xxhash

from corpusforge.document import Document, Drop, DropReason, Markup, SourceKind, stable_id
from corpusforge.files import open_input
from corpusforge.ingest.compression.limits import TooMuch
from corpusforge.ingest.config import IngestConfig
from corpusforge.ingest.inputs import InputFile
from corpusforge.ingest.web.archive_records import ArchiveLimits, ArchiveRecord, Gap, archive_records
from corpusforge.ingest.web.derived import Reserved, is_derived, page_url
from corpusforge.ingest.web.http import decode_body, media_type, parse_response
from corpusforge.ingest.web.site_files import SiteFiles, read_site_files
from corpusforge.ingest.web.sniff import HTML, kind_of

_NO_PAGE = frozenset({"warcinfo", "request", "metadata"})
_PAGE = frozenset({"response", "resource", "conversion"})
_REDIRECTS = frozenset({301, 302, 303, 305, 307, 308})
_KIND = SourceKind.WARC
_TOLD = ("x-robots-tag", "tdm-reservation", "content-signal", "content-usage")
"""Fields of a response that speak of the use of its page."""

Refusal = tuple[DropReason, str]


@dataclass(frozen=True, slots=True)
class _Page:
    """What is read of one record: content, and what its headers tell."""

    markup: Markup
    data: bytes
    charset: str | None
    notes: tuple[str, ...]
    reservations: tuple[str, ...] = ()

    def digest(self) -> int:
        """Return a hash of all that decides what becomes of the page but for its URL."""
        told = "\n".join((self.markup, self.charset or "", *self.reservations))
        return xxhash.xxh3_128_intdigest(self.data, xxhash.xxh3_64_intdigest(told.encode("utf-8", "replace")))


@dataclass(slots=True)
class _Payloads:
    """What came before in a dump: pages by their bytes, and the payload digests that their records state."""

    places: dict[int, int] = field(default_factory=dict[int, int])
    """Digest of a page -> offset of its record."""
    stated: set[int] = field(default_factory=set[int])

    def first_place(self, page: _Page, offset_bytes: int) -> int | None:
        """Return where the same page came before, or None and remember this one."""
        place = self.places.setdefault(page.digest(), offset_bytes)
        return None if place == offset_bytes else place

    def state(self, digest: str) -> None:
        if digest:
            self.stated.add(_hash(digest))

    def is_stated(self, digest: str) -> bool:
        return _hash(digest) in self.stated


def _hash(digest: str) -> int:
    return xxhash.xxh3_64_intdigest(digest.strip().encode("utf-8", "replace"))


def read_warc(
    input: InputFile, config: IngestConfig, start: int = 0, stop: int | None = None
) -> Iterator[Document | Drop]:
    """Yield one document or drop for each record that begins in [start, stop) of the file.

    `start` is 0 or the byte offset of a locator. A damaged stretch gives one drop, with its
    offset and length, and the records behind it are read.
    """
    limits = ArchiveLimits(config.max_header_bytes, config.max_record_bytes, config.max_ratio)
    sites, payloads = _site_files(input, limits, config), _Payloads()
    reserved: Reserved | None = None
    with open_input(input.path) as stream:
        for found in archive_records(stream, limits, start, stop):
            place = f"&inner={found.inner_bytes}" if found.inner_bytes else ""
            locator = f"{input.name}#offset={found.offset_bytes}{place}"
            if isinstance(found, Gap):
                yield _drop(input, locator, *_gap(found), n_bytes=found.n_bytes)
                continue
            page = _seen(found, _page(found, config), payloads, config)
            if isinstance(page, _Page):
                if reserved is None and is_derived(found.headers):
                    reserved = _reserved(input, limits, config)
                told = reserved.told(found.headers) if reserved else ()
                yield _document(input, locator, found, page, told, sites, config)
            else:
                yield _drop(input, locator, *page, n_bytes=found.n_bytes)


def _site_files(input: InputFile, limits: ArchiveLimits, config: IngestConfig) -> SiteFiles:
    """Return what the dump's robots.txt and tdmrep.json say, read in a pass of their own."""
    if not config.site_files:
        return SiteFiles()
    with open_input(input.path) as stream:
        return read_site_files(archive_records(stream, limits), config.site_files)


def _reserved(input: InputFile, limits: ArchiveLimits, config: IngestConfig) -> Reserved:
    """Return what the dump's pages say on their use, read in a pass of their own: for records made from them."""
    found = Reserved()
    with open_input(input.path) as stream:
        for record in archive_records(stream, limits):
            if not isinstance(record, Gap):
                add_reserved(found, record, config)
    return found


def add_reserved(found: Reserved, record: ArchiveRecord, config: IngestConfig) -> None:
    """Remember what the page of a response says on its use, if the record is one."""
    if record.headers.get("warc-type", "").lower() not in ("response", "resource"):
        return
    page = _page(record, config)
    if isinstance(page, _Page):
        found.add(record.headers, page.reservations, page.data if page.markup is Markup.HTML else None)


def _seen(
    record: ArchiveRecord, page: _Page | Refusal, payloads: _Payloads, config: IngestConfig
) -> _Page | Refusal:
    """Return the page, or its refusal where the same bytes came before in the dump."""
    digest = record.headers.get("warc-payload-digest", "")
    if not isinstance(page, _Page):
        if page[0] is DropReason.REVISIT:
            where = "in this dump" if payloads.is_stated(digest) else "not in this dump"
            return page[0], f"{page[1]}, {where}: {digest[:100] or 'no digest'}"
        return page
    if config.drop_duplicate_payloads:
        place = payloads.first_place(page, record.offset_bytes)
        if place is not None:
            same = f"the same {len(page.data)} bytes as the page at offset {place}"
            return DropReason.DUPLICATE_PAYLOAD, same
    payloads.state(digest)
    return page


def _gap(gap: Gap) -> Refusal:
    if gap.is_bomb:
        return DropReason.BOMB, f"{gap.detail}; {gap.n_bytes} bytes skipped at byte {gap.offset_bytes}"
    if gap.is_cut and "no record begins" not in gap.detail:
        advice = "fetch the file again"
        return DropReason.TRUNCATED, f"{gap.detail}: {gap.n_bytes} bytes at byte {gap.offset_bytes}; {advice}"
    whole = "is this a WARC or ARC file?" if gap.offset_bytes == gap.inner_bytes == 0 else "fetch it again"
    detail = f"{gap.detail}: {gap.n_bytes} bytes skipped at byte {gap.offset_bytes}; {whole}"
    return DropReason.UNREADABLE, detail


def _page(record: ArchiveRecord, config: IngestConfig) -> _Page | Refusal:
    """Return the page of a record, or why it has none."""
    record_type = record.headers.get("warc-type", "").lower()
    if record_type in _NO_PAGE:
        return DropReason.NOT_CONTENT, f"a {record_type} record"
    if record_type == "revisit":
        return DropReason.REVISIT, "the page is that of an earlier record"
    if record_type == "continuation":
        segment = record.headers.get("warc-segment-number", "?")[:20]
        return DropReason.TRUNCATED, f"segment {segment} of a record that was split over files"
    if record_type not in _PAGE:
        return DropReason.NOT_CONTENT, f"a record of type {record_type[:40]!r}"
    if record.is_too_large:
        return _too_large(record.n_bytes, config)
    notes = _cuts(record)
    if record.is_cut or (notes and not config.keep_truncated):
        return DropReason.TRUNCATED, "; ".join(notes)
    media, charset = media_type(record.headers.get("content-type", ""))
    if record_type == "conversion" and media in ("text/plain", ""):
        return _content(Markup.TEXT, record.block, charset or "utf-8", notes, config)
    is_http = record_type == "response" or media == "application/http"
    if is_http:
        return _http_page(record, config, notes)
    return _body_page(record.block, media, charset, notes, config)


def _cuts(record: ArchiveRecord) -> tuple[str, ...]:
    notes = list(record.notes)
    if reason := record.headers.get("warc-truncated"):
        notes.append(f"the crawler cut the payload: {reason[:40]}")
    if record.headers.get("warc-segment-number") == "1":
        notes.append("the first segment of a record that was split over files")
    if record.is_cut:
        notes.append("the file ends inside the record")
    return tuple(notes)


def _http_page(record: ArchiveRecord, config: IngestConfig, notes: tuple[str, ...]) -> _Page | Refusal:
    response = parse_response(record.block)
    if response is None:
        return _no_http(record, notes, config)
    status = response.status
    if status in _REDIRECTS:
        return DropReason.REDIRECT, f"HTTP status {status} to {response.headers.get('location', '?')[:200]!r}"
    if status not in config.accepted_statuses:
        return DropReason.HTTP_STATUS, f"HTTP status {status}"
    if _is_robots(record.headers.get("warc-target-uri", "")):
        return DropReason.NOT_CONTENT, "a robots.txt"
    body = record.block[response.body_start :]
    try:
        decoded = decode_body(response.headers, body, config.max_record_bytes)
    except TooMuch as error:
        ratio = error.n_bytes / max(1, len(body))
        if ratio > config.max_ratio:
            detail = f"{len(body)} bytes inflate to over {error.n_bytes}: {ratio:.0f} times"
            return DropReason.BOMB, f"{detail}, at most {config.max_ratio:g}"
        return _too_large(error.n_bytes, config)
    media, charset = media_type(response.headers.get("content-type", ""))
    page = _body_page(decoded.data, media, charset, notes + decoded.notes, config)
    told = tuple(f"{name}: {response.headers[name]}" for name in _TOLD if name in response.headers)
    return replace(page, reservations=told) if told and isinstance(page, _Page) else page


def _no_http(record: ArchiveRecord, notes: tuple[str, ...], config: IngestConfig) -> _Page | Refusal:
    """Return what a response without an HTTP head holds: `dns:`, `ftp:`, HTTP/0.9, or damage."""
    media, charset = media_type(record.headers.get("content-type", ""))
    if record.version == "ARC" or media != "application/http":
        return _body_page(record.block, media, charset, (*notes, "no HTTP header"), config)
    if not record.block.strip():
        return DropReason.EMPTY, "a response of no bytes"
    return DropReason.UNREADABLE, f"{record.n_bytes} bytes that begin with no HTTP status line"


def _body_page(
    data: bytes, media: str, charset: str | None, notes: tuple[str, ...], config: IngestConfig
) -> _Page | Refusal:
    if not data.strip():
        return DropReason.EMPTY, "a body of no bytes"
    kind, why = kind_of(media, data)
    if kind is None:
        return DropReason.CONTENT_TYPE, why[:200]
    return _content(Markup.HTML if kind == HTML else Markup.TEXT, data, charset, notes, config)


def _content(
    markup: Markup, data: bytes, charset: str | None, notes: tuple[str, ...], config: IngestConfig
) -> _Page | Refusal:
    if not data.strip():
        return DropReason.EMPTY, "a body of no bytes"
    if len(data) < config.min_body_bytes:
        return DropReason.TOO_SHORT, f"a body of {len(data)} bytes, under {config.min_body_bytes}"
    return _Page(markup, data, charset, notes)


def _too_large(n_bytes: int, config: IngestConfig) -> Refusal:
    return DropReason.TOO_LARGE, f"{n_bytes} bytes or more, the limit is {config.max_record_bytes}"


def _document(
    input: InputFile,
    locator: str,
    record: ArchiveRecord,
    page: _Page,
    told: tuple[str, ...],
    sites: SiteFiles,
    config: IngestConfig,
) -> Document:
    url = page_url(record.headers)
    marks = page.reservations + tuple(line for line in told if line not in page.reservations)
    return Document(
        doc_id=stable_id(_KIND, locator),
        source=input.source,
        source_kind=_KIND,
        locator=locator,
        markup=page.markup,
        raw=page.data,
        charset=page.charset,
        reservations=marks + sites.reservations(url, config.robots_agents),
        url=url,
        host=host_of(url),
        date=record.headers.get("warc-date") or None,
        notes=page.notes,
    )


def host_of(url: str | None) -> str | None:
    """Return the host of a URL in lower case, or None.

    >>> host_of("https://User@Example.org:8080/a")
    'example.org'
    """
    try:
        return urlsplit(url or "").hostname or None
    except ValueError:  # a bracket that opens no IPv6 address
        return None


def _is_robots(url: str) -> bool:
    return url.partition("?")[0].endswith("/robots.txt") and url.count("/") == 3


def _drop(input: InputFile, locator: str, reason: DropReason, detail: str, *, n_bytes: int) -> Drop:
    return Drop(
        doc_id=stable_id(_KIND, locator),
        source=input.source,
        source_kind=_KIND,
        locator=locator,
        reason=reason,
        detail=" ".join(detail.split()),
        n_bytes=n_bytes,
    )
