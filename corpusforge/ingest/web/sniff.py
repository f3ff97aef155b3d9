"""What a body is, by its first bytes and by what its header says."""

from __future__ import annotations

import re

from corpusforge.compiled import jit_in_place

HTML = "html"
TEXT = "text"

_HTML_TYPES = frozenset({"text/html", "application/xhtml+xml", "application/vnd.wap.xhtml+xml"})
_UNTOLD_TYPES = frozenset({"", "*/*", "unknown", "unknown/unknown", "no-type", "application/octet-stream"})
_MAGICS: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", "application/pdf"),
    (b"\x89PNG", "image/png"),
    (b"GIF8", "image/gif"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"RIFF", "media"),
    (b"PK\x03\x04", "application/zip"),
    (b"\x1f\x8b", "application/gzip"),
    (b"wOFF", "font"),
    (b"wOF2", "font"),
    (b"OTTO", "font"),
    (b"\x00\x01\x00\x00\x00", "font"),
    (b"\x00\x00\x01\x00", "image/x-icon"),
    (b"\xd0\xcf\x11\xe0", "application/msoffice"),
    (b"CWS", "application/x-shockwave-flash"),
    (b"FWS", "application/x-shockwave-flash"),
    (b"ID3", "audio/mpeg"),
    (b"OggS", "audio/ogg"),
    (b"<svg", "image/svg+xml"),
    (b"<rss", "application/rss+xml"),
    (b"<feed", "application/atom+xml"),
    (b"<urlset", "application/xml"),
    (b"<sitemapindex", "application/xml"),
)
_ALL_MAGICS = tuple(magic for magic, _ in _MAGICS)
# A comment ends at its first mark: one that may end at any later one as well has as many readings as
# there are ways to part a row of comments.
_HTML_HEAD = re.compile(
    rb"(?:(?><!--.{0,4096}?-->)\s*+)*+<(?:!doctype\s+html|html|head|title|body|meta|table|div|script|style|center|h1|p|br|a)\b",
    re.IGNORECASE | re.DOTALL,
)
_COMMENTS = re.compile(rb"\A(?:(?><!--.{0,4096}?-->)\s*+)++", re.DOTALL)
_XML_HEAD = re.compile(rb"<\?xml\b[^>]{0,512}\?>\s*", re.IGNORECASE)
_DOCTYPE_OR_COMMENT = re.compile(
    rb"(?:(?><!--.{0,4096}?-->)\s*+|<!doctype(?!\s+html)[^>]{0,512}>\s*+)++", re.I | re.DOTALL
)
_TAG = re.compile(rb"<[/!]?[A-Za-z][^<>]{0,2048}>")
_JSON = re.compile(rb"[\[{]\s*(?:[\"{\[\]}]|-?\d|true|false|null)")
_CSS = re.compile(
    rb"(?:@charset|@import|@media|@font-face|[.#*:]?[A-Za-z][\w\-.#:, >*]{0,200}\s*\{\s*[\w\-]+\s*:)"
)
_SCRIPT = re.compile(
    rb"(?:/\*|//|[\"']use strict|[!+;(]\s*function\b|function\s+\w|(?:var|let|const)\s+\w|import\s|export\s)"
)
_MIME = re.compile(
    rb"(?:[A-Za-z][A-Za-z0-9-]{0,60}:[^\n]{0,2000}\n(?:[ \t][^\n]{0,2000}\n){0,9}){0,30}?"
    rb"(?:MIME-Version:[ \t]*\d|Content-Type:\s*multipart/)",
    re.I,
)
"""Header fields of a message in parts: what stands behind is encoded, not text."""
_HEAD_BYTES = 8192
_SEARCHED_BYTES = 128 << 10
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


def kind_of(media_type: str, data: bytes) -> tuple[str | None, str]:
    """Return (`HTML`, `TEXT` or None, what it was taken for, and by what).

    The bytes decide over the header where they are clear: a page served as an image is a
    page, an image served as a page is none.
    """
    head = _head(data)
    found = sniffed(head)
    told = media_type in _HTML_TYPES
    if found == "text/html":
        if told or media_type in _UNTOLD_TYPES or not media_type.startswith(("text/x-", "application/json")):
            return HTML, "text/html by content"
        return None, f"{media_type} by header"
    if found is not None:
        return None, f"{found} by content, {media_type or 'nothing'} by header"
    if told and not _is_program(head):
        is_marked_up = _TAG.search(head) or _TAG.search(data[:_SEARCHED_BYTES]) or b"\0" in data[:2]
        return (HTML, f"{media_type} by header") if is_marked_up else (TEXT, "text without markup by content")
    if told:
        return None, "a script or data by content"
    if media_type in ("text/plain", ""):
        return (TEXT, "text/plain") if not _is_program(head) else (None, "a script or data by content")
    if media_type in _UNTOLD_TYPES and _TAG.search(head) and not _is_program(head):
        return HTML, "markup by content"
    return None, f"{media_type} by header"


def sniffed(head: bytes) -> str | None:
    """Return the media type that the first bytes show, or None where they do not tell."""
    if _HTML_HEAD.match(head):  # first, for it is what most are, and nothing below but `_binary` fits it too
        return "binary" if _binary(head) else "text/html"
    bare = _COMMENTS.sub(b"", head, 1) if head.startswith(b"<!--") else head
    if bare.startswith(_ALL_MAGICS):
        return next(name for magic, name in _MAGICS if bare.startswith(magic))
    if _binary(head):
        return "binary"
    if _MIME.match(head):
        return "message/rfc822"
    if xml := _XML_HEAD.match(head):
        rest = head[xml.end() :]
        if skipped := _DOCTYPE_OR_COMMENT.match(rest):
            rest = rest[skipped.end() :]
        return "text/html" if re.match(rb"<!doctype\s+html|<html\b", rest, re.I) else "application/xml"
    return None


def _head(data: bytes) -> bytes:
    """Return the first bytes without a byte order mark or blanks, UTF-16 made ASCII-like."""
    head = data[:_HEAD_BYTES]
    if head.startswith(_UTF16) or (len(head) >= 8 and 0 in head[:8] and _looks_utf16(head)):
        little = head.startswith(b"\xff\xfe") or (not head.startswith(b"\xfe\xff") and head[1] == 0)
        text = head.decode("utf-16-le" if little else "utf-16-be", "replace")
        head = text.encode("utf-8", "replace")
    return head.removeprefix(b"\xef\xbb\xbf").lstrip()


def _looks_utf16(head: bytes) -> bool:
    even, odd = head[0:200:2].count(0), head[1:200:2].count(0)
    return min(even, odd) == 0 and max(even, odd) > len(head[:200]) * 0.3


def _binary(head: bytes) -> bool:
    if not head:
        return False
    n_control = _n_control(head)
    return (n_control > 2 and b"\0" in head[:1024]) or n_control > len(head) * 0.1


@jit_in_place
def _n_control(head: bytes) -> int:
    """Return how many bytes are control characters that no text holds: no bell, blank, ^Z or escape."""
    count = 0
    for at in range(len(head)):
        byte = head[at]
        count += (byte < 7) | ((byte > 13) & (byte < 32) & (byte != 26) & (byte != 27))
    return count


def _is_program(head: bytes) -> bool:
    """Return whether text without any markup is JSON, CSS or JavaScript, or a script with a `#!` line."""
    if head.startswith(b"#!"):
        return True
    if _TAG.search(head):
        return False
    return bool(_JSON.match(head) or _CSS.match(head) or _SCRIPT.match(head))
