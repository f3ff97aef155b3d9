"""Scaffold scores: graded, calibrated in kind, bounded work on long texts, the same for the same text."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpusforge.label import LabelConfig
from corpusforge.label.model import ModelError, packaged_folder, read_pin
from corpusforge.label.reading import passages
from corpusforge.label.scaffold import ScaffoldModel, scaffold_score
from corpusforge.label.scaffold_model import load_scaffold

CONFIG = LabelConfig()
WINDOWS = (CONFIG.scaffold_windows, CONFIG.scaffold_window_chars)
DERIVATION = """We want the sum of the first n odd numbers. Let S = 1 + 3 + ... + (2n - 1).
Since the k-th term is 2k - 1, we have S = 2(1 + 2 + ... + n) - n.
Therefore S = n(n + 1) - n = n^2. Hence the sum equals n^2, as desired."""
EXERCISES = """1. Find the sum of the first 20 odd numbers.
2. Find the sum of the first 30 even numbers.
3. How many odd numbers are there between 100 and 200?"""
CHINESE_SOLUTION = """设等差数列的首项为 a，公差为 d。由题意可得 a + 2d = 5，a + 4d = 9。
两式相减得 2d = 4，所以 d = 2。代入 a + 2d = 5，得 a = 1。
因此 S = 10a + 45d = 10 + 90 = 100。"""
CHINESE_QUESTION = """已知等差数列的第三项是 5，第五项是 9，求前十项的和是多少？
A. 90  B. 100  C. 110  D. 120"""


@pytest.fixture(scope="module")
def model() -> ScaffoldModel:
    pin = read_pin("scaffold")
    return load_scaffold(pin.path, pin.sha256)


@pytest.mark.parametrize(
    ("scaffold", "other"),
    [(DERIVATION, EXERCISES), (CHINESE_SOLUTION, CHINESE_QUESTION)],
    ids=["English", "Chinese"],
)
def test_solutions_score_above_their_questions(scaffold: str, other: str, model: ScaffoldModel) -> None:
    assert scaffold_score(scaffold, model, CONFIG) >= CONFIG.scaffold_threshold
    assert scaffold_score(other, model, CONFIG) < CONFIG.scaffold_threshold


def test_structure_is_graded(model: ScaffoldModel) -> None:
    """A page that is half derivation lies between one that is all and one that has none."""
    whole = "\n\n".join([DERIVATION] * 8)
    none = "\n\n".join([EXERCISES] * 14)
    half = "\n\n".join([DERIVATION] * 8 + [EXERCISES] * 14)
    scores = [scaffold_score(text, model, CONFIG) for text in (none, half, whole)]
    assert scores == sorted(scores) and scores[0] < scores[1] < scores[2]


def test_long_documents_are_judged_by_a_bounded_number_of_windows() -> None:
    pieces = passages(DERIVATION * 500, *WINDOWS)
    assert len(pieces) == CONFIG.scaffold_windows
    assert sum(map(len, pieces)) <= CONFIG.scaffold_windows * CONFIG.scaffold_window_chars
    assert passages("", *WINDOWS) == [""]
    assert "".join(passages(DERIVATION * 20, *WINDOWS)) == DERIVATION * 20


def test_the_score_is_the_mean_over_windows(model: ScaffoldModel) -> None:
    text = "\n\n".join([DERIVATION] * 8 + [EXERCISES] * 14)
    pieces = passages(text, *WINDOWS)
    alone = [scaffold_score(piece, model, CONFIG) for piece in pieces]
    assert len(pieces) > 1 and scaffold_score(text, model, CONFIG) == pytest.approx(
        float(np.mean(alone)), abs=1e-5
    )


@pytest.mark.parametrize(
    ("file", "change", "message"),
    [
        ("scaffold_layers.toml", b"\n", r"scaffold_layers\.toml: sha256 is .* pins"),
        ("scaffold_grams.bin", b"x", r"scaffold_grams\.bin: sha256 is .* pins"),
    ],
)
def test_changed_files_are_one_clear_line(file: str, change: bytes, message: str, tmp_path: Path) -> None:
    folder = tmp_path / "models"
    shutil.copytree(packaged_folder(), folder)
    (folder / file).write_bytes((folder / file).read_bytes() + change)
    pin = read_pin("scaffold", str(folder))
    with pytest.raises(ModelError, match=message) as failure:
        load_scaffold(pin.path, pin.sha256)
    assert "\n" not in str(failure.value)


def test_the_scaffold_model_is_small() -> None:
    assert sum(path.stat().st_size for path in packaged_folder().glob("scaffold*")) < 4_000_000


@settings(max_examples=60, deadline=None)
@given(text=st.text(max_size=300))
def test_any_text_scores_between_0_and_1(text: str, model: ScaffoldModel) -> None:
    score = scaffold_score(text, model, CONFIG)
    assert 0 <= score <= 1 and scaffold_score(text, model, CONFIG) == score
