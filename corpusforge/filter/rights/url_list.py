"""A list of hosts and URL prefixes that stays small: one 64-bit hash an entry, sorted.

    example.org           a host and all hosts below it
    example.org:8080      the same at one port
    example.org/blog      a URL prefix, whole path segments; `https://` may stand before it
    0.0.0.0 example.org   a line of a hosts file: its host

A million entries take 12 MB. Two texts share a hash once in 2^64 pairs, so that a list of ten
million entries names a page by mistake about once in 10^11 pages.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import xxhash
from numpy.typing import NDArray

from corpusforge import lazy_re as re

_HOST = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)+(?::\d+)?")
_SCHEME = re.compile(r"(?:[a-z][a-z0-9+.-]*:)?//", re.I)
_HOSTS_FILE = re.compile(r"(?:0\.0\.0\.0|127\.0\.0\.1|::1?)\s+(?=\S+\Z)")
_SEGMENT_END = re.compile(r"[/?#]")
_MAX_SEGMENTS = 32
"""Deeper prefixes are not looked for: the longest in public lists have ten."""


@dataclass(slots=True)
class UrlList:
    """Entries as hashes, each with the number of its line; `freeze` sorts them."""

    hashes: NDArray[np.uint64] = field(default_factory=lambda: np.empty(0, np.uint64))
    lines: NDArray[np.uint32] = field(default_factory=lambda: np.empty(0, np.uint32))
    _new_hashes: array[int] = field(default_factory=lambda: array("Q"))
    _new_lines: array[int] = field(default_factory=lambda: array("I"))

    def add(self, entry: str, line: int) -> bool:
        """Take an entry; return whether it is a host or a URL."""
        key = entry_key(entry)
        if key is None:
            return False
        self._new_hashes.append(_hash(key))
        self._new_lines.append(line)
        return True

    def freeze(self) -> None:
        """Sort what was added; of an entry that stands twice the first line is told."""
        hashes = np.frombuffer(self._new_hashes, np.uint64) if self._new_hashes else self.hashes
        lines = np.frombuffer(self._new_lines, np.uint32) if self._new_lines else self.lines
        self.hashes, first = np.unique(hashes, return_index=True)
        self.lines = lines[first]
        self._new_hashes, self._new_lines = array("Q"), array("I")

    def find(self, url: str | None, host: str | None) -> tuple[int, str] | None:
        """Return (line, entry) of the first entry that names a page: its URL's prefixes, then its hosts."""
        if not len(self.hashes):
            return None
        keys = list(_page_keys(url or "", host))
        hashes = np.fromiter(map(_hash, keys), np.uint64, len(keys))
        places = np.minimum(np.searchsorted(self.hashes, hashes), len(self.hashes) - 1)
        hits: list[int] = np.flatnonzero(self.hashes[places] == hashes).tolist()
        return (int(self.lines[places[hits[0]]]), keys[hits[0]]) if hits else None


def _hash(key: str) -> int:
    return xxhash.xxh3_64_intdigest(key.encode("utf-8", "surrogatepass"))


def entry_key(entry: str) -> str | None:
    """Return the key of an entry, host in lower case and ASCII, or None where it is neither host nor URL.

    >>> entry_key("HTTPS://Bücher.example/Neu")
    'xn--bcher-kva.example/Neu'
    """
    entry = _HOSTS_FILE.sub("", entry, 1)
    if scheme := _SCHEME.match(entry):
        entry = entry[scheme.end() :]
    host, slash, rest = entry.partition("/")
    host = ascii_host(host)
    if not _HOST.fullmatch(host):
        return None
    return f"{host}{slash}{rest}" if rest else host


def ascii_host(host: str) -> str:
    """Return a host as DNS knows it: lower case, an international name in its ASCII form, no last dot."""
    host = host.lower()
    if not host.isascii():
        try:
            host = host.encode("idna").decode("ascii")
        except UnicodeError:
            return host
    name, colon, port = host.partition(":")
    return name.rstrip(".") + colon + port


def split_url(url: str) -> tuple[str, str, str]:
    """Return (host, port, path with query and fragment) of a URL; its scheme and user are left out.

    >>> split_url("https://me@Example.org:8080/a?b")
    ('example.org', '8080', '/a?b')
    """
    url = url.strip()
    if scheme := _SCHEME.match(url):
        url = url[scheme.end() :]
    end = found.start() if (found := _SEGMENT_END.search(url)) else len(url)
    name, _, port = ascii_host(url[:end].rpartition("@")[2]).partition(":")
    rest = url[end:]
    return name, port, rest if rest.startswith("/") else f"/{rest}"


def _page_keys(url: str, host: str | None) -> Iterator[str]:
    """Yield every key that would name a page: prefixes of its path, longest last, then its hosts."""
    name, port, rest = split_url(url)
    name = name or ascii_host(host or "")
    for number, found in enumerate(_SEGMENT_END.finditer(rest, 1)):
        if number == _MAX_SEGMENTS:
            break
        yield name + rest[: found.start()]
        if found[0] == "/":
            yield name + rest[: found.end()]
    if len(rest) > 1:
        yield name + rest
    while name:
        if port:
            yield f"{name}:{port}"
        yield name
        name = name.partition(".")[2]
