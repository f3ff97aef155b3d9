"""The documents that share a key with another, and their signatures in the order of comparison.

Most documents share no key with any. One pass over the keys of every band writes the records
that do, and numbers their documents as it meets them: these numbers (*places*) count the
listed documents alone, and those of one bucket follow each other. One pass over the signatures
lays down the rows of the listed by place. What compares them, bucket by bucket in the order of
places, then reads a fraction of the table, nearly from front to end.

    signatures.bin   0 1 2 3 4 5 6 7 8 9 …        rows of all documents, by row number
    listed.bin       2 9 5 7 …                    rows of the listed, by place
"""

from __future__ import annotations

import mmap
import os
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpusforge.compiled import jit
from corpusforge.dedup.bands import PAIR_DTYPE, Refs, Rows, by_number
from corpusforge.dedup.buckets import bounds_of, candidates

RANGE_KEYS = 1 << 18
"""Keys of a band that are compared at a time: what is sifted and sorted stays in the caches."""
ROWS_ARRANGED = 1 << 14
"""Rows that are put in their places at a time: 9 MB at 128 permutations."""
_ROWS_READ = 8192
_NOWHERE = 0xFFFFFFFF
_WINDOW_BITS = 16
"""The kernel maps 64 KB of a file around the place that is read."""
_WINDOWS_MAPPED = 512
"""Windows of a mapped file that are held before they are given back: 32 MB."""


class MappedRows:
    """Rows of a mapped file by number; gives pages back, so that memory does not grow with the file."""

    def __init__(self, path: str, dtype: np.dtype[Any]) -> None:
        self._rows: Any = np.memmap(path, dtype, mode="r")
        self._words = self._rows.view("<u4").reshape(len(self._rows), -1)
        self._held = 0

    def __call__(self, refs: Refs) -> Rows:
        """Return the rows of refs, in their order."""
        taken = np.empty(len(refs), dtype=self._rows.dtype)
        words = taken.view("<u4").reshape(len(refs), -1)
        numbers = refs.astype(np.int64)
        order = np.argsort(numbers)
        done = 0
        while done < len(order):
            done, self._held = _gather(self._words, numbers, order, done, self._held, _WINDOWS_MAPPED, words)
            if self._held >= _WINDOWS_MAPPED:
                self._rows._mmap.madvise(mmap.MADV_DONTNEED)
                self._held = 0
        return taken


@jit
def _gather(
    rows: Any, numbers: Any, order: Any, done: int, held: int, limit: int, out: Any
) -> tuple[int, int]:
    """Copy row `numbers[k]` to place k, for the k in `order[done:]`, while at most `limit` windows are held.

    Return (how many of `order` are done, windows held).
    """
    last = -1
    while done < order.shape[0]:
        row = numbers[order[done]]
        window = (row * 4 * rows.shape[1]) >> _WINDOW_BITS
        if window != last:
            if held >= limit:
                break
            held += 1
            last = window
        for word in range(rows.shape[1]):
            out[order[done], word] = rows[row, word]
        done += 1
    return done, held


class Shortlist:
    """The listed documents: their row numbers and signatures by place, their records by band.

    The files of keys are used up, each removed when its band is done.
    """

    def __init__(
        self, folder: str, key_paths: Sequence[str], signature_path: str, dtype: np.dtype[Any], n_rows: int
    ) -> None:
        self._records = [os.path.join(folder, f"shared-{band:03d}.bin") for band in range(len(key_paths))]
        self._places = np.full(n_rows, _NOWHERE, dtype=np.uint32)
        n_listed = _write_shared(key_paths, self._records, self._places)
        self._numbers = np.empty(n_listed, dtype=np.uint32)
        listed = np.flatnonzero(self._places != _NOWHERE)
        self._numbers[self._places[listed]] = listed
        self._dtype = dtype
        self._path = os.path.join(folder, "listed.bin")
        _lay_down(signature_path, self._path, dtype, self._places)

    def __len__(self) -> int:
        return len(self._numbers)

    def rows(self, places: NDArray[Any]) -> Refs:
        """Return the row numbers of places."""
        return self._numbers[places.astype(np.int64)].astype(np.uint64)

    def places(self, rows: NDArray[Any]) -> Refs:
        """Return the places of listed rows."""
        return self._places[rows.astype(np.int64)].astype(np.uint64)

    def lookup(self) -> MappedRows:
        """Return a look-up of signature rows by place. There must be a listed document."""
        return MappedRows(self._path, self._dtype)

    def bands(self) -> Iterator[Iterator[Rows]]:
        """Yield each band as runs of (key, place) records, whole buckets, sorted by key."""
        for path in self._records:
            if os.path.getsize(path):
                yield self._runs(np.memmap(path, PAIR_DTYPE, mode="r"))

    def _runs(self, records: Any) -> Iterator[Rows]:
        start = 0
        while start < len(records):
            stop = min(start + RANGE_KEYS, len(records))
            while stop < len(records) and records["key"][stop] == records["key"][stop - 1]:
                stop += 1
            run = np.array(records[start:stop])
            run["ref"] = self.places(run["ref"])
            yield run
            start = stop


def in_order_of_places(pairs: Rows) -> Rows:
    """Return the records of whole buckets of one band, the bucket with the lowest place first."""
    bounds = bounds_of(pairs["key"])
    if len(bounds) < 2:
        return pairs
    lowest = np.minimum.reduceat(pairs["ref"], bounds[:-1])
    return pairs[np.argsort(np.repeat(lowest, np.diff(bounds)), kind="stable")]


def _write_shared(key_paths: Sequence[str], paths: Sequence[str], places: NDArray[np.uint32]) -> int:
    """Write the records of each band whose key another has too; number their documents in `places`.

    Those that a band adds are numbered in the order of the documents that they meet in it: what goes
    through the places of those in order goes through the new ones in order as well. Return how many
    are numbered.
    """
    room = np.empty((len(places), 2), dtype=np.uint64)  # one for all: fresh memory costs its first touch
    n_listed = 0
    for key_path, path in zip(key_paths, paths, strict=True):
        added: list[NDArray[np.uint64]] = [np.empty((0, 2), dtype=np.uint64)]
        with open(path, "wb") as out:
            for some in _by_range(key_path, room):
                shared = candidates(some)
                met = np.empty((len(shared), 2), dtype=np.uint64)
                added.append(met[: _newcomers(shared["ref"], bounds_of(shared["key"]), places, met)].copy())
                out.write(shared.tobytes())
        os.unlink(key_path)  # what the machine cached of it is free for what comes
        new = np.concatenate(added)
        new = new[np.argsort(new[:, 1], kind="stable"), 0].astype(np.int64)
        places[new] = np.arange(n_listed, n_listed + len(new))
        n_listed += len(new)
    return n_listed


@jit
def _newcomers(rows: Any, bounds: Any, places: Any, out: Any) -> int:
    """Write (row, lowest place in its bucket) of rows that have no place yet; return how many they are."""
    count = 0
    for bucket in range(bounds.shape[0] - 1):
        lowest = np.uint32(_NOWHERE)
        for k in range(bounds[bucket], bounds[bucket + 1]):
            lowest = min(lowest, places[np.int64(rows[k])])
        for k in range(bounds[bucket], bounds[bucket + 1]):
            if places[np.int64(rows[k])] == _NOWHERE:
                out[count, 0] = rows[k]
                out[count, 1] = lowest
                count += 1
    return count


def _by_range(path: str, room: NDArray[np.uint64]) -> Iterator[Rows]:
    """Yield the (key, row number) records of one band by ranges of keys, each of about one size.

    They lie in `room`, u64 [n, 2], until the next band.
    """
    if not len(room):
        return
    keys: Any = np.memmap(path, "<u8", mode="r")
    bits = max(1, (len(keys) // RANGE_KEYS).bit_length())
    ends = np.zeros(1 << bits, dtype=np.int64)
    _scattered(keys, bits, ends, room)
    records = room.view(PAIR_DTYPE)[:, 0]
    start = 0
    for end in ends.tolist():
        yield records[start:end]
        start = end


@jit
def _scattered(keys: Any, bits: int, ends: Any, out: Any) -> None:
    """Sort (key, row number) into 2**bits ranges of keys, bits > 0; `ends` becomes where each range ends.

    A key of 0 is none. `out` is u64 [n, 2].
    """
    shift = np.uint64(64 - bits)
    for row in range(keys.shape[0]):
        if keys[row] != 0:
            ends[np.int64(keys[row] >> shift)] += 1
    total = 0
    for place in range(ends.shape[0]):
        size = ends[place]
        ends[place] = total
        total += size
    for row in range(keys.shape[0]):
        if keys[row] != 0:
            place = np.int64(keys[row] >> shift)
            out[ends[place], 0] = keys[row]
            out[ends[place], 1] = row
            ends[place] += 1


def _lay_down(source: str, target: str, dtype: np.dtype[Any], places: NDArray[np.uint32]) -> None:
    """Write the rows that have a place, by place: each to its span of the file, then spans in order."""
    held: dict[int, list[NDArray[np.uint32]]] = {}
    filled: dict[int, int] = {}
    size = dtype.itemsize
    words = np.empty((_ROWS_READ, size // 4), dtype="<u4")
    with open(source, "rb", buffering=0) as reader, open(target, "w+b", buffering=0) as out:
        for start in range(0, len(places), _ROWS_READ):
            mine = places[start : start + _ROWS_READ]
            listed = np.flatnonzero(mine != _NOWHERE)
            if not len(listed):
                continue
            reader.seek(start * size)
            _read_rows(reader, words[: len(mine)], source)
            os.posix_fadvise(reader.fileno(), start * size, len(mine) * size, os.POSIX_FADV_DONTNEED)
            for span, some in by_number(mine[listed] // np.int64(ROWS_ARRANGED)):
                first = filled.setdefault(span, span * ROWS_ARRANGED)
                held.setdefault(span, []).append(mine[listed[some]])
                os.pwrite(out.fileno(), words[listed[some]].data, first * size)
                filled[span] = first + len(some)
        for span, found in held.items():
            wanted = np.concatenate(found) - np.uint32(span * ROWS_ARRANGED)
            came = np.empty((len(wanted), size // 4), dtype="<u4")
            out.seek(span * ROWS_ARRANGED * size)
            _read_rows(out, came, target)
            arranged = np.empty_like(came)
            arranged[wanted] = came
            os.pwrite(out.fileno(), arranged.data, span * ROWS_ARRANGED * size)


def _read_rows(file: Any, rows: NDArray[np.uint32], path: str) -> None:
    if file.readinto(rows.data) != rows.nbytes:
        raise OSError(f"{path}: shorter than its rows")
