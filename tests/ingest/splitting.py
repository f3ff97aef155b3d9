"""Dumps of every kind that can be split, and what their splits give together."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import random
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

import lz4.frame
import pyarrow as pa
import pyarrow.parquet as pq
import zstandard

from corpusforge.document import Document, Drop, SourceKind
from corpusforge.ingest import (
    Coverage,
    IngestConfig,
    InputFile,
    merge_surveys,
    needs_survey,
    read,
    survey_range,
    thread_rows,
    threads,
)
from tests.ingest.dumps import http, record
from tests.ingest.test_mediawiki import FOOTER, HEADER, page
from tests.ingest.test_stackexchange import answer, posts, question, row

CONFIG = IngestConfig(
    split_bytes=1024, min_body_bytes=1, site_files=("/robots.txt", "/.well-known/tdmrep.json"), batch_rows=7
)
Records = list[Document | Drop]


def zstd(data: bytes) -> bytes:
    return zstandard.ZstdCompressor(write_checksum=True).compress(data)


def skippable(data: bytes) -> bytes:
    return b"\x50\x2a\x4d\x18" + len(data).to_bytes(4, "little") + data


PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "gz": lambda data: gzip.compress(data, mtime=0),
    "bz2": bz2.compress,
    "zst": lambda data: skippable(b"size") + zstd(data),
    "lz4": lz4.frame.compress,
}


def in_members(data: bytes, size: int, pack: str) -> bytes:
    """Return data in members of some decompressed size, wherever records end."""
    return b"".join(PACKERS[pack](data[at : at + size]) for at in range(0, len(data), size))


def web_records() -> list[bytes]:
    rng = random.Random(1)
    made = [record(b"software: x\r\n", "warcinfo", content_type="application/warc-fields")]
    for number in range(30):
        body = f"<html><body><p>Page {number % 11} {'words ' * (number % 11)}</p></body></html>".encode()
        digest = f"WARC-Payload-Digest: sha1:{number % 11}"
        made.append(record(b"GET / HTTP/1.1\r\n\r\n", "request", url=f"http://e.org/{number}"))
        made.append(record(http(body), url=f"http://e.org/{number}", extra=(digest,)))
        if number % 6 == 5:
            seen = f"WARC-Payload-Digest: sha1:{rng.randrange(14)}"
            made.append(record(http(b""), "revisit", url="http://e.org/r", extra=(seen,)))
    robots = b"User-agent: *\nDisallow: /2\n"
    made.append(record(http(robots, content_type="text/plain"), url="http://e.org/robots.txt"))
    inner = b"".join(PACKERS["gz"](item) for item in made[3:9])  # an archive that was crawled itself
    made.insert(12, record(http(inner, content_type="application/gzip"), url="http://e.org/a.warc.gz"))
    made.insert(20, record(http(b"".join(made[5:8]), content_type="text/plain"), url="http://e.org/a.warc"))
    return made


def stored(data: bytes) -> bytes:
    return gzip.compress(data, compresslevel=0, mtime=0)


def wiki() -> bytes:
    pages = [page(f"T{n}", f"Text {n} & <page> [[x]] " * (n % 7 + 1), n, ns=n % 3) for n in range(40)]
    pages[9] = pages[9].partition("</revision>")[0]  # never closed
    pages[17] = pages[17].replace("<page>", "<page >\n ").replace("<title>", "<ns>0</ns><title>")
    pages[23] = pages[23].replace("&lt;page&gt;", "<page>")
    pages[31] = pages[31].partition("<id>")[2]  # never opened
    return (HEADER + "".join(pages) + FOOTER).encode()


def json_lines() -> bytes:
    lines = [
        json.dumps({"text": f"Line {n} " + "ü" * (n % 50), "url": f"http://e.org/{n}"}) for n in range(60)
    ]
    lines[7], lines[8], lines[20] = "", "   ", "{no json"
    return ("\n".join(lines) + "\n").encode()


def notebook_lines() -> bytes:
    rows = [{"path": f"n{n}.ipynb", "repo": "a/b", "content": {"cells": [n] * (n % 9)}} for n in range(50)]
    return "\n".join(json.dumps(value) for value in rows).encode()


def question_rows() -> bytes:
    rows = [question(n) for n in range(1, 30)] + [
        answer(100 + n, n * 3 % 40 + 1, score=n % 4) for n in range(40)
    ]
    rows += [answer(100, 1), row(Id=900, PostTypeId=5, Body="x"), question(901).partition("Tags")[0]]
    random.Random(2).shuffle(rows)
    return posts(*rows)


def zipped(names: Sequence[str], content: Callable[[str], bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(name, content(name))
    return out.getvalue()


def repositories() -> bytes:
    licence = b"This is free and unencumbered software released into the public domain."
    names = [f"r{n % 4}/dir/f{n}.py" for n in range(30)] + ["r0/dir/", "r1/LICENSE", "../x", "r0/UNLICENSE"]
    names += ["r2/dir/f2.py"]  # twice
    return zipped(names, lambda name: licence if "LICENSE" in name else f"print('{name}')\n".encode())


def notebooks() -> bytes:
    names = [f"owner/name/n{n}.ipynb" for n in range(25)] + ["owner/name/LICENSE", "owner/x.txt"]
    return zipped(names, lambda name: b'{"cells": [], "nbformat": 4, "x": "%s"}' % name.encode())


def rows_of_parquet() -> bytes:
    out = io.BytesIO()
    table = pa.table({"text": [f"Row {n}" for n in range(200)]})
    pq.write_table(table, out, row_group_size=20)
    return out.getvalue()


def dumps() -> dict[str, tuple[SourceKind, bytes]]:
    """Return (kind, bytes) of every dump that can be split, by name."""
    web, text, lines, nb_lines, se = web_records(), wiki(), json_lines(), notebook_lines(), question_rows()
    pairs = [b"".join(web[at : at + 2]) for at in range(0, len(web), 2)]
    whole = b"".join(web)
    found = {
        "a.warc.gz": (SourceKind.WARC, b"".join(map(PACKERS["gz"], web))),
        "stored.warc.gz": (SourceKind.WARC, b"".join(map(stored, web))),
        "pairs.warc.gz": (SourceKind.WARC, b"".join(map(PACKERS["gz"], pairs))),
        "straddling.warc.gz": (SourceKind.WARC, in_members(whole, 700, "gz")),
        "a.warc.lz4": (SourceKind.WARC, b"".join(map(PACKERS["lz4"], web))),
        "a.warc.zst": (SourceKind.WARC, b"".join(map(zstd, web))),
        "a.warc": (SourceKind.WARC, whole),
        "a.xml": (SourceKind.MEDIAWIKI, text),
        "a.jsonl": (SourceKind.JSONL, lines),
        "b.jsonl": (SourceKind.NOTEBOOKS, nb_lines),
        "math.stackexchange.com-Posts.xml": (SourceKind.STACKEXCHANGE, se),
        "repos.zip": (SourceKind.GITHUB, repositories()),
        "notebooks.zip": (SourceKind.NOTEBOOKS, notebooks()),
        "books.zip": (SourceKind.BOOKS, zipped([f"b{n}.txt" for n in range(20)], lambda name: b"Text " * 90)),
        "a.parquet": (SourceKind.JSONL, rows_of_parquet()),
    }
    for pack in ("gz", "bz2", "zst"):
        for name, (kind, data) in {
            "wiki.xml": (SourceKind.MEDIAWIKI, text),
            "lines.jsonl": (SourceKind.JSONL, lines),
            "notebooks.jsonl": (SourceKind.NOTEBOOKS, nb_lines),
            "Posts.xml": (SourceKind.STACKEXCHANGE, se),
        }.items():
            found[f"{name}.{pack}"] = (kind, in_members(data, 611, pack))
    streams = [HEADER.encode(), *(text[at : at + 1500] for at in range(len(HEADER), len(text), 1500))]
    found["multistream.xml.bz2"] = (SourceKind.MEDIAWIKI, b"".join(map(bz2.compress, streams)))
    ended = [line + b"\n" for line in lines.splitlines()]
    groups = [b"".join(ended[at : at + 7]) for at in range(0, len(ended), 7)]
    found["ended.jsonl.gz"] = (SourceKind.JSONL, b"".join(map(PACKERS["gz"], groups)))
    return found


def input_of(path: Path, kind: SourceKind) -> InputFile:
    return InputFile(str(path), path.name, "test", kind)


def records_of(input: InputFile, ranges: Sequence[tuple[int, int | None]], config: IngestConfig) -> Records:
    """Return the records of all ranges, in order, each read as a part of a build reads it."""
    if input.kind is SourceKind.STACKEXCHANGE:
        rows = [row for bounds in ranges for _, row in thread_rows(input, config, *bounds)]
        return list(threads(input, config, rows))
    told = None
    if needs_survey(input, config, list(ranges)):
        told = merge_surveys(input, config, [survey_range(input, config, *bounds) for bounds in ranges])
    found: Records = []
    for bounds in ranges:
        found += read(input, config, *bounds, survey=told, coverage=Coverage())
    return found


def ranges_at(points: Sequence[int]) -> list[tuple[int, int | None]]:
    """Return the ranges between sorted points, the first from 0, the last to the end."""
    edges = [0, *sorted(set(points) - {0})]
    return list(zip(edges, [*edges[1:], None], strict=True))
