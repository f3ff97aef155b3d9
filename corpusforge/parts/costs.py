"""What parts cost: noted beside each as it is made, and summed by source and kind.

costs/<part id>.json    what a part took, and which run of a build made it

Nothing depends on it: a part whose cost nobody noted is as good, and is told apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from corpusforge.cost.amount import Cost, cost_from
from corpusforge.files import StorageMissing, join
from corpusforge.parts.spec import PartSpec
from corpusforge.sealed import Damaged, read_json, write_json

FOLDER = "costs"
MADE, RESUMED, REUSED = "made", "resumed", "reused"
"""By this run; by an earlier run of this build, which did not come to a snapshot; by an earlier build."""
COUNTS = ("parts", "records", "kept", "text_bytes", "input_bytes")
UNKNOWN = "unknown"
"""How many parts there are whose cost nobody noted."""
Sums = dict[str, dict[str, dict[str, Any]]]
"""Of parts, by who made them, then `SOURCE/KIND`: `COUNTS`, `UNKNOWN`, and a cost."""


@dataclass(frozen=True, slots=True)
class Run:
    """A run of a build, and those before it that came to no snapshot."""

    id: str = ""
    before: tuple[str, ...] = ()

    def made(self, run: str) -> str:
        """Return who made a part that says which run it is of."""
        return MADE if run == self.id else RESUMED if run in self.before else REUSED


def cost_path(output: str, part_id: str) -> str:
    """Return where the cost of a part is noted."""
    return join(output, FOLDER, f"{part_id}.json")


def note_cost(output: str, part_id: str, run: Run, cost: Cost) -> None:
    """Note what a part took; raises what writing raises."""
    write_json(cost_path(output, part_id), {"run": run.id, **cost.to_json()})


def read_cost(output: str, part_id: str) -> tuple[str, Cost] | None:
    """Return (the run that made a part, what it took); None where nobody noted it."""
    try:
        row = read_json(cost_path(output, part_id))
        return str(row["run"]), cost_from(row)
    except (StorageMissing, Damaged, KeyError, TypeError, ValueError):
        return None


def part_costs(stats: Mapping[str, Any], input_bytes: int, made: str, cost: Cost | None) -> Sums:
    """Return the sums of one part, as its counts and its cost tell them."""
    told = {
        "parts": 1,
        "records": stats["records_in"],
        "kept": stats["kept"],
        "text_bytes": sum(counts["bytes"] for counts in stats["kept_by_domain"].values()),
        "input_bytes": input_bytes,
        UNKNOWN: int(cost is None),
    }
    return {made: {f"{stats['source']}/{stats['kind']}": {**told, **(cost or Cost()).to_json()}}}


def costs_of_there(output: str, stats: Mapping[str, Any], spec: PartSpec, run: Run) -> Sums:
    """Return the sums of a part that was found made."""
    noted = read_cost(output, spec.part_id)
    made, cost = (REUSED, None) if noted is None else (run.made(noted[0]), noted[1])
    return part_costs(stats, spec.n_bytes, made, cost)


def rows_of(
    costs: Mapping[str, Mapping[str, Mapping[str, Any]]], made: Iterable[str]
) -> list[dict[str, Any]]:
    """Return a row for each source and kind of the parts that some made, in order: names, counts, cost."""
    return [dict(row) for row in _rows(costs, frozenset(made))]


def _rows(
    costs: Mapping[str, Mapping[str, Mapping[str, Any]]], made: frozenset[str]
) -> Iterator[dict[str, Any]]:
    names = sorted({name for who in made for name in costs.get(who, {})})
    for name in names:
        source, _, kind = name.rpartition("/")
        found = [costs[who][name] for who in sorted(made) if name in costs.get(who, {})]
        yield joined({"source": source, "kind": kind}, found)


def joined(names: Mapping[str, Any], rows: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Return rows of counts and costs as one, under some names."""
    held = list(rows)
    counts = {name: sum(int(row[name]) for row in held) for name in (*COUNTS, UNKNOWN)}
    return {**names, **counts, **sum((cost_from(row) for row in held), Cost()).to_json()}
