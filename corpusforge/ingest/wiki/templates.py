"""The Template pages that a dump carries, for the pages that use them.

A first pass over the dump collects the pages (`collect_templates`), bounded in number and bytes; each
article then takes along those that it needs, and those that they need in turn (`Templates.needed_by`).
What is kept depends on the pages alone, not on their order nor on how the dump was split.
"""

from __future__ import annotations

import heapq
import json
import re
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from corpusforge.ingest.compression.inflate import Inflated
from corpusforge.ingest.compression.window import Window, utf8_blocks
from corpusforge.ingest.config import IngestConfig
from corpusforge.ingest.opening import opened
from corpusforge.ingest.wiki.pages import Broken, Page, PageScanner

MAX_TEMPLATES = 200_000
MAX_TOTAL_BYTES = 48 << 20
"""Of all templates kept; where a wiki has more the longest go, which are tables and navigation."""
_MAX_BYTES = 32 << 10
_MAX_PAGE_BYTES = 256 << 10
_NAMESPACE = 10
_MAX_NEEDED = 400
_MAX_NEEDED_BYTES = 512 << 10
"""What one page may take along."""
_USE = re.compile(
    r"\{\{\s*(?:(?:subst|safesubst)\s*:\s*)?([^{}|<>\[\]\n#:][^{}|<>\[\]\n#]{0,120}?)\s*(?=[|}<\n]|\Z)"
)
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.S)
_NOINCLUDE = re.compile(r"<noinclude\s*>.*?(?:</noinclude\s*>|\Z)", re.I | re.S)
_REDIRECT = re.compile(r"\s*#[^\s\[:]{2,30}\s*:?\s*\[\[\s*[^\]\n|:]+:([^\]\n|#]+)")
_LUA = re.compile(r"\{\{\s*(?:safesubst:)?\s*#invoke\s*:", re.I)
_CHOICE = re.compile(r"\{\{\s*#(?:if|ifeq|switch|ifexpr)\b", re.I)


def collect_templates(pages: Iterable[tuple[str, str]]) -> bytes:
    """Return the template pages that pages can use, packed: the same bytes in whatever order they come.

    `pages`: (title without its namespace, wikitext). Pages that only call Lua are left out, since
    nobody here runs it; documentation is cut off.
    """
    kept: dict[str, str] = {}
    longest: list[tuple[int, str]] = []  # a heap: minus bytes, title
    total = 0
    for title, text in pages:
        name = canonical_name(title)
        text = _includable(text)
        size = len(name.encode()) + len(text.encode("utf-8", "replace"))
        if not name or size > _MAX_BYTES or (_LUA.search(text) and not _CHOICE.search(text)):
            continue
        if name in kept:  # twice in a dump: the longer text, then the later in the alphabet
            if (len(text), text) <= (len(kept[name]), kept[name]):
                continue
            total -= len(name.encode()) + len(kept[name].encode("utf-8", "replace"))
        kept[name] = text
        total += size
        heapq.heappush(longest, (-size, name))
        while total > MAX_TOTAL_BYTES or len(kept) > MAX_TEMPLATES:
            size, name = heapq.heappop(longest)
            if name in kept and len(name.encode()) + len(kept[name].encode("utf-8", "replace")) == -size:
                total += size
                del kept[name]
    rows = json.dumps(sorted(kept.items()), ensure_ascii=False, separators=(",", ":"))
    return zlib.compress(rows.encode("utf-8", "replace"), 6)


def template_pages(pages: Iterable[Page | Broken]) -> Iterator[tuple[str, str]]:
    """Yield (title without its namespace, wikitext) of the template pages among those of a dump."""
    for page in pages:
        if isinstance(page, Broken) or page.revision is None or not page.revision.text:
            continue
        prefix, colon, name = page.title.partition(":")
        is_template = page.namespace == _NAMESPACE or (page.namespace is None and prefix == "Template")
        if is_template and colon and page.revision.model == "wikitext":
            yield name, page.revision.text.decode("utf-8", "replace")


def collect_range(path: str, config: IngestConfig, start: int, stop: int | None) -> bytes:
    """Return the templates among the pages that begin in a range of a dump, packed, by a pass over it."""
    with opened(path) as stream:
        inflated = Inflated(stream, config.max_ratio, start, stop)
        blocks = inflated.blocks() if start else utf8_blocks(inflated.blocks())
        scanner = PageScanner(Window(blocks), _MAX_PAGE_BYTES, start == 0, inflated.is_past)
        return collect_templates(template_pages(scanner))


def merge_templates(packed: Iterable[bytes]) -> bytes:
    """Return the templates of a dump from those of all its ranges: what one pass over it would keep."""
    return collect_templates(row for data in packed for row in Templates.from_bytes(data).texts.items())


@dataclass(frozen=True, slots=True)
class Templates:
    """The templates of one dump, by their names as titles are written."""

    texts: Mapping[str, str]

    @classmethod
    def from_bytes(cls, data: bytes) -> Templates:
        """Return what `collect_templates` packed; none for no bytes."""
        return cls(dict(json.loads(zlib.decompress(data))) if data else {})

    def needed_by(self, text: str) -> dict[str, str]:
        """Return the templates that a page's wikitext uses, and those used by them; bounded."""
        found: dict[str, str] = {}
        if not self.texts or "{{" not in text:
            return found
        waiting, n_bytes = [*_used(text)], 0
        for name in waiting:  # grows while it is walked
            source = self.texts.get(name)
            if source is None or name in found:
                continue
            n_bytes += len(source)
            if len(found) >= _MAX_NEEDED or n_bytes > _MAX_NEEDED_BYTES:
                break
            found[name] = source
            redirect = _REDIRECT.match(source)
            waiting += [canonical_name(redirect[1])] if redirect else _used(source)
        return found


def _used(text: str) -> list[str]:
    """Return the names of the templates that wikitext calls by name, in order, each once."""
    names: dict[str, None] = {}
    for found in _USE.finditer(text):
        name = found[1]
        prefix, colon, rest = name.partition(":")
        names[canonical_name(name)] = None
        if colon and prefix:
            names[canonical_name(rest)] = None  # {{Vorlage:Höhe|…}}
    return list(names)


def canonical_name(name: str) -> str:
    """Return a template's name as titles are written: first letter large, single blanks."""
    name = " ".join(name.replace("_", " ").split())
    return name[:1].upper() + name[1:]


def _includable(text: str) -> str:
    """Return a template's wikitext without comments and without what only its own page shows."""
    if "<" not in text or "<nowiki" in text.lower():
        return text  # a mark of inclusion may be text there: the extractor reads it
    text = _COMMENT.sub("", text)
    return text if "<onlyinclude" in text.lower() else _NOINCLUDE.sub("", text)
