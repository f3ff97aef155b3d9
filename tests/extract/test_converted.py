"""Web pages that come as text (WET): menus and footers go, paragraphs and their headings stay."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from corpusforge.document import Document, Markup, SourceKind
from corpusforge.extract import ExtractConfig, extract_document
from corpusforge.extract.web.converted import without_boilerplate_lines

MENU = ["Home", "About us", "Log in", "Search", "Menu"]
PARAGRAPH = "The river rose by three metres in one night, and nobody in the village had seen that before."
PAGE = [
    *MENU,
    "The flood",
    PARAGRAPH,
    "It was cold that night.",
    "What was lost",
    PARAGRAPH,
    *MENU,
    "© 2020 The Paper",
]


def test_lines_of_a_converted_page(make) -> None:
    document = make("\n".join(PAGE), Markup.TEXT)
    result = extract_document(document, ExtractConfig())
    assert isinstance(result, Document)
    assert result.text.split("\n") == PAGE[5:10]
    assert result.notes == ("11 lines of boilerplate left out",)
    for other in (replace(document, source_kind=SourceKind.JSONL), make("\n\n".join(PAGE), Markup.TEXT)):
        kept = extract_document(other, ExtractConfig())
        assert isinstance(kept, Document) and "Log in" in kept.text
    off = extract_document(document, ExtractConfig(drop_boilerplate_lines=False))
    assert isinstance(off, Document) and "Log in" in off.text


def test_a_page_of_short_lines_keeps_them_all() -> None:
    assert without_boilerplate_lines("\n".join(MENU)) == ("\n".join(MENU), 0)


def test_lines_of_scripts_that_need_fewer_characters_count_more() -> None:
    paragraph = "昨夜、川の水位が三メートル上がり、村の誰もがこれまでに見たことのない光景だった。"
    text = "\n".join(["ホーム", "検索", "洪水", paragraph, paragraph, "ログイン"])
    assert without_boilerplate_lines(text)[0] == f"洪水\n{paragraph}\n{paragraph}"


@given(st.text(max_size=400))
def test_lines_are_only_left_out(text: str) -> None:
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    kept, n_dropped = without_boilerplate_lines(text)
    found = kept.split("\n") if kept else []
    assert len(found) == len(lines) - n_dropped
    position = iter(lines)
    assert all(line in position for line in found)
