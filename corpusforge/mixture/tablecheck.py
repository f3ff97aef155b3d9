"""Sample tables as a reader may trust them: each stretch lies in a shard, samples hold what the plan says.

Checked at the first touch, in pieces of bounded size: 16 bytes a stretch, 4 a sample. numpy only. That no
token stands twice in an epoch, and that no stretch leaves its document, is `documents_fault`, for `verify`;
a small table is checked for tokens that stand twice at the first touch too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpusforge.mixture.order import epoch_order, order_name
from corpusforge.mixture.planfile import IN_ORDER, Plan, PlanRow

_CHUNK = 1 << 20
"""Stretches or samples that are checked at once."""


def table_fault(
    stretches: NDArray[Any],
    firsts: NDArray[Any],
    row: PlanRow,
    sizes: Sequence[int],
    plan: Plan,
) -> str | None:
    """Return what in the table of a plan's row cannot be read as the plan says; None where all can.

    Args:
        stretches: of `STRETCH`, all of the table.
        firsts: u64[samples + 1].
        row: whose table it is.
        sizes: tokens of the shards of the row's (domain, subset), in order.
        plan: of the row.
    """
    sequence_length, seed = plan.sequence_length, plan.seed
    if fault := _stretches_fault(stretches, sizes):
        return fault
    is_small = len(stretches) <= _CHUNK and plan.order != IN_ORDER
    if is_small and (fault := repeat_fault(stretches, sizes)):
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
    is_full = n_tokens == len(lengths) * sequence_length
    if row.prefix is not None:
        lengths = lengths[: row.supply_samples]
        if (first := int(lengths.sum(dtype=np.int64))) != row.prefix.n_tokens:
            said = f"the plan says {row.prefix.n_tokens}"
            return f"firsts: the first {len(lengths)} samples hold {first} tokens, {said}"
    if is_full and row.tokens == row.samples * sequence_length:
        return None  # all are full
    return _tokens_fault(lengths, row, seed)


def _stretches_fault(stretches: NDArray[Any], tokens: Sequence[int]) -> str | None:
    sizes = np.array(tokens, np.uint64)
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


def documents_fault(
    stretches: NDArray[Any], n_shards: int, ends_of: Callable[[int], NDArray[np.uint64]]
) -> str | None:
    """Return where a sound table reads more than one document in a stretch; None nowhere.

    `ends_of`: the cumulative ends of the documents of a shard, by its number. Memory is 8 bytes a stretch.
    """
    order = np.argsort(stretches["shard"], kind="stable")
    edges = np.searchsorted(stretches["shard"][order], np.arange(n_shards + 1))
    for number in range(n_shards):
        mine = order[edges[number] : edges[number + 1]]
        if not len(mine):
            continue
        ends, part = ends_of(number), stretches[mine]
        document = ends.searchsorted(part["start"], side="right")
        is_wrong = part["start"] + part["length"] > ends[np.minimum(document, len(ends) - 1)]
        if is_wrong.any():
            start, _, n = part[int(np.argmax(is_wrong))].tolist()
            place = int(mine[int(np.argmax(is_wrong))])
            return f"stretches: {place}: tokens {start} to {start + n} are of more than one document"
    return None


def repeat_fault(stretches: NDArray[Any], sizes: Sequence[int]) -> str | None:
    """Return where two stretches hold the same token: an epoch reads each once. 24 bytes a stretch."""
    before = np.cumsum([0, *sizes], dtype=np.uint64)
    starts = before[stretches["shard"]] + stretches["start"]
    ends = np.sort(starts + stretches["length"])
    starts.sort()
    is_wrong = starts[1:] < ends[:-1]  # as many have begun as have ended, where none overlap
    if not is_wrong.any():
        return None
    token = int(starts[int(np.argmax(is_wrong)) + 1])
    shard = int(before.searchsorted(np.uint64(token), side="right")) - 1
    return f"stretches: token {token - int(before[shard])} of shard {shard} is read twice in an epoch"


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
