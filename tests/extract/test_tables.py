"""Tables keep their grid: no cell under another heading; lists that count down do; hidden marks go from words."""

from __future__ import annotations

import pytest

from corpusforge.extract.config import ExtractConfig
from corpusforge.extract.web.html import page_text
from corpusforge.text import clean_text


def all_text(body: str) -> str:
    return page_text(f"<html><body>{body}</body></html>", ExtractConfig(), main_content=False)[0]


def grid(text: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.split("|")] for line in text.split("\n")]


@pytest.mark.parametrize(
    ("table", "cells"),
    [
        ("<tr><th>a<th>b<th>c<tr><td>1<td><td>3<tr><td><td>2<td>3", [["a", "b", "c"], ["1", "", "3"], ["", "2", "3"]]),
        ("<tr><th>a<th>b<tr><td rowspan=2>1<td>2<tr><td>3", [["a", "b"], ["1", "2"], ["", "3"]]),
        ("<tr><th colspan=2>ab<th>c<tr><td>1<td>2<td>3", [["ab", "", "c"], ["1", "2", "3"]]),
        (
            "<tr><th rowspan=2>x<th colspan=2>y<th>w<tr><th>y1<th>y2<th>w1<tr><td>1<td>2<td>3<td>4",
            [["x", "y", "", "w"], ["", "y1", "y2", "w1"], ["1", "2", "3", "4"]],
        ),
        ("<tr><td><p>1</p><td>2<td><p>3</p><tr><td>4<td><td><p>6</p>", [["1", "2", "3"], ["4", "", "6"]]),
        ("<tr><td><p>1</p><p>one</p><td>2<tr><td>3<td>4<tr><td>5<td>6", [["1; one", "2"], ["3", "4"], ["5", "6"]]),
        ("<tr><td>a<td>b<td><tr><td>1<td><td><tr><td>2<td>3", [["a", "b"], ["1"], ["2", "3"]]),
    ],
)  # fmt: skip
def test_a_cell_stands_under_its_heading(table: str, cells: list[list[str]]) -> None:
    assert grid(all_text(f"<table>{table}</table>")) == cells


def test_a_hostile_span_costs_little() -> None:
    text = all_text("<table>" + "<tr><td colspan=99999 rowspan=99999>x<td>y" * 50 + "</table>")
    assert text.count("x") == 50 and len(text) < 100_000


def test_a_reversed_list_counts_down() -> None:
    assert all_text("<ol reversed><li>c<li>b<li>a</ol>") == "3. c\n2. b\n1. a"
    assert all_text("<ol reversed start=10><li>c<li value=5>b<li>a</ol>") == "10. c\n5. b\n4. a"


def test_marks_that_nobody_sees_go_from_words() -> None:
    assert all_text("<p>hy&shy;phen and zero&#8203;width</p>") == "hyphen and zerowidth"
    assert clean_text("Donau\u00addampf\u200bschiff") == "Donaudampfschiff"
    assert clean_text("ភាសា\u200bខ្មែរ") == "ភាសា\u200bខ្មែរ"
    assert clean_text("می\u200cخواهم") == "می\u200cخواهم"


def test_a_declared_shadow_root_is_shown_and_a_template_is_not() -> None:
    shadow = "<x-card><template shadowrootmode=open><p>in the shadow</p></template></x-card><template><p>unused</p></template>"
    assert all_text(shadow) == "in the shadow"


def test_the_foot_of_a_table_stands_behind_its_rows() -> None:
    foot = "<tfoot><tr><td>all<td>3</tfoot>"
    rows = "<thead><tr><th>a<th>b</thead><tbody><tr><td>x<td>1<tr><td>y<td>2</tbody>"
    shown = [["a", "b"], ["x", "1"], ["y", "2"], ["all", "3"]]
    assert grid(all_text(f"<table>{foot}{rows}</table>")) == shown
    assert grid(all_text(f"<table>{rows}{foot}</table>")) == shown


def test_a_table_by_roles_is_one() -> None:
    rows = (
        f'<div role="row"><span role="{kind}">{a}</span><span role="{kind}">{b}</span></div>'
        for kind, a, b in (("columnheader", "Name", "Age"), ("cell", "Ann", "31"), ("gridcell", "Bob", "25"))
    )
    text = all_text(f'<div role="table"><div role="rowgroup">{"".join(rows)}</div></div>')
    assert grid(text) == [["Name", "Age"], ["Ann", "31"], ["Bob", "25"]]


@pytest.mark.parametrize(
    ("kind", "numerals"),
    [
        ('type="a" start="26"', ["z", "aa", "ab"]),
        ('type="A"', ["A", "B", "C"]),
        ('type="i" start="3"', ["iii", "iv", "v"]),
        ('type="I" start="1999"', ["MCMXCIX", "MM", "MMI"]),
        ('type="1" start="7"', ["7", "8", "9"]),
        ('style="list-style-type: lower-alpha"', ["a", "b", "c"]),
        ('style="list-style: upper-roman inside"', ["I", "II", "III"]),
        ('type="a" reversed', ["c", "b", "a"]),
        ("", ["1", "2", "3"]),
    ],
)
def test_items_are_numbered_as_their_list_says(kind: str, numerals: list[str]) -> None:
    text = all_text(f"<ol {kind}><li>x<li>x<li>x</ol>")
    assert text.split("\n") == [f"{numeral}. x" for numeral in numerals]
