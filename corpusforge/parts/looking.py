"""Files of a corpus by what lookups say of them: which may hold what a list names, which none covers yet."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import pyarrow
import pyarrow.compute
from numpy.typing import NDArray

from corpusforge.files import exists, join, list_entries, open_input, read_bytes
from corpusforge.parquet import open_parquet, open_sealed_parquet
from corpusforge.parts.format import COMMIT, part_path
from corpusforge.parts.waves import snapshot_folders
from corpusforge.retract.keys import locator_repos
from corpusforge.retract.ledger import ledgers
from corpusforge.retract.lookup import (
    CLUSTERS,
    COLUMNS,
    PART,
    SHARD,
    File,
    Making,
    ancestors,
    by_bucket,
    covered,
    find,
    lookups,
)
from corpusforge.sealed import read_json
from corpusforge.shards.format import shard_path
from corpusforge.shards.inside import path_inside
from corpusforge.shards.snapshot import Index

pa: Any = pyarrow  # ships no types for what is used here

pc: Any = pyarrow.compute

_TOLD = ["doc_id", "source", "domain", "locator"]
_TOLD_SCHEMA: Any = pa.schema([(name, pa.string()) for name in _TOLD])
Groups = list[int] | None
"""Row groups to look at; None for all."""


def files_of(corpus: str, index: Index, part_ids: Iterable[str]) -> list[File]:
    """Return the files in which a request is looked for: shards, parts, tables of clusters.

    A table of clusters is called by its size too: dedup may share out the clusters of a run otherwise.
    """
    files: list[File] = [(SHARD, f"{row.domain}/{row.subset}/{row.id}") for row in index.rows]
    files += [(PART, name) for name in part_ids]
    tables: list[File] = []
    for folder in snapshot_folders(corpus, index.header):
        for entry in list_entries(join(folder, "*", "clusters.parquet")):
            names = entry.path.split("/")
            if not names[-2].startswith("work-"):
                tables.append((CLUSTERS, f"{names[-3]}/{names[-2]}@{entry.size_bytes}"))
    return files + sorted(tables)


def clusters_path(corpus: str, name: str) -> str:
    """Return where a table of clusters lies, by its name among the files."""
    return join(corpus, "clusters", name.rpartition("@")[0], "clusters.parquet")


class Covering:
    """What the lookups of a corpus cover."""

    def __init__(self, corpus: str) -> None:
        self._folders = lookups(corpus)
        self._older = ancestors(ledgers(corpus))
        self._known = {file for folder in self._folders for file in covered(folder)}

    def missing(self, files: Iterable[File]) -> list[File]:
        """Return the files that none covers."""
        return [file for file in files if self._root(file) is None]

    def _root(self, file: File) -> File | None:
        """Return the file by which lookups know one: itself, or the shard that it was made of."""
        kind, name = file
        while file not in self._known:
            place, _, shard = name.rpartition("/")
            if kind != SHARD or shard not in self._older:
                return None
            name = f"{place}/{self._older[shard]}"
            file = (kind, name)
        return file

    def candidates(self, files: Sequence[File], keys: NDArray[np.uint64]) -> dict[File, Groups]:
        """Return the files that may hold what hashes name, all of them covered, with their row groups."""
        found: dict[File, set[int]] = {}
        for folder in self._folders:
            for file, groups in find(folder, keys).items():
                found.setdefault(file, set()).update(groups)
        chosen: dict[File, Groups] = {}
        for file in files:
            root = self._root(file)
            if root in found:
                is_as_it_was = file == root and file[0] == SHARD
                chosen[file] = sorted(found[root]) if is_as_it_was else None
        return chosen


@lru_cache(maxsize=2)
def _files(path: str) -> list[File]:
    return [(kind, name) for kind, name in read_json(path)["files"]]


def index_file(making: Making, number: int) -> Iterator[tuple[int, bytes]]:
    """Yield (bucket, packed entries) of one file, by its number."""
    kind, name = _files(making.files_path)[number]
    batches = _batches(making.corpus, kind, name)
    yield from by_bucket(batches, number, making.n_buckets, by_group=kind == SHARD)


def _batches(corpus: str, kind: str, name: str) -> Iterator[Any]:
    if kind == SHARD:
        domain, subset, shard = name.split("/")
        with open_input(path_inside(corpus, shard_path(domain, subset, shard, "docs"))) as stream:
            file = open_parquet(stream)
            for group in range(file.num_row_groups):
                yield file.read_row_group(group, columns=list(COLUMNS))
        return
    path = part_path(corpus, name, COMMIT) if kind == PART else clusters_path(corpus, name)
    with open_sealed_parquet(path) as file:
        for group in range(file.num_row_groups):
            if kind == PART:
                yield file.read_row_group(group, columns=list(COLUMNS))
            else:
                rows = file.read_row_group(group, columns=["doc_id", "cluster_id"])
                both = pa.chunked_array([*rows["doc_id"].chunks, *rows["cluster_id"].chunks], pa.string())
                yield pa.table({"doc_id": both.unique()})
    if kind == PART:
        yield from told_of(corpus, name)


def told_of(corpus: str, part_id: str) -> Iterator[Any]:
    """Yield what is known of the rejects and quarantined records of a part of which text is left.

    Tables of doc_id, source, domain and repo: an excerpt or a traceback holds text, their locator tells of
    their repository.
    """
    path = part_path(corpus, part_id, "rejects.parquet")
    if exists(path):
        with open_sealed_parquet(path) as file:
            for group in range(file.num_row_groups):
                rows = file.read_row_group(group, columns=[*_TOLD, "excerpt"])
                yield _with_repo(rows.filter(pc.not_equal(rows["excerpt"], "")))
    path = part_path(corpus, part_id, "quarantine.jsonl")
    if exists(path):
        rows = [json.loads(line) for line in read_bytes(path).splitlines()]
        told = [{name: row.get(name) for name in _TOLD} for row in rows if row["traceback"]]
        yield _with_repo(pa.Table.from_pylist(told, schema=_TOLD_SCHEMA))


def _with_repo(rows: Any) -> Any:
    return rows.select(_TOLD[:-1]).append_column("repo", locator_repos(rows["locator"]))
