"""Code in the markup of many tools and sites comes out to the letter; what a style sheet or numbers only touch does not."""

from __future__ import annotations

import pytest

from tests.extract.markup.measure import FAMILIES, exact, is_left_out, made_name
from tests.extract.test_code_families import block_of

LOST = {
    "gatsby_highlight_line": 2,  # no line goes on behind one that a style ends
    "public_inbox": 1,  # two rows
    "scrapbox": 1,  # two rows
    "text_highlighter_list": 2,  # a blank before each of two rows, or of rows that are all indented
    "docbook_callout_spans": 9,  # numbers of notes within lines, where a number of the code's own may stand
    "list_without_names": 1,  # lists whose names say nothing, of lines that are hardly code
    "hypermail_breaks": 2,  # lines of a paragraph of which neither a blank nor a prompt tells
    "numbers_list_column": 2,  # a list of numbers beside a list of such lines
    "paste_ol_plain": 2,  # a list whose names say nothing, of such lines
    "pdftohtml_lines": 23,  # lines that no element holds
    "phpxref": 1,  # lines that all begin with blanks
    "pragprog": 1,  # two rows
}
MADE_LOST = {
    50: {"ini", "short"}, 81: {"ini", "short"}, 101: {"short"}, 225: {"python_session"}, 274: {"ini", "short"},
}  # fmt: skip
"""Programs of two lines, and lines that no blank begins, where hardly anything else says that they are code."""


@pytest.mark.parametrize("family", sorted(name for name in FAMILIES if not is_left_out(name)))
def test_code_is_exact_in_the_families_looked_at(family: str) -> None:
    failed = [program for program, is_exact in exact(family) if not is_exact]
    assert len(failed) == LOST.get(family, 0), failed


@pytest.mark.parametrize(
    "seed", [0, 38, 50, 53, 59, 62, 81, 85, 86, 95, 101, 110, 136, 138, 225, 274, 284, 338, 356, 359]
)
def test_markup_made_of_parts_loses_at_most_what_hardly_reads_like_code(seed: int) -> None:
    name = made_name(seed)
    failed = {program for program, is_exact in exact(name) if not is_exact}
    assert failed <= MADE_LOST.get(seed, set()), failed


@pytest.mark.parametrize(
    "markup",
    [
        "<style>.c1{font-family:'Courier New'}</style><p><span class=c1>Dear Ada,</span></p><p><span class=c1>we write to you today.</span></p>",
        "<style>.keep{white-space:pre-wrap}</style><div class=keep>\n    Share\n       0\n    Tweet\n       12\n</div>",
        "<div class='zip-code'>\n     Find it:\n            Enter ZIP Code\n</div>",
        "<ol><li><span class=tag>1.</span><div><p><math alttext='f(0)=0'><mi>f</mi></math>. So f(0)=2f(0).</p></div></li><li><span class=tag>2.</span><div><p>f(nx)=nf(x) for n in N.</p></div></li><li><span class=tag>3.</span><div><p>f(x)=g(x).</p></div></li></ol>",
        "<ol><li id=l1><pre>Mapping: a laser measures the way to each wall of the room</pre></li><li id=l2><pre>Cleaning: the robot goes along the lines of the map that it made</pre></li></ol>",
    ],
)
def test_fonts_and_numbers_alone_make_no_code(markup: str) -> None:
    assert "\n" not in "".join(block_of(markup))
