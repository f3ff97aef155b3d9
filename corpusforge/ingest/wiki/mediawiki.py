"""MediaWiki XML exports: plain, gzip, bzip2 or multistream bzip2, whole or damaged.

Every page becomes one record: its latest revision. A record's locator is
`<file>#page=<id>&offset=<byte of the page in the decompressed XML>`; in a multistream file the
byte is counted within the stream at `&stream=<byte of its bzip2 stream in the file>`, which is
all that need be opened to read it.
"""

from __future__ import annotations

import re
import urllib.parse
from collections.abc import Iterator

from corpusforge.document import Document, Drop, DropReason, Markup, SourceKind
from corpusforge.ingest.compression.inflate import Damage, Inflated
from corpusforge.ingest.compression.window import Window, utf8_blocks
from corpusforge.ingest.config import IngestConfig
from corpusforge.ingest.coverage import Coverage
from corpusforge.ingest.inputs import InputFile
from corpusforge.ingest.opening import opened
from corpusforge.ingest.records import make_document, make_drop, note_stop
from corpusforge.ingest.wiki.pages import Broken, Page, PageScanner, Site, read_site
from corpusforge.ingest.wiki.templates import Templates, collect_range

_MULTISTREAM_INDEX = re.compile(rb"\d+:\d+:")
_DBNAME = re.compile(
    r"(\w+?)(wiki|wiktionary|wikibooks|wikiquote|wikisource|wikinews|wikiversity|wikivoyage)"
)
_PROJECT_HOSTS = {"wiki": "wikipedia"}
_REDIRECT = re.compile(r"\s*#[^\W\d_]{2,24}\s*:?\s*\[\[[^\]\n]+\]\]", re.UNICODE)
_REDIRECT_CHARS = 1000
"""A text that opens like a redirect is one only if little follows: else it is a numbered list."""
_TALK_NAMESPACES = (
    "Media Special Talk User Wikipedia Project File Image MediaWiki Template Help Category Portal"
)
_DEFAULT_NAMESPACES = frozenset(
    name for base in _TALK_NAMESPACES.split() for name in (base, f"{base} talk")
) | {"Module", "Draft", "TimedText", "Book"}
"""Names of an English wiki, for a page without <ns> in an export without header."""
_WIKI_LANGUAGES = {
    "als": "gsw",
    "bat-smg": "sgs",
    "be-x-old": "be-tarask",
    "cbk-zam": "cbk",
    "fiu-vro": "vro",
    "map-bms": "jv-x-bms",
    "nrm": "nrf",
    "roa-rup": "rup",
    "simple": "en",
    "zh-classical": "lzh",
    "zh-min-nan": "nan",
    "zh-yue": "yue",
}
"""Wiki codes that are no BCP-47 tags (meta.wikimedia.org/wiki/Special_language_codes)."""


def read_mediawiki(
    input: InputFile,
    config: IngestConfig,
    start: int = 0,
    stop: int | None = None,
    *,
    survey: bytes | None = None,
    coverage: Coverage | None = None,
) -> Iterator[Document | Drop]:
    """Yield one record per page of an export, or of a range of its bytes, in the order of the file.

    Redirects, other namespaces, stubs and pages whose content is no wikitext are dropped;
    each damaged stretch is one `unreadable` drop. Of every range the header is that of the file.
    """
    coverage = coverage or Coverage()
    templates = Templates.from_bytes(collect_range(input.path, config, 0, None) if survey is None else survey)
    with opened(input.path, coverage, until_bytes=stop) as stream:
        site = read_site(utf8_blocks(Inflated(stream, config.max_ratio).blocks()))
        inflated = Inflated(stream, config.max_ratio, start, stop)
        index: list[Drop] = []
        blocks = inflated.blocks() if start else utf8_blocks(inflated.blocks())
        window = Window(blocks if start else _without_index(input, blocks, index))
        scanner = PageScanner(window, config.max_record_bytes, start == 0, inflated.is_past)
        n_records = 0
        for found in scanner:
            if start and n_records == 0:
                inflated.take_damage(scanner.first_bytes)  # told of by the range before
            n_records += 1
            if isinstance(found, Broken):
                causes = inflated.take_damage(found.end_bytes)
                before = [damage for damage in causes if damage.out_bytes < found.offset_bytes]
                yield from _damaged(input, before)
                place = inflated.place(found.offset_bytes)
                yield _broken(input, found, place, causes[len(before) :])
                yield from _damaged(input, causes[len(before) + 1 :])
            else:
                yield from _damaged(input, inflated.take_damage(found.offset_bytes))
                yield _record(input, found, site, inflated.place(found.offset_bytes), templates, config)
        if scanner.first_bytes is None:
            return
        for record in (*index, *_damaged(input, inflated.take_damage(scanner.next_bytes))):
            n_records += 1
            yield record
        note_stop(coverage, inflated)
        if n_records == 0 and start == 0 and scanner.next_bytes is None:
            detail = f"no page in {window.offset_bytes} bytes of XML"
            yield make_drop(input, SourceKind.MEDIAWIKI, input.name, DropReason.EMPTY, detail)


def _damaged(input: InputFile, found: list[Damage]) -> Iterator[Drop]:
    for damage in found:
        reason = DropReason.BOMB if damage.is_bomb else DropReason.UNREADABLE
        locator = f"{input.name}#compressed_offset={damage.offset_bytes}"
        yield make_drop(input, SourceKind.MEDIAWIKI, locator, reason, damage.detail)


def _without_index(input: InputFile, blocks: Iterator[bytes], found: list[Drop]) -> Iterator[bytes]:
    """Yield the blocks of an export; of the index of a multistream file, nothing but a drop in `found`."""
    first = next(blocks, b"")
    if is_multistream_index(first):
        detail = "the index of a multistream export: the pages are in the file beside it"
        found.append(make_drop(input, SourceKind.MEDIAWIKI, input.name, DropReason.NOT_CONTENT, detail))
        return
    yield first
    yield from blocks


def is_multistream_index(head: bytes) -> bool:
    """Return whether a file that begins so is the index of a multistream export."""
    return _MULTISTREAM_INDEX.match(head) is not None


def _broken(input: InputFile, broken: Broken, place: tuple[int, int], causes: list[Damage]) -> Drop:
    stream, offset = place
    n_bytes = broken.end_bytes - broken.offset_bytes
    detail = f"bytes {offset} to {offset + n_bytes} of the XML: {broken.detail}"
    if causes:  # the cause, told once, with the stretch that it broke
        detail += f" ({causes[0].detail})"
    locator = f"{input.name}#offset={offset}" + (f"&stream={stream}" if stream else "")
    return make_drop(input, SourceKind.MEDIAWIKI, locator, DropReason.UNREADABLE, detail, n_bytes=n_bytes)


def _record(
    input: InputFile,
    page: Page,
    site: Site,
    place: tuple[int, int],
    templates: Templates,
    config: IngestConfig,
) -> Document | Drop:
    stream, offset = place
    locator = f"{input.name}#page={page.id}&offset={offset}" + (f"&stream={stream}" if stream else "")
    refusal = _refusal(page, site, config)
    if refusal is not None:
        n_bytes = page.revision.n_bytes if page.revision else 0
        return make_drop(input, SourceKind.MEDIAWIKI, locator, *refusal, n_bytes=n_bytes)
    revision = page.revision
    assert revision is not None and revision.text is not None  # else `_refusal` had said so
    url = page_url(site, page.title)
    older = page.n_revisions - 1
    return make_document(
        input,
        SourceKind.MEDIAWIKI,
        locator,
        markup=Markup.WIKITEXT,
        raw=revision.text,
        title=page.title,
        url=url,
        host=urllib.parse.urlsplit(url).hostname if url else None,
        date=revision.timestamp or None,
        language=site_language(site),
        templates=templates.needed_by(revision.text.decode("utf-8", "replace")),
        notes=(f"latest of {page.n_revisions} revisions",) if older else (),
    )


def _refusal(page: Page, site: Site, config: IngestConfig) -> tuple[DropReason, str] | None:
    """Return why a page is no document, or None."""
    revision = page.revision
    text = revision.text if revision else None
    if page.is_redirect or (text is not None and _is_redirect(text)):
        return DropReason.REDIRECT, f"{page.title!r} is a redirect"
    name = _namespace(page, site)
    if name:
        return DropReason.NAMESPACE, f"{page.title!r} is in namespace {name}"
    if revision is None:
        return DropReason.EMPTY, f"{page.title!r} has no revision"
    if revision.model != "wikitext":
        return DropReason.CONTENT_TYPE, f"{page.title!r} holds {revision.model}, not wikitext"
    if text is None and revision.n_bytes:
        limit = config.max_record_bytes
        return DropReason.TOO_LARGE, f"{page.title!r}: {revision.n_bytes} bytes, the limit is {limit}"
    if text is None:
        return DropReason.EMPTY, f"{page.title!r} has no text: a stub export"
    if not text.strip():
        return DropReason.EMPTY, f"{page.title!r} is blank"
    return None


def _is_redirect(text: bytes) -> bool:
    """Return whether a text is a redirect in any language (`#REDIRECT [[…]]`, `#WEITERLEITUNG …`)."""
    return len(text) <= _REDIRECT_CHARS and _REDIRECT.match(text.decode("utf-8", "replace")) is not None


def _namespace(page: Page, site: Site) -> str:
    """Return the number or name of a page's namespace, or "" for that of articles."""
    if page.namespace is not None:
        return str(page.namespace) if page.namespace else ""
    prefix = page.title.partition(":")[0] if ":" in page.title else ""
    known = {name for key, name in site.namespaces.items() if key} or _DEFAULT_NAMESPACES
    return prefix if prefix in known else ""


def page_url(site: Site, title: str) -> str | None:
    """Return a page's address from the export's header, or None where that tells none."""
    path = urllib.parse.quote(title.replace(" ", "_"), safe="/:@!$'()*,;~")
    if site.base:
        parts = _split_url(site.base)
        if parts is not None and parts.scheme in ("http", "https") and parts.netloc:
            folder = parts.path.rpartition("/")[0]
            return f"{parts.scheme}://{parts.netloc}{folder}/{path}"
    if found := _DBNAME.fullmatch(site.dbname):
        project = _PROJECT_HOSTS.get(found[2], found[2])
        return f"https://{found[1].replace('_', '-')}.{project}.org/wiki/{path}"
    return None


def _split_url(url: str) -> urllib.parse.SplitResult | None:
    """Return the parts of a URL, or None where it is malformed: a bracket that opens no IPv6 address."""
    try:
        parts = urllib.parse.urlsplit(url)
    except ValueError:
        return None
    return parts if parts.hostname else None


def site_language(site: Site) -> str | None:
    """Return the BCP-47 tag of an export's language, by its header or database name."""
    code = site.language
    if not code and (found := _DBNAME.fullmatch(site.dbname)):
        code = found[1].replace("_", "-")
    code = code.lower()
    return _WIKI_LANGUAGES.get(code, code) or None
