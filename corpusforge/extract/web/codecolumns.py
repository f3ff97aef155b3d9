r"""Code beside a column that holds as many numbers, counting up, as it has lines: no name is needed.

<div>1\n2\n3</div><code>…</code>        <td>1.<br>2.<br></td><td>…<br>…</td>
<div><i>1</i><i>2</i></div><div>…</div>
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
from resiliparse.parse.html import DocumentNode, ElementNode

from corpusforge.extract.web.codelike import MARKED, is_like_code
from corpusforge.extract.web.codenumbers import MARKS, count_up
from corpusforge.extract.web.codetext import code_text
from corpusforge.extract.web.dom import select

COLUMN_HINT = "column "
"""Begins a hint that names a selector of elements that begin with a 1 and a 2 on lines of their own."""
_ONE_TWO = re.compile(rb">1[.:]?(?:\n|<br ?/?>\n?)\s{0,6}2[.:]?(?:\n|<)")
_TAG = re.compile(rb"""<(div|td|span|code|p|section|th)(?:\s[^<>]*?class\s*=\s*["']?([\w-]{1,60}))?""")
_GREATER, _ONE = b">1"
_MOST_HINTS = 4
_MOST = 200  # columns looked at on a page
_MAX_LEVELS = 3
_LEAST = 3  # lines that a count tells alone
_NO_CODE = "h1,h2,h3,h4,form,article,img,iframe,table,math,pre"
_NUMBER = re.compile(r"\d{1,6}")

Rows = tuple[ElementNode, list[ElementNode]]


def column_hints(source: bytes) -> Iterator[str]:
    """Yield a hint for each kind of element whose text begins with a 1 and a 2 on lines of their own."""
    found = dict[str, None]()
    for place in _places(source):
        tag = _TAG.match(source, source.rfind(b"<", 0, place))
        if tag is not None:
            found[
                tag[1].decode() + (f".{tag[2].decode()}" if tag[2] and not tag[2][:1].isdigit() else "")
            ] = None
            if len(found) >= _MOST_HINTS:
                break
    for selector in found:
        yield COLUMN_HINT + selector


def _places(source: bytes) -> Iterator[int]:
    """Yield where `_ONE_TWO` matches: it is tried where an element's text begins with a 1."""
    data = np.frombuffer(source, np.uint8)
    for place in np.flatnonzero((data[:-1] == _GREATER) & (data[1:] == _ONE)).tolist():
        if _ONE_TWO.match(source, place):
            yield place


def blocks_beside_columns(document: DocumentNode, hints: frozenset[str]) -> Iterator[Rows]:
    """Yield (element, the one of code) of code beside such columns; the element is to be replaced."""
    for hint in sorted(hints):
        if hint.startswith(COLUMN_HINT):
            for column in select(document, hint.removeprefix(COLUMN_HINT))[:_MOST]:
                if column.parent is not None and (block := block_beside(column)) is not None:
                    yield block


def block_beside(column: ElementNode) -> Rows | None:
    """Return (the element to be replaced, the one of code) beside a column of numbers, which goes."""
    said = [line.strip(MARKS) for line in code_text(column, flows=True).split("\n") if line.strip(MARKS)]
    if len(said) < 2 or not all(map(_NUMBER.fullmatch, said)) or not count_up(list(map(int, said))):
        return None
    return _block(column, len(said), behind=False) or _block(column, len(said), behind=True)


def _block(column: ElementNode, n_numbers: int, behind: bool) -> Rows | None:
    """Return (the element to be replaced, the one of code) of code that a column numbers.

    `behind`: the column stands behind the code.
    """
    found = _code_beside(column, behind)
    if found is None:
        return None
    around, code = found
    if code.query_selector(_NO_CODE) is not None or code.tag in ("pre", "table"):
        return None
    lines = code_text(code, flows=True).strip("\n").split("\n")
    if not 0 <= n_numbers - len(lines) <= 1 or not is_like_code(lines, 0 if len(lines) >= _LEAST else MARKED):
        return None
    if code.tag == "td":
        table = code.closest("table")
        if table is None or len((table.text or "").split()) > len(f"{column.text} {code.text}".split()):
            return None
        return table, [code]
    around.remove()
    return code, [code]


def _code_beside(column: ElementNode, behind: bool) -> tuple[ElementNode, ElementNode] | None:
    """Return (a column or what holds it alone, the element beside it), over one that says nothing."""
    around: ElementNode | None = column
    for _ in range(_MAX_LEVELS):
        if around is None or around.tag in ("body", "article", "main", "pre"):
            return None
        code = _beside(around, behind)
        if code is not None and not (code.text or "").strip():
            code = _beside(code, behind)
        if code is not None:
            return around, code
        around = around.parent_element
    return None


def _beside(element: ElementNode, before: bool) -> ElementNode | None:
    return element.previous_element_sibling if before else element.next_element_sibling
