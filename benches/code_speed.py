"""Measure the code step on a GitHub dump, in its sandbox: MB of source a CPU second, shares, memory.

python benches/code_speed.py --data github/stackv2_style [--json OUT]

CPU time is the parent's and the child's together, from the first record handed over to
the last result; reading the Parquet files is not in it. `parse` and `query` are the two
calls into tree-sitter; `features` all the rest of `judge_code` (detection, marks, tree
and Halstead figures); `extract` decodes; `overhead` is pickling, pipes and the parent.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from corpusforge.code import CodeConfig, features, judge_code
from corpusforge.code.grammars import Grammar
from corpusforge.document import Document, Drop, Markup, SourceKind
from corpusforge.extract import ExtractConfig, extract_document
from corpusforge.sandbox import Failed, Sandbox, SandboxConfig

PARTS = ("extract", "parse", "query", "features", "overhead")


def make_step(argument: object) -> Callable[[Document], Any]:
    """Return the function of the child: extract and judge, with the CPU seconds of each part."""
    spent = {"parse": 0.0, "query": 0.0}
    setattr(Grammar, "parse", _timed(Grammar.parse, "parse", spent))  # noqa: B010
    setattr(features, "_captures", _timed(getattr(features, "_captures"), "query", spent))  # noqa: B009, B010
    extract_config, code_config = ExtractConfig(), CodeConfig()

    def step(document: Document) -> tuple[Document | Drop, float, float, float, float, int]:
        spent["parse"] = spent["query"] = 0.0
        start = time.process_time()
        result = extract_document(document, extract_config)
        middle = time.process_time()
        if isinstance(result, Document):
            result = judge_code(result, code_config)
        end = time.process_time()
        peak_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return result, middle - start, end - middle, spent["parse"], spent["query"], peak_kib

    return step


def _timed(function: Callable[..., Any], name: str, spent: dict[str, float]) -> Callable[..., Any]:
    def call(*arguments: Any) -> Any:
        start = time.process_time()
        try:
            return function(*arguments)
        finally:
            spent[name] += time.process_time() - start

    return call


def read_documents(folder: Path) -> Iterator[Document]:
    """Return the files of a folder of Parquet files as the reader of GitHub dumps hands them over."""
    for file in sorted(folder.glob("*.parquet")):
        table = pq.read_table(file, columns=["path", "content"])
        for path, raw in zip(table["path"].to_pylist(), table["content"].to_pylist(), strict=True):
            yield Document(
                doc_id="0" * 32,
                source="bench",
                source_kind=SourceKind.GITHUB,
                locator=path,
                markup=Markup.SOURCE,
                raw=raw,
                path=path.lstrip("/"),
            )


def measure(documents: list[Document]) -> dict[str, Any]:
    """Return throughput, shares and peak memory of the code step over documents."""
    sandbox: Sandbox[Document, Any] = Sandbox(
        "code_speed:make_step", None, SandboxConfig(), lambda document: len(document.raw or b"")
    )
    next(sandbox.map(documents[:1]))  # the child and its grammars load once a worker
    start_s = time.process_time() + sandbox.cpu_s()
    figures = summed(sandbox.map(documents))
    total_s = time.process_time() + sandbox.cpu_s() - start_s
    sandbox.close()
    spent = figures.pop("spent")
    spent["overhead"] = total_s - sum(spent.values())
    n_bytes = sum(len(document.raw or b"") for document in documents)
    return {
        "files": len(documents),
        **figures,
        "mb": round(n_bytes / 1e6, 2),
        "cpu_s": round(total_s, 2),
        "mb_per_cpu_s": round(n_bytes / 1e6 / total_s, 2),
        "share": {name: round(spent[name] / total_s, 3) for name in PARTS},
    }


def summed(results: Iterator[Any]) -> dict[str, Any]:
    """Return what the child's results add up to: files kept and failed, seconds by part, peak memory."""
    spent, failed, kept, peak_kib = dict.fromkeys(PARTS, 0.0), 0, 0, 0
    for result in results:
        if isinstance(result, Failed):
            failed += 1
            continue
        document, extract_s, judge_s, parse_s, query_s, peak = result
        kept += isinstance(document, Document)
        peak_kib = max(peak_kib, peak)
        spent["extract"] += extract_s
        spent["parse"] += parse_s
        spent["query"] += query_s
        spent["features"] += judge_s - parse_s - query_s
    return {"kept": kept, "failed": failed, "child_peak_mib": peak_kib // 1024, "spent": spent}


def main() -> int:
    """Run the measurement."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--data", required=True, type=Path, help="folder of Parquet files with path and content"
    )
    parser.add_argument("--json", type=Path, help="write the figures here")
    options = parser.parse_args()
    result = measure(list(read_documents(options.data)))
    print(json.dumps(result, indent=1))
    if options.json:
        options.json.write_text(json.dumps(result, indent=1, sort_keys=True))
    return 0


if __name__ == "__main__":
    sys.exit(main())
