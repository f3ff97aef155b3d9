"""dedup: signatures -> clusters -> which documents go. Only packed keys and refs travel."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any

import apache_beam as beam
import numpy as np
from numpy.typing import NDArray

from corpusforge.config import BuildConfig
from corpusforge.dedup.bands import (
    EDGE_DTYPE,
    PAIR_DTYPE,
    band_pairs,
    bucket_edges,
    checked_edges,
    partition_of,
    ref_part,
    ref_row,
    unique_edges,
)
from corpusforge.dedup.clusters import connected
from corpusforge.dedup.config import SignatureConfig
from corpusforge.dedup.result import write_clusters
from corpusforge.dedup.signature import signature_dtype
from corpusforge.dedup.survivors import clusters
from corpusforge.files import join
from corpusforge.frozen import canonical_sha256
from pipelines.parts import DOMAIN_PLACE, read_signatures
from pipelines.plan import PartSpec

_OPEN_PARTS = 256


def dedup_id(specs: Sequence[PartSpec], config: BuildConfig) -> str:
    """Return the name of a dedup run: its parts, in order, and its configuration."""
    identity = [[spec.part_id for spec in specs], config.dedup.model_dump(mode="json")]
    return canonical_sha256(identity)[:24]


def dedup_folder(specs: Sequence[PartSpec], config: BuildConfig) -> str:
    """Return the folder of a dedup run."""
    return join(config.output, "clusters", dedup_id(specs, config))


class SignatureLookup:
    """Signature rows by ref, read from the parts' sidecars where they lie."""

    def __init__(self, output: str, part_ids: Sequence[str], config: SignatureConfig) -> None:
        self._dtype = signature_dtype(config.permutations)

        @lru_cache(_OPEN_PARTS)
        def read(part: int) -> NDArray[Any]:
            return read_signatures(output, part_ids[part], config)

        self._read = read

    def __call__(self, refs: NDArray[np.uint64]) -> NDArray[Any]:
        """Return one row a ref, in the order of the refs."""
        out = np.empty(len(refs), dtype=self._dtype)
        parts = ref_part(refs)
        for part in np.unique(parts):
            mine = parts == part
            out[mine] = self._read(int(part))[ref_row(refs[mine]).astype(np.int64)]
        return out


class BandPairs(beam.DoFn):
    """(part number, part id) -> (partition of keys, packed PAIR_DTYPE records)."""

    def __init__(self, config: BuildConfig) -> None:
        self._config = config

    def process(self, element: tuple[int, str]) -> Iterator[tuple[int, bytes]]:
        part, part_id = element
        dedup = self._config.dedup
        rows = read_signatures(self._config.output, part_id, dedup.signature)
        off = np.array([DOMAIN_PLACE[name] for name in dedup.off_domains], dtype=np.uint8)
        pairs = band_pairs(rows, part, dedup, off)
        partition = partition_of(pairs, dedup.partitions)
        for number in np.unique(partition):
            yield int(number), pairs[partition == number].tobytes()


class BucketEdges(beam.DoFn):
    """(partition, [packed pairs]) -> packed EDGE_DTYPE edges that the signatures bear out."""

    def __init__(self, config: BuildConfig, part_ids: Sequence[str]) -> None:
        self._config = config
        self._part_ids = list(part_ids)

    def setup(self) -> None:
        self._lookup = SignatureLookup(self._config.output, self._part_ids, self._config.dedup.signature)

    def process(self, element: tuple[int, Iterable[bytes]]) -> Iterator[tuple[int, bytes]]:
        pairs = np.frombuffer(b"".join(element[1]), dtype=PAIR_DTYPE)
        edges = checked_edges(bucket_edges(pairs), self._lookup, self._config.dedup)
        if len(edges):
            yield 0, edges.tobytes()


class WriteClusters(beam.DoFn):
    """(0, [packed edges]) -> the run's files, written; yields how many documents go."""

    def __init__(self, config: BuildConfig, specs: Sequence[PartSpec]) -> None:
        self._config = config
        self._part_ids = [spec.part_id for spec in specs]
        self._sources = [spec.source for spec in specs]
        self._folder = dedup_folder(specs, config)

    def process(self, element: tuple[int, Iterable[bytes]]) -> Iterator[int]:
        edges = np.frombuffer(b"".join(element[1]), dtype=EDGE_DTYPE)
        edges = unique_edges(edges["low"], edges["high"])
        lookup = SignatureLookup(self._config.output, self._part_ids, self._config.dedup.signature)
        found = clusters(*connected(edges), lookup, self._config.dedup)
        yield write_clusters(self._folder, found, self._sources, lookup)["removed"]


def add_dedup(
    pipeline: beam.Pipeline, specs: Sequence[PartSpec], config: BuildConfig
) -> beam.PCollection[int]:
    """Return the number of documents that go, once the run's files are written."""
    part_ids = [spec.part_id for spec in specs]
    edges = (
        pipeline
        | "Part ids" >> beam.Create(list(enumerate(part_ids)), reshuffle=False)  # (part: int, id: str)
        | "Spread" >> beam.Reshuffle()  # (part: int, id: str)
        | "Band pairs" >> beam.ParDo(BandPairs(config))  # (partition: int, [key u64, ref u64] packed)
        | "By partition" >> beam.GroupByKey()  # (partition: int, [packed pairs])
        | "Bucket edges" >> beam.ParDo(BucketEdges(config, part_ids))  # (0, [low u64, high u64] packed)
    )
    # One empty group, so that a corpus without duplicates has a result too.
    none = pipeline | "No edges" >> beam.Create([(0, b"")], reshuffle=False)  # (0, b"")
    return (
        (edges, none)
        | "All edges" >> beam.Flatten()  # (0, packed edges)
        | "To one" >> beam.GroupByKey()  # (0, [packed edges])
        | "Clusters" >> beam.ParDo(WriteClusters(config, specs))  # documents that go: int
    )
