"""The language of a page before it is parsed: a guess that drops only what it is sure of."""

from __future__ import annotations

from corpusforge.document import Document, Drop, DropReason, drop
from corpusforge.label.config import LabelConfig
from corpusforge.label.language import UNDETERMINED, Identifier, identify


def judge_preview(
    document: Document, shown: str, config: LabelConfig, identifier: Identifier
) -> Document | Drop:
    """Return the document, or its drop where the words it shows are surely in no language that is kept.

    `shown` are words of the page, found without a parse (`extract.preview`). Too few of them, or a
    probability below `language_guess_min_score`, decide nothing: the label step does, later.
    """
    if len(shown) < config.language_guess_min_chars:
        return document
    language, score = identify(shown, identifier, config)
    wanted = {code.partition("-")[0] for code in config.languages}
    base = language.partition("-")[0]
    if language == UNDETERMINED or base in wanted or score < config.language_guess_min_score:
        return document
    found = f"{language} {score:.2f} of {len(shown)} characters before extraction"
    return drop(document, DropReason.LANGUAGE, f"{found}, from {config.language_guess_min_score:g}")
