"""From a sample to the whole: rates, lines and what has not been seen, each with how sure it is."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from corpusforge.cost.amount import Cost

SURE = 2.0
"""Standard errors on either side: 95 of 100 times, were errors normal."""
FLOOR = 0.05
"""Nothing is told closer than that; CPU of the same work differs by twice as much on a shared machine."""
_UNKNOWN_SHARE = 0.5
"""How far off what one window alone tells may be."""


@dataclass(frozen=True, slots=True)
class Observation:
    """A window that was made: its bytes in the dump, what it took, and what was kept of it."""

    n_bytes: int
    cost: Cost
    documents: float = 0.0
    text_bytes: float = 0.0


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure and its standard error."""

    value: float
    error: float = 0.0

    def __add__(self, other: Estimate) -> Estimate:
        return Estimate(self.value + other.value, math.hypot(self.error, other.error))

    def times(self, factor: float) -> Estimate:
        """Return it multiplied by what is known."""
        return Estimate(self.value * factor, self.error * abs(factor))

    def between(self, floor: float = 0.0) -> tuple[float, float, float]:
        """Return (low, value, high); at least a share `floor` of the value on either side."""
        half = max(SURE * self.error, floor * abs(self.value))
        return max(0.0, self.value - half), self.value, self.value + half


def total_of(seen: Sequence[tuple[float, float]], whole: float) -> Estimate:
    """Return the sum of y over all, told from some (x, y) whose x add up to a share of `whole`.

    The ratio estimator with its usual standard error, none where all was seen (Cochran, Sampling
    Techniques, 1977, 6.4). One observation tells nothing of how they vary.
    """
    x, y = math.fsum(one for one, _ in seen), math.fsum(two for _, two in seen)
    if not seen or x <= 0:
        return Estimate(0.0, 0.0)
    ratio, left = y / x, max(0.0, 1 - x / whole) if whole else 0.0
    if len(seen) == 1:
        return Estimate(ratio * whole, _UNKNOWN_SHARE * abs(ratio * whole) * math.sqrt(left))
    squares = math.fsum((two - ratio * one) ** 2 for one, two in seen) / (len(seen) - 1)
    n_whole = whole / (x / len(seen))
    return Estimate(ratio * whole, n_whole * math.sqrt(left * squares / len(seen)))


def on_line(fixed: float, fixed_units: float, seen: float, seen_units: float, units: float) -> float:
    """Return what so many units take, on the line through what few and what many took; it does not fall."""
    rate = max(0.0, seen - fixed) / (seen_units - fixed_units) if seen_units > fixed_units else 0.0
    return max(fixed, seen + rate * (units - seen_units)) if units >= fixed_units else fixed


def distinct(seen_times: Mapping[int, int], whole: float) -> Estimate:
    """Return how many clusters `whole` documents have, told from a sample: `seen_times[k]` have k in it.

    Good and Toulmin's estimator; where more than twice the sample is asked for, smoothed by a binomial
    tail (Orlitsky, Suresh, Wu: Optimal prediction of the number of unseen species, PNAS 2016). It lies
    between as many as were seen and one more for each document that was not.
    """
    n = sum(times * count for times, count in seen_times.items())
    found = sum(seen_times.values())
    if not n:
        return Estimate(whole)
    t = max(0.0, whole / n - 1)
    unseen = math.fsum(
        -((-t) ** times) * _weight(times, t, n) * count for times, count in seen_times.items() if t
    )
    unseen = min(max(0.0, unseen), t * n)
    # Between no more duplicates than in the sample by share, and what is told: how far that is, is the doubt.
    by_share = t * found
    return Estimate(found + unseen, abs(by_share - unseen) / (2 * SURE))


def _weight(times: int, t: float, n: int) -> float:
    """Return P(L >= times) of a binomial L that ends the alternating series early; 1 where it converges."""
    if t <= 1:
        return 1.0
    trials = max(1, math.floor(0.5 * math.log2(n * t * t / (t - 1)))) if n * t * t > (t - 1) else 1
    chance = 2 / (2 + t)
    return math.fsum(
        math.comb(trials, k) * chance**k * (1 - chance) ** (trials - k) for k in range(times, trials + 1)
    )


def next_stratum(
    seen: Sequence[tuple[int, float, float]], left: Sequence[bool], least: int = 3
) -> int | None:
    """Return which stratum to look at next; None where none has anything left.

    `seen` is, of each, (observations, standard error of its total, seconds of one observation). Those seen
    less than `least` times come first; then the one whose variance falls most by the second (Neyman).
    """
    open_places = [place for place, has_left in enumerate(left) if has_left]
    if not open_places:
        return None
    few = [place for place in open_places if seen[place][0] < least]
    if few:
        return min(few, key=lambda place: (seen[place][0], place))

    def gain(place: int) -> float:
        count, error, seconds = seen[place]
        return error * error / (count + 1) / max(1e-6, seconds)

    return max(open_places, key=lambda place: (gain(place), -place))
