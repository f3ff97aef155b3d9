"""The formats by name, once."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Generator
from contextlib import contextmanager
from tempfile import TemporaryDirectory

from corpusforge.export import datatrove, hf, jsonl, mds, megatron, olmo, parquet
from corpusforge.files import is_remote, overlapping
from corpusforge.mixture.planfile import Arm, Plan
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

    The folder appears whole, or not at all. Raises ValueError, in one line, for a folder that holds
    something, or a corpus in a bucket: the files of most formats are links to its own.
    """
    _check_places(corpus, output)
    with _whole(output) as folder:
        FORMATS[format_name](corpus, read_index(corpus, snapshot), folder)


def export_plan(corpus: str, format_name: str, output: str, plan: Plan, arm: str) -> None:
    """Write the samples of one arm of a plan; errors as `export_snapshot`."""
    _check_places(corpus, output)
    if arm not in plan.arms:
        raise ValueError(f"plan {plan.name} has no arm {arm!r}: it has {', '.join(sorted(plan.arms))}")
    with _whole(output) as folder:
        PLAN_FORMATS[format_name](corpus, read_index(corpus, plan.snapshot), plan, plan.arms[arm], folder)


def _check_places(corpus: str, output: str) -> None:
    if is_remote(corpus) or is_remote(output):
        raise ValueError("export works on local disk: copy the corpus there, or mount the bucket")
    if line := overlapping([corpus], output):
        raise ValueError(line)
    if os.path.isdir(output) and os.listdir(output):
        raise ValueError(f"{output}: not empty: give a new folder")


@contextmanager
def _whole(output: str) -> Generator[str]:
    """Yield a folder beside the output: at a clean exit it takes its name, at another it is removed."""
    output = os.path.realpath(output)
    os.makedirs(os.path.dirname(output), exist_ok=True)
    with TemporaryDirectory(prefix=".tmp-", dir=os.path.dirname(output)) as beside:
        folder = os.path.join(beside, "out")
        os.mkdir(folder)
        yield folder
        try:
            os.replace(folder, output)  # an empty folder gives way
        except OSError as error:
            if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
                raise
            raise ValueError(f"{output}: was filled by another meanwhile: give a new folder") from None
