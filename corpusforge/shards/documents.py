"""The rows that describe documents: in a spill, and in a shard's docs table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from corpusforge import document as record
from corpusforge.files import open_input
from corpusforge.parquet import open_parquet
from corpusforge.shards.arrow import pa

METADATA_SCHEMA: Any = pa.schema(
    [column for column in cast(Any, record).DOCUMENT_SCHEMA if column.name != "text"]
)
"""Everything known about a document but its text."""

PLACES_SCHEMA: Any = pa.schema([("start", pa.uint64()), ("length", pa.uint32())])
"""Where the tokens of a document are."""

DOCS_SCHEMA: Any = pa.schema([*METADATA_SCHEMA, *PLACES_SCHEMA])
"""A shard's docs table: `start` and `length` in tokens of the payload, EOS included.

Row r of the docs table, of the text table and of the ends file are one document.
"""

TEXT_SCHEMA: Any = pa.schema([("doc_id", pa.string()), ("text", pa.large_string())])
"""A shard's text table."""


def read_rows(path: str, rows: Sequence[int]) -> list[dict[str, Any]]:
    """Return rows of a shard's docs or text table as dicts, in the order asked for.

    Only the row groups that hold them are read. IndexError where a row is beyond the end.
    """
    with open_input(path) as stream:
        table = open_parquet(stream)
        ends: list[int] = []
        for group in range(table.num_row_groups):
            ends.append(table.metadata.row_group(group).num_rows + (ends[-1] if ends else 0))
        found: dict[int, dict[str, Any]] = {}
        first = 0
        for group, end in enumerate(ends):
            wanted = sorted({row - first for row in rows if first <= row < end})
            if wanted:
                taken = cast("list[dict[str, Any]]", table.read_row_group(group).take(wanted).to_pylist())
                found.update({first + row: value for row, value in zip(wanted, taken, strict=True)})
            first = end
    missing = [row for row in rows if row not in found]
    if missing:
        raise IndexError(f"{path}: no row {missing[0]}: it has {first}")
    return [found[row] for row in rows]
