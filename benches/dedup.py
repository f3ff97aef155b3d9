"""`corpusforge dedup` over one JSONL file: CPU time, memory, and agreement with other tools' results.

    python benches/dedup.py DOCS.jsonl --work FOLDER [--peer NAME=KEPT.txt …]

KEPT.txt holds the ids that another tool kept, as `benches/dedup_peers.py` writes it. The
command runs twice: as it is by default, and with a threshold of 0.01, so that every pair
that shares a band is a duplicate, which is what tools do that do not check candidates.
Agreement is told by clusters, for tools differ in which member stays: of the documents that
the other removed, the share that stands in one of our clusters; of those that we would
remove (members less one, of each cluster), the share that it removed. With --shuffles N the
rows are shuffled N times and the decisions compared.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import subprocess
import sys
from collections import defaultdict

import pyarrow.parquet as pq


def run(docs: str, output: str, *options: str) -> dict[str, object]:
    """Return the summary and the cost of one run of the command."""
    program = (
        "import json, resource, sys\n"
        "from corpusforge.cli import main\n"
        "try:\n    main(sys.argv[1:])\n"
        "except SystemExit as end:\n    assert not end.code\n"
        "usage = resource.getrusage(resource.RUSAGE_SELF)\n"
        "print(json.dumps([usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024]))\n"
    )
    command = [sys.executable, "-c", program, "dedup", docs, "-o", output, "--json", *options]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    summary, cost = map(json.loads, done.stdout.splitlines()[-2:])
    size = os.path.getsize(docs) / 1e6
    return {
        "options": list(options),
        "rows": summary["rows"],
        "kept": summary["kept"],
        "exact": summary["exact"],
        "near": summary["near"],
        "cpu_s": round(cost[0], 2),
        "file_mb_per_cpu_s": round(size / cost[0], 1),
        "peak_rss_mib": round(cost[1]),
    }


def agreement(output: str, kept_path: str) -> dict[str, object]:
    """Return how far our clusters and another tool's removals agree."""
    with open(kept_path) as lines:
        kept = {line.rstrip("\n") for line in lines}
    members: dict[str, list[str]] = defaultdict(list)
    columns = pq.read_table(os.path.join(output, "clusters.parquet")).to_pydict()
    for name, cluster in zip(columns["doc_id"], columns["cluster_id"], strict=True):
        members[cluster].append(name)
    ours = {name for names in members.values() if len(names) > 1 for name in names}
    theirs = set(columns["doc_id"]) - kept
    excess = sum(len(names) - 1 for names in members.values())
    both = sum(min(len(names) - 1, sum(name in theirs for name in names)) for names in members.values())
    return {
        "they_removed": len(theirs),
        "of_it_in_our_clusters": round(len(theirs & ours) / max(1, len(theirs)), 4),
        "we_remove": excess,
        "of_it_removed_by_them": round(both / max(1, excess), 4),
    }


def decisions(output: str) -> dict[str, tuple[str, bool]]:
    """Return {doc_id: (cluster_id, keep)}."""
    columns = pq.read_table(os.path.join(output, "clusters.parquet")).to_pydict()
    return dict(zip(columns["doc_id"], zip(columns["cluster_id"], columns["keep"], strict=True), strict=True))


def shuffled(docs: str, work: str, n_shuffles: int) -> dict[str, object]:
    """Return in how many shuffles of the rows every decision was the same as in the order given."""
    expected = decisions(os.path.join(work, "checked"))
    with open(docs) as lines:
        rows = lines.readlines()
    same = 0
    for seed in range(n_shuffles):
        random.Random(seed).shuffle(rows)
        with open(os.path.join(work, "shuffled.jsonl"), "w") as out:
            out.writelines(rows)
        run(out.name, os.path.join(work, "shuffled"), "--bands", "14", "--rows", "8")
        same += decisions(os.path.join(work, "shuffled")) == expected
    return {"shuffles": n_shuffles, "same_clusters_and_survivors": same}


def main() -> None:
    """Print one JSON object a run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("docs")
    parser.add_argument("--work", required=True)
    parser.add_argument("--peer", action="append", default=[], metavar="NAME=KEPT.txt")
    parser.add_argument("--shuffles", type=int, default=0)
    given = parser.parse_args()
    warm = os.path.join(given.work, "warm.jsonl")
    os.makedirs(given.work, exist_ok=True)
    with open(warm, "w") as handle:
        handle.write('{"text": "so that nothing is left to compile"}\n')
    run(warm, os.path.join(given.work, "warm"))
    for name, options in {"checked": [], "unchecked": ["--threshold", "0.01"]}.items():
        output = os.path.join(given.work, name)
        figures = run(given.docs, output, "--bands", "14", "--rows", "8", *options)
        for peer in given.peer:
            who, _, path = peer.partition("=")
            figures[who] = agreement(output, path)
        print(json.dumps(figures), flush=True)
    if given.shuffles:
        print(json.dumps(shuffled(given.docs, given.work, given.shuffles)), flush=True)
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(json.dumps({"cpu_s_of_all": round(usage.ru_utime + usage.ru_stime, 1)}))


if __name__ == "__main__":
    main()
