"""Croissant metadata of a corpus as it lies: its shards' tables, by the files of one snapshot."""

from __future__ import annotations

from typing import Any

from corpusforge.card.sample import Sample
from corpusforge.export.croissant import PARQUET, file_object, file_set, metadata, record_set
from corpusforge.report.summary import Summary
from corpusforge.shards.arrow import pa
from corpusforge.shards.documents import DOCS_SCHEMA, TEXT_SCHEMA
from corpusforge.shards.format import index_path, manifest_path, shard_path
from corpusforge.shards.manifest import MANIFEST_SHARDS
from corpusforge.shards.snapshot import Index

_SETS = {"documents": ("docs", DOCS_SCHEMA), "texts": ("text", TEXT_SCHEMA)}
"""Sets of records: the kind of their files, and their columns."""


def croissant(index: Index, summary: Summary, sample: Sample) -> str:
    """Return croissant.json, which lies in the corpus's own folder: sets of files are below it.

    `documents` is what is known of each, `texts` the texts, `doc_id` the key of both. Up to
    `MANIFEST_SHARDS` shards every file is named with its sha256; beyond, the snapshot's manifest is,
    which names them.
    """
    whole = summary.whole
    description = (
        f"{whole.documents:,} documents of {len(summary.sources):,} sources by domain, {whole.tokens:,} "
        f"tokens: snapshot {index.snapshot}. What it holds, what was left out, and how good its labels are: "
        f"{index_path(index.snapshot).replace('index.json', 'card.md')}."
    )
    is_listed = len(index.rows) <= MANIFEST_SHARDS
    distribution: list[dict[str, Any]] = []
    if not is_listed:
        manifest = manifest_path(index.snapshot, "manifest.parquet")
        distribution.append(file_object(manifest, PARQUET, index.header["manifest"]["manifest.parquet"]))
    for name, (kind, _) in _SETS.items():
        paths = {
            shard_path(row.domain, row.subset, row.id, kind): getattr(row, f"{kind}_sha256")
            for row in index.rows
        }
        if is_listed:
            distribution += [file_object(path, PARQUET, sha256) for path, sha256 in paths.items()]
        patterns = list(paths) if is_listed else [f"shards/*/*/*.{kind}.parquet"]
        distribution.append(file_set(f"files-{name}", patterns))
    sets = [
        record_set(name, f"files-{name}", _plain(schema), "doc_id") for name, (_, schema) in _SETS.items()
    ]
    return metadata(index, sample.figures, description, distribution, sets)


def _plain(schema: Any) -> Any:
    """Return a schema without its maps, which Croissant has no name for."""
    return pa.schema([field for field in schema if not pa.types.is_map(field.type)])
