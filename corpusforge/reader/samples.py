"""A plan over a corpus as a sequence of samples."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpusforge.files import located
from corpusforge.mixture.order import BLOCK_SAMPLES, Schedule
from corpusforge.mixture.planfile import FULL, IN_ORDER, Arm, Plan, PlanRow, arm_names, samples_at
from corpusforge.reader.errors import PlanChanged, ReaderError
from corpusforge.reader.snapshot import Piece, Shard, load_plan, open_index
from corpusforge.reader.sources import Concatenated, Patched, Source, Tabled
from corpusforge.reader.state import check_state, whole_number
from corpusforge.reader.storage import DEFAULT_CACHE_BYTES, LocalStorage, Storage, open_storage
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
    """u32[S]; each document ends with EOS, and padding is made of EOS."""
    n_tokens: int
    """Tokens that count; what follows up to S is padding. Equal to S but for best-fit packing."""
    positions: NDArray[np.int32]
    """i32[S]: place within the document's stretch, 0 where a stretch or the padding begins."""
    cu_seqlens: NDArray[np.int32]
    """i32[stretches + 1]: 0, the end of every stretch, S: as flash attention takes it. Padding is
    the last stretch where there is any."""
    continued: NDArray[np.bool_]
    """bool[stretches]: the stretch goes on with a document whose beginning is elsewhere."""
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

    def loss_mask(self, continued: bool = True) -> NDArray[np.bool_]:
        """Return bool[S]: the tokens to learn from. Never padding.

        With `continued=False` also no stretch of a document that was cut before it: what those
        tokens follow from is not in the sample.
        """
        mask = np.arange(len(self.tokens)) < self.n_tokens
        if not continued:
            mask &= ~self.continued.repeat(np.diff(self.cu_seqlens))
        return mask


class PlanReader:
    """Samples of one arm by number. Open it with `open_plan`.

    `sample(n)` depends on the plan and n alone: any number of ranks and workers may share
    the numbers out as they like. `iter` goes on from the reader's one integer of state.
    """

    def __init__(
        self,
        storage: Storage,
        plan: Plan,
        arm: Arm,
        header: Mapping[str, Any],
        rows: list[ShardRow],
        checksums: bool,
    ) -> None:
        self.plan, self.arm = plan, arm
        self._storage = storage
        pairs = [(row.domain, row.subset) for row in arm.rows]
        self.subsets = tuple(dict.fromkeys(pairs))
        """(domain, subset) by subset id: the same ids in every arm of a plan."""
        self.domains = tuple(dict.fromkeys(domain for domain, _ in self.subsets))
        """Domain by domain id: the same ids in every arm of a plan."""
        self._subset_ids = [self.subsets.index(pair) for pair in pairs]
        self._domain_ids = [self.domains.index(domain) for domain, _ in pairs]
        shards: dict[tuple[str, str], list[Shard]] = {pair: [] for pair in self.subsets}
        for row in rows:
            if (row.domain, row.subset) in shards:
                shard = Shard(storage, row, plan.snapshot, header["tokenizer"]["eos_id"], checksums)
                shards[row.domain, row.subset].append(shard)
        self._sources: list[Source] = [
            self._source(shards[pair], row, checksums) for pair, row in zip(pairs, arm.rows, strict=True)
        ]
        self._check_supply()
        self._schedule = Schedule([row.samples for row in arm.rows], plan.seed)
        self._blocks: OrderedDict[int, tuple[list[int], list[int], list[int]]] = OrderedDict()
        self._ramp = np.arange(plan.sequence_length, dtype=np.int32)
        self._padding = np.full(plan.sequence_length, header["tokenizer"]["eos_id"], np.uint32)
        self._next = 0

    def _source(self, shards: list[Shard], row: PlanRow, checksums: bool) -> Source:
        if row.patch is not None:
            return Patched(self._storage, shards, row, row.patch, self.plan, checksums)
        if row.table is None:
            return Concatenated(shards, self.plan.sequence_length)
        sizes = [shard.row.n_tokens for shard in shards]
        return Tabled(self._storage, sizes, shards, row, row.table, self.plan, checksums)

    def _check_supply(self) -> None:
        for row, source in zip(self.arm.rows, self._sources, strict=True):
            if self.plan.order != IN_ORDER and source.n_samples != row.whole_samples:
                name = f"{row.domain}/{row.subset}"
                raise PlanChanged(
                    f"{name} holds {source.n_samples} samples, the plan says {row.whole_samples}"
                )

    def check_tables(self) -> None:
        """Check the sample tables of the arm, and against the shards' documents too. Raises `ReaderError`."""
        for source in self._sources:
            if not isinstance(source, Concatenated):
                source.check_documents()

    def __len__(self) -> int:
        return self._schedule.total

    def __getitem__(self, n: int) -> Sample:
        return self.sample(n)

    def __iter__(self) -> Iterator[Sample]:
        while self._next < len(self):
            self._next += 1
            yield self.sample(self._next - 1)

    def place(self, n: int) -> tuple[int, int, bool]:
        """Return (row of the arm, number of the sample within its source, last of the row) of sample n."""
        if not 0 <= n < len(self):
            raise IndexError(f"no sample {n}: arm {self.arm.name} has {len(self)}")
        number, offset = divmod(n, BLOCK_SAMPLES)
        block = self._blocks.get(number)
        if block is None:
            block = self._blocks[number] = self._compute(number)
            self._expect_soon(number + 1)
            if len(self._blocks) > _CACHED_BLOCKS:
                self._blocks.popitem(last=False)
        which, samples, k = block
        return which[offset], samples[offset], k[offset] + 1 == self.arm.rows[which[offset]].samples

    def _expect_soon(self, number: int) -> None:
        """Tell a bucket's storage what the next block of the schedule will read."""
        if isinstance(self._storage, LocalStorage) or number * BLOCK_SAMPLES >= len(self):
            return
        which, samples, _ = self._compute(number)
        pieces = (piece for i, k in zip(which, samples, strict=True) for piece in self._sources[i].pieces(k))
        self._storage.expect(
            dict.fromkeys(
                wanted for piece in pieces for wanted in piece.shard.blocks(piece.start, piece.stop)
            )
        )

    def _compute(self, number: int) -> tuple[list[int], list[int], list[int]]:
        which, k = self._schedule.block(number)
        samples = np.empty_like(k)
        for i, row in enumerate(self.arm.rows):
            places = np.flatnonzero(which == i)
            if not len(places):
                continue
            epochs, rest = np.divmod(k[places], row.supply_samples)
            for epoch in np.unique(epochs).tolist():
                chosen = epochs == epoch
                found = samples_at(self.plan.order, self.plan.seed, row, epoch, rest[chosen])
                # of a patched row, numbers go on from epoch to epoch
                samples[places[chosen]] = found + (epoch * row.supply_samples if row.patch else 0)
        return which.tolist(), samples.tolist(), k.tolist()

    def sample(self, n: int, documents: bool = False) -> Sample:
        """Return sample n; with `documents`, where its tokens come from.

        Raises IndexError beyond the plan, `ShardMissing` or `ShardDamaged` where the bytes
        are not those of the index.
        """
        i, number, last = self.place(n)
        pieces = self._sources[i].pieces(number)
        if last and self.arm.rows[i].cut_tokens:
            pieces = _without_end(pieces, self.arm.rows[i].cut_tokens)
        parts = [piece.shard.tokens(piece.start, piece.stop) for piece in pieces]
        n_tokens = sum(map(len, parts))
        if n_tokens < len(self._ramp):
            parts.append(self._padding[n_tokens:])
        tokens = parts[0].astype(np.uint32) if len(parts) == 1 else np.concatenate(parts, dtype=np.uint32)
        cuts, continued = self._cuts(pieces, n_tokens)
        positions = self._ramp - cuts[:-1].repeat(cuts[1:] - cuts[:-1])
        spans = tuple(_spans(pieces)) if documents else None
        return Sample(
            n, tokens, n_tokens, positions, cuts, continued, self._domain_ids[i], self._subset_ids[i], spans
        )

    def _cuts(self, pieces: list[Piece], n_tokens: int) -> tuple[NDArray[np.int32], NDArray[np.bool_]]:
        """Return where stretches begin and end, and which go on with a document cut before.

        Shards end with a document, so every piece but a sample's first begins one or is a stretch
        of its own.
        """
        inner: list[NDArray[np.int32]] = [_ZERO]
        continued: list[tuple[int, bool]] = []
        offset, stretches = 0, 0
        for piece in pieces:
            ends = piece.shard.ends()
            first, last = ends.searchsorted(np.array([piece.start + 1, piece.stop], np.uint64)).tolist()
            inner.append((ends[first:last].astype(np.int64) - (piece.start - offset)).astype(np.int32))
            offset += piece.stop - piece.start
            inner.append(np.array([offset], np.int32))
            continued.append((stretches, piece.start != (int(ends[first - 1]) if first else 0)))
            stretches += last - first + 1
        if n_tokens < len(self._ramp):
            inner.append(np.array([len(self._ramp)], np.int32))
            stretches += 1
        flags = np.zeros(stretches, np.bool_)
        for place, flag in continued:
            flags[place] = flag
        return np.concatenate(inner), flags

    def state_dict(self) -> dict[str, Any]:
        """Return the state: the number of the next sample, and the plan it belongs to."""
        return {"sample": self._next, "plan": self.plan.id, "arm": self.arm.name}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from a state; `PlanChanged` where it is of another plan or arm."""
        check_state(state, self.plan, self.arm.name)
        self._next = whole_number(state, "sample", len(self))


_ZERO = np.zeros(1, np.int32)


def _without_end(pieces: list[Piece], tokens: int) -> list[Piece]:
    """Return the pieces without their last so many tokens."""
    kept = list(pieces)
    while tokens:
        piece = kept.pop()
        length = piece.stop - piece.start
        if length > tokens:
            kept.append(Piece(piece.shard, piece.start, piece.stop - tokens))
        tokens -= min(length, tokens)
    return kept


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


def open_plan(
    corpus: str,
    plan: str | Plan,
    arm: str = FULL,
    checksums: bool = True,
    *,
    cache_dir: str | None = None,
    cache_bytes: int = DEFAULT_CACHE_BYTES,
) -> PlanReader:
    """Return the reader of one arm of a plan, from its file or already loaded.

    `corpus` and the plan's file may lie in a bucket (`gs://…`, `s3://…`, `az://…`) or be read by
    `hf://` or `https://`: what is read is then kept in
    `cache_dir`, a folder of the system's temporary one unless told, of at most `cache_bytes`.
    With `checksums`, every 64 MiB block of tokens is hashed when it is first touched.
    Raises `PlanChanged` where the plan or its snapshot is not what was written, and
    `ReaderError` for an arm that the plan does not have.
    """
    loaded = load_plan(plan) if isinstance(plan, str) else plan
    if arm not in loaded.arms:
        raise ReaderError(f"plan {loaded.name} has no arm {arm!r}: it has {arm_names(loaded)}")
    storage = open_storage(located(corpus), cache_dir, cache_bytes)
    header, rows = _index_of(storage, loaded)
    return PlanReader(storage, loaded, loaded.arms[arm], header, rows, checksums)


def open_arms(corpus: str, plan: Plan) -> Iterator[PlanReader]:
    """Yield the reader of every arm of a plan, the index read once. Errors as `open_plan`."""
    storage = open_storage(located(corpus), None, DEFAULT_CACHE_BYTES)
    header, rows = _index_of(storage, plan)
    for arm in plan.arms.values():
        yield PlanReader(storage, plan, arm, header, rows, True)


def _index_of(storage: Storage, plan: Plan) -> tuple[dict[str, Any], list[ShardRow]]:
    header, rows = open_index(storage, plan.snapshot)
    if header["seed"] != plan.seed:
        raise PlanChanged(f"the corpus has seed {header['seed']}, the plan {plan.seed}")
    return header, rows
