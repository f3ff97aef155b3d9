"""The model: what a build costs by stage, linear in what it is made of; plain functions, constants measured."""

from collections.abc import Mapping
from dataclasses import dataclass

from benches.model.meter import READS, WRITES, Build, Cost

STAGES = ("plan", "prepare", "dedup", "leakage", "tokenise", "shard", "commit", "driver")
UNITS = {
    "prepare": "input_bytes", "dedup": "documents", "leakage": "documents", "tokenise": "text_bytes",
    "shard": "tokens",
}  # fmt: skip
"""What of a build's size each stage's cost is in proportion to, besides its parts and shards."""
QUANTITIES = ("cpu_s", "reads", "writes", "read_bytes", "written_bytes", "shuffled_bytes")


@dataclass(frozen=True)
class Size:
    """What a build is made of."""

    parts: int
    input_bytes: Mapping[str, int]
    """By kind."""
    documents: int
    """Kept by prepare: what dedup compares."""
    text_bytes: int
    tokens: int
    shards: int

    def units(self, stage: str) -> float:
        unit = UNITS.get(stage)
        if unit is None:
            return 0
        return sum(self.input_bytes.values()) if unit == "input_bytes" else getattr(self, unit)


def size_of(build: Build, n_shards: int, n_parts: int) -> Size:
    """Return the size of a build that was measured; its sources are named after their kinds."""
    totals = build.result.totals
    sources, rows = totals["sources"], totals["rows"]
    return Size(
        parts=n_parts,
        input_bytes={name: source["bytes_in"] for name, source in sources.items()},
        documents=sum(source["kept"] for source in sources.values()),
        text_bytes=sum(row["bytes"] for row in rows),
        tokens=sum(row["tokens"] for row in rows),
        shards=n_shards,
    )


def quantities(build: Build, stage: str) -> dict[str, float]:
    """Return what a stage of a measured build took."""
    cost: Cost = build.stage(stage)
    return {
        "cpu_s": cost.cpu_s,
        "reads": cost.charged(READS),
        "writes": cost.charged(WRITES),
        "read_bytes": cost.read_bytes,
        "written_bytes": cost.written_bytes,
        "shuffled_bytes": build.shuffled_bytes.get(stage, 0),
    }


@dataclass(frozen=True)
class Rate:
    """cost = fixed + part * parts + shard * shards + unit * units."""

    fixed: float
    part: float
    shard: float
    unit: float


Rates = dict[str, dict[str, Rate]]


def fit(few, many, sharded, whole) -> Rates:
    """Return the rates by stage and quantity from four measured builds, each a (Build, Size).

    `few` and `many` have one document a part; `sharded` is `many` in more shards; `whole` is of real length.
    """
    rates: Rates = {}
    for stage in STAGES:
        at = [quantities(build, stage) for build, _ in (few, many, sharded, whole)]
        rates[stage] = {name: _rate([of[name] for of in at], stage, few, many, sharded, whole) for name in QUANTITIES}
    return rates


def _rate(costs, stage, few, many, sharded, whole) -> Rate:
    (_, a), (_, b), (_, c), (_, w) = few, many, sharded, whole
    part = max(0.0, (costs[1] - costs[0]) / (b.parts - a.parts))
    shard = max(0.0, (costs[2] - costs[1]) / (c.shards - b.shards))
    fixed = max(0.0, costs[0] - part * a.parts - shard * a.shards)
    rest = costs[3] - fixed - part * w.parts - shard * w.shards
    units = w.units(stage)
    return Rate(fixed=fixed, part=part, shard=shard, unit=max(0.0, rest / units) if units else 0.0)


def cpu_by_kind(whole, rates: Rates) -> dict[str, float]:
    """Return CPU seconds of prepare for one byte of input, by kind: what each kind's parts took."""
    build, size = whole
    spent = build.result.timing_by_source
    return {kind: spent[kind]["cpu_s"] / n_bytes for kind, n_bytes in size.input_bytes.items() if n_bytes}


def predict(rates: Rates, by_kind: Mapping[str, float], size: Size) -> dict[str, dict[str, float]]:
    """Return the cost of a build by stage and quantity."""
    found: dict[str, dict[str, float]] = {}
    for stage, of in rates.items():
        units = size.units(stage)
        found[stage] = {
            name: rate.fixed + rate.part * size.parts + rate.shard * size.shards + rate.unit * units
            for name, rate in of.items()
        }
    if set(size.input_bytes) <= set(by_kind):
        rate = rates["prepare"]["cpu_s"]
        work_s = sum(by_kind[kind] * n_bytes for kind, n_bytes in size.input_bytes.items())
        found["prepare"]["cpu_s"] = rate.fixed + work_s
    return found


def total(found: Mapping[str, Mapping[str, float]], name: str) -> float:
    """Return one quantity of all stages."""
    return sum(of[name] for of in found.values())
