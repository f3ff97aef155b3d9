"""Documents in the files beside shards: parts, rejects, quarantine, clusters, pages of reports."""

from __future__ import annotations

import html
import json
import re
from typing import Any

import numpy as np
import pyarrow
import pyarrow.compute

from corpusforge.absence.query import Found, Look, Query
from corpusforge.document import DropReason
from corpusforge.files import StorageMissing, join, read_bytes
from corpusforge.parquet import open_sealed_parquet
from corpusforge.parts.format import COMMIT
from corpusforge.sealed import Damaged, read_sealed

pa: Any = pyarrow  # ship no types for what is used here
pc: Any = pyarrow.compute

_ID = re.compile(rb"(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])")
_LINK = re.compile(rb"https?://[^\s\"'<>()\\\\]+")
_REPOSITORIES = re.compile(r"https?://(?:www\.)?(?:github\.com|gitlab\.com|bitbucket\.org)/")
_QUARANTINED = ("doc_id", "source", "source_kind", "locator")
_ROWS = 4096
SIGNATURES = "signatures.bin"
_NO_ERROR = ("", None, DropReason.RETRACTED.value)
"""What stands in the place of an error once its record was taken out (`parts.retracted`)."""


def look_at_part(query: Query, corpus: str, name: str) -> Look:
    """Return what the documents of a part, named by their path, and its signatures hold."""
    look = Look()
    ids = _table(query, corpus, name, "parts", look)
    if ids is None:
        return look
    other = name.removesuffix(COMMIT) + SIGNATURES
    try:
        payload = read_sealed(join(corpus, other))
    except StorageMissing:
        look.faults.append(f"{join(corpus, other)}: missing: run verify")
        return look
    except Damaged as error:
        look.faults.append(str(error))
        return look
    look.place("parts").files += 1
    found = signature_ids(payload, len(ids))
    if found is None or found != ids:
        look.faults.append(f"{join(corpus, other)}: signatures of other documents than {name} holds")
        for row, doc_id in enumerate(found or ()):
            if doc_id in query.ids:
                look.tell(Found(place="parts", file=other, row=row, doc_id=doc_id, entry=""))
    return look


def signature_ids(payload: memoryview, n_rows: int) -> list[str] | None:
    """Return the ids of the documents of signatures (docs/formats.md, Parts); None where rows do not fit."""
    if not n_rows or len(payload) % n_rows:
        return [] if not len(payload) else None
    rows = np.frombuffer(payload, np.uint8).reshape(n_rows, -1)[:, :16].copy().view("<u8")
    digits = rows.astype(">u8").tobytes().hex()
    return [digits[at : at + 32] for at in range(0, len(digits), 32)]


def look_at_rejects(query: Query, corpus: str, name: str) -> Look:
    """Return which drops of a table hold text of what is asked for.

    That a record was dropped is no document: its id and reason stay, so that all records are accounted for.
    """
    look = Look()
    _table(query, corpus, name, "rejects", look)
    return look


def _table(query: Query, corpus: str, name: str, place: str, look: Look) -> list[str] | None:
    """Look at a table; return the ids of its documents, None where it cannot be read."""
    seen, ids = look.place(place), list[str]()
    try:
        with open_sealed_parquet(join(corpus, name)) as file:
            columns = query.columns_of(file.schema_arrow.names)
            columns += ["excerpt"] if place == "rejects" else []
            for group in range(file.num_row_groups):
                table = file.read_row_group(group, columns=columns)
                for row, doc_id, entry in query.rows(table):
                    if place == "rejects" and not table["excerpt"][row].as_py():
                        continue
                    found = Found(
                        place=place, file=name, row=seen.documents + row, doc_id=doc_id, entry=entry
                    )
                    look.tell(found)
                ids += table["doc_id"].to_pylist()
                seen.documents += table.num_rows
    except (Damaged, StorageMissing, pa.ArrowException) as error:
        look.faults.append(str(error))
        return None
    seen.files += 1
    return ids


def look_at_quarantine(query: Query, corpus: str, name: str) -> Look:
    """Return which quarantined records of what is asked for hold an error: by id, or by repository."""
    look = Look()
    seen = look.place("quarantine")
    lines = read_bytes(join(corpus, name)).splitlines()
    for first in range(0, len(lines), _ROWS):
        try:
            rows = [json.loads(line) for line in lines[first : first + _ROWS]]
            told = [row.get("traceback") or row.get("error") not in _NO_ERROR for row in rows]
            table = pa.table(
                {key: pa.array([row.get(key) for row in rows], pa.string()) for key in _QUARANTINED}
            )
        except (ValueError, AttributeError, pa.ArrowException) as error:
            look.faults.append(f"{join(corpus, name)}: not readable: {error}")
            return look
        for row, doc_id, entry in query.rows(table):
            if told[row]:
                look.tell(Found(place="quarantine", file=name, row=first + row, doc_id=doc_id, entry=entry))
    seen.files += 1
    seen.documents += len(lines)
    return look


def look_at_clusters(query: Query, corpus: str, name: str, clusters: frozenset[str] | None) -> Look:
    """Return which documents that are asked for a table of clusters names, and in which clusters they are.

    With `clusters`, the members of these instead.
    """
    look = Look()
    seen = look.place("clusters")
    try:
        with open_sealed_parquet(join(corpus, name)) as file:
            for group in range(file.num_row_groups):
                table = file.read_row_group(group, columns=["doc_id", "cluster_id"])
                _members(query, table, name, clusters, look)
                seen.documents += table.num_rows
    except (Damaged, StorageMissing, pa.ArrowException) as error:
        look.faults.append(str(error))
        return look
    seen.files += 1
    return look


def _members(query: Query, table: Any, name: str, clusters: frozenset[str] | None, look: Look) -> None:
    cluster_ids = table["cluster_id"]
    if clusters is not None:
        mine = pc.is_in(cluster_ids, value_set=pa.array(sorted(clusters), pa.string()))
        found = table.filter(mine)
        look.members |= dict(zip(found["doc_id"].to_pylist(), found["cluster_id"].to_pylist(), strict=True))
        return
    first = look.place("clusters").documents
    for row, doc_id, entry in query.rows(table):
        look.clusters.add(cluster_ids[row].as_py())
        look.tell(Found(place="clusters", file=name, row=first + row, doc_id=doc_id, entry=entry))
    # A cluster is called by its survivor: the others may be left alone.
    named = table.filter(pc.is_in(cluster_ids, value_set=pa.array(sorted(query.ids), pa.string())))
    look.clusters.update(named["cluster_id"].to_pylist())


def look_at_page(query: Query, corpus: str, name: str) -> Look:
    """Return which documents that are asked for a page or a JSON file names, by ids or addresses."""
    look = Look()
    data = read_bytes(join(corpus, name))
    named = [(match.start(), match[0].decode()) for match in _ID.finditer(data)]
    told = {doc_id: (at, doc_id, "its id") for at, doc_id in reversed(named) if doc_id in query.ids}
    links = [
        (match.start(), html.unescape(match[0].decode("utf-8", "replace"))) for match in _LINK.finditer(data)
    ]
    if links and not query.is_ids_only:
        urls = [url for _, url in links]
        repos = [url if _REPOSITORIES.match(url) else None for url in urls]
        table = pa.table({"doc_id": [""] * len(urls), "url": urls, "repo": pa.array(repos, pa.string())})
        told |= {urls[row]: (links[row][0], "", entry) for row, _, entry in query.rows(table)}
    for at, doc_id, entry in sorted(told.values()):
        row = data.count(b"\n", 0, at)
        look.tell(Found(place="pages", file=name, row=row, doc_id=doc_id, entry=entry))
    look.place("pages").files += 1
    return look
