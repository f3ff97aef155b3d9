"""datatrove: the payload as `.ds` and the document ends as `.ds.index`: both are links."""

from __future__ import annotations

import os

from corpusforge.export.payload import export_name, link, shard_file
from corpusforge.shards.snapshot import Index


def export_snapshot(corpus: str, index: Index, output: str) -> None:
    """Write, a shard: `<name>.ds`, `.ds.index` (u64 ends) and `.ds.metadata`, which says the token size."""
    tokenizer = index.header["tokenizer"]["name"]
    for row in index.rows:
        name = os.path.join(output, export_name(row) + ".ds")
        link(shard_file(corpus, row, "tokens"), name)
        link(shard_file(corpus, row, "ends"), name + ".index")
        with open(name + ".metadata", "w", encoding="utf-8") as stream:
            stream.write(f"{tokenizer}|{row.token_bytes}\n{row.n_tokens}\n{row.n_tokens} T")
