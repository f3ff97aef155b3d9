"""Do several tools find the same duplicates, where all are given the same words?

    python benches/dedup_agreement.py words DOCS.jsonl WORDS.jsonl
    … each tool over WORDS.jsonl: `corpusforge dedup`, `benches/dedup_peers.py` …
    python benches/dedup_agreement.py compare WORDS.jsonl --ours FOLDER --peer NAME=FOLDER …

`words` writes every document as its normalised words, each spelt as a run of letters that no
tokeniser takes apart or joins, with a space between: whatever a tool does to tell words, it
finds the same. `compare` reports clusters and pairs in common; of the documents that only one
tool has in a cluster, the true Jaccard similarity of their 5-grams to the nearest member of
that cluster; and of the true pairs, by similarity, the share that each tool has together,
beside what banding promises: 1 - (1 - s^8)^14. Nothing of the package is in the truth.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
from collections import Counter, defaultdict
from collections.abc import Mapping
from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow.parquet as pq
from dedup_quality import distinct, grams, read, true_pairs, words
from numpy.typing import NDArray

BANDS, ROWS = 14, 8
BINS = (0.5, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 1.01)
SAMPLE = 500
MEMBERS_LOOKED_AT = 200
_LETTERS = str.maketrans("0123456789abcdef", "bcdfghjklmnpqrst")
Clusters = Mapping[str, str]
"""{id: cluster} of the documents that stand in a cluster of two or more."""


@lru_cache(maxsize=1 << 21)
def spelt(word: str) -> str:
    """Return thirteen consonants that stand for a word."""
    return "z" + hashlib.blake2b(word.encode(), digest_size=6).hexdigest().translate(_LETTERS)


def write_words(docs: str, output: str) -> None:
    """Write the documents as their words."""
    ids, texts = read(docs)
    with open(output, "w") as out:
        for row_id, text in zip(ids, texts, strict=True):
            out.write(json.dumps({"id": row_id, "text": " ".join(map(spelt, words(text)))}) + "\n")


def ours(folder: str) -> Clusters:
    """Return the clusters that `corpusforge dedup` wrote."""
    columns = pq.read_table(os.path.join(folder, "clusters.parquet")).to_pydict()
    sizes = Counter(columns["cluster_id"])
    pairs = zip(columns["doc_id"], columns["cluster_id"], strict=True)
    return {name: cluster for name, cluster in pairs if sizes[cluster] > 1}


def theirs(folder: str) -> Clusters:
    """Return the clusters that `dedup_peers.py` wrote."""
    with open(os.path.join(folder, "clusters.tsv")) as lines:
        return dict(line.rstrip("\n").split("\t") for line in lines)


def members(found: Clusters) -> dict[str, list[str]]:
    """Return {cluster: ids}."""
    by_cluster: dict[str, list[str]] = defaultdict(list)
    for name, cluster in found.items():
        by_cluster[cluster].append(name)
    return by_cluster


def n_pairs(sizes: Counter[Any]) -> int:
    """Return how many pairs stand together in clusters of such sizes."""
    return sum(size * (size - 1) // 2 for size in sizes.values())


def compared(left: Clusters, right: Clusters, sets: Mapping[str, NDArray[np.uint64]]) -> dict[str, Any]:
    """Return what two tools have in common and apart."""
    groups = [{frozenset(ids) for ids in members(side).values()} for side in (left, right)]
    both = n_pairs(Counter((left[name], right[name]) for name in left.keys() & right.keys()))
    return {
        "clusters": [len(group) for group in groups],
        "clusters_identical": len(groups[0] & groups[1]),
        "pairs": [n_pairs(Counter(side.values())) for side in (left, right)],
        "pairs_of_both": both,
        "documents": [len(left), len(right)],
        "documents_of_both": len(left.keys() & right.keys()),
        "only_ours": nearest(left, left.keys() - right.keys(), sets),
        "only_theirs": nearest(right, right.keys() - left.keys(), sets),
    }


def nearest(found: Clusters, names: set[str], sets: Mapping[str, NDArray[np.uint64]]) -> dict[str, Any]:
    """Return of a sample of documents how similar the nearest member of their cluster truly is."""
    by_cluster = members(found)
    chosen = sorted(names, key=lambda name: hashlib.blake2b(name.encode()).digest())[:SAMPLE]
    best = [
        max(
            jaccard(sets[name], sets[other])
            for other in by_cluster[found[name]][:MEMBERS_LOOKED_AT]
            if other != name
        )
        for name in chosen
    ]
    marks = np.quantile(best, [0, 0.1, 0.5, 0.9, 1]).round(3).tolist() if best else []
    return {"documents": len(names), "looked_at": len(best), "jaccard_min_10_50_90_max": marks}


def jaccard(left: NDArray[np.uint64], right: NDArray[np.uint64]) -> float:
    """Return the similarity of two sets; that of two empty ones is 1."""
    both = len(np.intersect1d(left, right, assume_unique=True))
    total = len(left) + len(right) - both
    return both / total if total else 1.0


def by_similarity(
    tools: Mapping[str, Clusters], ids: list[str], sets: list[NDArray[np.uint64]]
) -> list[dict[str, Any]]:
    """Return for each range of similarity how many true pairs there are, and each tool's share of them."""
    unique = distinct(sets)
    pairs, similarity = true_pairs([sets[place] for place in unique])
    rows: list[dict[str, Any]] = []
    for low, high in pairwise(BINS):
        mine = (similarity >= low) & (similarity < high)
        promised = 1 - (1 - similarity[mine] ** ROWS) ** BANDS
        row: dict[str, Any] = {"from": low, "pairs": int(mine.sum())}
        row["promised"] = round(float(promised.mean()), 4)
        for name, found in tools.items():
            ends = [(found.get(ids[unique[i]]), found.get(ids[unique[j]])) for i, j in pairs[mine].tolist()]
            row[name] = round(float(np.mean([a is not None and a == b for a, b in ends])), 4)
        rows.append(row)
    return rows


def main() -> None:
    """Write the words, or print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True)
    verb = verbs.add_parser("words")
    verb.add_argument("docs")
    verb.add_argument("output")
    verb = verbs.add_parser("compare")
    verb.add_argument("words")
    verb.add_argument("--ours", required=True)
    verb.add_argument("--peer", action="append", default=[], metavar="NAME=FOLDER")
    given = parser.parse_args()
    if given.verb == "words":
        write_words(given.docs, given.output)
        return
    ids, texts = read(given.words)
    sets = [grams(text) for text in texts]
    named = dict(zip(ids, sets, strict=True))
    tools: dict[str, Clusters] = {"ours": ours(given.ours)}
    figures: dict[str, Any] = {"documents": len(ids)}
    for peer in given.peer:
        name, _, folder = peer.partition("=")
        tools[name] = theirs(folder)
        figures[name] = compared(tools["ours"], tools[name], named)
    names = list(tools)[1:]
    if len(names) == 2:
        figures["the_two_others"] = compared(tools[names[0]], tools[names[1]], named)
    figures["by_similarity"] = by_similarity(tools, ids, sets)
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
