"""Which files may hold what a list names: sorted hashes of ids, texts, URLs, hosts and repositories.

lookups/<id>/<bucket>.u64        hashes in order, then as many places (u64 each), of one range of hashes
lookups/<id>/places.parquet      the files that it covers; written last: its presence is the commit

Made once by workers for all files that no lookup covers yet; a later request reads a few blocks of each
bucket. A file only ever loses documents, so a lookup may name too much, never too little: what it names is
looked at. A shard that was written again is found by the one that it was made of. Conditions and licences
have no hash: they are looked for in all files.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast

import numpy as np
import pyarrow
import xxhash
from numpy.typing import NDArray

from corpusforge.files import join, list_files, publishing, remove
from corpusforge.frozen import canonical_sha256
from corpusforge.parquet import open_sealed_parquet
from corpusforge.parquet_seal import SealedParquetWriter
from corpusforge.retract.keys import host_suffixes, hosts_of, repo_key, url_keys
from corpusforge.retract.lists import BELOW, RetractionList
from corpusforge.sealed import SealedBlocks, damaged, read_json, write_json, write_sealed

pa: Any = pyarrow  # ships no types for what is used here

FOLDER = "lookups"
COLUMNS = ("doc_id", "content_hash", "url", "host", "repo")
PLACES_SCHEMA: Any = pa.schema([("kind", pa.string()), ("name", pa.string())])
"""The files that a lookup covers, by their numbers; how many buckets there are is in the footer."""
_BUCKETS = "corpusforge.buckets"
ENTRY_DTYPE = np.dtype([("hash", "<u8"), ("place", "<u8")])
BUCKET_ENTRIES = 1 << 22
"""About so many entries of a bucket: 64 MiB, sorted in memory."""
ENTRIES_PER_DOCUMENT = 4
File = tuple[str, str]
"""(kind: `shard`, `part` or `clusters`, name); of no kind once it is made again."""
SHARD, PART, CLUSTERS = "shard", "part", "clusters"
_WITHOUT_HASH = ("where", "licence")


def file_keys(batch: Any) -> NDArray[np.uint64]:
    """Return hashes of all by which a list can name rows of a batch that has `COLUMNS`, or `doc_id` alone."""
    names = set(batch.schema.names)
    keys = [f"id:{value}" for value in batch.column("doc_id").to_pylist()]
    if "content_hash" in names:
        keys += [f"hash:{value}" for value in batch.column("content_hash").to_pylist() if value]
    if "url" in names:
        hosts, urls = url_keys(_whole(batch.column("url")))
        keys += [f"url:{value}" for value in urls.to_pylist() if value]
        named = hosts_of(hosts, _whole(batch.column("host"))).unique().to_pylist()
        keys += [f"host:{suffix}" for host in named if host for suffix in host_suffixes(host)]
    if "repo" in names:
        for value in _whole(batch.column("repo")).unique().to_pylist():
            if value:
                key = repo_key(value)
                keys += [f"repo:{key}", f"repo:{key.partition('/')[0]}{BELOW}"]
    return np.unique(_hashes(keys))


def _whole(column: Any) -> Any:
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column


def _hashes(keys: Sequence[str]) -> NDArray[np.uint64]:
    values = (xxhash.xxh3_64_intdigest(key.encode("utf-8", "surrogatepass")) for key in keys)
    return np.fromiter(values, np.uint64, len(keys))


def list_keys(listed: RetractionList) -> NDArray[np.uint64] | None:
    """Return the hashes to look for, sorted; None where an entry has none."""
    keys: list[str] = []
    for entry in listed.entries:
        if entry.kind in _WITHOUT_HASH:
            return None
        if entry.kind == "url" and entry.value.endswith(BELOW):
            keys.append(f"host:{entry.value.partition('/')[0].partition(':')[0]}")
        else:
            keys.append(str(entry))
    return np.unique(_hashes(keys))


@dataclass(frozen=True, kw_only=True)
class Making:
    """A lookup that is being made: handed to every worker."""

    corpus: str
    folder: str
    n_buckets: int

    @property
    def files_path(self) -> str:
        """Where the files that it covers are told, while it is made."""
        return f"{self.folder}-files.json"


def begin(corpus: str, files: Sequence[File], n_documents: int) -> Making:
    """Return the making of a lookup over files of about so many documents, its list of files written."""
    n_buckets = buckets_for(n_documents)
    name = canonical_sha256([[list(file) for file in files], n_buckets])[:24]
    making = Making(corpus=corpus, folder=join(corpus, FOLDER, name), n_buckets=n_buckets)
    write_json(making.files_path, {"files": [list(file) for file in files]})
    return making


def buckets_for(n_documents: int) -> int:
    """Return how many buckets the entries of so many documents make: a power of two."""
    n_buckets = 1
    while n_buckets * BUCKET_ENTRIES < n_documents * ENTRIES_PER_DOCUMENT:
        n_buckets *= 2
    return n_buckets


GROUP_PLACES = 1 << 20
"""Places of one file: its number of row groups is below it."""


def by_bucket(
    batches: Iterable[Any], file: int, n_buckets: int, *, by_group: bool
) -> Iterator[tuple[int, bytes]]:
    """Yield (bucket, packed `ENTRY_DTYPE`) of a file's batches, one a row group.

    A place is the number of the file, and of the row group where the file's stay as they are.
    """
    made = [np.empty(0, ENTRY_DTYPE)]
    for group, batch in enumerate(batches):
        hashes = file_keys(batch)
        entries = np.empty(len(hashes), ENTRY_DTYPE)
        entries["hash"] = hashes
        entries["place"] = file * GROUP_PLACES + (group if by_group else 0)
        made.append(entries)
    whole = np.unique(np.concatenate(made))
    buckets = _bucket_of(whole["hash"], n_buckets)
    for bucket in np.unique(buckets).tolist():
        yield bucket, whole[buckets == bucket].tobytes()


def _bucket_of(hashes: NDArray[np.uint64], n_buckets: int) -> NDArray[np.int64]:
    bits = n_buckets.bit_length() - 1
    return (hashes >> np.uint64(64 - bits)).astype(np.int64) if bits else np.zeros(len(hashes), np.int64)


def bucket_path(folder: str, bucket: int) -> str:
    """Return where a bucket of a lookup lies."""
    return join(folder, f"{bucket:06d}.u64")


def write_bucket(making: Making, element: tuple[int, Iterable[bytes]]) -> Iterator[int]:
    """Yield the number of a bucket, its entries written in order."""
    entries = np.frombuffer(b"".join(element[1]), ENTRY_DTYPE)
    entries = entries[np.lexsort((entries["place"], entries["hash"]))]
    write_sealed(bucket_path(making.folder, element[0]), np.concatenate([entries["hash"], entries["place"]]))
    yield element[0]


def finish(making: Making) -> None:
    """Commit a lookup whose buckets are written."""
    _write_places(making.folder, read_json(making.files_path)["files"], making.n_buckets)
    remove(making.files_path)


def _write_places(folder: str, files: Iterable[Sequence[str]], n_buckets: int) -> None:
    table = pa.Table.from_pylist([{"kind": kind, "name": name} for kind, name in files], PLACES_SCHEMA)
    with publishing(_places_path(folder)) as path:
        with SealedParquetWriter(path, PLACES_SCHEMA, compression="zstd") as writer:
            writer.write_table(table)
            writer.add_key_value_metadata({_BUCKETS: str(n_buckets)})


def _places_path(folder: str) -> str:
    return join(folder, "places.parquet")


@lru_cache(maxsize=32)
def n_buckets_of(folder: str) -> int:
    """Return into how many ranges a lookup divides hashes."""
    with open_sealed_parquet(_places_path(folder)) as file:
        return int(file.metadata.metadata[_BUCKETS.encode()])


def lookups(corpus: str) -> list[str]:
    """Return the folders of the lookups of a corpus, sorted."""
    return sorted(path.rpartition("/")[0] for path in list_files(join(corpus, FOLDER, "*", "places.parquet")))


@lru_cache(maxsize=32)
def covered(folder: str) -> tuple[File, ...]:
    """Return the files that a lookup covers, by their numbers."""
    with open_sealed_parquet(_places_path(folder)) as file:
        table = file.read(["kind", "name"])
    return tuple(zip(table["kind"].to_pylist(), table["name"].to_pylist(), strict=True))


def find(folder: str, keys: NDArray[np.uint64]) -> dict[File, set[int]]:
    """Return the files that may hold what sorted hashes name, each with its row groups.

    Raises `Damaged` where a block that is looked at is not what was written.
    """
    files = covered(folder)
    found: dict[File, set[int]] = {}
    there = {int(path[-10:-4]) for path in list_files(join(folder, "*.u64"))}
    buckets = _bucket_of(keys, n_buckets_of(folder))
    for bucket in sorted(there.intersection(np.unique(buckets).tolist())):
        for place in _places(bucket_path(folder, bucket), keys[buckets == bucket]):
            found.setdefault(files[place // GROUP_PLACES], set()).add(place % GROUP_PLACES)
    return found


def _places(path: str, keys: NDArray[np.uint64]) -> Iterator[int]:
    """Yield the places of some hashes in a bucket, each block that decides checked."""
    blocks = SealedBlocks(path)
    values: NDArray[np.uint64] = cast(Any, blocks.payload.view("<u8"))
    n_entries = len(values) // 2
    hashes = values[:n_entries]
    starts, stops = (np.searchsorted(hashes, keys, side=side).tolist() for side in ("left", "right"))
    for key, start, stop in zip(keys.tolist(), starts, stops, strict=True):
        first, last = max(0, start - 1), min(n_entries, stop + 1)
        blocks.check(8 * first, 8 * last)
        around = [*hashes[first:start].tolist(), key, *hashes[stop:last].tolist()]
        if sorted(set(around)) != around or set(hashes[start:stop].tolist()) - {key}:
            raise damaged(path, "its hashes are not in order")
        blocks.check(8 * (n_entries + start), 8 * (n_entries + stop))
        yield from values[n_entries + start : n_entries + stop].tolist()


def ancestors(ledgers: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Return {shard that was written again: the one that it was made of}, but of those that got documents."""
    return {
        shard["after"]: shard["before"]
        for ledger in ledgers
        for shard in ledger["shards"]
        if shard["after"] and not shard.get("came")
    }


def forget(corpus: str, run: str) -> None:
    """Have no lookup cover the tables of clusters of a run: they are made again."""
    for folder in lookups(corpus):
        files = [
            ("", name) if kind == CLUSTERS and name.partition("/")[0] == run else (kind, name)
            for kind, name in covered(folder)
        ]
        if files != list(covered(folder)):
            _write_places(folder, files, n_buckets_of(folder))
    covered.cache_clear()
