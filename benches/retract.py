"""What a retraction costs: finding documents among 39,110 shards, writing what held any; JSON on stdout.

    python benches/retract.py find [--documents 400] [--buckets 16]
    python benches/retract.py many CORPUS [--documents 10000]     # a copy of a built corpus is taken apart
    python benches/retract.py kills CORPUS [--kills 30]           # killed at random moments, run again
    python benches/retract.py touched CORPUS [--shards 200]       # a document of 1, 10, 100 shards
    python benches/retract.py portable CORPUS [--policy next-best]   # on a portable runner, and here

`find`: the index of ten trillion tokens (benches/ten_trillion.py), real docs tables for the shards that are
looked into, and a lookup of 10 million other documents; CPU seconds of all that is no rewriting.
`many`: as many documents by id, host and URL, found absent afterwards, none else missing.
`touched`: a copy in so many shards; CPU seconds by stage, and bytes of the files of shards that are new.
`portable`: the same documents taken out by a job service's workers; seconds by stage, whether bytes agree.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import xxhash

sys.path.insert(0, str(Path(__file__).parents[1]))

import corpusforge
from benches.kills import compared, digests, job_service, killed_at
from benches.ten_trillion import synthetic
from corpusforge.parts.finding import Task
from corpusforge.retract.ledger import POLICIES, WHOLE_CLUSTER, Request, ledgers
from corpusforge.retract.lists import listed
from corpusforge.retract.lookup import (
    ENTRY_DTYPE,
    GROUP_PLACES,
    begin,
    finish,
    write_bucket,
)
from corpusforge.shards.documents import DOCS_SCHEMA
from corpusforge.shards.format import shard_path
from corpusforge.shards.snapshot import commit, read_index
from corpusforge_pipelines.observer import SilentObserver
from corpusforge_pipelines.retract import retract
from corpusforge_pipelines.rewrite import Task as Rewriting
from corpusforge_pipelines.rewrite import rewrite

GROUPS, GROUP_ROWS = 8, 8192
NOISE_DOCUMENTS = 10_000_000


def cpu_s() -> float:
    """Return CPU seconds of this process and of its children that ended."""
    own, below = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + below.ru_utime + below.ru_stime


def docs_table(number: int) -> Any:
    """Return the docs table of a shard: in each row group its first document is one to look for."""
    n_rows = GROUPS * GROUP_ROWS
    ids = [xxhash.xxh3_128_hexdigest(f"{number} {row}".encode()) for row in range(n_rows)]
    columns = {
        "doc_id": ids,
        "content_hash": ids[::-1],
        "url": [f"https://host{row % 997}.example.org/{number}/{row}" for row in range(n_rows)],
        "host": [f"host{row % 997}.example.org" for row in range(n_rows)],
        "source": ["crawl"] * n_rows,
        "domain": ["web"] * n_rows,
        "subset": ["all"] * n_rows,
        "length": pa.array(np.full(n_rows, 4096), pa.uint32()),
    }
    nulls = {f.name: pa.nulls(n_rows, f.type) for f in DOCS_SCHEMA if f.name not in columns}
    return pa.table([{**columns, **nulls}[name] for name in DOCS_SCHEMA.names], schema=DOCS_SCHEMA)


def find(n_documents: int, n_buckets: int) -> dict[str, Any]:
    """Return what it costs to find documents by id and by URL in an index of 39,110 shards."""
    with tempfile.TemporaryDirectory() as folder:
        n_shards = synthetic(folder, 10_500_000_000_000)
        index = read_index(folder)
        rng = np.random.default_rng(7)
        chosen = rng.choice(n_shards, -(-n_documents // GROUPS), replace=False)
        entries, wanted = [], []
        for number, shard in enumerate(chosen.tolist()):
            row = index.rows[shard]
            path = Path(folder, shard_path(row.domain, row.subset, row.id, "docs"))
            table = docs_table(number)
            pq.write_table(table, path, row_group_size=GROUP_ROWS, compression="zstd")
            for group in range(GROUPS):
                first = table.slice(group * GROUP_ROWS, 1).to_pylist()[0]
                url = first["url"].removeprefix("https://")
                for key in (f"id:{first['doc_id']}", f"hash:{first['content_hash']}", f"url:{url}"):
                    entries.append((xxhash.xxh3_64_intdigest(key.encode()), shard * GROUP_PLACES + group))
                wanted.append(("id", first["doc_id"]) if group % 2 else ("url", url))
        files = [("shard", f"{row.domain}/{row.subset}/{row.id}") for row in index.rows]
        making = begin(folder, files, 0)
        making = type(making)(corpus=folder, folder=making.folder, n_buckets=n_buckets)
        write_lookup(making, np.array(entries, ENTRY_DTYPE), rng, n_shards)
        request = Request(parent=index.snapshot, listed=listed(wanted[:n_documents]))
        start, start_s = cpu_s(), time.monotonic()
        found = retract(Task(corpus=folder, request=request), dry_run=True).found
        found_s = cpu_s() - start
        assert found is not None and len(found.removed) >= n_documents, len(found.removed)
        start = cpu_s()
        header = {key: index.header[key] for key in ("corpus_id", "tokenizer", "seed", "config")}
        rest = {key: index.header[key] for key in ("config_sha256", "inputs", "conservation", "code_version")}
        commit(folder, index.rows[1:], {**header, **rest}, parent=index.snapshot)
        return {
            "shards": n_shards,
            "documents": len(found.removed),
            "buckets": n_buckets,
            "find_cpu_s": round(found_s, 2),
            "commit_cpu_s": round(cpu_s() - start, 2),
            "cpu_s_per_1000_documents": round((found_s + cpu_s() - start) / len(found.removed) * 1000, 1),
            "wall_s": round(time.monotonic() - start_s, 1),
        }


def write_lookup(making: Any, entries: Any, rng: Any, n_shards: int) -> None:
    """Write a lookup of the entries among those of many other documents, bucket by bucket."""
    per_bucket = NOISE_DOCUMENTS * 4 // making.n_buckets
    shift = np.uint64(64 - (making.n_buckets.bit_length() - 1))
    for bucket in range(making.n_buckets):
        noise = np.empty(per_bucket, ENTRY_DTYPE)
        low = rng.integers(0, 2 ** int(shift), per_bucket, np.uint64)
        noise["hash"] = (np.uint64(bucket) << shift) | low
        noise["place"] = rng.integers(0, n_shards, per_bucket) * GROUP_PLACES
        mine = entries[(entries["hash"] >> shift) == bucket]
        list(write_bucket(making, (bucket, [noise.tobytes(), mine.tobytes()])))
    finish(making)


def many(corpus: str, n_documents: int) -> dict[str, Any]:
    """Return what it took to take documents out of a copy of a corpus, and whether that is all that went."""
    with tempfile.TemporaryDirectory(dir=Path(corpus).parent) as folder:
        copy = str(shutil.copytree(corpus, Path(folder, "corpus")))
        opened = corpusforge.open_corpus(copy)
        before = {row["id"]: row for row in opened.documents(columns=["id", "url", "content_hash"])}
        names = random.Random(3).sample(sorted(before), min(n_documents, len(before) // 3))
        entries = [
            ("url", url) if (url := before[name]["url"]) and place % 2 else ("id", name)
            for place, name in enumerate(names)
        ]
        index = read_index(copy)
        request = Request(parent=index.snapshot, listed=listed(entries))
        start = cpu_s()
        result = retract(Task(corpus=copy, request=request))
        spent_s = cpu_s() - start
        assert result.found is not None
        after = {row["id"] for row in corpusforge.open_corpus(copy).documents(columns=["id"])}
        gone, told = before.keys() - after, set(result.found.removed["doc_id"].to_pylist())
        parts = {
            name for path in Path(copy, "parts").glob("*.documents.parquet")
            for name in pq.read_table(path, columns=["doc_id"])["doc_id"].to_pylist()
        }  # fmt: skip
        (ledger,) = ledgers(copy)
        return {
            "documents_before": len(before),
            "asked": len(names),
            "still_there": len(set(names) & (after | parts)),
            "gone": len(gone),
            "gone_but_not_told_of": len(gone - told),
            "copies_told_of": ledger["copies"],
            "more_than_before": len(after - before.keys()),
            "shards_written": len(ledger["shards"]),
            "of_shards": len(index.rows),
            "cpu_s": round(spent_s, 1),
        }


class CpuByStage(SilentObserver):
    """CPU seconds of each stage."""

    def __init__(self) -> None:
        self.spent_s: dict[str, float] = {}
        self._start_s = 0.0

    def start(self, stage: str, total: int, poll: Any) -> None:
        self._start_s = cpu_s()

    def finish(self, stage: str, detail: str) -> None:
        self.spent_s[stage] = self.spent_s.get(stage, 0.0) + cpu_s() - self._start_s


def touched(corpus: str, n_shards: int) -> dict[str, Any]:
    """Return what it took to write 1, 10 and 100 shards without a document each, in that order."""
    with tempfile.TemporaryDirectory(dir=Path(corpus).parent) as folder:
        whole = str(shutil.copytree(corpus, Path(folder, "whole")))
        old = read_index(whole)
        shard_tokens = -(-int(old.header["totals"]["n_tokens"]) // n_shards)
        rewrite(Rewriting(corpus=whole, snapshot=old.snapshot, shards=None, shard_tokens=shard_tokens))
        index = read_index(whole)
        chance, rows = random.Random(5), [row for row in index.rows if row.n_docs > 1]
        chance.shuffle(rows)
        first = [
            next(
                pq.ParquetFile(Path(whole, shard_path(row.domain, row.subset, row.id, "docs"))).iter_batches(
                    1
                )
            )
            for row in rows[:100]
        ]
        names = [batch["doc_id"][0].as_py() for batch in first]
        warm(whole, names[-1], Path(folder, "warm"))
        told: list[dict[str, Any]] = []
        for count in (1, 10, 100):
            copy = str(shutil.copytree(whole, Path(folder, f"copy-{count}")))
            before, observer = sizes(copy), CpuByStage()
            take_out(copy, names[:count], observer)
            new = {name: size for name, size in sizes(copy).items() if name not in before}
            (ledger,) = ledgers(copy)
            old_ids = {shard["before"] for shard in ledger["shards"]}
            told.append(
                {
                    "asked": count,
                    "documents": ledger["documents"] + ledger["copies"],
                    "shards_written": len(ledger["shards"]),
                    "parts_written": len(ledger["parts"]),
                    "shard_bytes_touched": sum(
                        size for name, size in before.items() if Path(name).name[:32] in old_ids
                    ),
                    "shard_bytes_written": sum(size for name, size in new.items() if name[:6] == "shards"),
                    "cpu_s": {stage: round(spent, 2) for stage, spent in observer.spent_s.items()},
                }
            )
        return {"shards": len(index.rows), "runs": told}


def take_out(corpus: str, names: list[str], observer: SilentObserver) -> None:
    """Take documents out by their ids."""
    request = Request(parent=read_index(corpus).snapshot, listed=listed(("id", name) for name in names))
    retract(Task(corpus=corpus, request=request), observer=observer)


def warm(corpus: str, name: str, copy: Path) -> None:
    """Make the lookup of a corpus, and load what a retraction loads: neither is rewriting."""
    shutil.copytree(corpus, copy)
    take_out(str(copy), [name], SilentObserver())
    shutil.copytree(copy / "lookups", Path(corpus, "lookups"))


def sizes(corpus: str) -> dict[str, int]:
    """Return the bytes of the files of a corpus."""
    return {
        str(path.relative_to(corpus)): path.stat().st_size
        for path in Path(corpus).rglob("*") if path.is_file()
    }  # fmt: skip


def kills(corpus: str, n_kills: int) -> dict[str, Any]:
    """Return how retractions ended that were killed at random moments and run again."""
    rng = random.Random(11)
    with tempfile.TemporaryDirectory(dir=Path(corpus).parent) as name:
        folder = Path(name)
        opened = corpusforge.open_corpus(corpus)
        ids = sorted(row["id"] for row in opened.documents(columns=["id"]))
        (folder / "list").write_text("".join(f"id:{one}\n" for one in rng.sample(ids, len(ids) // 12)))

        def command(copy: Path) -> list[str]:
            arguments = ["retract", str(copy), str(folder / "list"), "--yes-remove-share", "0.5"]
            return [sys.executable, "-m", "corpusforge.cli", *arguments]

        whole = Path(shutil.copytree(corpus, folder / "whole"))
        start_s = time.monotonic()
        assert killed_at(command(whole), 600) == "ended before"
        took_s, expected = time.monotonic() - start_s, same(whole)
        ends: dict[str, int] = {}
        for number in range(n_kills):
            copy = Path(shutil.copytree(corpus, folder / f"corpus-{number}"))
            how = killed_at(command(copy), rng.random() * took_s)
            killed_at(command(copy), 600)
            how = f"{how}, {compared(expected, same(copy))}"
            ends[how] = ends.get(how, 0) + 1
            shutil.rmtree(copy)
    return {"kills": n_kills, "whole_s": round(took_s, 1), "ends": ends}


class WallByStage(CpuByStage):
    """Seconds of each stage."""

    def start(self, stage: str, total: int, poll: Any) -> None:
        self._start_s = time.monotonic()

    def finish(self, stage: str, detail: str) -> None:
        self.spent_s[stage] = round(self.spent_s.get(stage, 0.0) + time.monotonic() - self._start_s, 1)


def portable(corpus: str, policy: str) -> dict[str, Any]:
    """Return how long a retraction takes on a portable runner, whose workers start for each stage."""
    with tempfile.TemporaryDirectory(dir=Path(corpus).parent) as folder, job_service() as flags:
        ids = sorted(row["id"] for row in corpusforge.open_corpus(corpus).documents(columns=["id"]))
        entries = listed(("id", name) for name in ids[:: max(1, len(ids) // 5)])
        told: dict[str, Any] = {}
        copies: list[Path] = []
        for runner, beam_flags in (("DirectRunner", []), ("PortableRunner", flags[3:])):
            copies.append(Path(shutil.copytree(corpus, Path(folder, runner))))
            request = Request(parent=read_index(corpus).snapshot, listed=entries, policy=policy)
            task, watch = Task(corpus=str(copies[-1]), request=request), WallByStage()
            retract(task, runner=runner, beam_flags=beam_flags, observer=watch)
            told[runner] = {"wall_s": watch.spent_s, "all_s": round(sum(watch.spent_s.values()), 1)}
        return {"policy": policy, **told, "ends": compared(*map(same, copies))}


def same(corpus: Path) -> dict[str, str]:
    """Return digests of all that must be the same: pages that tell of a run apart."""
    return {
        name: digest
        for name, digest in digests(corpus).items()
        if not any(part in name for part in ("report.html", "card.md", "croissant.json", "lookups/"))
    }


def main() -> None:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("what", choices=("find", "many", "kills", "touched", "portable"))
    parser.add_argument("corpus", nargs="?")
    parser.add_argument("--documents", type=int)
    parser.add_argument("--buckets", type=int, default=16)
    parser.add_argument("--kills", type=int, default=30)
    parser.add_argument("--shards", type=int, default=200)
    parser.add_argument("--policy", choices=POLICIES, default=WHOLE_CLUSTER)
    options = parser.parse_args()
    if options.what == "find":
        result = find(options.documents or 400, options.buckets)
    elif options.what == "many":
        result = many(options.corpus, options.documents or 10_000)
    elif options.what == "touched":
        result = touched(options.corpus, options.shards)
    elif options.what == "portable":
        result = portable(options.corpus, options.policy)
    else:
        result = kills(options.corpus, options.kills)
    print(json.dumps(result))


if __name__ == "__main__":
    os.environ.setdefault("COLUMNS", "120")
    main()
