"""dedup: signatures -> edges -> clusters -> which documents go. Only packed keys and refs travel."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import apache_beam as beam
import numpy as np
import xxhash

from corpusforge.config import BuildConfig
from corpusforge.dedup.bands import EDGE_DTYPE, PAIR_DTYPE, band_pairs, by_number, partition_of, ref_part
from corpusforge.dedup.buckets import bucket_edges
from corpusforge.dedup.clusters import BYTES_PER_EDGE, connected
from corpusforge.dedup.policy import policy_of
from corpusforge.dedup.result import (
    merged,
    n_ranges,
    range_folder,
    range_of,
    read_summary,
    write_clusters,
    write_gone,
    write_summary,
)
from corpusforge.dedup.stars import roots_of_stars
from corpusforge.dedup.survivors import clusters
from corpusforge.files import is_remote, join, list_files, read_bytes, remove, size_bytes, write_bytes
from corpusforge.parts.reader import read_signatures
from corpusforge.parts.spec import PartSpec
from pipelines.lookup import SignatureLookup, shingle_lookup
from pipelines.stars import edges_path, joined, run_stars
from pipelines.waves import Wave, standing_gone, waves

Run = Callable[[Callable[[beam.Pipeline], object]], bool]
"""Runs one pipeline to its end; False on a dry run."""
_WORK = "work"


class BandPairs(beam.DoFn):
    """(part number, part id) -> (partition of keys, packed PAIR_DTYPE records)."""

    def __init__(self, config: BuildConfig, wave: Wave) -> None:
        self._config = config
        self._wave = wave

    def process(self, element: tuple[int, str]) -> Iterator[tuple[int, bytes]]:
        part, part_id = element
        dedup = self._config.dedup
        rows = read_signatures(self._config.output, part_id, dedup.signature)
        source_key = xxhash.xxh3_64_intdigest(self._wave.sources[part].encode())
        pairs = band_pairs(rows, part, policy_of(dedup), source_key)
        if part < self._wave.first_new:
            gone = standing_gone(self._wave, part) | np.uint64(part << 32)
            pairs = pairs[~np.isin(pairs["ref"], gone)]
        for number, mine in by_number(partition_of(pairs, dedup.partitions)):
            yield number, pairs[mine].tobytes()


class BucketEdges(beam.DoFn):
    """(partition, [packed pairs]) -> how many edges the signatures bear out, written."""

    def __init__(self, config: BuildConfig, wave: Wave) -> None:
        self._config = config
        self._wave = wave

    def setup(self) -> None:
        self._lookup = SignatureLookup(self._config.output, self._wave.part_ids, self._config.dedup.signature)
        self._sets = shingle_lookup(self._config, self._wave.part_ids)

    def process(self, element: tuple[int, Iterable[bytes]]) -> Iterator[int]:
        edges = bucket_edges(
            np.frombuffer(b"".join(element[1]), dtype=PAIR_DTYPE),
            self._lookup,
            policy_of(self._config.dedup),
            first_new=self._wave.first_new_ref,
            sets=self._sets,
        )
        if len(edges):
            write_bytes(edges_path(join(self._wave.folder, _WORK), 0, element[0]), edges.tobytes())
        yield len(edges)


class Roots(beam.DoFn):
    """[path of packed edges] -> (range of parts, packed (root, member)) of whole clusters."""

    def __init__(self, wave: Wave, ranges: int, *, are_stars: bool) -> None:
        self._n_parts = len(wave.part_ids)
        self._ranges = ranges
        self._are_stars = are_stars

    def process(self, element: Sequence[str]) -> Iterator[tuple[int, bytes]]:
        edges = joined(map(read_bytes, element))
        refs, roots = (roots_of_stars if self._are_stars else connected)(edges)
        ranges = range_of(ref_part(roots), self._n_parts, self._ranges)
        for number in np.unique(ranges).tolist():
            mine = ranges == number
            pairs = np.empty(int(mine.sum()), dtype=EDGE_DTYPE)
            pairs["low"], pairs["high"] = roots[mine], refs[mine]
            yield number, pairs.tobytes()


class WriteClusters(beam.DoFn):
    """(range, [packed (root, member)]) -> (range, packed refs that go); its clusters are written."""

    def __init__(self, config: BuildConfig, wave: Wave, ranges: int) -> None:
        self._config = config
        self._wave = wave
        self._ranges = ranges

    def process(self, element: tuple[int, Iterable[bytes]]) -> Iterator[tuple[int, bytes]]:
        number, pieces = element
        wave, config = self._wave, self._config
        pairs = joined(pieces)
        found = clusters(
            pairs["high"],
            pairs["low"],
            SignatureLookup(config.output, wave.part_ids, config.dedup.signature),
            config.dedup,
            first_new=wave.first_new_ref,
            sets=shingle_lookup(config, wave.part_ids),
        )
        summary, gone = write_clusters(range_folder(wave.folder, number), found, wave.sources)
        write_bytes(_range_summary(wave, number), json.dumps(summary, sort_keys=True).encode())
        ranges = range_of(ref_part(gone), len(wave.part_ids), self._ranges)
        for place in np.unique(ranges).tolist():
            yield place, gone[ranges == place].tobytes()


class WriteGone(beam.DoFn):
    """(range, [packed refs that go]) -> how many they are, written."""

    def __init__(self, wave: Wave) -> None:
        self._folder = wave.folder

    def process(self, element: tuple[int, Iterable[bytes]]) -> Iterator[int]:
        refs = np.frombuffer(b"".join(element[1]), dtype="<u8")
        write_gone(range_folder(self._folder, element[0]), refs)
        yield len(refs)


def _range_summary(wave: Wave, number: int) -> str:
    return join(wave.folder, _WORK, f"summary-{number:05d}.json")


def add_edges(pipeline: beam.Pipeline, wave: Wave, config: BuildConfig) -> beam.PCollection[int]:
    """Return how many edges each partition of keys has, once they are written."""
    return (
        pipeline
        | "Part ids" >> beam.Create(list(enumerate(wave.part_ids)), reshuffle=False)  # (part: int, id: str)
        | "Spread" >> beam.Reshuffle()  # (part: int, id: str)
        | "Band pairs" >> beam.ParDo(BandPairs(config, wave))  # (partition: int, [key u64, ref u64] packed)
        | "By partition" >> beam.GroupByKey()  # (partition: int, [packed pairs])
        | "Bucket edges" >> beam.ParDo(BucketEdges(config, wave))  # edges: int
    )


def add_clusters(
    pipeline: beam.Pipeline,
    wave: Wave,
    config: BuildConfig,
    groups: Sequence[Sequence[str]],
    *,
    are_stars: bool,
) -> beam.PCollection[int]:
    """Return how many documents go, by range, once the run's files are written.

    `groups` are paths of edges; each group holds whole clusters.
    """
    ranges = n_ranges(len(wave.part_ids), config.dedup.partitions)
    # One empty group a range, so that every range has its files.
    empty = [(number, b"") for number in range(ranges)]
    none = pipeline | "No edges" >> beam.Create(empty, reshuffle=False)  # (range: int, b"")
    roots = (
        pipeline
        | "Edge files" >> beam.Create(list(groups), reshuffle=False)  # [path: str]
        | "Spread" >> beam.Reshuffle()  # [path: str]
        | "Roots"
        >> beam.ParDo(Roots(wave, ranges, are_stars=are_stars))  # (range, [root u64, ref u64] packed)
    )
    gone = (
        (roots, none)
        | "All roots" >> beam.Flatten()  # (range: int, packed)
        | "By range" >> beam.GroupByKey()  # (range: int, [packed])
        | "Clusters" >> beam.ParDo(WriteClusters(config, wave, ranges))  # (range: int, packed refs)
    )
    return (
        (gone, none)
        | "All gone" >> beam.Flatten()  # (range: int, packed refs)
        | "By range of parts" >> beam.GroupByKey()  # (range: int, [packed refs])
        | "Gone" >> beam.ParDo(WriteGone(wave))  # documents that go: int
    )


def run_dedup(run: Run, specs: Sequence[PartSpec], config: BuildConfig) -> dict[str, Any]:
    """Return the summary of a build's dedup, having run the waves that have none yet."""
    summaries: list[dict[str, Any]] = []
    for wave in waves(specs, config):
        if read_summary(wave.folder) is None:
            _run_wave(run, wave, config)
        summary = read_summary(wave.folder)
        assert summary is not None
        summaries.append(summary)
    return merged(summaries)


def is_deduped(specs: Sequence[PartSpec], config: BuildConfig) -> bool:
    """Return whether the result of a build's dedup is there."""
    return read_summary(waves(specs, config)[-1].folder) is not None


def _run_wave(run: Run, wave: Wave, config: BuildConfig) -> None:
    groups, are_stars = edge_groups(run, wave, config)
    run(lambda pipeline: add_clusters(pipeline, wave, config, groups, are_stars=are_stars))
    ranges = n_ranges(len(wave.part_ids), config.dedup.partitions)
    summary = merged(json.loads(read_bytes(_range_summary(wave, number))) for number in range(ranges))
    write_summary(wave.folder, summary, len(wave.part_ids), ranges)
    clear_work(wave)


def edge_groups(run: Run, wave: Wave, config: BuildConfig) -> tuple[list[list[str]], bool]:
    """Return (paths of edges, by groups that hold whole clusters; whether they are stars), once written."""
    clear_work(wave)  # what a killed run left may be of other partitions
    work = join(wave.folder, _WORK)
    run(lambda pipeline: add_edges(pipeline, wave, config))
    paths = list_files(join(work, "edges-000"))
    n_bytes = sum(map(size_bytes, paths))
    if _fits(n_bytes // EDGE_DTYPE.itemsize, config):
        return [paths] if paths else [], False
    step = run_stars(run, work, config)
    return [[path] for path in list_files(join(work, f"edges-{step:03d}"))], True


def _fits(n_edges: int, config: BuildConfig) -> bool:
    """Return whether the edges are joined by one task."""
    if config.dedup.clustering == "auto":
        return n_edges * BYTES_PER_EDGE <= config.dedup.union_find_bytes
    return config.dedup.clustering == "union_find"


def clear_work(wave: Wave) -> None:
    """Remove the working files of a run."""
    folder = join(wave.folder, _WORK)
    if is_remote(folder):
        for path in list_files(folder):
            remove(path)
    else:
        remove(folder)
