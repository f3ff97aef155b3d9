"""A classifier from a recipe and labelled data: model, pin and card, the same bytes each time.

`python -m classifiers.train --recipe classifiers/recipes/scaffold.toml --data DIR`
"""

from __future__ import annotations

import argparse
import hashlib
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from classifiers.card import Trained, write_card
from classifiers.collect import Row, allowed, hard_negatives, read_rows, shuffled, source_folds
from classifiers.evaluate import Floats, Scored, best_threshold
from classifiers.recipe import FastText, Logistic, Recipe, read_recipe
from corpusforge.label.math import EVIDENCE, evidence
from corpusforge.label.model import packaged_folder
from corpusforge.label.reading import read, windows
from corpusforge.label.scaffold import OTHER_LABEL, SCAFFOLD_LABEL, passage_score, prepare

CARDS = Path(__file__).parent / "cards"


def train_scaffold(recipe: Recipe, data: Path) -> Trained:
    """Return the quantised fastText scaffold classifier of a recipe."""
    assert recipe.fasttext is not None
    everything = list(read_rows([data / name for name in recipe.train], recipe.positive))
    rows = shuffled(allowed(everything, recipe.licences), recipe.seed)
    unseen_rows: list[Row] = []
    unseen_scores: list[float] = []
    for fold in source_folds(rows, recipe.folds):
        model = _fit_fasttext([row for row in rows if row.source not in fold], recipe.fasttext, recipe.seed)
        held = [row for row in rows if row.source in fold]
        unseen_rows += held
        unseen_scores += [passage_score(row.text, model.f) for row in held]
    unseen = Scored(unseen_rows, np.array(unseen_scores))
    model = _fit_fasttext(rows, recipe.fasttext, recipe.seed, quantise=True)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.ftz"
        model.save_model(str(path))
        blob = path.read_bytes()
    dev_rows = list(read_rows([data / name for name in recipe.dev], recipe.positive))
    dev = Scored(dev_rows, np.array([passage_score(row.text, model.f) for row in dev_rows]))
    threshold = recipe.threshold or best_threshold([unseen, dev])
    return Trained("scaffold.ftz", blob, threshold, len(rows), len(everything) - len(rows), unseen, dev)


def _fit_fasttext(rows: Sequence[Row], options: FastText, seed: int, quantise: bool = False):
    """Return a fastText model of rows in their order; on one thread, so that the bytes are the same."""
    import fasttext

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows.txt"
        with path.open("w", encoding="utf-8") as lines:
            for row in rows:
                label = SCAFFOLD_LABEL if row.is_positive else OTHER_LABEL
                lines.write(f"{label} {prepare(row.text)}\n")
        arguments: dict[str, Any] = {
            "epoch": options.epochs, "lr": options.learning_rate, "thread": 1, "verbose": 0,
        }  # fmt: skip
        model = fasttext.train_supervised(
            str(path), dim=options.dim, wordNgrams=options.word_ngrams, minCount=options.min_count,
            bucket=options.buckets, seed=seed, **arguments,
        )  # fmt: skip
        if quantise:
            model.quantize(
                str(path),
                cutoff=options.cutoff,
                retrain=options.retrain,
                dsub=options.dsub,
                qnorm=True,
                **arguments,
            )
    return model


def train_math(recipe: Recipe, data: Path) -> Trained:
    """Return the weights of the math tagger of a recipe, as TOML.

    The leave-sources-out scores cover rows of every licence: testing ships nothing.
    """
    assert recipe.logistic is not None
    everything = list(read_rows([data / name for name in recipe.train], recipe.positive))
    generated = hard_negatives(recipe.logistic.hard_negatives, recipe.seed)
    rows = shuffled([*everything, *generated], recipe.seed)
    usable = set(map(id, allowed(rows, recipe.licences)))
    may_learn = np.array([id(row) in usable for row in rows])
    # The same windows as LabelConfig's defaults; its values need the pin that this writes.
    matrix = np.array([evidence(read("\n".join(windows(row.text, 4, 1500)))) for row in rows])
    scores = np.zeros(len(rows))
    for source in sorted({row.source for row in rows}):
        held = np.array([row.source == source for row in rows])
        scores[held] = _apply(matrix[held], *_fit_logistic(matrix, rows, may_learn & ~held, recipe.logistic))
    weights, bias = _fit_logistic(matrix, rows, may_learn, recipe.logistic)
    lines = [f"# Logistic regression over label/math.py's evidence; recipe math, version {recipe.version}."]
    lines += [f"bias = {bias:.4f}", "", "[weights]"]
    lines += [f"{name} = {weight:.4f}" for name, weight in zip(EVIDENCE, weights, strict=True)]
    real = [index for index, row in enumerate(rows) if not row.source.startswith("generated-")]
    unseen = Scored([rows[index] for index in real], scores[real])
    blob = ("\n".join(lines) + "\n").encode()
    n_refused = len(everything) - int(may_learn[real].sum())
    threshold = recipe.threshold or best_threshold([unseen])
    fitted = _apply(matrix, weights, bias)
    dev = Scored(unseen.rows, fitted[real])
    return Trained(
        "math_weights.toml", blob, threshold, int(may_learn.sum()), n_refused,
        unseen, dev,
    )  # fmt: skip


def _fit_logistic(
    matrix: Floats, rows: Sequence[Row], use: np.ndarray, options: Logistic
) -> tuple[Floats, float]:
    """Return (weights, bias) by Newton steps; classes weigh the same, a source the root of its size."""
    labels = np.array([row.is_positive for row in rows], dtype=float)[use]
    sources = np.array([row.source for row in rows])[use]
    _, inverse, counts = np.unique(sources, return_inverse=True, return_counts=True)
    importance = 1 / np.sqrt(counts[inverse])
    for side in (0.0, 1.0):
        importance[labels == side] /= 2 * importance[labels == side].sum()
    mean, deviation = matrix[use].mean(axis=0), matrix[use].std(axis=0) + 1e-9
    design = np.column_stack([(matrix[use] - mean) / deviation, np.ones(len(labels))])
    decay = np.append(np.full(matrix.shape[1], options.l2), 1e-6)
    beta = np.zeros(design.shape[1])
    for _ in range(50):
        p = 1 / (1 + np.exp(-design @ beta))
        gradient = design.T @ (importance * (p - labels)) + decay * beta
        hessian = (design * (importance * p * (1 - p))[:, None]).T @ design + np.diag(decay)
        beta -= np.linalg.solve(hessian, gradient)
    weights = beta[:-1] / deviation
    return weights, float(beta[-1] - weights @ mean)


def _apply(matrix: Floats, weights: Floats, bias: float) -> Floats:
    return 1 / (1 + np.exp(-(matrix @ weights + bias)))


def write_model(trained: Trained, recipe: Recipe, output: Path) -> str:
    """Write the model and its pin into a folder; return the model's sha256."""
    sha256 = hashlib.sha256(trained.data).hexdigest()
    output.mkdir(parents=True, exist_ok=True)
    (output / trained.file).write_bytes(trained.data)
    pin = (
        f"# Written by classifiers/train.py from recipes/{recipe.name}.toml: no other bytes are loaded.\n"
        f'file = "{trained.file}"\nsha256 = "{sha256}"\nthreshold = {trained.threshold}\n'
        f"recipe_version = {recipe.version}\nn_rows = {trained.n_rows}\n"
    )
    (output / f"{recipe.name}.toml").write_text(pin, encoding="utf-8")
    return sha256


def main(arguments: Sequence[str] | None = None) -> int:
    """Train the classifier of a recipe; return the exit status."""
    parser = argparse.ArgumentParser(prog="classifiers.train", description=main.__doc__)
    parser.add_argument("--recipe", type=Path, required=True)
    parser.add_argument("--data", type=Path, required=True, help="folder that the recipe's files lie below")
    parser.add_argument("--output", type=Path, default=packaged_folder(), help="where model and pin go")
    parser.add_argument("--cards", type=Path, default=CARDS, help="where the model card goes")
    options = parser.parse_args(arguments)
    try:
        recipe = read_recipe(options.recipe)
    except (OSError, ValueError) as error:
        print(f"classifiers.train: {options.recipe}: {str(error).splitlines()[0]}", file=sys.stderr)
        return 2
    missing = [name for name in (*recipe.train, *recipe.dev) if not (options.data / name).is_file()]
    if missing:
        print(f"classifiers.train: {options.data / missing[0]}: no such file", file=sys.stderr)
        return 2
    trained = (train_scaffold if recipe.name == "scaffold" else train_math)(recipe, options.data)
    sha256 = write_model(trained, recipe, options.output)
    write_card(options.cards / f"{recipe.name}.md", recipe, trained, sha256)
    path = options.output / trained.file
    print(f"{path}: {len(trained.data):,} bytes, sha256 {sha256}, threshold {trained.threshold}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
