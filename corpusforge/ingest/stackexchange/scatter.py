"""The shuffle of `Posts.xml` by the question's id, without Beam: a file for each range, read by bucket.

```
range 0 -> [index | bucket 0 | bucket 1 | …]      bucket b -> threads of section b of every file
range 1 -> [index | bucket 0 | bucket 1 | …]
```

A file is: 8 bytes of magic, the number of buckets, an entry a bucket (where its section begins and
ends, xxh3-64 of it, and xxh3-64 of the entry with its number), all little-endian u64, then the sections
end to end: zstd frames of rows, each with its length before it. An empty bucket costs its entry.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from typing import IO

import xxhash
import zstandard

from corpusforge.files import open_input, publishing, size_bytes
from corpusforge.ingest.config import IngestConfig
from corpusforge.ingest.coverage import Coverage
from corpusforge.ingest.inputs import InputFile
from corpusforge.ingest.stackexchange.rows import Packed, thread_rows
from corpusforge.sealed import damaged

_MAGIC = b"CFROWS02"
_PLACE = struct.Struct("<Q")
_ENTRY = struct.Struct("<4Q")
_HEAD_BYTES = len(_MAGIC) + _PLACE.size
_FRAME_BYTES = 64 << 10
"""Rows are compressed in frames of this size: the most that is held of a bucket uncompressed."""
_LEVEL = 1


def bucket_of(question_id: int, n_buckets: int) -> int:
    """Return the bucket of a question and of all its answers."""
    return question_id % n_buckets


def scatter(
    input: InputFile,
    config: IngestConfig,
    start: int,
    stop: int | None,
    n_buckets: int,
    path: str,
    *,
    coverage: Coverage | None = None,
) -> int:
    """Return how many rows a range of a file holds, having published them by bucket at `path`.

    Memory: the compressed rows of the range, and `n_buckets` frames at the most.
    """
    rows = thread_rows(input, config, start, stop, coverage=coverage)
    return write_buckets(rows, n_buckets, path)


def write_buckets(rows: Iterable[Packed], n_buckets: int, path: str) -> int:
    """Return the number of rows, having published them by bucket."""
    open_frames: list[list[bytes]] = [[] for _ in range(n_buckets)]
    held_bytes = [0] * n_buckets
    sections: list[list[bytes]] = [[] for _ in range(n_buckets)]
    pack = zstandard.ZstdCompressor(_LEVEL).compress
    n_rows = 0
    for key, row in rows:
        bucket = bucket_of(key, n_buckets)
        open_frames[bucket] += (_PLACE.pack(len(row)), row)
        held_bytes[bucket] += len(row)
        n_rows += 1
        if held_bytes[bucket] >= _FRAME_BYTES:
            sections[bucket].append(pack(b"".join(open_frames[bucket])))
            open_frames[bucket], held_bytes[bucket] = [], 0
    for bucket, held in enumerate(open_frames):
        if held:
            sections[bucket].append(pack(b"".join(held)))
    with publishing(path) as temporary, open(temporary, "wb") as file:
        file.write(_MAGIC + _PLACE.pack(n_buckets))
        at = _HEAD_BYTES + _ENTRY.size * n_buckets
        for bucket, section in enumerate(sections):
            digest = xxhash.xxh3_64()
            begin = at
            for frame in section:
                digest.update(_PLACE.pack(len(frame)) + frame)
                at += _PLACE.size + len(frame)
            file.write(_entry(bucket, begin, at, digest.intdigest()))
        for section in sections:
            for frame in section:
                file.write(_PLACE.pack(len(frame)) + frame)
    return n_rows


def _entry(bucket: int, begin: int, end: int, digest: int) -> bytes:
    said = struct.pack("<4Q", bucket, begin, end, digest)
    return _ENTRY.pack(begin, end, digest, xxhash.xxh3_64_intdigest(said))


def bucket_rows(paths: Iterable[str], bucket: int) -> Iterator[bytes]:
    """Yield the rows of one bucket from the files of all ranges; two exact reads a file.

    Raises `Damaged` for a file that is not what `scatter` published.
    """
    for path in paths:
        with open_input(path) as stream:
            yield from _section_rows(_section(stream, path, bucket)[0])


def check_scattered(path: str) -> None:
    """Raise `Damaged` unless a file is what `scatter` published; memory: its largest section."""
    with open_input(path) as stream:
        head = stream.read(_HEAD_BYTES)
        n_buckets = int.from_bytes(head[len(_MAGIC) :], "little")
        at = _HEAD_BYTES + _ENTRY.size * n_buckets
        if head[: len(_MAGIC)] != _MAGIC or at > size_bytes(path):
            raise damaged(path, "its head")
        for bucket in range(n_buckets):
            section, begin = _section(stream, path, bucket)
            if begin != at:
                raise damaged(path, "its sections do not lie end to end")
            at += len(section)
        if at != size_bytes(path):
            raise damaged(path, "its end")


def _section(stream: IO[bytes], path: str, bucket: int) -> tuple[bytes, int]:
    """Return (section of a bucket, where it begins), checked."""
    stream.seek(_HEAD_BYTES + _ENTRY.size * bucket)
    entry = stream.read(_ENTRY.size)
    if len(entry) < _ENTRY.size:
        raise damaged(path, f"no section {bucket} in it")
    begin, end, digest, _ = _ENTRY.unpack(entry)
    if _entry(bucket, begin, end, digest) != entry or end < begin:
        raise damaged(path, f"where section {bucket} lies")
    stream.seek(begin)
    section = stream.read(end - begin) if end > begin else b""
    if xxhash.xxh3_64_intdigest(section) != digest:
        raise damaged(path, f"section {bucket}")
    return section, begin


def _section_rows(section: bytes) -> Iterator[bytes]:
    at = 0
    unpack = zstandard.ZstdDecompressor().decompress
    while at < len(section):
        (n_bytes,) = _PLACE.unpack_from(section, at)
        at += _PLACE.size
        frame = unpack(section[at : at + n_bytes])
        at += n_bytes
        begin = 0
        while begin < len(frame):
            (n_row,) = _PLACE.unpack_from(frame, begin)
            begin += _PLACE.size
            yield frame[begin : begin + n_row]
            begin += n_row
