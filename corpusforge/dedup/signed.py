"""Texts -> rows of signatures, of texts that tell nothing of themselves but an order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import numpy as np
import xxhash
from numpy.typing import NDArray

from corpusforge.dedup.bands import Rows
from corpusforge.dedup.config import DedupConfig
from corpusforge.dedup.normal import normalised_bytes
from corpusforge.dedup.order import NO_LICENCE
from corpusforge.dedup.origin import UNKNOWN_DATE, UNKNOWN_ORIGIN
from corpusforge.dedup.signature import signature_dtype, signatures_of
from corpusforge.domains import Domain


def signature_rows(
    texts: Sequence[str], orders: NDArray[np.uint64], config: DedupConfig, domain: Domain
) -> Rows:
    """Return the signature rows of texts of one domain; `orders` (u64 [n, 2]) says which id is lower.

    A row's `doc` is its order where two rows never have the same; it is not a document id.
    """
    data, ends = normalised_bytes(texts)
    rows = np.zeros(len(texts), dtype=signature_dtype(config.signature.permutations))
    rows["doc"] = orders
    rows["content"] = _content_hashes(data, ends)
    rows["n_bytes"] = [len(text.encode("utf-8", "replace")) for text in texts]
    rows["date"], rows["licence"], rows["origin"] = UNKNOWN_DATE, NO_LICENCE, UNKNOWN_ORIGIN
    rows["domain"] = list(Domain).index(domain)
    rows["minhash"] = signatures_of(data, ends, config.signature, [domain] * len(texts))
    return rows


def _content_hashes(data: NDArray[np.uint8], ends: NDArray[np.int64]) -> NDArray[np.uint64]:
    """Return `text.content_hash` of normalised texts as two u64 each, high half first."""
    view, digests, start = memoryview(cast(Any, data)), list[bytes](), 0
    for stop in ends.tolist():
        digests.append(xxhash.xxh3_128_digest(view[start:stop]))
        start = stop
    return np.frombuffer(b"".join(digests), dtype=">u8").reshape(-1, 2).astype(np.uint64)
