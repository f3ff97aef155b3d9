"""Where the documents of a request lie: in shards, in parts, and which of them dedup took for copies.

Plain functions of an element, for any runner. What they find travels as rows of `NAMED_SCHEMA`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import pyarrow
import pyarrow.compute

from corpusforge.files import join, list_files, open_input, publishing
from corpusforge.parquet import open_parquet, open_sealed_parquet
from corpusforge.parquet_seal import write_sealed_table
from corpusforge.parts.format import COMMIT, part_path
from corpusforge.parts.looking import SHARD, Groups, clusters_path, told_of
from corpusforge.retract.ledger import Request, work_folder
from corpusforge.retract.lists import RetractionList
from corpusforge.retract.matching import Matcher
from corpusforge.sealed import read_json, write_json
from corpusforge.shards.format import shard_path
from corpusforge.shards.inside import path_inside
from corpusforge.shards.snapshot import Index, read_index

pa: Any = pyarrow  # ship no types for what is used here
pc: Any = pyarrow.compute

NAMED_SCHEMA: Any = pa.schema(
    [
        ("doc_id", pa.string()),
        ("content_hash", pa.string()),
        ("source", pa.string()),
        ("domain", pa.string()),
        ("subset", pa.string()),
        ("entry", pa.int64()),
        ("shard", pa.string()),
        ("tokens", pa.int64()),
        ("part", pa.string()),
    ]
)
"""A document that a list names, as a shard or a part holds it; `part` alone where it was rejected there."""
CLUSTER_ROWS: Any = pa.schema(
    [
        ("doc_id", pa.string()),
        ("cluster_id", pa.string()),
        ("keep", pa.bool_()),
        ("exact", pa.bool_()),
        ("source", pa.string()),
        ("domain", pa.string()),
        ("file", pa.string()),  # that holds the row: run and task
    ]
)
_OF_DOCUMENT = ("doc_id", "content_hash", "source", "domain", "subset")


@dataclass(frozen=True, kw_only=True)
class Task:
    """What is taken out, and of which corpus: handed to every worker."""

    corpus: str
    request: Request

    @property
    def folder(self) -> str:
        """Where it is being done."""
        return work_folder(self.corpus, self.request.id)

    def index(self) -> Index:
        """Return the snapshot that documents are taken out of; the last ones are remembered."""
        return _index(self.corpus, self.request.parent)


@lru_cache(maxsize=2)
def _index(corpus: str, snapshot: str) -> Index:
    return read_index(corpus, snapshot)


def part_ids(corpus: str) -> list[str]:
    """Return the ids of all parts of a corpus, sorted."""
    paths = list_files(join(corpus, "parts", f"*.{COMMIT}"))
    return sorted(path.rpartition("/")[2].partition(".")[0] for path in paths)


def find_named(
    task: Task, listed: RetractionList, in_parts: RetractionList, places: str, number: int
) -> Iterator[tuple[int, bytes]]:
    """Yield (0, rows of `NAMED_SCHEMA` as an Arrow stream) of one shard or part that holds any.

    `places`: the file of all places, [kind, name, row groups or null], of which one has this number.
    `in_parts`: `listed` without conditions, which speak of a docs table.
    """
    kind, name, groups = _places(places)[number]
    table = _in_shard(task, listed, name, groups) if kind == SHARD else _in_part(task, in_parts, name)
    if len(table):
        yield 0, to_bytes(table)


@lru_cache(maxsize=2)
def _places(path: str) -> list[tuple[str, str, Groups]]:
    return [(kind, name, groups) for kind, name, groups in read_json(path)["places"]]


def write_places(path: str, places: Iterable[tuple[str, str, Groups]]) -> None:
    """Write where workers are to look: by their numbers."""
    write_json(path, {"places": [list(place) for place in places]})


def _in_shard(task: Task, listed: RetractionList, name: str, groups: Groups) -> Any:
    domain, subset, shard = name.split("/")
    path = path_inside(task.corpus, shard_path(domain, subset, shard, "docs"))
    with open_input(path) as stream:
        file = open_parquet(stream)
        found = list(_matches(file, listed, [*_OF_DOCUMENT, "length"], groups))
    tables = [
        _named(rows, entries, shard=shard, tokens=rows["length"].cast(pa.int64())) for rows, entries in found
    ]
    return pa.concat_tables([NAMED_SCHEMA.empty_table(), *tables])


def _in_part(task: Task, listed: RetractionList, part_id: str) -> Any:
    with open_sealed_parquet(part_path(task.corpus, part_id, COMMIT)) as file:
        found = list(_matches(file, listed, list(_OF_DOCUMENT)))
    tables = [_named(rows, entries, part=part_id) for rows, entries in found]
    return pa.concat_tables([NAMED_SCHEMA.empty_table(), *tables, _rejected(task, listed, part_id)])


def _rejected(task: Task, listed: RetractionList, part_id: str) -> Any:
    """Return the rejects and quarantined records of a part whose ids, or repositories, are named.

    Nothing else is known of them. One of which no text is left is not told of.
    """
    kept = [(place, entry) for place, entry in enumerate(listed.entries) if entry.kind in ("id", "repo")]
    tables = [NAMED_SCHEMA.empty_table()]
    if kept:
        matcher = Matcher(RetractionList(tuple(entry for _, entry in kept), is_hashed=listed.is_hashed))
        for rows in told_of(task.corpus, part_id):
            places = matcher.match(rows)
            found = np.flatnonzero(places >= 0)
            entries = np.array([kept[place][0] for place in places[found].tolist()], np.int64)
            tables.append(_named(rows.take(pa.array(found)), entries, part=part_id))
    return pa.concat_tables(tables)


def _matches(
    file: Any, listed: RetractionList, columns: list[str], groups: Groups = None
) -> Iterator[tuple[Any, Any]]:
    """Yield (rows, places of entries) of row groups of a table, all unless told, that hold named documents.

    `columns`, which tell of a document, are read where one is named.
    """
    matcher = Matcher(listed)
    for group in range(file.num_row_groups) if groups is None else groups:
        places = matcher.match(file.read_row_group(group, columns=list(matcher.columns)))
        rows = np.flatnonzero(places >= 0)
        if len(rows):
            yield file.read_row_group(group, columns=columns).take(pa.array(rows)), places[rows]


def _named(
    rows: Any, entries: Any, *, shard: str | None = None, tokens: Any = None, part: str | None = None
) -> Any:
    n_rows = len(rows)
    columns = {
        **{
            name: rows[name] if name in rows.schema.names else pa.nulls(n_rows, pa.string())
            for name in _OF_DOCUMENT
        },
        "entry": pa.array(entries, pa.int64()),
        "shard": pa.array([shard] * n_rows, pa.string()),
        "tokens": pa.array([0] * n_rows, pa.int64()) if tokens is None else tokens,
        "part": pa.array([part] * n_rows, pa.string()),
    }
    return pa.table([columns[name] for name in NAMED_SCHEMA.names], schema=NAMED_SCHEMA)


def to_bytes(table: Any) -> bytes:
    """Return a table as an Arrow stream, as it travels between workers."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue().to_pybytes()


def write_found(path: str, schema: Any, element: tuple[int, Iterable[bytes]]) -> Iterator[int]:
    """Yield how many rows workers found, written together: sorted by all that they hold, so in one order."""
    tables = [pa.ipc.open_stream(data).read_all() for data in element[1]]
    table = pa.concat_tables([schema.empty_table(), *tables]).combine_chunks()
    table = table.sort_by([(name, "ascending") for name in schema.names])
    write_table(path, table)
    yield len(table)


def write_table(path: str, table: Any) -> None:
    """Publish a table as sealed Parquet."""
    with publishing(path) as temporary:
        write_sealed_table(table, temporary, compression="zstd")


def read_table(path: str, columns: list[str] | None = None) -> Any:
    """Return a sealed table."""
    with open_sealed_parquet(path) as file:
        return file.read(columns)


def folder_of(path: str) -> str:
    """Return the name of the folder that a file lies in."""
    return path.split("/")[-2]


def may_go_on_elsewhere(names: Iterable[str]) -> bool:
    """Return whether a cluster may lie in several of some tables: cut into pieces, or of several runs.

    `names`: of tables of clusters, as `looking.files_of` gives them.
    """
    parts = [name.split("/") for name in names]
    return len({run for run, _ in parts}) > 1 or any("-" in task for _, task in parts)


def clusters_of(task: Task, asked: str, places: str, number: int) -> Iterator[tuple[int, bytes]]:
    """Yield (0, rows of `CLUSTER_ROWS`) of the clusters in one table that hold documents of those asked for.

    `asked`: a table of `doc_id` and `cluster_id`, either of which may be null. `places` as in `find_named`.
    """
    path = clusters_path(task.corpus, _places(places)[number][1])
    ids, clusters = (column.drop_null() for column in _asked(asked))
    with open_sealed_parquet(path) as file:
        rows = file.read(["doc_id", "cluster_id"])
        is_asked = pc.or_(
            pc.is_in(rows["doc_id"], value_set=ids), pc.is_in(rows["cluster_id"], value_set=clusters)
        )
        found = rows["cluster_id"].filter(is_asked).unique()
        if not len(found):
            return
        whole = pc.is_in(rows["cluster_id"], value_set=found)
        table = file.read().filter(whole)
        names = pa.array(["/".join(path.split("/")[-3:-1])] * len(table), pa.string())
        table = table.append_column("file", names).select(CLUSTER_ROWS.names).cast(CLUSTER_ROWS)
    yield 0, to_bytes(table)


@lru_cache(maxsize=2)
def _asked(path: str) -> tuple[Any, Any]:
    table = read_table(path).combine_chunks()
    return table["doc_id"].combine_chunks(), table["cluster_id"].combine_chunks()
