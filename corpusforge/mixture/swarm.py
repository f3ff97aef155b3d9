"""Many small mixtures around one recipe, each repeating every domain as often as its target does.

A run of a swarm stands for a target: the recipe's whole budget read with the run's weights. The run reads
a fraction of that budget, and of each key only so many first samples that a sample is read as often as it is
by the target (Zhou et al. 2026, arXiv 2606.07597: proxies that repeat less than their target err by 0.75 in
its best weights, proxies that repeat as much by 0.05). The first samples of all runs are nested.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from math import comb, floor

import numpy as np

from corpusforge.mixture.apportion import hamilton
from corpusforge.mixture.arms import Counts, count_arms
from corpusforge.mixture.draws import MICRO, Shares, dirichlet, lattice, one_factor
from corpusforge.mixture.planfile import FULL, Arm, Plan, PlanRow, Prefix, plan_from_bytes, plan_to_bytes
from corpusforge.mixture.recipe import Recipe, Swarm
from corpusforge.mixture.sources import with_sources
from corpusforge.mixture.supply import Supply, read_supply, supply_on_paper
from corpusforge.shards.snapshot import read_index

MAX_RUNS = 10_000
_ATTEMPTS = 1000
"""Draws for one run before a swarm is given up: all of them were mixtures that no target can read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One mixture: what its target would read, and what it reads."""

    name: str
    shares: Shares
    """As drawn or designed; where a cap is in the way, what is read differs."""
    target: Counts
    """Samples' worth by key at the whole budget."""
    arm: Arm


@dataclass(frozen=True, slots=True, kw_only=True)
class SwarmRuns:
    """The runs of a swarm, and the recipe itself at the same fraction."""

    units: dict[str, tuple[str, ...]]
    """Keys by unit: what has a weight above zero in the recipe, and its parts."""
    full: Run
    runs: tuple[Run, ...]
    n_left_out: int
    """Mixtures that no target could read, all caps together being too little; drawn ones were drawn again."""

    @property
    def all(self) -> tuple[Run, ...]:
        """The recipe itself, then the runs."""
        return (self.full, *self.runs)


def swarm_runs(recipe: Recipe, supply: Mapping[str, Supply], seed: int) -> SwarmRuns:
    """Return the runs of a recipe's swarm over a supply by key; `seed` is the corpus's.

    Raises ValueError where the recipe itself is impossible, where no mixture is left, or where a key is
    too small for the fraction: its nested part would be no sample.
    """
    settings = recipe.swarm or Swarm()
    weights = {name: weight for name, weight in sorted(recipe.units().items()) if weight}
    if len(weights) < 2:
        raise ValueError("a swarm needs two weights above zero: one alone leaves nothing to mix")
    if settings.minimum * len(weights) >= 1:
        raise ValueError(
            f"swarm.minimum: {len(weights)} times {settings.minimum} leaves nothing to mix: give less"
        )
    samples = {key: entry.n_tokens // recipe.sequence_length for key, entry in supply.items()}
    proxy = _Proxy(recipe, settings, supply, seed)
    full = count_arms(recipe.model_copy(update={"arms": {}}), samples)[FULL]
    base = {name: int(MICRO * weight / sum(weights.values())) for name, weight in weights.items()}

    def count(shares: Shares) -> Counts | None:
        """Return what the target of some shares reads; None where no target can."""
        exact = {name: Decimal(share).scaleb(-6) for name, share in shares.items()}
        mixed = recipe.model_copy(update={"weights": exact, "tokens": {}, "arms": {}})
        try:
            return count_arms(mixed, samples)[FULL]
        except ValueError:
            return None

    found, n_left_out = _mixtures(settings, weights, count)
    width = max(4, len(str(len(found))))
    runs = tuple(
        proxy.run(f"run_{number:0{width}d}", shares, target)
        for number, (shares, target) in enumerate(found, 1)
    )
    units = {name: tuple(key for key in (name, *recipe.below(name)) if key in supply) for name in weights}
    return SwarmRuns(units=units, full=proxy.run(FULL, base, full), runs=runs, n_left_out=n_left_out)


def read_swarm(
    corpus: str, recipe: Recipe, snapshot: str | None = None, *, tables: str | None = None
) -> tuple[SwarmRuns, Plan, dict[str, Supply]]:
    """Return (runs, plan, supply by key) of a recipe's swarm over a snapshot, the current one unless told.

    The tables that its samples need are written into the corpus, or below `tables`. Errors as `make_plan`
    and `swarm_runs`.
    """
    index = read_index(corpus, snapshot)
    seed, divided = int(index.header["seed"]), with_sources(recipe, index)
    supply = {key: read_supply(corpus, index, divided, key, tables) for key in divided.keys()}
    runs = swarm_runs(divided, supply, seed)
    return runs, swarm_plan(recipe, runs, index.snapshot, seed), supply


def swarm_on_paper(supply_tokens: Mapping[str, int], recipe: Recipe) -> SwarmRuns:
    """Return the runs of a recipe's swarm over a supply in tokens by key. Errors as `plan_on_paper`."""
    return swarm_runs(recipe, supply_on_paper(supply_tokens, recipe), 0)


def swarm_plan(recipe: Recipe, runs: SwarmRuns, snapshot: str, seed: int) -> Plan:
    """Return the plan whose arms are the runs, and the recipe itself at the same fraction as `full`."""
    settings = recipe.swarm or Swarm()
    plan = Plan(
        id="",
        name=f"{recipe.name}-swarm",
        snapshot=snapshot,
        seed=seed,
        sequence_length=recipe.sequence_length,
        budget_tokens=floor(recipe.budget_tokens * settings.exact_fraction()),
        packing=recipe.packing,
        recipe_sha256=recipe.fingerprint(),
        arms={run.name: run.arm for run in runs.all},
    )
    for arm in plan.arms.values():
        if arm.tokens != plan.tokens:
            raise AssertionError(f"run {arm.name} has {arm.tokens} tokens of {plan.tokens}")
    return plan_from_bytes(plan_to_bytes(plan), recipe.name)


def _mixtures(
    settings: Swarm, weights: Mapping[str, Fraction], count: Callable[[Shares], Counts | None]
) -> tuple[list[tuple[Shares, Counts]], int]:
    """Return (shares and the counts of their target, how many mixtures no target can read)."""
    found: dict[tuple[int, ...], tuple[Shares, Counts]] = {}
    n_left_out = 0
    for drawn in _drawn(settings, weights):
        for shares in drawn:
            place = tuple(shares.values())
            if place in found:  # twice the same mixture is one run
                continue
            if (target := count(shares)) is not None:
                found[place] = shares, target
                break
            n_left_out += 1
    if not found:
        raise ValueError("swarm: no mixture of this design can be read by a target: its caps are too little")
    return list(found.values()), n_left_out


def _drawn(settings: Swarm, weights: Mapping[str, Fraction]) -> Iterator[Iterator[Shares]]:
    """Yield, for each run, the mixtures that it may be: the first that can be read is it."""
    if settings.design == "dirichlet":
        for run in range(1, settings.runs + 1):
            yield _draws(settings, weights, run)
        return
    n_runs = n_designed(settings, len(weights))
    if n_runs > MAX_RUNS:
        raise ValueError(f"swarm: {n_runs:,} runs, {MAX_RUNS:,} are allowed: fewer steps, factors or weights")
    if settings.design == "lattice":
        designed = lattice(list(weights), settings.steps, Fraction(settings.minimum))
    else:
        designed = one_factor(weights, [Fraction(factor) for factor in settings.factors])
    for shares in designed:
        yield iter([shares])


def n_designed(settings: Swarm, n_units: int) -> int:
    """Return how many mixtures of so many units a swarm asks for."""
    if settings.design == "dirichlet":
        return settings.runs
    if settings.design == "lattice":
        return comb(settings.steps + n_units - 1, n_units - 1)
    return 1 + n_units * len(settings.factors)


def _draws(settings: Swarm, weights: Mapping[str, Fraction], run: int) -> Iterator[Shares]:
    concentration = settings.concentration[(run - 1) % len(settings.concentration)]
    minimum = Fraction(settings.minimum)
    for attempt in range(_ATTEMPTS):
        yield dirichlet(weights, concentration, minimum, settings.seed, run, attempt)
    raise ValueError(
        f"swarm: {_ATTEMPTS:,} draws for run {run}, and none is new and can be read by a target: "
        "a higher concentration, or a minimum"
    )


class _Proxy:
    """Makes runs: a fraction of what the target reads, of so much less of each key."""

    def __init__(self, recipe: Recipe, settings: Swarm, supply: Mapping[str, Supply], seed: int) -> None:
        self._recipe, self._supply, self._seed = recipe, supply, seed
        self._fraction = settings.fraction
        self._samples = floor(recipe.budget_tokens * settings.exact_fraction()) // recipe.sequence_length
        if not self._samples:
            raise ValueError(f"swarm.fraction: {self._fraction} of the budget is less than one sample")
        self._sums = {
            key: np.cumsum(entry.lengths, dtype=np.int64)
            for key, entry in supply.items()
            if entry.lengths is not None
        }

    def run(self, name: str, shares: Shares, target: Counts) -> Run:
        counts = self._whole_epochs(
            hamilton(self._samples, {key: Fraction(count) for key, count in target.items()}), target
        )
        rows = [
            self._row(key, count, target[key])
            for key, count in counts.items()
            if count or self._supply[key].n_samples
        ]
        rows.sort(key=lambda row: (row.domain, row.subset, row.selection))
        return Run(name=name, shares=shares, target=target, arm=Arm(name=name, rows=tuple(rows)))

    def _whole_epochs(self, counts: Counts, target: Counts) -> Counts:
        """Return counts of the same sum that whole parts repeat as the target does.

        A part that is off by half a sample is so in each of its epochs. Of a key that is read more than
        once, the count that its part makes is taken; the largest key that is read twice at most takes up the
        difference, a few samples. So of no key is more than a sample too much or too little read; unless
        none is large enough to take it up: then they stay as they are.
        """
        length = self._recipe.sequence_length
        read = sorted((key for key, count in counts.items() if count), key=lambda key: (-counts[key], key))
        epochs = {key: Fraction(target[key] * length, self._supply[key].n_tokens) for key in read}
        changed = dict(counts)
        for key in read:
            if epochs[key] > 1:
                n_tokens = self._tokens(key, self._part(key, counts[key], target[key]))
                most = floor(Fraction(self._recipe.max_epochs) * n_tokens / length)
                changed[key] = min(most, round(n_tokens * epochs[key] / length))
        surplus = sum(counts.values()) - sum(changed.values())
        for key in read:
            count = changed[key] + surplus
            if epochs[key] <= 2 and 0 < count <= target[key]:
                n_tokens = self._tokens(key, self._part(key, count, target[key]))
                if abs(count * length - n_tokens * epochs[key]) <= length:
                    return {**changed, key: count}
        return counts

    def _row(self, key: str, count: int, target: int) -> PlanRow:
        """Return the row that repeats the key as often as `target` samples' worth of the whole do."""
        supply = self._supply[key]
        if not count:
            return supply.row(0, self._seed)
        n_samples = self._part(key, count, target)
        if n_samples == supply.n_samples:
            return supply.row(count, self._seed)
        n_tokens = self._tokens(key, n_samples)
        lengths = None if supply.lengths is None else supply.lengths[:n_samples]
        part = replace(supply, n_samples=n_samples, n_tokens=n_tokens, lengths=lengths)
        prefix = Prefix(of_samples=supply.n_samples, n_tokens=n_tokens)
        return replace(part.row(count, self._seed), prefix=prefix)

    def _part(self, key: str, count: int, target: int) -> int:
        """Return the first samples of a key that `count` repeats as `target` does the whole.

        Off by half a sample at most; by less than one where the nearest number would go beyond `max_epochs`.
        """
        supply, length = self._supply[key], self._recipe.sequence_length
        if supply.n_samples * Fraction(self._fraction) < 1:
            raise ValueError(
                f"{key}: {supply.n_samples:,} samples of {length:,} tokens, of which {self._fraction} is "
                "less than one: its repetition cannot be matched: a larger swarm.fraction, or no weight"
            )
        n_samples = max(1, self._nearest(key, Fraction(supply.n_tokens * count, target)))
        most = Fraction(self._recipe.max_epochs)
        while count * length > most * self._tokens(key, n_samples) and n_samples < supply.n_samples:
            n_samples += 1
        return n_samples

    def _tokens(self, key: str, n_samples: int) -> int:
        """Return the tokens of the first samples of a key."""
        if key not in self._sums:
            return n_samples * self._recipe.sequence_length
        return int(self._sums[key][n_samples - 1]) if n_samples else 0

    def _nearest(self, key: str, tokens: Fraction) -> int:
        """Return how many first samples of a key hold the number of tokens that is nearest."""
        if key not in self._sums:
            return floor(tokens / self._recipe.sequence_length + Fraction(1, 2))
        above = bisect_left(range(len(self._sums[key]) + 1), tokens, key=lambda n: self._tokens(key, n))
        below = max(0, above - 1)
        return min((below, above), key=lambda n: (abs(self._tokens(key, n) - tokens), n))
