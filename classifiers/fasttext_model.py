"""fastText, trained one way: labelled lines in, a model out, the same bytes whenever it is run."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from corpusforge_classifiers.recipe import FastText


def train_lines(lines: Iterable[str], options: FastText, seed: int, quantise: bool) -> Any:
    """Return a fastText model of `__label__… tokens` lines, in their order.

    On one thread: with more, the bytes would depend on who came first.
    """
    import fasttext

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows.txt"
        with path.open("w", encoding="utf-8") as file:
            file.writelines(f"{line}\n" for line in lines)
        arguments: dict[str, Any] = {
            "epoch": options.epochs, "lr": options.learning_rate, "thread": 1, "verbose": 0,
        }  # fmt: skip
        model = fasttext.train_supervised(
            str(path), dim=options.dim, wordNgrams=options.word_ngrams, minCount=options.min_count,
            bucket=options.buckets, seed=seed, **arguments,
        )  # fmt: skip
        if quantise:
            model.quantize(
                str(path), cutoff=options.cutoff, retrain=options.retrain and options.cutoff > 0,
                dsub=options.dsub, qnorm=True, **arguments,
            )  # fmt: skip
    return model


def model_bytes(model: Any) -> bytes:
    """Return the file of a model."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.ftz"
        model.save_model(str(path))
        return path.read_bytes()
