"""Classifiers of one's own: a text's score by a fastText model, as `[[label.classifiers]]` says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from corpusforge.document import Document, Drop, drop, with_signals
from corpusforge.label.counting import count
from corpusforge.label.fasttext_file import load_classifier, probability
from corpusforge.label.math import marked
from corpusforge.label.own_config import ClassifierConfig
from corpusforge.label.reading import passages, read
from corpusforge.step import OwnReason

_SCORE_DIGITS = 6
"""Digits of a score: so that the same text has the same score on every processor."""


@dataclass(frozen=True, slots=True)
class OwnModel:
    """A classifier with its settings."""

    config: ClassifierConfig
    model: tuple[Any, int]


def load_own(classifiers: Sequence[ClassifierConfig]) -> tuple[OwnModel, ...]:
    """Return classifiers, loaded and checked; raises `ModelError`, one line, where one cannot be."""
    return tuple(OwnModel(one, load_classifier(one.path, one.sha256)) for one in classifiers)


def prepared_line(text: str, preparation: str) -> str:
    """Return a text as the one line that a fastText model learns from and is asked about."""
    if preparation == "prepared":
        text = count(marked(read(text)))[2]
    return " ".join(text.split())


def own_score(text: str, own: OwnModel) -> float:
    """Return the probability, 0-1, of the classifier's label for a text."""
    config = own.config
    pieces = [text]
    if config.windowing == "first":
        pieces = [text[: config.window_chars]]
    elif config.windowing != "whole":
        pieces = passages(text, config.windows, config.window_chars)
    lines = (prepared_line(piece, config.preparation) for piece in pieces)
    scores = [probability(own.model, line, config.label) for line in lines]
    score = max(scores) if config.windowing == "max" else sum(scores) / len(scores)
    return round(score, _SCORE_DIGITS)


def classify(document: Document, models: Sequence[OwnModel]) -> Document:
    """Return the document with the scores of all classifiers that its domain is for."""
    scores = {
        own.config.signal: own_score(document.text, own)
        for own in models
        if own.config.replaces is None and (not own.config.domains or document.domain in own.config.domains)
    }
    return with_signals(document, scores)


def judge_scores(document: Document, models: Sequence[OwnModel]) -> Document | Drop:
    """Return the document, or its drop by the first threshold of a classifier that it breaks."""
    for own in models:
        score = document.signals.get(own.config.signal)
        if score is not None and (broken := _broken(score, own.config)):
            return drop(document, OwnReason(f"classifier:{own.config.name}"), broken)
    return document


def _broken(score: float, config: ClassifierConfig) -> str | None:
    if config.drop_below is not None and score < config.drop_below:
        return f"{config.signal} {score:.4g} < {config.drop_below:g}"
    if config.drop_above is not None and score > config.drop_above:
        return f"{config.signal} {score:.4g} > {config.drop_above:g}"
    return None
