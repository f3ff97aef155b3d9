r"""What one task does with the rows that have come to it: edges, and the leaders of a bucket's piece.

A bucket of more than `Sizes.bucket_rows` members is cut into pieces by the lots that ids draw.
Each piece is reduced to its leaders, at most 64, which its other members follow; the leaders of
`Sizes.fan_in` pieces are compared again by one task, and so on until one is left:

    pieces   . . . . . . . .      each: edges to its leaders
              \ | /    \ | /
    leaders     o        o        edges among leaders
                 \      /
    leaders         o             `Sizes.levels` of them, at most

So a task holds at most `bucket_rows` members, and the bucket costs one edge a member as ever.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpusforge.dedup.bands import EDGE_DTYPE, PAIR_DTYPE, Refs, Rows, unique_edges
from corpusforge.dedup.buckets import bounds_of, bucket_edges, led
from corpusforge.dedup.comparison import BUCKET, IN_DEDUP, IN_LEAKAGE, Comparison
from corpusforge.dedup.packets import Held
from corpusforge.dedup.policy import Policy, policy_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """What a task found."""

    dedup: Rows
    """`EDGE_DTYPE`."""
    leakage: Rows
    leaders: Held | None = None
    """Of a piece: what goes to the next level."""


def compare(held: Held, comparison: Comparison) -> Compared:
    """Return the edges of whole buckets."""
    edges = {IN_DEDUP: np.empty(0, EDGE_DTYPE), IN_LEAKAGE: np.empty(0, EDGE_DTYPE)}
    for flag, policy, pairs in _by_flag(held, comparison):
        edges[flag] = bucket_edges(
            pairs,
            held.lookup,
            policy,
            first_new=comparison.first_new,
            sets=held.sets() if policy.jaccard else None,
        )
    return Compared(dedup=edges[IN_DEDUP], leakage=edges[IN_LEAKAGE])


def compare_piece(held: Held, comparison: Comparison) -> Compared:
    """Return the edges of one bucket's piece, and its leaders."""
    edges = {IN_DEDUP: np.empty(0, EDGE_DTYPE), IN_LEAKAGE: np.empty(0, EDGE_DTYPE)}
    leading: list[Rows] = [np.empty(0, PAIR_DTYPE)]
    for flag, policy, pairs in _by_flag(held, comparison):
        bucket = held.pairs["key"][:1] & BUCKET
        found: list[Rows] = [edges[flag]]
        for refs in _groups(pairs):
            sets = held.sets() if policy.jaccard else None
            made, leaders = led(refs, held.lookup, policy, first_new=comparison.first_new, sets=sets)
            found.append(made)
            leading.append(_records(bucket | flag, leaders))
        every = np.concatenate(found)
        edges[flag] = unique_edges(every["low"], every["high"])
    return Compared(
        dedup=edges[IN_DEDUP],
        leakage=edges[IN_LEAKAGE],
        leaders=held.only(np.concatenate(leading)),
    )


def _by_flag(held: Held, comparison: Comparison) -> list[tuple[np.uint64, Policy, Rows]]:
    """Return (flag, policy, records by the policy's own buckets) of each comparison that is made."""
    out: list[tuple[np.uint64, Policy, Rows]] = []
    for flag, config in ((IN_DEDUP, comparison.dedup), (IN_LEAKAGE, comparison.leakage)):
        if config is None:
            continue
        pairs = held.pairs[(held.pairs["key"] & flag) != 0]
        own = pairs.copy()
        if flag == IN_DEDUP:
            own["key"] = comparison.own_keys(pairs["key"], pairs["ref"], held.lookup(pairs["ref"]))
        else:
            own["key"] &= BUCKET
        out.append((flag, policy_of(config), own))
    return out


def _groups(pairs: Rows) -> list[Refs]:
    pairs = pairs[np.argsort(pairs["key"], kind="stable")]
    bounds = bounds_of(pairs["key"])
    return [pairs["ref"][a:b] for a, b in zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True)]


def _records(key: NDArray[Any], refs: Refs) -> Rows:
    out = np.empty(len(refs), dtype=PAIR_DTYPE)
    out["key"], out["ref"] = key, refs
    return out
