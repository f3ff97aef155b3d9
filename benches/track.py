"""All speeds that are watched, in one command: ratios to a floor and a peer measured beside them.

    python benches/track.py --short                       the demo's dumps; fails over 1.3x of track.json
    python benches/track.py --short --store               keep what was seen as what is expected
    python benches/track.py --data ../shared/data --before /tmp/checkout [--rows code "wikitext -> text"]

Figures are CPU time; each is a ratio within one run, by turns with its floor, never a time, and the
median of the rounds. A row of the short form that is over its bound is measured again, twice at most:
a slower program is slower each time. --before: the same for another checkout, by turns, in processes
of their own; the column `before` is how many times as fast as it ours is, each by its own floor.
`WARC -> part` takes the peer's interpreter from CORPUSFORGE_PEERS.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Any

HERE = Path(__file__).resolve()
EXPECTED = HERE.with_suffix(".json")
BOUND = 1.3
"""Times the stored ratio from which a change is too slow."""
TRIES = 3
_SHORT_S, _LONG_S = 0.15, 1.0
Rounds = dict[str, list[dict[str, float]]]


def measured(options: argparse.Namespace, names: Sequence[str]) -> Rounds:
    """Return {row: its figures, one a round}, measured in this process."""
    sys.path[:0] = [str(Path(options.tree).resolve()), str(HERE.parents[1] / "examples/demo")]
    sys.path.append(str(HERE.parents[1]))
    from make_dumps import write_dumps

    from benches.track_rows import Inputs, rows_named

    with tempfile.TemporaryDirectory() as folder:
        write_dumps(Path(folder), scale=1)
        inputs = Inputs(options.data, Path(folder))
        spend_s = _SHORT_S if options.short else _LONG_S
        works = {row.name: row.measure(inputs, spend_s) for row in rows_named(names)}
        gc.freeze()  # as in the sandbox's child
        gc.set_threshold(50_000)
        found: Rounds = {name: [] for name in works}
        for _ in range(options.rounds):
            for name, once in works.items():
                found[name].append(once())
    return found


def other_process(options: argparse.Namespace, tree: str, names: Sequence[str]) -> Rounds:
    """Return what `measured` does for one round, of a checkout, in a process of its own."""
    command = [sys.executable, str(HERE), "--one", "--rounds", "1", "--tree", tree, "--rows", *names]
    command += ["--data", str(options.data)] if options.data else []
    told = subprocess.run(
        command + ["--short"] * options.short,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": tree},
    )
    return json.loads(told.stdout.splitlines()[-1])


def ratios(rounds: Sequence[dict[str, float]], to: str) -> list[float]:
    """Return ours over floor or peer, one a round; none where that was not measured."""
    return [each["ours"] / each[to] for each in rounds if each.get(to)]


def table(found: Rounds, before: Rounds, bars: dict[str, str]) -> str:
    """Return the figures of all rows as a Markdown table."""
    lines = [
        "| row | times the floor | times the peer | before | bar |",
        "| --- | ---: | ---: | ---: | --- |",
    ]
    for name, rounds in found.items():
        peer = ratios(rounds, "peer")
        cells = [f"{median(ratios(rounds, 'floor')):.2f}", f"{median(peer):.2f}" if peer else ""]
        gained = [
            old / new
            for old, new in zip(ratios(before.get(name, ()), "floor"), ratios(rounds, "floor"), strict=False)
        ]
        cells.append(f"{median(gained):.2f}" if gained else "")
        lines.append(f"| {name} | {' | '.join(cells)} | {bars[name]} |")
    return "\n".join(lines)


def slower(found: Rounds, expected: dict[str, float]) -> dict[str, str]:
    """Return the rows that are over their bound, with their figures; a row that is not stored is one too."""
    over: dict[str, str] = {}
    for name, rounds in found.items():
        ratio = median(ratios(rounds, "floor"))
        if name not in expected:
            over[name] = f"{ratio:.2f} times its floor, and {EXPECTED.name} has no figure"
        elif ratio > BOUND * expected[name]:
            over[name] = f"{ratio:.2f} times its floor, over {BOUND} times the {expected[name]:.2f} stored"
    return over


def check(options: argparse.Namespace, found: Rounds, names: Sequence[str]) -> dict[str, str]:
    """Return the rows that are too slow each time that they are measured, in processes of their own."""
    expected: dict[str, float] = json.loads(EXPECTED.read_text())
    over = slower(found, {name: expected[name] for name in names if name in expected})
    for _ in range(TRIES - 1):
        if not over:
            break
        again: Rounds = {name: [] for name in over}
        for _ in range(options.rounds):
            for name, rounds in other_process(options, options.tree, list(over)).items():
                again[name] += rounds
        over = slower(again, expected)
    return over


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, help="the development dumps; without them the demo's are made")
    parser.add_argument("--short", action="store_true", help="rows that need no other process, briefly")
    parser.add_argument("--store", action="store_true", help=f"write {EXPECTED.name}")
    parser.add_argument("--before", help="another checkout to measure by turns")
    parser.add_argument("--rows", nargs="+", help="these alone")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path, help="write all rounds here")
    parser.add_argument("--tree", default=str(HERE.parents[1]), help=argparse.SUPPRESS)
    parser.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        print(json.dumps(measured(options, options.rows)))
        return 0
    sys.path.insert(0, options.tree)
    from benches.track_rows import ROWS

    bars = {row.name: row.bar for row in ROWS}
    names = options.rows or [row.name for row in ROWS if row.is_short or not options.short]
    found: Rounds = {name: [] for name in names}
    before: Rounds = {name: [] for name in names}
    if options.before:
        for _ in range(options.rounds):
            for tree, into in ((options.before, before), (options.tree, found)):
                for name, rounds in other_process(options, tree, names).items():
                    into[name] += rounds
    else:
        found = measured(options, names)
    print(table(found, before, bars))
    figures: dict[str, Any] = {"ours": found, "before": before}
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1) + "\n")
    if options.store:
        stored = json.loads(EXPECTED.read_text()) if EXPECTED.exists() else {}
        stored |= {name: round(median(ratios(rounds, "floor")), 2) for name, rounds in found.items()}
        EXPECTED.write_text(json.dumps(stored, indent=1, sort_keys=True) + "\n")
        return 0
    over = check(options, found, names) if options.short and not options.before else {}
    for name, told in over.items():
        print(f"{name}: {told}, {TRIES} times", file=sys.stderr)
    return 1 if over else 0


if __name__ == "__main__":
    sys.exit(main())
