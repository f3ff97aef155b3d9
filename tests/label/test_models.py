"""Models are the pinned bytes or nothing; the same text always gets the same scores."""

import shutil
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpusforge.label import LabelConfig, ModelError, load_models
from corpusforge.label.math import EVIDENCE, evidence, math_score
from corpusforge.label.model import packaged_folder
from corpusforge.label.reading import read
from corpusforge.label.scaffold import passages, prepare, scaffold_score

DERIVATION = """We want the sum of the first n odd numbers. Let S = 1 + 3 + ... + (2n - 1).
Since the k-th term is 2k - 1, we have S = 2(1 + 2 + ... + n) - n.
Therefore S = n(n + 1) - n = n^2. Hence the sum equals n^2, as desired."""
DEFINITION = """A graph consists of a set of vertices and a set of edges. Graphs appear in many places: road maps,
social networks, molecules. This chapter introduces the vocabulary. The exercises are at the end of the section."""


def test_a_missing_or_changed_model_is_one_clear_line(tmp_path: Path) -> None:
    folder = tmp_path / "models"
    shutil.copytree(packaged_folder(), folder)
    config = LabelConfig(models_folder=str(folder))
    load_models(config)
    other = tmp_path / "changed"
    shutil.copytree(folder, other)
    (other / "scaffold.ftz").write_bytes(b"not the model")
    with pytest.raises(ModelError, match=r"scaffold\.ftz: sha256 is .* pins") as failure:
        load_models(LabelConfig(models_folder=str(other)))
    assert "\n" not in str(failure.value)
    (other / "scaffold.ftz").unlink()
    with pytest.raises(ModelError, match=r"scaffold\.ftz: model file missing"):
        load_models(LabelConfig(models_folder=str(other), scaffold_threshold=0.5))
    with pytest.raises(ModelError, match="no usable pin"):
        load_models(LabelConfig(models_folder=str(tmp_path / "nowhere")))


def test_models_load_once() -> None:
    assert load_models(LabelConfig()) is load_models(LabelConfig(math_threshold=0.7))


def test_weights_fit_the_evidence() -> None:
    weights = load_models(LabelConfig()).math
    assert weights.names == EVIDENCE and len(evidence(read("x = 1"))) == len(EVIDENCE)


def test_the_shipped_models_are_small() -> None:
    assert sum(path.stat().st_size for path in packaged_folder().iterdir()) < 3_000_000


def test_scaffolds_score_above_exposition() -> None:
    config = LabelConfig()
    model = load_models(config).scaffold
    assert scaffold_score(DERIVATION, model, config) > config.scaffold_threshold
    assert scaffold_score(DEFINITION, model, config) < config.scaffold_threshold


def test_long_documents_are_judged_by_a_bounded_number_of_windows() -> None:
    config = LabelConfig()
    pieces = passages(DERIVATION * 500, config)
    assert len(pieces) == config.scaffold_windows
    assert sum(map(len, pieces)) <= config.scaffold_windows * config.scaffold_window_chars
    assert passages("", config) == [""]
    assert "".join(passages(DERIVATION * 20, config)) == DERIVATION * 20


def test_preparation_tells_structure_and_hides_the_delimiters() -> None:
    assert prepare("$x \\leq 3$") == prepare("\\(x ≤ 17\\)")
    assert prepare("a = b = c\nso d").split()[:6] == ["v", "=", "v", "=", "v", "¶2"]


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=300))
def test_any_text_is_one_line_and_scores_between_0_and_1(text: str) -> None:
    config = LabelConfig()
    models = load_models(config)
    assert len(prepare(text).splitlines()) <= 1
    assert 0 <= scaffold_score(text, models.scaffold, config) <= 1
    assert 0 <= math_score(read(text), models.math) <= 1
