"""Recall and precision of dedup against every pair of real documents, by exact Jaccard.

    python benches/dedup_quality.py DOCS.jsonl [--threshold 0.75] [--kept KEPT.txt]

Truth: the Jaccard similarity of all pairs at 0.5 or more, found by prefix filtering (which
loses none) over the distinct 5-gram hashes. Documents of the same shingles count once. Found: what
shares a band and passes the check, by the functions of the package. With KEPT.txt, the ids
that another tool kept: of what it removed and we keep, how similar the nearest document is.
"""

from __future__ import annotations

import argparse
import json
from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

from corpusforge.dedup.bands import band_keys
from corpusforge.dedup.config import DedupConfig
from corpusforge.dedup.leaders import _jaccard
from corpusforge.dedup.local import signature_rows
from corpusforge.dedup.policy import policy_of
from corpusforge.dedup.signature import shingle_sets
from corpusforge.domains import Domain

LEAST = 0.5


def read(path: str) -> tuple[list[str], list[str]]:
    """Return (ids, texts)."""
    with open(path) as lines:
        rows = [json.loads(line) for line in lines]
    return [str(row["id"]) for row in rows], [row["text"] for row in rows]


def true_pairs(sets: list[NDArray[np.uint32]]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return (pairs [n, 2], similarity) of all sets at `LEAST` or more."""
    sizes = np.array([len(one) for one in sets])
    starts = np.r_[0, np.cumsum(sizes)].astype(np.int64)
    values = np.concatenate(sets)
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    document = np.repeat(np.arange(len(sets)), sizes)
    order = np.lexsort((place, counts[place], document))  # the rarest of each document first
    within = np.arange(len(values)) - np.repeat(starts[:-1], sizes)
    prefix = np.repeat(sizes - np.ceil(LEAST * sizes).astype(int) + 1, sizes)
    chosen = order[within < prefix]
    chosen = chosen[counts[place[chosen]] > 1]
    posted = np.lexsort((document[chosen], place[chosen]))
    pairs = _posting_pairs(place[chosen][posted], document[chosen][posted])
    pairs = np.unique(pairs)
    ends = np.stack([pairs // len(sets), pairs % len(sets)], axis=1)
    similarity = _similarities(values, starts, ends)
    return ends[similarity >= LEAST], similarity[similarity >= LEAST]


def _posting_pairs(tokens: NDArray[np.int64], documents: NDArray[np.int64]) -> NDArray[np.int64]:
    n_documents = int(documents.max()) + 1 if len(documents) else 1
    bounds = np.flatnonzero(np.r_[True, tokens[1:] != tokens[:-1], True])
    found: list[NDArray[np.int64]] = [np.empty(0, dtype=np.int64)]
    for size in np.unique(np.diff(bounds)).tolist():
        if size < 2:
            continue
        lists = documents[bounds[:-1][np.diff(bounds) == size][:, None] + np.arange(size)]
        left, right = np.triu_indices(size, 1)
        for block in np.array_split(lists, max(1, len(lists) * len(left) // 4_000_000)):
            found.append(np.unique(block[:, left] * n_documents + block[:, right]))
    codes = np.concatenate(found)
    return codes // n_documents * DOCUMENTS + codes % n_documents


@numba.njit
def _similarities(values: Any, starts: Any, ends: Any) -> Any:
    out = np.empty(len(ends))
    for row in range(len(ends)):
        i, j = ends[row]
        out[row] = _jaccard(values, starts[i], starts[i + 1], starts[j], starts[j + 1])
    return out


DOCUMENTS = 0
"""How many documents there are: the base in which a pair is one number."""


def main() -> None:
    """Print one JSON object."""
    global DOCUMENTS
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("docs")
    parser.add_argument("--threshold", type=float, default=0.75)
    parser.add_argument("--kept")
    given = parser.parse_args()
    ids, texts = read(given.docs)
    config = DedupConfig(threshold=given.threshold)
    sets = shingle_sets(texts, config.signature)
    _, unique = np.unique([hash(one.tobytes()) for one in sets], return_index=True)
    unique = np.sort([place for place in unique if len(sets[place])])
    DOCUMENTS = len(unique)
    pairs, similarity = true_pairs([sets[place] for place in unique])
    orders = np.stack([np.zeros(DOCUMENTS), np.arange(DOCUMENTS)], axis=1).astype(np.uint64)
    rows = signature_rows([texts[place] for place in unique], orders, config, Domain.WEB)
    keys = band_keys(rows, policy_of(config))[2:]
    shared = (keys[:, pairs[:, 0]] == keys[:, pairs[:, 1]]).any(axis=0)
    estimate = (rows["minhash"][pairs[:, 0]] == rows["minhash"][pairs[:, 1]]).mean(axis=1)
    well_above, true = similarity >= given.threshold + 0.1, similarity >= given.threshold
    figures: dict[str, Any] = {"documents": len(texts), "distinct": DOCUMENTS, "threshold": given.threshold}
    figures["pairs_at_threshold"] = int(true.sum())
    figures["pairs_well_above"] = int(well_above.sum())
    for check, passes in {"estimate": estimate >= given.threshold, "jaccard": true}.items():
        found = shared & passes
        figures[check] = {
            "recall_above_threshold_plus_0.1": round(float(found[well_above].mean()), 4),
            "recall_at_threshold": round(float(found[true].mean()), 4),
            "precision": round(float(true[found].mean()), 4),
            "precision_within_0.05": round(float((similarity[found] >= given.threshold - 0.05).mean()), 4),
        }
    if given.kept:
        figures["only_they_remove"] = against(
            given.kept, ids, sets, unique, pairs, similarity, given.threshold
        )
    print(json.dumps(figures))


def against(
    path: str,
    ids: list[str],
    sets: list[NDArray[np.uint32]],
    unique: NDArray[np.int64],
    pairs: NDArray[np.int64],
    similarity: NDArray[np.float64],
    threshold: float,
) -> dict[str, Any]:
    """Return how similar the nearest document is to those that another tool removed."""
    with open(path) as lines:
        kept = {line.rstrip("\n") for line in lines}
    nearest = np.zeros(len(unique))
    for end in (0, 1):
        np.maximum.at(nearest, pairs[:, end], similarity)
    removed = np.array([ids[place] not in kept for place in unique])
    return {
        "distinct_removed": int(removed.sum()),
        "nearest_below_threshold": round(float((nearest[removed] < threshold).mean()), 4),
        "nearest_below_0.5": round(float((nearest[removed] < LEAST).mean()), 4),
        "ours_at_threshold": int((nearest >= threshold).sum()),
    }


if __name__ == "__main__":
    main()
