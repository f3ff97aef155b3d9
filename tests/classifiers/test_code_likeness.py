"""The comparison with code-likeness draws code and text as it says, and weighs both fairly."""

import math
from pathlib import Path

import numpy as np
import pytest

from corpusforge.document import Document, SourceKind
from corpusforge_classifiers import code_likeness
from corpusforge_classifiers.code_likeness import code_rows, token_logit
from corpusforge_classifiers.recipe import CodeLikeness, Recipe, read_recipe
from corpusforge_classifiers.rows import Row

RECIPE = Path(code_likeness.__file__).parent / "recipes" / "comparisons" / "code_likeness.toml"
OPTIONS = CodeLikeness(
    dumps=("*.txt",), code_endings=(".py",), text_endings=(".md",), rows_per_class=3, window_chars=60
)


def record(path: str, text: str, repo: str | None = "a/b") -> Document:
    return Document(
        doc_id="0" * 32, source="test", source_kind=SourceKind.GITHUB, locator=path, text="", raw=text.encode(),
        path=path, repo=repo,
    )  # fmt: skip


def test_programs_are_code_and_other_endings_are_neither() -> None:
    program = "def f(x):\n    return x + 1\n" * 10
    windows = list(code_likeness.code_windows(record("a.py", program), "github/x.parquet", OPTIONS))
    assert len(windows) == 4 and all(row.is_positive and row.source == "a/b" for row in windows)
    assert list(code_likeness.code_windows(record("a.lock", program), "github/x.parquet", OPTIONS)) == []


def test_books_are_text_and_both_sides_are_cut_alike(tmp_path: Path) -> None:
    prose = "It was a quiet evening in the village, and nobody spoke of the war.\n\n" * 30
    for name in ("one.txt", "two.txt"):
        (tmp_path / name).write_text(name + "\n\n" + prose, encoding="utf-8")
    recipe = Recipe(name="code_likeness", version=1, positive="scaffold", licences=(), code=OPTIONS)
    rows = code_rows(recipe, tmp_path)
    assert len(rows) == 3 and not any(row.is_positive for row in rows)
    assert rows == code_rows(recipe, tmp_path)


def test_the_combination_is_judged_on_sources_it_did_not_learn_from() -> None:
    """A margin that only marks the source cannot help on another source."""
    rows = [Row(str(i), i % 2 == 0, f"s{i % 4 // 2}", "MIT") for i in range(200)]
    helpful = np.array([1.0 if row.is_positive else -1.0 for row in rows])
    noise = np.random.default_rng(0).standard_normal(200)
    scores = code_likeness.combined(rows, np.column_stack([helpful, noise]))
    assert ((scores > 0.5) == (helpful > 0)).mean() > 0.95


def test_the_recipe_asks_for_enough_samples() -> None:
    recipe = read_recipe(RECIPE)
    assert recipe.code is not None and 2 * recipe.code.rows_per_class >= 200_000


def test_logits_take_either_label_and_stay_finite() -> None:
    class Says:
        def __init__(self, probability: float, label: str) -> None:
            self.answer = [(probability, label)]

        def predict(self, text: str, k: int, threshold: float, on_error: str) -> list[tuple[float, str]]:
            return self.answer

    assert token_logit("x", Says(0.8, "__label__positive")) == pytest.approx(math.log(4))
    assert token_logit("x", Says(0.8, "__label__negative")) == pytest.approx(-math.log(4))
    assert 13 < token_logit("x", Says(1.00001, "__label__positive")) < 15
