"""A language model over bytes that a sample trains in a second: n-grams of all lengths up to eight, mixed.

Each length is smoothed by the one below it, with three discounts by count (Chen and Goodman 1999, section
3, on plain counts). How far each is to be trusted is tuned on a tenth of the sample, by expectation
maximisation, which keeps long n-grams from overreaching where short ones say it all. An n-gram of eight
bytes is one 64-bit number, so that training is sorting and reading is search, both in numpy.

    text -> n-grams u64, sorted -> probability of each, weight of what is shorter -> bits of another text
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

ORDER = 8
"""Bytes of the longest n-gram: those of a 64-bit number."""
NAME = "byte n-grams up to 8, interpolated with modified discounts, lengths mixed"
_BYTES = 256
_DISCOUNTS = 3
_TUNING_PART = 10
_MIN_TEXTS = 2 * _TUNING_PART
_ROUNDS = 30
"""Of expectation maximisation: weights no longer move in the third digit."""
_LEAST_DISCOUNT = 0.05
"""Of an order where next to nothing was seen once: some weight stays for what was never seen."""

Grams = NDArray[np.uint64]


@dataclass(frozen=True, slots=True, eq=False)
class _Order:
    """The n-grams of one length."""

    grams: Grams
    """Sorted; the last byte is what the others are followed by."""
    probability: NDArray[np.float64]
    """Of each, after its discount, given the bytes before the last."""
    contexts: Grams
    """Sorted; those bytes alone."""
    weight: NDArray[np.float64]
    """Of what the shorter n-grams say, by context."""


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """What a sample says of the next byte. Made by `train`."""

    orders: tuple[_Order, ...]
    """From one byte to `ORDER`."""
    mixture: NDArray[np.float64]
    """f64[ORDER], summing to one: how far each length is trusted."""

    def by_length(self, text: Text) -> NDArray[np.float64]:
        """Return f64[ORDER, different n-grams]: of each n-gram's last byte, by n-grams up to that length."""
        found = np.full(len(text.counts), 1 / _BYTES)
        rows: list[NDArray[np.float64]] = []
        for order, (grams, place) in zip(self.orders, text.by_length, strict=True):
            context, is_known = _find(order.contexts, grams >> np.uint64(8))
            weight = np.where(is_known, order.weight[context], 1.0)
            whole, is_seen = _find(order.grams, grams)
            own = np.where(is_seen, order.probability[whole], 0.0)
            found = weight[place] * found + own[place]
            rows.append(found)
        return np.stack(rows)

    def probabilities(self, text: Text) -> NDArray[np.float64]:
        """Return f64[different n-grams]: of the last byte of each, given those before it."""
        return self.mixture @ self.by_length(text)

    def bits(self, text: Text) -> float:
        """Return the bits of all bytes of a text, each after those before it, its end left out."""
        return float((-np.log2(self.probabilities(text)) * text.counts).sum())


@dataclass(frozen=True, slots=True, eq=False)
class Text:
    """Texts to read, as their different n-grams: prepared once, read by any model. Made by `prepare`."""

    counts: NDArray[np.int64]
    """How often each n-gram of `ORDER` bytes stands in them."""
    by_length: tuple[tuple[Grams, NDArray[np.int64]], ...]
    """By length from 1: the different last bytes of those, sorted, and which of them each ends with."""


def prepare(texts: Iterable[bytes]) -> Text:
    """Return texts ready to be read."""
    longest, counts = np.unique(n_grams(texts), return_counts=True)
    lengths = range(1, ORDER + 1)
    split = [np.unique(_last(longest, length), return_inverse=True) for length in lengths]
    return Text(counts, tuple((grams, place.reshape(-1)) for grams, place in split))


def n_grams(texts: Iterable[bytes]) -> Grams:
    """Return u64[bytes]: the last `ORDER` bytes up to each byte; before the first stand zeros."""
    parts = [_n_grams(text) for text in texts if text]
    return np.concatenate(parts) if parts else np.zeros(0, np.uint64)


def _n_grams(text: bytes) -> Grams:
    padded = np.frombuffer(b"\0" * (ORDER - 1) + text, np.uint8)
    grams = np.zeros(len(text), np.uint64)
    for place in range(ORDER):
        grams = (grams << np.uint64(8)) | padded[place : place + len(text)]
    return grams


def train(texts: Sequence[bytes]) -> Model:
    """Return the model of texts. ValueError where they hold no byte."""
    if not any(texts):
        raise ValueError("no text to train on")
    kept, tuning = _split(texts)
    return Model(_orders(texts), _mixture(Model(_orders(kept), np.full(ORDER, 1 / ORDER)), prepare(tuning)))


def _split(texts: Sequence[bytes]) -> tuple[list[bytes], list[bytes]]:
    """Return (most of the texts, a tenth of them to tune on); of few texts the last tenth of each."""
    if len(texts) >= _MIN_TEXTS:
        tuning = list(texts[::_TUNING_PART])
        return [text for place, text in enumerate(texts) if place % _TUNING_PART], tuning
    ends = [len(text) - len(text) // _TUNING_PART for text in texts]
    pairs = list(zip(texts, ends, strict=True))
    return [text[:end] for text, end in pairs], [text[end:] for text, end in pairs]


def _mixture(model: Model, text: Text) -> NDArray[np.float64]:
    weights = model.mixture
    if not len(text.counts):
        return weights
    found, shares = model.by_length(text), text.counts / text.counts.sum()
    for _ in range(_ROUNDS):
        of_each = weights[:, None] * found
        weights = (of_each / of_each.sum(0)) @ shares
    return weights / weights.sum()


def _orders(texts: Sequence[bytes]) -> tuple[_Order, ...]:
    longest, counts = np.unique(n_grams(texts), return_counts=True)
    orders: list[_Order] = []
    for length in range(1, ORDER + 1):
        grams, place = np.unique(_last(longest, length), return_inverse=True)
        orders.append(_order(grams, np.bincount(place.reshape(-1), counts).astype(np.int64)))
    return tuple(orders)


def _order(grams: Grams, counts: NDArray[np.int64]) -> _Order:
    contexts, first = np.unique(grams >> np.uint64(8), return_index=True)
    totals = np.add.reduceat(counts, first)
    discount = _discounts(counts)[np.minimum(counts, _DISCOUNTS)]
    spared = np.add.reduceat(discount, first)
    of_context = np.repeat(np.arange(len(contexts)), np.diff(np.append(first, len(grams))))
    probability = (counts - discount) / totals[of_context]
    return _Order(grams, probability, contexts, spared / totals)


def _discounts(counts: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return what is taken from a count of 0, 1, 2 and more: equation 26 of the paper."""
    n = np.bincount(np.minimum(counts, 4), minlength=5).astype(np.float64)
    # Nothing seen once or twice: as if half of what is rare were seen once.
    share = n[1] / (n[1] + 2 * n[2]) if n[1] else 0.5
    taken = [0.0]
    for count in range(1, _DISCOUNTS + 1):
        more = n[count + 1] / n[count] if n[count] else 1.0
        taken.append(min(max(count - (count + 1) * share * more, _LEAST_DISCOUNT), count - _LEAST_DISCOUNT))
    return np.array(taken)


def _last(grams: Grams, length: int) -> Grams:
    """Return the last so many bytes of n-grams."""
    return grams if length == ORDER else grams & np.uint64((1 << (8 * length)) - 1)


def _find(sorted_values: Grams, wanted: Grams) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Return (places, whether it is there): any place where it is not."""
    places = np.minimum(np.searchsorted(sorted_values, wanted), len(sorted_values) - 1)
    return places, sorted_values[places] == wanted
