r"""What a page puts into a <pre> around its code, and lines there that only a style sheet ends.

    <pre><div>python</div><button>Copy</button><code>a = 1 …</code></pre>        the code is what <code> holds
    <pre>a = 1 <span>…<div>int</div></span></pre>        a box behind text of a line opens over it
    <pre>a = 1\n<span class="highlighted-line">b = 2</span>c = 3</pre>    a style ends the line

Where lines are parted by line feeds, blocks are no lines.
"""

from __future__ import annotations

import re
from typing import TypeGuard

from resiliparse.parse.html import ELEMENT, TEXT, ElementNode, HTMLTree, Node

from corpusforge.extract.web.codemarks import LINES
from corpusforge.extract.web.dom import children_of, holds, select, text_node

_BLOCK_TAGS = frozenset("div p header footer figcaption nav ul ol section aside h4 h5 h6".split())
_INLINE_TAGS = frozenset("span a small label i b em sup abbr strong".split())
_BOXES = ("div", "p", "ul", "ol", "table", "blockquote")
_WRITTEN = frozenset(("samp", "output", "kbd", "pre", "tt", "code"))
_LINE_SPANS = "span[class*=line],mark[class*=line],span[style*=block]"
_LINE_NAME = re.compile(r"(?:^|[\s_-])lines?(?:$|\s)|[a-z]Line(?:$|\s)")
_BLOCK_STYLE = re.compile(r"display\s*:\s*block")
_MAX_LEVELS = 8
_MAX_HEAD_CHARS = 120
_MAX_TITLE_CHARS = 40
_MOST_OF_TEXT = 0.5


def strip_shell(tree: HTMLTree, block: ElementNode, marks: int) -> None:
    """Remove from a <pre> what is no code, and end its lines that end without a line feed.

    `marks` of it as `marks_in` gives them.
    """
    if block.first_element_child is None:
        return
    text = block.text or ""
    if holds(block, "code"):
        _keep_core(block)
    elif holds(block, "div"):
        _drop_beside_box(block)
    has_lines = "\n" in text.strip("\n")
    if has_lines and any(holds(block, tag) for tag in _BOXES):
        _drop_heads(block)
        _drop_boxes(block, text)
    if has_lines and ((marks & LINES and "line" in "".join(_classes(block))) or holds(block, "mark")):
        _end_lines(tree, block)


def _classes(block: ElementNode) -> list[str]:
    return [(span.class_name or "") for span in block.get_elements_by_tag_name("span")[:]]


def _keep_core(block: ElementNode) -> None:
    """Remove what stands beside the only element of code, or beside what holds it."""
    node = block
    for _ in range(_MAX_LEVELS):
        children = children_of(node)
        if any(child.type == TEXT and (child.value or "").strip() for child in children):
            return
        inside = [child for child in children if isinstance(child, ElementNode) and child.type == ELEMENT]
        cores = [child for child in inside if child.tag == "code" or holds(child, "code")]
        if len(cores) != 1:
            return
        core = cores[0]
        others = [child for child in inside if child != core and (child.text or "").strip()]
        if not all(_is_beside(other, core) for other in others):
            return
        for other in others:
            other.remove()
        if core.tag == "code":
            return
        node = core


def _is_beside(other: ElementNode, core: ElementNode) -> bool:
    """Return whether an element beside one of code is of the page: a block, or text on no line of its own."""
    tag, text = other.tag or "", (other.text or "").strip()
    if tag in _BLOCK_TAGS:
        return "\n" not in text or tag in ("ul", "ol") or len(text) <= _MAX_HEAD_CHARS
    if tag in _WRITTEN or "\n" in text or "\n" not in (core.text or "").strip():
        return False
    return other.next_sibling == core or other.previous_sibling == core


def _drop_heads(block: ElementNode) -> None:
    """Remove blocks before and behind all lines of text: a title, a mark of an example."""
    children = [child for child in children_of(block) if not _is_blank(child)]
    if len(children) < 2:
        return
    for place in (0, -1):
        child = children[place]
        if isinstance(child, ElementNode) and child.type == ELEMENT and (child.tag or "") in _BLOCK_TAGS:
            text = (child.text or "").strip()
            if (
                (child.class_name or child.hasattr("role"))
                and "\n" not in text
                and len(text) <= _MAX_HEAD_CHARS
            ):
                if not any(_holds_box(one) for one in children if one != child):
                    child.remove()


def _holds_box(node: Node) -> bool:
    return isinstance(node, ElementNode) and (node.tag or "") in _BOXES


def _drop_beside_box(block: ElementNode) -> None:
    """Remove a head beside the only element that holds lines: what is short and of another kind."""
    children = [child for child in children_of(block) if not _is_blank(child)]
    if len(children) < 2 or not all(
        isinstance(child, ElementNode) and child.type == ELEMENT for child in children
    ):
        return
    inside = [child for child in children if isinstance(child, ElementNode)]
    cores = [child for child in inside if child.tag == "div" and _holds_lines(child)]
    if len(cores) != 1:
        return
    others = [child for child in inside if child != cores[0]]
    if all(
        (other.tag in _BLOCK_TAGS or other.tag == "a")
        and (other.tag, other.class_name) != (cores[0].tag, cores[0].class_name)
        and len((other.text or "").strip()) <= _MAX_TITLE_CHARS
        and not _holds_lines(other)
        for other in others
    ):
        for other in others:
            other.remove()


def _holds_lines(element: ElementNode) -> bool:
    """Return whether an element holds more than a line: line feeds, breaks, or blocks of one kind."""
    if "\n" in (element.text or "").strip() or holds(element, "br"):
        return True
    first = element.first_element_child
    second = first.next_element_sibling if first is not None else None
    return (
        first is not None
        and second is not None
        and first.tag in _BLOCK_TAGS
        and (first.tag, first.class_name) == (second.tag, second.class_name)
    )


def _drop_boxes(block: ElementNode, text: str) -> None:
    """Remove elements within a line that hold blocks and stand behind text of that line."""
    for tag in _BOXES:
        for box in select(block, tag):
            popup = _popup_of(box, block)
            if (
                popup is not None
                and _follows_text(popup, block)
                and len(popup.text or "") <= _MOST_OF_TEXT * len(text)
            ):
                popup.remove()


def _popup_of(box: ElementNode, block: ElementNode) -> ElementNode | None:
    """Return the outermost element that holds a box and none of the line's text; None outside of a line."""
    around = box.parent_element
    if not _is_in_line(around, block):
        return None
    if _holds_text(around, box):
        return box
    popup = around
    for _ in range(_MAX_LEVELS):
        around = popup.parent_element
        if not _is_in_line(around, block) or popup.previous_sibling is not None or _holds_text(around, popup):
            return popup
        popup = around
    return None


def _is_in_line(element: ElementNode | None, block: ElementNode) -> TypeGuard[ElementNode]:
    return element is not None and element != block and (element.tag or "") in _INLINE_TAGS


def _holds_text(around: ElementNode, popup: ElementNode) -> bool:
    """Return whether an element holds text of its own, or anything behind a popup: what it is shown for."""
    children = children_of(around)
    behind = children[children.index(popup) + 1 :]
    return any(child.type == TEXT and not _is_blank(child) for child in children) or any(
        not _is_blank(child) and not _holds_box(child) for child in behind
    )


def _follows_text(node: ElementNode, block: ElementNode) -> bool:
    """Return whether text stands before an element on its line."""
    around: ElementNode | None = node
    while around is not None and around != block:
        if (before := around.previous_sibling) is not None:
            text = _text(before)
            return bool(text.strip()) and not text.endswith("\n")
        around = around.parent_element
    return False


def _end_lines(tree: HTMLTree, block: ElementNode) -> None:
    """Put a line feed behind each element that is a line by its name or style, if none has one."""
    lines = [
        span
        for span in select(block, _LINE_SPANS)
        if _LINE_NAME.search(span.class_name or "") or _BLOCK_STYLE.search(span.getattr("style") or "")
    ]
    if not lines or not all(map(_begins_line, lines)):
        return
    followed = [(line, node) for line in lines if (node := line.next_sibling) is not None]
    going_on = sum(_text(node)[:1] not in ("\n", "") for _, node in followed)
    if going_on < max(1, _MOST_OF_TEXT * len(followed)):
        return
    for line, node in followed:
        if line.parent is not None:
            line.parent.insert_before(text_node(tree, "\n"), node)


def _begins_line(line: ElementNode) -> bool:
    """Return whether an element begins a line and holds no line feed."""
    before = line.previous_sibling
    if "\n" in (line.text or ""):
        return False
    return before is None or _text(before).endswith("\n") or isinstance(before, ElementNode)


def _is_blank(node: Node) -> bool:
    return not _text(node).strip()


def _text(node: Node) -> str:
    return (node.text if isinstance(node, ElementNode) and node.type == ELEMENT else node.value) or ""
