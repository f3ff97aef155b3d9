"""`corpusforge trace DOC_ID`: where one document of a corpus is, and the way back to its dump."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import Any, cast

import pyarrow.compute as pc

from corpusforge.commands.console import count, show, show_json
from corpusforge.commands.errors import CommandError, usage_error
from corpusforge.document import Document
from corpusforge.files import exists, join, list_files, open_input
from corpusforge.parquet import open_parquet, open_sealed_parquet
from corpusforge.parts.format import part_path
from corpusforge.parts.plan import manifest_rows
from corpusforge.retract.ledger import RETURNED, find_moved, find_removed
from corpusforge.shards.documents import read_rows
from corpusforge.shards.format import ShardRow, shard_path
from corpusforge.shards.places import shard_key
from corpusforge.shards.snapshot import Index, read_index

_KEYS = 2**64
_EXCERPT_CHARS = 300


def trace_id(doc_id: str, corpus: str, snapshot: str | None, as_json: bool) -> None:
    """Print where a document of a corpus ended; raise `CommandError` where it is unknown."""
    try:
        index = read_index(corpus, snapshot)
    except ValueError as error:
        raise usage_error(str(error)) from None
    found = find(doc_id, corpus, index)
    if found is None:
        raise CommandError(f"{doc_id}: no document of snapshot {index.snapshot} in {corpus}")
    if as_json:
        show_json(found)
    else:
        show(*as_text(doc_id, index.snapshot, found))


def find(doc_id: str, corpus: str, index: Index) -> dict[str, Any] | None:
    """Return the end of a document: `end`, its fields, and its place in a shard, if it has one."""
    found = _found(doc_id, corpus, index)
    return _retracted(doc_id, corpus, found) or _instead(doc_id, corpus, found)


def _found(doc_id: str, corpus: str, index: Index) -> dict[str, Any] | None:
    for entry in manifest_rows(corpus, index.header):
        found = _in_part(doc_id, corpus, str(entry["part_id"]))
        if found is None:
            continue
        found = {**found, "input": entry["name"], "part": entry["part_id"]}
        if found["end"] != "kept":
            return found
        cut = (
            {}
            if (end := _in_shards(doc_id, corpus, index, found))["end"] == "in a shard"
            else _cut(doc_id, corpus)
        )
        return {**found, **_in_clusters(doc_id, corpus), **end, **cut}
    return None


def _retracted(doc_id: str, corpus: str, found: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Return the end of a document that was taken out of the corpus, where it is in no shard; else None."""
    if found is not None and found["end"] == "in a shard":
        return None
    for ledger, row in find_removed(corpus, doc_id):
        entry = row["entry"]
        why = "a copy of what the list names" if entry < 0 else ":".join(ledger["entries"][entry])
        detail = f"retraction {ledger['id']}: {why}"
        known = {key: row[key] for key in ("domain", "subset", "source", "cluster_id", "part")}
        said = {key: ledger[key] for key in ("why", "asked") if ledger[key]}
        return {"locator": "not kept", **known, **(found or {}), "end": "retracted", "detail": detail, **said}
    return None


def _instead(doc_id: str, corpus: str, found: dict[str, Any] | None) -> dict[str, Any] | None:
    """Return the end of a document, with whose place in shards it took when that was taken out."""
    if found is None or found["end"] != "in a shard":
        return found
    for ledger, row in find_moved(corpus, doc_id):
        if row["what"] == RETURNED:
            names = ", ".join(row["instead_of"]) or "others that were taken out"
            return {**found, "detail": f"retraction {ledger['id']}: in the place of {names}"}
    return found


def _in_part(doc_id: str, corpus: str, part_id: str) -> dict[str, Any] | None:
    row = _row_with(part_path(corpus, part_id, "documents.parquet"), doc_id)
    if row is not None:
        maps = {name: dict(row[name]) for name in ("signals", "redactions")}
        return {"end": "kept", **row, **maps}
    row = _row_with(part_path(corpus, part_id, "rejects.parquet"), doc_id)
    if row is not None:
        return {"end": f"dropped: {row['reason']}", **row}
    path = part_path(corpus, part_id, "quarantine.jsonl")
    if exists(path):
        with open_input(path) as stream:
            for line in stream:
                if doc_id.encode() in line and (value := json.loads(line))["doc_id"] == doc_id:
                    return {"end": "quarantined", **value}
    return None


def _row_with(path: str, doc_id: str) -> dict[str, Any] | None:
    """Return the row of a sealed Parquet file that has a doc_id, without its text; None if there is none."""
    if not exists(path):
        return None
    with open_sealed_parquet(path) as file:
        names = [name for name in file.schema_arrow.names if name != "text"]
        for group in range(file.num_row_groups):
            ids = file.read_row_group(group, columns=["doc_id"])["doc_id"]
            place = _place(ids, doc_id)
            if place >= 0:
                return file.read_row_group(group, columns=names).slice(place, 1).to_pylist()[0]
    return None


def _place(column: Any, doc_id: str) -> int:
    """Return where a column holds a doc_id, -1 where it does not."""
    return int(cast(Any, pc).index(column, doc_id).as_py())


def _cut(doc_id: str, corpus: str) -> dict[str, Any]:
    """Return why a document was dropped once its repeated paragraphs or lines were cut, if it was."""
    paths = [path for path in list_files(join(corpus, "repeats")) if path.endswith(".rejects.parquet")]
    rows = [row for path in paths if (row := _row_with(path, doc_id)) is not None]
    return {"end": f"dropped: {rows[0]['reason']}", "detail": rows[0]["detail"]} if rows else {}


def _in_clusters(doc_id: str, corpus: str) -> dict[str, Any]:
    """Return the cluster of a document, of the dedup run that took it out before any other."""
    paths = [path for path in list_files(join(corpus, "clusters")) if path.endswith("/clusters.parquet")]
    rows = [row for path in paths if (row := _row_with(path, doc_id)) is not None]
    if not rows:
        return {}
    row = min(rows, key=lambda row: (bool(row["keep"]), str(row["cluster_id"])))
    return {
        "cluster_id": row["cluster_id"],
        "cluster_keep": row["keep"],
        "cluster_exact": row["exact"],
        "cluster_decided_by": row.get("decided_by"),  # null of the survivor, and in clusters of before
    }


def _in_shards(doc_id: str, corpus: str, index: Index, found: Mapping[str, Any]) -> dict[str, Any]:
    """Return shard, row and token span of a document, or that dedup took it out."""
    for shard in _likely_first(doc_id, index, found):
        for row_number, row in _matches(join(corpus, shard_path_of(shard, "docs")), doc_id):
            text = read_rows(join(corpus, shard_path_of(shard, "text")), [row_number])[0]["text"]
            start, length = int(row["start"]), int(row["length"])
            return {
                "end": "in a shard",
                "shard": shard_path_of(shard, "tokens"),
                "shard_row": row_number,
                "token_start": start,
                "token_length": length,
                "byte_start": start * shard.token_bytes,
                "byte_length": length * shard.token_bytes,
                "text_start": text[:_EXCERPT_CHARS],
            }
    return {"end": "removed as a duplicate"}


def shard_path_of(shard: ShardRow, kind: str) -> str:
    """Return where a file of a shard lies, relative to the corpus."""
    return shard_path(shard.domain, shard.subset, shard.id, kind)


def _likely_first(doc_id: str, index: Index, found: Mapping[str, Any]) -> list[ShardRow]:
    """Return the shards of a document's domain, the one that its key points to first."""
    mine = [r for r in index.rows if (r.domain, r.subset) == (found["domain"], found["subset"])]
    n_shards = max((row.index for row in mine), default=0) + 1
    guess = shard_key(doc_id, int(index.header["seed"])) * n_shards // _KEYS
    return sorted(mine, key=lambda row: (abs(row.index - guess), row.index))


def _matches(path: str, doc_id: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield (row number, row) of the document in a docs table, if it is there."""
    with open_input(path) as stream:
        file = open_parquet(stream)
        first = 0
        for group in range(file.num_row_groups):
            ids = file.read_row_group(group, columns=["doc_id"])["doc_id"]
            place = _place(ids, doc_id)
            if place >= 0:
                row = file.read_row_group(group, columns=["start", "length"]).slice(place, 1).to_pylist()[0]
                yield first + place, row
            first += len(ids)


def as_text(doc_id: str, snapshot: str, found: Mapping[str, Any]) -> list[str]:
    """Return the story of a document for a person, a fact a line."""
    facts = {"document": doc_id, "snapshot": snapshot, "end": found["end"], "locator": found["locator"]}
    for name in (
        "input",
        "part",
        "detail",
        "why",
        "asked",
        "error",
        "cluster_id",
        "cluster_decided_by",
        "shard",
        "shard_row",
    ):
        if found.get(name) is not None:
            facts[name.replace("_", " ")] = str(found[name])
    if "token_start" in found:
        start, length = found["token_start"], found["token_length"]
        facts["tokens"] = f"{count(start)} to {count(start + length)} ({count(length)}, end of text included)"
        byte_end = found["byte_start"] + found["byte_length"]
        facts["bytes"] = f"{count(found['byte_start'])} to {count(byte_end)}"
    shown_before = {"doc_id", "locator", "text", "signals", "redactions", "notes"}
    for name in (field.name for field in fields(Document)):
        if name not in shown_before and found.get(name) is not None:
            facts[name.replace("_", " ")] = _shown(found[name])
    for name in ("signals", "redactions"):
        if found.get(name):
            facts[name] = ", ".join(f"{key} {value:g}" for key, value in found[name].items())
    if found.get("notes"):
        facts["notes"] = "; ".join(found["notes"])
    excerpt = found.get("text_start") or found.get("excerpt")
    if excerpt:
        facts["text"] = json.dumps(excerpt, ensure_ascii=False)
    width = max(map(len, facts))
    lines = [f"{name:<{width}}  {value}" for name, value in facts.items()]
    if found.get("traceback"):
        lines += ["traceback", *str(found["traceback"]).split("\n")]
    return lines


def _shown(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
