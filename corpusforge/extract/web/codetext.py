"""The text of an element of code: its lines and their indentation, without what stands beside them.

What is no code is told by what it is: numbers that count up at the heads of lines or in a column of
their own, what cannot be selected, buttons; by name only where that is not enough.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from resiliparse.parse.html import ELEMENT, TEXT, ElementNode, Node

from corpusforge.extract.web.codefurniture import holds_link_of_tool, is_furniture
from corpusforge.extract.web.codemarks import STRUCTURE, marks_in
from corpusforge.extract.web.codenumbers import (
    LINE_NUMBER,
    MARKS,
    NOTE_NUMBER,
    NUMBER_ALONE,
    NUMBERED_SHARE,
    TEXT_PIECE,
    Line,
    count_up,
    line_number_of,
    numbers_of,
    without_notes,
    without_numbers,
    without_one_blank,
)
from corpusforge.extract.web.dom import children_of, select

_SKIPPED_TAGS = frozenset(
    "button script style svg template noscript input textarea nav select img summary".split()
)
_BLOCK_TAGS = frozenset(
    "div li tr p section pre table tbody thead ol ul dl dd dt figure article main".split()
)
_CODE_TAGS = frozenset(("code", "pre"))
_CELL_TAGS = frozenset(("td", "th"))
_LAYOUT_TAGS = frozenset("table tbody thead tfoot tr ol ul dl".split())  # blanks in them are of the source
# Each of it has its word in `codemarks`.
_STRUCTURE = (
    "br,div,li,tr,p,section,button,summary,svg,script,style,input,textarea,span.line,span.token-line,span[data-line]"
    ",pre>code~code,[style*=user-select]"
    ",[class*=gutter],[class*=lineno],[class*=linenr],[class*=line-n],[class*=fold],[class*=tooltip],[class*=ttc],[class*=linenumber],[class*=copy]"
    ",[class*=btn],[class*=clip]"
    ",[class*=ln],[data-line-number],[class*=headerlink],[class*=hidden]"
    ",[class*=blob],[class*=toolbar],[class*=popup],[class*=popover],[class*=annot],[class*=hover],[class*=select],[hidden],[role]"
)
_NUMBER = re.compile(r"[\s\u00a0]*[\[(#L]?\d{1,6}(?:[\s\u00a0]{0,2}[\]:.|)-])?[\s\u00a0]*")
_NOTE = re.compile(r"[\s(]1\)?[ \t]*(?:\n|$)")
_NOTES = "a[href^='#'],b,sup,[data-value]"
_ANCHORS = "a[name],a[id],span[id]"
_NUMBERS_ONLY = re.compile(r"[\s\d\u00a0]*\d[\s\d.\u00a0]*")
_LINE_NAME = re.compile(r"(?:^|[\s_-])(?:line|row)s?(?:$|[\s_])|Line(?:$|\s)|lineNode")
_LINE_STYLE = re.compile(r"display\s*:\s*(?:block|flex|table-row)")
_INLINE_STYLE = re.compile(r"display\s*:\s*inline")
_DIGITS = re.compile(r"\d+")
_HEAD = re.compile(r"[\s\u00a0]*[\[(#L]?(\d{1,6})(?![\d.,;])")
_HEADS = 3  # lines whose heads tell whether a text is numbered

_OPEN, _CLOSE = object(), object()  # edges of an element that stands on lines of its own


def code_text(element: ElementNode, flows: bool = False, marks: int | None = None) -> str:
    """Return the text of an element of code with its lines and indentation, furniture left out.

    With `flows` the element stands in no <pre>: a line feed behind <br> is layout of the source. `marks` of
    it as `marks_in` gives them, where they are known.
    """
    text = element.text or ""
    if element.first_element_child is None:
        return text
    plain = text.strip("\n")
    has_lines, spans = "\n" in plain, _are_line_spans(element, flows)
    if has_lines and not spans and not holds_link_of_tool(text):
        may_hold = (marks_in(element.html) if marks is None else marks) & STRUCTURE
        if not (may_hold and element.query_selector(_STRUCTURE) is not None) and not _is_numbered(plain):
            if _NOTE.search(plain) is None or element.query_selector(_NOTES) is None:
                return text
    lines = _gathered([element], spans=spans, flows=flows or (has_lines and _breaks_each_line(element)))
    if len(lines) < 2 and not has_lines:
        lines = _gathered([element], spans=True)
    anchored = has_lines and len(select(element, _ANCHORS)) >= NUMBERED_SHARE * len(lines)
    return "\n".join(without_numbers(without_notes(lines), anchored))


def _breaks_each_line(element: ElementNode) -> bool:
    """Return whether a <br> stands before each line feed within an element, so that both end one line."""
    n_breaks = len(element.get_elements_by_tag_name("br"))
    feeds = (element.text or "").strip("\n").count("\n")
    if n_breaks < 1 or feeds != n_breaks:
        return False
    breaks = select(element, "br")
    return all(
        line_break.next_sibling is not None and (line_break.next_sibling.value or "").startswith("\n")
        for line_break in breaks
    )


def joined_lines(lines: Sequence[ElementNode]) -> str:
    """Return the text of elements that are a line of code each, without numbers and marks."""
    return "\n".join(without_one_blank(without_numbers(without_notes(_gathered(lines, each=True)))))


def line_head(line: ElementNode) -> tuple[int, str] | None:
    """Return (number, the text behind it) of an element that begins with an element of a number."""
    pieces = _gathered([line])[0]
    head = line_number_of(pieces)
    if head is None:
        return None
    place = next(place for place, piece in enumerate(pieces) if piece[1])
    return head[0], "".join(text for text, _ in pieces[place + 1 :])


def _numbers_in(node: ElementNode, text: str) -> list[int]:
    """Return the numbers that an element holds, one a line or each in an element."""
    if "\n" in text.strip():
        return numbers_of(text)
    inside = [child for child in children_of(node) if isinstance(child, ElementNode)]
    if len(inside) == 1:
        return _numbers_in(inside[0], text)
    texts = [(child.text or "").strip().removesuffix(".") for child in inside]
    return [int(one) for one in texts if one.isdecimal() and len(one) < 7]


def _is_numbered(text: str) -> bool:
    """Return whether the first lines of a text begin with numbers that count up."""
    heads = [_HEAD.match(line) for line in text.split("\n", _HEADS)[:_HEADS]]
    return len(heads) > 1 and all(heads) and count_up([int(head[1]) for head in heads if head])


class _Gatherer:
    """Lines being put together from the pieces of a tree, in order."""

    def __init__(self, flows: bool) -> None:
        self.lines: list[Line] = [[]]
        self._flows = flows
        self._broken = False  # the last piece was <br>
        self._fed = False  # the last piece ended with a line feed of the source
        self._ended = False  # a line has ended, the next has not begun
        self._opened: list[int] = []  # lines when each open element began; negative where it holds others

    def open(self) -> None:
        if self._ended or _says(self.lines[-1]):
            self._begin()
        if self._opened:
            self._opened[-1] = -abs(self._opened[-1])
        self._opened.append(len(self.lines))

    def close(self) -> None:
        opened = self._opened.pop()
        while opened > 0 and len(self.lines) > opened and not _says(self.lines[-1]):
            self.lines.pop()  # what follows the last break of an element that is a line
            self._ended = True
        if self.lines[-1] or len(self.lines) == abs(opened):
            self._ended = True

    def add_break(self) -> None:
        if self._flows and self._fed and not _says(self.lines[-1]) and len(self.lines) > 1:
            self.lines.pop()  # a line feed of the source before <br>
        self._broken = False
        self.add("\n")
        self._broken, self._fed = True, False

    def add(self, text: str, kind: int = TEXT_PIECE) -> None:
        if self._flows and self._broken:
            text = text.removeprefix("\n")
        self._broken = False
        first, *others = text.split("\n")
        self._fed = bool(others) and not others[-1].strip(" \t")
        if self._ended and text:
            self._begin()
        if first:
            self.lines[-1].append((first, kind))
        for line in others:
            self.lines.append([(line, kind)] if line else [])

    def _begin(self) -> None:
        self.lines.append([])
        self._ended = False


def _says(line: Line) -> bool:
    return any(text.strip(" \t") and not kind for text, kind in line)


def _gathered(
    elements: Sequence[ElementNode], spans: bool = False, each: bool = False, flows: bool = False
) -> list[Line]:
    """Return the lines of elements; with `each` every element is one or more, with `spans` spans too."""
    out = _Gatherer(flows)
    for element in elements:
        if each:
            out.open()
        _gather(element, out, spans)
        if each:
            out.close()
    return out.lines


def _gather(element: ElementNode, out: _Gatherer, spans: bool) -> None:
    stack: list[Node | object] = [element]
    while stack:
        node = stack.pop()
        if node is _OPEN:
            out.open()
        elif node is _CLOSE:
            out.close()
        elif isinstance(node, ElementNode) and node.type == ELEMENT:
            if node.tag == "br":
                out.add_break()
            else:
                _push(node, node is element, stack, out, spans)
        elif isinstance(node, Node) and node.type == TEXT:
            out.add(node.value or "")


def _push(node: ElementNode, is_root: bool, stack: list[Node | object], out: _Gatherer, spans: bool) -> None:
    """Put the children of an element on the stack, or its text into the lines where it is a number."""
    if not is_root:
        text = node.text or ""
        if _NUMBERS_ONLY.fullmatch(text) and len(numbers := _numbers_in(node, text)) > 1:
            if count_up(numbers) and not _is_whole(node):
                return
        elif _NUMBER.fullmatch(text) and not _is_line_of_number(node):
            if "\n" not in text or (node.tag or "") in _CELL_TAGS:
                kind = NOTE_NUMBER if _may_be_note(node, text) else NUMBER_ALONE
                out.add(text.replace("\n", ""), LINE_NUMBER if is_furniture(node) else kind)
                return
        if node.first_element_child is None:  # as most tokens: nothing but text
            if text:
                out.add(text)
            return
    children = children_of(node)
    lines = _lines_among(children, spans)
    beside_code = not is_root and _holds_code(children)
    is_mixed = any(child.type == TEXT and (child.value or "").strip() for child in children)
    for child in reversed(children):
        if isinstance(child, ElementNode) and child.type == ELEMENT:
            tag = child.tag or ""
            if tag in _SKIPPED_TAGS or (is_furniture(child) and not _is_number_of_line(child)):
                continue
            if beside_code and _NUMBER.fullmatch(child.text or "") and tag not in _CODE_TAGS:
                continue
            if lines is not None and (_is_block(child) or (spans and tag not in _CELL_TAGS | _BLOCK_TAGS)):
                if (child.text or "").strip(" \n\t") or _holds_break(child) or _kind(child) in lines:
                    stack += (_CLOSE, child, _OPEN) if not _is_aside_number(child) else (child,)
                continue
            stack.append(child)
        elif (beside_code or (node.tag or "") in _LAYOUT_TAGS) and not (child.value or "").strip():
            continue
        elif lines is None or is_mixed or (child.value or "").strip() or not _is_between_blocks(child, spans):
            stack.append(child)


def _may_be_note(node: ElementNode, text: str) -> bool:
    """Return whether a number may say which note explains its line: a link, or said twice.

    What stands in brackets and is said but once is what the page shows: it stays.
    """
    if node.tag == "a":
        return (node.getattr("href") or "").startswith("#")
    before = node.previous_sibling
    if not isinstance(before, ElementNode) or before.type != ELEMENT or before.text:
        return False
    return any(before.getattr(name) == text.strip(MARKS) for name in before.attrs)


def _is_block(element: ElementNode) -> bool:
    """Return whether an element stands on lines of its own: its style may set it in a line."""
    if (element.tag or "") not in _BLOCK_TAGS:
        return False
    return not (element.hasattr("style") and bool(_INLINE_STYLE.search(element.getattr("style") or "")))


def _holds_code(children: Sequence[Node]) -> bool:
    """Return whether children are one element of code and numbers that say something about it."""
    inside = [child for child in children if isinstance(child, ElementNode) and child.type == ELEMENT]
    codes = [child for child in inside if child.tag in _CODE_TAGS]
    others = [child for child in inside if child.tag not in _CODE_TAGS]
    if len(codes) != 1 or not others or any(c.type == TEXT and (c.value or "").strip() for c in children):
        return False
    return all(_NUMBER.fullmatch(child.text or "") for child in others)


def _lines_among(children: Sequence[Node], spans: bool) -> set[str] | None:
    """Return the kinds of elements with text that end a line among children, None where none does."""
    kinds = set[str]()
    found = 0
    for child in children:
        if isinstance(child, ElementNode) and child.type == ELEMENT:
            if _is_block(child) or (spans and _is_line_span(child)):
                found += 1
                if (child.text or "").strip(" \n\t"):
                    kinds.add(_kind(child))
    return kinds if found else None


def _are_line_spans(element: ElementNode, flows: bool) -> bool:
    """Return whether an element, or the only one in it, holds lines that no line feed parts.

    With `flows` blanks between them are of the source.
    """
    first = element.first_element_child
    if first is None or (first.next_element_sibling is not None and not _is_line_span(first)):
        return False
    children = [
        child
        for child in children_of(element)
        if child.type == ELEMENT or (child.value or "").strip(None if flows else "\n")
    ]
    inside = [child for child in children if isinstance(child, ElementNode) and child.type == ELEMENT]
    if len(children) == len(inside) == 1:
        return _are_line_spans(inside[0], flows)
    if len(inside) < 2 or len(inside) != len(children) or not all(map(_is_line_span, inside)):
        return False
    if any((child.tag or "") in _BLOCK_TAGS for child in inside):
        return False
    return not any(
        "\n" in (child.text or "").rstrip(" ") and (child.text or "").strip() for child in inside[:-1]
    )


def _is_number_of_line(node: ElementNode) -> bool:
    text = node.text or ""
    return bool(_NUMBER.fullmatch(text)) and len(_numbers_in(node, text)) < 2


def _is_between_blocks(text: Node, spans: bool) -> bool:
    beside = (text.previous_sibling, text.next_sibling)
    return all(
        one is None
        or (
            isinstance(one, ElementNode)
            and ((one.tag or "") in _BLOCK_TAGS or (spans and _is_line_span(one)))
        )
        for one in beside
    )


def _kind(element: ElementNode) -> str:
    return f"{element.tag} {_DIGITS.sub('', element.class_name or '')}"


def _is_line_span(element: ElementNode) -> bool:
    return bool(
        (element.tag or "") == "code"
        or _LINE_NAME.search(element.class_name or "")
        or element.hasattr("data-line")
        or _LINE_STYLE.search(element.getattr("style") or "")
    )


def _holds_break(element: ElementNode) -> bool:
    """Return whether an element without text is an empty line: it holds a break or a no-break space."""
    return element.query_selector("br") is not None or "\n" in (element.text or "")


def _is_line_of_number(node: ElementNode) -> bool:
    """Return whether an element that holds a number only is a line of code among others of its kind."""
    if (node.tag or "") not in _BLOCK_TAGS:
        return False
    return not _is_aside_number(node)


def _is_aside_number(node: ElementNode) -> bool:
    """Return whether an element is a number beside the next element, which is of another kind."""
    if not _NUMBER.fullmatch(node.text or ""):
        return False
    before, behind = node.previous_element_sibling, node.next_element_sibling
    if before is not None or behind is None:
        return False
    return _kind(behind) != _kind(node) or behind.query_selector("pre,code") is not None


def _is_whole(node: ElementNode) -> bool:
    """Return whether an element of numbers has no text beside it, so that they are the code."""
    around = node.parent_element
    for _ in range(4):
        if around is None or (around.tag or "") in ("body", "article", "main"):
            return True
        if len((around.text or "").split()) > len((node.text or "").split()):
            return False
        around = around.parent_element
    return True
