"""GitHub files in Parquet: The Stack's columns, or BigQuery's joined tables.

A row group that cannot be read costs its own rows: one `unreadable` drop, and on.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Any

from corpusforge.document import Document, Drop, DropReason, SourceKind
from corpusforge.ingest.config import IngestConfig
from corpusforge.ingest.coverage import Coverage
from corpusforge.ingest.inputs import InputFile
from corpusforge.ingest.opening import opened, size_of
from corpusforge.ingest.records import make_drop
from corpusforge.ingest.repositories.bigquery import is_contents, is_join_side, read_contents
from corpusforge.ingest.repositories.files import file_record
from corpusforge.ingest.tables.parquet import ParquetError, Table, plain_text

_COLUMNS = {
    "content": ("content", "code", "text"),
    "repo": ("repo_name", "max_stars_repo_name", "repo", "repository"),
    "path": ("path", "max_stars_repo_path", "file_path", "filename"),
    "commit": ("revision_id", "max_stars_repo_head_hexsha", "commit", "commit_id"),
    "licences": ("detected_licenses", "max_stars_repo_licenses", "licenses", "license"),
    "licence": ("gha_license_id",),
    "date": ("revision_date", "commit_date"),
    "mode": ("mode",),
}
"""What is read, by the names it has in The Stack v2, The Stack v1 and the GitHub code data set."""
_SYMLINK_MODES = ("120000", "40960")


def read_github_parquet(
    input: InputFile,
    config: IngestConfig,
    start: int = 0,
    stop: int | None = None,
    *,
    coverage: Coverage | None = None,
) -> Iterator[Document | Drop]:
    """Yield one record per row of row groups `start` to `stop`, in the order of the file."""
    coverage = coverage or Coverage()
    with opened(input.path, coverage) as stream:
        try:
            table = Table(stream)
        except ParquetError as error:
            detail = f"no readable Parquet file: {error}"
            yield make_drop(input, SourceKind.GITHUB, input.name, DropReason.UNREADABLE, detail)
            coverage.stopped(0, size_of(stream))
            return
        coverage.start, coverage.stop = table.range_bytes(start, stop)
        if is_join_side(table.columns):
            if start == 0:  # told once, with the first split, however many splits there are
                detail = f"{table.n_rows} rows that are joined to the contents table beside"
                yield make_drop(input, SourceKind.GITHUB, input.name, DropReason.NOT_CONTENT, detail)
        elif is_contents(table.columns):
            yield from read_contents(input, config, table, start, stop, coverage)
        else:
            yield from _rows(input, config, table, start, stop, coverage)


def _rows(
    input: InputFile,
    config: IngestConfig,
    table: Table,
    start: int,
    stop: int | None,
    coverage: Coverage,
) -> Iterator[Document | Drop]:
    chosen = {
        field: next(column for column in known if column in table.columns)
        for field, known in _COLUMNS.items()
        if table.columns.intersection(known)
    }
    if "content" not in chosen:
        if start == 0:
            detail = f"no column holds the files' content; columns: {', '.join(sorted(table.columns))}"
            yield make_drop(input, SourceKind.GITHUB, input.name, DropReason.UNREADABLE, detail)
        return
    for group, row, end in table.groups(start, stop):
        try:
            for values in table.rows(group, chosen.values(), config.batch_rows):
                yield _record(input, config, row, {field: values[name] for field, name in chosen.items()})
                row += 1
        except ParquetError as error:
            detail = f"rows {row} to {end - 1}, row group {group}: {error}"
            locator = f"{input.name}#row={row}"
            yield make_drop(input, SourceKind.GITHUB, locator, DropReason.UNREADABLE, detail)
            table.note_unread(coverage, group, row)


def _record(input: InputFile, config: IngestConfig, row: int, values: dict[str, Any]) -> Document | Drop:
    repo, commit, path = (
        plain_text(values[field]) if values.get(field) else None for field in ("repo", "commit", "path")
    )
    path = path.lstrip("/") if path else None
    locator = f"{repo}@{commit}:{path}" if repo and commit and path else f"{input.name}#row={row}"
    content = values["content"]
    if str(values.get("mode")) in _SYMLINK_MODES:
        detail = "a symbolic link, no regular file"
        return make_drop(input, SourceKind.GITHUB, locator, DropReason.NOT_CONTENT, detail)
    if content is None:
        return make_drop(input, SourceKind.GITHUB, locator, DropReason.EMPTY, "the dump holds no content")
    if not isinstance(content, str | bytes):
        detail = f"the content is of type {type(content).__name__}, neither bytes nor text"
        return make_drop(input, SourceKind.GITHUB, locator, DropReason.UNREADABLE, detail)
    licences = values.get("licences") or values.get("licence") or ()
    return file_record(
        input,
        config,
        content.encode() if isinstance(content, str) else content,
        locator=locator,
        path=path,
        repo=repo,
        date=iso_date(values.get("date")),
        licences=[licences] if isinstance(licences, str) else map(plain_text, licences),
    )


def iso_date(value: object) -> str | None:
    """Return a timestamp, or text that is one already, as ISO 8601; None for anything else."""
    if isinstance(value, datetime.datetime | datetime.date):
        return value.isoformat()
    return value if isinstance(value, str) and value else None
