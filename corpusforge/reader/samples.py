"""A plan over a corpus as a sequence of samples."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpusforge.mixture.planfile import FULL, Arm, Plan
from corpusforge.reader.errors import PlanChanged, ReaderError
from corpusforge.reader.order import BLOCK_SAMPLES, Schedule, epoch_order
from corpusforge.reader.snapshot import Piece, Shard, Subset, load_index, load_plan
from corpusforge.shards.format import ShardRow, shard_path

_CACHED_BLOCKS = 64


@dataclass(frozen=True, slots=True)
class DocumentSpan:
    """A stretch of one document in a sample, and the way back to its row."""

    docs_path: str
    """Docs table of the shard, relative to the corpus; the text table has the same rows."""
    row: int
    start: int
    """First token of the stretch, counted from the document's first."""
    length: int
    """Tokens of the stretch, in order of the sample."""


@dataclass(frozen=True, slots=True)
class Sample:
    """`S` tokens of one (domain, subset), documents one after the other."""

    n: int
    tokens: NDArray[np.uint32]
    """u32[S]; each document ends with EOS."""
    positions: NDArray[np.int32]
    """i32[S]: place within the document's stretch, 0 where a stretch begins."""
    cu_seqlens: NDArray[np.int32]
    """i32[stretches + 1]: 0, the end of every stretch, S: as flash attention takes it."""
    domain: int
    """Index into `PlanReader.domains`."""
    subset: int
    """Index into `PlanReader.subsets`."""
    documents: tuple[DocumentSpan, ...] | None = None
    """On request: where each stretch comes from."""

    @property
    def document_lengths(self) -> NDArray[np.int32]:
        """Return the tokens of each stretch: i32, summing to S."""
        return np.diff(self.cu_seqlens)


class PlanReader:
    """Samples of one arm by number. Open it with `open_plan`.

    `sample(n)` depends on the plan and n alone: any number of ranks and workers may share
    the numbers out as they like. `iter` goes on from the reader's one integer of state.
    """

    def __init__(self, corpus: str, plan: Plan, arm: Arm, rows: list[ShardRow], checksums: bool) -> None:
        self.plan, self.arm = plan, arm
        self.subsets = tuple((row.domain, row.subset) for row in arm.rows)
        """(domain, subset) by subset id: the same ids in every arm of a plan."""
        self.domains = tuple(dict.fromkeys(domain for domain, _ in self.subsets))
        """Domain by domain id: the same ids in every arm of a plan."""
        self._domain_ids = [self.domains.index(domain) for domain, _ in self.subsets]
        shards: dict[tuple[str, str], list[Shard]] = {pair: [] for pair in self.subsets}
        for row in rows:
            if (row.domain, row.subset) in shards:
                shards[row.domain, row.subset].append(Shard(corpus, row, checksums))
        self._subsets = [Subset(shards[pair]) for pair in self.subsets]
        self._check_supply()
        self._schedule = Schedule([row.samples for row in arm.rows], plan.seed)
        self._blocks: OrderedDict[int, tuple[list[int], list[int]]] = OrderedDict()
        self._ramp = np.arange(plan.sequence_length, dtype=np.int32)
        self._next = 0

    def _check_supply(self) -> None:
        for row, subset in zip(self.arm.rows, self._subsets, strict=True):
            found = subset.n_tokens // self.plan.sequence_length
            if found != row.supply_samples:
                name = f"{row.domain}/{row.subset}"
                raise PlanChanged(f"{name} holds {found} samples, the plan says {row.supply_samples}")

    def __len__(self) -> int:
        return self._schedule.total

    def __getitem__(self, n: int) -> Sample:
        return self.sample(n)

    def __iter__(self) -> Iterator[Sample]:
        while self._next < len(self):
            self._next += 1
            yield self.sample(self._next - 1)

    def place(self, n: int) -> tuple[int, int]:
        """Return (subset id, number of the sample within its subset) of sample n."""
        if not 0 <= n < len(self):
            raise IndexError(f"no sample {n}: arm {self.arm.name} has {len(self)}")
        number, offset = divmod(n, BLOCK_SAMPLES)
        block = self._blocks.get(number)
        if block is None:
            block = self._blocks[number] = self._compute(number)
            if len(self._blocks) > _CACHED_BLOCKS:
                self._blocks.popitem(last=False)
        return block[0][offset], block[1][offset]

    def _compute(self, number: int) -> tuple[list[int], list[int]]:
        which, k = self._schedule.block(number)
        samples = np.empty_like(k)
        for subset, row in enumerate(self.arm.rows):
            places = np.flatnonzero(which == subset)
            if not len(places):
                continue
            epochs, rest = np.divmod(k[places], row.supply_samples)
            for epoch in np.unique(epochs).tolist():
                chosen = epochs == epoch
                samples[places[chosen]] = epoch_order(
                    self.plan.seed, row.domain, row.subset, epoch, row.supply_samples, rest[chosen]
                )
        return which.tolist(), samples.tolist()

    def sample(self, n: int, documents: bool = False) -> Sample:
        """Return sample n; with `documents`, where its tokens come from.

        Raises IndexError beyond the plan, `ShardMissing` or `ShardDamaged` where the bytes
        are not those of the index.
        """
        subset, number = self.place(n)
        length = self.plan.sequence_length
        pieces = self._subsets[subset].pieces(number * length, (number + 1) * length)
        parts = [piece.shard.tokens(piece.start, piece.stop) for piece in pieces]
        tokens = parts[0].copy() if len(parts) == 1 else np.concatenate(parts)
        cuts = self._cuts(pieces)
        lengths = cuts[1:] - cuts[:-1]
        positions = self._ramp - cuts[:-1].repeat(lengths)
        spans = tuple(_spans(pieces)) if documents else None
        return Sample(n, tokens, positions, cuts, self._domain_ids[subset], subset, spans)

    def _cuts(self, pieces: list[Piece]) -> NDArray[np.int32]:
        """Return where stretches of documents begin and end in a sample. Shards end with a document."""
        inner: list[NDArray[np.int32]] = []
        offset = 0
        for piece in pieces:
            ends = piece.shard.ends()
            first, last = ends.searchsorted(np.array([piece.start + 1, piece.stop], np.uint64))
            inner.append((ends[first:last].astype(np.int64) - (piece.start - offset)).astype(np.int32))
            offset += piece.stop - piece.start
            if piece is not pieces[-1]:
                inner.append(np.array([offset], np.int32))
        return np.concatenate([_ZERO, *inner, np.array([offset], np.int32)])

    def state_dict(self) -> dict[str, Any]:
        """Return the state: the number of the next sample, and the plan it belongs to."""
        return {"sample": self._next, "plan": self.plan.id, "arm": self.arm.name}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from a state; `PlanChanged` where it is of another plan or arm."""
        check_state(state, self.plan, self.arm.name)
        self._next = int(state["sample"])


_ZERO = np.zeros(1, np.int32)


def check_state(state: dict[str, Any], plan: Plan, arm: str) -> None:
    """Raise `PlanChanged` where a state belongs to another plan or arm."""
    if (state["plan"], state["arm"]) != (plan.id, arm):
        raise PlanChanged(
            f"the state is of plan {state['plan']}, arm {state['arm']}: this is plan {plan.id}, arm {arm}"
        )


def _spans(pieces: list[Piece]) -> Iterator[DocumentSpan]:
    for piece in pieces:
        row = piece.shard.row
        path = shard_path(row.domain, row.subset, row.id, "docs")
        ends = piece.shard.ends()
        at = piece.start
        number = int(ends.searchsorted(np.uint64(at), side="right"))
        while at < piece.stop:
            begin = int(ends[number - 1]) if number else 0
            stop = min(int(ends[number]), piece.stop)
            yield DocumentSpan(path, number, at - begin, stop - at)
            at, number = stop, number + 1


def open_plan(corpus: str, plan: str | Plan, arm: str = FULL, checksums: bool = True) -> PlanReader:
    """Return the reader of one arm of a plan, from its file or already loaded.

    With `checksums`, every 64 MiB block of tokens is hashed when it is first touched.
    Raises `PlanChanged` where the plan or its snapshot is not what was written, and
    `ReaderError` for an arm that the plan does not have.
    """
    loaded = load_plan(plan) if isinstance(plan, str) else plan
    if arm not in loaded.arms:
        raise ReaderError(f"plan {loaded.name} has no arm {arm!r}: it has {', '.join(sorted(loaded.arms))}")
    header, rows = load_index(corpus, loaded.snapshot)
    if header["seed"] != loaded.seed:
        raise PlanChanged(f"the corpus has seed {header['seed']}, the plan {loaded.seed}")
    return PlanReader(corpus, loaded, loaded.arms[arm], rows, checksums)
