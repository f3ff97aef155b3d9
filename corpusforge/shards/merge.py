"""Merging: one key range of many files becomes one run, sorted, in a file of blocks like theirs.

Blocks of a run end where shards do, so that what a shard reads of it is all its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpusforge.files import publishing
from corpusforge.shards.blocks import BLOCK_BYTES, PLACE_DTYPE, BlockWriter, Codec, read_footer
from corpusforge.shards.gather import Gathered, gathered
from corpusforge.shards.places import Cuts
from corpusforge.shards.spill import ROW_BYTES

RUN_VERSION = 1


def merge(
    path: str,
    number: int,
    refs: NDArray[Any],
    path_of: Callable[[int], str],
    ranges: Cuts,
    target: int,
    shards: Cuts,
    codec: Codec = "none",
) -> NDArray[Any]:
    """Return the index of the run written to `path`: the rows of one range from all refs.

    `number`: what the run is called in refs; `target`: which of the ranges. Raises ValueError as
    `gather.gathered` does.
    """
    with (
        publishing(path) as local,
        gathered(refs, path_of, ranges.bounds(target), None) as rows,
        open(local, "wb") as stream,
    ):
        writer = BlockWriter(stream, number, rows.token_bytes, codec)
        for first, last in _block_rows(rows, shards):
            places = np.zeros(last - first, PLACE_DTYPE)
            for name in ("key", "group", "n_tokens", "text_bytes"):
                places[name] = getattr(rows, name)[first:last]
            [metadata] = rows.metadata(first, last).to_batches()
            writer.add(places, metadata, rows.tokens(first, last), rows.text(first, last))
        return writer.finish({"version": RUN_VERSION})


def read_run(path: str) -> NDArray[Any]:
    """Return the index of a run, from its footer."""
    index, description = read_footer(path)
    if description["version"] != RUN_VERSION:
        raise ValueError(f"{path}: written by another version: remove it and run again")
    return index


def _block_rows(rows: Gathered, shards: Cuts) -> Iterator[tuple[int, int]]:
    """Yield the rows [first, last) of each block: of one shard, and of a bounded size."""
    sizes = rows.text_bytes + rows.n_tokens * rows.token_bytes + ROW_BYTES
    ends = np.cumsum(sizes)
    cuts = (np.flatnonzero(np.diff(shards.find(rows.group, rows.key))) + 1).tolist()
    first = 0
    for stop in [*cuts, len(rows)]:
        while first < stop:
            before = int(ends[first - 1]) if first else 0
            last = min(max(int(np.searchsorted(ends, before + BLOCK_BYTES, "right")), first + 1), stop)
            yield first, last
            first = last
