"""Ready text: JSON lines (plain, .gz, .bz2, .xz, .zst) and Parquet, one document a row.

A row has `text`, `html`, `notebook`, `content` or `code`, and may have `path`, `url`, `title`,
`repo`, `date` and `license`, flat or below its metadata (`columns.py`). Locators:
`<file>#line=<n>&offset=<byte>` (decompressed bytes), or `<file>#row=<n>`; where a compressed file has
several members, line and byte are counted within the one at `&stream=<byte of the file>`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import IO, cast

from corpusforge.document import Document, Drop, DropReason, Markup, SourceKind, stable_id
from corpusforge.ingest.compression.lines import Line, line_begun, lines, range_of
from corpusforge.ingest.config import IngestConfig
from corpusforge.ingest.coverage import Coverage
from corpusforge.ingest.inputs import InputFile
from corpusforge.ingest.opening import opened, size_of
from corpusforge.ingest.records import damage_drops, make_drop, note_stop
from corpusforge.ingest.tables.columns import (
    ALL,
    CONTENT,
    FIELDS,
    METADATA,
    Values,
    content_of,
    field_of,
    with_metadata,
)
from corpusforge.ingest.tables.parquet import ParquetError, Table
from corpusforge.ingest.web.warc import host_of

_KIND = SourceKind.JSONL
_SHOWN_CHARS = 80
_SOURCE_FILE = re.compile(
    r"(?:\.[A-Za-z0-9_+\-]{1,12}|(?:^|/)(?:Makefile|Dockerfile|Rakefile|Gemfile|CMakeLists|README|LICEN[CS]E))$"
)


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
                yield _line(input, config, line)
        yield from damage_drops(input, _KIND, inflated)
        note_stop(coverage, inflated)


def _line(input: InputFile, config: IngestConfig, line: Line) -> Document | Drop:
    locator, number, n_bytes = f"{input.name}#{line.place()}", line.number, line.n_bytes
    if n_bytes > config.max_record_bytes:
        detail = f"line {number} has {n_bytes} bytes, the limit is {config.max_record_bytes}"
        return make_drop(input, _KIND, locator, DropReason.TOO_LARGE, detail, n_bytes=n_bytes)
    try:
        values: object = json.loads(line.data.removeprefix(b"\xef\xbb\xbf"))
    except (ValueError, RecursionError) as error:
        reason = DropReason.TRUNCATED if line.is_cut else DropReason.UNREADABLE
        detail = f"line {number} is no JSON: {str(error)[:200]}"
        return make_drop(input, _KIND, locator, reason, detail, n_bytes=n_bytes)
    if not isinstance(values, dict):
        detail = f"line {number} is a JSON {type(values).__name__}, expected an object"
        return make_drop(input, _KIND, locator, DropReason.UNREADABLE, detail, n_bytes=n_bytes)
    return row_record(input, config, locator, cast(Values, values), n_bytes)


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
    columns = sorted(ALL & table.columns)
    if not any(name in table.columns for name in (*METADATA, *(name for name, _ in CONTENT))):
        if start == 0:
            detail = f"no column holds text; columns: {', '.join(sorted(table.columns))}"
            yield make_drop(input, _KIND, input.name, DropReason.UNREADABLE, detail)
        return
    for group, row, end in table.groups(start, stop):
        try:
            for values in table.rows(group, columns, config.batch_rows):
                yield row_record(input, config, f"{input.name}#row={row}", values, 0)
                row += 1
        except ParquetError as error:
            detail = f"rows {row} to {end - 1}, row group {group}: {error}"
            yield make_drop(input, _KIND, f"{input.name}#row={row}", DropReason.UNREADABLE, detail)
            table.note_unread(coverage, group, row)


def row_record(
    input: InputFile, config: IngestConfig, locator: str, values: Values, n_bytes: int
) -> Document | Drop:
    """Return the document of one row, or the drop that says what the row lacks."""
    values = with_metadata(values)
    name, markup = content_of(values)
    content = values.get(name)
    if markup is Markup.NOTEBOOK and isinstance(content, dict):
        content = json.dumps(content, ensure_ascii=False)
    refusal: tuple[DropReason, str] | None = None
    if not name:
        keys = ", ".join(sorted(str(key) for key in values))[:_SHOWN_CHARS]
        refusal = DropReason.UNREADABLE, f"the row has no text, html or notebook; it has: {keys}"
    elif not isinstance(content, str | bytes):
        refusal = DropReason.UNREADABLE, f"{name} is {type(content).__name__}, expected text"
    elif not content.strip():
        refusal = DropReason.EMPTY, f"{name} is blank"
    elif len(content) > config.max_record_bytes:
        refusal = (
            DropReason.TOO_LARGE,
            f"{name} has {len(content)} bytes, the limit is {config.max_record_bytes}",
        )
    if refusal is not None or not isinstance(content, str | bytes):
        reason, detail = refusal or (DropReason.UNREADABLE, "no content")
        return make_drop(input, _KIND, locator, reason, detail, n_bytes=n_bytes)
    return _document(input, locator, markup, content, values)


def _document(
    input: InputFile, locator: str, markup: Markup, content: str | bytes, values: Values
) -> Document:
    fields = {field: field_of(values, field) for field in FIELDS}
    path = fields["path"]
    if markup is Markup.TEXT and path is not None and _SOURCE_FILE.search(path):
        markup = Markup.NOTEBOOK if path.lower().endswith(".ipynb") else Markup.SOURCE
    is_text = markup is Markup.TEXT and isinstance(content, str)
    raw = content if isinstance(content, bytes) else content.encode("utf-8", "replace")
    return Document(
        doc_id=stable_id(_KIND, locator),
        source=input.source,
        source_kind=_KIND,
        locator=locator,
        markup=markup,
        raw=None if is_text else raw,
        text=content if is_text and isinstance(content, str) else "",
        charset="utf-8" if isinstance(content, str) and not is_text else None,
        host=host_of(fields["url"]),
        url=fields["url"],
        repo=fields["repo"],
        path=path,
        title=fields["title"],
        date=fields["date"],
        licence=fields["licence"],
        licence_source="dump" if fields["licence"] else None,
    )
