"""What `build --dry-run` tells of each dump at hand, beside what its build then takes; a table in Markdown.

python benches/prediction.py --data ../shared/data [--seconds 60] [--only wiki books all] [--workers 1]

Each source of `benches/build.py` alone, then all of them together. Both are commands of their own, the
receipt of the build is what was measured. Exit 1: any of them but wall missed by over 15 %.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from benches.build import SOURCES
from corpusforge.cost.receipt import read_receipt
from corpusforge.shards.snapshot import read_index

MISS = 0.15
JUDGED = ("cpu_s", "read_bytes", "written_bytes", "documents", "tokens")
QUANTITIES = ("cpu_s", "wall_s", "read_bytes", "written_bytes", "documents", "tokens")
LISTS = {
    "math": ("jsonl", ["math/*.jsonl.xz"]),
    "langid": ("jsonl", ["langid/*.jsonl.xz"]),
    "rows": ("jsonl", ["codegold/*.jsonl.xz"]),
}
"""Rows that carry their text, as sources of their own."""


def write_config(path: Path, data: Path, names: list[str], output: Path) -> None:
    """Write a configuration over some sources."""
    lines = ['name = "bench"', f'output = "{output}"', "max_quarantine_fraction = 0.01"]
    lines += ["max_unread_fraction = 1.0", "dedup.max_removed_share = 1.0"]
    for name in names:
        kind, patterns = {**SOURCES, **LISTS}[name]
        paths = json.dumps([str(data / pattern) for pattern in patterns])
        lines += ["[[sources]]", f'name = "{name}"', f'kind = "{kind}"', f"paths = {paths}"]
    path.write_text("\n".join(lines) + "\n")


def command(*arguments: object) -> None:
    """Run the command in a process of its own; raises where it fails."""
    line = [sys.executable, "-m", "corpusforge.cli", *map(str, arguments)]
    done = subprocess.run(line, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{' '.join(line)}: {done.stdout[-2000:]}{done.stderr[-2000:]}")


def compared(folder: Path, data: Path, names: list[str], seconds: float, workers: int) -> dict:
    """Return predicted and measured of one configuration: {quantity: [low, told, high, measured]}."""
    config, corpus, told = folder / "c.toml", folder / "corpus", folder / "told.json"
    write_config(config, data, names, corpus)
    settings = ("--workers", workers)
    command("build", config, *settings, "--dry-run", "--sample-seconds", seconds, "--prediction", told)
    if corpus.exists():
        raise SystemExit("the dry run wrote to the corpus")
    command("build", config, *settings)
    predicted = json.loads(told.read_text())
    receipt = read_receipt(str(corpus), (corpus / "CURRENT").read_text().strip())
    assert receipt is not None
    spent = receipt.spent()
    rows = read_index(str(corpus)).header["conservation"]["rows"]
    held = {"documents": sum(row["documents"] for row in rows), "tokens": receipt.tokens}
    seen = {name: held.get(name) or getattr(spent, name) for name in QUANTITIES}
    stages = {name: round(cost.cpu_s, 2) for name, cost in receipt.stages().items()}
    print(json.dumps({"sources": names, "seen": stages, "told": predicted}), file=sys.stderr, flush=True)
    return {name: [*predicted[name], seen[name]] for name in QUANTITIES}


def row_of(name: str, found: dict) -> str:
    """Return a row of the table: predicted to measured, and whether what came lies within what was told."""
    cells = [name, f"{found['cpu_s'][3]:.1f}", f"{found['tokens'][3]:,}"]
    for quantity in QUANTITIES:
        low, told, high, seen = found[quantity]
        cells.append(f"{told / seen:.2f}{'' if low <= seen <= high else ' (outside)'}")
    return "| " + " | ".join(cells) + " |"


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--only", nargs="*", help="sources; `all` for all together")
    parser.add_argument("--work", type=Path, help="where to build, instead of a temporary folder")
    arguments = parser.parse_args()
    names = [*SOURCES, *LISTS]
    runs = {name: [name] for name in names} | {"all": names}
    heads = ["dumps", "CPU s", "tokens", *(f"{name} told : seen" for name in QUANTITIES)]
    print("| " + " | ".join(heads) + " |\n| --- |" + " ---: |" * (len(heads) - 1), flush=True)
    holds = True
    for name, sources in runs.items():
        if arguments.only and name not in arguments.only:
            continue
        with tempfile.TemporaryDirectory(dir=arguments.work) as work:
            found = compared(
                Path(work), arguments.data.resolve(), sources, arguments.seconds, arguments.workers
            )
            shutil.rmtree(Path(work) / "corpus")
        print(row_of(name, found), flush=True)
        for quantity in JUDGED:
            holds &= abs(found[quantity][1] / found[quantity][3] - 1) <= MISS
    return 0 if holds else 1


if __name__ == "__main__":
    sys.exit(main())
