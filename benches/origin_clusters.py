"""Which document of a cluster dedup keeps, beside what a person read: 200 clusters of near-duplicates.

    python benches/origin_clusters.py CORPUS --draw SHEET.txt [--count 200] [--seed 20]
    python benches/origin_clusters.py CORPUS [--verdicts benches/origin_verdicts.csv] [--unlike]

The first draws clusters whose members differ: all of every set of sources that meet, but of the largest
set as many as are left; and writes members side by side, shuffled and without a word on which stays, for a
person to read. The second counts, of clusters with a verdict, those of which dedup keeps a document that
the person would keep. `verdict` holds the first digits of ids, or `*` where it does not matter. Texts
stay with the reader: the table of verdicts holds ids alone. CORPUS is what `benches/build.py` builds, or
its configuration; the ids are those of its dumps.
"""

from __future__ import annotations

import argparse
import csv
import difflib
import random
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

SHOWN_TEXTS, SHOWN_LINES, SHOWN_CHARS = 3, 5, 120
COLUMNS = ["doc_id", "url", "locator", "date", "licence", "n_bytes", "text"]


def members(corpus: Path) -> list[dict[str, Any]]:
    """Return the rows of all tables of clusters."""
    paths = sorted(corpus.glob("clusters/*/*/clusters.parquet"))
    return [row for path in paths for row in pq.read_table(path).to_pylist()]


def drawn(rows: list[dict[str, Any]], count: int, seed: int) -> list[list[str]]:
    """Return the sorted ids of each drawn cluster."""
    clusters: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        clusters[row["cluster_id"]].append(row)
    strata: dict[str, list[list[str]]] = defaultdict(list)
    for cluster in clusters.values():
        if any(not row["keep"] and not row["exact"] for row in cluster):
            sources = "+".join(sorted({row["source"] for row in cluster}))
            strata[sources].append(sorted(row["doc_id"] for row in cluster))
    draw = random.Random(seed)
    largest = max(strata, key=lambda name: len(strata[name]))
    rest = count - sum(len(found) for name, found in strata.items() if name != largest)
    sample: list[list[str]] = []
    for name in sorted(strata):
        found = sorted(strata[name])
        sample += draw.sample(found, min(rest, len(found))) if name == largest else found
    draw.shuffle(sample)
    return sample


def write_sheet(corpus: Path, sample: list[list[str]], path: Path, seed: int) -> None:
    """Write what a person reads."""
    wanted = {doc for cluster in sample for doc in cluster}
    documents: dict[str, dict[str, Any]] = {}
    for part in corpus.rglob("parts/**/*.documents.parquet"):
        for row in pq.read_table(part, columns=COLUMNS).to_pylist():
            if row["doc_id"] in wanted:
                documents[row["doc_id"]] = row
    draw, lines = random.Random(seed), list[str]()
    for number, cluster in enumerate(sample):
        draw.shuffle(cluster)
        by_text: dict[str, list[str]] = defaultdict(list)
        for doc in cluster:
            by_text[documents[doc]["text"]].append(doc)
        lines.append(f"=== {number} {min(cluster)}: {len(cluster)} documents, {len(by_text)} texts")
        shown = list(by_text)[:SHOWN_TEXTS]
        for text in shown:
            for doc in by_text[text][:SHOWN_TEXTS]:
                one = documents[doc]
                told = (doc[:16], one["n_bytes"], one["url"] or one["locator"], one["date"], one["licence"])
                lines.append("  " + " | ".join(map(str, told)))
        for text in shown[1:]:
            found = difflib.unified_diff(shown[0].split("\n"), text.split("\n"), lineterm="", n=0)
            changed = [line for line in found if line[:3] not in ("---", "+++") and line[:2] != "@@"]
            for sign in "-+":
                some = [line for line in changed if line[0] == sign and line[1:].strip()]
                lines += [f"    {line[:SHOWN_CHARS]}" for line in some[:SHOWN_LINES]]
    path.write_text("\n".join(lines) + "\n")


def main() -> None:
    """Draw a sheet, or count."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--draw", type=Path, metavar="SHEET")
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--seed", type=int, default=20)
    parser.add_argument("--verdicts", type=Path, default=Path(__file__).with_name("origin_verdicts.csv"))
    parser.add_argument("--unlike", action="store_true", help="name the clusters where dedup keeps another")
    given = parser.parse_args()
    rows = members(given.corpus)
    if given.draw:
        sample = drawn(rows, given.count, given.seed)
        write_sheet(given.corpus, sample, given.draw, given.seed)
        return
    by_cluster: dict[str, list[dict[str, Any]]] = defaultdict(list)
    place = {row["doc_id"]: row["cluster_id"] for row in rows}
    for row in rows:
        by_cluster[row["cluster_id"]].append(row)
    count = Counter[str]()
    with given.verdicts.open() as stream:
        for line in csv.DictReader(stream):
            if line["verdict"] == "*":
                count["no matter"] += 1
                continue
            best = tuple(line["verdict"].split())
            ids = [doc for doc in place if doc.startswith(best)]
            # the cluster of one that the person would keep; a document in none stays by itself
            stays = not ids or any(row["keep"] for row in rows if row["doc_id"] in ids)
            count["kept" if stays else "another kept"] += 1
            if not stays and given.unlike:
                why = next((row for row in rows if row["doc_id"] in ids), {})
                print(line["cluster"], why.get("cluster_id"), why.get("decided_by"))
    print(dict(sorted(count.items())), "of", sum(count.values()))


if __name__ == "__main__":
    main()
