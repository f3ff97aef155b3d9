"""The description of one part, and a table of them: a part is one split of one input."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any, cast

import pyarrow

from corpusforge.document import SourceKind, name_bytes, name_text
from corpusforge.frozen import canonical_sha256
from corpusforge.ingest import InputFile

pa: Any = pyarrow  # ships no types for what is used here

PART_ID_DIGITS = 24
PART_VERSION = 2
"""Of the files of a part and of a survey: those of another version are never taken for these."""
SURVEYED = "surveyed"
"""The form of a split whose records depend on others of its input."""
BUCKET = "bucket"
"""The form of a part that holds the threads of some questions, from everywhere in its input."""
PLAN_SCHEMA: Any = pa.schema(
    [
        ("part_id", pa.string()),
        ("source", pa.dictionary(pa.int32(), pa.string())),
        ("kind", pa.dictionary(pa.int32(), pa.string())),
        ("path", pa.string()),
        ("name", pa.string()),
        ("digest", pa.string()),
        ("size_bytes", pa.int64()),
        ("start", pa.int64()),
        ("stop", pa.int64()),
        ("form", pa.string()),
        ("columns", pa.string()),
        ("stamp", pa.string()),
        ("beside", pa.string()),
        ("beside_stamp", pa.string()),
        ("n_bytes", pa.int64()),
    ]
)
"""The columns of a plan's table, one row a part."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PartSpec:
    """What one part is made of. `part_id` names content and configuration, never a place."""

    part_id: str
    source: str
    kind: SourceKind
    path: str
    """Where to open the input; not part of the id."""
    name: str
    """`source/relative name`, as locators give it."""
    digest: str
    size_bytes: int
    """Of the whole input."""
    start: int
    """Where its records begin: a byte, a row group, an entry, as `ingest.splits` says; or its bucket."""
    stop: int | None
    """Where the next split begins, None for the end; the number of buckets of a `BUCKET`."""
    form: str = ""
    """What it needs beside its own split (`surveys.py`): nothing, `SURVEYED` or `BUCKET`."""
    columns: str = ""
    """The columns that its source names itself, as JSON; ``""`` where it names none."""
    stamp: str = ""
    """What the store says of the input's state, to see that it did not change; not part of the id."""
    beside: str = ""
    """Digest of what its reader takes from beside the input (`ingest.beside`); empty for nothing."""
    beside_stamp: str = ""
    """As `stamp`, of what `beside` is chosen from; not part of the id."""
    n_bytes: int = 0
    """Its share of the input's bytes, about: what progress is told by; not part of the id."""

    def input_file(self) -> InputFile:
        """Return the input as ingest opens it."""
        named = cast("list[list[str]]", json.loads(self.columns)) if self.columns else []
        columns = tuple((field, column) for field, column in named)
        return InputFile(path=self.path, name=self.name, source=self.source, kind=self.kind, columns=columns)

    def manifest_row(self) -> dict[str, object]:
        """Return what a snapshot says of this part: all but the place it was read from."""
        row = asdict(self)
        del row["path"], row["stamp"], row["beside_stamp"], row["n_bytes"]
        if not self.columns:
            del row["columns"]
        return row


def part_id(
    name: str,
    kind: SourceKind,
    digest: str,
    split: tuple[int, int | None],
    form: str,
    fingerprint: str,
    beside: str = "",
) -> str:
    """Return the id of a part: by its input's content and name, its split, and what bears on its bytes."""
    identity = [PART_VERSION, name, kind, digest, *split, form, fingerprint, beside]
    return canonical_sha256(identity)[:PART_ID_DIGITS]


def specs_to_batch(specs: Iterable[PartSpec]) -> Any:
    """Return parts as a record batch of `PLAN_SCHEMA`."""
    # A local path may hold bytes that are no UTF-8: kept so that it can be opened by it.
    rows = [
        {**asdict(spec), "kind": spec.kind.value, "path": name_text(os.fsencode(spec.path))} for spec in specs
    ]
    arrays = [pa.array([row[field.name] for row in rows], field.type) for field in PLAN_SCHEMA]
    return pa.RecordBatch.from_arrays(arrays, schema=PLAN_SCHEMA)


def specs_of_batch(batch: Any) -> Iterator[PartSpec]:
    """Yield the parts of a batch or table of `PLAN_SCHEMA`."""
    for row in cast("list[dict[str, Any]]", batch.to_pylist()):
        kind = SourceKind(row.pop("kind"))
        path = os.fsdecode(name_bytes(row.pop("path")))
        yield PartSpec(kind=kind, path=path, **row)
