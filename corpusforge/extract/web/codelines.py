"""Code that a page sets line by line outside <pre>: one element a line.

What tells code is what it is: siblings that are each a line of it, under a name that says code, or
beside numbers that count up. Who made the page does not matter.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from resiliparse.parse.html import DocumentNode, ElementNode

from corpusforge.extract.web.codeboxes import boxes_of_code, numbered_lines
from corpusforge.extract.web.codecolumns import blocks_beside_columns
from corpusforge.extract.web.codeelements import elements_of_code, scripts_of_code
from corpusforge.extract.web.codekin import areas_of_code, rows_of_code
from corpusforge.extract.web.coderows import blocks_of_rows
from corpusforge.extract.web.coderules import rule_selector
from corpusforge.extract.web.coderuns import runs_of_indented, runs_of_lines, runs_of_pre
from corpusforge.extract.web.codetables import lines_of_table
from corpusforge.extract.web.dom import select

_LINE = re.compile(
    r"(?:^|[\s_-])(?:[a-z]{0,12}[_-]?)?lines?(?:$|[\s_])|Line(?:$|\s)|(?:^|\s)pre(?:$|\s)", re.I
)
_NO_LINE = re.compile(
    r"headline|inline|outline|timeline|underline|baseline|deadline|byline|tagline|pipeline|online"
)
_CODE = re.compile(
    r"code|fragment|listing|source|(?:^|[\s_-])src(?:$|[\s_-])|highlight|hljs|syntax|editor|monaco|prism|shiki"
    r"|crayon|chroma|snippet|program|terminal|console|blob|gist|geshi|(?:^|\s)(?:dp|cm|ace)[-_]"
)
_NUMBERED = re.compile(
    r"tag_listing|line-?_?n(?:o|um|r|umber)|gutter|linenum|(?:^|[\s_-])(?:ln|lno|num)(?:$|[\s_-])", re.I
)
_NUMBER = re.compile(r"\s*\d{1,6}[:.]?\s*")
_MONOSPACE = re.compile(r"white-space\s*:\s*pre|monospace|courier", re.I)
_LINES = (
    "div[class*=line],span[class*=line],li[class*=line],li[class*=Line],pre[class*=line],p[class*=line],code[class*=line],div[class*=Line]"
    ",div.pre"
)
_NO_LINES = "pre:not([class*=line]):not([class*=Line]),table"
_MAX_TRIES = 40  # of elements on a page that may be lines of code and are none
_STOPS = frozenset({"body", "main", "article", "html", "td", "blockquote"})
_MAX_LEVELS = 5
_MAX_OTHER_CHARS = 12  # of text in a container that no line holds

Lines = tuple[ElementNode, list[ElementNode]]
"""An element, and the elements in it, or that begin with it, that are a line of code each."""


def blocks_of_lines(document: DocumentNode, hints: frozenset[str]) -> Iterator[Lines]:
    """Yield (element, its lines) of code that stands line by line; the element is to be replaced."""
    if "<table" in hints:
        for table in select(document, "table"):
            if table.parent is None:
                continue
            if (lines := lines_of_table(table)) and table.closest("pre") is None:
                yield table.closest("code") or table, lines
    if "code lines" in hints:
        yield from _elements_of_lines(document)
    if "line anchors" in hints:
        yield from numbered_lines(document)
    if "numbered" in hints:
        yield from blocks_of_rows(document, hints)
    if "columns" in hints:
        yield from blocks_beside_columns(document, hints)
    if "<pre" in hints:
        yield from runs_of_pre(document)
    if "rows of code" in hints:
        yield from rows_of_code(document)
    if "<textarea" in hints:
        yield from areas_of_code(document)
    if "code elements" in hints or "<code" in hints:
        yield from elements_of_code(document, hints)
    if "code scripts" in hints:
        yield from scripts_of_code(document)
    rules = rule_selector(hints)
    for hint in ("named boxes", "fonts", "rules", "languages", "<tt", "kept blanks"):
        if hint in hints:
            yield from boxes_of_code(document, hint, rules)
    if not hints.isdisjoint(("code fonts", "<tt", "kept blanks", "code boxes")):
        yield from runs_of_lines(document, hints, rules)
    if "indented" in hints:
        yield from runs_of_indented(document)


def _elements_of_lines(document: DocumentNode) -> Iterator[Lines]:
    taken: ElementNode | None = None
    tried: ElementNode | None = None
    passed: ElementNode | None = None  # what stands in it is looked at elsewhere
    tries = 0
    known = dict[ElementNode, list[ElementNode] | None]()
    for line in select(document, _LINES):
        if passed is not None and passed.contains(line):
            continue
        around = line.parent_element
        if around is None or (taken is not None and _is_inside(line, taken)):
            continue
        if tries > _MAX_TRIES:
            return
        if around == tried or not _is_line(line):
            continue
        elsewhere = around.closest(_NO_LINES)
        if elsewhere is not None:
            passed = elsewhere
            continue
        block = _block_of(line, known)
        if block is not None:
            taken = block[0]
            known.clear()  # the tree changes
            yield block
        else:
            tried, tries = around, tries + 1


def _is_inside(node: ElementNode, block: ElementNode) -> bool:
    around: ElementNode | None = node
    for _ in range(_MAX_LEVELS + 2):
        if around is None:
            return False
        if around == block:
            return True
        around = around.parent_element
    return False


def _is_line(element: ElementNode) -> bool:
    return _says_line(element.class_name or "") and (
        element.first_element_child is not None or not _NUMBER.fullmatch(element.text or "")
    )


@lru_cache(maxsize=64)  # a page says the same for each of its lines
def _says_line(name: str) -> bool:
    return bool(_LINE.search(name)) and not (_NO_LINE.search(name) or _NUMBERED.search(name))


def _block_of(line: ElementNode, known: dict[ElementNode, list[ElementNode] | None]) -> Lines | None:
    """Return the smallest element around that a name says is code and that holds nothing but lines.

    `known` keeps what `_only_lines` says of elements, for lines that stand in the same.
    """
    found: Lines | None = None
    around = line.parent_element
    says_code = bool(_CODE.search(line.class_name or "")) or _has_number(line)
    for _ in range(_MAX_LEVELS):
        if around is None or (around.tag or "") in _STOPS:
            break
        if around not in known:
            known[around] = _only_lines(around)
        lines = known[around]
        if lines is None:
            break
        named = bool(_CODE.search(around.class_name or "")) or bool(
            _MONOSPACE.search(around.getattr("style") or "")
        )
        if found is None or len(lines) > len(found[1]):
            found = (around, lines)
        says_code = says_code or named
        if named and len(lines) > 1:
            break
        around = around.parent_element
    return found if found is not None and says_code and (len(found[1]) > 1 or _has_number(line)) else None


def _only_lines(around: ElementNode) -> list[ElementNode] | None:
    """Return the lines in an element, or None where it holds more."""
    lines = _outermost([one for one in select(around, _LINES) if _is_line(one)])
    return None if _holds_more(around, lines) else lines


def _holds_more(around: ElementNode, lines: list[ElementNode]) -> bool:
    """Return whether an element holds more besides its lines than a block of code: numbers, tools, blanks."""
    text, texts = around.text or "", [one.text or "" for one in lines]
    others = len(text) - sum(map(len, texts)) - _MAX_OTHER_CHARS
    return others > 0 and others > _blanks(text) - sum(map(_blanks, texts))


def _blanks(text: str) -> int:
    """Return how many characters are white space or digits."""
    return sum(text.count(character) for character in set(text) if character.isspace() or character.isdigit())


def _has_number(line: ElementNode) -> bool:
    first = line.first_element_child
    for _ in range(2):
        if first is None:
            return False
        if _NUMBER.fullmatch(first.text or "") and _NUMBERED.search(first.class_name or ""):
            return True
        first = first.next_element_sibling
    return False


def _outermost(lines: list[ElementNode]) -> list[ElementNode]:
    """Return lines of which none stands in another; a wrapper named so gives way to the lines in it."""
    out: list[ElementNode] = []
    for line in lines:
        inner = [one for one in select(line, _LINES) if _is_line(one)] if line.first_element_child else []
        if not inner and not (out and _is_inside(line, out[-1])):
            out.append(line)
        elif inner and len(inner) == 1 and (inner[0].tag or "") == "span" and (line.tag or "") != "span":
            out.append(line)
    return out
