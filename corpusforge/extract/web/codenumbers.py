"""Numbers of lines: told by how they count up, and taken from the lines that they stand before."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence

_COUNT = re.compile(r"[ \d#=*-]*")
HEAD = re.compile(r"[\s\u00a0]*(\d{1,6})(?![\d.,;)\]])")
_NUMBERS_ONLY = re.compile(r"[\s\d\u00a0]*\d[\s\d\u00a0]*")
_MAX_GAP = 3
_OPERATORS = "=+-*/<>(,[{&|:?!~^%"
"""What a number behind belongs to."""
MARKS = " \n\t:.|()[]#L-\u00a0"
"""What may stand before and behind the number of a line."""
_MARKS = ({":"}, {"|"}, {")"}, {"\u2502"})
NUMBERED_SHARE = 0.8

TEXT_PIECE, NUMBER_ALONE, LINE_NUMBER, NOTE_NUMBER = range(4)
"""Kinds of pieces: text, a number in an element of its own, such a number that a name says is no code, and
one that may lead to a note, where it ends a line."""
Piece = tuple[str, int]
Line = list[Piece]


def count_up(values: Sequence[int]) -> bool:
    """Return whether nearly each number is one more than that before it."""
    steps = [b - a for a, b in itertools.pairwise(values)]
    return bool(steps) and sum(step == 1 for step in steps) >= NUMBERED_SHARE * len(steps)


def numbers_of(text: str) -> list[int]:
    """Return the numbers of a text that holds nothing else, one a line; empty where it holds more."""
    if not _NUMBERS_ONLY.fullmatch(text):
        return []
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    return list(map(int, lines)) if all(line.isdecimal() and len(line) < 7 for line in lines) else []


def without_one_blank(lines: list[str]) -> list[str]:
    """Return lines without the blank that stands before each, which is a margin."""
    filled = [line for line in lines if line.strip()]
    if len(filled) < 2 or min(len(line) - len(line.lstrip(" ")) for line in filled) != 1:
        return lines
    return [line[1:] for line in lines]


def without_numbers(lines: Sequence[Line], anchored: bool = False) -> list[str]:
    """Return the lines as text, without the numbers that count up at their heads: two, as a patch has.

    With `anchored` an anchor stands in nearly each line, and numbers may be text of their own behind it.
    """
    heads = [line_number_of(line) for line in lines]
    counts = _counts(lines, heads)
    told = any(heads) and all(head is None or head[1] == LINE_NUMBER for head in heads)
    if counts:
        lines = _without_margin(
            [_behind_number(line) if head else line for line, head in zip(lines, heads, strict=True)]
        )
        heads = [line_number_of(line) for line in lines]
        if _counts(lines, heads):
            lines = [_behind_number(line) if head else line for line, head in zip(lines, heads, strict=True)]
    out = [
        "".join(text for text, kind in line if kind != LINE_NUMBER).replace("\u00a0", " ") for line in lines
    ]
    if anchored and not counts and not told:
        return _without_written_numbers(out)
    return _without_column(_without_gap(_without_marks(out) if counts else out)) if counts or told else out


def without_notes(lines: list[Line]) -> list[Line]:
    """Return lines without the numbers of notes that end some of them, if these count up from 1.

    a = 1;  (1)
    b = 2;  (2)
    """
    ends = [_note_of(line) for line in lines]
    numbers = [
        int(line[end][0].strip(MARKS)) for line, end in zip(lines, ends, strict=True) if end is not None
    ]
    if not numbers or numbers != list(range(1, len(numbers) + 1)):
        return lines
    return [line if end is None else line[:end] for line, end in zip(lines, ends, strict=True)]


def _note_of(line: Line) -> int | None:
    """Return the place of the number of a note that ends a line behind a blank, or None."""
    last = len(line) - 1
    while last > 0 and not line[last][0].strip(" \t\u00a0"):
        last -= 1
    if last < 1 or line[last][1] != NOTE_NUMBER:
        return None
    before = "".join(text for text, kind in line[:last] if kind == TEXT_PIECE)
    end = before.rstrip()
    if line[last][0][:1] in "([":
        return last if end else None
    is_operand = end[-1:] in _OPERATORS and not end.endswith(("*/", "-->"))
    return last if end and end != before and not is_operand else None


def _counts(lines: Sequence[Line], heads: Sequence[tuple[int, int] | None]) -> bool:
    """Return whether nearly all lines with text begin with numbers that count up."""
    values = [head[0] for head in heads if head is not None]
    if len(values) < 2 or not count_up(values):
        return False
    return len(values) >= NUMBERED_SHARE * sum(any(text.strip() for text, _ in line) for line in lines)


def _behind_number(line: Line) -> Line:
    return line[1 + next(place for place, piece in enumerate(line) if piece[1]) :]


def _without_margin(lines: list[Line]) -> list[Line]:
    """Return lines without the blanks that part each from its number, where a piece of its own holds them."""
    margins = {line[0][0].replace("\u00a0", " ") for line in lines if line}
    if len(margins) != 1 or (margin := margins.pop()).strip() or not 0 < len(margin) <= _MAX_GAP:
        return lines
    return [line[1:] for line in lines]


def _without_written_numbers(lines: list[str]) -> list[str]:
    """Return lines without numbers that each begins with and that count up, one a line."""
    heads = [HEAD.match(line) for line in lines]
    numbers = [int(head[1]) for head in heads if head is not None]
    blanks = sum(not line.strip() for line in lines)
    if len(numbers) < 2 or len(numbers) < len(lines) - blanks or not count_up(numbers):
        return lines
    return _without_gap([line[head.end() :] if head else "" for line, head in zip(lines, heads, strict=True)])


def _without_marks(lines: list[str]) -> list[str]:
    """Return lines without the mark that stands behind each number: `12: code`, `12 | code`."""
    marks = {line.lstrip()[:1] for line in lines if line.strip()}
    return [line.lstrip()[1:] for line in lines] if len(lines) > 2 and marks in _MARKS else lines


def _without_column(lines: list[str]) -> list[str]:
    """Return lines without a column of counts that ends at the same place of each, with a colon."""
    filled = [line for line in lines if line.strip()]
    places = {line.find(":") for line in filled}
    if len(filled) < 2 or len(places) != 1 or (place := places.pop()) < 2:
        return lines
    if not all(_COUNT.fullmatch(line[:place]) for line in filled):
        return lines
    return _without_gap([line[place + 1 :] for line in lines])


def line_number_of(line: Line) -> tuple[int, int] | None:
    """Return (number, kind of piece) that a line begins with, in an element of its own."""
    for text, kind in line:
        if kind:
            return int(text.strip(MARKS)), kind
        if text.strip(" \t\u00a0"):
            return None
    return None


def _without_gap(lines: Sequence[str]) -> list[str]:
    """Return lines without the blanks that part code from the numbers that stood before it."""
    indents = [len(line) - len(line.lstrip(" ")) for line in lines if line.strip()]
    gap = min(indents, default=0)
    if gap > _MAX_GAP:
        gap %= 2
    return [line[min(gap, len(line) - len(line.lstrip(" "))) :] for line in lines]
