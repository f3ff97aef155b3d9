"""Edges -> clusters on many machines: alternating large-star / small-star rounds over refs.

Kiveris et al., "Connected Components in MapReduce and Beyond" (2014). Each step looks at
one node and its neighbours, m the lowest of them all:

    large-star   every larger neighbour v   ->  edge (v, m)
    small-star   the node and every smaller neighbour v  ->  edge (v, m)

In the end every edge leads from a member to the lowest ref of its cluster: the same roots
as `clusters.connected` gives. That has come when a whole round found nothing to do: no
large-star node with both a smaller and a larger neighbour, and no small-star node with more
than one smaller neighbour. The second alone would not prove it.

A node of more neighbours than `BUFFER_EDGES` is gone through twice, some at a time: what is held
is a row for each node of a partition, however many neighbours it has.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from corpusforge.dedup.bands import EDGE_DTYPE, Refs, Rows, unique_edges
from corpusforge.dedup.buckets import bounds_of
from corpusforge.dedup.candidates import buffered
from corpusforge.dedup.delivery import MEMBER_DTYPE

HASH = np.uint64(0x9E3779B97F4A7C15)
BUFFER_EDGES = 1 << 22
"""64 MB of edges, some 300 MB while they are sorted."""


def node_partition(nodes: Refs, partitions: int) -> NDArray[np.int64]:
    """Return the partition of each node."""
    return (((nodes * HASH) >> np.uint64(40)) % np.uint64(partitions)).astype(np.int64)


def edge_partition(edges: Rows, partitions: int) -> NDArray[np.int64]:
    """Return the partition of each edge: the same edge falls to the same, a node's fall to all."""
    return node_partition(edges["low"] ^ (edges["high"] * HASH), partitions)


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


def large_stars(pieces: Iterable[bytes], buffer: int = BUFFER_EDGES) -> Iterator[tuple[Rows, int]]:
    """Yield (edges, open nodes) as `large_star` does; `pieces` (packed) may be gone through twice."""
    nodes = _Nodes(pieces, "low", buffer)
    if nodes.alone is not None:
        yield large_star(nodes.alone)
        return
    yield (
        unique_edges(nodes.node[:0], nodes.node[:0]),
        int(((nodes.highest > nodes.node) & (nodes.lowest < nodes.node)).sum()),
    )
    for neighbours in buffered(pieces, EDGE_DTYPE, buffer):
        neighbours = neighbours[neighbours["high"] > neighbours["low"]]
        place = nodes.places(neighbours["low"])
        yield unique_edges(np.minimum(nodes.node, nodes.lowest)[place], neighbours["high"]), 0


def small_stars(pieces: Iterable[bytes], buffer: int = BUFFER_EDGES) -> Iterator[tuple[Rows, int]]:
    """Yield (edges, open nodes) as `small_star` does; `pieces` (packed) may be gone through twice."""
    nodes = _Nodes(pieces, "high", buffer)
    if nodes.alone is not None:
        yield small_star(nodes.alone)
        return
    yield unique_edges(nodes.lowest, nodes.node), int((nodes.lowest != nodes.highest).sum())
    for edges in buffered(pieces, EDGE_DTYPE, buffer):
        lowest = nodes.lowest[nodes.places(edges["high"])]
        rest = edges["low"] != lowest
        yield unique_edges(lowest[rest], edges["low"][rest]), 0


class _Nodes:
    """Each node with its lowest and highest neighbour; `alone` is all there is where one buffer holds it."""

    def __init__(self, pieces: Iterable[bytes], end: str, buffer: int) -> None:
        self.alone: Rows | None = np.empty(0, dtype=EDGE_DTYPE)
        self.node = self.lowest = self.highest = np.empty(0, dtype=np.uint64)
        other = "high" if end == "low" else "low"
        for number, edges in enumerate(buffered(pieces, EDGE_DTYPE, buffer)):
            self.alone = edges if number == 0 and len(edges) < buffer else None
            if self.alone is None:
                self._add(edges[end], edges[other], edges[other])

    def _add(self, node: Refs, lowest: Refs, highest: Refs) -> None:
        node = np.r_[self.node, node]
        order = np.argsort(node, kind="stable")
        first = bounds_of(node[order])[:-1]
        self.lowest = np.minimum.reduceat(np.r_[self.lowest, lowest][order], first)
        self.highest = np.maximum.reduceat(np.r_[self.highest, highest][order], first)
        self.node = node[order][first]

    def places(self, nodes: Refs) -> NDArray[np.intp]:
        return np.searchsorted(self.node, nodes)


def sized_members(pieces: Iterable[bytes], buffer: int = BUFFER_EDGES) -> Iterator[Rows]:
    """Yield `MEMBER_DTYPE` records of whole clusters, given packed edges (root, member), each once.

    A root that is a member itself has an edge to itself, at least once. `pieces` may be gone
    through twice; what is held is a row for each root.
    """
    roots, sizes = np.empty(0, dtype=np.uint64), np.empty(0, dtype=np.int64)
    themselves = roots
    for edges in buffered(pieces, EDGE_DTYPE, buffer):
        is_own = edges["low"] == edges["high"]
        themselves = np.union1d(themselves, edges["low"][is_own])
        found, counts = np.unique(edges["low"][~is_own], return_counts=True)
        both, place = np.unique(np.r_[roots, found], return_inverse=True)
        sizes = np.bincount(place, weights=np.r_[sizes, counts], minlength=len(both)).astype(np.int64)
        roots = both
    roots, place = np.unique(np.r_[roots, themselves], return_inverse=True)
    weights = np.r_[sizes, np.ones(len(themselves), np.int64)]
    sizes = np.bincount(place, weights=weights, minlength=len(roots)).astype(np.int64)
    yield _members(themselves, themselves, sizes[np.searchsorted(roots, themselves)])
    for edges in buffered(pieces, EDGE_DTYPE, buffer):
        edges = edges[edges["low"] != edges["high"]]
        yield _members(edges["low"], edges["high"], sizes[np.searchsorted(roots, edges["low"])])


def _members(roots: Refs, refs: Refs, sizes: NDArray[np.int64]) -> Rows:
    out = np.empty(len(refs), dtype=MEMBER_DTYPE)
    out["root"], out["ref"], out["size"] = roots, refs, sizes
    return out


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
