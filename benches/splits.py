"""What splitting a file costs: CPU time and peak memory of its splits against the whole, in turns.

    python benches/splits.py --data ../shared/data [--mb 500] [--kinds warc wiki posts jsonl] [--rounds 3]
    python benches/splits.py --data ../shared/data --rates

Files of about `--mb` as they lie are made first, below `--work`: a WARC.gz of the real crawl's records,
each copy with bytes of its own so that its pages are no duplicates; a multistream bz2 of the real export's
streams; a Posts.xml and a JSONL of generated rows.

    whole    every record of the file, in one pass
    split    the survey, where the kind needs one, then every split of the default size; of posts the rows
             of every range to a file, then every bucket of them

Every run is a process of its own. `ratio` is the CPU time of split over that of whole, the median of the
rounds. `of a build` adds to both what the chain of steps costs (`--documents` of them are taken through it
in one process, and the rest reckoned alike). Memory is the largest resident set, that of the interpreter
with the library included.

`--rates`: MB of a real file of each kind, as it lies, that one process reads and takes through the steps
in a CPU second: the table of `corpusforge/ingest/layout.py`.
"""

from __future__ import annotations

import argparse
import bz2
import gzip
import itertools
import json
import random
import re
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any
from xml.sax.saxutils import quoteattr

from corpusforge.config import BuildConfig
from corpusforge.document import Document, SourceKind
from corpusforge.ingest import (
    IngestConfig,
    InputFile,
    bucket_rows,
    merge_surveys,
    needs_survey,
    read,
    scatter,
    splits,
    survey_range,
    threads,
)
from corpusforge.ingest.web.archive_records import ArchiveRecord, archive_records, limits_of
from corpusforge.steps import load_tools, process

NAMES = {
    "warc": ("crawl.warc.gz", SourceKind.WARC),
    "wiki": ("multistream.xml.bz2", SourceKind.MEDIAWIKI),
    "posts": ("math.stackexchange.com-Posts.xml", SourceKind.STACKEXCHANGE),
    "jsonl": ("rows.jsonl", SourceKind.JSONL),
}
SAMPLES = {
    SourceKind.WARC: "web/crawl-20261121000000-00000.warc.gz",
    SourceKind.GITHUB: "github/snapshots/franc-398af8b77088974aff4f6c9e4bfd548ea4fb261e.tar.gz",
    SourceKind.BOOKS: "books/gutenberg_txt/1661-8.txt",
    SourceKind.MEDIAWIKI: "wiki/multistream-pages-articles-multistream.xml.bz2",
    SourceKind.NOTEBOOKS: "notebooks/*.tar.gz",
}
_STREAM = re.compile(rb"BZh[1-9]1AY&SY")
_WORDS = [f"w{number}" for number in range(4000)]


def make(kind: str, data: Path, path: Path, n_bytes: int) -> None:
    """Write a file of about that many bytes."""
    chunks = {"warc": web_chunks, "wiki": wiki_chunks, "posts": post_chunks, "jsonl": row_chunks}[kind](data)
    with path.open("wb") as file:
        while file.tell() < n_bytes:
            file.write(next(chunks))
        if kind == "posts":
            file.write(b"</posts>")


def web_chunks(data: Path) -> Iterator[bytes]:
    """Yield gzip members of the real crawl's records, told apart copy by copy."""
    path = data / SAMPLES[SourceKind.WARC]
    yield gzip.compress(b"WARC/1.0\r\nWARC-Type: warcinfo\r\nContent-Length: 0\r\n\r\n\r\n\r\n", mtime=0)
    for copy in itertools.count():
        with path.open("rb") as stream:
            for record in archive_records(stream, limits_of(IngestConfig())):
                if not isinstance(record, ArchiveRecord) or record.is_too_large:
                    continue
                block = record.block
                if record.headers.get("warc-type") == "response":
                    block += b"<!-- %d -->" % copy
                fields = {**record.headers, "content-length": str(len(block))}
                head = "\r\n".join(["WARC/1.0", *(f"{name}: {value}" for name, value in fields.items())])
                member = head.encode() + b"\r\n\r\n" + block + b"\r\n\r\n"
                yield gzip.compress(member, 6, mtime=0)


def wiki_chunks(data: Path) -> Iterator[bytes]:
    """Yield the bzip2 streams of the real multistream export, its pages again and again."""
    content = (data / SAMPLES[SourceKind.MEDIAWIKI]).read_bytes()
    edges = [found.start() for found in _STREAM.finditer(content)]
    streams = [content[start:end] for start, end in itertools.pairwise([*edges, len(content)])]
    yield streams[0]
    pages = [stream for stream in streams[1:] if b"<page>" in bz2.decompress(stream)]
    yield from itertools.cycle(pages)


def post_chunks(data: Path) -> Iterator[bytes]:
    """Yield generated rows: one question in three, answers to those before."""
    rng = random.Random(7)
    yield b'<?xml version="1.0" encoding="utf-8"?>\n<posts>\n'
    for number in itertools.count(1):
        body = "<p>" + " ".join(rng.choices(_WORDS, k=rng.randrange(20, 300))) + " $x &lt; y$</p>"
        is_question = number % 3 == 1
        place = {"PostTypeId": 1, "Title": f"Question {number}", "Tags": "<algebra>"}
        if not is_question:
            place = {"PostTypeId": 2, "ParentId": max(1, 3 * rng.randrange(max(1, number // 3)) + 1)}
        date = "2020-01-01T00:00:00.000"
        values = {"Id": number, **place, "CreationDate": date, "Score": rng.randrange(9), "Body": body}
        row = " ".join(f"{name}={quoteattr(str(value))}" for name, value in values.items())
        yield f"  <row {row} />\n".encode()


def row_chunks(data: Path) -> Iterator[bytes]:
    """Yield generated rows of text."""
    rng = random.Random(8)
    for number in itertools.count():
        text = " ".join(rng.choices(_WORDS, k=rng.randrange(50, 800)))
        yield json.dumps({"text": text, "url": f"http://e.org/{number}"}).encode() + b"\n"


def whole(input: InputFile, config: IngestConfig, work: Path) -> dict[str, float]:
    """Return what reading in one pass gave."""
    return {"records": sum(1 for _ in read(input, config))}


def split(input: InputFile, config: IngestConfig, work: Path) -> dict[str, float]:
    """Return what reading split by split gave, and the CPU seconds of the survey."""
    ranges = splits(input, config)
    start_s = time.process_time()
    told = None
    if needs_survey(input, config, ranges):
        told = merge_surveys(input, config, [survey_range(input, config, *bounds) for bounds in ranges])
    survey_s = time.process_time() - start_s
    if input.kind is SourceKind.STACKEXCHANGE:
        files = [str(work / f"rows-{number}") for number in range(len(ranges))]
        for bounds, file in zip(ranges, files, strict=True):
            scatter(input, config, *bounds, len(ranges), file)
        buckets = (bucket_rows(files, bucket) for bucket in range(len(ranges)))
        n_records = sum(1 for rows in buckets for _ in threads(input, config, rows))
    else:
        n_records = sum(1 for bounds in ranges for _ in read(input, config, *bounds, survey=told))
    return {"records": n_records, "splits": len(ranges), "survey_s": survey_s}


def steps(input: InputFile, config: IngestConfig, work: Path, n_documents: int) -> dict[str, float]:
    """Return the CPU seconds that the steps take of one document, by those that a file begins with."""
    build = steps_config(work)
    tools = load_tools(build)
    documents = (record for record in read(input, config) if isinstance(record, Document))
    taken = list(itertools.islice(documents, n_documents + 20))
    for document in taken[:20]:
        process(document, build, tools)
    start_s = time.process_time()
    for document in taken[20:]:
        process(document, build, tools)
    return {"step_s": (time.process_time() - start_s) / max(1, len(taken) - 20)}


def steps_config(work: Path) -> BuildConfig:
    """Return the packaged configuration."""
    source = {"name": "bench", "kind": "warc", "paths": ["/nowhere"]}
    return BuildConfig.model_validate({"name": "bench", "output": str(work), "sources": [source]})


def rates(data: Path, work: Path) -> None:
    """Print the MB of each kind that one process takes through reading and steps in a CPU second."""
    build = steps_config(work)
    tools = load_tools(build)
    for kind, pattern in SAMPLES.items():
        path = next(iter(sorted(data.glob(pattern))))
        input = InputFile(str(path), path.name, "bench", kind)
        run_s: list[float] = []
        for _ in range(2):  # the first loads models and compiles
            start_s = time.process_time()
            for record in read(input, build.ingest):
                if isinstance(record, Document):
                    process(record, build, tools)
            run_s.append(time.process_time() - start_s)
        print(f"{kind:>15} {path.stat().st_size / 1e6 / run_s[-1]:6.2f} MB/s  {path.name}", flush=True)


def run_one(options: argparse.Namespace) -> None:
    name, kind = NAMES[options.kind]
    input = InputFile(str(options.work / (options.small + name)), name, "bench", kind)
    config = IngestConfig(**({"split_bytes": options.split_bytes} if options.split_bytes else {}))
    start_s = time.process_time()
    if options.one == "steps":
        found = steps(input, config, options.work, options.documents)
    else:
        found = {"whole": whole, "split": split}[options.one](input, config, options.work)
    used_s = time.process_time() - start_s
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({**found, "cpu_s": used_s, "peak_mb": peak_mb}))


def measured(options: argparse.Namespace, kind: str, one: str, small: str = "") -> dict[str, Any]:
    """Return what one run in a process of its own told."""
    arguments = ["--work", str(options.work), "--kind", kind, "--one", one, "--small", small]
    arguments += ["--split-bytes", str(options.split_bytes), "--documents", str(options.documents)]
    command = [sys.executable, __file__, "--data", str(options.data), *arguments]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="the folder of real data")
    parser.add_argument("--work", type=Path, default=Path("/tmp/bench-splits"))
    parser.add_argument("--mb", type=int, default=500)
    parser.add_argument("--kinds", nargs="+", choices=NAMES, default=list(NAMES))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--documents", type=int, default=300)
    parser.add_argument("--split-bytes", type=int, default=0, help="instead of the default")
    parser.add_argument("--rates", action="store_true")
    parser.add_argument("--kind", choices=NAMES, help=argparse.SUPPRESS)
    parser.add_argument("--one", choices=("whole", "split", "steps"), help=argparse.SUPPRESS)
    parser.add_argument("--small", default="", help=argparse.SUPPRESS)
    options = parser.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)
    if options.one:
        run_one(options)
        return
    if options.rates:
        rates(options.data, options.work)
        return
    print("kind     MB  splits  records  whole s  split s  survey s  ratio  of a build  peak MB", flush=True)
    for kind in options.kinds:
        for small, mb in (("small-", 10), ("", options.mb)):
            path = options.work / (small + NAMES[kind][0])
            if not path.exists() or abs(path.stat().st_size / 1e6 - mb) > 2:
                make(kind, options.data, path, int(mb * 1e6))
        least = measured(options, kind, "whole", "small-")
        rounds = [
            (measured(options, kind, "whole"), measured(options, kind, "split"))
            for _ in range(options.rounds)
        ]
        ratio = median(two["cpu_s"] / one["cpu_s"] for one, two in rounds)
        one, two = rounds[-1]
        if one["records"] != two["records"]:
            raise SystemExit(f"{kind}: {one['records']} records of the whole, {two['records']} of its splits")
        build_s = measured(options, kind, "steps")["step_s"] * one["records"]
        of_build = median((build_s + b["cpu_s"]) / (build_s + a["cpu_s"]) for a, b in rounds)
        print(
            f"{kind:<6}{options.mb:>5}{two['splits']:>8}{one['records']:>9}{one['cpu_s']:>9.1f}{two['cpu_s']:>9.1f}"
            f"{two['survey_s']:>10.1f}{ratio:>7.3f}{of_build:>12.3f}"
            f"{least['peak_mb']:>11.0f}{one['peak_mb']:>6.0f}{two['peak_mb']:>6.0f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
