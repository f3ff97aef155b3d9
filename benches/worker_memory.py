"""Memory of a worker process that makes parts in 1, 2 and 4 threads, one sandbox child each; JSON lines.

python benches/worker_memory.py [--data ../shared/data]

The parts are WARC pages; with --data real ones. Pages that processes share are counted once for all
(proportional set size), when every thread has made its parts and all children are still there.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
from benches.model.inputs import records, write_dumps
from corpusforge.config import load_config
from corpusforge.parts import tasks
from corpusforge.parts.planning import plan_parts

THREADS = (1, 2, 4)


def children_of(pid: int) -> list[int]:
    """Return the processes below one, at any depth."""
    parents = {}
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            parents[int(name)] = int(Path("/proc", name, "stat").read_text().rpartition(")")[2].split()[1])
        except (FileNotFoundError, ProcessLookupError):
            continue
    found = [pid]
    for one in found:
        found += [child for child, parent in parents.items() if parent == one]
    return found[1:]


def pss_mb(pid: int) -> float:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


def measure(config_path: str, threads: int) -> dict:
    """In a process of its own: make all parts by so many threads, then weigh the processes."""
    config = load_config(config_path)
    elements = [(spec, False) for spec in plan_parts(config)]
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(lambda element: list(tasks.prepare_part(config, element)), elements))
    n_sandboxes = sum(map(len, tasks._idle.values()))
    below = [pss_mb(pid) for pid in children_of(os.getpid())]
    own = pss_mb(os.getpid())
    found = {"threads": threads, "sandboxes": n_sandboxes, "process_mb": round(own),
             "children_mb": round(sum(below)), "together_mb": round(own + sum(below))}  # fmt: skip
    tasks.close_sandbox()
    return found


def main() -> None:
    if sys.argv[1:2] == ["--measure"]:
        print(json.dumps(measure(sys.argv[2], int(sys.argv[3]))))
        return
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        pages = records("warc", args.data, 800)
        write_dumps(folder, "warc", pages, 8)
        for threads in THREADS:
            config = Path(folder, f"{threads}.toml")
            config.write_text(
                f'name = "memory"\noutput = "{folder}/corpus-{threads}"\n[[sources]]\nname = "warc"\n'
                f'kind = "warc"\npaths = ["{folder}/warc/*"]\n'
            )
            command = [sys.executable, __file__, "--measure", str(config), str(threads)]
            print(
                subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip(), flush=True
            )


if __name__ == "__main__":
    main()
