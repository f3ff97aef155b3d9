"""Tables whose rows are lines of code: beside numbers that count up, or each in an element of code."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence

from resiliparse.parse.html import ElementNode

from corpusforge.extract.web.codecells import BY_NAME, NOTHING, may_be_of_lines
from corpusforge.extract.web.codelike import MARKED, NAMED, is_like_code
from corpusforge.extract.web.codenumbers import count_up, numbers_of
from corpusforge.extract.web.codetext import code_text
from corpusforge.extract.web.dom import holds

_CODE_TABLE = re.compile(
    r"(?:^|[\s_-])(?:code|src|source|blob|diff)(?:$|[\s_-])|highlight|syntax|listing|source-?code|lines?[-_]code|line[-_]text"
    r"|line[-_]content|codeLine|fragment|geshi|hljs|file[-_]?lines?|FileContents",
)
_CELL_OF_CODE = re.compile(r"(?:^|\s)(?:code|src|source)[_-]?[a-z]{2,5}(?:$|\s)", re.I)
_NUMBER = re.compile(r"\s*\d{1,6}[:.]?\s*")
_ID_OF_LINE = re.compile(r"(?:[lL][cC]?|line)-?(\d{1,6})")
_NO_NUMBERS = frozenset("colspan rowspan width height tabindex border cellpadding cellspacing".split())
_ELEMENTS_OF_CODE = "pre,code,tt"
_NO_CODE = "h1,h2,h3,form"
_CELL_TAGS = frozenset(("td", "th"))
_HEADS = 2  # rows above the lines at most
_TRIED = 5  # rows that tell whether to look at the others
_MAX_CELLS = 8
_MOST = 0.8

Row = list[ElementNode]


def lines_of_table(table: ElementNode) -> list[ElementNode]:
    """Return the cells of code of a table whose rows are lines of it; empty where they are not.

    Of a table with a column of all numbers in one cell, the cell beside it. The first rows tell whether to
    look at the others: each element that is looked at costs.
    """
    if holds(table, "table"):
        return []
    may_be = may_be_of_lines(table.html)
    if may_be == NOTHING or (may_be == BY_NAME and not _is_named(table)):
        return []
    following = _rows(table)
    first = list(itertools.islice(following, _TRIED))
    last = [_cells(row) for row in first[-2:]]
    numbered = any(map(_has_number, last))  # as one of them is in a column of numbers that misses one
    if len(first) > 2 and not numbered and any(map(_has_columns, last)):
        return []
    rows = [*map(_cells, first[:-2]), *last]
    if len(rows) < 3:
        codes = _beside_numbers(rows) or (_codes(table, rows) if numbered else [])
    elif _may_be_lines(table, rows, numbered):
        codes = _codes(table, [*rows, *map(_cells, following)])
    else:
        return []
    return codes if codes and table.query_selector(_NO_CODE) is None else []


def _is_named(table: ElementNode) -> bool:
    """Return whether the class name of a table, or of what it stands in, says that it is code."""
    around = table.parent_element
    names = f"{table.class_name or ''}  {(around.class_name or '') if around is not None else ''}"
    return bool(_CODE_TABLE.search(names))


def _rows(table: ElementNode) -> Iterator[ElementNode]:
    """Yield the rows that stand in a table itself or a part of it, as all do that a parser makes."""
    part = table.first_element_child
    while part is not None:
        row = part if part.tag == "tr" else part.first_element_child
        while row is not None:
            if row.tag == "tr":
                yield row
            row = row.next_element_sibling if part.tag != "tr" else None
        part = part.next_element_sibling


def _cells(row: ElementNode) -> Row:
    """Return the cells of a row, of one that has too many one more than may be."""
    out: Row = []
    cell = row.first_element_child
    while cell is not None and len(out) <= _MAX_CELLS:
        if cell.tag in _CELL_TAGS:
            out.append(cell)
        cell = cell.next_element_sibling
    return out


def _codes(table: ElementNode, rows: list[Row]) -> list[ElementNode]:
    """Return the cells of code among all rows of a table."""
    rows = _below_head(rows)
    if len(rows) < 2:
        return []
    width = len(rows[0])
    numbered = next((place for place in range(width) if _counts(rows[:_TRIED], place)), None)
    if numbered is None:
        return _unnumbered(table, rows)
    if not _counts(rows, numbered):
        return []
    rows = [row for row in rows if len(row) == width]
    codes = [row[_code_column(rows, numbered)] for row in rows]
    others = [
        row[place] for row in rows for place in range(width) if place != numbered and row[place] not in codes
    ]
    return codes if _is_code_table(table, codes, _say(others)) else []


def _may_be_lines(table: ElementNode, rows: Sequence[Row], numbered: bool) -> bool:
    """Return whether the first rows have a column of numbers, or one with text where more tells of code."""
    rows = _below_head(rows)
    if len(rows) < 2:
        return bool(rows)
    if numbered and any(_counts(rows, place) for place in range(len(rows[0]))):
        return True
    return not any(map(_has_columns, rows)) and _may_be_told(table, rows[0])


def _has_number(row: Row) -> bool:
    return any(line_number(cell) is not None for cell in row)


def _has_columns(row: Row) -> bool:
    """Return whether more than one cell of a row holds text."""
    return sum(bool((cell.text or "").strip()) for cell in row) > 1


def _may_be_told(table: ElementNode, row: Row) -> bool:
    """Return whether names, elements or blanks may tell that a table of one column is code."""
    code = next((cell for cell in row if (cell.text or "").strip(" \n")), row[-1])
    if (
        _says_code(table, [code])
        or _CELL_OF_CODE.search(code.class_name or "")
        or "\u00a0" in (table.text or "")
    ):
        return True
    return table.query_selector(_ELEMENTS_OF_CODE) is not None


def _below_head(rows: Sequence[Row]) -> list[Row]:
    """Return the rows that have cells, without those above that hold headings or nothing."""
    rows = [row for row in rows if row and len(row) <= _MAX_CELLS]
    for _ in range(_HEADS):
        if len(rows) > 1 and not _has_number(rows[0]):
            if all((cell.tag or "") == "th" or not (cell.text or "").strip() for cell in rows[0]) or (
                len(rows[0]) > 1 and any(line_number(cell) == 1 for cell in rows[1])
            ):
                rows = rows[1:]
    return rows


def _counts(rows: Sequence[Row], place: int) -> bool:
    """Return whether the cells at a place of nearly all rows are numbers that count up."""
    numbers = [line_number(row[place]) if place < len(row) else None for row in rows]
    told = [number for number in numbers if number is not None]
    return len(told) >= _MOST * len(rows) and count_up(told)


def _code_column(rows: Sequence[Row], numbered: int) -> int:
    """Return the place of the cells that are most likely code: by elements, names, else the most text."""

    def rank(place: int) -> tuple[bool, bool, int]:
        cells = [row[place] for row in rows]
        named = any(_CODE_TABLE.search(cell.class_name or "") for cell in cells[:_TRIED])
        elements = any(cell.query_selector(_ELEMENTS_OF_CODE) is not None for cell in cells[:_TRIED])
        n_chars = sum(len((cell.text or "").strip()) for cell in cells)
        said = any(map(str.isalpha, "".join(cell.text or "" for cell in cells)))
        return said and elements, said and named, n_chars

    return max((place for place in range(len(rows[0])) if place != numbered), key=rank, default=numbered)


def _is_code_table(table: ElementNode, codes: Sequence[ElementNode], has_others: bool) -> bool:
    """Return whether the cells beside numbers are code; where others say something it must read like that."""
    lines = [code_text(code).rstrip() for code in codes]
    if not any(line.strip() for line in lines):
        return False
    told = _says_code(table, codes) or _in_elements(codes)
    if not told and _are_indented(lines):
        return is_like_code(lines, MARKED)
    return is_like_code(lines, MARKED if told else NAMED) if has_others or not told else True


def _are_indented(lines: Sequence[str]) -> bool:
    return sum(line.startswith(("  ", "\t", "\u00a0")) for line in lines) > 1


def _says_code(table: ElementNode, codes: Sequence[ElementNode]) -> bool:
    around = table.parent_element
    named = (table, codes[0], *((around,) if around is not None else ()))
    return bool(_CODE_TABLE.search(" ".join(node.class_name or "" for node in named)))


def _in_elements(cells: Sequence[ElementNode]) -> bool:
    """Return whether the text of nearly all cells stands in an element of code."""
    filled = [cell for cell in cells if (cell.text or "").strip()]
    whole = sum(_is_in_element(cell) for cell in filled)
    return whole >= _MOST * len(filled)


def _is_in_element(cell: ElementNode) -> bool:
    inside = cell.query_selector(_ELEMENTS_OF_CODE)
    return inside is not None and len((inside.text or "").strip()) >= _MOST * len((cell.text or "").strip())


def _say(cells: Sequence[ElementNode]) -> bool:
    return any((cell.text or "").strip() for cell in cells)


def _unnumbered(table: ElementNode, rows: Sequence[Row]) -> list[ElementNode]:
    """Return the only cells with text of rows that are a line of code each, by elements, names or blanks."""
    codes = list[ElementNode]()
    for row in rows:
        filled = [cell for cell in row if (cell.text or "").strip()]
        if len(filled) > 1 or not row:
            return []
        codes.append(filled[0] if filled else row[-1])
    texts = [code.text or "" for code in codes]
    named = (
        _says_code(table, codes) or bool(_CELL_OF_CODE.search(codes[0].class_name or "")) if codes else False
    )
    if len(codes) < (2 if named else 3) or any("\n" in text.strip() for text in texts):
        return []
    kept = sum("\u00a0" in text and " " not in text.strip() for text in texts)  # blanks that do not break
    told = _in_elements(codes) or kept >= len(texts) / 2
    if not told and not named:
        return []
    return codes if is_like_code(texts, MARKED if told or _are_indented(texts) else NAMED) else []


def _beside_numbers(rows: Sequence[Row]) -> list[ElementNode]:
    """Return the cell of code beside a cell that holds the numbers of all its lines."""
    for cells in rows:
        for cell, code in itertools.pairwise(cells):
            numbers = numbers_of(cell.text or "")
            if len(numbers) > 1 and count_up(numbers):
                lines = code_text(code).strip("\n").count("\n") + 1
                if abs(lines - len(numbers)) <= 1 or code.query_selector("pre,code") is not None:
                    return [code]
    return []


def line_number(cell: ElementNode) -> int | None:
    """Return the number of the line that a cell beside it says, in its text or its attributes, or None."""
    text = (cell.text or "").strip()
    if text:
        return int(text.rstrip(":.")) if _NUMBER.fullmatch(text) else None
    inside = cell.first_element_child
    said = number_in_attributes(cell)
    return said if said is not None or inside is None else number_in_attributes(inside)


def number_in_attributes(node: ElementNode) -> int | None:
    """Return the number of a line that an element's attributes say, or None."""
    for name in node.attrs:
        value = (node.getattr(name) or "") if name not in _NO_NUMBERS else ""
        if name == "id" and (of_line := _ID_OF_LINE.fullmatch(value)):
            value = of_line[1]
        if value.isdecimal() and len(value) < 7:
            return int(value)
    return None
