"""What a page says of its own origin: the address that it calls canonical, the day it was published.

Read from the head's tags and from JSON-LD, as signals; a page that says nothing has none of them.

    says_copy      1: its canonical address is at another site's host
    other_address  1: its canonical address is another one of the same site (a print view, a mirror's host)
    published      the day it says it was published, YYYYMMDD
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from urllib.parse import unquote, urljoin, urlsplit

from corpusforge.origin_signals import OTHER_ADDRESS, PUBLISHED, SAYS_COPY

_HEAD_CHARS = 256 << 10
"""A page whose head is longer carries data in it; what is looked for stands before that."""
_PAGE_CHARS = 2 << 20
_TAG_CHARS = 2000
_ATTRIBUTE = re.compile(r"""([a-z:._-]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.I)
_PUBLISHED_NAMES = (
    *("article:published_time", "og:article:published_time", "datepublished", "citation_publication_date"),
    *("dcterms.created", "dcterms.issued", "dc.date.issued", "dc.date.created", "parsely-pub-date"),
)
_HINTS = (
    "canonical",
    "og:url",
    "published_time",
    "publication_date",
    "pub-date",
    "dcterms.",
    "dc.date",
    "DC.date",
)
_HIDDEN = (("<!--", "-->"), ("<script", "</script"), ("<style", "</style"), ("<template", "</template"))
_DATE_PUBLISHED = re.compile(
    r"""datePublished["']?\s{0,9}(?::\s{0,9}["']|[^<>]{0,200}?\b(?:content|datetime)\s{0,9}=\s{0,9}["']?)"""
    r"(\d{4}[-/]\d\d[-/]\d\d)"
)
_DAY = re.compile(r"\s*(\d{4})[-/](\d\d)[-/](\d\d)(?!\d)")
_WEB_BEGAN = 19900101


def page_origin(page: str, url: str | None, crawled: str | None) -> dict[str, float]:
    """Return the signals of a page's source, at the address and the date (ISO 8601) that it was fetched.

    An address that is no address, or the front page of the site, is not believed, nor a day behind the crawl.
    """
    found = list(_head_tags(page))
    signals: dict[str, float] = {}
    addresses = dict(reversed([(name, value) for name, value in found if name in ("canonical", "og:url")]))
    canonical = addresses.get("canonical") or addresses.get("og:url")
    if url and canonical and (kind := _kind_of(url, canonical)):
        signals[kind] = 1.0
    days = [value for name, value in found if name in _PUBLISHED_NAMES]
    if not days and "datePublished" in page:
        match = _DATE_PUBLISHED.search(page, 0, _PAGE_CHARS)
        days = [match[1]] if match else []
    day = _day(days[0]) if days else None
    latest = _day(crawled or "")
    if day is not None and day >= _WEB_BEGAN and (latest is None or day <= latest):
        signals[PUBLISHED] = float(day)
    return signals


def _head_tags(page: str) -> Iterator[tuple[str, str]]:
    """Yield (name in lower case, value) of the canonical links and the meta tags with a hint of a head."""
    body = page.find("<body", 0, _HEAD_CHARS)
    head = page[: body if body >= 0 else _HEAD_CHARS]
    for hint in _HINTS:
        place = head.find(hint)
        while place >= 0:
            start, end = head.rfind("<", max(0, place - _TAG_CHARS), place), head.find(">", place)
            if 0 <= start and place <= end <= start + _TAG_CHARS and not _is_hidden(head, start):
                yield from _told(head[start:end])
            place = head.find(hint, max(place + len(hint), end))


def _is_hidden(head: str, place: int) -> bool:
    """Return whether a place lies in a comment or in an element whose text is no markup of the page."""
    return any(head.rfind(first, 0, place) > head.rfind(last, 0, place) for first, last in _HIDDEN)


def _told(tag: str) -> Iterator[tuple[str, str]]:
    name = tag[1:6].lower()
    attributes = _ATTRIBUTE.finditer(tag)
    values = {one[1].lower(): html.unescape(one[2] or one[3] or one[4] or "") for one in attributes}
    if name.startswith("link"):
        if "canonical" in values.get("rel", "").lower().split():
            yield "canonical", values.get("href", "").strip()
    elif name.startswith("meta"):
        told = values.get("property") or values.get("name") or values.get("itemprop") or ""
        yield told.strip().lower(), values.get("content", "").strip()


def _kind_of(url: str, canonical: str) -> str | None:
    """Return which signal a canonical address is, None where it is the page's own or says nothing."""
    try:
        own, other = urlsplit(url), urlsplit(urljoin(url, canonical))
        hosts = [_host(one.hostname) for one in (own, other)]
    except ValueError:
        return None
    if other.scheme not in ("http", "https") or "." not in hosts[1]:
        return None
    if other.path in ("", "/") and not other.query and (own.path not in ("", "/") or own.query):
        return None  # every page of such a site calls the front page its own
    if hosts[0].split(".")[-2:] != hosts[1].split(".")[-2:]:
        return SAYS_COPY
    places = [
        (host, unquote(one.path).rstrip("/"), one.query)
        for host, one in zip(hosts, (own, other), strict=True)
    ]
    return OTHER_ADDRESS if places[0] != places[1] else None


def _host(name: str | None) -> str:
    return (name or "").rstrip(".").removeprefix("www.")


def _day(text: str) -> int | None:
    """Return a day as YYYYMMDD, of text that begins with one."""
    found = _DAY.match(text)
    if found is None or not (1 <= int(found[2]) <= 12 and 1 <= int(found[3]) <= 31):
        return None
    return int("".join(found.groups()))
