"""Texts of strangers as HTML: formulas and code shown, nothing of theirs run or fetched."""

import re

import pytest

from corpusforge.view.difference import beside
from corpusforge.view.markdown import PAGE_CHARS, pages_of, rendered
from tests.view.conftest import HOSTILE_TEXT


def test_raw_html_stays_text():
    shown = rendered(HOSTILE_TEXT)
    assert "&lt;script&gt;" in shown and "&lt;b onclick" in shown
    assert not re.search(r"<(script|img|b|iframe|style)\b", shown)
    assert " onclick=" not in re.sub(r">[^<]*<", "><", shown)


@pytest.mark.parametrize(
    "text",
    [
        "[a](javascript:alert(1))",
        "[a](data:text/html,x)",
        "<javascript:alert(1)>",
        "[a](vbscript:x)",
        "[a](//evil.example/)",
        "[a](/reading/verdict)",
    ],
)
def test_links_lead_to_the_web_or_nowhere(text):
    assert "href" not in rendered(text)


def test_a_link_to_the_web_tells_nothing_of_where_it_was_followed():
    assert 'href="https://a.example/b" rel="noopener noreferrer nofollow" target="_blank"' in rendered(
        "[a](https://a.example/b)"
    )


def test_images_are_named_and_not_fetched():
    shown = rendered('![a "cat"](https://a.example/cat.png)')
    assert "[image: a &quot;cat&quot;]" in shown and "<img" not in shown and " src=" not in shown


def test_formulas_are_mathml():
    shown = rendered(
        "So $a_1 \\le \\frac{x}{2}$.\n\n$$\n\\sum_{i=1}^n i\n$$\n\n\\begin{align}a&=b\\end{align}\n"
    )
    assert shown.count("<math") == 3
    assert "<mfrac>" in shown and 'display="block"' in shown
    assert "$" not in shown and " style=" not in shown


def test_prices_are_no_formulas():
    assert "<math" not in rendered("It costs $5 here and $6 there.")


@pytest.mark.parametrize(
    "latex", ["\\frac{a", "{" * 3000 + "x", "x" * 30_000, "\\href{javascript:alert(1)}{x}"]
)
def test_what_katex_cannot_read_stays_latex_or_harmless(latex):
    shown = rendered(f"${latex}$")
    assert "href=" not in shown and "onerror" not in shown
    assert 'class="latex"' in shown or "<math" in shown


def test_frames_of_formulas_bring_no_styles():
    assert " style=" not in rendered("$\\fcolorbox{red}{blue}{x} \\boxed{y}$")


def test_code_is_coloured_and_escaped():
    shown = rendered("```python\nprint('<b>')  # hi\n```\n")
    assert '<span class="k-' in shown and "&lt;b&gt;" in shown and "<b>" not in shown
    assert rendered("x = '<b>'", "python").startswith('<pre class="code">')
    assert "x &lt; y" in rendered("x < y", "no-such-language")


def test_turns_of_direction_are_written_out():
    assert "\\u202e" in rendered("pay \u202eyadot")


def test_a_long_text_is_cut_at_lines_and_whole():
    text = "A line of a long book.\n" * 9000 + "x" * (2 * PAGE_CHARS)
    pages = pages_of(text)
    assert "".join(pages) == text and all(len(page) <= PAGE_CHARS for page in pages)
    assert pages[0].endswith("\n")
    assert pages_of("") == [""]


def test_differences_are_marked_and_the_rest_left_out():
    left = "one two three " * 400 + "the boat is red. " + "four five six " * 400
    shown = beside(left, left.replace("red", "<blue>"), "a", "b")
    assert "<del>red</del>" in shown and "<ins>&lt;blue&gt;</ins>" in shown
    assert "the same" in shown and len(shown) < len(left)


def test_the_same_text_twice_says_so():
    assert "They are the same." in beside("a b c", "a b c", "a", "b")
