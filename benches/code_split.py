"""Measure the code split on labelled files: confusion, per kind, with and without the path.

python benches/code_split.py --data codegold/dev.jsonl.xz [--misses 40] [--json OUT]
python benches/code_split.py --data codegold/dev.jsonl.xz --tune [--every 4]
python benches/code_split.py --speed github/stackv2_style
"""

from __future__ import annotations

import argparse
import json
import lzma
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from corpusforge.code import CodeConfig, judge_text

LABELS = ("code", "code_nl", "neither")


def read_rows(path: str) -> list[dict[str, Any]]:
    """Return the labelled rows of a JSON Lines file, plain or .xz."""
    opener = lzma.open if path.endswith(".xz") else open
    with opener(path, "rt", encoding="utf-8") as stream:
        return [json.loads(line) for line in stream]


def measure(rows: list[dict[str, Any]], *, with_path: bool, config: CodeConfig) -> dict[str, Any]:
    """Return confusion, accuracy and misses of the split on labelled rows."""
    confusion: Counter[tuple[str, str]] = Counter()
    kinds: dict[str, Counter[str]] = defaultdict(Counter)
    languages: dict[str, Counter[str]] = defaultdict(Counter)
    misses: list[dict[str, str]] = []
    hard = Counter[bool]()
    for row in rows:
        verdict = judge_text(row["text"], row["path"] if with_path else None, config)
        got = verdict.domain.value if verdict.domain else "neither"
        right = got == row["label"]
        confusion[row["label"], got] += 1
        kinds[f"{row['label']}/{row['kind']}"][got] += 1
        languages[row["lang"]][got == row["label"]] += 1
        if row["hard"]:
            hard[right] += 1
        if not right:
            misses.append(
                {
                    "id": row["id"],
                    "path": row["path"],
                    "kind": row["kind"],
                    "label": row["label"],
                    "got": got,
                    "language": verdict.language or "-",
                    "reason": verdict.reason,
                }
            )
    total = sum(confusion.values())
    return {
        "accuracy": sum(n for (a, b), n in confusion.items() if a == b) / total,
        "hard_accuracy": hard[True] / max(1, sum(hard.values())),
        "code_nl_called_code": confusion["code_nl", "code"]
        / max(1, sum(confusion["code_nl", b] for b in LABELS)),
        "code_called_code_nl": confusion["code", "code_nl"]
        / max(1, sum(confusion["code", b] for b in LABELS)),
        "confusion": {a: {b: confusion[a, b] for b in LABELS} for a in LABELS},
        "kinds": {kind: dict(counts) for kind, counts in sorted(kinds.items())},
        "languages": {name: [c[True], c[True] + c[False]] for name, c in sorted(languages.items())},
        "misses": misses,
    }


def show(result: Mapping[str, Any], title: str, misses: int) -> None:
    """Print one measurement as Markdown."""
    print(f"\n## {title}\n")
    print(
        f"accuracy {result['accuracy']:.2%}, hard {result['hard_accuracy']:.2%}, "
        f"code_nl called code {result['code_nl_called_code']:.2%}, "
        f"code called code_nl {result['code_called_code_nl']:.2%}\n"
    )
    print("| label | called " + " | called ".join(LABELS) + " |\n| --- | ---: | ---: | ---: |")
    for label, row in result["confusion"].items():
        print(f"| {label} | " + " | ".join(str(row[b]) for b in LABELS) + " |")
    print("\n| kind | right | of | called |\n| --- | ---: | ---: | --- |")
    for kind, counts in result["kinds"].items():
        label = kind.partition("/")[0]
        wrong = ", ".join(f"{name} {n}" for name, n in sorted(counts.items()) if name != label)
        print(f"| {kind} | {counts.get(label, 0)} | {sum(counts.values())} | {wrong} |")
    weak = {name: pair for name, pair in result["languages"].items() if pair[0] < pair[1]}
    print("\nlanguages with misses: " + ", ".join(f"{name} {a}/{b}" for name, (a, b) in weak.items()))
    for miss in result["misses"][:misses]:
        print(
            f"- {miss['id']} {miss['path']} {miss['kind']}: {miss['label']} -> {miss['got']} "
            f"({miss['language']}) {miss['reason']}"
        )


def parquet_files(folder: Path) -> Iterator[tuple[str, str]]:
    """Return (path, text) of the files in a folder of Parquet files."""
    import pyarrow.parquet as pq

    for file in sorted(folder.glob("*.parquet")):
        table = pq.read_table(file, columns=["path", "content"])
        for path, content in zip(table["path"].to_pylist(), table["content"].to_pylist(), strict=True):
            if b"\0" not in content:
                yield path.lstrip("/"), content.decode("utf-8", "replace")


def speed(folder: str, config: CodeConfig) -> dict[str, Any]:
    """Return CPU throughput of the split over a folder of Parquet files of sources."""
    spent: Counter[str] = Counter()
    size: Counter[str] = Counter()
    called: Counter[str] = Counter()
    slowest: list[tuple[float, str]] = []
    for path, text in parquet_files(Path(folder)):
        start = time.process_time()
        verdict = judge_text(text, path, config)
        taken = time.process_time() - start
        key = verdict.domain.value if verdict.domain else (verdict.drop.value if verdict.drop else "document")
        spent[key] += taken  # pyright: ignore[reportArgumentType]
        size[key] += len(text.encode("utf-8", "replace"))
        called[key] += 1
        slowest = sorted([*slowest, (taken, path)], reverse=True)[:5]
    return {
        "mb_per_cpu_s": sum(size.values()) / 1e6 / sum(spent.values()),
        "by_verdict": {k: [called[k], round(size[k] / 1e6, 2), round(spent[k], 2)] for k in sorted(called)},
        "slowest": slowest,
    }


def tune(rows: list[dict[str, Any]], config: CodeConfig) -> None:
    """Print as Markdown how accuracy answers to each threshold: at less, at the default, at more."""
    print("| threshold | default | less: with path, without | more: with path, without |")
    print("| --- | ---: | ---: | ---: |")
    print(f"| (all at their defaults) | | {_accuracies(rows, config)} | |")
    for name, info in CodeConfig.model_fields.items():
        value = info.default
        if not isinstance(value, int | float) or name.startswith("cirs_"):
            continue
        answers = [
            _accuracies(rows, changed) for factor in (0.7, 1.3) if (changed := _scaled(config, name, factor))
        ]
        print(f"| `{name}` | {value} | " + " | ".join(answers) + " |")


def _scaled(config: CodeConfig, name: str, factor: float) -> CodeConfig:
    value = getattr(config, name)
    share = name.endswith("_share")
    scaled = min(1.0, value * factor) if share else value * factor
    if isinstance(value, int):
        scaled = max(1, round(scaled) if round(scaled) != value else value + (1 if factor > 1 else -1))
    return CodeConfig.model_validate({**config.model_dump(), name: scaled})


def _accuracies(rows: list[dict[str, Any]], config: CodeConfig) -> str:
    found = [measure(rows, with_path=with_path, config=config)["accuracy"] for with_path in (True, False)]
    return ", ".join(f"{accuracy:.2%}" for accuracy in found)


def main() -> int:
    """Run the measurements asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", help="labelled rows, .jsonl or .jsonl.xz")
    parser.add_argument("--speed", help="folder of Parquet files with path and content")
    parser.add_argument("--tune", action="store_true", help="how accuracy answers to each threshold (slow)")
    parser.add_argument("--every", type=int, default=1, help="with --tune: every n-th row")
    parser.add_argument("--misses", type=int, default=0, help="how many misses to print")
    parser.add_argument("--json", help="write the figures here")
    options = parser.parse_args()
    config, results = CodeConfig(), dict[str, Any]()
    if options.data and options.tune:
        tune(read_rows(options.data)[:: options.every], config)
    elif options.data:
        rows = read_rows(options.data)
        for with_path in (True, False):
            title = "with path" if with_path else "without path"
            results[title] = measure(rows, with_path=with_path, config=config)
            show(results[title], title, options.misses)
    if options.speed:
        results["speed"] = speed(options.speed, config)
        print(json.dumps(results["speed"], indent=1))
    if options.json:
        Path(options.json).write_text(json.dumps(results, indent=1, sort_keys=True))
    return 0


if __name__ == "__main__":
    sys.exit(main())
