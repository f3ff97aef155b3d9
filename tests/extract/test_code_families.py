"""Code comes out to the letter whichever program set it, and what only looks like lines of code does not."""

from __future__ import annotations

import pytest

from corpusforge.extract.config import ExtractConfig
from corpusforge.extract.web.html import page_text
from tests.extract import code_families_sites, code_families_tools
from tests.extract.code_families import FAMILIES
from tests.extract.code_families_sites import SITES
from tests.extract.code_families_tools import TOOLS

PROSE = "<p>A paragraph of prose that is long enough to be taken for the content of a page, surely.</p>"
SAMPLES = {
    "c": ["#include <stdio.h>", "int main(void) {", "    int n = 10;", "    while (n > 0) {", "        n--;", "    }", "    return 0;", "}"],
    "blank lines": ["def first(x):", "    return x & 1", "", "def second(y):", "    for i in range(10):", '        print("a < b", i)', "", "second(3)"],
    "two lines": ["import numpy as np", "x = np.zeros(3)"],
    "numbers": ["let a = [", "    1,", "    2,", "    3,", "];"],
    "long": [f"    call_{n}(argument_{n});" if n % 3 else f"if (x == {n}) {{ y(); }}" for n in range(1, 40)],
}  # fmt: skip


def extracted(body: str) -> str:
    page = f"<html><body><article><h1>Title</h1>{PROSE}{body}{PROSE}</article></body></html>"
    return page_text(page, ExtractConfig())[0]


def block_of(body: str) -> list[str]:
    pieces = extracted(body).split("```")
    return [piece.split("\n", 1)[1].removesuffix("\n") for piece in pieces[1::2]]


@pytest.mark.parametrize("sample", sorted(SAMPLES))
@pytest.mark.parametrize("family", sorted(FAMILIES))
def test_code_is_exact(family: str, sample: str) -> None:
    lines = SAMPLES[sample]
    assert block_of(FAMILIES[family](lines)) == ["\n".join(lines)]


@pytest.mark.parametrize("family", sorted({**SITES, **TOOLS}))
def test_code_of_sites_and_tools_is_exact_and_names_its_language(family: str) -> None:
    names = code_families_sites.PYTHON | code_families_tools.PYTHON
    for name, lines in SAMPLES.items():
        text = extracted({**SITES, **TOOLS}[family](lines))
        opening = "```python\n" if family in names else "\n"
        assert text.count("```") == 2 and opening + "\n".join(lines) + "\n```" in text, name


def test_two_blocks_stay_two() -> None:
    lines = SAMPLES["c"]
    for family in ("doxygen", "gitea", "codemirror_5", "latexml"):
        body = FAMILIES[family](lines) + FAMILIES[family](SAMPLES["two lines"])
        assert block_of(body) == ["\n".join(lines), "\n".join(SAMPLES["two lines"])], family


@pytest.mark.parametrize(
    "markup",
    [
        '<div class="line-block"><div class="line">Roses are red,</div><div class="line">violets are blue.</div></div>',
        "<table><tr><td>1</td><td>Ada Lovelace</td></tr><tr><td>2</td><td>Alan Turing</td></tr></table>",
        '<div class="deadlines"><div class="headline">First head</div><div class="headline">Second head</div></div>',
        '<ol class="steps"><li><span>Open the box.</span></li><li><span>Close the box.</span></li></ol>',
        '<div class="code">Use the code SAVE10<br>at the desk (ask for it).</div>',
        '<div class="source">By Ada Lovelace<br>Reuters, London<br>12 May 2020</div>',
        '<div style="font-family: Courier, monospace">Dear Ada,<br>we write to you today.<br>Yours, Alan</div>',
        '<div class="highlight"><p>We saw the sea.</p><p>It was blue, and it was wide.</p></div>',
        '<p><a id="t1">1</a> In the beginning</p><p><a id="t2">2</a> And the earth was without form</p>',
        "<table class=codes><tr><td>1</td><td>Afghanistan</td></tr><tr><td>2</td><td>Albania</td></tr></table>",
        '<table class="lines"><tr><td>1</td><td>Red line</td></tr><tr><td>2</td><td>Blue line</td></tr></table>',
        '<div class="timeline"><div class="timeline-item">1990 begun</div><div class="timeline-item">1999 ended</div></div>',
    ],
)
def test_lines_that_are_no_code_are_none(markup: str) -> None:
    assert block_of(markup) == []
