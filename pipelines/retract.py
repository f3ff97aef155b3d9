"""retract: a request -> what goes -> parts, clusters and shards without it -> a child snapshot.

Nothing is changed while documents are looked for. From `begun.json` on the retraction must end: a build, or
another retraction, is refused until the same call came through.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any

import apache_beam as beam

from corpusforge import __version__
from corpusforge.cost.amount import Cost
from corpusforge.cost.receipt import forget_runs
from corpusforge.dedup.result import forget
from corpusforge.files import exists, join, remove_tree
from corpusforge.parts.deciding import Deciding, check_decidable, deciding_of
from corpusforge.parts.finding import (
    CLUSTER_ROWS,
    NAMED_SCHEMA,
    Task,
    clusters_of,
    find_named,
    part_ids,
    read_table,
    write_places,
)
from corpusforge.parts.looking import Covering, Groups, files_of, index_file
from corpusforge.parts.request import (
    Found,
    conditions_left_out,
    find_all,
    read_found_all,
    removed_table,
    write_found_all,
)
from corpusforge.parts.retracted import part_without
from corpusforge.parts.settling import check_before, point_builds, settle
from corpusforge.parts.totals import BuildError
from corpusforge.printable import counted_as
from corpusforge.retract.conservation import Gone, conservation_without
from corpusforge.retract.ledger import BEGUN, NEXT_BEST, header_block, why_not_now, write_ledger
from corpusforge.retract.lists import RetractionList
from corpusforge.retract.lookup import (
    CLUSTERS,
    PART,
    SHARD,
    Making,
    begin,
    finish,
    list_keys,
    write_bucket,
)
from corpusforge.sealed import read_json, write_json
from corpusforge.shards.arrow import pa
from corpusforge.shards.format import ShardRow, row_from_json, row_to_json
from corpusforge.shards.snapshot import Index, commit, read_current, read_index
from corpusforge.shards.spill import Count
from corpusforge.shards.without import shard_without
from corpusforge.workers import pool_of
from corpusforge_pipelines.anew import Anew, decide_anew, moved_counts, shard_anew
from corpusforge_pipelines.bill import Bill, charge, open_bill
from corpusforge_pipelines.failures import blamed, quiet_tracebacks
from corpusforge_pipelines.loading import LOCAL_RUNNERS
from corpusforge_pipelines.numbered import each_number, numbers, rows_together
from corpusforge_pipelines.observer import Done, Observer, SilentObserver
from corpusforge_pipelines.rewrite import OF_INDEX
from corpusforge_pipelines.runs import Run
from corpusforge_pipelines.stages import Stages, one_writer_at_a_time
from corpusforge_pipelines.work import Work as Calls

Elements = Sequence[Any]
NONE: Any = pa.array([], pa.string())
"""No ids."""
NOTHING = Cost()


@dataclass(frozen=True, kw_only=True)
class Result:
    """What a retraction did, or would do."""

    found: Found | None
    """None where it was committed before, and its ledger tells."""
    snapshot: str | None
    """None where it was only asked."""


def retract(
    task: Task,
    *,
    check: Callable[[Found], None] = lambda found: None,
    dry_run: bool = False,
    runner: str = "DirectRunner",
    workers: int = 1,
    beam_flags: Sequence[str] = (),
    observer: Observer | None = None,
    started: Cost = NOTHING,
) -> Result:
    """Return what went from a corpus, and the snapshot without it, now the current one.

    `check` is told what was found, and raises where that must not go. Interrupted, the same call goes on.
    `started` is what was spent before the call: it goes on the receipt; looking alone is on none.
    Raises `Nothing` where the request names no document, ValueError for a corpus that is not sound, and
    `BuildError` where a pipeline fails or another retraction did not end.
    """
    logging.getLogger("apache_beam").setLevel(logging.ERROR)
    quiet_tracebacks()
    index = read_index(task.corpus, task.request.parent)
    name = str(index.header["corpus_id"])
    n_workers = workers if runner in LOCAL_RUNNERS else 1
    with one_writer_at_a_time(task.corpus), pool_of(n_workers):
        bill = Bill() if dry_run else open_bill(task.corpus, task.request.id, runner, n_workers)
        bill.start(started)
        run = Stages(
            name=name, runner=runner, beam_flags=beam_flags, observer=observer or SilentObserver(), bill=bill
        )
        if (waits := why_not_now(task.corpus)) and not is_begun(task):
            raise BuildError(waits)
        if _is_committed(task):
            return Result(found=None, snapshot=_end(run, task, read_current(task.corpus)))
        if is_begun(task):
            found = read_found_all(task)
        else:
            remove_tree(task.folder)  # what a killed call found may be of other parts
            try:
                looking = _Looking(run, task)
                found = find_all(task, looking.find, looking.clusters, looking.tables)
                check(found)
                check_before(task, found)
                if task.request.policy == NEXT_BEST:
                    check_decidable(deciding_of(task), set(part_ids(task.corpus)))
            except Exception:  # nothing was changed, so nothing is kept of it
                remove_tree(task.folder)
                if bill.journal:
                    forget_runs(bill.journal)
                raise
            if dry_run:
                remove_tree(task.folder)
                return Result(found=found, snapshot=None)
        return Result(found=found, snapshot=_take_out(run, task, index, found))


def is_begun(task: Task) -> bool:
    """Return whether a retraction changed files and did not end."""
    return exists(join(task.folder, BEGUN))


def _is_committed(task: Task) -> bool:
    """Return whether it was killed behind its commit."""
    current = read_current(task.corpus)
    if current == task.request.parent:
        return False
    return task.request.id in read_index(task.corpus, current).header.get("retracted", {})


def _end(run: Stages, task: Task, snapshot: str) -> str:
    """Return the snapshot, with its receipt; what the retraction left while it was done is gone."""
    point_builds(task.corpus, task.request.parent, snapshot)
    forget()  # rows that go are others now: a build of this process reads them again
    remove_tree(join(task.corpus, "spills"))
    tokens = int(read_index(task.corpus, snapshot).header["totals"]["n_tokens"])
    charge(run.bill, task.corpus, snapshot, {}, input_bytes=0, tokens=tokens, has_made=False)
    remove_tree(task.folder)  # last: a call that was killed before goes on
    return snapshot


class _Looking:
    """Looks for documents where the lookups of the corpus lead, which cover all its files when it is made."""

    def __init__(self, run: Stages, task: Task) -> None:
        self._run, self._task = run, task
        self._files = files_of(task.corpus, task.index(), part_ids(task.corpus))
        self._n_looks = 0
        self.tables = [name for kind, name in self._files if kind == CLUSTERS]
        """The names of the tables of clusters."""
        missing = Covering(task.corpus).missing(self._files)
        if missing:
            n_documents = 2 * int(task.index().header["totals"]["n_docs"])  # in shards, and in parts
            with run.stage("lookup", len(missing), unit="file") as words:
                _make_lookup(run.pipeline, begin(task.corpus, missing, n_documents), len(missing))
                words.append(counted_as(len(missing), "file"))
        self._covering = Covering(task.corpus)

    def find(self, listed: RetractionList) -> Any:
        """Return rows of `NAMED_SCHEMA`: documents of shards and parts that a list names."""
        places = self._where(listed, (SHARD, PART))
        with self._run.stage("find", len(places), unit="file") as words:
            calls = (find_named, self._task, listed, conditions_left_out(listed))
            rows = self._look(places, calls, NAMED_SCHEMA)
            words.append(counted_as(len(set(rows["doc_id"].to_pylist())), "document"))
        return rows

    def clusters(self, asked: str, listed: RetractionList) -> Any:
        """Return rows of `CLUSTER_ROWS`: the clusters that hold any of the documents asked for."""
        places = self._where(listed, (CLUSTERS,))
        with self._run.stage("clusters", len(places), unit="table") as words:
            rows = self._look(places, (clusters_of, self._task, asked), CLUSTER_ROWS)
            words.append(f"{counted_as(len(rows), 'document')} in clusters of these")
        return rows

    def _where(self, listed: RetractionList, kinds: tuple[str, ...]) -> list[tuple[str, str, Groups]]:
        files = [file for file in self._files if file[0] in kinds]
        keys = list_keys(listed)
        found = dict.fromkeys(files) if keys is None else self._covering.candidates(files, keys)
        return [(kind, name, groups) for (kind, name), groups in found.items()]

    def _look(self, places: Elements, calls: tuple[Any, ...], schema: Any) -> Any:
        """Return what calls find in places together."""
        self._n_looks += 1
        where = join(self._task.folder, "looks", f"{self._n_looks:04d}.json")
        path = where.replace(".json", ".parquet")
        write_places(where, places)
        return rows_together(
            self._run.pipeline, len(places), Calls(*calls, where, watched=True), path, schema
        )


def _make_lookup(run: Run, making: Making, n_files: int) -> None:
    run(
        lambda pipeline: (
            numbers(pipeline, n_files)
            | "Hash" >> beam.ParDo(Calls(index_file, making, watched=True))  # (bucket: int, entries: bytes)
            | "By bucket" >> beam.GroupByKey()  # (bucket: int, [entries: bytes])
            | "Sort" >> beam.ParDo(Calls(write_bucket, making))  # bucket: int
        )
    )
    finish(making)


def _take_out(run: Stages, task: Task, index: Index, found: Found) -> str:
    """Return the snapshot without what was found, each file written unless it was before."""
    if not is_begun(task):
        write_found_all(task, found)
        write_json(join(task.folder, BEGUN), task.request.to_json())
        found = read_found_all(task)  # as a call that goes on has it: the ledger's bytes are the same
    with run.stage("parts", len(found.parts)) as words:
        each_number(run.pipeline, len(found.parts), Calls(rewrite_part, task, watched=True))
        words.append(counted_as(len(found.parts), "part"))
    anew = decide_anew(run, task, found) if task.request.policy == NEXT_BEST else None
    by_shard = found.by_shard()
    touched = {number for number, row in enumerate(index.rows) if row.id in by_shard}
    if anew is not None:
        touched.update(anew.shards())
    with run.stage("shards", len(touched), unit="shard") as words:
        deciding = None if anew is None else anew.deciding
        write_json(_touched_path(task), {"shards": sorted(touched)})
        each_number(run.pipeline, len(touched), Calls(rewrite_shard, task, deciding, watched=True))
        words.append(counted_as(len(touched), "shard"))
    with run.stage("commit", 1, lambda: Done()) as words, blamed(task.corpus):
        snapshot = _commit(task, index, found, sorted(touched), anew)
        words.append(f"snapshot {snapshot}")
    return _end(run, task, snapshot)


def rewrite_part(task: Task, place: int) -> Iterator[str]:
    """Yield the id of a part, by its place among those found, rewritten without what goes."""
    part_id = _found(task).parts[place]
    record = join(task.folder, "parts", f"{part_id}.json")
    part_without(task.corpus, part_id, _removed(task), task.request.id, record)
    yield part_id


@lru_cache(maxsize=1)
def _removed(task: Task) -> Any:
    return read_table(removed_table(task), ["doc_id"])["doc_id"].combine_chunks()


@lru_cache(maxsize=1)
def _found(task: Task) -> Found:
    return read_found_all(task)


@lru_cache(maxsize=1)
def _by_shard(task: Task) -> dict[str, Any]:
    return _found(task).by_shard()


def _touched_path(task: Task) -> str:
    return join(task.folder, "touched.json")


@lru_cache(maxsize=1)
def _touched(task: Task) -> list[int]:
    return list(read_json(_touched_path(task))["shards"])


def rewrite_shard(task: Task, deciding: Deciding | None, place: int) -> Iterator[int]:
    """Yield the number of a shard, by its place among those touched, written unless it was before."""
    number = _touched(task)[place]
    path = _shard_record(task, number)
    if not exists(path):
        rows = task.index().rows
        old = rows[number] if number < len(rows) else None
        named = NONE if old is None else _by_shard(task).get(old.id, NONE)
        if deciding is not None:
            made = shard_anew(deciding, number, old, named)
        else:
            assert old is not None
            made = shard_without(task.corpus, old, named)
        row = None if made.row is None else row_to_json(made.row)
        counts = {key: [asdict(count) for count in getattr(made, key)] for key in ("gone", "came")}
        write_json(path, {"row": row, **counts})
    yield number


def _shard_record(task: Task, number: int) -> str:
    return join(task.folder, "shards", f"{number:08d}.json")


def _commit(task: Task, index: Index, found: Found, numbers: Iterable[int], anew: Anew | None) -> str:
    """Return the id of the snapshot without what went, all that stands on its parts settled before."""
    made = {number: read_json(_shard_record(task, number)) for number in numbers}
    rows: list[ShardRow] = [row for number, row in enumerate(index.rows) if number not in made]
    rows += [row_from_json(one["row"]) for one in made.values() if one["row"] is not None]
    rows.sort(key=lambda row: (row.domain, row.subset, row.index))
    gone, came = ([Count(**count) for one in made.values() for count in one[key]] for key in ("gone", "came"))
    if anew is None:
        settled = settle(task, found)
        what = Gone(
            shards=gone,
            duplicates=settled.duplicates,
            repeats=settled.repeats,
            redactions=settled.redactions,
        )
        conservation, parts, moved = (
            conservation_without(index.header["conservation"], what),
            settled.parts,
            None,
        )
    else:
        conservation, parts = anew.conservation(gone, came), anew.parts
        moved = anew.told(found, {number: one["row"] and one["row"]["id"] for number, one in made.items()})
    ledger = _ledger(task, index, found, made, parts)
    if moved is not None:
        ledger["moved"] = moved_counts(moved)
    write_ledger(task.corpus, ledger, found.removed, moved)
    header = {key: value for key, value in index.header.items() if key not in OF_INDEX}
    header |= {"conservation": conservation, "code_version": __version__, **header_block(task.corpus)}
    return commit(task.corpus, rows, header, parent=index.snapshot)


def _ledger(
    task: Task, index: Index, found: Found, made: dict[int, Any], parts: Sequence[dict[str, Any]]
) -> dict[str, Any]:
    """Return what is kept of a retraction for ever."""
    return {
        **task.request.to_json(),
        "hits": list(found.hits),
        "documents": found.n_named,
        "copies": len(found.removed) - found.n_named,
        "shipped": found.n_shipped,
        "tokens": found.n_tokens,
        "by_domain": {name: list(of) for name, of in found.by_domain().items()},
        "shards": [_ledger_shard(index, number, one) for number, one in sorted(made.items())],
        "parts": list(parts),
    }


def _ledger_shard(index: Index, number: int, one: dict[str, Any]) -> dict[str, Any]:
    """Return what a ledger says of a shard: `came` where documents came in; a new one was none before."""
    old = index.rows[number] if number < len(index.rows) else None
    known = row_to_json(old) if old is not None else one["row"]
    return {
        **{key: known[key] for key in ("domain", "subset", "index")},
        "before": old and old.id,
        "after": one["row"] and one["row"]["id"],
        **{key: sum(count[key] for count in one["gone"]) for key in ("documents", "tokens")},
        **({"came": sum(count["documents"] for count in one["came"])} if one["came"] else {}),
    }
