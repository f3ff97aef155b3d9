"""Whether a table may be one of lines of code, told of what its first rows are written as.

Each cell that is looked at in the tree costs more than a hundred bytes here. What is told of a table as
`codetables` reads it is never less than that finds: a cell that may be a number counts as one.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from corpusforge.compiled import jit_in_place
from corpusforge.extract.web.codemarks import behind_comment

NOTHING, MAYBE, BY_NAME = 0, 1, 2
"""No lines; perhaps lines; only if the class name of the table, or of what it stands in, says so."""
_ROWS, _MOST_CELLS = 5, 8  # as `codetables` looks at
_BLANK, _DIGIT, _MARK, _WORD, _DOUBTFUL = range(5)
_LESS, _GREATER, _SLASH, _QUOTE, _EQUALS, _AMPERSAND, _BANG, _N, _SEMICOLON = b'<>/"=&!n;'


def _hash(name: str) -> int:
    value = 0x811C9DC5
    for byte in name.encode():
        value = ((value ^ byte) * 0x01000193) & 0xFFFFFFFF
    return value


def _kinds() -> np.ndarray[Any, np.dtype[np.uint8]]:
    """Return what each byte of text is to a number of a line."""
    kinds = np.full(256, _WORD, dtype=np.uint8)
    kinds[[9, 10, 11, 12, 13, 28, 29, 30, 31, 32]] = _BLANK
    kinds[48:58] = _DIGIT
    kinds[[46, 58]] = _MARK
    kinds[128:] = _DOUBTFUL  # other scripts' digits and blanks, and what follows a first byte
    for first, last in ((0xC3, 0xCA), (0xD0, 0xD1), (0xE4, 0xE9), (0xEB, 0xEC)):
        kinds[first : last + 1] = _WORD  # Latin, Cyrillic, Han, Hangul: blocks without digits and blanks
    return kinds


_KINDS = _kinds()
_TR, _TD, _TH, _ID, _CLASS = map(_hash, ("tr", "td", "th", "id", "class"))
_OF_CODE = np.array(list(map(_hash, ("pre", "code", "tt"))))
_RAW = np.array(list(map(_hash, ("script", "style"))))
_ODD = np.array(
    list(map(_hash, ("xmp", "iframe", "noembed", "noframes", "noscript", "plaintext", "template")))
)
_NO_NUMBERS = np.array(
    list(map(_hash, "colspan rowspan width height tabindex border cellpadding cellspacing".split()))
)


def may_be_of_lines(html: str) -> int:
    """Return whether a table without tables in it, as it is written, may hold lines of code in its rows."""
    return int(_may_be_of_lines(np.frombuffer(html.encode("utf-8", "replace"), dtype=np.uint8)))


@jit_in_place
def _may_be_of_lines(data: Any) -> int:
    n, i, row, n_cells = data.shape[0], 0, -1, 0
    in_cell, is_first = False, False
    seen = says = may_be_number = in_attributes = False  # of the cell: any text, surely some, …
    n_said, has_td, numbered_row = 0, False, False  # of the row
    numbered, any_number, columns_at_end, solid, columns = 0, False, 0, 0, False
    told = named = is_open = False
    while i < n:
        if data[i] != _LESS:
            kind = _KINDS[data[i]]
            if data[i] == _AMPERSAND:
                is_blank = i + 1 < n and data[i + 1] == _N
                told |= is_blank
                kind = _BLANK if is_blank else _WORD
                while i < n and data[i] != _SEMICOLON:
                    i += 1
            i += 1
            if kind != _BLANK:
                seen = True
                says |= kind != _DOUBTFUL
                may_be_number &= kind != _WORD
            continue
        i += 1
        if i < n and data[i] == _BANG:
            i = behind_comment(data, i)
            continue
        is_end = i < n and data[i] == _SLASH
        name, i = _name(data, i + is_end)
        if is_end:
            while i < n and data[i] != _GREATER:
                i += 1
            i += 1
            if (name == _TD or name == _TH) and in_cell:
                in_cell = False
                is_number = may_be_number if seen else in_attributes
                if not says:  # what looks blank may be so
                    is_number |= in_attributes
                numbered_row |= is_number
                n_said += says
                has_td |= name == _TD and says
            elif name == _TR and row >= 0:
                if in_cell:
                    return MAYBE
                any_number |= numbered_row
                numbered = (numbered << 1 | numbered_row) & 3
                columns_at_end = (columns_at_end << 1 | (n_said > 1)) & 3
                if 0 < n_cells <= _MOST_CELLS and has_td:
                    solid += 1
                    columns |= n_said > 1
                if row + 1 == _ROWS:
                    if not numbered and columns_at_end:
                        return NOTHING
                    if any_number or solid < 2 or columns:
                        break
                    is_open = True  # nothing but names or what stands in the other rows may tell
            continue
        if _is_among(name, _ODD):
            return MAYBE
        is_cell = name == _TD or name == _TH
        if (name == _TR or is_cell) and not is_open:
            if in_cell:
                return MAYBE
            if name == _TR:
                row, n_cells, n_said, has_td, numbered_row = row + 1, 0, 0, False, False
            else:
                n_cells += 1
                in_cell = n_cells <= _MOST_CELLS + 1
                seen = says = in_attributes = False
                may_be_number, is_first = True, True
        told |= _is_among(name, _OF_CODE)
        reads = is_cell or (in_cell and is_first)
        if in_cell and not is_cell:
            is_first = False
        number, has_class, i = _attributes(data, i)
        in_attributes |= reads and number
        named |= is_cell and has_class
        if _is_among(name, _RAW):
            told = True
            while i + 1 < n and not (data[i] == _LESS and data[i + 1] == _SLASH):
                if _KINDS[data[i]] != _BLANK:
                    seen = says = True
                    may_be_number = False
                i += 1
    n_rows = row + 1
    if n_rows < 3:
        return MAYBE if any_number else NOTHING
    if not numbered and columns_at_end:
        return NOTHING
    if any_number or solid < 2:
        return MAYBE
    if columns:
        return NOTHING
    return MAYBE if told or named else BY_NAME


@jit_in_place
def _name(data: Any, i: int) -> Any:
    """Return (hash of the name that begins at `i`, where it ends)."""
    value = np.int64(0x811C9DC5)
    while i < data.shape[0] and data[i] > 32 and data[i] != _GREATER and data[i] != _EQUALS:
        value = ((value ^ data[i]) * 0x01000193) & 0xFFFFFFFF
        i += 1
    return value, i


@jit_in_place
def _is_among(value: int, values: Any) -> bool:
    for k in range(values.shape[0]):
        if values[k] == value:
            return True
    return False


@jit_in_place
def _attributes(data: Any, i: int) -> Any:
    """Return (whether one may say the number of a line, whether one is a class, where the tag has ended)."""
    n, number, has_class = data.shape[0], False, False
    while i < n and data[i] != _GREATER:
        if data[i] <= 32 or data[i] == _SLASH or data[i] == _EQUALS:
            i += 1
            continue
        name, i = _name(data, i)
        if i + 1 >= n or data[i] != _EQUALS or data[i + 1] != _QUOTE:
            continue
        i += 2
        start, digits = i, True
        while i < n and data[i] != _QUOTE:
            digits &= _KINDS[data[i]] == _DIGIT or data[i] >= 0x80
            i += 1
        size = i - start
        has_class |= name == _CLASS and size > 0
        if size and (digits or (name == _ID and _KINDS[data[i - 1]] == _DIGIT) or data[i - 1] >= 0x80):
            number |= not _is_among(name, _NO_NUMBERS)
        i += 1
    return number, has_class, i + 1
