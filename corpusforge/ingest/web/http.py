"""An HTTP response as it lies in an archive: status, fields, and the body that a browser saw.

Archives keep bodies as sent (chunked, gzip, br, deflate), already decoded (Common Crawl,
which renames the fields to `X-Crawl-…`), or decoded with the fields left as they were. So a
claim is tried, and where the bytes are not what it says the body stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import NamedTuple

from corpusforge.ingest.compression.limits import Plain, gunzip, inflate_zlib, unbrotli, unzstd
from corpusforge.ingest.web.fields import all_joined, usual_fields

_STATUS = re.compile(rb"(?:HTTP/\d(?:\.\d)?|ICY|HTTP) {1,4}(\d{3})(?: [^\r\n]*)?\s*\Z")
_STATUS_START = re.compile(rb"HTTP/\d(?:\.\d)? {1,4}\d{3}\b")
_STATUS_BYTES = 8192
"""What a status line may take."""
_MAX_INTERIM = 8
_HEADER_END = re.compile(rb"\n\r{0,2}\n")
_CHUNK = re.compile(rb"[ \t]*([0-9A-Fa-f]{1,12})[ \t]*(?:;[^\r\n]{0,1024})?\r?\n")
_CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([A-Za-z0-9_:.\-]{1,40})", re.IGNORECASE)
_GZIP_MAGIC = b"\x1f\x8b\x08"
_MAX_ENCODINGS = 4
_CACHED_CHARS = 100
"""A dump has few Content-Types; what is longer than this is not kept."""


class HttpResponse(NamedTuple):
    """The head of a response and where its body begins."""

    status: int
    headers: Mapping[str, str]
    """Names in lower case, of a repeated field all values, joined by `, `."""
    body_start: int


class Body(NamedTuple):
    """A decoded body, and what was odd about it."""

    data: bytes
    notes: tuple[str, ...] = ()


def parse_response(data: bytes, start: int = 0, stop: int | None = None) -> HttpResponse | None:
    """Return the head of a response that lies in [start, stop) of some bytes, or None where it is none.

    Interim responses before it (100, 103) are passed over; the values of folded fields are joined.
    """
    stop = len(data) if stop is None else stop
    found = _parse_head(data, start, stop)
    for _ in range(_MAX_INTERIM):
        if found is None or not _is_interim(found.status):
            break
        if not _STATUS_START.match(data, found.body_start, stop):
            break
        found = _parse_head(data, found.body_start, stop)
    return found


def _is_interim(status: int) -> bool:
    return 100 <= status < 200 and status != 101


def _parse_head(data: bytes, start: int, stop: int) -> HttpResponse | None:
    line_end = data.find(b"\n", start, min(stop, start + _STATUS_BYTES))
    status = _status_of(data[start : line_end if line_end >= 0 else min(stop, start + _STATUS_BYTES)])
    if status is None:
        return None
    if line_end >= 0 and (usual := usual_fields(data, line_end, stop, joins=True)):
        return HttpResponse(status, *usual)
    found = _HEADER_END.search(data, max(start, line_end), stop)
    end = found.end() if found else stop
    lines = data[line_end + 1 : found.start() if found else end].decode("latin-1")
    return HttpResponse(status, all_joined(lines), end)


@lru_cache(maxsize=64)
def _status_of(line: bytes) -> int | None:
    """Return the status that a first line tells, None where it begins no response."""
    found = _STATUS.match(line)
    return int(found[1]) if found else None


def media_type(content_type: str) -> tuple[str, str | None]:
    """Return (media type in lower case, charset or None) of a Content-Type.

    >>> media_type('text/HTML; charset="UTF-8"')
    ('text/html', 'UTF-8')
    """
    return _media_type(content_type) if len(content_type) <= _CACHED_CHARS else _read_type(content_type)


def _read_type(content_type: str) -> tuple[str, str | None]:
    charset = _CHARSET.search(content_type)
    media = content_type.partition(";")[0].partition(",")[0].strip().lower()
    return media, charset[1] if charset else None


_media_type = lru_cache(maxsize=256)(_read_type)


def decode_body(headers: Mapping[str, str], body: bytes, limit_bytes: int) -> Body:
    """Return the body with its transfer and content encodings undone.

    Raises `limits.TooMuch` where more than `limit_bytes` come out.
    """
    told_transfer, told_content = headers.get("transfer-encoding", ""), headers.get("content-encoding", "")
    if not told_transfer and not told_content and not body.startswith(_GZIP_MAGIC):
        return Body(body)
    notes: list[str] = []
    transfer = _tokens(told_transfer)
    if "chunked" in transfer:
        body = _dechunk(body, notes)
    content = _tokens(told_content)
    encodings = content + [name for name in transfer if name != "chunked"]
    for name in reversed(encodings[-_MAX_ENCODINGS:]):
        body = _undo(name, body, limit_bytes, notes)
    if body.startswith(_GZIP_MAGIC):  # sent twice, or without saying so
        plain = gunzip(body, limit_bytes)
        if plain.data and (encodings or _is_markup(plain.data)):  # not a page, but a .gz file otherwise
            body = plain.data
            notes.append("the body was gzip once more than its header said")
    return Body(body, tuple(notes))


def _tokens(value: str) -> list[str]:
    names = (name.strip().lower().removeprefix("x-") for name in value.split(","))
    return [name for name in names if name not in ("", "identity", "none")]


_DECODERS: dict[str, Callable[[bytes, int], Plain]] = {
    "gzip": gunzip,
    "deflate": inflate_zlib,
    "br": unbrotli,
    "zstd": unzstd,
    "compress": gunzip,  # named so by some servers that send gzip
}


def _undo(name: str, body: bytes, limit_bytes: int, notes: list[str]) -> bytes:
    decoder = _DECODERS.get(name)
    if decoder is None:
        notes.append(f"unknown content encoding {name[:20]!r} left as it is")
        return body
    plain = decoder(body, limit_bytes)
    if plain.is_whole:
        return plain.data
    if not plain.data or _is_markup(body):
        if body:
            notes.append(f"the header says {name}, the body is not")
        return body
    notes.append(f"the {name} body is cut or damaged after {len(plain.data)} bytes")
    return plain.data


def _is_markup(body: bytes) -> bool:
    """Return whether bytes are text as they stand, so that no decoder made sense of them but by chance."""
    return body[:512].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")


def _dechunk(body: bytes, notes: list[str]) -> bytes:
    """Return the joined chunks; where the framing breaks, the rest of the body as it is."""
    parts: list[bytes] = []
    at = 0
    while found := _CHUNK.match(body, at):
        size = int(found[1], 16)
        start = found.end()
        if size == 0:
            return b"".join(parts)
        chunk = body[start : start + size]
        behind = body[start + size : start + size + 2]
        if not parts and len(chunk) == size and behind[:1] not in (b"\r", b"\n", b""):
            break  # a first line that looks like a size by chance
        parts.append(chunk)
        at = start + size
        if len(chunk) < size:
            notes.append("the chunked body is cut")
            return b"".join(parts)
        at += 2 if behind == b"\r\n" else 1 if behind[:1] == b"\n" else 0
    if not parts:
        if body:
            notes.append("the header says chunked, the body is not")
        return body
    if rest := body[at:]:
        notes.append(f"the chunks break after {at} bytes")
        parts.append(rest)
    return b"".join(parts)
