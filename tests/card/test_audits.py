"""Audits: what is measured is shown in the card, kept for later cards, and wrong files are one clear line."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from corpusforge import open_corpus
from corpusforge.card import measure, write_card
from corpusforge.card.audits import hits_path
from corpusforge.card.contamination import asks
from corpusforge.shards.snapshot import read_index
from corpusforge.verdicts import Kind, Stratum, Verdict, append_verdict, sample_documents
from tests.card.corpus import make_card_corpus
from tests.card.test_card import cells

QUESTION = (
    "Marigold packs seventeen crates of blueberries every morning and sells twelve of them at the harbour. "
    "How many crates are left after nine mornings if nobody buys any more?"
)
PASSAGE = (
    "A gardener kneels beside the orchard wall. She lifts the wooden ladder slowly and carries it towards "
    "the crooked plum tree while her brother watches the clouds gather over the distant valley."
)


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> str:
    return make_card_corpus(tmp_path_factory.mktemp("audits"))


@pytest.fixture
def corpus(original: str, tmp_path: Path) -> str:
    """A copy of its own for each test: audits are kept in it."""
    return str(shutil.copytree(original, tmp_path / "corpus"))


def write_items(path: Path, *texts: str) -> str:
    rows = [{"benchmark": f"b{n}", "id": str(n), "text": text} for n, text in enumerate(texts)]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return str(path)


def test_injected_items_are_found_and_hits_in_kept_documents_are_for_people_to_read(
    corpus: str, tmp_path: Path
) -> None:
    planted = max(
        open_corpus(corpus).documents("web", columns=["id", "text"]), key=lambda one: len(one["text"])
    )
    items = write_items(tmp_path / "items.jsonl", QUESTION, PASSAGE, planted["text"])
    measure(corpus, benchmarks=items)
    card = Path(write_card(corpus)).read_text()
    rows = {row[0]: row[1:] for row in cells(card, "Contamination") if len(row) == 7}
    assert rows["benchmark"][1:3] == ["verbatim", "reflowed"]
    assert rows["`b0`"][:2] == ["1", "100.0 % of 1"] and rows["`b1`"][1] == "100.0 % of 1"
    assert ["`b2`", "1", "1"] in cells(card, "Contamination")
    hits = [json.loads(line) for line in Path(hits_path(corpus, read_index(corpus).snapshot)).open()]
    assert [(hit["doc_id"], hit["benchmark"], hit["verdict"]) for hit in hits] == [
        (planted["id"], "b2", None)
    ]
    first = Path(write_card(corpus)).read_bytes()
    measure(corpus, benchmarks=items)
    assert Path(write_card(corpus)).read_bytes() == first
    _read_by_people(corpus, tmp_path / "hits.jsonl", hits)


def _read_by_people(corpus: str, path: Path, hits: list[dict[str, object]]) -> None:
    path.write_text(json.dumps({**hits[0], "verdict": "perhaps"}))
    with pytest.raises(
        ValueError, match=r"hits.jsonl: line 1: verdict: 'perhaps': expected 'leak' or 'shared'"
    ):
        measure(corpus, hits=str(path))
    path.write_text(json.dumps({**hits[0], "verdict": "leak"}))
    measure(corpus, hits=str(path))
    card = Path(write_card(corpus)).read_text()
    assert ["`b2`", "1", "100.0 % (20.7 % to 100.0 %)"] in cells(card, "Contamination")
    assert "Recall by injection" in card  # measured before, and still there


def test_a_question_is_told_from_a_passage() -> None:
    assert asks(QUESTION) and asks("Prove that $x^2 \\ge 0$.") and asks("def f(x):\n    return x")
    assert not asks(PASSAGE) and not asks("Show the dog around the house before you leave.")


def test_without_benchmarks_the_card_says_that_contamination_is_unknown(corpus: str) -> None:
    card = Path(write_card(corpus)).read_text()
    assert "whether test items are in this corpus is unknown" in card
    assert "Nobody judged documents of this corpus yet" in card


def test_labelled_rows_give_the_confusion_of_this_corpus(corpus: str, tmp_path: Path) -> None:
    documents = list(open_corpus(corpus).documents(columns=["id", "locator", "domain", "subset"]))
    web = [one for one in documents if one["domain"] == "web"]
    rows = [{"id": one["id"], "domain": "web"} for one in web[:5]]
    rows += [
        {"id": web[5]["locator"], "domain": "math", "subset": "scaffold"},
        {"id": "f" * 32, "domain": "web"},
    ]
    path = tmp_path / "labels.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    measure(corpus, labelled=str(path))
    card = Path(write_card(corpus)).read_text()
    found = cells(card, "Error rates on this corpus")
    assert found == [
        ["label", "in web", "right"],
        ["`math/scaffold`", "1", "0.0 %"],
        ["`web`", "5", "100.0 %"],
    ]
    assert "7, of which 6 are in this snapshot; 1 are not" in card


def test_verdicts_of_people_give_error_rates_with_intervals(corpus: str, tmp_path: Path) -> None:
    index, path = read_index(corpus), str(tmp_path / "verdicts.jsonl")
    stratum = Stratum.model_validate({"domain": "web"})
    sample = sample_documents(corpus, index, stratum, 10, seed=7)
    for number, one in enumerate(sample.documents):
        kind = Kind.BAD_TEXT if number == 0 else Kind.RIGHT
        append_verdict(
            path,
            Verdict(doc_id=one.doc_id, snapshot=index.snapshot, stratum=stratum, seed=7, verdict=kind),
        )
    measure(corpus, verdicts=[path])
    card = Path(write_card(corpus)).read_text()
    assert "A rate holds for the covered documents of its group" in card
    rows = cells(card, "Error rates on this corpus")
    web = next(row for row in rows if row[1] == "`web`")
    assert web[4] == "10" and web[5].startswith("10.0 % (")


def test_a_row_that_is_no_label_is_one_line(corpus: str, tmp_path: Path) -> None:
    path = tmp_path / "labels.jsonl"
    path.write_text('{"id": "x"}\n')
    with pytest.raises(ValueError, match=r"labels.jsonl: line 1: expected an object with `id` and `domain`"):
        measure(corpus, labelled=str(path))
