"""Page furniture of books in plain text: running heads and page numbers between the pages' lines.

A scanned book has a form feed between pages, or at least its numbers on lines of their own.
"""

from __future__ import annotations

import re
from collections import Counter
from itertools import pairwise

_MIN_PAGES = 4
_MIN_REPEATS = 3
_NUMBER_LINE = re.compile(r"^[ \t]*[-–—\[(]? ?(\d{1,4}) ?[-–—\])]?[ \t]*$", re.M)
_ROMAN_LINE = re.compile(r"[-–—\[(]? ?[ivxlc]{1,7} ?[-–—\])]?", re.I)
_DIGITS = re.compile(r"[\divxlcIVXLC]+(?=$|\W)|[\W_]+")
_OPEN_END = re.compile(r"[^.!?:;\"'”’»)\]\s]\s*$|\w-\s*$")
_BLANK_LINES = re.compile(r"\n+")
_MAX_HEAD_CHARS = 60
_MIN_INSIDE = 0.2
"""Of page numbers, so many stand inside a sentence; numbers of chapters never do."""


def without_pages(text: str) -> str:
    """Return text without running heads and page numbers; a paragraph goes on over a page's end."""
    if text.count("\f") >= _MIN_PAGES - 1:
        return _joined_pages(text.split("\f"))
    return _without_numbers(text.replace("\f", "\n\n"))


def _joined_pages(pages: list[str]) -> str:
    lines = [page.strip("\n").split("\n") for page in pages]
    counts: Counter[str] = Counter()
    for page in lines:
        counts.update({_key(line) for line in _edges(page)} - {""})
    out: list[str] = []
    for page in lines:
        body = "\n".join(_without_edges(page, counts)).strip("\n")
        if not body:
            continue
        if out:
            goes_on = _OPEN_END.search(out[-1][-80:]) is not None and body[:1].islower()
            out.append("\n" if goes_on else "\n\n")
        out.append(body)
    return "".join([*out, "\n"])


def _edges(page: list[str]) -> list[str]:
    shown = [line for line in page if line.strip()]
    return [*shown[:2], *shown[-1:]]


def _key(line: str) -> str:
    """Return what of a running head stays the same from page to page."""
    line = line.strip()
    return _DIGITS.sub("", line).lower() if len(line) <= _MAX_HEAD_CHARS else ""


def _without_edges(page: list[str], counts: Counter[str]) -> list[str]:
    """Return a page's lines without heads and numbers among its first two and its last."""
    places = [place for place, line in enumerate(page) if line.strip()]
    gone: set[int] = set()
    for place in {*places[:2], *places[-1:]}:
        line = page[place].strip()
        is_number = bool(_NUMBER_LINE.fullmatch(line) or _ROMAN_LINE.fullmatch(line))
        is_first = place == places[0] or places[0] in gone
        if is_number or (is_first and counts[_key(line)] >= _MIN_REPEATS and _key(line)):
            gone.add(place)
    return [line for place, line in enumerate(page) if place not in gone]


def _without_numbers(text: str) -> str:
    """Return text without lines of one number where those count pages: each one more than the last."""
    found = [match for match in _NUMBER_LINE.finditer(text) if _alone(text, match)]
    numbers = [int(match[1]) for match in found]
    steps = sum(0 < after - number <= 2 for number, after in pairwise(numbers))
    inside = sum(_goes_on(text, match) for match in found)
    if len(found) < _MIN_PAGES or steps < 0.9 * (len(found) - 1) or inside < _MIN_INSIDE * len(found):
        return text
    out, position = list[str](), 0
    for match in found:
        out += [text[position : match.start()].rstrip(), "\n" if _goes_on(text, match) else "\n\n"]
        position = _next_line(text, match)
    return "".join([*out, text[position:]])


def _next_line(text: str, match: re.Match[str]) -> int:
    found = _BLANK_LINES.match(text, match.end())
    return found.end() if found else match.end()


def _goes_on(text: str, match: re.Match[str]) -> bool:
    """Return whether a sentence runs over a line."""
    before, after = text[max(0, match.start() - 80) : match.start()], _next_line(text, match)
    return _OPEN_END.search(before) is not None and text[after : after + 1].islower()


def _alone(text: str, match: re.Match[str]) -> bool:
    """Return whether a line has an empty line above or below it."""
    start, end = match.span()
    return text[max(0, start - 2) : start] == "\n\n" or text[end : end + 2] == "\n\n"
