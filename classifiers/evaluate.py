"""How good a classifier is: figures over scores and labels, by group, and the model card.

`python -m classifiers.evaluate --task scaffold --data FILE` judges the packaged model.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from classifiers.collect import Row, read_rows
from corpusforge.label import LabelConfig, Models, load_models
from corpusforge.label.math import math_score, sampled
from corpusforge.label.reading import read
from corpusforge.label.scaffold import scaffold_score

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
POSITIVE = {"scaffold": "scaffold", "math": "math"}


@dataclass(frozen=True, slots=True)
class Scored:
    """Rows with their scores, 0-1, in the same order."""

    rows: Sequence[Row]
    scores: Floats

    @property
    def labels(self) -> Bools:
        """Whether each row is of the positive class."""
        return np.array([row.is_positive for row in self.rows], dtype=bool)


def auc(labels: Bools, scores: Floats) -> float:
    """Return the area under the ROC curve, ties counted half; nan when a class is empty."""
    n_positive, n_negative = int(labels.sum()), int((~labels).sum())
    if not n_positive or not n_negative:
        return float("nan")
    _, inverse, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[inverse]
    return float((ranks[labels].sum() - n_positive * (n_positive + 1) / 2) / (n_positive * n_negative))


def calibration_error(labels: Bools, scores: Floats, n_bins: int = 10) -> float:
    """Return the expected calibration error over equal-width bins."""
    bins = np.minimum((scores * n_bins).astype(int), n_bins - 1)
    gaps = [
        abs(scores[bins == b].mean() - labels[bins == b].mean()) * (bins == b).mean() for b in np.unique(bins)
    ]
    return float(sum(gaps))


def figures(labels: Bools, scores: Floats, threshold: float) -> dict[str, float]:
    """Return accuracy, balanced accuracy, precision, recall, FPR, F1, AUC, ECE and n at a threshold."""
    called = scores >= threshold
    true_positive = int((called & labels).sum())
    recall = true_positive / max(1, int(labels.sum()))
    precision = true_positive / max(1, int(called.sum()))
    fpr = int((called & ~labels).sum()) / max(1, int((~labels).sum()))
    return {
        "n": float(len(labels)),
        "accuracy": float((called == labels).mean()),
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
        return round(sum(f1) / len(f1), 6)

    return max((step / 100 for step in range(5, 96)), key=lambda t: (mean_f1(t), -abs(t - 0.5)))


def accuracy_by(scored: Scored, threshold: float, key: str) -> dict[str, tuple[float, int]]:
    """Return (accuracy, rows) for each value of a row's attribute and each class."""
    groups: dict[str, list[bool]] = {}
    for row, score in zip(scored.rows, scored.scores, strict=True):
        side = "+" if row.is_positive else "-"
        groups.setdefault(f"{getattr(row, key) or 'none'} {side}", []).append(
            (score >= threshold) == row.is_positive
        )
    return {name: (sum(hits) / len(hits), len(hits)) for name, hits in sorted(groups.items())}


def score_rows(task: str, rows: Sequence[Row], config: LabelConfig, models: Models) -> Scored:
    """Return rows with the scores of the library's own serving path."""
    if task == "scaffold":
        scores = [scaffold_score(row.text, models.scaffold, config) for row in rows]
    else:
        scores = [math_score(read(sampled(row.text, config)), models.math) for row in rows]
    return Scored(rows, np.array(scores, dtype=np.float64))


def markdown_figures(columns: dict[str, dict[str, float]]) -> str:
    """Return a Markdown table: a row for each named set, a column for each figure."""
    names = list(next(iter(columns.values())))
    lines = ["| set | " + " | ".join(names) + " |", "| --- " * (len(names) + 1) + "|"]
    for title, values in columns.items():
        cells = [f"{values[name]:.0f}" if name == "n" else f"{values[name]:.4f}" for name in names]
        lines.append(f"| {title} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def markdown_groups(groups: dict[str, tuple[float, int]]) -> str:
    """Return a Markdown table of the accuracy of each group."""
    rows = [f"| {name} | {accuracy:.3f} | {n} |" for name, (accuracy, n) in groups.items()]
    return "\n".join(["| group | accuracy | rows |", "| --- | ---: | ---: |", *rows])


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the figures of a packaged model on labelled files as JSON; return the exit status."""
    parser = argparse.ArgumentParser(prog="classifiers.evaluate", description=main.__doc__)
    parser.add_argument("--task", choices=sorted(POSITIVE), required=True)
    parser.add_argument("--data", type=Path, nargs="+", required=True, help="labelled JSONL, .gz or .xz")
    options = parser.parse_args(arguments)
    missing = [path for path in options.data if not path.is_file()]
    if missing:
        print(f"classifiers.evaluate: {missing[0]}: no such file", file=sys.stderr)
        return 2
    config = LabelConfig()
    threshold = config.scaffold_threshold if options.task == "scaffold" else config.math_threshold
    rows = list(read_rows(options.data, POSITIVE[options.task]))
    scored = score_rows(options.task, rows, config, load_models(config))
    result = {
        "task": options.task,
        "threshold": threshold,
        "all": figures(scored.labels, scored.scores, threshold),
        "by_source": accuracy_by(scored, threshold, "source"),
        "by_kind": accuracy_by(scored, threshold, "kind"),
    }
    print(json.dumps(result, indent=1, allow_nan=True))
    return 0


if __name__ == "__main__":
    sys.exit(main())
