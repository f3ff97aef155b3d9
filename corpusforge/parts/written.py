"""Records that a pipeline hands on -> parts, spills, shards and a snapshot, as a build writes them.

A part holds the records of one source whose ids begin alike, in the order of their ids: what came first
decides nothing. From there on the functions are the build's own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import asdict
from functools import lru_cache
from itertools import groupby, pairwise
from typing import Any, cast

from corpusforge.config import BuildConfig
from corpusforge.document import Document, Drop, SourceKind
from corpusforge.files import join, remove_tree
from corpusforge.frozen import canonical_sha256
from corpusforge.ingest import Coverage
from corpusforge.parts.keeping_out import kept_out
from corpusforge.parts.plan import input_manifest, read_plan, write_plan
from corpusforge.parts.reader import dropped_example
from corpusforge.parts.spec import PartSpec, part_id
from corpusforge.parts.streamed import told_apart
from corpusforge.parts.totals import (
    Sums,
    add_sums,
    check_not_empty,
    check_prepared,
    check_sharded,
    no_sums,
    part_sums,
    source_totals,
)
from corpusforge.parts.writer import PartWriter
from corpusforge.retract.ledger import header_block, standing
from corpusforge.sealed import read_json, write_json
from corpusforge.shards.format import row_from_json
from corpusforge.shards.index import Sums as SpillSums
from corpusforge.shards.index import read_sums
from corpusforge.shards.levels import Shape, choose_shape, parts_per_spill
from corpusforge.shards.snapshot import commit, make_header
from corpusforge.shards.tasks import Refs, Work, check_rows, make_shard, merge_range, n_tables, read_refs
from corpusforge.shards.tokenizer_choice import configured_tokenizer
from corpusforge.shards.writer import plan_shards
from corpusforge.steps import Record

LEVELS = 1
"""How often spills are merged before shards are written: a graph that is made before they are counted."""


def write_part(
    config: BuildConfig, element: tuple[tuple[str, str, str], Iterable[Record]]
) -> Iterator[tuple[PartSpec, Sums]]:
    """Yield (spec, sums) of the part of (source, kind, first digits of ids), written in the order of ids.

    A document that comes again is a duplicate. Raises ValueError where different ones have one id.
    Memory: its records.
    """
    (source, kind, bucket) = element[0]
    records = sorted(kept_out(element[1], standing(config.output)), key=_order)
    kept = [record for record in records if isinstance(record, Document)]
    if any(one.doc_id == other.doc_id for one, other in pairwise(kept)):
        groups = (list(group) for _, group in groupby(kept, key=lambda document: document.doc_id))
        parted = [told_apart(group) for group in groups]
        kept = [document for document, _ in parted]
        others: list[Record] = [record for record in records if not isinstance(record, Document)]
        records = sorted([*kept, *others, *(drop for _, drops in parted for drop in drops)], key=_order)
    digest = canonical_sha256([[*_order(record)] for record in records])[:32]
    name = f"{source}/{kind}-{bucket}"
    spec = PartSpec(
        part_id=part_id(name, SourceKind(kind), digest, (0, None), "", config.part_fingerprint()),
        source=source,
        kind=SourceKind(kind),
        path="",
        name=name,
        digest=digest,
        size_bytes=sum(record.n_bytes for record in kept),
        start=0,
        stop=None,
    )
    with ExitStack() as stack:
        writer = PartWriter(stack, spec, config)
        for record in records:
            writer.add(record)
        stats = writer.finish(Coverage())
    yield spec, part_sums(stats, {})


def _order(record: Record) -> tuple[str, str, str]:
    if isinstance(record, Document):
        return record.doc_id, "", record.content_hash
    told = record.reason.value if isinstance(record, Drop) else record.error
    return record.doc_id, type(record).__name__, told


Parts = Iterable[tuple[PartSpec, Sums]]


def plan_spills(config: BuildConfig, work: Work, element: tuple[int, Parts]) -> Iterator[Any]:
    """Yield (number of a spill, (number of a part, its id)) of all parts, their plan written.

    Raises `BuildError` where a part's counts do not add up, or too many records failed.
    """
    parts = sorted(element[1], key=lambda part: (part[0].source, part[0].name))
    specs = [spec for spec, _ in parts]
    sums = no_sums()
    for _, one in parts:
        sums = add_sums(sums, one)
    check_prepared(sums, len(specs), config)
    plan = write_plan(config.output, sorted({spec.source for spec in specs}), specs)
    write_json(_plan_path(work), {"folder": plan.folder, "sources": source_totals(sums)})
    per_spill = parts_per_spill(len(specs), sum(spec.size_bytes for spec in specs))
    for number, spec in enumerate(specs):
        yield number // per_spill, (number, spec.part_id)


def _plan_path(work: Work) -> str:
    return join(work.folder, "plan.json")


def none_gone(part: int) -> None:
    """Return that no row of a part goes: what came to be written is what stays."""


def none_cut(part_id: str) -> None:
    """Return that nothing is cut of a part."""


@lru_cache(maxsize=4)
def _shape(work: Work, shard_tokens: int) -> tuple[Shape, SpillSums]:
    """Return the way from spills to shards, and what the spills hold: known once they are counted."""
    sums = cast(SpillSums, read_sums(work.sums_path))
    return choose_shape(sums, plan_shards(sums.by_group(), shard_tokens), work.store, LEVELS), sums


def number_tables(work: Work, shard_tokens: int, n_spills: int) -> Iterator[int]:
    """Yield the numbers of the tables of spills."""
    yield from range(n_tables(_shape(work, shard_tokens)[1]))


def refs_of_table(work: Work, shard_tokens: int, table: int) -> Iterator[Refs]:
    """Yield what each task of the level reads of the spills of a table."""
    yield from read_refs(work, _shape(work, shard_tokens)[0], table)


def merge_runs(work: Work, shard_tokens: int, element: tuple[int, Iterable[bytes]]) -> Iterator[Refs]:
    """Yield what each shard reads of one run, which is made."""
    yield from merge_range(work, _shape(work, shard_tokens)[0], 0, element)


def write_shard_of(work: Work, shard_tokens: int, element: tuple[int, Iterable[bytes]]) -> Iterator[Any]:
    """Yield the row of a shard as JSON, written."""
    yield from make_shard(work, _shape(work, shard_tokens)[0], element)


def commit_shards(config: BuildConfig, work: Work, element: tuple[int, Iterable[Any]]) -> Iterator[str]:
    """Yield the id of the snapshot of all shards, now the current one. `element`: (anything, rows or None).

    Raises `BuildError` where nothing is left, `DoesNotAddUp` where documents in shards are not those kept.
    """
    values = [row for row in element[1] if row is not None]
    rows = [row_from_json(row) for row in sorted(values, key=_place)]
    told = read_json(_plan_path(work))
    plan, sources = read_plan(told["folder"]), told["sources"]
    sums = _shape(work, config.shards.shard_tokens)[1]
    counted = [asdict(count) for count in sums.counts]
    check_not_empty(
        sources,
        counted,
        lambda reason: dropped_example(config.output, (spec.part_id for spec in plan.parts()), reason),
    )
    check_rows(rows, sums)
    check_sharded(sources, counted)
    inputs = input_manifest(plan)
    header = make_header(
        corpus_id=config.name,
        tokenizer=configured_tokenizer(config.shards, config.output).identity(),
        seed=config.seed,
        config=config.corpus_settings(),
        inputs=inputs["inputs"],
        conservation={"sources": sources, "rows": counted},
    )
    yield commit(config.output, rows, {**header, **inputs, **header_block(config.output)})


def _place(row: Any) -> tuple[str, str, int]:
    return row["domain"], row["subset"], row["index"]


def clean_up(work: Work, snapshot: str) -> Iterator[str]:
    """Yield the id of a committed snapshot, its working files removed."""
    remove_tree(work.folder)
    yield snapshot
