"""A linear model over hashed runs of tokens: which steps stand where in a passage, and how its lines begin.

    token ids --runs--> hashed slots, how often each --1 + log, length 1--> features --weights--> margin

A run is up to three tokens in a row; a token and the third of the passage that it stands in; the
first one to three tokens of a line; how many relations two to four lines in a row hold. It is what
fastText is with one output and no hidden layer, but a run that comes ten times does not weigh ten.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpusforge.compiled import jit
from corpusforge.label.structure import LINE_END, QUESTION

SLOT_BITS = 20
N_SLOTS = 1 << SLOT_BITS
"""Slots that all runs share by hash: a megabyte of weights."""

_MOST_RUNS = 10
"""Runs that begin at one token, at most."""
_SHIFT = np.uint64(64 - SLOT_BITS)
_MIX, _STEP = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F)
_PLACE, _LEAD, _ENDS = np.uint64(0x165667B19E3779F9), np.uint64(0x27D4EB2F165667C5), np.uint64(0x85EBCA77)


@dataclass(frozen=True, slots=True, eq=False)
class Linear:
    """The weights of the slots, as they are stored."""

    weights: NDArray[np.int8]
    """[N_SLOTS], in units of `scale`."""
    scale: float
    bias: float


def features(ids: NDArray[np.int32], hashes: NDArray[np.uint64]) -> tuple[Any, Any]:
    """Return (slots i32, values f32) of a passage's runs, each slot once, values of length 1 together.

    `hashes` u64, of each token's name: what a run weighs does not depend on how tokens are numbered.
    """
    slots = np.empty(_MOST_RUNS * len(ids) + 1, dtype=np.int32)
    values = np.empty(len(slots), dtype=np.float32)
    n = _collect(ids, hashes, slots, values)
    return slots[:n], values[:n]


def linear_margin(ids: NDArray[np.int32], hashes: NDArray[np.uint64], linear: Linear) -> float:
    """Return the linear model's margin of a passage for the positive class."""
    slots, values = features(ids, hashes)
    return linear.bias + linear.scale * weighted_sum(slots, values, linear.weights)


@jit
def weighted_sum(slots: Any, values: Any, weights: Any) -> float:
    """Return the sum of values by the weights of their slots."""
    total = 0.0
    for k in range(slots.shape[0]):
        total += values[k] * weights[slots[k]]
    return total


@jit
def _collect(ids: Any, hashes: Any, slots: Any, values: Any) -> int:
    """Return how many slots a passage has, after writing them and their values."""
    n = ids.shape[0]
    size = 64
    while size < 2 * _MOST_RUNS * n:
        size *= 2
    places = np.zeros(size, dtype=np.int32)
    found, lead, ends, n_ends = 0, 0, np.uint64(0), 0
    for at in range(n):
        run = hashes[ids[at]]
        found = _add(run, places, slots, values, found)
        found = _add(run + _PLACE * np.uint64(1 + 3 * at // n), places, slots, values, found)
        if lead == 0:
            found = _add(run ^ _LEAD, places, slots, values, found)
        for length in range(1, 3):
            if at + length < n:
                run = (run ^ (run >> np.uint64(29))) * _STEP + hashes[ids[at + length]]
                found = _add(run, places, slots, values, found)
                if lead == 0:
                    found = _add(run ^ _LEAD, places, slots, values, found)
        lead += 1
        if LINE_END <= ids[at] < QUESTION:
            lead = 0
            ends = (ends << np.uint64(2)) | np.uint64(ids[at] - LINE_END)
            n_ends += 1
            for length in range(2, 5):
                if n_ends >= length:
                    last = ends & ((np.uint64(1) << np.uint64(2 * length)) - np.uint64(1))
                    found = _add(_ENDS * np.uint64(length) + last, places, slots, values, found)
    squares = 0.0
    for k in range(found):
        values[k] = 1 + np.log(values[k])
        squares += values[k] * values[k]
    for k in range(found):
        values[k] /= np.sqrt(squares)
    return found


@jit
def _add(run: Any, places: Any, slots: Any, values: Any, found: int) -> int:
    """Return how many slots there are after counting one run; `places` holds one more than a slot's place."""
    mixed = (run ^ (run >> np.uint64(32))) * _MIX
    slot = np.int32(mixed >> _SHIFT)
    mask = places.shape[0] - 1
    at = slot & mask
    while places[at] != 0:
        if slots[places[at] - 1] == slot:
            values[places[at] - 1] += 1
            return found
        at = (at + 1) & mask
    places[at] = found + 1
    slots[found] = slot
    values[found] = 1
    return found + 1
