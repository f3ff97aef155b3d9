"""Code in a page's tree: blocks and spans into slots, without gutters and buttons."""

from __future__ import annotations

import re
from collections.abc import Sequence

from resiliparse.parse.html import DocumentNode, ElementNode, HTMLTree

from corpusforge.extract.config import ExtractConfig
from corpusforge.extract.web.codeboxes import says_box
from corpusforge.extract.web.codelanguage import language_of
from corpusforge.extract.web.codelike import NAMED, is_like_code
from corpusforge.extract.web.codelines import blocks_of_lines
from corpusforge.extract.web.codemarks import ALL, PAGE, marks_in
from corpusforge.extract.web.codenumbers import count_up, numbers_of
from corpusforge.extract.web.codeshell import strip_shell
from corpusforge.extract.web.codetext import code_text, joined_lines
from corpusforge.extract.web.dom import element as new_element
from corpusforge.extract.web.dom import holds, select, text_node
from corpusforge.extract.web.slots import Slots

_PAGE_TAGS = "h1,h2,h3,table p,iframe,form,article"
_CODE_TABLES = (
    "table.highlighttable,table.rouge-table,table.lntable,figure.highlight>table,.highlight>table"
    ",table.syntaxhighlighter,.syntaxhighlighter table,table.hljs-ln,table.codehilitetable"
    ",table.processedcode,.crayon-table,table.highlight"
)
_OUTSIDE_PRE = frozenset(
    "numbered,code lines,"
    "code boxes,code fonts,languages,kept blanks,line anchors,<table,<pre,<code,<tt,<textarea,code elements"
    ",code scripts,columns".split(",")
)
_NOT_SHOWN = "noscript,[hidden],[aria-hidden=true],[style*='display:none'],[style*='display: none']"
_GUTTERS = "td.gutter,td.linenos,td.rouge-gutter,.linenodiv,.gutter,.crayon-nums"
_KEPT = re.compile(r"white-space\s*:\s*(?:pre|break)")
_OWN_LINES = frozenset("div figure section figcaption".split())
_TOOL_TAGS = frozenset(("button", "svg", "img", "input"))
_BLOCK_NAME = re.compile(r"(?:^|[\s_-])(?:pre|(?<!inline-)block|multi-?line)(?:$|[\s_-])")


def take_code(tree: HTMLTree, slots: Slots, config: ExtractConfig, hints: frozenset[str]) -> list[str]:
    """Put every code block and span of a tree into slots; return notes.

    `hints` as `page_hints` gives them: what a page does not hold is not looked for.
    """
    document, notes = tree.document, list[str]()
    if document is None:
        return notes
    gutters = "gutter" in hints
    if not hints.isdisjoint(_OUTSIDE_PRE):
        for element, lines in blocks_of_lines(document, hints):
            is_box = len(lines) == 1 and lines[0] == element
            code = _trimmed(code_text(element, flows=True) if is_box else joined_lines(lines))
            _put(tree, element, code, slots, config, notes)
            if lines[0] == element:
                for line in lines[1:]:
                    line.remove()
    if hints.issuperset(("<table", "highlighted")):
        _take_all(tree, select(document, _CODE_TABLES), slots, config, notes, gutters)
    if "<pre" in hints:
        elements = select(document, "pre")
        _drop_copies(elements)
        _take_all(tree, elements, slots, config, notes, gutters)
    if "old pre" in hints:
        _take_all(tree, select(document, "listing,xmp"), slots, config, notes, gutters)
    if "<code" in hints:
        _take_spans(tree, document, slots)
    return notes


def _take_all(
    tree: HTMLTree,
    elements: Sequence[ElementNode],
    slots: Slots,
    config: ExtractConfig,
    notes: list[str],
    gutters: bool,
) -> None:
    for element in elements:
        if element.parent is None or (element.tag == "table" and element.closest("pre") is not None):
            continue
        if gutters and element.closest(_GUTTERS) is not None:
            element.remove()
            continue
        if len(slots) and slots.holds_block(element.text or ""):  # its lines were found one by one
            for gutter in select(element, _GUTTERS) if gutters else ():
                if _is_gutter(code_text(gutter)):
                    gutter.remove()
            continue
        marks = marks_in(element.html) if element.first_element_child is not None else 0
        if marks & PAGE and element.query_selector(_PAGE_TAGS) is not None:
            continue  # a whole page laid out in <pre>
        strip_shell(tree, element, marks)
        _put(tree, element, _trimmed(code_text(element, marks=marks)), slots, config, notes, marks)


def _drop_copies(elements: Sequence[ElementNode]) -> None:
    """Remove blocks that a page hides, or keeps for readers without scripts, where it shows the same."""
    if len(elements) < 2:
        return
    same = dict[str, list[ElementNode]]()
    for element in elements:
        same.setdefault(_letters(element), []).append(element)
    for copies in same.values():
        hidden = [one for one in copies if one.closest(_NOT_SHOWN) is not None] if len(copies) > 1 else []
        for element in hidden if len(hidden) < len(copies) else []:
            element.remove()


def _letters(element: ElementNode) -> str:
    return "".join((element.text or "").split())


def _put(
    tree: HTMLTree,
    element: ElementNode,
    code: str,
    slots: Slots,
    config: ExtractConfig,
    notes: list[str],
    marks: int = ALL,
) -> None:
    """Replace an element by the slot of its code, or remove it where that is numbers only."""
    if len(code) > config.max_code_block_chars:
        notes.append(f"a code block cut at {config.max_code_block_chars} characters")
        code = code[: config.max_code_block_chars]
    if not code or _is_gutter(code):
        element.remove()
        return
    slot = slots.code_block(code, language_of(element, marks))
    around = element.parent_element
    while (
        around is not None
        and around.tag == "code"
        and (around.text or "").strip() == (element.text or "").strip()
    ):
        element, around = around, around.parent_element  # <code><pre>: what stands in it is no span
    element.replace_with(new_element(tree, "p", slot))


def _is_gutter(code: str) -> bool:
    """Return whether code is nothing but numbers of lines: one a line, counting up."""
    numbers = numbers_of(code)
    return bool(numbers) and (len(numbers) == 1 or count_up(numbers))


def _take_spans(tree: HTMLTree, document: DocumentNode, slots: Slots) -> None:
    may_be_gone = False
    for code in select(document, "code"):
        if may_be_gone and code.parent is None:
            continue  # it left the tree with the one around it
        text = (code.text or "").replace("\u00a0", " ")
        if not text.strip():
            continue
        is_leaf = code.first_element_child is None
        holds_others = not is_leaf and holds(code, "code")
        may_be_gone |= holds_others
        lines = _lines_of_span(code, text, is_leaf)
        if lines is not None:
            code.replace_with(new_element(tree, "p", slots.code_block(_trimmed(lines), language_of(code))))
        elif holds_others:
            code.replace_with(text_node(tree, slots.code_span(" ".join(text.split()))))
        else:  # a fifth of the cost, but nothing that stands in the element can be asked afterwards
            code.outer_text = slots.code_span(" ".join(text.split()))


def _lines_of_span(code: ElementNode, text: str, is_leaf: bool) -> str | None:
    """Return the lines of a <code> that is laid out as a block, or None."""
    if "\n" in text.strip("\n"):
        if _KEPT.search(code.getattr("style") or "") or _BLOCK_NAME.search(code.class_name or ""):
            return code_text(code)
        lines = text.strip("\n").split("\n")
        goes_on = len(lines) > 2 and any(line.startswith(("  ", "\t")) for line in lines)
        if goes_on and is_like_code(lines, NAMED):
            return code_text(code)
        if _is_alone(code) and is_like_code(lines, 0 if language_of(code) or _is_in_box(code) else NAMED):
            return code_text(code)
    return code_text(code, flows=True) if not is_leaf and holds(code, "br") else None


def _is_alone(code: ElementNode) -> bool:
    """Return whether an element is no part of a sentence: nothing but elements of their own beside it."""
    around = code.parent_element
    if around is None or not (around.tag in _OWN_LINES or "-" in (around.tag or "")):
        return False
    beside = around.first_child
    while beside is not None:
        if beside != code and not (isinstance(beside, ElementNode) and beside.tag in _OWN_LINES | _TOOL_TAGS):
            if ((beside.text if isinstance(beside, ElementNode) else beside.value) or "").strip():
                return False
        beside = beside.next_sibling
    return True


def _is_in_box(code: ElementNode) -> bool:
    around = code.parent_element
    return around is not None and says_box(around.class_name or "")


def _trimmed(code: str) -> str:
    """Return code without blank lines around it, trailing blanks or no-break spaces."""
    if code.lstrip().startswith("<![CDATA["):
        code = code.strip().removeprefix("<![CDATA[").removesuffix("]]>")
    code = code.replace("\u00a0", " ").replace("\r\n", "\n")
    lines = [line.rstrip() if line.strip("\u200b ") else "" for line in code.split("\n")]
    while lines and not lines[0]:
        lines.pop(0)
    while lines and not lines[-1]:
        lines.pop()
    return "\n".join(lines)
