"""The folder of a swarm made again over a child snapshot: what its runs read there, and its target.

The runs' shares and epochs are those of the old swarm, so `ratios.csv` and `epochs.csv` are the same. What
they read of each key is other text where documents are gone, and a target over the child has less of it to
repeat: so the buckets are new, and a fit of the old runs is refused over the child.
"""

from __future__ import annotations

import tempfile
from dataclasses import replace
from fractions import Fraction

from corpusforge.files import base_name, exists
from corpusforge.mixture.buckets import Bucket, bucket_again, read_bucket
from corpusforge.mixture.fit import reading_all
from corpusforge.mixture.planfile import Plan, PlanRow
from corpusforge.mixture.recipe import Recipe
from corpusforge.mixture.sources import with_sources
from corpusforge.mixture.supply import Supply, read_supply, shards_of
from corpusforge.mixture.swarmfiles import BUCKETS, PLAN, Buckets, read_buckets
from corpusforge.shards.snapshot import Index, read_index


def buckets_beside(plan: Plan, path: str) -> Buckets | None:
    """Return the buckets of a swarm, that lie beside its plan; None where a plan is of no swarm.

    Raises ValueError, in one line, for the plan of a swarm without its folder, or with another's buckets.
    """
    beside = path.removesuffix(base_name(path)) + BUCKETS
    buckets = read_buckets(beside) if base_name(path) == PLAN and exists(beside) else None
    if buckets is not None and buckets.swarm != plan.id:
        raise ValueError(f"{beside}: of swarm {buckets.swarm}, {path} is {plan.id}")
    if buckets is None and any(row.prefix for arm in plan.arms.values() for row in arm.rows):
        raise ValueError(f"{path}: a swarm is made again with its folder, and no {BUCKETS} lies beside it")
    return buckets


def check_recipe(plan: Plan, recipe: Recipe | None) -> None:
    """Raise ValueError where a swarm's recipe is needed to tell what its target reads of a child."""
    tabled = [row.key for arm in plan.arms.values() for row in arm.rows if row.table is not None]
    if tabled and recipe is None:
        raise ValueError(
            f"plan {plan.name}: the samples of {tabled[0]} are packed or selected: give the recipe of the "
            "swarm with --recipe, which says what its target reads of this snapshot"
        )


def buckets_again(corpus: str, before: Buckets, plan: Plan, recipe: Recipe | None) -> Buckets:
    """Return the buckets of a swarm made again, of what those of the old one were.

    Raises ValueError as `check_recipe` and `read_supply`, and where nothing of a key is left.
    """
    check_recipe(plan, recipe)
    index, old = (read_index(corpus, snapshot) for snapshot in (plan.snapshot, before.snapshot))
    if recipe is not None:
        recipe = reading_all(with_sources(recipe, index, before.buckets), before)
    longest: dict[str, PlanRow] = {}
    for row in (row for arm in plan.arms.values() for row in arm.rows if row.samples):
        if row.key not in longest or row.supply_samples > longest[row.key].supply_samples:
            longest[row.key] = row
    found: dict[str, Bucket] = {}
    with tempfile.TemporaryDirectory(prefix="corpusforge-") as tables:
        for key, bucket in before.buckets.items():
            row = longest[key]
            shards = [[shard.id for shard in shards_of(one, row.domain, row.subset)] for one in (index, old)]
            if shards[0] == shards[1]:
                found[key] = bucket
                continue
            supply = _supply(corpus, index, plan, row, recipe, tables)
            if row.patch is None:
                found[key] = read_bucket(corpus, index, supply, row.supply_samples)
            else:
                found[key] = bucket_again(index, row, supply)
    return replace(before, swarm=plan.id, snapshot=plan.snapshot, buckets=found)


def _supply(
    corpus: str, index: Index, plan: Plan, row: PlanRow, recipe: Recipe | None, tables: str
) -> Supply:
    """Return what a target over a snapshot has of the key of a row."""
    if recipe is None:
        n_tokens = sum(shard.n_tokens for shard in shards_of(index, row.domain, row.subset))
        supply = Supply.on_paper(row.key, n_tokens, plan.sequence_length)
    else:
        supply = read_supply(corpus, index, recipe, row.key, tables)
    if not supply.n_samples:
        raise ValueError(f"{row.key}: nothing is left of it for a target to read: make a swarm without it")
    return supply


def more_repeated(plan: Plan, buckets: Buckets) -> tuple[str, Fraction]:
    """Return (key, share) of what a target over a swarm's snapshot repeats most beyond what its runs do.

    Of a swarm as it was first made that is nothing.
    """
    shares = {
        row.key: Fraction(
            row.table.n_tokens if row.table else row.whole_samples * plan.sequence_length,
            buckets.buckets[row.key].of_tokens,
        )
        - 1
        for arm in plan.arms.values()
        for row in arm.rows
        if row.key in buckets.buckets
    }
    return max(shares.items(), key=lambda entry: (entry[1], entry[0]))
