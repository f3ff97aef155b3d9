"""What the runs of a swarm read of each key, by content: so that a fit is not used over other text.

A bucket is the first samples of a key, as many as any run reads. Its hash covers exactly the tokens of
these samples: the digests of the shards that lie in it, of the blocks of the last one, and the bytes of the
last block's beginning; where a table says what a sample is made of, that part of it too. So the same text
elsewhere in the shards of its subset, as after `reshard`, is told as a drift: nothing but the index is read.

Of a swarm made again its samples lie where a patch says: the hash is then of the patch, of the table that
it is of, and of all shards of the subset.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from corpusforge.files import join, read_range
from corpusforge.mixture.planfile import PlanRow
from corpusforge.mixture.sampletable import FIRSTS_DTYPE, STRETCH, SampleTable, table_path
from corpusforge.mixture.supply import Supply, shards_of
from corpusforge.printable import counted_as
from corpusforge.shards.format import BLOCK_BYTES, ShardRow, block_checksum, shard_path
from corpusforge.shards.inside import path_inside
from corpusforge.shards.snapshot import Index

_CHUNK = 1 << 20
"""Stretches that are read at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bucket:
    """The first samples of a key."""

    samples: int
    tokens: int
    """Padding not counted."""
    of_samples: int
    """Samples of the whole key: what the target repeats."""
    of_tokens: int
    sha256: str
    """Of what the samples hold, and of how they are cut."""
    made_again: str | None = None
    """Of a swarm made again: sha256 of what says where its samples lie. None where they lie end to end."""

    def to_json(self) -> dict[str, Any]:
        """Return the object that stands in `buckets.json`."""
        return {name: value for name, value in asdict(self).items() if value is not None}


def buckets_of(
    corpus: str, index: Index, rows: Iterable[PlanRow], supply: Mapping[str, Supply]
) -> dict[str, Bucket]:
    """Return, by key, the samples that any of the rows reads over: the longest prefix of each."""
    longest: dict[str, PlanRow] = {}
    for row in rows:
        if row.samples and (row.key not in longest or row.supply_samples > longest[row.key].supply_samples):
            longest[row.key] = row
    return {
        key: read_bucket(corpus, index, supply[key], longest[key].supply_samples) for key in sorted(longest)
    }


def read_bucket(corpus: str, index: Index, supply: Supply, n_samples: int) -> Bucket:
    """Return the bucket of the first samples of a key, as the corpus has them now.

    Reads one block of a shard at most, and of a table the stretches of these samples. Raises ValueError
    where the block is not what the index says.
    """
    shards = shards_of(index, supply.domain, supply.subset)
    digest = hashlib.sha256(f"corpusforge bucket 1\n{supply.sequence_length}\n{n_samples}\n".encode())
    end = n_samples * supply.sequence_length
    if supply.table is not None:
        end = _hash_table(digest, corpus, supply.table, n_samples, shards)
    _hash_shards(digest, corpus, shards, end)
    tokens = n_samples * supply.sequence_length
    if supply.lengths is not None:
        tokens = int(supply.lengths[:n_samples].sum(dtype=np.int64))
    return Bucket(
        samples=n_samples,
        tokens=tokens,
        of_samples=supply.n_samples,
        of_tokens=supply.n_tokens,
        sha256=digest.hexdigest(),
    )


def bucket_again(index: Index, row: PlanRow, supply: Supply) -> Bucket:
    """Return the bucket of the longest row of a key whose samples lie where a patch says.

    `supply`: of the key in the snapshot of that patch: what a target reads there. No file is read.
    """
    assert row.patch is not None
    tables = [row.table.stretches_sha256, row.table.firsts_sha256] if row.table else []
    made_again = hashlib.sha256("\n".join([row.patch.sha256, *tables]).encode()).hexdigest()
    return Bucket(
        samples=row.supply_samples,
        tokens=row.epoch_tokens(supply.sequence_length),
        of_samples=supply.n_samples,
        of_tokens=supply.n_tokens,
        sha256=_sha256_again(index, supply, row.supply_samples, made_again),
        made_again=made_again,
    )


def _sha256_again(index: Index, supply: Supply, n_samples: int, made_again: str) -> str:
    head = f"corpusforge bucket made again 1\n{supply.sequence_length}\n{n_samples}\n{made_again}\n"
    shards = shards_of(index, supply.domain, supply.subset)
    return hashlib.sha256("".join([head, *(f"{row.sha256}\n" for row in shards)]).encode()).hexdigest()


def drift(key: str, before: Bucket, corpus: str, index: Index, supply: Supply | None) -> str | None:
    """Return how a key differs from what a swarm read of it; None where it does not."""
    if supply is None or not supply.n_samples:
        return f"{key}: the corpus holds nothing of it any more"
    if supply.n_samples != before.of_samples or supply.n_tokens != before.of_tokens:
        return (
            f"{key}: holds {counted_as(supply.n_samples, 'sample')} of {supply.n_tokens:,} tokens, "
            f"the swarm's corpus held {before.of_samples:,} of {before.of_tokens:,}"
        )
    if before.made_again is None:
        sha256 = read_bucket(corpus, index, supply, before.samples).sha256
    else:
        sha256 = _sha256_again(index, supply, before.samples, before.made_again)
    if sha256 != before.sha256:
        first = counted_as(before.samples, "sample")
        elsewhere = ", or the same elsewhere in its shards" if supply.table else ""
        return f"{key}: its first {first} hold other text than the swarm's runs read{elsewhere}"
    return None


def _hash_table(digest: Any, corpus: str, table: SampleTable, n_samples: int, shards: list[ShardRow]) -> int:
    """Hash the stretches of a table's first samples; return where the furthest ends, in all tokens."""
    first_bytes = np.dtype(FIRSTS_DTYPE).itemsize
    path = join(corpus, table_path(table.id, "firsts"))
    place = read_range(path, n_samples * first_bytes, (n_samples + 1) * first_bytes)
    n_stretches = int(np.frombuffer(place, FIRSTS_DTYPE)[0])
    for low in range(0, n_samples, _CHUNK):
        stop = min(low + _CHUNK, n_samples)
        digest.update(read_range(path, low * first_bytes, stop * first_bytes))
    before = np.cumsum([0, *(row.n_tokens for row in shards)], dtype=np.uint64)
    path, end = join(corpus, table_path(table.id, "stretches")), 0
    for low in range(0, n_stretches, _CHUNK):
        stop = min(low + _CHUNK, n_stretches)
        data = read_range(path, low * STRETCH.itemsize, stop * STRETCH.itemsize)
        digest.update(data)
        stretches = np.frombuffer(data, STRETCH)
        ends = before[stretches["shard"]] + stretches["start"] + stretches["length"]
        end = max(end, int(ends.max()))
    return end


def _hash_shards(digest: Any, corpus: str, shards: list[ShardRow], end: int) -> None:
    """Hash what says which tokens stand before `end` in the concatenated shards."""
    for row in shards:
        if end <= 0:
            return
        if end >= row.n_tokens:
            digest.update(f"{row.sha256} {row.n_tokens}\n".encode())
        else:
            n_blocks, rest = divmod(end * row.token_bytes, BLOCK_BYTES)
            digest.update("".join(f"{block}\n" for block in row.xxh3[:n_blocks]).encode())
            digest.update(_block(corpus, row, n_blocks)[:rest] if rest else b"")
        end -= row.n_tokens


def _block(corpus: str, row: ShardRow, number: int) -> bytes:
    path = path_inside(corpus, shard_path(row.domain, row.subset, row.id, "tokens"))
    start = number * BLOCK_BYTES
    data = read_range(path, start, min(start + BLOCK_BYTES, row.bytes))
    field, checksum = block_checksum()
    if checksum(memoryview(data)) != getattr(row, field)[number]:
        raise ValueError(f"{path}: damaged from byte {start} on: `corpusforge verify` tells more")
    return data
