"""Signatures -> band keys -> candidate pairs: what travels, and what a bucket yields.

Only fixed-width records cross a shuffle: `PAIR_DTYPE` (key, ref), 16 bytes. A *ref*
names a document by the place of its part in the build and its row there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpusforge.dedup.config import DedupConfig

PAIR_DTYPE = np.dtype([("key", "<u8"), ("ref", "<u8")])
EDGE_DTYPE = np.dtype([("low", "<u8"), ("high", "<u8")])
_ROW_BITS = np.uint64(32)
_ROW_MASK = np.uint64(0xFFFFFFFF)
_ODD = np.uint64(0x9E3779B97F4A7C15)
_EXACT_BAND = np.uint64(1 << 20)
_IDENTITY_BAND = np.uint64(1 << 21)

Rows = NDArray[Any]
"""Rows of `signature.signature_dtype`."""


def make_refs(part: int, rows: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Return refs, u64: part number in the upper half, row in the lower."""
    return (np.uint64(part) << _ROW_BITS) | rows.astype(np.uint64)


def ref_part(refs: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Return the part number of each ref."""
    return refs >> _ROW_BITS


def ref_row(refs: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Return the row of each ref in its part."""
    return refs & _ROW_MASK


def band_pairs(rows: Rows, part: int, config: DedupConfig, off_domains: NDArray[np.uint8]) -> Rows:
    """Return the (key, ref) records of one part's signatures, unsorted.

    Every document has one key for its id and one for its content hash; with
    `method = "near"` one more a band, unless its domain (a `Domain` place) is in
    `off_domains` or it has no words. Keys hold the domain, so that documents of different domains never meet.
    """
    refs = make_refs(part, np.arange(len(rows), dtype=np.uint64))
    domain = rows["domain"].astype(np.uint64)
    content = _mix(_mix(rows["content"][:, 0] ^ _EXACT_BAND) ^ rows["content"][:, 1])
    # The same file at the same commit may stand in two dumps: same id, perhaps other bytes.
    identity = _mix(_mix(rows["doc"][:, 0] ^ _IDENTITY_BAND) ^ rows["doc"][:, 1])
    records = [_records(_mix(content ^ domain), refs), _records(identity, refs)]
    if config.method == "near":
        empty = (rows["minhash"] == np.uint32(0xFFFFFFFF)).all(axis=1)
        near = ~np.isin(rows["domain"], off_domains) & ~empty
        minhash = np.ascontiguousarray(rows["minhash"][near]).astype(np.uint64)
        for band in range(config.bands):
            key = _mix(domain[near] ^ (np.uint64(band + 1) << np.uint64(8)))
            for column in range(band * config.rows, (band + 1) * config.rows):
                key = _mix(key ^ minhash[:, column])
            records.append(_records(key, refs[near]))
    return np.concatenate(records)


def _mix(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Return a 64-bit finalizer (splitmix64) of each value."""
    x = values + _ODD
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


def _records(keys: NDArray[np.uint64], refs: NDArray[np.uint64]) -> Rows:
    out = np.empty(len(keys), dtype=PAIR_DTYPE)
    out["key"], out["ref"] = keys, refs
    return out


def partition_of(pairs: Rows, partitions: int) -> NDArray[np.int64]:
    """Return the partition of each record: equal keys fall together."""
    return ((pairs["key"] >> np.uint64(40)) % np.uint64(partitions)).astype(np.int64)


def bucket_edges(pairs: Rows) -> Rows:
    """Return star edges, `EDGE_DTYPE` sorted and unique: every member to its bucket's lowest ref.

    A bucket of n members costs n - 1 edges, however hot it is.
    """
    if not len(pairs):
        return np.empty(0, dtype=EDGE_DTYPE)
    pairs = pairs[np.lexsort((pairs["ref"], pairs["key"]))]
    first = np.flatnonzero(np.r_[True, pairs["key"][1:] != pairs["key"][:-1]])
    lowest = np.repeat(pairs["ref"][first], np.diff(np.r_[first, len(pairs)]))
    apart = lowest != pairs["ref"]
    return unique_edges(lowest[apart], pairs["ref"][apart])


def unique_edges(low: NDArray[np.uint64], high: NDArray[np.uint64]) -> Rows:
    """Return the distinct edges, sorted by (low, high)."""
    edges = np.empty(len(low), dtype=EDGE_DTYPE)
    edges["low"], edges["high"] = low, high
    edges = edges[np.lexsort((edges["high"], edges["low"]))]
    if len(edges):
        edges = edges[np.r_[True, edges[1:] != edges[:-1]]]
    return edges


def checked_edges(
    edges: Rows, lookup: Callable[[NDArray[np.uint64]], Rows], config: DedupConfig, block: int = 65_536
) -> Rows:
    """Return the edges whose ends are the same text, or similar enough by their signatures.

    `lookup` returns the signature rows of refs. A shared band is only a candidate.
    """
    kept = [np.empty(0, dtype=EDGE_DTYPE)]
    for start in range(0, len(edges), block):
        window = edges[start : start + block]
        low, high = lookup(window["low"]), lookup(window["high"])
        kept.append(window[resembles(low, high, config)])
    return np.concatenate(kept)


def resembles(left: Rows, right: Rows, config: DedupConfig) -> NDArray[np.bool_]:
    """Return for each pair of rows whether one is a duplicate of the other."""
    same = same_text(left, right)
    if config.method == "exact":
        return same
    estimate = (left["minhash"] == right["minhash"]).mean(axis=1)
    return same | (estimate >= config.threshold)


def same_text(left: Rows, right: Rows) -> NDArray[np.bool_]:
    """Return for each pair of rows whether they hold the same text, or are the same record."""
    content = (left["content"] == right["content"]).all(axis=1)
    return content | (left["doc"] == right["doc"]).all(axis=1)
