"""Readers of dumps: a file in, documents and drops out, each with a locator into the file."""

from corpusforge.ingest.beside import Beside, beside, declared
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

__all__ = [
    "READERS",
    "Beside",
    "Coverage",
    "IngestConfig",
    "InputFile",
    "Split",
    "beside",
    "bucket_rows",
    "check_scattered",
    "declared",
    "detect_kind",
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
    "unsplittable",
]
