"""The formats by name, once."""

from __future__ import annotations

from collections.abc import Callable

from corpusforge.export import datatrove, hf, jsonl, mds, megatron, olmo, parquet
from corpusforge.export.places import check_places, placed
from corpusforge.mixture.planfile import Arm, Plan, arm_names, files_of
from corpusforge.shards.snapshot import Index, read_index

FORMATS: dict[str, Callable[[str, Index, str], None]] = {
    "megatron": megatron.export_snapshot,
    "olmo": olmo.export_snapshot,
    "datatrove": datatrove.export_snapshot,
    "mds": mds.export_snapshot,
    "parquet": parquet.export_snapshot,
    "jsonl": jsonl.export_snapshot,
    "hf": hf.export_snapshot,
}
PLAN_FORMATS: dict[str, Callable[[str, Index, Plan, Arm, str], None]] = {
    "megatron": megatron.export_plan,
    "mds": mds.export_plan,
}
"""Those that can hold the order of a plan."""


def export_snapshot(corpus: str, format_name: str, output: str, snapshot: str | None = None) -> None:
    """Write all documents of a snapshot, the current one unless told, into a new or empty folder.

    `corpus` and `output` may lie in buckets (`placed`); a local folder appears whole, or not at all.
    Raises ValueError, in one line, for a folder that holds something.
    """
    check_places(corpus, output)
    index = read_index(corpus, snapshot)
    with placed(corpus, output, index.rows) as (here, folder):
        FORMATS[format_name](here, index, folder)


def export_plan(corpus: str, format_name: str, output: str, plan: Plan, arm: str) -> None:
    """Write the samples of one arm of a plan; errors as `export_snapshot`."""
    check_places(corpus, output)
    if arm not in plan.arms:
        raise ValueError(f"plan {plan.name} has no arm {arm!r}: it has {arm_names(plan)}")
    index = read_index(corpus, plan.snapshot)
    with placed(corpus, output, index.rows, files_of(plan.arms[arm])) as (here, folder):
        PLAN_FORMATS[format_name](here, index, plan, plan.arms[arm], folder)
