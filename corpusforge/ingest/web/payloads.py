"""Which pages of a dump came before with the same bytes, and which payloads its records state."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

import xxhash

from corpusforge.ingest.web.archive_records import ArchiveRecord
from corpusforge.ingest.web.page import Page


class Earlier(Protocol):
    """What came before a record in its dump."""

    def first_place(self, page: Page, record: ArchiveRecord) -> int | None:
        """Return the offset of the record that the same page came with before, or None."""
        ...

    def state(self, record: ArchiveRecord) -> None:
        """Take note of the payload digest of a page that stays."""
        ...

    def is_stated(self, record: ArchiveRecord) -> bool:
        """Return whether a page before, one that stays, states the payload digest of a revisit."""
        ...


@dataclass(slots=True)
class Payloads:
    """Takes note of what comes by while a whole dump is read."""

    places: dict[int, int] = field(default_factory=dict[int, int])
    """Digest of a page -> offset of its record."""
    stated: set[int] = field(default_factory=set[int])

    def first_place(self, page: Page, record: ArchiveRecord) -> int | None:
        """Return where the same page came before, or None and remember this one."""
        place = self.places.setdefault(page.digest(), record.offset_bytes)
        return None if place == record.offset_bytes else place

    def state(self, record: ArchiveRecord) -> None:
        """Remember a digest."""
        if digest := payload_digest(record):
            self.stated.add(hash_of(digest))

    def is_stated(self, record: ArchiveRecord) -> bool:
        """Return whether the digest was remembered."""
        return hash_of(payload_digest(record)) in self.stated


@dataclass(frozen=True, slots=True)
class KnownPayloads:
    """Knows from a survey what a split's records are to be told."""

    places: dict[tuple[int, int], int]
    """(offset, inner) of a duplicate -> offset of the first."""
    revisits: frozenset[tuple[int, int]]
    """(offset, inner) of each revisit whose page came before."""

    def first_place(self, page: Page, record: ArchiveRecord) -> int | None:
        """Return where the same page came before."""
        return self.places.get((record.offset_bytes, record.inner_bytes))

    def state(self, record: ArchiveRecord) -> None:
        """Do nothing: the survey took note."""

    def is_stated(self, record: ArchiveRecord) -> bool:
        """Return whether the page of a revisit came before."""
        return (record.offset_bytes, record.inner_bytes) in self.revisits


def payload_digest(record: ArchiveRecord) -> str:
    """Return the payload digest that a record states, or ``""``."""
    return record.headers.get("warc-payload-digest", "")


def hash_of(digest: str) -> int:
    """Return 64 bits of a stated digest."""
    return xxhash.xxh3_64_intdigest(digest.strip().encode("utf-8", "replace"))
