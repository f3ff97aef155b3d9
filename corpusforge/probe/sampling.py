"""The sample that a corpus is probed with: bounded, and the same for the same snapshot and seed.

A document is trained on or held out by a hash of its text, never both. A corpus holds one document of
each cluster of near-duplicates, so that no copy of what is held out is trained on either.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import xxhash

from corpusforge.files import join, open_input
from corpusforge.parquet import open_parquet
from corpusforge.shards.format import ShardRow, shard_path
from corpusforge.shards.snapshot import Index

HELD_OUT_PART = 4
"""One document of so many is held out."""
_BATCH_ROWS = 256
_LARGEST_PART = 16
"""A document gives at most this part of a sample: one book is no domain."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """Bytes of a subset's sample at most."""

    train_bytes: int
    held_out_bytes: int


@dataclass(slots=True)
class Sample:
    """Texts of a subset, in UTF-8."""

    train: list[bytes] = field(default_factory=list[bytes])
    held_out: list[bytes] = field(default_factory=list[bytes])

    @property
    def is_empty(self) -> bool:
        """Return whether there is nothing to train on or nothing to read."""
        return not self.train or not self.held_out


def read_sample(corpus: str, index: Index, key: tuple[str, str], seed: int, sizes: Sizes) -> Sample:
    """Return the sample of a (domain, subset).

    Documents stand in the order of a hash, in shards that are random samples of their subset: the first
    ones that fill a sample are as good as any, and no more is read.
    """
    sample = Sample()
    room = {True: sizes.held_out_bytes, False: sizes.train_bytes}
    largest = {True: sizes.held_out_bytes // _LARGEST_PART, False: sizes.train_bytes // _LARGEST_PART}
    rows = [row for row in index.rows if (row.domain, row.subset) == key]
    for text, digest in _documents(corpus, rows):
        is_held_out = held_out(digest, seed)
        taken = _cut(text, min(room[is_held_out], largest[is_held_out]))
        if taken:
            (sample.held_out if is_held_out else sample.train).append(taken)
            room[is_held_out] -= len(taken)
        if max(room.values()) < _LARGEST_PART:
            break
    return sample


def held_out(digest: str, seed: int) -> bool:
    """Return whether the text with a content hash is held out."""
    return xxhash.xxh3_64_intdigest(f"corpusforge probe 1\0{seed}\0{digest}".encode()) % HELD_OUT_PART == 0


def _documents(corpus: str, rows: list[ShardRow]) -> Iterator[tuple[str, str]]:
    """Yield (text, content hash) of documents, in order of the shards, read as they are asked for."""
    for row in rows:
        docs_path, text_path = (
            join(corpus, shard_path(row.domain, row.subset, row.id, kind)) for kind in ("docs", "text")
        )
        with open_input(docs_path) as docs, open_input(text_path) as texts:
            yield from zip(_column(texts, "text"), _column(docs, "content_hash"), strict=True)


def _column(stream: Any, name: str) -> Iterator[str]:
    for batch in open_parquet(stream).iter_batches(_BATCH_ROWS, columns=[name]):
        yield from batch[name].to_pylist()


def _cut(text: str, n_bytes: int) -> bytes:
    """Return at most so many bytes of a text, whole characters."""
    data = text[:n_bytes].encode()
    if len(data) <= n_bytes:
        return data
    return data[:n_bytes].decode("utf-8", "ignore").encode()
