"""Growth of dedup on one machine: CPU time and memory per document at 1, 4 and 16 million.

    python benches/dedup_growth.py --work FOLDER [--millions 1 4 16] [--permutations 128]

Synthetic signatures: a fifth of the documents stand in clusters whose sizes fall off as a
power law (some thousand members at the top), each hash value of a member differing from its
cluster's with probability 0.05; the others are alone. Making them is not counted. Memory is
the largest anonymous resident set, sampled, less what the process held before the first
document; mapped files are pages of the cache and not counted. `disk_read_mb` is what came from
the disk: nothing, where the machine keeps the files that were just written in memory. To read them
costs CPU time as well, so that sizes are compared where it is nothing, or told apart by it.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import threading
import time
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpusforge.dedup.config import DedupConfig, SignatureConfig
from corpusforge.dedup.local import SignatureStore
from corpusforge.dedup.signature import signature_dtype

CHUNK = 1 << 12
NOISE = np.uint32(0.05 * 2**32)


def mixed(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Return a 64-bit finalizer of each value."""
    x = values + np.uint64(0x9E3779B97F4A7C15)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


def chunk(first: int, stop: int, n_documents: int, permutations: int) -> NDArray[Any]:
    """Return the signature rows of documents `first` to `stop`."""
    number = np.arange(first, stop, dtype=np.uint64)
    unit = mixed(number) / 2.0**64
    n_clusters = n_documents // 20
    place = (unit * 5) ** 2 * n_clusters  # of those below 0.2
    cluster = np.where(unit < 0.2, place.astype(np.uint64), number + np.uint64(n_clusters))
    columns = np.arange(permutations, dtype=np.uint64)
    own = mixed(number[:, None] * np.uint64(1 << 10) + columns + np.uint64(1 << 60))
    values = mixed(cluster[:, None] * np.uint64(1 << 10) + columns).astype(np.uint32)
    differs = (own >> np.uint64(32)).astype(np.uint32) < NOISE
    rows = np.zeros(stop - first, dtype=signature_dtype(permutations))
    rows["minhash"] = np.where(differs, own.astype(np.uint32), values)
    rows["doc"][:, 0] = rows["content"][:, 0] = mixed(number)
    rows["n_bytes"] = 1000 + number % 97
    return rows


def anonymous_bytes() -> int:
    """Return the anonymous resident set of this process."""
    with open("/proc/self/status") as lines:
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("RssAnon"))


def disk_read_bytes() -> int:
    """Return the bytes that this process has had read from disks."""
    with open("/proc/self/io") as lines:
        return next(int(line.split()[1]) for line in lines if line.startswith("read_bytes"))


def measure(n_documents: int, permutations: int, work: str) -> dict[str, Any]:
    """Return what dedup of so many documents costs."""
    config = DedupConfig(signature=SignatureConfig(permutations=permutations), bands=14, rows=8)
    if permutations < 112:
        config = config.model_copy(update={"bands": permutations // 8})
    with SignatureStore(f"{work}/warm", config) as warm:
        warm.add(chunk(0, 4096, 4096, permutations))
        list(warm.clusters())
    read_before = disk_read_bytes()
    before, peak, is_done = anonymous_bytes(), [0], threading.Event()

    def watch() -> None:
        while not is_done.wait(0.02):
            peak[0] = max(peak[0], anonymous_bytes())

    watcher = threading.Thread(target=watch)
    watcher.start()
    add_s, gone, n_clusters = 0.0, 0, 0
    with SignatureStore(f"{work}/store", config) as store:
        for first in range(0, n_documents, CHUNK):
            rows = chunk(first, min(first + CHUNK, n_documents), n_documents, permutations)
            start = time.thread_time()
            store.add(rows)
            add_s += time.thread_time() - start
        del rows
        start = time.thread_time()
        for members in store.clusters():
            gone += int((~members.keep).sum())
            n_clusters += int((members.survivor == np.arange(len(members.refs))).sum())
        cluster_s = time.thread_time() - start
    is_done.set()
    watcher.join()
    shutil.rmtree(work)
    return {
        "documents": n_documents,
        "permutations": permutations,
        "bands": config.bands,
        "clusters": n_clusters,
        "removed": gone,
        "add_us_per_document": round(add_s / n_documents * 1e6, 2),
        "cluster_us_per_document": round(cluster_s / n_documents * 1e6, 2),
        "us_per_document": round((add_s + cluster_s) / n_documents * 1e6, 2),
        "disk_read_mb": round((disk_read_bytes() - read_before) / 1e6),
        "anonymous_mib_before": round(before / 2**20),
        "anonymous_mib_peak": round(peak[0] / 2**20),
        "bytes_per_document": round((peak[0] - before) / n_documents, 1),
    }


def main() -> None:
    """Print one JSON object a size, each measured in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", required=True)
    parser.add_argument("--millions", type=float, nargs="*", default=[1, 4, 16])
    parser.add_argument("--permutations", type=int, default=128)
    parser.add_argument("--alone", action="store_true")
    given = parser.parse_args()
    if given.alone:
        os.makedirs(given.work, exist_ok=True)
        print(json.dumps(measure(int(given.millions[0] * 1e6), given.permutations, given.work)), flush=True)
        return
    for size in given.millions:
        options = ["--work", f"{given.work}/{size:g}", "--millions", f"{size}", "--alone"]
        subprocess.run(
            [sys.executable, __file__, *options, "--permutations", f"{given.permutations}"], check=True
        )


if __name__ == "__main__":
    main()
