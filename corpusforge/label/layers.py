r"""The layers above the linear model: structural counts and its margin, weighed by a small neural network.

    counts, linear margin --log--> inputs --standardised--> hidden (ReLU) --> margin --Platt--> probability
                        \--------------- direct --------------------------/

The linear model adds up, so it cannot say "at least two steps and three relations"; this can. Part of its
margin goes past the hidden layer: the mean of the two holds better on sources that neither has seen.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
MAX_DEVIATIONS = 4.0
_MARGIN_SCALE = 3.0
_MIN_TOKENS = 20
FIELDS = ("mean", "scale", "hidden_weights", "hidden_bias", "out_weights")


@dataclass(frozen=True, slots=True, eq=False)
class Layers:
    """A network with one hidden layer; `n` inputs, `h` hidden units."""

    mean: Array
    """[n], of the training rows."""
    scale: Array
    """[n], one over the deviation of the training rows."""
    hidden_weights: Array
    """[n, h]"""
    hidden_bias: Array
    """[h]"""
    out_weights: Array
    """[h]"""
    out_bias: float
    direct: float
    """What the last input, the scaled linear margin, adds to the margin past the hidden layer."""
    slope: float
    """Of the calibration: probability = 1 / (1 + exp(-(slope * margin + offset)))."""
    offset: float


def inputs(counts: NDArray[np.float64], linear: NDArray[np.float64], n_tokens: NDArray[np.float64]) -> Array:
    """Return f64 [rows, 2 * columns + 1] of counts [rows, columns], linear margins, numbers of tokens."""
    density = np.sqrt(counts * (100 / np.maximum(n_tokens, _MIN_TOKENS))[:, None])
    scaled = _within(linear / _MARGIN_SCALE, MAX_DEVIATIONS)
    return np.concatenate([np.log1p(counts), density, scaled[:, None]], axis=1)


def standardised(values: Array, mean: Array, scale: Array) -> Array:
    """Return inputs in deviations of the training rows, at most four of them."""
    return _within((values - mean) * scale, MAX_DEVIATIONS)


def _within(values: NDArray[np.float64], bound: float) -> NDArray[np.float64]:
    # On a few values, several times faster than np.clip.
    return np.minimum(np.maximum(values, -bound), bound)


def margins(values: Array, layers: Layers) -> NDArray[np.float64]:
    """Return f64 [rows]: the network's margin for the positive class, before calibration."""
    shown = standardised(values, layers.mean, layers.scale)
    hidden = np.maximum(shown @ layers.hidden_weights + layers.hidden_bias, 0)
    return hidden @ layers.out_weights + layers.out_bias + layers.direct * values[:, -1]


def blended(layers: Layers, share: float) -> Layers:
    """Return layers whose margin is `share` linear margin, the rest the network's."""
    return replace(
        layers,
        out_weights=layers.out_weights * (1 - share),
        out_bias=layers.out_bias * (1 - share),
        direct=layers.direct * (1 - share) + share * _MARGIN_SCALE,
    )


def probabilities(values: Array, layers: Layers) -> NDArray[np.float64]:
    """Return f64 [rows]: calibrated probabilities of the positive class."""
    return 1 / (1 + np.exp(-_within(layers.slope * margins(values, layers) + layers.offset, 30)))


def encoded(layers: Layers) -> dict[str, Any]:
    """Return layers as values of TOML: arrays as base64 of little-endian f32."""
    values: dict[str, Any] = {
        "inputs": len(layers.mean), "hidden": len(layers.hidden_bias), "out_bias": layers.out_bias,
        "direct": layers.direct,        "slope": layers.slope, "offset": layers.offset,
    }  # fmt: skip
    for name in FIELDS:
        array: Array = getattr(layers, name)
        values[name] = base64.b64encode(array.astype("<f4").tobytes()).decode()
    return values


def decoded(values: dict[str, Any]) -> Layers:
    """Return the layers of `encoded` values. KeyError or ValueError: they are not such values."""
    # In f64: what processors round differently then stays far below the digits that a score keeps.
    arrays = {
        name: np.frombuffer(base64.b64decode(values[name]), dtype="<f4").astype(np.float64) for name in FIELDS
    }
    arrays["hidden_weights"] = arrays["hidden_weights"].reshape(values["inputs"], values["hidden"])
    return Layers(
        **arrays,
        out_bias=float(values["out_bias"]),
        direct=float(values["direct"]),
        slope=float(values["slope"]),
        offset=float(values["offset"]),
    )
