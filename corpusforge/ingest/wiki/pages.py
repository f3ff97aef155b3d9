"""The pages of a MediaWiki XML export: a tolerant scanner in bounded memory.

No XML parser: a page must survive what is wrong around it. Tags are found by pattern, so
a missing root, a stray `<` or an undeclared prefix do no harm, and since only the five
predefined entities and character references are ever replaced, nothing can be made to
expand. Damage costs the pages it touches; reading goes on at the next `<page>`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from corpusforge.ingest.compression.window import Window
from corpusforge.ingest.entities import unescape

_PREFIX = rb"(?:[A-Za-z_][\w.-]{0,99}:)?"
_TAG = re.compile(
    rb"<(/?)" + _PREFIX + rb"(page|revision|contributor|upload|title|ns|id|timestamp|redirect|text|model|"
    rb"mediawiki|base|dbname|namespace)(?=[\s/>])([^<>]{0,4096})>"
)
_TEXT_END = re.compile(
    rb"</" + _PREFIX + rb"text\s{0,9}>|<" + _PREFIX + rb"page\s{0,9}>\s{0,99}<" + _PREFIX + rb"title[\s>]"
)
"""The end of a text, or, where that was lost, the opening of the next page."""
_PAGE_OPENS = re.compile(rb"<" + _PREFIX + rb"page\s{0,9}>\s{0,99}<" + _PREFIX + rb"title[\s>]")
"""How a page opens beyond doubt: even within a text it is taken for the next page."""
_TITLE_OPENS = re.compile(rb"\s{0,99}<" + _PREFIX + rb"title[\s>]")
_LOOK_BYTES = 512
_HEADER_BYTES = 1 << 20
"""How far into an export its header is looked for."""
_LEAF_END = re.compile(rb"<")
_LEAF_BYTES = 8 << 10
_LANG = re.compile(rb"""xml:lang=["']([^"']*)["']""")
_KEY = re.compile(rb"""key=["'](-?\d+)["']""")
_ONLY_IN_PAGES = {"title", "revision", "text", "id", "timestamp", "ns"}


@dataclass(slots=True)
class Site:
    """What the export's header says of the wiki; empty where there is no header."""

    base: str = ""
    dbname: str = ""
    language: str = ""
    namespaces: dict[int, str] = field(default_factory=lambda: {})


@dataclass(slots=True)
class Revision:
    """One state of a page."""

    id: int = 0
    timestamp: str = ""
    model: str = "wikitext"
    text: bytes | None = None
    """None where the export holds no text (a stub) or it was longer than the limit."""
    n_bytes: int = 0
    """Length of the text as the export holds it, escaped."""


@dataclass(slots=True)
class Page:
    """One page with its latest revision."""

    offset_bytes: int
    title: str = ""
    id: int | None = None
    namespace: int | None = None
    is_redirect: bool = False
    revision: Revision | None = None
    n_revisions: int = 0


@dataclass(frozen=True, slots=True)
class Broken:
    """A stretch of the export that holds no readable page."""

    offset_bytes: int
    end_bytes: int
    detail: str


def read_site(blocks: Iterator[bytes]) -> Site:
    """Return what the header of an export says, read up to the first page, at most 1 MiB."""
    site, window = Site(), Window(_up_to(blocks, _HEADER_BYTES))
    while mark := window.find(_TAG):
        name, attributes = mark[2].decode(), mark[3]
        if name == "page":
            break
        if mark[1]:
            continue
        if name == "mediawiki" and (found := _LANG.search(attributes)):
            site.language = found[1].decode("ascii", "replace")
        elif name == "base":
            site.base = _leaf(window)
        elif name == "dbname":
            site.dbname = _leaf(window)
        elif name == "namespace" and (found := _KEY.search(attributes)):
            site.namespaces[int(found[1])] = "" if attributes.endswith(b"/") else _leaf(window)
    return site


def _up_to(blocks: Iterator[bytes], n_bytes: int) -> Iterator[bytes]:
    for block in blocks:
        yield block[:n_bytes]
        n_bytes -= len(block)
        if n_bytes <= 0:
            return


class PageScanner:
    """Iterates over the pages and broken stretches of one export, in order.

    A range of an export owns what lies between the first page in it that opens beyond doubt and the
    first such page in a range after it; the first range owns what comes before as well. `first`
    tells whether this is it, `is_past` whether an offset is in a range after it.
    """

    def __init__(
        self,
        window: Window,
        max_text_bytes: int,
        first: bool = True,
        is_past: Callable[[int], bool] = lambda offset: False,
    ) -> None:
        self.next_bytes: int | None = None
        """Where the first page of a range after this one opens, once it was found."""
        self.first_bytes: int | None = 0 if first else None
        """Where the range's own begins."""
        self._is_past = is_past
        self._window = window
        self._max_text_bytes = max_text_bytes
        self._page: Page | None = None
        self._revision: Revision | None = None
        self._in_part_of_other = False  # contributor and upload have ids and timestamps of their own
        self._page_end = 0
        self._lost: tuple[int, str] | None = None

    def __iter__(self) -> Iterator[Page | Broken]:
        if self.first_bytes is None:
            self.first_bytes = self._window.skip_to(_PAGE_OPENS, self._is_past)
            if self.first_bytes is None:
                return
        while mark := self._window.find(_TAG):
            offset = self._window.start_of(mark)
            closing, name, attributes = bool(mark[1]), mark[2].decode(), mark[3]
            if name == "page":
                if not closing and self._is_past(offset) and self._opens(attributes):
                    self.next_bytes = offset
                    yield from self._open(offset)
                    return
                yield from self._close() if closing else self._open(offset)
            elif self._lost is not None:
                continue
            elif self._page is None:
                self._outside(name)
            elif closing or not attributes.endswith(b"/"):
                self._inside(self._page, name, closing, attributes)
            elif name == "redirect":
                self._page.is_redirect = True
        yield from self._end()

    def _opens(self, attributes: bytes) -> bool:
        """Return whether the page tag that was passed last opens a page beyond doubt."""
        is_bare = len(attributes) <= 9 and not attributes.strip()
        return is_bare and self._window.looks_at(_TITLE_OPENS, _LOOK_BYTES)

    def _open(self, offset: int) -> Iterator[Broken]:
        if self._page is not None and self._lost is None:
            self._lost = (self._page.offset_bytes, "the page is never closed")
        if self._lost is not None:
            yield Broken(self._lost[0], offset, self._lost[1])
        self._lost, self._revision, self._in_part_of_other = None, None, False
        self._page = Page(offset)

    def _close(self) -> Iterator[Page | Broken]:
        page, self._page = self._page, None
        if self._lost is not None:
            return
        if page is None:
            self._lost = (self._page_end, "a page ends that never began")
        elif not page.title or self._revision is not None:
            what = "its revision is never closed" if page.title else "it has no readable title"
            yield Broken(page.offset_bytes, self._window.offset_bytes, what)
        else:
            yield page
        self._page_end = self._window.offset_bytes

    def _end(self) -> Iterator[Broken]:
        end = self._window.offset_bytes
        if self._lost is not None:
            yield Broken(self._lost[0], end, self._lost[1])
        elif self._page is not None:
            yield Broken(self._page.offset_bytes, end, "the file ends inside this page")

    def _outside(self, name: str) -> None:
        if name in _ONLY_IN_PAGES:
            self._lost = (self._page_end, "parts of a page without its beginning")

    def _inside(self, page: Page, name: str, closing: bool, attributes: bytes) -> None:
        if name in ("contributor", "upload"):
            self._in_part_of_other = not closing
            return
        # Neither holds these: here its end was lost.
        self._in_part_of_other = self._in_part_of_other and name not in ("revision", "text")
        if self._in_part_of_other:
            return
        if name == "revision":
            self._turn_revision(page, closing)
        elif closing:
            return
        elif name == "redirect":
            page.is_redirect = True
        elif self._revision is not None:
            self._revision_part(page, self._revision, name)
        elif name == "title":
            page.title = self._leaf()
        elif name == "ns":
            page.namespace = _integer(self._leaf())
        elif name == "id":
            page.id = _integer(self._leaf())

    def _turn_revision(self, page: Page, closing: bool) -> None:
        if not closing:
            self._revision = Revision()
            page.n_revisions += 1
            return
        new, old = self._revision, page.revision
        if new is not None and (old is None or (new.timestamp, new.id) >= (old.timestamp, old.id)):
            page.revision = new
        self._revision = None

    def _revision_part(self, page: Page, revision: Revision, name: str) -> None:
        if name == "id":
            revision.id = _integer(self._leaf()) or 0
        elif name == "timestamp":
            revision.timestamp = self._leaf()
        elif name == "model":
            revision.model = self._leaf()
        elif name == "text":
            # Not past the mark: where it opens the next page, that page must be found.
            text, _, n_bytes = self._window.until(_TEXT_END, self._max_text_bytes + 1, consume=False)
            revision.n_bytes = n_bytes
            revision.text = None if n_bytes > self._max_text_bytes else unescape(text)
            if revision.text is not None and (at := _first_bad_byte(revision.text)) is not None:
                self._lost = (page.offset_bytes, f"byte {at} of its text is not UTF-8")

    def _leaf(self) -> str:
        return _leaf(self._window)


def _leaf(window: Window) -> str:
    value = window.until(_LEAF_END, _LEAF_BYTES, consume=False)[0]
    return unescape(value).decode("utf-8", "replace").strip()


def _first_bad_byte(text: bytes) -> int | None:
    try:
        text.decode()
    except UnicodeDecodeError as error:
        return error.start
    return None


def _integer(value: str) -> int | None:
    return int(value) if re.fullmatch(r"-?\d{1,18}", value) else None
