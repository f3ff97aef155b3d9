"""The simple rules, and the figures that ship beside them."""

from __future__ import annotations

import pytest

from corpusforge.card.baselines import is_scaffold_by_rule, split_by_rule
from corpusforge.card.shipped import shipped_figures
from corpusforge.code import CodeConfig
from corpusforge.label import LabelConfig


@pytest.mark.parametrize(
    ("path", "text", "label"),
    [
        ("src/a.py", "x = 1", "code"),
        ("a.ipynb", "{}", "code_nl"),
        ("README.md", "Words\n```\nx = 1\n```\n", "code_nl"),
        ("README.md", "Words alone.", "neither"),
        ("data.csv", "1,2", "neither"),
        (None, "def f(x):\n    return x;\n}\n", "code"),
        (None, "Words.\n\n```\nx = 1\n```\n", "code_nl"),
        (None, "It rained all day.", "neither"),
    ],
)
def test_the_rule_reads_endings_fences_and_lines(path: str | None, text: str, label: str) -> None:
    assert split_by_rule(text, path) == label


def test_step_words_make_a_scaffold() -> None:
    assert is_scaffold_by_rule("Proof. Suppose it holds. Then it follows, hence we conclude.")
    assert not is_scaffold_by_rule("The theory of groups began with the study of polynomial equations.")


def test_the_shipped_figures_are_those_of_the_models_and_thresholds_that_ship() -> None:
    """Where this fails: `python benches/shipped_figures.py --data DATA`."""
    value, config = shipped_figures(), LabelConfig()
    assert value["split"]["config_sha256"] == CodeConfig().fingerprint()
    assert value["math"]["model_sha256"] == config.math_sha256
    assert value["scaffold"]["model_sha256"] == config.scaffold_sha256
