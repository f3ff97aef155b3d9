"""The receipt of a snapshot: what it took to make, by stage, by source and by run.

snapshots/<id>/receipt.json    beside the index, not in it: no two runs take the same, and no snapshot
                               depends on it
costs/runs-<what>.json         runs that came to no snapshot yet: what was spent since the last one is
                               charged to the next

    runs      each with its stages; of `prepare` they hold what is beside the parts
    parts     made for this snapshot, by whichever of its runs; and those that an earlier build had made
    sum       all stages of all runs, and the parts made: spent now
              and the parts found made: what the snapshot costs from nothing
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

from corpusforge.cost.amount import Cost, cost_from, summed
from corpusforge.files import StorageMissing, exists, join, remove
from corpusforge.sealed import Damaged, read_json, write_json

RUNS_KEPT = 50
"""Of older runs the stages are held as one."""
PREPARE = "prepare"
"""The stage whose parts are told by source."""
START, FINISH = "start", "finish"
"""Before the first stage: loading. After the last: report and card, which do not show it themselves."""
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What is known of what a snapshot took."""

    runs: Sequence[Row] = ()
    """`run`, `runner`, `workers`, `stages`: each `stage`, perhaps `failed`, and a cost."""
    made: Sequence[Row] = ()
    """Parts made for this snapshot: `source`, `kind`, counts, a cost."""
    reused: Sequence[Row] = ()
    """Parts that were there: what they cost when they were made, if anybody noted it (`unknown`)."""
    input_bytes: int = 0
    """Of the dumps; 0 where none were read."""
    tokens: int = 0
    predicted: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """What `build --dry-run` said, where the build was given it."""

    def stages(self) -> dict[str, Cost]:
        """Return what each stage took, in order, all runs and the parts made among them."""
        found: dict[str, Cost] = {}
        for run in self.runs:
            for row in run["stages"]:
                found[row["stage"]] = found.get(row["stage"], Cost()) + cost_from(row)
        parts = summed(map(cost_from, self.made))
        if parts != Cost():
            # Of the wall time of parts only the stage itself can tell: they run beside each other.
            found[PREPARE] = found.get(PREPARE, Cost()) + replace(parts, wall_us=0)
        ordered = [*(name for name in found if name != FINISH), *(name for name in found if name == FINISH)]
        return {name: found[name] for name in ordered}

    def spent(self) -> Cost:
        """Return what was spent to make the snapshot."""
        return summed(self.stages().values())

    def reused_cost(self) -> Cost:
        """Return what the parts that were there cost when they were made."""
        return replace(summed(map(cost_from, self.reused)), wall_us=0)

    def whole(self) -> Cost:
        """Return what the snapshot costs from nothing: spent now, and for the parts that were there."""
        return self.spent() + self.reused_cost()

    def n_unknown(self) -> int:
        """Return of how many parts nobody noted the cost."""
        return sum(int(row["unknown"]) for row in (*self.made, *self.reused))


def receipt_path(corpus: str, snapshot: str) -> str:
    """Return where the receipt of a snapshot lies."""
    return join(corpus, "snapshots", snapshot, "receipt.json")


def read_receipt(corpus: str, snapshot: str) -> Receipt | None:
    """Return the receipt of a snapshot; None where there is none. Raises `Damaged`."""
    path = receipt_path(corpus, snapshot)
    if not exists(path):
        return None
    value = read_json(path)
    return Receipt(
        runs=value["runs"],
        made=value["parts"]["made"],
        reused=value["parts"]["reused"],
        input_bytes=value["input_bytes"],
        tokens=value["tokens"],
        predicted=value["predicted"],
    )


def write_receipt(corpus: str, snapshot: str, receipt: Receipt) -> None:
    """Write the receipt of a snapshot; of very many runs the oldest are held as one."""
    value = {
        "runs": [dict(run) for run in folded(receipt.runs)],
        "parts": {"made": list(map(dict, receipt.made)), "reused": list(map(dict, receipt.reused))},
        "input_bytes": receipt.input_bytes,
        "tokens": receipt.tokens,
        "predicted": dict(receipt.predicted),
    }
    write_json(receipt_path(corpus, snapshot), value)


def folded(runs: Sequence[Row], kept: int = RUNS_KEPT) -> list[Row]:
    """Return runs, those before the last `kept` as one with the same sums by stage."""
    if len(runs) <= kept:
        return list(runs)
    older = runs[: len(runs) - kept + 1]
    stages = Receipt(runs=older).stages()
    rows = [{"stage": name, **cost.to_json()} for name, cost in stages.items()]
    return [{**older[-1], "run": "earlier", "stages": rows}, *runs[len(older) :]]


def note_stage(corpus: str, snapshot: str, stage: str, cost: Cost) -> None:
    """Add a stage to the last run of a receipt; nothing where there is none."""
    receipt = read_receipt(corpus, snapshot)
    if receipt is None or not receipt.runs:
        return
    last = receipt.runs[-1]
    row = {"stage": stage, **cost.to_json()}
    runs = [*receipt.runs[:-1], {**last, "stages": [*last["stages"], row]}]
    write_receipt(corpus, snapshot, replace(receipt, runs=runs))


def runs_path(corpus: str, what: str) -> str:
    """Return where runs that came to no snapshot are noted; `what` they are to make."""
    return join(corpus, "costs", f"runs-{what}.json")


def read_runs(path: str) -> list[Row]:
    """Return the runs that came to no snapshot, in order; none where that is not known."""
    try:
        return list(read_json(path)["runs"])
    except (StorageMissing, Damaged, KeyError):
        return []


def write_runs(path: str, runs: Iterable[Row]) -> None:
    """Note runs that came to no snapshot yet."""
    write_json(path, {"runs": [dict(run) for run in folded(list(runs))]})


def forget_runs(path: str) -> None:
    """Remove what was noted: it is charged to a snapshot now."""
    with suppress(StorageMissing):
        remove(path)
