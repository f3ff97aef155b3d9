"""How the cost of every extractor, step and reader grows with its input: the worst shapes, as ratios.

    python benches/growth.py [--base 32768] [--only TEXT] [--shapes TEXT] [--deadline 20] [--json OUT]

Each shape of `growth_shapes.py` is given to each step and reader at 1x and 8x in a killable child. Where 8x
costs over 1.3 times 8 times the 1x, all of 1x, 2x, 4x, 8x are measured again, the best of five each, at a
size where 1x costs 10 ms or more: what is left above 1.3 is printed. CPU time, so that other processes matter
little. Exit status 1 when something grows faster.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

from growth_shapes import CARRIERS, FILES, shapes

from corpusforge.code import judge_code
from corpusforge.code.config import CodeConfig
from corpusforge.config import StepsConfig
from corpusforge.dedup.config import SignatureConfig
from corpusforge.dedup.signature import signatures
from corpusforge.document import Document, Markup, SourceKind
from corpusforge.extract import ExtractConfig, extract_document
from corpusforge.extract.web.preview import preview
from corpusforge.filter import filter_document
from corpusforge.filter.privacy.redaction import redact
from corpusforge.ingest import IngestConfig, InputFile, read
from corpusforge.label import label_document
from corpusforge.sandbox import Failed, Sandbox, SandboxConfig
from corpusforge.steps import Tools, load_tools

MAX_RATIO = 1.3
FOLD = 8
MIN_S = 0.010
"""What 1x must cost for a ratio to be more than noise of the clock."""
MAX_BASE = 1 << 20
STEPS = ("label", "filter", "redact", "signature")
"""Given the shape as text, whatever its extractor would have made of it."""
Item = tuple[str, str, int, int]
"""(target, shape, bytes, runs)."""


def targets() -> list[str]:
    """Return what is measured: `extract` and `code` by carrier, the steps on text, the readers by file."""
    found = [f"extract {name}" for name in CARRIERS] + ["preview page"]
    found += [f"code {name}" for name in CARRIERS if _is_code(CARRIERS[name]("x"))]
    return found + [f"{step} text" for step in STEPS] + [f"read {name}" for name in FILES]


def _is_code(document: Document) -> bool:
    return document.markup in (Markup.SOURCE, Markup.NOTEBOOK)


def make_measure(_: object) -> Callable[[Item], list[float]]:
    """Return the function of the sandbox: CPU seconds of each run."""
    by_name = {shape.name: shape for shape in shapes()}
    warm: set[str] = set()

    def measure(item: Item) -> list[float]:
        target, name, n_bytes, n_runs = item
        if target not in warm:  # what is compiled or loaded at first use is no part of the cost
            warm.add(target)
            list(_runs(target, by_name["'The cat sat. ' lines"].make(3000), 1))
        return list(_runs(target, by_name[name].make(n_bytes), n_runs))

    return measure


@cache
def _steps() -> tuple[StepsConfig, Tools]:
    config = StepsConfig()
    return config, load_tools(config)


def _runs(target: str, text: str, n_runs: int) -> Iterator[float]:
    kind, _, name = target.partition(" ")
    if kind == "read":
        yield from _read(name, text, n_runs)
        return
    call = _call(kind, name, text)
    for _ in range(n_runs):
        start_s = time.process_time()
        call()
        yield time.process_time() - start_s


def _call(kind: str, name: str, text: str) -> Callable[[], object]:
    if kind in ("extract", "preview", "code"):
        document = CARRIERS[name](text)
        if kind == "preview":
            return lambda: preview(document)
        if kind == "extract":
            return lambda: extract_document(document, ExtractConfig())
        extracted = extract_document(document, ExtractConfig())
        return (
            (lambda: judge_code(extracted, CodeConfig()))
            if isinstance(extracted, Document)
            else (lambda: None)
        )
    clean = text.encode("utf-8", "replace").decode()
    document = Document(doc_id="0" * 32, source="s", source_kind=SourceKind.JSONL, locator="l",
                        markup=Markup.TEXT, text=clean, domain="web", path="a")  # fmt: skip
    config, tools = _steps()
    if kind == "label":
        return lambda: label_document(document, config.label, tools.models)
    if kind == "filter":
        return lambda: filter_document(document, config.filter, tools.tables)
    if kind == "redact":
        return lambda: redact(clean, config.filter)
    return lambda: signatures([clean], SignatureConfig(), ["web"])


def _read(name: str, text: str, n_runs: int) -> Iterator[float]:
    kind, file_name, make = FILES[name]
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, file_name)
        with open(path, "wb") as out:
            out.write(make(text))
        for _ in range(n_runs):
            start_s = time.process_time()
            for _record in read(InputFile(path, file_name, "s", kind), IngestConfig()):
                pass
            yield time.process_time() - start_s


def main() -> int:
    """Print what grows faster than it may."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--base", type=int, default=32 << 10, help="bytes at 1x (default: 32 KiB)")
    parser.add_argument("--only", default="", help="targets whose name holds this")
    parser.add_argument("--shapes", default="", help="shapes whose name holds this")
    parser.add_argument("--deadline", type=float, default=20.0, help="CPU seconds for one measurement")
    parser.add_argument("--json", help="where to write every figure")
    options = parser.parse_args()
    names = [shape.name for shape in shapes() if options.shapes in shape.name]
    chosen = [target for target in targets() if options.only in target]
    config = SandboxConfig(deadline_s=options.deadline, batch_items=1, memory_mib=4096)
    sandbox: Sandbox[Item, list[float]] = Sandbox("growth:make_measure", None, config)
    pairs = [(target, name) for target in chosen for name in names]
    screened = list(_screen(pairs, options.base, sandbox))
    rows = [_measured(row, options.base, sandbox) for row in screened if _suspect(row)]
    sandbox.close()
    worst = [row for row in rows if row["ratio"] > MAX_RATIO]
    for row in sorted(worst, key=lambda row: -row["ratio"]):
        print(f"{row['ratio']:8.2f}  {row['target']:24} {row['shape']:44} {row['s']} at {row['bytes']}")
    for target in chosen:
        print(f"{target:28} {_worst_of(target, screened, rows):5.2f}")
    print(
        f"{len(pairs)} pairs of {len(chosen)} targets and {len(names)} shapes; {len(worst)} over {MAX_RATIO}"
    )
    if options.json:
        with open(options.json, "w") as out:
            json.dump({"screened": screened, "rows": rows}, out, indent=1)
    return int(bool(worst))


def _screen(
    pairs: list[tuple[str, str]], base: int, sandbox: Sandbox[Item, list[float]]
) -> Iterator[dict[str, Any]]:
    """Yield a row a pair: seconds at 1x and 8x, None where it was killed."""
    for target, shape in pairs:
        row: dict[str, Any] = {"target": target, "shape": shape}
        for fold, n_runs in ((1, 2), (FOLD, 1)):
            row[f"x{fold}"] = _seconds((target, shape, base * fold, n_runs), sandbox)
        yield row
        if _suspect(row):
            print("suspect", row, file=sys.stderr, flush=True)


def _seconds(item: Item, sandbox: Sandbox[Item, list[float]]) -> float | None:
    (result,) = sandbox.map([item])
    if isinstance(result, Failed):
        print(item, result.error, file=sys.stderr, flush=True)
        return None
    return min(result)  # type: ignore[arg-type]


def _suspect(row: dict[str, Any]) -> bool:
    x1, x8 = row["x1"], row[f"x{FOLD}"]
    if x1 is None or x8 is None:
        return True
    return x8 > MIN_S and x8 > MAX_RATIO * FOLD * x1


def _measured(row: dict[str, Any], base: int, sandbox: Sandbox[Item, list[float]]) -> dict[str, Any]:
    """Return a suspect measured with care: the worst of its ratios to linear growth from 1x on."""
    target, shape = row["target"], row["shape"]
    if row["x1"] is None or row[f"x{FOLD}"] is None:
        return {**row, "ratio": float("inf"), "s": [row["x1"], row[f"x{FOLD}"]], "bytes": base}
    while True:
        first = _seconds((target, shape, base, 5), sandbox)
        if first is None or first >= MIN_S or base >= MAX_BASE:
            break
        base *= 2
    found = [first] + [_seconds((target, shape, base * fold, 5), sandbox) for fold in (2, 4, FOLD)]
    ratios = [
        s / fold / (first or 1.0) if s is not None else float("inf")
        for s, fold in zip(found, (1, 2, 4, FOLD), strict=True)
    ]
    seconds = [None if s is None else round(s, 4) for s in found]
    return {**row, "ratio": max(ratios), "s": seconds, "bytes": base}


def _worst_of(target: str, screened: list[dict[str, Any]], rows: list[dict[str, Any]]) -> float:
    """Return the largest ratio of a target to linear growth."""
    careful = {(row["target"], row["shape"]): row["ratio"] for row in rows}
    mine = [row for row in screened if row["target"] == target]
    ratios = [careful.get((target, row["shape"])) or row[f"x{FOLD}"] / FOLD / max(row["x1"], 1e-6)
              for row in mine if _suspect(row) or row[f"x{FOLD}"] > MIN_S]  # fmt: skip
    return max(ratios, default=1.0)


if __name__ == "__main__":
    sys.exit(main())
