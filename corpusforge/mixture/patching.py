"""A patch for another snapshot: what is lost now, what became of its old replacements, what is needed.

moves of the plan:  numbered stream -> parent        `Moves`; at first, each token lies where it is numbered
documents:          parent -> child                  `Moved`
both together:      numbered stream -> child         `compose`
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpusforge.mixture.moved import Moved, without_needless
from corpusforge.mixture.numbered import Numbered
from corpusforge.mixture.samplepatch import ENTRY, LOST, NOTHING, Moves, cut, pieces_of

Needs = NDArray[np.int64]
"""i64[stretches, 3]: place among the lost tokens of all epochs, tokens, which of the documents gone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Composed:
    """Where the numbered stream of a key lies in the child, before its lost tokens are filled."""

    moves: NDArray[Any]
    lost_tokens: int
    kept_fills: NDArray[np.int64]
    """i64[stretches, 3]: place, first token in the child, tokens: replacements that are still there."""
    needs: Needs
    members: NDArray[np.int64]
    """Which of the documents that are gone some sample of the key is made of, sorted."""


def compose(numbered: Numbered, old: Moves, moved: Moved, seed: int, n_read: int) -> Composed:
    """Return the moves of a key to the child, and what the first `n_read` samples of its order lack there."""
    starts, stops = pieces_of(old.moves, old.n_tokens)
    is_lost = old.moves["to"] >= np.uint64(LOST)
    to = old.moves["to"][~is_lost].astype(np.int64)
    owner, first, last = cut(moved.moves["at"], to, to + (stops - starts)[~is_lost])
    at = starts[~is_lost][owner] + first - to[owner]
    now = now_at(moved, first)
    is_gone = now >= np.uint64(LOST)
    # all pieces of the numbered stream, in order: kept, gone now, lost before
    begin = np.concatenate([at[~is_gone], at[is_gone], starts[is_lost]])
    length = np.concatenate([(last - first)[~is_gone], (last - first)[is_gone], (stops - starts)[is_lost]])
    kind = np.repeat(np.arange(3), [int((~is_gone).sum()), int(is_gone.sum()), int(is_lost.sum())])
    target = np.concatenate([now[~is_gone], now[is_gone], old.moves["to"][is_lost]])
    order = np.argsort(begin, kind="stable")
    begin, length, kind, target = begin[order], length[order], kind[order], target[order]
    lengths_lost = np.where(kind > 0, length, 0)
    place = np.cumsum(lengths_lost) - lengths_lost
    entries = np.zeros(len(begin), ENTRY)
    entries["at"] = begin
    entries["to"] = np.where(kind > 0, np.uint64(LOST) + place.astype(np.uint64), target)
    lost_tokens = int(lengths_lost.sum())
    epochs = numbered.epochs_begun(n_read)
    lost = _Lost(begin=begin, length=length, place=place, target=target, total=lost_tokens)
    needs, members = _fresh(numbered, lost.take(kind == 1), seed, n_read)
    kept, again = _of_old_fills(old, moved, lost.take(kind == 2), epochs)
    all_needs = np.concatenate([needs, again])
    return Composed(
        moves=without_needless(entries),
        lost_tokens=lost_tokens,
        kept_fills=kept,
        needs=all_needs[np.argsort(all_needs[:, 0], kind="stable")],
        members=members,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Lost:
    """Lost stretches of the numbered stream, in order."""

    begin: NDArray[np.int64]
    length: NDArray[np.int64]
    place: NDArray[np.int64]
    """Of the first token, among all that are lost."""
    target: NDArray[np.uint64]
    """`LOST` and, of those gone now, the document; of those lost before, their place among these."""
    total: int

    def take(self, rows: NDArray[np.bool_]) -> _Lost:
        return _Lost(
            begin=self.begin[rows],
            length=self.length[rows],
            place=self.place[rows],
            target=self.target[rows] - np.uint64(LOST),
            total=self.total,
        )


def now_at(moved: Moved, tokens: NDArray[np.int64]) -> NDArray[np.uint64]:
    """Return where tokens of the parent lie now, or `LOST` and the document that is gone."""
    which = np.searchsorted(moved.moves["at"], tokens.astype(np.uint64), side="right") - 1
    to = moved.moves["to"][which]
    return np.where(to >= np.uint64(LOST), to, to + (tokens.astype(np.uint64) - moved.moves["at"][which]))


def _fresh(numbered: Numbered, lost: _Lost, seed: int, n_read: int) -> tuple[Needs, NDArray[np.int64]]:
    """Return what samples that are read lack of documents gone now, and which documents are in any."""
    needs: list[Needs] = [np.zeros((0, 3), np.int64)]
    members: list[NDArray[np.int64]] = [np.zeros(0, np.int64)]
    for sample, first, last in numbered.within(lost.begin, lost.begin + lost.length):
        which = np.searchsorted(lost.begin, first, side="right") - 1
        document = lost.target[which].astype(np.int64)
        members.append(np.unique(document))
        place = lost.place[which] + first - lost.begin[which]
        for epoch in range(numbered.epochs_begun(n_read)):
            read = numbered.is_read(seed, epoch, sample, n_read)
            rows = np.stack([place + epoch * lost.total, last - first, document], axis=1)
            needs.append(rows[read])
    return np.concatenate(needs), np.unique(np.concatenate(members))


def _of_old_fills(old: Moves, moved: Moved, lost: _Lost, epochs: int) -> tuple[NDArray[np.int64], Needs]:
    """Return the replacements that are still there, and what is needed where one is gone too."""
    kept: list[NDArray[np.int64]] = [np.zeros((0, 3), np.int64)]
    needs: list[Needs] = [np.zeros((0, 3), np.int64)]
    for epoch in range(epochs):
        before = lost.target.astype(np.int64) + epoch * old.lost_tokens
        owner, first, last = cut(old.fills["at"], before, before + lost.length)
        entry = np.searchsorted(old.fills["at"], first.astype(np.uint64), side="right") - 1
        filled = old.fills["to"][entry] != np.uint64(NOTHING)
        owner, first, last, entry = owner[filled], first[filled], last[filled], entry[filled]
        place = lost.place[owner] + epoch * lost.total + first - before[owner]
        to = (old.fills["to"][entry] + first.astype(np.uint64) - old.fills["at"][entry]).astype(np.int64)
        whose, begin, end = cut(moved.moves["at"], to, to + (last - first))
        place = place[whose] + begin - to[whose]
        now = now_at(moved, begin)
        gone = now >= np.uint64(LOST)
        kept.append(np.stack([place, now.astype(np.int64), end - begin], axis=1)[~gone])
        document = (now - np.uint64(LOST)).astype(np.int64)
        needs.append(np.stack([place, end - begin, document], axis=1)[gone])
    return np.concatenate(kept), np.concatenate(needs)


def patched(
    composed: Composed, fills: NDArray[np.int64], sizes: NDArray[Any], n_tokens: int, epochs: int
) -> Moves:
    """Return the moves of a key, its lost tokens filled: i64[stretches, 3] of place, first token, tokens."""
    table = np.concatenate([composed.kept_fills, fills])
    table = table[np.argsort(table[:, 0], kind="stable")]
    end = composed.lost_tokens * epochs
    # what no arm reads lies between, before and behind them
    stops = table[:, 0] + table[:, 2]
    behind = np.concatenate([np.zeros(1, np.int64), stops])
    has_gap = behind < np.append(table[:, 0], end)
    at = np.concatenate([table[:, 0], behind[has_gap]])
    to = np.concatenate([table[:, 1].astype(np.uint64), np.full(int(has_gap.sum()), NOTHING, np.uint64)])
    order = np.argsort(at, kind="stable")
    entries = np.zeros(len(order), ENTRY)
    entries["at"], entries["to"] = at[order], to[order]
    return Moves(
        moves=composed.moves,
        fills=entries,
        sizes=sizes,
        n_tokens=n_tokens,
        lost_tokens=composed.lost_tokens,
        epochs=epochs,
    )


def in_every_epoch(moves: Moves, epochs: int) -> Moves:
    """Return moves whose lost tokens are filled in each of so many epochs as they are in the first."""
    fills = np.tile(moves.fills, epochs)
    begins = np.repeat(np.arange(epochs, dtype=np.uint64), len(moves.fills)) * np.uint64(moves.lost_tokens)
    fills["at"] += begins
    return replace(moves, fills=fills, epochs=epochs)
