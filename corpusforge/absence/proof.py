"""All files of a corpus and its exports looked into, by workers, in as few passes as do.

1   shards (those of indexes, and those of none), parts, rejects, quarantine, repeats' rejects, exports
2   clusters, for the ids of the list and of what was found; pages that name ids
3   with copies: members of these clusters, looked for by their ids alone in all of the above
"""

from __future__ import annotations

import os
import tempfile
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice
from typing import Any, Literal

from corpusforge.absence.exports import Place, look_at_export
from corpusforge.absence.payloads import Payloads
from corpusforge.absence.query import Look, read_query, write_query
from corpusforge.absence.shards import Shard, look_at_shard, shard_of
from corpusforge.absence.tables import (
    SIGNATURES,
    look_at_clusters,
    look_at_page,
    look_at_part,
    look_at_quarantine,
    look_at_rejects,
)
from corpusforge.files import is_remote, join, list_entries
from corpusforge.garbage.claims import claims_of, part_names, snapshots_of
from corpusforge.garbage.owners import NOBODY, Owners
from corpusforge.garbage.survey import relative
from corpusforge.garbage.sweep import PART, SHARD
from corpusforge.parts.format import COMMIT
from corpusforge.parts.lock import temporaries
from corpusforge.parts.spec import PART_ID_DIGITS
from corpusforge.retract.ledger import why_not_now
from corpusforge.retract.lists import RetractionList
from corpusforge.shards.format import KINDS
from corpusforge.shards.snapshot import Index, read_index
from corpusforge.workers import current_pool, pool_of

What = Literal["shard", "part", "rejects", "quarantine", "clusters", "members", "page", "export"]
Task = tuple[What, Any]
"""(what is looked at, a `Shard` or a path)."""
_TOGETHER = 16
"""Files of one call of a worker."""
_AHEAD = 4
"""Calls a worker that wait for it."""
_PAGES = ("report.html", "card.md", "contamination_hits.jsonl", "audits.json", "probe.json", "croissant.json")
_OF_BUILDS = ("spills", "surveys")


@dataclass(frozen=True, kw_only=True)
class Scope:
    """What is looked at."""

    corpus: str
    snapshots: tuple[str, ...]
    """Whose shards are told apart from those that no index names."""
    is_whole: bool
    """Whether all that lies in the corpus is looked at, or what one snapshot stands on alone."""
    exports: tuple[str, ...] = ()
    shards: dict[str, Shard] = field(default_factory=dict[str, Shard])
    """By id."""
    parts: Owners = field(default_factory=lambda: Owners(PART_ID_DIGITS))
    clusters: set[str] = field(default_factory=set[str])


def scope_of(corpus: str, snapshot: str | None, exports: Sequence[str]) -> Scope:
    """Return what is looked at: one snapshot, or all of a corpus. ValueError where an index is not sound."""
    names = tuple(snapshots_of(corpus)) if snapshot is None else (snapshot,)
    scope = Scope(corpus=corpus, snapshots=names, is_whole=snapshot is None, exports=tuple(exports))
    for name in names:
        index: Index = read_index(corpus, name)
        eos_id = int(index.header["tokenizer"]["eos_id"])
        for row in index.rows:
            scope.shards.setdefault(row.id, shard_of(row, eos_id))
        if snapshot is not None:
            scope.parts.add(part_names(corpus, index), 0)
            scope.clusters.update(claims_of(corpus, index).clusters)
    return scope


def snapshots_with(scope: Scope, look: Look) -> list[str]:
    """Return the snapshots whose shards or pages hold what was found, sorted."""
    shards = {name for kind, name in look.holders if kind == "shards"}
    return [
        name
        for name in sorted(scope.snapshots)
        if ("snapshots", name) in look.holders
        or (shards and any(row.id in shards for row in read_index(scope.corpus, name).rows))
    ]


def prove(
    scope: Scope, listed: RetractionList, known: Iterable[str], *, copies: bool, workers: int
) -> tuple[Look, set[str]]:
    """Return what was found of a list's documents, and the ids of copies that were looked for.

    `known` are ids of documents of the list, from where it was carried out. Memory: the ids of a list and of
    what is found, and a row group a worker.
    """
    ids = {entry.value for entry in listed.entries if entry.kind == "id"} | set(known)
    whole = Look()
    with tempfile.TemporaryDirectory(prefix="corpusforge-") as folder, pool_of(workers):
        query = os.path.join(folder, "list")
        write_query(query, listed, ids, "retracted before")
        whole.add(_run(scope, query, None, _documents(scope, whole)))
        asked = os.path.join(folder, "ids")
        write_query(asked, None, ids | whole.ids, "by its id")
        second = _run(scope, asked, None, _clusters(scope, "clusters"))
        whole.add(second)
        shown = os.path.join(folder, "shown")
        write_query(shown, listed, ids | whole.ids, "its id")
        whole.add(_run(scope, shown, None, _pages(scope)))
        others: set[str] = set()
        if copies and second.clusters:
            found = _run(scope, asked, frozenset(second.clusters), _clusters(scope, "members"))
            others = set(found.members) - ids - whole.ids
        if others:
            copied = os.path.join(folder, "copies")
            write_query(copied, None, others, "a copy by its cluster")
            third = _run(scope, copied, None, _all(scope))
            whole.found += third.found[: max(0, 100 - len(whole.found))]
            whole.ids |= third.ids
            whole.holders |= third.holders
            for place, seen in third.seen.items():  # the same files: what was found in them is new
                whole.place(place).found += seen.found
    return whole, others


def _documents(scope: Scope, whole: Look) -> Iterator[Task]:
    """Yield what holds documents; what cannot be looked into is noted in `whole`."""
    for shard in scope.shards.values():
        yield "shard", shard
    if scope.is_whole:
        yield from _strays(scope)
        whole.faults += _unread(scope.corpus)
    before = ""
    for name in _names(scope, "parts"):
        if name.endswith(COMMIT):
            before = name.removesuffix(COMMIT)
            yield "part", name
        elif name.endswith(SIGNATURES) and name.removesuffix(SIGNATURES) != before:
            whole.faults.append(
                f"{join(scope.corpus, name)}: of a part that is gone: corpusforge gc removes it"
            )
    for folder in ("rejects", "repeats"):
        for name in _names(scope, folder):
            if name.endswith(".rejects.parquet"):
                yield "rejects", name
    for name in _names(scope, "quarantine"):
        yield "quarantine", name
    for export in scope.exports:
        for entry in list_entries(export):
            yield "export", entry.path


def _names(scope: Scope, folder: str) -> Iterator[str]:
    """Yield the paths of files that are named after a part, where one snapshot is asked for its alone."""
    entries = (relative(scope.corpus, entry.path) for entry in list_entries(join(scope.corpus, folder)))
    named = ((name, match) for name in entries if (match := PART.fullmatch(name)))
    while page := list(islice(named, 1000)):
        owners = scope.parts.of([match[1] for _, match in page])
        for (name, _), owner in zip(page, owners, strict=True):
            if scope.is_whole or owner != NOBODY:
                yield name


def _strays(scope: Scope) -> Iterator[Task]:
    """Yield the shards in a corpus that no index names: left by a snapshot that is gone, or by a build."""
    before = ""
    for entry in list_entries(join(scope.corpus, "shards")):
        name = relative(scope.corpus, entry.path)
        match = SHARD.fullmatch(name)
        if match is None or match[1] in scope.shards:
            continue
        ending = next(ending for ending in KINDS.values() if name.endswith(match[1] + ending))
        stem = name.removesuffix(ending)
        if stem != before:
            yield "shard", Shard(stem=stem, eos_id=None, row=None)
        before = stem


def _unread(corpus: str) -> Iterator[str]:
    """Yield lines of what is in a corpus and is not looked into: what builds left that did not end."""
    for folder in _OF_BUILDS:
        if next(iter(list_entries(join(corpus, folder))), None) is not None:
            yield (
                f"{join(corpus, folder)}/: a build's working files, not looked into: let it end, or "
                "`corpusforge gc --drop-unfinished`"
            )
    if waits := why_not_now(corpus):
        yield waits
    if not is_remote(corpus):
        for path in temporaries(corpus):
            yield f"{path}: left by a killed writer, not looked into: corpusforge gc removes it"


def _all(scope: Scope) -> Iterator[Task]:
    """Yield all that was looked at before."""
    yield from _documents(scope, Look())
    yield from _clusters(scope, "clusters")
    yield from _pages(scope)


def _pages(scope: Scope) -> Iterator[Task]:
    """Yield what shows documents to people."""
    folders = [f"snapshots/{name}" for name in scope.snapshots] if not scope.is_whole else ["snapshots"]
    for folder in folders:
        for entry in list_entries(join(scope.corpus, folder)):
            if entry.path.endswith(_PAGES):
                yield "page", relative(scope.corpus, entry.path)
    for entry in list_entries(join(scope.corpus, "croissant.json")):
        yield "page", relative(scope.corpus, entry.path)


def _clusters(scope: Scope, what: Literal["clusters", "members"]) -> Iterator[Task]:
    for entry in list_entries(join(scope.corpus, "clusters")):
        name = relative(scope.corpus, entry.path)
        if name.endswith("/clusters.parquet") and (scope.is_whole or name.split("/")[1] in scope.clusters):
            yield what, name


def _run(scope: Scope, query: str, clusters: frozenset[str] | None, tasks: Iterable[Task]) -> Look:
    """Return what some tasks told together; a worker has few of them waiting."""
    whole, pool, waiting = Look(), current_pool(), deque[Future[Look]]()
    waiting_tasks = iter(tasks)
    while some := list(islice(waiting_tasks, _TOGETHER)):
        arguments = (query, scope.corpus, scope.snapshots, clusters, some)
        if pool is None:
            whole.add(look_at(*arguments))
            continue
        waiting.append(pool.submit(look_at, *arguments))
        if len(waiting) >= pool.n_workers * _AHEAD:
            whole.add(waiting.popleft().result())
    for future in waiting:
        whole.add(future.result())
    return whole


def look_at(
    query_path: str,
    corpus: str,
    snapshots: tuple[str, ...],
    clusters: frozenset[str] | None,
    tasks: Sequence[Task],
) -> Look:
    """Return what some files hold of what is asked for: a worker's call."""
    query, whole = read_query(query_path), Look()
    look: dict[What, Callable[[Any], Look]] = {
        "shard": lambda shard: look_at_shard(query, corpus, shard),
        "part": lambda name: look_at_part(query, corpus, name),
        "rejects": lambda name: look_at_rejects(query, corpus, name),
        "quarantine": lambda name: look_at_quarantine(query, corpus, name),
        "clusters": lambda name: look_at_clusters(query, corpus, name, None),
        "members": lambda name: look_at_clusters(query, corpus, name, clusters),
        "page": lambda name: look_at_page(query, corpus, name),
        "export": lambda path: look_at_export(query, _place(corpus, snapshots), path),
    }
    for what, task in tasks:
        whole.add(look[what](task))
    return whole


@lru_cache(maxsize=1)
def _place(corpus: str, snapshots: tuple[str, ...]) -> Place:
    rows = (row for snapshot in snapshots for row in read_index(corpus, snapshot).rows)
    return Place(corpus=corpus, payloads=Payloads(rows))
