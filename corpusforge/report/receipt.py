"""The receipt as tables: for the page, the card and `inspect`, the same figures in each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from corpusforge.cost.amount import Cost, cost_from
from corpusforge.cost.receipt import FINISH, Receipt
from corpusforge.printable import counted_as
from corpusforge.report.html import count, escape, section, size, table
from corpusforge.report.plots import Bar, bars, figure

_TB, _BILLION, _GB = 1e12, 1e9, 1e9


@dataclass(frozen=True, slots=True)
class Table:
    """A table of words and figures, as cells of text."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    words: int = 1
    """So many columns are no figures."""
    total: Sequence[str] | None = None


def tables_of(receipt: Receipt, *, with_finish: bool = False) -> list[Table]:
    """Return what a receipt tells, with what page and card themselves took where that is asked for."""
    stages = {name: cost for name, cost in receipt.stages().items() if with_finish or name != FINISH}
    spent = sum(stages.values(), Cost())
    found = [_by_stage(stages, spent), _by_unit(receipt, spent)]
    found += [_of_parts("Parts made, by source and kind", receipt.made)] if receipt.made else []
    found += [_of_parts("Parts that an earlier build made: then", receipt.reused)] if receipt.reused else []
    if receipt.predicted:
        left_out: Mapping[str, float] = {} if FINISH in stages else receipt.predicted.get(FINISH, {})
        found.append(compared(receipt.predicted, spent, receipt, left_out))
    return found


def told_of(receipt: Receipt) -> str:
    """Return in words what the figures are of."""
    how = sorted({f"{run['runner']}, {counted_as(run['workers'], 'worker')}" for run in receipt.runs})
    words = f"{counted_as(len(receipt.runs), 'run')}: {'; '.join(how)}."
    if n_unknown := receipt.n_unknown():
        words += f" Of {counted_as(n_unknown, 'part')} nobody noted the cost."
    return words


NOTE = (
    "CPU is that of this machine and of all processes of the build; on a service it is what the calls of its "
    "workers took. Bytes are those of files and objects read and published, requests each try at a store. "
    "Parts run beside each other: their wall time is a sum. What an earlier build made costs nothing now; "
    "what it cost then is told beside."
)


def _by_stage(stages: Mapping[str, Cost], spent: Cost) -> Table:
    rows = [[name, *_figures(cost), _share(cost.cpu_us, spent.cpu_us)] for name, cost in stages.items()]
    columns = ["stage", "wall", "CPU", "read", "written", "requests", "share of CPU"]
    return Table("By stage", columns, rows, total=["all", *_figures(spent), ""])


def _figures(cost: Cost) -> list[str]:
    return [
        duration(cost.wall_s),
        duration(cost.cpu_s),
        size(cost.read_bytes),
        size(cost.written_bytes),
        count(cost.n_requests),
    ]


def _by_unit(receipt: Receipt, spent: Cost) -> Table:
    """Return what was spent, and what the snapshot costs from nothing, by the TB in and the tokens out."""
    before = receipt.reused_cost()
    rows = [_unit_row("spent for this snapshot", spent, receipt)]
    if receipt.reused:
        rows.append(_unit_row("from nothing: earlier builds' parts too", spent + before, receipt))
    columns = [
        "",
        "CPU hours",
        "per TB in",
        "per billion tokens",
        "written per byte in",
        "requests per GB in",
    ]
    return Table("By what went in and came out", columns, rows)


def _unit_row(name: str, cost: Cost, receipt: Receipt) -> list[str]:
    hours = cost.cpu_s / 3600
    return [
        name,
        _number(hours),
        _number(hours * _TB / receipt.input_bytes) if receipt.input_bytes else "",
        _number(hours * _BILLION / receipt.tokens) if receipt.tokens else "",
        _number(cost.written_bytes / receipt.input_bytes) if receipt.input_bytes else "",
        _number(cost.n_requests * _GB / receipt.input_bytes) if receipt.input_bytes else "",
    ]


def _of_parts(title: str, parts: Sequence[Mapping[str, Any]]) -> Table:
    rows: list[list[str]] = []
    for part in parts:
        cost = cost_from(part)
        counts = [count(part["parts"]), size(part["input_bytes"]), count(part["records"])]
        rate = count(round(part["records"] / cost.cpu_s)) if cost.cpu_s else ""
        rows.append([part["source"], part["kind"], *counts, *_figures(cost), rate])
    columns = ["source", "kind", "parts", "input", "records", "wall", "CPU", "read", "written", "requests"]
    return Table(title, [*columns, "records per CPU s"], rows, words=2)


def compared(
    predicted: Mapping[str, Any], spent: Cost, receipt: Receipt, left_out: Mapping[str, float]
) -> Table:
    """Return a prediction beside what came of it; without what it told of a stage that was not spent yet."""
    seen = {**quantities(spent), "tokens": receipt.tokens}
    rows: list[list[str]] = []
    for name, value in seen.items():
        if name in predicted:
            low, point, high = (max(0.0, number - left_out.get(name, 0)) for number in predicted[name])
            told = [QUANTITIES[name][1](number) for number in (point, low, high, value)]
            ratio = f"{point / value:.2f}" if value else ""
            rows.append([QUANTITIES[name][0], told[0], f"{told[1]} to {told[2]}", told[3], ratio])
    columns = ["", "predicted", "between", "measured", "predicted : measured"]
    return Table("As predicted, and as it was", columns, rows)


def quantities(cost: Cost) -> dict[str, float]:
    """Return those of `QUANTITIES` that a cost has."""
    return {
        "cpu_s": cost.cpu_s,
        "wall_s": cost.wall_s,
        "read_bytes": cost.read_bytes,
        "written_bytes": cost.written_bytes,
        "requests": cost.n_requests,
    }


def times_section(receipt: Receipt | None) -> str:
    """Return time and cost as HTML; nothing where they were not noted."""
    if receipt is None:
        return ""
    stages = [(name, cost) for name, cost in receipt.stages().items() if name != FINISH]
    plot = bars(
        "CPU time by stage", [Bar(name, cost.cpu_s, shown=duration(cost.cpu_s)) for name, cost in stages]
    )
    body = f"<p>{escape(told_of(receipt))} {escape(NOTE)}</p>" + figure(plot, "CPU time by stage")
    for one in tables_of(receipt):
        rows = [[*map(escape, row[: one.words]), *row[one.words :]] for row in one.rows]
        body += f"<h3>{escape(one.title)}</h3>" + table(list(one.columns), rows, total=_listed(one.total))
    return section("Time and cost", body)


def _listed(cells: Iterable[str] | None) -> list[str] | None:
    return None if cells is None else list(cells)


def _share(part: float, whole: float) -> str:
    return f"{100 * part / whole:.1f} %" if whole else ""


def _number(value: float) -> str:
    """Return a number with three digits that count."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def duration(seconds: float) -> str:
    """Return a duration in the unit that a person counts in."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    if seconds < 3600:
        return f"{seconds / 60:.1f} min"
    return f"{seconds / 3600:,.1f} h"


def _whole(value: float) -> str:
    return count(round(value))


QUANTITIES: Mapping[str, tuple[str, Callable[[float], str]]] = {
    "cpu_s": ("CPU", duration),
    "wall_s": ("wall", duration),
    "read_bytes": ("bytes read", size),
    "written_bytes": ("bytes written", size),
    "requests": ("requests", _whole),
    "documents": ("documents", _whole),
    "tokens": ("tokens", _whole),
}
"""What a prediction tells, how it is called and written."""
