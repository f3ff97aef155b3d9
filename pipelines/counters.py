"""Counters and distributions that a runner shows while it works: the same numbers as in a part's stats."""

from __future__ import annotations

from typing import Any

from apache_beam.metrics import Metrics, MetricsFilter

from corpusforge.cost.amount import Cost, cost_from
from corpusforge.parts.costs import MADE, rows_of
from corpusforge.parts.totals import Sums

NAMESPACE = "corpusforge"


def count_sums(sums: Sums) -> Sums:
    """Return the sums of a part, added to the runner's counters.

    By source: `SOURCE/records_in`, `SOURCE/kept/DOMAIN`, `SOURCE/dropped/REASON`,
    `SOURCE/quarantined`; of all: `parts`, `parts_made`; and for parts made now the distributions
    `SOURCE/cpu_microseconds_per_record` and `SOURCE/text_bytes_per_document`, a value a part.
    """
    _add("parts", sums["parts"])
    _add("parts_made", sums["made"])
    for name, source in sums["sources"].items():
        _add(f"{name}/records_in", source["records_in"])
        _add(f"{name}/quarantined", source["quarantined"])
        for reason, count in source["dropped"].items():
            _add(f"{name}/dropped/{reason}", count)
        for domain, count in source["kept_by_domain"].items():
            _add(f"{name}/kept/{domain}", count)
    for row in rows_of(sums["costs"], [MADE]):
        if row["records"]:
            per_record = round(row["cpu_us"] / row["records"])
            name = f"{row['source']}/cpu_microseconds_per_record"
            Metrics.distribution(NAMESPACE, name).update(per_record)
        if row["kept"]:
            name = f"{row['source']}/text_bytes_per_document"
            Metrics.distribution(NAMESPACE, name).update(round(row["text_bytes"] / row["kept"]))
    return sums


COST = "cost/"
"""Before the name of a counter of what calls took, on whatever worker: `cpu_us`, bytes, requests."""


def count_cost(cost: Cost) -> None:
    """Add what a call took to the runner's counters."""
    row = cost.to_json()
    requests = row.pop("requests")
    for name, number in [*row.items(), *((f"requests/{kind}", n) for kind, n in requests.items())]:
        if number:
            _add(f"{COST}{name}", number)


def counted_cost(result: Any) -> Cost:
    """Return what the calls of a pipeline took, as its runner counted it."""
    found: dict[str, int] = {}
    for counter in result.metrics().query(MetricsFilter().with_namespace(NAMESPACE))["counters"]:
        name = str(counter.key.metric.name)
        if name.startswith(COST):
            number = int(counter.attempted or counter.committed or 0)
            found[name.removeprefix(COST)] = found.get(name.removeprefix(COST), 0) + number
    requests = {
        name.partition("/")[2]: number for name, number in found.items() if name.startswith("requests/")
    }
    numbers = dict.fromkeys(("cpu_us", "wall_us", "read_bytes", "written_bytes"), 0)
    return cost_from({**numbers, **found, "requests": requests})


def _add(name: str, count: int) -> None:
    Metrics.counter(NAMESPACE, name).inc(count)
