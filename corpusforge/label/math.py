"""Whether a document, or a section of a page, is mathematics: evidence, weighed.

    text --reading--> prose --sections--> counts, fastText logit --sum, mean--> evidence --logistic--> score

The evidence is what `counting` counts (formulas, signs, relations, notation, vocabulary; against
them code, rows of figures, money, talk of people and firms) and the opinion of a small fastText
model about the words. A logistic regression, fitted by the workshop (`classifiers`), weighs it;
its weights are a small TOML file. So prices, CSV and score sheets are not mathematics however
many digits and operators they hold, and mathematics without LaTeX is.

A document is judged by the sum of its sections' counts and the mean of their logits; each section
by its own. The document's score decides `is_math`; the sections' scores are stored as signals, so
that a recipe can find a page with one mathematical section.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpusforge.compiled import jit
from corpusforge.label.config import ApplyingField, LabelConfig
from corpusforge.label.counting import count, state
from corpusforge.label.model import MathModel, TextClassifier
from corpusforge.label.reading import Reading
from corpusforge.label.vocabulary import FORMULA_CLOSE, FORMULA_OPEN

MATH_LABEL = "__label__math"
NOT_MATH_LABEL = "__label__not_math"

EVIDENCE = (
    "fasttext", "formula_share", "formulas", "formula_relations", "signs", "relations", "operations",
    "notation", "commands", "variables", "strong_words", "strong_kinds", "weak_words", "connectives",
    "digits", "number_rows", "table_rows", "score_lines", "money", "people", "code_signs", "code_lines",
    "assignments", "mixed", "hashes", "applied",
)  # fmt: skip
"""The names of the evidence, in the order of `evidence()`."""

_HEADING = re.compile(r"\n(?=#{1,6} )")
_MAX_LOGIT = 8.0


@dataclass(frozen=True, slots=True, eq=False)
class Section:
    """A piece of a document, counted."""

    counters: NDArray[np.int64]
    seen: NDArray[np.uint8]
    logit: float
    """Of the fastText model, for mathematics."""


@dataclass(frozen=True, slots=True, eq=False)
class MathScores:
    """What the tagger says of a document; scores are probabilities, 0-1."""

    score: float
    sections: tuple[float, ...]
    counters: NDArray[np.int64]
    """Sums over the sections, in the order of `COUNTERS`."""


def marked(reading: Reading) -> str:
    """Return a text's prose in lower case with its formulas between the marks that `count` knows."""
    prose, position = reading.prose, 0
    pieces: list[str] = []
    for start, end in reading.formulas:
        pieces += (prose[position:start], FORMULA_OPEN, prose[start:end], FORMULA_CLOSE)
        position = end
    return "".join((*pieces, prose[position:])).lower()


def sections(prose: str, config: LabelConfig) -> list[str]:
    """Return the sections of a marked text: whole paragraphs up to `math_section_chars`, at least one.

    A paragraph longer than that is a section of its own, cut at four times the size. Of more than
    `math_sections`, evenly spaced ones are kept.
    """
    size, n_chars = config.math_section_chars, 0
    pieces: list[str] = []
    current: list[str] = []
    for paragraph in _paragraphs(prose):
        is_heading = paragraph.startswith("#") and n_chars * 3 > size
        if current and (n_chars + len(paragraph) > size or is_heading):
            pieces.append("\n\n".join(current))
            current, n_chars = [], 0
        for start in range(0, len(paragraph) - 4 * size, 4 * size):
            pieces.append(paragraph[start : start + 4 * size])
        rest = paragraph[max(0, (len(paragraph) - 1) // (4 * size)) * 4 * size :]
        current.append(rest)
        n_chars += len(rest)
    pieces = [piece for piece in (*pieces, "\n\n".join(current)) if piece and not piece.isspace()]
    if len(pieces) <= config.math_sections:
        return pieces or [""]
    stride = len(pieces) / config.math_sections
    return [pieces[int(i * stride)] for i in range(config.math_sections)]


def _paragraphs(prose: str) -> Iterator[str]:
    """Yield what blank lines and headings part."""
    for paragraph in prose.split("\n\n"):
        paragraph = paragraph.lstrip("\n")
        if "\n#" in paragraph:
            yield from _HEADING.split(paragraph)
        elif paragraph:
            yield paragraph


def count_sections(reading: Reading, classifier: TextClassifier | None, config: LabelConfig) -> list[Section]:
    """Return the sections of a document, counted; logits are 0 without a classifier."""
    found: list[Section] = []
    for piece in sections(marked(reading), config):
        counters, seen, tokens = count(piece)
        found.append(Section(counters, seen, 0.0 if classifier is None else text_logit(tokens, classifier)))
    return found


def text_logit(tokens: str, classifier: TextClassifier) -> float:
    """Return the fastText log-odds of mathematics for the tokens of a section, within +-8."""
    for probability, label in classifier.predict(tokens + "\n", 2, 0.0, "strict"):
        if label == MATH_LABEL:
            p = min(1 - 1e-9, max(1e-9, probability))
            return max(-_MAX_LOGIT, min(_MAX_LOGIT, math.log(p / (1 - p))))
    return -_MAX_LOGIT


def whole(found: Sequence[Section]) -> Section:
    """Return the document that sections make up: counts summed, logits averaged by length."""
    if len(found) == 1:
        return found[0]
    lengths = [float(section.counters[0] + section.counters[1]) + 1 for section in found]
    logit = math.fsum(s.logit * n for s, n in zip(found, lengths, strict=True)) / math.fsum(lengths)
    counters, seen = found[0].counters.copy(), found[0].seen.copy()
    for section in found[1:]:
        counters += section.counters
        np.maximum(seen, section.seen, out=seen)
    return Section(counters, seen, logit)


def evidence(section: Section) -> list[float]:
    """Return the evidence about a section or a document, named by `EVIDENCE`: densities, log-scaled."""
    n_kinds = int(np.count_nonzero(section.seen))
    return list(_evidence(section.counters, n_kinds, section.logit))


def _field_density(counters: NDArray[np.int64], field: int) -> float:
    """Return ln(1 + the words of a field in 1,000 words)."""
    return math.log1p(float(counters[field]) * _per_word(counters))


@jit
def _per_word(c: Any) -> Any:
    return 1000 / max(30, c[state.WORDS] + c[state.CJK] // 2 + c[state.FORMULAS])


@jit
def _evidence(c: Any, n_kinds: int, logit: float) -> Any:
    n_chars = max(1, c[state.CHARS] + c[state.FORMULA_CHARS])
    n_lines = max(1, c[state.LINES])
    per_word = _per_word(c)
    return (
        logit,
        math.sqrt(c[state.FORMULA_CHARS] / n_chars),
        math.log1p(c[state.FORMULAS] * 1000 / n_chars),
        math.log1p(c[state.FORMULA_RELATIONS] * 1000 / n_chars),
        math.log1p(c[state.SIGNS] * 1000 / n_chars),
        math.log1p(c[state.RELATIONS] * 1000 / n_chars),
        math.log1p(c[state.OPERATIONS] * 1000 / n_chars),
        math.log1p(c[state.NOTATION] * 1000 / n_chars),
        math.log1p(c[state.COMMANDS] * 1000 / n_chars),
        math.log1p(c[state.VARIABLES] * 1000 / n_chars),
        math.log1p(c[state.STRONG] * per_word),
        math.log1p(float(n_kinds)),
        math.log1p(c[state.WEAK] * per_word),
        math.log1p(c[state.CONNECTIVES] * per_word),
        math.sqrt(c[state.DIGITS] / n_chars),
        c[state.NUMBER_ROWS] / n_lines,
        c[state.TABLE_ROWS] / n_lines,
        c[state.SCORE_LINES] / n_lines,
        math.log1p((c[state.MONEY] + c[state.MONEY_WORDS]) * per_word),
        math.log1p(c[state.PEOPLE] * per_word),
        math.log1p(c[state.CODE_SIGNS] * 1000 / n_chars),
        c[state.CODE_LINES] / n_lines,
        math.log1p(c[state.ASSIGNMENTS] * 1000 / n_chars),
        math.log1p(c[state.MIXED] * per_word),
        math.log1p(c[state.HASHES] * per_word),
        math.log1p((c[state.FINANCE] + c[state.SPORT] + c[state.PHYSICS] + c[state.ENGINEERING]) * per_word),
    )


def score_of(section: Section, model: MathModel, offsets: Mapping[ApplyingField, float]) -> float:
    """Return the probability, 0-1, that a section or a document is mathematics.

    `offsets`: what a user moves the border of a field by, `LabelConfig.math_field_offsets`.
    """
    total = model.bias
    for value, weight in zip(evidence(section), model.weights, strict=True):
        total += value * weight
    for field, offset in offsets.items():
        total += offset * _field_density(section.counters, state.COUNTERS.index(field))
    return 1 / (1 + math.exp(-max(-60.0, min(60.0, total))))


def math_scores(reading: Reading, model: MathModel, config: LabelConfig) -> MathScores:
    """Return the scores of a document and of its sections."""
    found = count_sections(reading, model.classifier, config)
    offsets = config.math_field_offsets
    document = whole(found)
    score = score_of(document, model, offsets)
    scores = (score,) if len(found) == 1 else tuple(score_of(section, model, offsets) for section in found)
    return MathScores(score, scores, document.counters)


@lru_cache(maxsize=1)
def warm() -> int:
    """Return the number of counters after compiling what counts, or loading it from the cache on disk."""
    counters, seen, _ = count("x = 1")
    evidence(Section(counters, seen, 0.0))
    return len(counters)
