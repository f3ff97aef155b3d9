"""`corpusforge mix --swarm`, `--fit`: proxy mixtures of a recipe, and the target of what a fitter found."""

from __future__ import annotations

import json
import statistics
from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Any

from corpusforge.commands.console import count, note, show_json, show_table, status
from corpusforge.files import join, write_bytes
from corpusforge.mixture.buckets import buckets_of
from corpusforge.mixture.fit import buckets_of_fit, check_buckets, fitted_recipe, read_fit
from corpusforge.mixture.planfile import FULL
from corpusforge.mixture.recipe import Recipe, Swarm
from corpusforge.mixture.sources import with_sources
from corpusforge.mixture.supply import Supply, supply_on_paper
from corpusforge.mixture.swarm import Run, SwarmRuns, read_swarm, swarm_on_paper
from corpusforge.mixture.swarmfiles import FOLDER, RATIOS, Buckets, write_swarm
from corpusforge.printable import counted_as
from corpusforge.shards.snapshot import read_index


def make_swarm(
    corpus: str,
    recipe: Recipe,
    output: str | None,
    *,
    snapshot: str | None,
    tables: str | None,
    as_json: bool,
) -> None:
    """Write the swarm of a recipe over a corpus and print its spread; with `tables`, print it alone.

    Raises ValueError, in one line, where there is none.
    """
    with status("counting what each run and its target read"):
        runs, plan, supply = read_swarm(corpus, recipe, snapshot, tables=tables)
    folder = output or join(corpus, FOLDER, f"{recipe.name}-{plan.id}")
    if tables is None:
        rows = (row for arm in plan.arms.values() for row in arm.rows)
        with status("hashing what the runs read of each key"):
            buckets = Buckets.of(
                recipe, plan, runs.units, buckets_of(corpus, read_index(corpus, plan.snapshot), rows, supply)
            )
        write_swarm(folder, plan, buckets)
        note(f"wrote {folder}: swarm {plan.id}, {counted_as(len(runs.runs), 'run')} in {RATIOS}")
    _print(recipe, runs, supply, plan.id, as_json)


def show_swarm_on_paper(
    recipe: Recipe, supply_tokens: dict[str, int], output: str | None, as_json: bool
) -> None:
    """Print the spread of a swarm over a supply on paper; nothing of it is a plan that can be read."""
    runs = swarm_on_paper(supply_tokens, recipe)
    supply = supply_on_paper(supply_tokens, recipe)
    if output:
        shown = json.dumps(_spread(recipe, runs, supply, ""), sort_keys=True)
        write_bytes(output, (shown + "\n").encode())
        note(f"wrote {output}")
    _print(recipe, runs, supply, "", as_json)


def fitted(
    corpus: str, recipe: Recipe, fit_path: str, buckets_path: str | None, snapshot: str | None
) -> Recipe:
    """Return the recipe with the weights of a fit, over a corpus whose buckets are those of its swarm.

    Raises ValueError, in one line, where the fit is none, or of other buckets.
    """
    fit = read_fit(fit_path)
    buckets = buckets_of_fit(corpus, fit, buckets_path, fit_path)
    made = fitted_recipe(recipe, fit, buckets, fit_path)
    index = read_index(corpus, snapshot)
    with status(f"comparing {counted_as(len(buckets.buckets), 'bucket')} with those of the swarm"):
        check_buckets(corpus, index, with_sources(recipe, index), buckets)
    note(f"weights fitted on swarm {buckets.swarm}, whose buckets are those of snapshot {index.snapshot}")
    return made


def _print(recipe: Recipe, runs: SwarmRuns, supply: dict[str, Supply], swarm: str, as_json: bool) -> None:
    spread = _spread(recipe, runs, supply, swarm)
    if as_json:
        show_json(spread, sort_keys=True)
        return
    fraction = (recipe.swarm or Swarm()).fraction
    title = (
        f"{recipe.name}: {counted_as(len(runs.runs), 'run')} of {spread['tokens_of_a_run']:,} tokens "
        f"({fraction} of the target's), shares of each"
    )
    rows = [[unit, *(f"{entry[name]:.4f}" for name in _SPREAD)] for unit, entry in spread["shares"].items()]
    show_table(title, ["domain", "of full", "lowest", "median", "highest"], rows)
    rows = [
        [
            key,
            count(entry["samples"]),
            count(entry["of_samples"]),
            *(f"{entry[name]:.4f}" for name in _SPREAD),
            f"{entry['off_by_samples']:.2f}",
        ]
        for key, entry in spread["epochs"].items()
    ]
    columns = ["domain", "samples", "the first of", "of full", "lowest", "median", "highest", "samples off"]
    show_table("Epochs, of a run and of its target alike", columns, rows)
    if runs.n_left_out:
        note(
            f"{counted_as(runs.n_left_out, 'mixture')} left out: no target could read them "
            f"within {counted_as(recipe.max_epochs, 'epoch')} and the recipe's limits"
        )


_SPREAD = (FULL, "lowest", "median", "highest")


def _spread(recipe: Recipe, runs: SwarmRuns, supply: dict[str, Supply], swarm: str) -> dict[str, Any]:
    """Return what is told of a swarm: for a person, rounded; its files hold what is exact."""
    length = recipe.sequence_length
    by_run = {run.name: {row.key: row for row in run.arm.rows} for run in runs.all}
    whole = sum(row.tokens for row in by_run[FULL].values())
    shares = {
        unit: _figures(
            [sum(rows[key].tokens for key in keys if key in rows) / whole for rows in by_run.values()]
        )
        for unit, keys in runs.units.items()
    }
    epochs: dict[str, Any] = {}
    for key in dict.fromkeys(key for keys in runs.units.values() for key in keys):
        rows = [rows[key] for rows in by_run.values() if key in rows]
        read = [row for row in rows if row.samples]
        if read:
            epochs[key] = {
                "samples": max(row.supply_samples for row in read),
                "of_samples": supply[key].n_samples,
                "off_by_samples": max(_off(run, key, supply[key], length) for run in runs.all),
                **_figures([row.tokens / max(1, row.epoch_tokens(length)) for row in rows]),
            }
    return {
        "runs": len(runs.runs),
        "left_out": runs.n_left_out,
        "tokens_of_a_run": whole,
        "shares": shares,
        "epochs": epochs,
        **({"swarm": swarm} if swarm else {}),
    }


def _off(run: Run, key: str, supply: Supply, length: int) -> float:
    """Return how many samples a run reads more or less than its part, as often as the target does, holds."""
    row = next(row for row in run.arm.rows if row.key == key)
    if not row.samples:
        return 0.0
    exact = Fraction(row.epoch_tokens(length) * run.target[key] * length, supply.n_tokens)
    return float(abs(row.tokens - exact) / length)


def _figures(values: Sequence[float]) -> dict[str, float]:
    """Return the first value, that of the recipe itself, and the spread of the others."""
    others: Iterable[float] = values[1:]
    ordered = sorted(others)
    return {
        FULL: round(values[0], 6),
        "lowest": round(ordered[0], 6),
        "median": round(statistics.median(ordered), 6),
        "highest": round(ordered[-1], 6),
    }
