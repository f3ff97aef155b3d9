"""Training is reproducible, keeps to the licences, and serves what it trained."""

import json
from pathlib import Path

import numpy as np
import pytest

from corpusforge.label import LabelConfig, load_models
from corpusforge.label.layers import decoded, encoded, margins, probabilities
from corpusforge.label.model import packaged_folder, read_pin
from corpusforge.label.scaffold import scaffold_score
from corpusforge.label.scaffold_model import load_scaffold
from corpusforge_classifiers import evaluate, train
from corpusforge_classifiers.figures import calibration_error, figures
from corpusforge_classifiers.network import Network, averaged, calibrated, fit_layers
from corpusforge_classifiers.recipe import Logistic, Vocabulary, read_recipe
from corpusforge_classifiers.rows import Row, allowed, read_rows
from corpusforge_classifiers.train_math import calibration
from corpusforge_classifiers.train_scaffold import capped, others, shared_words

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
inner_folds = 2
[vocabulary]
min_sources = 2
[grams]
min_rows = 1
bare_share = 0.5
[network]
networks = 2
hidden = 4
epochs = 3
"""


def test_the_same_data_gives_the_same_bytes_and_a_card(tmp_path: Path) -> None:
    write_toy_data(tmp_path)
    (tmp_path / "recipe.toml").write_text(RECIPE)
    outputs = []
    for name in ("first", "second"):
        folder = tmp_path / name
        arguments = ["--recipe", str(tmp_path / "recipe.toml"), "--data", str(tmp_path)]
        assert train.main([*arguments, "--output", str(folder), "--cards", str(folder)]) == 0
        outputs.append({path.name: path.read_bytes() for path in folder.iterdir()})
    assert outputs[0] == outputs[1]
    assert set(outputs[0]) == {"scaffold_grams.bin", "scaffold_layers.toml", "scaffold.toml", "scaffold.md"}
    card = (tmp_path / "first" / "scaffold.md").read_text()
    assert "360 training rows; the licence filter refused 120" in card and "groups of sources" in card
    pin = read_pin("scaffold", str(tmp_path / "first"))
    assert pin.sha256 in card
    model = load_scaffold(pin.path, pin.sha256)
    assert scaffold_score("Suppose y = 7. Then y + 1 = 8, hence 2y = 14.", model, LabelConfig()) > 0.5
    exposition = "Chapter 7 describes the history of the subject and lists books about it. See section 9."
    assert scaffold_score(exposition, model, LabelConfig()) < 0.5


def test_a_recipe_that_is_not_the_packaged_one_leaves_the_package_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_toy_data(tmp_path)
    (tmp_path / "recipe.toml").write_text(RECIPE)
    before = {path: path.read_bytes() for path in packaged_folder().iterdir()}
    for written in ([], ["--output", str(tmp_path / "out")], ["--cards", str(tmp_path / "out")]):
        arguments = ["--recipe", str(tmp_path / "recipe.toml"), "--data", str(tmp_path), *written]
        assert train.main(arguments) == 2
        error = capsys.readouterr().err
        assert error.count("\n") == 1 and "give --output and --cards" in error
    assert before == {path: path.read_bytes() for path in packaged_folder().iterdir()}
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("recipe", ["math.toml", "comparisons/code_likeness.toml"])
def test_a_missing_input_is_one_line(recipe: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("math/dev.jsonl.xz", "scaffold/train.jsonl.xz", "scaffold/dev.jsonl.xz"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    out = str(tmp_path / "out")
    arguments = ["--recipe", str(RECIPES / recipe), "--data", str(tmp_path), "--output", out, "--cards", out]
    assert train.main(arguments) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1 and "no such file" in error


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


def test_words_of_one_source_are_no_feature() -> None:
    rows = [Row(f"the common word {name} {name}", True, name, "MIT") for name in ("alpha", "beta", "gamma")]
    assert shared_words(rows, Vocabulary(min_sources=3, min_rows=1)) == ["common", "word"]
    assert "alpha" in shared_words(rows, Vocabulary(min_sources=1, min_rows=1))


def test_sources_are_evened_out_and_the_rest_is_what_was_not_taken() -> None:
    rows = [Row(str(i), i % 2 == 0, f"s{i % 3}", "MIT") for i in range(60)]
    kept = capped(rows, 4)
    assert len(kept) == 3 * 2 * 4 and kept == [row for row in rows if row in kept]
    assert others(rows, kept) == [row for row in rows if row not in kept]


def separable(n: int) -> tuple[np.ndarray, np.ndarray]:
    """Return inputs and labels that no line parts: positive where two columns have the same sign."""
    values = np.random.default_rng(3).standard_normal((n, 5)).astype(np.float32)
    return values, values[:, 0] * values[:, 1] > 0


def test_layers_learn_what_no_single_weight_can_and_repeat() -> None:
    values, labels = separable(3000)
    options = Network(hidden=16, epochs=30, dropout=0.0, input_noise=0.0, learning_rate=0.02)
    layers = fit_layers(values, labels, options, seed=1)
    again = fit_layers(values, labels, options, seed=1)
    assert encoded(layers) == encoded(again) != encoded(fit_layers(values, labels, options, seed=2))
    unseen = np.random.default_rng(4).standard_normal((1000, 5)).astype(np.float32)
    truth = unseen[:, 0] * unseen[:, 1] > 0
    assert figures(truth, probabilities(unseen, layers), 0.5)["accuracy"] > 0.9


def test_layers_survive_their_file_and_average() -> None:
    values, labels = separable(400)
    members = [fit_layers(values, labels, Network(hidden=3, epochs=2), seed=k) for k in (1, 2)]
    both = averaged(members)
    mean = (margins(values, members[0]) + margins(values, members[1])) / 2
    np.testing.assert_allclose(margins(values, both), mean, atol=1e-5)
    assert encoded(decoded(encoded(both))) == encoded(both)


def test_calibration_mends_the_scale_and_keeps_the_order() -> None:
    values, labels = separable(4000)
    raw = fit_layers(values[:2000], labels[:2000], Network(hidden=8, epochs=8, dropout=0.0), seed=1)
    fitted = calibrated(raw, values[2000:], labels[2000:])
    before = figures(labels[2000:], probabilities(values[2000:], raw), 0.5)
    after = figures(labels[2000:], probabilities(values[2000:], fitted), 0.5)
    assert after["ece"] < max(0.05, before["ece"]) and fitted.slope > 0
    order = np.argsort(margins(values, raw), kind="stable")
    assert (np.diff(probabilities(values, fitted)[order]) >= 0).all()


def test_the_math_score_is_calibrated_on_documents_and_not_on_passages() -> None:
    draw = np.random.default_rng(5)
    logits = draw.normal(0, 3, 8000)
    is_long = np.arange(8000) % 4 == 0
    shares = 1 / (1 + np.exp(-np.where(is_long, 1.5 * logits - 2, logits + 1)))
    rows = [
        Row("x" * (3000 if long else 500), bool(positive), f"s{i % 7}", "MIT")
        for i, (long, positive) in enumerate(zip(is_long, draw.random(8000) < shares, strict=True))
    ]
    slope, offset = calibration(logits, rows, Logistic())
    labels = np.array([row.is_positive for row in rows])
    n_positive, n_long = labels[is_long].sum(), is_long.sum()
    shift = np.log((n_long - n_positive) / n_positive)  # both classes weigh the same, however many there are
    assert abs(slope - 1.5) < 0.25 and abs(offset - shift + 2) < 0.3 and shift > 0.3
    scores = 1 / (1 + np.exp(-(slope * logits + offset - shift)))
    assert calibration_error(labels[is_long], scores[is_long]) <= 0.03
    passages = [row for row in rows if len(row.text) < 2000]
    assert calibration(logits[: len(passages)], passages, Logistic()) == (1.0, 0.0)


def test_operating_points_stand_in_the_pin() -> None:
    import tomllib

    values = tomllib.loads((packaged_folder() / "scaffold.toml").read_text("utf-8"))
    points = list(values["operating_points"].values())
    assert len(points) == 3 and values["operating_points"]["default"]["threshold"] == values["threshold"]
    assert [point["threshold"] for point in points] == sorted(point["threshold"] for point in points)
    assert points[0]["recall"] > points[1]["recall"] > points[2]["recall"]
    assert points[0]["precision"] < points[1]["precision"] < points[2]["precision"]


def test_dev_figures_hold(shared_data: Path) -> None:
    """The floor under what the cards claim; a change that lowers it must say so."""
    config = LabelConfig()
    models = load_models(config)
    for task, path, floor, most in (
        ("math", "math/dev.jsonl.xz", 0.96, 0.03),
        ("scaffold", "scaffold/dev.jsonl.xz", 0.92, 0.04),
    ):
        rows = list(read_rows([shared_data / path], evaluate.POSITIVE[task]))[::5]
        scored = evaluate.score_rows(task, rows, config, models)
        threshold = config.math_threshold if task == "math" else config.scaffold_threshold
        found = figures(scored.labels, scored.scores, threshold)
        assert found["f1"] >= floor
        assert found["ece"] <= most
