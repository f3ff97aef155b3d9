"""What the splits of a web archive must know of the whole of it: its survey.

Where the first record of each split begins, told by reading from the front; which pages came
before with the same bytes; which revisits have their page in the dump; what sites say in their
robots.txt and tdmrep.json; what pages say on their use, for what was made from them. A survey is
made range by range, and ranges are joined: each begins at the first record that it can find, and
where the range before, which knows, ends elsewhere (a record's payload may hold records), it is read
again from there.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, cast

import numpy as np
import zstandard
from numpy.typing import NDArray

from corpusforge.document import DropReason
from corpusforge.ingest.config import IngestConfig
from corpusforge.ingest.inputs import InputFile
from corpusforge.ingest.opening import opened, size_of
from corpusforge.ingest.web.archive_records import Gap, archive_records, first_record, limits_of
from corpusforge.ingest.web.derived import Reserved, is_derived
from corpusforge.ingest.web.page import Page, page_of
from corpusforge.ingest.web.payloads import KnownPayloads, hash_of, payload_digest
from corpusforge.ingest.web.site_files import SiteFiles

_EVENT = np.dtype(
    [
        *(("offset", "<u8"), ("inner", "<u8"), ("page", "<u8", 2)),
        *(("stated", "<u8"), ("is_page", "u1"), ("says", "u1")),
    ]
)
"""A page with its digest, or a revisit; `says` is whether it states a payload digest."""
_DUPLICATE = np.dtype([("offset", "<u8"), ("inner", "<u8"), ("first", "<u8")])
_REVISIT = np.dtype([("offset", "<u8"), ("inner", "<u8")])

Array = NDArray[Any]


@dataclass(slots=True)
class Survey:
    """What a split is told."""

    edges: dict[int, int]
    """Byte at which a split is planned to begin, or to end -> where its first record, or the next's, does."""
    sites: SiteFiles
    payloads: KnownPayloads
    reserved: Reserved

    @staticmethod
    def unpacked(data: bytes) -> Survey:
        """Return the survey that `merge_ranges` packed."""
        head, (duplicates, revisits) = _unpacked(data, (_DUPLICATE, _REVISIT))
        sites = SiteFiles()
        sites.add_packed(head["sites"])
        reserved = Reserved()
        reserved.add_packed(head["reserved"])
        places = {(int(offset), int(inner)): int(first) for offset, inner, first in duplicates.tolist()}
        known = frozenset((int(offset), int(inner)) for offset, inner in revisits.tolist())
        edges = {int(planned): int(found) for planned, found in head["edges"]}
        return Survey(edges, sites, KnownPayloads(places, known), reserved)

    def bounds(self, start: int, stop: int | None) -> tuple[int, int | None]:
        """Return where the records of a split begin and end; raises ValueError for one not surveyed."""
        if start not in self.edges or (stop is not None and stop not in self.edges):
            raise ValueError(f"the survey was made for other splits than [{start}, {stop})")
        return self.edges[start], None if stop is None else self.edges[stop]


@dataclass(slots=True)
class _Range:
    """What one range of the file tells."""

    start: int
    stop: int | None
    first: int
    """Where its first record begins; not before `stop` where there is none in it."""
    next: int
    """Where the first record after it begins, or the end of the file."""
    sites: dict[str, Any]
    reserved: list[Any]
    events: Array = field(default_factory=lambda: np.empty(0, _EVENT))


def survey_range(input: InputFile, config: IngestConfig, start: int, stop: int | None) -> bytes:
    """Return what the records that begin in [start, stop) tell the whole file, packed."""
    return _packed_range(_surveyed(input, config, start, stop))


def merge_ranges(input: InputFile, config: IngestConfig, ranges: Iterable[bytes]) -> bytes:
    """Return the survey of a file, packed, from those of ranges that follow each other and are all of it."""
    joined: list[_Range] = []
    for found in map(_unpacked_range, ranges):
        if joined and found.first != joined[-1].next:
            found = _surveyed(input, config, found.start, found.stop, joined[-1].next)
        joined.append(found)
    sites, reserved = SiteFiles(), Reserved()
    for found in joined:
        sites.add_packed(found.sites)
        reserved.add_packed(found.reserved)
    reserved.conclude()
    events = np.concatenate([found.events for found in joined])
    edges = [(found.start, found.first) for found in joined]
    edges += [(found.stop, found.next) for found in joined if found.stop is not None]
    duplicates, revisits = _judged(events, config.drop_duplicate_payloads)
    head = {"edges": sorted(set(edges)), "sites": sites.packed(), "reserved": reserved.packed()}
    return _packed(head, [duplicates, revisits])


def _surveyed(
    input: InputFile, config: IngestConfig, start: int, stop: int | None, first: int | None = None
) -> _Range:
    """Read one range; `first` is where its first record begins, where that is known."""
    sites, reserved = SiteFiles(), Reserved()
    rows: list[tuple[Any, ...]] = []
    with opened(input.path, until_bytes=stop) as stream:
        if first is None:
            first = 0 if start == 0 else first_record(stream, start)
        first = size_of(stream) if first is None else first
        after = first
        if stop is None or first < stop:
            after = size_of(stream)
            for record in archive_records(stream, limits_of(config), first):
                if isinstance(record, Gap):
                    continue
                if stop is not None and record.offset_bytes >= stop and record.inner_bytes == 0:
                    after = record.offset_bytes
                    break
                if config.site_files:
                    sites.add(record, config.site_files)
                if is_derived(record.headers):
                    reserved.add_link(record.headers)
                page = page_of(record, config)
                if isinstance(page, Page):
                    reserved.add_page(record.headers, page)
                    digest = page.digest() if config.drop_duplicate_payloads else 0
                elif page[0] is DropReason.REVISIT:
                    digest = 0
                else:
                    continue
                stated = payload_digest(record)
                halves = (digest >> 64, digest & (1 << 64) - 1)
                place = (record.offset_bytes, record.inner_bytes)
                rows.append((*place, halves, hash_of(stated), isinstance(page, Page), bool(stated)))
    return _Range(start, stop, first, after, sites.packed(), reserved.packed(), np.array(rows, _EVENT))


def _judged(events: Array, drops_duplicates: bool) -> tuple[Array, Array]:
    """Return (duplicates, revisits whose page came before), as reading from the front would find them."""
    pages = np.flatnonzero(events["is_page"])
    stays = np.ones(len(pages), bool)
    duplicates = np.empty(0, _DUPLICATE)
    if drops_duplicates and len(pages):
        keys = np.ascontiguousarray(events["page"][pages]).view("V16").ravel()
        _, first, which = np.unique(keys, return_index=True, return_inverse=True)
        offsets = events["offset"][pages]
        first_offsets = offsets[first[which.ravel()]]
        stays = first_offsets == offsets
        duplicates = np.empty(int((~stays).sum()), _DUPLICATE)
        duplicates["offset"] = offsets[~stays]
        duplicates["inner"] = events["inner"][pages][~stays]
        duplicates["first"] = first_offsets[~stays]
    staying = pages[stays & events["says"][pages].astype(bool)]
    stated, first = np.unique(events["stated"][staying], return_index=True)
    revisits = np.flatnonzero(events["is_page"] == 0)
    at = np.searchsorted(stated, events["stated"][revisits])
    at_known = np.minimum(at, max(0, len(stated) - 1))
    known = np.zeros(len(revisits), bool)
    if len(stated):
        known = (stated[at_known] == events["stated"][revisits]) & (staying[first][at_known] < revisits)
    found = np.empty(int(known.sum()), _REVISIT)
    found["offset"] = events["offset"][revisits[known]]
    found["inner"] = events["inner"][revisits[known]]
    return duplicates, found


def _packed_range(found: _Range) -> bytes:
    head = {
        "range": [found.start, found.stop, found.first, found.next],
        "sites": found.sites,
        "reserved": found.reserved,
    }
    return _packed(head, [found.events])


def _unpacked_range(data: bytes) -> _Range:
    head, (events,) = _unpacked(data, (_EVENT,))
    start, stop, first, after = head["range"]
    return _Range(start, stop, first, after, head["sites"], head["reserved"], events)


def _packed(head: dict[str, Any], arrays: list[Array]) -> bytes:
    sized = {**head, "rows": [len(array) for array in arrays]}
    line = json.dumps(sized, sort_keys=True, separators=(",", ":")).encode() + b"\n"
    return zstandard.ZstdCompressor(3).compress(line + b"".join(array.tobytes() for array in arrays))


def _unpacked(data: bytes, types: tuple[np.dtype[Any], ...]) -> tuple[dict[str, Any], list[Array]]:
    plain = zstandard.ZstdDecompressor().decompress(data)
    at = plain.index(b"\n") + 1
    head = cast("dict[str, Any]", json.loads(plain[:at]))
    arrays: list[Array] = []
    for n_rows, kind in zip(head["rows"], types, strict=True):
        arrays.append(np.frombuffer(plain, kind, n_rows, at))
        at += n_rows * kind.itemsize
    return head, arrays
