"""Edges -> clusters, on one machine: union-find over packed refs.

Peak memory is `BYTES_PER_EDGE` an edge; past that, `stars` does the same on many machines.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpusforge.compiled import jit
from corpusforge.dedup.bands import Refs, Rows

BYTES_PER_EDGE = 56
"""Two ends, their sorted copy, their places and parents, 8 bytes each."""


def connected(edges: Rows) -> tuple[Refs, Refs]:
    """Return (refs, roots) of all documents that have an edge: a root is the lowest ref of a cluster.

    Sorted by ref; the result does not depend on the order of the edges.
    """
    refs, inverse = np.unique(np.concatenate([edges["low"], edges["high"]]), return_inverse=True)
    parents = np.arange(len(refs), dtype=np.int64)
    unite(inverse[: len(edges)], inverse[len(edges) :], parents)
    return refs, refs[roots(parents)]


@jit
def unite(low: Any, high: Any, parents: Any) -> None:
    """Join the components of low[i] and high[i], for each i, in a forest of places."""
    for edge in range(low.shape[0]):
        a = low[edge]
        b = high[edge]
        while parents[a] != a:
            parents[a] = parents[parents[a]]
            a = parents[a]
        while parents[b] != b:
            parents[b] = parents[parents[b]]
            b = parents[b]
        if a < b:
            parents[b] = a
        elif b < a:
            parents[a] = b


@jit
def roots(parents: NDArray[np.int64]) -> Any:
    """Return the lowest member of each one's component; a parent is never above its child."""
    for i in range(parents.shape[0]):
        parents[i] = parents[parents[i]]
    return parents


@jit
def apart(refs: Any, bounds: Any, parents: Any) -> Any:
    """Return for each group `refs[bounds[g]:bounds[g + 1]]` whether its members lie in several components."""
    out = np.zeros(bounds.shape[0] - 1, dtype=np.bool_)
    for group in range(bounds.shape[0] - 1):
        first = np.int64(-1)
        for place in range(bounds[group], bounds[group + 1]):
            root = np.int64(refs[place])
            while parents[root] != root:
                parents[root] = parents[parents[root]]
                root = parents[root]
            if first < 0:
                first = root
            elif root != first:
                out[group] = True
                break
    return out
