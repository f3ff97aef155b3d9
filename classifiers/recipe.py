"""What a classifier is made of: the TOML of `recipes/`, validated."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Literal

from pydantic import Field

from corpusforge.frozen import FrozenConfig
from corpusforge_classifiers.linear import Grams
from corpusforge_classifiers.network import Network


class FastText(FrozenConfig):
    """Arguments of `fasttext.train_supervised` and of `quantize`; it always runs on one thread."""

    dim: int = Field(default=16, ge=2, description="Length of a word's vector.")
    word_ngrams: int = Field(default=4, ge=1, description="Longest word n-gram that is a feature.")
    epochs: int = Field(default=4, ge=1, description="Passes over the training rows.")
    learning_rate: float = Field(default=0.2, gt=0, description="At the start; it falls to zero.")
    min_count: int = Field(default=5, ge=1, description="Rarer words are no feature.")
    buckets: int = Field(default=1_000_000, ge=1, description="Rows that hashed n-grams share.")
    cutoff: int = Field(default=100_000, ge=0, description="Rows that quantising keeps, by norm; 0: all.")
    dsub: int = Field(default=2, ge=1, description="Values of a vector that share a byte.")
    retrain: bool = Field(default=True, description="Fine-tune the kept rows before quantising.")


class Logistic(FrozenConfig):
    """A logistic regression over `corpusforge.label.math.evidence`; a source weighs the root of its size."""

    l2: float = Field(default=0.003, gt=0, description="Weight decay on standardised evidence.")
    calibration_chars: int = Field(
        default=2000,
        ge=0,
        description="Rows at least this long, left out with their source, calibrate the score.",
    )


class Vocabulary(FrozenConfig):
    """Which words the scaffold classifier keeps: those of enough sources, in enough rows."""

    min_sources: int = Field(default=16, ge=1, description="Sources that a word must occur in.")
    min_sources_han: int = Field(default=3, ge=1, description="The same for a Han character.")
    min_rows: int = Field(default=10, ge=1, description="Rows that it must occur in.")


class CodeLikeness(FrozenConfig):
    """What code and other text are drawn from for `code_likeness` and `code`."""

    dumps: tuple[str, ...] = Field(description="Patterns of dump files below the data folder.")
    code_endings: tuple[str, ...] = Field(description="Files of a repository that are code.")
    text_endings: tuple[str, ...] = Field(description="Files that are text; fences in them are code.")
    rows_per_class: int = Field(default=105_000, ge=1, description="Windows of code, and as many of text.")
    window_chars: int = Field(default=240, ge=40, description="Characters of a window.")
    windows_per_document: int = Field(default=150, ge=1, description="Windows of one file at most.")
    preparation: Literal["plain", "prepared"] = Field(
        default="prepared", description="Of `code`: how a window becomes the line that is learned from."
    )


class Recipe(FrozenConfig):
    """One classifier: data, licences, features, threshold."""

    name: Literal["scaffold", "math", "code_likeness", "code"] = Field(
        description="Which model of the library this makes; `code_likeness` makes a comparison alone, `code`"
        " a model for `[[label.classifiers]]`."
    )
    version: int = Field(ge=1, description="Raised with every change of this recipe.")
    train: tuple[str, ...] = Field(default=(), description="Labelled files below the data folder.")
    collection: str | None = Field(
        default=None, description="A file of `collections/` that says what to collect, instead of `train`."
    )
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
    inner_folds: int = Field(
        default=4, ge=2, description="Parts of the rows, for margins of rows not learned from."
    )
    unseen_rows_per_source: int = Field(
        default=400, ge=1, description="Rows of a source and class that judge as never seen."
    )
    vocabulary: Vocabulary | None = None
    fasttext: FastText | None = None
    grams: Grams | None = None
    network: Network | None = None
    code: CodeLikeness | None = None
    logistic: Logistic | None = None


def read_recipe(path: Path) -> Recipe:
    """Return the recipe of a TOML file."""
    return Recipe.model_validate(tomllib.loads(path.read_text("utf-8")))
