"""Which reader opens which kind of dump: one row a source.

A reader is imported when it is first needed, so that reading WARC loads no Parquet.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable, Iterator
from dataclasses import replace

from corpusforge.document import Document, Drop, DropReason, Quarantined, SourceKind
from corpusforge.files import is_remote, list_files
from corpusforge.files import size_bytes as file_size_bytes
from corpusforge.ingest import layout, surveys
from corpusforge.ingest.beside import declared
from corpusforge.ingest.config import IngestConfig
from corpusforge.ingest.coverage import Coverage
from corpusforge.ingest.deadline import ReaderDeadline, watched
from corpusforge.ingest.detect import detect_kind
from corpusforge.ingest.forms import form_of
from corpusforge.ingest.inputs import InputFile
from corpusforge.ingest.layout import Split
from corpusforge.ingest.records import make_drop

Record = Document | Drop | Quarantined
Reader = Callable[..., Iterator[Record]]
"""`(input, config, start, stop, *, survey, coverage)`."""

READERS: dict[SourceKind, str] = {
    SourceKind.WARC: "corpusforge.ingest.web.warc:read_warc",
    SourceKind.GITHUB: "corpusforge.ingest.repositories.github:read_github",
    SourceKind.NOTEBOOKS: "corpusforge.ingest.notebooks:read_notebooks",
    SourceKind.MEDIAWIKI: "corpusforge.ingest.wiki.mediawiki:read_mediawiki",
    SourceKind.STACKEXCHANGE: "corpusforge.ingest.stackexchange.threads:read_stackexchange",
    SourceKind.BOOKS: "corpusforge.ingest.books:read_books",
    SourceKind.JSONL: "corpusforge.ingest.tables.jsonl:read_jsonl",
}
"""`module:function` of each kind's reader."""


def reader_of(kind: SourceKind) -> Reader:
    """Return the reader of a kind of dump."""
    module, _, function = READERS[kind].partition(":")
    return getattr(importlib.import_module(module), function)


def read(
    input: InputFile,
    config: IngestConfig,
    start: int = 0,
    stop: int | None = None,
    *,
    survey: bytes | None = None,
    coverage: Coverage | None = None,
) -> Iterator[Record]:
    """Yield every record of a dump, or of one of its `splits`, in the order of the file.

    The records of all splits, in their order, are those of the whole. `survey` is needed for a
    split where `needs_survey` says so. A damaged dump yields drops that say where and how much.

    Raises OSError and MemoryError for faults of storage and machine, which are never taken for
    damage, and ValueError for an undetectable kind. Anything else that it raises is a mistake of
    the reader: `coverage` then tells how much it leaves unread, as it does for damage that cannot
    be passed. A reader that makes no progress for `reader_deadline_s` ends with one drop of the rest.
    """
    coverage = Coverage() if coverage is None else coverage
    kind = input.kind or detect_kind(input.path)
    input = replace(input, kind=kind)
    n_records = 0
    coverage.start, coverage.stop = start, stop or 0
    try:
        reader = form_of(kind, input.path) or reader_of(kind)
        records = reader(input, config, start, stop, survey=survey, coverage=coverage)
        for record in watched(declared(input, records), config.reader_deadline_s):
            n_records += 1
            yield record
    except ReaderDeadline as passed:
        yield _given_up(input, kind, n_records, coverage, str(passed))
    except (OSError, MemoryError):
        raise
    except Exception:
        coverage.stop = coverage.stop or _size(input)
        coverage.failed(n_records)
        raise


def _given_up(input: InputFile, kind: SourceKind, n_records: int, coverage: Coverage, detail: str) -> Drop:
    """Return the drop of the unread rest of a dump, whose reader made no progress."""
    end = coverage.stop or _size(input)
    at = min(max(coverage.at, coverage.start), end)
    coverage.stopped(at, end)
    locator = f"{input.name}#after={n_records}&offset={at}"
    detail = f"{detail} at byte {at}, behind {n_records} records: the rest is not read"
    return make_drop(input, kind, locator, DropReason.UNREADABLE, detail, n_bytes=end - at)


def read_at(input: InputFile, config: IngestConfig, locator: str) -> Record | None:
    """Return the record that a locator leads to, or None.

    A WARC or ARC file is opened at the locator's byte offset; any other dump is read up to it.
    """
    kind = input.kind or detect_kind(input.path)
    start, stop = 0, None
    if kind is SourceKind.WARC:
        digits = locator.rpartition("#offset=")[2].partition("&")[0]
        start = int(digits) if digits.isdecimal() else 0
        stop = start + 1
    reader = form_of(kind, input.path) or reader_of(kind)
    records = declared(replace(input, kind=kind), reader(replace(input, kind=kind), config, start, stop))
    return next((record for record in records if record.locator == locator), None)


def splits(input: InputFile, config: IngestConfig, size_bytes: int | None = None) -> list[Split]:
    """Return the (start, stop) of each split of a dump, to be given to `read`, by at most 256 KiB of it.

    Row groups of Parquet and entries of a zip are counted, anything else is split by its bytes.
    Rows of Stack Exchange's posts are read by `thread_rows` (see `needs_shuffle`). The first split
    begins at 0, and `(0, None)` is the whole.
    """
    return list(_layout(input, config, size_bytes).splits)


def unsplittable(input: InputFile, config: IngestConfig, size_bytes: int | None = None) -> str | None:
    """Return one line on a large dump that cannot be split: what, its size, a worker's time; or None."""
    kind = input.kind or detect_kind(input.path)
    return layout.unsplittable(input, kind, config, _size(input, size_bytes))


def needs_shuffle(input: InputFile, splits: list[Split]) -> bool:
    """Return whether the splits of a dump hold rows of threads, to be grouped by their question."""
    return len(splits) > 1 and (input.kind or detect_kind(input.path)) is SourceKind.STACKEXCHANGE


def survey(input: InputFile, config: IngestConfig, size_bytes: int | None = None) -> bytes:
    """Return the survey of a dump in one pass: the same as `merge_surveys` of its splits'."""
    ranges = [surveys.survey_range(input, config, *split) for split in splits(input, config, size_bytes)]
    return surveys.merge_surveys(input, config, ranges)


def _layout(input: InputFile, config: IngestConfig, size_bytes: int | None) -> layout.Layout:
    kind = input.kind or detect_kind(input.path)
    return layout.layout_of(input, kind, config, _size(input, size_bytes))


def _size(input: InputFile, size_bytes: int | None = None) -> int:
    if size_bytes is not None:
        return size_bytes
    if not is_remote(input.path) and os.path.isdir(input.path):
        return sum(map(file_size_bytes, list_files(input.path)))
    return file_size_bytes(input.path)
