"""Plans and a first sample over an index of ten trillion tokens; JSON on stdout.

python benches/ten_trillion.py [--tokens 10500000000000]

The index is real in every row; payloads are one sparse file under 39,000 names, all zeros,
so that checksums hold. Each recipe of examples/recipes is planned in a process of its own.
"""

import argparse
import hashlib
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from corpusforge.shards.format import BLOCK_BYTES, BlockHasher, ShardRow, shard_id, shard_path
from corpusforge.shards.snapshot import commit, make_header
from corpusforge.shards.tokenizer_choice import load_tokenizer

SHARD_TOKENS = 2**28
DOC_TOKENS = 2**12
SHARES = {
    ("web", "all"): 55, ("code", "all"): 12, ("code_nl", "all"): 6, ("math", "generic"): 6,
    ("math", "scaffold"): 2, ("wikipedia", "all"): 3, ("books", "all"): 6, ("multilingual", "all"): 10,
}  # fmt: skip
RECIPES = Path(__file__).parents[1] / "examples" / "recipes"


def synthetic(folder: str, n_tokens: int) -> int:
    """Lay down a snapshot of so many tokens; return its shards."""
    hasher = BlockHasher()
    for _ in range(SHARD_TOKENS * 4 // BLOCK_BYTES):
        hasher.update(bytes(BLOCK_BYTES))
    xxh3, crc32 = hasher.blocks()
    payload, ends = Path(folder, "payload"), Path(folder, "ends")
    with payload.open("wb") as stream:
        stream.truncate(SHARD_TOKENS * 4)
    ends.write_bytes(np.arange(DOC_TOKENS, SHARD_TOKENS + 1, DOC_TOKENS, dtype="<u8").tobytes())
    ends_sha256 = hashlib.sha256(ends.read_bytes()).hexdigest()
    rows = []
    for (domain, subset), share in SHARES.items():
        for number in range(n_tokens * share // 100 // SHARD_TOKENS):
            docs = hashlib.sha256(f"{domain} {subset} {number}".encode()).hexdigest()
            digests = [hasher.sha256.hexdigest(), ends_sha256, docs, docs]
            rows.append(ShardRow(
                id=shard_id(digests), domain=domain, subset=subset, index=number, bytes=SHARD_TOKENS * 4,
                n_tokens=SHARD_TOKENS, n_docs=SHARD_TOKENS // DOC_TOKENS, max_len=DOC_TOKENS, max_id=100257,
                sha256=digests[0], xxh3=xxh3, crc32=crc32, docs_sha256=docs, text_sha256=docs,
                ends_sha256=ends_sha256,
            ))  # fmt: skip
            for kind, target in (("tokens", payload), ("ends", ends)):
                path = Path(folder, shard_path(domain, subset, rows[-1].id, kind))
                path.parent.mkdir(parents=True, exist_ok=True)
                os.symlink(target, path)
    tokenizer = load_tokenizer("cl100k_base").identity()
    commit(folder, rows, make_header(corpus_id="synthetic", tokenizer=tokenizer, seed=1, config={}, inputs=[],
                                     conservation={}))  # fmt: skip
    return len(rows)


def plan(folder: str, recipe: str) -> None:
    """In a process of its own: make the plan of a recipe, write it, and say what it took."""
    from corpusforge.mixture.plan import make_plan, write_plan
    from corpusforge.mixture.recipe import load_recipe

    start, cpu = time.perf_counter(), time.process_time()
    made = make_plan(folder, load_recipe(recipe))
    path = write_plan(folder, made)
    print(json.dumps({"path": path, "arms": len(made.arms), "tokens": made.tokens,
                      "sums": [arm.tokens for arm in made.arms.values()],
                      "wall_s": round(time.perf_counter() - start, 2),
                      "cpu_s": round(time.process_time() - cpu, 2), "peak_mb": peak_mb()}))  # fmt: skip


def first_sample(folder: str, path: str) -> None:
    """In a process of its own: open a plan and read samples, numpy alone."""
    start, cpu = time.perf_counter(), time.process_time()
    from corpusforge.reader import open_plan

    reader = open_plan(folder, path, checksums=False)
    reader.sample(0)
    first_s, first_cpu_s = time.perf_counter() - start, time.process_time() - cpu
    for n in range(0, len(reader), len(reader) // 200):
        reader.sample(n)
    print(json.dumps({"samples": len(reader), "wall_s": round(first_s, 2), "cpu_s": round(first_cpu_s, 2),
                      "peak_mb": peak_mb()}))  # fmt: skip


def opened(folder: str) -> None:
    """In a process of its own: open snapshots of so many shards; milliseconds of CPU time by their number."""
    from corpusforge.shards.snapshot import commit, make_header, read_index

    rows, found = read_index(folder).rows, {}
    header = make_header(corpus_id="synthetic", tokenizer=load_tokenizer("cl100k_base").identity(), seed=1,
                         config={}, inputs=[], conservation={})  # fmt: skip
    for n_shards in (1001, 5000, len(rows)):
        with tempfile.TemporaryDirectory() as other:
            commit(other, rows[:n_shards], header)
            times = []
            for _ in range(5):
                cpu = time.process_time()
                read_index(other)
                times.append(time.process_time() - cpu)
        found[n_shards] = round(min(times) * 1000, 1)
    print(json.dumps(found))


def peak_mb() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def child(*args: str) -> dict:
    done = subprocess.run([sys.executable, __file__, *args], check=True, capture_output=True, text=True)
    return json.loads(done.stdout)


def main() -> None:
    commands = {"plan": plan, "first-sample": first_sample, "opened": opened}
    if len(sys.argv) > 2 and sys.argv[1] in commands:
        commands[sys.argv[1]](*sys.argv[2:])
        return
    parser = argparse.ArgumentParser()
    parser.add_argument("--tokens", type=int, default=10_500_000_000_000)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        n_shards = synthetic(folder, args.tokens)
        size = sum(path.stat().st_size for path in Path(folder, "snapshots").rglob("*") if path.is_file())
        plans = {path.stem: child("plan", folder, str(path)) for path in sorted(RECIPES.glob("*.toml"))}
        first = child("first-sample", folder, plans["full"]["path"])
        result = {"shards": n_shards, "index_bytes": size, "index_opens_in_ms": child("opened", folder),
                  "plans": plans, "first_sample": first}  # fmt: skip
        print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
