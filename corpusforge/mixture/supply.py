"""What a snapshot can give for each key of a recipe, in samples and tokens."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpusforge.domains import Subset
from corpusforge.mixture.matching import Pool
from corpusforge.mixture.order import epoch_order, order_name
from corpusforge.mixture.packing import Packed, best_fit, concat
from corpusforge.mixture.planfile import PlanRow
from corpusforge.mixture.recipe import Recipe
from corpusforge.mixture.sampletable import SampleTable
from corpusforge.mixture.selections import chosen, columns_for, documents_of
from corpusforge.mixture.tablewriter import write_table
from corpusforge.shards.format import ShardRow
from corpusforge.shards.snapshot import Index

_PACKERS = {"concat": concat, "best_fit": best_fit}


def key_parts(key: str) -> tuple[str, str, str]:
    """Return (domain, subset, selection) of a key: `math/generic#hard`, `web`."""
    name, _, selection = key.partition("#")
    domain, _, subset = name.partition("/")
    return domain, subset or Subset.ALL.value, selection


@dataclass(frozen=True, slots=True, kw_only=True)
class Supply:
    """One epoch of a key."""

    domain: str
    subset: str
    selection: str
    sequence_length: int
    n_samples: int
    n_tokens: int
    """Tokens of all samples, padding not counted."""
    table: SampleTable | None = None
    lengths: NDArray[np.uint32] | None = field(default=None, compare=False)
    """Tokens of each sample; without it all have `sequence_length`."""

    @staticmethod
    def on_paper(key: str, tokens: int, sequence_length: int) -> Supply:
        """Return the supply of so many tokens, in whole samples."""
        domain, subset, selection = key_parts(key)
        n_samples = tokens // sequence_length
        return Supply(
            domain=domain,
            subset=subset,
            selection=selection,
            sequence_length=sequence_length,
            n_samples=n_samples,
            n_tokens=n_samples * sequence_length,
        )

    def order(self, epoch: int, seed: int) -> NDArray[np.int64]:
        """Return the samples of an epoch in the order in which they are read."""
        name = order_name(self.subset, self.selection)
        return epoch_order(seed, self.domain, name, epoch, self.n_samples, np.arange(self.n_samples))

    def samples_for(self, count: int, seed: int) -> tuple[int, int]:
        """Return (samples, tokens cut off the last) that hold `count` samples' worth of tokens."""
        tokens = count * self.sequence_length
        if self.lengths is None or not tokens:
            return count, 0
        epochs, rest = divmod(tokens, self.n_tokens)
        if not rest:
            return epochs * self.n_samples, 0
        sums = np.cumsum(self.lengths[self.order(epochs, seed)], dtype=np.int64)
        last = int(np.searchsorted(sums, rest))
        return epochs * self.n_samples + last + 1, int(sums[last]) - rest

    def row(self, count: int, seed: int) -> PlanRow:
        """Return the row of a plan that takes `count` samples' worth of tokens."""
        samples, cut_tokens = self.samples_for(count, seed)
        return PlanRow(
            domain=self.domain,
            subset=self.subset,
            selection=self.selection,
            samples=samples,
            supply_samples=self.n_samples,
            tokens=count * self.sequence_length,
            cut_tokens=cut_tokens,
            table=self.table,
        )


def supply_on_paper(supply_tokens: Mapping[str, int], recipe: Recipe) -> dict[str, Supply]:
    """Return the supply of tokens by key (`web`, `math/generic`), none of a key that is not given.

    Raises ValueError where a key is unknown, or the recipe asks for what only a corpus knows.
    """
    if recipe.by_source:
        raise ValueError(
            f"recipe {recipe.name}: by_source needs a corpus: a supply on paper names no sources"
        )
    keys, length = recipe.keys(), recipe.sequence_length
    if unknown := sorted(set(supply_tokens) - set(keys)):
        raise ValueError(f"supply: unknown {unknown[0]!r}: expected one of {', '.join(keys)}")
    return {key: Supply.on_paper(key, supply_tokens.get(key, 0), length) for key in keys}


def read_supply(corpus: str, index: Index, recipe: Recipe, key: str, tables: str | None = None) -> Supply:
    """Return what a snapshot gives for a key; its table is written where it needs one.

    `tables`: the folder below which it is written; the corpus unless told.
    """
    domain, subset, selection = parts = key_parts(key)
    rows = shards_of(index, domain, subset)
    if recipe.packing == "concat" and not selection:
        return Supply.on_paper(key, sum(row.n_tokens for row in rows), recipe.sequence_length)
    if not rows or key not in recipe.keys_read():
        return Supply.on_paper(key, 0, recipe.sequence_length)  # no table for what no arm reads
    documents = (batch for batch, _ in _documents(corpus, rows, recipe, key))
    return packed_supply(tables or corpus, recipe, parts, documents)


def packed_supply(
    tables: str, recipe: Recipe, parts: tuple[str, str, str], documents: Iterator[NDArray[Any]]
) -> Supply:
    """Return the supply of some documents, packed as the recipe says, its table written."""
    is_best_fit = recipe.packing == "best_fit"
    packed = _PACKERS[recipe.packing](documents, recipe.sequence_length)
    table, lengths = write_table(tables, packed, keep_lengths=is_best_fit)
    domain, subset, selection = parts
    return Supply(
        domain=domain,
        subset=subset,
        selection=selection,
        sequence_length=recipe.sequence_length,
        n_samples=table.n_samples,
        n_tokens=table.n_tokens,
        table=table,
        lengths=lengths if is_best_fit else None,
    )


def read_pool(corpus: str, index: Index, recipe: Recipe, key: str) -> Pool:
    """Return the documents of a key with their sources, and the samples that they make up."""
    domain, subset, _ = key_parts(key)
    found = list(_documents(corpus, shards_of(index, domain, subset), recipe, key, ("source",)))
    batches = [documents for documents, _ in found]
    packed: list[Packed] = list(_PACKERS[recipe.packing](iter(batches), recipe.sequence_length))
    counts = np.concatenate([np.zeros(0, np.int64), *(counts for _, counts in packed)])
    return Pool(
        documents=np.concatenate(batches),
        sources=np.concatenate([np.asarray(table["source"].to_pylist(), np.str_) for _, table in found]),
        stretches=np.concatenate([stretches for stretches, _ in packed]),
        samples=np.repeat(np.arange(len(counts)), counts),
    )


def times_read(supply: Supply, first: int, stop: int, seed: int) -> NDArray[np.int64]:
    """Return how often each sample is read at the places [first, stop) of the key's order."""
    times = np.zeros(supply.n_samples, np.int64)
    while first < stop:
        epoch, place = divmod(first, supply.n_samples)
        end = min(supply.n_samples, place + stop - first)
        times[supply.order(epoch, seed)[place:end]] += 1
        first += end - place
    return times


def shards_of(index: Index, domain: str, subset: str) -> list[ShardRow]:
    """Return the shards of a subset in the order of the index."""
    return [row for row in index.rows if (row.domain, row.subset) == (domain, subset)]


def _documents(
    corpus: str, rows: list[ShardRow], recipe: Recipe, key: str, columns: tuple[str, ...] = ()
) -> Iterator[tuple[NDArray[Any], Any]]:
    """Yield (documents, columns) of a key, shard by shard."""
    subset, _, selection = key.partition("#")
    declared = {
        name.partition("#")[2]: entry
        for name, entry in recipe.selections.items()
        if name.partition("#")[0] == subset
    }
    for documents, table in documents_of(corpus, rows, [*columns, *columns_for(declared)]):
        if not selection:
            yield documents, table
            continue
        mask = chosen(table, declared, subset)[selection]
        yield documents[mask], table.filter(mask)
