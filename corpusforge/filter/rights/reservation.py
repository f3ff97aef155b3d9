"""What a page itself says on its use: `X-Robots-Tag`, `<meta name="robots">`, `tdm-reservation`.

    X-Robots-Tag: noai                         header, for all or behind a crawler's name
    <meta name="robots" content="noai">        the same in the page
    tdm-reservation: 1                         header, <meta> or /.well-known/tdmrep.json (TDMRep, W3C 2024)
    robots.txt                                 a crawler of ours may not fetch the page (RFC 9309)
    Content-Signal: ai-train=no                header or robots.txt (contentsignals.org)
    Content-Usage: train-ai=n                  header or robots.txt (draft-ietf-aipref-attach)

The configuration says which of them leave a page out. Of `tdm-reservation` the nearest to the page
decides: <meta> over header over file, as TDMRep has it; the robots directives of all places add up.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import replace

from corpusforge.document import Document, Drop, DropReason, Markup, drop
from corpusforge.filter.config import FilterConfig
from corpusforge.page_marks import page_metas

_TDM = "tdm-reservation"
_ROBOTS_TXT = "robots.txt"
_IN_PAGE = "meta "
"""Begins a line of `Document.reservations` that stood in the page that this one was made from."""
_SIGNALS = {
    "content-signal": (("ai-train",), "no"),
    "content-usage": (("train-ai", "train-genai", "genai", "ai", "tdm", "bots"), "n"),
}
"""Which of their uses is ours, the closest first, and what refuses it."""
_SIGNAL = re.compile(r"([a-z][\w-]*)\s*=\s*([a-z]+)", re.I)
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
    metas += [(name.removeprefix(_IN_PAGE), value) for name, value in told if name.startswith(_IN_PAGE)]
    for name, value in told:
        if name == _ROBOTS_TXT and name in honour:
            return f"robots.txt: {value}"
        if name in _SIGNALS and name in honour and refuses(name, value):
            return f"{name}: {value}"
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


def refuses(name: str, value: str) -> bool:
    """Return whether a Content-Signal or Content-Usage keeps a page from training.

    >>> refuses("content-signal", "search=yes, ai-train=no"), refuses("content-usage", "bots=n, train-ai=y")
    (True, False)
    """
    stated = {key.lower(): answer.lower() for key, answer in _SIGNAL.findall(value)}
    uses, no = _SIGNALS[name]
    answer = next((stated[use] for use in uses if use in stated), "")
    return answer in (no, "no", "n")


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
