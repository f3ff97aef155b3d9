"""What a page's source lets one look for: never less than its tree holds, and not on every page."""

from __future__ import annotations

import pytest

from corpusforge.extract.web.hints import page_hints

_CODE = "<p>codeblock</p>"  # its word alone says that a page may have boxes of code


@pytest.mark.parametrize(
    "page",
    [
        '<div class="a CodeBlock b">',
        "<div class=codeblock>",
        "<div CLASS = 'my-codeblock'>",
        '<div class="&#99;odeblock">',
        '<a title="a > b" class="codeblock">',
        '<div class="code-list" style="font-family: Menlo">',
        "<ol class=java>",
        "<ol id=x class = 'Python'>",
        f'<div class="{"x " * 2000}codeblock">',
    ],
)
def test_boxes_are_looked_for_where_a_name_or_font_says_so(page: str) -> None:
    assert "named boxes" in page_hints((_CODE + page).encode())


@pytest.mark.parametrize("page", ["<div class=zipcode>", "<p>class=x codeblock", "<ol class=comments>"])
def test_boxes_are_not_looked_for_where_only_words_say_so(page: str) -> None:
    assert "named boxes" not in page_hints((_CODE + page).encode())


def test_fonts_and_classes_of_formulas_are_those_of_attributes() -> None:
    told = page_hints(b"<font face='Courier New'> <span class='math inline'>")
    assert {"fonts", "formula classes"} <= told
    not_told = page_hints(
        b"<style>pre { font-family: monospace }</style> <i class='math inlines'></i> inline-formula"
    )
    assert "code fonts" in not_told and "fonts" not in not_told
    assert "formula classes" not in page_hints(b"<p>inline-formula <i class=mathematics>")


@pytest.mark.parametrize(
    "page",
    [
        "<li><code>a</code>\n" * 3 + "<li><code>\t a</code>\n",
        "<p>\n <code>a</code>&nbsp;</p>" * 3 + "<p><code><b>&nbsp;a</b></code>",
        "<li><code>a</code>\n" * 3 + "<li><code> </code>\n",
        "<li><code>a</code>\n" * 3 + "<li><code title='a > b'><!-- --></code>\n",
        "<div><button>Copy</button><code>a</code></div>" * 3,
        "<div><code>a</code> <img src=a></div>" * 3,
        "<p><span class='x codeblock'><code>a</code></span></p>" * 3,
        "<code>a" * 3,
    ],
)
def test_rows_of_code_are_looked_for_where_code_stands_alone(page: str) -> None:
    assert "rows of code" in page_hints(page.encode())


@pytest.mark.parametrize(
    "page",
    [
        "<li>use <code>a</code>" * 9,
        "<p><code>a</code> is" * 9,
        "<p><code>  a</code></p>",
        "<li><code>a</code>\n" * 9,
        "<div class=codeblock><pre><code>  a</code></pre></div>" * 9,
    ],
)
def test_rows_of_code_are_not_looked_for_in_sentences(page: str) -> None:
    assert "rows of code" not in page_hints(page.encode())


@pytest.mark.parametrize(
    ("page", "holds"),
    [
        ("<p>&nbsp;&nbsp;a", True),
        ("<div class='a > b'><b><i>&nbsp;\u00a0a", True),
        ("<option>&nbsp;&nbsp;a", False),
        ("<p>a<td>&nbsp;&nbsp;a", False),
    ],
)
def test_indented_lines_are_looked_for_where_an_element_begins_so(page: str, holds: bool) -> None:
    source = f"{page} <option>&nbsp;&nbsp; nbsp nbsp".encode()
    assert ("indented" in page_hints(source)) is holds
