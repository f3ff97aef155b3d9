"""Plans that read each source of a subset by itself, and pin its tokens to those of another plan.

Removing duplicates changes how much each source gives, and with it the mixture that a plan reads: two
snapshots then differ in both. With `by_source` every source is a selection of its own, and a plan that is
pinned reads as many tokens of each (domain, subset, source) as the other did.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any

from corpusforge.domains import supply_key
from corpusforge.mixture.planfile import Arm, Plan
from corpusforge.mixture.recipe import REST, Recipe
from corpusforge.mixture.supply import Supply
from corpusforge.printable import counted_as
from corpusforge.shards.snapshot import Index


def with_sources(recipe: Recipe, index: Index, more: Iterable[str] = ()) -> Recipe:
    """Return a recipe `by_source` with a selection for each source of each subset; another as it is.

    `more`: keys (`web#news`) that are declared although the snapshot holds nothing of them. Raises
    ValueError where the recipe has selections of its own, or the index does not tell of sources.
    """
    if not recipe.by_source:
        return recipe
    if recipe.selections:
        raise ValueError(
            f"recipe {recipe.name}: by_source and [selections] both divide subsets: leave one of them out"
        )
    rows: list[Mapping[str, Any]] = index.header["conservation"].get("rows", [])
    if index.rows and not rows:
        raise ValueError(f"snapshot {index.snapshot}: its index does not tell what each source gave")
    found = {
        f"{supply_key(row['domain'], row['subset'])}#{row['source']}" for row in rows if row["documents"]
    }
    selections = {key: {"source": (key.partition("#")[2],)} for key in sorted(found | set(more))}
    for key in selections:
        if key.endswith(f"#{REST}"):
            raise ValueError(
                f"{key}: a source of this name cannot be read by itself: that is what is left over"
            )
    return Recipe.model_validate(
        recipe.model_dump(by_alias=True, exclude_unset=True) | {"selections": selections}
    )


def pinned_recipe(recipe: Recipe, plan: Plan, arm: Arm, index: Index, named: str) -> Recipe:
    """Return a recipe `by_source` whose tokens of each source are those of another plan's arm.

    Minima and maxima are left out: the other plan has kept them. Raises ValueError, in one line, where the
    two cannot be compared.
    """
    if not recipe.by_source:
        raise ValueError(f"recipe {recipe.name}: --pin needs by_source = true in the recipe")
    for field in ("sequence_length", "packing"):
        if getattr(plan, field) != getattr(recipe, field):
            raise ValueError(
                f"{named}: {field} is {getattr(plan, field)}, the recipe's is {getattr(recipe, field)}"
            )
    read = [row for row in arm.rows if row.samples]
    for row in read:
        if not row.selection or row.prefix is not None:
            raise ValueError(
                f"{named}: reads {row.key} without telling its sources: make it of a recipe with "
                "by_source = true"
            )
    tokens = {row.key: row.tokens for row in read}
    pinned: dict[str, Any] = {"weights": {}, "minimum": {}, "maximum": {}, "budget_tokens": plan.tokens}
    whole = with_sources(recipe, index, tokens).model_dump(by_alias=True, exclude_unset=True)
    return Recipe.model_validate({**whole, **pinned, "tokens": tokens})


def check_pinned(recipe: Recipe, supply: Mapping[str, Supply]) -> None:
    """Raise ValueError, naming the source, where a snapshot has too little for the tokens that are pinned."""
    for key, tokens in recipe.tokens.items():
        samples = supply[key].n_tokens // recipe.sequence_length
        room = int(samples * Fraction(recipe.max_epochs)) * recipe.sequence_length
        if room < tokens:
            raise ValueError(
                f"{key}: {tokens:,} tokens are pinned, {room:,} are there at "
                f"{counted_as(recipe.max_epochs, 'epoch')}, {tokens - room:,} short: allow more epochs, or "
                "pin a plan of a smaller budget"
            )
