"""The layers above the linear model, fitted: Adam over shuffled batches, the same weights each time.

The gradients are loops of one thread: a BLAS sums in an order that depends on its threads.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from corpusforge.compiled import jit
from corpusforge.frozen import FrozenConfig
from corpusforge.label.layers import Array, Layers, margins, standardised

Weights = NDArray[np.float32]

_BETA_1, _BETA_2, _EPSILON = 0.9, 0.999, 1e-8  # Kingma and Ba, Adam, 2015


class Network(FrozenConfig):
    """How the hidden layer is fitted."""

    networks: int = Field(
        default=4, ge=1, description="Networks, from other seeds, whose margins are averaged."
    )
    hidden: int = Field(default=48, ge=1, description="Hidden units.")
    epochs: int = Field(default=12, ge=1, description="Passes over the training rows.")
    batch_rows: int = Field(default=256, ge=1, description="Rows of a step.")
    learning_rate: float = Field(default=0.004, gt=0, description="At its peak, after a tenth of the steps.")
    weight_decay: float = Field(
        default=1e-4, ge=0, description="Share of a weight lost per unit of learning rate."
    )
    dropout: float = Field(
        default=0.2, ge=0, lt=1, description="Share of hidden units left out at each step."
    )
    linear_share: float = Field(
        default=0.5, ge=0, le=1, description="Of the margin; the rest is the network's."
    )
    input_noise: float = Field(default=0.1, ge=0, lt=1, description="Share of inputs left out at each step.")


def fit_layers(values: Array, labels: NDArray[np.bool_], options: Network, seed: int) -> Layers:
    """Return the layers fitted to rows of inputs, not yet calibrated (slope 1, offset 0)."""
    draw = np.random.default_rng(seed)
    mean, scale = _as_stored(values.mean(axis=0)), _as_stored(1 / (values.std(axis=0) + 1e-3))
    shown = standardised(values, mean, scale).astype(np.float32)
    truth = labels.astype(np.float32)
    n_inputs = values.shape[1]
    spread = np.sqrt(2 / n_inputs)
    weights = [
        (draw.standard_normal((n_inputs, options.hidden)) * spread).astype(np.float32),
        np.zeros(options.hidden, dtype=np.float32),
        (draw.standard_normal(options.hidden) / np.sqrt(options.hidden)).astype(np.float32),
        np.zeros(1, dtype=np.float32),
    ]
    moments = [(np.zeros_like(w), np.zeros_like(w)) for w in weights]
    n_steps = options.epochs * -(-len(truth) // options.batch_rows)
    step = 0
    for _ in range(options.epochs):
        order = draw.permutation(len(truth))
        for start in range(0, len(truth), options.batch_rows):
            batch = order[start : start + options.batch_rows]
            step += 1
            gradients = _gradients(weights, shown[batch], truth[batch], options, draw)
            _adam(weights, gradients, moments, step, n_steps, options)
    fitted = [weight.astype(np.float64) for weight in weights]
    return Layers(mean, scale, *fitted[:3], out_bias=float(fitted[3][0]), direct=0.0, slope=1.0, offset=0.0)


def _as_stored(values: Array) -> Array:
    """Return values rounded as the model's file holds them: what is judged is what is served."""
    return values.astype(np.float32).astype(np.float64)


def _gradients(
    weights: list[Weights], shown: Weights, truth: Weights, options: Network, draw: np.random.Generator
) -> list[Weights]:
    """Return the gradients of the cross entropy of a batch, with dropout."""
    kept = (draw.random(shown.shape, dtype=np.float32) >= options.input_noise) / np.float32(
        1 - options.input_noise
    )
    mask = draw.random((len(shown), options.hidden), dtype=np.float32) >= options.dropout
    gradients = [np.zeros_like(weight) for weight in weights]
    add: Any = _add_gradients
    add(*weights, shown * kept, truth, mask / np.float32(1 - options.dropout), *gradients)
    return gradients


@jit
def _add_gradients(
    w: Any,
    b: Any,
    out: Any,
    out_b: Any,
    shown: Any,
    truth: Any,
    mask: Any,
    dw: Any,
    db: Any,
    dout: Any,
    dout_b: Any,
) -> None:
    n_rows, n_inputs = shown.shape
    n_hidden = b.shape[0]
    hidden, back = np.empty(n_hidden, np.float32), np.empty(n_hidden, np.float32)
    for row in range(n_rows):
        hidden[:] = b
        for i in range(n_inputs):
            x = shown[row, i]
            if x != 0:
                for k in range(n_hidden):
                    hidden[k] += x * w[i, k]
        margin = out_b[0]
        for k in range(n_hidden):
            hidden[k] = max(hidden[k], np.float32(0)) * mask[row, k]
            margin += hidden[k] * out[k]
        error = np.float32((1 / (1 + np.exp(-np.float64(margin))) - truth[row]) / n_rows)
        for k in range(n_hidden):
            dout[k] += error * hidden[k]
            back[k] = error * out[k] * mask[row, k] if hidden[k] > 0 else np.float32(0)
            db[k] += back[k]
        dout_b[0] += error
        for i in range(n_inputs):
            x = shown[row, i]
            if x != 0:
                for k in range(n_hidden):
                    dw[i, k] += x * back[k]


def _adam(
    weights: list[Weights],
    gradients: list[Weights],
    moments: list[tuple[Weights, Weights]],
    step: int,
    n_steps: int,
    options: Network,
) -> None:
    """Take one step in place; the rate rises for a tenth of the steps and falls along a cosine."""
    warm = n_steps / 10
    rate = step / warm if step < warm else 0.5 * (1 + np.cos(np.pi * (step - warm) / (n_steps - warm + 1)))
    rate *= options.learning_rate
    for weight, gradient, (first, second) in zip(weights, gradients, moments, strict=True):
        first += (1 - _BETA_1) * (gradient - first)
        second += (1 - _BETA_2) * (gradient * gradient - second)
        unbiased = first / (1 - _BETA_1**step) / (np.sqrt(second / (1 - _BETA_2**step)) + _EPSILON)
        weight -= (rate * (unbiased + options.weight_decay * weight)).astype(np.float32)


def averaged(members: Sequence[Layers]) -> Layers:
    """Return the one network whose margin is the mean of the members' margins, not yet calibrated."""
    first, n = members[0], len(members)
    return replace(
        first,
        hidden_weights=np.concatenate([member.hidden_weights for member in members], axis=1),
        hidden_bias=np.concatenate([member.hidden_bias for member in members]),
        out_weights=_as_stored(np.concatenate([member.out_weights for member in members]) / n),
        out_bias=math.fsum(member.out_bias for member in members) / n,
    )


def calibrated(layers: Layers, values: Array, labels: NDArray[np.bool_]) -> Layers:
    """Return layers with Platt's slope and offset, fitted on rows that the layers did not learn from."""
    slope, offset = platt(margins(values, layers), labels, np.ones(len(labels)))
    return replace(layers, slope=slope, offset=offset)


def platt(raw: Array, labels: NDArray[np.bool_], importance: Array) -> tuple[float, float]:
    """Return (slope, offset) such that 1 / (1 + exp(-(slope * raw + offset))) is the share of positives.

    The targets are Platt's (1999): a little within 0 and 1, so that classes that part cleanly stay finite.
    """
    n_positive = int(labels.sum())
    high, low = (n_positive + 1) / (n_positive + 2), 1 / (len(labels) - n_positive + 2)
    targets = np.where(labels, high, low)
    design = np.column_stack([raw, np.ones(len(labels))])
    beta = np.array([1.0, 0.0])
    for _ in range(50):
        p = 1 / (1 + np.exp(-np.clip(design @ beta, -30, 30)))
        hessian = (design * (importance * p * (1 - p))[:, None]).T @ design + 1e-6 * np.eye(2)
        beta -= np.linalg.solve(hessian, design.T @ (importance * (p - targets)))
    return round(float(beta[0]), 6), round(float(beta[1]), 6)
