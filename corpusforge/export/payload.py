"""What every export reads: document ends, token payloads, links to them, and a plan's samples."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpusforge.mixture.numbered import Numbered, read_patch, read_table
from corpusforge.mixture.order import BLOCK_SAMPLES, Schedule
from corpusforge.mixture.packing import concat
from corpusforge.mixture.planfile import Arm, Plan, PlanRow, samples_at
from corpusforge.mixture.samplepatch import Moves
from corpusforge.mixture.sampletable import STRETCH
from corpusforge.mixture.selections import documents_of
from corpusforge.mixture.streams import Stream
from corpusforge.shards.format import ENDS_DTYPE, ShardRow, shard_path
from corpusforge.shards.inside import path_inside
from corpusforge.shards.snapshot import Index


def shard_file(corpus: str, row: ShardRow, kind: str) -> str:
    """Return the path of a file of a shard; ValueError where it is none inside the corpus."""
    return path_inside(corpus, shard_path(row.domain, row.subset, row.id, kind))


def export_name(row: ShardRow) -> str:
    """Return how exports name a shard: domain, subset, its place in their concatenation."""
    return f"{row.domain}-{row.subset}-{row.index:05d}"


def link(source: str, target: str) -> None:
    """Make `target` the same file as `source`: a hard link, or a symbolic one across file systems.

    By its bare name where both lie in one folder, which may be moved.
    """
    try:
        os.link(source, target)
    except OSError:
        beside = os.path.dirname(source) == os.path.dirname(target)
        os.symlink(os.path.basename(source) if beside else os.path.abspath(source), target)


def read_ends(corpus: str, row: ShardRow) -> NDArray[np.int64]:
    """Return the cumulative ends of a shard's documents, in tokens."""
    return np.fromfile(shard_file(corpus, row, "ends"), ENDS_DTYPE).astype(np.int64)


def map_tokens(corpus: str, row: ShardRow) -> NDArray[Any]:
    """Return the payload of a shard, mapped: u16 or u32."""
    return np.asarray(np.memmap(shard_file(corpus, row, "tokens"), row.token_dtype, "r"))


def join_payloads(corpus: str, rows: Sequence[ShardRow], target: str) -> list[int]:
    """Return where each payload begins, in tokens, in one file of them all.

    One payload is linked; more are copied end to end, for want of a file that is made of others.
    """
    if len(rows) == 1:
        link(shard_file(corpus, rows[0], "tokens"), target)
        return [0]
    with open(target, "wb") as stream:
        for row in rows:
            with open(shard_file(corpus, row, "tokens"), "rb") as payload:
                shutil.copyfileobj(payload, stream, 4 << 20)
    return np.cumsum([0, *(row.n_tokens for row in rows)])[:-1].tolist()


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleStretches:
    """The stretches of all samples of one row of an arm, in one epoch's numbering."""

    rows: list[ShardRow]
    stretches: NDArray[Any]
    """`STRETCH`; `shard` counts in `rows`."""
    firsts: NDArray[np.int64]
    """First stretch of each sample, and their number."""

    def of(self, sample: int) -> NDArray[Any]:
        """Return the stretches of one sample."""
        return self.stretches[self.firsts[sample] : self.firsts[sample + 1]]


class PatchedStretches:
    """The stretches of all samples of a row made again over a child: numbers go on from epoch to epoch."""

    def __init__(self, corpus: str, rows: list[ShardRow], plan: Plan, row: PlanRow, moves: Moves) -> None:
        self.rows = rows
        self._child, self._moves = Stream(corpus, rows), moves
        self._numbered = Numbered(corpus, row, moves, plan.sequence_length)

    def of(self, sample: int) -> NDArray[Any]:
        """Return the stretches of one sample."""
        epoch, number = divmod(sample, self._numbered.row.supply_samples)
        owner, starts, stops = self._numbered.ranges(np.array([number]))
        epochs = np.full(len(owner), epoch)
        found = self._child.documents(*self._moves.find(epochs, starts, stops)[1:])
        stretches = np.zeros(len(found.start), STRETCH)
        shard = np.searchsorted(self._child.before, found.start, side="right") - 1
        stretches["shard"], stretches["start"] = shard, found.start - self._child.before[shard]
        stretches["length"] = found.stop - found.start
        return stretches


Stretches = SampleStretches | PatchedStretches


def shard_ids(source: Stretches, stretches: NDArray[Any]) -> list[str]:
    """Return the id of the shard of each stretch."""
    places: list[int] = stretches["shard"].tolist()
    return [source.rows[place].id for place in places]


def sample_stretches(corpus: str, index: Index, plan: Plan, row: PlanRow) -> Stretches:
    """Return what the samples of a row of an arm are made of."""
    rows = [shard for shard in index.rows if (shard.domain, shard.subset) == (row.domain, row.subset)]
    if row.patch is not None:
        return PatchedStretches(corpus, rows, plan, row, read_patch(corpus, row.patch))
    if row.table is not None:
        stretches, firsts = read_table(corpus, row.table)
        return SampleStretches(rows=rows, stretches=stretches, firsts=firsts.astype(np.int64))
    packed = list(concat((batch for batch, _ in documents_of(corpus, rows)), plan.sequence_length))
    return SampleStretches(
        rows=rows,
        stretches=np.concatenate([np.zeros(0, STRETCH), *(found for found, _ in packed)]),
        firsts=np.cumsum(np.concatenate([np.zeros(1, np.int64), *(counts for _, counts in packed)])),
    )


def samples_in_order(plan: Plan, arm: Arm) -> Iterator[tuple[int, int, bool]]:
    """Yield (row of the arm, sample of its epoch, last of its row) of every sample, as the reader does."""
    schedule = Schedule([row.samples for row in arm.rows], plan.seed)
    for block in range(-(-schedule.total // BLOCK_SAMPLES)):
        which, k = schedule.block(block)
        places: list[tuple[int, int]] = np.stack([which, k], axis=1).tolist()
        for i, place in places:
            row = arm.rows[i]
            yield i, _sample(plan, row, place), place + 1 == row.samples


def _sample(plan: Plan, row: PlanRow, k: int) -> int:
    epoch, place = divmod(k, row.supply_samples)
    sample = int(samples_at(plan.order, plan.seed, row, epoch, np.array([place]))[0])
    return sample + (epoch * row.supply_samples if row.patch else 0)


def without_end(stretches: NDArray[Any], tokens: int) -> NDArray[Any]:
    """Return stretches without their last so many tokens."""
    kept = stretches.copy()
    while tokens:
        taken = min(tokens, int(kept["length"][-1]))
        kept["length"][-1] -= taken
        tokens -= taken
        if not kept["length"][-1]:
            kept = kept[:-1]
    return kept
