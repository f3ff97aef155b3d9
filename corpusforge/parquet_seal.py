"""Parquet of a corpus that carries checksums of itself, and is read by anybody as any other.

Its footer holds, under `corpusforge.sums` and behind `xxh3:`, 16 hex digits each: xxh3-64 of the footer
(with the length and magic behind it, and zeros in place of these digits), then of every column chunk,
by row group.
Chunks follow each other from byte 4 to the footer; so every byte is under a checksum, but the magic
at the start, which says one thing. Page checksums of the format cover neither page headers nor the
footer. A footer is checked when a file is opened, a chunk when it is read.
"""

from __future__ import annotations

import re
from typing import IO, Any

import pyarrow
import pyarrow.parquet
import xxhash

from corpusforge.sealed import damaged

pa: Any = pyarrow  # ships no types for what is used here
pq: Any = pyarrow.parquet

SUMS_KEY = "corpusforge.sums"
MAGIC = b"PAR1"
GROUP_ROWS = 1 << 20
"""Rows of a row group where the caller says nothing: Arrow's default."""
_DIGITS = 16
_PREFIX = "xxh3:"
_SUMS = re.compile(rb"corpusforge\.sums[\s\S]{1,8}?xxh3:([0-9a-f]{16,})")
"""In a footer: the key, the type and length of the value in Thrift's compact protocol, the value."""


class SealedParquetWriter:
    """Writes a Parquet file at a local path as `pyarrow.parquet.ParquetWriter` does, and seals it."""

    def __init__(self, path: str, schema: Any, **options: Any) -> None:
        self._path = path
        self._writer: Any = pq.ParquetWriter(path, schema, **options)
        self._groups = 0

    def write_batch(self, batch: Any) -> None:
        """Write a record batch: a row group."""
        self.write_table(pa.Table.from_batches([batch]), batch.num_rows)

    def write_table(self, table: Any, row_group_size: int = GROUP_ROWS) -> None:
        """Write a table in row groups of so many rows."""
        if table.num_rows:
            self._groups += -(-table.num_rows // row_group_size)
            self._writer.write_table(table, row_group_size=row_group_size)

    def add_key_value_metadata(self, values: dict[str, str]) -> None:
        """Add to what the footer says."""
        self._writer.add_key_value_metadata(values)

    def __enter__(self) -> SealedParquetWriter:
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is not None:
            self._writer.close()
            return
        n_sums = 1 + self._groups * _leaves(self._writer.schema)
        self._writer.add_key_value_metadata({SUMS_KEY: _PREFIX + "0" * _DIGITS * n_sums})
        self._writer.close()
        _seal(self._path)


def write_sealed_table(table: Any, path: str, **options: Any) -> None:
    """Write a table to a sealed Parquet file at a local path."""
    with SealedParquetWriter(path, table.schema, **options) as writer:
        writer.write_table(table)


def footer_sums(footer: bytes, path: str) -> list[bytes]:
    """Return the digits of each chunk's checksum, from a footer (to the end of the file) that holds.

    Raises `Damaged` where it does not.
    """
    found = _SUMS.search(footer)
    if (
        found is None
        or len(found[1]) % _DIGITS
        or _footer_digest(footer, found.start(1)) != found[1][:_DIGITS]
    ):
        raise damaged(path, "its footer")
    return [found[1][at : at + _DIGITS] for at in range(_DIGITS, len(found[1]), _DIGITS)]


def chunk_digest(data: bytes | memoryview) -> bytes:
    """Return the checksum of a column chunk, as a footer holds it."""
    return xxhash.xxh3_64_hexdigest(data).encode()


def chunk_lengths(metadata: Any) -> list[int]:
    """Return the bytes of every column chunk, by row group: they lie end to end from byte 4."""
    groups = (metadata.row_group(number) for number in range(metadata.num_row_groups))
    return [group.column(n).total_compressed_size for group in groups for n in range(group.num_columns)]


def _leaves(schema: Any) -> int:
    """Return how many columns Parquet has for an Arrow schema."""
    return sum(_leaves_of(field.type) for field in schema)


def _leaves_of(kind: Any) -> int:
    if pa.types.is_dictionary(kind) or not kind.num_fields:
        return 1
    return sum(_leaves_of(kind.field(number).type) for number in range(kind.num_fields))


def _footer_digest(footer: bytes, at: int) -> bytes:
    """Return the digits for a footer whose own stand at a place."""
    digest = xxhash.xxh3_64(footer[:at])
    digest.update(b"0" * _DIGITS + footer[at + _DIGITS :])
    return digest.hexdigest().encode()


def _seal(path: str) -> None:
    """Put the checksums of a finished file in the place that its footer keeps for them."""
    with open(path, "r+b") as stream:
        size = stream.seek(0, 2)
        stream.seek(size - 8)
        start = size - 8 - int.from_bytes(stream.read(4), "little")
        lengths = chunk_lengths(pq.read_metadata(path))
        if 4 + sum(lengths) != start:
            raise AssertionError(f"{path}: its column chunks do not lie end to end")
        stream.seek(4)
        sums = b"".join(chunk_digest(stream.read(length)) for length in lengths)
        footer = _read_at(stream, start, size)
        found = _SUMS.search(footer)
        if found is None or len(found[1]) != _DIGITS + len(sums):
            raise AssertionError(f"{path}: another number of column chunks than was written")
        at = found.start(1)
        footer = footer[: at + _DIGITS] + sums + footer[found.end(1) :]
        stream.seek(start + at)
        stream.write(_footer_digest(footer, at) + sums)


def _read_at(stream: IO[bytes], start: int, stop: int) -> bytes:
    stream.seek(start)
    return stream.read(stop - start)
