"""What the words (fastText) and the counts are worth to the math tagger, alone and together, as JSON.

python benches/math_evidence.py --data ../shared/data --packages PACKAGES

Two tests, none of whose sources the fit saw: the documents to choose on, and the training rows by
leaving groups of sources out. Each F1 is at the threshold that is best for that set, so that only the
order of the scores counts.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np

from corpusforge.label.math import EVIDENCE
from corpusforge_classifiers.collect import collect, read_collection
from corpusforge_classifiers.figures import Scored, auc, best_threshold, figures
from corpusforge_classifiers.recipe import read_recipe
from corpusforge_classifiers.rows import read_rows, shuffled, source_folds
from corpusforge_classifiers.train_math import (
    COLLECTIONS,
    counted,
    evidence_matrix,
    fit_fasttext,
    fit_logistic,
)

RECIPE = Path(__file__).parents[1] / "classifiers" / "recipes" / "math.toml"
SETS = {
    "fastText and evidence": np.ones(len(EVIDENCE), dtype=bool),
    "evidence alone": np.array([name != "fasttext" for name in EVIDENCE]),
    "fastText alone": np.array([name == "fasttext" for name in EVIDENCE]),
}


def best(scored: Scored) -> dict[str, float]:
    threshold = best_threshold([scored])
    result = figures(scored.labels, scored.scores, threshold)
    return {
        "threshold": threshold,
        "f1": round(result["f1"], 4),
        "auc": round(auc(scored.labels, scored.scores), 4),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--packages", type=Path, required=True, help="folder of the collection's packages")
    options = parser.parse_args()
    recipe = read_recipe(RECIPE)
    assert recipe.collection and recipe.fasttext and recipe.logistic
    dev_rows = list(read_rows([options.data / name for name in recipe.dev], recipe.positive))
    known = {row.source for row in dev_rows}
    drawn = collect(read_collection(COLLECTIONS / recipe.collection), options.data, options.packages).rows
    rows = [row for row in shuffled(drawn, recipe.seed) if row.source not in known]
    documents, labels = counted(rows), [row.is_positive for row in rows]
    matrix = np.zeros((len(rows), len(EVIDENCE)))
    folds = [np.array([row.source in fold for row in rows]) for fold in source_folds(rows, recipe.folds)]
    for inside in folds:
        learned = [i for i in range(len(rows)) if not inside[i]]
        model = fit_fasttext(
            [documents[i] for i in learned], [labels[i] for i in learned], recipe.fasttext, recipe.seed
        )
        matrix[inside] = evidence_matrix([documents[i] for i in np.flatnonzero(inside)], model.f)
    model = fit_fasttext(documents, labels, recipe.fasttext, recipe.seed)
    dev_matrix = evidence_matrix(counted(dev_rows), model.f)
    result = {}
    for name, columns in SETS.items():
        left_out = np.zeros(len(rows))
        for inside in folds:
            weights, bias = fit_logistic(matrix * columns, rows, ~inside, recipe.logistic)
            left_out[inside] = matrix[inside] @ weights + bias
        weights, bias = fit_logistic(matrix * columns, rows, np.ones(len(rows), dtype=bool), recipe.logistic)
        result[name] = {
            "documents to choose on": best(Scored(dev_rows, probability(dev_matrix @ weights + bias))),
            "sources left out": best(Scored(rows, probability(left_out))),
        }
    print(json.dumps(result, indent=1))


def probability(logits: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-np.clip(logits, -60, 60)))


if __name__ == "__main__":
    main()
