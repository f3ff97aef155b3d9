"""What a classifier could cheat with: length, markup, digits; how well those do alone, and without them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import xxhash

from corpusforge_classifiers.balance import markup_of
from corpusforge_classifiers.figures import Bools, Floats, Scored
from corpusforge_classifiers.rows import Row, source_folds

SURFACE = ("log_chars", "digit_share", "punctuation_share", "tex_share", "line_share")
"""What the baseline knows of a text: nothing of its words."""

Fitter = Callable[[Sequence[Row]], Callable[[Sequence[Row]], Floats]]
"""Rows to learn from in, a function that scores rows out."""


def surface(text: str) -> list[float]:
    """Return the surface features of a text, named by `SURFACE`."""
    n = max(1, len(text))
    digits = sum(map(text.count, "0123456789"))
    punctuation = sum(map(text.count, ".,;:!?()[]{}'\"-"))
    tex = sum(map(text.count, "\\$^_"))
    return [float(np.log(n)), digits / n, punctuation / n, tex / n, text.count("\n") / n]


def fit_surface(rows: Sequence[Row]) -> Callable[[Sequence[Row]], Floats]:
    """Return the surface-features-only baseline, a logistic regression: the `Fitter` to beat."""
    matrix = np.array([surface(row.text) for row in rows])
    mean, deviation = matrix.mean(axis=0), matrix.std(axis=0) + 1e-9
    beta = logistic((matrix - mean) / deviation, np.array([row.is_positive for row in rows]))

    def score(others: Sequence[Row]) -> Floats:
        values = (np.array([surface(row.text) for row in others]) - mean) / deviation
        return 1 / (1 + np.exp(-np.clip(np.column_stack([values, np.ones(len(values))]) @ beta, -60, 60)))

    return score


def logistic(design: Floats, labels: Bools, l2: float = 1e-3) -> Floats:
    """Return the coefficients, intercept last, of a logistic regression; both classes weigh the same."""
    design = np.column_stack([design, np.ones(len(design))])
    weight = np.where(labels, 0.5 / max(1, labels.sum()), 0.5 / max(1, (~labels).sum()))
    beta = np.zeros(design.shape[1])
    for _ in range(40):
        p = 1 / (1 + np.exp(-np.clip(design @ beta, -60, 60)))
        gradient = design.T @ (weight * (p - labels)) + l2 * beta
        hessian = (design * (weight * p * (1 - p))[:, None]).T @ design + l2 * np.eye(len(beta))
        beta -= np.linalg.solve(hessian, gradient)
    return beta


def sources_left_out(rows: Sequence[Row], fit: Fitter, n_folds: int | None = None) -> Scored:
    """Return rows scored by fits that saw none of their source: one a source, or of `n_folds`."""
    n_sources = len({row.source for row in rows})
    kept: list[Row] = []
    scores: list[Floats] = []
    for fold in source_folds(rows, min(n_folds or n_sources, n_sources)):
        held = [row for row in rows if row.source in fold]
        rest = [row for row in rows if row.source not in fold]
        if len({row.is_positive for row in rest}) < 2:
            continue  # one class alone teaches nothing
        kept += held
        scores.append(fit(rest)(held))
    return Scored(kept, np.concatenate(scores) if scores else np.zeros(0))


def length_quartile(rows: Sequence[Row]) -> Callable[[Row], str]:
    """Return the function that names a row's quartile of length, in characters, among `rows`."""
    bounds = np.quantile([len(row.text) for row in rows], [0.25, 0.5, 0.75])

    def name(row: Row) -> str:
        place = int(np.searchsorted(bounds, len(row.text), side="right"))
        low = 0 if place == 0 else int(bounds[place - 1])
        return f"q{place + 1}: {low:,} to {bounds[place]:,.0f}" if place < 3 else f"q4: {low:,} and more"

    return name


def matched(scored: Scored) -> Scored:
    """Return as many rows of each class in every stratum of (length quartile, markup), drawn by hash."""
    quartile = length_quartile(scored.rows)
    strata: dict[tuple[str, str], tuple[list[int], list[int]]] = {}
    ranked = sorted(
        range(len(scored.rows)), key=lambda i: xxhash.xxh3_64_intdigest(scored.rows[i].text.encode())
    )
    for index in ranked:
        row = scored.rows[index]
        sides = strata.setdefault((quartile(row), markup_of(row.text)), ([], []))
        sides[row.is_positive].append(index)
    kept = [i for sides in strata.values() for side in sides for i in side[: min(map(len, sides))]]
    return scored.take(np.array(sorted(kept), dtype=int))
