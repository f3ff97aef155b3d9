"""rewrite: the documents of a snapshot -> shards of another tokenizer or size, in the same order; no dumps.

Where the size stays, each shard is written from its own. Else shards are read as the parts of a build are,
and go the same way: spills, runs, shards. A document's place is its key, so that order and membership are
those of a build with the same settings.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any, cast

import apache_beam as beam

from corpusforge import __version__
from corpusforge.cost.amount import Cost
from corpusforge.files import exists, join
from corpusforge.frozen import canonical_sha256
from corpusforge.parts.totals import BuildError
from corpusforge.printable import counted_as
from corpusforge.retract.conservation import summed
from corpusforge.retract.ledger import why_not_now
from corpusforge.sealed import read_json, write_json
from corpusforge.shards.config import ShardsConfig
from corpusforge.shards.format import ShardRow, row_from_json, row_to_json
from corpusforge.shards.levels import describe, parts_per_spill
from corpusforge.shards.retoken import retokenise_shard
from corpusforge.shards.snapshot import Index, commit, read_index
from corpusforge.shards.spill import Count, SpillInfo, read_spill, write_spill
from corpusforge.shards.stored import stored_documents
from corpusforge.shards.tasks import DoesNotAddUp, Work, is_there, table_of
from corpusforge.shards.tokenizer import Tokenizer
from corpusforge.shards.tokenizer_choice import configured_tokenizer, open_tokenizer
from corpusforge.workers import pool_of
from corpusforge_pipelines.bill import charge, open_bill
from corpusforge_pipelines.failures import blamed, quiet_tracebacks
from corpusforge_pipelines.loading import LOCAL_RUNNERS
from corpusforge_pipelines.observer import Done, Observer, SilentObserver
from corpusforge_pipelines.runs import Wire
from corpusforge_pipelines.shard import (
    remove_leftovers,
    run_shards,
    shape_of,
    sum_spills,
    sums_once,
)
from corpusforge_pipelines.spread import Spread
from corpusforge_pipelines.stages import Stages, one_writer_at_a_time
from corpusforge_pipelines.work import Work as Calls

_TEXT_BYTES_PER_TOKEN = 4
"""About so many: how many shards share a spill is all that depends on it."""
OF_INDEX = (
    "snapshot",
    "parent",
    "schema_version",
    "dtype",
    "ends_dtype",
    "endianness",
    "totals",
    "manifest",
)
"""Of a header, what `commit` makes anew."""


NOTHING = Cost()
Counts = tuple[Count, ...]
"""Documents, tokens and bytes by source, domain and subset."""


@dataclass(frozen=True, kw_only=True)
class Task:
    """What is rewritten, and how: handed to every worker."""

    corpus: str
    snapshot: str
    shards: ShardsConfig | None
    """The tokenizer to use; None where the stored tokens stay."""
    shard_tokens: int | None
    """Of a shard; None where each shard keeps its documents."""
    oracle_share: float = 0.0


def rewrite(
    task: Task,
    *,
    runner: str = "DirectRunner",
    workers: int = 1,
    beam_flags: Sequence[str] = (),
    observer: Observer | None = None,
    started: Cost = NOTHING,
) -> str:
    """Return the id of the snapshot that holds a snapshot's documents as `task` says, now the current one.

    Its parent is the one that was rewritten. Interrupted, the same call goes on. Raises ValueError for a
    snapshot that is not there or not sound, and `BuildError` where a pipeline fails. `started` is what was
    spent before the call: it goes on the receipt.
    """
    logging.getLogger("apache_beam").setLevel(logging.ERROR)
    quiet_tracebacks()
    index = read_index(task.corpus, task.snapshot)
    name = str(index.header["corpus_id"])
    n_workers = workers if runner in LOCAL_RUNNERS else 1
    with one_writer_at_a_time(task.corpus), pool_of(n_workers):
        if waits := why_not_now(task.corpus):
            raise BuildError(waits)
        run = Stages(
            name=name,
            runner=runner,
            beam_flags=beam_flags,
            observer=observer or SilentObserver(),
            bill=open_bill(task.corpus, _work_id(task), runner, n_workers),
        )
        run.bill.start(started)
        return _rewrite(run, task, index)


def _rewrite(run: Stages, task: Task, index: Index) -> str:
    work = Work(corpus=task.corpus, folder=join(task.corpus, "spills", _work_id(task)))
    make = _cut_anew if task.shard_tokens is not None else _one_by_one
    rows, counts = make(run, task, index, work)
    _check_documents(index, counts)
    with run.stage("commit", 1, lambda: Done()) as words:
        snapshot = commit(task.corpus, rows, _header(task, index, counts), parent=index.snapshot)
        remove_leftovers(task.corpus, work)
        words.append(f"snapshot {snapshot}")
    tokens = sum(count.tokens for count in counts)
    charge(run.bill, task.corpus, snapshot, {}, input_bytes=0, tokens=tokens, has_made=True)
    return snapshot


def _cut_anew(run: Stages, task: Task, index: Index, work: Work) -> tuple[list[ShardRow], Counts]:
    """Return the rows of shards of another size, and what they hold."""
    n_spills, per_spill = _spills(index)
    tokenizer = _tokenizer(task)
    with run.stage("tokenise" if task.shards else "read", n_spills, unit="spill") as words:
        wire: Wire = lambda pipeline: _add_spills(pipeline, task, work, n_spills, per_spill)  # noqa: E731
        sums = sums_once(run.pipeline, work, tokenizer, wire)
        words.append(f"{sums.n_tokens:,} tokens")
    shape = shape_of(sums, cast("int", task.shard_tokens), work)
    with run.stage("shard", shape.shards.count, unit="shard") as words, blamed(task.corpus):
        rows = run_shards(run.pipeline, work, shape, sums)
        words.append(counted_as(len(rows), "shard"))
        words.extend(describe(shape))
    return rows, sums.counts


def _one_by_one(run: Stages, task: Task, index: Index, work: Work) -> tuple[list[ShardRow], Counts]:
    """Return the rows of shards that hold the documents of the old ones, and what they hold."""
    _tokenizer(task)  # workers elsewhere find the corpus's copy
    path = join(work.folder, "shards.json")
    with run.stage("tokenise", len(index.rows), unit="shard") as words:
        if not exists(path):
            run.pipeline(lambda pipeline: _add_shards(pipeline, task, work, len(index.rows)))
        made = read_json(path)["shards"]
        rows = [row_from_json(entry["row"]) for entry in made]
        words.append(f"{sum(row.n_tokens for row in rows):,} tokens")
    return rows, summed(Count(**count) for entry in made for count in entry["counts"])


def _add_shards(pipeline: beam.Pipeline, task: Task, work: Work, n_shards: int) -> Any:
    """Write each shard from its old one, then all rows and counts together."""
    return (
        pipeline
        | "Shards" >> beam.Create([n_shards], reshuffle=False)  # shards: int
        | "Number shards" >> beam.FlatMap(lambda count: list(range(count)))  # shard: int
        | "Spread shards" >> Spread()  # shard: int
        | "Retokenise" >> beam.ParDo(Calls(retokenise, task, work, watched=True))  # {row, counts}
        | "To one" >> beam.WithKeys(0)  # (0, {row, counts})
        | "All rows" >> beam.GroupByKey()  # (0, [{row, counts}])
        | "Write rows" >> beam.ParDo(Calls(write_all, work))  # shards: int
    )


def retokenise(task: Task, work: Work, number: int) -> Iterator[dict[str, Any]]:
    """Yield the row and counts of one shard as JSON, written unless it is there."""
    folder = join(work.folder, "rows")
    path = join(folder, f"{number:08d}.json")
    if is_there(work, folder, number):
        yield read_json(path)
        return
    old = _index(task.corpus, task.snapshot).rows[number]
    made = retokenise_shard(task.corpus, old, _tokenizer(task), task.oracle_share)
    value = {"row": row_to_json(made.row), "counts": [asdict(count) for count in made.counts]}
    write_json(path, value)
    yield value


def write_all(work: Work, element: tuple[int, Iterable[dict[str, Any]]]) -> Iterator[int]:
    """Yield how many shards there are, all of them written together, in order."""
    ordered = sorted(element[1], key=lambda one: [one["row"][key] for key in ("domain", "subset", "index")])
    write_json(join(work.folder, "shards.json"), {"shards": ordered})
    yield len(ordered)


def _work_id(task: Task) -> str:
    settings = (
        None if task.shards is None else task.shards.model_dump(mode="json", exclude={"tokenizer_json"})
    )
    return canonical_sha256([task.snapshot, settings, task.shard_tokens])[:24]


def _spills(index: Index) -> tuple[int, int]:
    """Return (spills, shards of one)."""
    n_bytes = sum(row.n_tokens for row in index.rows) * _TEXT_BYTES_PER_TOKEN
    per_spill = parts_per_spill(len(index.rows), n_bytes)
    return -(-len(index.rows) // per_spill), per_spill


def _add_spills(
    pipeline: beam.Pipeline, task: Task, work: Work, n_spills: int, per_spill: int
) -> beam.PCollection[int]:
    """Return how many spills there are, once all documents are in one."""
    spills = (
        pipeline
        | "Spills" >> beam.Create([n_spills], reshuffle=False)  # spills: int
        | "Number spills" >> beam.FlatMap(lambda count: list(range(count)))  # spill: int
        | "Spread spills" >> Spread()  # spill: int
        | "Spill"
        >> beam.ParDo(Calls(spill_shards, task, work, per_spill, watched=True))  # (table, SpillInfo)
    )
    return sum_spills(spills, work)


def spill_shards(task: Task, work: Work, per_spill: int, number: int) -> Iterator[tuple[int, SpillInfo]]:
    """Yield (number of a table, the spill of some consecutive shards): written unless it is there."""
    if is_there(work, work.spills, number):
        info = read_spill(work.spills, number)
    else:
        index = _index(task.corpus, task.snapshot)
        rows = index.rows[number * per_spill : (number + 1) * per_spill]
        batches = (
            batch
            for row in rows
            for batch in stored_documents(task.corpus, row, with_tokens=task.shards is None)
        )
        seed = int(index.header["seed"])
        info = write_spill(
            batches, _tokenizer(task), seed, work.spills, number, task.oracle_share, work.codec
        )
    yield table_of(number), info


@lru_cache(maxsize=1)
def _index(corpus: str, snapshot: str) -> Index:
    return read_index(corpus, snapshot)


@lru_cache(maxsize=1)
def _tokenizer(task: Task) -> Tokenizer:
    if task.shards is not None:
        return configured_tokenizer(task.shards, task.corpus)
    return open_tokenizer(task.corpus, _index(task.corpus, task.snapshot).header["tokenizer"])


def _check_documents(index: Index, counts: Counts) -> None:
    """Raise `DoesNotAddUp` unless every (domain, subset) has as many documents as it had."""
    before: Counter[tuple[str, str]] = Counter()
    after: Counter[tuple[str, str]] = Counter()
    for row in index.rows:
        before[row.domain, row.subset] += row.n_docs
    for count in counts:
        after[count.domain, count.subset] += count.documents
    if before != after:
        raise DoesNotAddUp(
            f"snapshot {index.snapshot} holds {dict(before)}, what was read of it {dict(after)}"
        )


def _header(task: Task, index: Index, counts: Counts) -> dict[str, Any]:
    """Return the header of the new snapshot: that of the old one, but for what was changed."""
    config = dict(index.header["config"])
    shards = dict(config["shards"])
    header = {key: value for key, value in index.header.items() if key not in OF_INDEX}
    if task.shards is not None:
        shards |= task.shards.model_dump(mode="json", exclude={"tokenizer_json"})
        header["tokenizer"] = _tokenizer(task).identity()
    if task.shard_tokens is not None:
        shards["shard_tokens"] = task.shard_tokens
    config["shards"] = shards
    return {
        **header,
        "config": config,
        "config_sha256": canonical_sha256(config),
        "conservation": {**index.header["conservation"], "rows": [asdict(count) for count in counts]},
        "code_version": __version__,
    }
