"""What a page itself says on its use: `X-Robots-Tag`, `<meta name="robots">`, `tdm-reservation`.

    X-Robots-Tag: noai                         header, for all or behind a crawler's name
    <meta name="robots" content="noai">        the same in the page
    tdm-reservation: 1                         header, <meta> or /.well-known/tdmrep.json (TDMRep, W3C 2024)
    robots.txt                                 a crawler of ours may not fetch the page (RFC 9309)

The configuration says which of them leave a page out. Of `tdm-reservation` the nearest to the page
decides: <meta> over header over file, as TDMRep has it; the robots directives of all places add up.
"""

from __future__ import annotations

import html
import re
from collections.abc import Collection, Iterator
from dataclasses import replace

from corpusforge.document import Document, Drop, DropReason, Markup, drop
from corpusforge.filter.config import FilterConfig

_HEAD_BYTES = 256 << 10
"""A page whose head is longer carries data in it; marks stand before that."""
_BODY = re.compile(rb"<body\b", re.I)
_COMMENT = re.compile(rb"<!--.*?(?:-->|\Z)|<(script|style|template|textarea)\b.*?(?:</\1|\Z)", re.I | re.S)
_META = re.compile(rb"<meta\b([^<>]{1,2000})>", re.I)
_CANDIDATE = re.compile(rb"<meta\b[^<>]{0,2000}?(?:robots|noai|tdm-reservation|bot\b)", re.I)
_ATTRIBUTE = re.compile(r"""([a-z:_-]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.I)
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_TDM = "tdm-reservation"
_ROBOTS_TXT = "robots.txt"
_VALUED = ("max-snippet", "max-image-preview", "max-video-preview", "unavailable_after")
"""Directives that are followed by a colon themselves, as a crawler's name is."""


def judge_reservation(document: Document, config: FilterConfig) -> Drop | None:
    """Return the drop of a page that reserves itself, with the mark that does, or None."""
    if not config.honour or not (document.reservations or document.markup is Markup.HTML):
        return None
    mark = _mark_of(document, frozenset(config.honour), frozenset(config.honour_agents))
    if mark is None:
        return None
    refused = drop(document, DropReason.RESERVED, f"the page reserves its use: {mark}"[:300])
    return replace(refused, excerpt="")


def _mark_of(document: Document, honour: frozenset[str], agents: frozenset[str]) -> str | None:
    """Return the mark of a page that leaves it out, with the place where it stands, or None."""
    told = [tuple(line.partition(": ")[::2]) for line in document.reservations]
    metas = list(page_metas(document.raw or b"")) if document.markup is Markup.HTML else []
    for name, value in told:
        if name == _ROBOTS_TXT and name in honour:
            return f"robots.txt: {value}"
    robots = [("X-Robots-Tag", "", value) for name, value in told if name == "x-robots-tag"]
    robots += [(f"<meta name={name}>", name, value) for name, value in metas if name != _TDM]
    for place, name, value in robots:
        agent = "" if name in ("", "robots") else name
        for directive in directives(value, agents, agent):
            if directive in honour:
                return f"{place} {directive}"
    if _TDM not in honour:
        return None
    header = [value for name, value in told if name == _TDM]
    file = [value for name, value in told if name == "tdmrep.json"]
    in_page = [value for name, value in metas if name == _TDM]
    for place, values in ((f"<meta name={_TDM}>", in_page), ("header", header), ("tdmrep.json", file)):
        numbers = {number.strip() for value in values for number in value.split(",")} & {"0", "1"}
        if numbers:
            return f"{_TDM} 1 in {place}" if "1" in numbers else None
    return None


def directives(value: str, agents: Collection[str], agent: str = "") -> Iterator[str]:
    """Yield the directives of a robots value that are meant for all or for one of some crawlers.

    Of `googlebot: noindex, noai` the first is Google's; the second, which may have come from another
    header of the same name, is everybody's.

    >>> list(directives("googlebot: noindex, NOAI, max-snippet:-1", ()))
    ['noai', 'max-snippet']
    """
    for piece in value.lower().split(","):
        name, colon, rest = piece.partition(":")
        name = name.strip()
        if colon and name not in _VALUED:
            if name in agents or name in ("*", "robots"):
                yield rest.partition(":")[0].strip()
        elif not agent or agent in agents:
            yield name


def page_metas(raw: bytes) -> Iterator[tuple[str, str]]:
    """Yield (name in lower case, content) of the <meta> tags of a page's head that speak to robots."""
    head = raw[:_HEAD_BYTES]
    if head.startswith(_UTF16):
        head = head.decode("utf-16", "replace").encode()
    body = _BODY.search(head)
    head = head[: body.start()] if body else head
    if _CANDIDATE.search(head) is None:
        return
    for found in _META.finditer(_COMMENT.sub(b"", head)):
        attributes = _ATTRIBUTE.finditer(found[1].decode("latin-1"))
        values = {one[1].lower(): html.unescape(one[2] or one[3] or one[4] or "") for one in attributes}
        name = values.get("name") or values.get("http-equiv") or values.get("property") or ""
        name = name.strip().lower()
        name = "robots" if name == "x-robots-tag" else name
        if name == _TDM or name == "robots" or "bot" in name:
            yield name, values.get("content") or values.get("value") or ""
