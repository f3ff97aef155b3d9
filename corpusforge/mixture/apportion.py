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


def apportion(
    total: int,
    weights: Mapping[str, Fraction],
    caps: Mapping[str, int],
    floors: Mapping[str, int] | None = None,
) -> dict[str, int]:
    """Return whole numbers that sum to `total`, in proportion to weights, between floors and caps.

    Who would be over its cap, or under its floor, is frozen there and the rest is apportioned
    among the others, repeated until all are within: the side that is violated by more goes
    first, so that what is frozen stays right. Raises `Shortage` where all caps together are too
    little, or a floor is over its cap, and ValueError where all floors together are too much.
    """
    lowest = {name: (floors or {}).get(name, 0) for name in weights}
    counts = dict(lowest)
    active = {name: weight for name, weight in weights.items() if weight > 0}
    _check_possible(total, active, caps, lowest)
    rest = total - sum(count for name, count in lowest.items() if name not in active)
    while rest or active:
        shares = hamilton(rest, active)
        over = {name: share - caps[name] for name, share in shares.items() if share > caps[name]}
        under = {name: lowest[name] - share for name, share in shares.items() if share < lowest[name]}
        if not over and not under:
            counts.update(shares)
            break
        excess = sum(over.values()) - sum(under.values())
        frozen = {name: caps[name] for name in over} if excess >= 0 else {}
        frozen |= {name: lowest[name] for name in under} if excess <= 0 else {}
        counts.update(frozen)
        rest -= sum(frozen.values())
        for name in frozen:
            del active[name]
    if sum(counts.values()) != total:
        raise AssertionError(f"apportioned {sum(counts.values())} of {total}")
    return counts


def _check_possible(
    total: int, active: Mapping[str, Fraction], caps: Mapping[str, int], floors: Mapping[str, int]
) -> None:
    for name, floor in floors.items():
        if floor > caps[name]:
            raise Shortage(floor, caps[name])
    available = sum(caps[name] for name in active)
    available += sum(floor for name, floor in floors.items() if name not in active)
    if available < total:
        raise Shortage(total, available)
    if sum(floors.values()) > total:
        least = sum(floors.values())
        raise ValueError(
            f"all minima together are {least} samples, {least - total} over the whole of {total}"
        )
