"""A card tells the figures, the data, the licences and the command, whatever was trained."""

from pathlib import Path

import numpy as np

from corpusforge_classifiers.card import Trained, render_card
from corpusforge_classifiers.figures import Scored
from corpusforge_classifiers.recipe import Recipe, read_recipe
from corpusforge_classifiers.rows import Row

RECIPES = Path(__file__).parents[2] / "classifiers" / "recipes"


def recipe() -> Recipe:
    return read_recipe(RECIPES / "math.toml")


def scored(n: int) -> Scored:
    rows = [
        Row(f"text {i} $x$" * (1 + i % 7), i % 2 == 0, f"source-{i % 4}", "MIT", "proof", "en")
        for i in range(n)
    ]
    return Scored(rows, np.array([0.9 if row.is_positive else 0.1 for row in rows]))


def test_a_card_holds_what_a_reader_asks_for() -> None:
    trained = Trained(
        file="math_weights.toml", data=b"weights", threshold=0.5, n_rows=80, n_refused=17, unseen=scored(160),
        dev=scored(20), beside={"math.ftz": b"12345"}, data_sha256={"rows drawn": "d" * 64},
        notes=("- none stated: 17",),
    )  # fmt: skip
    card = render_card(recipe(), trained, "a" * 64)
    for part in ("sha256 `" + "a" * 64, "d" * 64, "the licence filter refused 17", "`math.ftz`, 5 bytes",
                 "corpusforge train --recipe classifiers/recipes/math.toml", "Operating points", "Calibration",
                 "By length", "By markup", "surface features alone", "| source-3 | MIT |", "none stated: 17"):  # fmt: skip
        assert part in card, part
    assert card.endswith("\n") and "nan" not in card.split()


def test_a_card_without_dev_rows_says_nothing_of_them() -> None:
    card = render_card(recipe(), Trained("f", b"", 0.5, 40, 0, scored(40), None), "b" * 64)
    assert "## Dev" not in card and "| dev |" not in card


def test_the_same_training_gives_the_same_card() -> None:
    cards = {
        render_card(recipe(), Trained("f", b"", 0.5, 40, 0, scored(40), None), "c" * 64) for _ in range(2)
    }
    assert len(cards) == 1
