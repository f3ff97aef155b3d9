"""Tables and lists of a page's tree made plain: a cell for every place, a number for every item."""

from __future__ import annotations

from resiliparse.parse.html import ElementNode, HTMLTree, Node

from corpusforge.extract.web.dom import element, fragment, holds, select

_SPANS = "td[rowspan],th[rowspan],td[colspan],th[colspan]"
_MAX_COLSPAN, _MAX_ROWSPAN = 64, 1000
_MAX_ADDED = 20_000  # cells of a page: a hostile one asks for more than memory holds
_MAX_NUMBER = 999_999
_MAX_FEET = 1000


def pad_tables(tree: HTMLTree, hints: frozenset[str]) -> None:
    """Add empty cells where a cell reaches over rows or columns: so none stands under another heading.

    `hints` as `page_hints` gives them. Tables that hold tables are layout and stay.
    """
    document = tree.document
    if document is None or not hints.issuperset(("<table", "spans")):
        return
    left = _MAX_ADDED
    for table in select(document, "table"):
        cells = () if holds(table, "table") else select(table, _SPANS)
        if any(map(_spans, cells)):
            left -= _pad(tree, table, {cell.parent_element for cell in cells}, left)
        if left <= 0:
            return


def order_tables(tree: HTMLTree, hints: frozenset[str]) -> None:
    """Put the foot of a table behind its rows, as a browser shows it."""
    document = tree.document
    if document is None or "foot" not in hints:
        return
    for foot in select(document, "tfoot")[:_MAX_FEET]:
        table = foot.parent_element
        if table is not None and foot.next_element_sibling is not None:
            table.append_child(foot)


def _pad(tree: HTMLTree, table: ElementNode, spanning: set[ElementNode | None], limit: int) -> int:
    """Return how many cells were added to a table; `spanning` are its rows with cells that reach."""
    added, reaching = 0, dict[int, int]()  # column -> rows that a cell above still covers
    missing = _Missing(tree)
    for row in select(table, "tr"):
        last = max((column for column, rows in reaching.items() if rows > 0), default=-1)
        has_spans = row in spanning
        if last < 0 and not has_spans:
            continue  # each cell that is looked at costs
        column, n_missing, cell = 0, 0, row.first_element_child
        while added < limit and (has_spans or column <= last):
            if reaching.get(column, 0) > 0:
                reaching[column] -= 1
                column, added, n_missing = column + 1, added + 1, n_missing + 1
                continue
            if cell is None:
                break
            if n_missing:
                missing.insert(row, n_missing, cell)
                n_missing = 0
            across, down = _across(cell), _down(cell)
            cell = cell.next_element_sibling
            for place in range(column, column + across):
                if down > 1:
                    reaching[place] = down - 1
            column, added, n_missing = column + across, added + across - 1, across - 1
        if n_missing:
            missing.insert(row, n_missing, cell)
    return added


class _Missing:
    """Makes runs of empty cells: each is a copy of one before, for a new element costs several times that."""

    def __init__(self, tree: HTMLTree) -> None:
        self._tree = tree
        self._runs = dict[int, Node]()

    def insert(self, row: ElementNode, n_cells: int, before: ElementNode | None) -> None:
        """Put empty cells into a row before a cell, or at its end."""
        run = self._runs.get(n_cells)
        if run is None:
            run = self._runs[n_cells] = fragment(self._tree)
            for _ in range(n_cells):
                run.append_child(element(self._tree, "td"))
        cells = run.clone_node(deep=True)
        assert cells is not None
        if before is None:
            row.append_child(cells)
        else:
            row.insert_before(cells, before)


def _spans(cell: ElementNode) -> bool:
    return _across(cell) > 1 or _down(cell) > 1


def _across(cell: ElementNode) -> int:
    return _span(cell, "colspan", _MAX_COLSPAN)


def _down(cell: ElementNode) -> int:
    return _span(cell, "rowspan", _MAX_ROWSPAN)


def _span(cell: ElementNode, name: str, most: int) -> int:
    value = (cell.getattr(name) or "1").strip()
    return min(most, int(value)) if value.isdecimal() and len(value) < 6 and int(value) else 1


def number_reversed(tree: HTMLTree, hints: frozenset[str]) -> None:
    """Give the items of lists that count down the numbers that a browser shows."""
    document = tree.document
    if document is None or "reversed" not in hints:
        return
    for items in select(document, "ol[reversed]"):
        found: list[ElementNode] = []
        child = items.first_element_child
        while child is not None:
            if child.tag == "li":
                found.append(child)
            child = child.next_element_sibling
        start = (items.getattr("start") or "").strip()
        number = int(start) if start.isdecimal() and len(start) < 7 else len(found)
        for item in found:
            value = (item.getattr("value") or "").strip()
            number = int(value) if value.isdecimal() and len(value) < 7 else number
            if 0 <= number <= _MAX_NUMBER:
                item.setattr("value", str(number))
            number -= 1
