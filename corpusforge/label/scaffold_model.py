"""The scaffold classifier's file: read after its sha256 was checked, and written by the workshop.

    scaffold_layers.toml   fasttext, fasttext_sha256, concepts_sha256, words, [layers]

The words and the layers are in it; fastText's file and `concepts.toml` are pinned by it.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from corpusforge.label.layers import Layers, decoded, encoded
from corpusforge.label.model import ModelError, checked_bytes, load_fasttext
from corpusforge.label.preparation import concepts_sha256, prepare, word_table
from corpusforge.label.scaffold import ScaffoldModel, passage_scores


def load_scaffold(path: Path, sha256: str) -> ScaffoldModel:
    """Return the scaffold classifier after checking the bytes of its layers, fastText model and concepts."""
    values = tomllib.loads(checked_bytes(path, sha256).decode())
    if values["concepts_sha256"] != concepts_sha256():
        raise ModelError(f"{path}: fitted with other concepts than label/concepts.toml: train it again")
    classifier = load_fasttext(path.parent / str(values["fasttext"]), str(values["fasttext_sha256"]))
    model = ScaffoldModel(word_table(str(values["words"]).split()), classifier, decoded(values["layers"]))
    passage_scores(
        [prepare("x = 1", model.words)], model
    )  # compiled now: later, a document's deadline would pay
    return model


def layers_toml(
    vocabulary: list[str], layers: Layers, fasttext: str, fasttext_sha256: str, title: str
) -> str:
    """Return the text of `scaffold_layers.toml`."""
    return "\n".join([
        f"# {title}",
        f'fasttext = "{fasttext}"',
        f'fasttext_sha256 = "{fasttext_sha256}"',
        f'concepts_sha256 = "{concepts_sha256()}"',
        f"words = {_literal(' '.join(vocabulary))}",
        "",
        "[layers]",
        *(f"{name} = {_literal(value)}" for name, value in encoded(layers).items()),
        "",
    ])  # fmt: skip


def _literal(value: Any) -> str:
    if not isinstance(value, str):
        return repr(value)
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
