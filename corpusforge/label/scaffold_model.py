"""The scaffold classifier's files: read after their sha256 was checked, and written by the workshop.

    scaffold_layers.toml   grams, grams_sha256, concepts_sha256, words, [linear], [layers]
    scaffold_grams.bin     the linear model's weights, i8, one of each slot

The words and the layers are in the first; the weights' file and `concepts.toml` are pinned by it.
"""

from __future__ import annotations

import hashlib
import tomllib
from pathlib import Path
from typing import Any

import numpy as np

from corpusforge.label.grams import N_SLOTS, Linear
from corpusforge.label.layers import decoded, encoded
from corpusforge.label.preparation import concepts_sha256, prepare, word_table
from corpusforge.label.scaffold import ScaffoldModel, passage_scores
from corpusforge.pinned import ModelError, checked_bytes


def load_scaffold(path: Path, sha256: str) -> ScaffoldModel:
    """Return the scaffold classifier after checking the bytes of its layers, weights and concepts."""
    values = tomllib.loads(checked_bytes(path, sha256).decode())
    if values.get("concepts_sha256") != concepts_sha256():
        raise ModelError(f"{path}: fitted with other concepts than label/concepts.toml: train it again")
    try:
        blob = checked_bytes(path.parent / str(values["grams"]), str(values["grams_sha256"]))
        linear = Linear(np.frombuffer(blob, dtype=np.int8), **values["linear"])
        model = ScaffoldModel(word_table(str(values["words"]).split()), linear, decoded(values["layers"]))
    except KeyError as error:
        raise ModelError(f"{path}: no scaffold classifier: no {error}; train it again") from error
    if len(linear.weights) != N_SLOTS:
        raise ModelError(f"{path}: {len(linear.weights)} weights of runs, not {N_SLOTS}: train it again")
    # Compiled now: later, a document's deadline would pay.
    passage_scores([prepare("x = 1", model.words)], model)
    return model


def model_files(vocabulary: list[str], model: ScaffoldModel, title: str) -> tuple[bytes, dict[str, bytes]]:
    """Return the bytes of `scaffold_layers.toml`, and the files that it pins by name."""
    blob = model.linear.weights.tobytes()
    text = "\n".join([
        f"# {title}",
        'grams = "scaffold_grams.bin"',
        f'grams_sha256 = "{hashlib.sha256(blob).hexdigest()}"',
        f'concepts_sha256 = "{concepts_sha256()}"',
        f"words = {_literal(' '.join(vocabulary))}",
        "",
        "[linear]",
        f"scale = {model.linear.scale!r}",
        f"bias = {model.linear.bias!r}",
        "",
        "[layers]",
        *(f"{name} = {_literal(value)}" for name, value in encoded(model.layers).items()),
        "",
    ])  # fmt: skip
    return text.encode(), {"scaffold_grams.bin": blob}


def _literal(value: Any) -> str:
    if not isinstance(value, str):
        return repr(value)
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
