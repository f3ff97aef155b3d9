"""Flagged keys of one partition -> edges that need no look, and which signatures are wanted where.

The records are gone through twice, some `BUFFER_PAIRS` at a time: first they are counted by
bucket, then each is judged by its bucket's counts. What is held is one buffer and a row for each
distinct key, however often a key stands there.

    exact bucket   its lowest ref is linked with every other: `Found.dedup`, `Found.leakage`
    band bucket    a request for the rows of its members, to be compared by one task, or, past
                   `bucket_rows` members, by as many as it takes
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpusforge.compiled import jit
from corpusforge.dedup.bands import EDGE_DTYPE, PAIR_DTYPE, Rows
from corpusforge.dedup.buckets import bounds_of, sifted
from corpusforge.dedup.comparison import BUCKET, EXACT, IN_DEDUP, IN_LEAKAGE
from corpusforge.dedup.sizes import Sizes

BUFFER_PAIRS = 1 << 22
REQUEST_DTYPE = np.dtype([("ref", "<u8"), ("key", "<u8"), ("task", "<u8"), ("pieces", "<u4")])
"""The row of `ref` is wanted by `task`, for the bucket `key` (flagged); `pieces` > 1 where tasks share it."""
NO_TASK = np.uint64(2**64 - 1)
"""The task of a document whose row no bucket wants, but its cluster will."""
_NO_REF = np.uint64(2**64 - 1)
_TABLE = np.dtype(
    [
        ("key", "<u8"),
        ("members", "<u8"),
        ("in_dedup", "<u8"),
        ("new", "<u8"),
        ("in_leakage", "<u8"),
        ("low_dedup", "<u8"),
        ("low_leakage", "<u8"),
    ]
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What some records of a partition come to."""

    dedup: Rows
    """`EDGE_DTYPE`."""
    leakage: Rows
    requests: Rows
    """`REQUEST_DTYPE`."""


def find_candidates(
    pieces: Iterable[bytes], partition: int, sizes: Sizes, first_new: int = 0, buffer: int = BUFFER_PAIRS
) -> Iterator[Found]:
    """Yield what the records of a partition come to; `pieces` (packed) may be gone through twice."""
    table: Rows = np.empty(0, dtype=_TABLE)
    held: list[Rows] = []
    waiting = 0
    last: Rows | None = None
    n_buffers = 0
    for pairs in buffered(pieces, PAIR_DTYPE, buffer):
        n_buffers += 1
        last = _shared(pairs) if n_buffers == 1 and len(pairs) < buffer else _sorted(pairs)
        held.append(_table(last, np.uint64(first_new)))
        waiting += len(held[-1])
        if waiting > max(len(table), buffer):
            table, held, waiting = _merged([table, *held]), [], 0
    table = _merged([table, *held])
    table = table[_is_of_use(table)]
    tasks, n_pieces = _tasks(table, partition, sizes)
    if n_buffers == 1 and last is not None:
        yield _judged(last, table, tasks, n_pieces, first_new)
        return
    for pairs in buffered(pieces, PAIR_DTYPE, buffer):
        yield _judged(_sorted(pairs), table, tasks, n_pieces, first_new)


def buffered(pieces: Iterable[bytes], dtype: np.dtype[Any], count: int) -> Iterator[Rows]:
    """Yield packed records as arrays of at most `count`, all of that size but the last."""
    held: list[Rows] = []
    n_held = 0
    for piece in pieces:
        records = np.frombuffer(piece, dtype=dtype)
        while n_held + len(records) >= count:
            yield np.concatenate([*held, records[: count - n_held]])
            records = records[count - n_held :]
            held, n_held = [], 0
        held.append(records)
        n_held += len(records)
    if n_held:
        yield np.concatenate(held)


def _sorted(pairs: Rows) -> Rows:
    return pairs[np.argsort(pairs["key"] & BUCKET)]


def _shared(pairs: Rows) -> Rows:
    """Return the records whose bucket may hold another, sorted by bucket."""
    return _sorted(pairs[sifted(pairs["key"] & BUCKET)])


def _table(pairs: Rows, first_new: np.uint64) -> Rows:
    """Return the counts of each bucket of sorted records."""
    buckets = pairs["key"] & BUCKET
    bounds = bounds_of(buckets)
    out = np.zeros(len(bounds) - 1, dtype=_TABLE)
    out["key"] = buckets[bounds[:-1]]
    _count(
        pairs["key"], pairs["ref"], bounds, first_new, out["members"], out["in_dedup"], out["new"],
        out["in_leakage"], out["low_dedup"], out["low_leakage"],
    )  # fmt: skip
    return out


@jit
def _count(
    keys: Any, refs: Any, bounds: Any, first_new: Any, members: Any, in_dedup: Any, new: Any,
    in_leakage: Any, low_dedup: Any, low_leakage: Any,
) -> None:  # fmt: skip
    for bucket in range(bounds.shape[0] - 1):
        members[bucket] = bounds[bucket + 1] - bounds[bucket]
        low_dedup[bucket] = low_leakage[bucket] = np.uint64(0xFFFFFFFFFFFFFFFF)
        for i in range(bounds[bucket], bounds[bucket + 1]):
            if keys[i] & np.uint64(2):
                in_dedup[bucket] += 1
                new[bucket] += refs[i] >= first_new
                low_dedup[bucket] = min(low_dedup[bucket], refs[i])
            if keys[i] & np.uint64(4):
                in_leakage[bucket] += 1
                low_leakage[bucket] = min(low_leakage[bucket], refs[i])


def _merged(tables: list[Rows]) -> Rows:
    """Return the sum of tables, one row a bucket, sorted."""
    if len(tables) == 2 and not len(tables[0]):
        return tables[1]
    rows = np.concatenate(tables)
    rows = rows[np.argsort(rows["key"], kind="stable")]
    first = bounds_of(rows["key"])[:-1]
    if len(first) == len(rows):
        return rows
    out = rows[first]
    for name in ("members", "in_dedup", "new", "in_leakage"):
        out[name] = np.add.reduceat(rows[name], first)
    for name in ("low_dedup", "low_leakage"):
        out[name] = np.minimum.reduceat(rows[name], first)
    return out


def _is_of_use(table: Rows) -> NDArray[np.bool_]:
    return ((table["in_dedup"] > 1) & (table["new"] > 0)) | (table["in_leakage"] > 1)


def _is_starred(table: Rows) -> NDArray[np.bool_]:
    """Return which buckets dedup links without a look: exact ones without a document that stands."""
    return ((table["key"] & EXACT) != 0) & (table["new"] == table["in_dedup"])


def _tasks(table: Rows, partition: int, sizes: Sizes) -> tuple[NDArray[np.uint64], NDArray[np.uint32]]:
    """Return (task, pieces) of each bucket: buckets in order, up to `task_rows` members a task."""
    is_exact = (table["key"] & EXACT) != 0
    compared = ~is_exact | (~_is_starred(table) & (table["in_dedup"] > 1) & (table["new"] > 0))
    members = np.where(compared, table["members"], 0)
    pieces = np.where(compared, -(-members.astype(np.int64) // sizes.bucket_rows), 1).astype(np.uint32)
    whole = np.where(pieces > 1, 0, members).astype(np.int64)
    number = np.empty(len(table), dtype=np.int64)
    _fill(whole, sizes.task_rows, number)
    tasks = np.where(pieces > 1, table["key"], np.uint64(partition << 32) | number.astype(np.uint64))
    return np.where(compared, tasks, NO_TASK), pieces


@jit
def _fill(members: Any, task_rows: int, number: Any) -> None:
    """Write for each bucket the number of its task; a task takes buckets until it is full."""
    task = 0
    filled = 0
    for i in range(members.shape[0]):
        if filled > 0 and filled + members[i] > task_rows:
            task += 1
            filled = 0
        number[i] = task
        filled += members[i]


def _judged(
    pairs: Rows, table: Rows, tasks: NDArray[np.uint64], pieces: NDArray[np.uint32], first_new: int
) -> Found:
    """Return what sorted records come to, given the counts of all buckets of use."""
    if not len(table):
        return Found(dedup=_edges(pairs[:0], table), leakage=_edges(pairs[:0], table), requests=_none())
    buckets = pairs["key"] & BUCKET
    place = np.minimum(np.searchsorted(table["key"], buckets), len(table) - 1)
    wanted = table["key"][place] == buckets
    pairs, place = pairs[wanted], place[wanted]
    bucket = table[place]
    is_exact = (pairs["key"] & EXACT) != 0
    deduped = is_exact & ((pairs["key"] & IN_DEDUP) != 0) & (bucket["in_dedup"] > 1) & (bucket["new"] > 0)
    starred = deduped & _is_starred(bucket)
    counted = is_exact & ((pairs["key"] & IN_LEAKAGE) != 0) & (bucket["in_leakage"] > 1)
    asked = ~is_exact | deduped | counted
    requests = np.empty(int(asked.sum()), dtype=REQUEST_DTYPE)
    requests["ref"], requests["key"] = pairs["ref"][asked], pairs["key"][asked]
    task = np.where(is_exact & (starred | ~deduped), NO_TASK, tasks[place])
    requests["task"], requests["pieces"] = task[asked], pieces[place][asked]
    # a bucket that is linked by leakage already is compared for dedup alone
    requests["key"] = np.where(is_exact[asked], requests["key"] & ~IN_LEAKAGE, requests["key"])
    requests["key"][requests["task"] == NO_TASK] = 0
    return Found(
        dedup=_edges(pairs[starred], bucket["low_dedup"][starred]),
        leakage=_edges(pairs[counted], bucket["low_leakage"][counted]),
        requests=requests,
    )


def _edges(pairs: Rows, low: NDArray[Any]) -> Rows:
    out = np.empty(len(pairs), dtype=EDGE_DTYPE)
    if len(pairs):
        out["low"], out["high"] = low, pairs["ref"]
    return out[out["low"] != out["high"]]


def _none() -> Rows:
    return np.empty(0, dtype=REQUEST_DTYPE)
