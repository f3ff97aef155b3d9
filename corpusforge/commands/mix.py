"""`corpusforge mix`: a recipe and a supply -> a plan, exact to the token."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any, cast

from corpusforge.commands.console import count, note, show_json, show_table
from corpusforge.commands.errors import usage_error
from corpusforge.commands.output import refuse_overlap
from corpusforge.commands.plans import check_place, named_arm
from corpusforge.domains import supply_key
from corpusforge.files import read_bytes, write_bytes
from corpusforge.mixture.plan import arms_table, make_plan, plan_on_paper, write_plan
from corpusforge.mixture.planfile import FULL, Plan, plan_to_bytes
from corpusforge.mixture.recipe import Recipe, load_recipe
from corpusforge.mixture.sources import pinned_recipe
from corpusforge.printable import counted_as
from corpusforge.shards.snapshot import read_index


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What `mix` is asked for beside a recipe; two of `swarm`, `fit` and `pin` exclude each other."""

    swarm: bool = False
    fit: str | None = None
    """File of the weights that a fitter found."""
    buckets: str | None = None
    """File of the buckets of the swarm that it was fitted on."""
    pin: str | None = None
    """`PLAN.json:ARM` whose tokens by source are kept."""
    snapshot: str | None = None
    """The snapshot to plan over, the current one unless given."""
    dry_run: bool = False


def mix(
    corpus: str | None,
    recipe_path: str | None,
    output: str | None,
    supply_path: str | None,
    as_json: bool,
    asked: Asked | None = None,
    *,
    of_again: Sequence[str] = (),
) -> None:
    """Write the plan of a recipe over a corpus, or over a supply on paper, and print its table.

    `of_again`: options that were given and go with `--again` alone.
    """
    if recipe_path is None:
        raise usage_error("mix needs `--recipe recipe.toml`, or `--again plan.json` over another snapshot")
    if of_again:
        raise usage_error(f"{of_again[0]} goes with --again PLAN.json")
    asked = asked or Asked()
    _check(corpus, supply_path, asked)
    refuse_overlap([recipe_path, supply_path, asked.fit, asked.buckets], output)
    if corpus is not None:
        check_place(corpus, output, is_swarm=asked.swarm)
    try:
        with ExitStack() as stack:
            tables = None
            if asked.dry_run:  # what a plan needs beside it goes where it is removed again
                tables = stack.enter_context(tempfile.TemporaryDirectory(prefix="corpusforge-"))
                output = None
            recipe = load_recipe(recipe_path)
            if asked.swarm:
                _swarm(corpus, recipe, output, supply_path, tables, asked, as_json)
                return
            if corpus is None:
                shown = _on_paper(recipe, str(supply_path), output)
            else:
                recipe = _fitted(corpus, recipe, asked)
                shown = _over_corpus(recipe, corpus, output, asked, tables)
    except ValueError as error:  # the recipe, the supply or the budget: one line that says which figure
        raise usage_error(str(error)) from None
    if as_json:
        show_json(shown, sort_keys=True)
    else:
        print_arms(recipe.name, recipe.sequence_length, shown)


def _check(corpus: str | None, supply_path: str | None, asked: Asked) -> None:
    if (corpus is None) == (supply_path is None):
        raise usage_error("mix needs a corpus, or `--supply supply.json` to plan on paper; not both")
    if corpus is None and asked.snapshot is not None:
        raise usage_error("--snapshot goes with a corpus, not with --supply")
    given = [name for name in ("swarm", "fit", "pin") if getattr(asked, name)]
    if len(given) > 1:
        raise usage_error(f"--{given[0]} and --{given[1]} make two plans: give one of them")
    if corpus is None and given not in ([], ["swarm"]):
        raise usage_error(f"--{given[0]} needs a corpus, and no --supply")
    if asked.buckets and not asked.fit:
        raise usage_error("--buckets says which swarm a fit is of: give it with --fit")


def _swarm(
    corpus: str | None,
    recipe: Recipe,
    output: str | None,
    supply_path: str | None,
    tables: str | None,
    asked: Asked,
    as_json: bool,
) -> None:
    from corpusforge.commands.swarm import make_swarm, show_swarm_on_paper

    if corpus is None:
        show_swarm_on_paper(recipe, read_supply(str(supply_path)), output, as_json)
    else:
        make_swarm(corpus, recipe, output, snapshot=asked.snapshot, tables=tables, as_json=as_json)


def _fitted(corpus: str, recipe: Recipe, asked: Asked) -> Recipe:
    if asked.fit is None:
        return recipe
    from corpusforge.commands.swarm import fitted

    return fitted(corpus, recipe, asked.fit, asked.buckets, asked.snapshot)


def _on_paper(recipe: Recipe, supply_path: str, output: str | None) -> dict[str, Any]:
    shown = arms_table(plan_on_paper(read_supply(supply_path), recipe))
    if output:
        write_bytes(output, (json.dumps(shown, sort_keys=True) + "\n").encode())
        note(f"wrote {output}")
    return shown


def _over_corpus(
    recipe: Recipe, corpus: str, output: str | None, asked: Asked, tables: str | None
) -> dict[str, Any]:
    pin = asked.pin
    if pin is not None:
        recipe = pinned_recipe(recipe, *named_arm(pin), read_index(corpus, asked.snapshot), pin)
    plan = make_plan(corpus, recipe, asked.snapshot, tables=tables, is_pinned=pin is not None)
    for line in short_of(recipe, plan):
        note(line)
    if tables is not None:
        note("nothing was written")
        return arms_table(plan.arms)
    put_plan(corpus, plan, output)
    if pin is not None:
        note(f"full reads as many tokens of each source as {pin}")
    return arms_table(plan.arms)


def short_of(recipe: Recipe, plan: Plan) -> list[str]:
    """Return a line for each unit of a recipe that gets less than its weight, for lack of supply."""
    if recipe.minimum or recipe.maximum:  # then the recipe itself moves weights
        return []
    units = {name: weight for name, weight in recipe.units().items() if weight}
    lines: list[str] = []
    for name, weight in units.items():
        keys = {name, *recipe.below(name)}
        rows = [  # of a recipe by source a row is a source of a key: `web#news` of `web`
            row
            for row in plan.arms[FULL].rows
            if row.key in keys or (recipe.by_source and row.key.partition("#")[0] in keys)
        ]
        found = sum(row.tokens for row in rows)
        given = int(weight / sum(units.values()) * plan.tokens)
        if given - found > max(len(keys), len(rows)) * plan.sequence_length:  # beyond rounding to samples
            within = f"snapshot {plan.snapshot} within {counted_as(recipe.max_epochs, 'epoch')}"
            lines.append(
                f"{name}: {count(found)} tokens of the {count(given)} that the recipe gives it: no more is "
                f"in {within}; the others read the rest"
            )
    return lines


def put_plan(corpus: str, plan: Plan, output: str | None) -> str:
    """Write a plan to a file, or into its corpus; say and return where."""
    if output is None:
        path = write_plan(corpus, plan)
    else:
        path = output
        write_bytes(path, plan_to_bytes(plan))
    note(f"wrote {path}")
    return path


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
