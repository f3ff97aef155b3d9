"""The math tagger from collected rows: fastText on the words, then a logistic regression over all evidence.

The regression learns from logits that fastText gave to sources it did not see: else it would trust
the words more than they deserve. Two fits are made: one without the sources of the documents to
choose on, which those documents judge, and the one that ships. Both are calibrated on rows of left-out
sources that are as long as documents: the same logit says less about a passage, which shows less of itself.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpusforge.label.config import LabelConfig
from corpusforge.label.counting import count
from corpusforge.label.math import (
    EVIDENCE,
    MATH_LABEL,
    NOT_MATH_LABEL,
    Section,
    evidence,
    marked,
    sections,
    text_logit,
    whole,
)  # fmt: skip
from corpusforge.label.model import TextClassifier
from corpusforge.label.reading import read
from corpusforge.label.vocabulary import load_vocabulary
from corpusforge_classifiers.card import Trained
from corpusforge_classifiers.collect import Collected, collect, read_collection
from corpusforge_classifiers.fasttext_model import model_bytes, train_lines
from corpusforge_classifiers.figures import Floats, Scored, best_threshold
from corpusforge_classifiers.network import platt
from corpusforge_classifiers.recipe import FastText, Logistic, Recipe
from corpusforge_classifiers.rows import Row, file_sha256, read_rows, shuffled, source_folds

COLLECTIONS = Path(__file__).parent / "collections"
_MIN_TOKEN_CHARS = 60
"""Shorter sections say nothing to learn words from."""
_MAX_SECTIONS = 8

_AGAINST = frozenset((
    "digits", "number_rows", "table_rows", "score_lines", "money", "people", "code_signs", "code_lines",
    "assignments", "mixed", "hashes", "applied",
))  # fmt: skip
"""Evidence that may only speak against mathematics; all other may only speak for it. A weight that comes out
with the other sign has learned a source (word problems about money, say), and is left out."""

Counted = list[tuple[NDArray[np.int64], NDArray[np.uint8], str]]


@dataclass(frozen=True, slots=True)
class Fit:
    """A fitted tagger, and what it says of its own rows when their source was left out."""

    classifier: Any
    weights: Floats
    bias: float
    left_out: Floats

    def scores(self, documents: Sequence[Counted]) -> Floats:
        """Return the scores, 0-1, of counted documents."""
        matrix = evidence_matrix(documents, self.classifier.f)
        return _sigmoid(matrix @ self.weights + self.bias)


def train_math(recipe: Recipe, data: Path, packages: Path | None = None) -> Trained:
    """Return the weights of the math tagger of a recipe, as TOML, and the fastText model beside them."""
    assert recipe.collection and recipe.logistic and recipe.fasttext
    collection = read_collection(COLLECTIONS / recipe.collection)
    collected = collect(collection, data, packages)
    rows = shuffled(collected.rows, recipe.seed)
    dev_rows = list(read_rows([data / name for name in recipe.dev], recipe.positive))
    documents, dev_documents = counted(rows), counted(dev_rows)
    known = {row.source for row in dev_rows}
    strange = [index for index, row in enumerate(rows) if row.source not in known]
    with ThreadPoolExecutor() as pool:
        unknown = pool.submit(_fit, [rows[i] for i in strange], [documents[i] for i in strange], recipe)
        shipped = _fit(rows, documents, recipe, quantise=True)
        held = unknown.result()
    dev = Scored(dev_rows, held.scores(dev_documents))
    blob = model_bytes(shipped.classifier)
    unseen = Scored(rows, shipped.left_out)
    return Trained(
        file="math_weights.toml",
        data=_weights_toml(shipped, blob, recipe).encode(),
        threshold=recipe.threshold or best_threshold([dev, unseen]),
        n_rows=len(rows),
        n_refused=collected.refused.total(),
        unseen=unseen,
        dev=dev,
        beside={"math.ftz": blob},
        data_sha256=_digests(collected, recipe, data),
        notes=(collected.report(),),
    )


def fit_rows(rows: Sequence[Row], recipe: Recipe) -> Callable[[Sequence[Row]], Floats]:
    """Return the function that scores rows by a tagger that learned from `rows`."""
    ordered = shuffled(rows, recipe.seed)
    fit = _fit(ordered, counted(ordered), recipe)
    return lambda others: fit.scores(counted(others))


def _digests(collected: Collected, recipe: Recipe, data: Path) -> dict[str, str]:
    """Return the sha256 of the rows that were drawn and of each file to choose on."""
    drawn = hashlib.sha256()
    for row in collected.rows:
        drawn.update(f"{row.source}\0{row.is_positive}\0{row.text}\0".encode("utf-8", "replace"))
    return {"rows drawn": drawn.hexdigest(), **{name: file_sha256(data / name) for name in recipe.dev}}


def counted(rows: Sequence[Row]) -> list[Counted]:
    """Return each row's sections as the compiled pass counts them: counters, strong words seen, tokens."""
    # The same sections as LabelConfig's defaults: serving cuts them so.
    config = LabelConfig()
    return [[count(piece) for piece in sections(marked(read(row.text)), config)] for row in rows]


def _fit(rows: Sequence[Row], documents: Sequence[Counted], recipe: Recipe, quantise: bool = False) -> Fit:
    assert recipe.logistic and recipe.fasttext
    labels = [row.is_positive for row in rows]
    matrix = np.zeros((len(rows), len(EVIDENCE)))

    def learn_outside(fold: frozenset[str]) -> TextClassifier:
        outside = [i for i, row in enumerate(rows) if row.source not in fold]
        kept, sides = [documents[i] for i in outside], [labels[i] for i in outside]
        return fit_fasttext(kept, sides, recipe.fasttext or FastText(), recipe.seed).f

    folds = source_folds(rows, recipe.folds)
    with ThreadPoolExecutor() as pool:  # fastText lets go of the interpreter's lock while it learns
        last = pool.submit(fit_fasttext, documents, labels, recipe.fasttext, recipe.seed, quantise)
        for fold, model in zip(folds, pool.map(learn_outside, folds), strict=True):
            inside = [i for i, row in enumerate(rows) if row.source in fold]
            matrix[inside] = evidence_matrix([documents[i] for i in inside], model)
        classifier = last.result()
    left_out = np.zeros(len(rows))
    for fold in folds:
        inside = np.array([row.source in fold for row in rows])
        weights, bias = fit_logistic(matrix, rows, ~inside, recipe.logistic)
        left_out[inside] = _sigmoid(matrix[inside] @ weights + bias)
    weights, bias = fit_logistic(matrix, rows, np.ones(len(rows), dtype=bool), recipe.logistic)
    slope, offset = calibration(_logit(left_out), rows, recipe.logistic)
    left_out = _sigmoid(slope * _logit(left_out) + offset)
    weights, bias = slope * weights, slope * bias + offset
    return Fit(classifier, weights, bias, left_out)


def fit_fasttext(
    documents: Sequence[Counted], labels: Sequence[bool], options: FastText, seed: int, quantise: bool = False
) -> Any:
    """Return a fastText model of the sections of documents, in their order."""
    lines = (
        f"{MATH_LABEL if label else NOT_MATH_LABEL} {tokens}"
        for document, label in zip(documents, labels, strict=True)
        for _, _, tokens in document[:_MAX_SECTIONS]
        if len(tokens) >= _MIN_TOKEN_CHARS
    )
    return train_lines(lines, options, seed, quantise)


def evidence_matrix(documents: Sequence[Counted], classifier: TextClassifier) -> Floats:
    """Return the evidence f64 [documents, EVIDENCE] of counted documents."""
    found = [
        whole(
            [Section(counters, seen, text_logit(tokens, classifier)) for counters, seen, tokens in document]
        )
        for document in documents
    ]
    return np.array([evidence(document) for document in found])


def fit_logistic(matrix: Floats, rows: Sequence[Row], use: Any, options: Logistic) -> tuple[Floats, float]:
    """Return (weights, bias); weights of the wrong sign are 0, the rest fitted without them."""
    signs = np.array([-1.0 if name in _AGAINST else 1.0 for name in EVIDENCE])
    kept = np.ones(len(EVIDENCE), dtype=bool)
    while True:
        found, bias = _newton(matrix[:, kept], rows, use, options)
        weights = np.zeros(len(EVIDENCE))
        weights[kept] = found
        wrong = weights * signs < 0
        if not wrong.any():
            return weights, bias
        kept &= ~wrong


def calibration(logits: Floats, rows: Sequence[Row], options: Logistic) -> tuple[float, float]:
    """Return Platt's (slope, offset), by rows as long as documents whose sources the logits did not see.

    Classes weigh the same, as in the fit: most long rows are texts of fields that apply mathematics, and how
    many there are says nothing of a corpus. (1, 0) where no class or one class alone has such rows.
    """
    long = np.array([len(row.text) >= options.calibration_chars for row in rows])
    labels = np.array([row.is_positive for row in rows])[long]
    if labels.all() or not labels.any():
        return 1.0, 0.0
    sources = np.array([row.source for row in rows])
    _, inverse, counts = np.unique(sources, return_inverse=True, return_counts=True)
    importance = (1 / np.sqrt(counts[inverse]))[long]
    for side in (False, True):
        importance[labels == side] *= len(labels) / (2 * importance[labels == side].sum())
    return platt(logits[long], labels, importance)


def _newton(matrix: Floats, rows: Sequence[Row], use: Any, options: Logistic) -> tuple[Floats, float]:
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
        p = _sigmoid(design @ beta)
        gradient = design.T @ (importance * (p - labels)) + decay * beta
        hessian = (design * (importance * p * (1 - p))[:, None]).T @ design + np.diag(decay)
        beta -= np.linalg.solve(hessian, gradient)
    weights = beta[:-1] / deviation
    return weights, float(beta[-1] - weights @ mean)


def _logit(p: Any) -> Any:
    return np.log(np.clip(p, 1e-12, 1 - 1e-12) / (1 - np.clip(p, 1e-12, 1 - 1e-12)))


def _sigmoid(values: Any) -> Floats:
    return 1 / (1 + np.exp(-np.clip(values, -60, 60)))


def _weights_toml(fit: Fit, blob: bytes, recipe: Recipe) -> str:
    lines = [
        f"# Logistic regression over label/math.py's evidence; recipe math, version {recipe.version}.",
        f"bias = {fit.bias:.4f}",
        'fasttext = "math.ftz"',
        f'fasttext_sha256 = "{hashlib.sha256(blob).hexdigest()}"',
        f'vocabulary_sha256 = "{load_vocabulary().sha256}"',
        "",
        "[weights]",
        *(f"{name} = {weight:.4f}" for name, weight in zip(EVIDENCE, fit.weights, strict=True)),
    ]
    return "\n".join(lines) + "\n"
