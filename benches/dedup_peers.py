"""MinHash dedup by datatrove or text-dedup over one JSONL file: CPU time, memory, clusters, who is kept.

Run it with the peer's own Python; the library does not depend on either:
    PEER/bin/python benches/dedup_peers.py datatrove DOCS.jsonl --work FOLDER
    PEER/bin/python benches/dedup_peers.py text-dedup DOCS.jsonl --work FOLDER
Prints one JSON object. In FOLDER, `kept.txt` holds the ids of the rows that stay, and
`clusters.tsv` a line `id<TAB>cluster` for every row of a cluster of two or more. Memory is
counted as `dedup_cost.py` says.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import pickle
import subprocess
import sys
from collections import Counter

from dedup_cost import cost

BANDS, ROWS, WORDS = 14, 8, 5


def datatrove(docs: str, work: str) -> None:
    """Run datatrove's four stages; they write who is kept and who is not, with their clusters."""
    from datatrove.executor import LocalPipelineExecutor
    from datatrove.pipeline.dedup import (
        MinhashDedupBuckets,
        MinhashDedupCluster,
        MinhashDedupFilter,
        MinhashDedupSignature,
    )
    from datatrove.pipeline.dedup.minhash import MinhashConfig
    from datatrove.pipeline.readers import JsonlReader
    from datatrove.pipeline.writers import JsonlWriter
    from datatrove.utils.hashing import HashConfig

    config = MinhashConfig(
        hash_config=HashConfig(precision=64), num_buckets=BANDS, hashes_per_bucket=ROWS, n_grams=WORDS
    )
    folder, name = os.path.dirname(os.path.abspath(docs)), os.path.basename(docs)

    def reader() -> JsonlReader:
        return JsonlReader(folder, glob_pattern=name)

    cluster = MinhashDedupCluster(
        input_folder=f"{work}/buckets", output_folder=f"{work}/remove", config=config, save_cluster_id=True
    )
    choose = MinhashDedupFilter(
        input_folder=f"{work}/remove", exclusion_writer=JsonlWriter(f"{work}/removed"), load_cluster_ids=True
    )
    stages = [
        [reader(), MinhashDedupSignature(output_folder=f"{work}/sigs", config=config, language="eng")],
        [MinhashDedupBuckets(input_folder=f"{work}/sigs", output_folder=f"{work}/buckets", config=config)],
        [cluster],
        [reader(), choose, JsonlWriter(f"{work}/kept")],
    ]
    for number, stage in enumerate(stages):
        LocalPipelineExecutor(
            pipeline=stage,
            tasks=BANDS if number == 1 else 1,
            workers=1,
            logging_dir=f"{work}/logs/{number}",
        ).run()


def datatrove_result(docs: str, work: str) -> tuple[list[str], dict[str, object]]:
    """Return (ids that stay, cluster of each id in a cluster)."""
    kept: list[str] = []
    found: dict[str, object] = {}
    for what in ("kept", "removed"):
        for file in sorted(os.listdir(f"{work}/{what}")) if os.path.isdir(f"{work}/{what}") else []:
            with gzip.open(f"{work}/{what}/{file}", "rt") as lines:
                for row in map(json.loads, lines):
                    kept += [row["id"]] if what == "kept" else []
                    cluster = row["metadata"].get("minhash_cluster_id", -1)
                    found |= {row["id"]: cluster} if cluster != -1 else {}
    return kept, found


def text_dedup(docs: str, work: str) -> None:
    """Run text-dedup's MinHash; it writes the rows that stay and its union-find."""
    command = [
        sys.executable, "-m", "text_dedup.minhash", "--path", "json", "--data_files", docs,
        "--split", "train", "--cache_dir", f"{work}/cache", "--output", f"{work}/kept",
        "--column", "text", "--num_perm", str(BANDS * ROWS), "--b", str(BANDS), "--r", str(ROWS),
        "--ngram", str(WORDS), "--min_length", "1", "--num_proc", "1", "--batch_size", "10000", "--debug",
    ]  # fmt: skip
    subprocess.run(command, check=True, stdout=sys.stderr)


def text_dedup_result(docs: str, work: str) -> tuple[list[str], dict[str, object]]:
    """Return (ids that stay, cluster of each id in a cluster)."""
    import datasets

    with open(f"{work}/kept/uf.pkl", "rb") as handle:
        union = pickle.load(handle)
    with open(docs) as lines:
        ids = [str(json.loads(line)["id"]) for line in lines]
    roots = {place: union.find(place) for place in list(union.parent)}
    sizes = Counter(roots.values())
    found: dict[str, object] = {ids[place]: root for place, root in roots.items() if sizes[root] > 1}
    return list(map(str, datasets.load_from_disk(f"{work}/kept")["id"])), found


PEERS = {"datatrove": (datatrove, datatrove_result), "text-dedup": (text_dedup, text_dedup_result)}


def main() -> None:
    """Run one peer and print what it cost."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("peer", choices=PEERS)
    parser.add_argument("docs")
    parser.add_argument("--work", required=True)
    parser.add_argument("--alone", action="store_true", help="only run the peer, in this process")
    given = parser.parse_args()
    run, result = PEERS[given.peer]
    if given.alone:
        run(given.docs, given.work)
        return
    os.makedirs(given.work, exist_ok=True)
    command = [sys.executable, __file__, given.peer, given.docs, "--work", given.work, "--alone"]
    figures, _ = cost(command)
    kept, clusters = result(given.docs, given.work)
    with open(f"{given.work}/kept.txt", "w") as handle:
        handle.writelines(f"{row_id}\n" for row_id in kept)
    with open(f"{given.work}/clusters.tsv", "w") as handle:
        handle.writelines(f"{row_id}\t{cluster}\n" for row_id, cluster in clusters.items())
    print(json.dumps({"peer": given.peer, **figures, "kept": len(kept), "in_clusters": len(clusters)}))


if __name__ == "__main__":
    main()
