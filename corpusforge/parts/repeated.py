"""Survivors' paragraphs and lines -> what is cut of each part. Hashes and refs travel, no text.

repeats/spans-<settings>/<part id>.bin       every span of a part's documents (`SPAN_DTYPE`)
repeats/<id>/<part id>.cuts.bin              what is cut of it (`RANGE_DTYPE`), in order, and what goes whole
repeats/<id>/<part id>.rejects.parquet       documents of which too little is left, where there are any
repeats/<id>/summary.json                    counts by source and domain; last: its presence is the commit
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow

from corpusforge.config import BuildConfig
from corpusforge.dedup.bands import Rows, by_number
from corpusforge.dedup.comparison import source_key
from corpusforge.dedup.config import DedupConfig
from corpusforge.dedup.policy import policy_of
from corpusforge.dedup.repeats import (
    DOOMED_DTYPE,
    RANGE_DTYPE,
    SPAN_DTYPE,
    WHOLE,
    cut_ranges,
    doomed_of,
    find_spans,
    holders,
    keep_order,
)
from corpusforge.dedup.result import range_of, range_parts
from corpusforge.dedup.sizes import Sizes
from corpusforge.document import Drop, DropReason, drops_to_batch
from corpusforge.domains import Domain
from corpusforge.files import exists, join, publishing
from corpusforge.frozen import canonical_sha256
from corpusforge.parquet import open_sealed_parquet
from corpusforge.parquet_seal import write_sealed_table
from corpusforge.parts.format import COMMIT, part_path
from corpusforge.parts.plan import Plan
from corpusforge.parts.reader import read_documents, read_signatures
from corpusforge.parts.spec import PartSpec
from corpusforge.parts.waves import GoneRows, dedup_id, dedup_of, snapshot_folders
from corpusforge.sealed import SealedWriter, read_sealed, write_json, write_sealed

pa: Any = pyarrow  # ships no types for what is used here
_DOMAINS = tuple(Domain)
Counts = dict[str, Counter[str]]
"""What is cut, by source and domain."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RepeatsRun:
    """The cut of a build: what a task needs to know. Small, may be pickled."""

    config: BuildConfig
    plan: Plan
    sizes: Sizes
    folder: str

    def gone(self) -> GoneRows:
        """Return which documents dedup takes."""
        return GoneRows(self.plan, self.config)

    def parts(self, span: int) -> range:
        """Return the parts of a span."""
        return range_parts(span, self.sizes.n_parts, self.sizes.spans)


def repeats_folder(plan: Plan, config: BuildConfig) -> str:
    """Return where the result of a build's repeats lies."""
    return _folder(config.output, dedup_id(plan, config), config.dedup)


def snapshot_repeats(corpus: str, header: Mapping[str, Any]) -> str | None:
    """Return where the result of a snapshot's repeats lies, as its header tells; None where it has none."""
    dedup, runs = dedup_of(header), snapshot_folders(corpus, header)
    if dedup is None or not runs or not dedup.repeats.is_on():
        return None
    return _folder(corpus, runs[-1].rpartition("/")[2], dedup)


def _folder(corpus: str, dedup_name: str, dedup: DedupConfig) -> str:
    settings = dedup.repeats.model_dump(mode="json")
    return join(corpus, "repeats", canonical_sha256([dedup_name, settings])[:24])


def repeats_rejects(folder: str, part_id: str) -> str:
    """Return where the documents of a part lie of which too little is left; there may be none."""
    return join(folder, f"{part_id}.rejects.parquet")


def held_spans(run: RepeatsRun, span: int) -> Iterator[tuple[int, bytes]]:
    """Yield (partition of hashes, packed `HOLDER_DTYPE`) for the survivors of a span of parts."""
    gone = run.gone()
    for part in run.parts(span):
        spec = run.plan.part(part)
        rows = read_signatures(run.config.output, spec.part_id, run.config.dedup.signature)
        order = keep_order(rows, gone.wave(part), run.config.dedup)
        held = holders(_survivors_spans(run, part, spec, gone), rows, order, part << 32)
        partitions = np.uint64(run.sizes.partitions)
        for number, mine in by_number(((held["hash"] >> np.uint64(40)) % partitions).astype(np.int64)):
            yield number, held[mine].tobytes()


def doomed_spans(run: RepeatsRun, element: tuple[int, Iterable[bytes]]) -> Iterator[tuple[int, bytes]]:
    """Yield (span of parts, packed `DOOMED_DTYPE`) of what is cut of one partition of hashes."""
    for cut in doomed_of(element[1], run.config.dedup.repeats):
        spans = range_of(cut["ref"] >> np.uint64(32), run.sizes.n_parts, run.sizes.spans).astype(np.int64)
        for number, mine in by_number(spans):
            yield number, cut[mine].tobytes()


def cut_parts(run: RepeatsRun, element: tuple[int, Iterable[bytes]]) -> Iterator[tuple[int, Counts]]:
    """Yield (0, counts) of what is cut of a span of parts, once it is written."""
    span, pieces = element
    cut = np.frombuffer(b"".join(pieces), dtype=DOOMED_DTYPE)
    cut = cut[np.argsort(cut["ref"], kind="stable")]
    gone, total = run.gone(), Counts()
    for part in run.parts(span):
        first, stop = np.searchsorted(cut["ref"], np.array([part << 32, (part + 1) << 32], dtype=np.uint64))
        _cut_part(run, part, cut[first:stop], gone, total)
    yield 0, total


def summary_written(run: RepeatsRun, element: tuple[int, Iterable[Counts]]) -> Iterator[int]:
    """Yield the number of spans that are cut, their counts written: the commit."""
    total = Counts()
    for counts in element[1]:
        for name, one in counts.items():
            total.setdefault(name, Counter()).update(one)
    write_json(summary_path(run.folder), total)
    yield sum(one["spans"] for one in total.values())


def summary_path(folder: str) -> str:
    """Return where the counts of a cut lie."""
    return join(folder, "summary.json")


def _spans_path(config: BuildConfig, part_id: str) -> str:
    repeats, policy = config.dedup.repeats, policy_of(config.dedup)
    levels = [repeats.level(domain) for domain in _DOMAINS]
    bears = [levels, repeats.min_words, policy.group.tolist(), policy.by_source.tolist()]
    return join(config.output, "repeats", f"spans-{canonical_sha256(bears)[:16]}", f"{part_id}.bin")


def make_spans(config: BuildConfig, part_id: str, source: str) -> Rows:
    """Return the spans of a part's documents, read where they were found before, else found and written."""
    path = _spans_path(config, part_id)
    if not exists(path):
        first = 0
        with publishing(path) as temporary, open(temporary, "wb") as stream:
            out = SealedWriter(stream)
            for batch in read_documents(config.output, part_id):
                out.write(_spans_of(config, batch, first, source_key(source)).tobytes())
                first += batch.num_rows
            out.finish()
    return np.frombuffer(read_sealed(path), dtype=SPAN_DTYPE)


def _spans_of(config: BuildConfig, batch: Any, first: int, own: int) -> Rows:
    """Return the spans of a batch of documents, the first of them in row `first`."""
    repeats, policy = config.dedup.repeats, policy_of(config.dedup)
    domains, texts = batch.column("domain").to_pylist(), batch.column("text")
    found = [np.empty(0, dtype=SPAN_DTYPE)]
    for place, domain in enumerate(_DOMAINS):
        level = repeats.level(domain)
        mine = [row for row, name in enumerate(domains) if name == domain and level != "off"]
        salt = int(policy.group[place]) + (own if policy.by_source[place] else 0)
        found.append(
            find_spans(
                texts.take(mine).to_pylist() if mine else [],
                [first + row for row in mine],
                by_paragraph=level == "paragraphs",
                min_words=repeats.min_words,
                salt=salt % 2**64,
            )
        )
    spans = np.concatenate(found)
    return spans[np.argsort(spans["row"], kind="stable")]


def _survivors_spans(run: RepeatsRun, part: int, spec: PartSpec, gone: GoneRows) -> Rows:
    spans = make_spans(run.config, spec.part_id, spec.source)
    rows = gone(part)
    return spans if rows is None else spans[~np.isin(spans["row"], rows)]


def _cut_part(run: RepeatsRun, part: int, cut: Rows, gone: GoneRows, total: Counts) -> None:
    """Write what is cut of a part; add it to the counts."""
    spec, config = run.plan.part(part), run.config
    spans = _survivors_spans(run, part, spec, gone)
    ranges = cut_ranges(spans, spans["row"].astype(np.uint64) + np.uint64(part << 32), cut)
    signed = read_signatures(config.output, spec.part_id, config.dedup.signature)
    rows, first, n_spans = np.unique(ranges["row"], return_index=True, return_counts=True)
    n_bytes = np.add.reduceat(ranges["length"].astype(np.int64), first) if len(rows) else first
    left = signed["n_bytes"][rows].astype(np.int64) - n_bytes
    goes = left < config.dedup.repeats.min_left_bytes
    for place, spans_cut, bytes_cut, is_gone in zip(
        signed["domain"][rows].tolist(), n_spans.tolist(), n_bytes.tolist(), goes.tolist(), strict=True
    ):
        one = {"documents_cut": 1, "spans": spans_cut, "bytes": bytes_cut}
        name = f"{spec.source}/{_DOMAINS[place]}"
        total.setdefault(name, Counter()).update({"documents_gone": 1} if is_gone else one)
    if goes.any():
        drops = _drops(config, spec, rows[goes], left[goes])
        with publishing(repeats_rejects(run.folder, spec.part_id)) as path:
            write_sealed_table(pa.Table.from_batches([drops_to_batch(drops)]), path, compression="zstd")
    whole = np.zeros(int(goes.sum()), dtype=RANGE_DTYPE)
    whole["row"], whole["start"] = rows[goes], WHOLE
    write_sealed(cuts_path(run.folder, spec.part_id), np.concatenate([ranges, whole]))


def cuts_path(folder: str, part_id: str) -> str:
    """Return where what is cut of a part lies."""
    return join(folder, f"{part_id}.cuts.bin")


def _drops(config: BuildConfig, spec: PartSpec, rows: Any, left: Any) -> list[Drop]:
    """Return the documents at rows as drops; `left` bytes are left of each."""
    repeats = config.dedup.repeats
    with open_sealed_parquet(part_path(config.output, spec.part_id, COMMIT)) as file:
        columns = ["doc_id", "locator", "domain", "n_bytes"]
        found = file.read(columns).take(rows.astype(np.int64)).to_pylist()
    return [
        Drop(
            doc_id=row["doc_id"],
            source=spec.source,
            source_kind=spec.kind,
            locator=row["locator"],
            reason=DropReason.BOILERPLATE,
            detail=f"{n_left} of {row['n_bytes']} bytes left without the {repeats.level(row['domain'])} of "
            f"more than {repeats.max_documents} documents, under min_left_bytes {repeats.min_left_bytes}",
            domain=row["domain"],
            n_bytes=row["n_bytes"],
        )
        for row, n_left in zip(found, left.tolist(), strict=True)
    ]


class Cuts:
    """What is cut of a part, by its id; small, may be pickled."""

    def __init__(self, plan: Plan, config: BuildConfig) -> None:
        self._folder = repeats_folder(plan, config) if config.dedup.repeats.is_on() else None

    def __call__(self, part_id: str) -> tuple[dict[int, Rows], Any] | None:
        """Return (ranges by row, rows that go, sorted); None where nothing is ever cut."""
        if self._folder is None:
            return None
        found = np.frombuffer(read_sealed(cuts_path(self._folder, part_id)), dtype=RANGE_DTYPE)
        is_whole = found["start"] == WHOLE
        ranges = found[~is_whole]
        by_row = {number: ranges[mine] for number, mine in by_number(ranges["row"].astype(np.int64))}
        return by_row, found["row"][is_whole]
