"""A build counts the copies that one domain holds of another, and leaves them alone."""

import json
from pathlib import Path
from xml.sax.saxutils import escape

import pytest

from corpusforge.config import load_config
from corpusforge.report import write_report
from corpusforge.shards.snapshot import read_index
from corpusforge_pipelines.build import build
from tests.pipelines.conftest import article

COPIES = 5


def dump(folder: Path) -> Path:
    """Write a wiki of 12 articles and a crawl of 20 texts, 5 of them articles with a new last line."""
    articles = [article(f"wiki-{i}", 30) for i in range(12)]
    pages = "".join(
        f"<page><title>Place {i}</title><ns>0</ns><id>{i + 1}</id><revision><id>{i + 1}</id>"
        f"<text>{escape(text)}</text></revision></page>"
        for i, text in enumerate(articles)
    )
    (folder / "wiki.xml").write_text(f"<mediawiki>{pages}</mediawiki>")
    texts = [f"{text}\n\nCopied from elsewhere by hand." for text in articles[:COPIES]]
    texts += [texts[0] + " Twice."]
    texts += [article(f"web-{i}", 30) for i in range(20)]
    (folder / "web.jsonl").write_text("".join(json.dumps({"text": text}) + "\n" for text in texts))
    path = folder / "c.toml"
    path.write_text(
        f'name = "c"\noutput = "{folder}/out"\n'
        '[[sources]]\nname = "wiki"\nkind = "mediawiki"\npaths = ["wiki.xml"]\n'
        '[[sources]]\nname = "web"\nkind = "jsonl"\npaths = ["web.jsonl"]\n'
    )
    return path


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    config = load_config(str(dump(tmp_path_factory.mktemp("leak"))))
    build(config)
    return config


def test_planted_copies_are_counted_before_and_after(built):
    leakage = read_index(built.output, None).header["conservation"]["leakage"]
    before, after = leakage["before"], leakage["after"]
    assert before["documents"] == {"web": 26, "wikipedia": 12}
    assert before["near_duplicates"]["wikipedia"] == {"web": COPIES, "wikipedia": 0}
    assert before["near_duplicates"]["web"] == {"web": 2, "wikipedia": COPIES + 1}
    # dedup took the second copy within the web, and none across
    assert after["documents"] == {"web": 25, "wikipedia": 12}
    assert after["near_duplicates"]["web"] == {"web": 0, "wikipedia": COPIES}
    assert after["near_duplicates"]["wikipedia"]["web"] == COPIES


def test_domains_that_dedup_compares_leak_no_more(built, tmp_path):
    dedup = built.dedup.model_validate({"compare": [["wikipedia", "web"]]})
    build(built.model_copy(update={"output": str(tmp_path), "dedup": dedup}))
    leakage = read_index(str(tmp_path), None).header["conservation"]["leakage"]
    assert leakage["before"]["near_duplicates"]["web"]["wikipedia"] == COPIES + 1
    assert leakage["after"]["near_duplicates"]["web"] == {"web": 0, "wikipedia": 0}
    assert leakage["after"]["documents"] == {"web": 20, "wikipedia": 12}


def test_the_way_of_clustering_does_not_move_the_counts_and_no_working_files_stay(built, tmp_path):
    dedup = built.dedup.model_copy(update={"clustering": "stars"})
    build(built.model_copy(update={"output": str(tmp_path), "dedup": dedup}))
    files = [sorted(Path(output).glob("clusters/*/leakage.json")) for output in (built.output, tmp_path)]
    assert files[0][0].read_bytes() == files[1][0].read_bytes()
    assert not list(Path(built.output).glob("clusters/*/leakage"))


def test_report_and_inspect_show_the_matrix(built, capsys):
    from corpusforge.cli import main

    page = Path(write_report(built.output)).read_text()
    assert "Near-duplicates between domains" in page and f"{COPIES + 1}<small>23.08 %</small>" in page
    with pytest.raises(SystemExit):
        main(["inspect", built.output])
    shown = capsys.readouterr().out
    assert "Near-duplicates between domains: before dedup" in shown and f"{COPIES + 1} (23.08 %)" in shown


def test_leakage_may_be_left_out(built, tmp_path):
    dedup = built.dedup.model_copy(update={"leakage": False})
    build(built.model_copy(update={"output": str(tmp_path), "dedup": dedup}))
    assert "leakage" not in read_index(str(tmp_path), None).header["conservation"]
