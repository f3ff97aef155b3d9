"""Where the tokens of a sample lie: the next S of a subset, or the stretches of a table."""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpusforge.mixture.planfile import Plan, PlanRow
from corpusforge.mixture.sampletable import FIRSTS_DTYPE, STRETCH, SampleTable, table_path
from corpusforge.mixture.tablecheck import documents_fault, table_fault
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
        self.n_samples: int = (self._ends[-1] if shards else 0) // sequence_length

    def pieces(self, k: int) -> list[Piece]:
        """Return tokens [kS, (k+1)S) of the concatenation, shard by shard."""
        start, stop = k * self._length, (k + 1) * self._length
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
        shards: list[Shard],
        row: PlanRow,
        table: SampleTable,
        plan: Plan,
        checksums: bool,
    ) -> None:
        self.shards = shards
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
        stretches, _ = self.read_table()
        rows = [shard.row for shard in self.shards]
        self._tell(documents_fault(stretches, rows, lambda number: self.shards[number].ends()))

    def _check(self, stretches: NDArray[Any], firsts: NDArray[Any]) -> None:
        shards, plan = [shard.row for shard in self.shards], self._plan
        self._tell(table_fault(stretches, firsts, self._row, shards, plan.sequence_length, plan.seed))

    def _tell(self, fault: str | None) -> None:
        if fault:
            path = table_path(self._table.id, fault.partition(":")[0])
            raise PlanChanged(f"{self._storage.describe(path)}: {fault.partition(': ')[2]}")

    def _map(self, kind: str, dtype: np.dtype[Any], length: int, sha256: str) -> NDArray[Any]:
        path, n_bytes = table_path(self._table.id, kind), length * dtype.itemsize
        try:
            data = self._storage.span(path, 0, n_bytes, n_bytes)
        except (ShardMissing, FileNotFoundError) as error:
            why = why_gone(self._plan.snapshot, self._storage.read)
            why = why or "make the plan again with `corpusforge mix`"
            raise ReaderError(f"{error}: {why}") from None
        if self._checksums and hashlib.sha256(data.data).hexdigest() != sha256:
            self._storage.forget(path, 0, n_bytes)
            raise PlanChanged(f"{self._storage.describe(path)}: damaged: its sha256 is not the plan's")
        return data.view(dtype)


Source = Concatenated | Tabled
