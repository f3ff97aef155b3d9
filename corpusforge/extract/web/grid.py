"""Tables of data among the blocks of a page: which they are, and their rows as lines of cells."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpusforge.extract.web import tags
from corpusforge.extract.web.blocks import Block, Node, Page

_CELL_GAP = " | "
_PART_GAP = "; "
_MAX_CELL_CHARS = 1200
_MAX_PARTS = 1.5  # blocks in a cell, on average
_TD, _TH = tags.IDS["td"], tags.IDS["th"]
_TABLE = tags.IDS["table"]
_NODE, _START, _END, _N_CELLS = int(Block.NODE), int(Block.START), int(Block.END), int(Block.CELLS)
_PARENT, _TAG, _ROW, _HEADING = int(Node.PARENT), int(Node.TAG), int(Node.ROW), int(Node.HEADING)

Row = dict[int, list[str]]  # column -> pieces of text


def table_lines(page: Page, blocks: NDArray[Any]) -> dict[int, tuple[int, str]]:
    """Return {row element: (table element, its line)} of the rows of tables of data.

    Each cell stands at its place, empty ones too; a table of data has two rows of two cells at least,
    short ones, no heading and no table in it.
    """
    nodes = page.nodes
    of_blocks = nodes[blocks[:, _NODE]]
    in_rows = np.flatnonzero(of_blocks[:, _ROW] >= 0)
    if len(in_rows) < 2:
        return {}
    cells = _cells_of_rows(nodes)
    rows: dict[int, Row] = {}
    spoilt: set[int] = set()
    around = of_blocks[in_rows]
    for block, row, is_heading in zip(
        blocks[in_rows].tolist(), around[:, _ROW].tolist(), around[:, _HEADING].tolist(), strict=True
    ):
        if is_heading:
            spoilt.add(_table_of(nodes, row))
        _place(page, block, row, cells[row], rows.setdefault(row, {}))
    tables: dict[int, list[int]] = defaultdict(list)
    for row in rows:
        tables[_table_of(nodes, row)].append(row)
    out: dict[int, tuple[int, str]] = {}
    for table, members in tables.items():
        if table in spoilt or not _is_data([rows[row] for row in members]):
            continue
        out |= {row: (table, _line(rows[row])) for row in members}
    return out


def _cells_of_rows(nodes: NDArray[Any]) -> dict[int, dict[int, int]]:
    """Return {row element: {cell element: its column}}."""
    out: dict[int, dict[int, int]] = defaultdict(dict)
    cells = np.flatnonzero((nodes[:, _TAG] == _TD) | (nodes[:, _TAG] == _TH))
    for cell, row in zip(cells.tolist(), nodes[cells, _PARENT].tolist(), strict=True):
        columns = out[row]
        columns[cell] = len(columns)
    return out


def _table_of(nodes: NDArray[Any], row: int) -> int:
    node = int(nodes[row, _PARENT])
    while node > 0 and nodes[node, _TAG] != _TABLE:
        node = int(nodes[node, _PARENT])
    return node


def _place(page: Page, block: list[int], row: int, columns: dict[int, int], into: Row) -> None:
    """Put the cells of a block at their columns: it ended in its cell, or with its row."""
    node = block[_NODE]
    while node > row and node not in columns:
        node = int(page.nodes[node, _PARENT])
    last = columns.get(node, len(columns))
    text = page.text[block[_START] : block[_END]].decode("utf-8", "replace")
    for place, piece in enumerate(text.split("\t"), max(0, last - block[_N_CELLS])):
        if words := " ".join(piece.split()):
            into.setdefault(place, []).append(words)


def _is_data(rows: list[Row]) -> bool:
    if sum(len(row) > 1 for row in rows) < 2:
        return False
    sizes = [len(pieces) for row in rows for pieces in row.values()]
    longest = max(sum(map(len, pieces)) for row in rows for pieces in row.values())
    return longest <= _MAX_CELL_CHARS and sum(sizes) <= _MAX_PARTS * len(sizes)


def _line(row: Row) -> str:
    """Return a row's cells in order, empty ones too, up to the last that holds text."""
    return _CELL_GAP.join(_PART_GAP.join(row.get(column, ())) for column in range(max(row, default=-1) + 1))
