"""Recall and precision of dedup against every pair of real documents, by exact Jaccard.

    python benches/dedup_quality.py DOCS.jsonl [--threshold 0.75] [--kept KEPT.txt]

Truth: the Jaccard similarity of all pairs at 0.5 or more, of Python sets of normalised word
5-grams; nothing of the package is in it. Pairs are found by prefix filtering, which loses
none. Documents of the same 5-grams count once. Found: what shares a band and passes the check,
by the functions of the package, at some margins of the estimate and by shingles. With KEPT.txt, the ids
that another tool kept: of what it removed and we keep, how similar the nearest document is.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpusforge import unicode
from corpusforge.dedup.bands import band_keys
from corpusforge.dedup.config import DedupConfig
from corpusforge.dedup.leaders import jaccard
from corpusforge.dedup.policy import policy_of
from corpusforge.dedup.signature import shingle_sets
from corpusforge.dedup.signed import signature_rows
from corpusforge.domains import Domain

LEAST = 0.5
SETS_HELD = 20_000
"""Sets that are kept for the next pairs: some hundred MB."""
WEB = list(Domain).index(Domain.WEB)


def read(path: str) -> tuple[list[str], list[str]]:
    """Return (ids, texts)."""
    with open(path) as lines:
        rows = [json.loads(line) for line in lines]
    return [str(row["id"]) for row in rows], [row["text"] for row in rows]


def words(text: str) -> list[str]:
    """Return the normalised words of a text: letters, marks, digits and _; ideographs and kana alone."""
    text = unicode.normalize("NFKC", text).casefold()
    if text.isascii():
        return re.findall(r"\w+", text)
    spaced: list[str] = []
    for character in text:
        is_word = character == "_" or unicode.category(character)[0] in "LMN"
        alone = is_word and re.match(
            "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]", character
        )
        spaced.append(f" {character} " if alone else character if is_word else " ")
    return "".join(spaced).split()


def grams(text: str) -> NDArray[np.uint64]:
    """Return the distinct 5-grams of a text, each as eight bytes of BLAKE2b."""
    held = words(text)
    made = {" ".join(held[i : i + 5]) for i in range(max(1, len(held) - 4))} if held else set[str]()
    digests = [hashlib.blake2b(gram.encode(), digest_size=8).digest() for gram in made]
    return np.sort(np.frombuffer(b"".join(digests), dtype=np.uint64))


def distinct(sets: list[NDArray[np.uint64]]) -> NDArray[np.int64]:
    """Return the places of sets, the first of those that are equal; empty ones are left out."""
    first: dict[bytes, int] = {}
    for place, one in enumerate(sets):
        if len(one):
            first.setdefault(one.tobytes(), place)
    return np.array(sorted(first.values()), dtype=np.int64)


def true_pairs(sets: list[NDArray[np.uint64]]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
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
    pairs = _posting_pairs(place[chosen][posted], document[chosen][posted], len(sets))
    pairs = np.unique(pairs)
    ends = np.stack([pairs // len(sets), pairs % len(sets)], axis=1)
    similarity = _similarities(sets, ends)
    return ends[similarity >= LEAST], similarity[similarity >= LEAST]


def _posting_pairs(
    tokens: NDArray[np.int64], documents: NDArray[np.int64], n_documents: int
) -> NDArray[np.int64]:
    """Return low * n_documents + high of documents that share a token; some stand more than once."""
    bounds = np.flatnonzero(np.r_[True, tokens[1:] != tokens[:-1], True])
    found: list[NDArray[np.int64]] = [np.empty(0, dtype=np.int64)]
    for size in np.unique(np.diff(bounds)).tolist():
        if size < 2:
            continue
        lists = documents[bounds[:-1][np.diff(bounds) == size][:, None] + np.arange(size)]
        left, right = np.triu_indices(size, 1)
        for block in np.array_split(lists, max(1, len(lists) * len(left) // 4_000_000)):
            found.append(np.unique(block[:, left] * n_documents + block[:, right]))
    return np.concatenate(found)


def _similarities(sets: list[NDArray[np.uint64]], ends: NDArray[np.int64]) -> NDArray[np.float64]:
    held: dict[int, set[int]] = {}
    out = np.empty(len(ends))
    for row, (left, right) in enumerate(ends.tolist()):  # sorted by their first end
        for end in (left, right):
            if end not in held:
                held[end] = set(sets[end].tolist())
        both = len(held[left] & held[right])
        out[row] = both / (len(held[left]) + len(held[right]) - both)
        if len(held) > SETS_HELD:
            held.clear()
    return out


def ours(shingles: list[NDArray[np.uint32]], pairs: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the similarity of pairs as the package's check has it."""
    values = np.concatenate(shingles)
    starts = np.r_[0, np.cumsum([len(one) for one in shingles])]
    ends = [(starts[i], starts[i + 1], starts[j], starts[j + 1]) for i, j in pairs.tolist()]
    return np.array([jaccard(values, *four) for four in ends])


def rates(found: NDArray[np.bool_], similarity: NDArray[np.float64], threshold: float) -> dict[str, float]:
    """Return recall and precision of the pairs found."""
    true, well_above = similarity >= threshold, similarity >= threshold + 0.1
    return {
        "recall_above_threshold_plus_0.1": round(float(found[well_above].mean()), 4),
        "recall_at_threshold": round(float(found[true].mean()), 4),
        "precision": round(float(true[found].mean()), 4),
        "precision_within_0.05": round(float((similarity[found] >= threshold - 0.05).mean()), 4),
    }


def main() -> None:
    """Print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("docs")
    parser.add_argument("--threshold", type=float, default=0.75)
    parser.add_argument("--kept")
    given = parser.parse_args()
    ids, texts = read(given.docs)
    config = DedupConfig(threshold=given.threshold)
    sets = [grams(text) for text in texts]
    unique = distinct(sets)
    pairs, similarity = true_pairs([sets[place] for place in unique])
    orders = np.stack([np.zeros(len(unique)), np.arange(len(unique))], axis=1).astype(np.uint64)
    chosen = [texts[place] for place in unique]
    rows = signature_rows(chosen, orders, config, Domain.WEB)
    keys = band_keys(rows, policy_of(config))[2:]
    shared = (keys[:, pairs[:, 0]] == keys[:, pairs[:, 1]]).any(axis=0)
    equal = (rows["minhash"][pairs[:, 0]] == rows["minhash"][pairs[:, 1]]).sum(axis=1)
    figures: dict[str, Any] = {"documents": len(texts), "distinct": len(unique), "threshold": given.threshold}
    figures["pairs_at_threshold"] = int((similarity >= given.threshold).sum())
    figures["pairs_well_above"] = int((similarity >= given.threshold + 0.1).sum())
    for margin in sorted({0.0, 0.5, 1.0, config.estimate_margin}):
        policy = policy_of(config.model_copy(update={"estimate_margin": margin}))
        passes = equal >= policy.matches[WEB]
        figures[f"estimate, margin {margin:g}"] = rates(shared & passes, similarity, given.threshold)
    by_shingles = policy_of(config.model_copy(update={"check": "jaccard"}))
    shingles = shingle_sets(chosen, config.signature)
    passes = (equal >= by_shingles.matches[WEB]) & (ours(shingles, pairs) >= given.threshold)
    figures["jaccard"] = rates(shared & passes, similarity, given.threshold)
    if given.kept:
        figures["only_they_remove"] = against(
            given.kept, ids, sets, unique, pairs, similarity, given.threshold
        )
    print(json.dumps(figures))


def against(
    path: str,
    ids: list[str],
    sets: list[NDArray[np.uint64]],
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
