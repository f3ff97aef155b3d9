"""Clusters -> which documents stay, by a stated order, the same whatever came first.

The order: most text first, then the lowest document id. A member that does not itself
resemble the survivor is not its duplicate, however long the chain between them: it
starts a cluster of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from corpusforge.dedup.bands import Rows, resembles, same_text
from corpusforge.dedup.config import DedupConfig


@dataclass(frozen=True, slots=True)
class Cluster:
    """One survivor and its duplicates, as refs; `exact[i]` tells if duplicate i has the same text."""

    survivor: int
    survivor_doc_id: str
    duplicates: tuple[int, ...]
    duplicate_doc_ids: tuple[str, ...]
    exact: tuple[bool, ...]


def clusters(
    refs: NDArray[np.uint64],
    numbers: NDArray[np.int64],
    lookup: Callable[[NDArray[np.uint64]], Rows],
    config: DedupConfig,
) -> Iterator[Cluster]:
    """Return the clusters of two or more documents, in the order of their components."""
    order = np.lexsort((refs, numbers))
    bounds = np.flatnonzero(np.r_[True, np.diff(numbers[order]) != 0, True])
    for first, stop in pairwise(bounds.tolist()):
        members = refs[order[first:stop]]
        yield from _split(members, lookup(members), config)


def _split(members: NDArray[np.uint64], rows: Rows, config: DedupConfig) -> Iterator[Cluster]:
    rank = np.lexsort((rows["doc"][:, 1], rows["doc"][:, 0], -rows["n_bytes"].astype(np.int64)))
    members, rows = members[rank], rows[rank]
    while len(members) > 1:
        alike = resembles(np.broadcast_to(rows[:1], rows[1:].shape), rows[1:], config)
        gone = np.flatnonzero(alike) + 1
        if len(gone):
            same = same_text(np.broadcast_to(rows[:1], gone.shape), rows[gone])
            yield Cluster(
                survivor=int(members[0]),
                survivor_doc_id=doc_id(rows[0]),
                duplicates=tuple(int(ref) for ref in members[gone]),
                duplicate_doc_ids=tuple(doc_id(rows[i]) for i in gone),
                exact=tuple(bool(flag) for flag in same),
            )
        stay = np.r_[False, ~alike]
        members, rows = members[stay], rows[stay]


def doc_id(row: Rows) -> str:
    """Return the document id of a signature row: 32 hex digits."""
    high, low = row["doc"]
    return f"{int(high):016x}{int(low):016x}"
