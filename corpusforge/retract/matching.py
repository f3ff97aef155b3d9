"""Which documents a list names: a matcher over record batches of a docs table, or of a part's documents."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow
import pyarrow.compute
from numpy.typing import NDArray

from corpusforge.filter.rights.licence import needs_licence
from corpusforge.retract.keys import host_suffixes, hosts_of, prefix_keys, repo_key, url_keys
from corpusforge.retract.lists import BELOW, Entry, RetractionList, key_hash
from corpusforge.shards.documents import DOCS_SCHEMA
from corpusforge.where import Condition, parse_where

pa: Any = pyarrow  # ship no types for what is used here
pc: Any = pyarrow.compute

_COLUMNS = {
    "id": ("doc_id",), "hash": ("content_hash",), "url": ("url",), "host": ("url", "host"),
    "repo": ("repo",), "licence": ("licence",),
}  # fmt: skip


class Matcher:
    """Which rows of docs tables a list names; one an object, as it counts what it saw."""

    def __init__(self, listed: RetractionList) -> None:
        self._listed = listed
        self.hits: NDArray[np.int64] = np.zeros(len(listed.entries), np.int64)
        """How many rows each entry named, whether or not another named them first."""
        self._places: dict[str, dict[str, int]] = {}
        self._prefixes: dict[int, dict[str, int]] = {}
        self._conditions: list[tuple[int, Condition]] = []
        for place, entry in enumerate(listed.entries):
            self._take(place, entry)
        self._sets = {kind: pa.array(list(values), pa.string()) for kind, values in self._places.items()}
        self._prefix_sets = {n: pa.array(list(values), pa.string()) for n, values in self._prefixes.items()}
        self._known: dict[tuple[str, str], list[int]] = {}
        columns = {name for kind in self._places if kind in _COLUMNS for name in _COLUMNS[kind]}
        columns |= {"url"} if self._prefixes else set()
        columns |= {name for _, condition in self._conditions for name in condition.columns}
        self.columns: tuple[str, ...] = tuple(name for name in DOCS_SCHEMA.names if name in columns)
        """Of the docs table, that a batch must hold, in its order."""

    def _take(self, place: int, entry: Entry) -> None:
        key, below, depth = entry.value.partition(BELOW)
        if entry.kind == "where":
            self._conditions.append((place, parse_where(entry.value, DOCS_SCHEMA)))
        elif entry.kind == "url" and below:
            self._prefixes.setdefault(int(depth or key.count("/")), {})[key] = place
        else:
            self._places.setdefault(entry.kind, {})[entry.value] = place

    def match(self, batch: Any) -> NDArray[np.int64]:
        """Return the place of the first entry that names each row of a record batch or table, or -1."""
        found = np.full(batch.num_rows, -1, np.int64)
        if not batch.num_rows:
            return found
        for kind in ("id", "hash"):
            if kind in self._sets:
                self._found(found, self._looked_up(_column(batch, _COLUMNS[kind][0]), self._sets[kind], kind))
        if self._prefixes or "url" in self._sets or "host" in self._sets:
            self._by_url(batch, found)
        for kind in ("repo", "licence"):
            if kind in self._places:
                self._by_value(found, kind, _column(batch, kind))
        for place, condition in self._conditions:
            rows = _rows_where(batch, condition)
            self.hits[place] += len(rows)
            _keep_first(found, rows, np.full(len(rows), place, np.int64))
        return found

    def unmatched(self) -> list[Entry]:
        """Return the entries that named no row so far."""
        return [entry for entry, hits in zip(self._listed.entries, self.hits, strict=True) if not hits]

    def _by_url(self, batch: Any, found: NDArray[np.int64]) -> None:
        hosts, keys = url_keys(_column(batch, "url"))
        if "url" in self._sets:
            self._found(found, self._looked_up(self._asked(keys), self._sets["url"], "url"))
        for depth, known in self._prefix_sets.items():
            places = np.array(list(self._prefixes[depth].values()), np.int64)
            self._found(found, _index_in(self._asked(prefix_keys(keys, depth)), known, places))
        if "host" in self._sets:
            self._by_value(found, "host", hosts_of(hosts, _column(batch, "host")))

    def _asked(self, keys: Any) -> Any:
        """Return keys as the list knows them."""
        if not self._listed.is_hashed:
            return keys
        return pa.array([None if key is None else key_hash(key) for key in keys.to_pylist()], pa.string())

    def _looked_up(self, keys: Any, known: Any, kind: str) -> NDArray[np.int64]:
        return _index_in(keys, known, np.array(list(self._places[kind].values()), np.int64))

    def _found(self, found: NDArray[np.int64], places: NDArray[np.int64]) -> None:
        rows = np.flatnonzero(places >= 0)
        self.hits += np.bincount(places[rows], minlength=len(self.hits))
        _keep_first(found, rows, places[rows])

    def _by_value(self, found: NDArray[np.int64], kind: str, column: Any) -> None:
        """Take kinds that many rows share a value of: each value is looked at once."""
        codes = column.dictionary_encode()
        indices = np.asarray(pc.fill_null(codes.indices, -1))
        for code, value in enumerate(codes.dictionary.to_pylist()):
            places = self._known.get((kind, value))
            if places is None:
                places = self._known[kind, value] = sorted(self._named_by(kind, value))
            if places:
                rows = np.flatnonzero(indices == code)
                self.hits[places] += len(rows)
                _keep_first(found, rows, np.full(len(rows), places[0], np.int64))
        if len(self._known) > _MOST_KNOWN:
            self._known.clear()

    def _named_by(self, kind: str, value: str) -> Iterator[int]:
        known = self._places[kind]
        if kind == "licence":
            every = frozenset(known)
            if needs_licence(value, every):
                for name, place in known.items():  # alone, or with others: `A OR B`, both of them listed
                    if needs_licence(value, frozenset({name})) or not needs_licence(value, every - {name}):
                        yield place
            return
        if kind == "host":
            keys = list(host_suffixes(value))
        else:
            key = repo_key(value)
            keys = [key, key.partition("/")[0] + BELOW] if "/" in key else [key]
        for key in keys:
            below = BELOW if key.endswith(BELOW) else ""
            asked = key_hash(key.removesuffix(BELOW)) + below if self._listed.is_hashed else key
            if asked in known:
                yield known[asked]


_MOST_KNOWN = 1 << 20
"""Values of hosts and repositories that are remembered: about 100 MB."""


def _column(batch: Any, name: str) -> Any:
    """Return a column as one array of strings."""
    column = batch.column(name)
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column


def _index_in(keys: Any, known: Any, places: NDArray[np.int64]) -> NDArray[np.int64]:
    where = np.asarray(pc.fill_null(pc.index_in(keys, value_set=known, skip_nulls=True), -1)).astype(np.int64)
    return np.where(where >= 0, places[where], -1)


def _keep_first(found: NDArray[np.int64], rows: NDArray[Any], places: NDArray[np.int64]) -> None:
    """Set the places of rows, unless an entry that comes first named one already."""
    before = found[rows]
    found[rows] = np.where((before < 0) | (places < before), places, before)


def _rows_where(batch: Any, condition: Condition) -> NDArray[np.int64]:
    """Return the rows for which a condition holds."""
    table = batch if isinstance(batch, pa.Table) else pa.Table.from_batches([batch])
    table = table.select(sorted(condition.columns)).append_column(_ROW, pa.array(np.arange(batch.num_rows)))
    return np.asarray(table.filter(condition.expression)[_ROW]).astype(np.int64)


_ROW = "the row"
"""No name of a column."""
