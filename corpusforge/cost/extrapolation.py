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
    records: float = 0.0
    """That came to be documents or were dropped by what they hold."""
    raw_bytes: float = 0.0
    """Of these records, unpacked."""


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


def surest_total(along: Sequence[tuple[Sequence[float], float]], y: Sequence[float]) -> Estimate:
    """Return the sum of y over all, along the x that tells it most surely.

    `along`: of each quantity that might tell it, (x of those seen, sum of x over all); 0 where none is known.
    """
    told = [total_of(list(zip(x, y, strict=True)), whole) for x, whole in along if whole > 0 and sum(x) > 0]
    return min(told, key=lambda one: one.error / one.value if one.value else 0.0, default=Estimate(0.0))


def on_line(fixed: float, fixed_units: float, seen: float, seen_units: float, units: float) -> float:
    """Return what so many units take, on the line through what few and what many took; it does not fall."""
    rate = max(0.0, seen - fixed) / (seen_units - fixed_units) if seen_units > fixed_units else 0.0
    return max(fixed, seen + rate * (units - seen_units)) if units >= fixed_units else fixed


def stands_for(seen_times: Mapping[int, int], n_seen: int, n_units: int) -> dict[int, float]:
    """Return {k: how many clusters of the whole one stands for that is in k of the units seen}.

    `seen_times[k]` clusters are in k of `n_seen` units, drawn from `n_units`. How many units the clusters of
    the whole are in is found by maximum likelihood: a cluster in n of all is in k of those seen by the
    hypergeometric law, and in none is not seen. One stands then for one by its chance to have been seen
    (Horvitz and Thompson). Units are windows, not documents: those of a window come together, and what is
    twice within a window is seen twice as often in a sample as in the whole.
    """
    if n_seen >= n_units or not seen_times:
        return dict.fromkeys(seen_times, 1.0)
    times, sizes = sorted(seen_times), _sizes(n_units)
    missed = [_chance(0, n_seen, size, n_units) for size in sizes]
    chances = [
        [_chance(k, n_seen, size, n_units) / (1 - none) for size, none in zip(sizes, missed, strict=True)]
        for k in times
    ]
    share = [size**-2.0 for size in sizes]  # most are alone: where likelihood tells little
    of_size: list[list[float]] = []
    for _ in range(_ROUNDS):
        of_size = [_normed([one * of for one, of in zip(row, share, strict=True)]) for row in chances]
        share = [
            math.fsum(seen_times[k] * row[place] for k, row in zip(times, of_size, strict=True))
            for place in range(len(sizes))
        ]
    return {
        k: math.fsum(part / (1 - none) for part, none in zip(row, missed, strict=True))
        for k, row in zip(times, of_size, strict=True)
    }


_ROUNDS = 30
"""Of expectation and maximisation: ten times as many tell the same within 3 %."""


def _sizes(most: int) -> list[int]:
    """Return numbers from 1 to `most`, each by a quarter larger than the one before, or by 1."""
    sizes = [1]
    while sizes[-1] < most:
        sizes.append(min(most, max(sizes[-1] + 1, sizes[-1] * 5 // 4)))
    return sizes


def _chance(k: int, drawn: int, size: int, whole: int) -> float:
    """Return how likely k of `drawn` are among `size` of the whole (hypergeometric)."""
    if k > min(drawn, size) or size - k > whole - drawn:
        return 0.0
    return math.exp(_log_comb(size, k) + _log_comb(whole - size, drawn - k) - _log_comb(whole, drawn))


def _log_comb(n: int, k: int) -> float:
    return math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)


def _normed(row: Sequence[float]) -> list[float]:
    total = math.fsum(row)
    return [value / total for value in row] if total else [*[0.0] * (len(row) - 1), 1.0]


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
