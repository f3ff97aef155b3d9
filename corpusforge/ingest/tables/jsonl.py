"""Ready text in rows: JSON lines and arrays (plain, .gz, .bz2, .xz, .zst), Parquet and Arrow.

A row is one document, or one for each file that it holds; `columns.py` tells where publishers keep what.
Locators: `<file>#line=<n>&offset=<byte>` (decompressed bytes), or `<file>#row=<n>`; where a compressed
file has several members, line and byte are counted within the one at `&stream=<byte of the file>`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import IO, cast

from corpusforge.document import Document, Drop, DropReason, SourceKind
from corpusforge.ingest.compression.inflate import Inflated, compression_of
from corpusforge.ingest.compression.lines import Line, line_begun, lines, range_of
from corpusforge.ingest.compression.window import utf8_blocks
from corpusforge.ingest.config import IngestConfig
from corpusforge.ingest.coverage import Coverage
from corpusforge.ingest.inputs import InputFile
from corpusforge.ingest.opening import opened, size_of
from corpusforge.ingest.records import damage_drops, lfs_pointer, make_drop, note_stop
from corpusforge.ingest.tables.array import Element, elements, is_array
from corpusforge.ingest.tables.arrow import ArrowTable, is_arrow
from corpusforge.ingest.tables.columns import Values
from corpusforge.ingest.tables.parquet import Table, TableError
from corpusforge.ingest.tables.rows import Row, row_records, table_records

_KIND = SourceKind.JSONL
_HEAD_BYTES = 1024
_BEGINNING_BYTES, _LEAST_BYTES = 4096, 64
_CONTROLS = bytes({*range(1, 32), 127} - set(b"\t\n\r\f\x1b"))
"""Bytes that are in no text, whatever its encoding; NULs fill holes of sparse files."""
_CALLED = {
    "gz": "gzip", "bz2": "bzip2", "xz": "xz", "zst": "zstd", "lz4": "LZ4", "parquet": "Parquet",
    "arrow": "Arrow",
}  # fmt: skip
_SIDE_FILE = re.compile(
    r"(?:^|/)(?:readme|licen[cs]e|copying|citation|notice)(?:\.\w+)?$|(?:^|/)\.git(?:attributes|ignore)$|"
    r"(?:^|/)(?:dataset_infos?|state|dataset_dict|_metadata)\.json$|\.(?:md|rst|py|ya?ml|toml|cff)$",
    re.I,
)
"""What lies beside the tables of a data set: its card, licence, loader and settings."""


def is_side_file(name: str) -> bool:
    """Return whether a file of a data set is none of its tables, by its name."""
    return _SIDE_FILE.search(name) is not None


def read_jsonl(
    input: InputFile,
    config: IngestConfig,
    start: int = 0,
    stop: int | None = None,
    *,
    survey: bytes | None = None,
    coverage: Coverage | None = None,
) -> Iterator[Document | Drop]:
    """Yield one record for each row, in the order of the file; blank lines are no rows.

    `start` and `stop` are row groups of Parquet, bytes of JSON lines; `survey` holds the line ends
    of a plain file. Arrow and JSON arrays are read whole.
    """
    coverage = coverage or Coverage()
    with opened(input.path, coverage, until_bytes=stop) as stream:
        head = stream.read(_HEAD_BYTES)
        stream.seek(0)
        if head.startswith(b"PAR1") or is_arrow(head):
            yield from _table(input, config, stream, start, stop, coverage)
            return
        if start == 0:  # what is not made of lines is not split
            plain = next(Inflated(stream, config.max_ratio).blocks(), b"")
            stream.seek(0)
            if (told := _misnamed(input.name, head, plain)) is not None:
                yield make_drop(input, _KIND, f"{input.name}#offset=0", DropReason.UNREADABLE, told)
                coverage.stopped(0, size_of(stream))
                return
            if (told := _no_rows(input.name, plain)) is not None:
                yield make_drop(input, _KIND, input.name, DropReason.NOT_CONTENT, told)
                return
            if is_array(plain):
                yield from _array(input, config, stream, coverage)
                return
        inflated = range_of(stream, config.max_ratio, start, stop)
        begun = line_begun(stream, inflated, start, survey)
        for line in lines(inflated, config.max_record_bytes + 1, begun):
            yield from damage_drops(input, _KIND, inflated, line.out_bytes)
            if line.n_bytes and (line.n_bytes > len(line.data) or line.data.strip(b"\xef\xbb\xbf \t\r\0")):
                yield from _line(input, config, line)
        yield from damage_drops(input, _KIND, inflated)
        note_stop(coverage, inflated)


def is_lines(name: str, plain: bytes) -> bool:
    """Return whether a file is JSON lines, which can be split, by its name and first plain bytes."""
    if is_array(plain) or _misnamed(name, plain, plain) is not None:
        return False
    return _no_rows(name, plain) is None


def _misnamed(name: str, head: bytes, plain: bytes) -> str | None:
    """Return why a file is none of what it is called, or None: where its beginning is neither it nor text."""
    ending = name.lower().rpartition(".")[2]
    begins = plain[:_BEGINNING_BYTES]
    n_controls = len(begins) - len(begins.translate(None, _CONTROLS))
    if compression_of(head) or 20 * n_controls < len(begins) or len(begins) < _LEAST_BYTES:
        return None
    what = _CALLED.get(ending)
    shown = f"bytes that begin {begins[:8].hex(' ')}, no text"
    if what is None:
        return f"no rows from byte 0 on: {shown}"
    return f"not {what}, as its name says: {shown} from byte 0 on"


def _no_rows(name: str, plain: bytes) -> str | None:
    """Return what a text is that holds no rows, or None."""
    if (told := lfs_pointer(plain)) is not None:
        return told
    if is_side_file(name):
        return "a file beside the tables of a data set: no rows"
    if name.lower().endswith(".json") and _is_one_object(plain):
        return "one JSON object over several lines, no rows: settings of a data set"
    return None


def _is_one_object(plain: bytes) -> bool:
    line, end, rest = plain.removeprefix(b"\xef\xbb\xbf").lstrip().partition(b"\n")
    if not line.startswith(b"{") or not end or rest.lstrip().startswith(b"{"):
        return False
    try:
        json.loads(line)
    except (ValueError, RecursionError):
        return True
    return False


def _line(input: InputFile, config: IngestConfig, line: Line) -> Iterator[Document | Drop]:
    locator, place = f"{input.name}#{line.place()}", f"line {line.number}"
    yield from _json_row(input, config, line.data, line.n_bytes, locator, place, line.is_cut)


def _array(
    input: InputFile, config: IngestConfig, stream: IO[bytes], coverage: Coverage
) -> Iterator[Document | Drop]:
    """Yield the records of the objects in one JSON array."""
    inflated = Inflated(stream, config.max_ratio)
    for number, element in enumerate(elements(utf8_blocks(inflated.blocks()), config.max_record_bytes)):
        yield from damage_drops(input, _KIND, inflated, element.offset_bytes)
        yield from _element(input, config, number, element)
    yield from damage_drops(input, _KIND, inflated)
    note_stop(coverage, inflated)


def _element(
    input: InputFile, config: IngestConfig, number: int, element: Element
) -> Iterator[Document | Drop]:
    locator, place = f"{input.name}#row={number}&offset={element.offset_bytes}", f"row {number}"
    is_cut = not element.is_whole
    yield from _json_row(input, config, element.data, element.n_bytes, locator, place, is_cut)


def _json_row(
    input: InputFile, config: IngestConfig, data: bytes, n_bytes: int, locator: str, place: str, is_cut: bool
) -> Iterator[Document | Drop]:
    if n_bytes > config.max_record_bytes:
        detail = f"{place} has {n_bytes} bytes, the limit is {config.max_record_bytes}"
        yield make_drop(input, _KIND, locator, DropReason.TOO_LARGE, detail, n_bytes=n_bytes)
        return
    try:
        values: object = json.loads(data.removeprefix(b"\xef\xbb\xbf"))
    except (ValueError, RecursionError) as error:
        reason = DropReason.TRUNCATED if is_cut else DropReason.UNREADABLE
        detail = f"{place} is no JSON: {str(error)[:200]}"
        yield make_drop(input, _KIND, locator, reason, detail, n_bytes=n_bytes)
        return
    if not isinstance(values, dict):
        detail = f"{place} is a JSON {type(values).__name__}, expected an object"
        yield make_drop(input, _KIND, locator, DropReason.UNREADABLE, detail, n_bytes=n_bytes)
        return
    yield from row_records(input, config, _KIND, Row(cast(Values, values), locator, place, n_bytes))


def _table(
    input: InputFile,
    config: IngestConfig,
    stream: IO[bytes],
    start: int,
    stop: int | None,
    coverage: Coverage,
) -> Iterator[Document | Drop]:
    """Yield the records of a Parquet or Arrow file."""
    try:
        table = open_table(stream)
    except TableError as error:
        yield make_drop(input, _KIND, input.name, DropReason.UNREADABLE, str(error))
        coverage.stopped(0, size_of(stream))
        return
    if isinstance(table, Table):
        coverage.start, coverage.stop = table.range_bytes(start, stop)
    yield from table_records(input, config, _KIND, table, start, stop, coverage)
    if isinstance(table, ArrowTable) and (at := table.broken_at_bytes) is not None:
        detail = f"no Arrow message at byte {at}: what is behind it cannot be read"
        yield make_drop(input, _KIND, f"{input.name}#offset={at}", DropReason.UNREADABLE, detail)
        coverage.stopped(at, size_of(stream))


def open_table(stream: IO[bytes]) -> Table | ArrowTable:
    """Return the table that an open file is, by its first bytes; raises `TableError`."""
    head = stream.read(_HEAD_BYTES)
    stream.seek(0)
    is_parquet = head.startswith(b"PAR1")
    try:
        return Table(stream) if is_parquet else ArrowTable(stream)
    except TableError as error:
        raise TableError(f"no readable {'Parquet' if is_parquet else 'Arrow'} file: {error}") from None
