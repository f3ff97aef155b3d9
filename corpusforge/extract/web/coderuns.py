"""Code whose lines are elements in a row among those of the text: paragraphs, or a <pre> each."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence

from resiliparse.parse.html import ELEMENT, TEXT, DocumentNode, ElementNode

from corpusforge.extract.web.codeboxes import FONTS, MONOSPACE, says_box
from corpusforge.extract.web.codefurniture import is_furniture
from corpusforge.extract.web.codelike import MARKED, NAMED, SURE, is_like_code
from corpusforge.extract.web.codenumbers import count_up
from corpusforge.extract.web.codetables import number_in_attributes
from corpusforge.extract.web.codetext import code_text, line_head
from corpusforge.extract.web.dom import children_of, holds, select

_LINE_TAGS = frozenset(("p", "div"))
_BLOCKS = "p,div,li,table,pre,h1,h2,h3,h4,form,img"
_COLOURED = "span[class],span[style],font[color],b"
_NAMED = "p[class*=code],p[class*=Code],p[class*=rogram]"
_INLINE = ("code", "kbd", "samp")  # mark words of a line too
_MAX_LEVELS = 3
_MAX_MARKS = 2000
_MANY = 4  # of elements with a line each that nothing parts
_MAX_BLANKS = 3  # elements without text between two lines
PROMPTS = ("$ ", ">>> ", "diff --git ")
"""How the text of an element begins that is a session, or a patch."""
_NUMBERS = re.compile(r"[\s\d\u00a0\u200b.:|+-]*")
_WRITTEN_NUMBER = re.compile(r"\s*(\d{1,6})[:.|]?(?=\s)")

Run = tuple[ElementNode, list[ElementNode]]
"""The first of the lines, which is to be replaced, and all of them."""


def runs_of_pre(document: DocumentNode) -> Iterator[Run]:
    """Yield runs of <pre> with a line each, where numbers or the indentation tell that they are one block.

    They stand beside each other, or each in a row of its own with nothing but its number.
    """
    elements = select(document, "pre")
    short = ["\n" not in (one.text or "").strip("\n") for one in elements]
    if not any(one and other for one, other in itertools.pairwise(short)):
        return  # nothing of two lines: how elements stand to each other need not be asked
    place = 0
    while place + 1 < len(elements):
        level = _levels_to_siblings(elements[place], elements[place + 1])
        run = [_above(elements[place], level or 0)]
        while level is not None and place + len(run) < len(elements):
            row = _above(elements[place + len(run)], level)
            if run[-1].next_element_sibling != row:
                break
            run.append(row)
        lines = elements[place : place + len(run)]
        place += len(run)
        if len(run) > 1 and _is_one_block(run, lines) and _is_outermost(run[0]):
            yield run[0], run


def _is_outermost(row: ElementNode) -> bool:
    around = row.parent_element
    return around is None or around.closest("pre") is None


def _levels_to_siblings(one: ElementNode, other: ElementNode) -> int | None:
    """Return how far above two elements those stand that are siblings, None where not near."""
    for level in range(_MAX_LEVELS + 1):
        beside, above, other_above = one.next_element_sibling, one.parent_element, other.parent_element
        if beside is not None and beside == other:
            return level
        if above is None or other_above is None or above == other_above:
            return None
        one, other = above, other_above
    return None


def _above(element: ElementNode, levels: int) -> ElementNode:
    for _ in range(levels):
        element = element.parent_element or element
    return element


def _is_one_block(run: Sequence[ElementNode], lines: Sequence[ElementNode]) -> bool:
    texts = [one.text or "" for one in lines]
    if any("\n" in text.strip("\n") for text in texts):
        return False
    if run[0] != lines[0]:
        if any(
            not _NUMBERS.fullmatch((row.text or "").replace(text, "", 1))
            for row, text in zip(run, texts, strict=True)
        ):
            return False
        said = [_number_said(row) for row in run]
        if all(said) and count_up([number for number in said if number is not None]):
            return is_like_code(texts, SURE)
    heads = [line_head(one) for one in run]
    numbers = [head[0] for head in heads if head is not None]
    if len(numbers) == len(run):
        return count_up(numbers)
    written = [int(head[1]) for head in map(_WRITTEN_NUMBER.match, texts) if head is not None]
    if len(written) == len(run):
        return count_up(written)
    goes_on = any(not text.strip() or text.startswith(("  ", "\t")) for text in texts[1:])
    if len(run) > 2 and goes_on:
        return is_like_code(texts, MARKED)
    return len(run) >= _MANY and not _stand_apart(run) and is_like_code(texts, MARKED)


def _stand_apart(run: Sequence[ElementNode]) -> bool:
    """Return whether elements may be blocks of their own: they hold more, or line feeds part them."""
    return any(
        one.first_element_child is not None and one.first_element_child.tag == "code" for one in run
    ) or any("\n\n" in (one.next_sibling.value or "") for one in run[:-1] if one.next_sibling is not None)


def _number_said(row: ElementNode) -> int | None:
    """Return the number that the attributes of a row say, or of what it begins with."""
    node: ElementNode | None = row
    for _ in range(_MAX_LEVELS):
        if node is None:
            return None
        if (number := number_in_attributes(node)) is not None:
            return number
        node = node.first_element_child
    return None


def runs_of_lines(document: DocumentNode, hints: frozenset[str], rules: str) -> Iterator[Run]:
    """Yield runs of paragraphs all in a typewriter's font or in elements of code, if they read so.

    `rules` is the selector of elements that the page's style sheet sets in such a font.
    """
    run: list[ElementNode] = []
    for line in _lines(document, hints, rules):
        between = _blanks_between(run[-1], line) if run else None
        if between is None:
            if _is_code(run):
                yield run[0], run
            run = [line]
        else:
            run += [*between, line]
    if _is_code(run):
        yield run[0], run


def runs_of_indented(document: DocumentNode) -> Iterator[Run]:
    """Yield runs of siblings that read like code: some indented by no-break blanks, or behind a prompt."""
    done: ElementNode | None = None
    for line in select(document, "p,div,li"):
        if not _begins_code(line) or line.parent is None or line.parent_element == done:
            continue
        has_breaks = len(line.get_elements_by_tag_name("br")) > 1 and line.query_selector(_BLOCKS) is None
        run = [line] if has_breaks else _kin(line)
        done = None if has_breaks else line.parent_element
        if (len(run) > 2 or has_breaks) and _is_code(run) and line.closest("pre,table") is None:
            yield run[0], run


def _begins_code(line: ElementNode) -> bool:
    """Return whether the text of an element begins with no-break blanks or a prompt."""
    inner = line.first_child
    for _ in range(_MAX_LEVELS):
        if not isinstance(inner, ElementNode) or inner.type != ELEMENT:
            break
        inner = inner.first_child
    if inner is None or inner.type != TEXT:
        return False
    text = inner.value or ""
    return text.startswith("\u00a0\u00a0") or text.lstrip("\n").startswith(PROMPTS)


def _kin(line: ElementNode) -> list[ElementNode]:
    """Return the siblings of an element's kind that stand in a row with it."""
    kind = (line.tag, line.class_name)
    first, out = line, [line]
    while (before := first.previous_element_sibling) is not None and (before.tag, before.class_name) == kind:
        first = before
        out.append(before)
    out.reverse()
    while (behind := out[-1].next_element_sibling) is not None and (behind.tag, behind.class_name) == kind:
        out.append(behind)
    return out


def _lines(document: DocumentNode, hints: frozenset[str], rules: str) -> Iterator[ElementNode]:
    """Yield paragraphs that hold nothing but marked text, in order."""
    selectors = [
        name
        for hint, name in (
            ("fonts", FONTS), ("<tt", "tt,kbd:only-child,samp:only-child"), ("<code", "code:only-child"),
            ("named boxes", _NAMED),
        )
        if hint in hints
    ]  # fmt: skip
    if not selectors and not rules:
        return
    selector = ",".join([*selectors, *([rules] if rules else [])])
    names = frozenset(rules.replace(".", "").split(","))
    last: ElementNode | None = None
    marked = 0
    for mark in select(document, selector)[:_MAX_MARKS]:
        if mark.tag in _INLINE and (mark.previous_sibling is not None or mark.next_sibling is not None):
            continue
        if mark.parent is None or not _is_marked(mark, names):
            continue
        line = _line_of(mark)
        if line is None:
            continue
        marked = len(mark.text or "") + (marked if line == last else 0)
        last = line
        text = line.text or ""
        is_short = 0 < marked < len(text.strip()) and "\n" not in text.strip()
        others = _furniture_chars(line) if is_short else 0
        if marked + others >= len(text.strip()) > 0 and marked - len(mark.text or "") < len(text.strip()):
            yield line


def _is_marked(mark: ElementNode, names: frozenset[str]) -> bool:
    if mark.tag in ("tt", "code", "kbd", "samp") or (mark.tag == "p" and says_box(mark.class_name or "")):
        return True
    if names and not names.isdisjoint((mark.class_name or "").split()):
        return True
    return bool(MONOSPACE.search(mark.getattr("style") or mark.getattr("face") or ""))


def _furniture_chars(line: ElementNode) -> int:
    """Return how many characters of a line are no code of it: marks, buttons, tooltips."""
    if line.first_element_child is None:
        return 0
    children = [child for child in children_of(line) if isinstance(child, ElementNode)]
    return sum(len(child.text or "") for child in children if child.type == ELEMENT and is_furniture(child))


def _line_of(mark: ElementNode) -> ElementNode | None:
    around: ElementNode | None = mark
    for _ in range(_MAX_LEVELS):
        if around is None or _may_be_line(around):
            return around
        around = around.parent_element
    return None


def _may_be_line(element: ElementNode) -> bool:
    """Return whether an element may be a line: a paragraph, or an element of a page's own."""
    return element.tag in _LINE_TAGS or "-" in (element.tag or "")


def _blanks_between(line: ElementNode, following: ElementNode) -> list[ElementNode] | None:
    """Return the elements without text between two siblings, None where more stands there."""
    out: list[ElementNode] = []
    beside = line.next_element_sibling
    while beside is not None and beside != following:
        if (beside.text or "").strip() or not _may_be_line(beside) or len(out) == _MAX_BLANKS:
            return None
        out.append(beside)
        beside = beside.next_element_sibling
    return out if beside is not None else None


def _is_code(run: Sequence[ElementNode]) -> bool:
    """Return whether a run of lines is a block: two or more, that read like code."""
    texts = [code_text(line) if _furniture_chars(line) else line.text or "" for line in run]
    if len(run) == 1 and holds(run[0], "br"):
        texts = code_text(run[0], flows=True).strip("\n").split("\n")
    if sum(bool(text.strip()) for text in texts) < 2 or any("\n\n" in text.strip() for text in texts):
        return False
    told = any(text.startswith(("  ", "\u00a0", "\t")) for text in texts) or any(
        line.query_selector(_COLOURED) is not None for line in run
    )
    return is_like_code(texts, MARKED if told else NAMED)
