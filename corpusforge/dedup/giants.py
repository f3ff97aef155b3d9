"""A cluster of more members than one task compares: pieces, their leaders, what a next round gets.

A round, for a cluster cut into pieces by the lots that ids draw:

    lead     each piece is split as a cluster of its own; its first leaders go to one task
    merge    there they are ranked and split again: a leader that resembles a better one is demoted
    settle   followers of a leader that stays go; those of a demoted one go if they resemble what
             demoted it; all others, with the leaders that were not sent, are left for the next round

What is left is again a cluster, smaller by its leading kinds; once it fits one task it is split
as any other, and after `MAX_ROUNDS` its pieces are. No document goes that is unlike its survivor;
of a cluster that was cut only the survivor stays, whatever `keep_copies` says.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from corpusforge.dedup.bands import PAIR_DTYPE, Refs, Rows
from corpusforge.dedup.buckets import drawn
from corpusforge.dedup.config import DedupConfig
from corpusforge.dedup.delivery import piece_of
from corpusforge.dedup.leaders import leaders_of
from corpusforge.dedup.order import rank
from corpusforge.dedup.packets import Held
from corpusforge.dedup.policy import policy_of
from corpusforge.dedup.survivors import Members, by_survivor

MAX_ROUNDS = 16


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Split:
    """Rows by rank, and the place of each one's leader."""

    refs: Refs
    rows: Rows
    leader: NDArray[np.int64]


def n_sent(pieces: int, cluster_rows: int) -> int:
    """Return how many leaders of each piece are merged: together as many as one task compares."""
    return max(1, cluster_rows // pieces)


def lead(held: Held, config: DedupConfig, sent: int, first_new: int = 0) -> Held:
    """Return the first leaders of a piece."""
    split = _split(held, config, first_new)
    refs = split.refs[_leaders(split)[:sent]]
    root = held.pairs["key"][0]
    return held.only(_pairs(np.full(len(refs), root), refs))


def merge(held: Held, config: DedupConfig, pieces: int, first_new: int = 0) -> list[tuple[int, Held]]:
    """Return for each piece the fates of its leaders: (leader, what it follows) and the latter's rows.

    A leader that stays is named, as following itself, where one of another piece follows it.
    """
    split = _split(held, config, first_new)
    followed = split.leader != np.arange(len(split.refs))
    followers = np.flatnonzero(followed)
    leads = np.unique(split.leader[followers])
    named = np.r_[followers, leads]
    pairs = _pairs(split.refs[named], split.refs[split.leader[named]])
    where = piece_of(drawn(split.rows["doc"]), pieces)[named]
    return [(piece, held.only(pairs[where == piece])) for piece in np.unique(where).tolist()]


def settle(
    held: Held, fates: Held, config: DedupConfig, sent: int, *, first_new: int = 0, is_last: bool = False
) -> tuple[list[Members], Refs]:
    """Return (members whose fate is known, refs left for the next round) of a piece."""
    split = _split(held, config, first_new)
    leaders = _leaders(split)[:sent]
    followed = dict(zip(fates.pairs["key"].tolist(), fates.pairs["ref"].tolist(), strict=True))
    survivor = np.zeros(len(split.refs), dtype=np.uint64)  # of those whose fate is known
    known = np.isin(split.leader, leaders)
    survivor[known] = split.refs[split.leader[known]]
    for place in leaders.tolist():
        better = followed.get(int(split.refs[place]), int(split.refs[place]))
        if better == int(split.refs[place]):
            continue
        mine = np.flatnonzero(split.leader == place)
        alike = _resembling(held, split.refs[mine], fates, np.uint64(better), config)
        alike[mine == place] = True
        survivor[mine], known[mine] = np.uint64(better), alike
    left = split.refs[~known]
    refs, heads = split.refs[known], survivor[known]
    # what leads here and is followed elsewhere stands among the clusters, alone as it may be here
    kept = np.isin(refs, fates.pairs["ref"]) | (refs != heads) | np.isin(refs, heads[refs != heads])
    foreign = np.setdiff1d(heads[kept], refs)
    rows = np.concatenate([held.lookup(refs[kept]), fates.lookup(foreign)])
    members = by_survivor(
        rows,
        np.r_[refs[kept], foreign],
        np.r_[heads[kept], foreign],
        config,
        foreign=foreign,
        first_new=first_new,
    )
    found = [members] if len(members.refs) else []
    if is_last and len(left):
        rest = held.only(_pairs(np.full(len(left), held.pairs["key"][0]), left))
        last = _split(rest, config, first_new)
        sizes = np.bincount(last.leader, minlength=len(last.refs))
        some = sizes[last.leader] > 1
        heads = last.refs[last.leader[some]]
        found.append(by_survivor(last.rows[some], last.refs[some], heads, config, first_new=first_new))
        left = left[:0]
    return found, left


def _split(held: Held, config: DedupConfig, first_new: int) -> _Split:
    policy = policy_of(config)
    is_new = (held.refs >= np.uint64(first_new)).astype(np.int64)
    order = rank(held.rows, is_new, config, policy)
    refs, rows = held.refs[order], held.rows[order]
    sets = held.sets()
    leader = leaders_of(
        rows,
        np.array([0, len(rows)], dtype=np.int64),
        policy,
        limit=len(rows),
        standing=refs < np.uint64(first_new),
        sets=sets(refs) if sets else None,
    )
    return _Split(refs=refs, rows=rows, leader=leader)


def _leaders(split: _Split) -> NDArray[np.intp]:
    return np.flatnonzero(split.leader == np.arange(len(split.leader)))


def _resembling(
    held: Held, refs: Refs, fates: Held, better: np.uint64, config: DedupConfig
) -> NDArray[np.bool_]:
    """Return which documents of a piece resemble one of another."""
    one = np.array([better])
    rows = np.concatenate([fates.lookup(one), held.lookup(refs)])
    sets, others = held.sets(), fates.sets()
    shingles = [*others(one), *sets(refs)] if sets and others else None
    bounds = np.array([0, len(rows)], dtype=np.int64)
    return leaders_of(rows, bounds, policy_of(config), limit=1, sets=shingles)[1:] == 0


def _pairs(keys: NDArray[np.uint64], refs: Refs) -> Rows:
    out = np.empty(len(refs), dtype=PAIR_DTYPE)
    out["key"], out["ref"] = keys, refs
    return out
