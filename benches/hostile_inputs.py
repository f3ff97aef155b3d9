"""Hostile and odd inputs of every kind, made from small valid dumps by seeded mutations.

A seed is a valid dump of a kind. A mutation is one of five: bytes of the file, bytes of what is
packed inside it, words of its format put where they do not belong, values of a sort nobody
expects, and packings around it. The same number gives the same bytes, whatever else is made.
"""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any, cast

import pyarrow as pa
import pyarrow.parquet
import zstandard

from tests.pipelines.conftest import article, page, program, warc_record

pq: Any = pyarrow.parquet  # ships no types for what is used here


@dataclass(frozen=True, slots=True)
class Seed:
    """A valid dump: its kind as a configuration names it, its file name, its bytes."""

    kind: str
    name: str
    data: bytes


def zipped(files: dict[str, bytes]) -> bytes:
    """Return a zip of files, the same bytes each time."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as handle:
        for name, data in files.items():
            handle.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def tarred(files: dict[str, bytes]) -> bytes:
    """Return a tar of files, the same bytes each time."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as handle:
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            handle.addfile(member, io.BytesIO(data))
    return buffer.getvalue()


def notebook(number: int) -> bytes:
    """Return a small notebook with text, a program and an output."""
    cells: list[dict[str, Any]] = [
        {"cell_type": "markdown", "metadata": {}, "source": [article(f"n{number}", 5), "\n$x^2$"]},
        {
            "cell_type": "code",
            "metadata": {},
            "execution_count": 1,
            "source": program(f"n{number}"),
            "outputs": [{"output_type": "stream", "name": "stdout", "text": ["1\n", "2\n"]}],
        },
    ]
    kernel = {"kernelspec": {"name": "python3", "language": "python"}, "language_info": {"name": "python"}}
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": kernel, "cells": cells}).encode()


def wiki() -> bytes:
    """Return a dump of four pages: an article, a template, a redirect and a page of another sort."""
    pages = "".join(
        f"<page><title>{title}</title><ns>{ns}</ns><id>{n}</id>{more}<revision><id>{n}1</id>"
        f"<timestamp>2020-01-02T03:04:05Z</timestamp><format>text/x-wiki</format>"
        f'<text bytes="9" xml:space="preserve">{text}</text></revision></page>'
        for n, (title, ns, more, text) in enumerate(
            [
                (
                    "Lantern",
                    0,
                    "",
                    f"'''Lantern''' {{{{nowrap|1 2}}}} {article('k')}\n== A ==\n{{| \n| x\n|}}",
                ),
                ("Template:Nowrap", 10, "", "&lt;span&gt;{{{1}}}&lt;/span&gt;"),
                ("Lamp", 0, '<redirect title="Lantern" />', "#REDIRECT [[Lantern]]"),
                ("Talk:Lantern", 1, "", article("talk")),
            ]
        )
    )
    head = (
        '<mediawiki xmlns="http://www.mediawiki.org/xml/export-0.11/" xml:lang="en"><siteinfo>'
        "<sitename>W</sitename><dbname>enwiki</dbname>"
        "<base>https://en.example.org/wiki/Main</base><namespaces>"
        '<namespace key="0" case="first-letter" />'
        '<namespace key="10">Template</namespace></namespaces></siteinfo>'
    )
    return (head + pages + "</mediawiki>\n").encode()


def posts() -> bytes:
    """Return three questions and their answers."""
    rows = "".join(
        f'  <row Id="{n}" PostTypeId="{1 + n % 2}" ParentId="{n - 1}" Title="How {n}?" '
        f'Tags="&lt;a&gt;&lt;b&gt;" '
        f'CreationDate="2020-01-02T03:04:05.000" Score="3" AcceptedAnswerId="{n + 1}" OwnerUserId="5" '
        f'Body="&lt;p&gt;{" ".join(article(f"s{n}", 5).split())}&lt;/p&gt;" '
        f'ContentLicense="CC BY-SA 4.0" />\n'
        for n in range(2, 8)
    )
    return f'<?xml version="1.0" encoding="utf-8"?>\n<posts>\n{rows}</posts>\n'.encode()


def epub() -> bytes:
    """Return a book of two chapters."""
    container = (
        b'<?xml version="1.0"?><container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
        b'<rootfile full-path="o/c.opf" media-type="application/oebps-package+xml"/></rootfiles></container>'
    )
    opf = (
        b'<package xmlns="http://www.idpf.org/2007/opf"><metadata xmlns:dc="http://purl.org/dc/elements/1.1/">'
        b"<dc:title>T</dc:title><dc:language>en</dc:language></metadata><manifest>"
        b'<item id="a" href="a.xhtml" media-type="application/xhtml+xml"/>'
        b'<item id="b" href="b.xhtml" media-type="application/xhtml+xml"/></manifest>'
        b'<spine><itemref idref="a"/><itemref idref="b"/></spine></package>'
    )
    chapters = {f"o/{name}.xhtml": page(f"e{name}").encode() for name in "ab"}
    return zipped(
        {"mimetype": b"application/epub+zip", "META-INF/container.xml": container, "o/c.opf": opf, **chapters}
    )


def parquet(columns: dict[str, list[Any]]) -> bytes:
    """Return a Parquet file of two row groups."""
    sink = io.BytesIO()
    pq.write_table(pa.table(columns), sink, row_group_size=3)
    return sink.getvalue()


def code_columns() -> dict[str, list[Any]]:
    """Return rows of programs as datasets of code have them."""
    n = range(6)
    return {
        "repo_name": [f"o/r{i}" for i in n], "path": [f"src/tool_{i}.py" for i in n],
        "content": [program(f"p{i}") for i in n], "license": ["mit"] * 6,
        "size": [900] * 6, "date": ["2020-01-02"] * 6,
    }  # fmt: skip


def json_rows() -> list[dict[str, Any]]:
    """Return rows of text with all that a row may tell."""
    return [
        {
            "id": str(i), "text": article(f"r{i}"), "url": f"https://example.org/{i}", "title": f"Page {i}",
            "date": "2020-01-02", "license": "mit", "language": "en", "meta": {"path": "a.txt",
            "n": [1, 2.5]},
        }
        for i in range(6)
    ]  # fmt: skip


def lines_of(rows: list[Any]) -> bytes:
    """Return rows as JSON lines; lone surrogates and NaN stay what they are."""
    return b"".join(json.dumps(row).encode() + b"\n" for row in rows)


def arc() -> bytes:
    """Return a version 1 archive of one page."""
    body = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + page("arc").encode()
    first = b"1 0 Crawl\nURL IP-address Archive-date Content-type Archive-length\n"
    return b"filedesc://a.arc 0.0.0.0 20080430204825 text/plain %d\n%s\n" % (
        len(first),
        first,
    ) + b"http://example.org/ 1.2.3.4 20080430204826 text/html %d\n%s\n" % (len(body), body)


def mhtml() -> bytes:
    """Return a page as browsers save it."""
    return (
        b"From: <Saved>\r\nSubject: P\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related;\r\n"
        b'\ttype="text/html";\r\n\tboundary="B"\r\n\r\n--B\r\nContent-Type: text/html\r\n'
        b"Content-Transfer-Encoding: quoted-printable\r\nContent-Location: https://example.org/\r\n\r\n"
        + page("mh").replace("=", "=3D").encode()
        + b"\r\n--B--\r\n"
    )


def seeds() -> list[Seed]:
    """Return a valid dump of every kind and packing."""
    warc = b"".join(gzip.decompress(warc_record(f"https://example.org/{i}", page(f"w{i}"))) for i in range(3))
    book = (
        b"The Project Gutenberg EBook of T\n\n*** START OF THIS PROJECT GUTENBERG EBOOK T ***\n\n"
        + article("book", 60).encode()
        + b"\n\n*** END OF THIS PROJECT GUTENBERG EBOOK T ***\n"
    )
    tree = {f"r-1/tool_{i}.py": program(f"z{i}").encode() for i in range(3)}
    tree |= {"r-1/README.md": article("readme").encode(), "r-1/LICENSE": b"MIT License\n\nPermission"}
    notes = {f"o/r/n{i}.ipynb": notebook(i) for i in range(2)}
    rows = lines_of(json_rows())
    texts = [article(f"t{i}") for i in range(6)]
    return [
        Seed("warc", "a.warc", warc),
        Seed("warc", "b.warc.gz", b"".join(gzip.compress(warc[:1] and part, mtime=0) for part in [warc])),
        Seed("warc", "c.arc", arc()),
        Seed("warc", "d.wacz", zipped({"archive/d.warc.gz": gzip.compress(warc, mtime=0)})),
        Seed("warc", "e.mhtml", mhtml()),
        Seed("mediawiki", "a.xml", wiki()),
        Seed("mediawiki", "b.xml.bz2", bz2.compress(wiki())),
        Seed("stackexchange", "math.stackexchange.com/Posts.xml", posts()),
        Seed("notebooks", "a.ipynb", notebook(7)),
        Seed("notebooks", "b.tar.gz", gzip.compress(tarred(notes), mtime=0)),
        Seed("notebooks", "c.zip", zipped(notes)),
        Seed("jsonl", "a.jsonl", rows),
        Seed("jsonl", "b.jsonl.gz", gzip.compress(rows, mtime=0)),
        Seed("jsonl", "c.jsonl.zst", zstandard.compress(rows)),
        Seed("jsonl", "d.parquet", parquet({"id": list("abcdef"), "text": texts})),
        Seed("github", "a.parquet", parquet(code_columns())),
        Seed("github", "b.zip", zipped(tree)),
        Seed("github", "c.tar", tarred(tree)),
        Seed("github", "d.tar.xz", lzma.compress(tarred(tree))),
        Seed("books", "a.epub", epub()),
        Seed("books", "1234-0.txt", book),
        Seed("books", "1234-0.zip", zipped({"1234-0.txt": book})),
    ]  # fmt: skip


WORDS = {
    "warc": (
        b"WARC/1.0\r\n", b"WARC/9.9\r\n", b"Content-Length: -1\r\n",
        b"Content-Length: 99999999999999999999\r\n",
        b"\r\n\r\n", b"WARC-Type: revisit\r\n", b"Transfer-Encoding: chunked\r\n",
        b"Content-Encoding: br\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/2 200\r\n", b"Content-Type: text/html; charset=idna\r\n",
        b"WARC-Target-URI: http://[::1\r\n", b"WARC-Date: 0000-00-00T99:99:99Z\r\n", b"fffffffffffffff\r\n",
        b"<base href='http://[x'>", b"<template>", b"<math>", b"<table><td colspan=99999>", b"--B\r\n",
    ),
    "mediawiki": (
        b"<page>", b"</page>", b"<text>", b"<!--", b"-->", b"<![CDATA[", b"]]>", b"&#0;",
        b"&#x110000;", b"&nix;",
        b"<!DOCTYPE x [<!ENTITY a 'b'>]>", b"<base>http://[x</base>", b"<ns>x</ns>",
        b"<id>-1</id>", b"<redirect/>",
        b"{{{{{{", b"}}}}", b"[[[[", b"{|", b"|}", b"<ref>", b"<math>", b"<nowiki>", b"__TOC__", b"\xff\xfe",
    ),
    "stackexchange": (
        b"<row ", b"/>", b"'", b'"', b'Id="x" ', b'ParentId="2" ', b'Score="1e99" ', b'CreationDate="0" ',
        b"&#xD800;", b"&#x1F600;", b"&", b"<!--", b"<posts>", b"</posts>", b'Body="" ', b'Tags="|a|" ',
    ),
    "notebooks": (
        b'"cells":', b"null", b"[]", b"{}", b'"\\ud800"', b"NaN", b"1e999", b'"source":',
        b"[[[[[[", b"\\u0000",
        b'"data:image/png;base64,AAAA"', b'"nbformat": 3', b'"worksheets": [{}]', b"\x1b[2J", b"```", b"$$",
    ),
    "jsonl": (
        b"{", b"}", b"[" * 300, b'"\\ud800"', b"NaN", b"-Infinity", b"1e999", b"\n", b"\r",
        b"\x00", b"\xef\xbb\xbf",
        b'"text": null', b'"text": ["a"]', b'"text": 7', b"PAR1", b"\xe2\x80\xa8", b"ARROW1", b"\\", b'"',
    ),
    "github": (
        b"../../", b"/abs", b"\x00", b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06", b"PAR1", b"ustar", b"\xff",
        b"#!/bin/x\n", b"/* ", b'"""', b"<<EOF\n", b"# -*- coding: idna -*-\n",
        b"# coding: utf-7\n", b"\x1b]0;x\x07",
    ),
    "books": (
        b"*** START OF THE PROJECT GUTENBERG EBOOK ***\n", b"*** END OF", b"<package>", b"<spine>",
        b"<itemref/>",
        b"PK\x05\x06", b"<?xml version='1.0' encoding='idna'?>", b"href='../../x'",
        b"<!DOCTYPE html [", b"\x0c",
    ),
}  # fmt: skip
VALUES: tuple[Any, ...] = (
    None, True, False, 0, -1, 2**53 + 1, 2**63, 2**70, -(2**70), 1.5, float("nan"), float("inf"),
    -0.0, "", " ",
    "\ud800", "x\udfffy", "\x00", "\u202e", "\x1b[31m", "null", "2020-13-45", "0001-01-01",
    "99999-01-01T00:00:00Z",
    "http://[::1", "http://a:b@c:99999/", "../../x", "/etc/x", "a" * 5000, [], [[]], {}, {"": {}},
    ["a", 1, None],
    [{"text": "b"}], {"a": [{"b": [{"c": {}}]}]}, "1e400", "-", "\u2028", "MIT", "mit OR gpl", "\ufeff",
)  # fmt: skip
ODD_ARRAYS: tuple[Callable[[int], Any], ...] = (
    lambda n: pa.array([None] * n, pa.null()),
    lambda n: pa.array([2**62] * n, pa.timestamp("ns")),
    lambda n: pa.array([-(10**11)] * n, pa.timestamp("s")),
    lambda n: pa.array([10**6] * n, pa.date32()),
    lambda n: pa.array([True] * n),
    lambda n: pa.array([float("nan")] * n),
    lambda n: pa.array([float("inf")] * n),
    lambda n: pa.array([["a", None]] * n),
    lambda n: pa.array([[]] * n, pa.list_(pa.string())),
    lambda n: pa.array([{"text": "x", "n": 1}] * n),
    lambda n: pa.array([[("k", "v")]] * n, pa.map_(pa.string(), pa.string())),
    lambda n: pa.array([b"\xff\xfe\x00"] * n, pa.binary()),
    lambda n: pa.array(["x"] * n).dictionary_encode(),
    lambda n: pa.array(["x"] * n, pa.large_string()),
    lambda n: pa.array([b"abcd"] * n, pa.binary(4)),
    lambda n: pa.array([2**63] * n, pa.uint64()),
    lambda n: pa.array(["\x00\u202e"] * n),
    lambda n: pa.array([10**30] * n, pa.decimal128(38, 2)),
    lambda n: pa.array([7] * n, pa.duration("us")),
    lambda n: pa.array(["NaN", *["" for _ in range(n - 1)]]),
)


def bytes_mutated(data: bytes, rng: Random, words: tuple[bytes, ...]) -> bytes:
    """Return data with one to four stretches flipped, cut, repeated, moved or overwritten."""
    out = bytearray(data)
    for _ in range(rng.randrange(1, 5)):
        at = rng.randrange(len(out) + 1)
        length = min(len(out) - at, int(2 ** rng.uniform(0, 12)))
        match rng.randrange(8):
            case 0 if at < len(out):
                out[at] ^= 1 << rng.randrange(8)
            case 1:
                del out[at : at + length]
            case 2:
                out[at:at] = out[at : at + length]
            case 3:
                out[at : at + length] = rng.randbytes(length)
            case 4:
                out[at : at + length] = bytes(length)
            case 5:
                del out[at:]
            case 6:
                out[at:at] = rng.choice(words) * rng.choice((1, 1, 1, 2, 300))
            case _:
                to = rng.randrange(len(out) + 1)
                out[to:to] = out[at : at + length]
    return bytes(out)


_PACKINGS: tuple[tuple[str, Callable[[bytes], bytes], Callable[[bytes], bytes]], ...] = (
    (".gz", lambda data: gzip.compress(data, mtime=0), gzip.decompress),
    (".bz2", bz2.compress, bz2.decompress),
    (".xz", lzma.compress, lzma.decompress),
    (".zst", zstandard.compress, lambda data: zstandard.ZstdDecompressor().decompress(data)),
)


def inside_mutated(seed: Seed, rng: Random) -> bytes:
    """Return a dump of which what is packed inside was mutated and packed again."""
    words = WORDS[seed.kind]
    for ending, pack, unpack in _PACKINGS:
        if seed.name.endswith(ending):
            return pack(bytes_mutated(unpack(seed.data), rng, words))
    if seed.name.endswith((".zip", ".epub", ".wacz")):
        with zipfile.ZipFile(io.BytesIO(seed.data)) as handle:
            files = {name: handle.read(name) for name in handle.namelist()}
        victim = rng.choice(sorted(files))
        files[victim] = bytes_mutated(files[victim], rng, words)
        return zipped(files)
    return bytes_mutated(seed.data, rng, words)


def value_mutated(seed: Seed, rng: Random) -> bytes:
    """Return a dump with a value that nobody expects; of a kind without values, `inside_mutated`."""
    if seed.name.endswith(".parquet"):
        table = pq.read_table(io.BytesIO(seed.data))
        place = rng.randrange(table.num_columns)
        odd = rng.choice(ODD_ARRAYS)(table.num_rows)
        sink = io.BytesIO()
        pq.write_table(table.set_column(place, table.column_names[place], odd), sink, row_group_size=3)
        return sink.getvalue()
    if seed.name == "a.jsonl":
        rows = json_rows()
        for _ in range(rng.randrange(1, 4)):
            put_value(rng.choice(rows), rng)
        return lines_of(rows)
    if seed.name == "a.ipynb":
        value: Any = json.loads(seed.data)
        for _ in range(rng.randrange(1, 4)):
            put_value(value, rng)
        return json.dumps(value).encode()
    return inside_mutated(seed, rng)


def put_value(value: Any, rng: Random) -> None:
    """Put an odd value in a place of a JSON value, drawn by walking down from its root."""
    while True:
        keys: list[Any] = (
            list(cast("dict[str, Any]", value)) if isinstance(value, dict) else list(range(len(value)))
        )
        if not keys:
            return
        key = rng.choice(keys)
        if isinstance(value[key], dict | list) and value[key] and rng.random() < 0.8:
            value = value[key]
            continue
        value[key] = rng.choice(VALUES)
        return


def packed_oddly(seed: Seed, rng: Random) -> bytes:
    """Return a dump in packings around it that its name does not tell of, or twice, or cut, or mixed."""
    data = seed.data
    match rng.randrange(7):
        case 0:
            return rng.choice(_PACKINGS)[1](data)
        case 1:
            return rng.choice(_PACKINGS)[1](rng.choice(_PACKINGS)[1](data))
        case 2:
            return data + rng.choice(seeds()).data
        case 3:
            return data + data
        case 4:
            return rng.choice((b"", b"\x00", b"\n", b"\xef\xbb\xbf", b"\xff\xfe", b" " * 4096)) + data
        case 5:
            return zipped({"x/" + seed.name: data, "x/" + rng.choice(seeds()).name: rng.choice(seeds()).data})
        case _:
            return zlib.compress(data) if rng.random() < 0.5 else data[: rng.randrange(1, len(data))]


def hostile_input(number: int) -> tuple[Seed, bytes]:
    """Return (the seed it comes of, its bytes) of the input of a number."""
    rng = Random(f"hostile/{number}")
    every = seeds()
    seed = every[number % len(every)]
    make = rng.choice((0, 1, 1, 2, 2, 3))
    if make == 0:
        return seed, bytes_mutated(seed.data, rng, WORDS[seed.kind])
    if make == 1:
        return seed, inside_mutated(seed, rng)
    return seed, value_mutated(seed, rng) if make == 2 else packed_oddly(seed, rng)
