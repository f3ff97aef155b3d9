"""One part: made whole, published whole, read back. Plain functions; no Beam.

parts/<id>.documents.parquet    kept documents
parts/<id>.signatures.bin       one `signature_dtype` row a document
rejects/<id>.parquet            drops with their reason
quarantine/<id>.jsonl           records that a step failed on, with tracebacks
parts/<id>.stats.json           counts; written last: its presence is the commit
"""

from __future__ import annotations

import json
import os
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import asdict
from typing import IO, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from corpusforge.config import BuildConfig
from corpusforge.dedup.config import SignatureConfig
from corpusforge.dedup.order import NO_LICENCE, OTHER_LICENCE, PERMISSIVE, date_number, quality_grade
from corpusforge.dedup.signature import signature_dtype, signatures
from corpusforge.document import (
    DOCUMENT_SCHEMA,
    DROP_SCHEMA,
    Document,
    Drop,
    DropReason,
    Quarantined,
    documents_to_batch,
    drops_to_batch,
    stable_id,
)
from corpusforge.domains import Domain
from corpusforge.files import exists, join, open_input, publishing, read_bytes, write_bytes
from corpusforge.filter.rights.licence import is_allowed, permissive_licences
from corpusforge.ingest import read
from corpusforge.parquet import open_parquet
from corpusforge.sandbox import Sandbox
from corpusforge.steps import Record, process_all
from pipelines.plan import PartSpec

BATCH_DOCUMENTS = 512
BATCH_BYTES = 16 << 20
DOMAIN_PLACE = {domain.value: place for place, domain in enumerate(Domain)}

Progress = Callable[[int], None]
"""Told the number of records done, now and then."""


def part_path(output: str, part_id: str, what: str) -> str:
    """Return the path of one of a part's files; `what` is one of the names above."""
    folder = {"rejects.parquet": "rejects", "quarantine.jsonl": "quarantine"}.get(what, "parts")
    return join(output, folder, f"{part_id}.{what}")


def has_part(output: str, part_id: str) -> bool:
    """Return whether a part is there, whole."""
    return exists(part_path(output, part_id, "stats.json"))


def read_stats(output: str, part_id: str) -> dict[str, Any]:
    """Return the counts of a part."""
    return json.loads(read_bytes(part_path(output, part_id, "stats.json")))


def make_part(
    spec: PartSpec,
    config: BuildConfig,
    sandbox: Sandbox[Record, Document | Drop],
    progress: Progress = lambda records: None,
) -> dict[str, Any]:
    """Return the stats of a part, having made and published it."""
    wall_start_s, cpu_start_s = time.monotonic(), time.process_time() + sandbox.cpu_s()
    records = process_all(_read_guarded(spec, config), sandbox)
    with ExitStack() as stack:
        writer = _PartWriter(stack, spec, config)
        for count, record in enumerate(records, 1):
            writer.add(record)
            progress(count)
        writer.flush()
        stats = writer.stats()
    timing = {
        "wall_s": round(time.monotonic() - wall_start_s, 3),
        "cpu_s": round(time.process_time() + sandbox.cpu_s() - cpu_start_s, 3),
    }
    # Times differ from run to run: they stay out of the stats, whose bytes must not.
    write_bytes(part_path(config.output, spec.part_id, "timing.json"), _json(timing))
    write_bytes(part_path(config.output, spec.part_id, "stats.json"), _json(stats))
    return stats


def _read_guarded(spec: PartSpec, config: BuildConfig) -> Iterator[Record]:
    """Yield the records of an input; an unexpected failure of its reader ends in quarantine."""
    count = 0
    try:
        for record in read(spec.input_file(), config.ingest, spec.start, spec.stop):
            count += 1
            yield record
    except Exception as error:  # not narrowed: no input may end the build
        locator = f"{spec.name}#after={count}"
        yield Quarantined(
            doc_id=stable_id(spec.kind, locator),
            source=spec.source,
            source_kind=spec.kind,
            locator=locator,
            error=f"reader stopped: {type(error).__name__}: {error}"[:500],
            traceback=traceback.format_exc(),
        )


class _PartWriter:
    """Writes a part's files in batches and counts what went where."""

    def __init__(self, stack: ExitStack, spec: PartSpec, config: BuildConfig) -> None:
        self._spec = spec
        self._signature = config.dedup.signature
        self._documents: list[Document] = []
        self._drops: list[Drop] = []
        self._pending_bytes = 0
        self._dropped: Counter[str] = Counter()
        self._kept: dict[str, list[int]] = {}
        self._redactions: Counter[str] = Counter()
        self._quarantined = 0
        self._records = 0

        def target(what: str) -> str:
            return stack.enter_context(publishing(part_path(config.output, spec.part_id, what)))

        self._document_file = stack.enter_context(_parquet(target("documents.parquet"), DOCUMENT_SCHEMA))
        self._drop_file = stack.enter_context(_parquet(target("rejects.parquet"), DROP_SCHEMA))
        self._signature_file: IO[bytes] = stack.enter_context(open(target("signatures.bin"), "wb"))
        self._quarantine_file: IO[bytes] = stack.enter_context(open(target("quarantine.jsonl"), "wb"))

    def add(self, record: Record) -> None:
        self._records += 1
        if isinstance(record, Document):
            self._documents.append(record)
            self._pending_bytes += len(record.text)
            domain = self._kept.setdefault(f"{record.domain}/{record.subset}", [0, 0])
            domain[0] += 1
            domain[1] += record.n_bytes
            self._redactions.update(record.redactions)
        elif isinstance(record, Drop):
            self._dropped[record.reason.value] += 1
            if record.reason is not DropReason.NOT_CONTENT:
                self._drops.append(record)
        else:
            self._quarantined += 1
            self._quarantine_file.write(_json(asdict(record)))
        if len(self._documents) >= BATCH_DOCUMENTS or self._pending_bytes >= BATCH_BYTES:
            self._flush_documents()
        if len(self._drops) >= BATCH_DOCUMENTS:
            self._flush_drops()

    def flush(self) -> None:
        self._flush_documents()
        self._flush_drops()

    def stats(self) -> dict[str, Any]:
        kept = sum(count for count, _ in self._kept.values())
        dropped = sum(self._dropped.values())
        if self._records != kept + dropped + self._quarantined:
            raise AssertionError(f"{self._spec.name}: {self._records} records in, not all accounted for")
        return {
            **self._spec.manifest_row(),
            "records_in": self._records,
            "kept": kept,
            "kept_by_domain": {
                name: {"documents": count, "bytes": n_bytes}
                for name, (count, n_bytes) in sorted(self._kept.items())
            },
            "dropped": dict(sorted(self._dropped.items())),
            "quarantined": self._quarantined,
            "redactions": dict(sorted(self._redactions.items())),
        }

    def _flush_documents(self) -> None:
        if self._documents:
            self._document_file.write_batch(documents_to_batch(self._documents))
            self._signature_file.write(signature_rows(self._documents, self._signature).tobytes())
        self._documents, self._pending_bytes = [], 0

    def _flush_drops(self) -> None:
        if self._drops:
            self._drop_file.write_batch(drops_to_batch(self._drops))
        self._drops = []


def signature_rows(documents: list[Document], config: SignatureConfig) -> NDArray[Any]:
    """Return the sidecar rows of documents, in order."""
    rows = np.zeros(len(documents), dtype=signature_dtype(config.permutations))
    rows["doc"] = [_halves(document.doc_id) for document in documents]
    rows["content"] = [_halves(document.content_hash) for document in documents]
    rows["domain"] = [DOMAIN_PLACE[document.domain or ""] for document in documents]
    rows["n_bytes"] = [document.n_bytes for document in documents]
    rows["date"] = [date_number(document.date) for document in documents]
    rows["licence"] = [_licence_class(document.licence) for document in documents]
    rows["quality"] = [quality_grade(document.signals) for document in documents]
    domains = [document.domain or "" for document in documents]
    rows["minhash"] = signatures([document.text for document in documents], config, domains)
    return rows


def _licence_class(licence: str | None) -> int:
    if not licence:
        return NO_LICENCE
    return PERMISSIVE if is_allowed(licence, permissive_licences()) else OTHER_LICENCE


def read_signatures(output: str, part_id: str, config: SignatureConfig) -> NDArray[Any]:
    """Return all signature rows of a part; memory-mapped on local disk."""
    path = part_path(output, part_id, "signatures.bin")
    dtype = signature_dtype(config.permutations)
    if os.path.exists(path):
        return np.memmap(path, dtype=dtype, mode="r") if os.path.getsize(path) else np.empty(0, dtype)
    return np.frombuffer(read_bytes(path), dtype=dtype)


def read_documents(output: str, part_id: str) -> Iterator[pa.RecordBatch]:
    """Return the kept documents of a part, a row group at a time, in order."""
    with open_input(part_path(output, part_id, "documents.parquet")) as stream:
        file = open_parquet(stream)
        for group in range(file.num_row_groups):
            yield from file.read_row_group(group).to_batches()


def dropped_example(output: str, part_ids: Iterable[str], reason: str) -> str:
    """Return `locator: reason: detail` of the first record that was dropped for a reason; '' for none."""
    for part_id in part_ids:
        path = part_path(output, part_id, "rejects.parquet")
        if not exists(path):
            continue
        with open_input(path) as stream:
            for batch in open_parquet(stream).iter_batches(columns=["locator", "reason", "detail"]):
                for row in batch.to_pylist():
                    if row["reason"] == reason:
                        return f"{row['locator']}: {reason}: {row['detail']}"
    return ""


def _parquet(path: str, schema: pa.Schema) -> pq.ParquetWriter:
    return pq.ParquetWriter(path, schema, compression="zstd", compression_level=3)


def _halves(hexadecimal: str) -> tuple[int, int]:
    return int(hexadecimal[:16], 16), int(hexadecimal[16:], 16)


def _json(value: object) -> bytes:
    return json.dumps(value, sort_keys=True, ensure_ascii=False).encode() + b"\n"
