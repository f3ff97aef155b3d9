"""The documents of a shard as tables: text and all that is known, for exports that hold no tokens."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from corpusforge.export.payload import shard_file
from corpusforge.files import open_input
from corpusforge.parquet import open_parquet
from corpusforge.shards.arrow import pa
from corpusforge.shards.documents import DOCS_SCHEMA
from corpusforge.shards.format import ShardRow

METADATA: Any = [
    pa.field("n_tokens", pa.int64()) if field.name == "length" else field
    for field in DOCS_SCHEMA
    if field.name not in ("doc_id", "start")
]
"""Fields of what is known of a document: its length in tokens, but no place in a payload."""

SCHEMA: Any = pa.schema([("id", pa.string()), ("text", pa.large_string()), *METADATA])


def documents(corpus: str, row: ShardRow) -> Iterator[Any]:
    """Yield the documents of a shard in its order, as Arrow tables of `SCHEMA`: a row group each.

    Raises ValueError, in one line, where docs and text table do not tell of the same documents.
    """
    path = shard_file(corpus, row, "docs")
    with open_input(path) as docs_stream, open_input(shard_file(corpus, row, "text")) as text_stream:
        docs, texts = open_parquet(docs_stream), open_parquet(text_stream)
        n_docs = 0
        for group in range(min(docs.num_row_groups, texts.num_row_groups)):
            known, text = docs.read_row_group(group), texts.read_row_group(group)
            if not known["doc_id"].equals(text["doc_id"]):
                raise ValueError(f"{path}: row group {group}: the text table holds others: run verify")
            n_docs += known.num_rows
            known = known.rename_columns({"doc_id": "id", "length": "n_tokens"})
            yield known.append_column("text", text["text"]).select(SCHEMA.names).cast(SCHEMA)
        if n_docs != row.n_docs:
            raise ValueError(f"{path}: {n_docs} documents, the index says {row.n_docs}: run verify")
