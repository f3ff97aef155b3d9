"""`corpusforge dedup` over one JSONL file: CPU time, memory, and that the order of rows decides nothing.

    python benches/dedup.py DOCS.jsonl --work FOLDER [--shuffles N]

The command runs twice: as it is by default, and with a threshold of 0.01, so that every pair
that shares a band is a duplicate, which is what tools do that do not check candidates; the
results stay in FOLDER/checked and FOLDER/unchecked, for `dedup_agreement.py`. Cost is counted
as `dedup_cost.py` says, with what was compiled before on disk. With --shuffles N the rows are
shuffled N times and the decisions compared.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import sys

import pyarrow.parquet as pq
from dedup_cost import cost

COMMAND = [sys.executable, "-c", "import sys; from corpusforge.cli import main; main(sys.argv[1:])"]


def run(docs: str, output: str, *options: str) -> dict[str, object]:
    """Return the summary and the cost of one run of the command."""
    figures, printed = cost([*COMMAND, "dedup", docs, "-o", output, "--json", *options])
    summary = json.loads(printed.splitlines()[-1])
    return {
        "options": list(options),
        **{name: summary[name] for name in ("rows", "kept", "exact", "near", "clusters")},
        **figures,
        "file_mb_per_cpu_s": round(os.path.getsize(docs) / 1e6 / figures["cpu_s"], 1),
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
        print(json.dumps(figures), flush=True)
    if given.shuffles:
        print(json.dumps(shuffled(given.docs, given.work, given.shuffles)), flush=True)
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(json.dumps({"cpu_s_of_all": round(usage.ru_utime + usage.ru_stime, 1)}))


if __name__ == "__main__":
    main()
