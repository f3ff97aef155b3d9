"""Write corpusforge/card/shipped.json: how good the split and the classifiers are that ship, for every card.

python benches/shipped_figures.py --data DATA [--output corpusforge/card/shipped.json]

The split and the scaffold classifier are measured on labelled rows here, beside the simpler rules of
`corpusforge/card/baselines.py` on the same rows; figures and calibration of the classifiers are taken
from their model cards, which must be of the models that are packaged.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from code_split import read_rows

from corpusforge.card.baselines import SPLIT_LABELS, split_by_rule, step_words
from corpusforge.code import CodeConfig, judge_text
from corpusforge.label import LabelConfig, load_models, scaffold_of

ROOT = Path(__file__).parents[1]
CARDS = ROOT / "classifiers" / "cards"
SPLIT_DATA, SCAFFOLD_DATA = "codegold/dev.jsonl.xz", "scaffold/dev.jsonl.xz"


def confusion(pairs: Iterable[tuple[str, str]], labels: tuple[str, ...]) -> dict[str, dict[str, int]]:
    """Return rows by label, then by what they were called."""
    counts = Counter(pairs)
    return {label: {called: counts[label, called] for called in labels} for label in labels}


def split_figures(data: Path) -> dict[str, Any]:
    """Return confusions of the split and of the rule, with and without the path."""
    rows = read_rows(str(data / SPLIT_DATA))
    config, found = CodeConfig(), dict[str, Any]()
    for name, with_path in (("with_path", True), ("without_path", False)):
        split, rule = list[tuple[str, str]](), list[tuple[str, str]]()
        for row in rows:
            path = row["path"] if with_path else None
            verdict = judge_text(row["text"], path, config)
            split.append((row["label"], verdict.domain.value if verdict.domain else "neither"))
            rule.append((row["label"], split_by_rule(row["text"], path)))
        found[name] = {"split": confusion(split, SPLIT_LABELS), "rule": confusion(rule, SPLIT_LABELS)}
    return {
        "data": f"{SPLIT_DATA}: {len(rows):,} files",
        "config_sha256": config.fingerprint(),
        "page": "docs/code-split.md",
        **found,
    }


def scaffold_figures(data: Path) -> dict[str, Any]:
    """Return confusions of the scaffold classifier and of the rule on the same passages."""
    rows = read_rows(str(data / SCAFFOLD_DATA))
    config = LabelConfig()
    models = load_models(config)
    labels = ["scaffold" if row["label"] == "scaffold" else "other" for row in rows]
    words = [step_words(row["text"]) for row in rows]
    called = [scaffold_of(row["text"], config, models)[0] >= config.scaffold_threshold for row in rows]
    for threshold in range(5, 65, 5):
        print(threshold, round(_f1(labels, [n >= threshold for n in words]), 4))
    best = max(range(5, 65, 5), key=lambda threshold: _f1(labels, [n >= threshold for n in words]))
    names = {True: "scaffold", False: "other"}
    both = ("scaffold", "other")
    return {
        "data": f"{SCAFFOLD_DATA}: {len(rows):,} passages",
        "step_words_per_1000": float(best),
        "classifier": confusion(zip(labels, (names[one] for one in called), strict=True), both),
        "rule": confusion(zip(labels, (names[n >= best] for n in words), strict=True), both),
    }


def _f1(labels: list[str], called: list[bool]) -> float:
    right = sum(label == "scaffold" and one for label, one in zip(labels, called, strict=True))
    return 2 * right / max(1, sum(called) + labels.count("scaffold"))


def card_figures(name: str, sha256: str) -> dict[str, Any]:
    """Return figures and calibration in the model card of a packaged model."""
    text = (CARDS / f"{name}.md").read_text("utf-8")
    if sha256 not in text:
        raise SystemExit(f"{name}: the model card is not of the packaged model {sha256}: train it again")
    calibration = {
        heading: _table(text.split(f"\n## {heading}\n")[1].split("\n### Calibration\n")[1])
        for heading in ("Sources left out", "Dev")
        if f"\n## {heading}\n" in text
    }
    return {
        "model_sha256": sha256,
        "card": f"classifiers/cards/{name}.md",
        "figures": _table(text.split("\n## Figures\n")[1]),
        "calibration": calibration,
    }


def _table(text: str) -> list[list[str]]:
    """Return the first table of Markdown: its head, then its rows."""
    lines = text[text.index("|") :].split("\n\n")[0].splitlines()
    rows = [[one.strip() for one in line.strip("| ").split(" | ")] for line in lines]
    return [row for row in rows if not set(row[0]) <= set("-:")]


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--output", type=Path, default=ROOT / "corpusforge" / "card" / "shipped.json")
    options = parser.parse_args()
    config = LabelConfig()
    value: Mapping[str, Any] = {
        "split": split_figures(options.data),
        "scaffold": {**card_figures("scaffold", config.scaffold_sha256), **scaffold_figures(options.data)},
        "math": card_figures("math", config.math_sha256),
    }
    options.output.write_text(json.dumps(value, indent=1, ensure_ascii=False) + "\n", "utf-8")


if __name__ == "__main__":
    main()
