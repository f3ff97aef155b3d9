"""What a document tells of where its text comes from: the figures that `order` ranks copies by.

    origin        first a dump that its publisher makes of itself (a wiki, Stack Exchange, books), then a file
                  of a repository, then a page, last what calls itself a copy or is stored as one; of equals,
                  the repository that more people starred
    known since   the earliest day by which the text was there, as far as the document can prove it
    surroundings  how much of a page stands in short lines that end no sentence: what stands around a text;
                  behind all of them, another address of a page

A copy is what says so: a canonical address at another site, a repository that its dump calls a fork or a
mirror, an address that holds that of another site (archives, proxies, translators), a host that is called
a mirror, a file among a project's test data, and what `copies` lists.

A crawl proves only that a page was there by then, and the pages of one crawl are fetched in no order: its
dates count by the year. The commit at the head of a repository and the revision of an article say when
they were last changed, which for what is kept up is later than for a copy that nobody keeps up: they
prove nothing here. Dates that cannot be (before the web, behind the crawl) are as good as none.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

import numpy as np
from numpy.typing import NDArray

from corpusforge.compiled import jit
from corpusforge.dedup.config import OriginConfig
from corpusforge.document import SourceKind
from corpusforge.domains import Domain
from corpusforge.origin_signals import PUBLISHED, REPO_STARS, SAYS_COPY

UNKNOWN_DATE = 2**64 - 1
SURROUNDING_GRADES = 8
_PUBLISHER, _REPOSITORY, _PAGE, _COPY = range(4)
_MOST_FAME = 31
UNKNOWN_ORIGIN = _PAGE << 6 | _MOST_FAME
"""Of a document that tells nothing."""
_PUBLISHERS = frozenset({SourceKind.MEDIAWIKI, SourceKind.STACKEXCHANGE, SourceKind.BOOKS})
_REPOSITORIES = frozenset({SourceKind.GITHUB, SourceKind.NOTEBOOKS})
_FIRST_YEAR, _LAST_YEAR = 1990, 2100
"""Dates of what stands on the web; 1970 and 1980 are what clocks and archives say that know none."""
_DATE = re.compile(r"(\d{4})-?(\d\d)?-?(\d\d)?(?:[T ](\d\d):?(\d\d)(?::?(\d\d))?)?")
_DAY, _YEAR = 10**6, 10**10
_YEARS_END = 1231235959
_INNER = re.compile(r"/https?:/{1,2}([^/?#]+)", re.I)
_TEST_DATA = re.compile(
    r"(?:^|/)(?:testdata|fixtures?|__snapshots__|goldens?)/"
    r"|(?:^|/)(?:tests?|testing|spec)/(?:[^/]+/){0,8}(?:data|resources|inputs?|outputs?|expected|samples)/",
    re.I,
)
_MOST_SHARE = 0.5
"""A page of which half or more is no running text has the worst grade."""


def date_number(date: str | None) -> int:
    """Return an ISO 8601 date as YYYYMMDDhhmmss, zeros where it is not so exact."""
    match = _DATE.match(date or "")
    return int("".join(part or "00" for part in match.groups())) if match else UNKNOWN_DATE


def known_since(
    kind: str, date: str | None, signals: Mapping[str, float], *, url: str | None, repo: str | None = None
) -> int:
    """Return the earliest time by which a text was there, YYYYMMDDhhmmss; `UNKNOWN_DATE` without proof.

    `date` is the document's, `signals` hold what its page or repository says (`PUBLISHED`). The date of
    what has an address is taken for that of its crawl, whatever reader it came by.
    """
    stated, told = date_number(date), int(signals.get(PUBLISHED, 0)) * _DAY
    own = told if _is_likely(told) else UNKNOWN_DATE
    if kind == SourceKind.BOOKS:
        return stated
    if kind == SourceKind.MEDIAWIKI or kind in _REPOSITORIES or repo:
        return own
    stated = stated if _is_likely(stated) else UNKNOWN_DATE
    if kind == SourceKind.STACKEXCHANGE or not url:
        return min(stated, own)
    if stated == UNKNOWN_DATE:
        return own
    return own if own // _DAY <= stated // _DAY else stated // _YEAR * _YEAR + _YEARS_END


def _is_likely(number: int) -> bool:
    return _FIRST_YEAR <= number // _YEAR <= _LAST_YEAR


def origin_of(
    kind: str,
    signals: Mapping[str, float],
    config: OriginConfig,
    *,
    url: str | None = None,
    repo: str | None = None,
    path: str | None = None,
) -> int:
    """Return 0-255, the likelier origin first: by what a document is and says of itself, then by stars."""
    if signals.get(SAYS_COPY) or _is_mirror(url, config) or _is_listed(url, repo, config.copies):
        what = _COPY
    elif kind in _PUBLISHERS:
        what = _PUBLISHER
    elif kind in _REPOSITORIES or repo:
        what = _COPY if path and _TEST_DATA.search(path) else _REPOSITORY
    else:
        what = _PAGE
    stars = max(0, min(int(signals.get(REPO_STARS, 0)), 2**_MOST_FAME - 1))
    return what << 6 | _MOST_FAME - stars.bit_length()


def _is_mirror(url: str | None, config: OriginConfig) -> bool:
    """Return whether an address is a copy's: its path holds another site's, or its host is so called."""
    host = host_name(url)
    if url is None or host is None:
        return False
    found = _INNER.search(url, 8)
    if found is not None and not is_same_site(host, found[1].lower()):
        return True
    return any(_bare(label) in config.mirror_words for label in host.split(".")[:-2])


def is_other_address(url: str | None, config: OriginConfig) -> bool:
    """Return whether an address is so called that a page has another one: a print view, a campaign's link."""
    host = host_name(url)
    if url is None or host is None:
        return False
    parts = urlsplit(url)
    words = [*host.split(".")[:-2], parts.path.strip("/").partition("/")[0].lower()]
    if any(_bare(word) in config.other_words for word in words):
        return True
    names = (item.partition("=")[0].lower() for item in parts.query.split("&") if item)
    return any(name in config.other_words or name in config.tracking for name in names)


def _bare(label: str) -> str:
    """Return a label without the number behind it: `mirror-12` is one of several."""
    return label.rstrip("0123456789").rstrip("-_")


def _is_listed(url: str | None, repo: str | None, copies: Sequence[str]) -> bool:
    if not copies:
        return False
    host, name = host_name(url) or "", (repo or "").lower()
    for one in map(str.lower, copies):
        if "/" in one:
            if name == one or (one.endswith("/") and name.startswith(one)):
                return True
        elif host == one or host.endswith(f".{one}"):
            return True
    return False


def host_name(url: str | None) -> str | None:
    """Return the host of an address in lower case, without `www.`; None where it has none."""
    try:
        host = urlsplit(url or "").hostname
    except ValueError:
        return None
    return host.rstrip(".").removeprefix("www.") if host else None


def is_same_site(one: str, other: str) -> bool:
    """Return whether two hosts may be of one site: their last two labels are the same.

    Without a list of public suffixes: `a.co.uk` and `b.co.uk` count as one, which accuses nobody.
    """
    one, other = one.removeprefix("www."), other.removeprefix("www.")
    return one.split(".")[-2:] == other.split(".")[-2:]


def surroundings(texts: Sequence[str]) -> NDArray[np.uint8]:
    """Return for each text 0-7: eight grades by the share of it in short lines that end no sentence."""
    data = [text.encode("utf-8", "replace") for text in texts]
    ends = np.cumsum([len(one) for one in data], dtype=np.int64)
    shares = _loose_shares(np.frombuffer(b"".join(data), dtype=np.uint8), ends)
    return np.minimum(SURROUNDING_GRADES - 1, shares / _MOST_SHARE * SURROUNDING_GRADES).astype(np.uint8)


def has_surroundings(kind: str, domain: str, repo: str | None) -> bool:
    """Return whether a text may have what stands around it: a page; no book, article or file of a project."""
    return kind not in _PUBLISHERS and kind not in _REPOSITORIES and not repo and domain != Domain.CODE


@jit
def _loose_shares(data: Any, ends: Any) -> Any:
    """Return for each text the share of its characters in short lines that end no sentence.

    Fenced blocks, rows of tables, headings and formulas on lines of their own count on neither side.
    """
    out = np.zeros(ends.shape[0], dtype=np.float64)
    start = np.int64(0)
    for text in range(ends.shape[0]):
        loose = 0
        total = 0
        is_fenced = False
        while start < ends[text]:
            end = start
            chars = 0
            while end < ends[text] and data[end] != 10:
                chars += data[end] > 32 and (data[end] < 128 or data[end] >= 192)
                end += 1
            first = start
            while first < end and data[first] <= 32:
                first += 1
            if _is_fence(data, first, end):
                is_fenced = not is_fenced
            elif (
                chars > 0 and not is_fenced and data[first] != 124 and data[first] != 35 and data[first] != 36
            ):
                total += chars
                if chars < 60 and not _ends_sentence(data, first, end):
                    loose += chars
            start = end + 1
        start = ends[text]
        if total > 0:
            out[text] = loose / total
    return out


@jit
def _is_fence(data: Any, first: Any, end: Any) -> bool:
    """Return whether a line begins with three backticks or tildes."""
    if first + 2 >= end or (data[first] != 96 and data[first] != 126):
        return False
    return data[first] == data[first + 1] and data[first] == data[first + 2]


@jit
def _ends_sentence(data: Any, first: Any, end: Any) -> bool:
    """Return whether a line ends with a mark that ends or parts sentences, quotation marks behind or not."""
    while end > first:
        last = data[end - 1]
        if last >= 128:
            if end - first < 3:
                return False
            a, b = data[end - 3], data[end - 2]
            if a == 0xE2 and b == 0x80 and (last == 0x99 or last == 0x9D):  # closing quotation marks
                end -= 3
                continue
            if a == 0xE3 and b == 0x80:  # the ideographic comma and full stop, closing brackets
                return last >= 0x81 and last <= 0x91
            if a == 0xEF and b == 0xBC:  # full-width ! ) , . : ; ?
                return last == 0x81 or last == 0x89 or last == 0x8C or last == 0x8E or last >= 0x9A
            return (a == 0xE2 and b == 0x80 and last == 0xA6) or (a == 0xE0 and b == 0xA5 and last >= 0xA4)
        if last == 46 or last == 33 or last == 63 or last == 58 or last == 59 or last == 44:  # . ! ? : ; ,
            return True
        if last > 32 and last != 34 and last != 39 and last != 41 and last != 42 and last != 95:  # " ' ) * _
            return False
        end -= 1
    return False
