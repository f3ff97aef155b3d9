"""Text -> MinHash signature, in compiled passes over bytes, and the sidecar that keeps it.

The permutations and the arithmetic are datasketch's `affine32` scheme (its default since
2.0): h' = fmix32(h); value_k = min over shingles of a_k * h' + b_k mod 2^32. The 32-bit
shingle hash h is ours: see `shingles`. `datasketch.MinHash(scheme="affine32",
hashvalues=…)` accepts the rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpusforge.compiled import jit
from corpusforge.dedup.config import ShingleConfig, SignatureConfig
from corpusforge.dedup.normal import normalised_bytes
from corpusforge.dedup.shingles import TOKENS, WORDS, character_classes, hash_shingles
from corpusforge.domains import Domain

U32 = np.uint32
EMPTY = 0xFFFFFFFF
"""The value of a signature with no shingle (datasketch's empty sentinel)."""

_MAX_SHINGLE = 32


def signature_dtype(permutations: int) -> np.dtype[Any]:
    """Return the row of a part's signature sidecar (`signatures.bin`, little endian).

    `doc` and `content` are the 128-bit ids as two u64, high half first; `domain` is the
    domain's place in `Domain`. `licence`, `quality`, `origin`, `date` and `surroundings` decide who
    survives, the lowest first: see `order`.
    """
    return np.dtype(
        [
            ("doc", "<u8", (2,)),
            ("content", "<u8", (2,)),
            ("n_bytes", "<u8"),
            ("date", "<u8"),
            ("domain", "u1"),
            ("licence", "u1"),
            ("quality", "u1"),
            ("origin", "u1"),
            ("surroundings", "u1"),
            ("reserved", "u1", (3,)),  # zeros: what follows stays aligned
            ("minhash", "<u4", (permutations,)),
        ]
    )


def signatures(
    texts: Sequence[str], config: SignatureConfig, domains: Sequence[str] | None = None
) -> NDArray[np.uint32]:
    """Return the signatures of texts: u32 [n, permutations].

    Texts are compared as `text.normalised` gives them, each by the shingles of its domain
    (`web` where none are given). A text of fewer words than a shingle has one shingle, the
    whole; a text without a word has the empty signature.
    """
    return signatures_of(*normalised_bytes(texts), config, domains)


def signatures_of(
    data: NDArray[np.uint8],
    ends: NDArray[np.int64],
    config: SignatureConfig,
    domains: Sequence[str] | None = None,
) -> NDArray[np.uint32]:
    """Return the signatures of normalised texts, as `normal.normalised_bytes` gives them."""
    out = np.full((len(ends), config.permutations), EMPTY, dtype=U32)
    units, lengths = _shapes(config, domains or [Domain.WEB] * len(ends))
    a, b = permutations(config.permutations, config.seed)
    _minhash(data, ends, character_classes(), units, lengths, a, b, out)
    return out


def shingle_sets(
    texts: Sequence[str], config: SignatureConfig, domains: Sequence[str] | None = None
) -> list[NDArray[np.uint32]]:
    """Return the distinct shingle hashes of each text, sorted."""
    data, ends = normalised_bytes(texts)
    units, lengths = _shapes(config, domains or [Domain.WEB] * len(texts))
    room = np.empty(int(np.diff(ends, prepend=0).max(initial=0)) + 1, dtype=U32)
    ring = np.empty(_MAX_SHINGLE, dtype=np.uint64)
    sets: list[NDArray[np.uint32]] = []
    start = 0
    for row, stop in enumerate(ends.tolist()):
        classes = character_classes()[units[row]]
        count = hash_shingles(data, start, stop, classes, int(lengths[row]), ring, room)
        sets.append(np.unique(room[:count]))
        start = stop
    return sets


@lru_cache(maxsize=4)
def permutations(count: int, seed: int) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    """Return (a, b), u32 [count] each, drawn as `datasketch.MinHash` draws them."""
    generator = np.random.RandomState(seed)
    a = generator.randint(0, 1 << 31, count, dtype=U32) * U32(2) + U32(1)
    b = generator.randint(0, 1 << 32, count, dtype=U32)
    return a, b


def _shapes(config: SignatureConfig, domains: Sequence[str]) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Return (row of the character classes, shingle length) of each text."""
    by_domain: dict[str, ShingleConfig] = {domain: config.shingle(domain) for domain in set(domains)}
    shapes = [by_domain[domain] for domain in domains]
    units = np.array([TOKENS if shape.unit == "tokens" else WORDS for shape in shapes], dtype=np.uint8)
    return units, np.array([shape.length for shape in shapes], dtype=np.int64)


@jit
def _minhash(data: Any, ends: Any, classes: Any, units: Any, lengths: Any, a: Any, b: Any, out: Any) -> None:
    hashes = np.empty(4096, dtype=np.uint32)
    ring = np.empty(32, dtype=np.uint64)
    start = 0
    for row in range(ends.shape[0]):
        stop = ends[row]
        if stop - start + 1 > hashes.shape[0]:
            hashes = np.empty(2 * (stop - start + 1), dtype=np.uint32)
        count = hash_shingles(data, start, stop, classes[units[row]], lengths[row], ring, hashes)
        _minimise(hashes, count, a, b, out[row])
        start = stop


@jit
def _minimise(hashes: Any, count: int, a: Any, b: Any, row: Any) -> None:
    """Lower `row` to the minimum of every permutation over `hashes[:count]`."""
    for first in range(0, count, 2048):  # a block of hashes stays in the first cache
        block = hashes[first : min(first + 2048, count)]
        for k in range(row.shape[0]):
            ak = a[k]
            bk = b[k]
            low = row[k]
            for i in range(block.shape[0]):
                low = min(low, np.uint32(ak * block[i] + bk))
            row[k] = low
