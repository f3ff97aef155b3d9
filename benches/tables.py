"""Tables by structure: TEDS of our rows and trafilatura's against the page's own <table>, in one run.

    python benches/tables.py --data PATH [--set dev --set train] [--tables 200] [--json out.json]

A table is looked for where the page's gold text holds four fifths of its words and it has two rows
of two filled cells; one that holds tables, or more than 150 cells, is left out (tree edit distance
grows with the cube). TEDS (Zhong et al. 2020): 1 - edit distance / nodes of the larger tree; a cell
that differs costs its normalised edit distance. Cells that reach over rows or columns are one filled
cell and empty ones, in both. Of the output's tables the one that shares most words is compared; none: 0.
Needs `apted`, in the extra `workshop`.
"""

from __future__ import annotations

import argparse
import collections
import difflib
import json
import logging
import lzma
import re
from collections.abc import Iterator
from pathlib import Path
from statistics import mean
from typing import Any

import trafilatura
from apted import APTED, Config
from apted.helpers import Tree
from lxml import html as lxml_html

from corpusforge.extract.config import ExtractConfig
from corpusforge.extract.web.html import page_text

Grid = list[list[str]]
_MAX_CELLS = 150
_WORD = re.compile(r"\w+")
_RULE = re.compile(r"[\s|:-]*")


class _Cost(Config):
    def rename(self, node1: Any, node2: Any) -> float:
        first, second = node1.name, node2.name
        if first[0] != second[0]:
            return 1.0
        return (
            0.0
            if first == second
            else 1.0 - difflib.SequenceMatcher(None, first[1], second[1], False).ratio()
        )

    def children(self, node: Any) -> Any:
        return node.children


def teds(found: Grid, gold: Grid) -> float:
    """Return the similarity of two tables, 0 to 1."""
    trees = [
        Tree(("table", ""), *(Tree(("tr", ""), *(Tree(("td", cell)) for cell in row)) for row in grid))
        for grid in (found, gold)
    ]
    sizes = [1 + len(grid) + sum(map(len, grid)) for grid in (found, gold)]
    return 1 - APTED(trees[0], trees[1], _Cost()).compute_edit_distance() / max(sizes)


def trimmed(rows: Grid) -> Grid:
    """Return rows without empty cells at their ends, and none that is empty."""
    out: Grid = []
    for row in rows:
        while row and not row[-1]:
            row = row[:-1]
        if row:
            out.append(row)
    return out


def own_tables(page: str, gold: str) -> Iterator[Grid]:
    """Yield the tables of data of a page that its gold text holds."""
    words = set(_WORD.findall(gold.lower()))
    try:
        root = lxml_html.fromstring(page)
    except (ValueError, lxml_html.etree.ParserError):
        return
    for table in root.iter("table"):
        if table.find(".//table") is not None or next(table.iter("pre", "form"), None) is not None:
            continue
        rows = _padded(table)
        said = [word for row in rows for cell in row for word in _WORD.findall(cell.lower())]
        filled = sum(sum(bool(cell) for cell in row) > 1 for row in rows)
        if filled < 2 or sum(map(len, rows)) > _MAX_CELLS or len(said) < 6:
            continue
        if sum(word in words for word in said) >= 0.8 * len(said):
            yield trimmed(rows)


def _padded(table: Any) -> Grid:
    rows: Grid = []
    reaching: collections.Counter[int] = collections.Counter()
    for tr in table.iter("tr"):
        row: list[str] = []
        for cell in (*tr.iterchildren("td", "th"), None):
            while reaching[len(row)] > 0:
                reaching[len(row)] -= 1
                row.append("")
            if cell is None:
                break
            across, down = (_number(cell.get(name)) for name in ("colspan", "rowspan"))
            for place in range(len(row), len(row) + across):
                reaching[place] = max(reaching[place], down - 1)
            row += [" ".join(cell.text_content().split()), *[""] * (across - 1)]
        rows.append(row)
    return rows


def _number(value: str | None) -> int:
    return min(60, int(value)) if value and value.isdecimal() and int(value) else 1


def tables_in(text: str) -> list[Grid]:
    """Return the tables of an output: lines in a row that hold ` | ` or stand between bars."""
    out: list[Grid] = [[]]
    for line in text.split("\n"):
        if "|" not in line:
            if out[-1] and line.strip() and not line.startswith(("#", "-", "*", ">")) and len(line) < 200:
                out[-1].append([line.strip()])
            elif out[-1]:
                out.append([])
            continue
        if _RULE.fullmatch(line) and "-" in line:
            continue
        line = line.strip()
        cells = [cell.strip() for cell in line.removeprefix("|").split("|")] if line.startswith("|") else [
            cell.strip() for cell in line.split("|")
        ]  # fmt: skip
        out[-1].append(cells)
    return [rows for grid in out if (rows := trimmed(grid))]


def best(found: list[Grid], gold: Grid) -> float:
    """Return the TEDS of the found table that shares most words with the gold one."""
    wanted = collections.Counter(_WORD.findall(" ".join(cell for row in gold for cell in row).lower()))

    def shared(grid: Grid) -> int:
        said = collections.Counter(_WORD.findall(" ".join(cell for row in grid for cell in row).lower()))
        return 2 * (said & wanted).total() - said.total()

    grids = [grid for grid in found if sum(map(len, grid)) <= 2 * _MAX_CELLS]
    top = max(grids, key=shared, default=None)
    if top is None or shared(top) <= -wanted.total():
        return 0.0
    return max(0.0, teds(top, gold))


def main() -> None:
    """Print the means as JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--set", action="append", choices=("dev", "train"))
    parser.add_argument("--tables", type=int, default=200)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    report: dict[str, Any] = {}
    for name in options.set or ["dev", "train"]:
        scores: dict[str, list[float]] = collections.defaultdict(list)
        with lzma.open(options.data / f"{name}.jsonl.xz", "rt", encoding="utf-8") as lines:
            for row in map(json.loads, lines):
                gold = list(own_tables(row["html"], row.get("gold_text") or ""))[:3]
                if not gold or len(scores["corpusforge"]) >= options.tables:
                    continue
                outputs = {
                    "corpusforge": page_text(row["html"], ExtractConfig())[0],
                    "trafilatura": trafilatura.extract(row["html"]) or "",
                    "trafilatura markdown": trafilatura.extract(row["html"], output_format="markdown") or "",
                }
                for peer, text in outputs.items():
                    scores[peer] += [best(tables_in(text), table) for table in gold]
        report[name] = {"tables": len(scores["corpusforge"])} | {
            peer: round(mean(values), 4) for peer, values in scores.items()
        }
    print(json.dumps(report, indent=1))
    if options.json:
        options.json.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
