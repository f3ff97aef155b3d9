"""Runs of tokens: counted as told, length 1, known by name; a linear model that keeps what many sources share."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpusforge.label.grams import N_SLOTS, Linear, features, linear_margin
from corpusforge.label.preparation import FIXED, prepare, word_table
from corpusforge.label.structure import LINE_END, QUESTION
from corpusforge_classifiers.linear import Grams, feature_table, fit_linear, table_margins

WORDS = word_table(["polynomial", "integer"])


def runs(ids: list[int]) -> Counter[tuple[object, ...]]:
    """Return the runs of a passage, counted the slow way."""
    found: Counter[tuple[object, ...]] = Counter()
    ends: list[int] = []
    line_start = 0
    for at, token in enumerate(ids):
        found["third", 3 * at // len(ids), token] += 1
        for length in (1, 2, 3):
            run = tuple(ids[at : at + length])
            if len(run) == length:
                found["run", *run] += 1
                if at == line_start:
                    found["lead", *run] += 1
        if LINE_END <= token < QUESTION:
            line_start = at + 1
            ends.append(token)
            for length in (2, 3, 4):
                if len(ends) >= length:
                    found["ends", *ends[-length:]] += 1
    return found


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(min_value=1, max_value=len(FIXED) - 1), max_size=60))
def test_runs_are_counted_once_each(ids: list[int]) -> None:
    slots, values = features(np.array(ids, dtype=np.int32), WORDS.hashes)
    expected = runs(ids)
    assert len(set(slots.tolist())) == len(slots)
    if len(slots) == len(expected):  # else two runs share a slot
        weights = np.sort(1 + np.log(np.array([*expected.values()], dtype=np.float64)))
        np.testing.assert_allclose(np.sort(values), weights / max(1e-9, np.linalg.norm(weights)), rtol=1e-5)
    assert len(expected) - 3 <= len(slots) <= len(expected)
    assert not len(slots) or np.linalg.norm(values) == pytest.approx(1, abs=1e-4)


def test_a_run_is_known_by_its_words_whatever_their_numbers() -> None:
    text = "Let p be a polynomial.\nThen p(2) = 4, hence p = 4."
    other = word_table(["polynomial", "aardvark"])
    found, again = (features(prepare(text, words).ids, words.hashes) for words in (WORDS, other))
    np.testing.assert_array_equal(found[0], again[0])
    np.testing.assert_array_equal(found[1], again[1])


def taught(n_sources: int) -> tuple[list[str], np.ndarray, list[str]]:
    """Return texts, labels and sources: what tells the classes stands in `n_sources` sources."""
    texts = [f"hence x = {i}" if i % 2 else f"see the list {i}" for i in range(80)]
    return texts, np.array([i % 2 == 1 for i in range(80)]), [f"s{i // 2 % n_sources}" for i in range(80)]


def fitted(n_sources: int, options: Grams) -> tuple[Linear, np.ndarray, np.ndarray]:
    texts, labels, sources = taught(n_sources)
    prepared = [prepare(text, WORDS) for text in texts]
    table = feature_table(prepared, WORDS)
    linear = fit_linear(table, labels, np.arange(80), sources, options)
    margins = table_margins(table, np.arange(80), linear)
    alone = [linear_margin(passage.ids, WORDS.hashes, linear) for passage in prepared]
    np.testing.assert_array_equal(margins, alone)
    return linear, margins, labels


def test_the_linear_model_learns_and_repeats() -> None:
    linear, margins, labels = fitted(4, Grams())
    assert ((margins > 0) == labels).all()
    again, _, _ = fitted(4, Grams())
    assert linear.weights.tobytes() == again.weights.tobytes() and linear.bias == again.bias
    assert linear.weights.dtype == np.int8 and len(linear.weights) == N_SLOTS


def test_what_one_source_alone_has_weighs_nothing() -> None:
    linear, _, _ = fitted(1, Grams(min_sources=2))
    assert not linear.weights.any()
