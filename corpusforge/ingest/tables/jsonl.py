"""Ready text: JSON lines (plain, .gz, .bz2, .xz, .zst) and Parquet, one document a row.

A row has `text`, `html`, `notebook`, `content` or `code`, and may have `path`, `url`, `title`,
`repo`, `date` and `license`, flat or below its metadata (`columns.py`). Locators:
`<file>#line=<n>&offset=<byte>` (decompressed bytes), or `<file>#row=<n>`; where a compressed file has
several members, line and byte are counted within the one at `&stream=<byte of the file>`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import IO, cast

from corpusforge.document import Document, Drop, DropReason, SourceKind
from corpusforge.ingest.compression.lines import Line, line_begun, lines, range_of
from corpusforge.ingest.config import IngestConfig
from corpusforge.ingest.coverage import Coverage
from corpusforge.ingest.inputs import InputFile
from corpusforge.ingest.opening import opened, size_of
from corpusforge.ingest.records import damage_drops, make_drop, note_stop
from corpusforge.ingest.tables.columns import Values
from corpusforge.ingest.tables.parquet import ParquetError, Table
from corpusforge.ingest.tables.rows import Row, row_records, table_records

_KIND = SourceKind.JSONL


def read_jsonl(
    input: InputFile,
    config: IngestConfig,
    start: int = 0,
    stop: int | None = None,
    *,
    survey: bytes | None = None,
    coverage: Coverage | None = None,
) -> Iterator[Document | Drop]:
    """Yield one document or drop for each row, in the order of the file; blank lines are no rows.

    `start` and `stop` are row groups of Parquet, bytes of JSON lines; `survey` holds the line ends
    of a plain file.
    """
    coverage = coverage or Coverage()
    with opened(input.path, coverage, until_bytes=stop) as stream:
        head = stream.read(4)
        stream.seek(0)
        if head == b"PAR1":
            yield from _parquet(input, config, stream, start, stop, coverage)
            return
        inflated = range_of(stream, config.max_ratio, start, stop)
        begun = line_begun(stream, inflated, start, survey)
        for line in lines(inflated, config.max_record_bytes + 1, begun):
            yield from damage_drops(input, _KIND, inflated, line.out_bytes)
            if line.n_bytes and (line.n_bytes > len(line.data) or line.data.strip(b"\xef\xbb\xbf \t\r\0")):
                yield from _line(input, config, line)
        yield from damage_drops(input, _KIND, inflated)
        note_stop(coverage, inflated)


def _line(input: InputFile, config: IngestConfig, line: Line) -> Iterator[Document | Drop]:
    locator, number, n_bytes = f"{input.name}#{line.place()}", line.number, line.n_bytes
    if n_bytes > config.max_record_bytes:
        detail = f"line {number} has {n_bytes} bytes, the limit is {config.max_record_bytes}"
        yield make_drop(input, _KIND, locator, DropReason.TOO_LARGE, detail, n_bytes=n_bytes)
        return
    try:
        values: object = json.loads(line.data.removeprefix(b"\xef\xbb\xbf"))
    except (ValueError, RecursionError) as error:
        reason = DropReason.TRUNCATED if line.is_cut else DropReason.UNREADABLE
        detail = f"line {number} is no JSON: {str(error)[:200]}"
        yield make_drop(input, _KIND, locator, reason, detail, n_bytes=n_bytes)
        return
    if not isinstance(values, dict):
        detail = f"line {number} is a JSON {type(values).__name__}, expected an object"
        yield make_drop(input, _KIND, locator, DropReason.UNREADABLE, detail, n_bytes=n_bytes)
        return
    yield from row_records(
        input, config, _KIND, Row(cast(Values, values), locator, f"line {number}", n_bytes)
    )


def _parquet(
    input: InputFile,
    config: IngestConfig,
    stream: IO[bytes],
    start: int,
    stop: int | None,
    coverage: Coverage,
) -> Iterator[Document | Drop]:
    try:
        table = Table(stream)
    except ParquetError as error:
        detail = f"no readable Parquet file: {error}"
        yield make_drop(input, _KIND, input.name, DropReason.UNREADABLE, detail)
        coverage.stopped(0, size_of(stream))
        return
    coverage.start, coverage.stop = table.range_bytes(start, stop)
    yield from table_records(input, config, _KIND, table, start, stop, coverage)
