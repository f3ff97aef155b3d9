"""Edges -> clusters on many machines: alternating large-star / small-star rounds over refs.

Kiveris et al., "Connected Components in MapReduce and Beyond" (2014). Each step looks at
one node and its neighbours, m the lowest of them all:

    large-star   every larger neighbour v   ->  edge (v, m)
    small-star   the node and every smaller neighbour v  ->  edge (v, m)

In the end every edge leads from a member to the lowest ref of its cluster: the same roots
as `clusters.connected` gives. That has come when a whole round found nothing to do: no
large-star node with both a smaller and a larger neighbour, and no small-star node with more
than one smaller neighbour. The second alone would not prove it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from corpusforge.dedup.bands import EDGE_DTYPE, Refs, Rows, unique_edges

HASH = np.uint64(0x9E3779B97F4A7C15)


def node_partition(nodes: Refs, partitions: int) -> NDArray[np.int64]:
    """Return the partition of each node."""
    return (((nodes * HASH) >> np.uint64(40)) % np.uint64(partitions)).astype(np.int64)


def both_ways(edges: Rows) -> Rows:
    """Return every edge twice, as (node, neighbour): what a large-star step is given."""
    out = np.empty(2 * len(edges), dtype=EDGE_DTYPE)
    out["low"] = np.r_[edges["low"], edges["high"]]
    out["high"] = np.r_[edges["high"], edges["low"]]
    return out


def large_star(neighbours: Rows) -> tuple[Rows, int]:
    """Return (edges (m, v), open nodes) of whole nodes; `low` is the node, `high` its neighbour."""
    node, other, first = _by_node(neighbours)
    if not len(node):
        return neighbours[:0], 0
    lowest = np.minimum(node[first], other[first])  # neighbours are sorted
    spread = np.repeat(lowest, np.diff(np.r_[first, len(node)]))
    larger = other > node
    has_larger = np.logical_or.reduceat(larger, first)
    still_open = int((has_larger & (other[first] < node[first])).sum())
    return unique_edges(spread[larger], other[larger]), still_open


def small_star(edges: Rows) -> tuple[Rows, int]:
    """Return (edges (m, v), open nodes) of whole nodes; `high` is the node, `low` a smaller neighbour."""
    swapped = np.empty(len(edges), dtype=EDGE_DTYPE)
    swapped["low"], swapped["high"] = edges["high"], edges["low"]
    node, other, first = _by_node(swapped)
    if not len(node):
        return edges[:0], 0
    sizes = np.diff(np.r_[first, len(node)])
    lowest = np.repeat(other[first], sizes)
    rest = other != lowest
    made = unique_edges(np.r_[other[first], lowest[rest]], np.r_[node[first], other[rest]])
    return made, int((sizes > 1).sum())


def roots_of_stars(edges: Rows) -> tuple[Refs, Refs]:
    """Return (refs, roots), sorted by ref, of converged edges (root, member)."""
    roots = np.unique(edges["low"])
    refs = np.r_[roots, edges["high"]]
    order = np.argsort(refs, kind="stable")
    return refs[order], np.r_[roots, edges["low"]][order]


def _by_node(neighbours: Rows) -> tuple[Refs, Refs, NDArray[np.intp]]:
    """Return (nodes, neighbours, first row of each node), sorted and distinct."""
    distinct = unique_edges(neighbours["low"], neighbours["high"])
    node, other = distinct["low"], distinct["high"]
    first = np.flatnonzero(np.r_[True, node[1:] != node[:-1]]) if len(node) else np.empty(0, dtype=np.intp)
    return node, other, first
