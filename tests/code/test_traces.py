"""Execution traces stay out of plain code, whatever their file is called, and are flagged; programs stay."""

import pytest

from corpusforge.code import CodeConfig, judge_text
from corpusforge.document import DropReason
from corpusforge.domains import Domain
from corpusforge.label.attributes import has_execution_trace
from corpusforge.traces import find_trace
from tests.code.traces import PROGRAMS, TRACES

LOGS = {
    "python traceback", "java stack trace", "javascript stack trace", "go panic", "gdb backtrace", "strace",
    "strace of threads", "valgrind", "pytest log", "go test log", "gtest log", "cargo test log", "tap log",
    "mocha log",
}  # fmt: skip
CONFIG = CodeConfig()


@pytest.mark.parametrize("path", [None, "notes/run.txt", "out/run.py", "run.rb"])
@pytest.mark.parametrize("name", TRACES)
def test_a_trace_is_never_plain_code(name: str, path: str | None) -> None:
    verdict = judge_text(TRACES[name], path, CONFIG)
    assert verdict.domain is not Domain.CODE, verdict.reason
    if verdict.domain is Domain.CODE_NL:
        assert verdict.signals["has_execution_trace"] == 1 and "execution trace" in verdict.reason


@pytest.mark.parametrize("name", TRACES)
def test_a_trace_has_the_flag(name: str) -> None:
    assert has_execution_trace(TRACES[name])
    report = f"# It fails\n\nThis is what I see since Monday.\n\n```\n{TRACES[name]}```\n\nAny idea?\n"
    assert has_execution_trace(report)


@pytest.mark.parametrize("name", sorted(LOGS))
def test_what_a_machine_left_for_an_operator_is_dropped_as_a_log(name: str) -> None:
    verdict = judge_text(TRACES[name], None, CONFIG)
    assert verdict.drop is DropReason.LOG and "% of the lines" in verdict.reason


@pytest.mark.parametrize("name", ["pdb session", "gdb session", "irb session", "states by line"])
def test_a_run_told_step_by_step_is_code_with_words(name: str) -> None:
    assert judge_text(TRACES[name], None, CONFIG).domain is Domain.CODE_NL


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_that_looks_like_one_stays_code_without_the_flag(name: str) -> None:
    verdict = judge_text(PROGRAMS[name], None, CONFIG)
    assert verdict.domain is Domain.CODE and "has_execution_trace" not in verdict.signals
    assert find_trace(PROGRAMS[name]) is None


def test_ticks_in_a_list_and_quotations_are_no_traces() -> None:
    ticks = "Data that can be read:\n\n" + "".join(f"✓ set{n} / set-{n}\n" for n in range(12))
    mail = "You wrote:\n" + "".join(f"> sentence {n} of what you wrote\n" for n in range(9)) + "I agree.\n"
    settings = "".join(f"name_{n} = {n}, size_{n} = {n * 2}\n" for n in range(9))
    for text in (ticks, mail, settings):
        assert find_trace(text) is None


@pytest.mark.parametrize(
    "piece", ["x = 1, ", ">>> ", '  File "a", line 1\n', "    at a\n", "+ ", "| 1 ", "#0 (", "ok 1 "]
)
def test_hostile_text_takes_no_time_to_speak_of(piece: str) -> None:
    find_trace(piece * 20_000)
    find_trace((piece.strip() + " \n") * 20_000)
