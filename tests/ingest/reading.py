"""What the tests of the readers share: read a file, and say in short what came out."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from corpusforge.document import Document, Drop
from corpusforge.ingest.config import IngestConfig
from corpusforge.ingest.inputs import InputFile


def read_all(reader: Any, path: Path, name: str | None = None, **config: Any) -> list[Document | Drop]:
    """Return all records of a file, after the checks that hold for every reader."""
    input = InputFile(path=str(path), name=name or path.name, source="test")
    records = list(reader(input, IngestConfig(**config)))
    assert len({record.doc_id for record in records}) == len(records), "two records share an id"
    assert all(record.locator.startswith(input.name) or "@" in record.locator for record in records)
    assert all("\n" not in record.detail for record in records if isinstance(record, Drop))
    assert not any(str(path.parent) in repr(record) for record in records), "a machine's path in a record"
    return records


def outcome(record: Document | Drop) -> str:
    return record.reason.value if isinstance(record, Drop) else record.markup.value


def outcomes(records: list[Document | Drop]) -> list[str]:
    return [outcome(record) for record in records]


def counts(records: list[Document | Drop]) -> dict[str, int]:
    return dict(Counter(map(outcome, records)))


def documents(records: list[Document | Drop]) -> list[Document]:
    return [record for record in records if isinstance(record, Document)]


def drops(records: list[Document | Drop]) -> list[Drop]:
    return [record for record in records if isinstance(record, Drop)]
