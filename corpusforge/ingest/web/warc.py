"""WARC 0.17 to 1.1 and ARC: one document for each page, one drop for each other record.

Locator: `<file>#offset=<byte>`, where the record's gzip member (or, in a file that is not
compressed, the record) begins; `&inner=<byte>` follows where a member holds several records.

Of pages with the same bytes the first in the dump stays. A split is told by a survey of the whole
file what came before it, and what the sites' own files say. Where a whole file is read, what its pages
say on their use is gathered by the way: from the first record on that may be made from another, documents
wait until the file has ended, or until they come to more than `HELD_BYTES`; a pass of its own tells then.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property, partial
from typing import NamedTuple

from corpusforge.document import Document, Drop, DropReason, SourceKind
from corpusforge.ingest.beside import declared
from corpusforge.ingest.config import IngestConfig
from corpusforge.ingest.coverage import Coverage
from corpusforge.ingest.inputs import InputFile
from corpusforge.ingest.opening import opened
from corpusforge.ingest.records import host_of, make_document, make_drop
from corpusforge.ingest.web.archive_records import (
    ArchiveLimits,
    ArchiveRecord,
    Gap,
    archive_records,
    limits_of,
)
from corpusforge.ingest.web.derived import Reserved, is_derived, page_url
from corpusforge.ingest.web.page import Page, Refusal, page_of
from corpusforge.ingest.web.payloads import Earlier, Payloads, payload_digest
from corpusforge.ingest.web.site_files import SiteFiles, read_site_files
from corpusforge.ingest.web.survey import Survey

_KIND = SourceKind.WARC
HELD_BYTES = 64 << 20
"""What waits for the end of a file at most: set by hand, four of the largest records."""
_ROW_BYTES = 1 << 10
"""What a row that waits takes beside its page, about."""


class _Copy(NamedTuple):
    """A page that may be made from that of another record: a document, once it is told what that says."""

    headers: Mapping[str, str]
    offset_bytes: int
    """Where its record begins."""
    n_bytes: int
    """Of its page."""
    document: Callable[[tuple[str, ...]], Document]


_End = Document | Drop | _Copy


class Whole:
    """All files of one dump, and what they say of its pages; each is told by a pass of its own, once."""

    def __init__(self, files: Callable[[], Iterator[InputFile]], config: IngestConfig) -> None:
        """Keep what gives the dump's files, one by one."""
        self._files, self._config = files, config

    def _records(self) -> Iterator[ArchiveRecord | Gap]:
        for file in self._files():
            yield from declared(file, _records_of(file, limits_of(self._config)))

    @cached_property
    def sites(self) -> SiteFiles:
        """What the dump's robots.txt and tdmrep.json say."""
        wanted = self._config.site_files
        return read_site_files(self._records(), wanted) if wanted else SiteFiles()

    @cached_property
    def reserved(self) -> Reserved:
        """What the dump's pages say on their use."""
        found = Reserved()
        for record in self._records():
            if isinstance(record, Gap):
                continue
            if is_derived(record.headers):
                found.add_link(record.headers)
            page = page_of(record, self._config)
            if isinstance(page, Page):
                found.add_page(record.headers, page)
        found.conclude()
        return found


def _records_of(file: InputFile, limits: ArchiveLimits) -> Iterator[ArchiveRecord | Gap]:
    with opened(file.path) as stream:
        yield from archive_records(stream, limits)


def read_warc(
    input: InputFile,
    config: IngestConfig,
    start: int = 0,
    stop: int | None = None,
    *,
    survey: bytes | None = None,
    coverage: Coverage | None = None,
    whole: Whole | None = None,
) -> Iterator[Document | Drop]:
    """Yield one document or drop for each record that begins in [start, stop) of the file.

    `start` is 0 or the byte offset of a locator; with a survey, that of a split. A damaged stretch
    gives one drop, with its offset and length, and the records behind it are read. `whole`: the dump
    that the file is a part of, where it is not all of it.
    """
    seen: Earlier
    is_own = whole is None and survey is None and start == 0 and stop is None
    whole = whole or Whole(lambda: iter((input,)), config)
    if survey is None:
        sites, seen = whole.sites, Payloads()
        reserved = None  # read when it is first asked for
    else:
        known = Survey.unpacked(survey)
        start, stop = known.bounds(start, stop)
        sites, seen, reserved = known.sites, known.payloads, known.reserved
    gathered = Reserved() if is_own else None
    coverage = Coverage() if coverage is None else coverage
    ends = _ends(input, config, start, stop, coverage, seen, sites, gathered)
    if gathered is not None:
        ends = _told_at_the_end(ends, gathered, coverage)
    for end in ends:
        if not isinstance(end, _Copy):
            yield end
            continue
        if reserved is None:
            reserved = whole.reserved
        yield end.document(reserved.told(end.headers))


def _ends(
    input: InputFile,
    config: IngestConfig,
    start: int,
    stop: int | None,
    coverage: Coverage,
    seen: Earlier,
    sites: SiteFiles,
    gathered: Reserved | None,
) -> Iterator[_End]:
    """Yield what each record comes to; `gathered` takes in what all pages say, where it is not known yet."""
    with opened(input.path, coverage, until_bytes=stop) as stream:
        for found in archive_records(stream, limits_of(config), start, stop):
            place = f"&inner={found.inner_bytes}" if found.inner_bytes else ""
            locator = f"{input.name}#offset={found.offset_bytes}{place}"
            if isinstance(found, Gap):
                yield make_drop(input, _KIND, locator, *_gap(found), n_bytes=found.n_bytes)
                continue
            headers = found.headers
            is_copy = is_derived(headers)
            page = page_of(found, config)
            if gathered is not None:
                if is_copy:
                    gathered.add_link(headers)
                if isinstance(page, Page):
                    gathered.add_page(headers, page)
            page = _seen(found, page, seen, config)
            if not isinstance(page, Page):
                yield make_drop(input, _KIND, locator, *page, n_bytes=found.n_bytes)
            elif is_copy:
                document = partial(_document, input, locator, headers, page, sites, config, True)
                yield _Copy(headers, found.offset_bytes, len(page.data), document)
            else:
                yield _document(input, locator, headers, page, sites, config, False, ())


def _told_at_the_end(ends: Iterator[_End], gathered: Reserved, coverage: Coverage) -> Iterator[_End]:
    """Yield ends in order: from the first copy on all wait until `gathered` is whole, or are too many.

    Copies are told what their pages say, but for those where too many waited: they are yielded as they are.
    """
    waiting: deque[_End] = deque()
    n_bytes, at = 0, 0
    try:
        for end in ends:
            if not waiting:
                if not isinstance(end, _Copy):
                    yield end
                    continue
                at = end.offset_bytes
            waiting.append(end)
            n_bytes += _ROW_BYTES + _page_bytes(end)
            if n_bytes > HELD_BYTES:
                break
        else:
            gathered.conclude()
            while waiting:
                end = waiting.popleft()
                yield end.document(gathered.told(end.headers)) if isinstance(end, _Copy) else end
            return
    except BaseException:
        coverage.at = min(coverage.at, at) if waiting else coverage.at  # what waited is not read
        raise
    gathered.marks.clear()
    while waiting:
        yield waiting.popleft()
    yield from ends


def _page_bytes(end: _End) -> int:
    """Return how much the page of an end takes."""
    if isinstance(end, Drop):
        return 0
    return end.n_bytes if isinstance(end, _Copy) else len(end.raw or b"")


def _seen(
    record: ArchiveRecord, page: Page | Refusal, payloads: Earlier, config: IngestConfig
) -> Page | Refusal:
    """Return the page, or its refusal where the same bytes came before in the dump."""
    if not isinstance(page, Page):
        if page[0] is DropReason.REVISIT:
            digest = payload_digest(record)
            where = "in this dump" if payloads.is_stated(record) else "not in this dump"
            return page[0], f"{page[1]}, {where}: {digest[:100] or 'no digest'}"
        return page
    if config.drop_duplicate_payloads:
        place = payloads.first_place(page, record)
        if place is not None:
            same = f"the same {len(page.data)} bytes as the page at offset {place}"
            return DropReason.DUPLICATE_PAYLOAD, same
    payloads.state(record)
    return page


def _gap(gap: Gap) -> Refusal:
    if gap.is_bomb:
        return DropReason.BOMB, f"{gap.detail}; {gap.n_bytes} bytes skipped at byte {gap.offset_bytes}"
    if gap.is_cut and "no record begins" not in gap.detail:
        advice = "fetch the file again"
        return DropReason.TRUNCATED, f"{gap.detail}: {gap.n_bytes} bytes at byte {gap.offset_bytes}; {advice}"
    whole = "is this a WARC or ARC file?" if gap.offset_bytes == gap.inner_bytes == 0 else "fetch it again"
    detail = f"{gap.detail}: {gap.n_bytes} bytes skipped at byte {gap.offset_bytes}; {whole}"
    return DropReason.UNREADABLE, detail


def _document(
    input: InputFile,
    locator: str,
    headers: Mapping[str, str],
    page: Page,
    sites: SiteFiles,
    config: IngestConfig,
    is_copy: bool,
    told: tuple[str, ...],
) -> Document:
    url = page_url(headers, is_copy)
    marks = page.reservations + tuple([line for line in told if line not in page.reservations])
    return make_document(
        input,
        _KIND,
        locator,
        markup=page.markup,
        raw=page.data,
        charset=page.charset,
        reservations=marks + sites.reservations(url, config.robots_agents),
        url=url,
        host=host_of(url),
        date=headers.get("warc-date") or None,
        notes=page.notes,
    )
