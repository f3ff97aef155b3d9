"""How many samples each arm of a recipe takes from each key: whole numbers, exact, with reasons.

A key is what a recipe does not divide further: a subset (`web`, `math/generic`) or one of
its selections (`multilingual#zh`). Counts are in samples' worth: `sequence_length` tokens.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import ceil

from corpusforge.mixture.apportion import Shortage, apportion
from corpusforge.mixture.planfile import FULL
from corpusforge.mixture.recipe import ArmRecipe, Recipe, Swap
from corpusforge.printable import counted_as

Counts = dict[str, int]


def count_arms(recipe: Recipe, supply: Mapping[str, int]) -> dict[str, Counts]:
    """Return samples' worth by key of every arm, full first, over a supply counted likewise.

    Raises ValueError where a budget is impossible: the line says what is short and by how much.
    """
    samples = recipe.budget_tokens // recipe.sequence_length
    limits = _limits(recipe, supply, samples)
    nothing = dict.fromkeys(recipe.keys(), 0)
    full = _add(recipe, nothing, samples, recipe.units(), limits, f"recipe {recipe.name}")
    arms = {FULL: full}
    for name, arm in recipe.arms.items():
        arms[name] = _derive(recipe, name, arm, full, limits)
    for name, counts in arms.items():
        _check_limits(recipe, name, counts, limits)
        if sum(counts.values()) != samples:
            raise AssertionError(f"arm {name} has {sum(counts.values())} samples of {samples}")
    return arms


@dataclass(frozen=True, slots=True, kw_only=True)
class _Limits:
    """Supply, and what each domain, subset and selection may be given, in samples' worth."""

    supply: Counts
    caps: Counts
    floors: Counts


def _limits(recipe: Recipe, supply: Mapping[str, int], samples: int) -> _Limits:
    names = recipe.names()
    leaves = {name: [key for key in recipe.keys() if _holds(recipe, name, key)] for name in names}
    most = Fraction(recipe.max_epochs)
    caps = {name: sum(int(supply[key] * most) for key in keys) for name, keys in leaves.items()}
    for name, share in recipe.maximum.items():
        caps[name] = min(caps[name], int(samples * Fraction(share)))
    floors = {name: ceil(samples * Fraction(share)) for name, share in recipe.minimum.items()}
    for place, limited in (("minimum", recipe.minimum), ("maximum", recipe.maximum)):
        for name in limited:
            if any(unit != name and _holds(recipe, name, unit) for unit in recipe.units()):
                raise ValueError(f"{place}.{name}: its parts have weights of their own: limit those")
    total = {name: sum(supply[key] for key in keys) for name, keys in leaves.items()}
    return _Limits(supply=total, caps=caps, floors=floors)


def _holds(recipe: Recipe, name: str, part: str) -> bool:
    return name == part or part in recipe.below(name)


def _leaves(recipe: Recipe, name: str) -> list[str]:
    return [key for key in recipe.keys() if _holds(recipe, name, key)]


def _room(recipe: Recipe, name: str, base: Counts, limits: _Limits, closed: frozenset[str]) -> int:
    """Return how much more a domain, subset or selection can take."""
    parts = recipe.children(name)
    if not parts:
        return 0 if name in closed else limits.caps[name] - base[name]
    below = sum(_room(recipe, part, base, limits, closed) for part in parts)
    return max(0, min(below, limits.caps[name] - _given(recipe, name, base)))


def _needed(recipe: Recipe, name: str, base: Counts, limits: _Limits) -> int:
    """Return how much more a domain, subset or selection must be given."""
    below = sum(_needed(recipe, part, base, limits) for part in recipe.children(name))
    return max(below, limits.floors.get(name, 0) - _given(recipe, name, base))


def _given(recipe: Recipe, name: str, counts: Counts) -> int:
    return sum(counts[key] for key in _leaves(recipe, name))


def _add(
    recipe: Recipe,
    base: Counts,
    samples: int,
    units: Mapping[str, Fraction],
    limits: _Limits,
    what: str,
    closed: frozenset[str] = frozenset(),
) -> Counts:
    """Return `base` with samples added to units by weight, and to their parts by supply."""
    counts = dict(base)
    _share_out(recipe, counts, samples, units, limits, what, closed)
    return counts


def _share_out(
    recipe: Recipe,
    counts: Counts,
    samples: int,
    weights: Mapping[str, Fraction],
    limits: _Limits,
    what: str,
    closed: frozenset[str],
) -> None:
    """Add samples to the keys below the names that have weights. `counts` is changed."""
    room = {name: _room(recipe, name, counts, limits, closed) for name in weights}
    needed = {name: 0 if room[name] == 0 else _needed(recipe, name, counts, limits) for name in weights}
    try:
        shares = apportion(samples, weights, room, needed)
    except Shortage as short:
        raise ValueError(_shortage(recipe, what, short, weights, room)) from None
    except ValueError as error:
        raise ValueError(f"{what}: {error}") from None
    for name, share in shares.items():
        parts = recipe.children(name)
        if not parts:
            counts[name] += share
        elif share:
            supply = {part: Fraction(limits.supply[part]) for part in parts}
            _share_out(recipe, counts, share, supply, limits, what, closed)


def _shortage(
    recipe: Recipe, what: str, short: Shortage, units: Mapping[str, Fraction], room: Mapping[str, int]
) -> str:
    length = recipe.sequence_length
    missing = (short.wanted - short.available) * length
    each = ", ".join(f"{unit} {room[unit] * length:,}" for unit in sorted(units) if units[unit] > 0)
    return (
        f"{what}: {missing:,} tokens short: {short.wanted * length:,} wanted, "
        f"{short.available * length:,} left at {counted_as(recipe.max_epochs, 'epoch')} "
        f"({each or 'nobody can take them'})"
    )


def _check_limits(recipe: Recipe, arm: str, counts: Counts, limits: _Limits) -> None:
    """Raise ValueError where a swap or a removal broke a minimum or a maximum that it did not name."""
    without = recipe.arms[arm].without if arm in recipe.arms else ()
    for name in recipe.maximum:
        over = (_given(recipe, name, counts) - limits.caps[name]) * recipe.sequence_length
        if over > 0:
            raise ValueError(f"arm {arm}: {over:,} tokens more of {name} than maximum.{name} allows")
    for name, floor in limits.floors.items():
        removed = any(_holds(recipe, part, key) for part in without for key in _leaves(recipe, name))
        short = (floor - _given(recipe, name, counts)) * recipe.sequence_length
        if not removed and short > 0:
            raise ValueError(f"arm {arm}: {short:,} tokens short: minimum.{name} asks for more of it")


def _derive(recipe: Recipe, name: str, arm: ArmRecipe, full: Counts, limits: _Limits) -> Counts:
    """Return samples' worth by key of an arm: `without` first, then the swap."""
    removed = frozenset(key for part in arm.without for key in _leaves(recipe, part))
    counts = {key: 0 if key in removed else count for key, count in full.items()}
    freed = sum(full.values()) - sum(counts.values())
    if freed:
        units = _receivers(recipe, name, arm, removed)
        counts = _add(recipe, counts, freed, units, limits, f"arm {name}", removed)
    return _swapped(recipe, name, arm.swap, counts, limits) if arm.swap else counts


def _receivers(recipe: Recipe, name: str, arm: ArmRecipe, removed: Iterable[str]) -> dict[str, Fraction]:
    """Return who takes what an arm leaves, by weight."""
    gone = set(removed)
    units = {unit: w for unit, w in recipe.units().items() if not gone.issuperset(_leaves(recipe, unit))}
    if arm.redistribute == "proportional":
        return units
    chosen: dict[str, Fraction] = {}
    for entry in arm.redistribute:
        taking = {unit: weight for unit, weight in units.items() if _holds(recipe, entry, unit)}
        if not taking:
            raise ValueError(f"arm {name}: redistribute: {entry!r} has no weight of its own that stays")
        chosen.update(taking)
    return chosen


def _swapped(recipe: Recipe, name: str, swap: Swap, counts: Counts, limits: _Limits) -> Counts:
    """Return counts with whole samples moved from one key to another."""
    length = recipe.sequence_length
    samples = swap.tokens // length
    if not samples:
        raise ValueError(f"arm {name}: swap.tokens {swap.tokens:,} is less than one sample of {length:,}")
    if counts[swap.from_] < samples:
        short = (samples - counts[swap.from_]) * length
        raise ValueError(
            f"arm {name}: {short:,} tokens short: {swap.from_} has {counts[swap.from_] * length:,}"
        )
    room = limits.caps[swap.to] - counts[swap.to]
    if room < samples:
        short = (samples - room) * length
        raise ValueError(
            f"arm {name}: {short:,} tokens short: {swap.to} can take {room * length:,} more "
            f"at {counted_as(recipe.max_epochs, 'epoch')}"
        )
    return {**counts, swap.from_: counts[swap.from_] - samples, swap.to: counts[swap.to] + samples}
