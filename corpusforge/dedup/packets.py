"""Signature rows on their way to the task that compares them: one packet of bytes.

u64 x 4    records, documents, shingle values, bytes of a row
records    `PAIR_DTYPE`: the bucket or the cluster, and the ref
refs       u64, sorted, each once
rows       signature rows of the refs
sizes      u32 a ref, values u32: their shingles, where the check is by them
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpusforge.dedup.bands import PAIR_DTYPE, Refs, Rows, Sets

_HEAD = np.dtype("<u8")
_VALUE = np.dtype("<u4")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Held:
    """Rows that have come to one task; `pairs` say what they are wanted for."""

    pairs: Rows
    refs: Refs
    """Sorted, each once."""
    rows: Rows
    shingles: list[NDArray[np.uint32]] | None = None

    def lookup(self, refs: Refs) -> Rows:
        """Return the rows of refs, in their order."""
        return self.rows[np.searchsorted(self.refs, refs)]

    def sets(self) -> Sets | None:
        """Return the look-up of shingles; None where the check is not by them."""
        shingles = self.shingles
        if shingles is None:
            return None
        return lambda refs: [shingles[place] for place in np.searchsorted(self.refs, refs).tolist()]

    def only(self, pairs: Rows) -> Held:
        """Return some of the records, with the rows that they name."""
        refs = np.unique(pairs["ref"])
        places = np.searchsorted(self.refs, refs)
        shingles: list[NDArray[np.uint32]] | None = None
        if self.shingles is not None:
            shingles = [self.shingles[place] for place in places.tolist()]
        return Held(pairs=pairs, refs=refs, rows=self.rows[places], shingles=shingles)

    def packed(self) -> bytes:
        """Return it as one packet."""
        shingles: list[NDArray[np.uint32]] = self.shingles or []
        values = np.concatenate([np.empty(0, _VALUE), *shingles])
        head = [len(self.pairs), len(self.refs), len(values), self.rows.dtype.itemsize]
        sizes = np.array([len(one) for one in shingles], dtype=_VALUE)
        return b"".join(
            [
                np.array(head, dtype=_HEAD).tobytes(),
                self.pairs.tobytes(),
                self.refs.tobytes(),
                self.rows.tobytes(),
                sizes.tobytes(),
                values.astype(_VALUE, copy=False).tobytes(),
            ]
        )


def unpacked(packet: bytes, dtype: np.dtype[Any]) -> Held:
    """Return one packet; `dtype` is that of signature rows."""
    n_pairs, n_refs, n_values, itemsize = np.frombuffer(packet, dtype=_HEAD, count=4).tolist()
    if itemsize != dtype.itemsize:
        raise ValueError(f"signature rows of {itemsize} bytes came, of {dtype.itemsize} were awaited")
    place = 32

    def take(kind: np.dtype[Any], count: int) -> NDArray[Any]:
        nonlocal place
        out = np.frombuffer(packet, dtype=kind, count=count, offset=place)
        place += out.nbytes
        return out

    pairs, refs, rows = take(PAIR_DTYPE, n_pairs), take(_HEAD, n_refs), take(dtype, n_refs)
    shingles: list[NDArray[np.uint32]] | None = None
    if place < len(packet):
        ends = np.cumsum(take(_VALUE, n_refs), dtype=np.int64)
        shingles = np.split(take(_VALUE, n_values), ends[:-1]) if n_refs else []
    return Held(pairs=pairs, refs=refs, rows=rows, shingles=shingles)


def gathered(packets: Iterable[bytes], dtype: np.dtype[Any]) -> Held:
    """Return what some packets hold together."""
    held = [unpacked(packet, dtype) for packet in packets if packet]
    if not held:
        none = np.empty(0, dtype=np.uint64)
        return Held(pairs=np.empty(0, PAIR_DTYPE), refs=none, rows=np.empty(0, dtype))
    if len(held) == 1:
        return held[0]
    refs, places = np.unique(np.concatenate([one.refs for one in held]), return_index=True)
    rows = np.concatenate([one.rows for one in held])[places]
    shingles: list[NDArray[np.uint32]] | None = None
    if any(one.shingles is not None for one in held):
        every = [values for one in held for values in one.shingles or []]
        shingles = [every[place] for place in places.tolist()]
    return Held(pairs=np.concatenate([one.pairs for one in held]), refs=refs, rows=rows, shingles=shingles)
