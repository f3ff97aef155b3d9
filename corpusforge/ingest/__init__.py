"""Readers of dumps: a file in, documents and drops out, each with a locator into the file."""

from corpusforge.ingest.config import IngestConfig
from corpusforge.ingest.detect import detect_kind
from corpusforge.ingest.inputs import InputFile
from corpusforge.ingest.registry import READERS, read, read_at, splits

__all__ = ["READERS", "IngestConfig", "InputFile", "detect_kind", "read", "read_at", "splits"]
