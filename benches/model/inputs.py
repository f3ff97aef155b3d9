"""Dumps of each kind of the large build, small enough to be built here: real records where there are any."""

import bz2
import gzip
import json
import re
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import pyarrow as pa
import pyarrow.parquet as pq

from corpusforge.files import publishing, write_bytes
from tests.pipelines.conftest import article, page, program, warc_record

KINDS = {"warc": "warc", "jsonl": "jsonl", "stack": "github", "wiki": "mediawiki", "posts": "stackexchange"}
"""Source -> kind, as a configuration names it."""
ENDINGS = {
    "warc": "warc.gz",
    "jsonl": "jsonl.gz",
    "stack": "parquet",
    "wiki": "xml.bz2",
    "posts": "Posts.xml",
}
_WIKI = '<mediawiki xmlns="http://www.mediawiki.org/xml/export-0.11/" version="0.11" xml:lang="en">\n'
_SITE = (
    "<siteinfo><sitename>W</sitename><dbname>enwiki</dbname>"
    '<namespaces><namespace key="0" case="first-letter" /></namespaces></siteinfo>\n'
)


def records(kind: str, data: Path | None, count: int) -> list[Any]:
    """Return so many records of a kind: of the real dumps where `data` has them, else made up."""
    if data is not None and kind in _REAL:
        return _REAL[kind](data)[:count]
    return [_MADE[kind](number) for number in range(count)]


def write_dumps(folder: str, kind: str, items: Sequence[Any], n_files: int) -> None:
    """Write records as so many dumps of their kind."""
    for number in range(n_files):
        name = (
            f"{folder}/{kind}/{number:04d}.stackexchange.com/"
            if kind == "posts"
            else f"{folder}/{kind}/{number:04d}."
        )
        _WRITE[kind](f"{name}{ENDINGS[kind]}", items[number::n_files])


def _warc_members(data: Path) -> list[bytes]:
    """Return the gzip members of the crawl that are pages, each a record."""
    found = []
    rest = next(data.glob("web/crawl-*-00000.warc.gz")).read_bytes()
    while rest:
        inflate = zlib.decompressobj(31)
        head = inflate.decompress(rest, 400)
        inflate.decompress(inflate.unconsumed_tail)
        while not inflate.eof and inflate.unconsumed_tail:
            inflate.decompress(inflate.unconsumed_tail)
        if b"WARC-Type: response" in head:
            found.append(rest[: len(rest) - len(inflate.unused_data)])
        rest = inflate.unused_data
    return found


def _stack_rows(data: Path) -> list[dict[str, Any]]:
    tables = [pq.read_table(path) for path in sorted(data.glob("github/stackv2_style/*.parquet"))]
    return [row for table in tables for row in table.slice(0, 1500).to_pylist()]


def _wiki_pages(data: Path) -> list[str]:
    names = ("smallwiki-pages-articles", "enwiki-math-eval100", "enwiki-sample39", "enwiki-math-sample31")
    found: list[str] = []
    for name in names:
        text = bz2.decompress((data / "wiki" / f"{name}.xml.bz2").read_bytes()).decode("utf-8", "replace")
        found += re.findall(r"<page>.*?</page>", text, re.DOTALL)
    # A stride through all of them: no half is one wiki's alone.
    return [item for start in range(7) for item in found[start::7]]


_REAL = {"warc": _warc_members, "stack": _stack_rows, "wiki": _wiki_pages}
_MADE = {
    "warc": lambda n: warc_record(f"https://example.org/{n}", page(f"w{n}")),
    "jsonl": lambda n: json.dumps({"id": str(n), "text": article(f"j{n}", 20 + n % 60)}),
    "stack": lambda n: {
        "path": f"/src/tool_{n}.py", "content": program(n).encode(), "repo_name": f"our/tools-{n % 50}",
        "detected_licenses": ["MIT"], "license_type": "permissive", "language": "Python", "is_vendor": False,
    },
    "wiki": lambda n: (
        f"<page><title>Page {n}</title><ns>0</ns><id>{n + 1}</id><revision><id>{n + 7}</id>"
        f"<timestamp>2026-01-02T03:04:05Z</timestamp><model>wikitext</model>"
        f'<text xml:space="preserve">{escape(article(f"p{n}", 40))}</text></revision></page>'
    ),
    "posts": lambda n: _thread(n),
}  # fmt: skip


def _thread(number: int) -> str:
    rows = []
    for place in range(3):
        body = "".join(f"<p>{part}</p>" for part in article(f"s{number}-{place}", 8).split("\n\n"))
        values = {
            "Id": number * 3 + place + 1,
            "PostTypeId": 2 if place else 1,
            "Score": 5 - place,
            "Body": body,
        }
        values |= (
            {"ParentId": number * 3 + 1} if place else {"Title": f"What of {number}?", "Tags": "<algebra>"}
        )
        values |= {"CreationDate": "2026-01-02T03:04:05.000", "ContentLicense": "CC BY-SA 4.0"}
        rows.append("  <row " + " ".join(f"{k}={quoteattr(str(v))}" for k, v in values.items()) + " />\n")
    return "".join(rows)


def _write_stack(path: str, rows: Sequence[dict[str, Any]]) -> None:
    with publishing(path) as local:
        pq.write_table(pa.Table.from_pylist(list(rows)), local, compression="zstd")


_WRITE = {
    "warc": lambda path, items: write_bytes(path, b"".join(items)),
    "jsonl": lambda path, items: write_bytes(
        path, gzip.compress("".join(f"{i}\n" for i in items).encode(), mtime=0)
    ),
    "stack": _write_stack,
    "wiki": lambda path, items: write_bytes(
        path, bz2.compress((_WIKI + _SITE + "\n".join(items) + "\n</mediawiki>\n").encode())
    ),
    "posts": lambda path, items: write_bytes(
        path, ('<?xml version="1.0" encoding="utf-8"?>\n<posts>\n' + "".join(items) + "</posts>\n").encode()
    ),
}
