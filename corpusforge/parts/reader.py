"""The files of parts, read back."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpusforge.dedup.config import SignatureConfig
from corpusforge.dedup.signature import signature_dtype
from corpusforge.files import exists, join, list_files
from corpusforge.parquet import open_sealed_parquet
from corpusforge.parts.format import COMMIT, STATS_KEY, part_path
from corpusforge.sealed import damaged, read_sealed


def has_part(output: str, part_id: str) -> bool:
    """Return whether a part is there, whole."""
    return exists(part_path(output, part_id, COMMIT))


def parts_with_prefix(output: str, prefix: str) -> set[str]:
    """Return the ids of the whole parts whose id begins with some digits: one listing."""
    paths = list_files(join(output, "parts", f"{prefix}*.{COMMIT}"))
    return {path.rpartition("/")[2].partition(".")[0] for path in paths}


def read_stats(output: str, part_id: str) -> dict[str, Any]:
    """Return the counts of a part."""
    path = part_path(output, part_id, COMMIT)
    with open_sealed_parquet(path) as file:
        return stats_of(file.metadata.metadata, path)


def stats_of(metadata: Mapping[bytes, bytes], path: str) -> dict[str, Any]:
    """Return the counts of a part, from what the footer of its documents holds."""
    if STATS_KEY.encode() not in metadata:
        raise damaged(path, "no counts in its footer")
    return json.loads(metadata[STATS_KEY.encode()])


def read_signatures(output: str, part_id: str, config: SignatureConfig) -> NDArray[Any]:
    """Return all signature rows of a part, checked; memory-mapped on local disk."""
    path = part_path(output, part_id, "signatures.bin")
    return np.frombuffer(read_sealed(path), dtype=signature_dtype(config.permutations))


def read_documents(output: str, part_id: str) -> Iterator[Any]:
    """Yield the kept documents of a part as record batches, a row group at a time, in order."""
    with open_sealed_parquet(part_path(output, part_id, COMMIT)) as file:
        for group in range(file.num_row_groups):
            yield from file.read_row_group(group).to_batches()


def dropped_example(output: str, part_ids: Iterable[str], reason: str) -> str:
    """Return `locator: reason: detail` of the first record that was dropped for a reason; '' for none."""
    for part_id in part_ids:
        path = part_path(output, part_id, "rejects.parquet")
        if not exists(path):
            continue
        with open_sealed_parquet(path) as file:
            for batch in file.iter_batches(columns=["locator", "reason", "detail"]):
                for row in batch.to_pylist():
                    if row["reason"] == reason:
                        return f"{row['locator']}: {reason}: {row['detail']}"
    return ""
