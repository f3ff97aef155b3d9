"""Groups of documents -> which resembles which: one pass, the first of each kind leads.

In the order that a group stands in, a document that resembles no leader before it becomes
one; another one follows the first leader that it resembles. Buckets are linked by it (with
a bound on leaders, so that a hot bucket costs time and memory in proportion to its members)
and clusters are split by it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpusforge.compiled import jit
from corpusforge.dedup.bands import Rows
from corpusforge.dedup.policy import Policy

BLOCK_ROWS = 16_384
"""Signature rows that are held at a time: 9 MB at 128 permutations."""


def leaders_of(
    rows: Rows,
    bounds: NDArray[np.int64],
    policy: Policy,
    *,
    limit: int,
    standing: NDArray[np.bool_] | None = None,
    sets: list[NDArray[np.uint32]] | None = None,
) -> NDArray[np.int64]:
    """Return for each row the place of its leader; its own where it leads, or follows nobody.

    Group g is rows `bounds[g]:bounds[g + 1]`, in their order, with at most `limit` leaders.
    `standing` rows lead without being compared. `sets` are the rows' shingles, needed where
    the policy checks by them.
    """
    out = np.arange(len(rows), dtype=np.int64)
    values, starts = _joined(sets or [])
    _lead(
        bounds, rows["minhash"], rows["content"], rows["doc"], rows["domain"],
        np.zeros(len(rows), dtype=bool) if standing is None else standing,
        policy.matches, policy.threshold, values, starts, policy.jaccard, limit, out,
    )  # fmt: skip
    return out


def _joined(sets: list[NDArray[np.uint32]]) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
    starts = np.cumsum([0, *(len(one) for one in sets)], dtype=np.int64)
    return np.concatenate([np.empty(0, dtype=np.uint32), *sets]), starts


@jit
def _lead(
    bounds: Any, minhash: Any, content: Any, doc: Any, domain: Any, standing: Any, matches: Any,
    threshold: Any, values: Any, starts: Any, by_shingles: bool, limit: int, out: Any,
) -> None:  # fmt: skip
    leaders = np.empty(out.shape[0] if limit > out.shape[0] else limit, dtype=np.int64)
    for group in range(bounds.shape[0] - 1):
        count = 0
        for i in range(bounds[group], bounds[group + 1]):
            found = False
            for k in range(0 if standing[i] else count):
                j = leaders[k]
                alike = content[i, 0] == content[j, 0] and content[i, 1] == content[j, 1]
                alike = alike or (doc[i, 0] == doc[j, 0] and doc[i, 1] == doc[j, 1])
                if not alike:
                    need = max(matches[domain[i]], matches[domain[j]])
                    if need <= minhash.shape[1]:
                        alike = _equal(minhash[i], minhash[j]) >= need
                    if alike and by_shingles:
                        share = max(threshold[domain[i]], threshold[domain[j]])
                        alike = jaccard(values, starts[i], starts[i + 1], starts[j], starts[j + 1]) >= share
                if alike:
                    out[i] = j
                    found = True
                    break
            if not found and count < limit:
                leaders[count] = i
                count += 1


@jit
def _equal(left: Any, right: Any) -> int:
    count = 0
    for k in range(left.shape[0]):
        count += left[k] == right[k]
    return count


@jit
def jaccard(values: Any, i: int, i_stop: int, j: int, j_stop: int) -> float:
    """Return the Jaccard similarity of two sorted runs of distinct values."""
    total = i_stop - i + j_stop - j
    both = 0
    while i < i_stop and j < j_stop:
        if values[i] == values[j]:
            both += 1
            i += 1
            j += 1
        elif values[i] < values[j]:
            i += 1
        else:
            j += 1
    return both / (total - both) if total > both else 0.0
