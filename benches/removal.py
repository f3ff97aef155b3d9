"""What `gc` and `verify --absent` cost over 39,110 shards: CPU seconds, memory, requests; JSON lines.

    python benches/removal.py gc [--shards 39110] [--parts 1000000] [--changed 2000]
    python benches/removal.py absent [--shards 39110] [--entries 10000] [--workers 1]

`gc`: a bucket of names alone (a store in memory that counts requests as `gs://` and `s3://` take them: 1,000
names a listing, 100 a batch of removals): two snapshots that share all shards but `--changed`, and all parts
but as many. `absent`: small shards on disk, of 8 documents each, and a list of ids; files are read, their
checksums, coverage and rows checked as those of any shard are; of a real shard the hashing of its bytes
comes on top.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib
import json
import os
import resource
import sys
import tempfile
import time
from bisect import bisect_left
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import xxhash

sys.path.insert(0, str(Path(__file__).parents[1]))

from corpusforge import files
from corpusforge.absence.proof import prove, scope_of
from corpusforge.document import documents_to_batch
from corpusforge.files import store
from corpusforge.files.paths import root_and_name
from corpusforge.garbage.alone import held
from corpusforge.garbage.collect import Choice, choose
from corpusforge.retract.lists import listed
from corpusforge.shards.format import KINDS, ShardRow, shard_id, shard_path
from corpusforge.shards.snapshot import commit
from tests.shards.corpus import make_documents, make_header_for_tests

EOS = 100257
BATCH = 100


class Names:
    """A bucket in memory: names and sizes; bytes of the small files alone."""

    def __init__(self) -> None:
        self.sizes: dict[str, int] = {}
        self.data: dict[str, bytes] = {}
        self.sorted: list[str] = []
        self.requests: dict[str, int] = {}

    def _count(self, kind: str, number: int = 1) -> None:
        self.requests[kind] = self.requests.get(kind, 0) + number

    def settle(self) -> None:
        """Sort the names: listings are in their order."""
        self.sorted = sorted(self.sizes)

    def state(self, path: str) -> store.ObjectState:
        self._count("stat")
        name = root_and_name(path)[1]
        if name not in self.sizes:
            raise files.StorageMissing(path, "stat", "no such object", 2)
        return store.ObjectState(name, self.sizes[name], 1, "0" * 32)

    def exists(self, path: str) -> bool:
        self._count("stat")
        return root_and_name(path)[1] in self.sizes

    def fetch_whole(self, path: str) -> bytes:
        self._count("read")
        return self.data[root_and_name(path)[1]]

    def fetch(self, path: str, start: int, stop: int, version: object) -> store.Fetched:
        self._count("read")
        data = self.data[root_and_name(path)[1]]
        return store.Fetched(data[start:stop], 1, len(data))

    def pages(self, root: str, prefix: str, *, one_level: bool = False) -> Any:
        at = bisect_left(self.sorted, prefix)
        while True:
            some = self.sorted[at : at + 1000]
            self._count("list")
            page = [name for name in some if name.startswith(prefix)]
            yield [store.ObjectState(name, self.sizes[name], 1, "") for name in page if name in self.sizes]
            if len(page) < 1000:
                return
            at += 1000

    def upload(self, path: str, data: bytes | None, local: str | None, expected: object = None) -> bool:
        self._count("write")
        name = root_and_name(path)[1]
        self.data[name] = data if data is not None else Path(str(local)).read_bytes()
        self.sizes[name] = len(self.data[name])
        return True

    def delete_many(self, root: str, names: list[str]) -> int:
        self._count("delete", -(-len(names) // BATCH))
        for name in names:
            self.sizes.pop(name, None)
        return len(names)


def row_of(number: int, salt: int) -> ShardRow:
    """Return the row of a shard of names alone."""
    digests = [hashlib.sha256(f"{salt}/{number}/{kind}".encode()).hexdigest() for kind in KINDS]
    return ShardRow(
        id=shard_id(digests), domain="web", subset="all", index=number, bytes=1 << 30, n_tokens=1 << 28,
        n_docs=300_000, max_len=100_000, max_id=EOS, sha256=digests[0], ends_sha256=digests[1],
        docs_sha256=digests[2], text_sha256=digests[3], xxh3=("0" * 16,) * 16, crc32=("0" * 8,) * 16,
    )  # fmt: skip


def spent(start: float) -> dict[str, float]:
    """Return CPU seconds since a start, and the most memory the process has had."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu_s = usage.ru_utime + usage.ru_stime + children.ru_utime + children.ru_stime - start
    return {"cpu_s": round(cpu_s, 1), "peak_mb": usage.ru_maxrss // 1024}


def cpu() -> float:
    """Return CPU seconds so far."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def write_plan_table(corpus: str, ids: list[str]) -> dict[str, Any]:
    """Write the table of a build's parts; return what the header of a snapshot says of it."""
    from corpusforge.document import SourceKind
    from corpusforge.parts.plan import write_plan
    from corpusforge.parts.spec import PartSpec

    specs = (
        PartSpec(
            part_id=one, source="web", kind=SourceKind.WARC, path="", name=f"web/{one}", digest=one,
            size_bytes=1, start=0, stop=None,
        )
        for one in ids
    )  # fmt: skip
    plan = write_plan(corpus, ["web"], specs)
    return {"inputs": [], "n_inputs": plan.n_parts, "plan": plan.plan_id}


def bench_gc(n_shards: int, n_parts: int, n_changed: int) -> None:
    """Print what listing snapshots, a dry run and a removal cost."""
    names = Names()
    for module in ("store", "listing", "publishing", "reading", "sources"):
        found = importlib.import_module(f"corpusforge.files.{module}")
        if hasattr(found, "store_of"):
            found.store_of = lambda path: names
    corpus = "gs://names/corpus"
    parent: str | None = None
    for salt in (0, 1):
        rows = [row_of(number, salt if number < n_changed else 0) for number in range(n_shards)]
        parts = [
            hashlib.sha256(f"{salt if number < n_changed else 0}/{number}".encode()).hexdigest()[:24]
            for number in range(n_parts)
        ]
        header = {**make_header_for_tests(), **write_plan_table(corpus, parts)}
        parent = commit(corpus, rows, header, parent=parent)
        for row in rows:
            for kind in KINDS:
                names.sizes[f"corpus/{shard_path(row.domain, row.subset, row.id, kind)}"] = 1 << 28
        for one in parts:
            for end in (
                "parts/{}.documents.parquet",
                "parts/{}.signatures.bin",
                "rejects/{}.rejects.parquet",
            ):
                names.sizes["corpus/" + end.format(one)] = 1 << 24
    names.settle()
    print(
        json.dumps({"shards": n_shards, "parts": n_parts, "objects": len(names.sizes), **spent(0)}),
        flush=True,
    )
    names.requests.clear()
    start = cpu()
    told = held(corpus)
    freed = {one.snapshot[:8]: one.freed.files for one in told}
    print(
        json.dumps({"what": "snapshots listed", **spent(start), **names.requests, "alone": freed}), flush=True
    )
    for dry_run in (True, False):
        names.requests.clear()
        start = cpu()
        removal = choose(corpus, Choice())
        removal.run(dry_run=dry_run)
        counts = {kind: one.files for kind, one in removal.freed.items()}
        what = "dry run" if dry_run else "removal"
        print(json.dumps({"what": what, **spent(start), **names.requests, "files": counts}), flush=True)


def bench_absent(n_shards: int, n_entries: int, workers: int) -> None:
    """Print what a proof over small shards costs."""
    with tempfile.TemporaryDirectory() as name:
        corpus = os.path.join(name, "corpus")
        documents = documents_to_batch(make_documents(8))
        table = pa.Table.from_batches([documents])
        starts, lengths = np.arange(8, dtype=np.uint64) * 8, np.full(8, 8, np.uint32)
        docs = table.drop_columns(["text"]).append_column("start", pa.array(starts))
        docs = docs.append_column("length", pa.array(lengths))
        pq.write_table(docs, f"{name}/docs", compression="zstd")
        pq.write_table(table.select(["doc_id", "text"]), f"{name}/text", compression="zstd")
        ends = np.cumsum(lengths).astype("<u8").tobytes()
        data = {
            "docs": Path(f"{name}/docs").read_bytes(),
            "text": Path(f"{name}/text").read_bytes(),
            "ends": ends,
        }
        digests = {kind: hashlib.sha256(one).hexdigest() for kind, one in data.items()}
        rows: list[ShardRow] = []
        for number in range(n_shards):
            tokens = np.random.default_rng(number).integers(0, EOS, 64).astype("<u4")
            tokens[7::8] = EOS
            payload = tokens.tobytes()
            sha256 = hashlib.sha256(payload).hexdigest()
            one = shard_id([sha256, digests["ends"], digests["docs"], digests["text"]])
            row = ShardRow(
                id=one, domain="web", subset="all", index=number, bytes=len(payload), n_tokens=64, n_docs=8,
                max_len=8, max_id=EOS, sha256=sha256, ends_sha256=digests["ends"],
                docs_sha256=digests["docs"], text_sha256=digests["text"],
                xxh3=(xxhash.xxh3_64_hexdigest(payload),), crc32=("0" * 8,),
            )  # fmt: skip
            rows.append(row)
            for kind, body in {**data, "tokens": payload}.items():
                path = Path(corpus, shard_path("web", "all", one, kind))
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(body)
        commit(corpus, rows, make_header_for_tests())
        entries = [("id", hashlib.sha256(str(n).encode()).hexdigest()[:32]) for n in range(n_entries)]
        start, began = cpu(), time.monotonic()
        look, _ = prove(scope_of(corpus, None, ()), listed(entries), (), copies=True, workers=workers)
        wall_s = round(time.monotonic() - began, 1)
        found = {place: (seen.files, seen.documents, seen.found) for place, seen in look.seen.items()}
        print(
            json.dumps({"shards": n_shards, "entries": n_entries, **spent(start), "wall_s": wall_s, **found})
        )
        assert not look.faults and not look.found, look.faults[:3]


def main() -> None:
    """Run what is asked for."""
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=["gc", "absent"])
    parser.add_argument("--shards", type=int, default=39_110)
    parser.add_argument("--parts", type=int, default=1_000_000)
    parser.add_argument("--changed", type=int, default=2000)
    parser.add_argument("--entries", type=int, default=10_000)
    parser.add_argument("--workers", type=int, default=1)
    given = parser.parse_args()
    if given.what == "gc":
        bench_gc(given.shards, given.parts, given.changed)
    else:
        bench_absent(given.shards, given.entries, given.workers)


if __name__ == "__main__":
    main()
