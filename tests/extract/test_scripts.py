"""What is set high or low keeps its value: exponents, indices, ordinals, notes, isotopes."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpusforge.extract.config import ExtractConfig
from corpusforge.extract.tex.scripts import script_text, scripts_in_markup
from corpusforge.extract.web.html import page_text


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("10<sup>6</sup> cells", "10^6 cells"),
        ("6.02 × 10<sup>23</sup>", "6.02 × 10^23"),
        ("10<sup>−9</sup> m", "10^-9 m"),
        ("2<sup>n+1</sup>", "2^{n+1}"),
        ("2<sup>32</sup>-1", "2^32-1"),
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
        ("<sub>all of this is only small print, which stays</sub>", "all of this is only small print, which stays"),
    ],
)  # fmt: skip
def test_scripts_come_out_as_people_write_them(source: str, text: str) -> None:
    assert scripts_in_markup(source) == text


@given(
    st.sampled_from(["sup", "sub"]),
    st.integers(0, 999),
    st.from_regex(r"[\w .,()/]{0,6}", fullmatch=True),
    st.from_regex(r"[\w .,()/]{0,6}", fullmatch=True),
)
@settings(max_examples=300, deadline=None)
def test_a_number_never_joins_another(kind, number, before, after) -> None:
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
