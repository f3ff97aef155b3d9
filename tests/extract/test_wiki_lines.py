"""Headings and marks of lists that are set before the parse: the page reads as if they were parsed."""

from __future__ import annotations

import random

import pytest

from corpusforge.extract.web.slots import Slots
from corpusforge.extract.wiki.lines import lines_set
from corpusforge.extract.wiki.nodes import Walker, lists_laid_out
from corpusforge.extract.wiki.tags import closed_tags
from corpusforge.extract.wiki.tree import parse
from corpusforge.extract.wiki.unclosed import BREAK, without_unclosed
from corpusforge.extract.wiki.wikitext import wikitext_to_markdown


def _laid_out(source: str) -> str:
    return lists_laid_out(Walker(Slots(source)).text(parse(source))).replace(BREAK, "")


@pytest.mark.parametrize(
    "source",
    [
        "* a\n** b\n*# c\n*# d\n# e",
        "== A ==\ntext\n===B===\n==  C   d ==\n== E = F ==\n== [[G]] ==\n=H=\n======= I =======",
        "== A ==  \n== B\n== C ===\n=== D ==\n====\n== ==\n==A==x\n",
        "; term : defined\n: more\n*; b : c\n;; d\n:: e",
        "{|\n* before a cell\n! h\n|-\n* in a row\n| a\n* b\n== C ==\n| d\n|}",
        "<table><tr><td>a</td>\n* b\n<td>c</td></tr></table>",
        "<pre>\n* code\n== no heading ==\n</pre>\n* item",
        '<div class="a\n* b">x</div>',
        "x<sup>2</sup>\n* 3\n10<sup>5</sup>\n== m ==\n",
        "[[a|b\n* c\n== d ==\n]]\n*http://a.org\n:http://b.org",
        "#: a\n#* b\n# c\n\n# d",
        "*\n* \n# \n*:\n== \u00a0A\u3000b ==",
    ],
)
def test_lines_set_read_as_if_they_were_parsed(source: str) -> None:
    assert _laid_out(lines_set(source)) == _laid_out(source)


_PIECES = [
    *("\n* ", "\n# ", "\n: ", "\n; ", "\n**", "\n== ", " ==", "=", "\n", "a", "b c", "[[", "]]", "|"),
    *("\n{|", "\n|}", "\n|-", "\n| ", "\n! ", "<br>", "<b>", "</b>", "http://x", "&amp;"),
]


def test_random_marks_read_as_if_they_were_parsed() -> None:
    chance = random.Random(3)
    for _ in range(400):
        drawn = "".join(chance.choice(_PIECES) for _ in range(chance.randint(1, 30)))
        source = without_unclosed(closed_tags(drawn))
        assert _laid_out(lines_set(source)) == _laid_out(source), repr(drawn)


def test_a_formula_on_a_line_of_its_own_stands_apart_and_one_in_a_list_does_not() -> None:
    source = ": <math>a</math>.\ntext <math>b</math>\n* <math>c</math>\n:<math>d</math> e"
    assert wikitext_to_markdown(source) == "$$a$$.\n\ntext $b$\n- $c$\n$d$ e"
