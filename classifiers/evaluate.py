"""How good a classifier is, on labelled rows: JSON and Markdown.

`corpusforge evaluate --task scaffold --data FILE` judges the packaged model;
`--leave-one-source-out RECIPE` trains the recipe anew without each source and judges it on that.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from corpusforge.label import LabelConfig, Models, load_models
from corpusforge.label.math import math_scores
from corpusforge.label.reading import read
from corpusforge.label.scaffold import scaffold_score
from corpusforge.printable import visible
from corpusforge_classifiers import train_math, train_scaffold
from corpusforge_classifiers.confounds import Fitter, sources_left_out
from corpusforge_classifiers.figures import Scored, best_threshold
from corpusforge_classifiers.recipe import Recipe, read_recipe
from corpusforge_classifiers.report import evaluate, markdown, summary
from corpusforge_classifiers.rows import Row, allowed, missing, read_rows

POSITIVE = {"scaffold": "scaffold", "math": "math"}


def score_rows(task: str, rows: Sequence[Row], config: LabelConfig, models: Models) -> Scored:
    """Return rows with the scores of the library's own serving path."""
    if task == "scaffold":
        scores = [scaffold_score(row.text, models.scaffold, config) for row in rows]
    else:
        scores = [math_scores(read(row.text), models.math, config).score for row in rows]
    return Scored(rows, np.array(scores, dtype=np.float64))


def _without_nan(value: Any) -> Any:
    """Return a report as JSON can hold it: null where a figure does not exist."""
    if isinstance(value, dict):
        return {name: _without_nan(held) for name, held in value.items()}  # pyright: ignore
    if isinstance(value, list | tuple):
        return [_without_nan(held) for held in value]  # pyright: ignore
    return None if isinstance(value, float) and math.isnan(value) else value


def fitter(recipe: Recipe) -> Fitter:
    """Return the function that trains a recipe on rows, for `sources_left_out`."""
    if recipe.name == "math":
        return lambda rows: train_math.fit_rows(rows, recipe)
    return lambda rows: train_scaffold.fit_rows(rows, recipe)


def _left_out(options: argparse.Namespace, rows: Sequence[Row]) -> tuple[Scored, float]:
    recipe = read_recipe(options.leave_one_source_out)
    usable = allowed(rows, recipe.licences)
    scored = sources_left_out(usable, fitter(recipe), options.folds)
    return scored, recipe.threshold or best_threshold([scored])


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the figures of a model on labelled rows as JSON; return the exit status."""
    parser = argparse.ArgumentParser(prog="corpusforge evaluate", description=main.__doc__)
    parser.add_argument("--task", choices=sorted(POSITIVE), required=True)
    parser.add_argument(
        "--data", type=Path, nargs="+", required=True, help="JSONL, Parquet or corpus folders"
    )
    parser.add_argument("--markdown", type=Path, help="write the report as Markdown too")
    parser.add_argument(
        "--leave-one-source-out", type=Path, metavar="RECIPE", help="train without each source"
    )
    parser.add_argument("--folds", type=int, help="groups of sources to leave out at once; none: each alone")
    options = parser.parse_args(arguments)
    absent = missing(options.data)
    if absent:
        print(visible(f"corpusforge: evaluate: {absent}: no such file"), file=sys.stderr)
        return 2
    try:
        rows = list(read_rows(options.data, POSITIVE[options.task]))
        if options.leave_one_source_out:
            scored, threshold = _left_out(options, rows)
        else:
            config = LabelConfig()
            threshold = config.scaffold_threshold if options.task == "scaffold" else config.math_threshold
            scored = score_rows(options.task, rows, config, load_models(config))
    except (OSError, ValueError, KeyError) as error:
        first_line = (str(error).splitlines() or ["?"])[0]
        print(visible(f"corpusforge: evaluate: {options.data[0]}: {first_line}"), file=sys.stderr)
        return 2
    report = evaluate(scored, threshold)
    report |= {"task": options.task, "over_sources": summary(report["by_source"])}
    print(json.dumps(_without_nan(report), indent=1))
    if options.markdown:
        title = f"# {options.task} on {', '.join(path.name for path in options.data)}"
        options.markdown.write_text(f"{title}\n\n{markdown(report)}\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
