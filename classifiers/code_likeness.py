"""Code-likeness, the study's recipe as notes tell it: code against other text, applied to mathematics.

    dumps --read--> files --windows--> code | text, balanced --prepare, fastText--> likeness to code

Nothing of it ships. Its card compares it, on mathematics from sources never seen and on the set to
choose on, with the packaged scaffold classifier, with both together, and with what needs no model.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from corpusforge.document import Document
from corpusforge.extract import ExtractConfig, extract_document
from corpusforge.fences import split_fences
from corpusforge.ingest import IngestConfig, InputFile, read
from corpusforge.label import LabelConfig, load_models
from corpusforge.label.grams import linear_margin
from corpusforge.label.layers import margins, probabilities
from corpusforge.label.model import TextClassifier
from corpusforge.label.preparation import Words, prepare, token_line, word_table
from corpusforge.label.scaffold import ScaffoldModel, passage_inputs
from corpusforge.text import clean_text
from corpusforge_classifiers.confounds import fit_surface, logistic
from corpusforge_classifiers.fasttext_model import train_lines
from corpusforge_classifiers.figures import Floats, Scored, best_threshold, figures, grouped
from corpusforge_classifiers.recipe import CodeLikeness, Recipe
from corpusforge_classifiers.report import markdown_figures, markdown_groups
from corpusforge_classifiers.rows import Row, allowed, read_rows, shuffled, source_folds
from corpusforge_classifiers.train_scaffold import capped, others, shared_words

_MAX_RAW_BYTES = 500_000
_POSITIVE, _NEGATIVE = "__label__positive", "__label__negative"
_SURE = 1e-6
_STEPS = ("@so", "@since", "@let", "@get", "@next", "@substitute", "@implies", "@first", "@finally")
_RELATIONS = ("=", "<", ">", "<=", ">=", "!=", "≡", "∈")


def compare(recipe: Recipe, data: Path) -> str:
    """Return the card, Markdown, of code-likeness beside the packaged scaffold classifier."""
    everything = list(read_rows([data / name for name in recipe.train], recipe.positive))
    learned = allowed(everything, recipe.licences)
    unseen = capped(shuffled(others(everything, learned), recipe.seed), recipe.unseen_rows_per_source)
    dev = list(read_rows([data / name for name in recipe.dev], recipe.positive))
    passages = code_rows(recipe, data)
    code, plain = _fit_tokens(passages, recipe), _fit_tokens(learned, recipe)
    model = load_models(LabelConfig()).scaffold
    parts = [f"# Code-likeness against derivations, recipe version {recipe.version}", _describe(passages)]
    for title, rows in (("Sources never seen", unseen), ("Dev", dev)):
        sets = _all_scores(rows, learned, code, plain, model)
        table = {name: figures(s.labels, s.scores, best_threshold([s])) for name, s in sets.items()}
        parts.append(f"## {title}\n\n{markdown_figures(table)}")
        for name in ("(a) derivation", "(b) code-likeness"):
            groups = grouped(sets[name], best_threshold([sets[name]]), lambda row: row.kind)
            parts.append(f"### {name}, by kind\n\n{markdown_groups(groups)}")
    return "\n\n".join(parts) + "\n"


def _describe(passages: Sequence[Row]) -> str:
    n_code = sum(row.is_positive for row in passages)
    n_sources = len({row.source for row in passages})
    return (
        f"{n_code:,} windows of code, {len(passages) - n_code:,} of other text, from {n_sources:,}"
        " repositories and files. Each score is judged at the threshold of its best F1 on that very set,"
        " which flatters the weaker ones. The combination is a logistic regression over both margins, fitted"
        " on the other half of the sources. The density baseline counts step words and relations per token;"
        " it and the surface baseline learn from the training rows. (a) is the packaged model: of dev it has"
        " seen the open sources. Scores of code-likeness are ranks: their calibration means nothing."
    )


def _all_scores(
    rows: Sequence[Row], learned: Sequence[Row], code: TokenModel, plain: TokenModel, model: ScaffoldModel
) -> dict[str, Scored]:
    """Return every way of scoring rows, by name."""
    prepared = [prepare(row.text, model.words) for row in rows]
    linear = np.array([linear_margin(passage.ids, model.words.hashes, model.linear) for passage in prepared])
    values = passage_inputs(prepared, linear)
    a, b = margins(values, model.layers), code.logits(rows)
    return {
        "(a) derivation": Scored(rows, probabilities(values, model.layers)),
        "(b) code-likeness": Scored(rows, _ranked(b)),
        "(a) and (b) together": Scored(rows, combined(rows, np.column_stack([a, b]))),
        "fastText alone, on the tokens and rows of (a)": Scored(rows, _probability(plain.logits(rows))),
        "densities of steps and relations": Scored(rows, _fit_densities(learned, model.words)(rows)),
        "surface features": Scored(rows, fit_surface(learned)(rows)),
    }


@dataclass(frozen=True, slots=True, eq=False)
class TokenModel:
    """A fastText model over tokens, and the table of its words."""

    words: Words
    classifier: TextClassifier

    def logits(self, rows: Sequence[Row]) -> Floats:
        """Return how much each row looks like the positive rows (code, or scaffolds), as a logit."""
        lines = (token_line(prepare(row.text, self.words), self.words) for row in rows)
        return np.array([token_logit(line, self.classifier) for line in lines])


def token_logit(tokens: str, classifier: TextClassifier) -> float:
    """Return fastText's logit of the positive class for one line of tokens, within +-14."""
    for probability, label in classifier.predict(tokens + "\n", 1, 0.0, "strict"):
        p = min(1 - _SURE, max(_SURE, probability))
        return math.log(p / (1 - p)) if label == _POSITIVE else math.log((1 - p) / p)
    return 0.0


def _fit_tokens(passages: Sequence[Row], recipe: Recipe) -> TokenModel:
    """Return the fastText model that rows teach, in the order of their hashes."""
    assert recipe.fasttext and recipe.vocabulary
    passages = shuffled(passages, recipe.seed)
    words = word_table(shared_words(passages, recipe.vocabulary))
    lines = (
        f"{_POSITIVE if row.is_positive else _NEGATIVE} {token_line(prepare(row.text, words), words)}"
        for row in passages
    )
    return TokenModel(words, train_lines(lines, recipe.fasttext, recipe.seed, quantise=False).f)


def _fit_densities(learned: Sequence[Row], words: Words) -> Callable[[Sequence[Row]], Floats]:
    """Return the function that scores rows by their densities of step words and relations."""
    steps = [words.counted.index(name) for name in _STEPS]
    relations = [words.counted.index(name) for name in _RELATIONS]
    total = words.counted.index("n_tokens")

    def densities(rows: Sequence[Row]) -> Floats:
        counts = np.array([prepare(row.text, words).counts for row in rows])
        per_token = 100 / np.maximum(20, counts[:, total])
        return np.log1p(np.column_stack([counts[:, c].sum(axis=1) * per_token for c in (steps, relations)]))

    matrix = densities(learned)
    beta = logistic(matrix, np.array([row.is_positive for row in learned]))
    return lambda rows: _probability(np.column_stack([densities(rows), np.ones(len(rows))]) @ beta)


def combined(rows: Sequence[Row], matrix: Floats) -> Floats:
    """Return scores of both margins weighed by a regression on the other half of the sources."""
    labels = np.array([row.is_positive for row in rows])
    scores = np.zeros(len(rows))
    for fold in source_folds(rows, 2):
        held = np.array([row.source in fold for row in rows])
        beta = logistic(matrix[~held], labels[~held])
        scores[held] = _probability(np.column_stack([matrix[held], np.ones(held.sum())]) @ beta)
    return scores


def _ranked(margin: Floats) -> Floats:
    """Return each margin's rank, 0-1: on mathematics the probability of code means nothing."""
    distinct, place = np.unique(margin, return_inverse=True)
    return place / max(1, len(distinct) - 1)


def _probability(margin: Floats) -> Floats:
    return 1 / (1 + np.exp(-np.clip(margin, -30, 30)))


def code_rows(recipe: Recipe, data: Path) -> list[Row]:
    """Return as many windows of code as of other text, drawn by hash; positive: code."""
    assert recipe.code is not None
    sides: tuple[list[Row], list[Row]] = ([], [])
    for pattern in recipe.code.dumps:
        paths = sorted(data.glob(pattern))
        if not paths:
            raise FileNotFoundError(f"{data / pattern}: no such file")
        for path in paths:
            name = path.relative_to(data).as_posix()
            for record in read(InputFile(path=str(path), name=name, source=name), IngestConfig()):
                if isinstance(record, Document) and len(record.raw or b"") <= _MAX_RAW_BYTES:
                    for row in code_windows(record, name, recipe.code):
                        sides[row.is_positive].append(row)
    n = recipe.code.rows_per_class
    return shuffled([row for side in sides for row in shuffled(side, recipe.seed)[:n]], recipe.seed)


def code_windows(record: Document, name: str, options: CodeLikeness) -> Iterator[Row]:
    """Yield the windows of one file: whole programs are code, of other files the fenced blocks."""
    ending = Path(record.path or "").suffix.lower()
    source = record.repo or name
    if ending in options.code_endings:
        pieces = [(True, (record.raw or b"").decode("utf-8", "replace"))]
    elif ending in options.text_endings or not name.startswith("github/"):
        document = extract_document(record, ExtractConfig())
        if not isinstance(document, Document):
            return
        prose, blocks = split_fences(document.text)
        pieces = [(False, prose), *((True, body) for _, body in blocks)]
    else:
        return
    for is_code, text in pieces:
        text = clean_text(text)
        stop = min(len(text), options.windows_per_document * options.window_chars)
        for start in range(0, stop, options.window_chars):
            window = text[start : start + options.window_chars]
            if len(window.strip()) >= options.window_chars // 2:
                yield Row(window, is_code, source, record.licence or "", ending)
