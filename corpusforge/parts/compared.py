"""The parts of a build -> edges between like documents: what each task of dedup's first pipeline does.

A part's sidecar is read twice, each time whole: for its keys, and for the rows of its candidates.

    work/rows/<span>.bin                      rows of candidates of a run of parts, for the clusters to come
    work/<dedup|leakage>/edges-000/<n>.u64    edges, by partition
    work/edges.json                           how many there are; the last file of the pipeline
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpusforge.config import BuildConfig
from corpusforge.dedup import canary
from corpusforge.dedup.bands import EDGE_DTYPE, PAIR_DTYPE, Rows, by_number, make_refs, partition_of, ref_part
from corpusforge.dedup.canary import Planted, plant
from corpusforge.dedup.candidates import find_candidates
from corpusforge.dedup.comparison import IN_DEDUP, IN_LEAKAGE, Comparison
from corpusforge.dedup.delivery import Reader, deliver, parent_task, task_of
from corpusforge.dedup.hot import compare, compare_piece
from corpusforge.dedup.leakage import leakage_config
from corpusforge.dedup.packets import gathered
from corpusforge.dedup.result import range_of, range_parts
from corpusforge.dedup.signature import shingle_sets, signature_dtype
from corpusforge.dedup.sizes import Sizes
from corpusforge.dedup.star_tasks import edges_path
from corpusforge.dedup.stars import edge_partition
from corpusforge.domains import Domain
from corpusforge.files import join, publishing
from corpusforge.parquet import open_sealed_parquet
from corpusforge.parts.format import COMMIT, part_path
from corpusforge.parts.plan import Plan
from corpusforge.parts.reader import read_signatures
from corpusforge.parts.waves import Wave, standing_gone
from corpusforge.sealed import SealedWriter, write_json, write_sealed

DEDUP, LEAKAGE = "dedup", "leakage"
EDGES, REQUESTS, LEADERS = "edges", "requests", "leaders"
Sent = tuple[str, Any, bytes]
"""(what it is, key, packed): what a task sends on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DedupRun:
    """One comparison of parts: what a task needs to know. Small, may be pickled."""

    config: BuildConfig
    plan: Plan
    wave: Wave
    sizes: Sizes
    kinds: tuple[str, ...]
    """`DEDUP`, `LEAKAGE`, or both in one pass."""

    @property
    def work(self) -> str:
        """The folder of the run's working files."""
        return join(self.wave.folder, f"work-{'-'.join(self.kinds)}")

    def comparison(self) -> Comparison:
        """Return what is compared."""
        dedup = self.config.dedup
        return Comparison(
            dedup=dedup if DEDUP in self.kinds else None,
            leakage=leakage_config(dedup) if LEAKAGE in self.kinds else None,
            sources=self.wave.sources,
            first_new=self.wave.first_new_ref if DEDUP in self.kinds else 0,
        )

    def dtype(self) -> np.dtype[Any]:
        """Return the row of a signature sidecar."""
        return signature_dtype(self.config.dedup.signature.permutations)

    def span_of(self, refs: NDArray[np.uint64]) -> NDArray[np.int64]:
        """Return the run of parts that each ref belongs to."""
        spans = range_of(ref_part(refs), self.sizes.n_parts, self.sizes.spans)
        is_planted = canary.is_planted(refs)
        if is_planted.any():
            spans[is_planted] = canary.span_of_planted(refs[is_planted], self.sizes.spans)
        return spans.astype(np.int64)

    def planted(self) -> Planted:
        """Return the known duplicates among this run's documents; none where leakage alone is counted."""
        domains = Domain if DEDUP in self.kinds and self.wave.sources else ()
        return plant(self.config.dedup, f"{self.config.seed}\0{self.wave.folder.rpartition('/')[2]}", domains)

    def rows_path(self, span: int) -> str:
        """Return where the rows of a span's candidates are laid down."""
        return join(self.work, "rows", f"{span:06d}.bin")

    def edges_folder(self, kind: str) -> str:
        """Return the folder of the edges of one kind, and of what is made of them."""
        return join(self.work, kind)

    def part_id(self, part: int) -> str:
        """Return the id of a part."""
        return self.plan.part(part).part_id


def flagged_keys(run: DedupRun, span: int) -> Iterator[tuple[int, bytes]]:
    """Yield (partition of keys, packed `PAIR_DTYPE`) for the documents of a span: the first reading."""
    comparison, wave = run.comparison(), run.wave
    parts = range_parts(span, run.sizes.n_parts, run.sizes.spans)
    found = [np.empty(0, dtype=PAIR_DTYPE)]
    for part in parts:
        rows = read_signatures(run.config.output, run.part_id(part), run.config.dedup.signature)
        stands = DEDUP in run.kinds and part < wave.first_new
        found.append(comparison.pairs(rows, part, standing_gone(wave, part) if stands else None))
    found += _planted_keys(run, span)
    pairs = np.concatenate(found)
    for number, mine in by_number(partition_of(pairs, run.sizes.partitions)):
        yield number, pairs[mine].tobytes()


def _planted_keys(run: DedupRun, span: int) -> Iterator[Rows]:
    """Yield the records of planted rows that this span reads: for dedup, never for leakage."""
    planted = run.planted()
    for part in range(canary.PARTS):
        rows, _ = planted.of(part)
        number = canary.PART + part
        if len(rows) and run.span_of(make_refs(number, np.zeros(1, np.uint64)))[0] == span:
            pairs = run.comparison().pairs(rows, number)
            pairs["key"] &= ~IN_LEAKAGE
            yield pairs[(pairs["key"] & IN_DEDUP) != 0]


def candidates(run: DedupRun, element: tuple[int, Iterable[bytes]]) -> Iterator[Sent]:
    """Yield (`EDGES`, partition, packed) and (`REQUESTS`, span, packed) of one partition of keys."""
    first_new = run.wave.first_new_ref if DEDUP in run.kinds else 0
    for found in find_candidates(element[1], element[0], run.sizes, first_new):
        yield from _edges(run, found.dedup, found.leakage)
        for span, mine in by_number(run.span_of(found.requests["ref"])):
            yield REQUESTS, span, found.requests[mine].tobytes()


def delivered(run: DedupRun, element: tuple[int, Iterable[bytes]]) -> Iterator[tuple[bytes, bytes]]:
    """Yield (task, packet) for the requests to a span: the second reading. Rows are laid down as well."""
    span, requests = element
    with publishing(run.rows_path(span)) as path, open(path, "wb") as stream:
        home = SealedWriter(stream)
        yield from deliver(requests, _reader(run), home)
        home.finish()


def compared(run: DedupRun, element: tuple[bytes, Iterable[bytes]]) -> Iterator[Sent]:
    """Yield (`EDGES`, partition, packed) of one task's buckets, and (`LEADERS`, task, packet) of a piece."""
    key, packets = element
    held, comparison = gathered(packets, run.dtype()), run.comparison()
    found = compare(held, comparison) if task_of(key)[2] == 1 else compare_piece(held, comparison)
    yield from _edges(run, found.dedup, found.leakage)
    if found.leaders is not None:
        yield LEADERS, parent_task(key, run.sizes.fan_in()), found.leaders.packed()


def edges_written(run: DedupRun, element: tuple[int, Iterable[bytes]]) -> Iterator[tuple[int, bytes]]:
    """Yield (0, packed counts by kind) of one partition's edges, once they are written."""
    number, pieces = element
    place, partition = divmod(number, run.sizes.edge_partitions)
    edges = np.unique(np.frombuffer(b"".join(pieces), dtype=EDGE_DTYPE))
    write_sealed(edges_path(run.edges_folder(run.kinds[place]), 0, partition), edges)
    counts = np.zeros(len(run.kinds), dtype=np.int64)
    counts[place] = (~canary.is_planted(edges["low"])).sum()  # sizes follow from documents alone
    yield 0, counts.tobytes()


def counts_written(run: DedupRun, element: tuple[int, Iterable[bytes]]) -> Iterator[int]:
    """Yield the number of all edges, once it is written: the last file of the pipeline."""
    total = sum(np.frombuffer(counts, dtype=np.int64) for counts in element[1])
    of_kind = dict(zip(run.kinds, np.asarray(total).tolist(), strict=True))
    write_json(counts_path(run), of_kind)
    yield sum(of_kind.values())


def counts_path(run: DedupRun) -> str:
    """Return where the number of edges of each kind lies."""
    return join(run.work, "edges.json")


def _edges(run: DedupRun, dedup: Rows, leakage: Rows) -> Iterator[Sent]:
    for place, kind in enumerate(run.kinds):
        edges = dedup if kind == DEDUP else leakage
        for number, mine in by_number(edge_partition(edges, run.sizes.edge_partitions)):
            yield EDGES, place * run.sizes.edge_partitions + number, edges[mine].tobytes()


def _reader(run: DedupRun) -> Reader:
    signature = run.config.dedup.signature
    by_shingles = run.config.dedup.check == "jaccard" and DEDUP in run.kinds

    def read(part: int, rows: NDArray[np.int64]) -> tuple[Rows, list[NDArray[np.uint32]] | None]:
        if part >= canary.PART:
            planted, sets = run.planted().of(part - canary.PART)
            return planted[rows], [sets[row] for row in rows.tolist()] if by_shingles else None
        part_id = run.part_id(part)
        signed = read_signatures(run.config.output, part_id, signature)[rows]
        return np.asarray(signed), _shingles(run, part_id, rows) if by_shingles else None

    return read


def _shingles(run: DedupRun, part_id: str, rows: NDArray[np.int64]) -> list[NDArray[np.uint32]]:
    """Return the shingles of a part's documents at rows: of its texts, only their row groups are read."""
    sets: list[NDArray[np.uint32]] = []
    with open_sealed_parquet(part_path(run.config.output, part_id, COMMIT)) as file:
        first = 0
        for group in range(file.num_row_groups):
            stop = first + file.metadata.row_group(group).num_rows
            mine = rows[(rows >= first) & (rows < stop)] - first
            if len(mine):
                held = file.read_row_group(group, columns=["text", "domain"]).take(mine)
                texts, domains = held["text"].to_pylist(), held["domain"].to_pylist()
                sets += shingle_sets(texts, run.config.dedup.signature, domains)
            first = stop
    return sets
