"""The corpus card: every figure is the corpus's own, hostile text stays text, and the bytes repeat."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from corpusforge import open_corpus
from corpusforge.card import card_path, write_card
from corpusforge.card.examples import examples
from corpusforge.card.sample import read_sample
from corpusforge.shards.format import shard_path
from corpusforge.shards.snapshot import read_index
from tests.card.corpus import make_card_corpus


def cells(card: str, title: str) -> list[list[str]]:
    """The rows of all tables of a section."""
    body = card.split(f"\n## {title}\n")[1].split("\n## ")[0]
    rows = [line[2:-2].split(" | ") for line in body.splitlines() if line.startswith("| ")]
    return [row for row in rows if not set(row[0]) <= set("-:")]


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A corpus of awkward documents, with a configuration and sources of its own."""
    return make_card_corpus(
        tmp_path_factory.mktemp("card"),
        filter={"quality": "strict", "blocked": ["example.org"], "licence_policy": "permissive"},
        label={"languages": ["en"]},
    )


@pytest.fixture(scope="module")
def card(corpus: str) -> str:
    return Path(write_card(corpus)).read_text()


def test_the_card_repeats_byte_for_byte_and_names_no_place_of_the_machine(corpus: str, card: str) -> None:
    first = Path(card_path(corpus, read_index(corpus).snapshot)).read_bytes()
    croissant = Path(corpus, "croissant.json").read_bytes()
    write_card(corpus)
    assert Path(card_path(corpus, read_index(corpus).snapshot)).read_bytes() == first
    assert Path(corpus, "croissant.json").read_bytes() == croissant
    assert corpus not in card


def test_every_section_says_where_its_figures_are_from(card: str) -> None:
    sections = card.split("\n## ")[1:]
    assert [
        section.split("\n")[0] for section in sections if not re.search(r"^From: .*`.+`", section, re.M)
    ] == []


def test_amounts_are_those_of_the_index(corpus: str, card: str) -> None:
    header = read_index(corpus).header
    supply = header["totals"]["subsets"]["math/scaffold"]
    rows = {row[0]: row[1:] for row in cells(card, "Contents")}
    assert rows["`math/scaffold`"][:2] == [f"{supply['n_docs']:,}", f"{supply['n_tokens']:,}"]
    assert rows["all"][:2] == ["200", f"{header['totals']['n_tokens']:,}"]


def test_what_was_asked_to_be_left_out_stands_with_what_was(card: str) -> None:
    rows = {row[0]: row[1:] for row in cells(card, "Left out")}
    assert rows["owners' opt-outs"] == ["`filter.opt_out`", "not asked", "", "0"]
    assert rows["block lists of hosts and URLs"] == [
        "`filter.block_lists`",
        "`example.org`",
        "`tests` 3",
        "3",
    ]
    assert rows["licences outside the policy"] == ["`filter.licence_policy`", "`permissive`", "", "0"]
    assert rows["other languages"] == ["`label.languages`", "`en`", "", "0"]
    assert rows["`too_short`"][1] == "240"
    assert "`not_content`" not in rows and "7 records never were documents" in card


def test_licences_years_and_languages_are_those_of_the_documents(corpus: str, card: str) -> None:
    index = read_index(corpus)
    n_docs = sum(row.n_docs for row in index.rows)
    licences = {row[0]: int(row[1].replace(",", "")) for row in cells(card, "Licences and languages")[1:5]}
    assert set(licences) == {"none stated", "`MIT`", "`Apache-2.0 OR MIT`", "`CC-BY-SA-4.0`"}
    assert sum(licences.values()) == n_docs
    assert ["`2021`", "67"] in cells(card, "Dates")


def test_every_setting_of_the_build_stands_with_its_reason(card: str) -> None:
    rows = {row[0]: row[1:] for row in cells(card, "Thresholds")}
    assert rows["`label.math_threshold`"] == ["`0.5`", "A document is mathematics from this math_score on."]
    assert rows["`filter.quality`"][0] == '`"strict"` *'
    assert rows["`gopher_word_count`"][1:3] == ["50", "100000"]
    assert [name for name, row in rows.items() if not row[-1].strip()] == []


def test_hostile_names_stay_in_their_cells(card: str) -> None:
    headings = [line for line in card.splitlines() if line.startswith("#")]
    assert not any("|" in line or line in ("# n", "# c") for line in headings)
    rows = [line for line in card.splitlines() if line.startswith("| `a:")]
    assert rows and all(line.startswith("| `a: b # c` |") for line in rows)


def test_examples_show_documents_of_every_class_redacted(corpus: str, card: str) -> None:
    examples = card.split("\n## Examples\n")[1].split("\n## ")[0]
    assert re.findall(r"^### `(.+)`$", examples, re.M) == [
        "web",
        "code",
        "math/scaffold",
        "math/generic",
        "books",
    ]


def test_croissant_names_every_file_with_its_sha256(corpus: str, card: str) -> None:
    value = json.loads(Path(corpus, "croissant.json").read_text())
    files = {one["@id"]: one["sha256"] for one in value["distribution"] if one["@type"] == "cr:FileObject"}
    rows = read_index(corpus).rows
    assert files == {
        shard_path(row.domain, row.subset, row.id, kind): sha256
        for row in rows
        for kind, sha256 in (("docs", row.docs_sha256), ("text", row.text_sha256))
    }


def test_a_sample_that_is_cut_gives_each_document_its_own_signals(
    corpus: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("corpusforge.card.sample.SAMPLE_DOCUMENTS", 10)
    index = read_index(corpus)
    expected = {one["id"]: one["signals"].get("words") for one in open_corpus(corpus).documents("web")}
    stratum = read_sample(corpus, index).strata["web"]
    found = [None if value != value else value for value in stratum.signal("words").tolist()]
    assert len(found) == 10 and found == [expected[row["doc_id"]] for row in stratum.rows]


def test_examples_of_a_corpus_that_kept_personal_data_show_none(tmp_path: Path) -> None:
    corpus = make_card_corpus(tmp_path, filter={"redact_email": False})
    index = read_index(corpus)
    sample = read_sample(corpus, index)
    sample.strata["web"].texts[0] = "Write to jane.doe@somewhere-real.org for more."
    assert "jane.doe" not in (shown := examples(corpus, index, sample)) and "Write to" in shown
