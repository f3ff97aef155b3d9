"""Drops that page and card look at: those of a bounded number of parts, whatever the corpus weighs.

Parts have hashes for names: those with the lowest are a random sample. Where the bound is above what
there is, nothing is left out.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any, cast

import pyarrow.compute

from corpusforge.files import exists, join
from corpusforge.parquet import open_sealed_parquet
from corpusforge.parts.format import COMMIT, part_path
from corpusforge.parts.plan import PLAN_FOLDER, manifest_count, plan_path, read_plan
from corpusforge.parts.repeated import repeats_rejects, snapshot_repeats
from corpusforge.retract.ledger import standing

pc: Any = cast(Any, pyarrow.compute)

SAMPLE_PARTS = 48
"""Parts whose drops and duplicates are looked at."""
SAMPLE_SLICES = 32
"""Slices of 512 parts of a plan among which they are looked for, and as many first ones of sources."""
READ_DROPS = 100_000
"""Drops that are looked at in all."""


@dataclass(frozen=True, slots=True)
class SampledParts:
    """Parts that are looked at: those of the lowest ids of each source, in turn."""

    ids: tuple[str, ...]
    n_parts: int
    """How many the snapshot was made of."""

    @property
    def is_all(self) -> bool:
        """Whether nothing is left out."""
        return len(self.ids) == self.n_parts


def sampled_parts(corpus: str, header: Mapping[str, Any], most: int = SAMPLE_PARTS) -> SampledParts:
    """Return up to `most` of a snapshot's parts that are still there. Memory: `most` ids a source."""
    lowest: dict[str, list[_Last]] = {}
    for source, part_id in _named_parts(corpus, header):
        heap = lowest.setdefault(source, [])
        part = _Last(part_id)
        if len(heap) < most:
            heapq.heappush(heap, part)
        elif heap[0] < part:
            heapq.heapreplace(heap, part)
    in_turn = zip_longest(*(sorted(part.id for part in heap) for _, heap in sorted(lowest.items())))
    chosen = [part for turn in in_turn for part in cast("tuple[str | None, ...]", turn) if part][:most]
    there = tuple(part for part in chosen if exists(part_path(corpus, part, COMMIT)))
    return SampledParts(there, manifest_count(header))


def _named_parts(corpus: str, header: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield (source, part id) of all parts; of a plan, of slices evenly from it and each source's first.

    None where the plan was removed since.
    """
    if not header.get("plan"):
        for entry in header["inputs"]:
            if "part_id" in entry:  # an index need not name them
                yield str(entry.get("source", "")), str(entry["part_id"])
        return
    folder = join(corpus, PLAN_FOLDER, header["plan"])
    if not exists(plan_path(folder)):
        return
    plan = read_plan(folder)
    evenly = {number * plan.n_slices // SAMPLE_SLICES for number in range(SAMPLE_SLICES)}
    firsts = {source.first // plan.slice_parts for source in plan.sources[:SAMPLE_SLICES] if source.count}
    for number in sorted(evenly | firsts):
        for spec in plan.slice(number):
            yield spec.source, spec.part_id


@dataclass(frozen=True, slots=True)
class _Last:
    """A part's id that a heap has on top where it is the highest."""

    id: str

    def __lt__(self, other: _Last) -> bool:
        return self.id > other.id


def read_drops(
    corpus: str,
    header: Mapping[str, Any],
    parts: SampledParts,
    columns: Sequence[str],
    most: int | None = READ_DROPS,
) -> Iterator[Any]:
    """Yield record batches of drops, part after part: of each its first ones, `most` in all; None is all.

    Those of which too little was left without repeats are among them; those that were taken out on request
    are not: a page that goes to others names none of them.
    """
    if not parts.ids:
        return
    per_part = None if most is None else max(most // len(parts.ids), 1)
    repeats = snapshot_repeats(corpus, header)
    taken_out = standing(corpus)
    gone = None if taken_out is None else taken_out.ids
    for part in parts.ids:
        yield from _batches(part_path(corpus, part, "rejects.parquet"), columns, per_part, gone)
        if repeats:
            yield from _batches(repeats_rejects(repeats, part), columns, per_part, gone)


def _batches(path: str, columns: Sequence[str], most: int | None, gone: Any) -> Iterator[Any]:
    """Yield the first drops of a file but those of some ids; nothing where there is none."""
    if not exists(path):
        return
    with open_sealed_parquet(path) as file:
        left = file.metadata.num_rows if most is None else most
        for group in range(file.num_row_groups):
            if left <= 0:
                return
            read = file.read_row_group(group, columns=sorted({*columns, "doc_id"}))
            if gone is not None:
                read = read.filter(pc.invert(pc.is_in(read["doc_id"], value_set=gone)))
            table = read.select(list(columns)).slice(0, left)
            yield from table.to_batches()
            left -= table.num_rows
