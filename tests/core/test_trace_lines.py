"""The pass over lines turns down nothing that an expression of a trace would match."""

from hypothesis import given, settings
from hypothesis import strategies as st

from corpusforge.trace_lines import FILLED, PROMPTS, SHELL, STATES, TABLE, is_blank, may_hold
from corpusforge.trace_states import is_state
from corpusforge.traces import MAX_LINE_CHARS, find_trace

_BEFORE = st.sampled_from(
    ("", "", "# ", "  // ", "-- ", "; ", "\t", "step 3: ", "Iter #2 ", "at line 4 -> ", "é")
)
_NAMES = st.sampled_from(("x", "i", "low", "a[0]", "b.c", "_k", "ſtep", "step", "K", "é", "x" * 31, "f("))
_SIGNS = st.sampled_from((" = ", "=", ": ", ":", " := ", "->", " → ", "←", " ← ", "==", " "))
_VALUES = st.sampled_from(
    ("3", "-1.5e3", '"q"', "'s'", "[1, 2]", "{a}", "(4)", "True", "none", "∞", "inf", "٣", "x")
)
_GAPS = st.sampled_from((", ", ",", "; ", " | ", "  ", " ", "", "."))
_PAIRS = st.lists(st.tuples(_NAMES, _SIGNS, _VALUES, _GAPS).map("".join), min_size=1, max_size=3).map("".join)
_LINES = st.tuples(_BEFORE, _PAIRS).map("".join)


def _holds(text: str) -> int:
    return may_hold(text, MAX_LINE_CHARS, 3, 48, 0.15)


def test_a_line_of_states_is_never_turned_down() -> None:
    n_states = 0

    @settings(max_examples=1500, deadline=None)
    @given(_LINES)
    def check(line: str) -> None:
        nonlocal n_states
        if is_state(line):
            n_states += 1
            assert _holds(line) & STATES

    check()
    assert n_states > 20  # else nothing was asked


def test_lines_of_states_that_the_expression_knows() -> None:
    lines = ("i = 1, j = 2", "  # x: 3; y: [1]", "step 3: a -> 'b'", "Iter #2 {x}", "a := -1 | b := null")
    assert [bool(_holds(line) & STATES) for line in lines] == [is_state(line) for line in lines] == [True] * 5
    others = ("x = f(1)", "plt.plot(a=1, b=2)", "return 3", "for i in range(10):", "x = 3", '"a": 1')
    assert [_holds(line) & STATES for line in others] == [0] * len(others)


def test_only_each_nth_line_of_a_long_text_is_sampled() -> None:
    filler = "nothing at all\n\n" * 3
    assert _holds(("i = 1, j = 2\n" + filler) * 48) & STATES
    assert not _holds((filler + "i = 1, j = 2\n") * 48) & STATES


def test_white_space_is_what_strip_takes_away() -> None:
    assert all(bool(is_blank(point)) == chr(point).isspace() for point in range(0x4000))


def test_how_lines_begin() -> None:
    assert _holds("a\n\u00a0\nb\n") & FILLED == 0
    assert _holds("a\nb\n\nc") & FILLED
    assert _holds("a\n+ ls\nb") & SHELL
    assert not _holds("a\nb\n+ ls") & SHELL
    assert _holds("a\n| Step | x |\nb") & TABLE
    assert _holds("> a\n[1]\n> b\n> c") & PROMPTS


def test_what_a_run_told_is_found_as_before() -> None:
    run = "".join(f"low = {n}, high = {9 - n}\n" for n in range(6))
    assert (found := find_trace(run)) is not None
    assert found.kind == "values step by step"
    table = "step | x\n" + "".join(f"{n} | {n * n}\n" for n in range(8))
    assert (found := find_trace(table)) is not None
    assert found.kind == "table of values by step"
