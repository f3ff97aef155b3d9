"""The model: what a build costs by stage, linear in what it is made of; its constants are measured."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from benches.model.meter import READS, WRITES, Build, Cost
from corpusforge.dedup.config import DedupConfig
from corpusforge.dedup.sizes import sizes_of
from corpusforge.shards.levels import Cost as Moved
from corpusforge.shards.levels import predict as predict_moved

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
    partitions: int
    """Of dedup's band keys: as many tasks of each of its steps."""
    moved: Moved
    """Between spills and shards, as the code that chooses the levels counts it."""
    levels: int

    def units(self, stage: str) -> float:
        """Return what a stage's cost is in proportion to."""
        unit = UNITS.get(stage)
        if unit is None:
            return 0
        return sum(self.input_bytes.values()) if unit == "input_bytes" else getattr(self, unit)

    def tasks(self, stage: str) -> int:
        """Return how often a stage meets what it costs before its first part."""
        return self.partitions if stage == "dedup" else 1

    def counted(self, stage: str, quantity: str) -> float:
        """Return what the code itself counts of a stage's cost."""
        if stage != "shard":
            return 0
        of = {"reads": self.moved.reads, "writes": self.moved.writes, "read_bytes": self.moved.bytes_read}
        return of.get(quantity, 0)


def size_of(build: Build, n_shards: int, n_parts: int) -> Size:
    """Return the size of a build that was measured; its sources are named after their kinds."""
    totals = build.result.totals
    sources, rows = totals["sources"], totals["rows"]
    documents = sum(source["kept"] for source in sources.values())
    return Size(
        parts=n_parts,
        input_bytes={name: source["bytes_in"] for name, source in sources.items()},
        documents=documents,
        text_bytes=sum(row["bytes"] for row in rows),
        tokens=sum(row["tokens"] for row in rows),
        shards=n_shards,
        partitions=sizes_of(documents, n_parts, DedupConfig()).partitions,
        moved=predict_moved(build.sums, build.shape),
        levels=len(build.shape.levels),
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
    """cost = counted + fixed * tasks + part * parts + shard * shards + unit * units."""

    fixed: float = 0.0
    part: float = 0.0
    shard: float = 0.0
    unit: float = 0.0


@dataclass(frozen=True)
class Measured:
    """The constants of the model; all are measured in one run."""

    rates: Mapping[str, Mapping[str, Rate]]
    """By stage and quantity."""
    by_kind: Mapping[str, Mapping[str, float]]
    """Of prepare, for one byte of input: `cpu_s` and `written_bytes`, by kind."""
    level_cpu_s: float
    """Of one token through one more level of merging."""


def fit(few, many, sharded, whole, reading: Mapping[str, float]) -> dict[str, dict[str, Rate]]:
    """Return the rates by stage and quantity from four measured builds, each a (Build, Size).

    `few` and `many` have one document a part; `sharded` is `many` in more shards; `whole` is of real length.
    `reading` is what one byte of a large object costs whoever reads it in order, by quantity.
    """
    rates: dict[str, dict[str, Rate]] = {}
    for stage in STAGES:
        builds = (few, many, sharded, whole)
        at = [
            {name: cost - size.counted(stage, name) for name, cost in quantities(build, stage).items()}
            for build, size in builds
        ]
        rates[stage] = {name: _rate([of[name] for of in at], stage, *builds) for name in QUANTITIES}
        if stage == "shard":
            for name in ("reads", "writes", "read_bytes"):
                rates[stage][name] = Rate(fixed=at[0][name])
    rates["prepare"]["read_bytes"] = replace(rates["prepare"]["read_bytes"], unit=reading["read_bytes"])
    for stage in STAGES:
        of = rates[stage]
        if stage != "shard":  # what is long is read in order; files of the small builds are all short
            of["reads"] = replace(of["reads"], unit=reading["reads"] * of["read_bytes"].unit)
        of["writes"] = replace(of["writes"], unit=0.0)
    build, size = whole  # whose parts have rejects, unlike those of one document
    writes = rates["prepare"]["writes"]
    each = (quantities(build, "prepare")["writes"] - writes.fixed) / size.parts
    rates["prepare"]["writes"] = replace(writes, part=max(writes.part, each))
    return rates


def _rate(costs, stage, few, many, sharded, whole) -> Rate:
    (_, a), (_, b), (_, c), (_, w) = few, many, sharded, whole
    part = max(0.0, (costs[1] - costs[0]) / (b.parts - a.parts))
    shard = (
        max(0.0, (costs[2] - costs[1]) / (c.shards - b.shards))
        if stage in ("shard", "commit", "driver")
        else 0.0
    )
    fixed = max(0.0, costs[0] - part * a.parts - shard * a.shards)
    rest = costs[3] - fixed * w.tasks(stage) - part * w.parts - shard * w.shards
    units = w.units(stage)
    return Rate(fixed=fixed, part=part, shard=shard, unit=max(0.0, rest / units) if units else 0.0)


def predict(measured: Measured, size: Size) -> dict[str, dict[str, float]]:
    """Return the cost of a build by stage and quantity."""
    found: dict[str, dict[str, float]] = {}
    for stage, of in measured.rates.items():
        units = size.units(stage)
        found[stage] = {
            name: size.counted(stage, name)
            + rate.fixed * size.tasks(stage)
            + rate.part * size.parts
            + rate.shard * size.shards
            + rate.unit * units
            for name, rate in of.items()
        }
    for name in ("cpu_s", "written_bytes"):
        work = sum(measured.by_kind[kind][name] * n_bytes for kind, n_bytes in size.input_bytes.items())
        found["prepare"][name] = measured.rates["prepare"][name].fixed + work
    found["shard"]["cpu_s"] += size.levels * measured.level_cpu_s * size.tokens
    found["shard"]["written_bytes"] += size.moved.bytes_written
    return found


def total(found: Mapping[str, Mapping[str, float]], name: str) -> float:
    """Return one quantity of all stages."""
    return sum(of[name] for of in found.values())
