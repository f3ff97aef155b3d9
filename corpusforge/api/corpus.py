"""A corpus as tables and rows: the documents of a snapshot, their text and what is known of each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from corpusforge.api.errors import UsageError, wrong_type
from corpusforge.domains import SUBSETS
from corpusforge.extras import load
from corpusforge.files import open_input
from corpusforge.parquet import open_parquet
from corpusforge.shards.arrow import maps_as_lists, pa
from corpusforge.shards.documents import DOCS_SCHEMA
from corpusforge.shards.format import ShardRow, shard_path
from corpusforge.shards.inside import path_inside
from corpusforge.shards.snapshot import Index, read_index
from corpusforge.where import Condition, WhereError, parse_where

BATCH_ROWS = 1024
"""The most documents of a record batch."""
_ID, _TEXT = "id", "text"


def open_corpus(path: str, snapshot: str | None = None) -> Corpus:
    """Return a corpus, at its current snapshot or at another.

    Args:
        path: Its folder, or its prefix in a store.
        snapshot: The id of a snapshot; the current one where none is given.

    Raises:
        UsageError: no corpus is there, it has no such snapshot, or its index was changed.
    """
    if not isinstance(path, str) and not hasattr(path, "__fspath__"):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise wrong_type("path", "the folder or prefix of a corpus", path)
    place = str(path)
    try:
        return Corpus(place, read_index(place, snapshot))
    except ValueError as error:
        raise UsageError(str(error)) from None


@dataclass(frozen=True, slots=True)
class Corpus:
    """A snapshot of a corpus: immutable, whatever is built beside it. Made by `open_corpus`.

    Every method that gives documents takes the same four selections:

    `domain`, `subset`: one name or several; all where none is given.
    `where`: a condition over the columns, as SQL writes it: `"scaffold_score > 0.8 and language = 'en'"`;
    and, or, not, parentheses, = != < <= > >=, in (…), like '…', is null; `signals.NAME` is one signal.
    `columns`: which, in this order; `id`, `text` and all that is known of a document where none are given.

    Documents come shard by shard, in the order of the index; a shard is a random sample of its subset.
    """

    path: str
    index: Index
    """The snapshot's header and shards."""

    def __repr__(self) -> str:
        return f"Corpus({self.path!r}, snapshot {self.snapshot}, {len(self):,} documents)"

    def __len__(self) -> int:
        return sum(row.n_docs for row in self.index.rows)

    @property
    def snapshot(self) -> str:
        """The id of the snapshot."""
        return self.index.snapshot

    @property
    def columns(self) -> list[str]:
        """The names of all columns: `id`, `text`, and those of the docs table."""
        return [_ID, _TEXT, *(name for name in DOCS_SCHEMA.names if name != "doc_id")]

    @property
    def n_tokens(self) -> dict[str, int]:
        """Tokens by `domain/subset`, end-of-text tokens included."""
        return {f"{domain}/{subset}": n for (domain, subset), n in self.index.supply_tokens().items()}

    def documents(
        self,
        domain: str | Sequence[str] | None = None,
        subset: str | Sequence[str] | None = None,
        where: str | None = None,
        columns: Sequence[str] | None = None,
    ) -> Iterator[dict[str, Any]]:
        """Yield documents as dicts, lazily; `signals` and `redactions` are dicts in them.

        Raises:
            UsageError: an unknown domain, subset or column, or a condition that is none.
        """
        return self._documents(self.to_batches(domain, subset, where, columns))

    def _documents(self, batches: Any) -> Iterator[dict[str, Any]]:
        for batch in batches:
            yield from batch.to_pylist(maps_as_pydicts="lossy")

    def to_batches(
        self,
        domain: str | Sequence[str] | None = None,
        subset: str | Sequence[str] | None = None,
        where: str | None = None,
        columns: Sequence[str] | None = None,
    ) -> Any:
        """Return a `pyarrow.RecordBatchReader` of documents: lazy, batches of at most 1,024.

        Raises:
            UsageError: as `documents`.
        """
        names = self._columns(columns)
        condition = None if where is None else _condition(where)
        shards = self._shards(domain, subset)
        schema = pa.schema([pa.field(name, _type(name)) for name in names])
        batches = (
            batch
            for row in shards
            for table in _tables(self.path, row, names, condition)
            for batch in table.rename_columns(names).cast(schema).combine_chunks().to_batches()
        )
        return pa.RecordBatchReader.from_batches(schema, batches)

    def to_arrow(
        self,
        domain: str | Sequence[str] | None = None,
        subset: str | Sequence[str] | None = None,
        where: str | None = None,
        columns: Sequence[str] | None = None,
    ) -> Any:
        """Return a `pyarrow.Table` of documents, all in memory (`to_batches` is lazy).

        Raises:
            UsageError: as `documents`.
        """
        return self.to_batches(domain, subset, where, columns).read_all()

    def to_pandas(
        self,
        domain: str | Sequence[str] | None = None,
        subset: str | Sequence[str] | None = None,
        where: str | None = None,
        columns: Sequence[str] | None = None,
    ) -> Any:
        """Return a `pandas.DataFrame` of documents.

        Raises:
            UsageError: as `documents`. MissingLibrary: pandas is not installed.
        """
        load("pandas")
        return self.to_arrow(domain, subset, where, columns).to_pandas(maps_as_pydicts="lossy")

    def to_polars(
        self,
        domain: str | Sequence[str] | None = None,
        subset: str | Sequence[str] | None = None,
        where: str | None = None,
        columns: Sequence[str] | None = None,
    ) -> Any:
        """Return a `polars.DataFrame` of documents; a map is a list of {name, value}.

        Raises:
            UsageError: as `documents`. MissingLibrary: polars is not installed.
        """
        polars = load("polars")
        return polars.from_arrow(maps_as_lists(self.to_arrow(domain, subset, where, columns)))

    def to_dataset(
        self,
        domain: str | Sequence[str] | None = None,
        subset: str | Sequence[str] | None = None,
        where: str | None = None,
        columns: Sequence[str] | None = None,
    ) -> Any:
        """Return a `datasets.Dataset` of documents, in memory; a map is a list of {name, value}.

        Raises:
            UsageError: as `documents`. MissingLibrary: datasets is not installed.
        """
        datasets = load("datasets")
        table = maps_as_lists(self.to_arrow(domain, subset, where, columns))
        return datasets.Dataset(datasets.table.InMemoryTable(table))

    def trace(self, doc_id: str) -> dict[str, Any]:
        """Return where a document ended, and the way back to its dump, as `corpusforge trace` tells.

        `end` says how it ended, `locator` and `input` where it came from; its fields; of a shipped one also
        `shard`, `shard_row`, `token_start`, `token_length`.

        Raises:
            UsageError: no such document was read.
        """
        from corpusforge.commands.trace_id import find

        found = find(doc_id, self.path, self.index)
        if found is None:
            raise UsageError(f"{doc_id}: no document of snapshot {self.snapshot} in {self.path}")
        return found

    def _columns(self, wanted: Sequence[str] | None) -> list[str]:
        known = self.columns
        if wanted is None:
            return known
        if isinstance(wanted, str):
            raise wrong_type("columns", "a list of names", wanted)
        names = ["id" if name == "doc_id" else name for name in wanted]
        for name in names:
            if name not in known:
                raise UsageError(f"columns: no column {name!r}; there are: {', '.join(known)}")
        if len(set(names)) < len(names) or not names:
            raise UsageError(f"columns: {', '.join(names) or 'none'}: name each once, and at least one")
        return names

    def _shards(
        self, domain: str | Sequence[str] | None, subset: str | Sequence[str] | None
    ) -> list[ShardRow]:
        names = {one.value for subsets in SUBSETS.values() for one in subsets}
        domains = _chosen("domain", domain, sorted(one.value for one in SUBSETS))
        subsets = _chosen("subset", subset, sorted(names))
        return [row for row in self.index.rows if row.domain in domains and row.subset in subsets]


def _chosen(name: str, wanted: str | Sequence[str] | None, known: list[str]) -> set[str]:
    if wanted is None:
        return set(known)
    chosen = {wanted} if isinstance(wanted, str) else set(wanted)
    unknown = sorted(map(str, chosen - set(known)))
    if unknown:
        raise UsageError(f"{name}: no {name} {unknown[0]!r}; there are: {', '.join(known)}")
    return chosen


def _condition(where: str) -> Condition:
    if not isinstance(where, str):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise wrong_type("where", "a condition as text", where)
    try:
        return parse_where(where, DOCS_SCHEMA)
    except WhereError as error:
        raise UsageError(str(error)) from None


def _type(name: str) -> Any:
    return pa.large_string() if name == _TEXT else DOCS_SCHEMA.field(_stored(name)).type


def _stored(name: str) -> str:
    """Return what the docs table calls a column."""
    return "doc_id" if name == _ID else name


def _tables(corpus: str, row: ShardRow, names: list[str], condition: Condition | None) -> Iterator[Any]:
    """Yield documents of a shard that hold to a condition, as tables of the columns named, in order."""
    stored = [_stored(name) for name in names]
    seen = {name for name in stored if name != _TEXT} | (condition.columns if condition else {"doc_id"})
    with open_input(_path(corpus, row, "docs")) as docs, open_input(_path(corpus, row, "text")) as text:
        texts = _Texts(open_parquet(text)) if _TEXT in names else None
        first = 0
        for batch in open_parquet(docs).iter_batches(BATCH_ROWS, columns=sorted(seen)):
            table = pa.Table.from_batches([batch])
            rows = pa.array(range(first, first + batch.num_rows), pa.int64())
            first += batch.num_rows
            table = table.append_column(_ROW, rows)
            if condition is not None:
                table = table.filter(condition.expression)
            if not table.num_rows:
                continue
            if texts is not None:
                table = table.append_column(_TEXT, texts.take(table[_ROW].to_pylist()))
            yield table.select(stored)


_ROW = "\0row"
"""A column's name that no table has: the place of a document in its shard."""


class _Texts:
    """The texts of a shard by row, in growing order; one row group is held, others are not read."""

    def __init__(self, file: Any) -> None:
        self._file = file
        self._group, self._first, self._last = -1, 0, 0
        self._texts: Any = None

    def take(self, rows: list[int]) -> Any:
        """Return the texts of rows as an Arrow column."""
        pieces: list[Any] = []
        at = 0
        while at < len(rows):
            while rows[at] >= self._last:
                self._next()
            if self._texts is None:
                self._texts = self._file.read_row_group(self._group, columns=[_TEXT])[_TEXT]
            stop = at
            while stop < len(rows) and rows[stop] < self._last:
                stop += 1
            pieces += self._texts.take([row - self._first for row in rows[at:stop]]).chunks
            at = stop
        return pa.chunked_array(pieces, pa.large_string())

    def _next(self) -> None:
        self._group += 1
        self._first, self._last = self._last, self._last + self._file.metadata.row_group(self._group).num_rows
        self._texts = None


def _path(corpus: str, row: ShardRow, kind: str) -> str:
    return path_inside(corpus, shard_path(row.domain, row.subset, row.id, kind))
