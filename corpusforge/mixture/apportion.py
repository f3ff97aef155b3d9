"""Whole numbers in given proportions: Hamilton's method, exact, with caps."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction


class Shortage(ValueError):
    """More was asked for than all caps together allow."""

    def __init__(self, wanted: int, available: int) -> None:
        super().__init__(f"{wanted} wanted, {available} available")
        self.wanted = wanted
        self.available = available


def hamilton(total: int, weights: Mapping[str, Fraction]) -> dict[str, int]:
    """Return whole numbers that sum to `total`, each within one of its exact share.

    The largest remainders are rounded up; ties go to the name that sorts first.
    """
    whole = sum(weights.values())
    if whole <= 0:
        raise ValueError("no weight is above zero")
    shares = {name: total * weight / whole for name, weight in weights.items()}
    counts = {name: int(share) for name, share in shares.items()}
    by_remainder = sorted(shares, key=lambda name: (counts[name] - shares[name], name))
    for name in by_remainder[: total - sum(counts.values())]:
        counts[name] += 1
    return counts


def apportion(total: int, weights: Mapping[str, Fraction], caps: Mapping[str, int]) -> dict[str, int]:
    """Return whole numbers that sum to `total`, in proportion to weights, none over its cap.

    Who would be over its cap is frozen there, and the rest is apportioned among the others,
    repeated until nobody is over. Raises `Shortage` where all caps together are too little.
    """
    counts = dict.fromkeys(weights, 0)
    active = {name: weight for name, weight in weights.items() if weight > 0}
    available = sum(caps[name] for name in active)
    if available < total:
        raise Shortage(total, available)
    rest = total
    while rest:
        shares = hamilton(rest, active)
        over = [name for name, count in shares.items() if count > caps[name]]
        if not over:
            counts.update(shares)
            break
        for name in over:
            counts[name] = caps[name]
            rest -= caps[name]
            del active[name]
    if sum(counts.values()) != total:
        raise AssertionError(f"apportioned {sum(counts.values())} of {total}")
    return counts
