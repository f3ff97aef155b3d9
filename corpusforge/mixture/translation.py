"""A plan in the tokens of another tokenizer: every arm reads the same documents in the same order.

What the arms read of a key, from the first sample to the last of the longest, is one stream of stretches of
documents. Each stretch becomes the same part of its document in the new tokens, and the stream is cut anew
every S tokens: a table that is read from its beginning (`IN_ORDER`), of which each arm takes a prefix.

old tokens   |a a a a|a a b b|b c c c|c c ..         samples in the order in which they are read
documents     ---a------- --b-- ----c----
new tokens   |a a a b b c|c c ..                     as many as the text takes; the rest under S is left
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpusforge.mixture.moved import check_same_documents
from corpusforge.mixture.numbered import Numbered, read_patch
from corpusforge.mixture.packing import concat
from corpusforge.mixture.planfile import (
    FULL,
    IN_ORDER,
    ORDER,
    Arm,
    Plan,
    PlanRow,
    longest_rows,
    plan_from_bytes,
    plan_to_bytes,
    samples_at,
)
from corpusforge.mixture.samplepatch import Moves
from corpusforge.mixture.sampletable import STRETCH, SampleTable
from corpusforge.mixture.streams import Stream
from corpusforge.mixture.tablewriter import write_table
from corpusforge.shards.snapshot import Index

_BATCH = 8192
"""Samples that are translated at once."""


def translate(corpus: str, plan: Plan, old: Index, new: Index) -> Plan:
    """Return a plan over a snapshot of the same documents in other tokens; its tables are written.

    Of a document that a sample cuts, the cut falls on the same part of it: s of n tokens become s * m // n
    of m. Budgets are what the text takes: each arm has its own, in whole samples, and up to
    `sequence_length` - 1 tokens of each row are left. Raises ValueError where the documents are not the same,
    or were packed by best fit: by lengths in the old tokens; and for a swarm.
    """
    if plan.packing != "concat":
        raise ValueError(
            f"plan {plan.name} packs by {plan.packing}, by lengths in tokens, and these are others now: "
            "make a plan of its recipe"
        )
    if any(row.prefix for arm in plan.arms.values() for row in arm.rows):
        raise ValueError(
            f"plan {plan.name} is a swarm, whose runs read in orders of their own, over parts of equal "
            "tokens: make a swarm of its recipe over these tokens"
        )
    keys: dict[tuple[str, str, str], _Key] = {}
    for pair in sorted({(row.domain, row.subset) for arm in plan.arms.values() for row in arm.rows}):
        parent, child = (
            Stream(corpus, [row for row in index.rows if (row.domain, row.subset) == pair])
            for index in (old, new)
        )
        check_same_documents(parent, child)
        for key, row in longest_rows(plan, pair).items():
            keys[key] = _Key(corpus=corpus, plan=plan, row=row, parent=parent, child=child)
            keys[key].write()
    arms = {
        name: _arm(arm, [keys[row.domain, row.subset, row.selection].row_of(row) for row in arm.rows])
        for name, arm in plan.arms.items()
    }
    budget = arms[FULL].tokens
    if not budget:
        raise ValueError(f"plan {plan.name}: its text makes up no sample of {plan.sequence_length} tokens")
    made = replace(
        plan, snapshot=new.snapshot, budget_tokens=budget, arms=arms, order=IN_ORDER, parent=plan.id
    )
    return plan_from_bytes(plan_to_bytes(made), plan.name)


def _arm(arm: Arm, rows: Sequence[PlanRow]) -> Arm:
    tokens = sum(row.tokens for row in rows)
    return replace(arm, rows=tuple(rows), unmatched_tokens=min(arm.unmatched_tokens, tokens))


@dataclass(slots=True, kw_only=True)
class _Key:
    """One key of a plan on its way into other tokens."""

    corpus: str
    plan: Plan
    row: PlanRow
    """Of the arm that reads most of it."""
    parent: Stream
    child: Stream
    table: SampleTable | None = None
    supply_tokens: int = 0
    tokens: dict[int, int] = field(default_factory=dict[int, int])
    """New tokens of the first so many old samples, for each number that an arm reads."""

    def write(self) -> None:
        """Write the table of the key and count its tokens."""
        counts = {
            row.samples
            for arm in self.plan.arms.values()
            for row in arm.rows
            if (row.domain, row.subset, row.selection)
            == (self.row.domain, self.row.subset, self.row.selection)
        }
        self.tokens = dict.fromkeys(sorted(counts), 0)
        self.supply_tokens = self.child.n_tokens
        if self.row.samples:
            batches = concat(self._stretches(sorted(counts)), self.plan.sequence_length)
            self.table, _ = write_table(self.corpus, batches, keep_lengths=False)
        if self.row.table is not None:
            once = self._translated(0, self.row.supply_samples)
            self.supply_tokens = sum(int(part["length"].sum(dtype=np.int64)) for part in once)

    def row_of(self, row: PlanRow) -> PlanRow:
        """Return the row of an arm."""
        length = self.plan.sequence_length
        samples = self.tokens[row.samples] // length
        return replace(
            row,
            samples=samples,
            supply_samples=max(self.supply_tokens // length, 1 if samples else 0),
            tokens=samples * length,
            table=self.table,
            patch=None,
        )

    def _stretches(self, counts: Sequence[int]) -> Iterator[NDArray[Any]]:
        """Yield what the samples are made of, in the order in which they are read; `tokens` is filled."""
        done = total = 0
        for count in counts:
            for part in self._translated(done, count):
                total += int(part["length"].sum(dtype=np.int64))
                yield part
            self.tokens[count], done = total, count

    def _translated(self, first: int, stop: int) -> Iterator[NDArray[Any]]:
        """Yield the stretches, in new tokens, of the samples at places [first, stop) of the key's order."""
        row, plan = self.row, self.plan
        moves = read_patch(self.corpus, row.patch) if row.patch else Moves.none(self.parent.sizes)
        numbered = Numbered(self.corpus, row, moves, plan.sequence_length)
        while first < stop:
            epoch, within = divmod(first, row.supply_samples)
            n = min(_BATCH, row.supply_samples - within, stop - first)
            samples = samples_at(ORDER, plan.seed, row, epoch, np.arange(within, within + n))
            owner, starts, stops = numbered.ranges(samples)
            yield self._of_child(*moves.find(np.full(len(owner), epoch), starts, stops)[1:])
            first += n

    def _of_child(self, starts: NDArray[np.int64], stops: NDArray[np.int64]) -> NDArray[Any]:
        """Return stretches of the child that are the same parts of the same documents."""
        found = self.parent.documents(starts, stops)
        begin, end = self.child.extents(found.number)
        n_old = (found.doc_stop - found.doc_start).astype(np.uint64)
        n_new = (end - begin).astype(np.uint64)
        # lengths are below 2^32: no product runs over
        first = (found.start - found.doc_start).astype(np.uint64) * n_new // n_old
        last = (found.stop - found.doc_start).astype(np.uint64) * n_new // n_old
        shard = np.searchsorted(self.child.before, begin, side="right") - 1
        stretches = np.zeros(len(first), STRETCH)
        stretches["shard"], stretches["length"] = shard, last - first
        stretches["start"] = (begin - self.child.before[shard]).astype(np.uint64) + first
        return stretches[last > first]
