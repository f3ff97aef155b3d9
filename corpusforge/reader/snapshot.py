"""Shards as the reader sees them: checked at the first touch, a block at a time."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpusforge.files import is_remote, located, read_bytes
from corpusforge.mixture.planfile import Plan, plan_from_bytes
from corpusforge.reader.errors import PlanChanged, ReaderError, ShardDamaged, ShardMissing
from corpusforge.reader.storage import Storage
from corpusforge.shards.format import (
    BLOCK_BYTES,
    ENDS_DTYPE,
    ShardRow,
    block_checksum,
    index_path,
    shard_path,
)
from corpusforge.shards.indexfile import ends_fault, load_index, why_gone

_FIELD, _CHECKSUM = block_checksum()


def load_plan(path: str) -> Plan:
    """Return the plan in a file, also of a bucket; `PlanChanged` where it is none or was changed."""
    path = located(path)
    try:
        if is_remote(path):
            data = read_bytes(path)
        else:
            with open(path, "rb") as stream:
                data = stream.read()
        return plan_from_bytes(data, path)
    except FileNotFoundError:
        raise ReaderError(f"{path}: no such plan") from None
    except IsADirectoryError:
        raise ReaderError(f"{path}: a folder, not a plan") from None
    except ValueError as error:
        raise PlanChanged(str(error)) from None


def open_index(storage: Storage, snapshot: str) -> tuple[dict[str, Any], list[ShardRow]]:
    """Return (header, shard rows) of a snapshot; `PlanChanged` where it is another, or not sound."""
    try:
        return load_index(snapshot, storage.read, storage.describe)
    except FileNotFoundError:
        path = storage.describe(index_path(snapshot))
        why = why_gone(snapshot, storage.read) or f"the plan is for snapshot {snapshot}, which is not here"
        raise PlanChanged(f"{path}: missing: {why}") from None
    except ReaderError:
        raise
    except ValueError as error:
        raise PlanChanged(str(error)) from None


class Shard:
    """One shard: payload by blocks and document ends, read at the first touch."""

    def __init__(self, storage: Storage, row: ShardRow, snapshot: str, eos_id: int, checksums: bool) -> None:
        self.row = row
        self._snapshot = snapshot
        self._eos_id = eos_id
        self._storage = storage
        self._path = shard_path(row.domain, row.subset, row.id, "tokens")
        self._dtype = np.dtype(row.token_dtype)
        self._block_tokens = BLOCK_BYTES // row.token_bytes
        self._ends: NDArray[np.uint64] | None = None
        self._checksums = checksums
        self._checked: set[int] = set()

    def blocks(self, start: int, stop: int) -> list[tuple[str, int, int]]:
        """Return (path, first byte, bytes) of the blocks that hold tokens [start, stop)."""
        numbers = range(start // self._block_tokens, (stop - 1) // self._block_tokens + 1)
        return [
            (self._path, n * BLOCK_BYTES, min(BLOCK_BYTES, self.row.bytes - n * BLOCK_BYTES)) for n in numbers
        ]

    def tokens(self, start: int, stop: int) -> NDArray[Any]:
        """Return tokens [start, stop), u16 or u32: a read-only view where they lie in one block."""
        length = self._block_tokens
        number = start // length
        offset = number * length
        found = [self._block(number)[start - offset : stop - offset]]
        while (offset := offset + length) < stop:
            number += 1
            found.append(self._block(number)[: stop - offset])
        return found[0] if len(found) == 1 else np.concatenate(found)

    def _block(self, number: int) -> NDArray[Any]:
        first = number * BLOCK_BYTES
        n_bytes = min(BLOCK_BYTES, self.row.bytes - first)
        data = self._span(self._path, first, n_bytes, self.row.bytes)
        if self._checksums and number not in self._checked:
            expected, found = getattr(self.row, _FIELD)[number], _CHECKSUM(data.data)
            if found != expected:
                self._storage.forget(self._path, first, n_bytes)
                raise ShardDamaged(
                    f"{self._storage.describe(self._path)}: damaged in bytes {first} to {first + n_bytes}: "
                    f"{_FIELD} is {found}, the index says {expected}"
                )
            self._check_closed(number, data.view(self._dtype))
            self._checked.add(number)
        return data.view(self._dtype)

    def _span(self, path: str, first: int, n_bytes: int, size_bytes: int) -> NDArray[np.uint8]:
        """Return bytes of a file; `ShardMissing` says so where the snapshot was removed meanwhile."""
        try:
            return self._storage.span(path, first, n_bytes, size_bytes)
        except ShardMissing as error:
            why = why_gone(self._snapshot, self._storage.read)
            raise (ShardMissing(f"{error}: {why}") if why else error) from None

    def _check_closed(self, number: int, tokens: NDArray[Any]) -> None:
        """Raise `ShardDamaged` where a document that ends in a block does not end with EOS."""
        first = number * self._block_tokens
        edges = np.array([first + 1, first + len(tokens) + 1], np.uint64)
        ends = self.ends()
        low, high = ends.searchsorted(edges).tolist()
        if (tokens[ends[low:high] - np.uint64(first + 1)] != self._eos_id).any():
            raise ShardDamaged(
                f"{self._storage.describe(self._path)}: a document does not end with {self._eos_id}, "
                "the end of a document by the index"
            )

    def ends(self) -> NDArray[np.uint64]:
        """Return the cumulative ends of the documents, in tokens."""
        if self._ends is None:
            row = self.row
            path = shard_path(row.domain, row.subset, row.id, "ends")
            n_bytes = row.n_docs * np.dtype(ENDS_DTYPE).itemsize
            data = self._span(path, 0, n_bytes, n_bytes)
            if self._checksums and hashlib.sha256(data.data).hexdigest() != row.ends_sha256:
                self._storage.forget(path, 0, n_bytes)
                raise ShardDamaged(f"{self._storage.describe(path)}: damaged: sha256 differs from the index")
            ends = data.view(ENDS_DTYPE)
            if self._checksums and (fault := ends_fault(ends, row)):
                raise ShardDamaged(f"{self._storage.describe(path)}: {fault}")
            self._ends = ends
        return self._ends


@dataclass(frozen=True, slots=True)
class Piece:
    """Tokens [start, stop) of one shard."""

    shard: Shard
    start: int
    stop: int
