"""What is planted beside the texts of every kind of source stands in no file of the corpus, nor on the screen."""

import bz2
import gzip
import html
import io
import json
import lzma
import os
import re
import zipfile
from contextlib import contextmanager, redirect_stderr, redirect_stdout

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

from corpusforge.commands.trace_id import find, trace_id
from corpusforge.config import load_config
from corpusforge.document import stable_id
from corpusforge.parts import writer
from corpusforge.report import write_report
from corpusforge.shards.snapshot import read_index
from corpusforge_pipelines.build import build
from tests.pipelines.conftest import article, page, program, warc_record
from tests.pipelines.test_hostile import NOTEBOOK

MAIL = "jane.planted{}@northwind-lab.org"
TOKEN = "ghp" + "_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7{:02}"
SESSION = "9f86d081884c7d65{:04}2feaa0c5"
PASSWORD = "kT9vq2Lz{:02}"
SECRETS = ("jane.planted", "ghp" + "_a1B2", "9f86d081884c7d65", "kT9vq2Lz", "northwind-lab")


class Planter:
    """Makes another mail, token, session or password for each place."""

    def __init__(self):
        self.made = []

    def __call__(self, form):
        self.made.append(form.format(len(self.made)))
        return self.made[-1]

    def words(self):
        return f"{self(MAIL)} {self(TOKEN)}"

    def url(self, host="a.example"):
        return (
            f"https://jo:{self(PASSWORD)}@{host}/u/{self(MAIL)}/x;jsessionid={self(SESSION)}"
            f"?access_token={self(SESSION)}&mail={self(MAIL).replace('@', '%40')}&n=1#id_token={self(SESSION)}"
        )


def _web(plant):
    kept = page("kept").replace("<title>", f"<title>{plant.words()} ")
    moved = gzip.decompress(warc_record(plant.url(), "")).replace(
        b"200 OK\r\n", f"302 Found\r\nLocation: {plant.url('b.example')}\r\n".encode()
    )
    length = len(moved.partition(b"\r\n\r\n")[2]) - 4
    moved = re.sub(rb"(?<=\r\nContent-Length: )\d+", str(length).encode(), moved, count=1)
    odd = warc_record(plant.url(), "x" * 300)
    odd = gzip.compress(
        gzip.decompress(odd).replace(b"text/html; charset=utf-8", f"image/{plant(MAIL)}".encode())
    )
    short = f"<html><title>{plant.words()}</title><p>Hi, {plant.words()}</p></html>"
    return b"".join(
        [warc_record(plant.url(), kept), gzip.compress(moved), odd, warc_record(plant.url(), short)]
    )


def _zip(files):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, body in files.items():
            archive.writestr(zipfile.ZipInfo(name), body)
    return out.getvalue()


def _wiki(plant):
    pages = [
        (plant.words(), "0", article("wiki", 30)),
        (plant.words(), "2", "A page of a user."),
        (plant.words(), "0", "#REDIRECT [[" + plant.words() + "]]"),
    ]
    body = "".join(
        f"<page><title>{title}</title><ns>{ns}</ns><id>{n}</id><revision><id>{n}</id>"
        f"<timestamp>2020-01-01T00:00:00Z</timestamp><contributor><username>{plant.words()}</username></contributor>"
        f"<model>wikitext</model><format>text/x-wiki</format><text>{text}</text></revision></page>"
        for n, (title, ns, text) in enumerate(pages, 1)
    )
    return (
        '<mediawiki xmlns="http://www.mediawiki.org/xml/export-0.10/" xml:lang="en"><siteinfo><base>'
        "https://en.wikipedia.org/wiki/Main</base></siteinfo>" + body + "</mediawiki>"
    )


def _questions(plant):
    text = html.escape(f"<p>{article('q', 12)}</p>")
    rows = [
        f'<row Id="1" PostTypeId="1" CreationDate="2020-01-01T00:00:00" Score="5" Title="{plant.words()}" '
        f'Tags="&lt;{plant(MAIL)}&gt;" Body="{text}" OwnerDisplayName="{plant.words()}" '
        f'ContentLicense="{plant.words()}" />',
        f'<row Id="2" PostTypeId="1" Title="{plant.words()}" Body="" CreationDate="{plant.words()}" />',
        f'<row Id="{plant.words()}" PostTypeId="{plant.words()}" Body="x" />',
    ]
    return '<?xml version="1.0"?>\n<posts>\n' + "\n".join(rows) + "\n</posts>\n"


def _rows(plant):
    rows = [
        {
            "id": plant.words(), "text": article("row"), "url": plant.url(), "title": plant.words(),
            "date": plant.words(), "repo": plant.words(), "license": plant.words(), "author": plant.words(),
        },
        {plant(MAIL): 1, plant(TOKEN): 2},
        {"text": "too short", "title": plant.words(), "url": plant.url()},
    ]  # fmt: skip
    return "\n".join([*map(json.dumps, rows), "{" + plant.words()]) + "\n"


def _write(folder, plant):
    folder.mkdir()
    (folder / "a.warc.gz").write_bytes(_web(plant))
    notebook = json.loads(NOTEBOOK)
    notebook["metadata"] = {"kernelspec": {"language": plant.words(), "name": plant.words()},
                            "title": plant.words(), "authors": [{"name": plant.words()}]}  # fmt: skip
    book = (
        f"Title: {plant.words()}\nAuthor: {plant.words()}\nLanguage: English\n\n"
        f"*** START OF THE PROJECT GUTENBERG EBOOK X ***\n\n{article('book', 60)}\n\n"
        "*** END OF THE PROJECT GUTENBERG EBOOK X ***\n"
    )
    for name, files in {
        "repo": {
            f"repo/{plant(MAIL)}/a.py": program("a"),
            f"repo/{plant(TOKEN)}.json": json.dumps({"k": [plant.words()] * 20}),
            f"../{plant(MAIL)}.py": program("b"),
            "repo/LICENSE": plant.words(),
        },
        "notebooks": {f"o/{plant(MAIL)}/n.ipynb": json.dumps(notebook), f"o/r/{plant(MAIL)}.ipynb": "{"},
        "books": {f"{plant(MAIL)}.txt": book, f"{plant(TOKEN)}.txt": " "},
    }.items():
        (folder / f"{name}.zip").write_bytes(_zip(files))
    (folder / "wiki.xml").write_text(_wiki(plant))
    (folder / "math.stackexchange.com-Posts.xml").write_text(_questions(plant))
    (folder / "ready.jsonl").write_text(_rows(plant))
    table = {
        "repo_name": [plant(MAIL)], "revision_id": [plant(TOKEN)], "path": [f"{plant(MAIL)}/t.py"],
        "content": [program("p").encode()], "license_type": [plant.words()],
        "detected_licenses": [[plant.words()]],
    }  # fmt: skip
    pq.write_table(pa.table(table), folder / "stack.parquet")


KINDS = {
    "warc": "a.warc.gz", "github": "repo.zip", "notebooks": "notebooks.zip", "books": "books.zip",
    "mediawiki": "wiki.xml", "stackexchange": "math.stackexchange.com-Posts.xml", "jsonl": "ready.jsonl",
    "github_rows": "stack.parquet",
}  # fmt: skip


@contextmanager
def _shown_to(path):
    """Keep in a file what this process and its children write to stdout and stderr."""
    before = os.dup(1), os.dup(2)
    with open(path, "w") as screen, redirect_stdout(screen), redirect_stderr(screen):
        os.dup2(screen.fileno(), 1)
        os.dup2(screen.fileno(), 2)
        try:
            yield
        finally:
            screen.flush()
            for number, kept in enumerate(before, 1):
                os.dup2(kept, number)
                os.close(kept)


@pytest.fixture(scope="module")
def planted(tmp_path_factory):
    folder = tmp_path_factory.mktemp("planted")
    plant = Planter()
    _write(folder / "dumps", plant)
    sources = "".join(
        f'[[sources]]\nname = "{kind}"\nkind = "{kind.removesuffix("_rows")}"\npaths = ["dumps/{name}"]\n'
        for kind, name in KINDS.items()
    )
    config = folder / "planted.toml"
    config.write_text(
        f'name = "planted"\noutput = "corpus"\nmax_quarantine_fraction = 0.9\n[filter]\nquality = "off"\n{sources}'
    )
    read = writer.records_of

    def breaking(spec, *arguments):
        yield from read(spec, *arguments)
        if spec.kind == "jsonl":
            raise ValueError(f"cannot read {plant.words()} at {plant.url()}")

    patch = pytest.MonkeyPatch()
    patch.setattr(writer, "records_of", breaking)
    with _shown_to(folder / "screen.txt"):
        try:
            result = build(load_config(str(config)))
        finally:
            patch.undo()
        write_report(str(folder / "corpus"))
        trace_id(stable_id("jsonl", "jsonl/ready.jsonl#line=1&offset=0"), str(folder / "corpus"), None, False)
    return folder / "corpus", result, plant


def _opened(path):
    data = path.read_bytes()
    if path.suffix == ".parquet":
        return repr(pq.read_table(io.BytesIO(data)).to_pylist()) + repr(
            pq.read_schema(io.BytesIO(data)).metadata
        )
    for magic, unpack in {
        b"\x1f\x8b": gzip.decompress, b"BZh": bz2.decompress, b"\xfd7zXZ": lzma.decompress,
        b"\x28\xb5\x2f\xfd": zstandard.ZstdDecompressor().decompress,
    }.items():  # fmt: skip
        if data.startswith(magic):
            data = unpack(data)
    return data.decode("utf-8", "replace")


def test_no_file_of_a_corpus_holds_what_was_planted_beside_the_texts(planted):
    corpus, result, _ = planted
    paths = [path for path in corpus.rglob("*") if path.is_file()]
    assert {"documents.parquet", "rejects.parquet", "quarantine.jsonl"} <= {
        ".".join(path.name.split(".")[1:]) for path in paths
    }
    held = {
        (str(path.relative_to(corpus)), text[max(0, text.find(secret) - 120) : text.find(secret) + 60])
        for path in paths
        for text in [_opened(path)]
        for secret in SECRETS
        if secret in text
    }
    assert held == set()
    totals = result.totals["sources"]
    assert all(totals[kind]["redactions"] for kind in KINDS)
    assert totals["jsonl"]["quarantined"] == 1
    assert totals["jsonl"]["redactions"]["traceback:github_token"] >= 1
    assert totals["warc"]["redactions"]["title:email"] == 2


def test_every_kind_kept_a_document_and_its_id(planted):
    corpus, result, plant = planted
    assert {kind: ends["kept"] > 0 for kind, ends in result.totals["sources"].items()} == dict.fromkeys(
        KINDS, True
    )
    index = read_index(str(corpus))
    for kind, locator in (
        ("jsonl", "jsonl/ready.jsonl#line=1&offset=0"),
        ("warc", "warc/a.warc.gz#offset=0"),
    ):
        found = find(stable_id(kind, locator), str(corpus), index)
        assert found is not None and found["locator"] == locator and found["end"] == "in a shard"
        assert found["url"] == (
            "https://<USERINFO>@a.example/u/<EMAIL>/x;jsessionid=<URL_TOKEN>"
            "?access_token=<URL_TOKEN>&mail=<EMAIL>&n=1#id_token=<URL_TOKEN>"
        )
        assert found["redactions"]["url:url_token"] == 3
    books = [stable_id("books", f"books/books.zip!{name}.txt") for name in plant.made]
    assert {found["locator"] for each in books if (found := find(each, str(corpus), index))} == {
        "books/books.zip!<EMAIL>", "books/books.zip!<GITHUB_TOKEN>",
    }  # fmt: skip


def test_nothing_planted_is_shown(planted):
    corpus, _, _ = planted
    shown = (corpus.parent / "screen.txt").read_text()
    assert "<EMAIL> <GITHUB_TOKEN>" in shown  # the title, by `trace`
    assert not any(secret in shown for secret in SECRETS)
