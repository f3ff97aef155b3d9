"""From the weights that a fitter found over a swarm back to the recipe of its target.

A fit is a JSON file: {"swarm": id, "weights": {"web": 0.55, ...}}, or what Olmix writes, a list of
{"domain": ..., "weight": ...}. It holds for the buckets of its swarm and for no others.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, cast

from pydantic import ValidationError

from corpusforge.files import exists, join, read_bytes
from corpusforge.mixture.buckets import drift
from corpusforge.mixture.recipe import Recipe
from corpusforge.mixture.supply import read_supply
from corpusforge.mixture.swarmfiles import BUCKETS, FOLDER, Buckets, list_swarms, read_buckets
from corpusforge.printable import counted_as
from corpusforge.settings_faults import explain
from corpusforge.shards.format import index_path
from corpusforge.shards.snapshot import Index

_FORM = '{"swarm": "<id>", "weights": {"web": 0.55, …}}, or Olmix\'s list of {"domain": …, "weight": …}'


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """The weights that a fitter found."""

    swarm: str | None
    """Id of the swarm that it was fitted on; None where the file does not say."""
    weights: dict[str, Decimal]


def read_fit(path: str) -> Fit:
    """Return the fit in a file; ValueError, in one line that names it, where it holds none."""
    try:
        value: object = json.loads(read_bytes(path), parse_float=Decimal, parse_int=Decimal)
    except ValueError as error:
        raise ValueError(f"{path}: not JSON: {error}") from None
    swarm: object = None
    weights: object = None
    if isinstance(value, dict):
        entries = cast("dict[str, object]", value)
        if unknown := sorted(set(entries) - {"swarm", "weights"}):
            raise ValueError(f"{path}: unknown key {unknown[0]!r}: expected {_FORM}")
        swarm, weights = entries.get("swarm"), entries.get("weights")
    elif isinstance(value, list):
        weights = _listed(path, cast("list[Any]", value))
    if not isinstance(weights, dict) or not weights or not isinstance(swarm, str | None):
        raise ValueError(f"{path}: no fit: expected {_FORM}")
    found = cast("dict[str, object]", weights)
    for unit, weight in found.items():
        if not isinstance(weight, Decimal) or not weight.is_finite() or weight < 0:
            raise ValueError(f"{path}: weights.{unit}: expected a number, 0 or more, got {weight!s}")
    return Fit(swarm=swarm, weights=cast("dict[str, Decimal]", found))


def _listed(path: str, value: list[Any]) -> dict[str, Any]:
    weights: dict[str, Any] = {}
    for item in value:
        entry = cast("dict[str, Any]", item) if isinstance(item, dict) else {}
        if set(entry) != {"domain", "weight"}:
            raise ValueError(f"{path}: no fit: expected {_FORM}")
        name = str(entry["domain"])
        if name in weights:
            raise ValueError(f"{path}: {name} stands there twice")
        weights[name] = entry["weight"]
    return weights


def buckets_of_fit(corpus: str, fit: Fit, path: str | None, fit_path: str) -> Buckets:
    """Return the buckets that a fit is of: those in a file, or of the swarm in the corpus that it names.

    Raises ValueError, in one line, where there are none, or they are another swarm's.
    """
    if path is None:
        if fit.swarm is None:
            raise ValueError(f"{fit_path}: does not say which swarm it is of: name its file with --buckets")
        names = [name for name in list_swarms(corpus) if name.endswith(f"-{fit.swarm}")]
        if not names:
            raise ValueError(
                f"{fit_path}: of swarm {fit.swarm}, which is not in {join(corpus, FOLDER)}: name its "
                f"{BUCKETS} with --buckets"
            )
        path = join(corpus, FOLDER, names[0], BUCKETS)
    buckets = read_buckets(path)
    if fit.swarm is not None and fit.swarm != buckets.swarm:
        raise ValueError(f"{fit_path}: of swarm {fit.swarm}, {path} is of {buckets.swarm}")
    return buckets


def fitted_recipe(recipe: Recipe, fit: Fit, buckets: Buckets, fit_path: str) -> Recipe:
    """Return the recipe with the fit's weights, named `<recipe>-fit`.

    Raises ValueError, in one line, where the fit has other names than the swarm's units, or the recipe
    another form or budget than the swarm's target.
    """
    for unit in buckets.units:
        if unit not in fit.weights:
            raise ValueError(f"{fit_path}: weights.{unit}: missing: give 0 for none of it")
    for unit in fit.weights:
        if unit not in buckets.units:
            raise ValueError(
                f"{fit_path}: weights.{unit}: not of the swarm, which has {', '.join(buckets.units)}"
            )
    for field in ("sequence_length", "packing", "budget_tokens"):
        of_swarm, given = getattr(buckets, field), getattr(recipe, field)
        if of_swarm != given:
            raise ValueError(
                f"recipe {recipe.name}: {field} is {given}, the swarm's target had {of_swarm}: "
                "repetition would not be what its runs had; give the recipe of the swarm"
            )
    settings = recipe.model_dump(by_alias=True, exclude_unset=True)
    try:
        return Recipe.model_validate(
            {**settings, "name": f"{recipe.name}-fit", "weights": fit.weights, "tokens": {}}
        )
    except ValidationError as error:
        raise ValueError(f"{fit_path}: {next(explain(error, Recipe))}") from None


def reading_all(recipe: Recipe, buckets: Buckets) -> Recipe:
    """Return a recipe that reads every key of a swarm, whatever its own weights are."""
    return recipe.model_copy(update={"weights": dict.fromkeys(buckets.units, Decimal(1)), "tokens": {}})


def check_buckets(corpus: str, index: Index, recipe: Recipe, buckets: Buckets) -> None:
    """Raise ValueError, in one line, where the corpus's buckets are no longer those of a swarm."""
    recipe = reading_all(recipe, buckets)
    keys = recipe.keys()
    found: list[str] = []
    for key, before in buckets.buckets.items():
        supply = read_supply(corpus, index, recipe, key) if key in keys else None
        if told := drift(key, before, corpus, index, supply):
            found.append(told)
    if found:
        more = f" (and {counted_as(len(found) - 1, 'more bucket')})" if len(found) > 1 else ""
        other = ""
        if exists(join(corpus, index_path(buckets.snapshot))):
            other = f", or make the target with --snapshot {buckets.snapshot}, and that --again over this one"
        raise ValueError(
            f"{found[0]}{more}: the fit is of swarm {buckets.swarm} over snapshot {buckets.snapshot}, "
            f"this is {index.snapshot}: make a swarm of this one and fit again{other}"
        )
