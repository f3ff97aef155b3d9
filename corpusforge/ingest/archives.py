"""The files inside a tar or zip archive: streamed, bounded, damage and hostile names told apart.

Tar may be plain or compressed by gzip, bzip2, xz or zstd. No size that an archive states is
believed: an entry's bytes are counted while they are inflated.
"""

from __future__ import annotations

import re
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

import xxhash

from corpusforge.document import DropReason
from corpusforge.ingest.inflate import Inflated, compression_of

ZIP_MAGICS = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_TAR_BLOCK = tarfile.BLOCKSIZE
_ABSOLUTE = re.compile(r"[\\/]|[A-Za-z]:")


@dataclass(frozen=True, slots=True)
class Limits:
    """What one archive may ask for."""

    max_entry_bytes: int
    """An entry with more is not kept."""
    max_ratio: float
    """An entry over `max_entry_bytes` that grew by more than this is called a bomb."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One regular file of an archive."""

    name: str
    data: bytes
    modified: str | None = None
    """ISO 8601 in UTC, as the archive tells."""


@dataclass(frozen=True, slots=True)
class Refused:
    """One entry, or one damaged stretch, that is no file to read."""

    name: str
    """The entry's name; for a stretch that has none, where it is: `#offset=512`."""
    reason: DropReason
    detail: str
    n_bytes: int = 0


Found = Entry | Refused


def entries(stream: IO[bytes], limits: Limits) -> Iterator[Found]:
    """Yield every entry of an open archive, in the order of the file.

    After damage, what was read before stays, and one `unreadable` tells where it is. Of
    entries with the same name the first is kept. Memory: one entry, and a hash of each name.
    """
    from corpusforge.ingest.tar import tar_entries
    from corpusforge.ingest.zip import zip_entries

    head = stream.read(8)
    stream.seek(0)
    found = zip_entries if head.startswith(ZIP_MAGICS) else tar_entries
    seen: set[int] = set()
    for number, item in enumerate(found(stream, limits)):
        key = xxhash.xxh3_64_intdigest(item.name.encode("utf-8", "replace"))
        if key in seen:
            detail = f"the archive holds {item.name!r} already: the first is kept"
            yield Refused(f"{item.name}#entry={number}", DropReason.NOT_CONTENT, detail)
        else:
            seen.add(key)
            yield item


def is_archive(stream: IO[bytes]) -> bool:
    """Return whether an open file is a zip or a tar, compressed or not; leaves it at its start.

    Compressed data that is damaged from its first byte on counts as a tar: it cannot be told.
    """
    head = stream.read(_TAR_BLOCK)
    stream.seek(0)
    if head.startswith(ZIP_MAGICS):
        return True
    if compression := compression_of(head):
        inflated = Inflated(stream, max_ratio=1000)
        head = next(inflated.blocks(), b"")[:_TAR_BLOCK]
        stream.seek(0)
        if not head:
            return compression != "7z" and bool(inflated.damage)
    try:
        tarfile.TarInfo.frombuf(head[:_TAR_BLOCK], "utf-8", "surrogateescape")
    except tarfile.HeaderError:
        return False
    return True


def unsafe_name(name: str) -> str | None:
    """Return what makes an entry's name unsafe, or None.

    >>> unsafe_name("a/../../b")
    'it climbs out of the archive'
    """
    if not name or name.strip("./\\") == "":
        return "it names nothing"
    if _ABSOLUTE.match(name):
        return "it is absolute"
    if ".." in re.split(r"[\\/]", name):
        return "it climbs out of the archive"
    if any(ord(char) < 32 or ord(char) == 127 for char in name):
        return "it holds control characters"
    return None


def too_much(name: str, n_bytes: int, n_packed_bytes: int | None, limits: Limits) -> Refused:
    """Return the refusal of an entry that inflated past the limit, by how much it grew."""
    ratio = n_bytes / max(1, n_packed_bytes) if n_packed_bytes is not None else 0
    if ratio > limits.max_ratio:
        detail = f"{n_packed_bytes} bytes inflate to over {n_bytes}, more than {limits.max_ratio:g} times"
        return Refused(name, DropReason.BOMB, detail, n_bytes)
    detail = f"over {limits.max_entry_bytes} bytes, the most that a file may have"
    return Refused(name, DropReason.TOO_LARGE, detail, n_bytes)
