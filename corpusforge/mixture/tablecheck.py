"""Sample tables as a reader may trust them: each stretch lies in a shard, samples hold what the plan says.

Checked at the first touch, in pieces of bounded size: 16 bytes a stretch, 4 a sample. numpy only.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpusforge.mixture.order import epoch_order, order_name
from corpusforge.mixture.planfile import PlanRow
from corpusforge.shards.format import ShardRow

_CHUNK = 1 << 20
"""Stretches or samples that are checked at once."""


def table_fault(
    stretches: NDArray[Any],
    firsts: NDArray[Any],
    row: PlanRow,
    shards: Sequence[ShardRow],
    sequence_length: int,
    seed: int,
) -> str | None:
    """Return what in the table of a plan's row cannot be read as the plan says; None where all can.

    Args:
        stretches: of `STRETCH`, all of the table.
        firsts: u64[samples + 1].
        row: whose table it is.
        shards: those of the row's (domain, subset), in the order of the index.
        sequence_length: tokens of a sample at most.
        seed: of the order in which samples are read.
    """
    if fault := _stretches_fault(stretches, shards):
        return fault
    if int(firsts[0]) != 0 or int(firsts[-1]) != len(stretches):
        return f"firsts: begin at {firsts[0]}, end at {firsts[-1]}, expected 0 and {len(stretches)}"
    lengths = _sample_lengths(stretches, firsts)
    if isinstance(lengths, str):
        return lengths
    if len(lengths) and int(lengths.max()) > sequence_length:
        number = int(np.argmax(lengths))
        return f"stretches: sample {number} has {lengths[number]} tokens, a sample has {sequence_length}"
    n_tokens = int(lengths.sum(dtype=np.int64))
    if row.table is not None and n_tokens != row.table.n_tokens:
        return f"stretches: hold {n_tokens} tokens, the plan says {row.table.n_tokens}"
    if n_tokens == len(lengths) * sequence_length and row.tokens == row.samples * sequence_length:
        return None  # all are full
    return _tokens_fault(lengths, row, seed)


def _stretches_fault(stretches: NDArray[Any], shards: Sequence[ShardRow]) -> str | None:
    sizes = np.array([row.n_tokens for row in shards], np.uint64)
    for low, chunk in _chunks(stretches):
        which = chunk["shard"]
        if (which >= len(sizes)).any():
            return f"stretches: {low + int(np.argmax(which))}: shard {which.max()} of {len(sizes)}"
        lengths = chunk["length"].astype(np.uint64)
        # compared without a sum that could run over
        is_wrong = (chunk["start"] >= sizes[which]) | (lengths == 0)
        is_wrong |= lengths > sizes[which] - np.minimum(chunk["start"], sizes[which])
        if is_wrong.any():
            number = int(np.argmax(is_wrong))
            start, shard, n = chunk[number].tolist()
            return f"stretches: {low + number}: tokens {start} to {start + n} of a shard of {sizes[shard]}"
    return None


def _sample_lengths(stretches: NDArray[Any], firsts: NDArray[Any]) -> NDArray[np.uint32] | str:
    """Return the tokens of each sample; or where one has no stretch of its own."""
    lengths = np.empty(len(firsts) - 1, np.uint32)
    for low in range(0, len(lengths), _CHUNK):
        edges = firsts[low : low + _CHUNK + 1].astype(np.int64)
        is_wrong = (np.diff(edges) <= 0) | (edges[:-1] < 0) | (edges[1:] > len(stretches))
        if is_wrong.any():
            return f"firsts: sample {low + int(np.argmax(is_wrong))} has no stretch, or more than there are"
        part = stretches["length"][edges[0] : edges[-1]]
        sums = np.add.reduceat(part, edges[:-1] - edges[0], dtype=np.int64)
        lengths[low : low + _CHUNK] = np.minimum(sums, 2**32 - 1)
    return lengths


def _tokens_fault(lengths: NDArray[np.uint32], row: PlanRow, seed: int) -> str | None:
    """Return where a row of a packed plan does not read the tokens that it says; None where it does."""
    if not row.samples:
        return None
    epochs, rest = divmod(row.samples, row.supply_samples)

    def read(epoch: int, first: int, stop: int) -> NDArray[np.uint32]:
        name, places = order_name(row.subset, row.selection), np.arange(first, stop)
        return lengths[epoch_order(seed, row.domain, name, epoch, row.supply_samples, places)]

    tokens = epochs * int(lengths.sum(dtype=np.int64))
    for low in range(0, rest, _CHUNK):
        tokens += int(read(epochs, low, min(low + _CHUNK, rest)).sum(dtype=np.int64))
    epoch, place = divmod(row.samples - 1, row.supply_samples)
    last = int(read(epoch, place, place + 1)[0])
    if row.tokens + row.cut_tokens != tokens:
        return (
            f"firsts: the plan says {row.tokens} tokens and {row.cut_tokens} cut, its samples hold {tokens}"
        )
    if row.cut_tokens >= last:
        return f"firsts: the plan cuts {row.cut_tokens} off the last sample's {last}"
    return None


def _chunks(values: NDArray[Any]) -> Iterator[tuple[int, NDArray[Any]]]:
    for low in range(0, len(values), _CHUNK):
        yield low, values[low : low + _CHUNK]
