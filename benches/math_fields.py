"""The math tagger on fields that apply mathematics, each left out of the fit that judges it, as JSON.

corpusforge train collect --collection classifiers/collections/math.toml --data ../shared/data \
    --packages PACKAGES --output rows.jsonl.gz
python benches/math_fields.py --rows rows.jsonl.gz --data ../shared/data --packages PACKAGES

A fit leaves out every row of one field, generated pages among them, and all sources of the documents to
choose on. It judges the documents of the field (out of packages; for finance chapters of economics among the
documents to choose on too), the passages that were drawn of it, and the mathematics of those documents.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from corpusforge.label.config import LabelConfig
from corpusforge_classifiers.field_texts import field_rows
from corpusforge_classifiers.figures import Floats
from corpusforge_classifiers.recipe import read_recipe
from corpusforge_classifiers.rows import Row, read_rows
from corpusforge_classifiers.train_math import fit_rows

WORKSHOP = Path(__file__).parents[1] / "classifiers"
FIELDS = {
    "finance": (
        "finance: ", "openstax-economics", "generated-finance", "generated-accounting", "generated-accounts",
        "generated-market",
    ),
    "physics": ("physics: ", "generated-physics"),
    "engineering": ("engineering: ", "generated-engineering"),
    "sport": (
        "sport: ", "generated-sport", "generated-match", "generated-box", "generated-league",
        "generated-scores",
    ),
}  # fmt: skip
"""How the names of a field's sources begin."""
_DOCUMENT_CHARS = 20_000


def specificity(rows: Sequence[Row], scores: Floats, threshold: float) -> dict[str, object]:
    """Return how many rows there are and which share is told from mathematics, in all and by source."""
    told: dict[str, list[bool]] = {}
    for row, score in zip(rows, scores, strict=True):
        told.setdefault(row.source, []).append(score < threshold)
    every = [value for values in told.values() for value in values]
    return {
        "n": len(every),
        "specificity": round(float(np.mean(every)), 4),
        "by source": {name: [len(v), round(float(np.mean(v)), 3)] for name, v in sorted(told.items())},
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=Path, required=True, help="what `train collect` wrote")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--packages", type=Path, required=True, help="folder of the collection's packages")
    parser.add_argument("--threshold", type=float, default=LabelConfig().math_threshold)
    parser.add_argument("--fields", nargs="*", default=list(FIELDS))
    options = parser.parse_args()
    recipe = read_recipe(WORKSHOP / "recipes" / "math.toml")
    rows = list(read_rows([options.rows], "positive"))
    dev = list(read_rows([options.data / name for name in recipe.dev], recipe.positive))
    known = {row.source for row in dev}
    mathematics = [row for row in dev if row.is_positive]
    packaged = list(field_rows(WORKSHOP / "collections" / "fields.toml", options.packages))
    for field in options.fields:
        documents = [row for row in [*packaged, *dev] if row.source.startswith(FIELDS[field])]
        passages = [row for row in rows if row.source.startswith(FIELDS[field])]
        score = fit_rows(
            [row for row in rows if row.source not in known and not row.source.startswith(FIELDS[field])],
            recipe,
        )
        cut = [Row(row.text[:_DOCUMENT_CHARS], False, row.source, row.licence) for row in documents]
        false = score(cut)
        recall = float(np.mean(score(mathematics) >= options.threshold))
        n_true, n_false = recall * len(mathematics), int(np.sum(false >= options.threshold))
        result = {
            "documents": specificity(cut, false, options.threshold),
            "passages": specificity(passages, score(passages), options.threshold),
            "recall of mathematics": round(recall, 4),
            "f1 of documents": round(2 * n_true / (n_true + n_false + len(mathematics)), 4),
        }
        print(json.dumps({field: result}, indent=1), flush=True)


if __name__ == "__main__":
    main()
