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
