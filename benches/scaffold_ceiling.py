"""How well any model can tell the scaffold dev set, given its labels: four kinds and their mean; JSON lines.

python benches/scaffold_ceiling.py --data ../shared/data [--every-licence] [--epochs 5] [--errors 60]

The classifier as it ships keeps to words that many sources share. These others see whatever tells a source:
runs of all words, runs of characters, and (with torch) a convolution over all words. Where their mean is no
better, what is left is in the labels: --errors draws that many of its errors at random, to be read.
"""

from __future__ import annotations

import argparse
import json
import re
import zlib
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from corpusforge.label.grams import N_SLOTS
from corpusforge_classifiers.figures import auc
from corpusforge_classifiers.linear import Grams, Table, fit_linear, table_margins
from corpusforge_classifiers.recipe import read_recipe
from corpusforge_classifiers.rows import Row, allowed, read_rows, shuffled
from corpusforge_classifiers.train_scaffold import fit_scaffold

RECIPE = Path(__file__).parent.parent / "classifiers/recipes/scaffold.toml"
TOKEN = re.compile(r"\\[a-z]+|[a-z]+|\d+|[\u2e80-\u9fff]|\n+|[^\sa-z\d]")
LINEAR = Grams(epochs=4, learning_rate=0.25, min_rows=3, min_sources=1)
SHARES = {"shipped": 1.0, "words": 0.25, "characters": 0.25, "convolution": 0.5}
"""Of the margins in the mean: the best of a few, chosen on dev, so the mean flatters itself."""
RECALL = 0.96
LONGEST, BATCH, UNKNOWN = 640, 128, 2000
"""Tokens that the convolution reads of a passage, passages of a step, and slots of rare words."""


def tokens(text: str) -> list[str]:
    return ["0" if token[0].isdigit() else token[:12] for token in TOKEN.findall(text.lower())]


def word_runs(text: str) -> Counter[str]:
    found = tokens(text)
    return Counter(" ".join(found[at : at + n]) for n in (1, 2, 3) for at in range(len(found) - n + 1))


def character_runs(text: str) -> Counter[str]:
    line = re.sub(r"\s+", " ", re.sub(r"\d", "0", text.lower()))
    return Counter(line[at : at + n] for n in (4, 5, 6) for at in range(len(line) - n + 1))


def run_table(texts: Sequence[str], runs: Callable[[str], Counter[str]]) -> Table:
    """Return hashed features, 1 + log of how often, each passage's of length 1."""
    slots, values, bounds = [], [], [0]
    for text in texts:
        found: Counter[int] = Counter()
        for run, n in runs(text).items():
            found[(zlib.crc32(run.encode()) * 2654435761 >> 7) % N_SLOTS] += n
        weights = 1 + np.log(np.fromiter(found.values(), np.float32, len(found)))
        slots.append(np.fromiter(found, np.int32, len(found)))
        values.append((weights / np.sqrt((weights**2).sum())).astype(np.float32))
        bounds.append(bounds[-1] + len(found))
    return Table(np.concatenate(slots), np.concatenate(values), np.array(bounds))


def linear_margins(rows: list[Row], dev: list[Row], runs: Callable[[str], Counter[str]]) -> Any:
    labels, chosen = np.array([row.is_positive for row in rows]), np.arange(len(rows))
    table = run_table([row.text for row in rows], runs)
    linear = fit_linear(table, labels, chosen, [row.source for row in rows], LINEAR)
    return table_margins(run_table([row.text for row in dev], runs), np.arange(len(dev)), linear)


class Convolution(nn.Module):
    """Three layers of convolution; attention, maximum and mean of what they give; one hidden layer."""

    def __init__(self, n_words: int, width: int = 64, n: int = 96) -> None:
        super().__init__()
        self.words = nn.Embedding(n_words, width, padding_idx=0)
        nn.init.normal_(self.words.weight, std=0.1)
        self.layers = nn.ModuleList(
            [
                nn.Conv1d(width, n, 5, padding=2),
                nn.Conv1d(n, n, 5, padding=4, dilation=2),
                nn.Conv1d(n, n, 3, padding=4, dilation=4),
            ]
        )
        self.attention = nn.Conv1d(n, 4, 1)
        self.out = nn.Sequential(nn.Linear(6 * n, 64), nn.ReLU(), nn.Dropout(0.3), nn.Linear(64, 1))

    def forward(self, ids: Any) -> Any:
        is_there = (ids > 0).float().unsqueeze(1)
        if self.training:
            ids = torch.where(torch.rand(ids.shape) < 0.1, torch.ones_like(ids), ids)
        first, *others = self.layers
        hidden = functional.dropout(self.words(ids).transpose(1, 2), 0.2, self.training)
        hidden = functional.relu(first(hidden)) * is_there
        for layer in others:
            shown = functional.dropout(hidden, 0.1, self.training)
            hidden = hidden + functional.relu(layer(shown)) * is_there
        nowhere = (1 - is_there) * 1e4
        shares = torch.softmax(self.attention(hidden) - nowhere, -1)
        pooled = [
            torch.einsum("bkt,bht->bkh", shares, hidden).flatten(1),
            (hidden - nowhere).max(-1)[0],
            hidden.sum(-1) / is_there.sum(-1),
        ]
        return self.out(torch.cat(pooled, 1)).squeeze(1)


def padded(passages: list[Any]) -> Any:
    out = np.zeros((len(passages), max(8, *map(len, passages))), np.int64)
    for row, passage in enumerate(passages):
        out[row, : len(passage)] = passage
    return torch.from_numpy(out)


def convolution_margins(rows: list[Row], dev: list[Row], epochs: int) -> Any:
    torch.manual_seed(0)
    draw = np.random.default_rng(0)
    read = [tokens(row.text)[:LONGEST] for row in rows]
    counted = Counter(word for passage in read for word in set(passage))
    number = {word: UNKNOWN + 1 + k for k, (word, n) in enumerate(counted.most_common()) if n >= 8}

    def ids(passage: list[str]) -> Any:
        return np.array([number.get(w) or 1 + zlib.crc32(w[:3].encode()) % UNKNOWN for w in passage])

    shown, labels = (
        [ids(passage) for passage in read],
        np.array([row.is_positive for row in rows], np.float32),
    )
    model = Convolution(UNKNOWN + 1 + len(number))
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3, weight_decay=0.01)
    n_steps = epochs * -(-len(rows) // BATCH)
    rate = torch.optim.lr_scheduler.OneCycleLR(optimizer, 2e-3, total_steps=n_steps, pct_start=0.1)
    lengths = np.array([len(passage) for passage in shown])
    for _ in range(epochs):
        order = np.argsort(
            lengths + draw.normal(0, 20, len(lengths))
        )  # passages of a batch are about as long
        batches = [order[at : at + BATCH] for at in range(0, len(order), BATCH)]
        for which in draw.permutation(len(batches)):
            truth = torch.from_numpy(labels[batches[which]]) * 0.98 + 0.01
            margins = model(padded([shown[row] for row in batches[which]]))
            optimizer.zero_grad()
            functional.binary_cross_entropy_with_logits(margins, truth).backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            rate.step()
    model.eval()
    with torch.no_grad():
        judged = [ids(tokens(row.text)[:LONGEST]) for row in dev]
        return np.concatenate([
            model(padded(judged[at : at + BATCH])).numpy() for at in range(0, len(judged), BATCH)
        ])  # fmt: skip


def best(labels: Any, margins: Any) -> tuple[dict[str, float], float]:
    """Return figures at the threshold that dev itself likes best, and that threshold."""
    thresholds = np.quantile(margins, np.linspace(0.3, 0.9, 601))
    accuracies = [float(((margins > t) == labels).mean()) for t in thresholds]
    hits = np.cumsum(labels[np.argsort(-margins)])
    n_taken = int(np.searchsorted(hits, RECALL * hits[-1])) + 1
    found = {
        "accuracy": max(accuracies), f"precision_at_recall_{RECALL}": float(hits[n_taken - 1] / n_taken),
        "auc": auc(labels, margins),
    }  # fmt: skip
    return {name: round(value, 4) for name, value in found.items()}, float(thresholds[np.argmax(accuracies)])


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument(
        "--every-licence", action="store_true", help="Also rows that no shipped model may learn from."
    )
    parser.add_argument("--epochs", type=int, default=5, help="Of the convolution.")
    parser.add_argument("--errors", type=int, default=0, help="Of the mean, to print.")
    args = parser.parse_args()
    recipe = read_recipe(RECIPE)
    rows = list(read_rows([args.data / name for name in recipe.train], recipe.positive))
    rows = shuffled(rows if args.every_licence else allowed(rows, recipe.licences), recipe.seed)
    dev = list(read_rows([args.data / name for name in recipe.dev], recipe.positive))
    labels = np.array([row.is_positive for row in dev])
    scores = np.clip(fit_scaffold(rows, recipe).scores(dev), 1e-6, 1 - 1e-6)
    margins = {
        "shipped": np.log(scores / (1 - scores)),
        "words": linear_margins(rows, dev, word_runs),
        "characters": linear_margins(rows, dev, character_runs),
        "convolution": convolution_margins(rows, dev, args.epochs),
    }
    mean = sum(share * margins[name] for name, share in SHARES.items())
    for name, found in (*margins.items(), ("mean", mean)):
        print(json.dumps({"model": name, "rows": len(rows), **best(labels, found)[0]}), flush=True)
    wrong = np.flatnonzero((mean > best(labels, mean)[1]) != labels)
    for place in np.random.default_rng(4).permutation(wrong)[: args.errors].tolist():
        row = dev[place]
        print(
            json.dumps(
                {"source": row.source, "is_positive": bool(labels[place]), "text": row.text},
                ensure_ascii=False,
            )
        )


if __name__ == "__main__":
    main()
