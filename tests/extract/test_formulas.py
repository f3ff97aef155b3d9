"""Formulas of a page: each notation once, prices and code left alone."""

from __future__ import annotations

import pytest

from corpusforge.extract import ExtractConfig
from corpusforge.extract.web.html import page_text


def read(body: str) -> str:
    return page_text(f"<html><body>{body}</body></html>", ExtractConfig(), main_content=False)[0]


@pytest.mark.parametrize("style", ["display: none;", "color:red;display:none"])
def test_an_equation_that_a_line_hides_until_it_is_clicked_is_kept(style: str) -> None:
    hidden = rf'<span style="{style}"><a href="#4">\begin{{eqnarray}} a &amp;=&amp; b_1 \end{{eqnarray}}</a></span>'
    text = read(f"<p>Compare Equation <span>(4)</span>{hidden} with what follows.</p>")
    assert text == (
        "Compare Equation (4)\n\n$$\\begin{eqnarray} a &=& b_1 \\end{eqnarray}$$\n\nwith what follows."
    )


def test_other_hidden_words_stay_hidden() -> None:
    hidden = (
        r'<span style="display:none">secret \begin{align} x \end{align}</span><a style="display:none">b</a>'
    )
    assert read(f"<p>shown {hidden}words</p>") == "shown words"


def test_a_page_laid_out_in_blockquote_is_no_quotation() -> None:
    sentence = "The river rose by three metres in the night, and the bridge at the mill was carried away. "
    body = f"<h1>Flood</h1><p>{sentence * 4}</p><blockquote><p>{sentence[::-1] * 2}</p></blockquote>"
    assert "\n\n> " in page_text(f"<html><body><article>{body}</article></body></html>", ExtractConfig())[0]
    indented = f"<html><body><blockquote>{body}</blockquote></body></html>"
    assert "> " not in page_text(indented, ExtractConfig())[0]


@pytest.mark.parametrize(
    ("source", "tex"),
    [
        ("a = \\ \n b", "$a = \\ b$"),  # a blank that ends a line is said, not lost
        ("a^2 \\\\\\\nb", "$a^2 \\\\\\ b$"),
        ("a^2 \\\\ \nb", "$a^2 \\\\\nb$"),  # two backslashes end a row of TeX
        ("f(x)=1.\\ ", "$f(x)=1.$"),  # nor does one escape the mark behind it
    ],
)
def test_a_backslash_at_the_end_of_a_line_escapes_nothing(source: str, tex: str) -> None:
    raw = read(rf"<p>So \({source}\) holds.</p>")
    assert raw == f"So {tex} holds.".replace("\n", " ")  # in a line of text, blanks are one
    assert read(f'<p>So <script type="math/tex">{source}</script> holds.</p>') == f"So {tex} holds."
