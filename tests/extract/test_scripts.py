"""What is set high or low keeps its value: exponents, indices, ordinals, notes, isotopes."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpusforge.document import Document, Markup
from corpusforge.extract import extract_document
from corpusforge.extract.config import ExtractConfig
from corpusforge.extract.tex.scripts import Kind, script_text, scripts_in_markup
from corpusforge.extract.web.html import page_text
from tests.extract.conftest import Make


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("10<sup>6</sup> cells", "10^6 cells"),
        ("6.02 × 10<sup>23</sup>", "6.02 × 10^23"),
        ("10<sup>−9</sup> m", "10^-9 m"),
        ("2<sup>n+1</sup>", "2^{n+1}"),
        ("2<sup>32</sup>-1", "2^32-1"),
        ("2,300<sup>2</sup> = 5,290,000", "2,300^2 = 5,290,000"),
        ("5 × 1,024<sup>3</sup> bytes", "5 × 1,024^3 bytes"),
        ("in steps of 2048<sup>n</sup> and 1,000<sup>x</sup>", "in steps of 2048^n and 1,000^x"),
        ("N = 1,024<sup>a</sup> of 2,300<sup>2</sup>", "N = 1,024[a] of 2,300[2]"),
        ("0,125<sup>3</sup>", "0,125^3"),
        ("10<sup>6</sup>5", "10^{6}5"),
        ("x<sub>i</sub> and x<sub>i,j</sub>", "x_i and x_{i,j}"),
        ("x<sub>1</sub><sup>2</sup>", "x_1^2"),
        ("H<sub>2</sub>O, CO<sub>2</sub>", "H_2O, CO_2"),
        ("Ca<sup>2+</sup> and Na<sup>+</sup>", "Ca^{2+} and Na^+"),
        ("SO<sub>4</sub><sup>2−</sup>", "SO_4^{2-}"),
        ("<sup>14</sup>C and <sup>235</sup>U", "^14C and ^235U"),
        ("<sup>14</sup><sub>6</sub>C", "^14_6C"),
        ("the 1<sup>st</sup>, 2<sup>nd</sup>, 20<sup>th</sup>", "the 1st, 2nd, 20th"),
        ("le XIX<sup>e</sup> siècle, le 1<sup>er</sup> mai", "le XIXe siècle, le 1er mai"),
        ("M<sup>me</sup> Curie, n<sup>o</sup> 5", "Mme Curie, no 5"),
        ("the n<sup>th</sup> term", "the nth term"),
        ("25 km<sup>2</sup>, 9.8 m s<sup>-2</sup>", "25 km^2, 9.8 m s^-2"),
        ("(a+b)<sup>2</sup>", "(a+b)^2"),
        ("sin<sup>2</sup> x", "sin^2 x"),
        ("the treaty<sup>2</sup> says", "the treaty[2] says"),
        ("so it was.<sup>3</sup>", "so it was.[3]"),
        ("in 1990<sup><a href='#n4'>4</a></sup>", "in 1990[4]"),
        ("text<sup class='reference'><a href='#c'>[12]</a></sup>", "text[12]"),
        ("Smith<sup>a,b</sup> and Jones<sup>b</sup>", "Smith[a,b] and Jones[b]"),
        ("p = 0.05<sup>*</sup>", "p = 0.05*"),
        ("5<sup>1</sup>/<sub>2</sub> inches", "5 1/2 inches"),
        ("<sup>3</sup>⁄<sub>4</sub> cup", "3⁄4 cup"),
        ("20<sup>o</sup>C", "20°C"),
        ("Acme<sup>TM</sup>", "Acme™"),
        ("101<sub>2</sub> is 5", "101_2 is 5"),
        ("V<sub>max</sub>", "V_max"),
        ("e<sup>x<sup>2</sup></sup>", "e^{x^2}"),
        ("<SUP>2</SUP> no base", "[2] no base"),
        ("5 × 10<sup>4</sup>/mL and 40 ft<sup>3</sup>/s", "5 × 10^4/mL and 40 ft^3/s"),
        ("10<sup>&minus;3</sup> W at 20<sup>&deg;</sup>C", "10^-3 W at 20°C"),
        ("about 10 <sup>5</sup> years, 25 km <sup>2</sup>", "about 10 ^5 years, 25 km ^2"),
        ("E = <i>mc</i><sup>2</sup>, ‖x‖<sup>2</sup>", "E = <i>mc</i>^2, ‖x‖^2"),
        ("f<sup>(2)</sup>(x) and (below)<sup>4</sup>", "f^{(2)}(x) and (below)[4]"),
        ("$3<sup>99</sup>, $19<sup>.99</sup> or 3,<sup>49</sup> €", "$3.99, $19.99 or 3,49 €"),
        ("el 3.<sup>er</sup> piso, the 2<sup>nd.</sup>", "el 3.er piso, the 2nd."),
        ("10<sup>−</sup><sup>6</sup> and 10<sup>6 </sup>people", "10^-6 and 10^6 people"),
        ("founded in 1998<sup>3</sup>, the 1990s<sup>2</sup>", "founded in 1998[3], the 1990s[2]"),
        ("2,300<sup>2</sup> men, 1,400<sup>a</sup>", "2,300[2] men, 1,400[a]"),
        ("12.5<sup>b</sup>, 14<sup>a,b</sup> and 12.5<sup>2</sup>", "12.5[b], 14[a,b] and 12.5^2"),
        ("the GDP<sup>2</sup>, the USA<sup>1</sup>; AB<sup>2</sup>", "the GDP[2], the USA[1]; AB^2"),
        ("at 20 <sup>o</sup>C, 5 <sup>0</sup>F", "at 20 °C, 5 °F"),
        ("499<sup>00</sup>$, 12<sup>00</sup>", "499.00$, 12.00"),
        ("n = 1999<sup>2</sup>, 2000<sup>10</sup>", "n = 1999^2, 2000^10"),
        ("Smith<sup>1,2*</sup>, 10 GeV<sup>2</sup>, 30 км<sup>2</sup>", "Smith[1,2*], 10 GeV^2, 30 км^2"),
        ("他说<sup>2</sup>，人<sup>3</sup>", "他说[2]，人[3]"),
        ("<sub>all of this is only small print, which stays</sub>", "all of this is only small print, which stays"),
    ],
)  # fmt: skip
def test_scripts_come_out_as_people_write_them(source: str, text: str) -> None:
    assert scripts_in_markup(source) == text


@given(
    st.sampled_from(("sup", "sub")),
    st.integers(0, 999),
    st.from_regex(r"[\w .,()/]{0,6}", fullmatch=True),
    st.from_regex(r"[\w .,()/]{0,6}", fullmatch=True),
)
@settings(max_examples=300, deadline=None)
def test_a_number_never_joins_another(kind: Kind, number: int, before: str, after: str) -> None:
    out = script_text(kind, str(number), before, after)
    numbers = [int(found) for found in re.findall(r"\d+", (before + out + after))]
    alone = [int(found) for found in re.findall(r"\d+", before)] + [
        int(found) for found in re.findall(r"\d+", after)
    ]
    if out != "°":
        assert sorted(numbers) == sorted([*alone, number])


def test_a_page_keeps_the_values_of_raised_numbers() -> None:
    body = (
        "<p>About 10<sup>6</sup> cells of 3 m<sup>2</sup>, <i>x</i><sub><i>i</i></sub>, <i>x</i><sub>1</sub>"
        "<sup>2</sup>, the <b>21</b><sup>st</sup> century, <sup>14</sup>C, e<sup>x<sup>2</sup></sup>.</p>"
        '<p>A claim<a href="#n1"><sup>1</sup></a> and one more<sup class="reference"><a href="#c">[2]</a></sup>.</p>'
        "<p><code>2<sup>8</sup></code> and <sup><math><mi>n</mi></math></sup>.</p>"
    )
    text = page_text(f"<html><body>{body}</body></html>", ExtractConfig(), main_content=False)[0]
    assert text.split("\n\n") == [
        "About 10^6 cells of 3 m^2, x_i, x_1^2, the 21st century, ^14C, e^{x^2}.",
        "A claim[1] and one more[2].",
        "`2^8` and $n$.",
    ]


SAID = (
    "6.02×10<sup>23</sup> mol<sup>-1</sup>, the 1<sup>st</sup>, <sup>14</sup>C, x<sub>i</sub><sup>2</sup>, "
    "10<b><sup>5</sup></b>, <sup>4</sup><sub>2</sub>He, 2<sup>2<sup>n</sup></sup>, the lake<sup>3</sup> here"
)
SEEN = "6.02×10^23 mol^-1, the 1st, ^14C, x_i^2, 10^5, ^4_2He, 2^{2^n}, the lake[3] here"


def _notebook(*cells: Mapping[str, object]) -> str:
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells})


def _shown(html: str) -> dict[str, object]:
    data = {"text/html": html, "text/plain": "<IPython.core.display.HTML object>"}
    return {"cell_type": "code", "source": "", "outputs": [{"output_type": "display_data", "data": data}]}


@pytest.mark.parametrize(
    ("markup", "raw", "path"),
    [
        (Markup.HTML, f"<article><h1>Of numbers</h1><p>{SAID}</p></article>", ""),
        (Markup.WIKITEXT, f"A first line of some length.\n\n{SAID}", ""),
        (Markup.SOURCE, f"# Of numbers\n\n{SAID}\n", "README.md"),
        (Markup.QA, json.dumps({"title": "Of numbers", "question": {"html": f"<p>{SAID}</p>"}}), ""),
        (Markup.NOTEBOOK, _notebook({"cell_type": "markdown", "source": SAID}), "a.ipynb"),
        (Markup.NOTEBOOK, _notebook(_shown(f"<div>{SAID}</div>")), "a.ipynb"),
        (
            Markup.NOTEBOOK,
            _notebook(_shown(f"<table><tr><td>a</td></tr><tr><td>{SAID}</td></tr></table>")),
            "a.ipynb",
        ),
        (Markup.XHTML_BOOK, f"<html><body><h2>I</h2><p>{SAID}</p></body></html>", ""),
    ],
)
def test_raised_and_lowered_text_reads_the_same_in_every_route(
    make: Make, markup: Markup, raw: str, path: str
) -> None:
    found = extract_document(make(raw, markup, path=path), ExtractConfig(min_text_chars=1))
    assert isinstance(found, Document)
    assert SEEN in re.sub(r"</?b>", "", found.text)


@pytest.mark.parametrize(
    ("source", "text"),
    [
        (r"10\ :sup:`-3` W, H\ :sub:`2`\ O", "10^-3 W, H_2O"),
        (r"the 1\ :sup:`st`, x\ :sub:`i`\ :sup:`2`", "the 1st, x_i^2"),
        (r"10\ :superscript:`12`\ 7, :sup:`14`\ C", "10^{12}7, ^14C"),
        (r"re\ ``set``\ s, \*args and \|x\|", "re`set`s, *args and |x|"),
    ],
)
def test_roles_of_rest_read_as_tags_do(make: Make, source: str, text: str) -> None:
    found = extract_document(make(f"T\n=\n\n{source}\n", Markup.SOURCE, path="a.rst"), ExtractConfig())
    assert isinstance(found, Document)
    assert found.text.endswith(text)


def test_code_of_a_notebooks_prose_keeps_its_tags(make: Make) -> None:
    cell = {"cell_type": "markdown", "source": "`x<sup>2</sup>` is x<sup>2</sup>\n```html\n<sub>1</sub>\n```"}
    found = extract_document(make(_notebook(cell), Markup.NOTEBOOK), ExtractConfig(min_text_chars=1))
    assert isinstance(found, Document)
    assert found.text == "`x<sup>2</sup>` is x^2\n```html\n<sub>1</sub>\n```"
