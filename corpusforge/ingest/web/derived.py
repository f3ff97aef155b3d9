"""Records made from a page of the same dump, and what the page says on its use: it holds for them too.

    WARC-Target-URI: urn:text:https://example.org/a       text, DOM, screenshot (Browsertrix, Brozzler)
    WARC-Target-URI: https://web.archive.org/web/2020/http://example.org/a        a replay
    WARC-Refers-To: <urn:uuid:…>                              a conversion of another record
    a resource or conversion with the page's own URL          a DOM snapshot, WET

A page and what was made from it, and from that in turn, are joined by URL and by record id, in whatever
order they lie.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from urllib.parse import unquote

import xxhash

from corpusforge.document import Markup
from corpusforge.ingest.web.page import Page
from corpusforge.page_marks import page_metas

_PREFIXED = re.compile(r"(?:[A-Za-z][\w.+-]{0,40}:){1,3}(?=https?://)", re.I)
_REPLAYED = re.compile(
    r"https?://[^/\s]+/(?:[\w.-]+/){0,3}?(?:\d{4,14}(?:[a-z]{2}_)?|\*|2)/(?:(?:https?:/{1,2})(?=[\w\[]))",
    re.I,
)
_REPLAY_HOSTS = re.compile(
    r"https?://(?:[^/]*\.)?(?:archive\.org|archive-it\.org|archive\.(?:ph|is|today)|webarchive\.[^/]+"
    r"|arquivo\.pt|perma\.cc|webrecorder\.net|conifer\.rhizome\.org|[^/]*wayback[^/]*)/",
    re.I,
)
_DERIVED_TYPES = frozenset({"resource", "conversion"})
_ESCAPED_ADDRESS = re.compile(r"((?:[A-Za-z][\w.+-]{0,40}:){1,3})(https?%3A%2F%2F[^/\s]+)", re.I)
_TIMED = re.compile(r"https?://[^/\s]+/(?:[\w.-]+/){0,3}?\d{14}(?:[a-z]{2}_)?/(?=https?://[\w\[])", re.I)
"""A replay by anybody's own server: the time to the second says so."""
_SCHEME = re.compile(r"https?://(?:www\.)?", re.I)
_DEFAULT_PORT = re.compile(r":(?:80|443)$")
_ESCAPE = re.compile(r"%[0-9a-f]{2}", re.I)
_MAX_STEPS = 8  # from a record back to the page, a conversion each
_META = "meta "
"""Begins the line of a mark that stands in the page itself: `meta robots: noai`."""


@lru_cache(maxsize=64)  # a capture's records follow each other, and each is asked more than once
def page_address(uri: str) -> str:
    """Return the address of the page that a record's URI is about.

    >>> page_address("urn:textFinal:https://example.org/a")
    'https://example.org/a'
    >>> page_address("https://web.archive.org/web/20200101000000id_/http://example.org/a")
    'http://example.org/a'
    """
    uri = uri.strip().removeprefix("<").removesuffix(">")
    if uri.lower().find("http", 1) < 0:  # no address stands within it
        return uri
    if found := _ESCAPED_ADDRESS.fullmatch(uri):
        uri = found[1] + unquote(found[2])
    if found := _PREFIXED.match(uri):
        uri = uri[found.end() :]
    if found := _TIMED.match(uri):
        return uri[found.end() :]
    if _REPLAY_HOSTS.match(uri) and (found := _REPLAYED.match(uri)):
        rest = uri[found.end() :]
        scheme = "https" if "https:" in uri[found.end() - 8 : found.end()].lower() else "http"
        uri = f"{scheme}://{rest}"
    return uri


def page_url(headers: Mapping[str, str], is_copy: bool) -> str | None:
    """Return the address of the page that a record holds or, being derived, was made from, or None."""
    uri = page_address(headers.get("warc-target-uri", ""))
    if is_copy and (named := headers.get("warc-refers-to-target-uri", "")):
        if uri.lower().startswith("urn:") or headers.get("warc-type", "").lower() in _DERIVED_TYPES:
            return page_address(named)
    return uri or None


def is_derived(headers: Mapping[str, str]) -> bool:
    """Return whether a record may be made from another one of its dump."""
    if headers.get("warc-type", "").lower() in _DERIVED_TYPES:
        return True
    if headers.get("warc-refers-to") or headers.get("warc-refers-to-target-uri"):
        return True
    return _is_copy(headers.get("warc-target-uri", ""))


@lru_cache(maxsize=64)  # as above
def _is_copy(uri: str) -> bool:
    """Return whether a URI names the address of a page within itself."""
    uri = uri.strip().removeprefix("<").removesuffix(">")
    return page_address(uri) != uri


@dataclass(slots=True)
class Reserved:
    """The pages of a dump that say something on their use: by a hash of their URL or record id."""

    marks: dict[int, tuple[str, ...]] = field(default_factory=dict[int, tuple[str, ...]])
    links: dict[int, tuple[int, ...]] = field(default_factory=dict[int, tuple[int, ...]])
    """Of a record made from others: its own hashes -> theirs; until `conclude`."""

    def add(self, headers: Mapping[str, str], told: Iterable[str], html: bytes | None) -> None:
        """Remember what a page's response and, where it is HTML, the page itself say."""
        lines = [*told]
        if html is not None:
            lines += [f"{_META}{name}: {value}" for name, value in page_metas(html)]
        if not lines:
            return
        for key in keys_of(headers):
            if key is not None:
                self.marks[key] = tuple(sorted({*self.marks.get(key, ()), *lines}))

    def add_page(self, headers: Mapping[str, str], page: Page) -> None:
        """Remember what the page of a record says on its use."""
        self.add(headers, page.reservations, page.data if page.markup is Markup.HTML else None)

    def add_link(self, headers: Mapping[str, str]) -> None:
        """Remember from which others a record that `is_derived` was made: one may be made from it in turn."""
        origins = _origins(headers)
        for key in keys_of(headers):
            if key is not None and (others := origins - {key}):
                self.links[key] = tuple(sorted({*self.links.get(key, ()), *others}))

    def conclude(self) -> None:
        """Hand marks on along the links, once all records are known, and forget the links."""
        handed = {key: lines for key in self.links if (lines := self._inherited(key))}
        for key, lines in handed.items():
            self.marks[key] = tuple(sorted({*self.marks.get(key, ()), *lines}))
        self.links.clear()

    def _inherited(self, key: int) -> set[str]:
        """Return what all say that a record was made from, step by step."""
        seen, reached = {key}, {key}
        for _ in range(_MAX_STEPS):
            reached = {other for one in reached for other in self.links.get(one, ())} - seen
            seen |= reached
        return {line for one in seen for line in self.marks.get(one, ())}

    def told(self, headers: Mapping[str, str]) -> tuple[str, ...]:
        """Return what the page says from which a record was made; nothing for a record that is no copy."""
        if not self.marks or not is_derived(headers):
            return ()
        lines = {line for key in _origins(headers) for line in self.marks.get(key, ())}
        return tuple(sorted(lines))

    def packed(self) -> list[Any]:
        """Return the marks and links as JSON values, which `add_packed` adds again."""
        marks = [[key, list(lines)] for key, lines in sorted(self.marks.items())]
        return marks + [[key, [], list(others)] for key, others in sorted(self.links.items())]

    def add_packed(self, packed: Iterable[Any]) -> None:
        """Add marks and links of another stretch of the dump."""
        for key, lines, *others in packed:
            if others:
                self.links[key] = tuple(sorted({*self.links.get(key, ()), *others[0]}))
            else:
                self.marks[key] = tuple(sorted({*self.marks.get(key, ()), *lines}))


def keys_of(headers: Mapping[str, str]) -> tuple[int | None, int | None]:
    """Return the hashes of a record's own URL and id, by which others are made from it."""
    return _url_key(headers.get("warc-target-uri", "")), _id_key(headers.get("warc-record-id", ""))


def _origins(headers: Mapping[str, str]) -> set[int]:
    """Return the hashes of the URLs and record ids that a record may be made from."""
    keys = [
        _url_key(headers.get("warc-target-uri", "")),
        _url_key(headers.get("warc-refers-to-target-uri", "")),
        *(_id_key(headers.get(name, "")) for name in ("warc-refers-to", "warc-concurrent-to")),
    ]
    return {key for key in keys if key is not None}


def _url_key(uri: str) -> int | None:
    """Return a hash of the page's URL: the same for http and https, with or without last slash or port."""
    address = page_address(uri)
    if not address:
        return None
    plain = address.partition("#")[0]
    if found := _SCHEME.match(plain):
        plain = plain[found.end() :]
    host, slash, path = plain.rstrip("/").partition("/")
    host = host.lower()
    if ":" in host:
        host = _DEFAULT_PORT.sub("", host)
    if "%" in path:
        path = _ESCAPE.sub(lambda found: found[0].upper(), path)
    return xxhash.xxh3_64_intdigest(f"url {host}{slash}{path}".encode("utf-8", "replace"))


def _id_key(record_id: str) -> int | None:
    record_id = record_id.strip().strip("<>")
    return xxhash.xxh3_64_intdigest(f"id {record_id}".encode("utf-8", "replace")) if record_id else None
