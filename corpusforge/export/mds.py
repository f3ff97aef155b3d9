"""MosaicML Streaming: MDS shards of one sample a document, or one a sample of a plan.

Version 2 of the format: samples, u32 offsets of samples and of the end, the columns as JSON,
then the samples: u32 sizes of the columns whose size varies, and their values. Columns stand
in the order of their names.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpusforge.export.payload import (
    map_tokens,
    read_ends,
    sample_stretches,
    samples_in_order,
    shard_file,
    shard_ids,
    without_end,
)
from corpusforge.files import open_input
from corpusforge.mixture.planfile import Arm, Plan
from corpusforge.parquet import open_parquet
from corpusforge.shards.snapshot import Index

SHARD_BYTES = 1 << 26
"""Bytes after which a shard is closed: the writer's own default."""

Row = dict[str, bytes]


def export_snapshot(corpus: str, index: Index, output: str) -> None:
    """Write doc_id, domain, subset and tokens (ndarray:uint32) of every document."""
    columns = {"doc_id": "str", "domain": "str", "subset": "str", "tokens": "ndarray:uint32"}
    _write(_documents(corpus, index), columns, output)


def _documents(corpus: str, index: Index) -> Iterator[Row]:
    for row in index.rows:
        with open_input(shard_file(corpus, row, "docs")) as stream:
            doc_ids = open_parquet(stream).read(["doc_id"])["doc_id"].to_pylist()
        tokens, start = map_tokens(corpus, row), 0
        for doc_id, end in zip(doc_ids, read_ends(corpus, row).tolist(), strict=True):
            yield {
                "doc_id": doc_id.encode(),
                "domain": row.domain.encode(),
                "subset": row.subset.encode(),
                "tokens": _array(tokens[start:end]),
            }
            start = end


def export_plan(corpus: str, index: Index, plan: Plan, arm: Arm, output: str) -> None:
    """Write domain, subset, tokens and document lengths of every sample, in the order of the arm."""
    columns = {"domain": "str", "lengths": "ndarray:uint32", "subset": "str", "tokens": "ndarray:uint32"}
    _write(_samples(corpus, index, plan, arm), columns, output)


def _samples(corpus: str, index: Index, plan: Plan, arm: Arm) -> Iterator[Row]:
    sources = {i: sample_stretches(corpus, index, plan, row) for i, row in enumerate(arm.rows) if row.samples}
    payloads = {row.id: map_tokens(corpus, row) for source in sources.values() for row in source.rows}
    for i, sample, last in samples_in_order(plan, arm):
        row, source = arm.rows[i], sources[i]
        stretches = source.of(sample)
        if last and row.cut_tokens:
            stretches = without_end(stretches, row.cut_tokens)
        places: list[tuple[int, int]] = [(int(part["start"]), int(part["length"])) for part in stretches]
        tokens = [
            payloads[shard][start : start + length]
            for shard, (start, length) in zip(shard_ids(source, stretches), places, strict=True)
        ]
        yield {
            "domain": row.domain.encode(),
            "lengths": _array(stretches["length"].astype(np.uint32)),
            "subset": row.subset.encode(),
            "tokens": _array(np.concatenate(tokens)),
        }


def _array(values: NDArray[Any]) -> bytes:
    """Return an array as `ndarray:uint32` writes it: its shape, in the smallest type, and its values."""
    code = next(code for code in range(4) if len(values) < 1 << (8 << code))
    shape = np.array([len(values)], np.dtype(f"<u{1 << code}"))
    return bytes([1 << 2 | code]) + shape.tobytes() + values.astype("<u4").tobytes()


def _write(rows: Iterator[Row], columns: dict[str, str], output: str) -> None:
    config: dict[str, Any] = {
        "version": 2,
        "format": "mds",
        "compression": None,
        "hashes": [],
        "size_limit": SHARD_BYTES,
        "column_names": sorted(columns),
        "column_encodings": [columns[name] for name in sorted(columns)],
        "column_sizes": [None] * len(columns),
    }
    shards: list[dict[str, Any]] = []
    waiting: list[bytes] = []
    n_bytes = 0
    for row in rows:
        values = [row[name] for name in sorted(columns)]
        sample = np.array([len(value) for value in values], "<u4").tobytes() + b"".join(values)
        if waiting and n_bytes + len(sample) > SHARD_BYTES:
            shards.append(_shard(config, waiting, output, len(shards)))
            waiting, n_bytes = [], 0
        waiting.append(sample)
        n_bytes += len(sample)
    if waiting:
        shards.append(_shard(config, waiting, output, len(shards)))
    with open(os.path.join(output, "index.json"), "w", encoding="utf-8") as stream:
        json.dump({"version": 2, "shards": shards}, stream, sort_keys=True)


def _shard(config: dict[str, Any], samples: list[bytes], output: str, number: int) -> dict[str, Any]:
    """Return the index entry of a shard that is written."""
    head = json.dumps(config, sort_keys=True).encode()
    offsets = np.cumsum([0, *map(len, samples)]) + 4 + 4 * (len(samples) + 1) + len(head)
    data = b"".join([np.uint32(len(samples)).tobytes(), offsets.astype("<u4").tobytes(), head, *samples])
    name = f"shard.{number:05d}.mds"
    with open(os.path.join(output, name), "wb") as stream:
        stream.write(data)
    raw: dict[str, Any] = {"basename": name, "bytes": len(data), "hashes": {}}
    return {**config, "samples": len(samples), "raw_data": raw, "zip_data": None}
