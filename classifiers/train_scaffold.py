"""The scaffold classifier from labelled rows: words that carry over, a linear model of runs, layers above.

    rows --unknown words--> vocabulary --prepare--> tokens, counts
    tokens --linear model, folds--> margins of rows it did not see
    counts, margins --network--> layers --Platt--> model

Only words that many sources share are kept, so that no source is told by its own vocabulary. The
layers learn from margins of rows that the linear model did not see: else they would trust it too much.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from corpusforge.label.layers import Array, Layers, blended
from corpusforge.label.preparation import prepare, unknown_words, word_table
from corpusforge.label.scaffold import ScaffoldModel, passage_inputs, passage_scores
from corpusforge.label.scaffold_model import model_files
from corpusforge_classifiers.bare import bare_rows
from corpusforge_classifiers.card import Trained
from corpusforge_classifiers.figures import Bools, Floats, Scored, best_threshold, figures, grouped
from corpusforge_classifiers.linear import feature_table, fit_linear, table_margins
from corpusforge_classifiers.network import Network, averaged, calibrated, fit_layers
from corpusforge_classifiers.recipe import Recipe, Vocabulary
from corpusforge_classifiers.report import markdown_figures, mean_and_worst
from corpusforge_classifiers.rows import Row, allowed, file_sha256, read_rows, shuffled, source_folds

_HAN = ("\u2e80", "\u9fff")


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """A fitted classifier, and the vocabulary its table was made of."""

    vocabulary: list[str]
    model: ScaffoldModel

    def scores(self, rows: Sequence[Row]) -> Floats:
        """Return the scores, 0-1, of rows, each one passage."""
        return passage_scores([prepare(row.text, self.model.words) for row in rows], self.model)


def train_scaffold(recipe: Recipe, data: Path) -> Trained:
    """Return the scaffold classifier of a recipe: layers as TOML, and the weights of runs beside them.

    The rows whose licence keeps them out of training are sources the model never saw: they judge it,
    beside training rows that were judged by fits without their source.
    """
    everything = list(read_rows([data / name for name in recipe.train], recipe.positive))
    rows = allowed(everything, recipe.licences)
    refused = capped(shuffled(others(everything, rows), recipe.seed), recipe.unseen_rows_per_source)
    dev_rows = list(read_rows([data / name for name in recipe.dev], recipe.positive))
    fit = fit_scaffold(rows, recipe)
    left_out = left_out_scores(rows, recipe)
    unseen = Scored(refused, fit.scores(refused)) if refused else left_out
    dev = Scored(dev_rows, fit.scores(dev_rows)) if dev_rows else None
    threshold = recipe.threshold or best_threshold([unseen, dev] if dev else [unseen])
    title = f"Words and layers of the scaffold classifier; recipe scaffold, version {recipe.version}."
    layers_toml, beside = model_files(fit.vocabulary, fit.model, title)
    return Trained(
        file="scaffold_layers.toml",
        data=layers_toml,
        threshold=threshold,
        n_rows=len(rows),
        n_refused=len(everything) - len(rows),
        unseen=unseen,
        dev=dev,
        beside=beside,
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
    at_most = f"at most {recipe.unseen_rows_per_source} of a source and class"
    sets = {"every row": left_out, at_most: even}
    for language in sorted({row.language for row in even.rows}):
        of_it = np.array([row.language == language for row in even.rows])
        sets[f"of these, {language or 'no language told'}"] = even.take(of_it)
    told = {name: figures(scored.labels, scored.scores, threshold) for name, scored in sets.items()}
    by_source = grouped(even, threshold, lambda row: row.source)
    return (
        f"Training rows, judged by fits without their source: {recipe.folds} groups of sources are left out"
        f" in turn, the largest sources among them.\n\n{markdown_figures(told)}\n\n"
        f"{mean_and_worst(by_source)}"
    )


def fit_rows(rows: Sequence[Row], recipe: Recipe) -> Callable[[Sequence[Row]], Floats]:
    """Return the function that scores rows by a classifier of the recipe that learned from `rows`."""
    return fit_scaffold(rows, recipe).scores


def fit_scaffold(rows: Sequence[Row], recipe: Recipe) -> Fit:
    """Return the classifier that rows teach, whatever their order."""
    assert recipe.grams and recipe.network and recipe.vocabulary
    rows = shuffled(rows, recipe.seed)
    labels = np.array([row.is_positive for row in rows])
    vocabulary = shared_words(rows, recipe.vocabulary)
    words = word_table(vocabulary)
    bare, origins = bare_rows(rows, recipe.grams.bare_share, recipe.seed)
    shown = [*rows, *bare]
    prepared = [prepare(row.text, words) for row in shown]
    table, sources = feature_table(prepared, words), [row.source for row in shown]
    shown_labels = np.concatenate([labels, labels[origins]])
    places = np.arange(len(rows))
    # A bare row is of its row's fold, and comes half a pass later.
    fold_of = np.concatenate([places, origins]) % recipe.inner_folds
    order = np.argsort(np.concatenate([places, (origins + len(rows) // 2) % len(rows)]), kind="stable")
    unseen = np.zeros(len(rows))
    for fold in range(recipe.inner_folds):
        held = places[fold_of[: len(rows)] == fold]
        linear = fit_linear(table, shown_labels, order[fold_of[order] != fold], sources, recipe.grams)
        unseen[held] = table_margins(table, held, linear)
    values = passage_inputs(prepared[: len(rows)], unseen)
    layers = _fit_network(values, labels, fold_of[: len(rows)], recipe.network, recipe.seed)
    linear = fit_linear(table, shown_labels, order, sources, recipe.grams)
    return Fit(vocabulary, ScaffoldModel(words, linear, layers))


def _fit_network(values: Array, labels: Bools, fold_of: Any, options: Network, seed: int) -> Layers:
    """Return the average of several networks, calibrated on margins of rows that they did not learn from."""

    def fitted(rows: Bools) -> Layers:
        members = [fit_layers(values[rows], labels[rows], options, seed + k) for k in range(options.networks)]
        return blended(averaged(members), options.linear_share)

    held = fold_of == 0
    layers, judged = fitted(np.ones(len(labels), dtype=bool)), fitted(~held)
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
