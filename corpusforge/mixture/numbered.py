"""The samples of a key as a plan numbers them: tokens of its stream end to end, or the stretches of a table.

Everything here goes by arrays of samples, so that billions of them are passed over in a bounded room.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpusforge.files import is_remote, read_bytes
from corpusforge.mixture.order import epoch_places, order_name
from corpusforge.mixture.planfile import PlanRow
from corpusforge.mixture.samplepatch import Moves, Ranges, SamplePatch, cut, patch_path
from corpusforge.mixture.sampletable import FIRSTS_DTYPE, STRETCH, SampleTable, table_path
from corpusforge.shards.inside import path_inside

_CHUNK = 1 << 20
"""Stretches of a table that are looked at at once."""


def read_table(corpus: str, table: SampleTable) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return (stretches, firsts) of a table; ValueError where they are not those that the plan pins."""
    stretches = _pinned(corpus, table_path(table.id, "stretches"), table.stretches_sha256)
    firsts = _pinned(corpus, table_path(table.id, "firsts"), table.firsts_sha256)
    return stretches.view(STRETCH), firsts.view(FIRSTS_DTYPE)


def read_patch(corpus: str, patch: SamplePatch) -> Moves:
    """Return the numbers of a patch; ValueError where they are not those that the plan pins."""
    data = _pinned(corpus, patch_path(patch.id), patch.sha256)
    if len(data) != patch.n_bytes:
        raise ValueError(f"{patch_path(patch.id)}: {len(data)} bytes, the plan says {patch.n_bytes}")
    return Moves.of(patch, data)


def _pinned(corpus: str, path: str, sha256: str) -> NDArray[np.uint8]:
    """Return the bytes of a file beside a plan, mapped where it lies on this machine."""
    whole = path_inside(corpus, path)
    if is_remote(corpus):
        data = np.frombuffer(read_bytes(whole), np.uint8)
    else:
        with open(whole, "rb") as stream:
            is_empty = not stream.read(1)
        data = np.zeros(0, np.uint8) if is_empty else np.asarray(np.memmap(whole, np.uint8, "r"))
    if hashlib.sha256(data.data).hexdigest() != sha256:
        raise ValueError(f"{whole}: not the one that the plan was made with: make the plan again")
    return data


class Numbered:
    """What the samples of a row of a plan are made of, in tokens of the numbered stream."""

    def __init__(self, corpus: str, row: PlanRow, moves: Moves, sequence_length: int) -> None:
        self.row, self.length = row, sequence_length
        self.before = moves.before
        self._table = read_table(corpus, row.table) if row.table else None

    def ranges(self, samples: NDArray[np.int64]) -> Ranges:
        """Return the tokens of samples: (which of those asked for, first, behind the last), in order."""
        if self._table is None:
            starts = samples * self.length
            return np.arange(len(samples)), starts, starts + self.length
        stretches, firsts = self._table
        first, last = firsts[samples].astype(np.int64), firsts[samples + 1].astype(np.int64)
        owner = np.repeat(np.arange(len(samples)), last - first)
        within = np.arange(len(owner)) - np.repeat(np.cumsum(last - first) - (last - first), last - first)
        return owner, *self._extents(stretches[first[owner] + within])

    def between(self, first: int, stop: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return (first, behind the last) of the tokens of samples [first, stop), in order."""
        if self._table is None:
            return np.array([first * self.length]), np.array([stop * self.length])
        return self.ranges(np.arange(first, stop))[1:]

    def within(self, starts: NDArray[np.int64], stops: NDArray[np.int64]) -> Iterator[Ranges]:
        """Yield (sample, first, behind the last) of all tokens in ranges that samples of an epoch are of.

        The ranges are in order and do not overlap. Of a table, some stretches at a time.
        """
        if self._table is None:
            end = self.row.supply_samples * self.length
            edges = np.arange(0, 1) if not len(starts) else _edges(starts, stops, self.length)
            _, first, last = cut(edges, np.minimum(starts, end), np.minimum(stops, end))
            yield first // self.length, first, last
            return
        stretches, firsts = self._table
        n_stretches = int(firsts[self.row.supply_samples])  # of a prefix, not all
        for low in range(0, n_stretches if len(starts) else 0, _CHUNK):
            begin, end = self._extents(stretches[low : min(low + _CHUNK, n_stretches)])
            # the ranges that end behind the beginning of a stretch, up to those that begin before its end
            earliest = np.searchsorted(stops, begin, side="right")
            counts = np.maximum(np.searchsorted(starts, end, side="left") - earliest, 0)
            which = np.repeat(np.arange(len(begin)), counts)
            touched = earliest[which] + np.arange(len(which)) - np.repeat(np.cumsum(counts) - counts, counts)
            sample = np.searchsorted(firsts, (low + which).astype(np.uint64), side="right") - 1
            yield sample, np.maximum(begin[which], starts[touched]), np.minimum(end[which], stops[touched])

    def stretches(self) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
        """Yield (first, behind the last) of all stretches of the table, some at a time."""
        stretches = self._table[0] if self._table else np.zeros(0, STRETCH)
        for low in range(0, len(stretches), _CHUNK):
            yield self._extents(stretches[low : low + _CHUNK])

    def _extents(self, stretches: NDArray[Any]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        shards = stretches["shard"]
        if len(shards) and int(shards.max()) >= len(self.before) - 1:
            raise ValueError(f"a sample table names shard {shards.max()} of {len(self.before) - 1}")
        starts = self.before[shards] + stretches["start"].astype(np.int64)
        return starts, starts + stretches["length"].astype(np.int64)

    def epochs_begun(self, samples: int) -> int:
        """Return how many epochs so many samples begin."""
        return -(-samples // self.row.supply_samples) if self.row.supply_samples else 0

    def is_read(self, seed: int, epoch: int, samples: NDArray[np.int64], n_read: int) -> NDArray[np.bool_]:
        """Return which samples of an epoch are among the first `n_read` of the row."""
        rest = n_read - epoch * self.row.supply_samples
        if rest >= self.row.supply_samples:
            return np.ones(len(samples), np.bool_)
        name = order_name(self.row.subset, self.row.selection)
        return epoch_places(seed, self.row.domain, name, epoch, self.row.supply_samples, samples) < rest


def _edges(starts: NDArray[np.int64], stops: NDArray[np.int64], length: int) -> NDArray[np.int64]:
    """Return the ends of samples that lie within ranges, sorted."""
    first, last = starts // length + 1, -(-stops // length)
    counts = np.maximum(last - first, 0)
    within = np.arange(int(counts.sum())) - np.repeat(np.cumsum(counts) - counts, counts)
    return np.unique((np.repeat(first, counts) + within) * length)


def cut_off(
    owner: NDArray[np.int64], starts: NDArray[np.int64], stops: NDArray[np.int64], tokens: int
) -> None:
    """Take tokens off the end of the last sample. `stops` is changed; a stretch may be left empty."""
    for stretch in np.flatnonzero(owner == owner[-1])[::-1].tolist():
        taken = min(tokens, int(stops[stretch] - starts[stretch]))
        stops[stretch] -= taken
        tokens -= taken
