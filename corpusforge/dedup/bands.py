"""Signatures -> band keys -> candidate pairs: what travels, and what a bucket yields.

Only fixed-width records cross a shuffle: `PAIR_DTYPE` (key, ref), 16 bytes. A *ref*
names a document by the place of its part in the build and its row there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpusforge.compiled import jit
from corpusforge.dedup.policy import Policy
from corpusforge.dedup.signature import EMPTY

PAIR_DTYPE = np.dtype([("key", "<u8"), ("ref", "<u8")])
EDGE_DTYPE = np.dtype([("low", "<u8"), ("high", "<u8")])
NO_KEY = 0
_ROW_BITS = np.uint64(32)
_ROW_MASK = np.uint64(0xFFFFFFFF)

Rows = NDArray[Any]
"""Rows of `signature.signature_dtype`."""
Refs = NDArray[np.uint64]
Lookup = Callable[[Refs], Rows]
"""Returns the signature rows of refs, in their order."""
Sets = Callable[[Refs], list[NDArray[np.uint32]]]
"""Returns the distinct shingle hashes of refs, each sorted."""


def make_refs(part: int, rows: Refs) -> Refs:
    """Return refs, u64: part number in the upper half, row in the lower."""
    return (np.uint64(part) << _ROW_BITS) | rows.astype(np.uint64)


def ref_part(refs: Refs) -> Refs:
    """Return the part number of each ref."""
    return refs >> _ROW_BITS


def ref_row(refs: Refs) -> Refs:
    """Return the row of each ref in its part."""
    return refs & _ROW_MASK


def band_keys(rows: Rows, policy: Policy, source_key: int = 0) -> NDArray[np.uint64]:
    """Return the keys of signature rows, u64 [2 + bands, n]; `NO_KEY` where there is none.

    Every document has one key for its id and, by its domain's policy, one for its content
    hash and one a band. All but the first hold the group of its domain, so that documents
    of different groups never meet; `source_key` keeps sources apart where the policy says so.
    """
    out = np.zeros((2 + policy.bands, len(rows)), dtype=np.uint64)
    salt = policy.group + np.uint64(1)
    salt = np.where(policy.by_source, salt ^ np.uint64(source_key), salt)
    _band_keys(
        rows["doc"], rows["content"], rows["minhash"], rows["domain"],
        salt, policy.exact, policy.near, policy.rows, out,
    )  # fmt: skip
    return out


@jit
def mix(value: Any) -> Any:
    """Return a 64-bit finalizer (splitmix64) of a value."""
    x = value + np.uint64(0x9E3779B97F4A7C15)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


@jit
def _band_keys(
    doc: Any, content: Any, minhash: Any, domain: Any, salt: Any, exact: Any, near: Any, width: int, out: Any
) -> None:
    for row in range(doc.shape[0]):
        place = domain[row]
        # The same file at the same commit may stand in two dumps: same id, perhaps other bytes.
        out[0, row] = mix(mix(doc[row, 0] ^ np.uint64(1 << 21)) ^ doc[row, 1])
        if exact[place]:
            key = mix(mix(content[row, 0] ^ np.uint64(1 << 20)) ^ content[row, 1])
            out[1, row] = mix(key ^ salt[place])
        values = minhash[row]
        if not near[place] or values[0] == np.uint32(0xFFFFFFFF):
            continue
        for band in range(out.shape[0] - 2):
            key = mix(salt[place] ^ (np.uint64(band + 1) << np.uint64(40)))
            for column in range(band * width, (band + 1) * width):
                key = mix(key ^ np.uint64(values[column]))
            out[2 + band, row] = key


assert EMPTY == 0xFFFFFFFF  # what `_band_keys` compares with


def partition_of(pairs: Rows, partitions: int) -> NDArray[np.int64]:
    """Return the partition of each record: equal keys fall together."""
    return ((pairs["key"] >> np.uint64(40)) % np.uint64(partitions)).astype(np.int64)


def by_number(numbers: NDArray[np.int64]) -> Iterator[tuple[int, NDArray[np.intp]]]:
    """Yield (number, places where it stands) for each distinct number, in order."""
    if not len(numbers):
        return
    order = np.argsort(numbers, kind="stable")
    distinct, first = np.unique(numbers[order], return_index=True)
    yield from zip(distinct.tolist(), np.split(order, first[1:]), strict=True)


def unique_edges(low: Refs, high: Refs) -> Rows:
    """Return the distinct edges, sorted by (low, high)."""
    edges = np.empty(len(low), dtype=EDGE_DTYPE)
    edges["low"], edges["high"] = low, high
    edges = edges[np.lexsort((edges["high"], edges["low"]))]
    if len(edges):
        edges = edges[np.r_[True, edges[1:] != edges[:-1]]]
    return edges
