"""How good scores are, on labelled rows: figures, calibration, groups, confounds, a baseline; as Markdown."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from corpusforge_classifiers.balance import language_of, markup_of
from corpusforge_classifiers.confounds import fit_surface, length_quartile, matched, sources_left_out
from corpusforge_classifiers.figures import Scored, calibration_curve, figures, grouped, operating_points

_BASELINE_FOLDS = 5


Report = dict[str, Any]


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
