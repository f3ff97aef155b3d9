"""Where a document stands among all: its (domain, subset), then its key. Cuts divide that order.

position = (group, key), ascending         group: a (domain, subset) by its place in `GROUPS`
cuts     = where targets begin             target: what one task makes, a range of merging or a shard

group 0          group 1             group 2
|----shard 0----|--shard 1--|-sh. 2-|----shard 3----|
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
import xxhash
from numpy.typing import NDArray

from corpusforge.domains import SUBSETS

GROUPS = tuple(
    sorted((domain.value, subset.value) for domain, subsets in SUBSETS.items() for subset in subsets)
)
"""Every (domain, subset), in the order in which documents are sorted."""
KEYS = 2**64

Position = tuple[int, int]
"""(group, key)."""
END: Position = (len(GROUPS), 0)
"""Beyond every document."""


def shard_key(doc_id: str, seed: int) -> int:
    """Return where a document lies in its (domain, subset): u64, by xxh3 of its id."""
    return xxhash.xxh3_64_intdigest(doc_id.encode(), seed=seed)


@dataclass(frozen=True)
class Cuts:
    """The division of all positions into targets. Each group of `pieces` is cut into equal key ranges.

    A group with 0 pieces belongs to the target before it.
    """

    pieces: tuple[tuple[int, int], ...]
    """(group, pieces), ascending; the first has one piece or more."""

    @cached_property
    def count(self) -> int:
        """How many targets there are."""
        return sum(pieces for _, pieces in self.pieces)

    @cached_property
    def starts(self) -> tuple[NDArray[np.uint16], NDArray[np.uint64]]:
        """Groups and keys at which the targets begin."""
        groups = np.repeat([group for group, _ in self.pieces], [pieces for _, pieces in self.pieces])
        keys = [place * KEYS // pieces for _, pieces in self.pieces for place in range(pieces)]
        return groups.astype(np.uint16), np.array(keys, np.uint64)

    def bounds(self, target: int) -> tuple[Position, Position]:
        """Return the first position of a target and the first beyond it."""
        groups, keys = self.starts
        low = (int(groups[target]), int(keys[target])) if target else (0, 0)
        return low, END if target + 1 == len(keys) else (int(groups[target + 1]), int(keys[target + 1]))

    def find(self, groups: NDArray[Any], keys: NDArray[Any]) -> NDArray[np.int64]:
        """Return the targets that positions fall to."""
        starts, start_keys = self.starts
        found = np.empty(len(keys), np.int64)
        for group in np.unique(groups).tolist():
            first, last = np.searchsorted(starts, [group, group + 1])
            of_group = groups == group
            found[of_group] = first - 1 + np.searchsorted(start_keys[first:last], keys[of_group], "right")
        return np.maximum(found, 0)


def rows_before(groups: NDArray[Any], keys: NDArray[Any], position: Position) -> int:
    """Return how many of sorted rows stand before a position."""
    first, last = np.searchsorted(groups, [position[0], position[0] + 1]).tolist()
    return first + int(np.searchsorted(keys[first:last], np.uint64(position[1])))


def sorted_order(
    groups: NDArray[Any], keys: NDArray[Any], doc_ids: Callable[[NDArray[np.int64]], Sequence[str]]
) -> NDArray[np.int64]:
    """Return the order of rows by (group, key, document id).

    `doc_ids` tells the ids of rows: asked for those alone whose keys are equal. Raises ValueError
    for an id that comes twice.
    """
    order = np.lexsort((keys, groups))
    same = (np.diff(keys[order]) == 0) & (np.diff(groups[order]) == 0)
    if not same.any():
        return order
    tied = np.flatnonzero(np.append(same, False) | np.insert(same, 0, False))
    rows = order[tied]
    named = [
        (int(groups[row]), int(keys[row]), name, row)
        for row, name in zip(rows.tolist(), doc_ids(rows), strict=True)
    ]
    named.sort()
    for one, other in pairwise(named):
        if one[:3] == other[:3]:
            raise ValueError(f"document {one[2]} comes twice in {'/'.join(GROUPS[one[0]])}")
    order[tied] = [row for *_, row in named]
    return order
