"""The models of the label step: files pinned by sha256, loaded once per process.

Each model is a file beside a small TOML, its pin, which the workshop writes:

    models/scaffold.toml   file = "scaffold_layers.toml", sha256, threshold, operating points
    models/scaffold_layers.toml   words and layers; pins scaffold_grams.bin and the concepts
    models/scaffold_grams.bin     weights of hashed runs of tokens
    models/math.toml       file = "math_weights.toml", sha256, threshold
    models/math_weights.toml   weights; pins math.ftz and the word lists
    models/math.ftz        quantised fastText: one evidence among others
    models/language.toml   file = "language_votes.json", sha256
    models/language_votes.json   how CLD2 votes on each language; pins language.ftz
    models/language.ftz    quantised fastText over character n-grams
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Protocol, cast

from corpusforge.label.fasttext_model import read_fasttext
from corpusforge.label.vocabulary import load_vocabulary
from corpusforge.pinned import ModelError, checked_bytes


@dataclass(frozen=True, slots=True)
class Pin:
    """What the TOML beside a model says."""

    path: Path
    sha256: str
    threshold: float


class TextClassifier(Protocol):
    """A fastText model: `fasttext_model.FastText`, or the library's own."""

    def predict(self, text: str, k: int, threshold: float, on_error: str) -> list[tuple[float, str]]:
        """Return the `k` best (probability, label) of one line that ends in a line feed."""
        ...


@dataclass(frozen=True, slots=True)
class MathModel:
    """The math tagger: a logistic regression over `math.EVIDENCE`; its fastText model is one of them."""

    names: tuple[str, ...]
    weights: tuple[float, ...]
    bias: float
    classifier: TextClassifier


def packaged_folder() -> Path:
    """Return the folder of the models that ship in the package."""
    return Path(str(resources.files("corpusforge.label"))) / "models"


def read_pin(name: str, folder: str | None = None) -> Pin:
    """Return the pin of a model. Raises `ModelError` when there is none, or it is malformed."""
    path = (Path(folder) if folder else packaged_folder()) / f"{name}.toml"
    try:
        values = tomllib.loads(path.read_text("utf-8"))
        return Pin(path.parent / values["file"], str(values["sha256"]), float(values["threshold"]))
    except (OSError, KeyError, tomllib.TOMLDecodeError) as error:
        raise ModelError(f"{path}: no usable pin of the {name} model ({error})") from error


@lru_cache(maxsize=1)
def language_pin() -> Pin:
    """Return the pin of the packaged language identifier."""
    return read_pin("language")


@lru_cache(maxsize=1)
def packaged_min_scores() -> dict[str, float]:
    """Return the thresholds of single languages that `languages.toml` holds."""
    path = resources.files("corpusforge.label") / "languages.toml"
    return cast(dict[str, float], tomllib.loads(path.read_text("utf-8"))["min_score"])


@lru_cache(maxsize=1)
def scaffold_pin() -> Pin:
    """Return the pin of the packaged scaffold classifier."""
    return read_pin("scaffold")


@lru_cache(maxsize=1)
def math_pin() -> Pin:
    """Return the pin of the packaged math tagger."""
    return read_pin("math")


def load_fasttext(path: Path, sha256: str) -> TextClassifier:
    """Return a fastText model after checking its bytes."""
    data = checked_bytes(path, sha256)
    try:
        return read_fasttext(data)
    except ValueError as error:
        raise ModelError(f"{path}: {error}: train it again") from error


def load_math(path: Path, sha256: str) -> MathModel:
    """Return the math tagger after checking the bytes of its weights, fastText model and word lists.

    The weights file pins the other two by their sha256.
    """
    values = tomllib.loads(checked_bytes(path, sha256).decode())
    try:
        weights = cast(dict[str, float], values["weights"])
        bias, vocabulary_sha256 = float(values["bias"]), str(values["vocabulary_sha256"])
        fasttext, fasttext_sha256 = path.parent / str(values["fasttext"]), str(values["fasttext_sha256"])
    except KeyError as error:
        raise ModelError(f"{path}: no weights of the math tagger: no {error}; train it again") from error
    if vocabulary_sha256 != load_vocabulary().sha256:
        raise ModelError(f"{path}: fitted with other word lists than label/vocabulary.toml: train it again")
    return MathModel(tuple(weights), tuple(weights.values()), bias, load_fasttext(fasttext, fasttext_sha256))
