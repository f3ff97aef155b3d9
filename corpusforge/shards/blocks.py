"""Blocks: rows of documents that are read together, one contiguous byte range each.

A spill or a run is a file of blocks, sorted; its footer says where each begins and ends, so that
any range of positions is one range of bytes. All numbers are little-endian.

    block   header (`_HEADER`) | places (`PLACE_DTYPE`, a row a document) | metadata | tokens | text
    file    blocks | index (`BLOCK_DTYPE`, a row a block) | description (JSON) | `_TRAILER`

Metadata is one Arrow record batch message of `METADATA_SCHEMA`; text is UTF-8 without separators.
Sections are padded to 8 bytes; with lz4, metadata, tokens and text are a raw block each.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import IO, Any, Literal

import numpy as np
import xxhash
from numpy.typing import NDArray

from corpusforge.files import open_input, read_range, size_bytes
from corpusforge.sealed import damaged
from corpusforge.shards.arrow import pa
from corpusforge.shards.documents import METADATA_SCHEMA
from corpusforge.shards.format import canonical_json

BLOCK_BYTES = 512 << 10
"""About how much a block holds, uncompressed: a few tens of documents."""
PLACE_DTYPE = np.dtype(
    [("key", "<u8"), ("text_bytes", "<u8"), ("n_tokens", "<u4"), ("group", "<u2"), ("zero", "<u2")]
)
"""A row of a block: its position, and how long it is. `group` is a place in `places.GROUPS`."""
BLOCK_DTYPE = np.dtype(
    [
        ("file", "<u4"),
        ("n_rows", "<u4"),
        ("first_key", "<u8"),
        ("last_key", "<u8"),
        ("start", "<u8"),
        ("length", "<u8"),
        ("first_group", "<u2"),
        ("last_group", "<u2"),
        ("run", "<u4"),
    ]
)
"""A row of an index: the positions of a block's first and last row, and its bytes in the file."""
REF_DTYPE = np.dtype([("file", "<u4"), ("start", "<u8"), ("length", "<u8")])
"""A byte range of whole blocks: what travels from task to task in place of documents."""

Codec = Literal["none", "lz4"]
_CODECS: tuple[Codec, ...] = ("none", "lz4")
_MAGIC = b"CFB2"
_HEADER = struct.Struct("<4sHHIIQ6Q")
"""Magic, codec, token bytes, rows, zero, xxh3-64 of the block with this as zero; stored and whole bytes
of each section."""
_TRAILER = struct.Struct("<QQQ8s")
"""Bytes of the index, of the description, xxh3-64 of both and of these figures, magic."""
_FILE_MAGIC = b"CFBLOCK2"
_TAIL_BYTES = 64 << 10
"""What is read of a file's end at first: most footers whole."""


@dataclass(frozen=True, slots=True)
class Block:
    """A block as it lies in memory; its sections are opened when asked for."""

    places: NDArray[Any]
    token_bytes: int
    _codec: int
    _sections: tuple[tuple[memoryview, int], ...]

    def section(self, kind: Literal["metadata", "tokens", "text"]) -> memoryview:
        """Return a section, uncompressed."""
        stored, whole = self._sections[("metadata", "tokens", "text").index(kind)]
        if not self._codec or not whole:
            return stored
        return memoryview(_lz4().decompress(stored, whole))


class BlockWriter:
    """Writes the blocks of one file in order, then its footer."""

    def __init__(self, stream: IO[bytes], file: int, token_bytes: int, codec: Codec = "none") -> None:
        self._stream, self._file, self._token_bytes = stream, file, token_bytes
        self._codec = _CODECS.index(codec)
        self._entries: list[tuple[int, ...]] = []
        self._n_bytes = 0

    def add(
        self, places: NDArray[Any], metadata: Any, tokens: bytes, text: bytes | memoryview, run: int = 0
    ) -> None:
        """Write one block: places, a record batch of `METADATA_SCHEMA`, tokens and text of the same rows."""
        whole = [memoryview(metadata.serialize()), memoryview(tokens).cast("B"), memoryview(text)]
        stored = [_lz4().compress(part) if len(part) else part for part in whole] if self._codec else whole
        body = b"".join(
            padded for part in (memoryview(places.tobytes()), *stored) for padded in _padded(part)
        )
        lengths = [
            length for part, old in zip(stored, whole, strict=True) for length in (len(part), len(old))
        ]
        fields = (_MAGIC, self._codec, self._token_bytes, len(places), 0)
        digest = _block_digest(_HEADER.pack(*fields, 0, *lengths), body)
        header = _HEADER.pack(*fields, digest, *lengths)
        self._stream.write(header)
        self._stream.write(body)
        first, last = places[0], places[-1]
        length = len(header) + len(body)
        self._entries.append(
            (
                self._file,
                len(places),
                int(first["key"]),
                int(last["key"]),
                self._n_bytes,
                length,
                int(first["group"]),
                int(last["group"]),
                run,
            )
        )
        self._n_bytes += length

    def finish(self, description: Mapping[str, Any]) -> NDArray[Any]:
        """Write the footer; return the index."""
        index = np.array(self._entries, BLOCK_DTYPE)
        said = canonical_json(description)
        footer = index.tobytes() + said
        sizes = (index.nbytes, len(said))
        self._stream.write(footer + _TRAILER.pack(*sizes, _footer_digest(footer, *sizes), _FILE_MAGIC))
        return index


def read_blocks(data: memoryview, name: str) -> Iterator[Block]:
    """Yield the blocks that lie end to end in `data`, a byte range of the file `name`.

    Raises `Damaged`, naming the file, where they are not what was written.
    """
    at = 0
    while at < len(data):
        if len(data) - at < _HEADER.size:
            raise damaged(name, "a block")
        magic, codec, token_bytes, n_rows, zero, digest, *lengths = _HEADER.unpack_from(data, at)
        header = _HEADER.pack(magic, codec, token_bytes, n_rows, zero, 0, *lengths)
        at += _HEADER.size
        sizes = [n_rows * PLACE_DTYPE.itemsize, *lengths[::2]]
        end = at + sum(-(-size // 8) * 8 for size in sizes)
        if magic != _MAGIC or end > len(data) or _block_digest(header, data[at:end]) != digest:
            raise damaged(name, "a block")
        parts: list[memoryview] = []
        for size in sizes:
            parts.append(data[at : at + size])
            at += -(-size // 8) * 8
        sections = tuple(zip(parts[1:], lengths[1::2], strict=True))
        yield Block(np.frombuffer(parts[0], PLACE_DTYPE), token_bytes, codec, sections)


def check_blocks(path: str) -> None:
    """Raise `Damaged` unless a file of blocks is what was written; memory: a block."""
    index, _ = read_footer(path)
    at = 0
    with open_input(path) as stream:
        for start, length in zip(index["start"].tolist(), index["length"].tolist(), strict=True):
            data = stream.read(length)
            if start != at or len(list(read_blocks(memoryview(data), path))) != 1:
                raise damaged(path, f"its blocks, from byte {at} on")
            at += length


def read_metadata(section: Any) -> Any:
    """Return the record batch of `METADATA_SCHEMA` in a block's metadata section."""
    return pa.ipc.read_record_batch(pa.py_buffer(section), METADATA_SCHEMA)


def read_footer(path: str) -> tuple[NDArray[Any], dict[str, Any]]:
    """Return (index, description) of a file of blocks; `Damaged` where it is none."""
    size = size_bytes(path)
    tail = read_range(path, max(0, size - _TAIL_BYTES), size)
    if len(tail) < _TRAILER.size:
        raise damaged(path, "its end")
    index_bytes, description_bytes, digest, magic = _TRAILER.unpack_from(tail, len(tail) - _TRAILER.size)
    needed = index_bytes + description_bytes + _TRAILER.size
    if magic != _FILE_MAGIC or needed > size:
        raise damaged(path, "its end")
    if needed > len(tail):
        tail = read_range(path, size - needed, size)
    footer = memoryview(tail)[len(tail) - needed : -_TRAILER.size]
    if _footer_digest(footer, index_bytes, description_bytes) != digest:
        raise damaged(path, "its footer")
    index = np.frombuffer(footer[:index_bytes], BLOCK_DTYPE)
    return index, json.loads(bytes(footer[index_bytes:]))


def _padded(part: bytes | memoryview) -> tuple[bytes | memoryview, bytes]:
    return part, bytes(-len(part) % 8)


def _block_digest(header: bytes, body: bytes | memoryview) -> int:
    digest = xxhash.xxh3_64(header)
    digest.update(body)
    return digest.intdigest()


def _footer_digest(footer: bytes | memoryview, *sizes: int) -> int:
    digest = xxhash.xxh3_64(footer)
    digest.update(struct.pack("<2Q", *sizes))
    return digest.intdigest()


@lru_cache(maxsize=1)
def _lz4() -> Any:
    return pa.Codec("lz4_raw")
