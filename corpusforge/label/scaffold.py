"""How structured a mathematical text is, 0-1: the scaffold classifier as it is served.

    text --windows--> passages --prepare--> tokens, counts --grams, layers--> probabilities --mean--> score

`preparation.prepare` turns a passage into what the classifier sees; the workshop trains on it and
this module serves with it, so the two cannot drift apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from corpusforge.label.config import LabelConfig
from corpusforge.label.grams import Linear, linear_margin
from corpusforge.label.layers import Array, Layers, inputs, probabilities
from corpusforge.label.preparation import Prepared, Words, prepare
from corpusforge.label.reading import passages
from corpusforge.label.structure import N_TOKENS, SHAPES

_SCORE_DIGITS = 6
"""Digits of a score: so that the same text has the same score on every processor."""


@dataclass(frozen=True, slots=True, eq=False)
class ScaffoldModel:
    """The scaffold classifier: its words, weights of runs of tokens, layers over counts and their margin."""

    words: Words
    linear: Linear
    layers: Layers


def scaffold_score(text: str, model: ScaffoldModel, config: LabelConfig) -> float:
    """Return how much a mathematical text is a scaffold: a calibrated probability, 0-1.

    A text longer than a training passage is judged by up to `scaffold_windows` evenly spaced
    windows of `scaffold_window_chars`, and their scores are averaged.
    """
    pieces = passages(text, config.scaffold_windows, config.scaffold_window_chars)
    prepared = [prepare(piece, model.words) for piece in pieces]
    return round(float(passage_scores(prepared, model).mean()), _SCORE_DIGITS)


def passage_scores(prepared: Sequence[Prepared], model: ScaffoldModel) -> NDArray[np.float64]:
    """Return f64 [passages]: the probability that each is a scaffold."""
    linear = np.array([linear_margin(passage.ids, model.words.hashes, model.linear) for passage in prepared])
    return probabilities(passage_inputs(prepared, linear), model.layers)


def passage_inputs(prepared: Sequence[Prepared], linear: NDArray[np.float64]) -> Array:
    """Return f64 [passages, inputs]: what the layers see of passages and their linear margins."""
    counts = np.array([passage.counts for passage in prepared])
    return inputs(counts, linear, counts[:, N_TOKENS - len(SHAPES)])
