"""The formats by name, once."""

from __future__ import annotations

import os
from collections.abc import Callable

from corpusforge.export import datatrove, mds, megatron, olmo, parquet
from corpusforge.files import is_remote, overlapping
from corpusforge.mixture.planfile import Arm, Plan
from corpusforge.shards.snapshot import Index, read_index

FORMATS: dict[str, Callable[[str, Index, str], None]] = {
    "megatron": megatron.export_snapshot,
    "olmo": olmo.export_snapshot,
    "datatrove": datatrove.export_snapshot,
    "mds": mds.export_snapshot,
    "parquet": parquet.export_snapshot,
}
PLAN_FORMATS: dict[str, Callable[[str, Index, Plan, Arm, str], None]] = {
    "megatron": megatron.export_plan,
    "mds": mds.export_plan,
}
"""Those that can hold the order of a plan."""


def export_snapshot(corpus: str, format_name: str, output: str, snapshot: str | None = None) -> None:
    """Write all documents of a snapshot, the current one unless told, into a new or empty folder.

    Raises ValueError, in one line, for a folder that holds something, or a corpus in a bucket:
    the files of most formats are links to its own.
    """
    _check_places(corpus, output)
    FORMATS[format_name](corpus, read_index(corpus, snapshot), output)


def export_plan(corpus: str, format_name: str, output: str, plan: Plan, arm: str) -> None:
    """Write the samples of one arm of a plan; errors as `export_snapshot`."""
    _check_places(corpus, output)
    if arm not in plan.arms:
        raise ValueError(f"plan {plan.name} has no arm {arm!r}: it has {', '.join(sorted(plan.arms))}")
    PLAN_FORMATS[format_name](corpus, read_index(corpus, plan.snapshot), plan, plan.arms[arm], output)


def _check_places(corpus: str, output: str) -> None:
    if is_remote(corpus) or is_remote(output):
        raise ValueError("export works on local disk: copy the corpus there, or mount the bucket")
    if line := overlapping([corpus], output):
        raise ValueError(line)
    if os.path.isdir(output) and os.listdir(output):
        raise ValueError(f"{output}: not empty: give a new folder")
    os.makedirs(output, exist_ok=True)
