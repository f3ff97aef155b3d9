"""Packed samples hold every token once, in order, and best fit cuts only what cannot fit."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpusforge.mixture import packing
from corpusforge.mixture.packing import best_fit, concat
from corpusforge.mixture.sampletable import STRETCH

SHARDS = st.lists(st.lists(st.integers(1, 70), max_size=40), min_size=1, max_size=4)


def shards(lengths: list[list[int]]) -> list[np.ndarray]:
    found = []
    for number, documents in enumerate(lengths):
        array = np.zeros(len(documents), STRETCH)
        array["length"] = documents
        array["start"] = np.cumsum(documents) - documents
        array["shard"] = number
        found.append(array)
    return found


def samples_of(packed) -> list[list[tuple[int, int, int]]]:  # type: ignore[no-untyped-def]
    found: list[list[tuple[int, int, int]]] = []
    for stretches, counts in packed:
        assert counts.sum() == len(stretches)
        triples = [(int(s["shard"]), int(s["start"]), int(s["length"])) for s in stretches]
        for end, count in zip(np.cumsum(counts).tolist(), counts.tolist(), strict=True):
            found.append(triples[end - count : end])
    return found


def tokens_of(samples: list[list[tuple[int, int, int]]]) -> list[tuple[int, int]]:
    return [
        (shard, start + i) for sample in samples for shard, start, length in sample for i in range(length)
    ]


@settings(deadline=None)
@given(SHARDS, st.integers(1, 64))
def test_concat_is_the_concatenation_cut_every_s(lengths: list[list[int]], size: int) -> None:
    samples = samples_of(concat(iter(shards(lengths)), size))
    everything = [(number, i) for number, documents in enumerate(lengths) for i in range(sum(documents))]
    assert tokens_of(samples) == everything[: len(everything) // size * size]
    assert all(sum(length for *_, length in sample) == size for sample in samples)


@settings(deadline=None)
@given(SHARDS, st.integers(1, 64))
def test_best_fit_keeps_every_token_and_cuts_only_long_documents(lengths: list[list[int]], size: int) -> None:
    samples = samples_of(best_fit(iter(shards(lengths)), size))
    everything = [(number, i) for number, documents in enumerate(lengths) for i in range(sum(documents))]
    assert sorted(tokens_of(samples)) == everything
    assert all(0 < sum(length for *_, length in sample) <= size for sample in samples)
    whole = {
        (number, int(end) - length)
        for number, documents in enumerate(lengths)
        for length, end in zip(documents, np.cumsum(documents), strict=True)
        if length <= size
    }
    stretches = {(shard, start): length for sample in samples for shard, start, length in sample}
    for number, documents in enumerate(lengths):
        for length, end in zip(documents, np.cumsum(documents).tolist(), strict=True):
            if (number, end - length) in whole:
                assert stretches[number, end - length] == length


def test_best_fit_wastes_little_on_documents_of_all_lengths() -> None:
    chance = np.random.default_rng(0)
    lengths = np.minimum(chance.lognormal(6, 1.2, 60_000).astype(int) + 1, 200_000).tolist()
    samples = [stretches["length"] for stretches, _ in best_fit(iter(shards([lengths])), 4096)]
    n_samples = sum(len(counts) for _, counts in best_fit(iter(shards([lengths])), 4096))
    assert sum(int(s.sum()) for s in samples) == sum(lengths)
    assert sum(lengths) / (n_samples * 4096) > 0.999


@pytest.mark.parametrize("window", [7, 1 << 16])
def test_a_sample_stays_within_its_window_of_documents(window: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packing, "WINDOW_DOCS", window)
    lengths = [[3, 9, 27, 1, 5] * 20]
    starts = shards(lengths)[0]["start"].tolist()
    for sample in samples_of(best_fit(iter(shards(lengths)), 32)):
        rows = [starts.index(start) for _, start, _ in sample]
        assert max(rows) // window == min(rows) // window
