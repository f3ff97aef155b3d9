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

from corpusforge.dedup.bands import EDGE_DTYPE, Lookup, Refs, Rows, Sets, unique_edges
from corpusforge.dedup.normal import jit
from corpusforge.dedup.policy import Policy

MAX_LEADERS = 64
"""Leaders of one bucket. A document that resembles none of the first 64 is left to other bands."""
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
    threshold: Any, values: Any, starts: Any, jaccard: bool, limit: int, out: Any,
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
                    if alike and jaccard:
                        share = max(threshold[domain[i]], threshold[domain[j]])
                        alike = _jaccard(values, starts[i], starts[i + 1], starts[j], starts[j + 1]) >= share
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
def _jaccard(values: Any, i: int, i_stop: int, j: int, j_stop: int) -> float:
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


class SeenBuckets:
    """Remembers sets of documents, 8 bytes each: like texts share many bands, and one look is enough."""

    def __init__(self) -> None:
        self._prints = np.empty(0, dtype=np.uint64)

    def unseen(self, pairs: Rows) -> Rows:
        """Return the records of buckets that hold other documents than any before; sorted by key."""
        if not len(pairs):
            return pairs
        first = np.flatnonzero(np.r_[True, pairs["key"][1:] != pairs["key"][:-1]])
        mixed = (pairs["ref"] + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
        mixed = (mixed ^ (mixed >> np.uint64(32))) * np.uint64(0x94D049BB133111EB)
        prints = np.add.reduceat(mixed ^ (mixed >> np.uint64(29)), first)
        place = np.searchsorted(self._prints, prints)
        is_new = np.ones(len(prints), dtype=bool)
        inside = place < len(self._prints)
        is_new[inside] = self._prints[place[inside]] != prints[inside]
        self._prints = np.sort(np.concatenate([self._prints, prints[is_new]]))
        return pairs[np.repeat(is_new, np.diff(np.r_[first, len(pairs)]))]


def bucket_edges(
    pairs: Rows,
    lookup: Lookup,
    policy: Policy,
    *,
    first_new: int = 0,
    sets: Sets | None = None,
    seen: SeenBuckets | None = None,
) -> Rows:
    """Return the edges of buckets, `EDGE_DTYPE` sorted and unique, checked: leader and follower.

    `pairs` are (key, ref) records in any order. A bucket of n members costs at most n edges.
    Documents below the ref `first_new` stand already: they are not compared with each other.
    Buckets that `seen` knows have given their edges before.
    """
    pairs = _shared(pairs)
    if seen is not None:
        pairs = seen.unseen(pairs)
    if first_new:
        pairs = _with_newcomer(pairs, first_new)
    order = np.empty(len(pairs), dtype=np.uint64)
    for start in range(0, len(pairs), BLOCK_ROWS):
        doc = lookup(pairs["ref"][start : start + BLOCK_ROWS])["doc"]
        # by the document's id, not by its place: the same leaders whatever the order of input
        order[start : start + len(doc)] = (doc[:, 0] * np.uint64(0x9E3779B97F4A7C15)) ^ doc[:, 1]
    is_new = pairs["ref"] >= np.uint64(first_new)
    pairs = pairs[np.lexsort((pairs["ref"], order, is_new, pairs["key"]))]
    found = [np.empty(0, dtype=EDGE_DTYPE)]
    kept = np.empty(0, dtype=np.uint64)
    start = 0
    while start < len(pairs):
        block = pairs[start : start + BLOCK_ROWS]
        refs, keys = np.r_[kept, block["ref"]], np.r_[np.repeat(block["key"][:1], len(kept)), block["key"]]
        edges, leaders = _block_edges(refs, keys, lookup, policy, first_new, sets)
        found.append(edges)
        start += len(block)
        # A bucket that goes on in the next block takes its leaders along.
        goes_on = start < len(pairs) and pairs["key"][start] == keys[-1]
        kept = leaders if goes_on else leaders[:0]
    edges = np.concatenate(found)
    return unique_edges(edges["low"], edges["high"])


def _shared(pairs: Rows) -> Rows:
    """Return the records whose key another record has too, sorted by key."""
    keys = pairs["key"]
    order = np.argsort(keys)
    ranked = keys[order]
    same = ranked[1:] == ranked[:-1]
    return pairs[order[np.r_[False, same] | np.r_[same, False]]] if len(pairs) else pairs


def _with_newcomer(pairs: Rows, first_new: int) -> Rows:
    """Return the records of buckets that hold a new document; `pairs` is sorted by key."""
    keys, group = np.unique(pairs["key"], return_inverse=True)
    newcomers = np.bincount(group[pairs["ref"] >= np.uint64(first_new)], minlength=len(keys))
    return pairs[newcomers[group] > 0]


def _block_edges(
    refs: Refs, keys: Refs, lookup: Lookup, policy: Policy, first_new: int, sets: Sets | None
) -> tuple[Rows, Refs]:
    """Return (edges, leaders of the last bucket) of sorted bucket members."""
    bounds = np.flatnonzero(np.r_[True, keys[1:] != keys[:-1], True]).astype(np.int64)
    leader = leaders_of(
        lookup(refs),
        bounds,
        policy,
        limit=MAX_LEADERS,
        standing=refs < np.uint64(first_new),
        sets=sets(refs) if sets else None,
    )
    places = np.arange(len(refs))
    follows = leader != places
    edges = np.empty(int(follows.sum()), dtype=EDGE_DTYPE)
    ends = refs[follows], refs[leader[follows]]
    edges["low"], edges["high"] = np.minimum(*ends), np.maximum(*ends)
    last = places[bounds[-2] :] if len(bounds) > 1 else places[:0]
    return edges[edges["low"] != edges["high"]], refs[last[~follows[last]][:MAX_LEADERS]]
