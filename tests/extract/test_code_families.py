"""Code comes out to the letter whichever program set it, and what only looks like lines of code does not."""

from __future__ import annotations

import pytest

from corpusforge.extract.config import ExtractConfig
from corpusforge.extract.web.html import page_text
from tests.extract.code_families import FAMILIES

PROSE = "<p>A paragraph of prose that is long enough to be taken for the content of a page, surely.</p>"
SAMPLES = {
    "c": ["#include <stdio.h>", "int main(void) {", "    int n = 10;", "    while (n > 0) {", "        n--;", "    }", "    return 0;", "}"],
    "blank lines": ["def first(x):", "    return x & 1", "", "def second(y):", "    for i in range(10):", '        print("a < b", i)', "", "second(3)"],
    "two lines": ["import numpy as np", "x = np.zeros(3)"],
    "numbers": ["let a = [", "    1,", "    2,", "    3,", "];"],
    "long": [f"    call_{n}(argument_{n});" if n % 3 else f"if (x == {n}) {{ y(); }}" for n in range(1, 40)],
}  # fmt: skip


def block_of(body: str) -> list[str]:
    page = f"<html><body><article><h1>Title</h1>{PROSE}{body}{PROSE}</article></body></html>"
    text = page_text(page, ExtractConfig())[0]
    pieces = text.split("```")
    return [piece.split("\n", 1)[1].removesuffix("\n") for piece in pieces[1::2]]


@pytest.mark.parametrize("sample", sorted(SAMPLES))
@pytest.mark.parametrize("family", sorted(FAMILIES))
def test_code_is_exact(family: str, sample: str) -> None:
    lines = SAMPLES[sample]
    assert block_of(FAMILIES[family](lines)) == ["\n".join(lines)]


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
        '<div class="timeline"><div class="timeline-item">1990 begun</div><div class="timeline-item">1999 ended</div></div>',
    ],
)
def test_lines_that_are_no_code_are_none(markup: str) -> None:
    assert block_of(markup) == []
