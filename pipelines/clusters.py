"""dedup, second pipeline: edges -> clusters -> which documents go, or what leaks from domain to domain."""

from __future__ import annotations

from collections.abc import Iterator

import apache_beam as beam

from corpusforge.dedup.delivery import task_key, task_of
from corpusforge.parts.clustered import (
    GONE,
    LEFT,
    MET,
    SUMMARY,
    ClusterRound,
    as_fates,
    as_members,
    compared,
    gone_written,
    leaders_merged,
    leaders_sent,
    left_written,
    met,
    roots,
    round_written,
    settled,
    sized,
    with_rows,
)
from corpusforge.parts.compared import DEDUP
from corpusforge_pipelines.edges import only
from corpusforge_pipelines.spread import Numbers, Streamed
from corpusforge_pipelines.work import Work


def add_clusters(pipeline: beam.Pipeline, one: ClusterRound) -> beam.PCollection[int]:
    """Return how many documents a round leaves for the next, once its files are written."""
    members = (
        pipeline
        | "Edge files" >> Numbers(one.files, are_pairs=False)  # partition: int
        | "Roots" >> beam.ParDo(Work(roots, one))  # (partition: int, [root u64, ref u64] packed)
        | "By root" >> beam.GroupByKey()  # (partition: int, [packed])
        | "Sizes" >> beam.ParDo(Streamed(sized, one))  # (span: int, packed members)
        | "By span" >> beam.GroupByKey()  # (span: int, [packed members])
        | "Rows" >> beam.ParDo(Work(with_rows, one))  # (task: bytes, packet)
    )
    # One empty packet a task, so that every task of the first round has its files.
    none = (
        pipeline
        | "Every task" >> Numbers(0 if one.number else one.tasks)  # (task: int, b"")
        | "Keys" >> beam.Map(_as_task)  # (task: bytes, b"")
    )
    whole = (
        (members | "Whole" >> beam.FlatMap(_whole), none)
        | "All tasks" >> beam.Flatten()  # (task: bytes, packet)
        | "By task" >> beam.GroupByKey()  # (task: bytes, [packet])
        | "Compare" >> beam.ParDo(Work(compared, one))  # Sent
    )
    found = [whole, *(_add_giants(pipeline, members, one) if one.has_giants else [])]
    if one.kind == DEDUP:
        _add_gone(pipeline, found, one)
    return (
        found
        | "All results" >> beam.Flatten()  # Sent
        | "Summaries" >> beam.FlatMap(only(SUMMARY))  # (0, JSON)
        | "To one" >> beam.GroupByKey()  # (0, [JSON])
        | "Write result" >> beam.ParDo(Work(round_written, one))  # documents left: int
    )


def _add_giants(pipeline: beam.Pipeline, members: beam.PCollection, one: ClusterRound) -> list:
    """Return what comes of clusters too large for one task; what they leave is written."""
    cut = members | "Pieces" >> beam.FlatMap(_cut)  # (piece: bytes, packet)
    fates = (
        cut
        | "By piece" >> beam.GroupByKey()  # (piece: bytes, [packet])
        | "Lead" >> beam.ParDo(Work(leaders_sent, one))  # (cluster: bytes, packet)
        | "By cluster" >> beam.GroupByKey()  # (cluster: bytes, [packet])
        | "Merge" >> beam.ParDo(Work(leaders_merged, one))  # (piece: bytes, packet)
    )
    found = (
        (cut | "Members" >> beam.Map(as_members), fates | "Fates" >> beam.Map(as_fates))
        | "Members and fates" >> beam.Flatten()  # (piece: bytes, (which: int, packet))
        | "By piece again" >> beam.GroupByKey()  # (piece: bytes, [(which: int, packet)])
        | "Settle" >> beam.ParDo(Work(settled, one))  # Sent
    )
    none = pipeline | "Every partition" >> Numbers(one.run.sizes.edge_partitions)  # (partition: int, b"")
    _ = (
        (found | "Left" >> beam.FlatMap(only(LEFT)), none)
        | "All left" >> beam.Flatten()  # (partition: int, packed)
        | "Left by partition" >> beam.GroupByKey()  # (partition: int, [packed])
        | "Write left" >> beam.ParDo(Work(left_written, one))  # documents: int
    )
    meetings = (
        found
        | "Meetings" >> beam.FlatMap(only(MET))  # (number: int, packed meetings)
        | "By survivor" >> beam.GroupByKey()  # (number: int, [packed meetings])
        | "Count meetings" >> beam.ParDo(Work(met))  # Sent
    )
    return [found, meetings]


def _add_gone(pipeline: beam.Pipeline, found: list, one: ClusterRound) -> None:
    """Write the refs that go, a file for each range of parts that join."""
    none = (
        pipeline
        | "Every range" >> Numbers(0 if one.number else one.ranges)  # (range: int, b"")
        | "Ranges that join" >> beam.Filter(_is_from, one.first_range)  # (range: int, b"")
    )
    _ = (
        (*(some | f"Gone {n}" >> beam.FlatMap(only(GONE)) for n, some in enumerate(found)), none)
        | "All gone" >> beam.Flatten()  # (range: int, packed refs)
        | "By range" >> beam.GroupByKey()  # (range: int, [packed refs])
        | "Write gone" >> beam.ParDo(Work(gone_written, one))  # documents that go: int
    )


def _as_task(element: tuple[int, bytes]) -> tuple[bytes, bytes]:
    return task_key(element[0], 0, 1), element[1]


def _whole(element: tuple[bytes, bytes]) -> Iterator[tuple[bytes, bytes]]:
    if task_of(element[0])[2] == 1:
        yield element


def _cut(element: tuple[bytes, bytes]) -> Iterator[tuple[bytes, bytes]]:
    if task_of(element[0])[2] > 1:
        yield element


def _is_from(element: tuple[int, bytes], first: int) -> bool:
    return element[0] >= first
