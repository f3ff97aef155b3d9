"""Code whose lines stand each in a <code> of an element of its own, and code shown to be copied.

    <div><button>Copy</button><code>a = 1</code></div> <div><button>Copy</button><code>&nbsp;b</code></div>
    <textarea class="java" readonly>…</textarea>

What tells a block from a list of commands is that a line is indented, empty, or has a tool beside it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from resiliparse.parse.html import TEXT, DocumentNode, ElementNode

from corpusforge.compiled import jit_in_place
from corpusforge.extract.web.codeboxes import says_box
from corpusforge.extract.web.codefurniture import is_furniture
from corpusforge.extract.web.codelanguage import names_language
from corpusforge.extract.web.codelike import MARKED, NAMED, SURE, is_like_code
from corpusforge.extract.web.codenumbers import count_up
from corpusforge.extract.web.codetables import number_in_attributes
from corpusforge.extract.web.codetext import joined_lines
from corpusforge.extract.web.dom import select

_ROW_TAGS = frozenset(("div", "p", "li", "span", "dd"))
_TOOL_TAGS = frozenset(("button", "svg", "img", "input"))
_LEAST = 3  # rows
_MAX_LEVELS = 5
_MOST_CODES = 20_000  # looked at on a page
_MOST_AREAS = 20
_AREA_CHARS = 200_000
_MORE_THAN_CODE = "p,h1,h2,h3,form,article,img,iframe,pre,table,ul,ol"
_BLANKS = ("  ", "\t", "\u00a0")
_LESS, _GREATER, _SLASH, _AMPERSAND, _SEMICOLON, _BANG, _DOUBLE, _SINGLE = b"<>/&;!\"'"
_CLASS = re.compile(rb"""\sclass\s*=\s*["']?([^"'>]{0,500})""", re.I)
_MOST_AROUND = 256  # tags before a <code> that are read
_NEAR_TAGS = 16
_UNCLOSED = 1 << 40
_PRE, _BUTTON, _SVG, _IMG, _INPUT, _CLA = (
    (ord(a), ord(b), ord(c)) for a, b, c in ("pre", "but", "svg", "img", "inp", "cla")
)
_TAG_BYTES = 2000

Rows = tuple[ElementNode, list[ElementNode]]


def may_hold_rows(source: bytes, data: NDArray[np.uint8], opened: NDArray[np.int64]) -> bool:
    """Return whether some <code> of a source may stand each alone in rows that are a block.

    `data` is the source as bytes, `opened` where `<` stands in it.
    """
    n_alone = _n_alone(data, opened)
    if n_alone < _LEAST or n_alone == _UNCLOSED:  # a parser opens those that are left open again
        return n_alone >= _LEAST
    around = np.empty(_MOST_AROUND, dtype=np.int64)
    n_around = _around(data, opened, around)
    if n_around < 0:
        return True
    tags = {source[start : source.find(b">", start)] for start in around[:n_around].tolist()}
    return any(says_box(said[1].decode("utf-8", "replace")) for said in map(_CLASS.search, tags) if said)


@jit_in_place
def _around(data: Any, opened: Any, out: Any) -> int:
    """Write where the tags with a class begin that stand right before a <code>; return how many.

    -1 where one may be indented or empty, has a tool beside it, or there are too many: rows may go on then.
    """
    found = 0
    for place in range(1, opened.shape[0]):
        if not _is_code(data, opened[place] + 1) or _begins(data, opened[place - 1] + 1, *_PRE):
            continue  # rows stand in no <pre> and hold none
        if _may_be_indented(data, opened[place]):
            return -1
        if _is_beside_tool(data, opened, place, -1) or _is_beside_tool(data, opened, place + 1, 1):
            return -1
        before = opened[place - 1]
        if data[before + 1] != _SLASH and _is_blank(data, before, opened[place]):
            if found == out.shape[0]:
                return -1
            if _holds_class(data, before, opened[place]):
                out[found] = before
                found += 1
    return found


@jit_in_place
def _may_be_indented(data: Any, i: int) -> bool:
    """Return whether the text of the element whose tag begins at `i` may begin with blanks, or be empty."""
    n = data.shape[0]
    while i < n and data[i] == _LESS:
        if i + 1 < n and (data[i + 1] == _SLASH or data[i + 1] == _BANG):
            return True
        i = _behind_tag(data, i)
        if i < 0:
            return True
    if i + 1 >= n:
        return True
    byte, following = data[i], data[i + 1]
    if byte == 9:
        return True
    if byte == 32:
        return following <= 32 or following == _LESS or following == _AMPERSAND or following >= 0x80
    while i < n and data[i] <= 32:
        i += 1
        byte = data[i] if i < n else _LESS
        if byte > 32 and byte < 0x80 and byte != _LESS and byte != _AMPERSAND:
            return False
    if byte == _AMPERSAND and i + 2 < n:  # `&lt;` and its kind are text
        third = data[i + 2]
        return not (third == 116 and (data[i + 1] == 108 or data[i + 1] == 103))
    return byte == _LESS or byte == 0xC2 or 0xE1 <= byte <= 0xE3


@jit_in_place
def _behind_tag(data: Any, i: int) -> int:
    """Return where the tag that begins at `i` has ended; -1 where its quotes are not closed soon."""
    quote, first = 0, i
    while i < data.shape[0] and i - first < _TAG_BYTES:
        byte = data[i]
        if quote == 0 and byte == _GREATER:
            return i + 1
        if quote == 0 and (byte == _DOUBLE or byte == _SINGLE):
            quote = byte
        elif byte == quote:
            quote = 0
        i += 1
    return -1


@jit_in_place
def _is_beside_tool(data: Any, opened: Any, place: int, step: int) -> bool:
    """Return whether the tag of a tool stands before or behind a tag with nothing but tags between."""
    for _ in range(_NEAR_TAGS):
        other = place + step if step < 0 else place
        if other < 0 or place >= opened.shape[0] or other >= opened.shape[0]:
            return False
        first, last = (other, place) if step < 0 else (place - 1, place)
        if not _is_blank(data, opened[first], opened[last]):
            return False
        i = opened[other] + 1
        i += data[i] == _SLASH
        if _begins(data, i, *_BUTTON) or _begins(data, i, *_SVG):
            return True
        if _begins(data, i, *_IMG) or _begins(data, i, *_INPUT):
            return True
        place += step
    return True


@jit_in_place
def _begins(data: Any, i: int, first: int, second: int, third: int) -> bool:
    if i + 2 >= data.shape[0]:
        return False
    return data[i] | 32 == first and data[i + 1] | 32 == second and data[i + 2] | 32 == third


@jit_in_place
def _is_blank(data: Any, i: int, end: int) -> bool:
    """Return whether nothing but blanks, or what may be such, stands between a tag and the next."""
    last = end - 1
    while last > i and data[last] != _GREATER:
        if data[last] > 32 and data[last] < 0x80 and data[last] != _SEMICOLON:
            return False
        if data[last] == _SEMICOLON:
            return True
        last -= 1
    return True


@jit_in_place
def _holds_class(data: Any, i: int, end: int) -> bool:
    while i + 5 < end:
        if _begins(data, i, *_CLA) and data[i + 3] | 32 == 115 and data[i + 4] | 32 == 115:
            return True
        i += 1
    return False


@jit_in_place
def _n_alone(data: Any, opened: Any) -> int:
    """Return how many <code> have no text before or behind; `_UNCLOSED` where not each is closed."""
    found, unclosed, end = 0, 0, 0
    for place in range(opened.shape[0]):
        if not _is_code(data, opened[place] + 1):
            unclosed -= _is_code(data, opened[place] + 2) and data[opened[place] + 1] == _SLASH
            continue
        unclosed += 1
        if not _may_begin_row(data, opened, place):
            continue
        end = max(end, place + 1)
        while end < opened.shape[0] and not _is_code(data, opened[end] + 2):
            end += 1
        i = opened[end] + 6 if end < opened.shape[0] else data.shape[0]
        while i < data.shape[0] and (data[i] == _GREATER or data[i] == 32 or 9 <= data[i] <= 13):
            i += 1
        found += i == data.shape[0] or data[i] == _LESS or data[i] == _AMPERSAND or data[i] >= 0x80
    return found if unclosed == 0 else _UNCLOSED


@jit_in_place
def _is_code(data: Any, i: int) -> bool:
    """Return whether the name `code` stands at a place."""
    if i + 4 >= data.shape[0]:
        return False
    if data[i] | 32 != 99 or data[i + 1] | 32 != 111 or data[i + 2] | 32 != 100 or data[i + 3] | 32 != 101:
        return False
    return data[i + 4] <= 32 or data[i + 4] == _GREATER or data[i + 4] == _SLASH


@jit_in_place
def _may_begin_row(data: Any, opened: Any, place: int) -> bool:
    """Return whether what stands before a tag is the tag of a row, of a tool, or may be a blank."""
    i = opened[place] - 1
    while i > 0 and (data[i] == 32 or 9 <= data[i] <= 13):
        i -= 1
    if i < 0 or place == 0:
        return False
    if data[i] != _GREATER:
        return data[i] == _SEMICOLON or data[i] >= 0x80
    if _begins(data, opened[place - 1] + 1, *_PRE):
        return False
    first = data[opened[place - 1] + 1] | 32
    if first == _SLASH | 32:
        first = data[opened[place - 1] + 2] | 32
        return first == 98 or first == 115  # button, svg
    return first == 100 or first == 112 or first == 108 or first == 115 or first == 105 or first == 98


def rows_of_code(document: DocumentNode) -> Iterator[Rows]:
    """Yield (the first, all) of elements of one kind in a row that hold a <code> each and nothing else."""
    done: ElementNode | None = None
    for code in select(document, "code")[:_MOST_CODES]:
        if not _is_alone(code):
            continue
        row = _row_of(code)
        if row is None or row.tag not in _ROW_TAGS or row.parent is None or row.parent_element == done:
            continue
        done, run = row.parent_element, _kin(row)
        if len(run) >= _LEAST and all(map(_holds_one_code, run)) and _is_block(run):
            yield run[0], run


def _is_alone(code: ElementNode) -> bool:
    """Return whether nothing but blanks and tools stands beside an element."""
    return all(
        beside is None
        or (beside.type == TEXT and not (beside.value or "").strip())
        or (isinstance(beside, ElementNode) and _is_tool(beside))
        for beside in (code.next_sibling, code.previous_sibling)
    )


def _kin(row: ElementNode) -> list[ElementNode]:
    """Return the elements of one's kind in a row around it."""
    kind = (row.tag, row.class_name)
    while (before := row.previous_element_sibling) is not None and (before.tag, before.class_name) == kind:
        row = before
    out = [row]
    while (behind := out[-1].next_element_sibling) is not None and (behind.tag, behind.class_name) == kind:
        out.append(behind)
    return out


def _row_of(code: ElementNode) -> ElementNode | None:
    """Return the element around one of code that holds no more text and has one of its kind behind it."""
    row, n_chars = code.parent_element, len((code.text or "").strip())
    for _ in range(_MAX_LEVELS):
        if row is None or len((row.text or "").strip()) > n_chars:
            return code.parent_element
        behind = row.next_element_sibling
        if behind is not None and (behind.tag, behind.class_name) == (row.tag, row.class_name):
            return row
        row = row.parent_element
    return code.parent_element


def _holds_one_code(row: ElementNode) -> bool:
    codes = [child for child in _elements(row) if child.tag == "code"]
    if not codes:
        inside = select(row, "code")
        return len(inside) == 1 and len((inside[0].text or "").strip()) == len((row.text or "").strip())
    return len(codes) == 1 and all(_is_tool(child) for child in _elements(row) if child != codes[0])


def _is_tool(element: ElementNode) -> bool:
    """Return whether an element beside one of code is none: a button, a mark, or nothing that is read."""
    return element.tag in _TOOL_TAGS or is_furniture(element) or not (element.text or "").strip()


def _elements(node: ElementNode) -> list[ElementNode]:
    out, child = list[ElementNode](), node.first_element_child
    while child is not None:
        out.append(child)
        child = child.next_element_sibling
    return out


def _is_block(run: Sequence[ElementNode]) -> bool:
    texts = [_text(row) for row in run]
    if any("\n" in text.strip() for text in texts) or run[0].closest("pre,table,nav") is not None:
        return False
    has_tool = all(
        len(_elements(row)) > 1 and any(e.tag in _TOOL_TAGS for e in _elements(row)) for row in run
    ) or _are_numbered(run)
    goes_on = any(text.startswith(_BLANKS) or not text.strip() for text in texts[1:])
    code = run[0].query_selector("code")
    around = code.parent_element if code is not None else None
    named = around is not None and around != run[0] and says_box(around.class_name or "")
    if not has_tool and not goes_on and not named:
        return False
    if any(row.query_selector(_MORE_THAN_CODE) is not None for row in run):
        return False
    return is_like_code(joined_lines(run).split("\n"), SURE if has_tool and goes_on else MARKED)


def _are_numbered(run: Sequence[ElementNode]) -> bool:
    """Return whether the attributes of what rows begin with count them."""
    said = [number_in_attributes(first) for row in run if (first := row.first_element_child) is not None]
    numbers = [number for number in said if number is not None]
    return len(numbers) == len(run) and count_up(numbers)


def _text(row: ElementNode) -> str:
    return next(((code.text or "") for code in select(row, "code")), "")


def areas_of_code(document: DocumentNode) -> Iterator[Rows]:
    """Yield (element, itself) of text areas that a name says hold code and that read so."""
    for area in select(document, "textarea")[:_MOST_AREAS]:
        text = area.text or ""
        if text.count("\n") < _LEAST - 1 or len(text) > _AREA_CHARS:
            continue
        name = area.class_name or ""
        named = says_box(name) or any(map(names_language, name.split())) or area.getattr("name") == "code"
        if (named or area.hasattr("readonly")) and is_like_code(text.split("\n"), MARKED if named else NAMED):
            if (
                area.closest("form,[hidden],[style*='display:none'],[style*='display: none']") is None
                or named
            ):
                yield area, [area]
