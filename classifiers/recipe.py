"""What a classifier is made of: the TOML of `recipes/`, validated."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Literal

from pydantic import Field

from corpusforge.frozen import FrozenConfig


class FastText(FrozenConfig):
    """Arguments of `fasttext.train_supervised` and of `quantize`; it always runs on one thread."""

    dim: int = Field(default=16, ge=2, description="Length of a word's vector.")
    word_ngrams: int = Field(default=4, ge=1, description="Longest word n-gram that is a feature.")
    epochs: int = Field(default=4, ge=1, description="Passes over the training rows.")
    learning_rate: float = Field(default=0.2, gt=0, description="At the start; it falls to zero.")
    min_count: int = Field(default=5, ge=1, description="Rarer words are no feature.")
    buckets: int = Field(default=1_000_000, ge=1, description="Rows that hashed n-grams share.")
    cutoff: int = Field(default=100_000, ge=1000, description="Rows that quantising keeps, by norm.")
    dsub: int = Field(default=2, ge=1, description="Values of a vector that share a byte.")
    retrain: bool = Field(default=True, description="Fine-tune the kept rows before quantising.")


class Logistic(FrozenConfig):
    """A logistic regression over `corpusforge.label.math.evidence`; a source weighs the root of its size."""

    l2: float = Field(default=0.003, gt=0, description="Weight decay on standardised evidence.")
    hard_negatives: int = Field(
        default=60, ge=0, description="Generated documents of each kind of `collect.HARD_NEGATIVES`."
    )


class Recipe(FrozenConfig):
    """One classifier: data, licences, features, threshold."""

    name: Literal["scaffold", "math"] = Field(description="Which model of the library this makes.")
    version: int = Field(ge=1, description="Raised with every change of this recipe.")
    train: tuple[str, ...] = Field(description="Labelled files below the data folder.")
    dev: tuple[str, ...] = Field(default=(), description="Labelled files to choose and report on.")
    positive: str = Field(description="The label of the positive class.")
    licences: tuple[str, ...] = Field(
        description="Regular expressions: licences that a shipped model may learn from."
    )
    seed: int = Field(default=7, ge=0, description="Of the order of rows and of fastText.")
    folds: int = Field(default=4, ge=2, description="Groups of sources for the leave-sources-out mean.")
    threshold: float | None = Field(
        default=None,
        gt=0,
        lt=1,
        description="Fixed by hand; none: best mean F1 over sources left out and dev.",
    )
    fasttext: FastText | None = None
    logistic: Logistic | None = None


def read_recipe(path: Path) -> Recipe:
    """Return the recipe of a TOML file."""
    return Recipe.model_validate(tomllib.loads(path.read_text("utf-8")))
