"""shard: parts - what goes -> spills -> runs -> token shards. References travel, never tokens.

Two pipelines with a count between them: how many shards a domain has, and how often documents
are merged on the way to them, is known once every part's survivors are tokenised. Working files
lie in `spills/<build id>/` until the snapshot is committed: see `corpusforge.shards.tasks`.
"""

from __future__ import annotations

import glob
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import apache_beam as beam

from corpusforge.config import BuildConfig
from corpusforge.files import exists, is_remote, join, remove_tree
from corpusforge.frozen import canonical_sha256
from corpusforge.parts.plan import Plan, input_manifest
from corpusforge.parts.repeated import Cuts
from corpusforge.parts.spec import PartSpec
from corpusforge.parts.survivors import spill_parts
from corpusforge.parts.totals import BuildError
from corpusforge.parts.waves import GoneRows, dedup_id
from corpusforge.retract.ledger import header_block, holds_all
from corpusforge.sealed import read_json, write_json
from corpusforge.shards.format import ShardRow, index_path
from corpusforge.shards.index import Sums, add_sums, read_sums
from corpusforge.shards.levels import Shape, choose_shape, parts_per_spill
from corpusforge.shards.snapshot import commit, make_header, read_index, restore_current
from corpusforge.shards.tasks import (
    Work,
    check_rows,
    finish_spills,
    make_shard,
    merge_range,
    n_tables,
    read_refs,
    read_rows,
    tabulate,
    write_rows,
)
from corpusforge.shards.tokenizer import Tokenizer, check_identity
from corpusforge.shards.tokenizer_choice import configured_tokenizer
from corpusforge.shards.writer import plan_shards
from corpusforge_pipelines.plan import Parts
from corpusforge_pipelines.runs import Run, Wire
from corpusforge_pipelines.spread import Spread
from corpusforge_pipelines.work import Work as Calls

Rows = Sequence[Mapping[str, Any]]
"""Documents, tokens and bytes by source, domain and subset."""


class SumSpills(beam.CombineFn):
    """Sums of tables -> the sums of all spills."""

    def create_accumulator(self, *args: Any) -> Sums:
        return Sums()

    def add_input(self, mutable_accumulator: Sums, element: Sums, *args: Any) -> Sums:
        return add_sums([mutable_accumulator, element])

    def merge_accumulators(self, accumulators: Iterable[Sums], *args: Any) -> Sums:
        return add_sums(accumulators)

    def extract_output(self, accumulator: Sums, *args: Any) -> Sums:
        return accumulator


def build_id(plan: Plan, config: BuildConfig) -> str:
    """Return the name of a build: its parts, what dedup makes of them, its whole configuration."""
    return canonical_sha256([dedup_id(plan, config), config.corpus_settings()])[:24]


def shard_work(plan: Plan, config: BuildConfig) -> Work:
    """Return where a build's shards are made, for one run of its pipelines."""
    return Work(corpus=config.output, folder=join(config.output, "spills", build_id(plan, config)))


def spill_parts_count(plan: Plan) -> int:
    """Return how many consecutive parts of a plan share a spill."""
    # Input bytes stand for bytes of text, of which there are hardly more.
    return parts_per_spill(plan.n_parts, sum(source.size_bytes for source in plan.sources))


def add_spills(pipeline: beam.Pipeline, plan: Plan, config: BuildConfig, work: Work) -> beam.PCollection[int]:
    """Return how many spills there are, once all survivors are in one and their tables are written."""
    per_spill = spill_parts_count(plan)
    calls = Calls(spill_parts, config, work, GoneRows(plan, config), Cuts(plan, config), watched=True)
    spills = (
        pipeline
        | "Parts" >> Parts(plan)  # (part: int, PartSpec)
        | "By spill" >> beam.Map(_by_spill, per_spill)  # (spill: int, (part: int, id: str))
        | "Group parts" >> beam.GroupByKey()  # (spill: int, [(part: int, id: str)])
        | "Spill" >> beam.ParDo(calls)  # (table: int, SpillInfo)
    )
    return sum_spills(spills, work)


def sum_spills(spills: Any, work: Work) -> beam.PCollection[int]:
    """Return how many spills there are, once their tables are written. `spills`: (table: int, SpillInfo)."""
    return (
        spills
        | "Group spills" >> beam.GroupByKey()  # (table: int, [SpillInfo])
        | "Tabulate" >> beam.ParDo(Calls(tabulate, work))  # Sums of a table
        | "Sum" >> beam.CombineGlobally(SumSpills())  # Sums
        | "Write sums" >> beam.ParDo(Calls(finish_spills, work))  # spills: int
    )


def _by_spill(part: tuple[int, PartSpec], per_spill: int) -> tuple[int, tuple[int, str]]:
    number, spec = part
    return number // per_spill, (number, spec.part_id)


def add_shards(pipeline: beam.Pipeline, work: Work, shape: Shape, sums: Sums) -> beam.PCollection[int]:
    """Return how many shards there are, once all are written and their rows are together."""
    refs = (
        pipeline
        | "Tables" >> beam.Create([n_tables(sums)], reshuffle=False)  # tables: int
        | "Number tables" >> beam.FlatMap(lambda count: list(range(count)))  # table: int
        | "Spread tables" >> Spread()  # table: int
        | "Read tables" >> beam.ParDo(Calls(read_refs, work, shape))  # (task: int, refs: bytes)
    )
    for level in range(len(shape.levels)):
        refs = (
            refs
            | f"Group level {level + 1}" >> beam.GroupByKey()  # (run: int, [refs: bytes])
            | f"Merge level {level + 1}" >> beam.ParDo(Calls(merge_range, work, shape, level))
        )  # (task: int, refs: bytes)
    return (
        refs
        | "Group shards" >> beam.GroupByKey()  # (shard: int, [refs: bytes])
        | "Write shards" >> beam.ParDo(Calls(make_shard, work, shape, watched=True))  # row: dict
        | "To one" >> beam.WithKeys(0)  # (0, row: dict)
        | "All rows" >> beam.GroupByKey()  # (0, [row: dict])
        | "Write rows" >> beam.ParDo(Calls(write_rows, work, shape))  # shards: int
    )


def run_spills(run: Run, plan: Plan, config: BuildConfig, work: Work) -> Sums:
    """Return what the spills of a build hold, made where they are not there.

    Raises ValueError where a worker tokenised with another tokenizer than this process has.
    """
    tokenizer = configured_tokenizer(config.shards, config.output)  # workers elsewhere find the corpus's copy
    return sums_once(run, work, tokenizer, lambda pipeline: add_spills(pipeline, plan, config, work))


def sums_once(run: Run, work: Work, tokenizer: Tokenizer, wire: Wire) -> Sums:
    """Return what spills hold, made by the pipeline that `wire` adds where they are not there.

    Raises ValueError where a worker tokenised with another tokenizer than this.
    """
    sums = read_sums(work.sums_path)
    if sums is None:
        run(wire)
        sums = read_sums(work.sums_path)
    if sums is None:
        raise RuntimeError(f"{work.sums_path} was not written")
    if sums.tokenizer is not None:
        check_identity(tokenizer, sums.tokenizer)
    return sums


def shape_of(sums: Sums, shard_tokens: int, work: Work) -> Shape:
    """Return the way from spills to shards of about so many tokens."""
    return choose_shape(sums, plan_shards(sums.by_group(), shard_tokens), work.store)


def run_shards(run: Run, work: Work, shape: Shape, sums: Sums) -> list[ShardRow]:
    """Return the rows of a build's shards, made where they are not there; they hold what the spills do."""
    if not exists(work.shards_path(shape)):
        run(lambda pipeline: add_shards(pipeline, work, shape, sums))
    rows = read_rows(work, shape)
    check_rows(rows, sums)
    return rows


def rows_by_source(sums: Sums) -> Rows:
    """Return documents, tokens and bytes by source, domain and subset, sorted."""
    return [asdict(count) for count in sums.counts]


def record_path(plan: Plan, config: BuildConfig) -> str:
    """Return where the corpus remembers which snapshot a build became."""
    return join(config.output, "builds", f"{build_id(plan, config)}.json")


def find_totals(plan: Plan, config: BuildConfig) -> Mapping[str, Any] | None:
    """Return the totals of a build that was committed before; else, or where its index was removed, None."""
    path = record_path(plan, config)
    if not exists(path):
        return None
    snapshot = str(read_json(path)["snapshot"])
    index = join(config.output, index_path(snapshot))
    if not exists(index):
        return None
    try:
        header = read_index(config.output, snapshot).header
    except ValueError as error:
        raise BuildError(f"{error}; remove {index} and run the build again") from None
    return header["conservation"] if holds_all(config.output, header) else None


def find_snapshot(plan: Plan, config: BuildConfig, totals: Mapping[str, Any]) -> str:
    """Return the snapshot of a build that was committed before, made current again if it is not."""
    snapshot = str(read_json(record_path(plan, config))["snapshot"])
    if restore_current(config.output, snapshot) == snapshot:
        return snapshot
    return commit_rows(plan, config, read_index(config.output, snapshot).rows, totals)


def commit_rows(plan: Plan, config: BuildConfig, rows: Sequence[ShardRow], totals: Mapping[str, Any]) -> str:
    """Return the id of the snapshot made of the rows, now the current one."""
    inputs = input_manifest(plan)
    header = make_header(
        corpus_id=config.name,
        tokenizer=configured_tokenizer(config.shards, config.output).identity(),
        seed=config.seed,
        config=config.corpus_settings(),
        inputs=inputs["inputs"],
        conservation=totals,
    )
    snapshot = commit(config.output, rows, {**header, **inputs, **header_block(config.output)})
    write_json(record_path(plan, config), {"snapshot": snapshot})
    return snapshot


def remove_leftovers(corpus: str, work: Work) -> None:
    """Remove a committed build's working files; on disk, what any killed build left as well.

    On disk only this build holds the lock: what is no result is of no use to anyone.
    """
    if is_remote(corpus):
        remove_tree(work.folder)
        return
    remove_tree(join(corpus, "spills"))
    for folder, mark in (("clusters/*", "work-"), ("plan", "new-")):
        for path in glob.glob(join(glob.escape(corpus), folder, f"{mark}*")):
            remove_tree(path)
