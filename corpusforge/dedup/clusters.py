"""Edges -> clusters, on one machine: union-find over packed refs.

Peak memory is about 40 bytes an edge; docs/architecture.md says where that ends.
"""

from __future__ import annotations

from typing import Any, cast

import numba
import numpy as np
from numpy.typing import NDArray

from corpusforge.dedup.bands import Rows


def connected(edges: Rows) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """Return (refs, cluster numbers) of all documents that have an edge.

    Refs are sorted; clusters are numbered by their lowest ref, so the result does not
    depend on the order of the edges.
    """
    refs, inverse = np.unique(np.concatenate([edges["low"], edges["high"]]), return_inverse=True)
    low, high = inverse[: len(edges)], inverse[len(edges) :]
    parents = np.arange(len(refs), dtype=np.int64)
    _unite(low.astype(np.int64), high.astype(np.int64), parents)
    _, numbers = np.unique(parents, return_inverse=True)
    return refs, numbers.astype(np.int64)


@cast(Any, numba.njit(cache=True, nogil=True))
def _unite(low: Any, high: Any, parents: Any) -> None:
    """Set `parents[i]` to the lowest member of i's component."""
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
    for i in range(parents.shape[0]):
        parents[i] = parents[parents[i]]
