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
_COMMENT = re.compile(rb"<!--.*?(?:-->|\Z)|<(script|style|template|textarea)\b.*?(?:</\1|\Z)", re.I | re.S)
_META = re.compile(rb"<meta\b([^<>]{1,2000})>", re.I)
_CANDIDATE = re.compile(rb"<meta\b[^<>]{0,2000}?(?:robots|noai|tdm-reservation|bot\b)")  # in lower case
_HINTS = (b"bot", b"noai", b"tdm-reservation")
_ATTRIBUTE = re.compile(r"""([a-z:_-]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.I)
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_TDM = "tdm-reservation"


def page_metas(raw: bytes) -> Iterator[tuple[str, str]]:
    """Yield (name in lower case, content) of the <meta> tags of a page's head that speak to robots."""
    head = raw[:_HEAD_BYTES]
    if head.startswith(_UTF16):
        head = head.decode("utf-16", "replace").encode()
    body = _BODY.search(head)
    head = head[: body.start()] if body else head
    lower = head.lower()
    if not any(hint in lower for hint in _HINTS) or _CANDIDATE.search(lower) is None:
        return
    for found in _META.finditer(_COMMENT.sub(b"", head)):
        attributes = _ATTRIBUTE.finditer(found[1].decode("latin-1"))
        values = {one[1].lower(): html.unescape(one[2] or one[3] or one[4] or "") for one in attributes}
        name = values.get("name") or values.get("http-equiv") or values.get("property") or ""
        name = name.strip().lower()
        name = "robots" if name == "x-robots-tag" else name
        if name == _TDM or name == "robots" or "bot" in name:
            yield name, values.get("content") or values.get("value") or ""
