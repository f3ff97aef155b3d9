"""Extraction against its peers: main text, formulas, code blocks and speed, in one run.

    python benches/extract.py --data PATH [--pages 300] [--json out.json]

PATH holds dev.jsonl.xz, math_dev.jsonl.xz and code_dev.jsonl.xz (see its README for the
metrics): F1 is the macro mean over pages of token F1; formulas: the share of gold TeX of
five or more normalised characters found in the normalised output; code: the share of
gold blocks of two or more lines whose every line stands in the output with its indentation.
"""

from __future__ import annotations

import argparse
import collections
import html
import json
import logging
import lzma
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import mean
from typing import Any

import trafilatura
from resiliparse.extract.html2text import extract_plain_text
from resiliparse.parse.html import HTMLTree
from rich.console import Console
from rich.table import Table

from corpusforge.extract.config import ExtractConfig
from corpusforge.extract.html import page_text

_CJK = "\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0e7f"
_TOKEN = re.compile(rf"[{_CJK}]|[^\W{_CJK}]+")
_TEX_NOISE = re.compile(r"\\\\|\\(?:displaystyle|textstyle|left|right)(?![A-Za-z])|\\[,;:! ]|[\s{}]")
_SYNONYMS = {"leq": "le", "geq": "ge", "neq": "ne", "rightarrow": "to", "cdots": "dots", "ldots": "dots"}
_SYNONYM = re.compile(rf"\\({'|'.join(_SYNONYMS)})(?![A-Za-z])")
_MIN_TEX_CHARS = 5
Extractor = Callable[[str], str]


def _ours(extractor: str) -> Extractor:
    config = ExtractConfig.model_validate({"extractor": extractor})
    return lambda page: page_text(page, config)[0]


EXTRACTORS: dict[str, Extractor] = {
    "corpusforge auto": _ours("auto"),
    "corpusforge fast": _ours("fast"),
    "trafilatura default": lambda page: trafilatura.extract(page) or "",
    "resiliparse main_content": lambda page: extract_plain_text(HTMLTree.parse(page), main_content=True),
}


def rows(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the rows of an .xz file of JSON lines."""
    with lzma.open(path, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def sample(path: Path, pages: int, group: str | None = None) -> list[dict[str, Any]]:
    """Return about `pages` rows: evenly spread, or as many of each group as that allows."""
    everything = sorted(rows(path), key=lambda row: str(row["id"]))
    if group is None:
        return everything[:: max(1, len(everything) // pages)]
    groups: dict[str, list[dict[str, Any]]] = collections.defaultdict(list)
    for row in everything:
        groups[row[group].partition(":")[0] if row[group].startswith("real-site") else row[group]].append(row)
    each = max(1, pages // len(groups))
    return [row for _, members in sorted(groups.items()) for row in members[:each]]


def token_scores(text: str, gold: str) -> tuple[float, float, float]:
    """Return (precision, recall, F1) over bags of lower-cased tokens."""
    found, wanted = (collections.Counter(_TOKEN.findall(side.lower())) for side in (text, gold))
    common = (found & wanted).total()
    if not common:
        return (0.0, 0.0, float(not found and not wanted))
    precision, recall = common / found.total(), common / wanted.total()
    return precision, recall, 2 * precision * recall / (precision + recall)


def normalised_tex(tex: str) -> str:
    """Return TeX as the metric compares it: no spacing, no braces, one name per symbol."""
    tex = _SYNONYM.sub(lambda match: "\\" + _SYNONYMS[match[1]], html.unescape(tex))
    return _TEX_NOISE.sub("", tex).rstrip(".,;")


def formulas_found(text: str, formulas: list[dict[str, Any]]) -> tuple[int, int]:
    """Return (found, looked for)."""
    haystack = normalised_tex(text)
    wanted = [tex for item in formulas if len(tex := normalised_tex(item["tex"])) >= _MIN_TEX_CHARS]
    wanted = [tex for tex in wanted if re.search(r"[\\^_=<>+]", tex)]
    return sum(tex in haystack for tex in wanted), len(wanted)


def _code_lines(text: str) -> str:
    lines = (line.rstrip().replace("\u00a0", " ") for line in text.replace("\r\n", "\n").split("\n"))
    return "\n" + "\n".join(lines) + "\n"


def code_found(text: str, codes: list[dict[str, Any]]) -> tuple[int, int]:
    """Return (blocks found exactly, blocks looked for); blank lines at the ends do not count."""
    haystack = _code_lines(text)
    wanted = [_code_lines(item["code"]).strip("\n") for item in codes]
    wanted = [block for block in wanted if "\n" in block]
    return sum(f"\n{block}\n" in haystack for block in wanted), len(wanted)


def timed(extract: Extractor, pages: list[dict[str, Any]]) -> tuple[list[str], float]:
    """Return (texts, CPU seconds) of an extractor over pages; a failure is empty text."""
    texts: list[str] = []
    start = time.process_time()
    for page in pages:
        try:
            texts.append(extract(page["html"]))
        except Exception as error:  # a peer's crash on one page must not end the comparison
            logging.warning("%s: %r", page["id"], error)
            texts.append("")
    return texts, time.process_time() - start


def measure(extract: Extractor, sets: dict[str, list[dict[str, Any]]]) -> dict[str, Any]:
    """Return the figures of one extractor."""
    texts, cpu_s = timed(extract, sets["text"])
    scores = [token_scores(text, page["gold_text"]) for text, page in zip(texts, sets["text"], strict=True)]
    by_type: dict[str, list[float]] = collections.defaultdict(list)
    for score, page in zip(scores, sets["text"], strict=True):
        by_type[page.get("page_type") or page["source"]].append(score[2])
    result: dict[str, Any] = {
        "pages_per_cpu_s": round(len(texts) / cpu_s, 1),
        "precision": round(mean(s[0] for s in scores), 4),
        "recall": round(mean(s[1] for s in scores), 4),
        "f1": round(mean(s[2] for s in scores), 4),
        "f1_by_type": {name: round(mean(values), 3) for name, values in sorted(by_type.items())},
    }
    for name, field, count in (("math", "formulas", formulas_found), ("code", "codes", code_found)):
        texts, _ = timed(extract, sets[name])
        pairs: dict[str, list[tuple[int, int]]] = collections.defaultdict(list)
        for text, page in zip(texts, sets[name], strict=True):
            pairs[
                page["generator"].partition(":")[0] if "real-site" in page["generator"] else page["generator"]
            ].append(count(text, page[field]))
        every = [pair for group in pairs.values() for pair in group]
        result[f"{name}_share"] = _share(every)
        result[f"{name}_by_generator"] = {key: _share(group) for key, group in sorted(pairs.items())}
    return result


def _share(pairs: list[tuple[int, int]]) -> float | None:
    wanted = sum(pair[1] for pair in pairs)
    return round(sum(pair[0] for pair in pairs) / wanted, 4) if wanted else None


def main() -> None:
    """Print the table, and the figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--pages", type=int, default=300)
    parser.add_argument("--only", action="append", help="an extractor's name; may be repeated")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    sets = {
        "text": sample(options.data / "dev.jsonl.xz", options.pages),
        "math": sample(options.data / "math_dev.jsonl.xz", options.pages, "generator"),
        "code": sample(options.data / "code_dev.jsonl.xz", options.pages, "generator"),
    }
    figures = {
        name: measure(extract, sets)
        for name, extract in EXTRACTORS.items()
        if not options.only or name in options.only
    }
    table = Table("extractor", "pages / CPU s", "P", "R", "F1", "math %", "code exact %")
    for name, row in figures.items():
        cells = [f"{row[key]:.3f}" for key in ("precision", "recall", "f1")]
        shares = [f"{100 * (row[key] or 0):.1f}" for key in ("math_share", "code_share")]
        table.add_row(name, f"{row['pages_per_cpu_s']:.1f}", *cells, *shares)
    Console(stderr=True).print(table)
    report = json.dumps(figures, indent=1, ensure_ascii=False)
    print(report)
    if options.json:
        options.json.write_text(report + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
