"""Where an input is split leaves no trace in the shards, whatever kind it is."""

import bz2
import io
import json
import zipfile
from pathlib import Path

import pytest

from corpusforge.config import load_config
from corpusforge.parts.planning import plan_parts
from corpusforge_pipelines.build import build
from tests.pipelines.conftest import article, page, program, warc_record

WIKI_HEAD = (
    '<mediawiki xmlns="http://www.mediawiki.org/xml/export-0.11/" xml:lang="en"><siteinfo>'
    "<sitename>Wikipedia</sitename><dbname>enwiki</dbname>"
    "<base>https://en.wikipedia.org/wiki/Main_Page</base></siteinfo>"
)


def wiki_page(number):
    return (
        f"<page><title>Harbour {number}</title><ns>0</ns><id>{number + 1}</id><revision><id>{number + 9}</id>"
        f"<timestamp>2026-01-01T00:00:00Z</timestamp><model>wikitext</model><format>text/x-wiki</format>"
        f"<text>{article(f'k{number}')}</text></revision></page>"
    )


def post(number, kind, parent=""):
    parent = f'ParentId="{parent}" ' if parent else 'Title="How is a lantern mended?" Tags="&lt;lantern&gt;" '
    body = article(f"s{number}", 5).replace("\n\n", " ")
    return (
        f'  <row Id="{number}" PostTypeId="{kind}" {parent}CreationDate="2020-01-02T03:04:05.000" Score="3" '
        f'Body="&lt;p&gt;{body}&lt;/p&gt;" ContentLicense="CC BY-SA 4.0" />'
    )


def write_all(folder: Path):
    folder.mkdir(parents=True)
    pages = [(f"https://example.org/{i}", page(f"w{i}")) for i in range(12)]
    pages += [("https://example.org/again", page("w3"))]  # a page that was seen before
    (folder / "a.warc.gz").write_bytes(b"".join(warc_record(url, html) for url, html in pages))
    rows = "".join(json.dumps({"id": str(i), "text": article(f"j{i}")}) + "\n" for i in range(20))
    (folder / "b.jsonl").write_text(rows)
    streams = [
        WIKI_HEAD,
        *("".join(map(wiki_page, range(n, n + 3))) for n in range(0, 15, 3)),
        "</mediawiki>",
    ]
    (folder / "c.xml.bz2").write_bytes(b"".join(bz2.compress(stream.encode()) for stream in streams))
    lines = [post(n, 1) for n in range(1, 11)] + [post(20 + n, 2, parent=n) for n in range(1, 11)]
    text = "\n".join(['<?xml version="1.0" encoding="utf-8"?>', "<posts>", *lines, "</posts>"])
    (folder / "Posts.xml").write_text(text)
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as handle:
        for i in range(12):
            handle.writestr(zipfile.ZipInfo(f"repo-1/tool_{i}.py"), program(f"z{i}"))
        handle.writestr(
            zipfile.ZipInfo("repo-1/LICENSE"), "MIT License\n\nPermission is hereby granted, free of charge"
        )
    (folder / "d.zip").write_bytes(archive.getvalue())


SOURCES = {
    "web": ("warc", "a.warc.gz"),
    "rows": ("jsonl", "b.jsonl"),
    "wiki": ("mediawiki", "c.xml.bz2"),
    "posts": ("stackexchange", "Posts.xml"),
    "code": ("github", "d.zip"),
}


def configured(folder, split_bytes, name):
    lines = ['name = "splits"', f'output = "{folder / name}"', "[ingest]", f"split_bytes = {split_bytes}"]
    for source, (kind, path) in SOURCES.items():
        lines += ["[[sources]]", f'name = "{source}"', f'kind = "{kind}"', f'paths = ["dumps/{path}"]']
    path = folder / f"{name}.toml"
    path.write_text("\n".join(lines) + "\n")
    return load_config(str(path))


def shards_of(config):
    folder = Path(config.output) / "shards"
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    folder = tmp_path_factory.mktemp("splits")
    write_all(folder / "dumps")
    config = configured(folder, 1 << 30, "whole")
    return folder, config, build(config)


@pytest.mark.parametrize(("split_bytes", "workers"), [(1024, 1), (3000, 2)])
def test_the_same_shards_split_and_unsplit(whole, split_bytes, workers):
    folder, config, result = whole
    split = configured(folder, split_bytes, f"split-{split_bytes}")
    counts = {}
    for spec in plan_parts(split):
        counts[spec.source] = counts.get(spec.source, 0) + 1
    assert set(counts) == set(SOURCES)
    assert all(count > 1 for count in counts.values()), counts
    found = build(split, workers=workers)
    assert shards_of(split) == shards_of(config)
    for name, source in result.totals["sources"].items():
        assert found.totals["sources"][name] == source
    assert not (Path(split.output) / "surveys").exists()
    assert build(split).redone == 0
