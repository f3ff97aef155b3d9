"""What a corpus keeps of its retractions: a ledger each, and from all of them what must never come back.

retractions/<id>.json        the request (what, why, when asked), counts, shards and parts before and after
retractions/<id>.parquet     the documents that went: ids, hashes, the entry or the copy that took them along
retractions/<id>.moved.parquet   of `next-best`: what took whose place, and what else is decided otherwise
retractions/work-<id>/       while it is being done; `begun.json` in it says that files were changed

No text is kept. The id is a hash of the request and of the snapshot that it was made on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, cast

import pyarrow

from corpusforge.files import exists, join, list_files, publishing
from corpusforge.frozen import canonical_sha256
from corpusforge.parquet import open_sealed_parquet
from corpusforge.parquet_seal import write_sealed_table
from corpusforge.retract.lists import Entry, RetractionList, listed_again
from corpusforge.sealed import read_json, write_json

pa: Any = pyarrow  # ships no types for what is used here

FOLDER = "retractions"
BEGUN = "begun.json"
WHOLE_CLUSTER = "cluster"
"""A document's copies go with it, near ones too."""
NEXT_BEST = "next-best"
"""A document's copies stay: the next best one of its cluster takes its place."""
POLICIES = (WHOLE_CLUSTER, NEXT_BEST)
RETURNED, LEFT, CHANGED = "returned", "left", "changed"
"""Under `NEXT_BEST`, a document that comes into shards; goes out of them; whose text is cut otherwise."""
_ID_DIGITS = 24
REMOVED_SCHEMA: Any = pa.schema(
    [
        ("doc_id", pa.string()),
        ("content_hash", pa.string()),  # as its part has it, where there is one, else as its shard has
        ("source", pa.string()),
        ("domain", pa.string()),
        ("subset", pa.string()),
        ("entry", pa.int64()),  # its place in the ledger's entries; -1 of a copy that went along
        ("cluster_id", pa.string()),  # of its duplicates; null where it had none
        ("shard", pa.string()),  # that held it; null where duplicates or repeats had taken it out
        ("tokens", pa.int64()),  # EOS included; 0 where no shard held it
        ("part", pa.string()),  # that held it; null where the part is no longer there
    ]
)
"""The columns of `retractions/<id>.parquet`, sorted by `doc_id`."""


@dataclass(frozen=True, kw_only=True)
class Request:
    """What is asked for."""

    parent: str
    """The snapshot that it is taken out of."""
    listed: RetractionList
    why: str = ""
    asked: str = ""
    """When, as it was given."""
    is_hashed: bool = False
    """Whether the ledger keeps hashes of URLs, hosts and repositories."""
    policy: str = WHOLE_CLUSTER
    """What becomes of the copies of a document."""

    @property
    def id(self) -> str:
        """24 hex digits."""
        return canonical_sha256([self.parent, *self._said()])[:_ID_DIGITS]

    def _said(self) -> list[object]:
        return [self.listed.sha256, self.why, self.asked, self.is_hashed, self.policy]

    def to_json(self) -> dict[str, Any]:
        """Return it as the ledger has it."""
        kept = self.listed.hashed() if self.is_hashed else self.listed
        return {
            "id": self.id,
            "parent": self.parent,
            "list_sha256": self.listed.sha256,
            "entries": [[entry.kind, entry.value] for entry in kept.entries],
            "is_hashed": self.is_hashed,
            "why": self.why,
            "asked": self.asked,
            "policy": self.policy,
        }

    def is_of(self, ledger: Mapping[str, Any]) -> bool:
        """Return whether a ledger is of the same request, whatever snapshot it was made on."""
        return self._said() == [ledger[key] for key in ("list_sha256", "why", "asked", "is_hashed", "policy")]


def ledger_path(corpus: str, retraction: str) -> str:
    """Return where the ledger of a retraction lies."""
    return join(corpus, FOLDER, f"{retraction}.json")


def removed_path(corpus: str, retraction: str) -> str:
    """Return where the documents of a retraction are told of."""
    return join(corpus, FOLDER, f"{retraction}.parquet")


def moved_path(corpus: str, retraction: str) -> str:
    """Return where the documents are told of that came in, or are decided otherwise, under `NEXT_BEST`."""
    return join(corpus, FOLDER, f"{retraction}.moved.parquet")


def work_folder(corpus: str, retraction: str) -> str:
    """Return where a retraction is being done."""
    return join(corpus, FOLDER, f"work-{retraction}")


def ledgers(corpus: str) -> list[dict[str, Any]]:
    """Return the ledgers of a corpus, in the order of their ids."""
    paths = list_files(join(corpus, FOLDER, "*.json"))
    return [read_json(path) for path in sorted(paths)]


def ledger_digest(ledger: Mapping[str, Any]) -> str:
    """Return the sha256 of what a ledger says."""
    return canonical_sha256(ledger)


def begun(corpus: str) -> list[str]:
    """Return the ids of retractions that changed files and did not end."""
    paths = list_files(join(corpus, FOLDER, "work-*", BEGUN))
    return sorted(path.split("/")[-2].removeprefix("work-") for path in paths)


def resumed(corpus: str, request: Request) -> Request:
    """Return the request on the snapshot that it was begun on, where it did not end; else as it is."""
    for waiting in begun(corpus):
        told = read_json(join(work_folder(corpus, waiting), BEGUN))
        if request.is_of(told):
            return replace(request, parent=str(told["parent"]))
    return request


def done_before(corpus: str, request: Request) -> dict[str, Any] | None:
    """Return the ledger of the same list, whatever was said of it, of the same policy if there is one.

    None where the list was never taken out.
    """
    same = [ledger for ledger in ledgers(corpus) if ledger["list_sha256"] == request.listed.sha256]
    return min(same, key=lambda ledger: (ledger["policy"] != request.policy, ledger["id"]), default=None)


def why_not_now(corpus: str) -> str | None:
    """Return why nothing else may be made in a corpus now, in one line; None where all is well."""
    if not (waiting := begun(corpus)):
        return None
    return (
        f"{corpus}: retraction {waiting[0]} was begun and did not end: run the same `corpusforge retract` "
        "again, it goes on"
    )


def header_block(corpus: str) -> dict[str, Any]:
    """Return what the header of a snapshot says of a corpus's retractions: `retracted`; nothing of none."""
    keys = ("list_sha256", "policy", "documents", "copies", "tokens")
    told = {
        ledger["id"]: {"ledger_sha256": ledger_digest(ledger), **{key: ledger[key] for key in keys}}
        for ledger in ledgers(corpus)
    }
    return {"retracted": told} if told else {}


def holds_all(corpus: str, header: Mapping[str, Any]) -> bool:
    """Return whether a snapshot was made without all that was taken out of its corpus."""
    return all(ledger["id"] in header.get("retracted", {}) for ledger in ledgers(corpus))


def write_ledger(corpus: str, ledger: Mapping[str, Any], removed: Any, moved: Any = None) -> None:
    """Publish the documents that went, and those that moved for them, then the ledger: it commits them."""
    if moved is not None:
        with publishing(moved_path(corpus, ledger["id"])) as path:
            write_sealed_table(moved, path, compression="zstd")
    with publishing(removed_path(corpus, ledger["id"])) as path:
        write_sealed_table(removed, path, compression="zstd")
    write_json(ledger_path(corpus, ledger["id"]), ledger)


def read_removed(corpus: str, retraction: str, columns: list[str] | None = None) -> Any:
    """Return the table of the documents that went (`REMOVED_SCHEMA`)."""
    with open_sealed_parquet(removed_path(corpus, retraction)) as file:
        return file.read(columns)


@dataclass(frozen=True)
class Standing:
    """What must not come back into a corpus."""

    lists: tuple[RetractionList, ...]
    """What was asked for, conditions left out: they speak of one snapshot."""
    ids: Any
    """Arrow array of the documents that went."""
    hashes: Any
    """Arrow array of their content hashes, but of those whose copies stay."""


def standing(corpus: str) -> Standing | None:
    """Return what must not come back into a corpus; None where nothing was ever taken out."""
    names = tuple(sorted(list_files(join(corpus, FOLDER, "*.json"))))
    return _standing(corpus, names) if names else None


@lru_cache(maxsize=2)
def _standing(corpus: str, paths: tuple[str, ...]) -> Standing:
    found = [read_json(path) for path in paths]
    tables = [read_removed(corpus, ledger["id"], ["doc_id", "content_hash"]) for ledger in found]
    whole = [table for table, ledger in zip(tables, found, strict=True) if ledger["policy"] == WHOLE_CLUSTER]
    hashes = pa.concat_tables([REMOVED_SCHEMA.empty_table().select(["doc_id", "content_hash"]), *whole])
    return Standing(
        lists=tuple(list_of(ledger) for ledger in found),
        ids=pa.concat_tables(tables).combine_chunks()["doc_id"].unique(),
        hashes=hashes.combine_chunks()["content_hash"].unique().drop_null(),
    )


def list_of(ledger: Mapping[str, Any]) -> RetractionList:
    """Return the entries of a ledger that stand: all but conditions."""
    entries = cast("list[list[str]]", ledger["entries"])
    kept = [Entry(kind, value) for kind, value in entries if kind != "where"]
    return listed_again(kept, is_hashed=ledger["is_hashed"])


def find_moved(corpus: str, doc_id: str) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Yield (ledger, row of what moved) of each retraction by which a document came in, left or changed."""
    for ledger in ledgers(corpus):
        path = moved_path(corpus, ledger["id"])
        if ledger["policy"] == NEXT_BEST and exists(path):
            with open_sealed_parquet(path) as file:
                table = file.read()
            yield from ((ledger, row) for row in _rows_of(table, doc_id))


def _rows_of(table: Any, doc_id: str) -> list[dict[str, Any]]:
    place = int(pyarrow.compute.index(table["doc_id"], doc_id).as_py())  # pyright: ignore
    return table.slice(place, 1).to_pylist() if place >= 0 else []


def find_removed(corpus: str, doc_id: str) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Yield (ledger, row of `REMOVED_SCHEMA`) of each retraction that took a document out."""
    for ledger in ledgers(corpus):
        if not exists(removed_path(corpus, ledger["id"])):
            continue
        yield from ((ledger, row) for row in _rows_of(read_removed(corpus, ledger["id"]), doc_id))
