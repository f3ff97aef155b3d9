"""MHTML: one page saved by a browser, as MIME (RFC 2557), with what it shows in further parts."""

from __future__ import annotations

import email
import email.policy
import re
from collections.abc import Iterator
from datetime import UTC
from email.message import Message
from email.utils import parsedate_to_datetime
from typing import Any

from corpusforge.document import Document, Drop, DropReason, Markup, SourceKind
from corpusforge.ingest.compression.inflate import Inflated
from corpusforge.ingest.config import IngestConfig
from corpusforge.ingest.inputs import InputFile
from corpusforge.ingest.opening import opened
from corpusforge.ingest.records import damage_drops, host_of, make_document, make_drop
from corpusforge.ingest.web.sniff import HTML, kind_of

_KIND = SourceKind.WARC
_FIELD = re.compile(rb"\A\s*(?:[A-Za-z][A-Za-z0-9-]{0,60}:[^\n]*\n(?:[ \t][^\n]*\n){0,20}){1,40}")
_RELATED = re.compile(
    rb"^Content-Type:\s*multipart/related\b|^Content-Type:\s*\n?\s*multipart/related", re.I | re.M
)
_PAGE = re.compile(rb"^Content-Type:\s*(?:text/html|application/xhtml\+xml)\b", re.I | re.M)
_PLACE = re.compile(rb"^(?:(?:Snapshot-)?Content-Location:|From:[^\n]*Saved by )", re.I | re.M)
"""Of a page that is one part alone: a mail of HTML has neither."""
_VERSION = re.compile(rb"^MIME-Version:\s*1", re.I | re.M)
_LOCATION = re.compile(rb"^(?:Snapshot-Content-Location|Content-Location|MIME-Version):", re.I | re.M)


def is_mhtml(head: bytes) -> bool:
    """Return whether bytes begin as a page saved as MHTML: fields that name related parts, or one page."""
    found = _FIELD.match(head.removeprefix(b"\xef\xbb\xbf"))
    if found is None:
        return False
    if _RELATED.search(found[0]) is not None:
        return _LOCATION.search(found[0]) is not None
    return _PAGE.search(found[0]) is not None and _PLACE.search(found[0]) is not None


def is_mail(head: bytes) -> bool:
    """Return whether bytes begin as another MIME message: a mail, no page."""
    found = _FIELD.match(head.removeprefix(b"\xef\xbb\xbf"))
    return found is not None and _VERSION.search(found[0]) is not None and not is_mhtml(head)


def read_mhtml(
    input: InputFile, config: IngestConfig, start: int = 0, stop: int | None = None, **more: Any
) -> Iterator[Document | Drop]:
    """Yield the page of an MHTML file; its pictures and styles are parts of it and no records."""
    with opened(input.path) as stream:
        inflated = Inflated(stream, max_ratio=config.max_ratio)
        data = inflated.whole(config.max_record_bytes)
        damage = list(damage_drops(input, _KIND, inflated))
    if len(data) > config.max_record_bytes:
        detail = f"over {config.max_record_bytes} bytes, the limit of a record"
        yield make_drop(input, _KIND, input.name, DropReason.TOO_LARGE, detail, n_bytes=len(data))
    else:
        yield _page(input, data, config)
    yield from damage


def _page(input: InputFile, data: bytes, config: IngestConfig) -> Document | Drop:
    message = email.message_from_bytes(data, policy=email.policy.compat32)
    part = _root(message)
    body = part.get_payload(decode=True) if part is not None else None
    if part is None or not isinstance(body, bytes) or not body.strip():
        detail = "MHTML without a page: no part of type text/html"
        return make_drop(input, _KIND, input.name, DropReason.EMPTY, detail, n_bytes=len(data))
    kind, why = kind_of(part.get_content_type(), body)
    if kind is None:
        return make_drop(input, _KIND, input.name, DropReason.CONTENT_TYPE, why[:200], n_bytes=len(data))
    if len(body) < config.min_body_bytes:
        detail = f"a body of {len(body)} bytes, under {config.min_body_bytes}"
        return make_drop(input, _KIND, input.name, DropReason.TOO_SHORT, detail, n_bytes=len(data))
    location = message.get("Snapshot-Content-Location") or part.get("Content-Location")
    url = "".join(str(location).split()) if location else None
    url = url if url and url.lower().startswith(("http://", "https://")) else None
    return make_document(
        input,
        _KIND,
        input.name,
        markup=Markup.HTML if kind == HTML else Markup.TEXT,
        raw=body,
        charset=str(part.get_content_charset()) if part.get_content_charset() else None,
        url=url,
        host=host_of(url),
        date=_date(message),
        reservations=tuple(
            f"{name.lower()}: {value}"
            for name, value in (*message.items(), *part.items())
            if name.lower() in ("x-robots-tag", "tdm-reservation", "content-usage", "content-signal")
        ),
    )


def _root(message: Message) -> Message | None:
    """Return the part that is the page: the one that `start` names, else the first of HTML."""
    parts = [part for part in message.walk() if not part.is_multipart()]
    start = message.get_param("start")
    pages = [part for part in parts if part.get_content_type() in ("text/html", "application/xhtml+xml")]
    named = [part for part in pages if start and part.get("Content-ID") == start]
    return next(iter(named or pages), None)


def _date(message: Message) -> str | None:
    try:
        return parsedate_to_datetime(str(message["Date"])).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (TypeError, ValueError, OverflowError):
        return None
