"""Training is reproducible, keeps to the licences, and serves what it trained."""

import json
from pathlib import Path

import numpy as np
import pytest

from classifiers import evaluate, train
from classifiers.collect import (
    HARD_NEGATIVES,
    Row,
    allowed,
    hard_negatives,
    read_rows,
    shuffled,
    source_folds,
)
from classifiers.recipe import read_recipe
from corpusforge.label import LabelConfig, load_models
from corpusforge.label.model import packaged_folder, read_pin
from corpusforge.label.scaffold import prepare

RECIPES = Path(train.__file__).parent / "recipes"
CARDS = Path(train.__file__).parent / "cards"


def write_toy_data(folder: Path) -> None:
    rows = []
    for i in range(240):
        derivation = (
            f"Suppose x = {i}. Then x + 1 = {i + 1}, hence 2x + 2 = {2 * i + 2}. Therefore the claim follows."
        )
        exposition = (
            f"Chapter {i} describes the history of the subject and lists books about it. See section {i + 3}."
        )
        licence = "MIT" if i % 4 else "CC-BY-NC-4.0"
        rows.append({"text": derivation, "label": "scaffold", "source": f"a{i % 5}", "licence": licence})
        rows.append({"text": exposition, "label": "other", "source": f"b{i % 5}", "licence": licence})
    (folder / "rows.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")


RECIPE = """
name = "scaffold"
version = 1
train = ["rows.jsonl"]
dev = ["rows.jsonl"]
positive = "scaffold"
licences = ["MIT"]
folds = 2
[fasttext]
buckets = 2000
min_count = 1
cutoff = 1000
"""


def test_the_same_data_gives_the_same_bytes_and_a_card(tmp_path: Path) -> None:
    write_toy_data(tmp_path)
    (tmp_path / "recipe.toml").write_text(RECIPE)
    outputs = []
    for name in ("first", "second"):
        folder = tmp_path / name
        arguments = ["--recipe", str(tmp_path / "recipe.toml"), "--data", str(tmp_path)]
        assert train.main([*arguments, "--output", str(folder), "--cards", str(folder)]) == 0
        outputs.append((folder / "scaffold.ftz").read_bytes())
    assert outputs[0] == outputs[1]
    card = (tmp_path / "first" / "scaffold.md").read_text()
    assert "360 training rows; the licence filter refused 120" in card and "sources left out" in card
    assert read_pin("scaffold", str(tmp_path / "first")).sha256 in card


@pytest.mark.parametrize("recipe", ["[fasttext]\nspeed = 3\n", "name = 'scaffold'"])
def test_a_bad_recipe_or_missing_data_is_one_line(
    tmp_path: Path, recipe: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "bad.toml").write_text(recipe)
    assert train.main(["--recipe", str(tmp_path / "bad.toml"), "--data", str(tmp_path)]) == 2
    (tmp_path / "good.toml").write_text(RECIPE)
    assert train.main(["--recipe", str(tmp_path / "good.toml"), "--data", str(tmp_path)]) == 2
    assert "rows.jsonl: no such file" in capsys.readouterr().err


def test_shipped_recipes_pins_and_cards_agree() -> None:
    for path in sorted(RECIPES.glob("*.toml")):
        recipe = read_recipe(path)
        pin = read_pin(recipe.name)
        card = (CARDS / f"{recipe.name}.md").read_text(encoding="utf-8")
        assert pin.path.parent == packaged_folder() and pin.sha256 in card
        assert f"recipe version {recipe.version}" in card
    load_models(LabelConfig())


def test_shipped_licences_admit_no_closed_data() -> None:
    closed = ["CC-BY-NC-SA-4.0", "CC-BY-NC-SA", "none stated", "none stated (public archive)",
              "mixed (Apache-2.0/MIT/CC0/none stated)"]  # fmt: skip
    for path in RECIPES.glob("*.toml"):
        rows = [Row("t", True, "s", licence) for licence in closed]
        assert allowed(rows, read_recipe(path).licences) == []


def test_sources_fall_in_one_fold_each_and_order_is_by_content() -> None:
    rows = [Row(f"text {i}", bool(i % 2), f"source {i % 7}", "MIT") for i in range(70)]
    folds = source_folds(rows, 3)
    assert sorted(source for fold in folds for source in fold) == sorted({row.source for row in rows})
    assert shuffled(rows, 1) == shuffled(reversed(rows), 1) != shuffled(rows, 2)


def test_hard_negatives_repeat_and_differ_by_seed() -> None:
    assert hard_negatives(2, 1) == hard_negatives(2, 1) != hard_negatives(2, 2)
    assert len(hard_negatives(3, 1)) == 3 * len(HARD_NEGATIVES)


def test_figures_on_a_known_case() -> None:
    labels, scores = np.array([True, True, False, False]), np.array([0.9, 0.4, 0.6, 0.1])
    result = evaluate.figures(labels, scores, 0.5)
    assert (result["accuracy"], result["precision"], result["recall"], result["fpr"]) == (0.5, 0.5, 0.5, 0.5)
    assert result["auc"] == 0.75


def test_training_and_serving_prepare_the_same_text(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert train.prepare is prepare
    seen: list[str] = []

    class Spy:
        def predict(self, text: str, k: int, threshold: float, on_error: str) -> list[tuple[float, str]]:
            seen.append(text)
            return [(0.5, "__label__scaffold")]

    train.passage_score("Let $x=1$.\nThen x", Spy())
    assert seen == [prepare("Let $x=1$.\nThen x") + "\n"]


def test_dev_figures_hold(shared_data: Path) -> None:
    """The floor under what the cards claim; a change that lowers it must say so."""
    config = LabelConfig()
    models = load_models(config)
    for task, path, floor in (
        ("math", "math/dev.jsonl.xz", 0.97),
        ("scaffold", "scaffold/dev.jsonl.xz", 0.87),
    ):
        rows = list(read_rows([shared_data / path], evaluate.POSITIVE[task]))[::5]
        scored = evaluate.score_rows(task, rows, config, models)
        threshold = config.math_threshold if task == "math" else config.scaffold_threshold
        assert evaluate.figures(scored.labels, scored.scores, threshold)["f1"] >= floor
