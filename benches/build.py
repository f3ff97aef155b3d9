"""The main job over real dumps: time, memory, rates, and the promises of a build.

    python benches/build.py --data ../shared/data [--work build/bench] [--twice] [--output build.json]

Builds every dump below DATA/{github,notebooks,web,wiki,books} with one worker, builds again
(nothing to do), and with two workers into another folder; compares the bytes; verifies.
With --twice also builds the same dumps listed under two names, for the growth of memory.
Memory is the largest resident set that any process of the build ever had.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from corpusforge.parts.costs import MADE, rows_of
from tests.pipelines.conftest import article

SOURCES = {
    "stack": ("github", ["github/stackv2_style"]),
    "bigquery": ("github", ["github/bigquery_style"]),
    "snapshots": ("github", ["github/snapshots"]),
    "notebooks": ("notebooks", ["notebooks/*.tar.gz"]),
    "crawl": ("warc", ["web/*.warc.gz"]),
    "crawl-broken": ("warc", ["web/broken/*.warc*"]),
    "crawl-thirdparty": ("warc", ["web/thirdparty/*/**"]),
    "wiki": ("mediawiki", ["wiki/**/*.bz2", "wiki/**/*.gz", "wiki/**/*.7z"]),
    "books": ("books", ["books/*/*"]),
}


def write_config(path: Path, data: Path, output: Path, copies: int = 1) -> None:
    """Write a configuration that reads every dump, `copies` times under other names."""
    lines = [
        'name = "bench"',
        f'output = "{output}"',
        "max_quarantine_fraction = 0.01",
        "dedup.max_removed_share = 1.0",
    ]
    for copy in range(copies):
        for name, (kind, patterns) in SOURCES.items():
            paths = json.dumps([str(data / pattern) for pattern in patterns])
            label = name if not copy else f"{name}-{copy}"
            lines += ["[[sources]]", f'name = "{label}"', f'kind = "{kind}"', f"paths = {paths}"]
    path.write_text("\n".join(lines) + "\n")


def descendants(root: int) -> list[int]:
    """Return the process ids below and with `root`."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = entry.read_text().rpartition(")")[2].split()
        except OSError:
            continue  # it ended meanwhile
        parents.setdefault(int(fields[1]), []).append(int(entry.parent.name))
    found, waiting = [], [root]
    while waiting:
        process = waiting.pop()
        found.append(process)
        waiting += parents.get(process, [])
    return found


def watch(process: subprocess.Popen[bytes], peaks: dict[int, tuple[int, float]]) -> None:
    """Keep {process id: (peak resident KiB, CPU seconds)} of every process of a build.

    Resident: anonymous memory; pages of mapped files belong to the page cache.
    """
    while process.poll() is None:
        for pid in descendants(process.pid):
            try:
                status = Path(f"/proc/{pid}/status").read_text()
                fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            anonymous = [line.split()[1] for line in status.splitlines() if line.startswith("RssAnon")]
            high = max(peaks.get(pid, (0, 0.0))[0], int(anonymous[0]) if anonymous else 0)
            peaks[pid] = (high, (int(fields[11]) + int(fields[12])) / 100)
        time.sleep(0.1)


def run(config: Path, workers: int) -> dict[str, Any]:
    """Return the figures of one `corpusforge build` in a process of its own."""
    command = [sys.executable, "-m", "corpusforge.cli", "build", str(config), "--workers", str(workers)]
    start_s = time.monotonic()
    with open(config.with_suffix(f".{workers}.log"), "ab") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
        peaks: dict[int, tuple[int, float]] = {}
        thread = threading.Thread(target=watch, args=(process, peaks))
        thread.start()
        process.wait()
        thread.join()
    return {
        "exit": process.returncode,
        "wall_s": round(time.monotonic() - start_s, 1),
        "cpu_s": round(sum(cpu for _, cpu in peaks.values()), 1),
        "peak_mib": round(max(high for high, _ in peaks.values()) / 1024),
        "largest_mib": sorted((round(high / 1024) for high, _ in peaks.values()), reverse=True)[:4],
        "processes": len(peaks),
    }


def committed_bytes(corpus: Path) -> dict[str, str]:
    """Return {relative path: sha256} of the current index and every shard."""
    paths = [
        corpus / "CURRENT",
        *sorted((corpus / "snapshots").rglob("index.json")),
        *(corpus / "shards").rglob("*"),
    ]
    return {
        str(path.relative_to(corpus)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in paths
        if path.is_file()
    }


def tiny(work: Path) -> dict[str, Any]:
    """Return what a build of eight files of one line costs with one worker and with two."""
    folder = work / "tiny"
    folder.mkdir()
    for number in range(8):
        row = {"id": str(number), "text": article(f"tiny-{number}")}
        (folder / f"{number}.jsonl").write_text(json.dumps(row) + "\n")
    found = {}
    for name, workers in (("one_worker", 1), ("two_workers", 2)):
        path = work / f"tiny-{name}.toml"
        sources = f'[[sources]]\nname = "s"\npaths = ["{folder}/*.jsonl"]\n'
        path.write_text(f'name = "tiny"\noutput = "{work}/tiny-{name}"\n{sources}')
        found[name] = run(path, workers)
    return found


def rates(corpus: Path) -> dict[str, dict[str, float]]:
    """Return records, kept documents and tokens of each source, and a rate by CPU second."""
    snapshot = (corpus / "CURRENT").read_text().strip()
    index = json.loads((corpus / "snapshots" / snapshot / "index.json").read_text())
    path = next(path for path in (corpus / "plan").glob("*/first.json"))
    made = rows_of(json.loads(path.read_text())["costs"], [MADE])
    cpu_s = {name: sum(row["cpu_us"] for row in made if row["source"] == name) / 1e6 for name in SOURCES}
    found = {}
    for name, source in index["conservation"]["sources"].items():
        tokens = sum(row["tokens"] for row in index["conservation"]["rows"] if row["source"] == name)
        found[name] = {
            "bytes_in": source["bytes_in"],
            "records": source["records_in"],
            "kept": source["kept"],
            "quarantined": source["quarantined"],
            "tokens": tokens,
            "cpu_s": round(cpu_s[name], 1),
            "records_per_cpu_s": round(source["records_in"] / cpu_s[name], 1),
            "tokens_per_cpu_s": round(tokens / cpu_s[name]),
        }
    return found


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, default=Path("build/bench"))
    parser.add_argument("--twice", action="store_true")
    parser.add_argument("--output", type=Path)
    arguments = parser.parse_args()
    work, data = arguments.work.resolve(), arguments.data.resolve()
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    write_config(work / "one.toml", data, work / "one")
    write_config(work / "two.toml", data, work / "two")
    result: dict[str, Any] = {"tiny": tiny(work)}
    result["one_worker"] = run(work / "one.toml", 1)
    for path in (work / "one" / "plan").glob("*/prepared.json"):
        shutil.copy(path, path.with_name("first.json"))  # the next build sums anew
    result["again"] = run(work / "one.toml", 1)
    result["two_workers"] = run(work / "two.toml", 2)
    for name in ("tiny", "build"):
        one, two = (result["tiny"][k] if name == "tiny" else result[k] for k in ("one_worker", "two_workers"))
        result[f"{name}_two_to_one"] = {k: round(two[k] / one[k], 3) for k in ("cpu_s", "wall_s")}
    result["same_bytes"] = committed_bytes(work / "one") == committed_bytes(work / "two")
    verify = subprocess.run(
        [sys.executable, "-m", "corpusforge.cli", "verify", str(work / "one")], capture_output=True, text=True
    )
    result["verify_exit"] = verify.returncode
    result["sources"] = rates(work / "one")
    if arguments.twice:
        write_config(work / "twice.toml", data, work / "twice", copies=2)
        result["twice"] = run(work / "twice.toml", 1)
        result["twice_memory_ratio"] = round(
            result["twice"]["peak_mib"] / result["one_worker"]["peak_mib"], 3
        )
    text = json.dumps(result, indent=1)
    print(text)
    if arguments.output:
        arguments.output.write_text(text + "\n")


if __name__ == "__main__":
    main()
