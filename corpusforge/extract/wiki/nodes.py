"""The walk over the tree of a page: what each kind of node says to a reader."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from corpusforge.extract.tex.scripts import Kind, script_text
from corpusforge.extract.web.slots import Slots
from corpusforge.extract.wiki.context import LINE_CHARS, line_after
from corpusforge.extract.wiki.lines import MARK
from corpusforge.extract.wiki.names import is_dropped_target
from corpusforge.extract.wiki.preprocessor import GONE
from corpusforge.extract.wiki.spans import Columns, Span, span_of
from corpusforge.extract.wiki.tree import (
    Argument,
    Entity,
    ExternalLink,
    Heading,
    Node,
    Nodes,
    Tag,
    Wikilink,
)

_MAX_DEPTH = 40
_INTERLANGUAGE = re.compile(r"^[a-z]{2,3}(?:-[a-z-]{2,10})?:")
_DROPPED_TAGS = frozenset(
    "ref references gallery timeline score imagemap templatestyles graph mapframe maplink section indicator "
    "inputbox categorytree hiero noinclude includeonly poem-meta style script del".split()
)
_DROPPED_TABLES = re.compile(
    r"infobox|navbox|metadata|ambox|sidebar|vertical-navbox|toc|mbox|succession|noprint", re.I
)
_HIDDEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden|speak\s*:\s*none\s*;\s*display", re.I)
_HIDDEN_CLASS = re.compile(
    r"\b(?:noprint|metadata|navbox|hatnote|dablink|rellink|ambox|mbox-\w+|sortkey|sort-key|navigation-not-searchable"
    r"|inline-template|mw-empty-elt|mw-hidden-catlinks|error|printonly|nomobile|NavFrame|sistersitebox|vertical-navbox"
    r"|infobox|sidebar|catlinks|plainlinks hlist navbar|bandeau-\w+|homonymie|toc)\b",
    re.I,
)
_NOTE_MARK = re.compile(r"\[[^\[\]]*[^\W\d_]{2}[^\[\]]*\]", re.S)
_TO_NOTE = re.compile(r"\[?\[\[#[^\[\]]*\]\]\]?", re.S)
_BLOCK_TAGS = frozenset("p div center ul ol dl dt dd poem".split())
_NUMBER_MARK = "\x07"
"""Around the number of an item that is not the next one."""
_LIST_LINE = re.compile(r"^((?:\x01[*#:;])+)[ \t]*(?:\x07(-?\d+)\x07)?[ \t]*", re.M)
_LIST_MARKS = frozenset("*#:;")
_DEFINED = re.compile(r"[ \t]*\x01:[ \t]*")
_WHOLE = re.compile(r"-?\d{1,6}")
_ITEM_MARKS = ("li", "dt", "dd")
_HTML_LISTS = {"ul": "*", "ol": "#"}


class Walker:
    """Turns nodes into text; formulas and code are words of `slots`."""

    def __init__(self, slots: Slots) -> None:
        """Keep the slots, whose words stand in the text."""
        self.slots = slots
        self._depth = 0
        self.lists: list[str] = []
        self.numbers: list[tuple[int | None, int]] = []
        """Of each HTML list around: the next item's number, None for 1, 2, …; the step."""
        self.before = ""
        self.after = ""
        """The line around the node at hand, so far, and the text that follows it."""

    def text(self, nodes: Nodes | None, line: str = "", after: str = "") -> str:
        """Return the text of nodes; `line` and `after` stand around them on their line."""
        if nodes is None or self._depth > _MAX_DEPTH:
            return ""
        if len(nodes) == 1 and isinstance(nodes[0], str):
            return nodes[0]  # of most links and cells
        self._depth += 1
        out: list[str] = []
        n_read = 0  # of the pieces, those that `line` ends with
        for place, node in enumerate(nodes):
            if isinstance(node, str):
                out.append(node)
                continue
            handler = _HANDLERS.get(type(node))
            if handler is None:
                continue
            if n_read < len(out):
                line = line_after(line, out[n_read] if n_read + 1 == len(out) else "".join(out[n_read:]))
                n_read = len(out)
            self.before = line
            if isinstance(node, Tag) and not (node.markup is not None and node.name in _ITEM_MARKS):
                self.after = _following(nodes, place) if place + 1 < len(nodes) else after
            out.append(handler(self, node))
        self._depth -= 1
        return "".join(out)


def _following(nodes: Nodes, place: int) -> str:
    """Return the text behind a node, what is raised or lowered there left out."""
    for at in range(place + 1, min(place + 4, len(nodes))):
        node = nodes[at]
        if isinstance(node, str):
            return node[:LINE_CHARS]
        if not isinstance(node, Tag) or node.name not in ("sup", "sub"):
            return ""
    return ""


def lists_laid_out(text: str) -> str:
    """Return text with the marks of lists as Markdown's: bullets, numbers, two blanks a level."""
    if MARK not in text and _NUMBER_MARK not in text:
        return text
    out: list[str] = []
    counts: dict[str, int] = {}
    has_numbers = _NUMBER_MARK in text
    for line in text.split("\n"):
        if line[:1] != MARK:
            if counts:
                counts.clear()
            out.append(_without_marks(line) if has_numbers or MARK in line else line)
        elif line[2:3] == MARK or has_numbers or (marks := line[1:2]) not in _LIST_MARKS:
            _add_item(line, counts, out)
        else:  # one mark alone: most of them
            rest = line[2:].lstrip(" \t")
            if MARK in rest:
                rest = _DEFINED.sub(": ", rest).replace(MARK, "")
            if rest and not rest.isspace():
                out.append("- " + rest if marks == "*" and not counts else _list_line(marks, rest, counts))
    return "\n".join(out)


def _without_marks(line: str) -> str:
    return line.replace(MARK, "").replace(_NUMBER_MARK, "")


def _add_item(line: str, counts: dict[str, int], out: list[str]) -> None:
    """Add a line that begins with a mark of a list, if it says anything."""
    found = _LIST_LINE.match(line)
    if found is None:
        counts.clear()
        out.append(_without_marks(line))
        return
    marks = found[1].replace(MARK, "")
    rest = line[found.end() :]
    if MARK in rest:
        rest = _DEFINED.sub(": ", rest).replace(MARK, "")
    if rest.strip():
        if found[2]:
            counts[marks] = int(found[2]) - 1
        out.append(_list_line(marks, rest.replace(_NUMBER_MARK, ""), counts))


def _list_line(marks: str, rest: str, counts: dict[str, int]) -> str:
    """Return one line of a list; `counts` holds how far each numbered list around has come."""
    if counts:
        for deeper in [key for key in counts if len(key) > len(marks)]:
            del counts[deeper]
    items = marks.rstrip(":;")
    indent = "  " * (sum(mark in "*#" for mark in items) - (marks == items))
    if not items:
        return rest
    if marks != items:  # goes on with the item above
        return indent + rest
    if marks[-1] == "*":
        return f"{indent}- {rest}"
    counts[marks] = counts.get(marks, 0) + 1
    return f"{indent}{counts[marks]}. {rest}"


def _link(walker: Walker, node: Wikilink) -> str:
    title = node.title.strip()
    colon = ":" in title
    if colon and is_dropped_target(title):
        return GONE
    if node.text is not None:
        # A category of a wiki whose word for it is not known: alone on its line, a key to sort by.
        if colon and not walker.before.strip() and len(node.written()) < 2:
            return GONE
        return walker.text(node.text)
    if colon and _INTERLANGUAGE.match(title):
        return GONE
    return title.lstrip(":").partition("#")[0].strip() or title.lstrip("#")


def _external(walker: Walker, node: ExternalLink) -> str:
    if node.title is not None:
        return walker.text(node.title)
    return "" if node.has_brackets else node.url


def _heading(walker: Walker, node: Heading) -> str:
    title = " ".join(walker.text(node.title).replace(GONE, "").split())
    return f"\n\n{'#' * node.level} {title}\n\n" if title else "\n\n"


def _entity(walker: Walker, node: Entity) -> str:
    return node.character.replace("\u00a0", " ")


def _argument(walker: Walker, node: Argument) -> str:
    return walker.text(node.default)


def _tag(walker: Walker, node: Tag) -> str:
    tag = node.name
    if tag == "table":
        return _table(walker, node)
    if tag in _DROPPED_TAGS or _is_hidden(node):
        return GONE
    if tag in ("sup", "sub"):
        return _script(walker, node, "sup" if tag == "sup" else "sub")
    if tag in ("br", "hr"):
        return "\n" if tag == "br" else "\n\n"
    if node.markup is not None and tag in _ITEM_MARKS:
        return MARK + node.markup
    if tag in _HTML_LISTS or tag == "li":
        return _html_list(walker, node, tag)
    is_block = tag in _BLOCK_TAGS or tag == "blockquote"
    text = walker.text(node.contents) if is_block else walker.text(node.contents, walker.before, walker.after)
    if tag == "code" and text.strip():
        return walker.slots.code_span(" ".join(walker.slots.expand(text).split()))
    if tag == "blockquote":
        lines = (f"> {line.strip()}" for line in text.split("\n") if line.strip())
        return "\n\n" + "\n".join(lines) + "\n\n"
    return f"\n{text}\n" if tag in _BLOCK_TAGS else text


def _is_hidden(node: Tag) -> bool:
    """Return whether a reader does not see an element, or sees it as furniture of the page."""
    for attribute in node.attributes:
        name, value = attribute.name.strip().lower(), attribute.value
        if name == "style" and _HIDDEN_STYLE.search(value):
            return True
        if name == "class" and _HIDDEN_CLASS.search(value):
            return True
    return False


def _script(walker: Walker, node: Tag, kind: Kind) -> str:
    """Return raised or lowered text; a note's mark, or a demand for a source, is gone."""
    before, after = walker.before, walker.after
    text = walker.text(node.contents).replace(GONE, "")
    if kind == "sup" and (_NOTE_MARK.fullmatch(text.strip()) or _is_to_note(node)):
        return GONE
    return script_text(kind, text, before.replace(GONE, ""), after)


def _is_to_note(node: Tag) -> bool:
    """Return whether raised text is a link to a note: [[#note|1]]."""
    return node.may_begin_with("[") and _TO_NOTE.fullmatch(node.written().strip()) is not None


def _html_list(walker: Walker, node: Tag, tag: str) -> str:
    """Return <ul>, <ol> or <li> with the marks that wikitext has for them."""
    if tag == "li":
        is_after_mark = not walker.lists and walker.before.rstrip().endswith(MARK + "#")
        text = f"{_item_number(walker, node)} {walker.text(node.contents).strip()}"
        if is_after_mark:
            return text  # `# <li value="4">`: a list goes on behind what interrupted it
        return "\n" + "".join(MARK + mark for mark in walker.lists or ["*"]) + text + "\n"
    walker.lists.append(_HTML_LISTS[tag])
    walker.numbers.append(_numbering(node))
    text = walker.text(node.contents)
    walker.lists.pop()
    walker.numbers.pop()
    return "\n" + "\n".join(line for line in text.split("\n") if line.strip()) + "\n"


def _numbering(node: Tag) -> tuple[int | None, int]:
    """Return the number of a list's first item, None for 1, and the step to the next."""
    attributes = {each.name.strip().lower(): each.value for each in node.attributes}
    start = int(attributes["start"]) if _WHOLE.fullmatch(attributes.get("start", "")) else None
    if "reversed" not in attributes:
        return start, 1
    n_items = sum(isinstance(each, Tag) and each.name == "li" for each in node.contents)
    return n_items if start is None else start, -1


def _item_number(walker: Walker, node: Tag) -> str:
    """Return the number of an item between its marks, "" where it is the next one."""
    values = [each.value.strip() for each in node.attributes if each.name.strip() == "value"]
    following, step = walker.numbers[-1] if walker.numbers else (None, 1)
    number = int(values[0]) if values and _WHOLE.fullmatch(values[0]) else following
    if number is None:
        return ""
    if walker.numbers and following is not None:
        walker.numbers[-1] = (number + step, step)
    return f"{_NUMBER_MARK}{number}{_NUMBER_MARK}"


def _table(walker: Walker, node: Tag) -> str:
    if any(_DROPPED_TABLES.search(attribute.written) for attribute in node.attributes):
        return "\n\n"
    rows: list[str] = []
    _rows(walker, node.contents, rows, Columns())
    return "\n\n" + "\n".join(rows) + "\n\n"


def _rows(walker: Walker, nodes: Nodes, rows: list[str], columns: Columns) -> None:
    cells: list[str] = []
    spans: dict[int, Span] = {}
    for node in nodes:
        if not isinstance(node, Tag):
            continue
        tag = node.name
        if tag in ("td", "th"):
            text = _cell(walker, node.contents)
            if not rows and not cells and node.may_begin_with("+") and node.written().startswith("+"):
                rows += filter(None, [text.removeprefix("+").strip(), ""])  # `|+`, the caption
                continue
            if node.attributes and (span := span_of(node)):
                spans[len(cells)] = span
            cells.append(text)
            continue
        cells, spans = _add_row(rows, cells, spans, columns)
        if tag in ("tr", "tbody", "thead"):
            _rows(walker, node.contents, rows, columns)
        elif tag == "caption":
            rows.append(_cell(walker, node.contents))
    _add_row(rows, cells, spans, columns)


def _cell(walker: Walker, nodes: Nodes) -> str:
    """Return a cell as one line; what stands on lines of its own in it is parted by `;`."""
    lines = lists_laid_out(walker.text(nodes)).split("\n")
    texts = [" ".join(line.removeprefix("- ").split()) for line in lines]
    return (
        "; ".join(filter(None, texts))
        if any(line.startswith("- ") for line in lines)
        else " ".join(filter(None, texts))
    )


def _add_row(
    rows: list[str], cells: list[str], spans: dict[int, Span], columns: Columns
) -> tuple[list[str], dict[int, Span]]:
    """Add a row's line, if it says anything; return the beginning of the next row."""
    if cells:
        placed = columns.placed(cells, spans)
        if any(cell.strip(GONE) for cell in cells):
            rows.append("| " + " | ".join(placed) + " |")
    return [], {}


_HANDLERS: dict[type[Node], Callable[[Walker, Any], str]] = {
    Wikilink: _link,
    ExternalLink: _external,
    Heading: _heading,
    Entity: _entity,
    Argument: _argument,
    Tag: _tag,
}
"""What each kind of node says to a reader; text says itself, the other kinds nothing."""
