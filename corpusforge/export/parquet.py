"""Parquet, as `datasets` and everybody else reads it: every column of the record, its text, its tokens."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import numpy as np

from corpusforge.export.payload import export_name, map_tokens, read_ends, shard_file
from corpusforge.files import open_input
from corpusforge.parquet import open_parquet
from corpusforge.shards.arrow import maps_as_lists, pa, pq
from corpusforge.shards.format import ShardRow
from corpusforge.shards.snapshot import Index

ROWS = 4096
"""Documents of a row group."""


def export_snapshot(corpus: str, index: Index, output: str) -> None:
    """Write one file a shard: the docs table, `text`, and `tokens` (list of int32, EOS included)."""
    for row in index.rows:
        path = os.path.join(output, export_name(row) + ".parquet")
        tables = _tables(corpus, row)
        first = next(tables)
        with pq.ParquetWriter(path, first.schema, compression="zstd") as writer:
            writer.write_table(first)
            for table in tables:
                writer.write_table(table)


def _tables(corpus: str, row: ShardRow) -> Iterator[Any]:
    """Yield the documents of a shard, `ROWS` at a time, as Arrow tables."""
    tokens, ends = map_tokens(corpus, row), read_ends(corpus, row)
    first = begin = 0
    for docs, texts in zip(_batches(corpus, row, "docs"), _batches(corpus, row, "text"), strict=True):
        last = first + docs.num_rows
        end = int(ends[last - 1])
        offsets = np.concatenate([[0], ends[first:last] - begin]).astype(np.int32)
        lists = pa.ListArray.from_arrays(pa.array(offsets), pa.array(tokens[begin:end].astype(np.int32)))
        yield (
            maps_as_lists(docs.drop_columns(["start", "length"]))
            .append_column("text", texts["text"])
            .append_column("tokens", lists)
        )
        first, begin = last, end


def _batches(corpus: str, row: ShardRow, kind: str) -> Iterator[Any]:
    """Yield a table of a shard in batches of exactly `ROWS`, the last one of what is left."""
    with open_input(shard_file(corpus, row, kind)) as stream:
        file = open_parquet(stream)
        left = file.schema_arrow.empty_table()
        for batch in file.iter_batches(ROWS):
            left = pa.concat_tables([left, pa.Table.from_batches([batch])])
            while left.num_rows >= ROWS:
                yield left.slice(0, ROWS)
                left = left.slice(ROWS)
        if left.num_rows:
            yield left
