"""The split holds for any text: it never raises, and it always says the same.

Texts are judged in a sandbox, as a build does: a parser that crashes on one costs that text alone.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from corpusforge.code import CodeConfig, judge_text
from corpusforge.code.blocks import read_blocks
from corpusforge.code.cells import read_cells
from corpusforge.code.verdict import Verdict
from corpusforge.sandbox import Failed, Sandbox, SandboxConfig
from tests.code.samples import SAMPLES

CONFIG = CodeConfig()
PATHS = st.sampled_from(
    [
        None,
        "a",
        "a.txt",
        "a.md",
        "a.rst",
        "a.ipynb",
        "a.lhs",
        "a.h",
        "a.swift",
        "a.zz",
        "x/.b",
        *(row[0] for row in SAMPLES.values()),
    ]
)
PIECES = [
    "{",
    "}",
    "(",
    '"',
    "'",
    "\n",
    "    ",
    "\t",
    "# %% [markdown]",
    "```",
    "::",
    ">>> ",
    "/*",
    "*/",
    "<<<<<<< ",
    "=======",
    "def f(x):",
    "\\begin{code}",
    "é",
    "\0",
    "\ud800",
]
TEXTS = st.one_of(
    st.text(max_size=300),
    st.lists(st.sampled_from(PIECES), max_size=60).map("".join),
    st.lists(st.sampled_from(PIECES), max_size=60).map("\n".join),
)
SETTINGS = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


Question = tuple[str, str | None]
Judge = Callable[[str, str | None], Verdict]


def make_judge(argument: object) -> Callable[[Question], Verdict]:
    return lambda question: judge_text(*question, CONFIG)


@pytest.fixture(scope="module")
def judge() -> Iterator[Judge]:
    """A judge in a child process; texts on which a parser crashed are none of this test's."""
    sandbox: Sandbox[Question, Verdict] = Sandbox(
        "tests.code.test_properties:make_judge", None, SandboxConfig()
    )

    def judged(text: str, path: str | None) -> Verdict:
        (found,) = sandbox.map([(text, path)])
        assume(not (isinstance(found, Failed) and found.error.startswith("crashed")))
        assert isinstance(found, Verdict), found
        return found

    yield judged
    sandbox.close()


@SETTINGS
@given(text=TEXTS, path=PATHS)
def test_any_text_gets_one_verdict_with_a_reason_and_finite_figures(
    judge: Judge, text: str, path: str | None
) -> None:
    verdict = judge(text, path)
    assert verdict.reason and "\n" not in verdict.reason
    assert verdict.domain is None or verdict.drop is None
    assert all(math.isfinite(value) for value in verdict.signals.values())
    assert all(0.0 <= value <= 1.0 for name, value in verdict.signals.items() if name.endswith("_share"))
    assert judge(text, path) == verdict


@SETTINGS
@given(name=st.sampled_from(sorted(SAMPLES)), blanks=st.integers(0, 4))
def test_blank_lines_at_the_end_change_no_verdict(judge: Judge, name: str, blanks: int) -> None:
    path, source = SAMPLES[name][:2]
    plain = judge(source, path)
    padded = judge(source + "\n" * blanks, path)
    assert (padded.domain, padded.drop, padded.language, padded.reason) == (
        plain.domain,
        plain.drop,
        plain.language,
        plain.reason,
    )


@SETTINGS
@given(
    text=TEXTS,
    kind=st.sampled_from(["markdown", "restructuredtext", "literate", "literate haskell", "latex", "text"]),
)
def test_every_character_of_a_document_is_code_prose_or_a_mark(text: str, kind: str) -> None:
    blocks = read_blocks(text, kind)
    assert blocks.code_chars + blocks.prose_chars <= len("".join(text.split()))
    assert 0.0 <= blocks.code_share <= 1.0
    assert 0.0 <= blocks.inline_share


@SETTINGS
@given(text=TEXTS)
def test_reading_cells_never_counts_below_zero(text: str) -> None:
    cells = read_cells(text)
    assert cells is None or min(cells.markdown_cells, cells.markdown_words, cells.code_cells) >= 0
