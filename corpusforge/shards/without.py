"""One shard without some of its documents: what stays keeps its order, its text and its tokens.

Row groups end where the writer of a build ends them, so that the bytes are those of a shard that a build
writes of the documents that stay.
"""

from __future__ import annotations

import os
import tempfile
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


def shard_without(corpus: str, old: ShardRow, doc_ids: Any) -> Without:
    """Return a shard without the documents of some ids (Arrow array), written under `corpus`.

    A few row groups are in memory at a time. Raises ValueError where a file is not the one that the index
    names, or does not hold all of them.
    """
    gone: dict[str, list[int]] = {}
    folder = None if is_remote(corpus) else join(corpus, "shards", old.domain, old.subset)
    with tempfile.TemporaryDirectory(prefix=".tmp-", dir=folder) as temporary:
        local = {kind: os.path.join(temporary, kind) for kind in KINDS}
        hasher, max_id, lengths = _write(_kept(corpus, old, doc_ids, gone), local, old.token_bytes)
        if (n_gone := sum(entry[0] for entry in gone.values())) != len(doc_ids):
            raise ValueError(f"shard {old.id}: {n_gone} of {len(doc_ids)} documents to remove are in it")
        row = None
        if len(lengths):
            row = shard_row(old.domain, old.subset, old.index, local, hasher, max_id, lengths)
            publish_shard(corpus, row, local)
    counts = [
        Count(source=source, domain=old.domain, subset=old.subset, documents=n, tokens=tokens, bytes=n_bytes)
        for source, (n, tokens, n_bytes) in sorted(gone.items())
    ]
    return Without(row=row, gone=tuple(counts))


def _kept(corpus: str, old: ShardRow, doc_ids: Any, gone: dict[str, list[int]]) -> Iterator[Any]:
    """Yield tables of the documents that stay, tokens among them; count the others by source."""
    for batch in stored_documents(corpus, old, with_tokens=True):
        goes = pc.is_in(batch.column("doc_id"), value_set=doc_ids)
        lost = batch.filter(goes)
        n_tokens = np.asarray(pc.binary_length(lost.column(TOKENS))).astype(np.int64) // old.token_bytes
        for source, tokens, n_bytes in zip(
            lost.column("source").to_pylist(),
            n_tokens.tolist(),
            byte_lengths(lost.column("text")),
            strict=True,
        ):
            entry = gone.setdefault(source, [0, 0, 0])
            for place, more in enumerate((1, tokens, int(n_bytes))):
                entry[place] += more
        yield pa.Table.from_batches([batch.filter(pc.invert(goes))])


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
            n_tokens = np.asarray(pc.binary_length(column)).astype(np.int64) // token_bytes
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
