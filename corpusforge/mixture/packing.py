"""Documents into samples of S tokens: end to end and cut, or best fit so that few are cut."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpusforge.compiled import jit
from corpusforge.mixture.sampletable import STRETCH

WINDOW_DOCS = 1 << 16
"""Documents that best fit packs together: neighbours of one shard, so that a sample reads near by."""

Packed = tuple[NDArray[Any], NDArray[np.int64]]
"""(stretches, how many of them each sample has)."""
Packer = Callable[[Iterator[NDArray[Any]], int], Iterator[Packed]]


def concat(documents: Iterator[NDArray[Any]], sequence_length: int) -> Iterator[Packed]:
    """Yield samples of exactly S tokens: documents end to end, cut every S; the last tokens are left.

    `documents` are arrays of `STRETCH`, whole documents in order.
    """
    left = np.zeros(0, STRETCH)
    for batch in documents:
        batch = np.concatenate([left, batch])
        ends = np.cumsum(batch["length"], dtype=np.int64)
        whole = int(ends[-1]) // sequence_length * sequence_length if len(ends) else 0
        cuts = np.union1d(ends, np.arange(sequence_length, whole + 1, sequence_length))
        pieces = _between(batch, ends, cuts)
        n_emitted = int(np.searchsorted(cuts, whole, side="right"))
        left = pieces[n_emitted:]
        samples = (cuts[:n_emitted] - 1) // sequence_length
        yield pieces[:n_emitted], np.bincount(samples, minlength=whole // sequence_length)


def _between(batch: NDArray[Any], ends: NDArray[np.int64], cuts: NDArray[np.int64]) -> NDArray[Any]:
    """Return the stretches between cuts, each within one document."""
    begins = np.concatenate([np.zeros(1, np.int64), cuts[:-1]]) if len(cuts) else cuts
    which = np.searchsorted(ends, begins, side="right")
    pieces = batch[which]
    pieces["start"] += (begins - (ends[which] - batch["length"][which])).astype(np.uint64)
    pieces["length"] = cuts - begins
    return pieces


def best_fit(documents: Iterator[NDArray[Any]], sequence_length: int) -> Iterator[Packed]:
    """Yield samples of at most S tokens in which only documents longer than S are cut.

    Best fit, longest first (Ding et al. 2024, "Fewer truncations improve language modeling"),
    within windows of `WINDOW_DOCS`. Every token comes once.
    """
    for batch in documents:
        for first in range(0, len(batch), WINDOW_DOCS):
            yield _pack_window(batch[first : first + WINDOW_DOCS], sequence_length)


def _pack_window(documents: NDArray[Any], sequence_length: int) -> Packed:
    pieces = _pieces_within(documents, sequence_length)
    lengths = pieces["length"].astype(np.int64)
    longest_first = np.argsort(-lengths, kind="stable")
    bins = np.empty(len(pieces), np.int64)
    bins[longest_first] = _fit(lengths[longest_first], sequence_length)
    # Samples in order of their first document, and documents in order within each.
    _, first_piece = np.unique(bins, return_index=True)
    place = np.empty(len(first_piece), np.int64)
    place[np.argsort(first_piece)] = np.arange(len(first_piece))
    samples = place[bins]
    return pieces[np.argsort(samples, kind="stable")], np.bincount(samples)


def _pieces_within(documents: NDArray[Any], sequence_length: int) -> NDArray[Any]:
    """Return the documents, those longer than S cut every S tokens."""
    lengths = documents["length"].astype(np.int64)
    counts = -(-lengths // sequence_length)
    pieces = np.repeat(documents, counts)
    number = np.arange(len(pieces)) - np.repeat(np.cumsum(counts) - counts, counts)
    pieces["start"] += (number * sequence_length).astype(np.uint64)
    pieces["length"] = np.minimum(np.repeat(lengths, counts) - number * sequence_length, sequence_length)
    return pieces


@jit
def _fit(lengths: NDArray[np.int64], capacity: int) -> NDArray[np.int64]:
    """Return the bin of each length, put where least room is left over; equal room: last opened.

    `newest[room]` heads a chain of the bins with so much room; `rooms` has a bit for each
    room with a bin, so that the next larger one is found 64 at a time.
    """
    bins = np.empty(len(lengths), np.int64)
    newest = np.full(capacity + 1, -1, np.int64)
    older = np.empty(len(lengths), np.int64)
    rooms = np.zeros(capacity // 64 + 1, np.uint64)
    n_bins = 0
    for i in range(len(lengths)):
        length = lengths[i]
        room = length
        word = rooms[room >> 6] >> np.uint64(room & 63)
        if word == 0:
            at = (room >> 6) + 1
            while at < len(rooms) and rooms[at] == 0:
                at += 1
            room = at << 6
            word = rooms[at] if at < len(rooms) else np.uint64(0)
        if word == 0:
            bins[i] = n_bins
            room = capacity
            n_bins += 1
        else:
            while word & np.uint64(1) == 0:
                word >>= np.uint64(1)
                room += 1
            bins[i] = newest[room]
            newest[room] = older[newest[room]]
            if newest[room] < 0:
                rooms[room >> 6] &= ~(np.uint64(1) << np.uint64(room & 63))
        left = room - length
        if left > 0:
            older[bins[i]] = newest[left]
            newest[left] = bins[i]
            rooms[left >> 6] |= np.uint64(1) << np.uint64(left & 63)
    return bins
