"""Tables of data frames read without a tree hold what a parser finds in them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpusforge.extract.notebooks.outputs import _parsed_rows, table_text  # pyright: ignore[reportPrivateUsage]
from corpusforge.extract.notebooks.plain_tables import plain_rows

_FRAME = """<div>
<style scoped>
    .dataframe tbody tr th { vertical-align: top; }
</style>
<table border="1" class="dataframe">
  <thead>
    <tr style="text-align: right;"><th></th><th>name</th><th>a &amp; b</th></tr>
  </thead>
  <tbody>
    <tr><th>0</th><td>x  y&nbsp;z</td><td>&lt;1&gt;</td></tr>
    <tr><th>1</th><td>é</td><td></td></tr>
  </tbody>
</table>
<p>2 rows × 2 columns</p>
</div>"""
_PIECES = (
    *("<table>", "</table>", "<tr>", "</tr>", "<td>", "</td>", "<th>", "</th>", "<tbody>", "</tbody>"),
    *("<thead>", "</thead>", "<div>", "</div>", "<p>", "</p>", "<b>", "</b>", "<pre>", "<td class='a'>"),
    *(
        '<td title="a>b">',
        "<td colspan=2>",
        "<style>td</style>",
        "<!-- -->",
        "<select>",
        "<TD>",
        "<sup>2</sup>",
    ),
    *("x", " ", "\n", "&amp;", "&lt;td&gt;", "&", "&copy;", "&amp", "<", ">", "1 < 2", "é", "\0", "\ud83d"),
    *("<tr><td>1</td><td>2</td></tr>", "<table><tr><td>1</td></tr></table>", "<table border=1 ><tbody>"),
)


def test_a_data_frame_needs_no_parser() -> None:
    rows = plain_rows(_FRAME)
    assert rows == [["", "name", "a & b"], ["0", "x y z", "<1>"], ["1", "é", ""]]
    assert rows == _parsed_rows(_FRAME)
    assert table_text(_FRAME) == " | name | a & b\n0 | x y z | <1>\n1 | é |"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("<td></td>", "<td><b>x</b></td>"), ("<td></td>", "<td>x"), ("<th>0</th>", '<th rowspan="2">0</th>'),
        ("<td></td>", "<td>&copy;</td>"), ("</thead>", "</thead>loose"), ("</table>", ""),
        ("<tbody>", "<tbody><!-- -->"), ("<td></td>", "<td><style>x</style></td>"),
    ],
)  # fmt: skip
def test_anything_else_is_for_a_parser(old: str, new: str) -> None:
    assert plain_rows(_FRAME.replace(old, new, 1)) is None


@settings(max_examples=600, deadline=None)
@given(st.lists(st.sampled_from(_PIECES), max_size=14).map("".join))
def test_what_is_read_is_what_a_parser_finds(html: str) -> None:
    for text in (html, f"<table><tr>{html}</tr></table>", f"{html}<table><tr><td>1</td></tr></table>"):
        if (rows := plain_rows(text)) is not None:
            assert rows == _parsed_rows(text)


_CELLS = st.lists(
    st.sampled_from(
        ("x", " ", "\n", "\x0c", "\u2003", "&nbsp;", "&amp;", "&lt;b&gt;", "&#39;", "é", "> 1", "\x85")
    ),
    max_size=3,
).map("".join)
_ROWS = st.lists(
    st.tuples(st.sampled_from(("td", "th")), st.sampled_from(("", " hidden", " style='display:none'")), _CELLS)
    .map(lambda cell: f"<{cell[0]}{cell[1]}>{cell[2]}</{cell[0]}>"),
    max_size=3,
).map(lambda cells: f"<tr>{''.join(cells)}</tr>\n")  # fmt: skip
_PARTS = st.tuples(
    st.sampled_from(("thead", "tbody", "tfoot", "")), st.lists(_ROWS, max_size=3).map("".join)
).map(lambda part: f"<{part[0]}>{part[1]}</{part[0]}>" if part[0] else part[1])
_TABLES = st.lists(_PARTS, max_size=3).map(lambda parts: f"<table border=1>{''.join(parts)}</table>")
_AROUND = st.lists(
    st.sampled_from(
        ("<div>", "</div>", "<p>", "</p>", "<b>", "</b>", "<ul>", "<li>", "<br>", "</br>", "<pre>", "x")
    ),
    max_size=3,
).map("".join)


@settings(max_examples=200, deadline=None)
@given(st.tuples(_AROUND, _TABLES, _AROUND, _TABLES, _AROUND).map("".join))
def test_tables_of_whatever_rows_are_read_as_by_a_parser(html: str) -> None:
    rows = plain_rows(html)
    assert rows is not None
    assert [cells for cells in rows if any(cells)] == [cells for cells in _parsed_rows(html) if any(cells)]
