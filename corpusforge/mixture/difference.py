"""What two arms read differently: documents and tokens, by domain and subset."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from corpusforge.mixture.moved import check_same_documents
from corpusforge.mixture.numbered import Numbered, cut_off, read_patch, read_table
from corpusforge.mixture.packing import Packed, concat
from corpusforge.mixture.planfile import IN_ORDER, Arm, Plan, PlanRow, samples_at
from corpusforge.mixture.samplepatch import SamplePatch, cut
from corpusforge.mixture.sampletable import SampleTable
from corpusforge.mixture.selections import documents_of
from corpusforge.mixture.streams import Stream
from corpusforge.shards.snapshot import Index, read_index

_SAMPLES = 1 << 16
"""Samples of a patched row that are looked at at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One (domain, subset) in two arms. A document is read where a token of it is."""

    domain: str
    subset: str
    tokens: tuple[int, int]
    """Tokens read, every epoch counted."""
    shared_tokens: int
    """Tokens that both read: of each document, as many as the arm that reads less of it."""
    docs: tuple[int, int]
    shared_docs: int


def compare(corpus: str, first: tuple[Plan, Arm], second: tuple[Plan, Arm]) -> list[Difference]:
    """Return what two arms take from each (domain, subset) that either reads, sorted.

    Of snapshots of two tokenizers, tokens of the second count as the first's of the same documents, where
    both read them. Holds 48 bytes for each document of one subset at a time. Raises ValueError where the
    plans are of snapshots of other documents: theirs have no numbers in common.
    """
    indexes = [read_index(corpus, plan.snapshot) for plan, _ in (first, second)]
    if first[0].snapshot != second[0].snapshot and not are_translated(*indexes):
        raise ValueError(f"the plans are of two snapshots: {first[0].snapshot} and {second[0].snapshot}")
    pairs = sorted(
        {(row.domain, row.subset) for _, arm in (first, second) for row in arm.rows if row.samples}
    )
    return [_compare_subset(corpus, indexes, pair, first, second) for pair in pairs]


def are_translated(first: Index, second: Index) -> bool:
    """Return whether two snapshots are of two tokenizers."""
    return first.header["tokenizer"] != second.header["tokenizer"]


def _compare_subset(
    corpus: str,
    indexes: Sequence[Index],
    pair: tuple[str, str],
    first: tuple[Plan, Arm],
    second: tuple[Plan, Arm],
) -> Difference:
    shards = [[row for row in index.rows if (row.domain, row.subset) == pair] for index in indexes]
    if are_translated(*indexes):
        check_same_documents(Stream(corpus, shards[0]), Stream(corpus, shards[1]))
    documents = [np.concatenate([batch for batch, _ in documents_of(corpus, rows)]) for rows in shards]
    read = [
        sum(
            (_tokens_by_document(corpus, mine, plan, row) for row in arm.rows if _reads(row, pair)),
            np.zeros(len(mine), np.int64),
        )
        for mine, (plan, arm) in zip(documents, (first, second), strict=True)
    ]
    lengths = [mine["length"].astype(np.int64) for mine in documents]
    both = np.minimum(read[0], read[1] * lengths[0] // lengths[1])
    return Difference(
        domain=pair[0],
        subset=pair[1],
        tokens=(int(read[0].sum()), int(read[1].sum())),
        shared_tokens=int(both.sum()),
        docs=(int((read[0] > 0).sum()), int((read[1] > 0).sum())),
        shared_docs=int(((read[0] > 0) & (read[1] > 0)).sum()),
    )


def _reads(row: PlanRow, pair: tuple[str, str]) -> bool:
    return (row.domain, row.subset) == pair and row.samples > 0


def _tokens_by_document(corpus: str, documents: NDArray[Any], plan: Plan, row: PlanRow) -> NDArray[np.int64]:
    """Return the tokens of each document that a row of an arm reads, every epoch counted."""
    if row.patch is not None:
        return _tokens_of_patched(corpus, documents, plan, row)
    times, last = _times(plan, row)
    tokens = np.zeros(len(documents), np.int64)
    keys = _place(documents)
    sample = 0
    for stretches, counts in _packed(corpus, documents, plan, row.table):
        samples = sample + np.repeat(np.arange(len(counts)), counts)
        sample += len(counts)
        lengths = stretches["length"].astype(np.int64)
        whose = np.searchsorted(keys, _place(stretches), side="right") - 1
        np.add.at(tokens, whose, lengths * times[samples])
        if row.cut_tokens:
            _take_cut(tokens, whose, lengths, np.flatnonzero(samples == last), row.cut_tokens)
    return tokens


def _tokens_of_patched(corpus: str, documents: NDArray[Any], plan: Plan, row: PlanRow) -> NDArray[np.int64]:
    moves = read_patch(corpus, cast("SamplePatch", row.patch))
    numbered = Numbered(corpus, row, moves, plan.sequence_length)
    tokens = np.zeros(len(documents), np.int64)
    ends = np.cumsum(documents["length"], dtype=np.int64)
    for first in range(0, row.samples, _SAMPLES):
        epoch, place = np.divmod(np.arange(first, min(first + _SAMPLES, row.samples)), row.supply_samples)
        for number in np.unique(epoch).tolist():
            samples = samples_at(plan.order, plan.seed, row, number, place[epoch == number])
            owner, starts, stops = numbered.ranges(samples)
            if number * row.supply_samples + int(place[epoch == number][-1]) + 1 == row.samples:
                cut_off(owner, starts, stops, row.cut_tokens)
            places = moves.find(np.full(len(owner), number), starts, stops)
            _, begin, end = cut(ends, *places[1:])
            np.add.at(tokens, np.searchsorted(ends, begin, side="right"), end - begin)
    return tokens


def _take_cut(
    tokens: NDArray[np.int64],
    whose: NDArray[np.int64],
    lengths: NDArray[np.int64],
    stretches: NDArray[np.int64],
    cut_tokens: int,
) -> None:
    """Take the end of the last sample off its documents again. `tokens` is changed."""
    for stretch in stretches[::-1].tolist():
        taken = min(cut_tokens, int(lengths[stretch]))
        tokens[whose[stretch]] -= taken
        cut_tokens -= taken


def _times(plan: Plan, row: PlanRow) -> tuple[NDArray[np.int64], int]:
    """Return (how often each sample is read, the sample read last)."""
    if plan.order == IN_ORDER:
        n_samples = row.table.n_samples if row.table else 0
        return (np.arange(n_samples) < row.samples).astype(np.int64), row.samples - 1
    epochs, rest = divmod(row.samples, row.supply_samples)
    times = np.zeros(row.whole_samples, np.int64)
    times[: row.supply_samples] = epochs
    places = np.arange(rest) if rest else np.array([row.supply_samples - 1])
    order = samples_at(plan.order, plan.seed, row, epochs if rest else epochs - 1, places)
    if rest:
        times[order] += 1
    return times, int(order[-1])


def _place(stretches: NDArray[Any]) -> NDArray[np.uint64]:
    """Return a number that orders by shard and start: a shard holds less than 2^40 tokens."""
    return (stretches["shard"].astype(np.uint64) << np.uint64(40)) + stretches["start"]


def _packed(corpus: str, documents: NDArray[Any], plan: Plan, table: SampleTable | None) -> Iterator[Packed]:
    if table is None:
        yield from concat(iter([documents]), plan.sequence_length)
        return
    stretches, firsts = read_table(corpus, table)
    yield stretches, np.diff(firsts.astype(np.int64))
