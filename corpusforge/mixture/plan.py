"""Recipe and supply to a plan: samples per subset and arm, exact to the token."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from corpusforge.files import join, write_bytes
from corpusforge.mixture.arms import count_arms
from corpusforge.mixture.matching import match
from corpusforge.mixture.planfile import Arm, Plan, PlanRow, plan_from_bytes, plan_to_bytes
from corpusforge.mixture.recipe import Recipe, Swap
from corpusforge.mixture.sources import check_pinned, with_sources
from corpusforge.mixture.supply import (
    Supply,
    key_parts,
    packed_supply,
    read_pool,
    read_supply,
    supply_on_paper,
    times_read,
)
from corpusforge.shards.snapshot import Index, read_index


def plan_on_paper(supply_tokens: Mapping[str, int], recipe: Recipe) -> dict[str, Arm]:
    """Return the arms of a recipe over a supply in tokens by key (`web`, `math/generic`), full first.

    Raises ValueError where the supply names something unknown, or a budget is impossible:
    the line says what is short and by how much.
    """
    supply = supply_on_paper(supply_tokens, recipe)
    length = recipe.sequence_length
    counts = count_arms(recipe, {key: entry.n_tokens // length for key, entry in supply.items()})
    return {name: _arm(name, count, supply, 0) for name, count in counts.items()}


def make_plan(
    corpus: str,
    recipe: Recipe,
    snapshot: str | None = None,
    *,
    tables: str | None = None,
    is_pinned: bool = False,
) -> Plan:
    """Return the plan of a recipe over a snapshot, the current one unless told.

    The tables that its samples need are written into the corpus (`plans/samples`), or below `tables`.
    Errors as `plan_on_paper`, and ValueError where selections overlap or a swap finds no match, or where
    the tokens of a recipe that `is_pinned` are more than there are.
    """
    index = read_index(corpus, snapshot)
    seed, asked = int(index.header["seed"]), recipe
    recipe = recipe if is_pinned else with_sources(recipe, index)
    supply = {key: read_supply(corpus, index, recipe, key, tables) for key in recipe.keys()}
    if is_pinned:
        check_pinned(recipe, supply)
    counts = count_arms(
        recipe, {key: entry.n_tokens // recipe.sequence_length for key, entry in supply.items()}
    )
    arms = {name: _arm(name, count, supply, seed) for name, count in counts.items()}
    for name, arm in recipe.arms.items():
        if arm.swap and arm.swap.match:
            try:
                matched = _matched(corpus, tables, index, recipe, name, arm.swap, counts[name], supply)
                arms[name] = matched
            except ValueError as error:
                raise ValueError(f"arm {name}: {error}") from None
    plan = Plan(
        id="",
        name=recipe.name,
        snapshot=index.snapshot,
        seed=seed,
        sequence_length=recipe.sequence_length,
        budget_tokens=recipe.budget_tokens,
        packing=recipe.packing,
        recipe_sha256=asked.fingerprint(),
        arms=arms,
    )
    for arm in arms.values():
        if arm.tokens != plan.tokens:
            raise AssertionError(f"arm {arm.name} has {arm.tokens} tokens of {plan.tokens}")
    return plan_from_bytes(plan_to_bytes(plan), recipe.name)


def _arm(name: str, counts: Mapping[str, int], supply: Mapping[str, Supply], seed: int) -> Arm:
    rows = [supply[key].row(count, seed) for key, count in counts.items() if count or supply[key].n_samples]
    return Arm(name=name, rows=_sorted(rows))


def _sorted(rows: list[PlanRow]) -> tuple[PlanRow, ...]:
    return tuple(sorted(rows, key=lambda row: (row.domain, row.subset, row.selection)))


def _matched(
    corpus: str,
    tables: str | None,
    index: Index,
    recipe: Recipe,
    name: str,
    swap: Swap,
    counts: Mapping[str, int],
    supply: Mapping[str, Supply],
) -> Arm:
    """Return an arm whose swapped-in samples are made of documents that match those swapped out."""
    seed, moved = int(index.header["seed"]), swap.tokens // recipe.sequence_length
    leaving, joining = supply[swap.from_], supply[swap.to]
    stay = leaving.samples_for(counts[swap.from_], seed)[0]
    before = leaving.samples_for(counts[swap.from_] + moved, seed)[0]
    own = counts[swap.to] - moved
    read = joining.samples_for(own, seed)[0]
    whole = read // joining.n_samples * joining.n_samples
    documents, unmatched = match(
        swap,
        read_pool(corpus, index, recipe, swap.from_),
        times_read(leaving, stay, before, seed),
        read_pool(corpus, index, recipe, swap.to),
        times_read(joining, whole, read, seed) > 0,
        seed,
    )
    domain, subset, _ = key_parts(swap.to)
    incoming = packed_supply(tables or corpus, recipe, (domain, subset, f"match:{name}"), iter([documents]))
    rows = _arm(name, {**counts, swap.to: own}, supply, seed).rows
    return Arm(name=name, rows=_sorted([*rows, incoming.row(moved, seed)]), unmatched_tokens=unmatched)


def write_plan(corpus: str, plan: Plan) -> str:
    """Return the path of the file that a plan was written to: `plans/<recipe>-<id>.json`."""
    path = join(corpus, "plans", f"{plan.name}-{plan.id}.json")
    write_bytes(path, plan_to_bytes(plan))
    return path


def arms_table(arms: Mapping[str, Arm]) -> dict[str, Any]:
    """Return what `mix --json` prints: samples, tokens and epochs per arm, domain, subset and selection.

    Subsets that the arm takes nothing from are left out. `epochs` is rounded to 6 places,
    for a person; the plan itself holds integers only.
    """
    return {
        "arms": {
            name: {
                "samples": arm.samples,
                "rows": [_shown(row) for row in arm.rows if row.samples],
            }
            for name, arm in arms.items()
        }
    }


def _shown(row: PlanRow) -> dict[str, Any]:
    selection = {"selection": row.selection} if row.selection else {}
    return {
        "domain": row.domain,
        "subset": row.subset,
        **selection,
        "samples": row.samples,
        "tokens": row.tokens,
        "epochs": round(row.samples / row.supply_samples, 6),
    }
