"""What is asked for: the documents of a list, and documents by their ids (copies of theirs)."""

from __future__ import annotations

import pickle
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow
import pyarrow.compute

from corpusforge.retract.keys import locator_repos
from corpusforge.retract.lists import Entry, RetractionList
from corpusforge.retract.matching import Matcher
from corpusforge.shards.documents import DOCS_SCHEMA
from corpusforge.where import parse_where

pa: Any = pyarrow  # ship no types for what is used here
pc: Any = pyarrow.compute

SHOWN = 100
"""Places that one look into some files tells of; all are counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A document that is there."""

    place: str
    file: str
    row: int
    """Of the table, the line or the sample, from 0."""
    doc_id: str
    """Empty where a page names an address alone."""
    entry: str
    """Of the list; `copy of` a document, where it is asked for as one."""

    @property
    def holder(self) -> tuple[str, str]:
        """(`shards`, id of a shard), (`snapshots`, its id) of a page, or (another folder, '')."""
        folder, *rest = self.file.split("/")
        if folder == "shards":
            return folder, rest[-1].partition(".")[0]
        return folder, rest[0] if folder == "snapshots" else ""


@dataclass(kw_only=True)
class Seen:
    """What a look into some files of one place told."""

    files: int = 0
    documents: int = 0
    found: int = 0

    def add(self, other: Seen) -> None:
        """Add what another look told."""
        self.files += other.files
        self.documents += other.documents
        self.found += other.found


@dataclass(kw_only=True)
class Look:
    """What was seen by place, and where documents were found; of some files or of all."""

    seen: dict[str, Seen] = field(default_factory=dict[str, Seen])
    found: list[Found] = field(default_factory=list[Found])
    """The first `SHOWN`."""
    ids: set[str] = field(default_factory=set[str])
    """Ids of all documents that were found."""
    holders: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])
    """What holds them: the `holder` of each."""
    faults: list[str] = field(default_factory=list[str])
    """Lines: what keeps absence from being proved."""
    clusters: set[str] = field(default_factory=set[str])
    """Ids of the clusters of documents that were asked for."""
    members: dict[str, str] = field(default_factory=dict[str, str])
    """Cluster by document, of the clusters that were asked for."""

    def place(self, name: str) -> Seen:
        """Return what was seen of a place, to be added to."""
        return self.seen.setdefault(name, Seen())

    def tell(self, found: Found) -> None:
        """Note a document that is there."""
        self.place(found.place).found += 1
        self.holders.add(found.holder)
        if found.doc_id:
            self.ids.add(found.doc_id)
        if len(self.found) < SHOWN:
            self.found.append(found)

    def add(self, other: Look) -> None:
        """Add another look."""
        for name, seen in other.seen.items():
            self.place(name).add(seen)
        self.found += other.found[: SHOWN - len(self.found)]
        self.ids |= other.ids
        self.holders |= other.holders
        self.faults += other.faults
        self.clusters |= other.clusters
        self.members |= other.members


class Query:
    """The rows that are asked for: by a list, by ids, or by both."""

    def __init__(self, listed: RetractionList | None, ids: Collection[str] = (), word: str = "") -> None:
        """Take the list; `word` is what is told of a row that its id alone asks for."""
        self._listed, self._word = listed, word
        self._entries: tuple[Entry, ...] = () if listed is None else listed.entries
        self.ids = frozenset(ids)
        further = self.ids - {entry.value for entry in self._entries if entry.kind == "id"}
        self._ids = pa.array(sorted(further), pa.string())
        """Those that the list does not find itself."""
        self._columns: frozenset[str] = frozenset()
        if listed is not None:
            self._columns = frozenset(Matcher(listed).columns)
        self._matchers: dict[frozenset[str], tuple[list[int], Matcher]] = {}

    @property
    def is_ids_only(self) -> bool:
        """Whether only ids are asked for: what files are in themselves was looked at before."""
        return self._listed is None

    @cached_property
    def by_id(self) -> Query:
        """The same ids, without the list."""
        return Query(None, self.ids, self._word)

    def columns_of(self, names: Collection[str]) -> list[str]:
        """Return which columns of a table with these names are to be read."""
        wanted = {"doc_id", *self._columns}
        if "repo" in wanted and "repo" not in names:
            wanted |= {"source_kind", "locator"}
        return [name for name in names if name in wanted]

    def rows(self, table: Any) -> Iterator[tuple[int, str, str]]:
        """Yield (row, document's id, entry) of the rows of a table that are asked for, in order.

        A condition of the list is left out where the table lacks a column that it speaks of.
        """
        if not table.num_rows:
            return
        ids = _plain(table["doc_id"])
        by_id = np.zeros(table.num_rows, bool)
        if len(self._ids):
            by_id = np.asarray(pc.is_in(ids, value_set=self._ids))
        place = np.full(table.num_rows, -1, np.int64)
        places, matcher = self._matcher(frozenset(table.column_names))
        if places:
            place = matcher.match(_completed(table, matcher.columns))
        for row in np.flatnonzero(by_id | (place >= 0)).tolist():
            entry = str(self._entries[places[int(place[row])]]) if place[row] >= 0 else self._word
            yield row, ids[row].as_py() or "", entry

    def _matcher(self, names: frozenset[str]) -> tuple[list[int], Matcher]:
        """Return what of the list tables with some columns can be asked for: (places of entries, matcher)."""
        known = names & self._columns
        if known not in self._matchers:
            places = [place for place, entry in enumerate(self._entries) if _can_tell(entry, known)]
            kept = RetractionList(
                tuple(self._entries[place] for place in places), is_hashed=self._listed_hashed
            )
            self._matchers[known] = places, Matcher(kept)
        return self._matchers[known]

    @property
    def _listed_hashed(self) -> bool:
        return self._listed is not None and self._listed.is_hashed


def _can_tell(entry: Entry, names: Collection[str]) -> bool:
    """Return whether a table with some columns can hold an entry to be true or not."""
    return entry.kind != "where" or parse_where(entry.value, DOCS_SCHEMA).columns <= set(names)


def _plain(column: Any) -> Any:
    column = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    return column.cast(pa.string())


def _completed(table: Any, names: Collection[str]) -> Any:
    """Return a table with some columns of the docs table: those it has not are null, but for repositories."""
    columns: list[Any] = []
    for name in names:
        kind = DOCS_SCHEMA.field(name).type
        if name in table.column_names:
            column = _castable(table[name], kind)
        elif name == "repo" and "locator" in table.column_names:
            column = locator_repos(_plain(table["locator"]))
        else:
            column = pa.nulls(table.num_rows, kind)
        columns.append(column)
    return pa.table(columns, names=list(names))


def _castable(column: Any, kind: Any) -> Any:
    try:
        return column.cast(kind)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return pa.nulls(len(column), kind)


def write_query(path: str, listed: RetractionList | None, ids: Collection[str], word: str) -> None:
    """Write what is asked for to a file of this machine, for all workers."""
    Path(path).write_bytes(pickle.dumps((listed, sorted(ids), word)))


@lru_cache(maxsize=2)
def read_query(path: str) -> Query:
    """Return what is asked for; built once in each process."""
    return Query(*pickle.loads(Path(path).read_bytes()))
