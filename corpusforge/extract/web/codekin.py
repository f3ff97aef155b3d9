"""Code whose lines stand each in a <code> of an element of its own, and code shown to be copied.

    <div><button>Copy</button><code>a = 1</code></div> <div><button>Copy</button><code>&nbsp;b</code></div>
    <textarea class="java" readonly>…</textarea>

What tells a block from a list of commands is that a line is indented, empty, or has a tool beside it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from resiliparse.parse.html import TEXT, DocumentNode, ElementNode

from corpusforge.extract.web.codeboxes import says_box
from corpusforge.extract.web.codelanguage import names_language
from corpusforge.extract.web.codelike import MARKED, NAMED, SURE, is_like_code
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

Rows = tuple[ElementNode, list[ElementNode]]


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
        or (isinstance(beside, ElementNode) and beside.tag in _TOOL_TAGS)
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
    return len(codes) == 1 and all(child.tag in _TOOL_TAGS for child in _elements(row) if child != codes[0])


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
    )
    goes_on = any(text.startswith(_BLANKS) or not text.strip() for text in texts[1:])
    code = run[0].query_selector("code")
    around = code.parent_element if code is not None else None
    named = around is not None and around != run[0] and says_box(around.class_name or "")
    if not has_tool and not goes_on and not named:
        return False
    if any(row.query_selector(_MORE_THAN_CODE) is not None for row in run):
        return False
    return is_like_code(joined_lines(run).split("\n"), SURE if has_tool and goes_on else MARKED)


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
