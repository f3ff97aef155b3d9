"""One shard without some of its documents, and with others: what stays keeps its order, text and tokens.

Row groups end where the writer of a build ends them, so that the bytes are those of a shard that a build
writes of the documents that stay.
"""

from __future__ import annotations

import os
import tempfile
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow.compute
from numpy.typing import NDArray

from corpusforge.files import is_remote, join
from corpusforge.shards.arrow import pa, pq
from corpusforge.shards.documents import DOCS_SCHEMA, METADATA_SCHEMA, TEXT_SCHEMA
from corpusforge.shards.format import ENDS_DTYPE, KINDS, BlockHasher, ShardRow
from corpusforge.shards.places import shard_key
from corpusforge.shards.spill import Count
from corpusforge.shards.stored import TOKENS, stored_documents
from corpusforge.shards.tokenise import byte_lengths, values_of
from corpusforge.shards.writer import (
    PARQUET,
    ROW_GROUP_ROWS,
    ROW_GROUP_TEXT_BYTES,
    publish_shard,
    shard_row,
)

pc: Any = pyarrow.compute  # ships no types for what is used here


@dataclass(frozen=True, slots=True, kw_only=True)
class Without:
    """A shard that was written again."""

    row: ShardRow | None
    """None where no document is left."""
    gone: tuple[Count, ...]
    """What went, by source."""
    came: tuple[Count, ...] = ()
    """What came, by source."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Coming:
    """Documents that come into a shard."""

    documents: Any
    """Table of `DOCUMENT_SCHEMA` and `TOKENS`, in the order of a shard."""
    seed: int
    """Of the corpus: decides the order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Which shard of its (domain, subset) is written."""

    domain: str
    subset: str
    index: int
    token_bytes: int


def place_of(row: ShardRow) -> Place:
    """Return the place of a shard."""
    return Place(domain=row.domain, subset=row.subset, index=row.index, token_bytes=row.token_bytes)


def shard_without(corpus: str, old: ShardRow, doc_ids: Any) -> Without:
    """Return a shard without the documents of some ids (Arrow array), written under `corpus`.

    A few row groups are in memory at a time. Raises ValueError where a file is not the one that the index
    names, or does not hold all of them.
    """
    return shard_changed(corpus, place_of(old), old, doc_ids, None)


def shard_changed(
    corpus: str, place: Place, old: ShardRow | None, doc_ids: Any, coming: Coming | None
) -> Without:
    """Return a shard without the documents of some ids, and with those that come; `old` is None of a new one.

    As `shard_without`; those that come are in memory.
    """
    gone: dict[str, list[int]] = {}
    folder = None if is_remote(corpus) else join(corpus, "shards", place.domain, place.subset)
    if folder:
        os.makedirs(folder, exist_ok=True)
    kept = iter(()) if old is None else _kept(corpus, old, doc_ids, gone)
    tables = kept if coming is None else _merged(kept, coming)
    with tempfile.TemporaryDirectory(prefix=".tmp-", dir=folder) as temporary:
        local = {kind: os.path.join(temporary, kind) for kind in KINDS}
        hasher, max_id, lengths = _write(tables, local, place.token_bytes)
        if (n_gone := sum(entry[0] for entry in gone.values())) != len(doc_ids):
            name = "a new one" if old is None else old.id
            raise ValueError(f"shard {name}: {n_gone} of {len(doc_ids)} documents to remove are in it")
        row = None
        if len(lengths):
            row = shard_row(place.domain, place.subset, place.index, local, hasher, max_id, lengths)
            publish_shard(corpus, row, local)
    came: dict[str, list[int]] = {}
    if coming is not None:
        _count(coming.documents, place.token_bytes, came)
    return Without(row=row, gone=_counts(place, gone), came=_counts(place, came))


def _counts(place: Place, by_source: dict[str, list[int]]) -> tuple[Count, ...]:
    return tuple(
        Count(source=source, domain=place.domain, subset=place.subset, documents=n, tokens=tokens, bytes=size)
        for source, (n, tokens, size) in sorted(by_source.items())
    )


def _merged(tables: Iterator[Any], coming: Coming) -> Iterator[Any]:
    """Yield documents that stay and documents that come, in the order of keys."""

    def order(table: Any) -> list[tuple[int, str]]:
        return [(shard_key(name, coming.seed), name) for name in table["doc_id"].to_pylist()]

    places, at = order(coming.documents), 0
    for table in tables:
        if not len(table):
            continue
        mine = order(table)
        stop = bisect_right(places, mine[-1], at)
        if stop > at:
            mine += places[at:stop]
            table = pa.concat_tables(
                [table, coming.documents.slice(at, stop - at).select(table.schema.names)]
            )
            table = table.take(pa.array(sorted(range(len(mine)), key=mine.__getitem__), pa.int64()))
            at = stop
        yield table
    yield coming.documents.slice(at)


def _kept(corpus: str, old: ShardRow, doc_ids: Any, gone: dict[str, list[int]]) -> Iterator[Any]:
    """Yield tables of the documents that stay, tokens among them; count the others by source."""
    for batch in stored_documents(corpus, old, with_tokens=True):
        goes = pc.is_in(batch.column("doc_id"), value_set=doc_ids)
        _count(batch.filter(goes), old.token_bytes, gone)
        yield pa.Table.from_batches([batch.filter(pc.invert(goes))])


def _count(rows: Any, token_bytes: int, counts: dict[str, list[int]]) -> None:
    """Add documents, tokens and bytes of rows to those of each source."""
    n_tokens = _lengths(rows[TOKENS]) // token_bytes
    for source, tokens, n_bytes in zip(
        rows["source"].to_pylist(), n_tokens.tolist(), byte_lengths(rows["text"]).tolist(), strict=True
    ):
        entry = counts.setdefault(source, [0, 0, 0])
        for place, more in enumerate((1, tokens, n_bytes)):
            entry[place] += more


def _lengths(column: Any) -> NDArray[np.int64]:
    return np.asarray(pc.binary_length(column)).astype(np.int64)


def _row_groups(tables: Iterator[Any]) -> Iterator[Any]:
    """Yield the rows of tables as the row groups of a shard: by number and text alone, as the writer's."""
    waiting: Any = None
    for table in tables:
        waiting = table if waiting is None else pa.concat_tables([waiting, table])
        while len(waiting) and (cut := _first_group(waiting)) < len(waiting):
            yield waiting.slice(0, cut).combine_chunks()
            waiting = waiting.slice(cut)
    if waiting is not None and len(waiting):
        yield waiting.combine_chunks()


def _first_group(table: Any) -> int:
    """Return how many of the first rows make a row group, all where more may join."""
    ends = np.cumsum(byte_lengths(table["text"]))
    return min(max(int(np.searchsorted(ends, ROW_GROUP_TEXT_BYTES, side="right")), 1), ROW_GROUP_ROWS)


def _write(
    tables: Iterator[Any], local: dict[str, str], token_bytes: int
) -> tuple[BlockHasher, int, NDArray[np.int64]]:
    """Write the four files; return the payload's hashes, largest id, and the tokens of each document."""
    hasher, max_id, start = BlockHasher(), 0, 0
    lengths = [np.empty(0, np.int64)]
    with (
        open(local["tokens"], "wb") as payload,
        pq.ParquetWriter(local["docs"], DOCS_SCHEMA, **PARQUET) as docs,
        pq.ParquetWriter(local["text"], TEXT_SCHEMA, **PARQUET) as text,
    ):
        for rows in _row_groups(tables):
            column = _chunk(rows[TOKENS])
            n_tokens = _lengths(column) // token_bytes
            tokens = bytes(values_of(column))
            payload.write(tokens)
            hasher.update(tokens)
            max_id = max(max_id, int(np.frombuffer(tokens, f"<u{token_bytes}").max()))
            starts = start + np.cumsum(n_tokens) - n_tokens
            places = [pa.array(starts.astype(np.uint64)), pa.array(n_tokens.astype(np.uint32))]
            known = [_chunk(rows[name]) for name in METADATA_SCHEMA.names]
            docs.write_table(
                pa.Table.from_arrays([*known, *places], schema=DOCS_SCHEMA), row_group_size=len(rows)
            )
            text.write_table(
                pa.Table.from_arrays([_chunk(rows["doc_id"]), _chunk(rows["text"])], schema=TEXT_SCHEMA),
                row_group_size=len(rows),
            )
            start += int(n_tokens.sum())
            lengths.append(n_tokens)
    whole = np.concatenate(lengths)
    np.cumsum(whole).astype(ENDS_DTYPE).tofile(local["ends"])
    return hasher, max_id, whole


def _chunk(column: Any) -> Any:
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
