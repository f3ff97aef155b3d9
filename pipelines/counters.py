"""Counters that a runner shows while it works: the same numbers as in a part's stats."""

from __future__ import annotations

from typing import Any

from apache_beam.metrics import Metrics

NAMESPACE = "corpusforge"


def count_part(stats: dict[str, Any]) -> None:
    """Add the counts of one part to the runner's counters."""
    _add("records_in", stats["records_in"])
    _add("kept", stats["kept"])
    _add("quarantined", stats["quarantined"])
    for reason, count in stats["dropped"].items():
        _add(f"dropped/{reason}", count)
    for domain, counts in stats["kept_by_domain"].items():
        _add(f"kept/{domain}", counts["documents"])


def _add(name: str, count: int) -> None:
    Metrics.counter(NAMESPACE, name).inc(count)
