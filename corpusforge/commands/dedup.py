"""`corpusforge dedup`: anyone's JSONL or Parquet -> its clusters, the rows that stay, a summary."""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import numpy as np
import pyarrow
import xxhash
from numpy.typing import NDArray
from pydantic import ValidationError

from corpusforge.commands.console import count, note, share, show, show_json, show_table
from corpusforge.commands.decisions import Decisions, RowIds, write_clusters
from corpusforge.commands.errors import CommandError, usage_error
from corpusforge.commands.origins import add_origins
from corpusforge.commands.output import refuse_overlap
from corpusforge.commands.progress import RowProgress
from corpusforge.commands.repeats import Repeats
from corpusforge.commands.rows import STDIN
from corpusforge.commands.tables import Batch, Cuts, Fields, Table, find_tables, read_batches, write_kept
from corpusforge.dedup.canary import MissedDuplicates
from corpusforge.dedup.config import (
    DedupConfig,
    DomainShingles,
    RepeatsConfig,
    ShingleConfig,
    SignatureConfig,
)
from corpusforge.dedup.local import SignatureStore
from corpusforge.dedup.optimal import optimal_bands
from corpusforge.dedup.signature import shingle_sets
from corpusforge.dedup.signed import signature_rows
from corpusforge.domains import Domain
from corpusforge.files import is_remote, join, remove_files, remove_tree, write_bytes

pa: Any = pyarrow  # ships no types for what is used here

_KEPT, _CLUSTERS, _SUMMARY, _WORK = "kept", "clusters.parquet", "summary.json", ".work"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the options say."""

    threshold: float = 0.75
    ngram: int = 5
    unit: str = "words"
    permutations: int = 128
    bands: int | None = None
    rows: int | None = None
    method: str = "near"
    check: str = "estimate"
    seed: int = 1
    fields: Fields = field(default_factory=Fields)
    skip_bad_rows: bool = False
    repeats: str = "off"
    max_documents: int = 10


def dedup(paths: Sequence[str], output: str, settings: Settings, as_json: bool) -> None:
    """Write `clusters.parquet`, the kept rows and `summary.json` to a folder; print the summary."""
    refuse_overlap(paths, output)
    config = make_config(settings)
    pa.set_memory_pool(pa.system_memory_pool())  # Arrow's own keeps 25 MB that it gave back to nobody
    is_stdin = list(paths) == [STDIN]
    tables = [] if is_stdin else find_tables(paths)
    refuse_overlap((one.path for one in tables), output)  # a link in a folder may lead to it
    _clear(output)
    work = tempfile.mkdtemp(prefix="corpusforge-") if is_remote(output) else os.path.join(output, _WORK)
    try:
        if is_stdin:
            tables = [_from_stdin(work)]
        summary = _run(tables, output, work, config, settings)
    except MissedDuplicates as error:
        raise CommandError(str(error)) from None
    finally:
        shutil.rmtree(work, ignore_errors=True)
    write_bytes(join(output, _SUMMARY), (json.dumps(summary, indent=1) + "\n").encode())
    if as_json:
        show_json(summary)
    else:
        _print(summary, output)


def make_config(settings: Settings) -> DedupConfig:
    """Return the configuration that the options describe. Raises `CommandError` where they do not fit.

    Bands and rows that are not given are FineWeb's 14 x 8 for the default threshold and 112
    or more permutations; else datasketch's optimum, false negatives weighing nine times.
    """
    bands, rows = settings.bands, settings.rows
    if (bands is None) != (rows is None):
        raise usage_error("--bands and --rows go together: give both or none")
    if bands is None or rows is None:
        bands, rows = 14, 8
        if settings.threshold != DedupConfig().threshold or bands * rows > settings.permutations:
            bands, rows = optimal_bands(settings.threshold, settings.permutations, 0.1, 0.9)
    if bands * rows > settings.permutations:
        raise usage_error(
            f"--bands {bands} x --rows {rows} = {bands * rows} values: "
            f"more than --permutations {settings.permutations}"
        )
    try:
        shingles = DomainShingles(web=ShingleConfig(unit=cast(Any, settings.unit), length=settings.ngram))
        return DedupConfig(
            method=cast(Any, settings.method),
            signature=SignatureConfig(
                permutations=settings.permutations, seed=settings.seed, shingles=shingles
            ),
            bands=bands,
            rows=rows,
            threshold=settings.threshold,
            check=cast(Any, settings.check),
            survivor_order=("origin", "date", "surroundings", "completeness"),
            repeats=RepeatsConfig(
                web=cast(Any, settings.repeats), max_documents=settings.max_documents, min_left_bytes=1
            ),
        )
    except ValidationError as error:
        fault = error.errors()[0]
        raise usage_error(f"--{str(fault['loc'][-1]).replace('_', '-')}: {fault['msg']}") from None


def _clear(output: str) -> None:
    if is_remote(output):
        remove_files(join(output, name) for name in (_CLUSTERS, _SUMMARY))
        remove_tree(join(output, _KEPT))
        return
    if os.path.exists(output) and not os.path.isdir(output):
        raise usage_error(f"{output}: is a file; --output names a folder")
    for name in (_CLUSTERS, _SUMMARY):
        if os.path.exists(os.path.join(output, name)):
            os.unlink(os.path.join(output, name))
    shutil.rmtree(os.path.join(output, _KEPT), ignore_errors=True)
    os.makedirs(os.path.join(output, _WORK), exist_ok=True)


def _from_stdin(work: str) -> Table:
    path = os.path.join(work, "stdin.jsonl")
    with open(path, "wb") as out:
        shutil.copyfileobj(sys.stdin.buffer, out)
    return Table(path, "stdin.jsonl", is_parquet=False)


def _run(
    tables: Sequence[Table], output: str, work: str, config: DedupConfig, settings: Settings
) -> dict[str, Any]:
    bad = BadRows(settings.skip_bad_rows)
    sizes: list[int] = []
    with SignatureStore(work, config) as store, RowIds(os.path.join(work, "ids")) as ids:
        with RowProgress("dedup: reading") as progress:
            for number, one in enumerate(tables):
                before = store.n_rows
                bad.begin()
                for batch in read_batches(one, settings.fields, bad):
                    add_batch(batch, number, store, config)
                    ids.add(batch.names())
                    progress.step(len(batch.texts))
                sizes.append(store.n_rows - before)
        result = Decisions(store.n_rows)
        with RowProgress("dedup: comparing") as progress:
            for members in store.clusters():
                result.add(members)
                progress.step(len(members.refs))
        repeats = Repeats(work, config, store.lookup(), result.keep) if config.repeats.is_on() else None
        if repeats is not None:
            _find_repeats(tables, repeats, settings)
        names = ids.names()
        write_clusters(join(output, _CLUSTERS), names, result)
        largest = result.largest(names)
    start = 0
    for one, size, skipped in zip(tables, sizes, bad.places, strict=True):
        keep = np.insert(result.keep[start : start + size], _before(skipped), False)
        documents = np.insert(np.arange(start, start + size), _before(skipped), -1)
        cuts = _cuts(repeats, documents) if repeats is not None else None
        write_kept(one, join(output, _KEPT), keep, settings.fields, cuts)
        start += size
    if bad.count:
        note(f"{count(bad.count)} rows hold no document and were left out; the first: {bad.first}")
    return _summary(result, bad, config, largest, repeats.counts if repeats is not None else None)


def _find_repeats(tables: Sequence[Table], repeats: Repeats, settings: Settings) -> None:
    with RowProgress("dedup: repeats") as progress:
        for one in tables:
            for batch in read_batches(one, settings.fields, lambda _, __: None):  # bad rows are known
                repeats.add(batch)
                progress.step(len(batch.texts))
        repeats.find()


def _cuts(repeats: Repeats, documents: NDArray[np.int64]) -> Cuts:
    """Return what is cut of a row by its place in a table; `documents` are their numbers."""
    return lambda place: repeats.take(int(documents[place]))


def _before(skipped: Sequence[int]) -> NDArray[np.int64]:
    """Return before which documents the skipped rows stand, from their places among all rows."""
    return np.array(skipped, dtype=np.int64) - np.arange(len(skipped))


class BadRows:
    """Remembers the rows of each table that hold no document, or ends the run at the first."""

    def __init__(self, skip: bool) -> None:
        self._skip = skip
        self.first = ""
        self.places: list[list[int]] = []

    @property
    def count(self) -> int:
        """How many there were, of all tables."""
        return sum(map(len, self.places))

    def begin(self) -> None:
        """Begin with the next table."""
        self.places.append([])

    def __call__(self, place: int, message: str) -> None:
        """Remember a row."""
        if not self._skip:
            raise CommandError(f"{message} (--skip-bad-rows leaves such rows out)")
        self.first = self.first or message
        self.places[-1].append(place)


def add_batch(batch: Batch, number: int, store: SignatureStore, config: DedupConfig) -> None:
    """Add the signatures of rows of the table of this number, in order, to a store."""
    if not batch.texts:
        return
    first = store.n_rows
    orders = np.zeros((len(batch.texts), 2), dtype=np.uint64)
    orders[:, 0] = [_id_order(row_id, number) for row_id in batch.ids]
    # An id given twice does not make its rows one document: the texts keep them apart.
    orders[:, 1] = [
        first + place if row_id is None else _digest(f"{row_id}\0{text}")
        for place, (row_id, text) in enumerate(zip(batch.ids, batch.texts, strict=True))
    ]
    sets = shingle_sets(batch.texts, config.signature) if config.check == "jaccard" else None
    rows = signature_rows(batch.texts, orders, config, Domain.WEB)
    add_origins(rows, batch.told, batch.texts, config.signature.origin)
    store.add(rows, sets)


def _digest(text: str) -> int:
    return xxhash.xxh3_64_intdigest(text.encode("utf-8", "replace"))


def _id_order(row_id: object, table_number: int) -> int:
    """Return a number that grows with the id: a whole number itself, else the first eight bytes of its text.

    Rows without an id stand in the order of the input, before those that have one.
    """
    if row_id is None:
        return table_number
    if isinstance(row_id, int) and not isinstance(row_id, bool) and 0 <= row_id < 1 << 63:
        return row_id | 1 << 63
    return int.from_bytes(str(row_id).encode("utf-8", "replace")[:8].ljust(8, b"\0")) >> 1 | 1 << 63


def _summary(
    result: Decisions,
    bad: BadRows,
    config: DedupConfig,
    largest: list[dict[str, Any]],
    repeats: dict[str, int] | None,
) -> dict[str, Any]:
    removed = result.n_exact + result.n_near
    level = {"level": config.repeats.web, "max_documents": config.repeats.max_documents}
    return {
        "rows": len(result.keep) + bad.count,
        "kept": int(result.keep.sum()),
        "removed": removed,
        "exact": result.n_exact,
        "near": result.n_near,
        "bad_rows": bad.count,
        "clusters": result.n_clusters,
        "method": config.method,
        "threshold": config.threshold,
        "permutations": config.signature.permutations,
        "bands": config.bands,
        "rows_per_band": config.rows,
        "ngram": config.signature.shingles.web.length,
        "unit": config.signature.shingles.web.unit,
        "check": config.check,
        **({"repeats": {**level, **repeats}} if repeats is not None else {}),
        "largest": largest,
    }


def _print(summary: dict[str, Any], output: str) -> None:
    n_rows = summary["rows"]
    lines = [
        ["rows read", count(n_rows), ""],
        *(
            [["not documents", count(summary["bad_rows"]), share(summary["bad_rows"], n_rows)]]
            if summary["bad_rows"]
            else []
        ),
        ["exact duplicates", count(summary["exact"]), share(summary["exact"], n_rows)],
        ["near duplicates", count(summary["near"]), share(summary["near"], n_rows)],
    ]
    repeats = summary.get("repeats")
    if repeats:
        gone = repeats["documents_gone"]
        lines.append([f"nothing left without repeated {repeats['level']}", count(gone), share(gone, n_rows)])
    total = ["rows kept", count(summary["kept"]), share(summary["kept"], n_rows)]
    show_table("Duplicates", ["", "rows", "share"], lines, total=total)
    if repeats:
        show(
            "",
            f"Cut {count(repeats['spans'])} {repeats['level']} of more than {repeats['max_documents']} "
            f"documents, {count(repeats['bytes'])} bytes, from {count(repeats['documents_cut'])} rows",
        )
    if summary["largest"]:
        rows = [[", ".join(one["members"]), count(one["documents"])] for one in summary["largest"]]
        show_table("Largest clusters", ["the survivor, then others", "rows"], rows)
    show(
        "",
        f"Clusters {os.path.join(output, _CLUSTERS)} ({count(summary['clusters'])} of two or more)",
        f"Kept     {os.path.join(output, _KEPT)}",
    )
