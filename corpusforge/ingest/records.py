"""How readers make their records: ids, source and kind filled in, in one place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from corpusforge.document import (
    Document,
    Drop,
    DropReason,
    Markup,
    SourceKind,
    new_document,
    new_drop,
    stable_id,
    well_formed,
)
from corpusforge.ingest.archives.entry import Entry, Refused
from corpusforge.ingest.compression.inflate import Inflated
from corpusforge.ingest.coverage import Coverage
from corpusforge.ingest.inputs import InputFile
from corpusforge.ingest.opening import size_of


def make_document(
    input: InputFile, kind: SourceKind, locator: str, *, markup: Markup, raw: bytes, **fields: Any
) -> Document:
    """Return a document of one input; `fields` are those of `Document`."""
    return new_document(
        doc_id=stable_id(kind, locator),
        source=input.source,
        source_kind=kind,
        locator=locator,
        markup=markup,
        raw=raw,
        **fields,
    )


def make_drop(
    input: InputFile,
    kind: SourceKind,
    locator: str,
    reason: DropReason,
    detail: str,
    *,
    n_bytes: int = 0,
    n_records: int = 1,
) -> Drop:
    """Return a drop of one input; line ends in the detail become spaces."""
    return new_drop(
        doc_id=stable_id(kind, locator),
        source=input.source,
        source_kind=kind,
        locator=locator,
        reason=reason,
        detail=well_formed(" ".join(detail.split())),
        n_bytes=n_bytes,
        n_records=n_records,
    )


_LFS_POINTER = re.compile(
    rb"\Aversion https://(?:git-lfs\.github\.com|hawser\.github\.com)/spec/v1\r?\n"
    rb"(?:ext-[^\n]*\n)*oid sha256:[0-9a-f]{64}\r?\nsize (\d{1,18})\s*\Z"
)
"""github.com/git-lfs/git-lfs, docs/spec.md."""


def lfs_pointer(data: bytes) -> str | None:
    """Return one line on bytes that only point to a file kept by Git LFS, None for any other."""
    found = _LFS_POINTER.match(data) if len(data) < 1024 else None
    if found is None:
        return None
    return (
        f"a pointer of Git LFS: the file's {int(found[1])} bytes are not here (`git lfs pull` fetches them)"
    )


def entry_locator(input: InputFile, found: Entry | Refused) -> str:
    """Return `<archive>!<entry>`, or `<archive>#offset=…` for a stretch that has no name."""
    return input.name + (
        found.name if found.name.startswith(("#offset=", "#compressed_offset=")) else f"!{found.name}"
    )


def damage_drops(
    input: InputFile, kind: SourceKind, inflated: Inflated, before: int | None = None
) -> Iterator[Drop]:
    """Yield one drop for each damage to a compressed file that no record has told of yet.

    With `before` only for that which came no later than a decompressed offset. Damage from the
    boundary on is that of the next range.
    """
    end = None if inflated.boundary is None else inflated.boundary[1]
    for damage in inflated.take_damage(before) if inflated.damage else ():
        if end is not None and damage.offset_bytes >= end:
            continue
        reason = DropReason.BOMB if damage.is_bomb else DropReason.UNREADABLE
        locator = f"{input.name}#compressed_offset={damage.offset_bytes}"
        yield make_drop(input, kind, locator, reason, damage.detail)


def note_stop(coverage: Coverage, inflated: Inflated) -> None:
    """Tell a coverage where the reading of a compressed file had to stop, if it had to."""
    if inflated.stopped_at is not None:
        coverage.stopped(inflated.stopped_at, size_of(inflated.stream))


_USUAL_HOST = re.compile(r"https?://([A-Za-z0-9.-]++)(?:[/?#]|\Z)")
"""What needs no parser: a host of letters and digits, no port, no user."""


def host_of(url: str | None) -> str | None:
    """Return the host of a URL in lower case, or None.

    >>> host_of("https://User@Example.org:8080/a")
    'example.org'
    """
    if url and (usual := _USUAL_HOST.match(url)):
        return usual[1].lower()
    try:
        return urlsplit(url or "").hostname or None
    except ValueError:  # a bracket that opens no IPv6 address
        return None
