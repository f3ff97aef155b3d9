"""Shards as the reader sees them: checked at the first touch, a block at a time."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpusforge.mixture.planfile import Plan, plan_from_bytes
from corpusforge.reader.errors import PlanChanged, ReaderError, ShardDamaged
from corpusforge.reader.storage import GS_PREFIX, Storage, open_storage
from corpusforge.shards.format import (
    BLOCK_BYTES,
    ENDS_DTYPE,
    ShardRow,
    block_checksum,
    index_path,
    manifest_path,
    shard_path,
    unseal,
)
from corpusforge.shards.manifest import read_rows

_FIELD, _CHECKSUM = block_checksum()


def load_plan(path: str) -> Plan:
    """Return the plan in a file, also of a bucket; `PlanChanged` where it is none or was changed."""
    folder, _, name = path.rpartition("/")
    try:
        if path.startswith(GS_PREFIX):
            data = open_storage(folder, None, 0).read(name)
        else:
            with open(path, "rb") as stream:
                data = stream.read()
        return plan_from_bytes(data, path)
    except FileNotFoundError:
        raise ReaderError(f"{path}: no such plan") from None
    except ValueError as error:
        raise PlanChanged(str(error)) from None


def load_index(storage: Storage, snapshot: str) -> tuple[dict[str, Any], list[ShardRow]]:
    """Return (header, shard rows) of a snapshot; `PlanChanged` where it is not the one named."""
    path = storage.describe(index_path(snapshot))
    try:
        value = unseal(storage.read(index_path(snapshot)), "snapshot", path)
    except FileNotFoundError:
        raise PlanChanged(
            f"{path}: missing: the plan is for snapshot {snapshot}, which is not here"
        ) from None
    except ValueError as error:
        raise PlanChanged(str(error)) from None
    if value["snapshot"] != snapshot:
        raise PlanChanged(f"{path}: holds snapshot {value['snapshot']}, the plan is for {snapshot}")
    try:
        rows = read_rows(value, lambda name: storage.read(manifest_path(snapshot, name)), path)
    except (FileNotFoundError, ValueError) as error:
        raise PlanChanged(str(error)) from None
    return value, rows


class Shard:
    """One shard: payload by blocks and document ends, read at the first touch."""

    def __init__(self, storage: Storage, row: ShardRow, checksums: bool) -> None:
        self.row = row
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
        data = self._storage.span(self._path, first, n_bytes, self.row.bytes)
        if self._checksums and number not in self._checked:
            expected, found = getattr(self.row, _FIELD)[number], _CHECKSUM(data.data)
            if found != expected:
                self._storage.forget(self._path, first, n_bytes)
                raise ShardDamaged(
                    f"{self._storage.describe(self._path)}: damaged in bytes {first} to {first + n_bytes}: "
                    f"{_FIELD} is {found}, the index says {expected}"
                )
            self._checked.add(number)
        return data.view(self._dtype)

    def ends(self) -> NDArray[np.uint64]:
        """Return the cumulative ends of the documents, in tokens."""
        if self._ends is None:
            row = self.row
            path = shard_path(row.domain, row.subset, row.id, "ends")
            n_bytes = row.n_docs * np.dtype(ENDS_DTYPE).itemsize
            data = self._storage.span(path, 0, n_bytes, n_bytes)
            if self._checksums and hashlib.sha256(data.data).hexdigest() != row.ends_sha256:
                self._storage.forget(path, 0, n_bytes)
                raise ShardDamaged(f"{self._storage.describe(path)}: damaged: sha256 differs from the index")
            self._ends = data.view(ENDS_DTYPE)
        return self._ends


@dataclass(frozen=True, slots=True)
class Piece:
    """Tokens [start, stop) of one shard."""

    shard: Shard
    start: int
    stop: int
