"""Band keys -> buckets -> checked edges, in windows that fit the caches.

Most keys stand once. A table of small counters, indexed by the key, sifts them out before
anything is sorted or any signature is looked at; what is left is gone through in windows of
whole buckets, whose signature rows are read in the order in which they lie.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpusforge.compiled import jit
from corpusforge.dedup.bands import EDGE_DTYPE, Lookup, Refs, Rows, Sets, unique_edges
from corpusforge.dedup.leaders import BLOCK_ROWS, leaders_of
from corpusforge.dedup.policy import Policy

MAX_LEADERS = 64
"""Leaders of one bucket. A document that resembles none of the first 64 is left to other bands."""
_MIX = 0x9E3779B97F4A7C15


def bucket_edges(
    pairs: Rows, lookup: Lookup, policy: Policy, *, first_new: int = 0, sets: Sets | None = None
) -> Rows:
    """Return the edges of buckets, `EDGE_DTYPE` sorted and unique, checked: leader and follower.

    `pairs` are (key, ref) records in any order. A bucket of n members costs at most n edges.
    Documents below the ref `first_new` stand already: they are not compared with each other.
    """
    return checked_edges(candidates(pairs, first_new), lookup, policy, first_new=first_new, sets=sets)


def candidates(pairs: Rows, first_new: int = 0) -> Rows:
    """Return the records of buckets of two or more of which one is new, sorted by key."""
    pairs = _shared(pairs)
    return _with_newcomer(pairs, first_new) if first_new else pairs


def checked_edges(
    pairs: Rows,
    lookup: Lookup,
    policy: Policy,
    *,
    first_new: int = 0,
    sets: Sets | None = None,
) -> Rows:
    """Return the edges of `candidates`, as `bucket_edges` does, some `BLOCK_ROWS` signatures at a time.

    Records of a bucket stand together; the buckets may stand in any order.
    """
    found = [np.empty(0, dtype=EDGE_DTYPE)]
    for start, stop in windows(bounds_of(pairs["key"]), BLOCK_ROWS):
        keys, refs = pairs["key"][start:stop], pairs["ref"][start:stop]
        if len(refs) > BLOCK_ROWS:
            found.append(led(refs, lookup, policy, first_new=first_new, sets=sets)[0])
            continue
        rows = lookup(refs)
        order = _in_order(refs, rows, keys, first_new)
        bounds = bounds_of(keys[order])
        found.append(_edges(refs[order], rows[order], bounds, policy, first_new, sets)[0])
    edges = np.concatenate(found)
    return unique_edges(edges["low"], edges["high"])


def bounds_of(keys: NDArray[Any]) -> NDArray[np.int64]:
    """Return where runs of equal keys begin, and the end of the last."""
    if not len(keys):
        return np.zeros(1, dtype=np.int64)
    starts = np.flatnonzero(keys[1:] != keys[:-1]).astype(np.int64) + 1
    return np.concatenate([np.zeros(1, np.int64), starts, np.array([len(keys)], np.int64)])


def windows(bounds: NDArray[np.int64], n_rows: int) -> Iterator[tuple[int, int]]:
    """Yield (start, stop) of whole groups, at most `n_rows` together; a larger group comes alone."""
    first = 0
    while first < len(bounds) - 1:
        last = np.searchsorted(bounds, np.int64(bounds[first] + n_rows), side="right").item() - 1
        last = max(last, first + 1)
        yield int(bounds[first]), int(bounds[last])
        first = last


def drawn(ids: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Return a number for each id, u64 [n, 2]: the same leaders whatever the order of input."""
    return (ids[:, 0] * np.uint64(_MIX)) ^ ids[:, 1]


def _in_order(refs: Refs, rows: Rows, keys: NDArray[np.uint64], first_new: int) -> NDArray[np.intp]:
    """Return the order of comparison: by bucket, what stands first, then as ids draw, then as contents do."""
    lots, is_new = drawn(rows["doc"]), refs >= np.uint64(first_new)
    order = np.lexsort((refs, lots, is_new, keys))
    ranked, lots_ranked = keys[order], lots[order]
    if ((ranked[1:] == ranked[:-1]) & (lots_ranked[1:] == lots_ranked[:-1])).any():  # one id, twice
        order = np.lexsort((refs, drawn(rows["content"]), lots, is_new, keys))
    return order


def led(
    refs: Refs, lookup: Lookup, policy: Policy, *, first_new: int = 0, sets: Sets | None = None
) -> tuple[Rows, Refs]:
    """Return (edges, leaders) of one bucket of any size; its leaders go from block to block."""
    lots, content = np.empty((2, len(refs)), dtype=np.uint64)
    for start in range(0, len(refs), BLOCK_ROWS):
        block = slice(start, start + BLOCK_ROWS)
        rows = lookup(refs[block])
        lots[block], content[block] = drawn(rows["doc"]), drawn(rows["content"])
    refs = refs[np.lexsort((refs, content, lots, refs >= np.uint64(first_new)))]
    found: list[NDArray[Any]] = [np.empty(0, dtype=EDGE_DTYPE)]
    leaders = refs[:0]
    for start in range(0, len(refs), BLOCK_ROWS):
        block = np.r_[leaders, refs[start : start + BLOCK_ROWS]]
        whole = np.array([0, len(block)], dtype=np.int64)
        edges, leaders = _edges(block, lookup(block), whole, policy, first_new, sets)
        found.append(edges)
    return np.concatenate(found), leaders


def _edges(
    refs: Refs, rows: Rows, bounds: NDArray[np.int64], policy: Policy, first_new: int, sets: Sets | None
) -> tuple[Rows, Refs]:
    """Return (edges, leaders of the last bucket) of buckets in the order of comparison."""
    standing = refs < np.uint64(first_new)
    shingles = sets(refs) if sets else None
    leader = leaders_of(rows, bounds, policy, limit=MAX_LEADERS, standing=standing, sets=shingles)
    places = np.arange(len(refs))
    follows = leader != places
    edges = np.empty(int(follows.sum()), dtype=EDGE_DTYPE)
    ends = refs[follows], refs[leader[follows]]
    edges["low"], edges["high"] = np.minimum(*ends), np.maximum(*ends)
    last = places[bounds[-2] :]
    return edges[edges["low"] != edges["high"]], refs[last[~follows[last]][:MAX_LEADERS]]


def _shared(pairs: Rows) -> Rows:
    """Return the records whose key another record has too, sorted by key."""
    pairs = pairs[sifted(pairs["key"])]
    order = np.argsort(pairs["key"])
    ranked = pairs["key"][order]
    same = ranked[1:] == ranked[:-1]
    return pairs[order[np.r_[False, same] | np.r_[same, False]]] if len(pairs) else pairs


def sifted(keys: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Return the places of keys that may stand more than once: all that do are among them."""
    slots = np.zeros(1 << (4 * len(keys)).bit_length(), dtype=np.uint8)
    return _sifted(keys, slots, np.empty(len(keys), dtype=np.int64))


@jit
def _sifted(keys: Any, slots: Any, places: Any) -> Any:
    """Return the places of keys whose slot is taken more than once: every repeated key is among them."""
    shift = np.uint64(64)
    size = slots.shape[0]
    while size > 1:
        size >>= 1
        shift -= np.uint64(1)
    for i in range(keys.shape[0]):
        slot = (keys[i] * np.uint64(0x9E3779B97F4A7C15)) >> shift
        slots[slot] += slots[slot] < 2
    count = 0
    for i in range(keys.shape[0]):
        slot = (keys[i] * np.uint64(0x9E3779B97F4A7C15)) >> shift
        places[count] = i
        count += slots[slot] > 1
    return places[:count]


def _with_newcomer(pairs: Rows, first_new: int) -> Rows:
    """Return the records of buckets that hold a new document; `pairs` is sorted by key."""
    bounds = bounds_of(pairs["key"])
    if len(bounds) < 2:
        return pairs
    has_new = np.logical_or.reduceat(pairs["ref"] >= np.uint64(first_new), bounds[:-1])
    return pairs[np.repeat(has_new, np.diff(bounds))]
