"""Models are the pinned bytes or nothing, loaded once, and small."""

import shutil
from pathlib import Path

import pytest

from corpusforge.label import LabelConfig, ModelError, load_models
from corpusforge.label.model import packaged_folder


def test_a_missing_or_changed_model_is_one_clear_line(tmp_path: Path) -> None:
    folder = tmp_path / "models"
    shutil.copytree(packaged_folder(), folder)
    config = LabelConfig(models_folder=str(folder))
    load_models(config)
    other = tmp_path / "changed"
    shutil.copytree(folder, other)
    (other / "scaffold_grams.bin").write_bytes(b"not the model")
    with pytest.raises(ModelError, match=r"scaffold_grams\.bin: sha256 is .* pins") as failure:
        load_models(LabelConfig(models_folder=str(other)))
    assert "\n" not in str(failure.value)
    (other / "scaffold_grams.bin").unlink()
    with pytest.raises(ModelError, match=r"scaffold_grams\.bin: model file missing"):
        load_models(LabelConfig(models_folder=str(other), scaffold_threshold=0.5))
    with pytest.raises(ModelError, match="no usable pin"):
        load_models(LabelConfig(models_folder=str(tmp_path / "nowhere")))


def test_models_load_once() -> None:
    assert load_models(LabelConfig()) is load_models(LabelConfig(math_threshold=0.7))


def test_the_shipped_models_are_small() -> None:
    assert sum(path.stat().st_size for path in packaged_folder().iterdir()) < 10_000_000
