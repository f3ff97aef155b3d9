"""Elements too deep in each other are told by the tags of the source, and where that misleads, of the tree."""

from __future__ import annotations

import pytest
from resiliparse.parse.html import HTMLTree

from corpusforge.extract.web.depth import MAX_DEPTH, cut_deep
from corpusforge.extract.web.hints import page_hints


def is_cut(page: str) -> bool:
    return "deep" in page_hints(page.encode()) and cut_deep(HTMLTree.parse(page))


_DEEP = "<div>" * (MAX_DEPTH + 2) + "<b>text</b>" + "</div>" * (MAX_DEPTH + 2)


@pytest.mark.parametrize(
    "page",
    [
        "<p>text</p>" * 1000,
        "<dl>" + "<dt><a name=x>term<dd>text" * 1000 + "</dl>",  # tags left open that nest
        "<svg>" + "<path d='M0 0'/>" * 1000 + "</svg>",
        "<p>text<br><img src=x>" * 1000,
        "<script>" + "'<div><div>' + " * 1000 + "</script><p>text",
        "<!-- <div> -->" * 1000 + "<p>text",
        "<p>text<textarea>" + "<div>" * 1000 + "</textarea>",
    ],
)
def test_a_shallow_page_is_not_cut(page: str) -> None:
    assert not is_cut(page)


@pytest.mark.parametrize(
    "page",
    [
        _DEEP,
        "<!-- </div></div> -->" * 1000 + _DEEP,
        "<p title='</div></div>' class='a > b'>" * 5 + _DEEP,
        "<script>" + "'</div></div>' + " * 1000 + "</script>" + _DEEP,
        "<svg>" + "<g>" * (MAX_DEPTH + 2) + "<path/>",
        "<svg><style>" + "<g>" * (MAX_DEPTH + 2) + "<path/>",  # no style sheet, but in HTML
        "<textarea><script></textarea>" + _DEEP,
        "<style-guide>" + _DEEP,
        "<!-- <script> --!><!-->" + _DEEP,
    ],
)
def test_a_deep_page_is_cut(page: str) -> None:
    tree = HTMLTree.parse(page)
    before = tree.body.text if tree.body is not None else None
    assert "deep" in page_hints(page.encode()) and cut_deep(tree)
    assert tree.body is not None and tree.body.text == before
