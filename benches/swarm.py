"""A swarm over an index of ten trillion tokens: CPU seconds, memory, and how exact it is; JSON on stdout.

python benches/swarm.py [--tokens 10500000000000] [--runs 512] [--fraction 1/16]

The corpus is that of `ten_trillion.py`; the swarm is made in a process of its own, as `mix --swarm` does,
around examples/recipes/full.toml. Then one run is opened and read from, numpy alone.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from fractions import Fraction
from pathlib import Path

from ten_trillion import RECIPES, peak_mb, synthetic


def make(folder: str, n_runs: str, fraction: str) -> None:
    """In a process of its own: make the swarm, and say what it took and how far its epochs are off."""
    from corpusforge.mixture.buckets import buckets_of
    from corpusforge.mixture.recipe import load_recipe
    from corpusforge.mixture.swarm import read_swarm
    from corpusforge.mixture.swarmfiles import Buckets, write_swarm
    from corpusforge.shards.snapshot import read_index

    cpu, wall = time.process_time(), time.perf_counter()
    text = f'{Path(folder, "r.toml").read_text()}\n[swarm]\nruns = {n_runs}\nfraction = "{fraction}"\n'
    Path(folder, "swarm.toml").write_text(text)
    recipe = load_recipe(str(Path(folder, "swarm.toml")))
    runs, plan, supply = read_swarm(folder, recipe)
    rows = [row for arm in plan.arms.values() for row in arm.rows]
    buckets = buckets_of(folder, read_index(folder), rows, supply)
    target = str(Path(folder, "plans", "swarms", f"r-{plan.id}"))
    write_swarm(target, plan, Buckets.of(recipe, plan, runs.units, buckets))
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    off: list[tuple[Fraction, Fraction]] = []
    for run in runs.all:
        for row in run.arm.rows:
            if row.samples:
                epochs = Fraction(run.target[row.key], supply[row.key].n_samples)
                off.append((abs(row.samples - row.supply_samples * epochs),
                            abs(row.supply_samples - row.samples / epochs)))  # fmt: skip
    print(json.dumps({
        "runs": len(runs.runs), "left_out": runs.n_left_out, "cpu_s": round(cpu, 1), "wall_s": round(wall, 1),
        "peak_mb": peak_mb(), "tokens_of_a_run": plan.tokens,
        "sums": sorted({arm.tokens for arm in plan.arms.values()}),
        "read_off_by_samples": round(float(max(read for read, _ in off)), 3),
        "part_off_by_samples": round(float(max(part for _, part in off)), 3),
        "bytes": {path.name: path.stat().st_size for path in sorted(Path(target).iterdir())},
        "plan": f"{target}/plan.json",
    }))  # fmt: skip


def first_sample(folder: str, path: str) -> None:
    """In a process of its own: open a run and read from all over it."""
    cpu = time.process_time()
    from corpusforge.reader import open_plan

    reader = open_plan(folder, path, "run_0001", checksums=False)
    reader.sample(0)
    first = time.process_time() - cpu
    for n in range(0, len(reader), len(reader) // 200):
        reader.sample(n)
    print(json.dumps({"samples": len(reader), "first_sample_cpu_s": round(first, 2), "peak_mb": peak_mb()}))


def child(*args: str) -> dict:
    done = subprocess.run([sys.executable, __file__, *args], check=True, capture_output=True, text=True)
    return json.loads(done.stdout)


def main() -> None:
    commands = {"make": make, "first-sample": first_sample}
    if len(sys.argv) > 2 and sys.argv[1] in commands:
        commands[sys.argv[1]](*sys.argv[2:])
        return
    parser = argparse.ArgumentParser()
    parser.add_argument("--tokens", type=int, default=10_500_000_000_000)
    parser.add_argument("--runs", type=int, default=512)
    parser.add_argument("--fraction", default="1/16")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        n_shards = synthetic(folder, args.tokens)
        recipe = (RECIPES / "full.toml").read_text()
        Path(folder, "r.toml").write_text(recipe)
        made = child("make", folder, str(args.runs), args.fraction)
        read = child("first-sample", folder, made.pop("plan"))
        print(json.dumps({"shards": n_shards, "swarm": made, "reading": read}, indent=1))


if __name__ == "__main__":
    main()
