"""Recipe and supply to a plan: samples per subset and arm, exact to the token."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from corpusforge.domains import SUBSETS, Domain, supply_key
from corpusforge.files import join, write_bytes
from corpusforge.mixture.apportion import Shortage, apportion
from corpusforge.mixture.planfile import FULL, Arm, Plan, PlanRow, plan_from_bytes, plan_to_bytes
from corpusforge.mixture.recipe import KEYS, ArmRecipe, Recipe, Swap
from corpusforge.shards.snapshot import read_index

_PAIRS = {
    supply_key(domain.value, subset.value): (domain.value, subset.value)
    for domain in Domain
    for subset in SUBSETS[domain]
}


def plan_on_paper(supply_tokens: Mapping[str, int], recipe: Recipe) -> dict[str, Arm]:
    """Return the arms of a recipe over a supply in tokens by key (`web`, `math/generic`), full first.

    Raises ValueError where the supply names something unknown, or a budget is impossible:
    the line says what is short and by how much.
    """
    unknown = sorted(set(supply_tokens) - set(KEYS))
    if unknown:
        raise ValueError(f"supply: unknown {unknown[0]!r}: expected one of {', '.join(KEYS)}")
    supply = {key: supply_tokens.get(key, 0) // recipe.sequence_length for key in KEYS}
    full = _full(recipe, supply)
    counts = {FULL: full}
    for name, arm in recipe.arms.items():
        counts[name] = _derive(recipe, name, arm, full, supply)
    arms = {
        name: Arm(name=name, rows=_rows(count, supply, recipe.sequence_length))
        for name, count in counts.items()
    }
    for name, arm in arms.items():
        if arm.samples != recipe.budget_tokens // recipe.sequence_length:
            raise AssertionError(f"arm {name} has {arm.samples} samples")
    return arms


def make_plan(corpus: str, recipe: Recipe, snapshot: str | None = None) -> Plan:
    """Return the plan of a recipe over a snapshot, the current one unless told.

    Errors as `plan_on_paper`, and ValueError where an arm asks for matching.
    """
    for name, arm in recipe.arms.items():
        if arm.swap and arm.swap.match:
            raise ValueError(f"arm {name}: swap.match works on paper only: no reader matches yet")
    index = read_index(corpus, snapshot)
    supply = {supply_key(*pair): tokens for pair, tokens in index.supply_tokens().items()}
    plan = Plan(
        id="",
        name=recipe.name,
        snapshot=index.snapshot,
        seed=int(index.header["seed"]),
        sequence_length=recipe.sequence_length,
        budget_tokens=recipe.budget_tokens,
        packing="concat",
        recipe_sha256=recipe.fingerprint(),
        arms=plan_on_paper(supply, recipe),
    )
    return plan_from_bytes(plan_to_bytes(plan), recipe.name)


def write_plan(corpus: str, plan: Plan) -> str:
    """Return the path of the file that a plan was written to: `plans/<recipe>-<id>.json`."""
    path = join(corpus, "plans", f"{plan.name}-{plan.id}.json")
    write_bytes(path, plan_to_bytes(plan))
    return path


def arms_table(arms: Mapping[str, Arm], sequence_length: int) -> dict[str, Any]:
    """Return what `mix --json` prints: samples, tokens and epochs per arm, domain and subset.

    Subsets that the arm takes nothing from are left out. `epochs` is rounded to 6 places,
    for a person; the plan itself holds integers only.
    """
    return {
        "arms": {
            name: {
                "samples": arm.samples,
                "rows": [
                    {
                        "domain": row.domain,
                        "subset": row.subset,
                        "samples": row.samples,
                        "tokens": row.samples * sequence_length,
                        "epochs": round(row.samples / row.supply_samples, 6),
                    }
                    for row in arm.rows
                    if row.samples
                ],
            }
            for name, arm in arms.items()
        }
    }


def _rows(counts: Mapping[str, int], supply: Mapping[str, int], sequence_length: int) -> tuple[PlanRow, ...]:
    return tuple(
        PlanRow(
            domain=pair[0],
            subset=pair[1],
            samples=counts[key],
            supply_samples=supply[key],
            tokens=counts[key] * sequence_length,
        )
        for key, pair in sorted(_PAIRS.items(), key=lambda item: item[1])
        if counts[key] or supply[key]
    )


def _keys_of(unit: str) -> list[str]:
    """Return the keys of a unit: all subsets of a domain, or the one subset it names."""
    return [key for key in KEYS if key == unit or key.split("/")[0] == unit]


def _caps(recipe: Recipe, supply: Mapping[str, int]) -> dict[str, int]:
    most = Fraction(recipe.max_epochs)
    return {key: int(samples * most) for key, samples in supply.items()}


def _full(recipe: Recipe, supply: Mapping[str, int]) -> dict[str, int]:
    """Return samples by key of the recipe itself."""
    nothing = dict.fromkeys(KEYS, 0)
    samples = recipe.budget_tokens // recipe.sequence_length
    return _add(recipe, nothing, samples, recipe.units(), supply, f"recipe {recipe.name}")


def _add(
    recipe: Recipe,
    base: Mapping[str, int],
    samples: int,
    units: Mapping[str, Fraction],
    supply: Mapping[str, int],
    what: str,
) -> dict[str, int]:
    """Return `base` with samples added to units by weight, and to their subsets by supply."""
    room = {key: cap - base[key] for key, cap in _caps(recipe, supply).items()}
    unit_caps = {unit: sum(room[key] for key in _keys_of(unit)) for unit in units}
    try:
        added = apportion(samples, units, unit_caps)
    except Shortage as short:
        raise ValueError(_shortage(recipe, what, short, units, unit_caps)) from None
    counts = dict(base)
    for unit, count in added.items():
        keys = _keys_of(unit)
        # Zero supply has zero weight; where nothing is to be added there may be no weight at all.
        shares = apportion(count, {key: Fraction(supply[key]) for key in keys}, room) if count else {}
        for key, share in shares.items():
            counts[key] += share
    return counts


def _shortage(
    recipe: Recipe, what: str, short: Shortage, units: Mapping[str, Fraction], caps: Mapping[str, int]
) -> str:
    length = recipe.sequence_length
    missing = (short.wanted - short.available) * length
    each = ", ".join(f"{unit} {caps[unit] * length}" for unit in sorted(units) if units[unit] > 0)
    return (
        f"{what}: {missing} tokens short: {short.wanted * length} wanted, {short.available * length} left "
        f"at {recipe.max_epochs} epochs ({each or 'nobody can take them'})"
    )


def _derive(
    recipe: Recipe, name: str, arm: ArmRecipe, full: Mapping[str, int], supply: Mapping[str, int]
) -> dict[str, int]:
    """Return samples by key of an arm: `without` first, then the swap."""
    removed = {key for domain in arm.without for key in _keys_of(domain)}
    counts = {key: 0 if key in removed else count for key, count in full.items()}
    units = {
        unit: weight for unit, weight in recipe.units().items() if not removed.intersection(_keys_of(unit))
    }
    if arm.redistribute != "proportional":
        receivers: dict[str, Fraction] = {}
        for entry in arm.redistribute:
            taking = {u: w for u, w in units.items() if set(_keys_of(u)) <= set(_keys_of(entry))}
            if not taking:
                raise ValueError(f"arm {name}: redistribute: {entry!r} has no weight of its own that stays")
            receivers.update(taking)
        units = receivers
    freed = sum(full.values()) - sum(counts.values())
    if freed:
        counts = _add(recipe, counts, freed, units, supply, f"arm {name}")
    return _swap(recipe, name, arm.swap, counts, supply) if arm.swap else counts


def _swap(
    recipe: Recipe, name: str, swap: Swap, counts: dict[str, int], supply: Mapping[str, int]
) -> dict[str, int]:
    """Return counts with whole samples moved from one key to another."""
    length = recipe.sequence_length
    samples = swap.tokens // length
    if not samples:
        raise ValueError(f"arm {name}: swap.tokens {swap.tokens} is less than one sample of {length}")
    if counts[swap.from_] < samples:
        short = (samples - counts[swap.from_]) * length
        raise ValueError(f"arm {name}: {short} tokens short: {swap.from_} has {counts[swap.from_] * length}")
    room = _caps(recipe, supply)[swap.to] - counts[swap.to]
    if room < samples:
        short = (samples - room) * length
        raise ValueError(
            f"arm {name}: {short} tokens short: {swap.to} can take {room * length} more "
            f"at {recipe.max_epochs} epochs"
        )
    return {**counts, swap.from_: counts[swap.from_] - samples, swap.to: counts[swap.to] + samples}
