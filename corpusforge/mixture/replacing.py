"""What takes the place of lost stretches: stretches of the same stratum that the order hands out next.

A supplier is a key whose samples give replacements: its order is walked on from where the longest arm stops,
so that what comes in is what that arm would have read next, and nothing comes more often than the epochs
that are walked. Of a key of which arms read the first samples alone, those behind are walked from the last
one on: so swarms of two fractions take the same. Which stretch replaces which depends on the order and on
what was lost, on no arm.
"""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from corpusforge.mixture.numbered import Numbered
from corpusforge.mixture.planfile import ORDER, samples_at
from corpusforge.mixture.samplepatch import ENTRY, Moves
from corpusforge.mixture.streams import Found, Names, Stream

_BATCH = 8192
"""Samples that are looked at together: a quarter of a window, in 18 shards at most."""
_NO_FILLS = np.zeros(0, ENTRY)
ANY = -1
"""The stratum of what may be replaced by anything."""

Fill = tuple[int, int, int]
"""(which need, first token in the child, tokens)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Supplier:
    """Where replacements of a key come from."""

    numbered: Numbered
    moves: Moves
    """Of the key, to the child."""
    child: Stream
    seed: int
    first: int
    """Place in the order from which on no arm reads; of a nested key, the sample."""
    stop: int
    """Place at which the walk ends: epochs that documents may be read, in samples; of a nested key, all."""
    is_nested: bool
    """Whether the arms read the first samples alone."""
    new: NDArray[np.int64]
    """i64[documents, 2]: first token and tokens of documents that only the child has: these come first."""
    taken: NDArray[np.int64]
    """First tokens of documents that a matched swap reads, sorted: they do not come."""

    def stretches(self) -> Iterator[Found]:
        """Yield stretches in the order in which they may come."""
        if len(self.new):
            yield self.child.documents(self.new[:, 0], self.new.sum(axis=1))
        kept = replace(self.moves, fills=_NO_FILLS)
        yield from self._behind(kept) if self.is_nested else self._further(kept)

    def _behind(self, kept: Moves) -> Iterator[Found]:
        stop = self.stop
        while stop > self.first:
            begin = max(self.first, (stop - 1) // _BATCH * _BATCH)
            starts, stops = self.numbered.between(begin, stop)
            found = self.child.documents(*kept.find(np.zeros_like(starts), starts, stops)[1:])
            yield self._free(found.take(np.arange(len(found.start))[::-1]))
            stop = begin

    def _further(self, kept: Moves) -> Iterator[Found]:
        supply = self.numbered.row.supply_samples
        place = self.first
        while place < self.stop:
            epoch, within = divmod(place, supply)
            n = min(_BATCH - within % _BATCH, supply - within, self.stop - place)
            samples = samples_at(ORDER, self.seed, self.numbered.row, epoch, np.arange(within, within + n))
            owner, starts, stops = self.numbered.ranges(samples)
            yield self._free(self.child.documents(*kept.find(np.zeros_like(owner), starts, stops)[1:]))
            place += n

    def _free(self, found: Found) -> Found:
        if not len(self.taken):
            return found
        at = np.minimum(np.searchsorted(self.taken, found.doc_start), len(self.taken) - 1)
        return found.take(np.flatnonzero(self.taken[at] != found.doc_start))


@dataclass(slots=True)
class _Open:
    """Needs that are not filled yet, by stratum, and what is at hand for them."""

    left: list[int]
    """Tokens that each need lacks."""
    waiting: dict[int, deque[int]]
    fills: list[Fill] = field(default_factory=list[Fill])
    rests: dict[int, deque[tuple[int, int]]] = field(
        default_factory=lambda: defaultdict(deque[tuple[int, int]])
    )
    """(first token, tokens) of stretches that were longer than what they replaced."""

    def give(self, stratum: int, start: int, length: int) -> tuple[int, int]:
        """Put a stretch in the place of the next need of a stratum; return what is left over of it."""
        queue = self.waiting[stratum]
        need = queue[0]
        n = min(self.left[need], length)
        self.fills.append((need, start, n))
        self.left[need] -= n
        if not self.left[need]:
            queue.popleft()
            if not queue:
                del self.waiting[stratum]
        return start + n, length - n


def replace_lost(
    supplier: Supplier,
    lengths: NDArray[np.int64],
    strata: NDArray[np.int64],
    used: Counter[int],
    names: Names,
    allowed: Callable[[int, list[tuple[int, int]]], None],
) -> tuple[list[Fill], int]:
    """Return (fills, tokens of them from another stratum) for needs of so many tokens and of these strata.

    `used` counts stretches, by their first token, that replace something already: each is passed over as
    often. `allowed` is told (tokens short, [(stratum, tokens short)]) of what has no match, and raises
    ValueError where that is too much.
    """
    state = _Open(left=lengths.tolist(), waiting=defaultdict(deque))
    for need, stratum in enumerate(strata.tolist()):
        state.waiting[stratum].append(need)
    fresh = Counter[int]()
    _walk(state, supplier, used, fresh, names)
    _use_rests(state)
    if not state.waiting:
        return state.fills, 0
    short = [(stratum, sum(state.left[need] for need in queue)) for stratum, queue in state.waiting.items()]
    n_short = sum(tokens for _, tokens in short)
    allowed(n_short, short)
    open_needs = sorted(need for queue in state.waiting.values() for need in queue)
    state.waiting = {ANY: deque(open_needs)}
    _walk(state, supplier, used + fresh, Counter(), None)
    state.rests = {ANY: deque(rest for queue in state.rests.values() for rest in queue)}
    _use_rests(state)
    if state.waiting:
        lacking = sum(state.left[need] for need in state.waiting[ANY])
        which = "no run reads" if supplier.is_nested else "may be read once more"
        key = supplier.numbered.row.key
        raise ValueError(f"{key}: {lacking:,} tokens short: no document is left that {which}")
    return state.fills, n_short


def _walk(
    state: _Open, supplier: Supplier, used: Counter[int], fresh: Counter[int], names: Names | None
) -> None:
    """Give out stretches until no need is open or none is left. Without names, strata do not matter."""
    to_skip = Counter(used)
    for found in supplier.stretches() if state.waiting else ():
        lengths = (found.stop - found.start).tolist()
        if names is None:
            strata, rows = [ANY] * len(lengths), range(len(lengths))
        else:
            of_documents = supplier.child.strata(found, names)
            wanted = np.isin(of_documents, np.fromiter(state.waiting, np.int64))
            strata, rows = of_documents.tolist(), np.flatnonzero(wanted).tolist()
        starts: list[int] = found.start.tolist()
        for row in rows:
            stratum, start = strata[row], starts[row]
            if stratum not in state.waiting:
                continue
            if to_skip.get(start, 0):
                to_skip[start] -= 1
                continue
            fresh[start] += 1
            rest, n_left = state.give(stratum, start, lengths[row])
            if n_left:
                state.rests[stratum].append((rest, n_left))
        if not state.waiting:
            return


def _use_rests(state: _Open) -> None:
    """Give out what was left over, where stretches that begin fresh are used up."""
    for stratum in sorted(state.waiting):
        rests = state.rests[stratum]
        while rests and stratum in state.waiting:
            rest, n_left = state.give(stratum, *rests.popleft())
            if n_left:
                rests.appendleft((rest, n_left))
