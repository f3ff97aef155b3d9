"""All that goes with a request: the documents that it names and their copies, each with where it lies."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pyarrow
import pyarrow.compute

from corpusforge.files import join
from corpusforge.parts.finding import (
    CLUSTER_ROWS,
    Task,
    may_go_on_elsewhere,
    read_table,
    write_table,
)
from corpusforge.retract.ledger import REMOVED_SCHEMA, WHOLE_CLUSTER
from corpusforge.retract.lists import RetractionList, listed
from corpusforge.sealed import read_json, write_json

pa: Any = pyarrow  # ship no types for what is used here
pc: Any = pyarrow.compute

COPY = -1
"""In the place of an entry: a copy of a document that one names."""
Find = Callable[[RetractionList], Any]
"""A list -> rows of `NAMED_SCHEMA`."""
Clusters = Callable[[str, RetractionList], Any]
"""(path of a table of ids and clusters asked for, the same as a list of ids) -> rows of `CLUSTER_ROWS`."""


class Nothing(ValueError):
    """A list that names no document of the corpus."""


@dataclass(kw_only=True)
class Going:
    """A document that goes."""

    content_hash: str | None = None
    source: str | None = None
    domain: str | None = None
    subset: str | None = None
    entry: int = COPY
    cluster_id: str | None = None
    shard: str | None = None
    tokens: int = 0
    parts: set[str] = field(default_factory=set[str])


@dataclass(frozen=True, kw_only=True)
class Found:
    """What goes, by where it is."""

    removed: Any
    """Table of `REMOVED_SCHEMA`."""
    hits: tuple[int, ...]
    """How many documents each entry of the request names."""
    duplicates: Mapping[str, int]
    """`source/domain` and `exact` or `near` with a NUL between them: those that dedup had taken out."""
    parts: tuple[str, ...]
    """Those that hold any, whatever build made them."""
    clusters: tuple[str, ...]
    """Tables of clusters that name any, as run and task."""
    members: Any
    """Table of `CLUSTER_ROWS`: the clusters that hold any."""

    @property
    def n_named(self) -> int:
        """Documents that entries name; the others are copies of them."""
        return sum(entry != COPY for entry in self.removed["entry"].to_pylist())

    @property
    def n_shipped(self) -> int:
        """Documents that shards hold."""
        return len(self.removed) - self.removed["shard"].null_count

    @property
    def n_with_copies(self) -> int:
        """Documents that shards hold and of whose clusters some do not go."""
        going = set(self.removed["doc_id"].to_pylist())
        rows = self.members.select(["doc_id", "cluster_id"]).to_pylist()
        stay = {row["cluster_id"] for row in rows if row["doc_id"] not in going}
        have = {row["doc_id"] for row in rows if row["cluster_id"] in stay}
        held = self.removed.filter(pc.is_valid(self.removed["shard"]))
        return len(have.intersection(held["doc_id"].to_pylist()))

    @property
    def n_tokens(self) -> int:
        """Tokens that shards hold of them, EOS included."""
        return sum(self.removed["tokens"].to_pylist())

    def by_shard(self) -> dict[str, Any]:
        """Return the ids (Arrow arrays) that each shard loses."""
        ids: dict[str, list[str]] = {}
        columns = (self.removed[name].to_pylist() for name in ("shard", "doc_id"))
        for shard, doc_id in zip(*columns, strict=True):
            if shard is not None:
                ids.setdefault(shard, []).append(doc_id)
        return {shard: pa.array(names, pa.string()) for shard, names in ids.items()}

    def by_domain(self) -> dict[str, tuple[int, int]]:
        """Return (documents, tokens) that shards lose, by `domain/subset`."""
        sums: dict[str, tuple[int, int]] = {}
        columns = (self.removed[name].to_pylist() for name in ("shard", "domain", "subset", "tokens"))
        for shard, domain, subset, tokens in zip(*columns, strict=True):
            if shard is not None:
                before = sums.get(f"{domain}/{subset}", (0, 0))
                sums[f"{domain}/{subset}"] = (before[0] + 1, before[1] + tokens)
        return dict(sorted(sums.items()))


def found_path(task: Task) -> str:
    """Return where what was found is kept."""
    return join(task.folder, "found.json")


def removed_table(task: Task) -> str:
    """Return where the documents that go are kept while it is being done."""
    return join(task.folder, "removed.parquet")


def _members_path(task: Task) -> str:
    return join(task.folder, "members.parquet")


def write_found_all(task: Task, found: Found) -> None:
    """Keep what was found: a killed call goes on from it once it changed a file."""
    write_table(removed_table(task), found.removed)
    write_table(_members_path(task), found.members)
    told = {name: list(getattr(found, name)) for name in ("hits", "parts", "clusters")}
    write_json(found_path(task), {**told, "duplicates": dict(found.duplicates)})


def read_found_all(task: Task) -> Found:
    """Return what was found before."""
    told = read_json(found_path(task))
    return Found(
        removed=read_table(removed_table(task)),
        members=read_table(_members_path(task)),
        hits=tuple(told["hits"]),
        duplicates=told["duplicates"],
        parts=tuple(told["parts"]),
        clusters=tuple(told["clusters"]),
    )


def find_all(task: Task, find: Find, clusters: Clusters, tables: Sequence[str]) -> Found:
    """Return what goes with a request: what it names, their clusters whole, and texts that are the same.

    Where copies stay, it is what it names alone; `members` tells of their clusters. `tables`: names of tables
    of clusters.
    Raises `Nothing` where it names no document of shards or parts.
    """
    going: dict[str, Going] = {}
    hits: Counter[int] = Counter()
    for row in find(task.request.listed).to_pylist():
        before = going.get(row["doc_id"])
        if before is None or before.entry != row["entry"]:
            hits[row["entry"]] += 1
        _add(going, row, row["entry"])
    if not going:
        raise Nothing("names no document of the corpus")
    members: dict[tuple[str, str, str], Mapping[str, Any]] = {}
    asked: set[tuple[str, str]] = set()
    while True:
        for row in _whole_clusters(task, clusters, tables, going, len(asked)):
            members[row["file"], row["cluster_id"], row["doc_id"]] = row
        named = {name for _, cluster, doc in members for name in (cluster, doc)}
        # By its id too: a part knows neither columns of a docs table nor the hash of what repeats left.
        half = {name for name, one in going.items() if one.shard is None or not one.parts}
        wanted = {("id", name) for name in half}
        if task.request.policy == WHOLE_CLUSTER:
            wanted |= {("id", name) for name in named - going.keys()}
            wanted |= {("hash", one.content_hash) for one in going.values() if one.content_hash}
        if not (new := sorted(wanted - asked)):
            break
        asked.update(new)
        for row in find(listed(new)).to_pylist():
            _add(going, row, COPY)
    whole = pa.Table.from_pylist([members[key] for key in sorted(members)], CLUSTER_ROWS)
    members = {key: row for key, row in members.items() if _goes_along(task, row, going)}
    _join(going, members.values())
    n_entries = len(task.request.listed.entries)
    return Found(
        removed=_table(task, going),
        hits=tuple(hits[place] for place in range(n_entries)),
        duplicates=_duplicates(members.values(), going),
        parts=tuple(sorted({part for one in going.values() for part in one.parts})),
        clusters=tuple(sorted({file for file, _, _ in members})),
        members=whole,
    )


def _goes_along(task: Task, row: Mapping[str, Any], going: Mapping[str, Going]) -> bool:
    return task.request.policy == WHOLE_CLUSTER or row["doc_id"] in going


def _add(going: dict[str, Going], row: Mapping[str, Any], entry: int) -> None:
    one = going.setdefault(row["doc_id"], Going())
    if entry != COPY:
        one.entry = entry if one.entry == COPY else min(entry, one.entry)
    for name in ("source", "domain", "subset"):
        setattr(one, name, getattr(one, name) or row[name])
    if row["part"] is not None:
        one.parts.add(row["part"])
        one.content_hash = row["content_hash"] or one.content_hash
    else:
        one.content_hash = one.content_hash or row["content_hash"]
        one.shard, one.tokens = row["shard"], row["tokens"]


def _whole_clusters(
    task: Task, clusters: Clusters, tables: Sequence[str], going: Mapping[str, Going], number: int
) -> Iterable[Mapping[str, Any]]:
    """Return the rows of all clusters that hold a document that goes."""
    found: dict[tuple[str, str, str], Mapping[str, Any]] = {}
    ids, names = sorted(going), list[str]()
    step = 0
    while tables:
        path = join(task.folder, "asked", f"{number}-{step}.parquet")
        asked = {"doc_id": ids + [None] * len(names), "cluster_id": [None] * len(ids) + names}
        write_table(path, pa.table(asked, pa.schema([("doc_id", pa.string()), ("cluster_id", pa.string())])))
        rows = clusters(path, listed(("id", name) for name in {*ids, *names})).to_pylist()
        found.update({(row["file"], row["cluster_id"], row["doc_id"]): row for row in rows})
        more = sorted({row["cluster_id"] for row in found.values()})
        docs = sorted({*going, *more, *(row["doc_id"] for row in found.values())})
        if not may_go_on_elsewhere(tables) or (more == names and docs == ids):
            break
        ids, names, step = docs, more, step + 1
    return found.values()


def _join(going: dict[str, Going], members: Iterable[Mapping[str, Any]]) -> None:
    """Tell each document its cluster; one whose part no longer lies there is known by its cluster alone."""
    for row in sorted(members, key=lambda row: (row["keep"], row["cluster_id"])):
        one = going.setdefault(row["doc_id"], Going())
        one.cluster_id = one.cluster_id or row["cluster_id"]
        one.source, one.domain = one.source or row["source"], one.domain or row["domain"]


def _duplicates(members: Iterable[Mapping[str, Any]], going: Mapping[str, Going]) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for row in members:
        if not row["keep"] and row["doc_id"] in going:
            counts[f"{row['source']}/{row['domain']}\0{'exact' if row['exact'] else 'near'}"] += 1
    return dict(sorted(counts.items()))


def _table(task: Task, going: Mapping[str, Going]) -> Any:
    rows = [
        {
            "doc_id": doc_id,
            **{name: getattr(one, name) for name in REMOVED_SCHEMA.names if name not in ("doc_id", "part")},
            "part": min(one.parts, default=None),
        }
        for doc_id, one in sorted(going.items())
    ]
    return pa.Table.from_pylist(rows, REMOVED_SCHEMA)


def conditions_left_out(found: RetractionList) -> RetractionList:
    """Return a list without its conditions: an entry that names nothing stands in the place of each."""
    nothing = "0" * 32
    entries = [
        replace(entry, kind="hash", value=nothing) if entry.kind == "where" else entry
        for entry in found.entries
    ]
    return replace(found, entries=tuple(entries))
