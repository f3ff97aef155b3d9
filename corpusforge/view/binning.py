"""Values to bins for a histogram: edges that suit them, counts that stand for a whole snapshot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_BINS = 40


@dataclass(frozen=True, slots=True)
class Bins:
    """Counts between edges."""

    edges: list[float]
    counts: list[int]
    is_log: bool
    """Whether the edges grow by a factor."""
    is_steep: bool
    """Whether some bins are a thousand times as high as others that hold something."""


def binned(values: Sequence[NDArray[np.float64]], weights: Sequence[float]) -> Bins:
    """Return the bins of values, each sequence of them counted by its weight; at least one value."""
    every = np.concatenate(values)
    every = every[np.isfinite(every)]
    edges, is_log = _edges(every)
    total = np.zeros(len(edges) - 1)
    for part, weight in zip(values, weights, strict=True):
        total += np.histogram(np.clip(part, edges[0], edges[-1]), edges)[0] * weight
    counts = [round(float(n)) for n in total]
    held = [n for n in counts if n]
    return Bins(list(map(float, edges)), counts, is_log, bool(held) and max(held) > 300 * min(held))


def _edges(values: NDArray[np.float64]) -> tuple[NDArray[np.float64], bool]:
    if not len(values):
        return np.array([0.0, 1.0]), False
    low, high = float(values.min()), float(values.max())
    if low >= 0 and high <= 1:
        return np.linspace(0.0, 1.0, _BINS + 1), False
    positive = values[values > 0]
    if low >= 0 and len(positive) and high > 30 * max(float(np.median(positive)), 1.0):
        start = max(float(positive.min()), high / 1e9)
        edges = np.geomspace(start, high * 1.0001, _BINS + 1)
        return (np.concatenate([[0.0], edges]) if low < start else edges), True
    if low == high:
        return np.array([low - 0.5, high + 0.5]), False
    if high - low <= _BINS and bool(np.all(values == np.round(values))):
        return np.arange(np.floor(low) - 0.5, np.ceil(high) + 1.0), False
    return np.linspace(low, high, _BINS + 1), False
