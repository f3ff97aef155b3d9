"""MinHash dedup by datatrove or text-dedup over one JSONL file: CPU time, memory, who is kept.

Run it with the peer's own Python; the library does not depend on either:
    PEER/bin/python benches/dedup_peers.py datatrove DOCS.jsonl --work FOLDER
    PEER/bin/python benches/dedup_peers.py text-dedup DOCS.jsonl --work FOLDER
Prints one JSON object; `kept.txt` in FOLDER holds the ids of the rows that stay.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import resource
import subprocess
import sys

BANDS, ROWS, WORDS = 14, 8, 5


def datatrove(docs: str, work: str) -> list[str]:
    """Return the ids that datatrove's four stages keep."""
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

    stages = [
        [reader(), MinhashDedupSignature(output_folder=f"{work}/sigs", config=config, language="eng")],
        [MinhashDedupBuckets(input_folder=f"{work}/sigs", output_folder=f"{work}/buckets", config=config)],
        [MinhashDedupCluster(input_folder=f"{work}/buckets", output_folder=f"{work}/remove", config=config)],
        [reader(), MinhashDedupFilter(input_folder=f"{work}/remove"), JsonlWriter(f"{work}/kept")],
    ]
    for number, stage in enumerate(stages):
        LocalPipelineExecutor(
            pipeline=stage,
            tasks=BANDS if number == 1 else 1,
            workers=1,
            logging_dir=f"{work}/logs/{number}",
        ).run()
    kept = []
    for file in sorted(os.listdir(f"{work}/kept")):
        with gzip.open(f"{work}/kept/{file}", "rt") as rows:
            kept += [json.loads(row)["id"] for row in rows]
    return kept


def text_dedup(docs: str, work: str) -> list[str]:
    """Return the ids that text-dedup's MinHash keeps."""
    command = [
        sys.executable, "-m", "text_dedup.minhash", "--path", "json", "--data_files", docs,
        "--split", "train", "--cache_dir", f"{work}/cache", "--output", f"{work}/kept",
        "--column", "text", "--num_perm", str(BANDS * ROWS), "--b", str(BANDS), "--r", str(ROWS),
        "--ngram", str(WORDS), "--min_length", "1", "--num_proc", "1", "--batch_size", "10000",
    ]  # fmt: skip
    subprocess.run(command, check=True, stdout=sys.stderr)
    import datasets

    return list(datasets.load_from_disk(f"{work}/kept")["id"])


def main() -> None:
    """Run one peer and print what it cost."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("peer", choices=["datatrove", "text-dedup"])
    parser.add_argument("docs")
    parser.add_argument("--work", required=True)
    given = parser.parse_args()
    os.makedirs(given.work, exist_ok=True)
    kept = (datatrove if given.peer == "datatrove" else text_dedup)(given.docs, given.work)
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    with open(f"{given.work}/kept.txt", "w") as handle:
        handle.writelines(f"{row_id}\n" for row_id in kept)
    figures = {
        "peer": given.peer,
        "cpu_s": round(sum(usage.ru_utime + usage.ru_stime for usage in usages), 1),
        "peak_rss_mib": round(max(usage.ru_maxrss for usage in usages) / 1024),
        "kept": len(kept),
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
