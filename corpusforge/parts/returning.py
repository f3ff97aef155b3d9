"""Documents that come into the shards of a snapshot, for others that were taken out of it.

    work-<id>/placed.parquet   documents that are decided otherwise, each with its shard (`PLACED_SCHEMA`)

A document's place follows from its key alone, so that it stands where a build would have put it.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

import numpy as np
import pyarrow
import pyarrow.compute
from numpy.typing import NDArray

from corpusforge.document import DropReason, document_from_row, documents_to_batch
from corpusforge.files import join, open_input
from corpusforge.parquet import open_parquet, open_sealed_parquet
from corpusforge.parts.deciding import MOVED_SCHEMA, Deciding
from corpusforge.parts.finding import Task, read_table, to_bytes
from corpusforge.parts.format import COMMIT, part_path
from corpusforge.parts.plan import manifest_rows
from corpusforge.parts.repeated import Cuts
from corpusforge.parts.retracted import Removed
from corpusforge.parts.survivors import without_repeats
from corpusforge.parts.totals import add_duplicates, add_repeats
from corpusforge.retract.ledger import CHANGED, LEFT, RETURNED
from corpusforge.shards.format import ShardRow, shard_path
from corpusforge.shards.inside import path_inside
from corpusforge.shards.places import GROUPS, shard_key
from corpusforge.shards.tokenise import with_tokens
from corpusforge.shards.tokenizer import Tokenizer

pa: Any = pyarrow  # ship no types for what is used here
pc: Any = pyarrow.compute

PLACED_SCHEMA: Any = pa.schema([*MOVED_SCHEMA, ("shard", pa.int64())])
"""`shard`: its number in the parent's index; from the number of shards on, a new one of a group."""
TOGETHER_SCHEMA: Any = pa.schema(
    [
        ("doc_id", pa.string()),
        ("what", pa.string()),
        ("source", pa.string()),
        ("domain", pa.string()),
        ("subset", pa.string()),
        ("cluster_id", pa.string()),  # of the duplicates of a document that was named, before it went
        ("instead_of", pa.list_(pa.string())),  # those of it that were named and in shards
        ("shard", pa.string()),  # of the child, that holds it; null of one that left
    ]
)
"""The columns of `retractions/<id>.moved.parquet`, sorted by `doc_id`."""
CHUNK_ROWS = 256
"""Documents that one call finds the shards of: neighbours, so that they share what is read."""


def moved_path(task: Task) -> str:
    """Return where the documents that are decided otherwise are told of."""
    return join(task.folder, "moved.parquet")


def placed_path(task: Task) -> str:
    """Return where they are told of with their shards."""
    return join(task.folder, "placed.parquet")


def n_chunks(task: Task) -> int:
    """Return how many calls find the shards of what moved."""
    return -(-len(_moved_in_order(task)) // CHUNK_ROWS)


@lru_cache(maxsize=1)
def _moved_in_order(task: Task) -> Any:
    """Return what moved by (group, key)."""
    table = read_table(moved_path(task))
    seed = int(task.index().header["seed"])
    ids, domains, subsets = (table[name].to_pylist() for name in ("doc_id", "domain", "subset"))
    places = [
        (GROUPS.index((domain, subset)), shard_key(doc_id, seed), doc_id)
        for doc_id, domain, subset in zip(ids, domains, subsets, strict=True)
    ]
    return table.take(pa.array(sorted(range(len(places)), key=places.__getitem__), pa.int64()))


def place_rows(task: Task, chunk: int) -> Iterator[tuple[int, bytes]]:
    """Yield (0, rows of `PLACED_SCHEMA` as an Arrow stream): some of what moved, with their shards."""
    rows = _moved_in_order(task).slice(chunk * CHUNK_ROWS, CHUNK_ROWS)
    seed = int(task.index().header["seed"])
    firsts = _firsts(task)
    numbers = [
        firsts.find((domain, subset), (shard_key(doc_id, seed), doc_id))
        for doc_id, domain, subset in zip(
            *(rows[name].to_pylist() for name in ("doc_id", "domain", "subset")), strict=True
        )
    ]
    yield 0, to_bytes(rows.append_column("shard", pa.array(numbers, pa.int64())).cast(PLACED_SCHEMA))


@lru_cache(maxsize=1)
def _firsts(task: Task) -> _Firsts:
    return _Firsts(task)


class _Firsts:
    """Where the shards of each group begin, read as far as it is asked for."""

    def __init__(self, task: Task) -> None:
        index = task.index()
        self._corpus, self._rows = task.corpus, index.rows
        self._seed = int(index.header["seed"])
        self._numbers: dict[tuple[str, str], list[int]] = {}
        for number, row in enumerate(index.rows):
            self._numbers.setdefault((row.domain, row.subset), []).append(number)
        self._known: dict[int, tuple[int, str]] = {}

    def find(self, group: tuple[str, str], place: tuple[int, str]) -> int:
        """Return the number of the shard that a place falls to: the last of its group that begins before it.

        Keys are spread evenly, so that it lies near where it would be among shards of equal ranges.
        """
        numbers = self._numbers.get(group)
        if numbers is None:
            return len(self._rows) + GROUPS.index(group)
        at = place[0] * len(numbers) >> 64
        while at and self._first(numbers[at]) > place:
            at -= 1
        while at + 1 < len(numbers) and self._first(numbers[at + 1]) <= place:
            at += 1
        return numbers[at]

    def _first(self, number: int) -> tuple[int, str]:
        if number not in self._known:
            doc_id = _first_id(self._corpus, self._rows[number])
            self._known[number] = shard_key(doc_id, self._seed), doc_id
        return self._known[number]


def _first_id(corpus: str, row: ShardRow) -> str:
    with open_input(path_inside(corpus, shard_path(row.domain, row.subset, row.id, "docs"))) as stream:
        ids = open_parquet(stream).read_row_group(0, columns=["doc_id"])["doc_id"]
    return ids[0].as_py()


@lru_cache(maxsize=1)
def placed(task: Task) -> Any:
    """Return the table of what moved, with shards."""
    return read_table(placed_path(task))


def of_shard(rows: Any, number: int) -> tuple[Any, Any]:
    """Return (ids that go, rows that come) of what moved, of one shard."""
    mine = rows.filter(pc.equal(rows["shard"], number))
    goes, comes = (
        mine.filter(pc.is_in(mine["what"], value_set=pa.array(whats, pa.string())))
        for whats in ((LEFT, CHANGED), (RETURNED, CHANGED))
    )
    return goes["doc_id"].combine_chunks(), comes


def arrivals(deciding: Deciding, rows: Any, tokenizer: Tokenizer) -> Any:
    """Return documents as `stored_documents` gives them, tokens among them, in the order of a shard.

    `rows` of `PLACED_SCHEMA` tell which. Memory: these documents.
    """
    batches: list[Any] = []
    cuts = Cuts(deciding.plan, deciding.config)
    for part_id in sorted(set(rows["part"].to_pylist())):
        mine = rows.filter(pc.equal(rows["part"], part_id))["row"].to_pylist()
        ranges, _ = cuts(part_id) or ({}, None)
        batches += _documents(deciding.task.corpus, part_id, np.array(sorted(mine), np.int64), ranges)
    table = pa.Table.from_batches(batches)
    ids, seed = table["doc_id"].to_pylist(), deciding.config.seed
    order = sorted(range(len(ids)), key=lambda row: (shard_key(ids[row], seed), ids[row]))
    return with_tokens(table.take(pa.array(order, pa.int64())).combine_chunks(), tokenizer)


def _documents(
    corpus: str, part_id: str, rows: NDArray[np.int64], ranges: Mapping[int, NDArray[Any]]
) -> Iterator[Any]:
    """Yield record batches of a part's documents at rows, without what is cut of them."""
    first = 0
    with open_sealed_parquet(part_path(corpus, part_id, COMMIT)) as file:
        for group in range(file.num_row_groups):
            stop = first + file.metadata.row_group(group).num_rows
            mine = rows[(rows >= first) & (rows < stop)]
            if len(mine):
                held = file.read_row_group(group).take(pa.array(mine - first))
                is_cut = np.array([row in ranges for row in mine.tolist()], np.bool_)
                yield from held.filter(pa.array(~is_cut)).to_batches()
                documents = map(document_from_row, held.filter(pa.array(is_cut)).to_pylist())
                cut = [
                    without_repeats(one, ranges[row])
                    for row, one in zip(mine[is_cut].tolist(), documents, strict=True)
                ]
                if cut:
                    yield documents_to_batch(cut)
            first = stop


def moved_told(rows: Any, members: Any, named: Mapping[str, bool], shards: Mapping[int, str | None]) -> Any:
    """Return what a ledger keeps of what moved (`TOGETHER_SCHEMA`).

    `members`: rows of `CLUSTER_ROWS` of the clusters of `named`; `named`: whether shards held each;
    `shards`: ids by their numbers.
    """
    cluster_of = dict(zip(members["doc_id"].to_pylist(), members["cluster_id"].to_pylist(), strict=True))
    lost: dict[str, list[str]] = {}
    for doc_id, was_held in sorted(named.items()):
        if was_held and doc_id in cluster_of:
            lost.setdefault(cluster_of[doc_id], []).append(doc_id)
    told: list[dict[str, Any]] = []
    for row in rows.sort_by("doc_id").to_pylist():
        cluster = cluster_of.get(row["doc_id"]) if row["what"] == RETURNED else None
        told.append(
            {
                **{name: row[name] for name in ("doc_id", "what", "source", "domain", "subset")},
                "cluster_id": cluster,
                "instead_of": lost.get(cluster or "", []),
                "shard": None if row["what"] == LEFT else shards[row["shard"]],
            }
        )
    return pa.Table.from_pylist(told, TOGETHER_SCHEMA)


def kept_without(
    deciding: Deciding, removed: Mapping[str, Removed], redactions: Mapping[str, Mapping[str, int]]
) -> dict[str, dict[str, Any]]:
    """Return what became of the records of each source, no duplicates and repeats counted yet.

    What went (`removed` of parts, `redactions` by source) is dropped, of reason `retracted`.
    """
    header = deciding.task.index().header
    sources: dict[str, dict[str, Any]] = copy.deepcopy(header["conservation"].get("sources", {}))
    boilerplate, retracted = DropReason.BOILERPLATE.value, DropReason.RETRACTED.value
    for of in sources.values():
        for domain, counts in of.pop("repeats_by_domain", {}).items():
            gone = counts.get("documents_gone", 0)
            of["kept"] += gone
            of["kept_by_domain"][domain] = of["kept_by_domain"].get(domain, 0) + gone
            of["dropped"][boilerplate] = of["dropped"].get(boilerplate, 0) - gone
        of |= {"exact_duplicates": 0, "near_duplicates": 0, "duplicates_by_domain": {}}
    for row in manifest_rows(deciding.task.corpus, header):
        one = removed.get(str(row["part_id"]))
        if one is None:
            continue
        of = sources[one["source"]]
        of["kept"] -= len(one["rows"])
        of["dropped"][retracted] = of["dropped"].get(retracted, 0) + len(one["rows"])
        for domain in one["domains"]:
            of["kept_by_domain"][domain] -= 1
    for name, of in sources.items():
        of["dropped"] = {reason: n for reason, n in sorted(of["dropped"].items()) if n}
        of["kept_by_domain"] = {domain: n for domain, n in sorted(of["kept_by_domain"].items()) if n}
        left = dict(of["redactions"])
        for kind, n in redactions.get(name, {}).items():
            left[kind] = left.get(kind, 0) - n
        of["redactions"] = {kind: n for kind, n in sorted(left.items()) if n}
    return sources


def count_again(
    deciding: Deciding,
    sources: dict[str, dict[str, Any]],
    duplicates: Mapping[str, Any],
    repeats: Mapping[str, Mapping[str, int]],
) -> None:
    """Add what runs that were made again took out to the totals of each source.

    No share is too large: it was allowed when the snapshot was built.
    """
    dedup = deciding.config.dedup.model_copy(update={"max_removed_share": 1.0})
    add_duplicates(sources, duplicates)
    add_repeats(sources, repeats, deciding.config.model_copy(update={"dedup": dedup}))
