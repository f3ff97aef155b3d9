"""Counters and distributions that a runner shows while it works: the same numbers as in a part's stats."""

from __future__ import annotations

from apache_beam.metrics import Metrics

from corpusforge.parts.totals import Sums

NAMESPACE = "corpusforge"


def count_sums(sums: Sums) -> Sums:
    """Return the sums of a part, added to the runner's counters.

    By source: `SOURCE/records_in`, `SOURCE/kept/DOMAIN`, `SOURCE/dropped/REASON`,
    `SOURCE/quarantined`; of all: `parts`, `parts_made`; and for parts made now the distributions
    `SOURCE/microseconds_per_record` and `SOURCE/bytes_per_record`.
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
        spent = sums["seconds"].get(name)
        if spent and source["records_in"]:
            per_record = round(spent["cpu_s"] * 1e6 / source["records_in"])
            Metrics.distribution(NAMESPACE, f"{name}/cpu_microseconds_per_record").update(per_record)
            if source["bytes_in"]:
                n_bytes = round(source["bytes_in"] / source["records_in"])
                Metrics.distribution(NAMESPACE, f"{name}/bytes_per_record").update(n_bytes)
    return sums


def _add(name: str, count: int) -> None:
    Metrics.counter(NAMESPACE, name).inc(count)
