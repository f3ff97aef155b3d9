"""One shard of other tokens: its documents and their text stay, tokens, ends and places are made anew.

The text table is the same file: its row groups end by the text alone. So are the bytes those of a shard
that a build writes of the same documents.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpusforge.files import is_remote, join, open_input
from corpusforge.parquet import open_parquet
from corpusforge.shards.arrow import pa, pq
from corpusforge.shards.documents import DOCS_SCHEMA, METADATA_SCHEMA
from corpusforge.shards.format import ENDS_DTYPE, KINDS, BlockHasher, ShardRow
from corpusforge.shards.spill import Count
from corpusforge.shards.stored import checked_paths
from corpusforge.shards.tokenise import byte_lengths, tokenise
from corpusforge.shards.tokenizer import Tokenizer
from corpusforge.shards.writer import PARQUET, publish_shard, shard_row


@dataclass(frozen=True, slots=True, kw_only=True)
class Retokenised:
    """A shard that was written, and what it holds by source."""

    row: ShardRow
    counts: tuple[Count, ...]


def retokenise_shard(corpus: str, old: ShardRow, tokenizer: Tokenizer, oracle_share: float) -> Retokenised:
    """Return a shard with the documents of another one, in their order, as tokens of a tokenizer.

    A row group is in memory at a time. Raises ValueError where a file is not the one that the index
    names, and `TokensDiffer` where an oracle disagrees.
    """
    paths = checked_paths(corpus, old, ("docs", "text"))
    folder = None if is_remote(corpus) else join(corpus, "shards", old.domain, old.subset)
    with tempfile.TemporaryDirectory(prefix=".tmp-", dir=folder) as temporary:
        local = {kind: os.path.join(temporary, kind) for kind in KINDS}
        with open_input(paths["text"]) as stream, open(local["text"], "wb") as copy:
            shutil.copyfileobj(stream, copy, 1 << 20)
        hasher, max_id, lengths, counts = _write(paths["docs"], local, tokenizer, oracle_share)
        ends = np.cumsum(lengths)
        ends.astype(ENDS_DTYPE).tofile(local["ends"])
        row = shard_row(old.domain, old.subset, old.index, local, hasher, max_id, lengths)
        publish_shard(corpus, row, local)
    named = [
        Count(source=source, domain=old.domain, subset=old.subset, documents=n, tokens=tokens, bytes=n_bytes)
        for source, (n, tokens, n_bytes) in sorted(counts.items())
    ]
    return Retokenised(row=row, counts=tuple(named))


def _write(
    docs_path: str, local: dict[str, str], tokenizer: Tokenizer, oracle_share: float
) -> tuple[BlockHasher, int, NDArray[np.int64], dict[str, list[int]]]:
    """Write payload and docs; return the payload's hashes, largest id, tokens a document, sums by source."""
    hasher, max_id, start = BlockHasher(), 0, 0
    lengths = [np.empty(0, np.int64)]
    counts: dict[str, list[int]] = {}
    with (
        open_input(docs_path) as docs_stream,
        open(local["text"], "rb") as text_stream,
        open(local["tokens"], "wb") as payload,
        pq.ParquetWriter(local["docs"], DOCS_SCHEMA, **PARQUET) as written,
    ):
        docs, text = open_parquet(docs_stream), open_parquet(text_stream)
        for group in range(docs.num_row_groups):
            known = docs.read_row_group(group, METADATA_SCHEMA.names)
            rows = pa.table(
                [*known.columns, text.read_row_group(group, ["text"])["text"]],
                [*METADATA_SCHEMA.names, "text"],
            )
            tokens, n_tokens, _ = tokenise(rows, tokenizer, oracle_share)
            payload.write(tokens)
            hasher.update(tokens)
            max_id = max(max_id, int(np.frombuffer(tokens, tokenizer.dtype).max()))
            starts = start + np.cumsum(n_tokens) - n_tokens
            places = [pa.array(starts.astype(np.uint64)), pa.array(n_tokens.astype(np.uint32))]
            table = pa.Table.from_arrays([*known.combine_chunks().columns, *places], schema=DOCS_SCHEMA)
            written.write_table(table, row_group_size=len(table))
            start += int(n_tokens.sum())
            lengths.append(n_tokens)
            _count(counts, known["source"], n_tokens, byte_lengths(rows["text"]))
    return hasher, max_id, np.concatenate(lengths), counts


def _count(
    counts: dict[str, list[int]], sources: Any, n_tokens: NDArray[np.int64], n_bytes: NDArray[np.int64]
) -> None:
    """Add documents, tokens and bytes of text to the sums by source."""
    column = sources.combine_chunks().dictionary_encode()
    codes = np.asarray(column.indices)
    for code, name in enumerate(column.dictionary.to_pylist()):
        mine = codes == code
        entry = counts.setdefault(name, [0, 0, 0])
        for place, more in enumerate((mine.sum(), n_tokens[mine].sum(), n_bytes[mine].sum())):
            entry[place] += int(more)
