"""One shard of other tokens: its documents and their text stay, tokens, ends and places are made anew.

The text table is the same file: its row groups end by the text alone. So are the bytes those of a shard
that a build writes of the same documents. Of the table of documents the two last columns are new, and the
others are not decoded (`splice`), where this version of the writer wrote it.
"""

from __future__ import annotations

import hashlib
import io
import mmap
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from corpusforge.files import is_remote, join, open_input
from corpusforge.parquet import open_parquet
from corpusforge.shards.arrow import pa, pq
from corpusforge.shards.documents import DOCS_SCHEMA, METADATA_SCHEMA, PLACES_SCHEMA
from corpusforge.shards.format import ENDS_DTYPE, KINDS, BlockHasher, ShardRow
from corpusforge.shards.pages import page_texts, readable
from corpusforge.shards.spill import Count
from corpusforge.shards.splice import spliced
from corpusforge.shards.stored import check_sha256, inside_paths
from corpusforge.shards.tokenise import Tokens, arrow_texts, in_one
from corpusforge.shards.tokenizer import Tokenizer
from corpusforge.shards.writer import PARQUET, publish_shard, shard_row

_CHUNK_BYTES = 4 << 20
_OF_ORACLE = ("doc_id", "locator")
"""Columns that a sample is taken by, and named by where it differs."""


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
    paths = inside_paths(corpus, old, ("docs", "text"))
    folder = None if is_remote(corpus) else join(corpus, "shards", old.domain, old.subset)
    with tempfile.TemporaryDirectory(prefix=".tmp-", dir=folder) as temporary:
        local = {kind: os.path.join(temporary, kind) for kind in KINDS}
        _copy(paths["text"], local["text"], old.text_sha256)
        old_docs = os.path.join(temporary, "old")
        _copy(paths["docs"], old_docs, old.docs_sha256)
        hasher, max_id, lengths, counts = _write(old_docs, local, tokenizer, oracle_share)
        ends = np.cumsum(lengths)
        ends.astype(ENDS_DTYPE).tofile(local["ends"])
        known = {"text": old.text_sha256}
        row = shard_row(old.domain, old.subset, old.index, local, hasher, max_id, lengths, known)
        publish_shard(corpus, row, local)
    named = [
        Count(source=source, domain=old.domain, subset=old.subset, documents=n, tokens=tokens, bytes=n_bytes)
        for source, (n, tokens, n_bytes) in sorted(counts.items())
    ]
    return Retokenised(row=row, counts=tuple(named))


def _copy(path: str, local: str, sha256: str) -> None:
    """Copy a file of a shard, held against its sha256 on the way."""
    digest = hashlib.sha256()
    with open_input(path) as stream, open(local, "wb") as copy:
        while data := stream.read(_CHUNK_BYTES):
            digest.update(data)
            copy.write(data)
    check_sha256(path, digest, sha256)


def _write(
    docs_path: str, local: dict[str, str], tokenizer: Tokenizer, oracle_share: float
) -> tuple[BlockHasher, int, NDArray[np.int64], dict[str, list[int]]]:
    """Write payload and docs; return the payload's hashes, largest id, tokens a document, sums by source."""
    hasher, max_id, start = BlockHasher(), 0, 0
    lengths = [np.empty(0, np.int64)]
    counts: dict[str, list[int]] = {}
    wanted = ["source", *(_OF_ORACLE if oracle_share else ())]
    maker, new = Tokens(tokenizer, oracle_share), io.BytesIO()
    with (
        open(docs_path, "rb") as docs_stream,
        open(local["text"], "rb") as text_stream,
        open(local["tokens"], "wb") as payload,
        pq.ParquetWriter(new, PLACES_SCHEMA, **PARQUET) as written,
    ):
        docs, text = open_parquet(docs_stream), open_parquet(text_stream)
        for group in range(docs.num_row_groups):
            known = docs.read_row_group(group, wanted)
            made, sizes = [np.empty(0, np.int64)], list[int]()
            for tokens, n_more, _ in maker.of(_texts(text_stream, text, group, sizes), known):
                payload.write(tokens.data)
                hasher.update(tokens.data)
                max_id = max(max_id, int(tokens.max()))
                made.append(n_more)
            n_tokens = np.concatenate(made)
            starts = start + np.cumsum(n_tokens) - n_tokens
            places = [pa.array(starts.astype(np.uint64)), pa.array(n_tokens.astype(np.uint32))]
            table = pa.Table.from_arrays(places, schema=PLACES_SCHEMA)
            written.write_table(table, row_group_size=len(table))
            start += int(n_tokens.sum())
            lengths.append(n_tokens)
            _count(counts, known["source"], n_tokens, np.array(sizes, np.int64))
    _write_docs(docs_path, new.getvalue(), local["docs"])
    return hasher, max_id, np.concatenate(lengths), counts


def _texts(stream: IO[bytes], parquet: Any, group: int, sizes: list[int]) -> Iterator[list[bytes]]:
    """Yield the texts of a row group, some at a time; `sizes` learn the bytes of each."""
    if readable(parquet, group, "text"):
        found = page_texts(stream, parquet, group, "text")
    else:
        found = arrow_texts(in_one(parquet.read_row_group(group, ["text"])["text"]))
    for texts in found:
        sizes.extend(map(len, texts))
        yield texts


def _write_docs(docs_path: str, places: bytes, target: str) -> None:
    """Write a table of documents with new places; every column is encoded again only where it must be."""
    with open(docs_path, "rb") as stream, open(target, "wb") as out:
        docs = open_parquet(stream)
        with mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as data:
            if docs.schema_arrow == DOCS_SCHEMA and spliced(data, places, out):
                return
        new = open_parquet(io.BytesIO(places))
        with pq.ParquetWriter(out, DOCS_SCHEMA, **PARQUET) as written:
            for group in range(docs.num_row_groups):
                known = docs.read_row_group(group, METADATA_SCHEMA.names).combine_chunks()
                columns = [*known.columns, *new.read_row_group(group).columns]
                table = pa.Table.from_arrays(columns, schema=DOCS_SCHEMA)
                written.write_table(table, row_group_size=len(table))


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
