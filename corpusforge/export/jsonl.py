"""Dolma's layout: `documents/<shard>.jsonl.zst`, a JSON object a document.

Source of the keys: github.com/allenai/dolma, docs/data-format.md, "Document Format".
"""

from __future__ import annotations

import json
import math
import os
from typing import Any, cast

import zstandard

from corpusforge.export.documents import documents
from corpusforge.export.payload import export_name
from corpusforge.shards.snapshot import Index

LEVEL = 3
"""Of zstd: its own default."""
_ABOVE = ("id", "text", "source", "date")
"""Columns that Dolma names; all others are its `metadata`."""


def export_snapshot(corpus: str, index: Index, output: str) -> None:
    """Write one file a shard; `version` is the snapshot.

    `created` is the date that the dump tells; `added` is null, for a corpus holds no time of its making.
    """
    folder = os.path.join(output, "documents")
    os.mkdir(folder)
    for row in index.rows:
        packer = zstandard.ZstdCompressor(LEVEL, write_checksum=True, write_content_size=False)
        path = os.path.join(folder, export_name(row) + ".jsonl.zst")
        with open(path, "wb") as raw, packer.stream_writer(raw) as stream:
            for table in documents(corpus, row):
                for batch in table.to_batches(256):
                    rows = cast("list[dict[str, Any]]", batch.to_pylist(maps_as_pydicts="lossy"))
                    stream.write(b"".join(_line(one, index.snapshot) for one in rows))


def _line(document: dict[str, Any], version: str) -> bytes:
    value = {
        "id": document["id"],
        "text": document["text"],
        "source": document["source"],
        "added": None,
        "created": document["date"],
        "version": version,
        "metadata": {name: one for name, one in document.items() if name not in _ABOVE},
    }
    line = json.dumps(_finite(value), ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return line.encode() + b"\n"


def _finite(value: Any) -> Any:
    """Return a value with null for what JSON has no number for: not-a-number and the infinities."""
    if isinstance(value, dict):
        return {name: _finite(one) for name, one in cast("dict[str, Any]", value).items()}
    return None if isinstance(value, float) and not math.isfinite(value) else value
