"""shard: parts - what goes -> spills -> token shards. References travel, never tokens.

Two maps with a count between them: how many shards a domain has is known once every
part's survivors are tokenised. Working files lie in `spills/<build id>/` until the
snapshot is committed:

    <part id>.spill.json, …       one part's survivors, tokenised and sorted
    <n>.shard.json                the row of a shard that is written
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import apache_beam as beam
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from corpusforge.config import BuildConfig
from corpusforge.dedup.repeats import cut_text
from corpusforge.document import Document, document_from_row, documents_to_batch
from corpusforge.files import exists, is_remote, join, list_files, read_bytes, remove, write_bytes
from corpusforge.frozen import canonical_sha256
from corpusforge.parts.reader import read_documents
from corpusforge.parts.spec import PartSpec
from corpusforge.shards.format import ShardRow, canonical_json, row_from_json, row_to_json
from corpusforge.shards.snapshot import commit, make_header, read_current, read_index
from corpusforge.shards.spill import SpillInfo, read_spill, write_spill
from corpusforge.shards.tokenizer import Tokenizer, check_identity
from corpusforge.shards.tokenizer_choice import configured_tokenizer
from corpusforge.shards.writer import ShardSpec, plan_shards, write_shard
from corpusforge.text import content_hash
from pipelines.repeats import Cuts
from pipelines.waves import GoneRows, dedup_id

Rows = Sequence[Mapping[str, Any]]
"""Documents, tokens and bytes by source, domain and subset."""


def build_id(specs: Sequence[PartSpec], config: BuildConfig) -> str:
    """Return the name of a build: its parts, what dedup makes of them, its whole configuration."""
    return canonical_sha256([dedup_id(specs, config), config.corpus_settings()])[:24]


def work_folder(specs: Sequence[PartSpec], config: BuildConfig) -> str:
    """Return the folder of a build's working files."""
    return join(config.output, "spills", build_id(specs, config))


def survivors(
    config: BuildConfig,
    part_id: str,
    gone: NDArray[np.uint64] | None,
    cuts: tuple[Mapping[int, NDArray[Any]], NDArray[Any]] | None = None,
) -> Iterator[Any]:
    """Yield the documents of a part that dedup keeps, without what is cut of them, in record batches.

    `gone` are rows; `cuts` is what `repeats.Cuts` returns. Of a batch, those that are whole come first:
    they stay in Arrow.
    """
    ranges, emptied = cuts or ({}, np.empty(0, dtype=np.uint32))
    first = 0
    for batch in read_documents(config.output, part_id):
        rows = np.arange(first, first + batch.num_rows, dtype=np.uint64)
        first += batch.num_rows
        goes = np.isin(rows, emptied)
        goes = goes if gone is None else goes | np.isin(rows, gone)
        cut = np.array([row in ranges for row in rows.tolist()], np.bool_)
        yield batch.filter(pa.array(~(goes | cut)))
        places = np.flatnonzero(~goes & cut)
        if len(places):
            documents = map(document_from_row, batch.take(pa.array(places)).to_pylist())
            found = zip(rows[places].tolist(), documents, strict=True)
            yield documents_to_batch([without_repeats(document, ranges[row]) for row, document in found])


def without_repeats(document: Document, ranges: NDArray[Any]) -> Document:
    """Return a document without byte ranges of its text, with a note of it."""
    text = cut_text(document.text, ranges)
    note = f"{len(ranges)} repeated spans cut, {int(ranges['length'].sum())} bytes"
    return replace(document, text=text, content_hash=content_hash(text), notes=(*document.notes, note))


class WriteSpill(beam.DoFn):
    """(part number, part id) -> part id, its survivors tokenised and spilled."""

    def __init__(self, config: BuildConfig, specs: Sequence[PartSpec]) -> None:
        self._config = config
        self._folder = work_folder(specs, config)
        self._gone = GoneRows(specs, config)
        self._cuts = Cuts(specs, config)
        if config.shards.tokenizer_json:
            configured_tokenizer(config.shards, config.output)  # workers elsewhere find the corpus's copy
        self._tokenizer: Tokenizer | None = None

    def setup(self) -> None:
        self._tokenizer = configured_tokenizer(self._config.shards, self._config.output)

    def process(self, element: tuple[int, str]) -> Iterator[str]:
        _, part_id = element
        if not exists(join(self._folder, f"{part_id}.spill.json")):
            assert self._tokenizer is not None
            config = self._config
            batches = survivors(config, part_id, self._gone(part_id), self._cuts(part_id))
            share = config.shards.oracle_share
            write_spill(batches, self._tokenizer, config.seed, self._folder, part_id, share)
        yield part_id


class WriteShard(beam.DoFn):
    """(number, ShardSpec) -> number, the shard's files and its row written."""

    def __init__(self, config: BuildConfig, specs: Sequence[PartSpec]) -> None:
        self._corpus = config.output
        self._folder = work_folder(specs, config)
        self._part_ids = [spec.part_id for spec in specs]

    def setup(self) -> None:
        self._spills = [read_spill(join(self._folder, f"{part}.spill.json")) for part in self._part_ids]

    def process(self, element: tuple[int, ShardSpec]) -> Iterator[int]:
        number, spec = element
        path = shard_row_path(self._folder, number)
        if not exists(path):
            row = write_shard(spec, self._spills, self._corpus)
            write_bytes(path, canonical_json(row_to_json(row) if row else None))
        yield number


def shard_row_path(folder: str, number: int) -> str:
    """Return where the row of a written shard waits for the commit."""
    return join(folder, f"{number:06d}.shard.json")


def add_spills(
    pipeline: beam.Pipeline, specs: Sequence[PartSpec], config: BuildConfig
) -> beam.PCollection[str]:
    """Return the ids of the parts, their survivors spilled."""
    parts = [(part, spec.part_id) for part, spec in enumerate(specs)]
    return (
        pipeline
        | "Parts" >> beam.Create(parts, reshuffle=False)  # (part: int, id: str)
        | "Spread" >> beam.Reshuffle()  # (part: int, id: str)
        | "Spill" >> beam.ParDo(WriteSpill(config, specs))  # part id: str
    )


def add_shards(
    pipeline: beam.Pipeline, shards: Sequence[ShardSpec], specs: Sequence[PartSpec], config: BuildConfig
) -> beam.PCollection[int]:
    """Return the numbers of the shards, written."""
    return (
        pipeline
        | "Shards" >> beam.Create(list(enumerate(shards)), reshuffle=False)  # (number: int, ShardSpec)
        | "Spread" >> beam.Reshuffle()  # (number: int, ShardSpec)
        | "Write" >> beam.ParDo(WriteShard(config, specs))  # number: int
    )


def read_spills(specs: Sequence[PartSpec], config: BuildConfig) -> list[SpillInfo]:
    """Return what the parts' spills hold, in the order of the parts."""
    folder = work_folder(specs, config)
    return [read_spill(join(folder, f"{spec.part_id}.spill.json")) for spec in specs]


def plan_from_spills(spills: Sequence[SpillInfo], config: BuildConfig) -> list[ShardSpec]:
    """Return the shards that the spills together make.

    Raises ValueError where a worker tokenised with another tokenizer than this process has.
    """
    tokenizer = configured_tokenizer(config.shards, config.output)
    for spill in spills:
        check_identity(tokenizer, spill.tokenizer)
    return plan_shards(spills, config.shards.shard_tokens)


def rows_by_source(specs: Sequence[PartSpec], spills: Sequence[SpillInfo]) -> Rows:
    """Return documents, tokens and bytes by source, domain and subset, sorted."""
    counts: dict[tuple[str, str, str], Counter[str]] = {}
    for spec, spill in zip(specs, spills, strict=True):
        for group in spill.groups:
            entry = counts.setdefault((spec.source, group.domain, group.subset), Counter())
            entry.update(documents=group.n_docs, tokens=group.n_tokens, bytes=group.n_bytes)
    return [
        {"source": source, "domain": domain, "subset": subset, **entry}
        for (source, domain, subset), entry in sorted(counts.items())
    ]


def written(specs: Sequence[PartSpec], config: BuildConfig, ending: str) -> int:
    """Return how many working files with an ending are there: of a build's progress."""
    folder = work_folder(specs, config)
    if is_remote(folder):
        return 0
    return sum(path.endswith(ending) for path in list_files(folder))


def read_shard_rows(specs: Sequence[PartSpec], config: BuildConfig, count: int) -> list[ShardRow]:
    """Return the rows of the written shards; FileNotFoundError where one is missing."""
    folder = work_folder(specs, config)
    values = [json.loads(read_bytes(shard_row_path(folder, number))) for number in range(count)]
    return [row_from_json(value) for value in values if value is not None]


def record_path(specs: Sequence[PartSpec], config: BuildConfig) -> str:
    """Return where the corpus remembers which snapshot a build became."""
    return join(config.output, "builds", f"{build_id(specs, config)}.json")


def find_totals(specs: Sequence[PartSpec], config: BuildConfig) -> Mapping[str, Any] | None:
    """Return the totals of a build that was committed before; else None."""
    path = record_path(specs, config)
    if not exists(path):
        return None
    snapshot = json.loads(read_bytes(path))["snapshot"]
    return read_index(config.output, snapshot).header["conservation"]


def find_snapshot(specs: Sequence[PartSpec], config: BuildConfig, totals: Mapping[str, Any]) -> str:
    """Return the snapshot of a build that was committed before, made current again if it is not."""
    snapshot = json.loads(read_bytes(record_path(specs, config)))["snapshot"]
    if read_current(config.output) == snapshot:
        return snapshot
    return commit_rows(specs, config, read_index(config.output, snapshot).rows, totals)


def commit_rows(
    specs: Sequence[PartSpec], config: BuildConfig, rows: Sequence[ShardRow], totals: Mapping[str, Any]
) -> str:
    """Return the id of the snapshot made of the rows, now the current one."""
    header = make_header(
        corpus_id=config.name,
        tokenizer=configured_tokenizer(config.shards, config.output).identity(),
        seed=config.seed,
        config=config.corpus_settings(),
        inputs=[spec.manifest_row() for spec in specs],
        conservation=totals,
    )
    snapshot = commit(config.output, rows, header)
    write_bytes(record_path(specs, config), canonical_json({"snapshot": snapshot}))
    return snapshot


def remove_spills(specs: Sequence[PartSpec], config: BuildConfig) -> None:
    """Remove a committed build's working files; the commit needs them no more."""
    folder = work_folder(specs, config)
    if is_remote(folder):
        for path in list_files(folder):
            remove(path)
    else:
        remove(join(config.output, "spills"))
