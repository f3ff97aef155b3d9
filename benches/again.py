"""A plan over ten trillion tokens made again over a child that lost documents; JSON on stdout.

python benches/again.py [--tokens 10500000000000] [--gone 1000 1000000] [--touched 1000] [--swarm 512]

The index of `ten_trillion.py`, with ids and sources for every document. Lost documents are spread over
`--touched` shards. Told: CPU time of the whole and of the comparison of snapshots in it, peak memory, bytes
of the plan and its patches, and samples a CPU second of the reader, patched and not, in turn.
`--swarm`: a swarm of so many runs (1/16) instead, with its new buckets; how far sums and epochs are off.
"""

import argparse
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from ten_trillion import DOC_TOKENS, RECIPES, SHARD_TOKENS, peak_mb, synthetic

from corpusforge.shards.format import BLOCK_BYTES, BlockHasher, ShardRow, shard_id, shard_path
from corpusforge.shards.places import shard_key
from corpusforge.shards.snapshot import commit, read_index

DOCS = SHARD_TOKENS // DOC_TOKENS
SEED = 1
GROUP = 8192
"""Rows of a row group, as in a shard's docs table."""


def ids(name: str, count: int) -> list[tuple[int, str]]:
    """Return (key, document id), sorted."""
    names = [hashlib.blake2b(f"{name} {n}".encode(), digest_size=16).hexdigest() for n in range(count)]
    return sorted((shard_key(one, SEED), one) for one in names)


def write_docs(path: Path, names: list[str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    sources = [f"source{int(name[0], 16) % 8}" for name in names]
    starts = np.arange(len(names), dtype=np.uint64) * DOC_TOKENS
    columns = {
        "doc_id": names,
        "source": sources,
        "start": starts,
        "length": np.full(len(names), DOC_TOKENS, np.uint32),
    }
    pq.write_table(pa.table(columns), path, compression="zstd", row_group_size=GROUP)


def lay_down(folder: str, n_tokens: int, n_gone: int, n_touched: int) -> tuple[str, str]:
    """Return (parent, child): snapshots over sparse payloads, documents gone from some shards of web."""
    synthetic(folder, n_tokens)
    parent = read_index(folder)
    each = n_gone // n_touched
    kept = ids("kept", DOCS - each)
    shared, whole = Path(folder, "docs.kept"), Path(folder, "docs.whole")
    write_docs(shared, [name for _, name in kept])
    write_docs(whole, [name for _, name in ids("whole", DOCS)])
    n_bytes = (DOCS - each) * DOC_TOKENS * 4
    hasher = BlockHasher()
    for first in range(0, n_bytes, BLOCK_BYTES):
        hasher.update(bytes(min(BLOCK_BYTES, n_bytes - first)))
    xxh3, crc32 = hasher.blocks()
    payload, ends = Path(folder, "payload.kept"), Path(folder, "ends.kept")
    with payload.open("wb") as stream:
        stream.truncate(n_bytes)
    ends.write_bytes(np.arange(DOC_TOKENS, n_bytes // 4 + 1, DOC_TOKENS, dtype="<u8").tobytes())
    ends_sha256 = hashlib.sha256(ends.read_bytes()).hexdigest()
    web = [row for row in parent.rows if row.domain == "web"]
    touched = {row.id for row in web[:: max(1, len(web) // n_touched)][:n_touched]}
    rows: list[ShardRow] = []
    for row in parent.rows:
        target = Path(folder, shard_path(row.domain, row.subset, row.id, "docs"))
        if row.id not in touched:
            os.symlink(whole, target)
            rows.append(row)
            continue
        mine = [one for one in ids(row.id, each + each // 8 + 8) if one[0] < kept[-1][0]][:each]
        write_docs(target, [name for _, name in sorted([*kept, *mine])])
        docs = hashlib.sha256(f"child {row.id}".encode()).hexdigest()
        digests = [hasher.sha256.hexdigest(), ends_sha256, docs, docs]
        child = replace(
            row, id=shard_id(digests), bytes=n_bytes, n_tokens=n_bytes // 4, n_docs=DOCS - each,
            sha256=digests[0], xxh3=xxh3, crc32=crc32, docs_sha256=docs, text_sha256=docs,
            ends_sha256=ends_sha256,
        )  # fmt: skip
        rows.append(child)
        for kind, source in (("tokens", payload), ("ends", ends), ("docs", shared)):
            os.symlink(source, Path(folder, shard_path(row.domain, row.subset, child.id, kind)))
    made_anew = (
        "snapshot",
        "parent",
        "schema_version",
        "dtype",
        "ends_dtype",
        "endianness",
        "totals",
        "manifest",
    )
    header = {key: value for key, value in parent.header.items() if key not in made_anew}
    return parent.snapshot, commit(folder, rows, header)


def again(folder: str, plan: str, child: str) -> None:
    """In a process of its own: make the plan again, and say what it took."""
    from corpusforge.mixture import again as module
    from corpusforge.mixture.plan import write_plan
    from corpusforge.reader.snapshot import load_plan

    start, compared = time.process_time(), 0.0
    moved = module.moved

    def timed(*args):
        nonlocal compared
        begin = time.process_time()
        found = moved(*args)
        compared += time.process_time() - begin
        return found

    module.moved = timed
    made = module.plan_again(folder, load_plan(plan), child)
    path = write_plan(folder, made.plan)
    cpu = time.process_time() - start
    print(json.dumps({
        "path": path, "cpu_s": round(cpu, 1), "of_it_comparing_snapshots_s": round(compared, 1),
        "peak_mb": peak_mb(),
        "plan_bytes": os.path.getsize(path), "patch_bytes": sum(key.patch_bytes for key in made.keys),
        "gone": sum(key.gone_docs for key in made.keys), "stretches": sum(key.stretches for key in made.keys),
        "replaced_tokens": sum(key.replaced_tokens for key in made.keys),
    }))  # fmt: skip


def swarm(folder: str, n_runs: str, parent: str, child: str) -> None:
    """In a process of its own: make a swarm's folder again; the swarm itself is made before, uncounted."""
    from corpusforge.mixture.again import plan_again
    from corpusforge.mixture.buckets import buckets_of
    from corpusforge.mixture.recipe import parse_recipe
    from corpusforge.mixture.swarm import read_swarm
    from corpusforge.mixture.swarmagain import buckets_again
    from corpusforge.mixture.swarmfiles import Buckets, ratios, write_swarm

    text = f'{(RECIPES / "full.toml").read_text()}\n[swarm]\nruns = {n_runs}\nfraction = "1/16"\n'
    recipe = parse_recipe(text, "full.toml")
    runs, plan, supply = read_swarm(folder, recipe, parent)
    rows = [row for arm in plan.arms.values() for row in arm.rows]
    index = read_index(folder, parent)
    before = Buckets.of(recipe, plan, runs.units, buckets_of(folder, index, rows, supply))
    start, before_mb = time.process_time(), peak_mb()
    made = plan_again(folder, plan, child)
    buckets = buckets_again(folder, before, made.plan, None)
    write_swarm(str(Path(folder, "plans", "swarms", "again")), made.plan, buckets)
    cpu = time.process_time() - start
    off = [
        abs(new.samples / new.supply_samples - old.samples / old.supply_samples) * new.supply_samples
        for name, arm in plan.arms.items()
        for old, new in zip(arm.rows, made.plan.arms[name].rows, strict=True)
        if old.samples
    ]
    patches = {row.patch.id: row.patch for arm in made.plan.arms.values() for row in arm.rows if row.patch}
    print(json.dumps({
        "runs": len(runs.runs), "cpu_s": round(cpu, 1), "peak_mb": peak_mb(), "peak_mb_before": before_mb,
        "gone": sum(key.gone_docs for key in made.keys),
        "replaced_tokens": sum(key.replaced_tokens for key in made.keys),
        "tokens_of_a_run": sorted({arm.tokens for arm in made.plan.arms.values()}),
        "same_ratios": ratios(plan, before.units) == ratios(made.plan, before.units),
        "epochs_off_by_samples": max(off), "patch_bytes": sum(patch.n_bytes for patch in patches.values()),
        "other_buckets": sorted(
            key for key, bucket in buckets.buckets.items() if bucket != before.buckets[key]
        ),
    }))  # fmt: skip


def read(folder: str, old: str, new: str) -> None:
    """In a process of its own: samples a CPU second of both plans, in turn; the better of five each."""
    from corpusforge.reader import open_plan

    readers = [open_plan(folder, path, checksums=False) for path in (old, new)]
    rates: list[list[float]] = [[], []]
    for begin in range(0, 6 * 4096, 4096):
        for which, reader in enumerate(readers):
            start = time.process_time()
            for n in range(begin, begin + 4096):
                reader.sample(n)
            rates[which].append(4096 / (time.process_time() - start))
    best = [max(rate[1:]) for rate in rates]  # the first pass maps files
    print(json.dumps({"unpatched_samples_s": round(best[0]), "patched_samples_s": round(best[1]),
                      "ratio": round(best[1] / best[0], 3)}))  # fmt: skip


def difference(folder: str, old: str, new: str) -> None:
    """In a process of its own: what `diff` of the two plans finds, and what that takes."""
    from corpusforge.mixture.unmoved import compare_over
    from corpusforge.reader.snapshot import load_plan

    start = time.process_time()
    plans = load_plan(old), load_plan(new)
    found = compare_over(folder, *((plan, plan.arms["full"]) for plan in plans))
    print(json.dumps({"cpu_s": round(time.process_time() - start, 1), "peak_mb": peak_mb(),
                      "replaced_tokens": sum(entry.replaced_tokens for entry in found),
                      "moved_tokens": sum(entry.moved_tokens for entry in found)}))  # fmt: skip


def child_process(*args: str) -> dict:
    done = subprocess.run([sys.executable, __file__, *args], check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout)


def results(args: argparse.Namespace) -> Iterator[dict]:
    from corpusforge.mixture.plan import make_plan, write_plan
    from corpusforge.mixture.recipe import parse_recipe

    text = (RECIPES / "full.toml").read_text().replace("10_000_000_000_000", str(args.tokens * 20 // 21))
    recipe = parse_recipe(text, "full.toml")
    for n_gone in args.gone:
        with tempfile.TemporaryDirectory(dir=args.folder) as folder:
            parent, child = lay_down(folder, args.tokens, n_gone, args.touched)
            if args.swarm:
                yield {"documents_gone": n_gone,
                       **child_process("swarm", folder, str(args.swarm), parent, child)}  # fmt: skip
                continue
            old = write_plan(folder, make_plan(folder, recipe, parent))
            made = child_process("again", folder, old, child)
            yield {"documents_gone": n_gone, "old_plan_bytes": os.path.getsize(old), **made,
                   "diff": child_process("difference", folder, old, made["path"]),
                   "reader": child_process("read", folder, old, made["path"])}  # fmt: skip


def main() -> None:
    commands = {"again": again, "read": read, "difference": difference, "swarm": swarm}
    if len(sys.argv) > 3 and sys.argv[1] in commands:
        commands[sys.argv[1]](*sys.argv[2:])
        return
    parser = argparse.ArgumentParser()
    parser.add_argument("--tokens", type=int, default=10_500_000_000_000)
    parser.add_argument("--gone", type=int, nargs="+", default=[1000, 1_000_000])
    parser.add_argument("--touched", type=int, default=1000)
    parser.add_argument("--swarm", type=int, metavar="RUNS", help="Make a swarm of so many runs again.")
    parser.add_argument("--folder", help="Where to lay it down, instead of the system's temporary folder.")
    for result in results(parser.parse_args()):
        print(json.dumps(result, indent=1), flush=True)


if __name__ == "__main__":
    main()
