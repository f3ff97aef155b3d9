"""Measure the name and the kind that the split gives to files of many languages.

python benches/languages.py --data languages/dev.jsonl.xz [--misses N] [--json OUT]

A row's language is supported when `languages.toml` has it, by the names below: linguist tells
dialects apart that one row of ours stands for. Of a program in a supported language the name
counts as right when it is the row's; of one in another language a name counts as wrong when it
is neither its own (by `known_languages.toml`) nor none. `code` counts where the verdict is that domain.
"""

from __future__ import annotations

import argparse
import json
import lzma
import sys
from collections import Counter
from functools import partial
from multiprocessing import Pool
from pathlib import Path
from typing import Any

from corpusforge.code import CodeConfig, Verdict, judge_text
from corpusforge.code.grammars import languages
from corpusforge.domains import Domain

SAME = {
    "batchfile": "batch",
    "c++": "cpp",
    "classic asp": "visual basic",
    "component pascal": "pascal",
    "gno": "go",
    "game maker language": "game maker",
    "glimmer js": "javascript",
    "hip": "cuda",
    "kickstart": "shell",
    "linux kernel module": "c",
    "motorola 68k assembly": "assembly",
    "openrc runscript": "shell",
    "alpine abuild": "shell",
    "plpgsql": "sql",
    "plsql": "sql",
    "sqlpl": "sql",
    "hiveql": "sql",
    "tsql": "sql",
    "sage": "python",
    "snakemake": "python",
    "systemverilog": "verilog",
    "unix assembly": "assembly",
    "vba": "visual basic",
    "vbscript": "visual basic",
    "visual basic .net": "visual basic",
    "visual basic 6.0": "visual basic",
    "objective-c++": "objective-c",
    "nextflow": "groovy",
    "eclipse": "prolog",
    "cython": "python",
    "freebasic": "visual basic",
    "quickbasic": "visual basic",
    "tcsh": "shell",
    "easybuild": "python",
    "literate coffeescript": "coffeescript",
}
"""Linguist's names (lower case) that a row of ours stands for under another."""


def read_rows(path: Path) -> list[dict[str, Any]]:
    """Return the rows of an .xz file of JSON lines."""
    with lzma.open(path, "rt", encoding="utf-8") as stream:
        return [json.loads(line) for line in stream]


def own_name(language: str) -> str:
    """Return our name of one of linguist's languages."""
    lowered = language.lower()
    return SAME.get(lowered, lowered)


def _judged(row: dict[str, Any], *, with_path: bool, config: CodeConfig) -> Verdict:
    return judge_text(row["text"], row["path"] if with_path else None, config)


def measure(rows: list[dict[str, Any]], *, with_path: bool, config: CodeConfig) -> dict[str, Any]:
    """Return how often name and kind of programs are right, with the rows that are not."""
    counts: Counter[str] = Counter()
    misses: list[tuple[str, str, str, str, str]] = []
    supported_names = languages()
    with Pool() as pool:
        verdicts = pool.map(partial(_judged, with_path=with_path, config=config), rows, chunksize=16)
    for row, verdict in zip(rows, verdicts, strict=True):
        if row["type"] != "programming":
            counts["other"] += 1
            if verdict.domain is Domain.CODE:
                counts["other_called_code"] += 1
                misses.append(("other", row["language"], row["path"], str(verdict.language), verdict.reason))
            continue
        want = own_name(row["language"])
        is_code = verdict.domain is Domain.CODE
        if want in supported_names:
            counts["supported"] += 1
            counts["supported_named"] += verdict.language == want
            counts["supported_code"] += is_code
            kind = ("name " if verdict.language != want else "") + ("kind" if not is_code else "")
        else:
            counts["unsupported"] += 1
            wrong = verdict.language is not None and verdict.language not in (want, row["language"].lower())
            counts["unsupported_wrong"] += wrong
            counts["unsupported_code"] += is_code
            kind = "wrong" if wrong else ""
        if kind:
            misses.append((kind.strip(), row["language"], row["path"], str(verdict.language), verdict.reason))
    return {
        "supported": counts["supported"],
        "named": counts["supported_named"] / max(1, counts["supported"]),
        "called_code": counts["supported_code"] / max(1, counts["supported"]),
        "unsupported": counts["unsupported"],
        "unsupported_wrong": counts["unsupported_wrong"] / max(1, counts["unsupported"]),
        "unsupported_called_code": counts["unsupported_code"] / max(1, counts["unsupported"]),
        "data_markup_prose_called_code": counts["other_called_code"] / max(1, counts["other"]),
        "misses": misses,
    }


def main() -> int:
    """Run the measurement."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", required=True, type=Path, help="rows, .jsonl.xz")
    parser.add_argument("--misses", type=int, default=0, help="how many misses to print")
    parser.add_argument("--json", type=Path, help="write the figures here")
    options = parser.parse_args()
    rows = read_rows(options.data)
    results: dict[str, Any] = {}
    for with_path in (True, False):
        title = "with the file's name" if with_path else "without"
        result = results[title] = measure(rows, with_path=with_path, config=CodeConfig())
        for miss in sorted(result["misses"])[: options.misses]:
            print(*miss, sep=" | ")
        print(title, json.dumps({k: v for k, v in result.items() if k != "misses"}, indent=1))
    if options.json:
        options.json.write_text(json.dumps(results, indent=1, sort_keys=True))
    return 0


if __name__ == "__main__":
    sys.exit(main())
