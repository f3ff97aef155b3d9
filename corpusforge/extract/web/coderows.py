"""Code line by line beside numbers that count up, where no name says so: any elements, rows of any shape.

    <div><p><i>1</i><span>…</span></p> <p><i>2</i><span>…</span></p></div>       a row each
    <dl><dt>1</dt><dd>…</dd> <dt>2</dt><dd>…</dd></dl>       numbers between the lines

Only the source is looked at first: which element holds a 1 alone, and whether a 2 stands so too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from resiliparse.parse.html import TEXT, DocumentNode, ElementNode

from corpusforge.compiled import jit, jit_in_place
from corpusforge.extract.web.codecolumns import block_beside
from corpusforge.extract.web.codelike import MARKED, NAMED, is_like_code
from corpusforge.extract.web.codenumbers import MARKS, count_up
from corpusforge.extract.web.codetext import joined_lines
from corpusforge.extract.web.dom import select

NUMBER_HINT = "number "
"""Begins a hint that names a selector of elements that may number lines."""
ALONE = re.compile(
    rb"<([a-z][a-z0-9-]{0,30})((?:\s[^<>]{0,300})?)>\s{0,6}(?:<(span|b|i|em|tt|small)>)?"
    rb"[\[#L]?0{0,5}1[.:\]]?\s{0,3}</"
)
_ONE_BYTES = 31 + 300 + 6 + 8 + 8 + 6  # at most, before the 1
_LESS, _GREATER, _SLASH, _ZERO, _ONE, _TWO = b"<>/012"
_DOT, _COLON, _CLOSING = b".:]"
_OPENING, _HASH, _L = b"[#L"
_MOST_ZEROS, _BLANKS_BEFORE, _BLANKS_BEHIND = 5, 6, 3  # as `ALONE` allows
_CLASS = re.compile(rb"""\sclass\s*=\s*(?:"([^"]{1,200})"|'([^']{1,200})'|([^\s"'>]{1,100}))""")
_ATTRIBUTE = re.compile(rb"""\s([a-z][a-z-]{1,30})\s*=\s*(?:"([^"'\\]{1,100})")?""")
_ONES = re.compile(rb"(?<!\d)1(?!\d)")
_PLAIN_TAGS = frozenset((b"dt", b"b", b"i", b"em", b"a", b"small", b"strong"))
_NO_TAGS = frozenset((b"td", b"th", b"option", b"li", b"button", b"p", b"h1", b"h2", b"h3"))
_MAX_SELECTORS = 6
_MAX_NUMBERS = 20_000
_LEAST = 2  # lines
_LINES_A_ROW = 1.2
_MAX_LEVELS = 4
_HEAD = re.compile(r"[^\w\n]*\n?[^\w\n]*L?\d")
_NUMBER = re.compile(r"\s*[\[#L]?(\d{1,6})[.:\]]?\s*")
_SIGNS = re.compile(r"[;{}(\[\]\\>:=]\s*$|,\s*(?:/[/*].*)?$|\*/|^\s*(?:[\"'<#]|//)")
"""How lines of code end or begin, of tables of values too, that hold no word of a language."""
_NO_CODE = "h1,h2,h3,h4,form,article,img,iframe,pre,table,math"

Rows = tuple[ElementNode, list[ElementNode]]


def number_hints(source: bytes, opened: NDArray[np.int64]) -> Iterator[str]:
    """Yield a hint for each kind of element that holds a 1 alone, of a page in which a 2 stands so.

    `opened` is where `<` stands in the source.
    """
    if not _holds_two(np.frombuffer(source, np.uint8), opened):
        return
    found = dict[str, None]()
    for one in alone(source, opened):
        said = _CLASS.search(one[2])
        name = next((value for value in said.groups() if value), b"") if said else b""
        for tag, named, attributes in ((one[1], name, one[2]), (one[3], b"", b"")):
            if tag and (selector := _selector(tag, named, attributes, source)):
                found[selector] = None
        if len(found) >= _MAX_SELECTORS:
            break
    for selector in found:
        yield NUMBER_HINT + selector


def alone(source: bytes, opened: NDArray[np.int64]) -> Iterator[re.Match[bytes]]:
    """Yield what `ALONE` finds in a source, in order: from each end back to the one or two tags before it."""
    for place in _ones(np.frombuffer(source, np.uint8), opened).tolist():
        end = int(opened[place])
        for before in (place - 2, place - 1):
            start = int(opened[before]) if before >= 0 else -1
            if end - start <= _ONE_BYTES + 6 and (one := ALONE.match(source, start)) and one.end() == end + 2:
                yield one
                break


@jit_in_place
def _holds_two(data: Any, opened: Any) -> bool:
    """Return whether a 2 stands alone before a tag: behind a tag, or what may stand before a number."""
    for place in range(opened.shape[0]):
        i = _before_blanks(data, opened[place] - 1, _BLANKS_BEHIND)
        if i > 0 and (data[i] == _DOT or data[i] == _COLON or data[i] == _CLOSING):
            i -= 1
        if i > 0 and data[i] == _TWO:
            before = data[max(_before_blanks(data, i - 1, _BLANKS_BEFORE), 0)]
            if before == _GREATER or before == _ZERO or before == _OPENING or before == _HASH or before == _L:
                return True
    return False


@jit
def _ones(data: Any, opened: Any) -> Any:
    """Return the numbers of the end tags, by `opened`, that stand behind a 1 alone, as `ALONE` ends."""
    out = np.empty(opened.shape[0], dtype=np.int64)
    found = 0
    for place in range(1, opened.shape[0]):
        i, last = opened[place], opened[place - 1]
        if i + 1 == data.shape[0] or data[i + 1] != _SLASH:
            continue
        i = _before_blanks(data, i - 1, _BLANKS_BEHIND)
        if data[i] == _DOT or data[i] == _COLON or data[i] == _CLOSING:
            i -= 1
        if i <= last or data[i] != _ONE:
            continue
        first = i - 1
        i -= 1
        while data[i] == _ZERO and first - i < _MOST_ZEROS:
            i -= 1
        if data[i] == _OPENING or data[i] == _HASH or data[i] == _L:
            i -= 1
        if data[_before_blanks(data, i, _BLANKS_BEFORE)] == _GREATER:
            out[found] = place
            found += 1
    return out[:found]


@jit_in_place
def _before_blanks(data: Any, i: int, most: int) -> int:
    """Return where what stands before some blanks ends, or -1."""
    first = i
    while i >= 0 and first - i < most and (data[i] == 32 or 9 <= data[i] <= 13):
        i -= 1
    return i


def _selector(tag: bytes, name: bytes, attributes: bytes, source: bytes) -> str:
    """Return the selector of elements that may number lines; empty where they say too little."""
    is_known = name or tag in _PLAIN_TAGS or b"-" in tag or b"<%s>3</" % tag in source
    if tag in _NO_TAGS or b'"' in name:
        return ""
    if not is_known:
        said = _ATTRIBUTE.match(attributes)
        if said is None or b"<%s%s>3</" % (tag, _ONES.sub(b"3", attributes)) not in source:
            return ""
        value = said[2].decode("utf-8", "replace") if said[2] and not _ONES.search(said[2]) else ""
        return f"{tag.decode()}[{said[1].decode()}" + (f'="{value}"]' if value else "]")
    return f'{tag.decode()}[class="{name.decode("utf-8", "replace")}"]' if name else tag.decode()


def blocks_of_rows(document: DocumentNode, hints: frozenset[str]) -> Iterator[Rows]:
    """Yield (element, its lines) of code in rows beside numbers; the element is to be replaced."""
    for hint in sorted(hints):
        if not hint.startswith(NUMBER_HINT):
            continue
        run: list[ElementNode] = []
        for number in select(document, hint.removeprefix(NUMBER_HINT))[:_MAX_NUMBERS]:
            said = _NUMBER.fullmatch(number.text or "")
            if said is None or number.parent is None or not _may_begin(number):
                continue
            if run and int(said[1]) == 1:
                yield from _block(run)
                run = []
            if run or int(said[1]) == 1:
                run.append(number)
        yield from _block(run)


def _may_begin(number: ElementNode) -> bool:
    """Return whether an element stands in no line of text behind others: it is no token of one."""
    before = number.previous_sibling
    if before is None or before.type != TEXT:
        return True
    if (before.value or "").strip():
        return False
    token = before.previous_sibling
    if not isinstance(token, ElementNode) or token.tag != number.tag or "\n" in (before.value or ""):
        return True
    return not (token.text or "").strip()


def _block(numbers: Sequence[ElementNode]) -> Iterator[Rows]:
    """Yield the block whose lines some elements number, where they do."""
    said = [int((number.text or "").strip(MARKS)) for number in numbers]
    if len(said) < _LEAST or not count_up(said):
        return
    rows = list(numbers)
    for _ in range(_MAX_LEVELS):
        around = [row.parent_element for row in rows]
        if around[0] is None or around[0] == around[1]:
            break
        rows = [row for row in around if row is not None]
        if len(rows) < len(numbers):
            return
    parent = rows[0].parent_element
    if parent is None or any(row.parent_element != parent for row in rows[1:]):
        return
    if rows[0] == numbers[0]:
        if _is_column(parent, numbers):
            block = block_beside(parent)
            if block is not None:
                yield block
            return
        if any(n.next_sibling is None or not (n.next_sibling == n.next_element_sibling) for n in numbers):
            return  # numbers in the text of lines
        rows = [line for line in (row.next_element_sibling for row in rows) if line is not None]
    elif not all(map(_begins_with, rows, numbers)):
        return  # numbers in the lines
    if len(rows) < len(numbers) or parent.closest("pre,table") is not None:
        return
    if parent.query_selector(_NO_CODE) is not None or not _is_code(rows):
        return
    yield parent, rows


def _is_column(parent: ElementNode, numbers: Sequence[ElementNode]) -> bool:
    """Return whether an element holds nothing but numbers."""
    return len((parent.text or "").split()) <= len(numbers) and not any(map(str.isalpha, parent.text or ""))


def _begins_with(row: ElementNode, number: ElementNode) -> bool:
    """Return whether the first that a row says is the text of an element of its number."""
    head = _HEAD.match(row.text or "")
    return head is not None and (row.text or "").startswith((number.text or "").strip(MARKS), head.end() - 1)


def _is_code(rows: Sequence[ElementNode]) -> bool:
    lines = joined_lines(rows).split("\n")
    if len(lines) > _LINES_A_ROW * len(rows):
        return False  # paragraphs
    told = any(line.startswith(("  ", "\t", "\u00a0")) for line in lines)
    if is_like_code(lines, MARKED if told else NAMED):
        return True
    filled = [line for line in lines if line.strip()]
    return is_like_code(lines, 0) and sum(map(bool, map(_SIGNS.search, filled))) >= NAMED * len(filled)
