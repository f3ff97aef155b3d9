"""How a dump can be read in parts: by rows, entries or bytes, or only as a whole, and why.

Told from its kind, its size and its first bytes (a footer, the end of a zip): `PEEK_BYTES` at the most.
"""

from __future__ import annotations

import bz2
import io
import os
import re
import struct
import zlib
from dataclasses import dataclass
from typing import IO, Any, cast

from corpusforge.document import SourceKind
from corpusforge.files import is_remote
from corpusforge.ingest.archives.archive import ZIP_MAGICS, is_tar_head
from corpusforge.ingest.compression.frames import ZstdFrame, skippable_bytes
from corpusforge.ingest.compression.inflate import CHUNK_BYTES, Inflated, compression_of
from corpusforge.ingest.config import IngestConfig
from corpusforge.ingest.forms import form_of
from corpusforge.ingest.inputs import InputFile
from corpusforge.ingest.notebooks import is_lines
from corpusforge.ingest.opening import opened
from corpusforge.ingest.stackexchange.rows import other_table_of
from corpusforge.ingest.tables.arrow import is_arrow
from corpusforge.ingest.tables.jsonl import is_lines as is_json_lines
from corpusforge.ingest.tables.parquet import Table, TableError
from corpusforge.ingest.web.members import archive_compression
from corpusforge.ingest.wiki.mediawiki import is_multistream_index

Split = tuple[int, int | None]
"""(start, stop) as `read` takes them: row groups of Parquet, entries of a zip's directory, else bytes."""

PEEK_BYTES = 176 << 10
_HEAD_BYTES = 128
_TAIL_BYTES = 66 << 10
"""A zip's end: 22 bytes behind which a comment of up to 64 KiB may stand, and its zip64 locator before."""
_ZIP_END = struct.Struct("<4s4H2LH")
_ZIP64_END = struct.Struct("<4sQ2H2L4Q")
_BZ2_STREAM = re.compile(rb"BZh[1-9](?:1AY&SY|\x17rE8P\x90)")
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_PARQUET_MAGIC = b"PAR1"
_EPUB = b"mimetypeapplication/epub+zip"
_NAMES = {
    "gzip": "gzip stream",
    "bzip2": "bzip2 stream",
    "xz": "xz stream",
    "7z": "7z block",
    "zstd": "zstd frame",
    "lz4": "lz4 frame",
}
_MB_PER_S = {
    SourceKind.WARC: 2.0,
    SourceKind.GITHUB: 5.0,
    SourceKind.NOTEBOOKS: 0.6,
    SourceKind.MEDIAWIKI: 0.4,
    SourceKind.STACKEXCHANGE: 0.4,
    SourceKind.BOOKS: 2.5,
    SourceKind.JSONL: 0.7,
}
"""MB of the file as it lies that one worker turns into a part in a second, the slower runs of
`benches/splits.py --rates`: snapshots and notebooks in tar.gz, pages in bz2, books plain. Posts (1.6 plain)
and lines (as books) are reckoned as compressed to a quarter, since plain ones are split."""
_EXPANDS = 4
"""About how many times longer text is than its compressed form: a split of it is as much shorter."""
_LINES = (SourceKind.JSONL, SourceKind.NOTEBOOKS)
_TEXTS = (*_LINES, SourceKind.MEDIAWIKI, SourceKind.STACKEXCHANGE)


@dataclass(frozen=True, slots=True)
class Layout:
    """What parts a dump has."""

    form: str
    """`row groups`, `entries`, `bytes`; `whole` where it has none."""
    is_plain: bool = False
    """Of bytes: whether they are not compressed."""
    splits: tuple[Split, ...] = ((0, None),)
    what: str = ""
    """Of a whole: what it is, `one gzip stream`."""


_WHOLE = Layout("whole")


def layout_of(input: InputFile, kind: SourceKind, config: IngestConfig, size_bytes: int) -> Layout:
    """Return the layout of a dump of a kind; a small one is not looked at."""
    if not is_remote(input.path) and os.path.isdir(input.path):
        return Layout("whole", what="a folder or repository")
    if 2 * size_bytes < 3 * min(config.split_bytes, max(1, config.split_bytes // _EXPANDS)):
        return _WHOLE
    if form_of(kind, input.path) is not None:
        with opened(input.path, until_bytes=_HEAD_BYTES) as stream:
            compression = compression_of(stream.read(_HEAD_BYTES))
        return _single(compression) if compression == "7z" else Layout("whole", what="a packed dump")
    with opened(input.path, until_bytes=PEEK_BYTES) as stream:
        head = stream.read(_HEAD_BYTES)
        if head.startswith(_PARQUET_MAGIC):
            return _row_groups(stream, config)
        if kind is SourceKind.JSONL and is_arrow(head):
            return Layout("whole", what="an Arrow file")
        if head.startswith(ZIP_MAGICS) and kind is not SourceKind.WARC:
            if head[30:].startswith(_EPUB):
                return Layout("whole", what="one book")
            return _entries(stream, config, size_bytes)
        head += stream.read(PEEK_BYTES - len(head))
    if kind is SourceKind.WARC:
        compression = archive_compression(head)
        if compression and not holds_members(head, compression):
            return _single(compression)
        return _bytes(config.split_bytes, size_bytes, not compression)
    compression = compression_of(head)
    text = head if not compression else _first_bytes(head)
    if is_tar_head(text):
        return Layout("whole", what=f"a tar in one {_NAMES[compression]}" if compression else "a tar")
    if kind not in _TEXTS or not _is_rows(input, kind, text):
        return Layout("whole", what="one file")
    if not compression:
        return _bytes(config.split_bytes, size_bytes, True)
    if compression in ("7z", "xz") or not holds_members(head, compression):
        return _single(compression)
    return _bytes(max(1, config.split_bytes // _EXPANDS), size_bytes, False)


def _is_rows(input: InputFile, kind: SourceKind, text: bytes) -> bool:
    """Return whether a text of some kind is made of records that can be found in its middle."""
    if text.startswith(_UTF16):
        return False
    if kind is SourceKind.MEDIAWIKI:
        return not is_multistream_index(text)
    if kind is SourceKind.STACKEXCHANGE:
        return other_table_of(text) is None
    return (is_json_lines if kind is SourceKind.JSONL else is_lines)(input.name, text)


def _single(compression: str) -> Layout:
    return Layout("whole", what=f"one {_NAMES.get(compression, compression)}")


def _bytes(split_bytes: int, size_bytes: int, is_plain: bool) -> Layout:
    n_splits = max(1, round(size_bytes / split_bytes))
    edges = [size_bytes * number // n_splits for number in range(1, n_splits)]
    if size_bytes >= n_splits * CHUNK_BYTES:
        edges = [edge - edge % CHUNK_BYTES for edge in edges]
    return Layout("bytes", is_plain, _joined([0, *sorted(set(edges) - {0})]))


def _joined(edges: list[int]) -> tuple[Split, ...]:
    return tuple(zip(edges, [*edges[1:], None], strict=True))


def _row_groups(stream: IO[bytes], config: IngestConfig) -> Layout:
    try:
        sizes_bytes = Table(stream).group_sizes_bytes()
    except TableError:
        return Layout("whole", what="a damaged Parquet file")  # the reader says what is wrong with it
    found: list[Split] = []
    start, n_bytes = 0, 0
    for group, size_bytes in enumerate(sizes_bytes):
        n_bytes += size_bytes
        if n_bytes >= config.split_bytes:
            found.append((start, group + 1))
            start, n_bytes = group + 1, 0
    if start < len(sizes_bytes):
        found.append((start, len(sizes_bytes)))
    what = "one row group" if len(sizes_bytes) == 1 else ""
    return Layout("row groups", splits=tuple(found) or ((0, None),), what=what)


def _entries(stream: IO[bytes], config: IngestConfig, size_bytes: int) -> Layout:
    """Return ranges of a zip's entries, as many as its size asks for."""
    n_entries = _count_entries(stream, size_bytes)
    n_splits = min(round(size_bytes / config.split_bytes), n_entries)
    if n_splits < 2:
        what = {0: "a zip without a directory", 1: "a zip of one entry"}
        return Layout("entries", what=what.get(n_entries, ""))
    return Layout("entries", splits=_joined([n_entries * number // n_splits for number in range(n_splits)]))


def _count_entries(stream: IO[bytes], size_bytes: int) -> int:
    """Return how many entries the end of a zip states, 0 where it cannot be read."""
    begin = max(0, size_bytes - _TAIL_BYTES)
    stream.seek(begin)
    tail = stream.read(_TAIL_BYTES)
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) - at < _ZIP_END.size:
        return 0
    n_entries = _ZIP_END.unpack_from(tail, at)[4]
    at64 = tail.rfind(b"PK\x06\x06", 0, at)
    if at64 >= 0 and n_entries == 0xFFFF and len(tail) - at64 >= _ZIP64_END.size:
        n_entries = _ZIP64_END.unpack_from(tail, at64)[7]
    return int(n_entries)


def holds_members(head: bytes, compression: str) -> bool:
    """Return whether a compressed file has more than one member, by its first bytes.

    A first member that is longer than they are is taken for the only one.
    """
    if compression == "bzip2":
        return _BZ2_STREAM.search(head, 1) is not None
    end = _member_end(head, compression)
    return end is not None and end < len(head) and _begins_member(head[end:], compression)


def unsplittable(input: InputFile, kind: SourceKind, config: IngestConfig, size_bytes: int) -> str | None:
    """Return a line on a large dump that one worker must read alone, with the time it will need, or None."""
    if size_bytes < 2 * config.split_bytes:
        return None
    layout = layout_of(input, kind, config, size_bytes)
    if len(layout.splits) > 1 or not layout.what:
        return None
    mb = size_bytes / 1e6
    time = _time(mb / _MB_PER_S.get(kind, 1.0))
    return f"{input.name}: {layout.what}, {mb:,.0f} MB: one worker, about {time}"


def _time(seconds: float) -> str:
    return f"{seconds / 3600:.1f} h" if seconds >= 3600 else f"{seconds / 60:.0f} min"


def _begins_member(data: bytes, compression: str) -> bool:
    if compression == "zstd" and skippable_bytes(data[:8]):
        return True
    return archive_compression(data) == compression or compression_of(data) == compression


def _member_end(head: bytes, compression: str) -> int | None:
    """Return where the first member ends within some bytes, or None."""
    if compression == "zstd":
        at = 0
        while n_skipped := skippable_bytes(head[at : at + 8]):
            at += n_skipped
        frame = ZstdFrame(io.BytesIO(head[at:]))
        while frame.read(1 << 16):
            pass
        return at + frame.n_bytes if frame.is_whole else None
    decoder, errors = _decoder(compression)
    data: bytes = head
    try:
        for _ in range(_MAX_STEPS):
            decoder.decompress(data, CHUNK_BYTES)
            if decoder.eof:
                return len(head) - len(decoder.unused_data or b"")
            data = getattr(decoder, "unconsumed_tail", b"")
            if not data and getattr(decoder, "needs_input", True):
                break
    except errors:
        return None
    return None


_MAX_STEPS = 256
"""MiB that a first member may expand to while its end is looked for."""


def _decoder(compression: str) -> tuple[Any, tuple[type[Exception], ...]]:
    if compression == "gzip":
        return zlib.decompressobj(wbits=31), (zlib.error,)
    if compression == "bzip2":
        return bz2.BZ2Decompressor(), (OSError, EOFError)
    import lz4.frame

    return cast(Any, lz4.frame).LZ4FrameDecompressor(), (RuntimeError, EOFError)


def _first_bytes(head: bytes) -> bytes:
    """Return some of what the first bytes of a compressed file decompress to."""
    return next(Inflated(io.BytesIO(head), max_ratio=1000.0).blocks(), b"")
