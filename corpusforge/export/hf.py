"""A folder that `datasets.load_dataset` opens, or a hub shows: Parquet by domain, card, Croissant.

Layout: huggingface.co/docs/hub, "Manual Configuration" and "Dataset Cards".
"""

from __future__ import annotations

import hashlib
import os
from itertools import groupby

from corpusforge.domains import Subset
from corpusforge.export.card import card
from corpusforge.export.croissant import croissant
from corpusforge.export.documents import SCHEMA, documents
from corpusforge.export.figures import DataFile, Figures
from corpusforge.shards.arrow import maps_as_lists, pq
from corpusforge.shards.format import ShardRow
from corpusforge.shards.snapshot import Index


def export_snapshot(corpus: str, index: Index, output: str) -> None:
    """Write one file a shard, README.md and croissant.json; ValueError where there are no documents."""
    if not index.rows:
        raise ValueError(f"{corpus}: snapshot {index.snapshot} holds no documents: nothing to export")
    figures, files = Figures(), list[DataFile]()
    for (domain, subset), found in groupby(index.rows, lambda row: (row.domain, row.subset)):
        rows = list(found)
        folder = "/".join(["data", domain] if subset == Subset.ALL else ["data", domain, subset])
        os.makedirs(os.path.join(output, folder))
        for number, row in enumerate(rows):
            path = f"{folder}/train-{number:05d}-of-{len(rows):05d}.parquet"
            files.append(_write(corpus, row, output, path, figures))
    with open(os.path.join(output, "README.md"), "w", encoding="utf-8") as stream:
        stream.write(card(index, figures, files))
    with open(os.path.join(output, "croissant.json"), "w", encoding="utf-8") as stream:
        stream.write(croissant(index, figures, files))


def _write(corpus: str, row: ShardRow, output: str, path: str, figures: Figures) -> DataFile:
    """Return what the card says of a file that is written, its documents added to the figures."""
    whole, arrow_bytes = os.path.join(output, path), 0
    with pq.ParquetWriter(whole, maps_as_lists(SCHEMA.empty_table()).schema, compression="zstd") as writer:
        for found in documents(corpus, row):
            figures.add(found, f"{row.domain}/{row.subset}")
            table = maps_as_lists(found)
            arrow_bytes += table.nbytes
            writer.write_table(table)
    with open(whole, "rb") as stream:
        sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
    return DataFile(
        path=path,
        domain=row.domain,
        subset=row.subset,
        n_docs=row.n_docs,
        n_bytes=os.path.getsize(whole),
        arrow_bytes=arrow_bytes,
        sha256=sha256,
    )
