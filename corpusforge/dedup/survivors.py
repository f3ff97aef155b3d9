"""Clusters -> which documents stay, by a stated order, the same whatever came first.

The order is that of `order.rank`. A member that does not itself resemble the survivor is
not its duplicate, however long the chain between them: it starts a cluster of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from corpusforge.dedup.bands import Lookup, Refs, Rows, Sets
from corpusforge.dedup.buckets import bounds_of, windows
from corpusforge.dedup.config import DedupConfig
from corpusforge.dedup.leaders import BLOCK_ROWS, leaders_of
from corpusforge.dedup.order import deciding, rank
from corpusforge.dedup.policy import policy_of


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Members:
    """Members of whole clusters, cluster by cluster, the survivor first, then its duplicates by rank."""

    rows: Rows
    refs: Refs
    survivor: NDArray[np.int64]
    """The place of each one's survivor in this batch; a survivor's own."""
    keep: NDArray[np.bool_]
    exact: NDArray[np.bool_]
    """Whether a duplicate has the survivor's normalised text."""
    decided: NDArray[np.int8]
    """By what the survivor came before it: a place in `order.REASONS`."""
    foreign: NDArray[np.bool_] | None = None
    """Survivors that stand here for their followers alone: another batch counts them."""


def clusters(
    refs: Refs,
    roots: Refs,
    lookup: Lookup,
    config: DedupConfig,
    *,
    first_new: int = 0,
    sets: Sets | None = None,
) -> Iterator[Members]:
    """Yield the clusters of two or more documents, some `BLOCK_ROWS` at a time, in the order of their roots.

    `refs` and `roots` are what `clusters.connected` returns. Documents below the ref
    `first_new` stand already and stay.
    """
    order = np.lexsort((refs, roots))
    refs = refs[order]
    roots = roots[order]
    for start, stop in windows(bounds_of(roots), BLOCK_ROWS):
        yield _split(refs[start:stop], roots[start:stop], lookup, config, first_new, sets)


def _split(
    refs: Refs, roots: Refs, lookup: Lookup, config: DedupConfig, first_new: int, sets: Sets | None
) -> Members:
    policy = policy_of(config)
    rows = lookup(refs)
    is_new = refs >= np.uint64(first_new)
    component = np.unique(roots, return_inverse=True)[1]
    ranked = rank(rows, component * 2 + is_new, config, policy)  # those that stand come first
    refs, rows, component = refs[ranked], rows[ranked], component[ranked]
    leader = leaders_of(
        rows,
        bounds_of(component),
        policy,
        limit=len(rows),
        standing=refs < np.uint64(first_new),
        sets=sets(refs) if sets else None,
    )
    sizes = np.bincount(leader, minlength=len(rows))
    order = np.lexsort((np.arange(len(rows)), leader))
    order = order[sizes[leader[order]] > 1]
    rows, refs = rows[order], refs[order]
    first = leader[order] == order
    survivor = np.flatnonzero(first)[np.cumsum(first) - 1]
    copies = np.arange(len(order)) - survivor  # 0 for the survivor, then by rank
    allowed = policy.keep_copies[rows["domain"][survivor]]
    allowed = np.where(refs[survivor] < np.uint64(first_new), 1, allowed)
    exact = (rows["content"] == rows["content"][survivor]).all(axis=1)
    exact |= (rows["doc"] == rows["doc"][survivor]).all(axis=1)
    return Members(
        rows=rows,
        refs=refs,
        survivor=survivor,
        keep=copies < allowed,
        exact=exact & ~first,
        decided=deciding(rows, survivor, refs < np.uint64(first_new), config, policy),
    )


def by_survivor(
    rows: Rows,
    refs: Refs,
    survivors: Refs,
    config: DedupConfig,
    foreign: Refs | None = None,
    first_new: int = 0,
) -> Members:
    """Return members of pieces of a cluster, given the ref of each one's survivor, which is among them.

    Only the survivor stays. `foreign` are refs of survivors that another batch counts.
    """
    policy = policy_of(config)
    group = np.unique(survivors, return_inverse=True)[1]
    order = rank(rows, group * 2 + (refs != survivors), config, policy)
    rows, refs, survivors = rows[order], refs[order], survivors[order]
    first = refs == survivors
    survivor = np.flatnonzero(first)[np.cumsum(first) - 1] if len(refs) else np.empty(0, dtype=np.int64)
    exact = (rows["content"] == rows["content"][survivor]).all(axis=1)
    exact |= (rows["doc"] == rows["doc"][survivor]).all(axis=1)
    elsewhere = None if foreign is None else np.isin(refs, foreign)
    return Members(
        rows=rows,
        refs=refs,
        survivor=survivor,
        keep=first,
        exact=exact & ~first,
        decided=deciding(rows, survivor, refs < np.uint64(first_new), config, policy),
        foreign=elsewhere,
    )


def apart_from(members: Members, planted: NDArray[np.bool_]) -> tuple[Members, list[tuple[int, int, bool]]]:
    """Return (members without those that are planted, (ref, survivor's ref, whether it stays) of these).

    A document whose survivor is planted is told with them, and stays by itself.
    """
    survivors = members.refs[members.survivor]
    strange = planted[members.survivor] & ~planted
    told = planted | strange
    if members.foreign is not None:
        told &= ~members.foreign
    own = np.flatnonzero(~planted & ~strange)
    place = np.cumsum(~planted & ~strange) - 1
    seen = zip(
        members.refs[told].tolist(), survivors[told].tolist(), members.keep[told].tolist(), strict=True
    )
    return Members(
        rows=members.rows[own],
        refs=members.refs[own],
        survivor=place[members.survivor[own]],
        keep=members.keep[own],
        exact=members.exact[own],
        decided=members.decided[own],
        foreign=None if members.foreign is None else members.foreign[own],
    ), list(seen)


def doc_ids(rows: Rows) -> list[str]:
    """Return the document ids of signature rows: 32 hex digits each."""
    digits = np.ascontiguousarray(rows["doc"]).astype(">u8").tobytes().hex()
    return [digits[start : start + 32] for start in range(0, len(digits), 32)]
