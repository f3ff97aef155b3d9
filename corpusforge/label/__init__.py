"""The label step: language, mathematics, scaffolds, and the domain of a document."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from corpusforge.document import Document, Drop, DropReason, SourceKind, changed, drop, with_signals
from corpusforge.domains import Domain, Subset
from corpusforge.label.attributes import attributes, section_signals, trace_signal
from corpusforge.label.config import LabelConfig
from corpusforge.label.densities import densities
from corpusforge.label.domain import decide
from corpusforge.label.guess import judge_preview
from corpusforge.label.language import Identifier, identify, load_identifier
from corpusforge.label.lines import comment_lines
from corpusforge.label.math import MathScores, math_scores, warm
from corpusforge.label.model import (
    MathModel,
    ModelError,
    load_math,
    packaged_folder,
    read_pin,
)
from corpusforge.label.own import OwnModel, classify, judge_scores, load_own, own_score
from corpusforge.label.reading import Reading, read
from corpusforge.label.scaffold import ScaffoldModel, scaffold_score
from corpusforge.label.scaffold_model import load_scaffold

__all__ = [
    "LabelConfig",
    "ModelError",
    "Models",
    "classify",
    "judge_preview",
    "judge_scores",
    "label_document",
    "load_models",
    "load_own",
    "math_of",
    "scaffold_of",
]

_CODE_DOMAINS = (Domain.CODE, Domain.CODE_NL)


@dataclass(frozen=True, slots=True)
class Models:
    """The models of the label step, loaded and checked."""

    language: Identifier
    math: MathModel
    scaffold: ScaffoldModel
    own: tuple[OwnModel, ...] = ()
    """Of `[[label.classifiers]]`, in order."""

    def replacing(self, what: str) -> OwnModel | None:
        """Return the classifier in the place of the `math` or `scaffold` model, or None."""
        return next((own for own in self.own if own.config.replaces == what), None)


def load_models(config: LabelConfig) -> Models:
    """Return the models that a configuration pins; a second call with the same pins loads nothing.

    Raises `ModelError` (a ValueError), one clear line, when a file is missing or not the pinned one.
    """
    folder = config.models_folder or str(packaged_folder())
    models = _load(folder, config.math_sha256, config.scaffold_sha256, config.language_sha256)
    return replace(models, own=load_own(config.classifiers)) if config.classifiers else models


@lru_cache(maxsize=2)
def _load(folder: str, math_sha256: str, scaffold_sha256: str, language_sha256: str) -> Models:
    scaffold, math = read_pin("scaffold", folder).path, read_pin("math", folder).path
    warm()  # a pass that is compiled while a document waits would count against its deadline
    for first in ("", "é"):  # there is compiled code for ASCII, and for all else
        densities(first)
    return Models(
        language=load_identifier(folder, language_sha256),
        math=load_math(Path(math), math_sha256),
        scaffold=load_scaffold(Path(scaffold), scaffold_sha256),
    )


def label_document(document: Document, config: LabelConfig, models: Models) -> Document | Drop:
    """Return the document with language, math_score, domain, subset, reason and, if math, scaffold_score.

    A language that a wiki dump states stays. Programs are not asked for mathematics. Drops a document only
    when `languages` is configured and its language is not among them.
    """
    reading = read(document.text)
    language, language_score = _language(document, reading, config, models)
    if config.languages and not _is_wanted(document, language, config):
        detail = f"language {language}, score {language_score:.2f}, is not wanted"
        return drop(document, DropReason.LANGUAGE, detail)
    found: dict[str, Any] = {"language": language, "language_score": language_score}
    scores: MathScores | None = None
    if document.domain not in _CODE_DOMAINS:
        scores, signals = math_of(document.text, reading, config, models)
        document = with_signals(document, signals)
        found["math_score"] = scores.score
    if scores and len(scores.sections) > 1:
        document = with_signals(document, section_signals(scores.sections), **found)
    else:
        document = changed(document, **found)
    decision = decide(document, reading, config)
    document = changed(
        document, domain=decision.domain.value, subset=Subset.ALL.value, domain_reason=decision.reason
    )
    if decision.is_formal:
        document = with_signals(document, {"formal": 1.0})
    if document.domain == Domain.CODE_NL and "has_execution_trace" not in document.signals:
        document = with_signals(document, trace_signal(document.text))
    if document.domain in _CODE_DOMAINS:
        return with_signals(document, densities(document.text))
    if document.domain != Domain.MATH:
        return document
    # none: a proof that arrived as a program
    scores = scores or math_of(document.text, reading, config, models)[0]
    document = replace(document, math_score=scores.score)
    document = with_signals(document, {**attributes(document.text, scores), **densities(document.text)})
    return _with_subset(document, config, models)


def _language(document: Document, reading: Reading, config: LabelConfig, models: Models) -> tuple[str, float]:
    """Return (language, score); one that a dump states is certain where it comes without a score."""
    if document.language and document.source_kind is SourceKind.MEDIAWIKI:
        return document.language, 1.0 if document.language_score is None else document.language_score
    text = reading.bare
    if document.programming_language and document.domain == Domain.CODE:
        text = _words_of_comments(document.text)
    return identify(text, models.language, config)


def _words_of_comments(text: str) -> str:
    """Return the lines of a program that read like comments; a program without them has no language."""
    return "\n".join([line.strip().lstrip("#/*-%;\"' !") for line in comment_lines(text)])


def _is_wanted(document: Document, language: str, config: LabelConfig) -> bool:
    is_program = document.domain in _CODE_DOMAINS and language == "und"
    return is_program or language in config.languages or language.split("-")[0] in config.languages


def math_of(
    text: str, reading: Reading, config: LabelConfig, models: Models
) -> tuple[MathScores, dict[str, float]]:
    """Return (the math tagger's scores, signals); the score by the classifier in its place, if any."""
    scores = math_scores(reading, models.math, config)
    own = models.replacing("math")
    if own is None:
        return scores, {}
    score = own_score(text, own)
    return replace(scores, score=score), {own.config.signal: score}


def scaffold_of(text: str, config: LabelConfig, models: Models) -> tuple[float, dict[str, float]]:
    """Return (scaffold_score, signals) by the scaffold classifier or the one in its place."""
    own = models.replacing("scaffold")
    if own is None:
        return scaffold_score(text, models.scaffold, config), {}
    score = own_score(text, own)
    return score, {own.config.signal: score}


def _with_subset(document: Document, config: LabelConfig, models: Models) -> Document:
    score, signals = scaffold_of(document.text, config, models)
    document = with_signals(document, signals)
    is_scaffold = score >= config.scaffold_threshold
    sign, subset = (">=", Subset.SCAFFOLD) if is_scaffold else ("<", Subset.GENERIC)
    reason = f"{document.domain_reason}; scaffold_score {score:.2f} {sign} {config.scaffold_threshold:g}"
    return replace(document, scaffold_score=score, subset=subset.value, domain_reason=reason)
