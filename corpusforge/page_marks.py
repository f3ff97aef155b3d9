"""The marks of a page's own head that speak to robots: `<meta name="robots">`, `tdm-reservation`.

Read in two steps: the filter judges a page by them, ingest hands them on to what was made from the page.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

_HEAD_BYTES = 256 << 10
"""A page whose head is longer carries data in it; marks stand before that."""
_BODY = re.compile(rb"<[bB][oO][dD][yY]\b")  # spelt out, since a search that ignores case has no first byte
_UNSEEN = re.compile(rb"<(?:!--|(script|style|template|textarea)\b)")
"""How what is no part of the page begins, in lower case."""
_META_BYTES = 2000
_META = re.compile(rb"<meta\b([^<>]{1,2000})>", re.I)
_SIGNS = (b"robots", b"noai", b"tdm-reservation", b"bot")
"""What stands in a tag that is looked at, in lower case; `bot` at the end of a word only."""
_ATTRIBUTE = re.compile(r"""([a-z:_-]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.I)
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_TDM = "tdm-reservation"


def page_metas(raw: bytes) -> Iterator[tuple[str, str]]:
    """Yield (name in lower case, content) of the <meta> tags of a page's head that speak to robots."""
    head = raw[:_HEAD_BYTES]
    if head.startswith(_UTF16):
        head = head.decode("utf-16", "replace").encode()
    if (end := head.find(b"<body")) >= 0 and not _is_word(head[end + 5 : end + 6]):
        head = head[:end]  # found so much sooner than by a pattern
    lower = head.lower()
    if b"<body" in lower and (body := _BODY.search(head)):
        head = head[: body.start()]
        lower = lower[: body.start()]
    if not any(_is_in_meta(lower, sign) for sign in _SIGNS):
        return
    for found in _META.finditer(_seen_of(head, lower)):
        tag = found[1].lower()
        if not (b"bot" in tag or b"tdm-reservation" in tag or b"&" in tag):
            continue  # speaks to no robot, and no reference spells one
        attributes = _ATTRIBUTE.finditer(found[1].decode("latin-1"))
        values = {one[1].lower(): html.unescape(one[2] or one[3] or one[4] or "") for one in attributes}
        name = values.get("name") or values.get("http-equiv") or values.get("property") or ""
        name = name.strip().lower()
        name = "robots" if name == "x-robots-tag" else name
        if name == _TDM or name == "robots" or "bot" in name:
            yield name, values.get("content") or values.get("value") or ""


def _seen_of(head: bytes, lower: bytes) -> bytes:
    """Return a head without its comments, scripts and the like; `lower` is the same in lower case."""
    parts: list[bytes] = []
    at = 0
    while found := _UNSEEN.search(lower, at):
        parts.append(head[at : found.start()])
        close = b"</" + found[1] if found[1] else b"-->"
        end = lower.find(close, found.end())
        if end < 0:
            return b"".join(parts)
        at = end + len(close)
    return b"".join((*parts, head[at:]))


def _is_in_meta(lower: bytes, sign: bytes) -> bool:
    """Return whether a sign stands in the first 2,000 bytes of a <meta> tag of a head in lower case."""
    at = -1
    while (at := lower.find(sign, at + 1)) >= 0:
        if sign == b"bot" and _is_word(lower[at + 3 : at + 4]):
            continue
        start = lower.rfind(b"<", 0, at)
        inside = start + len(b"<meta")
        is_meta = (
            start >= 0 and lower.startswith(b"<meta", start) and not _is_word(lower[inside : inside + 1])
        )
        if is_meta and inside <= at <= inside + _META_BYTES and lower.find(b">", inside, at) < 0:
            return True
    return False


def _is_word(byte: bytes) -> bool:
    return byte.isalnum() or byte == b"_"
