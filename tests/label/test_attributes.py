"""Style of a mathematical document as numbers: traces, steps, densities, templates."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpusforge.label import LabelConfig
from corpusforge.label.attributes import attributes, has_execution_trace, regularity, synthetic_looking
from corpusforge.label.math import math_scores
from corpusforge.label.model import load_math, read_pin
from corpusforge.label.reading import read

TRACES = {
    "session": ">>> x = 3\n>>> x * 2\n6\n>>> x + 1\n4",
    "notebook": "In [3]: gcd(12, 18)\nOut[3]: 6",
    "states": "Start: a = 48, b = 18\nthen a = 18, b = 12\nthen a = 12, b = 6\nthen a = 6, b = 0",
    "rounds": "After iteration 1, x = 1.5. After iteration 2, x = 1.4167. After iteration 3, x = 1.41422.",
    "table": "| n | a | b |\n|---|---|---|\n| 0 | 1 | 1 |\n| 1 | 1 | 2 |\n| 2 | 2 | 3 |\n",
    "columns": "step   low   high   mid\n1      0     10     5\n2      5     10     7\n3      5     7      6\n",
}
NO_TRACES = {
    "solution": "Adding the equations gives 2x = 6, so x = 3, y = 4. Check: x + y = 7.",
    "two solutions": "Case 1: x = 1, y = 2. Case 2: we get nothing new.",
    "proof": "Let n = 2k + 1. Then n^2 = 4k^2 + 4k + 1, which is odd. After one more step we are done.",
    "prices": "1. Chair: 30\n2. Table: 90\n3. Lamp: 12",
    "prose": "The first iteration of the design was dropped. The second pass over the text found more errors.",
}


@pytest.mark.parametrize("name", TRACES)
def test_states_that_follow_each_other_are_a_trace(name: str) -> None:
    assert has_execution_trace(TRACES[name])


@pytest.mark.parametrize("name", NO_TRACES)
def test_values_by_themselves_are_none(name: str) -> None:
    assert not has_execution_trace(NO_TRACES[name])


MODEL = load_math(read_pin("math").path, read_pin("math").sha256)


def described(text: str) -> dict[str, float]:
    return attributes(text, math_scores(read(text), MODEL, LabelConfig()))


def test_steps_connectives_and_symbols_grow_with_what_they_count() -> None:
    bare = described("The sum of the angles of a triangle is a straight angle. Squares have four sides.")
    argued = described(
        "First, let x = 2y. Then x + y = 3y. Hence 3y = 12. Therefore y = 4, so x = 8.\n1. Add.\n2. Divide.\n"
    )
    assert argued["math_steps"] >= 6 > bare["math_steps"]
    assert argued["math_connective_density"] > bare["math_connective_density"]
    assert argued["math_symbol_density"] > 50 > bare["math_symbol_density"]
    assert bare["math_words"] == 14


def test_connectives_count_in_other_languages() -> None:
    for text in ("Пусть x = 2. Тогда y = 3. Следовательно, x + y = 5.", "设 x = 2。因此 y = 3。所以 x + y = 5。",
                 "Soit x = 2. Alors y = 3. Donc x + y = 5.", "Sei x = 2. Dann y = 3. Also x + y = 5."):  # fmt: skip
        assert described(text)["math_steps"] >= 2, text
        assert described(text)["math_connective_density"] > 0, text


def test_phrases_of_assistants_and_templates_raise_the_score() -> None:
    chat = "Certainly! Let's break it down step by step.\n\n**Step 1**: add.\n\n**Final answer**: 5. I hope this helps!"
    plain = (
        "We add both sides and find five.\n\nThe reader should check this against the table in the appendix."
    )
    assert synthetic_looking(chat) == 1.0 and synthetic_looking(plain) == 0.0
    drill = "\n".join(f"What is {i} plus {i + 3}? Answer: {2 * i + 3}." for i in range(10))
    assert regularity(drill) == 1.0 and regularity(plain) == 0.0


@settings(max_examples=80, deadline=None)
@given(st.text(max_size=500))
def test_every_number_is_finite_and_not_negative(text: str) -> None:
    values = described(text)
    assert all(0 <= value < 1e7 for value in values.values())
    assert values["synthetic_looking"] <= 1 and values["has_execution_trace"] in (0.0, 1.0)


@pytest.mark.parametrize(
    "line", ["x = 1 " * 20_000, ">>> " * 20_000, "| 1 " * 20_000, "iteration 1 " * 5_000, "1\t" * 20_000]
)
def test_hostile_lines_take_no_time_to_speak_of(line: str) -> None:
    has_execution_trace(line)
    has_execution_trace("n | a\n" + "\n".join([line[:199]] * 100))
