"""What every model of a study reads at the end, as arrays: held-out documents by key, and items by kind.

A row is S tokens. Long documents are cut into rows that share one token, so that each token but a document's
first is predicted once, from what stands before it in its row.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from held_out import SIGNAL
from items import Item
from numpy.typing import NDArray
from settings import KEYS, Evaluation

from corpusforge.api.corpus import Corpus
from corpusforge.domains import supply_key
from corpusforge.shards.tokenizer import Tokenizer


@dataclass(frozen=True, kw_only=True)
class Vocabulary:
    """Tokens as a small model counts them: the most frequent ones, and one number for all others."""

    number: NDArray[np.int64]
    """[ids of the tokenizer] -> number in the model."""
    rare: int
    """The number that stands for every other token."""
    rare_bits: float
    """What it costs to say which of them it was, each as likely: added to the bits of `rare`."""

    @staticmethod
    def of(frequency: Counter[int], size: int, max_id: int) -> Vocabulary:
        """Return the vocabulary of the most frequent tokens, ties by id."""
        kept = sorted(frequency, key=lambda token: (-frequency[token], token))[: size - 1]
        number = np.full(max_id + 1, len(kept), np.int64)
        number[np.array(sorted(kept), np.int64)] = np.arange(len(kept))
        return Vocabulary(number=number, rare=len(kept), rare_bits=math.log2(max(1, max_id + 1 - len(kept))))

    @property
    def size(self) -> int:
        """How many numbers the model knows."""
        return self.rare + 1


@dataclass(frozen=True, kw_only=True)
class Reading:
    """Rows of one key or kind."""

    name: str
    tokens: NDArray[np.int64]
    """[rows, S], numbers of the vocabulary."""
    positions: NDArray[np.int64]
    """[rows, S]: 0 where a row or its padding begins."""
    asked: NDArray[np.bool_]
    """[rows, S - 1]: where token i + 1 counts."""
    n_chars: int
    """Characters of the tokens that count."""
    n_texts: int


def held_out_readings(
    corpus: Corpus, tokenizer: Tokenizer, vocabulary: Vocabulary, settings: Evaluation, length: int
) -> list[Reading]:
    """Return the readings of held-out documents, one for each key that has any, in order of the key."""
    readings: dict[str, list[Reading]] = {}
    taken: Counter[str] = Counter()
    for document in _held_out(corpus):
        name = supply_key(document["domain"], document["subset"])
        if taken[name] >= settings.tokens_per_key:
            continue
        ids = tokenizer.encode_batch([document["text"]])[0][: settings.tokens_per_document]
        if len(ids) < 2:
            continue
        taken[name] += len(ids)
        asked = np.ones(len(ids) - 1, np.bool_)
        readings.setdefault(name, []).append(_rows(name, ids, asked, tokenizer, vocabulary, length))
    return [_joined(name, readings[name]) for name in KEYS if name in readings]


def _held_out(corpus: Corpus) -> Iterator[dict[str, str]]:
    names = ["domain", "subset", "text"]
    return corpus.documents(columns=names, where=f"signals.{SIGNAL} = 1")


def item_readings(
    items: list[Item], tokenizer: Tokenizer, vocabulary: Vocabulary, length: int
) -> list[Reading]:
    """Return the readings of items by kind; of a long one the end that fits into a row."""
    readings: dict[str, list[Reading]] = {}
    for item in items:
        prompt = tokenizer.encode_batch([item.prompt])[0]
        answer = tokenizer.encode_batch([item.answer])[0][: length - 1]
        ids = np.concatenate([prompt, answer])[-length:]
        asked = np.zeros(len(ids) - 1, np.bool_)
        asked[-len(answer) :] = True
        rows = _rows(item.kind, ids, asked, tokenizer, vocabulary, length)
        readings.setdefault(item.kind, []).append(rows)
    return [_joined(name, found) for name, found in readings.items()]


def _rows(
    name: str,
    ids: NDArray[np.uint32],
    asked: NDArray[np.bool_],
    tokenizer: Tokenizer,
    vocabulary: Vocabulary,
    length: int,
) -> Reading:
    starts = range(0, max(1, len(ids) - 1), length - 1)
    tokens = np.zeros((len(starts), length), np.int64)
    counts = np.zeros((len(starts), length - 1), np.bool_)
    positions = np.tile(np.arange(length), (len(starts), 1))
    for row, start in enumerate(starts):
        piece = vocabulary.number[ids[start : start + length].astype(np.int64)]
        tokens[row, : len(piece)] = piece
        counts[row, : len(piece) - 1] = asked[start : start + len(piece) - 1]
        positions[row, len(piece) :] -= len(piece)
    n_chars = len(tokenizer.decode(ids[1:][asked].tolist()))
    return Reading(name=name, tokens=tokens, positions=positions, asked=counts, n_chars=n_chars, n_texts=1)


def _joined(name: str, parts: list[Reading]) -> Reading:
    return replace(
        parts[0],
        name=name,
        tokens=np.concatenate([part.tokens for part in parts]),
        positions=np.concatenate([part.positions for part in parts]),
        asked=np.concatenate([part.asked for part in parts]),
        n_chars=sum(part.n_chars for part in parts),
        n_texts=len(parts),
    )
