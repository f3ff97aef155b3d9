"""Requests for the rows of some parts -> those rows, to the tasks that compare them: the second reading.

A part's sidecar is opened once, whoever wants rows of it. The same rows, each once, are laid
down for the clusters to come (`Home`), in the order of their refs.
"""

from __future__ import annotations

import itertools
import struct
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import IO, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from corpusforge.dedup.bands import PAIR_DTYPE, Refs, Rows, ref_part, ref_row
from corpusforge.dedup.buckets import bounds_of, drawn
from corpusforge.dedup.candidates import NO_TASK, REQUEST_DTYPE
from corpusforge.dedup.packets import Held, unpacked

FLUSH_ROWS = 1 << 16
"""Rows of several parts that are sorted by their tasks at a time: 38 MB at 128 permutations."""
MEMBER_DTYPE = np.dtype([("root", "<u8"), ("ref", "<u8"), ("size", "<u8")])
"""A member of a cluster of `size` documents."""
_TASK = struct.Struct("<QII")
_LENGTH = struct.Struct("<Q")


class Home(Protocol):
    """Where rows are laid down: a file, or what seals one."""

    def write(self, data: bytes, /) -> object:
        """Write the next bytes."""
        ...


Reader = Callable[[int, NDArray[np.int64]], tuple[Rows, list[NDArray[np.uint32]] | None]]
"""(part, sorted rows) -> their signature rows and, where the check is by them, their shingles."""


def task_key(number: int, piece: int, pieces: int) -> bytes:
    """Return the key of a task; of a bucket or cluster in one piece, `pieces` is 1."""
    return _TASK.pack(number, piece, pieces)


def task_of(key: bytes) -> tuple[int, int, int]:
    """Return (number, piece, pieces) of a task's key."""
    return _TASK.unpack(key)


def parent_task(key: bytes, fan_in: int) -> bytes:
    """Return the task to which a piece sends its leaders."""
    number, piece, pieces = task_of(key)
    return task_key(number, piece // fan_in, -(-pieces // fan_in))


def deliver(packed: Iterable[bytes], read: Reader, home: Home) -> Iterator[tuple[bytes, bytes]]:
    """Yield (task, packet) for the requests of a run of parts; the rows of all go to `home`."""
    requests = np.frombuffer(b"".join(packed), dtype=REQUEST_DTYPE)
    requests = requests[np.argsort(requests["ref"], kind="stable")]
    bounds = bounds_of(ref_part(requests["ref"]))
    waiting: list[tuple[Rows, Held]] = []
    n_waiting = 0
    for start, stop in itertools.pairwise(bounds.tolist()):
        mine = requests[start:stop]
        refs = np.unique(mine["ref"])
        rows, shingles = read(int(refs[0]) >> 32, ref_row(refs).astype(np.int64))
        held = Held(pairs=np.empty(0, PAIR_DTYPE), refs=refs, rows=rows, shingles=shingles)
        _lay_down(held, home)
        waiting.append((mine[mine["task"] != NO_TASK], held))
        n_waiting += len(refs)
        if n_waiting >= FLUSH_ROWS:
            yield from _by_task(waiting)
            waiting, n_waiting = [], 0
    yield from _by_task(waiting)


def _by_task(waiting: list[tuple[Rows, Held]]) -> Iterator[tuple[bytes, bytes]]:
    if not waiting:
        return
    requests = np.concatenate([mine for mine, _ in waiting])
    every = [held for _, held in waiting]
    refs = np.concatenate([held.refs for held in every])
    rows = np.concatenate([held.rows for held in every])
    shingles = None if every[0].shingles is None else [one for held in every for one in held.shingles or []]
    held = Held(pairs=np.empty(0, PAIR_DTYPE), refs=refs, rows=rows, shingles=shingles)
    piece = np.zeros(len(requests), dtype=np.uint64)
    shared = np.flatnonzero(requests["pieces"] > 1)
    lots = drawn(held.lookup(requests["ref"][shared])["doc"])
    piece[shared] = piece_of(lots, requests["pieces"][shared].astype(np.uint64))
    order = np.lexsort((requests["ref"], piece, requests["pieces"], requests["task"]))
    requests, piece = requests[order], piece[order]
    bounds = _changes(requests["task"], requests["pieces"], piece)
    for start, stop in itertools.pairwise(bounds):
        pairs = np.empty(stop - start, dtype=PAIR_DTYPE)
        pairs["key"], pairs["ref"] = requests["key"][start:stop], requests["ref"][start:stop]
        first = requests[start]
        key = task_key(int(first["task"]), int(piece[start]), int(first["pieces"]))
        yield key, held.only(pairs).packed()


def piece_of(lots: NDArray[np.uint64], pieces: NDArray[np.uint64] | int) -> NDArray[np.uint64]:
    """Return in which of so many pieces each document falls, by the lot that its id draws."""
    mixed = (lots ^ (lots >> np.uint64(29))) * np.uint64(0xBF58476D1CE4E5B9)
    return (mixed >> np.uint64(32)) % np.asarray(pieces, dtype=np.uint64)


def _lay_down(held: Held, home: Home) -> None:
    packet = held.packed()
    home.write(_LENGTH.pack(len(packet)))
    home.write(packet)


def from_home(stream: IO[bytes], dtype: np.dtype[Any]) -> Iterator[Held]:
    """Yield what `deliver` laid down, part by part, in the order of refs."""
    while head := stream.read(_LENGTH.size):
        (length,) = _LENGTH.unpack(head)
        packet = stream.read(length)
        if len(packet) != length:
            raise OSError("rows laid down for clusters are cut short")
        yield unpacked(packet, dtype)


def joined_by_cluster(
    packed: Iterable[bytes],
    home: IO[bytes],
    dtype: np.dtype[Any],
    tasks: int,
    cluster_rows: int,
    gone: Callable[[int], Refs | None] | None = None,
) -> Iterator[tuple[bytes, bytes]]:
    """Yield (task, packet) for the members of a run of parts; `packed` are `MEMBER_DTYPE` records.

    A cluster of more than `cluster_rows` members goes to several tasks. Of documents whose rows `gone`
    returns for their part, the first byte in reserve becomes 1.
    """
    members = np.frombuffer(b"".join(packed), dtype=MEMBER_DTYPE)
    members = members[np.argsort(members["ref"], kind="stable")]
    members = members[np.r_[True, members["ref"][1:] != members["ref"][:-1]]] if len(members) else members
    for held in from_home(home, dtype):
        part = held.refs[0] >> np.uint64(32)
        start, stop = np.searchsorted(ref_part(members["ref"]), np.array([part, part + np.uint64(1)]))
        mine = members[start:stop]
        if not len(mine):
            continue
        held = held if gone is None else _marked(held, gone(int(part)))
        pieces = np.maximum(1, -(-mine["size"].astype(np.int64) // cluster_rows)).astype(np.uint64)
        piece = piece_of(drawn(held.lookup(mine["ref"])["doc"]), pieces)
        number = np.where(pieces > 1, mine["root"], cluster_task(mine["root"], tasks))
        order = np.lexsort((mine["ref"], piece, pieces, number))
        bounds = _changes(number[order], pieces[order], piece[order])
        for first, last in itertools.pairwise(bounds):
            some = order[first:last]
            pairs = np.empty(len(some), dtype=PAIR_DTYPE)
            pairs["key"], pairs["ref"] = mine["root"][some], mine["ref"][some]
            where = task_key(int(number[some[0]]), int(piece[some[0]]), int(pieces[some[0]]))
            yield where, held.only(pairs).packed()


def _marked(held: Held, gone: Refs | None) -> Held:
    rows = held.rows.copy()
    rows["reserved"][:, 0] = False if gone is None else np.isin(ref_row(held.refs), gone)
    return replace(held, rows=rows)


def cluster_task(roots: Refs, tasks: int) -> NDArray[np.uint64]:
    """Return the task of the clusters with these roots."""
    return (roots * np.uint64(0x9E3779B97F4A7C15) >> np.uint64(33)) % np.uint64(tasks)


def _changes(*columns: NDArray[Any]) -> list[int]:
    """Return where a run of equal rows begins, and the end of the last."""
    if not len(columns[0]):
        return [0]
    changed = np.zeros(len(columns[0]) - 1, dtype=bool)
    for column in columns:
        changed |= column[1:] != column[:-1]
    return [0, *(np.flatnonzero(changed) + 1).tolist(), len(columns[0])]
