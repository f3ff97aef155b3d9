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

from classifiers.balance import language_of, markup_of
from classifiers.confounds import Fitter, fit_surface, length_quartile, matched, sources_left_out
from classifiers.figures import Scored, best_threshold, calibration_curve, figures, grouped, operating_points
from classifiers.recipe import Recipe, read_recipe
from classifiers.rows import Row, allowed, missing, read_rows
from corpusforge.label import LabelConfig, Models, load_models
from corpusforge.label.math import math_scores
from corpusforge.label.reading import read
from corpusforge.label.scaffold import scaffold_score

POSITIVE = {"scaffold": "scaffold", "math": "math"}
_BASELINE_FOLDS = 5

Report = dict[str, Any]


def score_rows(task: str, rows: Sequence[Row], config: LabelConfig, models: Models) -> Scored:
    """Return rows with the scores of the library's own serving path."""
    if task == "scaffold":
        scores = [scaffold_score(row.text, models.scaffold, config) for row in rows]
    else:
        scores = [math_scores(read(row.text), models.math, config).score for row in rows]
    return Scored(rows, np.array(scores, dtype=np.float64))


def evaluate(scored: Scored, threshold: float) -> Report:
    """Return everything that is known of scores: figures, calibration, groups, confounds, baseline."""
    points = operating_points(scored, threshold)
    baseline = sources_left_out(scored.rows, fit_surface, _BASELINE_FOLDS)
    alike = matched(scored)
    quartile = length_quartile(scored.rows)
    return {
        "threshold": threshold,
        "all": figures(scored.labels, scored.scores, threshold),
        "operating_points": {
            f"{name}: {at:.4g}": figures(scored.labels, scored.scores, at) for name, at in points.items()
        },
        "calibration": calibration_curve(scored.labels, scored.scores),
        "surface_baseline": figures(baseline.labels, baseline.scores, 0.5),
        "matched_by_length_and_markup": figures(alike.labels, alike.scores, threshold),
        "by_source": grouped(scored, threshold, lambda row: row.source),
        "by_language": grouped(scored, threshold, lambda row: row.language or language_of(row)),
        "by_kind": grouped(scored, threshold, lambda row: row.kind),
        "by_length": grouped(scored, threshold, quartile),
        "by_markup": grouped(scored, threshold, lambda row: markup_of(row.text)),
    }


def summary(groups: dict[str, dict[str, float]], least_rows: int = 30) -> dict[str, float]:
    """Return mean and worst recall and specificity over groups with at least `least_rows` of that class."""
    found: dict[str, float] = {}
    for name, count in (("recall", "n_positive"), ("specificity", "n_negative")):
        values = [group[name] for group in groups.values() if group[count] >= least_rows]
        found |= {f"mean_{name}": float(np.mean(values)) if values else float("nan")}
        found |= {f"worst_{name}": min(values, default=float("nan"))}
    return found


def mean_and_worst(by_source: dict[str, dict[str, float]]) -> str:
    """Return the sentence that tells the `summary` of groups by source."""
    told = summary(by_source).items()
    over = ", ".join(f"{name.replace('_', ' ')} {value:.3f}" for name, value in told if not np.isnan(value))
    return f"Over sources with at least 30 rows of a class: {over}."


def markdown(report: Report, level: int = 2) -> str:
    """Return a report as Markdown: one table a part."""
    mark = "#" * level
    sets = {
        "all": report["all"],
        "classes matched by length and markup": report["matched_by_length_and_markup"],
        "surface features alone (sources left out)": report["surface_baseline"],
    }
    parts = [
        f"{mark} Figures at {report['threshold']:g}\n\n{markdown_figures(sets)}",
        f"{mark} Operating points\n\n{markdown_figures(report['operating_points'])}",
        f"{mark} Calibration\n\n{_markdown_curve(report['calibration'])}",
    ]
    for name in ("source", "language", "kind", "length", "markup"):
        parts.append(f"{mark} By {name}\n\n{markdown_groups(report[f'by_{name}'])}")
    return "\n\n".join(parts)


def markdown_figures(columns: dict[str, dict[str, float]]) -> str:
    """Return a Markdown table: a row for each named set, a column for each figure."""
    names = list(next(iter(columns.values())))
    lines = ["| set | " + " | ".join(names) + " |", "| --- |" + " ---: |" * len(names)]
    for title, values in columns.items():
        cells = [f"{values[name]:.0f}" if name == "n" else _share(values[name], 4) for name in names]
        lines.append(f"| {title} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def markdown_groups(groups: dict[str, dict[str, float]]) -> str:
    """Return a Markdown table of groups: rows and accuracy of each class, AUC."""
    lines = [
        "| group | positive | recall | negative | specificity | AUC |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    for name, group in groups.items():
        recall, specificity, area = (_share(group[key]) for key in ("recall", "specificity", "auc"))
        sides = f"{group['n_positive']:.0f} | {recall} | {group['n_negative']:.0f} | {specificity}"
        lines.append(f"| {name} | {sides} | {area} |")
    return "\n".join(lines)


def _share(value: float, n_digits: int = 3) -> str:
    return "" if math.isnan(value) else f"{value:.{n_digits}f}"


def _markdown_curve(curve: Sequence[tuple[float, float, float, int]]) -> str:
    lines = ["| from | mean score | positive | rows |", "| ---: | ---: | ---: | ---: |"]
    lines += [f"| {low:.1f} | {mean:.3f} | {share:.3f} | {n} |" for low, mean, share, n in curve]
    return "\n".join(lines)


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
        from classifiers.train_math import fit_rows

        return lambda rows: fit_rows(rows, recipe)
    from classifiers.train_scaffold import fit_rows as fit_scaffold_rows

    return lambda rows: fit_scaffold_rows(rows, recipe)


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
        print(f"corpusforge: evaluate: {absent}: no such file", file=sys.stderr)
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
        print(f"corpusforge: evaluate: {options.data[0]}: {first_line}", file=sys.stderr)
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
