"""OLMo-core: each payload under a name ending in `.npy` (raw u16 or u32), documents beside it."""

from __future__ import annotations

import csv
import gzip
import io
import os

from corpusforge.export.payload import export_name, link, read_ends, shard_file
from corpusforge.files import open_input
from corpusforge.parquet import open_parquet
from corpusforge.shards.snapshot import Index


def export_snapshot(corpus: str, index: Index, output: str) -> None:
    """Write, a shard: `<name>.npy`, a link, and `<name>.csv.gz`: start, end, id, source, locator."""
    for row in index.rows:
        name = os.path.join(output, export_name(row))
        link(shard_file(corpus, row, "tokens"), name + ".npy")
        with open_input(shard_file(corpus, row, "docs")) as stream:
            docs = open_parquet(stream).read(["doc_id", "source", "locator"]).to_pydict()
        ends = read_ends(corpus, row).tolist()
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        starts = [0, *ends[:-1]]
        writer.writerows(zip(starts, ends, docs["doc_id"], docs["source"], docs["locator"], strict=True))
        with open(name + ".csv.gz", "wb") as raw, gzip.GzipFile("", "wb", 6, raw, mtime=0) as packed:
            packed.write(text.getvalue().encode())
