"""What the driver of a build holds, sends and asks as its inputs grow; JSON lines on stdout.

python benches/driver_growth.py [--inputs 1000 100000 1000000]

Each size is a synthetic listing, measured in processes of its own: the driver (every pipeline's graph made
over a plan of that size, its results read), and the two single tasks of planning, the listing of one
pattern and the joining of all slices. The driver's requests are those of whole builds of 20 and 100
one-row files, outside their pipelines. Exits 1 where a bar is missed: a graph <= 200 kB, the driver <= 60
CPU s, <= 500 MB and <= 1 request for each 1,000 parts more.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

GRAPH_BYTES, CPU_S, MEMORY_MB, REQUESTS_EACH_PART = 200_000, 60.0, 500, 1 / 1000
CONFIG = """name = "growth"
output = "{corpus}"
[dedup]
leakage = true
[dedup.repeats]
web = "lines"
[[sources]]
name = "crawl"
kind = "{kind}"
paths = ["{folder}/*"]
"""


def configuration(folder: Path, corpus: str, kind: str = "warc"):
    from corpusforge.config import load_config

    (folder / "dumps").mkdir(exist_ok=True)
    if not os.listdir(folder / "dumps"):
        (folder / "dumps" / "one").touch()  # a pattern that matches nothing is refused
    path = folder / "growth.toml"
    path.write_text(CONFIG.format(corpus=corpus, folder=folder / "dumps", kind=kind))
    return load_config(str(path))


def entries(count: int):
    """Yield a bucket's listing of so many WARC files."""
    from corpusforge.files import Entry

    for number in range(count):
        path = f"gs://commoncrawl/crawl-data/CC-MAIN-2026-05/segments/{number:09d}/warc/{number:05d}.warc.gz"
        yield Entry(path, 1_000_000_000, f"{number:032x}", str(number))


def list_task(folder: Path, count: int) -> dict:
    """The listing of one pattern, as its task hands it on in slices."""
    from corpusforge.parts import inputs, tasks

    inputs.list_entries = lambda pattern: entries(count)
    inputs.is_tree = lambda path, kind: False
    sent = sum(len(slice[2]) for slice in tasks.list_source(configuration(folder, str(folder / "corpus")), 0))
    assert sent == count
    return {"inputs": sent}


def slices_of(folder: Path, count: int) -> None:
    """Write the slices that `plan_inputs` writes."""
    from pyarrow import parquet as pq

    from corpusforge.parts.spec import PLAN_SCHEMA, specs_to_batch
    from corpusforge.parts.tasks import SLICE_INPUTS
    from tests.pipelines.graphs import synthetic_specs

    config, specs = configuration(folder, str(folder / "corpus")), []
    (folder / "slices").mkdir()
    for spec in synthetic_specs(config, count):
        specs.append(spec)
        if len(specs) == SLICE_INPUTS or spec.name.endswith(f"/{count - 1:05d}.warc.gz"):
            first = count if len(specs) < SLICE_INPUTS else len(os.listdir(folder / "slices"))
            with pq.ParquetWriter(str(folder / "slices" / f"0000-{first:08d}.parquet"), PLAN_SCHEMA) as table:
                table.write_batch(specs_to_batch(specs))
            specs = []


def join_task(folder: Path, count: int) -> dict:
    """The joining of all slices into the table of the plan."""
    from corpusforge.parts.tasks import finish_plan

    (n_parts,) = finish_plan(configuration(folder, str(folder / "corpus")), str(folder / "slices"), (0, [""]))
    assert n_parts == count
    return {"inputs": count, "plan_bytes": sum(p.stat().st_size for p in (folder / "corpus/plan").rglob("*"))}


def driver_task(folder: Path, count: int) -> dict:
    """The driver over a plan of that size: its handle read, every graph made, the snapshot's inputs told."""
    from corpusforge.parts.plan import input_manifest, read_plan
    from tests.pipelines.graphs import graph_of, wires

    config = configuration(folder, str(folder / "corpus"))
    (table,) = (folder / "corpus" / "plan").glob("*/plan.json")
    plan = read_plan(str(table.parent))
    assert plan.n_parts == count
    graphs = {
        name: graph_of(wire, [], "FnApiRunner")[0].ByteSize() for name, wire in wires(config, plan).items()
    }
    return {"inputs": count, "graph_bytes": graphs, "header_bytes": len(json.dumps(input_manifest(plan)))}


def requests_task(folder: Path, count: int) -> dict:
    """A whole build of so many one-row files: what is asked of storage outside its pipelines."""
    import corpusforge_pipelines.build as building
    from corpusforge.files import faults
    from tests.pipelines.conftest import article

    (folder / "dumps").mkdir()
    for number in range(count):
        row = json.dumps({"id": str(number), "text": article(f"d{number}")})
        (folder / "dumps" / f"{number:05d}.jsonl").write_text(f"{row}\n")
    config = configuration(folder, str(folder / "corpus"), "jsonl")
    asked, is_driver, run = [], [True], building._Run.pipeline

    def piped(self, wire):
        is_driver[0] = False
        try:
            return run(self, wire)
        finally:
            is_driver[0] = True

    building._Run.pipeline = piped
    faults.set_probe(lambda operation, path: asked.append((operation, path)) if is_driver[0] else None)
    result = building.build(config)
    faults.set_probe(None)
    return {"inputs": count, "requests": len(asked), "parts_made": result.redone}


TASKS = {"list": list_task, "join": join_task, "driver": driver_task, "requests": requests_task}


def child(task: str, folder: str, count: int) -> None:
    """In a process of its own: do one task and say what it took, what was loaded before it left out."""
    import corpusforge_pipelines.build  # noqa: F401
    import tests.pipelines.graphs  # noqa: F401

    start_s = time.process_time()
    found = TASKS[task](Path(folder), count)
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"task": task, **found, "cpu_s": round(time.process_time() - start_s, 2),
                      "peak_mb": round(peak_mb)}))  # fmt: skip


def measured(task: str, folder: Path, count: int) -> dict:
    done = subprocess.run(
        [sys.executable, __file__, "--task", task, str(folder), str(count)], capture_output=True, text=True
    )
    if done.returncode:
        sys.exit(done.stderr[-3000:])
    print(done.stdout.strip(), flush=True)
    return json.loads(done.stdout.splitlines()[-1])


def main() -> int:
    if sys.argv[1:2] == ["--task"]:
        child(sys.argv[2], sys.argv[3], int(sys.argv[4]))
        return 0
    parser = argparse.ArgumentParser()
    parser.add_argument("--inputs", type=int, nargs="+", default=[1_000, 100_000, 1_000_000])
    args = parser.parse_args()
    holds = True
    for count in args.inputs:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            measured("list", folder, count)
            slices_of(folder, count)
            measured("join", folder, count)
            driver = measured("driver", folder, count)
        holds &= max(driver["graph_bytes"].values()) <= GRAPH_BYTES
        holds &= driver["cpu_s"] <= CPU_S and driver["peak_mb"] <= MEMORY_MB
    few, many = (20, 100)
    asked = []
    for count in (few, many):
        with tempfile.TemporaryDirectory() as name:
            asked.append(measured("requests", Path(name), count)["requests"])
    each = (asked[1] - asked[0]) / (many - few)
    holds &= each <= REQUESTS_EACH_PART
    print(json.dumps({"requests_for_each_part_more": each, "holds": holds}))
    return 0 if holds else 1


if __name__ == "__main__":
    sys.exit(main())
