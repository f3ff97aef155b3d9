"""Blocks of a page, written as Markdown: headings, lists, table rows, paragraphs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from numpy.typing import NDArray

from corpusforge.extract.web import tags
from corpusforge.extract.web.blocks import AROUND_TAGS, Block, Node, Page
from corpusforge.extract.web.grid import table_lines

_INDENT = "  "
_MOST_LETTERS = 4000  # items that letters or Roman numerals number
_ROMAN = (
    (1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"),
    (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"),
)  # fmt: skip
_CELL_GAP = " | "
_QUOTE = 1 << AROUND_TAGS.index("blockquote")
_MAX_QUOTED_SHARE = 0.5
"""Where more of a page stands in <blockquote>, the tag was used to indent it."""
_CELLS = frozenset((tags.IDS["td"], tags.IDS["th"]))
_GROUPS = frozenset((tags.IDS["thead"], tags.IDS["tbody"], tags.IDS["tfoot"]))
_NODE, _START, _END = int(Block.NODE), int(Block.START), int(Block.END)
_HEADING, _LISTS, _ITEM, _NUMBER, _ROW, _AROUND = (
    int(column) for column in (Node.HEADING, Node.LISTS, Node.ITEM, Node.NUMBER, Node.ROW, Node.AROUND)
)
_PARENT, _TAG, _BLOCKS = int(Node.PARENT), int(Node.TAG), int(Node.BLOCKS)


def to_markdown(page: Page, kept: Sequence[int], quotes: bool | None = None) -> str:
    """Return the blocks with these numbers, which must ascend, as Markdown.

    Paragraphs are parted by an empty line; items of a list and rows of a table follow each
    other line by line, cells are parted by ` | `. Lines of a quotation begin with `> `;
    `quotes`: always, never, or (None) where most of the page is no quotation.
    """
    blocks = page.blocks[kept]
    writer = _Writer(page, _has_quotations(page, blocks) if quotes is None else quotes)
    writer.lines_of_tables = table_lines(page, blocks)
    nodes = page.nodes[blocks[:, _NODE]]
    # As lists: a value of an array costs several times as much to read.
    columns = (
        *(blocks[:, column].tolist() for column in (_NODE, _START, _END)),
        *(nodes[:, column].tolist() for column in (_HEADING, _LISTS, _ITEM, _ROW, _AROUND)),
    )
    for block in zip(*columns, strict=True):
        writer.add(*block)
    return "".join(writer.pieces[1:])  # what parts the first from nothing is left out


def _has_quotations(page: Page, blocks: NDArray[Any]) -> bool:
    """Return whether some, but not most, of the text of these blocks stands in <blockquote>."""
    chars = blocks[:, int(Block.CHARS)] + blocks[:, int(Block.SLOT_CHARS)]
    quoted = page.nodes[blocks[:, _NODE], int(Node.AROUND)] & _QUOTE != 0
    return 0 < int(chars[quoted].sum()) <= _MAX_QUOTED_SHARE * int(chars.sum())


class _Writer:
    """Collects pieces of text, each behind what parts it from the one before."""

    def __init__(self, page: Page, quotes: bool) -> None:
        self.text = page.text
        self.quotes = quotes
        self.prefix = ""
        self.lines_of_tables: dict[int, tuple[int, str]] = {}
        self.nodes: Any = page.nodes
        self.pieces: list[str] = []
        self.item: int = -1
        self.table: int = -1
        self.row: int = -1
        self.cell: int = -1
        self.heading: int = -1

    def add(
        self, place: int, start: int, end: int, heading: int, lists: int, item: int, row: int, around: int
    ) -> None:
        """Add the block at `text[start:end]`, whose element stands at `place`: the columns of its row."""
        text = self.text[start:end].decode("utf-8", "replace")
        if heading:
            self._add_heading(place, heading, text)
            return
        self.heading = -1
        lines = _lines(text)
        if not lines:
            return
        if self.quotes:
            self.prefix = "> " if around & _QUOTE else ""
        if row in self.lines_of_tables:
            self._add_line(row)
        elif lists and item >= 0:
            self._add_item(item, lists, lines)
        elif row >= 0:
            self._add_row(place, row, lines)
        else:
            self._append("\n".join(lines) if len(lines) > 1 else lines[0], -1, -1)

    def _append(self, text: str, item: int, table: int) -> None:
        """Add text, line by line to what stands before where both are of one list or table."""
        if self.prefix:
            text = "\n".join([self.prefix + line for line in text.split("\n")])
        together = (item >= 0 and self.item >= 0) or (table >= 0 and table == self.table)
        self.pieces += ("\n" if together else "\n\n", text)
        self.item, self.table = item, table
        if table < 0:
            self.row = -1

    def _add_heading(self, place: int, level: int, text: str) -> None:
        words = " ".join(text.split())
        node = place
        while (around := int(self.nodes[node, _PARENT])) > 0 and self.nodes[around, _HEADING]:
            node = around
        if node == self.heading:
            self.pieces.append(" " + words)
            return
        self._append("#" * level + " " + words, -1, -1)
        self.heading = node

    def _add_item(self, item: int, lists: int, lines: list[str]) -> None:
        indent = _INDENT * (lists - 1)
        rest = indent + _INDENT
        first = rest
        if item != self.item or self.item < 0:
            number = int(self.nodes[item, _NUMBER])
            first = indent + (f"{_numeral(number - 1)}. " if number else "- ")
        text = first + lines[0]
        if len(lines) > 1:
            text = "\n".join([text, *(rest + line for line in lines[1:])])
        self._append(text, item, -1)

    def _add_line(self, row: int) -> None:
        """Add the line of a row of data, once for all its blocks."""
        if row == self.row:
            return
        table, line = self.lines_of_tables[row]
        self._append(line, -1, table)
        self.row, self.cell = row, -1

    def _add_row(self, place: int, row: int, lines: list[str]) -> None:
        cell = place
        while cell > row and int(self.nodes[cell, _TAG]) not in _CELLS:
            cell = int(self.nodes[cell, _PARENT])
        # A block whose element is the row holds all its cells, parted by tabs.
        alone = cell <= row or self.nodes[cell, _BLOCKS] == 1
        if alone and cell > row == self.row and cell != self.cell and self.pieces:
            self.pieces.append(_CELL_GAP + " ".join(lines))
        else:
            self._append("\n".join(lines), -1, self._table_of(row) if alone else -1)
        self.row, self.cell = row if alone else -1, cell

    def _table_of(self, row: int) -> int:
        parent = int(self.nodes[row, _PARENT])
        return int(self.nodes[parent, _PARENT]) if int(self.nodes[parent, _TAG]) in _GROUPS else parent


def _numeral(number: int) -> str:
    """Return an item's number as its list writes it: 1, a, A, i or I, by the style in the upper bits."""
    style, number = divmod(number, 1 << tags.STYLE_SHIFT)
    if not style or not 0 < number < _MOST_LETTERS:
        return str(number)
    written = ""
    if style <= 2:
        while number:
            number, letter = divmod(number - 1, 26)
            written = chr(97 + letter) + written
    else:
        for value, letters in _ROMAN:
            written += letters * (number // value)
            number %= value
    return written if style % 2 else written.upper()


def _lines(text: str) -> list[str]:
    """Return the lines of a block that hold more than the edges of cells."""
    if "\t" not in text and "\n" not in text:
        return [text] if text else []
    found: list[str] = []
    for line in text.split("\n"):
        cells = [cell for part in line.split("\t") if (cell := part.strip())]
        if cells:
            found.append(_CELL_GAP.join(cells))
    return found
