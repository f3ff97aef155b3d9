"""Cells that reach over rows and columns: what they cover is empty, so none stands under another heading."""

from __future__ import annotations

from collections.abc import Mapping

from corpusforge.extract.wiki.tree import Tag

Span = tuple[int, int]
"""(columns, rows) that a cell covers, its own place among them."""
_MAX_COLUMNS, _MAX_ROWS = 64, 1000
_MAX_ADDED = 20_000
"""Cells of a table: a hostile one asks for more than memory holds."""


def span_of(cell: Tag) -> Span | None:
    """Return what a cell reaches over, None where that is its own place alone."""
    across = down = 1
    for attribute in cell.attributes:
        name = attribute.name.strip().lower()
        if name == "colspan":
            across = _number(attribute.value, _MAX_COLUMNS)
        elif name == "rowspan":
            down = _number(attribute.value, _MAX_ROWS)
    return None if across == down == 1 else (across, down)


def _number(value: str, most: int) -> int:
    value = value.strip(" \"'")
    return min(most, int(value)) if value.isdecimal() and len(value) < 6 and int(value) else 1


class Columns:
    """Places the cells of a table row by row, from its first row on."""

    def __init__(self) -> None:
        """Begin with a table's first row."""
        self._reaching: dict[int, int] = {}  # column -> rows that a cell above still covers
        self._n_added = 0

    def placed(self, cells: list[str], spans: Mapping[int, Span]) -> list[str]:
        """Return the cells of the next row with empty ones between them; `spans` by their number."""
        if not spans and not self._reaching:
            return cells
        row: list[str] = []
        n_held = 0  # of the places so far, up to the last that a cell of this row begins
        for number, cell in enumerate(cells):
            self._pass_covered(row)
            across, down = spans.get(number, (1, 1))
            if self._n_added + across > _MAX_ADDED:
                across = 1
            if down > 1:
                for place in range(len(row), len(row) + across):
                    self._reaching[place] = down  # this row is one of them
            n_held = len(row) + 1
            row += [cell, *[""] * (across - 1)]
            self._n_added += across - 1
        del row[n_held:]
        self._reaching = {place: rows - 1 for place, rows in self._reaching.items() if rows > 1}
        return row

    def _pass_covered(self, row: list[str]) -> None:
        """Add an empty cell for each place from the row's end on that a cell above covers."""
        while self._reaching.get(len(row), 0) > 0 and self._n_added < _MAX_ADDED:
            row.append("")
            self._n_added += 1
