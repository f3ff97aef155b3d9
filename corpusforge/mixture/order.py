"""The order of samples: which subset comes at n, and which of its samples.

Two independent parts. `epoch_order` permutes the samples of one (domain, subset) in one
epoch by keyed Feistel networks, first blocks of samples, then the samples of a window of
blocks, so that a remote or spinning disk is read in long runs. It knows nothing of plans,
so the k-th sample that a trainer sees of a subset is the same in every arm. `Schedule`
spreads the subsets of an arm evenly over its samples.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from heapq import heapify, heapreplace

import numpy as np
from numpy.typing import NDArray

ROUNDS = 8
"""Feistel rounds; four already make a pseudo-random permutation, eight cover tiny halves."""
BLOCK_SAMPLES = 512
"""Samples whose schedule is computed, and cached, at once."""
READ_BLOCK_SAMPLES = 4096
"""Neighbouring samples that stay near each other: 64 MiB, a block under one checksum, at S = 4096."""
READ_WINDOW_BLOCKS = 8
"""Blocks whose samples are shuffled together: what a reader of a bucket holds at once."""
WINDOW_SAMPLES = 64
"""Subsets are shuffled within so many samples, or a rank that reads every other one could see one subset."""
_SHIFT_BITS = 96
_M1, _M2 = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_U64 = np.uint64

Network = Callable[[NDArray[np.uint64], NDArray[np.uint64], int], NDArray[np.uint64]]


def _round_keys(name: str) -> NDArray[np.uint64]:
    digest = hashlib.blake2b(name.encode(), digest_size=8 * ROUNDS).digest()
    return np.frombuffer(digest, "<u8").astype(np.uint64)


def _mix(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Return splitmix64's finaliser of each value (Steele, Lea, Flood 2014)."""
    values = (values ^ (values >> _U64(30))) * _M1
    values = (values ^ (values >> _U64(27))) * _M2
    return values ^ (values >> _U64(31))


def permute(name: str, size: int, places: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return where a permutation of range(size), keyed by a name, sends each place.

    A bijection at every size: a Feistel network over the next power of four, walked until
    it comes back into the range (fewer than four steps on average).
    """
    return _walk(_round_keys(name), size, places, _feistel)


def unpermute(name: str, size: int, values: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the places that `permute` sends to these values."""
    return _walk(_round_keys(name)[::-1], size, values, _unfeistel)


def _walk(
    keys: NDArray[np.uint64], size: int, places: NDArray[np.int64], network: Network
) -> NDArray[np.int64]:
    if size < 2:
        return np.zeros_like(places)
    half = max(1, ((size - 1).bit_length() + 1) // 2)
    values = network(places.astype(np.uint64), keys, half)
    walking = np.flatnonzero(values >= size)
    while len(walking):
        values[walking] = network(values[walking], keys, half)
        walking = walking[values[walking] >= size]
    return values.astype(np.int64)


def _feistel(values: NDArray[np.uint64], keys: NDArray[np.uint64], half: int) -> NDArray[np.uint64]:
    mask = _U64((1 << half) - 1)
    left, right = values >> _U64(half), values & mask
    for key in keys:
        left, right = right, left ^ (_mix(right + key) & mask)
    return (left << _U64(half)) | right


def _unfeistel(values: NDArray[np.uint64], keys: NDArray[np.uint64], half: int) -> NDArray[np.uint64]:
    """Return what `_feistel` made the values of; `keys` come in the opposite order."""
    mask = _U64((1 << half) - 1)
    left, right = values >> _U64(half), values & mask
    for key in keys:
        left, right = right ^ (_mix(left + key) & mask), left
    return (left << _U64(half)) | right


def order_name(subset: str, selection: str) -> str:
    """Return what `epoch_order` calls a subset: a selection has an order of its own."""
    return f"{subset}\0{selection}" if selection else subset


def epoch_order(
    seed: int, domain: str, subset: str, epoch: int, size: int, places: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Return which samples of a subset are read at these places of an epoch: i64, a bijection.

    A place is first moved within its window of `READ_WINDOW_BLOCKS` blocks, then its block is
    looked up in a permutation of all blocks. A subset of one window is wholly permuted.
    """
    name = f"corpusforge order 2\0{seed}\0{domain}\0{subset}\0{epoch}"
    return _shuffled_blocks(name, size, _within_windows(name, size, places))


def epoch_places(
    seed: int, domain: str, subset: str, epoch: int, size: int, samples: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Return the places of an epoch at which these samples are read: what `epoch_order` undoes."""
    name = f"corpusforge order 2\0{seed}\0{domain}\0{subset}\0{epoch}"
    moved = _unshuffled_blocks(name, size, samples)
    length = READ_WINDOW_BLOCKS * READ_BLOCK_SAMPLES
    by_window = np.argsort(moved // length, kind="stable")
    windows, begins = np.unique(moved[by_window] // length, return_index=True)
    places = np.empty_like(moved)
    for window, chosen in zip(windows.tolist(), np.split(by_window, begins[1:]), strict=False):
        first = window * length
        here = min(length, size - first)
        places[chosen] = first + unpermute(f"{name}\0{window}", here, moved[chosen] - first)
    return places


def _within_windows(name: str, size: int, places: NDArray[np.int64]) -> NDArray[np.int64]:
    length = READ_WINDOW_BLOCKS * READ_BLOCK_SAMPLES
    windows = places // length
    moved = np.empty_like(places)
    for window in np.unique(windows).tolist():
        chosen = windows == window
        first = window * length
        here = min(length, size - first)
        moved[chosen] = first + permute(f"{name}\0{window}", here, places[chosen] - first)
    return moved


def _shuffled_blocks(name: str, size: int, places: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the sample at each place of all blocks laid end to end in a permuted order.

    The last block may be short: all that stands behind it is that much nearer.
    """
    length = READ_BLOCK_SAMPLES
    n_blocks = -(-size // length)
    if n_blocks < 2:
        return places
    missing = n_blocks * length - size
    short_at = int(unpermute(name, n_blocks, np.array([n_blocks - 1]))[0])
    shifted = places + np.where(places >= (short_at + 1) * length - missing, missing, 0)
    block, offset = np.divmod(shifted, length)
    return permute(name, n_blocks, block) * length + offset


def _unshuffled_blocks(name: str, size: int, samples: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the places that `_shuffled_blocks` finds these samples at."""
    length = READ_BLOCK_SAMPLES
    n_blocks = -(-size // length)
    if n_blocks < 2:
        return samples
    missing = n_blocks * length - size
    short_at = int(unpermute(name, n_blocks, np.array([n_blocks - 1]))[0])
    block, offset = np.divmod(samples, length)
    slot = unpermute(name, n_blocks, block)
    return slot * length + offset - np.where(slot > short_at, missing, 0)


class Schedule:
    """Which subset comes at each n, and how many of it came before.

    The k-th of c samples of a subset stands at the time (2k + 1) / 2c; all of them sorted by
    time, ties by the order of `counts`, are the sequence (Webster's method of seats). So
    before any n each subset has its share, to within a few samples. Within windows of
    `WINDOW_SAMPLES` the subsets, not the k, are shuffled by the seed.
    """

    def __init__(self, counts: Sequence[int], seed: int) -> None:
        self.counts = list(counts)
        self.total = sum(self.counts)
        self.seed = seed

    def before(self, n: int) -> list[int]:
        """Return how many samples of each subset stand before n; they sum to n. Exact, O(subsets)."""
        if not self.total:
            return list(self.counts)
        taken = [(2 * count * n + self.total) // (2 * self.total) for count in self.counts]
        taken = [min(k, count) for k, count in zip(taken, self.counts, strict=True)]
        surplus = sum(taken) - n
        for _ in range(surplus):
            last = max(self._key(which, k - 1) for which, k in enumerate(taken) if k)
            taken[last[1]] -= 1
        for _ in range(-surplus):
            first = min(self._key(which, k) for which, k in enumerate(taken) if k < self.counts[which])
            taken[first[1]] += 1
        return taken

    def _key(self, which: int, k: int) -> tuple[int, int]:
        # Times of two subsets differ by 2^-66 at least where they differ: 2^-96 tells them apart.
        return ((2 * k + 1) << _SHIFT_BITS) // self.counts[which], which

    def block(self, number: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return (subset i64, k i64) of the samples from number * BLOCK_SAMPLES on."""
        first = number * BLOCK_SAMPLES
        last = min(first + BLOCK_SAMPLES, self.total)
        start = self.before(first)
        which = np.array(self._merge(start, last - first), np.int64)
        for window in range(0, len(which), WINDOW_SAMPLES):
            part = which[window : window + WINDOW_SAMPLES]
            name = f"corpusforge window 1\0{self.seed}\0{first + window}"
            which[window : window + WINDOW_SAMPLES] = part[permute(name, len(part), np.arange(len(part)))]
        k = np.empty(len(which), np.int64)
        for subset, begin in enumerate(start):
            places = np.flatnonzero(which == subset)
            k[places] = begin + np.arange(len(places))
        return which, k

    def _merge(self, taken: list[int], samples: int) -> list[int]:
        """Return the subsets of the next samples after those taken, by time."""
        heap = [(*self._key(i, k), k) for i, k in enumerate(taken) if k < self.counts[i]]
        heapify(heap)
        order: list[int] = []
        for _ in range(samples):
            _, which, k = heap[0]
            order.append(which)
            later = k + 1
            # One beyond the last sorts after all others: it is never reached within the total.
            key = self._key(which, later)[0]
            heapreplace(heap, (key, which, later))
        return order
