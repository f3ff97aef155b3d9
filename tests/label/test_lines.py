"""What compiled passes pass over could not have matched: the plain expressions, over all, find the same."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from corpusforge import traces
from corpusforge.label.attributes import _HEADER, _ROUND, _STATE
from corpusforge.label.lines import comment_lines, counts_rounds, header_places, state_lines
from corpusforge.label.reading import FORMULA, formula_matches
from corpusforge.trace_states import _STATE_LINE, is_state

_MATHS = (
    "$", "$$", "\\(", "\\)", "\\[", "\\]", "\\begin{align}", "\\end{align}", "\\begin{tabular}", "\\", "x", " ",
    "\n", "\r", "é", "٣", "\u00a0", "\x1f", "_", "5", "a" * 299, "b" * 1000, "c" * 4000, "\udc80", "\x00",
)  # fmt: skip
_LINES = (
    "x", "=", ":", ":=", "->", "→", "←", ">", "-", "1", "٣", "[", "]", " ", "\t", "\n", "\r\n", "\x1d", "\x85",
    "\u2028", "\u00a0", "#", "//", "/*", "*", "--", "%", ";", '"""', "'''", "'", '"', "{", "}", "(", ")", ",", ".",
    "step", "Line 3", "x = 1", "y: 2", "true", "nil", "pass", "ROUND", "pa\u017f\u017f", "\u0131ter", "iteración",
    "Итерация", "第", "a" * 290, "\udc80", "\x00", "∞", "At state",
)  # fmt: skip
texts = st.lists(st.sampled_from(_LINES), max_size=24).map("".join)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(_MATHS), max_size=16).map("".join))
@example("\\(" + "x" * 1000 + "\\)").via("the longest")
@example("$" + "x" * 302 + "$ $" + "x" * 303 + "$").via("the longest, and one longer")
@example("$$" + "x" * 4000 + "$$ $$" + "x" * 4001 + "$$").via("the longest, and one longer")
def test_formulas_are_those_of_the_expression(text: str) -> None:
    assert [match.span() for match in formula_matches(text)] == [m.span() for m in FORMULA.finditer(text)]


@settings(max_examples=150, deadline=None)
@given(texts)
def test_comments_are_the_lines_that_begin_like_one(text: str) -> None:
    marks = ("#", "//", "*", "/*", "--", "%", ";", '"""', "'''")
    plain = [line.strip() for line in text.splitlines()[:2000]]
    assert [line.strip() for line in comment_lines(text)] == [
        line for line in plain if line.startswith(marks)
    ]


def test_comments_of_a_long_program_are_those_of_its_first_lines() -> None:
    assert len(list(comment_lines("# a\r\n" * 3000))) == 2000


@settings(max_examples=150, deadline=None)
@given(texts)
def test_no_line_with_two_values_is_passed_over(text: str) -> None:
    def states(line: str) -> list[tuple[str, str]]:
        signs = line.count("=") + line.count(":") + line.count("→") + line.count("->")
        return _STATE.findall(line) if signs > 1 and len(line) <= 300 else []

    plain = [line for line in text.splitlines() if len(states(line)) > 1]
    assert [line for line in state_lines(text) if len(states(line)) > 1] == plain


@settings(max_examples=150, deadline=None)
@given(texts)
def test_no_counted_rounds_are_passed_over(text: str) -> None:
    assert counts_rounds(text) or len(_ROUND.findall(text)) < 2


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from([*_LINES, "i", "|", "K", "n,", "iteration", "  "]), max_size=16).map("".join))
def test_no_header_is_passed_over(text: str) -> None:
    found = [place for place in header_places(text) if _HEADER.match(text, place)]
    assert found == [match.start() for match in _HEADER.finditer(text)]


@settings(max_examples=150, deadline=None)
@given(texts.map(lambda text: text.replace("\n", "")))
def test_no_line_of_values_is_passed_over(line: str) -> None:
    assert is_state(line) == (_STATE_LINE.match(line) is not None)


@pytest.mark.parametrize("kind", traces._KINDS, ids=lambda kind: kind.name)
def test_what_a_text_may_hold_holds_for_its_pieces(kind: traces._Kind) -> None:
    piece = "==3== x\n" + "".join(kind.needles) + "\n"
    assert kind in traces.hints(f"a text\n{piece}").kinds
    assert set(traces.hints(piece).kinds) <= set(traces.hints(f"a text\n{piece}more\n").kinds)


def test_a_round_is_told_whatever_the_case_and_script() -> None:
    for word in ("round", "PASS", "Iteration", "iteración", "итерация", "Durchlauf", "第"):
        assert counts_rounds(f"{word} 1: x = 2\n{word}#2: x = 3")
    assert not counts_rounds("x = 1, y = 2, around: 3, 4 of 5")
    assert re.findall(r"\d", "٣") and counts_rounds("loop ٣ loop ٣")
