"""What a snapshot took: wall and CPU time by stage and source, run by run.

snapshots/<id>/times.json    the runs of builds that made or changed anything, the last `RUNS_KEPT`

It lies beside the index, not in it: no two runs take the same time, and no snapshot depends on it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from corpusforge.files import exists, join
from corpusforge.printable import counted_as
from corpusforge.report.html import count, escape, section, table
from corpusforge.report.plots import Bar, bars, figure
from corpusforge.sealed import read_json, write_json

RUNS_KEPT = 50
Run = Mapping[str, Any]
"""`runner`, `workers`, `parts`; `stages` in order: stage, wall_s, cpu_s; `sources` by name, also records."""


def times_path(corpus: str, snapshot: str) -> str:
    """Return where the times of a snapshot lie."""
    return join(corpus, "snapshots", snapshot, "times.json")


def read_times(corpus: str, snapshot: str) -> list[Run]:
    """Return the runs that made a snapshot, the first one first; none where nobody noted them."""
    path = times_path(corpus, snapshot)
    return list(cast("Sequence[Run]", read_json(path)["runs"])) if exists(path) else []


def write_times(corpus: str, snapshot: str, run: Run) -> None:
    """Note a run of a build beside the snapshot that it made."""
    runs = [*read_times(corpus, snapshot), run]
    write_json(times_path(corpus, snapshot), {"runs": [dict(each) for each in runs[-RUNS_KEPT:]]})


def times_section(runs: Sequence[Run]) -> str:
    """Return time and cost by stage and by source as HTML; nothing where they were not noted."""
    if not runs:
        return ""
    stages: dict[str, list[float]] = {}
    sources: dict[str, list[float]] = {}
    for run in runs:
        for spent in run["stages"]:
            _add(stages.setdefault(spent["stage"], [0.0, 0.0]), (spent["wall_s"], spent["cpu_s"]))
        for name, spent in run["sources"].items():
            _add(
                sources.setdefault(name, [0.0, 0.0, 0.0]), (spent["wall_s"], spent["cpu_s"], spent["records"])
            )
    wall_s, cpu_s = (sum(column) for column in zip(*stages.values(), strict=True)) if stages else (0.0, 0.0)
    rows = [[escape(name), _duration(wall), _duration(cpu)] for name, (wall, cpu) in stages.items()]
    total = ["all", _duration(wall_s), _duration(cpu_s)]
    how = sorted({f"{run['runner']}, {counted_as(run['workers'], 'worker')}" for run in runs})
    told = f"{counted_as(len(runs), 'run')}: {escape('; '.join(how))}."
    note = (
        f"<p>{told} CPU is that of this machine and of all processes of the build; of a service it is told "
        "for the parts alone. A run that finds a part made takes no time for it.</p>"
    )
    plot = bars(
        "CPU time by stage", [Bar(name, cpu, shown=_duration(cpu)) for name, (_, cpu) in stages.items()]
    )
    body = note + figure(plot, "CPU time by stage") + table(["stage", "wall", "CPU"], rows, total=total)
    if sources:
        of_sources = [
            [escape(name), _duration(wall), _duration(cpu), count(int(records)), _rate(records, cpu)]
            for name, (wall, cpu, records) in sorted(sources.items())
        ]
        columns = ["source", "wall", "CPU", "records", "records per CPU s"]
        body += "<h3>Parts by source</h3>" + table(columns, of_sources)
    return section("Time and cost", body)


def _add(total: list[float], more: Sequence[float]) -> None:
    for place, value in enumerate(more):
        total[place] += value


def _rate(records: float, cpu_s: float) -> str:
    return f"{records / cpu_s:,.0f}" if cpu_s else ""


def _duration(seconds: float) -> str:
    """Return a duration in the unit that a person counts in."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    if seconds < 3600:
        return f"{seconds / 60:.1f} min"
    return f"{seconds / 3600:,.1f} h"
