"""Readers of dumps: a file in, documents and drops out, each with a locator into the file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from corpusforge.lazy import at_first_use

if TYPE_CHECKING:
    from corpusforge.ingest.beside import Beside, declared
    from corpusforge.ingest.config import IngestConfig
    from corpusforge.ingest.coverage import Coverage
    from corpusforge.ingest.detect import detect_kind
    from corpusforge.ingest.inputs import InputFile
    from corpusforge.ingest.layout import Split
    from corpusforge.ingest.registry import (
        READERS,
        needs_shuffle,
        read,
        read_at,
        splits,
        survey,
        unsplittable,
    )
    from corpusforge.ingest.stackexchange.rows import thread_rows
    from corpusforge.ingest.stackexchange.scatter import bucket_rows, check_scattered, scatter
    from corpusforge.ingest.stackexchange.threads import threads
    from corpusforge.ingest.surveys import merge_surveys, needs_survey, survey_range
    from corpusforge.ingest.tables.jsonl import is_side_file
    from corpusforge.ingest.tables.peek import columns_without_text, told_columns

__all__ = [
    "READERS",
    "Beside",
    "Coverage",
    "IngestConfig",
    "InputFile",
    "Split",
    "bucket_rows",
    "check_scattered",
    "columns_without_text",
    "declared",
    "detect_kind",
    "is_side_file",
    "merge_surveys",
    "needs_shuffle",
    "needs_survey",
    "read",
    "read_at",
    "scatter",
    "splits",
    "survey",
    "survey_range",
    "thread_rows",
    "threads",
    "told_columns",
    "unsplittable",
]

__getattr__, __dir__ = at_first_use(
    __name__,
    {
        "READERS": "registry",
        "Beside": "beside",
        "Coverage": "coverage",
        "IngestConfig": "config",
        "InputFile": "inputs",
        "Split": "layout",
        "bucket_rows": "stackexchange.scatter",
        "check_scattered": "stackexchange.scatter",
        "columns_without_text": "tables.peek",
        "declared": "beside",
        "detect_kind": "detect",
        "is_side_file": "tables.jsonl",
        "merge_surveys": "surveys",
        "needs_shuffle": "registry",
        "needs_survey": "surveys",
        "read": "registry",
        "read_at": "registry",
        "scatter": "stackexchange.scatter",
        "splits": "registry",
        "survey": "registry",
        "survey_range": "surveys",
        "thread_rows": "stackexchange.rows",
        "threads": "stackexchange.threads",
        "told_columns": "tables.peek",
        "unsplittable": "registry",
    },
)
