"""Extraction against its peers: main text, formulas, code blocks and speed, in one run.

    python benches/extract.py --data PATH [--pages 300] [--only NAME] [--warc FILE...] [--json out.json]

PATH holds dev.jsonl.xz, math_dev.jsonl.xz and code_dev.jsonl.xz (see its README for the
metrics). F1: the macro mean over pages of token F1, also for two halves of the sites, A and
B. Formulas: the share of gold TeX of five or more normalised characters found in the
normalised output; for pages with MathML only, both sides are reduced to their structure.
Code: the share of gold blocks of two or more lines whose every line stands in the output with
its indentation. Twice: formulas that stand in the output more often than in the gold.
Prices: of the pages' amounts in dollars, the share inside a formula. Peers that are not
installed are left out, with a line that says so.
"""

from __future__ import annotations

import argparse
import collections
import hashlib
import html
import importlib
import json
import logging
import lzma
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import mean
from typing import Any
from urllib.parse import urlsplit

import trafilatura
from resiliparse.extract.html2text import extract_plain_text
from resiliparse.parse.html import HTMLTree
from rich.console import Console
from rich.table import Table

from corpusforge.document import Document, Markup, SourceKind
from corpusforge.extract.config import ExtractConfig
from corpusforge.extract.encoding.charset import decode_html
from corpusforge.extract.web.converted import without_boilerplate_lines
from corpusforge.extract.web.html import page_text
from corpusforge.ingest import IngestConfig
from corpusforge.ingest.inputs import InputFile
from corpusforge.ingest.registry import read

_CJK = "\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0e7f"
_TOKEN = re.compile(rf"[{_CJK}]|[^\W{_CJK}]+")
_TEX_NOISE = re.compile(r"\\\\|\\(?:displaystyle|textstyle|left|right)(?![A-Za-z])|\\[,;:! ]|[\s{}]")
_SYNONYMS = {"leq": "le", "geq": "ge", "neq": "ne", "rightarrow": "to", "cdots": "dots", "ldots": "dots"}
_SYNONYM = re.compile(rf"\\({'|'.join(_SYNONYMS)})(?![A-Za-z])")
_STRUCTURE = (
    (re.compile(r"\\(?:dfrac|tfrac|cfrac)(?![A-Za-z])"), r"\\frac"),
    (re.compile(r"\\(?:limits|nolimits|nonumber|q?quad|space|[bB]igg?[lr]?)(?![A-Za-z])"), ""),
    (re.compile(r"\\(?:begin|end)(?:align(?:ed)?|(?:small)?matrix|split|gathere?d?|array|equation)\*?"), ""),
    (re.compile(r"\^\\prime"), "'"),
    (re.compile(r"\\lt(?![A-Za-z])"), "<"),
    (re.compile(r"\\gt(?![A-Za-z])"), ">"),
    (re.compile(r"\\gets(?![A-Za-z])"), r"\\leftarrow"),
    (re.compile(r"\\(?:operatorname\*?|mathrm|text|textrm|textit|mathit|mbox|rm)(?![A-Za-z])"), ""),
    (re.compile(r"[&~]"), ""),
)  # fmt: skip
_STRUCTURE_ONLY = ("mathjax3-chtml", "mathjax3-svg", "mathml-plain", "--mathml")
_MIN_TEX_CHARS = 5
_STRETCH = 100  # pages
_FORMULA = re.compile(r"\$\$(.+?)\$\$|\$([^$\n]+)\$", re.DOTALL)
_PRICE = re.compile(r"\$ ?\d[\d,]*(?:\.\d\d?)?(?![\d^_{\\])")
Extractor = Callable[[str], str]
Run = tuple[list[str], list[float]]  # texts, CPU seconds


def _ours(extractor: str) -> Extractor:
    config = ExtractConfig.model_validate({"extractor": extractor})
    return lambda page: page_text(page, config)[0]


def _readability(page: str) -> str:
    lxml_html, readability = importlib.import_module("lxml.html"), importlib.import_module("readability")
    return "\n".join(lxml_html.fromstring(readability.Document(page).summary()).itertext())


def _html_text(page: str) -> str:
    return importlib.import_module("html_text").extract_text(page)


def _converted(page: str, ours: bool) -> str:
    """Return a page as WET files hold it, all its lines or those that we keep."""
    plain = extract_plain_text(HTMLTree.parse(page), main_content=False, alt_texts=False, list_bullets=False)
    lines = (" ".join(line.split()) for line in plain.split("\n"))
    text = "\n".join(filter(None, lines))
    return without_boilerplate_lines(text)[0] if ours else text


EXTRACTORS: dict[str, Extractor] = {
    "corpusforge auto": _ours("auto"),
    "corpusforge fast": _ours("fast"),
    "trafilatura default": lambda page: trafilatura.extract(page) or "",
    "resiliparse main_content": lambda page: extract_plain_text(HTMLTree.parse(page), main_content=True),
    "readability-lxml": _readability,
    "html-text": _html_text,
    "as text (WET), all lines": lambda page: _converted(page, False),
    "as text (WET), corpusforge": lambda page: _converted(page, True),
}
_OPTIONAL = {"readability-lxml": "readability", "html-text": "html_text"}


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
        groups[family(row)].append(row)
    each = max(1, pages // len(groups))
    return [row for _, members in sorted(groups.items()) for row in members[:each]]


def family(row: dict[str, Any]) -> str:
    """Return the generator of a page, real sites as one."""
    name: str = row["generator"]
    return name.partition(":")[0] if name.startswith("real-site") else name.partition(" (rendered")[0]


def half_of(row: dict[str, Any]) -> str:
    """Return A or B: the half of the sites that a page belongs to."""
    host = (urlsplit(row.get("url") or "").hostname or "").removeprefix("www.") or str(row["id"])
    return "AB"[int(hashlib.md5(host.encode()).hexdigest(), 16) % 2]


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


def structure(tex: str) -> str:
    """Return TeX less what MathML cannot tell: sizes, names of environments, upright or not."""
    tex = normalised_tex(tex)
    for pattern, replacement in _STRUCTURE:
        tex = pattern.sub(replacement, tex)
    return tex.rstrip(".,;")


def formulas_found(
    text: str, formulas: list[dict[str, Any]], normal: Callable[[str], str] = normalised_tex
) -> tuple[int, int]:
    """Return (found, looked for)."""
    haystack = normal(text)
    wanted = [item["tex"] for item in formulas if len(normalised_tex(item["tex"])) >= _MIN_TEX_CHARS]
    wanted = [normal(tex) for tex in wanted if re.search(r"[\\^_=<>+]", normalised_tex(tex))]
    return sum(tex in haystack for tex in wanted), len(wanted)


def formulas_twice(text: str, formulas: list[dict[str, Any]]) -> tuple[int, int]:
    """Return (long formulas that stand in the text more often than in the gold, long formulas)."""
    found = collections.Counter(normalised_tex(match[1] or match[2]) for match in _FORMULA.finditer(text))
    gold = collections.Counter(normalised_tex(item["tex"]) for item in formulas)
    long = [tex for tex in gold if len(tex) >= 12]
    return sum(found[tex] > gold[tex] for tex in long), len(long)


def prices_taken(text: str, source: str) -> tuple[int, int]:
    """Return (amounts in dollars of a page that stand in a formula with TeX in it, amounts)."""
    spans = [match[1] or match[2] for match in _FORMULA.finditer(text)]
    taken = sum(bool(re.match(r"\d[\d,.]*\s*[\\^_]", span)) for span in spans)
    return taken, len(_PRICE.findall(source))


def _code_lines(text: str) -> str:
    lines = (line.rstrip().replace("\u00a0", " ") for line in text.replace("\r\n", "\n").split("\n"))
    return "\n" + "\n".join(lines) + "\n"


def code_found(text: str, codes: list[dict[str, Any]]) -> tuple[int, int]:
    """Return (blocks found exactly, blocks looked for); blank lines at the ends do not count."""
    haystack = _code_lines(text)
    wanted = [_code_lines(item["code"]).strip("\n") for item in codes]
    wanted = [block for block in wanted if "\n" in block]
    return sum(f"\n{block}\n" in haystack for block in wanted), len(wanted)


def in_turns(extractors: dict[str, Extractor], pages: list[dict[str, Any]]) -> dict[str, Run]:
    """Return each extractor's run; they take stretches of pages in turn, so that none has a quieter machine.

    A failure is empty text.
    """
    runs: dict[str, Run] = {name: ([], []) for name in extractors}
    for first in range(0, len(pages), _STRETCH):
        for name, extract in extractors.items():
            start = time.process_time()
            for page in pages[first : first + _STRETCH]:
                try:
                    runs[name][0].append(extract(page["html"]))
                except Exception as error:  # a peer's crash on one page must not end the comparison
                    logging.warning("%s: %r", page["id"], error)
                    runs[name][0].append("")
            runs[name][1].append(time.process_time() - start)
    return runs


def main_text(texts: list[str], pages: list[dict[str, Any]]) -> dict[str, Any]:
    """Return precision, recall and F1, F1 by page type and by half of the sites."""
    scores = [token_scores(text, page["gold_text"]) for text, page in zip(texts, pages, strict=True)]
    groups: dict[str, dict[str, list[float]]] = {
        "type": collections.defaultdict(list),
        "half": collections.defaultdict(list),
    }
    for score, page in zip(scores, pages, strict=True):
        groups["type"][page.get("page_type") or page["source"]].append(score[2])
        groups["half"][half_of(page)].append(score[2])
    found = {
        name: round(mean(score[place] for score in scores), 4)
        for place, name in enumerate(("precision", "recall", "f1"))
    }
    return found | {
        f"f1_by_{name}": {key: round(mean(values), 4) for key, values in sorted(group.items())}
        for name, group in groups.items()
    }


def measure(runs: dict[str, Run], sets: dict[str, list[dict[str, Any]]]) -> dict[str, Any]:
    """Return the figures of one extractor from its runs over the sets."""
    texts = runs["text"][0]
    result = {"pages_per_cpu_s": _rate(runs["text"])} | main_text(texts, sets["text"])
    result["prices_in_formulas"] = _share(
        [prices_taken(text, page["html"]) for text, page in zip(texts, sets["text"], strict=True)]
    )
    if sets["warc"]:
        result["warc_pages_per_cpu_s"] = _rate(runs["warc"])
    result |= formulas(runs["math"][0], sets["math"])
    by_family: dict[str, list[tuple[int, int]]] = collections.defaultdict(list)
    for text, page in zip(runs["code"][0], sets["code"], strict=True):
        by_family[family(page)].append(code_found(text, page["codes"]))
    result["code_share"] = _share([pair for group in by_family.values() for pair in group])
    result["code_by_generator"] = {name: _share(group) for name, group in sorted(by_family.items())}
    return result


def formulas(texts: list[str], pages: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the shares of formulas found, by family, and of those that stand twice."""
    by_family: dict[str, list[tuple[int, int]]] = collections.defaultdict(list)
    twice: list[tuple[int, int]] = []
    for text, page in zip(texts, pages, strict=True):
        normal = structure if family(page).endswith(_STRUCTURE_ONLY) else normalised_tex
        by_family[family(page)].append(formulas_found(text, page["formulas"], normal))
        twice.append(formulas_twice(text, page["formulas"]))
    told = [pair for name, group in by_family.items() if not name.endswith(_STRUCTURE_ONLY) for pair in group]
    untold = [pair for name, group in by_family.items() if name.endswith(_STRUCTURE_ONLY) for pair in group]
    return {
        "math_share": _share(told),
        "mathml_structure_share": _share(untold),
        "math_by_generator": {name: _share(group) for name, group in sorted(by_family.items())},
        "formulas_twice_share": _share(twice),
    }


def _rate(run: Run) -> float:
    return round(len(run[0]) / sum(run[1]), 1)


def _share(pairs: list[tuple[int, int]]) -> float | None:
    wanted = sum(pair[1] for pair in pairs)
    return round(sum(pair[0] for pair in pairs) / wanted, 4) if wanted else None


def warc_pages(paths: list[Path], limit: int = 400) -> list[dict[str, Any]]:
    """Return pages of WARC files, evenly spread, decoded."""
    found: list[dict[str, Any]] = []
    for path in paths:
        for record in read(InputFile(str(path), path.name, "web", SourceKind.WARC), IngestConfig()):
            if isinstance(record, Document) and record.markup is Markup.HTML and record.raw:
                found.append({"id": record.doc_id, "html": decode_html(record.raw, record.charset)[0]})
    return found[:: max(1, len(found) // limit)]


def chosen(names: list[str] | None) -> Iterator[tuple[str, Extractor]]:
    """Yield the extractors with these names, all where none is named, that are installed."""
    for name, extract in EXTRACTORS.items():
        if names and name not in names:
            continue
        if (module := _OPTIONAL.get(name)) and importlib.util.find_spec(module) is None:
            logging.warning("%s is not installed and left out", name)
            continue
        yield name, extract


def main() -> None:
    """Print the table, and the figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--pages", type=int, default=300)
    parser.add_argument(
        "--warc", type=Path, nargs="*", default=[], help="measure speed on their pages as well"
    )
    parser.add_argument("--only", action="append", choices=list(EXTRACTORS), help="may be repeated")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    sets = {
        "text": sample(options.data / "dev.jsonl.xz", options.pages),
        "math": sample(options.data / "math_dev.jsonl.xz", options.pages, "generator"),
        "code": sample(options.data / "code_dev.jsonl.xz", options.pages, "generator"),
        "warc": warc_pages(options.warc),
    }
    page_text(sets["text"][0]["html"], ExtractConfig())  # compiled code is loaded before the clock runs
    extractors = dict(chosen(options.only))
    runs = {key: in_turns(extractors, pages) for key, pages in sets.items()}
    figures = {name: measure({key: run[name] for key, run in runs.items()}, sets) for name in extractors}
    table = Table(
        "extractor", "pages / CPU s", "of WARC", "P", "R", "F1", "math %", "MathML %", "code exact %"
    )
    for name, row in figures.items():
        cells = [f"{row[key]:.3f}" for key in ("precision", "recall", "f1")]
        shares = [
            f"{100 * (row[key] or 0):.1f}" for key in ("math_share", "mathml_structure_share", "code_share")
        ]
        table.add_row(
            name, f"{row['pages_per_cpu_s']:.1f}", str(row.get("warc_pages_per_cpu_s", "")), *cells, *shares
        )
    Console(stderr=True).print(table)
    report = json.dumps(figures, indent=1, ensure_ascii=False)
    print(report)
    if options.json:
        options.json.write_text(report + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
