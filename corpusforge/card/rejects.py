"""Drops of a snapshot, from the rejects of some of its parts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from corpusforge.files import exists, join
from corpusforge.parquet import open_sealed_parquet
from corpusforge.parts.format import part_path
from corpusforge.parts.plan import PLAN_FOLDER, read_plan


def some_parts(corpus: str, header: Mapping[str, Any], most: int) -> tuple[list[str], int]:
    """Return (ids of up to `most` parts, evenly chosen, how many there are)."""
    if not header.get("plan"):
        ids = [str(row["part_id"]) for row in header.get("inputs", ()) if "part_id" in row]
        return ids[:: max(1, -(-len(ids) // most))], len(ids)
    plan = read_plan(join(corpus, PLAN_FOLDER, header["plan"]))
    step = max(1, -(-plan.n_parts // most))
    return [plan.part(number).part_id for number in range(0, plan.n_parts, step)], plan.n_parts


def drops(
    corpus: str, part_ids: list[str], columns: list[str], row_groups: int | None = None
) -> Iterator[Any]:
    """Yield the drops of parts as record batches, at most so many row groups of each."""
    for part_id in part_ids:
        path = part_path(corpus, part_id, "rejects.parquet")
        if not exists(path):
            continue
        with open_sealed_parquet(path) as file:
            for group in range(min(file.num_row_groups, row_groups or file.num_row_groups)):
                yield from file.read_row_group(group, columns=columns).to_batches()
