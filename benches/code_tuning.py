"""Choose the thresholds of the code split on labelled files, with cross-validation by repository.

Called by `code_split.py --tune`. One pass over the rows a candidate value; then, for each
fold, every threshold is chosen on the other folds alone (the middle of the plateau of best
values), and the chosen set is measured on the fold. Repositories never lie in two folds.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from corpusforge.code import CodeConfig, judge_text

FACTORS = (0.7, 1.0, 1.4)
FOLDS = 5
Row = dict[str, Any]
Outcomes = list[str]


def outcomes(rows: Sequence[Row], config: CodeConfig, *, with_path: bool) -> Outcomes:
    """Return what the split calls each row: code, code_nl or neither."""
    called = (judge_text(row["text"], row["path"] if with_path else None, config) for row in rows)
    return [verdict.domain.value if verdict.domain else "neither" for verdict in called]


def fold_of(repo: str) -> int:
    """Return the fold of a repository, by a stable hash of its name."""
    return int.from_bytes(hashlib.sha256(repo.encode()).digest()[:4], "big") % FOLDS


def candidates(config: CodeConfig) -> dict[str, list[int | float]]:
    """Return the values tried for each threshold: its default times each factor, in order."""
    found: dict[str, list[int | float]] = {}
    for name, value in config.model_dump().items():
        if name.startswith("cirs_") or not isinstance(value, int | float) or value == 0:
            continue
        scaled = [min(1.0, value * f) if name.endswith("_share") else value * f for f in FACTORS]
        if isinstance(value, int):
            scaled = [max(1, round(number)) for number in scaled]
            scaled += [max(1, value - 1), value + 1]
        found[name] = sorted({*scaled, value})
    return found


def changed(config: CodeConfig, values: Mapping[str, int | float]) -> CodeConfig:
    """Return the configuration with some thresholds replaced."""
    return CodeConfig.model_validate({**config.model_dump(), **values})


def middle_of_plateau(
    values: Sequence[int | float], right: Sequence[int], default: int | float
) -> int | float:
    """Return the middle of the run of values that are right most often; the default's run wins a tie."""
    best = max(right)
    runs: list[list[int | float]] = []
    for value, count in zip(values, right, strict=True):
        if count < best:
            runs.append([])
        elif runs and runs[-1]:
            runs[-1].append(value)
        else:
            runs.append([value])
    run = max((run for run in runs if run), key=lambda run: (default in run, len(run)))
    on_edge = len(run) > 2 and default in (run[0], run[-1])
    return default if default in run and not on_edge else run[len(run) // 2]


def cross_validate(rows: Sequence[Row], config: CodeConfig, *, with_path: bool) -> dict[str, Any]:
    """Return per threshold how often each value is right, and the accuracy on held-out repositories."""
    labels = [row["label"] for row in rows]
    folds = [fold_of(row["repo"]) for row in rows]
    tried = candidates(config)
    default = outcomes(rows, config, with_path=with_path)
    called: dict[str, dict[int | float, Outcomes]] = {}
    for name, values in tried.items():
        called[name] = {
            value: default
            if value == getattr(config, name)
            else outcomes(rows, changed(config, {name: value}), with_path=with_path)
            for value in values
        }
    held_out: Outcomes = [""] * len(rows)
    chosen: list[dict[str, int | float]] = []
    for fold in range(FOLDS):
        training = [index for index, of in enumerate(folds) if of != fold]
        chosen.append(
            {
                name: middle_of_plateau(
                    list(answers),
                    [sum(answer[i] == labels[i] for i in training) for answer in answers.values()],
                    getattr(config, name),
                )
                for name, answers in called.items()
            }
        )
        held = [index for index, of in enumerate(folds) if of == fold]
        answers = outcomes([rows[i] for i in held], changed(config, chosen[-1]), with_path=with_path)
        for index, answer in zip(held, answers, strict=True):
            held_out[index] = answer
    return {
        "rows": len(rows),
        "repositories": len({row["repo"] for row in rows}),
        "fold_rows": dict(sorted(Counter(folds).items())),
        "default": figures(rows, default),
        "held_out": figures(rows, held_out),
        "moved_by_fold": [
            {name: value for name, value in fold.items() if value != getattr(config, name)} for fold in chosen
        ],
        "thresholds": {
            name: {
                str(value): sum(a == b for a, b in zip(answer, labels, strict=True))
                for value, answer in answers.items()
            }
            for name, answers in called.items()
        },
    }


def figures(rows: Sequence[Row], called: Outcomes) -> dict[str, float]:
    """Return the figures of the bars on labelled rows."""
    pairs = Counter((row["label"], answer) for row, answer in zip(rows, called, strict=True))
    hard = [row["label"] == answer for row, answer in zip(rows, called, strict=True) if row["hard"]]
    content = [
        row["label"] == answer for row, answer in zip(rows, called, strict=True) if not row["path_only"]
    ]
    of = Counter(row["label"] for row in rows)
    return {
        "accuracy": sum(n for (a, b), n in pairs.items() if a == b) / len(rows),
        "accuracy_but_path_only": sum(content) / max(1, len(content)),
        "hard_accuracy": sum(hard) / max(1, len(hard)),
        "code_nl_called_code": pairs["code_nl", "code"] / max(1, of["code_nl"]),
        "code_called_code_nl": pairs["code", "code_nl"] / max(1, of["code"]),
    }


def as_markdown(result: Mapping[str, Any], config: CodeConfig) -> str:
    """Return a cross-validation as Markdown."""
    lines = [
        "| | accuracy | hard | code_nl called code | code called code_nl |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    titles = ("defaults, all rows", "default"), ("chosen on the other folds, rows held out", "held_out")
    for title, key in titles:
        found = result[key]
        lines.append(
            f"| {title} | {found['accuracy']:.2%} | {found['hard_accuracy']:.2%} "
            f"| {found['code_nl_called_code']:.2%} | {found['code_called_code_nl']:.2%} |"
        )
    lines += ["", f"{result['rows']} rows of {result['repositories']} repositories in {FOLDS} folds.", ""]
    lines += ["| threshold | rows right at each value (default in bold) |", "| --- | --- |"]
    still: list[str] = []
    for name, counts in result["thresholds"].items():
        if len(set(counts.values())) == 1:
            still.append(name)
        else:
            lines.append(f"| `{name}` | {_answers(counts, str(getattr(config, name)))} |")
    lines += ["", "No value tried moves a row: " + ", ".join(f"`{name}`" for name in still) + ".", ""]
    moved = [", ".join(f"`{k}` {v:g}" for k, v in fold.items()) or "none" for fold in result["moved_by_fold"]]
    return "\n".join([*lines, "Chosen away from the default, by fold: " + "; ".join(moved) + "."])


def _answers(counts: Mapping[str, int], default: str) -> str:
    return ", ".join(
        f"**{float(value):g}: {n}**" if value == default else f"{float(value):g}: {n}"
        for value, n in sorted(counts.items(), key=lambda pair: float(pair[0]))
    )
