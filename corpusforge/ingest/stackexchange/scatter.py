"""The shuffle of `Posts.xml` by the question's id, without Beam: a file for each range, read by bucket.

```
range 0 -> [index | bucket 0 | bucket 1 | …]      bucket b -> threads of section b of every file
range 1 -> [index | bucket 0 | bucket 1 | …]
```

A file is: 8 bytes of magic, the number of buckets, where each bucket's section begins and the last
one ends (all little-endian u64), then the sections: zstd frames of rows, each with its length before
it. An empty bucket costs its place in the index.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator

import zstandard

from corpusforge.files import open_input, publishing
from corpusforge.ingest.config import IngestConfig
from corpusforge.ingest.coverage import Coverage
from corpusforge.ingest.inputs import InputFile
from corpusforge.ingest.stackexchange.rows import Packed, thread_rows

_MAGIC = b"CFROWS01"
_PLACE = struct.Struct("<Q")
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
        at = _HEAD_BYTES + _PLACE.size * (n_buckets + 1)
        for section in sections:
            file.write(_PLACE.pack(at))
            at += sum(_PLACE.size + len(frame) for frame in section)
        file.write(_PLACE.pack(at))
        for section in sections:
            for frame in section:
                file.write(_PLACE.pack(len(frame)) + frame)
    return n_rows


def bucket_rows(paths: Iterable[str], bucket: int) -> Iterator[bytes]:
    """Yield the rows of one bucket from the files of all ranges; two exact reads a file.

    Raises OSError for a file that is not what `scatter` published.
    """
    for path in paths:
        with open_input(path) as stream:
            stream.seek(_HEAD_BYTES + _PLACE.size * bucket)
            places = stream.read(2 * _PLACE.size)
            if len(places) < 2 * _PLACE.size:
                raise OSError(f"{path}: no section {bucket} in it")
            begin, end = (_PLACE.unpack_from(places, at)[0] for at in (0, _PLACE.size))
            stream.seek(begin)
            section = stream.read(end - begin) if end > begin else b""
        if len(section) != end - begin:
            raise OSError(f"{path}: section {bucket} is cut short")
        yield from _section_rows(section)


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
