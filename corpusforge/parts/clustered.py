"""Edges -> clusters -> which documents go: what each task of dedup's second pipeline does.

work/<kind>/edges-<step>/<n>.u64    edges; where the star rounds have ended, (root, member)
work/<kind>/left-<round>/<n>.u64    what a round left of clusters too large for one task
work/<kind>/round-<round>.json      what came of a round, and how many documents it left
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from corpusforge.dedup import canary
from corpusforge.dedup.bands import EDGE_DTYPE, Rows, by_number
from corpusforge.dedup.canary import Seen
from corpusforge.dedup.clusters import connected
from corpusforge.dedup.config import DedupConfig
from corpusforge.dedup.delivery import joined_by_cluster, task_key, task_of
from corpusforge.dedup.giants import MAX_ROUNDS, lead, merge, n_sent, settle
from corpusforge.dedup.leakage import MEETING_DTYPE, leakage_config, leaked, matrices_of, meetings_of
from corpusforge.dedup.packets import gathered
from corpusforge.dedup.result import (
    gone_path,
    merged,
    n_ranges,
    range_folder,
    range_of,
    write_clusters,
    write_gone,
)
from corpusforge.dedup.star_tasks import Packed, packed_by, read_edges
from corpusforge.dedup.stars import node_partition, roots_of_stars, sized_members
from corpusforge.dedup.survivors import Members, apart_from, clusters
from corpusforge.domains import Domain
from corpusforge.files import exists, join
from corpusforge.parts.compared import DEDUP, DedupRun
from corpusforge.parts.waves import GoneRows
from corpusforge.sealed import open_sealed, read_sealed, write_json, write_sealed

SUMMARY, GONE, LEFT, MET = "summary", "gone", "left", "met"
Sent = tuple[str, int, bytes]
"""(what it is, key, packed or JSON): what a task sends on."""
_MEMBERS, _FATES = 0, 1


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterRound:
    """One round over the clusters of one kind of edges: what a task needs to know. Small, may be pickled."""

    run: DedupRun
    kind: str
    step: int
    """Of the files of edges."""
    are_stars: bool
    """Whether they are (root, member); else one task joins them all."""
    tasks: int
    has_giants: bool
    """Whether a cluster may be too large for one task."""
    number: int = 0

    @property
    def folder(self) -> str:
        """The folder of the working files."""
        return self.run.edges_folder(self.kind)

    @property
    def first_new(self) -> int:
        """Documents below this ref stand already."""
        return self.run.wave.first_new_ref if self.kind == DEDUP else 0

    @property
    def files(self) -> int:
        """How many files of edges there are to read, each by one task; 1 where one task joins all."""
        return self.run.sizes.edge_partitions if self.are_stars or self.number else 1

    @property
    def ranges(self) -> int:
        """How many ranges of parts the refs that go are written for."""
        return n_ranges(self.run.wave.n_parts)

    @property
    def first_range(self) -> int:
        """The first range with a part that joins."""
        first = np.array([self.run.wave.first_new], dtype=np.uint64)
        return int(range_of(first, self.run.wave.n_parts, self.ranges)[0])

    def config(self) -> DedupConfig:
        """Return what makes a duplicate."""
        dedup = self.run.config.dedup
        return dedup if self.kind == DEDUP else leakage_config(dedup)


def left_path(folder: str, number: int, partition: int) -> str:
    """Return where a partition of what a round left lies."""
    return join(folder, f"left-{number:02d}", f"{partition:05d}.u64")


def result_path(one: ClusterRound) -> str:
    """Return where the result of a round lies."""
    return join(one.folder, f"round-{one.number:02d}.json")


def roots(one: ClusterRound, number: int) -> Iterator[Packed]:
    """Yield (partition of roots, packed (root, member)), every root a member of its own."""
    if one.number:
        path = left_path(one.folder, one.number - 1, number)
        edges: Rows = np.frombuffer(read_sealed(path), dtype=EDGE_DTYPE)
    else:
        if one.are_stars:
            refs, heads = roots_of_stars(read_edges(one.folder, one.step, number))
        else:
            every = [read_edges(one.folder, 0, n) for n in range(one.run.sizes.edge_partitions)]
            refs, heads = connected(np.concatenate(every))
        edges = np.empty(len(refs), dtype=EDGE_DTYPE)
        edges["low"], edges["high"] = heads, refs
    yield from packed_by(edges, node_partition(edges["low"], one.run.sizes.edge_partitions))


def sized(one: ClusterRound, element: tuple[int, Iterable[bytes]]) -> Iterator[Packed]:
    """Yield (span, packed `MEMBER_DTYPE`) of whole clusters."""
    for members in sized_members(element[1]):
        for span, mine in by_number(one.run.span_of(members["ref"])):
            yield span, members[mine].tobytes()


def with_rows(one: ClusterRound, element: tuple[int, Iterable[bytes]]) -> Iterator[tuple[bytes, bytes]]:
    """Yield (task, packet) of the members in a span, from the rows that were laid down for it."""
    span, members = element
    sizes = one.run.sizes
    gone = None if one.kind == DEDUP else GoneRows(one.run.plan, one.run.config)
    with open_sealed(one.run.rows_path(span)) as home:
        yield from joined_by_cluster(members, home, one.run.dtype(), one.tasks, sizes.cluster_rows, gone)


def compared(one: ClusterRound, element: tuple[bytes, Iterable[bytes]]) -> Iterator[Sent]:
    """Yield the summary of one task's clusters and, of dedup, the refs that go by range; they are written."""
    key, packets = element
    held = gathered(packets, one.run.dtype())
    found = clusters(
        held.pairs["ref"],
        held.pairs["key"],
        held.lookup,
        one.config(),
        first_new=one.first_new,
        sets=held.sets(),
    )
    number = task_of(key)[0]
    if one.kind == DEDUP:
        yield from _written(one, f"{'' if not one.number else f'{one.number:02d}-'}{number:05d}", found)
        return
    total = np.zeros((2, len(Domain), len(Domain)), np.int64)
    for members in found:
        total += np.stack(leaked(members.rows["domain"], members.survivor, _stays(members)))
    yield SUMMARY, 0, json.dumps({"matrices": total.tolist()}).encode()


def leaders_sent(one: ClusterRound, element: tuple[bytes, Iterable[bytes]]) -> Iterator[tuple[bytes, bytes]]:
    """Yield (task of the whole cluster, packet) of a piece's first leaders."""
    root, _, pieces = task_of(element[0])
    sent = n_sent(pieces, one.run.sizes.cluster_rows)
    leaders = lead(gathered(element[1], one.run.dtype()), one.config(), sent, one.first_new)
    yield task_key(root, 0, pieces), leaders.packed()


def leaders_merged(
    one: ClusterRound, element: tuple[bytes, Iterable[bytes]]
) -> Iterator[tuple[bytes, bytes]]:
    """Yield (task of a piece, packet) of the fates of its leaders."""
    root, _, pieces = task_of(element[0])
    held = gathered(element[1], one.run.dtype())
    for piece, fates in merge(held, one.config(), pieces, one.first_new):
        yield task_key(root, piece, pieces), fates.packed()


def as_members(element: tuple[bytes, bytes]) -> tuple[bytes, tuple[int, bytes]]:
    """Return a packet of a piece's members, marked as such."""
    return element[0], (_MEMBERS, element[1])


def as_fates(element: tuple[bytes, bytes]) -> tuple[bytes, tuple[int, bytes]]:
    """Return a packet of the fates of a piece's leaders, marked as such."""
    return element[0], (_FATES, element[1])


def settled(one: ClusterRound, element: tuple[bytes, Iterable[tuple[int, bytes]]]) -> Iterator[Sent]:
    """Yield what `compared` does, for a piece of a cluster, and (`LEFT`, partition, packed) refs."""
    root, piece, pieces = task_of(element[0])
    packets = list(element[1])
    held, fates = (
        gathered([packet for which, packet in packets if which == wanted], one.run.dtype())
        for wanted in (_MEMBERS, _FATES)
    )
    found, left = settle(
        held,
        fates,
        one.config(),
        n_sent(pieces, one.run.sizes.cluster_rows),
        first_new=one.first_new,
        is_last=one.number + 1 == MAX_ROUNDS,
    )
    edges = np.empty(len(left), dtype=EDGE_DTYPE)
    edges["low"], edges["high"] = root, left
    for number, mine in by_number(node_partition(left, one.run.sizes.edge_partitions)):
        yield LEFT, number, edges[mine].tobytes()
    yield SUMMARY, 0, json.dumps({"left": len(left)}).encode()
    if one.kind == DEDUP:
        yield from _written(one, f"{one.number:02d}-{root:016x}-{piece:05d}", found, root >= canary.REF)
        return
    for members in found:
        own = np.ones(len(members.refs), bool) if members.foreign is None else ~members.foreign
        survivors = members.refs[members.survivor][own]
        counts = meetings_of(members.rows["domain"][own], survivors, _stays(members)[own])
        for number, mine in by_number(node_partition(counts["survivor"], one.tasks)):
            yield MET, number, counts[mine].tobytes()


def met(element: tuple[int, Iterable[bytes]]) -> Iterator[Sent]:
    """Yield the matrices of clusters that were compared in pieces, as a summary."""
    total = np.stack(matrices_of(np.frombuffer(b"".join(element[1]), dtype=MEETING_DTYPE)))
    yield SUMMARY, 0, json.dumps({"matrices": total.tolist()}).encode()


def round_written(one: ClusterRound, element: tuple[int, Iterable[bytes]]) -> Iterator[int]:
    """Yield how many documents a round left, once its result is written: the last file of its pipeline."""
    results: list[dict[str, Any]] = [json.loads(result) for result in element[1]]
    n_left = sum(result.get("left", 0) for result in results)
    made: dict[str, Any] = {"left": n_left}
    if one.kind == DEDUP:
        made["planted"] = [seen for result in results for seen in result.get("planted", [])]
        made["summary"] = merged(result["summary"] for result in results if "summary" in result)
    else:
        total = np.zeros((2, len(Domain), len(Domain)), np.int64)
        for result in results:
            total += np.array(result["matrices"], np.int64) if "matrices" in result else 0
        made["matrices"] = total.tolist()
    write_json(result_path(one), made)
    yield n_left


def left_written(one: ClusterRound, element: tuple[int, Iterable[bytes]]) -> Iterator[int]:
    """Yield how many documents of a partition are left for the next round, once they are written."""
    edges = np.unique(np.frombuffer(b"".join(element[1]), dtype=EDGE_DTYPE))
    write_sealed(left_path(one.folder, one.number, element[0]), edges)
    yield len(edges)


def gone_written(one: ClusterRound, element: tuple[int, Iterable[bytes]]) -> Iterator[int]:
    """Yield how many documents of a range of parts go, once they are written; rounds add to each other."""
    folder = range_folder(one.run.wave.folder, element[0])
    pieces = list(element[1])
    if one.number and exists(gone_path(folder)):
        pieces.append(bytes(read_sealed(gone_path(folder))))
    refs = np.frombuffer(b"".join(pieces), dtype="<u8")
    write_gone(folder, refs)
    yield len(refs)


def _written(
    one: ClusterRound, name: str, found: Iterable[Members], is_planted: bool = False
) -> Iterator[Sent]:
    """Yield the summary of clusters and the refs that go, by range; the table of them is written.

    What is planted is told in the summary, and stands in neither. A later round of it alone has no table.
    """
    wave = one.run.wave
    seen: list[Seen] = []
    batches = _own(found, seen)
    first = next(batches, None)
    if first is not None or "-" not in name or not (seen or is_planted):
        rest = itertools.chain([] if first is None else [first], batches)
        summary, gone = write_clusters(join(wave.folder, name), rest, wave.sources)
        yield SUMMARY, 0, json.dumps({"summary": summary}, sort_keys=True).encode()
        ranges = range_of(gone >> np.uint64(32), wave.n_parts, one.ranges).astype(np.int64)
        for number, mine in by_number(ranges):
            yield GONE, number, gone[mine].tobytes()
    yield SUMMARY, 0, json.dumps({"planted": seen}).encode()


def _own(found: Iterable[Members], seen: list[Seen]) -> Iterator[Members]:
    """Yield members without planted ones, which are added to `seen`."""
    for members in found:
        own, of_planted = apart_from(members, canary.is_planted(members.refs))
        seen += of_planted
        if len(own.refs):
            yield own


def _stays(members: Members) -> Any:
    """Return which members dedup leaves: `with_rows` has marked those that it takes."""
    return members.rows["reserved"][:, 0] == 0
