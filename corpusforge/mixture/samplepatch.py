"""Where the samples of a row lie in a child snapshot: whole stretches moved, lost ones replaced. numpy only.

A plan made again over a child counts its samples in the tokens of the snapshot it was first made of: the
numbered stream. A patch says where each of those tokens is now, piece by piece:

numbered stream   |---- moved ----|lost|------- moved -------|lost|-- moved --|
child             |---- here -----|------- and here ---------|-- and here ----|
lost tokens, end to end, once an epoch  |lost|lost|lost|lost|      each filled with tokens of the child

A few numbers a lost document, whatever the size of the subset. Beside the plan, named by its content.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpusforge.mixture.sampletable import FOLDER

ENTRY = np.dtype([("at", "<u8"), ("to", "<u8")])
"""From the token `at` on, tokens lie at `to` and after; up to the next entry."""
SIZES_DTYPE = "<u8"
"""Tokens of each shard of the numbered stream, in order: what a sample table's shards are."""
LOST = 1 << 63
"""`to` of a move: the tokens are gone; less this, their place among all that are."""
NOTHING = 2**64 - 1
"""`to` of a fill: no arm reads these."""

Ranges = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]
"""(which was asked for, first token, token behind the last), in the order of what was asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SamplePatch:
    """What a plan says of a patch: enough to find it, to check it and to count with it."""

    id: str
    """The first 32 hex digits of its sha256."""
    sha256: str
    n_tokens: int
    """Of the numbered stream."""
    lost_tokens: int
    """Of it, those that the child has not."""
    epochs: int
    """For how many epochs lost tokens are filled: all that an arm begins."""
    n_moves: int
    n_fills: int
    n_shards: int
    """Of the numbered stream."""

    @property
    def n_bytes(self) -> int:
        """Bytes of its file."""
        return ENTRY.itemsize * (self.n_moves + self.n_fills) + 8 * self.n_shards


def patch_path(patch_id: str) -> str:
    """Return where a patch lies, relative to the corpus."""
    return f"{FOLDER}/{patch_id}.patch"


def patch_from_json(value: Mapping[str, Any]) -> SamplePatch:
    """Return the patch of its JSON object; TypeError where it is none."""
    return SamplePatch(**value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Moves:
    """A patch's numbers."""

    moves: NDArray[Any]
    """`ENTRY`, over the numbered stream."""
    fills: NDArray[Any]
    """`ENTRY`, over the lost tokens, epoch after epoch."""
    sizes: NDArray[Any]
    n_tokens: int
    lost_tokens: int
    epochs: int

    @staticmethod
    def none(sizes: NDArray[Any]) -> Moves:
        """Return the moves of a stream that lies where it is numbered."""
        moves = np.zeros(1 if len(sizes) else 0, ENTRY)
        return Moves(
            moves=moves,
            fills=np.zeros(0, ENTRY),
            sizes=sizes,
            n_tokens=int(sizes.sum(dtype=np.uint64)),
            lost_tokens=0,
            epochs=0,
        )

    @staticmethod
    def of(patch: SamplePatch, data: NDArray[np.uint8]) -> Moves:
        """Return what the bytes of a patch hold."""
        n_entries = ENTRY.itemsize * (patch.n_moves + patch.n_fills)
        entries = data[:n_entries].view(ENTRY)
        return Moves(
            moves=entries[: patch.n_moves],
            fills=entries[patch.n_moves :],
            sizes=data[n_entries:].view(SIZES_DTYPE),
            n_tokens=patch.n_tokens,
            lost_tokens=patch.lost_tokens,
            epochs=patch.epochs,
        )

    def to_bytes(self) -> bytes:
        """Return the file."""
        return b"".join(
            [self.moves.tobytes(), self.fills.tobytes(), self.sizes.astype(SIZES_DTYPE).tobytes()]
        )

    @property
    def before(self) -> NDArray[np.int64]:
        """Tokens of the numbered stream before each of its shards, and all of them: i64."""
        return np.concatenate([np.zeros(1, np.int64), np.cumsum(self.sizes.astype(np.int64))])

    def place(self, tokens: NDArray[np.int64]) -> NDArray[np.uint64]:
        """Return where tokens of the numbered stream lie, or `LOST` and more."""
        return _moved(self.moves, tokens)

    def find(self, epochs: NDArray[np.int64], starts: NDArray[np.int64], stops: NDArray[np.int64]) -> Ranges:
        """Return where tokens [start, stop) of the numbered stream lie in the child, when read in an epoch.

        What nothing was found for, because no arm reads it, is left out.
        """
        owner, first, last = cut(self.moves["at"], starts, stops)
        to = _moved(self.moves, first)
        gone = np.flatnonzero(to >= np.uint64(LOST))
        if not len(gone):
            return owner, to.astype(np.int64), to.astype(np.int64) + (last - first)
        place = (to[gone] - np.uint64(LOST)).astype(np.int64) + epochs[owner[gone]] * self.lost_tokens
        filled, begin, end = cut(self.fills["at"], place, place + (last[gone] - first[gone]))
        by = _moved(self.fills, begin)
        is_filled = by != np.uint64(NOTHING)
        here = np.flatnonzero(to < np.uint64(LOST))
        order = np.argsort(np.concatenate([here, gone[filled[is_filled]]]), kind="stable")
        found = np.concatenate([to[here], by[is_filled]]).astype(np.int64)[order]
        lengths = np.concatenate([(last - first)[here], (end - begin)[is_filled]])[order]
        return np.concatenate([owner[here], owner[gone[filled[is_filled]]]])[order], found, found + lengths


def _moved(entries: NDArray[Any], places: NDArray[np.int64]) -> NDArray[np.uint64]:
    """Return what entries say of places, each within one of them; nothing where there are none."""
    if not len(entries):
        return np.full(len(places), NOTHING, np.uint64)
    which = np.searchsorted(entries["at"], places.astype(np.uint64), side="right") - 1
    to = entries["to"][which]
    moved = to + (places.astype(np.uint64) - entries["at"][which])
    return np.where(to == np.uint64(NOTHING), to, moved)


def pieces_of(entries: NDArray[Any], end: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return (first, behind the last) of what each entry tells of."""
    starts = entries["at"].astype(np.int64)
    return starts, np.append(starts[1:], end) if len(starts) else starts


def cut(edges: NDArray[Any], starts: NDArray[np.int64], stops: NDArray[np.int64]) -> Ranges:
    """Return ranges cut at sorted edges; empty ones are left out."""
    low = np.searchsorted(edges, starts.astype(edges.dtype), side="right")
    n_cuts = np.maximum(np.searchsorted(edges, stops.astype(edges.dtype), side="left") - low, 0)
    counts = np.where(stops > starts, n_cuts + 1, 0)
    owner = np.repeat(np.arange(len(starts)), counts)
    number = np.arange(len(owner)) - np.repeat(np.cumsum(counts) - counts, counts)
    begins, ends = starts[owner], stops[owner]
    later, earlier = number > 0, number < n_cuts[owner]
    places = low[owner] + number
    begins[later] = edges[places[later] - 1].astype(np.int64)
    ends[earlier] = edges[places[earlier]].astype(np.int64)
    return owner, begins, ends


def patch_fault(patch: SamplePatch, moves: Moves, child_tokens: int) -> str | None:
    """Return what in a patch cannot be read as the plan says; None where all can.

    `child_tokens`: of the (domain, subset) in the snapshot of the plan.
    """
    if int(moves.sizes.sum(dtype=np.uint64)) != patch.n_tokens:
        return f"its shards hold {moves.sizes.sum(dtype=np.uint64)} tokens, the plan says {patch.n_tokens}"
    n_filled = patch.lost_tokens * patch.epochs
    for what, entries, end in (("moves", moves.moves, patch.n_tokens), ("fills", moves.fills, n_filled)):
        at = entries["at"]
        if bool(len(at)) != bool(end):
            return f"{what}: {len(at)} of {end} tokens"
        if len(at) and (int(at[0]) or int(at[-1]) >= end or bool((at[1:] <= at[:-1]).any())):
            return f"{what}: not in order from token 0 to {end}"
        starts, stops = pieces_of(entries, end)
        lengths, to = (stops - starts).astype(np.uint64), entries["to"]
        is_in_child = to < np.uint64(LOST)
        if bool((to[is_in_child] + lengths[is_in_child] > np.uint64(child_tokens)).any()):
            return f"{what}: lead beyond the {child_tokens} tokens of the snapshot"
        others = to[~is_in_child]
        if what == "fills" and bool((others != np.uint64(NOTHING)).any()):
            return "fills: lead beyond the snapshot"
        if what == "moves" and not _is_end_to_end(others - np.uint64(LOST), lengths[~is_in_child], patch):
            return f"moves: what is lost does not make up {patch.lost_tokens} tokens"
    return None


def _is_end_to_end(places: NDArray[np.uint64], lengths: NDArray[np.uint64], patch: SamplePatch) -> bool:
    ends = np.cumsum(lengths, dtype=np.uint64)
    total = int(ends[-1]) if len(ends) else 0
    return total == patch.lost_tokens and bool((places == ends - lengths).all())


def moves_fault(moves: Moves, ends: Sequence[NDArray[np.uint64]]) -> str | None:
    """Return where a patch cuts a document that it moves, or fills with more than one; None nowhere.

    `ends`: of the documents of each shard of the child, in order.
    """
    before = np.cumsum([0, *(int(part[-1]) for part in ends)], dtype=np.uint64)
    edges = np.concatenate(
        [np.zeros(1, np.uint64), *(part + first for part, first in zip(ends, before[:-1], strict=True))]
    )
    starts, stops = pieces_of(moves.moves, moves.n_tokens)
    is_kept = moves.moves["to"] < np.uint64(LOST)
    first = moves.moves["to"][is_kept]
    last = first + (stops - starts)[is_kept].astype(np.uint64)
    for tokens in (first, last):
        if bool((edges[np.searchsorted(edges, tokens)] != tokens).any()):
            return "moves: one ends within a document"
    starts, stops = pieces_of(moves.fills, moves.lost_tokens * moves.epochs)
    is_filled = moves.fills["to"] != np.uint64(NOTHING)
    first = moves.fills["to"][is_filled]
    last = first + (stops - starts)[is_filled].astype(np.uint64)
    document = np.searchsorted(edges, first, side="right")
    if bool((last > edges[document]).any()):
        return "fills: one is of more than one document"
    return None
