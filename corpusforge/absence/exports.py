"""Documents in exports: in each format by what it holds of them (docs/gc.md, "Proving absence")."""

from __future__ import annotations

import csv
import gzip
import io
import json
import struct
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import pyarrow
import zstandard

from corpusforge.absence.payloads import Payloads
from corpusforge.absence.query import Found, Look, Query
from corpusforge.files import open_input, read_bytes
from corpusforge.parquet import open_parquet
from corpusforge.shards.documents import DOCS_SCHEMA
from corpusforge.shards.format import ShardRow, shard_path
from corpusforge.shards.inside import path_inside

pa: Any = pyarrow  # ships no types for what is used here

_ROWS = 4096
_NOT_ITS_KIND = (
    ValueError, KeyError, IndexError, TypeError, EOFError,
    struct.error, csv.Error, zlib.error, gzip.BadGzipFile, pa.ArrowException, zstandard.ZstdError,
)  # fmt: skip
"""What the readers of a format raise for a file that is none; a fault of storage is none of them."""
_METADATA = [name for name in DOCS_SCHEMA.names if name not in ("doc_id", "source", "date")]
WITHOUT_DOCUMENTS = (
    "readme.md", "croissant.json", "data_path.txt", ".ds.index", ".ds.metadata", ".idx", "index.json",
)  # fmt: skip
"""How the names of exported files end that hold no document, or places of documents alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What exports are held against."""

    corpus: str
    payloads: Payloads


def look_at_export(query: Query, place: Place, path: str) -> Look:
    """Return what a file of an export holds of what is asked for.

    What names no document, and is no payload of a shard that a snapshot of the corpus has, is a fault: it
    cannot be told what it holds.
    """
    look = Look()
    name = path.rpartition("/")[2].lower()
    for ending, find in _FINDERS.items():
        if name.endswith(ending):
            try:
                find(query, place, path, look)
            except _NOT_ITS_KIND as error:
                look.faults.append(f"{path}: not readable as what its name says: {error}")
            return look
    if not name.endswith(WITHOUT_DOCUMENTS):
        look.faults.append(f"{path}: no file of an export: it was not looked into")
    return look


def _tell(query: Query, look: Look, kind: str, path: str, table: Any, first: int = 0) -> None:
    """Note the documents of a table that are asked for."""
    seen = look.place(f"export {kind}")
    for row, doc_id, entry in query.rows(table):
        found = Found(place=f"export {kind}", file=path, row=first + row, doc_id=doc_id, entry=entry)
        look.tell(found)
    seen.documents += table.num_rows


def _parquet(query: Query, place: Place, path: str, look: Look) -> None:
    """`--format parquet` (doc_id) and `hf` (id): every column of the docs table."""
    with open_input(path) as stream:
        file = open_parquet(stream)
        names = file.schema_arrow.names
        kind = "parquet" if "doc_id" in names else "hf"
        renamed = {"id": "doc_id", "n_tokens": "length"} if kind == "hf" else {}
        known = [name for name in names if name not in ("text", "tokens")]
        for group in range(file.num_row_groups):
            table = file.read_row_group(group, columns=known)
            table = table.rename_columns([renamed.get(name, name) for name in table.column_names])
            _tell(query, look, kind, path, table, look.place(f"export {kind}").documents)
    look.place(f"export {kind}").files += 1


def _jsonl(query: Query, place: Place, path: str, look: Look) -> None:
    """Dolma's layout: a JSON object a document."""
    with open_input(path) as raw, zstandard.ZstdDecompressor().stream_reader(raw) as unpacked:
        lines = io.TextIOWrapper(cast(Any, unpacked), encoding="utf-8")
        for first, some in _pieces(lines):
            _tell(query, look, "jsonl", path, _of_objects([json.loads(line) for line in some]), first)
    look.place("export jsonl").files += 1


def _of_objects(objects: Sequence[dict[str, Any]]) -> Any:
    columns: dict[str, Any] = {
        "doc_id": pa.array([one["id"] for one in objects], pa.string()),
        "source": pa.array([one.get("source") for one in objects], pa.string()),
        "date": pa.array([one.get("created") for one in objects], pa.string()),
    }
    for name in _METADATA:
        kind = DOCS_SCHEMA.field(name).type
        if pa.types.is_nested(kind):
            continue
        key = "n_tokens" if name == "length" else name
        columns[name] = pa.array([one["metadata"].get(key) for one in objects]).cast(kind)
    return pa.table(columns)


def _pieces(lines: Any) -> Iterator[tuple[int, list[str]]]:
    first, waiting = 0, list[str]()
    for line in lines:
        waiting.append(line)
        if len(waiting) == _ROWS:
            yield first, waiting
            first, waiting = first + len(waiting), []
    if waiting:
        yield first, waiting


def _csv(query: Query, place: Place, path: str, look: Look) -> None:
    """OLMo-core's documents beside a payload: start, end, id, source, locator."""
    with open_input(path) as raw, gzip.GzipFile(fileobj=raw) as unpacked:
        lines = io.TextIOWrapper(cast(Any, unpacked), encoding="utf-8", newline="")
        rows = list(csv.reader(lines))
    names = ("doc_id", "source", "locator")
    columns = {name: pa.array([row[2 + at] for row in rows], pa.string()) for at, name in enumerate(names)}
    _tell(query, look, "olmo", path, pa.table(columns))
    look.place("export olmo").files += 1


def _mds(query: Query, place: Place, path: str, look: Look) -> None:
    """A shard of MDS: a sample a document; samples of a plan name none."""
    data = memoryview(read_bytes(path))
    (n_samples,) = struct.unpack_from("<I", data)
    offsets = np.frombuffer(data, "<u4", n_samples + 1, 4).tolist()
    head = json.loads(bytes(data[4 + 4 * (n_samples + 1) : offsets[0]]))
    names: list[str] = head["column_names"]
    look.place("export mds").files += 1
    if "doc_id" not in names:
        look.place("export mds").documents += n_samples
        look.faults.append(
            f"{path}: samples of a plan, which name no documents: export the plan again over a snapshot "
            "without them"
        )
        return
    columns: dict[str, list[str]] = {name: [] for name in ("doc_id", "domain", "subset")}
    for start in offsets[:-1]:
        sizes = struct.unpack_from(f"<{len(names)}I", data, start)
        at = start + 4 * len(names)
        for name, size in zip(names, sizes, strict=True):
            if name in columns:
                columns[name].append(bytes(data[at : at + size]).decode())
            at += size
    table = pa.table({name: pa.array(values, pa.string()) for name, values in columns.items()})
    _tell(query, look, "mds", path, table)


def _payload(query: Query, place: Place, path: str, look: Look) -> None:
    """A payload: the documents of the shards whose bytes it is."""
    kind = {".bin": "megatron", ".npy": "olmo", ".ds": "datatrove"}[path[path.rindex(".") :]]
    rows, left = place.payloads.rows_of(path)
    for row in rows:
        _of_shard(query, place.corpus, row, path, kind, look)
    look.place(f"export {kind}").files += 1
    if left:
        look.faults.append(
            f"{path}: its last {left:,} bytes are the payload of no shard of a snapshot that is here: what "
            "documents they are of cannot be told: export it again"
        )


def _of_shard(query: Query, corpus: str, row: ShardRow, path: str, kind: str, look: Look) -> None:
    with open_input(path_inside(corpus, shard_path(row.domain, row.subset, row.id, "docs"))) as stream:
        file = open_parquet(stream)
        columns = query.columns_of(file.schema_arrow.names)
        for group in range(file.num_row_groups):
            first = look.place(f"export {kind}").documents
            _tell(query, look, kind, path, file.read_row_group(group, columns=columns), first)


_FINDERS: dict[str, Callable[[Query, Place, str, Look], None]] = {
    ".parquet": _parquet,
    ".jsonl.zst": _jsonl,
    ".csv.gz": _csv,
    ".mds": _mds,
    ".bin": _payload,
    ".npy": _payload,
    ".ds": _payload,
}
