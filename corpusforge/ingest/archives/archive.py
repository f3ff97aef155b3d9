"""The files inside a tar or zip archive: streamed, bounded, damage and hostile names told apart.

Tar may be plain or compressed by gzip, bzip2, xz or zstd. No size that an archive states is
believed: an entry's bytes are counted while they are inflated.
"""

from __future__ import annotations

import tarfile
from collections.abc import Callable, Iterator
from typing import IO

import xxhash

from corpusforge.document import DropReason
from corpusforge.ingest.archives.entry import Found, Limits, Refused
from corpusforge.ingest.archives.tar import tar_entries
from corpusforge.ingest.archives.zip import zip_entries
from corpusforge.ingest.compression.inflate import Inflated, compression_of
from corpusforge.ingest.coverage import Coverage
from corpusforge.ingest.opening import check

ZIP_MAGICS = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_TAR_BLOCK = tarfile.BLOCKSIZE


def entries(
    stream: IO[bytes],
    limits: Limits,
    start: int = 0,
    stop: int | None = None,
    coverage: Coverage | None = None,
    wanted: Callable[[str], bool] | None = None,
) -> Iterator[Found]:
    """Yield every entry of an open archive, in the order of the file.

    After damage, what was read before stays, and one `unreadable` tells where it is. Of
    entries with the same name the first is kept. Memory: one entry, and a hash of each name.
    `start` and `stop` are numbers of entries in a zip's directory, the same whatever else is read;
    a tar has no directory and is read whole. With `wanted` the content of other names is passed
    over, which a zip does without inflating it.
    """
    coverage = coverage or Coverage()
    stream.seek(0)
    if stream.read(8).startswith(ZIP_MAGICS):
        stream.seek(0)
        found = zip_entries(stream, limits, start, stop, coverage, wanted)
    else:
        stream.seek(0)
        found = enumerate(tar_entries(stream, limits, coverage))
    seen: set[int] = set()
    for number, item in found:
        name = item if isinstance(item, str) else item.name
        key = xxhash.xxh3_64_intdigest(name.encode())
        is_first = key not in seen
        seen.add(key)
        if isinstance(item, str):
            continue  # an entry of another range, or one that is not wanted
        if is_first:
            yield item
        else:
            detail = f"the archive holds {item.name!r} already: the first is kept"
            yield Refused(f"{item.name}#entry={number}", DropReason.NOT_CONTENT, detail)


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
            check(stream)
            return compression != "7z" and bool(inflated.damage)
    return is_tar_head(head)


def is_tar_head(head: bytes) -> bool:
    """Return whether bytes begin with the header of a tar's entry."""
    try:
        tarfile.TarInfo.frombuf(head[:_TAR_BLOCK], "utf-8", "surrogateescape")
    except tarfile.HeaderError:
        return False
    return True
