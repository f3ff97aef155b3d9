"""Blocks of a page, written as Markdown: headings, lists, table rows, paragraphs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from numpy.typing import NDArray

from corpusforge.extract.web import tags
from corpusforge.extract.web.blocks import AROUND_TAGS, Block, Node, Page
from corpusforge.extract.web.grid import table_lines

_INDENT = "  "
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


def to_markdown(page: Page, kept: Sequence[int], quotes: bool | None = None) -> str:
    """Return the blocks with these numbers, which must ascend, as Markdown.

    Paragraphs are parted by an empty line; items of a list and rows of a table follow each
    other line by line, cells are parted by ` | `. Lines of a quotation begin with `> `;
    `quotes`: always, never, or (None) where most of the page is no quotation.
    """
    blocks = page.blocks[kept]
    writer = _Writer(page, _has_quotations(page, blocks) if quotes is None else quotes)
    writer.lines_of_tables = table_lines(page, blocks)
    # As lists: a value of an array costs several times as much to read.
    for block, node in zip(blocks.tolist(), page.nodes[blocks[:, _NODE]].tolist(), strict=True):
        writer.add(block, node)
    return "\n\n".join(writer.parts)


def _has_quotations(page: Page, blocks: NDArray[Any]) -> bool:
    """Return whether some, but not most, of the text of these blocks stands in <blockquote>."""
    chars = blocks[:, int(Block.CHARS)] + blocks[:, int(Block.SLOT_CHARS)]
    quoted = page.nodes[blocks[:, _NODE], int(Node.AROUND)] & _QUOTE != 0
    return 0 < int(chars[quoted].sum()) <= _MAX_QUOTED_SHARE * int(chars.sum())


class _Writer:
    """Collects parts of text; what belongs together line by line is one part."""

    def __init__(self, page: Page, quotes: bool) -> None:
        self.text = page.text
        self.quotes = quotes
        self.prefix = ""
        self.lines_of_tables: dict[int, tuple[int, str]] = {}
        self.nodes: Any = page.nodes
        self.parts: list[str] = []
        self.item: int = -1
        self.table: int = -1
        self.row: int = -1
        self.cell: int = -1
        self.heading: int = -1

    def add(self, block: list[int], node: list[int]) -> None:
        """Add a block, a row of `Page.blocks`, whose element is a row of `Page.nodes`."""
        place = block[_NODE]
        text = self.text[block[_START] : block[_END]].decode("utf-8", "replace")
        if node[_HEADING]:
            self._add_heading(place, node[_HEADING], text)
            return
        self.heading = -1
        lines = _lines(text)
        if not lines:
            return
        if self.quotes:
            self.prefix = "> " if node[_AROUND] & _QUOTE else ""
        if node[_ROW] in self.lines_of_tables:
            self._add_line(node[_ROW])
        elif node[_LISTS] and node[_ITEM] >= 0:
            self._add_item(node, lines)
        elif node[_ROW] >= 0:
            self._add_row(place, node[_ROW], lines)
        else:
            self._append("\n".join(lines), -1, -1)

    def _append(self, text: str, item: int, table: int) -> None:
        """Add text, line by line to what stands before where both are of one list or table."""
        if self.prefix:
            text = "\n".join(self.prefix + line for line in text.split("\n"))
        together = (item >= 0 and self.item >= 0) or (table >= 0 and table == self.table)
        if together:
            self.parts[-1] += "\n" + text
        else:
            self.parts.append(text)
        self.item, self.table = item, table
        if table < 0:
            self.row = -1

    def _add_heading(self, place: int, level: int, text: str) -> None:
        words = " ".join(text.split())
        node = place
        while (
            self.nodes[node][int(Node.PARENT)] > 0
            and self.nodes[self.nodes[node][int(Node.PARENT)]][_HEADING]
        ):
            node = self.nodes[node][int(Node.PARENT)]
        if node == self.heading:
            self.parts[-1] += " " + words
            return
        self._append("#" * level + " " + words, -1, -1)
        self.heading = node

    def _add_item(self, node: list[int], lines: list[str]) -> None:
        item = node[_ITEM]
        indent = _INDENT * (node[_LISTS] - 1)
        rest = indent + _INDENT
        first = rest
        if item != self.item or self.item < 0:
            number = self.nodes[item][_NUMBER]
            first = indent + (f"{number - 1}. " if number else "- ")
        self._append("\n".join([first + lines[0], *(rest + line for line in lines[1:])]), item, -1)

    def _add_line(self, row: int) -> None:
        """Add the line of a row of data, once for all its blocks."""
        if row == self.row:
            return
        table, line = self.lines_of_tables[row]
        self._append(line, -1, table)
        self.row, self.cell = row, -1

    def _add_row(self, place: int, row: int, lines: list[str]) -> None:
        cell = place
        while cell > row and self.nodes[cell][int(Node.TAG)] not in _CELLS:
            cell = self.nodes[cell][int(Node.PARENT)]
        # A block whose element is the row holds all its cells, parted by tabs.
        alone = cell <= row or self.nodes[cell][int(Node.BLOCKS)] == 1
        if alone and cell > row == self.row and cell != self.cell and self.parts:
            self.parts[-1] += _CELL_GAP + " ".join(lines)
        else:
            self._append("\n".join(lines), -1, self._table_of(row) if alone else -1)
        self.row, self.cell = row if alone else -1, cell

    def _table_of(self, row: int) -> int:
        parent = int(self.nodes[row][int(Node.PARENT)])
        return (
            int(self.nodes[parent][int(Node.PARENT)])
            if self.nodes[parent][int(Node.TAG)] in _GROUPS
            else parent
        )


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
