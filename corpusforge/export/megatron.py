"""Megatron-core: `.idx` sidecars over the payloads themselves, and a plan as one virtual `.idx`.

Layout of `megatron.core.datasets.indexed_dataset`: magic, version 1, dtype code (8: uint16; 4: int32,
ids are below 2^31), sequences, documents + 1, then i32 lengths, i64 byte pointers, i64 first
sequences of documents. Pointers may repeat and go in any order over one `.bin`, so a plan
needs no copy of its tokens beyond one file that holds them all.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Sequence
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from corpusforge.export.payload import (
    export_name,
    join_payloads,
    link,
    read_ends,
    sample_stretches,
    samples_in_order,
    shard_ids,
    without_end,
)
from corpusforge.mixture.planfile import Arm, Plan
from corpusforge.shards.format import ShardRow
from corpusforge.shards.snapshot import Index

MAX_PREFIXES = 32_767
"""Megatron numbers the datasets of a blend in 16 bits."""
_MAGIC = b"MMIDIDX\x00\x00"
_CODES = {2: 8, 4: 4}
"""Its code of a dtype by the bytes of a token."""


def write_idx(
    path: str,
    token_bytes: int,
    lengths: NDArray[np.int64],
    starts: NDArray[np.int64],
    documents: NDArray[np.int64],
) -> None:
    """Write an index: tokens and first token of sequences, first sequence of documents and the end."""
    with open(path, "wb") as stream:
        stream.write(_MAGIC + struct.pack("<QBQQ", 1, _CODES[token_bytes], len(lengths), len(documents)))
        stream.write(lengths.astype("<i4").tobytes())
        stream.write((starts * token_bytes).astype("<i8").tobytes())
        stream.write(documents.astype("<i8").tobytes())


def export_snapshot(corpus: str, index: Index, output: str, max_prefixes: int = MAX_PREFIXES) -> None:
    """Write one prefix a shard, or, where they would be too many, one for several of a subset."""
    for rows in _grouped(index.rows, max_prefixes):
        prefix = os.path.join(output, export_name(rows[0]))
        begins = join_payloads(corpus, rows, prefix + ".bin")
        ends = np.concatenate(
            [begin + read_ends(corpus, row) for begin, row in zip(begins, rows, strict=True)]
        )
        lengths = np.diff(ends, prepend=0)
        write_idx(prefix + ".idx", rows[0].token_bytes, lengths, ends - lengths, np.arange(len(ends) + 1))


def _grouped(rows: Sequence[ShardRow], max_prefixes: int) -> list[list[ShardRow]]:
    subsets = [list(group) for _, group in groupby(rows, key=lambda row: (row.domain, row.subset))]
    size = 1
    while sum(-(-len(subset) // size) for subset in subsets) > max_prefixes:
        size += 1
        if size > max(map(len, subsets)):
            raise ValueError(f"{len(subsets)} subsets do not fit into {max_prefixes} prefixes")
    return [subset[at : at + size] for subset in subsets for at in range(0, len(subset), size)]


def export_plan(corpus: str, index: Index, plan: Plan, arm: Arm, output: str) -> None:
    """Write `plan` (every sample in the order of the arm) and one prefix a row, over one payload.

    A document of these prefixes is a sample. `data_path.txt` holds what `--data-path` takes for
    an exact blend: samples and prefix, row by row.
    """
    pairs = {(row.domain, row.subset) for row in arm.rows if row.samples}
    used = [row for row in index.rows if (row.domain, row.subset) in pairs]
    begins = join_payloads(corpus, used, os.path.join(output, "plan.bin"))
    begin_of = {row.id: begin for row, begin in zip(used, begins, strict=True)}
    order: list[NDArray[np.int64]] = []
    by_row: dict[int, list[NDArray[np.int64]]] = {i: [] for i, row in enumerate(arm.rows) if row.samples}
    sources = {i: sample_stretches(corpus, index, plan, arm.rows[i]) for i in by_row}
    for i, sample, last in samples_in_order(plan, arm):
        stretches = sources[i].of(sample)
        if last and arm.rows[i].cut_tokens:
            stretches = without_end(stretches, arm.rows[i].cut_tokens)
        begin = np.array([begin_of[shard] for shard in shard_ids(sources[i], stretches)], np.int64)
        sequences = np.stack(
            [stretches["length"].astype(np.int64), begin + stretches["start"].astype(np.int64)]
        )
        order.append(sequences)
        by_row[i].append(sequences)
    token_bytes = used[0].token_bytes
    _write_samples(os.path.join(output, "plan.idx"), token_bytes, order)
    blend: list[str] = []
    for i, sequences in by_row.items():
        row = arm.rows[i]
        name = "-".join(filter(None, (row.domain, row.subset, row.selection.replace(":", "-"))))
        link(os.path.join(output, "plan.bin"), os.path.join(output, name + ".bin"))
        _write_samples(os.path.join(output, name + ".idx"), token_bytes, sequences)
        blend.append(f"{row.samples} {name}")
    with open(os.path.join(output, "data_path.txt"), "w", encoding="utf-8") as stream:
        stream.write("\n".join(blend) + "\n")


def _write_samples(path: str, token_bytes: int, samples: list[NDArray[np.int64]]) -> None:
    lengths, starts = np.concatenate(samples, axis=1)
    counts = [sample.shape[1] for sample in samples]
    write_idx(path, token_bytes, lengths, starts, np.cumsum([0, *counts]))
