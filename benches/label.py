"""Speed and dev accuracies of the label and filter steps, as JSON.

python benches/label.py --data ../shared/data [--documents 2000]
"""

from __future__ import annotations

import argparse
import collections
import json
import lzma
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from corpusforge.document import Document, Drop, SourceKind
from corpusforge.filter import FilterConfig, Tables, filter_document, load_tables
from corpusforge.filter.decontamination.contamination import decontaminate
from corpusforge.filter.privacy.redaction import redact
from corpusforge.filter.quality.signals import quality_signals
from corpusforge.label import LabelConfig, Models, label_document, load_models
from corpusforge.label.attributes import attributes
from corpusforge.label.language import identify
from corpusforge.label.math import math_scores
from corpusforge.label.reading import read
from corpusforge.label.scaffold import scaffold_score
from corpusforge.text import clean_text

Row = dict[str, str]


def load(path: Path, limit: int | None = None) -> list[Row]:
    with lzma.open(path, "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    step = max(1, len(rows) // limit) if limit else 1
    return [{**row, "text": clean_text(row["text"])} for row in rows[::step]]


def mb_per_s(texts: Sequence[str], step: Callable[[str], object]) -> float:
    n_bytes = sum(len(text.encode()) for text in texts)
    start = time.process_time()
    for text in texts:
        step(text)
    return round(n_bytes / 1e6 / (time.process_time() - start), 2)


def document(text: str) -> Document:
    return Document(doc_id="0" * 32, source="bench", source_kind=SourceKind.WARC, locator="bench", text=text)


def both(
    text: str, config: LabelConfig, models: Models, filters: FilterConfig, tables: Tables | None
) -> object:
    labelled = label_document(document(text), config, models)
    return labelled if isinstance(labelled, Drop) else filter_document(labelled, filters, tables)


def tagged(text: str, config: LabelConfig, models: Models) -> object:
    """Run both classifiers, whatever the first says."""
    return math_scores(read(text), models.math, config), scaffold_score(text, models.scaffold, config)


def described(text: str, config: LabelConfig, models: Models) -> object:
    scores = math_scores(read(text), models.math, config)
    return attributes(text, scores), scaffold_score(text, models.scaffold, config)


def speeds(texts: Sequence[str], data: Path, config: LabelConfig, models: Models) -> dict[str, float]:
    plain = FilterConfig()
    filters = FilterConfig(benchmarks=str(data / "benchmarks"))
    tables = load_tables(filters)
    assert tables is not None
    return {
        "label": mb_per_s(texts, lambda t: label_document(document(t), config, models)),
        "filter": mb_per_s(texts, lambda t: filter_document(document(t), plain, None)),
        "label and filter": mb_per_s(texts, lambda t: both(t, config, models, plain, None)),
        "label and filter with decontamination": mb_per_s(
            texts, lambda t: both(t, config, models, filters, tables)
        ),
        "part: language": mb_per_s(texts, lambda t: identify(read(t).bare, models.language, config)),
        "part: math": mb_per_s(texts, lambda t: math_scores(read(t), models.math, config)),
        "part: scaffold": mb_per_s(texts, lambda t: scaffold_score(t, models.scaffold, config)),
        "math and scaffold": mb_per_s(texts, lambda t: tagged(t, config, models)),
        "math, its attributes and scaffold": mb_per_s(texts, lambda t: described(t, config, models)),
        "part: quality": mb_per_s(texts, lambda t: quality_signals(t, "en")),
        "part: privacy": mb_per_s(texts, lambda t: redact(t, filters)),
        "part: decontamination": mb_per_s(texts, lambda t: decontaminate(document(t), tables, filters)),
    }


def binary(labels: np.ndarray, scores: np.ndarray, threshold: float) -> dict[str, float]:
    called = scores >= threshold
    hits = float((called & labels).sum())
    precision, recall = hits / max(1, called.sum()), hits / max(1, labels.sum())
    return {
        "accuracy": round(float((called == labels).mean()), 4),
        "precision": round(precision, 4),
        "recall": round(recall, 4),
        "f1": round(2 * precision * recall / (precision + recall), 4),
    }


def language_accuracy(rows: Sequence[Row], config: LabelConfig, models: Models) -> dict[str, float]:
    hits: dict[str, list[bool]] = collections.defaultdict(list)
    for row in rows:
        if row["lang1"]:
            found, _ = identify(read(row["text"]).bare, models.language, config)
            same = {"nb": "no"}.get(row["lang1"], row["lang1"])
            hits[row["lang1"]].append(found.split("-")[0] == same)
    means = {language: sum(values) / len(values) for language, values in hits.items()}
    known = [mean for mean in means.values() if mean > 0]
    return {
        "languages": len(means),
        "macro accuracy": round(sum(means.values()) / len(means), 4),
        "languages ever found": len(known),
        "macro accuracy of those": round(sum(known) / len(known), 4),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--documents", type=int, default=2000)
    options = parser.parse_args()
    config = LabelConfig()
    start = time.process_time()
    models = load_models(config)
    load_s = time.process_time() - start
    math_rows = load(options.data / "math/dev.jsonl.xz")
    scaffold_rows = load(options.data / "scaffold/dev.jsonl.xz", options.documents)
    pages = [row["text"] for row in math_rows[:: max(1, len(math_rows) // options.documents)]]
    labels = np.array([row["label"] == "math" for row in math_rows])
    scores = np.array([math_scores(read(row["text"]), models.math, config).score for row in math_rows])
    truth = np.array([row["label"] == "scaffold" for row in scaffold_rows])
    scaffolds = np.array([scaffold_score(row["text"], models.scaffold, config) for row in scaffold_rows])
    result = {
        "models_load_cpu_s": round(load_s, 2),
        "mb_per_cpu_s": {
            "documents": speeds(pages, options.data, config, models),
            "passages": speeds([row["text"] for row in scaffold_rows], options.data, config, models),
        },
        "math": binary(labels, scores, config.math_threshold),
        "scaffold": binary(truth, scaffolds, config.scaffold_threshold),
        "language": language_accuracy(load(options.data / "langid/dev.jsonl.xz"), config, models),
    }
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
