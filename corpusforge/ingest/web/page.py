"""The page that a record of a web archive holds, or why it holds none: the cheap tests.

They stand before a body crosses to another process and long before a tree is built: status, media
type, length.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import xxhash

from corpusforge.document import DropReason, Markup
from corpusforge.ingest.compression.inflate import grows_too_much
from corpusforge.ingest.compression.limits import TooMuch
from corpusforge.ingest.config import IngestConfig
from corpusforge.ingest.web.archive_records import ArchiveRecord
from corpusforge.ingest.web.http import decode_body, media_type, parse_response
from corpusforge.ingest.web.sniff import HTML, kind_of

_NO_PAGE = frozenset({"warcinfo", "request", "metadata"})
_PAGE = frozenset({"response", "resource", "conversion"})
_REDIRECTS = frozenset({301, 302, 303, 305, 307, 308})
_TOLD = ("x-robots-tag", "tdm-reservation", "content-signal", "content-usage")
"""Fields of a response that speak of the use of its page."""


Refusal = tuple[DropReason, str]


class Page(NamedTuple):
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


def page_of(record: ArchiveRecord, config: IngestConfig) -> Page | Refusal:
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
    if record_type == "response":
        return _http_page(record, config, notes)
    media, charset = media_type(record.headers.get("content-type", ""))
    if record_type == "conversion" and media in ("text/plain", ""):
        return _content(Markup.TEXT, record.block, charset or "utf-8", notes, config)
    if media == "application/http":
        return _http_page(record, config, notes)
    return _body_page(record.block, media, charset, notes, config)


def _cuts(record: ArchiveRecord) -> tuple[str, ...]:
    notes = record.notes
    if reason := record.headers.get("warc-truncated"):
        notes += (f"the crawler cut the payload: {reason[:40]}",)
    if record.headers.get("warc-segment-number") == "1":
        notes += ("the first segment of a record that was split over files",)
    if record.is_cut:
        notes += ("the file ends inside the record",)
    return notes


def _http_page(record: ArchiveRecord, config: IngestConfig, notes: tuple[str, ...]) -> Page | Refusal:
    response = parse_response(record.data, record.start, record.stop)
    if response is None:
        return _no_http(record, notes, config)
    status = response.status
    if status in _REDIRECTS:
        return DropReason.REDIRECT, f"HTTP status {status} to {response.headers.get('location', '?')[:200]!r}"
    if status not in config.accepted_statuses:
        return DropReason.HTTP_STATUS, f"HTTP status {status}"
    if _is_robots(record.headers.get("warc-target-uri", "")):
        return DropReason.NOT_CONTENT, "a robots.txt"
    body = record.data[response.body_start : record.stop]
    try:
        decoded = decode_body(response.headers, body, config.max_record_bytes)
    except TooMuch as error:
        if error.n_bytes > config.max_ratio * max(1, len(body)):
            return _bomb(len(body), error.n_bytes, config)
        return _too_large(error.n_bytes, config)
    if grows_too_much(len(body), len(decoded.data), config.max_ratio):
        return _bomb(len(body), len(decoded.data), config)
    media, charset = media_type(response.headers.get("content-type", ""))
    page = _body_page(decoded.data, media, charset, notes + decoded.notes, config)
    if isinstance(page, Page) and (told := _told(response.headers)):
        return page._replace(reservations=told)
    return page


def _told(headers: Mapping[str, str]) -> tuple[str, ...]:
    """Return what the fields of a response say on the use of its page."""
    told = [(name, value) for name in _TOLD if (value := headers.get(name)) is not None]
    return tuple([f"{name}: {value}" for name, value in told]) if told else ()


def _bomb(n_in_bytes: int, n_out_bytes: int, config: IngestConfig) -> Refusal:
    detail = f"{n_in_bytes} bytes inflate to over {n_out_bytes}: {n_out_bytes / max(1, n_in_bytes):.0f} times"
    return DropReason.BOMB, f"{detail}, at most {config.max_ratio:g}"


def _no_http(record: ArchiveRecord, notes: tuple[str, ...], config: IngestConfig) -> Page | Refusal:
    """Return what a response without an HTTP head holds: `dns:`, `ftp:`, HTTP/0.9, or damage."""
    media, charset = media_type(record.headers.get("content-type", ""))
    if record.version == "ARC" or media != "application/http":
        return _body_page(record.block, media, charset, (*notes, "no HTTP header"), config)
    if not record.block.strip():
        return DropReason.EMPTY, "a response of no bytes"
    return DropReason.UNREADABLE, f"{record.n_bytes} bytes that begin with no HTTP status line"


def _body_page(
    data: bytes, media: str, charset: str | None, notes: tuple[str, ...], config: IngestConfig
) -> Page | Refusal:
    if not data or data.isspace():
        return DropReason.EMPTY, "a body of no bytes"
    kind, why = kind_of(media, data)
    if kind is None:
        return DropReason.CONTENT_TYPE, why[:200]
    return _content(Markup.HTML if kind == HTML else Markup.TEXT, data, charset, notes, config)


def _content(
    markup: Markup, data: bytes, charset: str | None, notes: tuple[str, ...], config: IngestConfig
) -> Page | Refusal:
    if not data or data.isspace():
        return DropReason.EMPTY, "a body of no bytes"
    if len(data) < config.min_body_bytes:
        return DropReason.TOO_SHORT, f"a body of {len(data)} bytes, under {config.min_body_bytes}"
    return Page(markup, data, charset, notes)


def _too_large(n_bytes: int, config: IngestConfig) -> Refusal:
    return DropReason.TOO_LARGE, f"{n_bytes} bytes or more, the limit is {config.max_record_bytes}"


def _is_robots(url: str) -> bool:
    return "/robots.txt" in url and url.partition("?")[0].endswith("/robots.txt") and url.count("/") == 3
