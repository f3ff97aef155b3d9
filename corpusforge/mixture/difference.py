"""What two arms read differently: documents and tokens, by domain and subset."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpusforge.files import join, read_bytes
from corpusforge.mixture.order import epoch_order, order_name
from corpusforge.mixture.packing import Packed, concat
from corpusforge.mixture.planfile import Arm, Plan, PlanRow
from corpusforge.mixture.sampletable import FIRSTS_DTYPE, STRETCH, SampleTable, table_path
from corpusforge.mixture.selections import documents_of
from corpusforge.shards.format import ShardRow
from corpusforge.shards.snapshot import read_index


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

    Holds 24 bytes for each document of one subset at a time. Raises ValueError where the plans
    are of different snapshots: their documents have no numbers in common.
    """
    snapshot = first[0].snapshot
    if second[0].snapshot != snapshot:
        raise ValueError(f"the plans are of two snapshots: {snapshot} and {second[0].snapshot}")
    shards = read_index(corpus, snapshot).rows
    pairs = sorted(
        {(row.domain, row.subset) for _, arm in (first, second) for row in arm.rows if row.samples}
    )
    return [
        _compare_subset(
            corpus, [row for row in shards if (row.domain, row.subset) == pair], pair, first, second
        )
        for pair in pairs
    ]


def _compare_subset(
    corpus: str,
    shards: list[ShardRow],
    pair: tuple[str, str],
    first: tuple[Plan, Arm],
    second: tuple[Plan, Arm],
) -> Difference:
    documents = np.concatenate([batch for batch, _ in documents_of(corpus, shards)])
    read = [
        sum(
            (_tokens_by_document(corpus, documents, plan, row) for row in arm.rows if _reads(row, pair)),
            np.zeros(len(documents), np.int64),
        )
        for plan, arm in (first, second)
    ]
    both = np.minimum(*read)
    return Difference(
        domain=pair[0],
        subset=pair[1],
        tokens=(int(read[0].sum()), int(read[1].sum())),
        shared_tokens=int(both.sum()),
        docs=(int((read[0] > 0).sum()), int((read[1] > 0).sum())),
        shared_docs=int((both > 0).sum()),
    )


def _reads(row: PlanRow, pair: tuple[str, str]) -> bool:
    return (row.domain, row.subset) == pair and row.samples > 0


def _tokens_by_document(corpus: str, documents: NDArray[Any], plan: Plan, row: PlanRow) -> NDArray[np.int64]:
    """Return the tokens of each document that a row of an arm reads, every epoch counted."""
    times, last = _times(plan.seed, row)
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


def _times(seed: int, row: PlanRow) -> tuple[NDArray[np.int64], int]:
    """Return (how often each sample is read, the sample read last)."""
    epochs, rest = divmod(row.samples, row.supply_samples)
    times = np.zeros(row.whole_samples, np.int64)
    times[: row.supply_samples] = epochs
    name = order_name(row.subset, row.selection)
    places = np.arange(rest) if rest else np.array([row.supply_samples - 1])
    order = epoch_order(seed, row.domain, name, epochs if rest else epochs - 1, row.supply_samples, places)
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
    stretches = np.frombuffer(_pinned(corpus, table.id, "stretches", table.stretches_sha256), STRETCH)
    firsts = np.frombuffer(_pinned(corpus, table.id, "firsts", table.firsts_sha256), FIRSTS_DTYPE)
    yield stretches, np.diff(firsts.astype(np.int64))


def _pinned(corpus: str, table_id: str, kind: str, sha256: str) -> bytes:
    """Return a file of a table of samples; ValueError where it is not the one that the plan pins."""
    path = join(corpus, table_path(table_id, kind))
    data = read_bytes(path)
    if hashlib.sha256(data).hexdigest() != sha256:
        raise ValueError(f"{path}: not the table that the plan was made with: make the plan again")
    return data
