"""What two arms over two snapshots read at the same places: the same, a replacement, or something else.

Both number their samples alike, so it is enough to look where either lost something, or where the documents
between do not lie as the snapshots say. Nothing here trusts what made the second plan: documents are told
apart by their ids, and replacements by the strata of both snapshots' tables.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from corpusforge.domains import supply_key
from corpusforge.mixture.moved import moved
from corpusforge.mixture.numbered import Numbered, cut_off, read_patch
from corpusforge.mixture.patching import now_at
from corpusforge.mixture.planfile import ORDER, Arm, Plan, PlanRow, samples_at
from corpusforge.mixture.samplepatch import LOST, Moves, Ranges, cut
from corpusforge.mixture.streams import Names, Stream
from corpusforge.shards.snapshot import Index, read_index

_NONE = np.zeros(0, np.int64)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """One (domain, subset) of two arms, every epoch counted."""

    domain: str
    subset: str
    gone_docs: int
    """Documents of the first snapshot that the second has not."""
    samples: int
    same_samples: int
    """Those that are the same, token for token, at the same place."""
    tokens: int
    same_tokens: int
    replaced_tokens: int
    """In the place of tokens of documents that are gone."""
    like_tokens: int
    """Of these, from documents of the same length to a power of two, and of the same source."""
    moved_tokens: int
    """Others that are not the same: none, of a plan made again."""
    stretches: int
    """Of documents, that replace."""


def compare_over(corpus: str, first: tuple[Plan, Arm], second: tuple[Plan, Arm]) -> list[Kept]:
    """Return what two arms over two snapshots of the same tokens read, by (domain, subset) that they read.

    Holds a few numbers for each document that is gone. Raises ValueError where their samples are not
    numbered alike: the second plan was not made again from the first, or from what that was made from.
    """
    indexes = read_index(corpus, first[0].snapshot), read_index(corpus, second[0].snapshot)
    _check_alike(first, second, indexes)
    pairs = sorted({(row.domain, row.subset) for row in first[1].rows if row.samples})
    return [_Pair(corpus, first[0], indexes, pair).compare(first[1], second[1]) for pair in pairs]


def _check_alike(first: tuple[Plan, Arm], second: tuple[Plan, Arm], indexes: tuple[Index, Index]) -> None:
    (one, arm), (other, arm_too) = first, second
    if indexes[0].header["tokenizer"] != indexes[1].header["tokenizer"]:
        raise ValueError("the plans are of two tokenizers: their tokens have no numbers in common")
    if one.order != ORDER and other.order != ORDER:
        raise ValueError(
            "the plans were both translated to another tokenizer: compare those they were made from"
        )
    for name in ("seed", "sequence_length", "order"):
        if getattr(one, name) != getattr(other, name):
            raise ValueError(f"the plans are of two snapshots, and their {name} is not the same")
    rows = [{(row.domain, row.subset, row.selection): row for row in a.rows} for a in (arm, arm_too)]
    for key in sorted(rows[0].keys() | rows[1].keys()):
        mine, theirs = rows[0].get(key), rows[1].get(key)
        if mine is None or theirs is None or replace(mine, patch=None) != replace(theirs, patch=None):
            where = supply_key(key[0], key[1]) + (f"#{key[2]}" if key[2] else "")
            raise ValueError(
                f"the plans are of two snapshots, {one.snapshot} and {other.snapshot}, and their samples of "
                f"{where} are not numbered alike: make the plan again with `corpusforge mix --again`"
            )


class _Pair:
    def __init__(self, corpus: str, plan: Plan, indexes: tuple[Index, Index], pair: tuple[str, str]) -> None:
        self.corpus, self.plan, self.pair = corpus, plan, pair
        self.names = Names()
        self.parent, self.child = (
            Stream(corpus, [row for row in index.rows if (row.domain, row.subset) == pair])
            for index in indexes
        )
        self.documents = moved(self.parent, self.child, plan.seed, self.names)

    def compare(self, first: Arm, second: Arm) -> Kept:
        """Return what the rows of the pair read."""
        rows = [
            (row, too)
            for row, too in zip(first.rows, second.rows, strict=True)
            if (row.domain, row.subset) == self.pair and row.samples
        ]
        found = np.array([self._row(row, too) for row, too in rows], np.int64).sum(axis=0).tolist()
        changed_samples, replaced, like, others, stretches = found
        samples, tokens = sum(row.samples for row, _ in rows), sum(row.tokens for row, _ in rows)
        return Kept(
            domain=self.pair[0],
            subset=self.pair[1],
            gone_docs=len(self.documents.gone),
            samples=samples,
            same_samples=samples - changed_samples,
            tokens=tokens,
            same_tokens=tokens - replaced - others,
            replaced_tokens=replaced,
            like_tokens=like,
            moved_tokens=others,
            stretches=stretches,
        )

    def _row(self, row: PlanRow, too: PlanRow) -> tuple[int, int, int, int, int]:
        """Return (samples that changed, tokens replaced, by their like, moved, stretches that replace)."""
        mine = read_patch(self.corpus, row.patch) if row.patch else Moves.none(self.parent.sizes)
        theirs = read_patch(self.corpus, too.patch) if too.patch else Moves.none(self.child.sizes)
        if row.table and not np.array_equal(mine.sizes, theirs.sizes):
            raise ValueError("a sample table is read over two numberings of its shards: make the plan again")
        numbered = Numbered(self.corpus, row, mine, self.plan.sequence_length)
        starts, stops = self._to_look_at(mine, theirs)
        totals = np.zeros(5, np.int64)
        changed = [_NONE]
        for sample, first, last in numbered.within(starts, stops):
            for epoch in range(numbered.epochs_begun(row.samples)):
                read = numbered.is_read(self.plan.seed, epoch, sample, row.samples)
                samples, begin, end = sample[read], first[read], last[read]
                owner, begin, end = self._without_cut(numbered, epoch, samples, begin, end)
                epochs = np.full(len(begin), epoch)
                found = mine.find(epochs, begin, end), theirs.find(epochs, begin, end)
                kinds, whose = self._look(*found, end - begin)
                totals += kinds
                changed.append(np.unique(samples[owner[whose]]) + epoch * row.supply_samples)
        totals[0] = len(np.unique(np.concatenate(changed)))
        n_changed, replaced, like, others, stretches = totals.tolist()
        return n_changed, replaced, like, others, stretches

    def _to_look_at(self, mine: Moves, theirs: Moves) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return stretches of the numbered stream where the two may not be the same, in order."""
        end = min(mine.n_tokens, theirs.n_tokens)
        edges = np.union1d(mine.moves["at"], theirs.moves["at"]).astype(np.int64)
        edges = edges[edges < end]
        starts, stops = edges, np.append(edges[1:], end)[: len(edges)]
        to, to_too = mine.place(starts), theirs.place(starts)
        is_kept = (to < np.uint64(LOST)) & (to_too < np.uint64(LOST))
        kept = np.flatnonzero(is_kept)
        begin = to[kept].astype(np.int64)
        owner, first, last = cut(self.documents.moves["at"], begin, begin + (stops - starts)[kept])
        whose = kept[owner]
        off = first - begin[owner]
        differs = now_at(self.documents, first) != to_too[whose] + off.astype(np.uint64)
        low = np.concatenate([starts[~is_kept], (starts[whose] + off)[differs]])
        high = np.concatenate([stops[~is_kept], (starts[whose] + off + last - first)[differs]])
        beyond = max(mine.n_tokens, theirs.n_tokens)
        if beyond > end:  # what only one of them numbers
            low, high = np.append(low, end), np.append(high, beyond)
        order = np.argsort(low, kind="stable")
        return low[order], high[order]

    def _without_cut(
        self,
        numbered: Numbered,
        epoch: int,
        samples: NDArray[np.int64],
        begin: NDArray[np.int64],
        end: NDArray[np.int64],
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """Return (which, first, behind the last) of ranges without what is cut off the row's last sample."""
        row = numbered.row
        owner = np.arange(len(begin))
        last_epoch, place = divmod(row.samples - 1, row.supply_samples)
        if not row.cut_tokens or epoch != last_epoch or not len(begin):
            return owner, begin, end
        last = samples_at(self.plan.order, self.plan.seed, row, epoch, np.array([place]))
        whose, low, high = numbered.ranges(last)
        kept_to = high.copy()
        cut_off(whose, low, kept_to, row.cut_tokens)
        for stretch in range(len(low)):
            inside = (samples == last[0]) & (begin >= low[stretch]) & (end <= high[stretch])
            end = np.where(inside, np.minimum(end, np.maximum(kept_to[stretch], begin)), end)
        left = end > begin
        return owner[left], begin[left], end[left]

    def _look(
        self, one: Ranges, other: Ranges, lengths: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return ([0, tokens replaced, by their like, moved, stretches], which ranges are not the same)."""
        for owner, begin, end in (one, other):
            told = np.bincount(owner, weights=end - begin, minlength=len(lengths)).astype(np.int64)
            if not np.array_equal(told, lengths):
                raise ValueError("a patch fills nothing where its plan reads: make the plan again")
        sides = [_Line(begin, end) for _, begin, end in (one, other)]
        edges = np.union1d(sides[0].at, sides[1].at).astype(np.int64)
        stops = np.append(edges[1:], int(lengths.sum()))[: len(edges)]
        mine = sides[0].find(edges)
        piece, first, last = cut(self.documents.moves["at"], mine, mine + stops - edges)
        theirs = sides[1].find(edges)[piece] + first - mine[piece]
        now = now_at(self.documents, first)
        is_gone = now >= np.uint64(LOST)
        is_moved = ~is_gone & (now.astype(np.int64) != theirs)
        at = edges[piece] + first - mine[piece]
        range_of = np.searchsorted(np.cumsum(lengths), at, side="right")
        documents = (now[is_gone] - np.uint64(LOST)).astype(np.int64)
        found = self.child.documents(theirs[is_gone], (theirs + last - first)[is_gone])
        alike = self.child.strata(found, self.names) == self.documents.gone[documents, 2][found.owner]
        counts = [
            0,
            int((last - first)[is_gone].sum()),
            int((found.stop - found.start)[alike].sum()),
            int((last - first)[is_moved].sum()),
            len(found.start),
        ]
        return np.array(counts, np.int64), np.unique(range_of[is_gone | is_moved])


class _Line:
    """Ranges laid end to end."""

    def __init__(self, starts: NDArray[np.int64], stops: NDArray[np.int64]) -> None:
        self.starts = starts
        self.at = np.cumsum(stops - starts) - (stops - starts)

    def find(self, places: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the token at each place of the line."""
        which = np.searchsorted(self.at, places, side="right") - 1
        return self.starts[which] + places - self.at[which]
