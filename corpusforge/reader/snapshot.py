"""Shards as the reader sees them: mapped, checked at the first touch, concatenated."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpusforge.mixture.planfile import Plan, plan_from_bytes
from corpusforge.reader.errors import PlanChanged, ReaderError, ShardDamaged, ShardMissing
from corpusforge.shards.format import (
    BLOCK_BYTES,
    ENDS_DTYPE,
    TOKEN_BYTES,
    TOKEN_DTYPE,
    ShardRow,
    block_checksum,
    index_path,
    row_from_json,
    shard_path,
    unseal,
)

_FIELD, _CHECKSUM = block_checksum()


def load_plan(path: str) -> Plan:
    """Return the plan in a file; `PlanChanged` where it is none or was changed."""
    try:
        with open(path, "rb") as stream:
            return plan_from_bytes(stream.read(), path)
    except FileNotFoundError:
        raise ReaderError(f"{path}: no such plan") from None
    except ValueError as error:
        raise PlanChanged(str(error)) from None


def load_index(corpus: str, snapshot: str) -> tuple[dict[str, Any], list[ShardRow]]:
    """Return (header, shard rows) of a snapshot; `PlanChanged` where it is not the one named."""
    path = os.path.join(corpus, index_path(snapshot))
    try:
        with open(path, "rb") as stream:
            value = unseal(stream.read(), "snapshot", path)
    except FileNotFoundError:
        raise PlanChanged(f"{corpus}: the plan is for snapshot {snapshot}, which is not here") from None
    except ValueError as error:
        raise PlanChanged(str(error)) from None
    if value["snapshot"] != snapshot:
        raise PlanChanged(f"{path}: holds snapshot {value['snapshot']}, the plan is for {snapshot}")
    return value, [row_from_json(row) for row in value.pop("shards")]


class Shard:
    """One shard: payload and document ends, mapped at the first touch."""

    def __init__(self, corpus: str, row: ShardRow, checksums: bool) -> None:
        self.row = row
        self._corpus = corpus
        self._tokens: NDArray[np.uint32] | None = None
        self._ends: NDArray[np.uint64] | None = None
        n_blocks = -(-row.bytes // BLOCK_BYTES)
        self._unchecked = set(range(n_blocks)) if checksums else set[int]()
        self._checksums = checksums

    def tokens(self, start: int, stop: int) -> NDArray[np.uint32]:
        """Return tokens [start, stop): a read-only view of the mapped payload."""
        if self._tokens is None:
            self._tokens = self._map("tokens", TOKEN_DTYPE, self.row.n_tokens)
        if self._unchecked:
            first = start * TOKEN_BYTES // BLOCK_BYTES
            last = (stop * TOKEN_BYTES - 1) // BLOCK_BYTES
            for block in range(first, last + 1):
                if block in self._unchecked:
                    self._check(block, self._tokens)
        return self._tokens[start:stop]

    def ends(self) -> NDArray[np.uint64]:
        """Return the cumulative ends of the documents, in tokens."""
        if self._ends is None:
            ends = self._map("ends", ENDS_DTYPE, self.row.n_docs)
            if self._checksums and hashlib.sha256(ends.data).hexdigest() != self.row.ends_sha256:
                raise ShardDamaged(f"{self._path('ends')}: damaged: sha256 differs from the index")
            self._ends = ends
        return self._ends

    def _check(self, block: int, tokens: NDArray[np.uint32]) -> None:
        words = BLOCK_BYTES // TOKEN_BYTES
        data = tokens[block * words : (block + 1) * words].data.cast("B")
        expected, found = getattr(self.row, _FIELD)[block], _CHECKSUM(data)
        if found != expected:
            raise ShardDamaged(
                f"{self._path('tokens')}: damaged in bytes {block * BLOCK_BYTES} to "
                f"{block * BLOCK_BYTES + len(data)}: {_FIELD} is {found}, the index says {expected}"
            )
        self._unchecked.discard(block)

    def _path(self, kind: str) -> str:
        row = self.row
        return os.path.join(self._corpus, shard_path(row.domain, row.subset, row.id, kind))

    def _map(self, kind: str, dtype: str, length: int) -> NDArray[Any]:
        path, expected = self._path(kind), length * np.dtype(dtype).itemsize
        try:
            size = os.path.getsize(path)
        except FileNotFoundError:
            raise ShardMissing(f"{path}: missing") from None
        if size != expected:
            raise ShardMissing(f"{path}: {size} bytes, the index says {expected}")
        # A plain array over the map: slicing np.memmap itself costs microseconds each time.
        return np.asarray(np.memmap(path, dtype=dtype, mode="r", shape=(length,)))


@dataclass(frozen=True, slots=True)
class Piece:
    """Tokens [start, stop) of one shard."""

    shard: Shard
    start: int
    stop: int
