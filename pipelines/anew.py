"""anew: parts that lost documents -> dedup and repeats again -> what comes into shards, and what leaves them.

Of a retraction whose copies stay. The runs are a build's; what they decided before is put aside first, so
that what they decide otherwise can be told, and a killed call can go on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np

from corpusforge.dedup.result import NO_DUPLICATES, forget
from corpusforge.files import exists, join
from corpusforge.parts.deciding import (
    MOVED_SCHEMA,
    Deciding,
    aside_list,
    clear,
    deciding_of,
    moved_rows,
    put_aside,
)
from corpusforge.parts.finding import Task, read_table
from corpusforge.parts.request import Found
from corpusforge.parts.retracted import Removed
from corpusforge.parts.returning import (
    PLACED_SCHEMA,
    arrivals,
    count_again,
    kept_without,
    moved_path,
    moved_told,
    n_chunks,
    of_shard,
    place_rows,
    placed,
    placed_path,
)
from corpusforge.parts.settling import redactions_of, remove_other_runs, removed_of_parts, told_of_parts
from corpusforge.parts.totals import check_sharded
from corpusforge.printable import counted_as
from corpusforge.retract.conservation import summed
from corpusforge.retract.lookup import forget as forget_lookups
from corpusforge.sealed import write_json
from corpusforge.shards.arrow import pa
from corpusforge.shards.format import ShardRow
from corpusforge.shards.places import GROUPS
from corpusforge.shards.spill import Count
from corpusforge.shards.tokenizer import Tokenizer
from corpusforge.shards.tokenizer_choice import open_tokenizer
from corpusforge.shards.without import Coming, Place, Without, place_of, shard_changed
from corpusforge_pipelines.dedup import run_dedup
from corpusforge_pipelines.leakage import run_leakage
from corpusforge_pipelines.numbered import each_number, rows_together
from corpusforge_pipelines.observer import Done
from corpusforge_pipelines.repeats import run_repeats
from corpusforge_pipelines.stages import Stages
from corpusforge_pipelines.work import Work as Calls


@dataclass(frozen=True, kw_only=True)
class Anew:
    """What was decided anew of a snapshot."""

    deciding: Deciding
    sources: Mapping[str, Any]
    """What became of the records of each source."""
    leakage: Mapping[str, Any] | None
    parts: list[dict[str, Any]]
    """What the ledger says of parts."""

    @property
    def task(self) -> Task:
        """Return the retraction."""
        return self.deciding.task

    def shards(self) -> set[int]:
        """Return the numbers of the shards that what moved falls to; a new one's is beyond the last."""
        numbers: list[int] = placed(self.task)["shard"].to_pylist()
        return set(numbers)

    def conservation(self, gone: Sequence[Count], came: Sequence[Count]) -> dict[str, Any]:
        """Return what became of every record. Raises `DoesNotAddUp` where shards hold something else."""
        before = self.task.index().header["conservation"]
        lost = [replace(one, documents=-one.documents, tokens=-one.tokens, bytes=-one.bytes) for one in gone]
        counts = summed([*(Count(**row) for row in before.get("rows", [])), *lost, *came])
        rows = [asdict(count) for count in counts if count.documents]
        check_sharded(self.sources, rows)
        leakage = {"leakage": self.leakage} if self.leakage else {}
        return {"sources": self.sources, "rows": rows, **leakage}

    def told(self, found: Found, shards: Mapping[int, str | None]) -> Any:
        """Return what the ledger keeps of what moved. `shards`: ids of those written, by number."""
        named = zip(found.removed["doc_id"].to_pylist(), found.removed["shard"].to_pylist(), strict=True)
        held = {doc_id: shard is not None for doc_id, shard in named}
        return moved_told(placed(self.task), found.members, held, shards)


def moved_counts(moved: Any) -> dict[str, int]:
    """Return how many documents came in, left or are cut otherwise."""
    counts: Counter[str] = Counter(moved["what"].to_pylist())
    return dict(sorted(counts.items()))


def decide_anew(run: Stages, task: Task, found: Found) -> Anew:
    """Return what dedup and repeats decide without what went from parts; done before, it is found done."""
    deciding, removed = deciding_of(task), removed_of_parts(task, found)
    redactions = redactions_of(task, removed)
    sources = kept_without(deciding, removed, redactions)
    documents = {name: source["kept"] for name, source in sources.items()}
    _clear_once(run, deciding, removed)
    duplicates, repeats, leakage = NO_DUPLICATES, dict[str, Any](), None
    if deciding.is_compared:
        what = f"comparing {counted_as(sum(documents.values()), 'document')}"
        with run.stage("dedup", 1, lambda: Done(words=what)) as words:
            duplicates = run_dedup(run.pipeline, deciding.plan, deciding.config, documents)
            words.append(counted_as(duplicates["removed"], "document") + " removed")
    if deciding.repeats() is not None:
        with run.stage("repeats", 1, lambda: Done(words="counting paragraphs and lines")):
            repeats = run_repeats(run.pipeline, deciding.plan, deciding.config, documents)
    count_again(deciding, sources, duplicates, repeats)
    if deciding.is_compared and deciding.config.dedup.leakage:
        with run.stage("leakage", 1, lambda: Done(words="comparing domains")):
            leakage = run_leakage(run.pipeline, deciding.plan, deciding.config, sources)
    _place(run, deciding)
    return Anew(deciding=deciding, sources=sources, leakage=leakage, parts=told_of_parts(removed))


def _clear_once(run: Stages, deciding: Deciding, removed: Mapping[str, Removed]) -> None:
    """Put aside what was decided, and remove it; what was made since stays."""
    done = join(deciding.task.folder, "cleared.json")
    if not exists(done):
        count = len(aside_list(deciding))
        each_number(run.pipeline, count, Calls(put_aside, deciding))
        clear(deciding)
        remove_other_runs(deciding.task, deciding.folders(), removed)
        for folder in deciding.runs():
            forget_lookups(deciding.task.corpus, folder.rpartition("/")[2])
        write_json(done, {"files": count})
    forget()


def _place(run: Stages, deciding: Deciding) -> None:
    """Write what is decided otherwise, and the shards that it falls to."""
    task = deciding.task
    with run.stage("compare", deciding.plan.n_parts) as words:
        if not exists(moved_path(task)):
            calls = Calls(moved_rows, deciding, watched=True)
            rows_together(run.pipeline, deciding.plan.n_parts, calls, moved_path(task), MOVED_SCHEMA)
        if not exists(placed_path(task)):
            calls = Calls(place_rows, task)
            rows_together(run.pipeline, n_chunks(task), calls, placed_path(task), PLACED_SCHEMA)
        counts = moved_counts(read_table(moved_path(task), ["what"]))
        words.append(", ".join(f"{n:,} {what}" for what, n in counts.items()) or "nothing moved")


def shard_anew(deciding: Deciding, number: int, old: ShardRow | None, named: Any) -> Without:
    """Return a shard without what was named or left, and with what came in; `old` is None of a new one."""
    task = deciding.task
    tokenizer = _tokenizer(task)
    left, comes = of_shard(placed(task), number)
    coming = None
    if len(comes):
        coming = Coming(documents=arrivals(deciding, comes, tokenizer), seed=deciding.config.seed)
    if old is not None:
        place = place_of(old)
    else:
        domain, subset = GROUPS[number - len(task.index().rows)]
        place = Place(domain=domain, subset=subset, index=0, token_bytes=np.dtype(tokenizer.dtype).itemsize)
    doc_ids = pa.chunked_array([named, left], pa.string()).combine_chunks()
    return shard_changed(task.corpus, place, old, doc_ids, coming)


@lru_cache(maxsize=1)
def _tokenizer(task: Task) -> Tokenizer:
    return open_tokenizer(task.corpus, task.index().header["tokenizer"])
