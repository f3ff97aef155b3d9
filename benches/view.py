"""How long `corpusforge view` takes over a million documents: its first view, filters, a document.

    python benches/view.py make FOLDER --documents 1000000
    python benches/view.py measure FOLDER

`make` writes a corpus of made documents: index, docs and text tables, parts' rejects and clusters, by the
same schemas, row groups and compression as a build. Payloads of tokens are not written: nobody reads them.
`measure` starts the server in a process of its own, asks it as a browser does, and prints seconds.
"""

import argparse
import hashlib
import os
import re
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from corpusforge.config import BuildConfig
from corpusforge.dedup.result import CLUSTER_SCHEMA, write_summary
from corpusforge.document import DROP_SCHEMA, stable_id
from corpusforge.parquet_seal import SealedParquetWriter
from corpusforge.parts.format import part_path
from corpusforge.shards.documents import DOCS_SCHEMA, TEXT_SCHEMA
from corpusforge.shards.format import ShardRow, shard_id, shard_path
from corpusforge.shards.places import KEYS, shard_key
from corpusforge.shards.snapshot import commit, make_header, read_index
from corpusforge.shards.tokenizer_choice import load_tokenizer
from corpusforge.shards.writer import PARQUET, ROW_GROUP_ROWS, ROW_GROUP_TEXT_BYTES
from corpusforge.view.runs import dedup_runs

SHARES = {
    ("books", "all"): (0.01, 1),
    ("code", "all"): (0.2, 4),
    ("code_nl", "all"): (0.1, 2),
    ("math", "generic"): (0.05, 1),
    ("math", "scaffold"): (0.02, 1),
    ("multilingual", "all"): (0.04, 1),
    ("web", "all"): (0.5, 8),
    ("wikipedia", "all"): (0.08, 2),
}
"""(share of the documents, shards)."""
SEED = 17
WORDS = (
    "the sea rises twice a day and the boats go out with ebb while keeper of lamp writes proof lemma number "
    "theorem sum integral graph vertex edge return value class import market river stone bridge winter "
    "harvest letter museum catalogue orbit planet cell membrane verdict statute treaty melody chorus"
).split()
SIGNALS = 48


def make(folder: str, documents: int) -> None:
    chance = np.random.default_rng(SEED)
    texts = _texts(chance)
    signals = _signals(chance)
    hosts = np.array([f"site{n}.example.org" for n in range(20_000)])
    rows, by_key = [], []
    first = 0
    for (domain, subset), (share, shards) in SHARES.items():
        count = int(documents * share)
        ids = [stable_id("warc", f"crawl/a.warc.gz#offset={n}") for n in range(first, first + count)]
        first += count
        keys = np.array([shard_key(one, SEED) for one in ids], np.uint64)
        order = np.argsort(keys)
        cuts = np.searchsorted(keys[order], [n * KEYS // shards for n in range(1, shards)])
        total = [0, 0]
        for index, places in enumerate(np.split(order, cuts)):
            made = _table([ids[n] for n in places], (domain, subset), chance, texts, signals, hosts)
            row, n_bytes = _write(folder, (domain, subset), index, *made)
            rows.append(row)
            total = [total[0] + row.n_tokens, total[1] + n_bytes]
        by_key.append(
            {"source": "crawl", "domain": domain, "subset": subset, "documents": count, "tokens": total[0],
             "bytes": total[1]}
        )  # fmt: skip
        print(domain, subset, count, flush=True)
    config = BuildConfig.model_validate(
        {"name": "made", "output": folder, "sources": [{"name": "crawl", "paths": [f"{folder}/none.warc"]}]}
    ).corpus_settings()
    parts = [hashlib.sha256(b"%d" % n).hexdigest()[:24] for n in range(20)]
    n_drops = _rejects(folder, parts, documents // 10, texts)
    ends = {
        "bytes_in": documents * 9000, "records_in": documents + n_drops, "kept": documents,
        "kept_by_domain": {}, "dropped": {"quality": n_drops}, "duplicates_by_domain": {}, "quarantined": 0,
        "exact_duplicates": 0, "near_duplicates": 0, "redactions": {}, "unread_bytes": 0, "damaged_bytes": 0,
    }  # fmt: skip
    header = make_header(
        corpus_id="made",
        tokenizer=load_tokenizer("cl100k_base").identity(),
        seed=SEED,
        config=config,
        inputs=[
            {"beside": "", "digest": part + "0" * 8, "form": "", "kind": "warc", "name": f"crawl/{n}.warc.gz",
             "part_id": part, "size_bytes": 1 << 30, "source": "crawl", "start": 0, "stop": None}
            for n, part in enumerate(parts)
        ],
        conservation={"sources": {"crawl": ends}, "rows": by_key},
    )  # fmt: skip
    print(commit(folder, rows, header))
    _clusters(folder, documents // 20, dedup_runs(folder, read_index(folder))[0])


def _texts(chance):
    made = []
    for n in range(400):
        words = chance.choice(WORDS, int(chance.integers(60, 400)))
        lines = [" ".join(words[at : at + 14]) for at in range(0, len(words), 14)]
        made.append(f"# Notes {n}\n\n" + "\n\n".join(lines) + f"\n\n$x_{{{n}}}^2 + 1$ and `code {n}`.\n")
    return pa.array(made, pa.large_string())


def _signals(chance):
    names = ["n_words", *(f"signal_{n:02d}_share" for n in range(SIGNALS - 1))]
    rows = [[(name, float(chance.random())) for name in sorted(names)] for _ in range(2000)]
    return pa.array(rows, pa.map_(pa.string(), pa.float64()))


def _table(ids, key, chance, texts, signals, hosts):
    n = len(ids)
    domain, subset = key
    place = np.minimum((chance.pareto(0.8, n) * 3).astype(int), len(hosts) - 1)
    text = texts.take(pa.array(chance.integers(0, len(texts), n)))
    n_bytes = pa.compute.binary_length(text)
    length = np.asarray(n_bytes) // 4 + 1
    is_code = domain == "code"
    some = {
        "doc_id": ids,
        "source": ["crawl"] * n,
        "source_kind": ["warc"] * n,
        "locator": [f"crawl/{n % 20}.warc.gz#offset={n * 811}" for n in range(n)],
        "content_hash": ids,
        "url": [f"https://{host}/{row}" for row, host in enumerate(hosts[place])],
        "host": hosts[place],
        "title": [f"Notes {row} of a made corpus" for row in range(n)],
        "date": np.array([f"{year}-05-04T00:00:00Z" for year in range(2009, 2027)])[
            chance.integers(0, 18, n)
        ],
        "language": np.array(["en", "de", "fr", "pt", "zh"])[
            np.minimum((chance.pareto(2, n) * 2).astype(int), 4)
            if domain == "multilingual"
            else np.zeros(n, int)
        ],
        "language_score": chance.beta(9, 1, n).astype(np.float32),
        "licence": ["MIT" if is_code else None] * n,
        "repo": [f"made/repo-{row % 5000}" if is_code else None for row in range(n)],
        "programming_language": ["python" if is_code else None] * n,
        "domain": [domain] * n,
        "subset": [subset] * n,
        "domain_reason": ["English prose: language score 0.99"] * n,
        "math_score": chance.beta(9 if domain == "math" else 1, 2, n).astype(np.float32),
        "scaffold_score": chance.beta(5 if subset == "scaffold" else 1, 2, n).astype(np.float32)
        if domain == "math"
        else [None] * n,
        "signals": signals.take(pa.array(chance.integers(0, len(signals), n))),
        "redactions": [[]] * n,
        "notes": [[]] * n,
        "n_bytes": n_bytes.cast(pa.int64()),
        "start": (np.cumsum(length) - length).astype(np.uint64),
        "length": length.astype(np.uint32),
    }
    columns = [pa.array(some.get(field.name, [None] * n), field.type) for field in DOCS_SCHEMA]
    return pa.Table.from_arrays(columns, schema=DOCS_SCHEMA), text, length


def _write(folder, key, index, docs, text, length):
    texts = pa.Table.from_arrays([docs["doc_id"], text], schema=TEXT_SCHEMA)
    ends = np.cumsum(np.asarray(docs["n_bytes"]) + 4 * length)
    place = f"{folder}/shards/{key[0]}/{key[1]}"
    os.makedirs(place, exist_ok=True)
    local = {"docs": f"{place}/docs", "text": f"{place}/text"}
    with (
        pq.ParquetWriter(local["docs"], DOCS_SCHEMA, **PARQUET) as docs_file,
        pq.ParquetWriter(local["text"], TEXT_SCHEMA, **PARQUET) as text_file,
    ):
        first = 0
        while first < len(ends):
            before = ends[first - 1] if first else 0
            last = int(np.searchsorted(ends, before + ROW_GROUP_TEXT_BYTES, side="right"))
            last = min(max(last, first + 1), first + ROW_GROUP_ROWS)
            docs_file.write_table(docs.slice(first, last - first), row_group_size=last - first)
            text_file.write_table(texts.slice(first, last - first), row_group_size=last - first)
            first = last
    digests = {}
    for kind, path in local.items():
        with open(path, "rb") as stream:
            digests[kind] = hashlib.file_digest(stream, "sha256").hexdigest()
    payload = hashlib.sha256(f"no payload {key} {index}".encode()).hexdigest()
    made = shard_id([payload, payload, digests["docs"], digests["text"]])
    for kind, path in local.items():
        os.rename(path, f"{folder}/{shard_path(*key, made, kind)}")
    n_tokens = int(length.sum())
    blocks = -(-4 * n_tokens // (64 << 20))
    row = ShardRow(
        id=made, domain=key[0], subset=key[1], index=index, bytes=4 * n_tokens, n_tokens=n_tokens,
        n_docs=len(length), max_len=int(length.max()), max_id=100_257, sha256=payload,
        xxh3=("0" * 16,) * blocks, crc32=("0" * 8,) * blocks, docs_sha256=digests["docs"],
        text_sha256=digests["text"], ends_sha256=payload,
    )  # fmt: skip
    return row, int(np.asarray(docs["n_bytes"]).sum())


def _rejects(folder, parts, count, texts):
    os.makedirs(f"{folder}/rejects", exist_ok=True)
    each = count // len(parts)
    excerpt = texts[0].as_py()[:400]
    for number, part in enumerate(parts):
        table = pa.Table.from_pylist(
            [
                {
                    "doc_id": stable_id("warc", f"dropped/{number}/{row}"), "source": "crawl",
                    "source_kind": "warc", "locator": f"crawl/{number}.warc.gz#offset={row}",
                    "reason": "quality", "domain": "web", "n_bytes": 2000, "n_records": 1, "excerpt": excerpt,
                    "detail": f"gopher_word_count: n_words {row % 20} is below 20",
                }
                for row in range(each)
            ],
            schema=DROP_SCHEMA,
        )  # fmt: skip
        with SealedParquetWriter(part_path(folder, part, "rejects.parquet"), DROP_SCHEMA) as writer:
            writer.write_table(table, row_group_size=8192)
    return each * len(parts)


def _clusters(folder, count, run):
    place = f"{folder}/clusters/{run}/00000"
    os.makedirs(place, exist_ok=True)
    ids = [stable_id("warc", f"crawl/a.warc.gz#offset={n}") for n in range(count * 2)]
    table = pa.Table.from_pylist(
        [
            {"doc_id": one, "cluster_id": ids[n - n % 2], "keep": n % 2 == 0, "exact": False,
             "source": "crawl", "domain": "web"}
            for n, one in enumerate(ids)
        ],
        schema=CLUSTER_SCHEMA,
    )  # fmt: skip
    with SealedParquetWriter(f"{place}/clusters.parquet", CLUSTER_SCHEMA) as writer:
        writer.write_table(table, row_group_size=65536)
    summary = {"clusters": count, "largest": [], "near": {}, "exact": {}}
    write_summary(os.path.dirname(place), summary, 20, 1)


ASKED = {
    "overview, first": "/",
    "overview, again": "/",
    "documents": "/documents",
    "a domain": "/documents?domain=web",
    "language": "/documents?language=zh",
    "a host of few": "/documents?host=site19998.example.org",
    "a host of none": "/documents?host=nowhere.example.org",
    "a host of none, again": "/documents?host=nowhere.example.org",
    "host by pattern": "/documents?host=site1999*",
    "a repository": "/documents?repo=made/repo-77",
    "score range": "/documents?math_score_min=0.995&domain=web",
    "score range of none": "/documents?scaffold_score_min=0.9999999",
    "year and language": "/documents?year=2013&language=de",
    "a signal": "/documents?signal=n_words&signal_min=0.999",
    "words of few": "/documents?words=notes+399+verdict",
    "words of none": "/documents?words=xylophone",
    "drops": "/drops?reason=quality",
    "clusters": "/clusters",
    "snapshots": "/snapshots",
}


def measure(folder: str) -> None:
    started = time.perf_counter()
    command = [sys.executable, "-m", "corpusforge.cli", "view", folder, "--no-browser", "--port", "0"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        lines = iter(server.stdout.readline, "")
        address = next(found[0] for line in lines if (found := re.search(r"http://\S+", line)))
        print(f"{'server is up':<24}{time.perf_counter() - started:8.2f} s")
        opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
        opener.open(address.replace("/?", "/static/view.css?")).read()
        root = address.partition("/?")[0]
        print(f"{'':24}{'wall':>8}{'CPU':>10}{'page':>13}")
        for name, path in ASKED.items():
            began, used = time.perf_counter(), _cpu(server.pid)
            page = opener.open(root + path).read().decode()
            seconds = time.perf_counter() - began
            used = _cpu(server.pid) - used
            looked = re.search(r'data-looked-at="(\d+)"', page)
            told = f"  looked at {int(looked[1]):,}" if looked else ""
            print(f"{name:<24}{seconds:8.3f} s{used:8.2f} s{len(page) / 1024:8.0f} KiB{told}")
        doc_id = re.search(
            r'data-doc-id="([0-9a-f]{32})"', opener.open(root + "/documents?domain=web").read().decode()
        )
        for name in (f"/documents/{doc_id[1]}", f"/documents/{doc_id[1]}/trace"):
            began = time.perf_counter()
            try:
                opener.open(root + name).read()
            except urllib.error.HTTPError as error:
                name += f" ({error.code})"
            print(f"{name[:24]:<24}{time.perf_counter() - began:8.3f} s")
        with open(f"/proc/{server.pid}/status") as status:
            print(re.search(r"VmHWM:.*", status.read())[0])
    finally:
        server.terminate()
        server.wait()


def _cpu(pid: int) -> float:
    """Return the CPU seconds of a process: what wall time would be on a machine that does nothing else."""
    with open(f"/proc/{pid}/stat") as stream:
        fields = stream.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("verb", choices=("make", "measure"))
    parser.add_argument("folder")
    parser.add_argument("--documents", type=int, default=1_000_000)
    given = parser.parse_args()
    if given.verb == "make":
        make(os.path.abspath(given.folder), given.documents)
    else:
        measure(os.path.abspath(given.folder))


if __name__ == "__main__":
    main()
