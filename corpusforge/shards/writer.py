"""Gathered rows to shards: each shard owns a key range of its (domain, subset).

Keys are hashes of document ids, so that a shard is a random sample of its domain. What a
shard holds, and in what order, depends on the documents alone. Places of a shard's rows are
held in memory; tokens, text and metadata stream through in blocks.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpusforge.files import is_remote, join, publish
from corpusforge.shards.arrow import pa, pq
from corpusforge.shards.documents import DOCS_SCHEMA, TEXT_SCHEMA
from corpusforge.shards.format import (
    ENDS_DTYPE,
    KINDS,
    BlockHasher,
    ShardRow,
    shard_id,
    shard_path,
)
from corpusforge.shards.gather import Gathered, gathered
from corpusforge.shards.places import GROUPS, Cuts

ROW_GROUP_ROWS = 8192
ROW_GROUP_TEXT_BYTES = 8 << 20
"""A row group of docs and text ends at whichever comes first: bounds memory, fixes the bytes.

By the text alone, so that the text table of documents is the same file whatever their tokens are."""
PARQUET: dict[str, Any] = {
    "compression": "zstd",
    "compression_level": 3,
    "store_schema": True,
    "write_statistics": True,
    "version": "2.6",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ShardSpec:
    """One shard to be written: the keys in [index * 2^64 // count, (index + 1) * 2^64 // count)."""

    domain: str
    subset: str
    index: int
    count: int


def plan_shards(groups: Mapping[tuple[str, str], tuple[int, int, int]], target_tokens: int) -> Cuts:
    """Return the shards, about `target_tokens` each, numbered in the order of their names.

    `groups`: (documents, tokens, bytes) by (domain, subset), as `Sums.by_group` returns.
    """
    return Cuts(
        tuple((GROUPS.index(name), -(-tokens // target_tokens)) for name, (_, tokens, _) in groups.items())
    )


def shard_spec(shards: Cuts, number: int) -> ShardSpec:
    """Return which shard has a number."""
    first = 0
    for group, count in shards.pieces:
        if number < first + count:
            domain, subset = GROUPS[group]
            return ShardSpec(domain=domain, subset=subset, index=number - first, count=count)
        first += count
    raise IndexError(f"there are {first} shards, not {number + 1}")


def write_shard(
    shards: Cuts, number: int, refs: NDArray[Any], path_of: Callable[[int], str], corpus: str
) -> ShardRow | None:
    """Return the row of a shard, written under `corpus`; None where no document falls to it.

    `refs` (`blocks.REF_DTYPE`) lead to all blocks that hold rows of it, in files that `path_of` names.
    The same documents give the same bytes and id, however they are spread over blocks and files.
    Raises ValueError where a document id comes twice or a file is not what the refs say.
    """
    spec = shard_spec(shards, number)
    folder = None if is_remote(corpus) else join(corpus, "shards", spec.domain, spec.subset)
    if folder:
        os.makedirs(folder, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".tmp-", dir=folder) as temporary:
        with gathered(refs, path_of, shards.bounds(number), temporary) as rows:
            if not len(rows):
                return None
            local = {kind: os.path.join(temporary, kind) for kind in KINDS}
            hasher, max_id = _write_files(rows, local)
            row = shard_row(spec.domain, spec.subset, spec.index, local, hasher, max_id, rows.n_tokens)
        publish_shard(corpus, row, local)
    return row


def publish_shard(corpus: str, row: ShardRow, local: Mapping[str, str]) -> None:
    """Move the files of a shard, by kind, to their places in the corpus."""
    for kind, path in local.items():
        publish(path, join(corpus, shard_path(row.domain, row.subset, row.id, kind)))


def _blocks(rows: Gathered) -> Iterator[tuple[int, int]]:
    """Yield the row ranges that become row groups: by number and text of the sorted rows alone."""
    ends = np.cumsum(rows.text_bytes)
    first = 0
    while first < len(ends):
        before = ends[first - 1] if first else 0
        last = int(np.searchsorted(ends, before + ROW_GROUP_TEXT_BYTES, side="right"))
        last = min(max(last, first + 1), first + ROW_GROUP_ROWS)
        yield first, last
        first = last


def _write_files(rows: Gathered, local: dict[str, str]) -> tuple[BlockHasher, int]:
    """Write the four files of a shard; return the payload's hashes and its largest id."""
    ends = np.cumsum(rows.n_tokens)
    ends.astype(ENDS_DTYPE).tofile(local["ends"])
    starts = ends - rows.n_tokens
    hasher, max_id = BlockHasher(), 0
    with (
        open(local["tokens"], "wb") as payload,
        pq.ParquetWriter(local["docs"], DOCS_SCHEMA, **PARQUET) as docs,
        pq.ParquetWriter(local["text"], TEXT_SCHEMA, **PARQUET) as text,
    ):
        for first, last in _blocks(rows):
            tokens = rows.tokens(first, last)
            payload.write(tokens)
            hasher.update(tokens)
            max_id = max(max_id, int(np.frombuffer(tokens, f"<u{rows.token_bytes}").max()))
            docs_table = _docs_table(rows, starts, first, last)
            docs.write_table(docs_table, row_group_size=last - first)
            text_table = _text_table(rows, docs_table["doc_id"], first, last)
            text.write_table(text_table, row_group_size=last - first)
    return hasher, max_id


def _docs_table(rows: Gathered, starts: NDArray[np.int64], first: int, last: int) -> Any:
    columns = [
        *rows.metadata(first, last).columns,
        pa.array(starts[first:last].astype(np.uint64)),
        pa.array(rows.n_tokens[first:last].astype(np.uint32)),
    ]
    return pa.Table.from_arrays(columns, schema=DOCS_SCHEMA)


def _text_table(rows: Gathered, doc_ids: Any, first: int, last: int) -> Any:
    offsets = np.concatenate([[0], np.cumsum(rows.text_bytes[first:last])]).astype("<i8")
    buffers = [None, pa.py_buffer(offsets.tobytes()), pa.py_buffer(rows.text(first, last))]
    text = pa.Array.from_buffers(pa.large_string(), last - first, buffers)
    return pa.Table.from_arrays([doc_ids, text], schema=TEXT_SCHEMA)


def shard_row(
    domain: str,
    subset: str,
    index: int,
    local: Mapping[str, str],
    hasher: BlockHasher,
    max_id: int,
    n_tokens: NDArray[np.int64],
    known: Mapping[str, str] | None = None,
) -> ShardRow:
    """Return the row of a shard whose files are written.

    `n_tokens`: of each document, EOS included. `known`: the sha256 of files that were held against it.
    """
    xxh3, crc32 = hasher.blocks()
    digests = dict(known or {})
    digests |= {kind: file_sha256(local[kind]) for kind in ("ends", "docs", "text") if kind not in digests}
    sha256 = hasher.sha256.hexdigest()
    return ShardRow(
        id=shard_id([sha256, digests["ends"], digests["docs"], digests["text"]]),
        domain=domain,
        subset=subset,
        index=index,
        bytes=hasher.n_bytes,
        n_tokens=int(n_tokens.sum()),
        n_docs=len(n_tokens),
        max_len=int(n_tokens.max()),
        max_id=max_id,
        sha256=sha256,
        xxh3=xxh3,
        crc32=crc32,
        docs_sha256=digests["docs"],
        text_sha256=digests["text"],
        ends_sha256=digests["ends"],
    )


def file_sha256(path: str) -> str:
    """Return the sha256 of a local file."""
    with open(path, "rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
