"""Benchmark items are found inside longer texts, and chance overlaps are not."""

import json
import lzma
from pathlib import Path

import pytest

from corpusforge.document import Document, Drop, DropReason, SourceKind
from corpusforge.filter import FilterConfig, filter_document, load_tables

QUESTION = (
    "Nadia planted forty eight rose bushes in her garden in April, and then she planted half as many in May. "
    "How many rose bushes did Nadia plant altogether in April and May?"
)
SHORT = "What is the remainder when nine to the tenth is divided by seven?"
CHINESE = "小明有三十六颗糖果，他把其中的四分之一分给了弟弟，还剩下多少颗糖果？"
FILLER = "The weather in the valley was mild that year and the river stayed within its banks for the whole season. "


def page(text: str) -> Document:
    return Document(
        doc_id="0" * 32, source="s", source_kind=SourceKind.WARC, locator="l", text=text, domain="web"
    )


@pytest.fixture
def config(tmp_path: Path) -> FilterConfig:
    rows = [
        {"benchmark": "sums", "id": "test/1", "text": QUESTION, "answer": "72"},
        {"benchmark": "sums", "id": "test/2", "text": SHORT},
        {"benchmark": "zh", "id": "1", "text": CHINESE},
        {"benchmark": "sums", "id": "test/3", "text": "What is 2 + 2?"},
    ]
    with lzma.open(tmp_path / "sums.jsonl.xz", "wt", encoding="utf-8") as out:
        out.write("\n".join(json.dumps(row) for row in rows))
    return FilterConfig(benchmarks=str(tmp_path), quality="off")


@pytest.mark.parametrize(
    ("item", "name"), [(QUESTION, "sums test/1"), (SHORT, "sums test/2"), (CHINESE, "zh 1"),
                       (QUESTION.upper().replace(",", " --"), "sums test/1")]
)  # fmt: skip
def test_an_injected_item_drops_its_document(item: str, name: str, config: FilterConfig) -> None:
    result = filter_document(page(FILLER * 3 + item + " " + FILLER * 3), config, load_tables(config))
    assert isinstance(result, Drop)
    assert result.reason is DropReason.CONTAMINATED and name in result.detail


def test_other_texts_and_tiny_items_pass(config: FilterConfig) -> None:
    tables = load_tables(config)
    for text in (FILLER * 5, FILLER + "What is 2 + 2?", FILLER + QUESTION[:70]):
        assert isinstance(filter_document(page(text), config, tables), Document)


def test_a_template_shared_by_many_items_proves_nothing(tmp_path: Path) -> None:
    head = "Let the function be defined for all real numbers by the following formula and find its value at "
    rows = [{"benchmark": "t", "text": f"{head}{i} then add {i}"} for i in range(30)]
    (tmp_path / "t.jsonl").write_text("\n".join(map(json.dumps, rows)))
    config = FilterConfig(benchmarks=str(tmp_path / "t.jsonl"), quality="off")
    tables = load_tables(config)
    assert isinstance(filter_document(page(FILLER + head + "noon. " + FILLER), config, tables), Document)
    assert isinstance(filter_document(page(FILLER + head + "7 then add 7"), config, tables), Drop)


def test_no_benchmarks_no_tables_and_bad_rows_name_their_place(tmp_path: Path) -> None:
    assert load_tables(FilterConfig()) is None
    (tmp_path / "bad.jsonl").write_text('{"text": "fine words here"}\n{"question": "?"}\n')
    with pytest.raises(ValueError, match=r"bad\.jsonl:2"):
        load_tables(FilterConfig(benchmarks=str(tmp_path)))
    with pytest.raises(ValueError, match="benchmarks: nothing at"):
        FilterConfig(benchmarks=str(tmp_path / "absent"))
