"""One input split -> one part: made whole, published whole. Plain functions; no Beam.

What a part's files hold is told in `format.py`; who reads them, in `reader.py`.
"""

from __future__ import annotations

import json
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import asdict
from typing import IO, Any

import numpy as np
import xxhash
from numpy.typing import NDArray

from corpusforge.config import BuildConfig
from corpusforge.cost.amount import Cost, spending
from corpusforge.dedup.config import OriginConfig, SignatureConfig
from corpusforge.dedup.order import NO_LICENCE, OTHER_LICENCE, PERMISSIVE, quality_grade
from corpusforge.dedup.origin import (
    SURROUNDING_GRADES,
    has_surroundings,
    is_other_address,
    known_since,
    origin_of,
    surroundings,
)
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
from corpusforge.files import InputGuard, publishing
from corpusforge.filter import redact_fields
from corpusforge.filter.rights.licence import is_allowed, permissive_licences
from corpusforge.ingest import Coverage
from corpusforge.origin_signals import OTHER_ADDRESS
from corpusforge.parquet_seal import SealedParquetWriter
from corpusforge.parts.format import COMMIT, STATS_KEY, part_path
from corpusforge.parts.keeping_out import kept_out
from corpusforge.parts.planning import check_unchanged
from corpusforge.parts.spec import PartSpec
from corpusforge.parts.surveys import records_of
from corpusforge.retract.ledger import standing
from corpusforge.sandbox import Sandbox
from corpusforge.sealed import SealedWriter
from corpusforge.steps import Record, process_all
from corpusforge.workers import FAULTS

BATCH_DOCUMENTS = 512
BATCH_BYTES = 16 << 20
_READ_BYTES = 1 << 20
DOMAIN_PLACE = {domain.value: place for place, domain in enumerate(Domain)}

Progress = Callable[[int, int], None]
"""Told the numbers of records done and of bytes read, now and then."""


def make_part(
    spec: PartSpec,
    config: BuildConfig,
    sandbox: Sandbox[Record, Document | Drop],
    progress: Progress = lambda records, n_bytes: None,
) -> tuple[dict[str, Any], Cost]:
    """Return (stats, what it took) of a part, having made and published it.

    Raises what reading or writing raises (`FAULTS`), and `InputChanged` where the input is no
    longer what the plan says: nothing is published then.
    """
    with spending(sandbox.cpu_s) as mine:
        guard = InputGuard(spec.path)
        coverage = Coverage()
        gone = standing(config.output)
        read = kept_out(read_guarded(spec, config, coverage), gone)
        records = kept_out(process_all(read, sandbox), gone)
        with ExitStack() as stack:
            writer = PartWriter(stack, spec, config)
            for count, record in enumerate(records, 1):
                writer.add(record)
                progress(count, coverage.n_read_bytes)
            check_unchanged(spec, guard, config.ingest)
            stats = writer.finish(coverage)
        return stats, mine.cost()


def read_guarded(spec: PartSpec, config: BuildConfig, coverage: Coverage) -> Iterator[Record]:
    """Yield the records of an input; an unexpected failure of its reader ends in quarantine."""
    count = 0
    try:
        for record in records_of(spec, config, coverage):
            count += 1
            yield record
    except FAULTS:
        raise
    except Exception as error:  # not narrowed: no content may end the build
        locator = f"{spec.name}#after={count}"
        yield Quarantined(
            doc_id=stable_id(spec.kind, locator),
            source=spec.source,
            source_kind=spec.kind,
            locator=locator,
            error=f"reader stopped: {type(error).__name__}: {error}"[:500],
            traceback=traceback.format_exc(),
        )


class PartWriter:
    """Writes a part's files in batches and counts what went where."""

    def __init__(self, stack: ExitStack, spec: PartSpec, config: BuildConfig) -> None:
        self._stack = stack
        self._output = config.output
        self._spec = spec
        self._signature = config.dedup.signature
        self._filter = config.filter
        self._documents: list[Document] = []
        self._drops: list[Drop] = []
        self._pending_bytes = 0
        self._dropped: Counter[str] = Counter()
        self._kept: dict[str, list[int]] = {}
        self._redactions: Counter[str] = Counter()
        self._quarantined = 0
        self._records = 0
        # Entered first, so left last: the documents are the commit of the part.
        self._document_file = stack.enter_context(table_writer(self._target(COMMIT), DOCUMENT_SCHEMA))
        self._written: dict[str, str] = {}
        self._others = stack.enter_context(ExitStack())
        self._signature_file = SealedWriter(self._open("signatures.bin"))
        self._drop_file: SealedParquetWriter | None = None
        self._quarantine_file: IO[bytes] | None = None

    def _target(self, what: str) -> str:
        path = part_path(self._output, self._spec.part_id, what)
        return self._stack.enter_context(publishing(path))

    def _other(self, what: str) -> str:
        """Return the local path of a file that the commit tells of."""
        self._written[what] = self._target(what)
        return self._written[what]

    def _open(self, what: str) -> IO[bytes]:
        return self._others.enter_context(open(self._other(what), "wb"))

    def add(self, record: Record) -> None:
        """Write a record, once there are enough of its kind, and count it."""
        record, redactions = redact_fields(record, self._filter)
        self._redactions.update(record.redactions if isinstance(record, Document) else redactions)
        self._records += record.n_records if isinstance(record, Drop) else 1
        if isinstance(record, Document):
            self._documents.append(record)
            self._pending_bytes += len(record.text)
            domain = self._kept.setdefault(f"{record.domain}/{record.subset}", [0, 0])
            domain[0] += 1
            domain[1] += record.n_bytes
        elif isinstance(record, Drop):
            self._dropped[record.reason.value] += record.n_records
            if record.reason is not DropReason.NOT_CONTENT:
                self._drops.append(record)
        else:
            self._quarantined += 1
            if self._quarantine_file is None:
                self._quarantine_file = self._open("quarantine.jsonl")
            self._quarantine_file.write(_json(asdict(record)))
        if len(self._documents) >= BATCH_DOCUMENTS or self._pending_bytes >= BATCH_BYTES:
            self._flush_documents()
        if len(self._drops) >= BATCH_DOCUMENTS:
            self._flush_drops()

    def finish(self, coverage: Coverage) -> dict[str, Any]:
        """Return the counts, written with what was left to write."""
        self._flush_documents()
        self._flush_drops()
        self._signature_file.finish()
        self._others.close()
        # Damage is told of by its own drops; what a reader's mistake leaves unread, by nothing else.
        left = "unread_bytes" if coverage.is_failure else "damaged_bytes"
        unread = {"unread_bytes": 0, "damaged_bytes": 0, left: coverage.unread_bytes}
        files = {what: _digest(path) for what, path in sorted(self._written.items())}
        stats = {**self._stats(), **unread, "first_byte_unread": coverage.first_byte_unread, "files": files}
        self._document_file.add_key_value_metadata({STATS_KEY: _json(stats).decode().strip()})
        return stats

    def _stats(self) -> dict[str, Any]:
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
            if self._drop_file is None:
                self._drop_file = self._others.enter_context(
                    table_writer(self._other("rejects.parquet"), DROP_SCHEMA)
                )
            self._drop_file.write_batch(drops_to_batch(self._drops))
        self._drops = []


def table_writer(path: str, schema: Any) -> SealedParquetWriter:
    """Return a writer of a part's table at a local path."""
    return SealedParquetWriter(path, schema, compression="zstd", compression_level=3)


def _digest(path: str) -> str:
    """Return xxh3-128 of a local file, as a part's counts hold it of the part's other files."""
    with open(path, "rb") as stream:
        digest = xxhash.xxh3_128()
        while data := stream.read(_READ_BYTES):
            digest.update(data)
    return digest.hexdigest()


def signature_rows(documents: list[Document], config: SignatureConfig) -> NDArray[Any]:
    """Return the sidecar rows of documents, in order."""
    rows = np.zeros(len(documents), dtype=signature_dtype(config.permutations))
    rows["doc"] = [_halves(document.doc_id) for document in documents]
    rows["content"] = [_halves(document.content_hash) for document in documents]
    rows["domain"] = [DOMAIN_PLACE[document.domain or ""] for document in documents]
    rows["n_bytes"] = [document.n_bytes for document in documents]
    rows["date"] = [
        known_since(one.source_kind, one.date, one.signals, url=one.url, repo=one.repo) for one in documents
    ]
    rows["origin"] = [
        origin_of(one.source_kind, one.signals, config.origin, url=one.url, repo=one.repo, path=one.path)
        for one in documents
    ]
    rows["surroundings"] = _surroundings(documents, config.origin)
    rows["licence"] = [_licence_class(document.licence) for document in documents]
    rows["quality"] = [quality_grade(document.signals) for document in documents]
    domains = [document.domain or "" for document in documents]
    rows["minhash"] = signatures([document.text for document in documents], config, domains)
    return rows


def _surroundings(documents: list[Document], config: OriginConfig) -> NDArray[np.uint8]:
    out = np.zeros(len(documents), dtype=np.uint8)
    pages = [
        n for n, one in enumerate(documents) if has_surroundings(one.source_kind, one.domain or "", one.repo)
    ]
    out[pages] = surroundings([documents[place].text for place in pages])
    for place in pages:
        one = documents[place]
        if one.signals.get(OTHER_ADDRESS) or is_other_address(one.url, config):
            out[place] += SURROUNDING_GRADES
    return out


def _licence_class(licence: str | None) -> int:
    if not licence:
        return NO_LICENCE
    return PERMISSIVE if is_allowed(licence, permissive_licences()) else OTHER_LICENCE


def _halves(hexadecimal: str) -> tuple[int, int]:
    return int(hexadecimal[:16], 16), int(hexadecimal[16:], 16)


def _json(value: object) -> bytes:
    return json.dumps(value, sort_keys=True, ensure_ascii=False).encode("utf-8", "replace") + b"\n"
