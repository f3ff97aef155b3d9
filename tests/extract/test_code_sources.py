"""What is told of how an element is written: never less than the rules that look at it would find."""

from __future__ import annotations

import random

import pytest
import resiliparse.parse.html as bindings
from resiliparse.parse.html import ElementNode, HTMLTree

from corpusforge.extract.config import ExtractConfig
from corpusforge.extract.web import codetables, codetext
from corpusforge.extract.web.codecells import BY_NAME, MAYBE, NOTHING, may_be_of_lines
from corpusforge.extract.web.codemarks import LANGUAGE, LINES, PAGE, STRUCTURE, marks_in
from corpusforge.extract.web.dom import plain_nodes
from corpusforge.extract.web.html import page_text


def _table(rows: str) -> ElementNode:
    document = HTMLTree.parse(f"<table>{rows}</table>").document
    assert document is not None
    table = document.query_selector("table")
    assert table is not None
    return table


_LAID_OUT = "<tr><td>Menu<td>Text of the page"


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        (_LAID_OUT, NOTHING),
        (_LAID_OUT * 3, NOTHING),
        ("<tr><th>a<th>b" + "<tr><td>Ada<td>London" * 9, NOTHING),
        ("<tr><td width=3>Ada<td colspan=2>London" * 2, NOTHING),
        ("<tr><td>1<td>x" * 2, MAYBE),
        ("<tr><td><!-- 1 --> <b>07:</b><td>x" * 9, MAYBE),
        ("<tr><td>\u0661<td>x" * 2, MAYBE),
        ("<tr><td>1\n2\n3<td>x<br>y<br>z", MAYBE),
        ("<tr><td data-n=7><td>x" * 9, MAYBE),
        ("<tr><td><a id=L7></a><td>x" * 9, MAYBE),
        ("<tr><td>x = y" * 9, BY_NAME),
        ("<tr><td>x = y" * 9 + "<tr><td>&nbsp;z", MAYBE),
        ("<tr><td>x = y" * 9 + "<tr><td><code>z</code>", MAYBE),
        ("<tr><td class=src>x = y" * 9, MAYBE),
        ("<tr><td>a<template><tr><td>1</template><td>b" * 2, MAYBE),
    ],
)
def test_what_the_cells_of_a_table_tell(rows: str, told: int) -> None:
    assert may_be_of_lines(_table(rows).html) == told


_CELLS = (
    "1", "2", "3", " 4. ", "<b>5</b>", "", "&nbsp;", "x = y;", "f(x) {", "&nbsp;&nbsp;return", "<code>a = 1</code>",
    "A sentence of words.", "1\n2\n3", "a = 1<br>b = 2<br>c = 3", "<i data-line=7></i>", "<script>1 < 2</script>",
)  # fmt: skip
_ATTRIBUTES = ("", "", "", " class=code", " id=L3", " data-line-number=9", " colspan=2", " title='a > 1'")


def _maybe(_html: str) -> int:
    return MAYBE


def test_no_table_of_lines_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    chance, tables = random.Random(7), list[ElementNode]()
    for _ in range(1500):
        tag, columns, counted = chance.choice(("td", "td", "th")), chance.randint(1, 3), chance.random() < 0.4
        pool = chance.sample(_CELLS, 3)
        rows = [
            "<tr>"
            + "".join(
                f"<{tag if row == 0 else 'td'}{chance.choice(_ATTRIBUTES)}>"
                + (str(row + 1) if counted and column == 0 else chance.choice(pool))
                for column in range(columns)
            )
            for row in range(chance.randint(1, 7))
        ]
        tables.append(_table("".join(rows)))
    found = [codetables.lines_of_table(table) for table in tables]
    monkeypatch.setattr(codetables, may_be_of_lines.__name__, _maybe)
    assert found == [codetables.lines_of_table(table) for table in tables]
    assert 50 < sum(map(bool, found)) < 1000


def _written(selector: str) -> str:
    """Return an element that a simple selector, as those of `_STRUCTURE` are, matches."""
    if "~" in selector:
        return "<code>a</code><code>b</code>"
    name, _, attribute = selector.rstrip("]").partition("[")
    tag, _, class_name = name.partition(".")
    key, _, value = attribute.partition("=")
    said = f' {key.rstrip("*")}="x{value}x"' if attribute else f' class="{class_name}"' if class_name else ""
    return f"{'<table>' if tag == 'tr' else ''}<{tag or 'i'}{said}>"


@pytest.mark.parametrize("selector", codetext._STRUCTURE.split(","))  # pyright: ignore[reportPrivateUsage]
def test_whatever_may_end_or_stand_beside_lines_has_its_mark(selector: str) -> None:
    document = HTMLTree.parse(f"<body>{_written(selector)}").document
    assert document is not None
    inside = document.query_selector("body")
    assert inside is not None and inside.query_selector(selector.removeprefix("pre>")) is not None
    assert marks_in(inside.html) & STRUCTURE


def test_marks_are_those_of_tags() -> None:
    assert marks_in("<pre>copy the line, &lt;br&gt; or role</pre>") == 0
    assert marks_in('<pre><!-- " <br> --><i title="a > b" class="x"></i></pre>') == 0
    assert marks_in('<pre><!-- " --><i title="a > b" class="gutter"></i></pre>') == STRUCTURE
    assert marks_in('<pre><i class="a-line"></i></pre>') == STRUCTURE | LINES
    assert marks_in('<pre><i lang="en"></i><h2>a</h2></pre>') == LANGUAGE | PAGE


def test_the_bindings_keep_their_nodes_outside_of_a_page() -> None:
    kept = bindings.node._node_cache  # pyright: ignore
    page_text("<p>One paragraph of a page.", ExtractConfig())
    assert bindings.node._node_cache is kept  # pyright: ignore
    document = HTMLTree.parse("<p>a").document
    assert document is not None
    with plain_nodes():
        one, other = document.query_selector("p"), document.query_selector("p")
        assert one == other and hash(one) == hash(other)
    with pytest.raises(ValueError, match="told"), plain_nodes():
        raise ValueError("told")
    assert bindings.node._node_cache is kept  # pyright: ignore


def test_what_opens_a_box_of_code_is_none_of_it() -> None:
    pre = "<pre><details open><summary>Show</summary>make all\nmake test\n</details></pre>"
    text = page_text(
        f"<html><body><p>Build it so, and wait until it ends:</p>{pre}</body></html>", ExtractConfig()
    )[0]
    assert "make all\nmake test" in text and "Show" not in text
