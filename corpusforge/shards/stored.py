"""The documents that a snapshot holds, as a build's parts would give them: to be written as shards anew.

A table's row groups are read one at a time; a shard's files are held against their checksums first.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from corpusforge import document as record
from corpusforge.files import open_input, read_range
from corpusforge.parquet import open_parquet
from corpusforge.shards.arrow import pa
from corpusforge.shards.format import ShardRow, shard_path
from corpusforge.shards.inside import path_inside

TOKENS = "tokens"
"""The column of a document's stored tokens: the payload's bytes, EOS among them."""
_CHUNK_BYTES = 4 << 20


def stored_documents(corpus: str, row: ShardRow, *, with_tokens: bool) -> Iterator[Any]:
    """Yield the documents of a shard, in order, in record batches of `DOCUMENT_SCHEMA`.

    With tokens, each batch has the column `TOKENS` (large_binary) behind them. Raises ValueError, in one
    line of file and what is wrong, where a file is not the one that the index names.
    """
    paths = checked_paths(corpus, row, ("docs", "text", "tokens") if with_tokens else ("docs", "text"))
    schema = cast(Any, record).DOCUMENT_SCHEMA
    with open_input(paths["docs"]) as docs_stream, open_input(paths["text"]) as text_stream:
        docs, text = open_parquet(docs_stream), open_parquet(text_stream)
        for group in range(docs.num_row_groups):
            known, texts = docs.read_row_group(group), text.read_row_group(group)
            if known["doc_id"] != texts["doc_id"]:
                raise ValueError(f"{paths['text']}: its rows are not those of {paths['docs']}")
            columns = {name: known[name] for name in known.schema.names} | {"text": texts["text"]}
            table = pa.table([columns[name] for name in schema.names], schema=schema)
            if with_tokens:
                tokens = _tokens(paths["tokens"], known, row.token_bytes)
                table = table.append_column(TOKENS, tokens)
            yield from table.combine_chunks().to_batches()


def _tokens(path: str, docs: Any, token_bytes: int) -> Any:
    """Return the stored tokens of consecutive documents as one column."""
    starts, lengths = (np.asarray(docs[name]).astype(np.int64) * token_bytes for name in ("start", "length"))
    offsets: NDArray[np.int64] = np.append(starts, starts[-1:] + lengths[-1:])
    data = read_range(path, int(offsets[0]), int(offsets[-1]))
    buffers = [None, pa.py_buffer((offsets - offsets[0]).astype("<i8").tobytes()), pa.py_buffer(data)]
    return pa.Array.from_buffers(pa.large_binary(), len(starts), buffers)


def checked_paths(corpus: str, row: ShardRow, kinds: Sequence[str]) -> dict[str, str]:
    """Return where files of a shard lie, each held against its sha256 in the index.

    Raises ValueError, in one line of file and what is wrong, where one is not what the index names.
    """
    expected = {"docs": row.docs_sha256, "text": row.text_sha256, "tokens": row.sha256}
    paths = inside_paths(corpus, row, kinds)
    for kind, path in paths.items():
        digest = hashlib.sha256()
        with open_input(path) as stream:
            while data := stream.read(_CHUNK_BYTES):
                digest.update(data)
        check_sha256(path, digest, expected[kind])
    return paths


def inside_paths(corpus: str, row: ShardRow, kinds: Sequence[str]) -> dict[str, str]:
    """Return where files of a shard lie."""
    return {kind: path_inside(corpus, shard_path(row.domain, row.subset, row.id, kind)) for kind in kinds}


def check_sha256(path: str, digest: Any, expected: str) -> None:
    """Raise ValueError, in one line, where the digest of a file is not what the index names."""
    if (found := digest.hexdigest()) != expected:
        raise ValueError(f"{path}: sha256 {found}, the index says {expected}: restore the file")
