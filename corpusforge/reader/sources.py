"""Where the tokens of a sample lie: the next S of a subset, the stretches of a table, or as a patch says."""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpusforge.mixture.planfile import IN_ORDER, Plan, PlanRow
from corpusforge.mixture.samplepatch import (
    LOST,
    NOTHING,
    Moves,
    SamplePatch,
    moves_fault,
    patch_fault,
    patch_path,
)
from corpusforge.mixture.sampletable import FIRSTS_DTYPE, STRETCH, SampleTable, table_path
from corpusforge.mixture.tablecheck import documents_fault, repeat_fault, table_fault
from corpusforge.reader.errors import PlanChanged, ReaderError, ShardMissing
from corpusforge.reader.snapshot import Piece, Shard
from corpusforge.reader.storage import Storage
from corpusforge.shards.indexfile import why_gone


class Concatenated:
    """Concatenate-and-chunk: the shards of one (domain, subset), end to end, cut every S tokens."""

    def __init__(self, shards: list[Shard], sequence_length: int) -> None:
        self.shards = shards
        self._ends: list[int] = np.cumsum([shard.row.n_tokens for shard in shards], dtype=np.int64).tolist()
        self._length = sequence_length
        self.n_tokens: int = self._ends[-1] if shards else 0
        self.n_samples: int = self.n_tokens // sequence_length

    def pieces(self, k: int) -> list[Piece]:
        """Return tokens [kS, (k+1)S) of the concatenation, shard by shard."""
        return self.between(k * self._length, (k + 1) * self._length)

    def between(self, start: int, stop: int) -> list[Piece]:
        """Return tokens [start, stop) of the concatenation, shard by shard."""
        found: list[Piece] = []
        number = bisect_right(self._ends, start)
        while start < stop:
            shard = self.shards[number]
            first = self._ends[number] - shard.row.n_tokens
            end = min(stop, self._ends[number])
            found.append(Piece(shard, start - first, end - first))
            start, number = end, number + 1
        return found


class Tabled:
    """Samples whose stretches a table lists: best-fit packing, selections of documents."""

    def __init__(
        self,
        storage: Storage,
        sizes: list[int],
        shards: list[Shard],
        row: PlanRow,
        table: SampleTable,
        plan: Plan,
        checksums: bool,
    ) -> None:
        self.shards, self._sizes = shards, sizes
        self.n_samples = table.n_samples
        self._storage, self._table, self._checksums = storage, table, checksums
        self._row, self._plan = row, plan
        self._files: tuple[NDArray[Any], NDArray[Any]] | None = None

    def pieces(self, k: int) -> list[Piece]:
        """Return the stretches of sample k, in its order."""
        stretches, firsts = self.read_table()
        found: list[tuple[int, int, int]] = stretches[int(firsts[k]) : int(firsts[k + 1])].tolist()
        return [Piece(self.shards[shard], start, start + length) for start, shard, length in found]

    def read_table(self) -> tuple[NDArray[Any], NDArray[Any]]:
        """Return (stretches, firsts), read and checked at the first call."""
        if self._files is None:
            table = self._table
            stretches = self._map("stretches", STRETCH, table.n_stretches, table.stretches_sha256)
            firsts = self._map("firsts", np.dtype(FIRSTS_DTYPE), table.n_samples + 1, table.firsts_sha256)
            if self._checksums:
                self._check(stretches, firsts)
            self._files = stretches, firsts
        return self._files

    def check_documents(self) -> None:
        """Raise `ReaderError` where a table reads a token twice, or a stretch leaves its document."""
        self.check_repeats()
        stretches, _ = self.read_table()
        self._tell(documents_fault(stretches, len(self.shards), lambda number: self.shards[number].ends()))

    def check_repeats(self) -> None:
        """Raise `ReaderError` where a table reads a token twice in an epoch."""
        if self._plan.order != IN_ORDER:  # a translated plan's table holds all epochs
            self._tell(repeat_fault(self.read_table()[0], self._sizes))

    def _check(self, stretches: NDArray[Any], firsts: NDArray[Any]) -> None:
        self._tell(table_fault(stretches, firsts, self._row, self._sizes, self._plan))

    def _tell(self, fault: str | None) -> None:
        if fault:
            path = table_path(self._table.id, fault.partition(":")[0])
            raise PlanChanged(f"{self._storage.describe(path)}: {fault.partition(': ')[2]}")

    def _map(self, kind: str, dtype: np.dtype[Any], length: int, sha256: str) -> NDArray[Any]:
        path, n_bytes = table_path(self._table.id, kind), length * dtype.itemsize
        return _pinned_bytes(self._storage, self._plan.snapshot, path, n_bytes, sha256, self._checksums).view(
            dtype
        )


def _pinned_bytes(
    storage: Storage, snapshot: str, path: str, n_bytes: int, sha256: str, checksums: bool
) -> NDArray[np.uint8]:
    """Return a file beside a plan; `ReaderError` where it is missing or not the one that the plan pins."""
    try:
        data = storage.span(path, 0, n_bytes, n_bytes)
    except (ShardMissing, FileNotFoundError) as error:
        why = why_gone(snapshot, storage.read) or "make the plan again with `corpusforge mix`"
        raise ReaderError(f"{error}: {why}") from None
    if checksums and hashlib.sha256(data.data).hexdigest() != sha256:
        storage.forget(path, 0, n_bytes)
        raise PlanChanged(f"{storage.describe(path)}: damaged: its sha256 is not the plan's")
    return data


class Patched:
    """Samples of a plan made again over a child snapshot: their tokens are where its patch says.

    Their numbers go on from epoch to epoch: sample k of epoch e is number e * supply + k.
    """

    def __init__(
        self,
        storage: Storage,
        shards: list[Shard],
        row: PlanRow,
        patch: SamplePatch,
        plan: Plan,
        checksums: bool,
    ) -> None:
        self.shards = shards
        self.n_samples = row.table.n_samples if row.table else patch.n_tokens // plan.sequence_length
        self._storage, self._patch, self._checksums = storage, patch, checksums
        self._child = Concatenated(shards, plan.sequence_length)
        self._length = plan.sequence_length
        self._row, self._plan = row, plan
        self._moves: PatchLookup | None = None
        self._table: Tabled | None = None

    def pieces(self, k: int) -> list[Piece]:
        """Return where the tokens of sample k are, stretch by stretch."""
        moves = self.read_patch()
        epoch, sample = divmod(k, self._row.supply_samples)
        if self._table is None:
            return self._found(moves.find(epoch, sample * self._length, (sample + 1) * self._length), k)
        stretches, firsts = self._table.read_table()
        found: list[tuple[int, int]] = []
        listed: list[tuple[int, int, int]] = stretches[int(firsts[sample]) : int(firsts[sample + 1])].tolist()
        for start, shard, length in listed:
            first = moves.before[shard] + start
            found += moves.find(epoch, first, first + length)
        return self._found(found, k)

    def _found(self, ranges: list[tuple[int, int]], k: int) -> list[Piece]:
        if len(ranges) == 1 and ranges[0][0] >= 0:
            return self._child.between(*ranges[0])
        if any(start < 0 for start, _ in ranges):
            path = self._storage.describe(patch_path(self._patch.id))
            raise PlanChanged(f"{path}: fills nothing in sample {k}, which the plan reads")
        return [piece for start, stop in ranges for piece in self._child.between(start, stop)]

    def read_patch(self) -> PatchLookup:
        """Return the moves of the patch, read and checked at the first call; the row's table with them."""
        if self._moves is None:
            patch = self._patch
            data = _pinned_bytes(
                self._storage,
                self._plan.snapshot,
                patch_path(patch.id),
                patch.n_bytes,
                patch.sha256,
                self._checksums,
            )
            moves = Moves.of(patch, data)
            if self._checksums and (fault := patch_fault(patch, moves, self._child.n_tokens)):
                raise PlanChanged(f"{self._storage.describe(patch_path(patch.id))}: {fault}")
            if self._row.table is not None:
                sizes: list[int] = moves.sizes.tolist()
                self._table = Tabled(
                    self._storage, sizes, self.shards, self._row, self._row.table, self._plan, self._checksums
                )
            self._moves = PatchLookup(moves)
        return self._moves

    def check_documents(self) -> None:
        """Raise `ReaderError` where a stretch that the patch tells of is of more than one document."""
        lookup = self.read_patch()
        if self._table is not None:
            self._table.check_repeats()
        fault = moves_fault(lookup.moves, [shard.ends() for shard in self.shards])
        if fault:
            raise PlanChanged(f"{self._storage.describe(patch_path(self._patch.id))}: {fault}")


class PatchLookup:
    """A patch's moves, one sample at a time."""

    def __init__(self, moves: Moves) -> None:
        self.moves = moves
        self.before: list[int] = moves.before.tolist()
        self._at, self._fills_at = moves.moves["at"], moves.fills["at"]
        self._to, self._fills_to = moves.moves["to"], moves.fills["to"]

    def find(self, epoch: int, start: int, stop: int) -> list[tuple[int, int]]:
        """Return where tokens of the numbered stream are in the child; below 0 where nothing fills them."""
        found: list[tuple[int, int]] = []
        number = int(self._at.searchsorted(np.uint64(start), side="right")) - 1
        while start < stop:
            end = int(self._at[number + 1]) if number + 1 < len(self._at) else stop
            end = min(end, stop)
            to = int(self._to[number]) + start - int(self._at[number])
            if to < LOST:
                found.append((to, to + end - start))
            else:
                place = epoch * self.moves.lost_tokens + to - LOST
                found += self._filled(place, place + end - start)
            start, number = end, number + 1
        return found

    def _filled(self, start: int, stop: int) -> list[tuple[int, int]]:
        found: list[tuple[int, int]] = []
        number = int(self._fills_at.searchsorted(np.uint64(start), side="right")) - 1
        if number < 0:
            return [(-1, -1)]
        while start < stop:
            end = int(self._fills_at[number + 1]) if number + 1 < len(self._fills_at) else stop
            end = min(end, stop)
            entry = int(self._fills_to[number])
            to = entry + start - int(self._fills_at[number]) if entry != NOTHING else -1
            found.append((to, to + end - start))
            start, number = end, number + 1
        return found


Source = Concatenated | Tabled | Patched
