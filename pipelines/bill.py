"""What the runs of a build spend, stage by stage, and to which snapshot it is charged.

Of one machine the CPU is that of this process and of all below it. Of a service it is what the calls of
the stages took, as its workers counted it (`counters.count_cost`): what the service itself takes to start,
to shuffle and to wait is on its own bill.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import uuid4

from corpusforge.cost.amount import Cost, cost_from, cost_here, summed
from corpusforge.cost.receipt import (
    START,
    Receipt,
    Row,
    forget_runs,
    read_receipt,
    read_runs,
    runs_path,
    write_receipt,
    write_runs,
)
from corpusforge.parts.costs import MADE, RESUMED, REUSED, Run, joined, rows_of


@dataclass(kw_only=True)
class Bill:
    """The stages of one run, noted as each ends; it begins when it is made."""

    runner: str = ""
    workers: int = 1
    journal: str = ""
    """Where runs are noted that came to no snapshot; '' for nowhere."""
    run_id: str = field(default_factory=lambda: uuid4().hex)
    earlier: Sequence[Row] = ()
    """Runs noted before this one."""
    stages: list[Row] = field(default_factory=list[Row])
    _mark: Cost = field(default_factory=cost_here)
    _parts: Cost = field(default_factory=Cost)
    _calls: Cost = field(default_factory=Cost)

    def run(self) -> Run:
        """Return this run and those before it, as parts are told apart by."""
        return Run(self.run_id, tuple(str(row["run"]) for row in self.earlier))

    def start(self, cost: Cost) -> None:
        """Note what was spent before the first stage."""
        if cost != Cost():
            self.stages.append({"stage": START, **cost.to_json()})

    def hear(self, costs: Mapping[str, Mapping[str, Row]]) -> None:
        """Take note of a part that is made: what it took is told by itself."""
        self._parts += summed(cost_from(row) for row in costs.get(MADE, {}).values())

    def calls(self, cost: Cost, *, is_here: bool) -> None:
        """Take note of what the calls of a pipeline took; CPU of processes of this machine is known."""
        self._calls += replace(cost, wall_us=0, cpu_us=0 if is_here else cost.cpu_us)

    def stage(self, name: str, *, has_failed: bool = False) -> None:
        """Note a stage that is over: all that was spent since the one before, but for the parts made."""
        now = cost_here()
        here = now - self._mark
        # Parts made elsewhere are not heard of, and are no work of this machine.
        cpu_us = max(0, here.cpu_us - self._parts.cpu_us)
        cost = replace(here, cpu_us=cpu_us) + self._calls
        self._mark, self._parts, self._calls = now, Cost(), Cost()
        failed = {"failed": True} if has_failed else {}
        self.stages.append({"stage": name, **failed, **cost.to_json()})
        if not self.journal:
            return
        if not has_failed:
            write_runs(self.journal, self.runs())
            return
        with suppress(OSError):  # what is raised is why the stage failed
            write_runs(self.journal, self.runs())

    def runs(self) -> list[Row]:
        """Return all runs that were not charged yet, this one last."""
        this = {"run": self.run_id, "runner": self.runner, "workers": self.workers, "stages": self.stages}
        return [*self.earlier, this]


def open_bill(corpus: str, what: str, runner: str, workers: int) -> Bill:
    """Return the bill of a run that is to make something of a corpus; runs that ended early are on it too."""
    journal = runs_path(corpus, what)
    return Bill(runner=runner, workers=workers, journal=journal, earlier=read_runs(journal))


def charge(
    bill: Bill,
    corpus: str,
    snapshot: str,
    costs: Mapping[str, Any],
    *,
    input_bytes: int,
    tokens: int,
    has_made: bool,
    predicted: Mapping[str, Any] | None = None,
) -> Receipt | None:
    """Return the receipt of a snapshot, written; None where this run found everything there.

    `costs` are those of its parts. A snapshot that has a receipt was made again in part: both are summed.
    """
    before = read_receipt(corpus, snapshot)
    if before is not None and not has_made and not bill.earlier:
        forget_runs(bill.journal)
        return None
    made = rows_of(costs, [MADE, RESUMED])
    if before is None:
        receipt = Receipt(runs=bill.runs(), made=made, reused=rows_of(costs, [REUSED]))
    else:
        charged = {run["run"] for run in before.runs}  # killed before what was noted of them went
        runs = [*before.runs, *(run for run in bill.runs() if run["run"] not in charged)]
        receipt = replace(before, runs=runs, made=_joined([*before.made, *made]))
    predicted = predicted or receipt.predicted
    receipt = replace(receipt, input_bytes=input_bytes, tokens=tokens, predicted=predicted)
    write_receipt(corpus, snapshot, receipt)
    forget_runs(bill.journal)
    return receipt


def _joined(rows: Sequence[Row]) -> list[Row]:
    """Return rows of parts, those of one source and kind as one."""
    names = sorted({(row["source"], row["kind"]) for row in rows})
    return [
        joined(
            {"source": source, "kind": kind},
            [row for row in rows if (row["source"], row["kind"]) == (source, kind)],
        )
        for source, kind in names
    ]
