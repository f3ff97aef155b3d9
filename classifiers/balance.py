"""A balanced sample of a stream of labelled rows, in bounded memory, the same in whatever order they come.

    row --cell--> the n rows of the cell with the smallest keyed hash --match--> classes of like size

A cell is (class, source, length, language, markup). Each keeps the rows whose hash is smallest: a
fair draw that does not depend on the order. Then the classes are matched within strata of
(length, language), so that neither can be told by those alone.
"""

from __future__ import annotations

import heapq
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from pydantic import Field

from corpusforge.frozen import FrozenConfig
from corpusforge_classifiers.rows import Row, row_key, shuffled

LENGTH_BOUNDS_CHARS = (300, 700, 1500, 4000)
_SCRIPTS = (
    ("Hira", re.compile("[ぁ-ゟ゠-ヿ]")), ("Hang", re.compile("[가-힣]")), ("Hani", re.compile("[㐀-鿿]")),
    ("Cyrl", re.compile("[Ѐ-ӿ]")), ("Arab", re.compile("[؀-ۿ]")), ("Grek", re.compile("[ά-ώ]")),
)  # fmt: skip
_TEX = re.compile(r"\\[a-zA-Z]{2,}|\\[(\[]|\$[^\s$][^$\n]*\$")
_UNICODE_MATH = re.compile(r"[∀-⋿ℂℕℚℝℤ²³√±×÷]")


@dataclass(frozen=True, slots=True, order=True)
class Cell:
    """What a sample is balanced by."""

    is_positive: bool
    source: str
    length: str
    language: str
    markup: str


class Balance(FrozenConfig):
    """How many rows a sample takes."""

    rows_per_cell: int = Field(default=200, ge=1, description="Rows that a cell keeps.")
    rows_per_source: int = Field(default=500, ge=1, description="Rows of one source and class.")
    match_ratio: float | None = Field(
        default=4.0,
        gt=0,
        description="Rows of a class over those of the other, at most, by length and script; none: any.",
    )
    unmatched_rows: int = Field(
        default=300,
        ge=0,
        description="Rows that a class keeps of a length and language the other has few of.",
    )


def length_of(text: str) -> str:
    """Return the length class of a text: `<300`, `<700`, `<1500`, `<4000` or `>=4000` characters."""
    bound = next((bound for bound in LENGTH_BOUNDS_CHARS if len(text) < bound), None)
    return f">={LENGTH_BOUNDS_CHARS[-1]}" if bound is None else f"<{bound}"


def language_of(row: Row) -> str:
    """Return the script of a row's text, for what language it is balanced: `Latn` where no other shows."""
    head = row.text[:2000]
    return next((name for name, letters in _SCRIPTS if len(letters.findall(head)) * 8 > len(head)), "Latn")


def markup_of(text: str) -> str:
    """Return how a text writes mathematics and code: `tex`, `unicode`, `fenced` or `plain`."""
    if "```" in text or "~~~" in text:
        return "fenced"
    if len(_TEX.findall(text[:4000])) >= 2:
        return "tex"
    return "unicode" if _UNICODE_MATH.search(text[:4000]) else "plain"


def cell_of(row: Row) -> Cell:
    """Return the cell of a row."""
    return Cell(row.is_positive, row.source, length_of(row.text), language_of(row), markup_of(row.text))


class Reservoirs:
    """The rows of each cell with the smallest keyed hash, and how many each cell saw.

    Memory is bounded by `rows_per_cell` times the cells there are, whatever the stream.
    """

    def __init__(self, balance: Balance, seed: int) -> None:
        self._balance, self._seed = balance, seed
        self._heaps: dict[Cell, list[tuple[int, str, Row]]] = {}
        self.seen: Counter[Cell] = Counter()

    def add(self, row: Row) -> None:
        """Take a row into account; the same text twice in a cell counts once in the sample."""
        cell, key = cell_of(row), -row_key(row, self._seed)
        self.seen[cell] += 1
        heap = self._heaps.setdefault(cell, [])
        if len(heap) >= self._balance.rows_per_cell and key <= heap[0][0]:
            return
        if any(key == held for held, _, _ in heap):
            return
        heapq.heappush(heap, (key, row.text, row))
        if len(heap) > self._balance.rows_per_cell:
            heapq.heappop(heap)

    def sample(self) -> list[Row]:
        """Return the balanced rows, in the order of their hash."""
        rows = shuffled((row for heap in self._heaps.values() for _, _, row in heap), self._seed)
        capped = _capped(rows, self._balance.rows_per_source)
        return _matched(shuffled(capped, self._seed), self._balance)


def _capped(rows: Iterable[Row], limit: int) -> list[Row]:
    """Return at most `limit` rows of each class and source: the first of each cell in turn."""
    groups: dict[tuple[bool, str], dict[Cell, list[Row]]] = {}
    kept: list[Row] = []
    for row in rows:
        cells = groups.setdefault((row.is_positive, row.source), {})
        cells.setdefault(cell_of(row), []).append(row)
    for _, cells in sorted(groups.items()):
        ranked = sorted(
            ((place, cell, row) for cell, held in cells.items() for place, row in enumerate(held)),
            key=lambda item: (item[0], item[1]),
        )
        kept += [row for _, _, row in ranked[:limit]]
    return kept


def _matched(rows: list[Row], balance: Balance) -> list[Row]:
    """Return rows with at most `match_ratio` times as many of a class as of the other in each stratum."""
    if balance.match_ratio is None:
        return rows
    strata = Counter((length_of(row.text), language_of(row), row.is_positive) for row in rows)
    taken: Counter[tuple[str, str, bool]] = Counter()
    kept: list[Row] = []
    for row in rows:
        stratum = (length_of(row.text), language_of(row), row.is_positive)
        others = strata[(stratum[0], stratum[1], not row.is_positive)]
        if taken[stratum] < max(balance.unmatched_rows, int(balance.match_ratio * others)):
            taken[stratum] += 1
            kept.append(row)
    return kept


def markdown_cells(seen: Counter[Cell], rows: Iterable[Row]) -> str:
    """Return a Markdown table of the rows before and after, by class and each thing that is balanced."""
    after = Counter(cell_of(row) for row in rows)
    lines = ["| class | by | value | rows before | rows after |", "| --- | --- | --- | ---: | ---: |"]
    for name in ("source", "length", "language", "markup"):
        sums: dict[tuple[bool, str], list[int]] = {}
        for place, counts in enumerate((seen, after)):
            for cell, n in counts.items():
                sums.setdefault((cell.is_positive, str(getattr(cell, name))), [0, 0])[place] += n
        for (is_positive, value), (before, left) in sorted(sums.items()):
            side = "positive" if is_positive else "negative"
            lines.append(f"| {side} | {name} | {value} | {before:,} | {left:,} |")
    return "\n".join(lines)
