"""The texts of a row group, page by page: what a tokenizer reads, without an Arrow array in between.

    column chunk | dictionary page | data pages: definition levels, then texts or places in the dictionary

Arrow decodes a row group into fresh memory, from which each text is copied once more: with the page faults
that costs two and a half times what inflating does. Here a page is inflated and its texts are cut out of it.
Only pages as this writer makes them are read so; of any other table `readable` says no.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from typing import IO, Any

import numpy as np
import zstandard
from numpy.typing import NDArray

from corpusforge.shards.thrift import STRUCT, Struct, Unpacking

# parquet.thrift: ids of fields, and values
_TYPE, _INFLATED, _STORED, _DATA, _DICTIONARY = 1, 2, 3, 5, 7
_N_VALUES, _ENCODING = 1, 2
_DATA_PAGE, _DICTIONARY_PAGE = 0, 2
_PLAIN, _RLE_DICTIONARY = 0, 8

_LENGTH = struct.Struct("<I")


def readable(parquet: Any, group: int, name: str) -> bool:
    """Return whether a column of a row group can be read here: texts without nulls, packed with zstd.

    `parquet`: an open `ParquetFile`.
    """
    place = parquet.schema_arrow.get_field_index(name)
    column, chunk = parquet.schema.column(place), parquet.metadata.row_group(group).column(place)
    return (
        column.physical_type == "BYTE_ARRAY"
        and (column.max_definition_level, column.max_repetition_level) == (1, 0)
        and chunk.compression == "ZSTD"
        and chunk.is_stats_set
        and chunk.statistics.null_count == 0
        and set(chunk.encodings) <= {"PLAIN", "RLE", "RLE_DICTIONARY"}
    )


def page_texts(stream: IO[bytes], parquet: Any, group: int, name: str) -> Iterator[list[bytes]]:
    """Yield the texts of a column that is `readable`, in order, those of a page at a time.

    `stream`: the file that `parquet` is open on. Raises ValueError for a page that no writer of ours makes.
    """
    place = parquet.schema_arrow.get_field_index(name)
    chunk = parquet.metadata.row_group(group).column(place)
    start = chunk.dictionary_page_offset or chunk.data_page_offset
    stream.seek(start)
    data = memoryview(stream.read(chunk.total_compressed_size))
    inflate = zstandard.ZstdDecompressor().decompress
    dictionary: list[bytes] = []
    at = 0
    while at < len(data):
        head, at = _header(data, at)
        page = inflate(data[at : at + head[_STORED]], max_output_size=head[_INFLATED])
        at += head[_STORED]
        if head[_TYPE] == _DICTIONARY_PAGE:
            dictionary = _plain(page, 0, head[_DICTIONARY][_N_VALUES])
            continue
        if head[_TYPE] != _DATA_PAGE:
            raise ValueError(f"row group {group}: a page of type {head[_TYPE]} at byte {start + at}")
        n_values, encoding = head[_DATA][_N_VALUES], head[_DATA][_ENCODING]
        first = _LENGTH.size + _LENGTH.unpack_from(page)[0]  # no value is null: the levels say nothing
        if encoding == _PLAIN:
            yield _plain(page, first, n_values)
        elif encoding == _RLE_DICTIONARY:
            yield [dictionary[code] for code in _codes(page, first, n_values).tolist()]
        else:
            raise ValueError(f"row group {group}: a page in encoding {encoding} at byte {start + at}")


def pieces(texts: Sequence[bytes], n_bytes: int) -> Iterator[Sequence[bytes]]:
    """Yield consecutive texts, a piece ending with the one by which it has more than `n_bytes`."""
    ends = np.cumsum([len(text) for text in texts])
    first = before = 0
    while first < len(texts):
        last = min(int(np.searchsorted(ends, before + n_bytes)) + 1, len(texts))
        yield texts[first:last]
        first, before = last, int(ends[last - 1])


def _header(data: memoryview, at: int) -> tuple[Struct, int]:
    """Return the header of a page, and where the page begins."""
    reader = Unpacking(data, at)
    return reader.value(STRUCT), reader.at


def _plain(page: bytes, at: int, count: int) -> list[bytes]:
    found: list[bytes] = []
    length_of, width = _LENGTH.unpack_from, _LENGTH.size
    for _ in range(count):
        (length,) = length_of(page, at)
        at += width
        found.append(page[at : at + length])
        at += length
    if at != len(page):
        raise ValueError(f"a page of {len(page)} bytes holds texts up to byte {at}")
    return found


def _codes(page: bytes, at: int, count: int) -> NDArray[np.int64]:
    """Return the places in the dictionary: runs of one value, or of 8 n values packed into bits."""
    width = page[at]
    at += 1
    runs: list[NDArray[np.int64]] = []
    n_read = 0
    while n_read < count:
        reader = Unpacking(page, at)
        head, at = reader.varint(), reader.at
        if head & 1:
            stop = at + (head >> 1) * width
            bits = np.frombuffer(page[at:stop], np.uint8)
            values = np.unpackbits(bits, bitorder="little").reshape(-1, width) @ (1 << np.arange(width))
        else:
            stop = at + -(-width // 8)
            values = np.full(head >> 1, int.from_bytes(page[at:stop], "little"), np.int64)
        runs.append(values[: count - n_read].astype(np.int64))
        n_read += len(runs[-1])
        at = stop
        if not len(runs[-1]):
            raise ValueError("a page of the dictionary has fewer values than it says")
    return np.concatenate([np.empty(0, np.int64), *runs])
