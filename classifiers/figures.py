"""Figures over labels and scores, in numpy alone: ranking, errors at a threshold, calibration, groups."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpusforge_classifiers.rows import Row

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Scored:
    """Rows with their scores, 0-1, in the same order."""

    rows: Sequence[Row]
    scores: Floats

    @property
    def labels(self) -> Bools:
        """Whether each row is of the positive class."""
        return np.array([row.is_positive for row in self.rows], dtype=bool)

    def take(self, indices: Any) -> Scored:
        """Return the rows at some indices, or where a mask holds."""
        places = np.arange(len(self.rows))[indices]
        return Scored([self.rows[place] for place in places], self.scores[places])


def auc(labels: Bools, scores: Floats) -> float:
    """Return the area under the ROC curve, exact, ties counted half; nan when a class is empty."""
    n_positive, n_negative = int(labels.sum()), int((~labels).sum())
    if not n_positive or not n_negative:
        return float("nan")
    _, inverse, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[inverse]
    return float((ranks[labels].sum() - n_positive * (n_positive + 1) / 2) / (n_positive * n_negative))


def calibration_curve(
    labels: Bools, scores: Floats, n_bins: int = 10
) -> list[tuple[float, float, float, int]]:
    """Return (lower bound, mean score, share of positives, rows) of each bin of equal width with rows."""
    bins = np.minimum((scores * n_bins).astype(int), n_bins - 1)
    return [
        (
            float(b) / n_bins,
            float(scores[bins == b].mean()),
            float(labels[bins == b].mean()),
            int((bins == b).sum()),
        )
        for b in np.unique(bins)
    ]


def calibration_error(labels: Bools, scores: Floats, n_bins: int = 10) -> float:
    """Return the expected calibration error: the mean gap of the curve, weighted by rows."""
    curve = calibration_curve(labels, scores, n_bins)
    return math.fsum(abs(mean - share) * n for _, mean, share, n in curve) / max(1, len(scores))


def figures(labels: Bools, scores: Floats, threshold: float) -> dict[str, float]:
    """Return accuracy, balanced accuracy, precision, recall, FPR, F1, AUC, ECE and n at a threshold."""
    called = scores >= threshold
    true_positive = int((called & labels).sum())
    recall = true_positive / max(1, int(labels.sum()))
    precision = true_positive / max(1, int(called.sum()))
    fpr = int((called & ~labels).sum()) / max(1, int((~labels).sum()))
    return {
        "n": float(len(labels)),
        "accuracy": float((called == labels).mean()) if len(labels) else float("nan"),
        "balanced_accuracy": (recall + 1 - fpr) / 2,
        "precision": precision,
        "recall": recall,
        "fpr": fpr,
        "f1": 2 * precision * recall / max(1e-12, precision + recall),
        "auc": auc(labels, scores),
        "ece": calibration_error(labels, scores),
    }


def best_threshold(sets: Sequence[Scored]) -> float:
    """Return the threshold, in hundredths, of the best mean F1 over sets; of equals that nearest 0.5."""
    labels = [scored.labels for scored in sets]

    def mean_f1(threshold: float) -> float:
        f1 = [
            figures(truth, scored.scores, threshold)["f1"] for truth, scored in zip(labels, sets, strict=True)
        ]
        return round(math.fsum(f1) / len(f1), 6)

    return max((step / 100 for step in range(5, 100)), key=lambda t: (mean_f1(t), -abs(t - 0.5)))


def operating_points(scored: Scored, threshold: float, level: float = 0.99) -> dict[str, float]:
    """Return three thresholds: recall at least `level`, the default, precision at least `level`.

    A level that cannot be reached gives the threshold that comes nearest to it.
    """
    order = np.argsort(-scored.scores, kind="stable")
    labels, scores = scored.labels[order], scored.scores[order]
    hits = np.cumsum(labels)
    ends = np.append(scores[1:] != scores[:-1], True)  # a threshold takes all of equal score or none
    recall = np.where(ends, hits / max(1, hits[-1] if len(hits) else 1), -1.0)
    precision = np.where(ends, hits / np.arange(1, len(hits) + 1), -1.0)
    at_recall = int(np.argmax(recall >= level)) if (recall >= level).any() else len(scores) - 1
    reached = np.flatnonzero(precision >= level)
    at_precision = int(reached[-1]) if len(reached) else int(np.argmax(precision))
    return {
        f"recall {level:g}": float(scores[at_recall]),
        "default": threshold,
        f"precision {level:g}": float(scores[at_precision]),
    }


def grouped(scored: Scored, threshold: float, key: Callable[[Row], str]) -> dict[str, dict[str, float]]:
    """Return for each group the rows and accuracy of each class, and the AUC where it has both."""
    names = [key(row) or "none" for row in scored.rows]
    found: dict[str, dict[str, float]] = {}
    for name in sorted(set(names)):
        part = scored.take(np.array([n == name for n in names]))
        labels, right = part.labels, (part.scores >= threshold) == part.labels
        found[name] = {
            "n_positive": float(labels.sum()),
            "recall": float(right[labels].mean()) if labels.any() else float("nan"),
            "n_negative": float((~labels).sum()),
            "specificity": float(right[~labels].mean()) if (~labels).any() else float("nan"),
            "auc": auc(labels, part.scores),
        }
    return found


def confident_errors(scored: Scored, n: int) -> tuple[list[tuple[float, Row]], list[tuple[float, Row]]]:
    """Return the `n` negatives with the highest scores and the `n` positives with the lowest, worst first."""
    ranked = sorted(
        zip(scored.scores.tolist(), scored.rows, strict=True), key=lambda pair: (pair[0], pair[1].text)
    )
    positives = [pair for pair in ranked if pair[1].is_positive][:n]
    negatives = [pair for pair in reversed(ranked) if not pair[1].is_positive][:n]
    return negatives, positives
