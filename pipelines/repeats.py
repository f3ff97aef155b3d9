"""repeats: survivors' paragraphs and lines -> what is cut of each part. Hashes and refs travel, no text.

repeats/spans-<settings>/<part id>.bin       every span of a part's documents (`SPAN_DTYPE`)
repeats/<id>/<part id>.cuts.bin              what is cut of it (`RANGE_DTYPE`), in order
repeats/<id>/<part id>.rejects.parquet       documents of which too little is left
repeats/<id>/<part id>.json                  counts by domain
repeats/<id>/summary.json                    counts by source and domain; last: its presence is the commit
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import apache_beam as beam
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import xxhash

from corpusforge.config import BuildConfig
from corpusforge.dedup.bands import Rows, by_number
from corpusforge.dedup.policy import policy_of
from corpusforge.dedup.repeats import (
    DOOMED_DTYPE,
    HOLDER_DTYPE,
    RANGE_DTYPE,
    SPAN_DTYPE,
    cut_ranges,
    doomed,
    find_spans,
    holders,
    keep_order,
)
from corpusforge.document import Drop, DropReason, drops_to_batch
from corpusforge.domains import Domain
from corpusforge.files import exists, join, open_input, publishing, read_bytes, write_bytes
from corpusforge.frozen import canonical_sha256
from corpusforge.parquet import open_parquet
from corpusforge.parts.format import part_path
from corpusforge.parts.reader import read_documents, read_signatures
from corpusforge.parts.spec import PartSpec
from pipelines.dedup import Run
from pipelines.waves import GoneRows, dedup_id, waves

_DOMAINS = tuple(Domain)


def repeats_folder(specs: Sequence[PartSpec], config: BuildConfig) -> str:
    """Return where the result of a build's repeats lies."""
    settings = config.dedup.repeats.model_dump(mode="json")
    return join(config.output, "repeats", canonical_sha256([dedup_id(specs, config), settings])[:24])


def _spans_path(config: BuildConfig, part_id: str) -> str:
    repeats, policy = config.dedup.repeats, policy_of(config.dedup)
    levels = [repeats.level(domain) for domain in _DOMAINS]
    bears = [levels, repeats.min_words, policy.group.tolist(), policy.by_source.tolist()]
    return join(config.output, "repeats", f"spans-{canonical_sha256(bears)[:16]}", f"{part_id}.bin")


def make_spans(config: BuildConfig, part_id: str, source: str) -> Rows:
    """Return the spans of a part's documents, read where they were found before, else found and written."""
    path = _spans_path(config, part_id)
    if not exists(path):
        repeats, policy = config.dedup.repeats, policy_of(config.dedup)
        source_key = xxhash.xxh3_64_intdigest(source.encode())
        first = 0
        with publishing(path) as temporary, open(temporary, "wb") as out:
            for batch in read_documents(config.output, part_id):
                domains, texts = batch.column("domain").to_pylist(), batch.column("text")
                found = [np.empty(0, dtype=SPAN_DTYPE)]
                for place, domain in enumerate(_DOMAINS):
                    level = repeats.level(domain)
                    mine = [row for row, name in enumerate(domains) if name == domain and level != "off"]
                    salt = int(policy.group[place]) + (source_key if policy.by_source[place] else 0)
                    rows = [first + row for row in mine]
                    found.append(
                        find_spans(
                            texts.take(mine).to_pylist() if mine else [],
                            rows,
                            by_paragraph=level == "paragraphs",
                            min_words=repeats.min_words,
                            salt=salt % 2**64,
                        )
                    )
                spans = np.concatenate(found)
                out.write(spans[np.argsort(spans["row"], kind="stable")].tobytes())
                first += batch.num_rows
    return np.frombuffer(read_bytes(path), dtype=SPAN_DTYPE)


class _Parts:
    """The spans of the survivors of a part; may be pickled."""

    def __init__(self, specs: Sequence[PartSpec], config: BuildConfig) -> None:
        self.config = config
        self.specs = list(specs)
        self._gone = GoneRows(specs, config)
        self._waves: dict[str, int] = {}
        for number, wave in enumerate(waves(specs, config)):
            for part_id in wave.part_ids[wave.first_new :]:
                self._waves[part_id] = number

    def spans(self, part: int) -> Rows:
        """Return the spans of documents that dedup leaves."""
        spec = self.specs[part]
        spans = make_spans(self.config, spec.part_id, spec.source)
        gone = self._gone(spec.part_id)
        return spans if gone is None else spans[~np.isin(spans["row"], gone)]

    def holders(self, part: int) -> Rows:
        """Return which documents hold which spans."""
        part_id = self.specs[part].part_id
        rows = read_signatures(self.config.output, part_id, self.config.dedup.signature)
        order = keep_order(rows, self._waves[part_id], self.config.dedup)
        return holders(self.spans(part), rows, order, part << 32)


class Holders(beam.DoFn):
    """Part number -> (partition of hashes, packed HOLDER_DTYPE records)."""

    def __init__(self, parts: _Parts) -> None:
        self._parts = parts

    def process(self, element: int) -> Iterator[tuple[int, bytes]]:
        held = self._parts.holders(element)
        partitions = np.uint64(self._parts.config.dedup.partitions)
        for number, mine in by_number(((held["hash"] >> np.uint64(40)) % partitions).astype(np.int64)):
            yield number, held[mine].tobytes()


class Doomed(beam.DoFn):
    """(partition, [packed holders]) -> (part number, packed DOOMED_DTYPE records)."""

    def __init__(self, parts: _Parts) -> None:
        self._config = parts.config.dedup.repeats

    def process(self, element: tuple[int, Iterable[bytes]]) -> Iterator[tuple[int, bytes]]:
        cut = doomed(np.frombuffer(b"".join(element[1]), dtype=HOLDER_DTYPE), self._config)
        for number, mine in by_number((cut["ref"] >> np.uint64(32)).astype(np.int64)):
            yield number, cut[mine].tobytes()


class CutPart(beam.DoFn):
    """(part number, [packed DOOMED_DTYPE records]) -> part number, what is cut of it written."""

    def __init__(self, parts: _Parts, folder: str) -> None:
        self._parts = parts
        self._folder = folder

    def process(self, element: tuple[int, Iterable[bytes]]) -> Iterator[int]:
        part, pieces = element
        spec, config = self._parts.specs[part], self._parts.config
        spans = self._parts.spans(part)
        refs = spans["row"].astype(np.uint64) + np.uint64(part << 32)
        ranges = cut_ranges(spans, refs, np.frombuffer(b"".join(pieces), dtype=DOOMED_DTYPE))
        signed = read_signatures(config.output, spec.part_id, config.dedup.signature)
        rows, first, n_spans = np.unique(ranges["row"], return_index=True, return_counts=True)
        n_bytes = np.add.reduceat(ranges["length"].astype(np.int64), first) if len(rows) else first
        left = signed["n_bytes"][rows].astype(np.int64) - n_bytes
        goes = left < config.dedup.repeats.min_left_bytes
        counts: dict[str, Counter[str]] = {}
        for place, spans_cut, bytes_cut, is_gone in zip(
            signed["domain"][rows].tolist(), n_spans.tolist(), n_bytes.tolist(), goes.tolist(), strict=True
        ):
            one = {"documents_cut": 1, "spans": spans_cut, "bytes": bytes_cut}
            counts.setdefault(_DOMAINS[place], Counter()).update({"documents_gone": 1} if is_gone else one)
        drops = _drops(config, spec, rows[goes], left[goes])
        with publishing(join(self._folder, f"{spec.part_id}.rejects.parquet")) as path:
            pq.write_table(pa.Table.from_batches([drops_to_batch(drops)]), path, compression="zstd")
        write_bytes(join(self._folder, f"{spec.part_id}.cuts.bin"), ranges.tobytes())
        write_bytes(join(self._folder, f"{spec.part_id}.gone.u32"), rows[goes].astype("<u4").tobytes())
        write_bytes(_counts_path(self._folder, spec), json.dumps(counts, sort_keys=True).encode())
        yield part


def _counts_path(folder: str, spec: PartSpec) -> str:
    return join(folder, f"{spec.part_id}.json")


def _drops(config: BuildConfig, spec: PartSpec, rows: Any, left: Any) -> list[Drop]:
    """Return the documents at rows as drops; `left` bytes are left of each."""
    if not len(rows):
        return []
    repeats = config.dedup.repeats
    with open_input(part_path(config.output, spec.part_id, "documents.parquet")) as stream:
        columns = ["doc_id", "locator", "domain", "n_bytes"]
        found = open_parquet(stream).read(columns).take(rows.astype(np.int64)).to_pylist()
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


def add_repeats(pipeline: beam.Pipeline, parts: _Parts, folder: str) -> beam.PCollection[int]:
    """Return the numbers of the parts, once what is cut of each is written."""
    numbers = list(range(len(parts.specs)))
    none = pipeline | "Nothing" >> beam.Create([(n, b"") for n in numbers], reshuffle=False)  # (part, b"")
    cut = (
        pipeline
        | "Parts" >> beam.Create(numbers, reshuffle=False)  # part: int
        | "Spread" >> beam.Reshuffle()  # part: int
        | "Holders" >> beam.ParDo(Holders(parts))  # (partition: int, packed holders)
        | "By hash" >> beam.GroupByKey()  # (partition: int, [packed holders])
        | "Doomed" >> beam.ParDo(Doomed(parts))  # (part: int, packed (ref, hash))
    )
    return (
        (cut, none)
        | "All cuts" >> beam.Flatten()  # (part: int, packed (ref, hash))
        | "By part" >> beam.GroupByKey()  # (part: int, [packed (ref, hash)])
        | "Cut" >> beam.ParDo(CutPart(parts, folder))  # part: int
    )


def run_repeats(run: Run, specs: Sequence[PartSpec], config: BuildConfig) -> dict[str, Any]:
    """Return {"source/domain": counts} of what is cut from a build, having run it if it was not yet."""
    folder = repeats_folder(specs, config)
    path = join(folder, "summary.json")
    if not exists(path):
        parts = _Parts(specs, config)
        run(lambda pipeline: add_repeats(pipeline, parts, folder))
        total: dict[str, Counter[str]] = {}
        for spec in specs:
            for domain, counts in json.loads(read_bytes(_counts_path(folder, spec))).items():
                total.setdefault(f"{spec.source}/{domain}", Counter()).update(counts)
        write_bytes(path, (json.dumps(total, sort_keys=True) + "\n").encode())
    return json.loads(read_bytes(path))


class Cuts:
    """What is cut of a part, by its id; may be pickled."""

    def __init__(self, specs: Sequence[PartSpec], config: BuildConfig) -> None:
        self._folder = repeats_folder(specs, config) if config.dedup.repeats.is_on() else None

    def __call__(self, part_id: str) -> tuple[dict[int, Rows], Any] | None:
        """Return (ranges by row, rows that go, sorted); None where nothing is ever cut."""
        if self._folder is None:
            return None
        ranges = np.frombuffer(read_bytes(join(self._folder, f"{part_id}.cuts.bin")), dtype=RANGE_DTYPE)
        gone = np.frombuffer(read_bytes(join(self._folder, f"{part_id}.gone.u32")), dtype="<u4")
        by_row = {number: ranges[mine] for number, mine in by_number(ranges["row"].astype(np.int64))}
        return by_row, gone
