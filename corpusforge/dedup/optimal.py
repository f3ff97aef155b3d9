"""The bands and rows that fit a threshold best."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

_STEPS = 2000


@lru_cache(maxsize=32)
def optimal_bands(
    threshold: float,
    permutations: int,
    false_positive_weight: float = 0.5,
    false_negative_weight: float = 0.5,
) -> tuple[int, int]:
    """Return (bands, rows), bands x rows <= permutations, as `datasketch.MinHashLSH` chooses them.

    They minimise the weighted sum of two areas: under the S-curve 1 - (1 - s^rows)^bands
    below the threshold, and over it above the threshold. Ties go to the fewest bands.
    """
    low, high = _middles(0.0, threshold), _middles(threshold, 1.0)
    best, least = (1, 1), float("inf")
    for bands in range(1, permutations + 1):
        for rows in range(1, permutations // bands + 1):
            false_positive = float((1 - (1 - low**rows) ** bands).mean()) * threshold
            false_negative = float(((1 - high**rows) ** bands).mean()) * (1 - threshold)
            error = false_positive_weight * false_positive + false_negative_weight * false_negative
            if error < least:
                best, least = (bands, rows), error
    return best


def _middles(start: float, stop: float) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return start + (np.arange(_STEPS) + 0.5) * (stop - start) / _STEPS
