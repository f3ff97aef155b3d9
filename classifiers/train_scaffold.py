"""The scaffold classifier from labelled rows: words that carry over, fastText, and the layers above it.

    rows --unknown words--> vocabulary --prepare--> tokens, counts
    tokens --fastText, folds--> logits of rows it did not see
    counts, logits --network--> layers --Platt--> model

Only words that many sources share are kept, so that no source is told by its own vocabulary. The
layers learn from logits that fastText gave to rows it did not see: else they would trust it too much.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from classifiers.card import Trained
from classifiers.evaluate import markdown_figures
from classifiers.fasttext_model import model_bytes, train_lines
from classifiers.figures import Bools, Floats, Scored, best_threshold, figures
from classifiers.network import Network, averaged, calibrated, fit_layers
from classifiers.recipe import FastText, Recipe, Vocabulary
from classifiers.rows import Row, allowed, file_sha256, read_rows, shuffled, source_folds
from corpusforge.label.layers import Array, Layers
from corpusforge.label.preparation import prepare, unknown_words, word_table
from corpusforge.label.scaffold import (
    OTHER_LABEL,
    SCAFFOLD_LABEL,
    ScaffoldModel,
    passage_inputs,
    passage_scores,
    token_logit,
)  # fmt: skip
from corpusforge.label.scaffold_model import layers_toml

_HAN = ("\u2e80", "\u9fff")


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """A fitted classifier, and the vocabulary its table was made of."""

    vocabulary: list[str]
    fasttext: Any
    model: ScaffoldModel

    def scores(self, rows: Sequence[Row]) -> Floats:
        """Return the scores, 0-1, of rows, each one passage."""
        return passage_scores([prepare(row.text, self.model.words) for row in rows], self.model)


def train_scaffold(recipe: Recipe, data: Path) -> Trained:
    """Return the scaffold classifier of a recipe: layers as TOML, and the fastText model beside them.

    The rows whose licence keeps them out of training are sources the model never saw: they judge it,
    beside training rows that were judged by fits without their source.
    """
    everything = list(read_rows([data / name for name in recipe.train], recipe.positive))
    rows = allowed(everything, recipe.licences)
    refused = capped(shuffled(others(everything, rows), recipe.seed), recipe.unseen_rows_per_source)
    dev_rows = list(read_rows([data / name for name in recipe.dev], recipe.positive))
    fit = fit_scaffold(rows, recipe, quantise=True)
    left_out = left_out_scores(rows, recipe)
    unseen = Scored(refused, fit.scores(refused)) if refused else left_out
    dev = Scored(dev_rows, fit.scores(dev_rows)) if dev_rows else None
    threshold = recipe.threshold or best_threshold([unseen, dev] if dev else [unseen])
    blob = model_bytes(fit.fasttext)
    title = f"Words and layers of the scaffold classifier; recipe scaffold, version {recipe.version}."
    sha256 = hashlib.sha256(blob).hexdigest()
    return Trained(
        file="scaffold_layers.toml",
        data=layers_toml(fit.vocabulary, fit.model.layers, "scaffold.ftz", sha256, title).encode(),
        threshold=threshold,
        n_rows=len(rows),
        n_refused=len(everything) - len(rows),
        unseen=unseen,
        dev=dev,
        beside={"scaffold.ftz": blob},
        data_sha256={name: file_sha256(data / name) for name in (*recipe.train, *recipe.dev)},
        notes=(_left_out_note(left_out, recipe, threshold),),
        learned_from=rows,
    )


def others(everything: Sequence[Row], rows: Sequence[Row]) -> list[Row]:
    """Return the rows of `everything` that are not among `rows`."""
    used = set(map(id, rows))
    return [row for row in everything if id(row) not in used]


def capped(rows: Sequence[Row], n_each: int) -> list[Row]:
    """Return the first `n_each` rows of each source and class: no source outweighs the others."""
    seen: Counter[tuple[str, bool]] = Counter()
    kept: list[Row] = []
    for row in rows:
        seen[row.source, row.is_positive] += 1
        if seen[row.source, row.is_positive] <= n_each:
            kept.append(row)
    return kept


def left_out_scores(rows: Sequence[Row], recipe: Recipe) -> Scored:
    """Return training rows, each judged by a fit that left its source out."""
    scored: list[Row] = []
    scores: list[Floats] = []
    for fold in source_folds(rows, recipe.folds):
        held = [row for row in rows if row.source in fold]
        scored += held
        scores.append(fit_scaffold([row for row in rows if row.source not in fold], recipe).scores(held))
    return Scored(scored, np.concatenate(scores))


def _left_out_note(left_out: Scored, recipe: Recipe, threshold: float) -> str:
    """Return Markdown: how well training rows are judged by fits without their source."""
    chosen = set(map(id, capped(left_out.rows, recipe.unseen_rows_per_source)))
    even = left_out.take(np.array([id(row) in chosen for row in left_out.rows]))
    sets = {
        "every row": figures(left_out.labels, left_out.scores, threshold),
        f"at most {recipe.unseen_rows_per_source} of a source and class": figures(
            even.labels, even.scores, threshold
        ),
    }
    return (
        f"Training rows, judged by fits without their source: {recipe.folds} groups of sources are left out"
        f" in turn, the largest sources among them.\n\n{markdown_figures(sets)}"
    )


def fit_rows(rows: Sequence[Row], recipe: Recipe) -> Callable[[Sequence[Row]], Floats]:
    """Return the function that scores rows by a classifier of the recipe that learned from `rows`."""
    return fit_scaffold(rows, recipe).scores


def fit_scaffold(rows: Sequence[Row], recipe: Recipe, quantise: bool = False) -> Fit:
    """Return the classifier that rows teach, whatever their order; `quantise` makes fastText small."""
    assert recipe.fasttext and recipe.network and recipe.vocabulary
    rows = shuffled(rows, recipe.seed)
    labels = np.array([row.is_positive for row in rows])
    vocabulary = shared_words(rows, recipe.vocabulary)
    words = word_table(vocabulary)
    prepared = [prepare(row.text, words) for row in rows]
    lines = [passage.tokens for passage in prepared]
    fold_of = np.arange(len(rows)) % recipe.inner_folds
    logits = np.zeros(len(rows))
    for fold in range(recipe.inner_folds):
        held = np.flatnonzero(fold_of == fold)
        fasttext = fit_fasttext(lines, labels, np.flatnonzero(fold_of != fold), recipe.fasttext, recipe.seed)
        logits[held] = [token_logit(lines[row], fasttext.f) for row in held]
    layers = _fit_network(passage_inputs(prepared, logits), labels, fold_of, recipe.network, recipe.seed)
    fasttext = fit_fasttext(lines, labels, np.arange(len(rows)), recipe.fasttext, recipe.seed, quantise)
    return Fit(vocabulary, fasttext, ScaffoldModel(words, fasttext.f, layers))


def _fit_network(values: Array, labels: Bools, fold_of: Any, options: Network, seed: int) -> Layers:
    """Return the average of several networks, calibrated on margins of rows that they did not learn from."""
    layers = averaged([fit_layers(values, labels, options, seed + k) for k in range(options.networks)])
    held = fold_of == 0
    judged = averaged(
        [fit_layers(values[~held], labels[~held], options, seed + k) for k in range(options.networks)]
    )
    measured = calibrated(judged, values[held], labels[held])
    return replace(layers, slope=measured.slope, offset=measured.offset)


def shared_words(rows: Sequence[Row], options: Vocabulary) -> list[str]:
    """Return the words that enough sources share, sorted; those of `concepts.toml` need no entry."""
    table = word_table(())
    least = {True: options.min_sources_han, False: options.min_sources}
    n_rows: Counter[str] = Counter()
    sources: defaultdict[str, set[str]] = defaultdict(set)
    for row in rows:
        for word in unknown_words(row.text, table):
            n_rows[word] += 1
            sources[word].add(row.source)
    return sorted(
        word
        for word, n in n_rows.items()
        if n >= options.min_rows and len(sources[word]) >= least[_HAN[0] <= word[0] <= _HAN[1]]
    )


def fit_fasttext(
    lines: Sequence[str], labels: Bools, chosen: Any, options: FastText, seed: int, quantise: bool = False
) -> Any:
    """Return a fastText model of the chosen lines, in their order."""
    labelled = (f"{SCAFFOLD_LABEL if labels[row] else OTHER_LABEL} {lines[row]}" for row in chosen)
    return train_lines(labelled, options, seed, quantise)
