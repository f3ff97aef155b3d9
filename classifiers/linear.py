"""The linear model over runs of tokens, fitted: AdaGrad, row after row, the same weights each time.

Without fastText: it neither takes the logarithm of counts nor gives rare runs longer steps, and is
worse by it, on the sources it learned from as on others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from corpusforge.compiled import jit
from corpusforge.frozen import FrozenConfig
from corpusforge.label.grams import N_SLOTS, Linear, features, weighted_sum
from corpusforge.label.preparation import Prepared, Words


class Grams(FrozenConfig):
    """How the linear model is fitted."""

    epochs: int = Field(default=3, ge=1, description="Passes over the training rows.")
    learning_rate: float = Field(default=0.5, gt=0, description="Of AdaGrad.")
    min_rows: int = Field(default=5, ge=1, description="Rows that a slot must occur in.")
    min_sources: int = Field(default=2, ge=1, description="Sources that a slot must occur in.")
    bare_share: float = Field(
        default=0.0, ge=0, le=1, description="Of the rows: seen a second time, without their formulas."
    )


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """The features of many passages: those of row `r` lie from `bounds[r]` to `bounds[r + 1]`."""

    slots: NDArray[np.int32]
    values: NDArray[np.float32]
    bounds: NDArray[np.int64]


def feature_table(prepared: Sequence[Prepared], words: Words) -> Table:
    """Return the features of passages, in their order."""
    found = [features(passage.ids, words.hashes) for passage in prepared]
    bounds = np.cumsum([0, *(len(slots) for slots, _ in found)])
    return Table(
        np.concatenate([slots for slots, _ in found]), np.concatenate([values for _, values in found]), bounds
    )


def fit_linear(
    table: Table, labels: NDArray[np.bool_], chosen: Any, sources: Sequence[str], options: Grams
) -> Linear:
    """Return the linear model of the chosen rows, in their order."""
    kept = _kept_slots(table, chosen, sources, options)
    fit: Any = _fit
    weights, bias = fit(
        table.slots, table.values, table.bounds, labels, chosen, kept, options.epochs, options.learning_rate
    )
    scale = float(np.abs(weights).max()) / 127 or 1.0
    return Linear(np.rint(weights / scale).astype(np.int8), scale, float(bias))


def table_margins(table: Table, rows: Any, linear: Linear) -> NDArray[np.float64]:
    """Return f64 [rows]: the linear margins of some rows of a table, as `linear_margin` would."""
    spans = [slice(table.bounds[row], table.bounds[row + 1]) for row in rows.tolist()]
    sums = [weighted_sum(table.slots[span], table.values[span], linear.weights) for span in spans]
    return np.array([linear.bias + linear.scale * total for total in sums])


def _kept_slots(table: Table, chosen: Any, sources: Sequence[str], options: Grams) -> NDArray[np.bool_]:
    """Return bool [N_SLOTS]: whether enough rows and sources have a slot."""
    n_rows, n_sources = np.zeros(N_SLOTS, dtype=np.int32), np.zeros(N_SLOTS, dtype=np.int32)
    rows_of: dict[str, list[int]] = {}
    for row in map(int, chosen):
        rows_of.setdefault(sources[row], []).append(row)
    for rows in rows_of.values():
        held = np.bincount(
            np.concatenate([table.slots[table.bounds[r] : table.bounds[r + 1]] for r in rows]),
            minlength=N_SLOTS,
        )
        n_rows += held.astype(np.int32)
        n_sources += held > 0
    return (n_rows >= options.min_rows) & (n_sources >= options.min_sources)


@jit
def _fit(
    slots: Any, values: Any, bounds: Any, labels: Any, chosen: Any, kept: Any, epochs: int, rate: float
) -> tuple[Any, float]:
    weights, squares = np.zeros(kept.shape[0], np.float32), np.full(kept.shape[0], 1e-6, np.float32)
    bias, bias_squares = 0.0, 1e-6
    for _ in range(epochs):
        for row in chosen:
            margin = bias
            for k in range(bounds[row], bounds[row + 1]):
                margin += values[k] * weights[slots[k]]
            error = 1 / (1 + np.exp(-margin)) - labels[row]
            bias_squares += error * error
            bias -= rate * error / np.sqrt(bias_squares)
            for k in range(bounds[row], bounds[row + 1]):
                slot = slots[k]
                if kept[slot]:
                    gradient = error * values[k]
                    squares[slot] += gradient * gradient
                    weights[slot] -= np.float32(rate * gradient / np.sqrt(squares[slot]))
    return weights, bias
