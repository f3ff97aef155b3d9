"""Formulas are found and prices are not; code is told from quoted text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpusforge.label.reading import FORMULA, is_formula, read, windows


def formulas(text: str) -> list[str]:
    return [match[0] for match in FORMULA.finditer(text) if is_formula(match)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("if $x$ is prime", ["$x$"]),
        ("so $a^2+b^2=c^2$, and \\(n+1\\) or \\[y=1\\]", ["$a^2+b^2=c^2$", "\\(n+1\\)", "\\[y=1\\]"]),
        ("$$\\int_0^1 f$$", ["$$\\int_0^1 f$$"]),
        ("\\begin{align*}x&=1\\\\y&=2\\end{align*}", ["\\begin{align*}x&=1\\\\y&=2\\end{align*}"]),
        ("it costs $5 or $10", []),
        ("from $5 to $10, then US$20", []),
        ('export PATH="$HOME/bin:$PATH"', []),
        ("echo $USER $HOME", []),
        ("pay \\$5 and \\$6", []),
    ],
)
def test_formulas_and_look_alikes(text: str, found: list[str]) -> None:
    assert formulas(text) == found


def test_parts_of_a_text() -> None:
    reading = read("Words $x=1$ and `code`.\n\n```python\nprint(1)\n```\n\n```text\nquoted\n```\n")
    assert reading.n_formulas == 1 and reading.n_code_blocks == 1 and reading.n_code_lines == 1
    assert "x=1" not in reading.bare and "print" not in reading.prose and "code" not in reading.bare


@given(st.text(max_size=400), st.integers(1, 4), st.integers(1, 80))
def test_windows_are_pieces_of_the_text(text: str, n_windows: int, window_chars: int) -> None:
    pieces = windows(text, n_windows, window_chars)
    assert len(pieces) <= n_windows and all(piece in text for piece in pieces)
    assert text == pieces[0] or sum(map(len, pieces)) <= n_windows * window_chars


@given(st.text(alphabet="$`~\\()[]{}x1 \n", max_size=300))
def test_any_markup_is_read(text: str) -> None:
    reading = read(text)
    assert 0 <= reading.code_share <= 1 and reading.n_formula_chars >= 0
