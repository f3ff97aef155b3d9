"""Measure the code split on labelled files: confusion, per kind, with and without the path.

python benches/code_split.py --data codegold/dev.jsonl.xz [--misses 40] [--markdown docs/code-split.md]
python benches/code_split.py --data codegold/dev.jsonl.xz --tune [--withheld] [--every 4]
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

import code_tuning

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
    decidable = Counter[bool]()
    for row in rows:
        verdict = judge_text(row["text"], row["path"] if with_path else None, config)
        got = verdict.domain.value if verdict.domain else "neither"
        right = got == row["label"]
        confusion[row["label"], got] += 1
        kinds[f"{row['label']}/{row['kind']}"][got] += 1
        languages[row["lang"]][got == row["label"]] += 1
        if row["hard"]:
            hard[right] += 1
        if not row["path_only"]:
            decidable[right] += 1
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
        "accuracy_but_path_only": decidable[True] / max(1, sum(decidable.values())),
        "code_nl_called_code": confusion["code_nl", "code"]
        / max(1, sum(confusion["code_nl", b] for b in LABELS)),
        "code_called_code_nl": confusion["code", "code_nl"]
        / max(1, sum(confusion["code", b] for b in LABELS)),
        "confusion": {a: {b: confusion[a, b] for b in LABELS} for a in LABELS},
        "kinds": {kind: dict(counts) for kind, counts in sorted(kinds.items())},
        "languages": {name: [c[True], c[True] + c[False]] for name, c in sorted(languages.items())},
        "misses": misses,
    }


def show_misses(result: Mapping[str, Any], limit: int) -> None:
    """Print what the split calls wrongly, with its reason."""
    for miss in result["misses"][:limit]:
        print(
            f"- {miss['id']} {miss['path']} {miss['kind']}: {miss['label']} -> {miss['got']} "
            f"({miss['language']}) {miss['reason']}"
        )


def as_markdown(with_path: Mapping[str, Any], without: Mapping[str, Any]) -> str:
    """Return the figures of both measurements as Markdown: bars, confusions, kinds and languages."""
    lines = [
        "| | with path | without path | without path, rows it can decide |",
        "| --- | ---: | ---: | ---: |",
    ]
    for title, key in (
        ("accuracy", "accuracy"),
        ("accuracy on hard items", "hard_accuracy"),
        ("code_nl called code", "code_nl_called_code"),
        ("code called code_nl", "code_called_code_nl"),
    ):
        decided = f"{without['accuracy_but_path_only']:.2%}" if key == "accuracy" else ""
        lines.append(f"| {title} | {with_path[key]:.2%} | {without[key]:.2%} | {decided} |")
    for title, result in (("With path", with_path), ("Without path", without)):
        lines += ["", f"{title}:", "", "| label | called " + " | called ".join(LABELS) + " |"]
        lines.append("| --- | ---: | ---: | ---: |")
        lines += [
            f"| {label} | " + " | ".join(str(row[b]) for b in LABELS) + " |"
            for label, row in result["confusion"].items()
        ]
    lines += ["", "Kinds, right of all:", "", "| kind | with path | without path | called instead |"]
    lines.append("| --- | ---: | ---: | --- |")
    for kind, counts in with_path["kinds"].items():
        lines.append(_kind_row(kind, counts, without["kinds"][kind]))
    lines += [
        "",
        "Languages by file name with a miss, right of all:",
        "",
        "| language | with path | without path |",
    ]
    lines.append("| --- | ---: | ---: |")
    clean: list[str] = []
    for name, (right, total) in with_path["languages"].items():
        if right == total == without["languages"][name][0]:
            clean.append(f"{name} {total}")
        else:
            lines.append(f"| {name} | {right}/{total} | {without['languages'][name][0]}/{total} |")
    return "\n".join([*lines, "", "Without a miss either way: " + ", ".join(clean) + "."])


def _kind_row(kind: str, counts: Mapping[str, int], withheld: Mapping[str, int]) -> str:
    label = kind.partition("/")[0]
    total = sum(counts.values())
    wrong = Counter[str]()
    for name, number in [*counts.items(), *withheld.items()]:
        if name != label:
            wrong[name] += number
    called = ", ".join(sorted(wrong))
    return f"| {kind} | {counts.get(label, 0)}/{total} | {withheld.get(label, 0)}/{total} | {called} |"


def write_between(page: Path, name: str, text: str) -> None:
    """Replace what stands between `<!-- name -->` and `<!-- end name -->` in a page."""
    start, end = f"<!-- {name} -->\n", f"<!-- end {name} -->"
    before, _, rest = page.read_text(encoding="utf-8").partition(start)
    after = rest.partition(end)[2]
    page.write_text(f"{before}{start}\n{text}\n\n{end}{after}", encoding="utf-8")


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


def main() -> int:
    """Run the measurements asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", help="labelled rows, .jsonl or .jsonl.xz")
    parser.add_argument("--speed", help="folder of Parquet files with path and content")
    parser.add_argument("--tune", action="store_true", help="choose thresholds with cross-validation (slow)")
    parser.add_argument(
        "--withheld", action="store_true", help="with --tune: without the path (ten times slower)"
    )
    parser.add_argument("--every", type=int, default=1, help="with --tune: every n-th row")
    parser.add_argument("--misses", type=int, default=0, help="how many misses to print")
    parser.add_argument("--markdown", type=Path, help="page whose figures are replaced (docs/code-split.md)")
    parser.add_argument("--json", help="write the figures here")
    options = parser.parse_args()
    config, results = CodeConfig(), dict[str, Any]()
    if options.data and options.tune:
        rows = read_rows(options.data)[:: options.every]
        results["tuning"] = code_tuning.cross_validate(rows, config, with_path=not options.withheld)
        print(tuning := code_tuning.as_markdown(results["tuning"], config))
        if options.markdown:
            write_between(options.markdown, "tuning", tuning)
    elif options.data:
        rows = read_rows(options.data)
        for with_path in (True, False):
            title = "with path" if with_path else "without path"
            results[title] = measure(rows, with_path=with_path, config=config)
            show_misses(results[title], options.misses)
        print(figures := as_markdown(results["with path"], results["without path"]))
        if options.markdown:
            write_between(options.markdown, "figures", figures)
    if options.speed:
        results["speed"] = speed(options.speed, config)
        print(json.dumps(results["speed"], indent=1))
    if options.json:
        Path(options.json).write_text(json.dumps(results, indent=1, sort_keys=True))
    return 0


if __name__ == "__main__":
    sys.exit(main())
