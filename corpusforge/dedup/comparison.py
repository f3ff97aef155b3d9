"""What one run compares: the documents that dedup compares, those that leakage counts, or both in one pass.

Leakage compares more than dedup does: domains with each other, sources with each other, what
went before. So buckets are made by its keys, and a flag on each record says who counts it:

    key   hash of the bucket (61 bits) | IN_LEAKAGE | IN_DEDUP | EXACT

Where both are asked for, dedup's own buckets are parts of leakage's: see `own_keys`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
import xxhash
from numpy.typing import NDArray

from corpusforge.compiled import jit
from corpusforge.dedup.bands import NO_KEY, PAIR_DTYPE, Refs, Rows, band_keys, make_refs, mix, ref_part
from corpusforge.dedup.config import DedupConfig
from corpusforge.dedup.policy import Policy, policy_of

EXACT = np.uint64(1)
"""A key of a document's id or content: who holds it needs no check."""
IN_DEDUP = np.uint64(2)
IN_LEAKAGE = np.uint64(4)
Sources = tuple[tuple[int, str], ...]
"""(first part, name) of each source, in the order of the parts; those without a part are left out."""
_FLAGS = np.uint64(7)
BUCKET = ~(IN_DEDUP | IN_LEAKAGE)
"""Mask of what the records of one bucket have in common."""
_INEXACT = np.uint64(0)
_COARSE = np.uint64(0xA0761D6478BD642F)


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What a run compares; small, may be pickled."""

    dedup: DedupConfig | None
    """None where it is done already."""
    leakage: DedupConfig | None
    """What `leakage.leakage_config` returns; None where it is not asked for."""
    sources: Sources
    first_new: int = 0
    """Documents below this ref stand already."""

    def source_keys(self, refs: Refs) -> NDArray[np.uint64]:
        """Return the number of the source of each ref."""
        numbers = np.array([source_key(name) for _, name in self.sources], dtype=np.uint64)
        return numbers[source_places(refs, self.sources)]

    def pairs(self, rows: Rows, part: int, gone: Refs | None = None) -> Rows:
        """Return the flagged (key, ref) records of a part's signature rows, unsorted.

        `gone` are rows that an earlier run took out; runs that know such count no leakage.
        """
        refs = make_refs(part, np.arange(len(rows), dtype=np.uint64))
        own = int(self.source_keys(refs[:1])[0]) if len(refs) else 0
        if self.leakage is None:
            assert self.dedup is not None
            flags = np.full(len(rows), IN_DEDUP)
            if gone is not None:
                flags[gone.astype(np.int64)] = 0
            keys = band_keys(rows, policy_of(self.dedup), own)
            return np.concatenate([_records(keys[:2], refs, flags, EXACT), _records(keys[2:], refs, flags)])
        keys = band_keys(rows, policy_of(self.leakage))
        everyone = np.full(len(rows), IN_LEAKAGE)
        if self.dedup is None:
            return np.concatenate(
                [_records(keys[:2], refs, everyone, EXACT), _records(keys[2:], refs, everyone)]
            )
        policy = policy_of(self.dedup)
        content = band_keys(rows, replace(policy, bands=0), own)[1:]
        keys[1] ^= _COARSE  # another bucket than that of dedup's content keys
        near = everyone | np.where(policy.near[rows["domain"]], IN_DEDUP, np.uint64(0))
        return np.concatenate(
            [
                _records(keys[:1], refs, everyone | IN_DEDUP, EXACT),
                _records(content, refs, np.full(len(rows), IN_DEDUP), EXACT),
                _records(keys[1:2], refs, everyone, EXACT),
                _records(keys[2:], refs, near),
            ]
        )

    def own_keys(self, keys: NDArray[np.uint64], refs: Refs, rows: Rows) -> NDArray[np.uint64]:
        """Return dedup's buckets of flagged records: those of one group of domains, or one source of it."""
        assert self.dedup is not None
        if self.leakage is None:
            return keys & BUCKET
        return _own(keys, dedup_salts(policy_of(self.dedup), rows["domain"], self.source_keys(refs)))


def _records(
    keys: NDArray[np.uint64], refs: Refs, flags: NDArray[np.uint64], exact: np.uint64 = _INEXACT
) -> Rows:
    """Return the records of keys, u64 [keys, documents], whose document has a flag."""
    held = (keys != np.uint64(NO_KEY)) & (flags != 0)
    out = np.empty(int(held.sum()), dtype=PAIR_DTYPE)
    out["key"] = (keys[held] & ~_FLAGS) | np.broadcast_to(flags, keys.shape)[held] | exact
    out["ref"] = np.broadcast_to(refs, keys.shape)[held]
    return out


def dedup_salts(
    policy: Policy, domains: NDArray[np.uint8], sources: NDArray[np.uint64]
) -> NDArray[np.uint64]:
    """Return a number for each document that is the same where a policy compares two."""
    salts = policy.group[domains] + np.uint64(1)
    return np.where(policy.by_source[domains], salts ^ sources, salts)


def source_key(name: str) -> int:
    """Return the number of a source: what keeps sources apart where a policy says so."""
    return xxhash.xxh3_64_intdigest(name.encode())


def sources_of(counts: Iterable[tuple[str, int]]) -> Sources:
    """Return the sources of a run, given (name, parts) in order."""
    out: list[tuple[int, str]] = []
    first = 0
    for name, count in counts:
        out += [(first, name)] if count else []
        first += count
    return tuple(out)


def source_places(refs: Refs, sources: Sources) -> NDArray[np.int64]:
    """Return the place of each ref's source among `sources`."""
    firsts = np.array([first for first, _ in sources], dtype=np.uint64)
    return (np.searchsorted(firsts, ref_part(refs), side="right") - 1).astype(np.int64)


@jit
def _own(keys: NDArray[np.uint64], salts: NDArray[np.uint64]) -> NDArray[np.uint64]:
    out = np.empty(keys.shape[0], dtype=np.uint64)
    for i in range(keys.shape[0]):
        out[i] = keys[i] & np.uint64(0xFFFFFFFFFFFFFFF9)
        if not keys[i] & np.uint64(1):
            out[i] = mix(out[i] ^ salts[i])
    return out
