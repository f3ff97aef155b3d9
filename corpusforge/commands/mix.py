"""`corpusforge mix`: a recipe and a supply -> a plan, exact to the token."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, cast

from corpusforge.commands.console import count, note, show_json, show_table
from corpusforge.commands.errors import usage_error
from corpusforge.commands.output import refuse_overlap
from corpusforge.domains import supply_key
from corpusforge.files import join, overlapping, read_bytes, write_bytes
from corpusforge.mixture.plan import arms_table, make_plan, plan_on_paper, write_plan
from corpusforge.mixture.planfile import FULL, Plan, plan_to_bytes
from corpusforge.mixture.recipe import Recipe, load_recipe


def mix(
    corpus: str | None,
    recipe_path: str | None,
    output: str | None,
    supply_path: str | None,
    as_json: bool,
    *,
    snapshot: str | None = None,
    of_again: Sequence[str] = (),
) -> None:
    """Write the plan of a recipe over a corpus, or over a supply on paper, and print its table.

    `of_again`: options that were given and go with `--again` alone.
    """
    if recipe_path is None:
        raise usage_error("mix needs `--recipe recipe.toml`, or `--again plan.json` over another snapshot")
    if of_again:
        raise usage_error(f"{of_again[0]} goes with --again; `--supply supply.json` plans on paper")
    if supply_path is not None and snapshot is not None:
        raise usage_error("--snapshot goes with a corpus, not with --supply")
    if (corpus is None) == (supply_path is None):
        raise usage_error("mix needs a corpus, or `--supply supply.json` to plan on paper; not both")
    refuse_overlap([recipe_path, supply_path], output)
    if corpus is not None and output and not overlapping([join(corpus, "plans")], output):
        refuse_overlap([corpus], output)
    try:
        recipe = load_recipe(recipe_path)
        if corpus is None:
            shown = _on_paper(recipe, str(supply_path), output)
        else:
            shown = _over_corpus(recipe, corpus, output, snapshot)
    except ValueError as error:  # the recipe, the supply or the budget: one line that says which figure
        raise usage_error(str(error)) from None
    if as_json:
        show_json(shown, sort_keys=True)
    else:
        print_arms(recipe.name, recipe.sequence_length, shown)


def _on_paper(recipe: Recipe, supply_path: str, output: str | None) -> dict[str, Any]:
    shown = arms_table(plan_on_paper(read_supply(supply_path), recipe))
    if output:
        write_bytes(output, (json.dumps(shown, sort_keys=True) + "\n").encode())
        note(f"wrote {output}")
    return shown


def _over_corpus(recipe: Recipe, corpus: str, output: str | None, snapshot: str | None) -> dict[str, Any]:
    plan = make_plan(corpus, recipe, snapshot)
    put_plan(corpus, plan, output)
    return arms_table(plan.arms)


def put_plan(corpus: str, plan: Plan, output: str | None) -> None:
    """Write a plan to a file, or into its corpus, and say where."""
    if output is None:
        path = write_plan(corpus, plan)
    else:
        path = output
        write_bytes(path, plan_to_bytes(plan))
    note(f"wrote {path}")


def read_supply(path: str) -> dict[str, int]:
    """Return the tokens by `web` or `math/generic` of a JSON file.

    Raises ValueError, in one line, where the file is no JSON object of whole numbers.
    """
    try:
        value: object = json.loads(read_bytes(path))
    except ValueError as error:
        raise ValueError(f"{path}: not JSON: {error}") from None
    if not isinstance(value, dict):
        raise ValueError(f'{path}: expected {{"web": tokens, "math/generic": tokens, …}}')
    supply = cast("dict[str, object]", value)
    for key, tokens in supply.items():
        if not isinstance(tokens, int) or isinstance(tokens, bool) or tokens < 0:
            raise ValueError(f"{path}: {key}: expected a whole number of tokens, got {tokens!r}")
    return cast("dict[str, int]", supply)


def print_arms(plan: str, sequence_length: int, shown: Mapping[str, Any]) -> None:
    """Print samples, tokens, shares and epochs of the arms of a plan."""
    for name, arm in sorted(shown["arms"].items(), key=lambda item: (item[0] != FULL, item[0])):
        samples, tokens = int(arm["samples"]), sum(row["tokens"] for row in arm["rows"])
        rows = [
            [
                _name(row),
                count(row["samples"]),
                count(row["tokens"]),
                f"{row['tokens'] / tokens:.2%}",
                f"{row['epochs']:.4f}",
            ]
            for row in arm["rows"]
        ]
        total = ["all", count(samples), count(tokens), "", ""]
        title = f"{plan}, arm {name}: samples of {sequence_length:,} tokens"
        columns = ["domain", "samples", "tokens", "share", "epochs"]
        show_table(title, columns, rows, total=total)


def _name(row: Mapping[str, Any]) -> str:
    key = supply_key(row["domain"], row["subset"])
    return f"{key}#{row['selection']}" if "selection" in row else key
