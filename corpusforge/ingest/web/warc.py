"""WARC 0.17 to 1.1 and ARC: one document for each page, one drop for each other record.

Locator: `<file>#offset=<byte>`, where the record's gzip member (or, in a file that is not
compressed, the record) begins; `&inner=<byte>` follows where a member holds several records.

Of pages with the same bytes the first in the dump stays. A split is told by a survey of the whole
file what came before it, and what the sites' own files say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property
from urllib.parse import urlsplit

from corpusforge.document import Document, Drop, DropReason, SourceKind, stable_id
from corpusforge.ingest.beside import declared
from corpusforge.ingest.config import IngestConfig
from corpusforge.ingest.coverage import Coverage
from corpusforge.ingest.inputs import InputFile
from corpusforge.ingest.opening import opened
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
    limits = limits_of(config)
    seen: Earlier
    reserved: Reserved | None
    whole = whole or Whole(lambda: iter((input,)), config)
    if survey is None:
        sites, seen = whole.sites, Payloads()
        reserved = None  # read when it is first asked for
    else:
        known = Survey.unpacked(survey)
        start, stop = known.bounds(start, stop)
        sites, seen, reserved = known.sites, known.payloads, known.reserved
    with opened(input.path, coverage, until_bytes=stop) as stream:
        for found in archive_records(stream, limits, start, stop):
            place = f"&inner={found.inner_bytes}" if found.inner_bytes else ""
            locator = f"{input.name}#offset={found.offset_bytes}{place}"
            if isinstance(found, Gap):
                yield _drop(input, locator, *_gap(found), n_bytes=found.n_bytes)
                continue
            page = _seen(found, page_of(found, config), seen, config)
            if isinstance(page, Page):
                if reserved is None and is_derived(found.headers):
                    reserved = whole.reserved
                told = reserved.told(found.headers) if reserved else ()
                yield _document(input, locator, found, page, told, sites, config)
            else:
                yield _drop(input, locator, *page, n_bytes=found.n_bytes)


def _seen(
    record: ArchiveRecord, page: Page | Refusal, payloads: Earlier, config: IngestConfig
) -> Page | Refusal:
    """Return the page, or its refusal where the same bytes came before in the dump."""
    digest = payload_digest(record)
    if not isinstance(page, Page):
        if page[0] is DropReason.REVISIT:
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
    record: ArchiveRecord,
    page: Page,
    told: tuple[str, ...],
    sites: SiteFiles,
    config: IngestConfig,
) -> Document:
    url = page_url(record.headers)
    marks = page.reservations + tuple(line for line in told if line not in page.reservations)
    return Document(
        doc_id=stable_id(_KIND, locator),
        source=input.source,
        source_kind=_KIND,
        locator=locator,
        markup=page.markup,
        raw=page.data,
        charset=page.charset,
        reservations=marks + sites.reservations(url, config.robots_agents),
        url=url,
        host=host_of(url),
        date=record.headers.get("warc-date") or None,
        notes=page.notes,
    )


def host_of(url: str | None) -> str | None:
    """Return the host of a URL in lower case, or None.

    >>> host_of("https://User@Example.org:8080/a")
    'example.org'
    """
    try:
        return urlsplit(url or "").hostname or None
    except ValueError:  # a bracket that opens no IPv6 address
        return None


def _drop(input: InputFile, locator: str, reason: DropReason, detail: str, *, n_bytes: int) -> Drop:
    return Drop(
        doc_id=stable_id(_KIND, locator),
        source=input.source,
        source_kind=_KIND,
        locator=locator,
        reason=reason,
        detail=" ".join(detail.split()),
        n_bytes=n_bytes,
    )
