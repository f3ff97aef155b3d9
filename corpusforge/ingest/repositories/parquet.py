"""GitHub files in Parquet: The Stack's columns, or BigQuery's joined tables."""

from __future__ import annotations

from collections.abc import Iterator

from corpusforge.document import Document, Drop, DropReason, SourceKind
from corpusforge.ingest.config import IngestConfig
from corpusforge.ingest.coverage import Coverage
from corpusforge.ingest.inputs import InputFile
from corpusforge.ingest.opening import opened, size_of
from corpusforge.ingest.records import make_drop
from corpusforge.ingest.repositories.bigquery import is_contents, is_join_side, read_contents
from corpusforge.ingest.tables.columns import FIELDS
from corpusforge.ingest.tables.parquet import Table, TableError
from corpusforge.ingest.tables.rows import table_records

_PROVENANCE = frozenset({*FIELDS["path"], *FIELDS["repo"]})


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
        except TableError as error:
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
            # Rows that say of no file where it stood are source code because the configuration says so.
            are_files = _PROVENANCE.isdisjoint(table.columns)
            kind = SourceKind.GITHUB
            yield from table_records(input, config, kind, table, start, stop, coverage, are_files=are_files)
