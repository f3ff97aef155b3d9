"""Lines that many documents hold are cut from the corpus, counted, and the same on every way to it."""

import json
import shutil
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from corpusforge.commands.trace_id import find
from corpusforge.config import load_config
from corpusforge.parts.reader import read_stats
from corpusforge.shards.snapshot import read_index
from corpusforge_pipelines.build import BuildError, build
from tests.pipelines.conftest import article, write_config

FOOTER = "Subscribe to our weekly newsletter and never miss another story from the harbour."
TABLE = "[dedup.repeats]\nweb = '{}'\nmax_documents = 5\nmin_left_bytes = {}\n"


def dumps(folder, copies=1):
    """Two files of articles with one footer, a short one among them."""
    folder.mkdir(parents=True)
    for number in range(2):
        texts = [f"{article(f'{number}-{n}')}\n\n{FOOTER}" for n in range(5 * copies)]
        texts.append(f"{article(f'few-{number}', 3)}\n{FOOTER}")
        rows = [json.dumps({"id": str(n), "text": text}) + "\n" for n, text in enumerate(texts)]
        (folder / f"ready-{number}.jsonl").write_text("".join(rows))


def configured(folder, output, level="lines", left=200):
    path = write_config(folder, output)
    sources = '[[sources]]\nname = "ready"\npaths = ["dumps/ready-*.jsonl"]\n'
    text = path.read_text().split("[[sources]]")[0]
    path.write_text(f"{text}[dedup]\npartitions = 3\n{TABLE.format(level, left)}{sources}")
    return load_config(str(path))


def texts_of(corpus):
    return [
        row["text"]
        for path in sorted(Path(corpus).rglob("*.text.parquet"))
        for row in pq.read_table(path).to_pylist()
    ]


def repeats_of(corpus):
    """The bytes of every file that the cut leaves, by its path."""
    root = Path(corpus) / "repeats"
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def cut(tmp_path_factory):
    """(folder, result) of a build whose footers were cut."""
    folder = tmp_path_factory.mktemp("repeats")
    dumps(folder / "dumps")
    return folder, build(configured(folder, folder / "corpus"))


def test_the_footer_stays_once_and_every_byte_is_accounted_for(cut):
    folder, result = cut
    texts = texts_of(folder / "corpus")
    assert sum(FOOTER in text for text in texts) == 1
    assert all(text == text.strip() for text in texts)
    source = result.totals["sources"]["ready"]
    counts = source["repeats_by_domain"]["web"]
    assert (counts["documents_cut"], counts["spans"], counts["documents_gone"]) == (11, 11, 0)
    names = (folder / "corpus" / "parts").glob("*.documents.parquet")
    parts = [read_stats(str(folder / "corpus"), path.name.partition(".")[0]) for path in names]
    had = sum(entry["bytes"] for part in parts for entry in part["kept_by_domain"].values())
    assert had - counts["bytes"] == sum(len(text.encode()) for text in texts)
    assert len(texts) == source["kept"] == 12


@pytest.mark.parametrize(
    "options",
    [{"workers": 2}, {"beam_flags": ["--direct_runner_bundle_repeat=3"]}],
    ids=["two workers", "bundles repeated"],
)
def test_the_same_bytes_on_every_way(cut, tmp_path, options):
    folder, _ = cut
    for name in ("parts", "clusters"):
        shutil.copytree(folder / "corpus" / name, tmp_path / "corpus" / name)
    build(configured(folder, tmp_path / "corpus"), until="dedup", **options)
    assert repeats_of(tmp_path / "corpus") == repeats_of(folder / "corpus")


def test_a_document_of_little_else_is_dropped_and_found_again(cut, tmp_path):
    folder, _ = cut
    result = build(configured(folder, tmp_path / "corpus", left=400))
    source = result.totals["sources"]["ready"]
    gone = source["dropped"]["boilerplate"]
    assert gone == source["repeats_by_domain"]["web"]["documents_gone"] == 2
    assert source["records_in"] == source["kept"] + sum(source["dropped"].values()) + source["quarantined"]
    assert len(texts_of(tmp_path / "corpus")) == source["kept"] == 10
    rows = [
        r
        for p in (tmp_path / "corpus").glob("repeats/*/*.rejects.parquet")
        for r in pq.read_table(p).to_pylist()
    ]
    assert {row["reason"] for row in rows} == {"boilerplate"}
    assert all("under min_left_bytes 400" in row["detail"] for row in rows)
    corpus = str(tmp_path / "corpus")
    assert find(rows[0]["doc_id"], corpus, read_index(corpus, None))["end"] == "dropped: boilerplate"


def test_other_settings_of_the_cut_remake_neither_parts_nor_clusters(cut):
    folder, _ = cut
    before = {p: p.stat().st_mtime_ns for p in (folder / "corpus" / "clusters").rglob("*") if p.is_file()}
    result = build(configured(folder, folder / "corpus", level="paragraphs"))
    assert result.redone == 0
    assert {
        p: p.stat().st_mtime_ns for p in (folder / "corpus" / "clusters").rglob("*") if p.is_file()
    } == before
    assert sum(FOOTER in text for text in texts_of(folder / "corpus")) >= 1


def test_a_source_that_loses_most_to_the_cut_stops_the_build(cut, tmp_path, monkeypatch):
    monkeypatch.setattr("corpusforge.parts.totals.GUARDED_DOCUMENTS", 10)
    with pytest.raises(BuildError, match=r"dedup.repeats would remove 11 of the 12 web documents"):
        build(configured(cut[0], tmp_path / "corpus", left=100_000))
