"""The report of a corpus: its documents, drops and clusters, redacted, escaped, bounded, the same every time."""

import re
import shutil
from collections import Counter
from pathlib import Path

import pytest

from corpusforge.card.write import write_card
from corpusforge.config import load_config
from corpusforge.cost.amount import Cost
from corpusforge.cost.receipt import note_stage
from corpusforge.files import StorageFault
from corpusforge.parts.plan import manifest_sources, read_plan
from corpusforge.parts.verify import Rooms
from corpusforge.parts.waves import snapshot_folders
from corpusforge.report import render_page, report_path, sample, write_report
from corpusforge.report.clusters import Clusters, compared, sampled_clusters
from corpusforge.report.drops import Drops, figure_of, sampled_drops
from corpusforge.report.found import Found
from corpusforge.report.rejects import SampledParts, sampled_parts
from corpusforge.report.summary import DOMAIN_KEYS
from corpusforge.shards.snapshot import read_current, read_index
from corpusforge_pipelines.build import build
from tests.report.conftest import CONFIG, N_SHORT
from tests.report.test_report import read_page


def _section(page, name):
    return page.partition(f'<section id="{name}">')[2].partition("</section>")[0]


def test_hostile_words_stay_words_and_nothing_is_loaded(page):
    parser = read_page(page)
    assert not parser.open and not {"script", "img", "link", "iframe"} & set(parser.tags)
    assert all(link.startswith("#") for link in parser.links)
    assert "&lt;script&gt;alert(1)" in page and "\\u202e" in page and "\\u001b[2J" in page
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]", page)


def test_personal_data_is_replaced_wherever_a_text_is_shown(page):
    """Also of a corpus that was built without the privacy step: a page is passed on."""
    assert "kestrel-mail" not in page and "7946" not in page
    assert "&lt;EMAIL&gt;" in _section(page, "sample-documents")
    assert "&lt;EMAIL&gt;" in _section(page, "clusters-of-duplicates")


def test_each_domain_has_its_documents_and_each_reason_its_drops_those_near_the_threshold_first(page):
    assert _section(page, "sample-documents").count('class="card"') == sample.SHOWN_DOCUMENTS
    drops = _section(page, "drops-by-example")
    shown = [int(n) for n in re.findall(r"<span>(\d+) characters, under 100</span>", drops)]
    assert shown == [85, 75, 65, 55, 45]
    assert re.search(r"hash_word_ratio 0\.\d+ is above 0\.1", drops)


def test_figures_are_those_of_the_documents_and_drops_stand_on_top(page):
    plots = _section(page, "distributions-and-thresholds")
    length = plots.partition("<title>Length of the text</title>")[2].partition("</svg>")[0]
    assert f"{N_SHORT} dropped, on top; min_chars at 100" in length
    n_documents = int(re.search(r"Of all (\d+) documents", plots)[1])
    assert sum(map(int, re.findall(r"bytes: (\d+)</title>", length))) == n_documents
    hosts = _section(page, "what-is-in-it").partition("<title>Hosts</title><desc>")[2]
    assert re.match(r"h\d\.example 6; h\d\.example 6; h\d\.example \d", hosts)


def test_members_of_a_cluster_stand_side_by_side_with_their_differences_marked(page):
    clusters = _section(page, "clusters-of-duplicates")
    assert clusters.count('class="pair"') == 2
    near, same = clusters.split('class="pair"')[1:]
    assert "removed, nearly the same; why the other stays: " in near and "<mark>" in near
    assert "removed, the same text" in same and "<mark>" not in same


def test_words_that_differ_are_marked_and_only_those():
    rows = [dict(doc_id=i, source="s", domain="web", keep=i == "a", exact=False) for i in "ab"]
    one, other = compared(rows, [dict(locator=i, text=t) for i, t in (("1", "x y z w"), ("2", "x q z w"))])
    assert one.pieces == [("x ", False), ("y ", True), ("z w", False)]
    assert other.pieces == [("x ", False), ("q ", True), ("z w", False)]


def test_the_page_is_the_same_wherever_the_corpus_lies_and_holds_no_path(built, page, tmp_path):
    shutil.copytree(built / "out", tmp_path / "moved")
    assert Path(write_report(str(tmp_path / "moved"))).read_text() == page
    assert str(built) not in page


def test_a_bound_below_the_corpus_is_said_and_estimates_add_up(built, monkeypatch):
    monkeypatch.setattr(sample, "SAMPLE_DOCUMENTS", 6)
    index = read_index(str(built / "out"))
    strata = sample.sampled_strata(str(built / "out"), index)
    assert all(stratum.table.num_rows == min(6, stratum.n_documents) for stratum in strata)
    n_documents = sum(row.n_docs for row in index.rows)
    assert sum(n for _, n in sample.top_values(strata, "language", 99)) == pytest.approx(n_documents, abs=2)
    page = Path(write_report(str(built / "out"))).read_text()
    assert f"Estimated from 6 of {n_documents} documents" in page


def test_a_corpus_whose_parts_were_removed_still_has_a_report(built, tmp_path):
    corpus = tmp_path / "out"
    shutil.copytree(built / "out", corpus)
    for folder in ("parts", "rejects", "clusters", "plan"):
        shutil.rmtree(corpus / folder)
    page = Path(write_report(str(corpus))).read_text()
    assert _section(page, "sample-documents") and "drops-by-example" not in page


def test_a_damaged_file_is_named(built, tmp_path):
    corpus = tmp_path / "out"
    shutil.copytree(built / "out", corpus)
    path = next((corpus / "rejects").iterdir())
    data = bytearray(path.read_bytes())
    data[40] ^= 1
    path.write_bytes(data)
    with pytest.raises(StorageFault, match=path.name):
        write_report(str(corpus))


def test_the_folders_of_dedup_are_found_by_the_header_alone(built):
    corpus = str(built / "out")
    header = read_index(corpus).header
    plan = read_plan(str(next((built / "out" / "plan").iterdir())))
    assert manifest_sources(corpus, header) == plan.sources
    assert [Path(folder).name for folder in snapshot_folders(corpus, header)] == [
        path.name for path in (built / "out" / "clusters").iterdir()
    ]


def test_drops_of_repeats_and_the_sizes_of_clusters_are_found(built):
    corpus = str(built / "out")
    index = read_index(corpus)
    parts = sampled_parts(corpus, index.header)
    assert parts.is_all
    ends = index.header["conservation"]["sources"]["notes"]["dropped"]
    assert ends["boilerplate"] > 0
    assert sampled_drops(corpus, index.header, parts).seen == Counter(ends)
    assert sampled_clusters(corpus, index, parts).sizes == {2: 2}


def test_the_card_shows_a_drop_of_every_reason_those_of_repeats_too(built):
    corpus = str(built / "out")
    reasons = read_index(corpus).header["conservation"]["sources"]["notes"]["dropped"]
    shown = Path(write_card(corpus)).read_text().partition("### A drop of every reason")[2]
    assert set(re.findall(r"^\| `(\w+)` \|", shown.partition("\n## ")[0], re.M)) == set(reasons)


def test_the_change_from_the_parent_and_the_time_are_told(built, tmp_path):
    corpus = tmp_path / "out"
    shutil.copytree(built / "out", corpus)
    (tmp_path / "notes.jsonl").write_text((built / "notes.jsonl").read_text())
    (tmp_path / "seen.toml").write_text(CONFIG.replace("min_chars = 100", "min_chars = 60"))
    parent = read_current(str(corpus))
    build(load_config(str(tmp_path / "seen.toml")))
    snapshot = read_current(str(corpus))
    note_stage(str(corpus), snapshot, "shard", Cost(wall_us=180_000_000))
    page = Path(write_report(str(corpus))).read_text()
    change = _section(page, "change-from-the-parent")
    assert parent in change and "filter.min_chars" in change and "1 are new, 1 are gone" in change
    assert "3.0 min" in _section(page, "time-and-cost") and "1 run:" in page
    assert report_path(str(corpus), snapshot) == write_report(str(corpus))
    assert not list(Rooms(str(corpus)).problems())
    times = corpus / "snapshots" / snapshot / "receipt.json"
    times.write_bytes(times.read_bytes().replace(b"180000000", b"190000000", 1))
    assert [problem.path for problem in Rooms(str(corpus)).problems()] == [
        f"snapshots/{snapshot}/receipt.json"
    ]
    times.unlink()
    assert 'id="time-and-cost"' not in Path(write_report(str(corpus))).read_text()
    assert "change-from-the-parent" not in Path(write_report(str(corpus), parent)).read_text()


@pytest.mark.parametrize(
    ("detail", "figure"),
    [
        ("gopher_hashes: hash_word_ratio 0.16 is above 0.1", ("hash_word_ratio", 0.16)),
        ("10000001 characters, over 10000000", ("characters", 10000001.0)),
        ("configuration, told by its name", None),
        ("minified: 4883 characters a line on average, 100% of them in lines over 3000", None),
        ("HTTP status 404", None),
    ],
)
def test_a_figure_is_read_of_a_detail_that_has_one(detail, figure):
    assert figure_of(detail) == figure


def test_a_page_of_the_worst_words_is_still_small():
    worst, reasons = "\U000e0001&" * 4000, [f"step:{'&' * 40}{n}" for n in range(200)]
    known = dict.fromkeys(
        ("title", "domain_reason", "licence", "url", "repo", "host", "locator", "date"), worst
    )
    document = {
        **known,
        "source": "s",
        "source_kind": "warc",
        "doc_id": "d",
        "text": worst,
        "length": 9,
        "n_bytes": 9,
    }
    drop = {**known, "source": "s", "doc_id": "d", "detail": worst, "excerpt": worst, "n_bytes": 9}
    rows = [dict(doc_id=i, source="s", domain="web", keep=i == "a", exact=False) for i in "ab"]
    pair = compared(rows, [dict(locator=worst, text=f"{i} {worst}") for i in "ab"])
    inputs = [{"name": worst, "kind": "warc", "digest": "0" * 32}] * 4096
    ends = {"records_in": 200, "quarantined": 0, "exact_duplicates": 0, "near_duplicates": 0}
    header = {
        "inputs": inputs,
        "conservation": {"sources": {"s": {**ends, "dropped": dict.fromkeys(reasons, 1)}}, "rows": []},
    }
    found = Found(
        documents={key: [document] * 10 for key in DOMAIN_KEYS},
        parts=SampledParts(("p",), 1),
        drops=Drops(examples=dict.fromkeys(reasons, [drop] * 5)),
        clusters=Clusters(9, 9, {2: 9}, [pair] * 6),
    )
    page = render_page("f" * 32, header, [], found)
    assert len(page.encode()) < 3_000_000 and "the page would be too large" in page
    assert not read_page(page).open
