"""What a reader of extracted pages may rely on: formulas once, code exact, prices left alone."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpusforge.document import Document, Drop, DropReason, Markup
from corpusforge.extract import ExtractConfig, extract_document
from corpusforge.extract.tex.raw_math import raw_delimiters
from corpusforge.extract.web.html import page_text

FAST = ExtractConfig(extractor="fast")
PROSE = "<p>A paragraph of prose that is long enough to be taken for the content of a page, surely.</p>"


def text_of(body: str, config: ExtractConfig = FAST) -> str:
    page = f"<html><head><title>t</title></head><body><article><h1>Title</h1>{PROSE}{body}{PROSE}</article></body></html>"
    return page_text(page, config)[0]


NOTATIONS = {
    "katex": '<span class="katex"><span class="katex-mathml"><math><semantics><mi>q</mi>'
    '<annotation encoding="application/x-tex">{}</annotation></semantics></math></span>'
    '<span class="katex-html">drawn</span></span>',
    "script": '<script type="math/tex">{}</script>',
    "script after its drawing": '<span class="MathJax_Preview">drawn</span><span class="MathJax">drawn</span>'
    '<script type="math/tex">{}</script>',
    "wiki": '<span class="mwe-math-element"><span style="display:none"><math alttext="{{\\displaystyle {}}}"><mi>q</mi>'
    '</math></span><img class="mwe-math-fallback-image-inline" alt="{{\\displaystyle {}}}"></span>',
    "wordpress": '<img class="latex" src="https://s0.wp.com/latex.php?latex=x" alt="{}">',
    "latexml": '<math class="ltx_Math" alttext="{}"><mi>q</mi></math>',
    "wrapper": '<span class="math inline">\\({}\\)</span>',
    "raw": "\\({}\\)",
    "mathjax 4": '<mjx-container><mjx-math data-latex="{}"></mjx-math></mjx-container>',
}


@pytest.mark.parametrize("name", sorted(NOTATIONS))
def test_formula_appears_exactly_once(name: str) -> None:
    tex = r"\alpha_{7} + x^{2}"
    markup = NOTATIONS[name].replace("{}", tex).replace("{{", "{").replace("}}", "}")
    if name == "latexml" or name == "wordpress" or name == "mathjax 4":
        markup = NOTATIONS[name].replace("{}", tex)
    text = text_of(f"<p>The formula {markup} stands here.</p>")
    assert f"The formula ${tex}$ stands here." in text
    assert text.count(r"\alpha_{7}") == 1
    assert "drawn" not in text


@given(st.lists(st.from_regex(r"[a-z]_\{[0-9]{3}\}", fullmatch=True), min_size=1, max_size=8, unique=True))
@settings(max_examples=25, deadline=None)
def test_every_formula_of_a_page_once_and_in_order(formulas: list[str]) -> None:
    names = sorted(set(NOTATIONS) - {"wiki"})
    body = "".join(
        f"<p>Here {NOTATIONS[names[i % len(names)]].replace('{}', tex)} is.</p>"
        for i, tex in enumerate(formulas)
    )
    text = text_of(body)
    assert [text.count(f"${tex}$") for tex in formulas] == [1] * len(formulas)
    assert sorted(formulas, key=text.index) == formulas


def test_display_formula_stands_on_its_own_line() -> None:
    text = text_of('<p>We get <script type="math/tex; mode=display">a = b</script> at last.</p>')
    assert "We get\n\n$$a = b$$\n\nat last." in text


def test_prices_and_shell_variables_are_no_formulas() -> None:
    text = text_of("<p>It costs $5 here and $10 there; set $HOME and grep '\\(' or f\\(\\).</p>")
    assert "costs $5 here and $10 there; set $HOME and grep" in text
    assert "$$" not in text


def test_mathml_without_tex_becomes_tex() -> None:
    text = text_of(
        "<p>So <math><mfrac><mrow><mo>−</mo><mi>b</mi></mrow><msqrt><mi>α</mi></msqrt></mfrac></math> and "
        "<math><munderover><mo>∑</mo><mrow><mi>i</mi><mo>=</mo><mn>1</mn></mrow><mi>n</mi></munderover><msup><mi>x</mi>"
        "<mi>i</mi></msup></math>.</p>"
    )
    assert r"$\frac{-b}{\sqrt{\alpha}}$" in text
    assert r"$\sum_{i=1}^{n}x^{i}$" in text


@pytest.mark.parametrize(
    ("markup", "code", "language"),
    [
        ('<pre><code class="language-go">a := 1\n\tb()\n</code></pre>', "a := 1\n\tb()", "go"),
        ('<div class="highlight-rust"><pre><span class="lineno">1 </span>fn f() {\n<span class="lineno">2 </span>    x\n}</pre></div>',
         "fn f() {\n    x\n}", "rust"),
        ("<pre><code><div>one</div><div>  two</div></code></pre>", "one\n  two", ""),
        ('<pre class="brush: js">f();<button>Copy</button></pre>', "f();", "js"),
        ('<pre><code><span class="line">x</span><span class="line">  y</span></code></pre>', "x\n  y", ""),
    ],
)  # fmt: skip
def test_code_block_keeps_lines_and_indentation(markup: str, code: str, language: str) -> None:
    assert f"\n\n```{language}\n{code}\n```\n\n" in text_of(markup)


def test_code_in_a_list_item_survives() -> None:
    text = text_of(
        "<ul><li>Run this command in a shell:<pre>make\n  all</pre></li><li>and then look at it</li></ul>"
    )
    assert "```\nmake\n  all\n```" in text
    assert "- and then look at it" in text


def test_boilerplate_goes_and_title_stays(make) -> None:
    page = (
        "<html><head><title> My  page </title></head><body><nav><a href='/'>Home</a></nav><main><article>"
        f"{PROSE * 20}</article></main><footer>Imprint</footer></body></html>"
    )
    result = extract_document(make(page, Markup.HTML), ExtractConfig())
    assert isinstance(result, Document)
    assert result.title == "My page"
    assert "Home" not in result.text and "Imprint" not in result.text
    assert result.signals["extract_trafilatura"] == 0.0


def test_trafilatura_is_usable_and_keeps_formulas_and_code() -> None:
    text = text_of(
        PROSE * 5 + '<p>Here <script type="math/tex">x_1</script> is.</p><pre>a\n  b</pre>',
        ExtractConfig(extractor="trafilatura"),
    )
    assert "$x_1$" in text and "```\na\n  b\n```" in text


def test_a_page_without_text_is_dropped(make) -> None:
    result = extract_document(make("<html><body><script>1</script></body></html>", Markup.HTML), FAST)
    assert isinstance(result, Drop) and result.reason is DropReason.NO_TEXT


def test_raw_environment_gets_delimiters_once() -> None:
    source = "\\begin{align} a &= b \\end{align} and $$\\begin{align} c &= d \\end{align}$$"
    assert (
        raw_delimiters(source)
        == "$$\\begin{align} a &= b \\end{align}$$ and $$\\begin{align} c &= d \\end{align}$$"
    )


def test_words_like_slots_in_the_page_are_not_taken_for_slots() -> None:
    text = text_of("<p>The word zqxj0e is here, and <code>code</code> too.</p>")
    assert "The word zqxj0e is here, and `code` too." in text
