"""Builds over thousands of hostile inputs of every kind: none fails, hangs or loses a record.

    python benches/hostile.py --inputs 3000 [--first 0] [--keep FOLDER]

The inputs are `hostile_inputs.py`'s, one file each, in builds of a few hundred beside one valid
file. Looked for: a build that fails, a reader that raised (a quarantine of its whole file), and
a document whose step raised or was killed. That every record has an end is held by the build
itself. Exit status 1 where anything is found.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from benches.hostile_inputs import hostile_input, lines_of, seeds
from corpusforge.config import load_config
from corpusforge_pipelines.build import build
from tests.pipelines.conftest import article

BATCH = 250
SETTINGS = """
output = "corpus"
name = "hostile"
max_quarantine_fraction = 1.0
max_unread_fraction = 1.0
dedup.max_removed_share = 1.0
"""
"""A build goes on over what is looked for here, so that one finding does not hide the next."""


def write_batch(folder: Path, numbers: range) -> Path:
    """Write the inputs of some numbers below a folder, and the configuration over them; return its path."""
    kinds = sorted({seed.kind for seed in seeds()})
    lines = [SETTINGS]
    for kind in kinds:
        lines += ["[[sources]]", f'name = "{kind}"', f'kind = "{kind}"', f'paths = ["dumps/{kind}/**"]']
    for number in numbers:
        seed, data = hostile_input(number)
        path = folder / "dumps" / seed.kind / f"{number:05d}" / seed.name
        path.parent.mkdir(parents=True)
        path.write_bytes(data)
    good = folder / "dumps" / "jsonl" / "good.jsonl"
    good.parent.mkdir(parents=True, exist_ok=True)
    good.write_bytes(lines_of([{"id": str(i), "text": article(f"good{i}")} for i in range(5)]))
    config = folder / "hostile.toml"
    present = [kind for kind in kinds if (folder / "dumps" / kind).is_dir()]
    text = "\n".join(lines)
    for kind in set(kinds) - set(present):
        text = text.replace(f'[[sources]]\nname = "{kind}"\nkind = "{kind}"\npaths = ["dumps/{kind}/**"]', "")
    config.write_text(text + "\n")
    return config


def run_batch(folder: Path, numbers: range, found: Counter[str]) -> list[str]:
    """Build over some inputs; count what became of their records; return a line for each fault."""
    config = load_config(str(write_batch(folder, numbers)))
    start_s = time.process_time()
    try:
        result = build(config)
    except Exception as error:
        return [f"{numbers}: the build failed: {type(error).__name__}: {error}"]
    found["seconds"] += round(time.process_time() - start_s)
    faults: list[str] = []
    for source in result.totals["sources"].values():
        found["records"] += source["records_in"]
        found["kept"] += source["kept"]
        found["quarantined"] += source["quarantined"]
        found.update({f"dropped: {reason}": count for reason, count in source["dropped"].items()})
    for path in sorted((folder / "corpus" / "quarantine").glob("*.jsonl")):
        for line in path.read_text().splitlines():
            row = json.loads(line)
            faults.append(f"{row['locator']}: {row['error']}: {row['traceback'].strip().splitlines()[-4:]}")
    return faults


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--inputs", type=int, default=3000)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--keep", type=Path, help="leave the inputs of a batch with faults in this folder")
    given = parser.parse_args()
    found: Counter[str] = Counter()
    n_faults = 0
    stop = given.first + given.inputs
    for first in range(given.first, stop, BATCH):
        numbers = range(first, min(first + BATCH, stop))
        with tempfile.TemporaryDirectory() as name:
            faults = run_batch(Path(name), numbers, found)
            for fault in faults:
                print(fault, flush=True)
            if faults and given.keep:
                shutil.copytree(Path(name) / "dumps", given.keep, dirs_exist_ok=True)
            n_faults += len(faults)
    print(f"{given.inputs:,} inputs, {n_faults} faults; {dict(sorted(found.items()))}")
    sys.exit(n_faults > 0)


if __name__ == "__main__":
    main()
