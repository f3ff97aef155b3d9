"""The files inside a tar or zip archive: streamed, bounded, damage and hostile names told apart.

Tar may be plain or compressed by gzip, bzip2, xz or zstd. No size that an archive states is
believed: an entry's bytes are counted while they are inflated.
"""

from __future__ import annotations

import tarfile
from collections.abc import Iterator
from typing import IO

import xxhash

from corpusforge.document import DropReason
from corpusforge.ingest.archives.entry import Found, Limits, Refused
from corpusforge.ingest.archives.tar import tar_entries
from corpusforge.ingest.archives.zip import zip_entries
from corpusforge.ingest.compression.inflate import Inflated, compression_of

ZIP_MAGICS = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_TAR_BLOCK = tarfile.BLOCKSIZE


def entries(stream: IO[bytes], limits: Limits) -> Iterator[Found]:
    """Yield every entry of an open archive, in the order of the file.

    After damage, what was read before stays, and one `unreadable` tells where it is. Of
    entries with the same name the first is kept. Memory: one entry, and a hash of each name.
    """
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
