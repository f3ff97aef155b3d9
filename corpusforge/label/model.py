"""The models of the label step: files pinned by sha256, loaded once per process.

Each model is a file beside a small TOML, its pin, which the workshop writes:

    models/scaffold.toml   file = "scaffold.ftz", sha256, threshold, trained_on
    models/scaffold.ftz    quantised fastText
    models/math.toml       file = "math_weights.toml", sha256, threshold
    models/math_weights.toml
"""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Protocol, cast


class ModelError(ValueError):
    """A model that is missing or not the pinned one; the message is one clear line."""


@dataclass(frozen=True, slots=True)
class Pin:
    """What the TOML beside a model says."""

    path: Path
    sha256: str
    threshold: float


@dataclass(frozen=True, slots=True)
class MathWeights:
    """The logistic regression of the math tagger; `weights` in the order of `math.EVIDENCE`."""

    names: tuple[str, ...]
    weights: tuple[float, ...]
    bias: float


class TextClassifier(Protocol):
    """A fastText model as the binding holds it."""

    def predict(self, text: str, k: int, threshold: float, on_error: str) -> list[tuple[float, str]]:
        """Return the `k` best (probability, label) of one line that ends in a line feed."""
        ...


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
def scaffold_pin() -> Pin:
    """Return the pin of the packaged scaffold classifier."""
    return read_pin("scaffold")


@lru_cache(maxsize=1)
def math_pin() -> Pin:
    """Return the pin of the packaged math tagger."""
    return read_pin("math")


def checked_bytes(path: Path, sha256: str) -> bytes:
    """Return the bytes of a model file. Raises `ModelError` unless their sha256 is the given one."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ModelError(f"{path}: model file missing or unreadable ({error.strerror})") from error
    found = hashlib.sha256(data).hexdigest()
    if found != sha256:
        raise ModelError(
            f"{path}: sha256 is {found}, the configuration pins {sha256}: reinstall or re-pin it"
        )
    return data


def load_fasttext(path: Path, sha256: str) -> TextClassifier:
    """Return a fastText model after checking its bytes."""
    checked_bytes(path, sha256)
    import fasttext  # imported late: only label workers need it

    model = fasttext.load_model(str(path))  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    # `.f` is the C++ object: its predict spares the wrapper's arrays, which broke on numpy 2 in older forks.
    return cast(TextClassifier, model.f)  # pyright: ignore[reportUnknownMemberType]


def load_math_weights(path: Path, sha256: str) -> MathWeights:
    """Return the math tagger's weights after checking their bytes."""
    values = tomllib.loads(checked_bytes(path, sha256).decode())
    weights = cast(dict[str, float], values["weights"])
    return MathWeights(tuple(weights), tuple(weights.values()), float(values["bias"]))
