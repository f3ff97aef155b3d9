"""`<sup>` and `<sub>` of a page's tree, replaced by what they read like in running text."""

from __future__ import annotations

import re

from resiliparse.parse.html import ELEMENT, TEXT, ElementNode, HTMLTree

from corpusforge.extract.tex.scripts import script_text
from corpusforge.extract.web.dom import select, text_node

_PLAIN_TAGS = frozenset("a i em b strong span small font u cite sup sub q abbr nobr wbr big tt var".split())
_AROUND_TAGS = frozenset("a i em b strong span small font u cite nobr big var q".split())
_NOTE = re.compile(r"footnote|noteref|reference|\bcite|(?:^|[\s_-])fn", re.I)
_CONTEXT_CHARS = 32
_MAX_LEVELS = 3
_MAX_SIBLINGS = 32
"""More than these without a text between is no formula: a page may hold a million in a row."""


def take_scripts(tree: HTMLTree, hints: frozenset[str]) -> None:
    """Replace raised and lowered text by its plain form; `hints` as `page_hints` gives them.

    Elements that hold formulas or pictures stay.
    """
    document = tree.document
    selector = ",".join(tag for tag in ("sup", "sub") if f"<{tag}" in hints)
    if document is None or not selector:
        return
    nested: list[ElementNode] = []
    has_code = "<pre" in hints
    for element in select(document, selector):
        if has_code and _numbers_a_line(element):
            continue
        if element.first_element_child is not None and element.query_selector("sup,sub") is not None:
            nested.append(element)
        else:
            _replace(tree, element)
    for element in reversed(nested):
        _replace(tree, element)


def _numbers_a_line(element: ElementNode) -> bool:
    """Return whether a raised number begins a line of code: it is no exponent of what stands above."""
    before = element.previous_sibling
    begins = (
        before is None
        or (before.type == TEXT and (before.value or "").endswith("\n"))
        or (isinstance(before, ElementNode) and before.tag == "br")
    )
    return begins and (element.text or "").strip().isdecimal() and element.closest("pre") is not None


def _replace(tree: HTMLTree, element: ElementNode) -> None:
    if element.first_element_child is not None and not _is_plain(element):
        return
    before, after = _beside(element, True), _beside(element, False)
    kind = "sup" if element.tag == "sup" else "sub"
    text = script_text(kind, element.text or "", before, after, kind == "sup" and _is_note(element))
    element.replace_with(text_node(tree, text))


def _is_plain(element: ElementNode) -> bool:
    return all((node.tag or "") in _PLAIN_TAGS for node in select(element, "*"))


def _is_note(element: ElementNode) -> bool:
    """Return whether the page marks a raised piece as a link to a note."""
    named = f"{element.class_name or ''} {element.id or ''}"
    if _NOTE.search(named):
        return True
    link = element.query_selector("a") if element.first_element_child is not None else element.closest("a")
    if link is None:
        return False
    return "#" in (link.getattr("href") or "") or bool(_NOTE.search(link.class_name or ""))


def _beside(element: ElementNode, before: bool) -> str:
    """Return the text right before or behind an element, some characters of the same line."""
    found = ""
    node = element
    for _ in range(_MAX_LEVELS):
        sibling = node.previous_sibling if before else node.next_sibling
        for _ in range(_MAX_SIBLINGS):
            if sibling is None or len(found) >= _CONTEXT_CHARS:
                break
            text = ""
            if sibling.type == TEXT:
                text = sibling.value or ""
            elif sibling.type == ELEMENT and isinstance(sibling, ElementNode):
                if (sibling.tag or "") not in _PLAIN_TAGS:
                    return found
                if not before and sibling.tag in ("sup", "sub"):
                    sibling = sibling.next_sibling
                    continue
                text = sibling.text or ""
            found = text[-_CONTEXT_CHARS:] + found if before else found + text[:_CONTEXT_CHARS]
            sibling = sibling.previous_sibling if before else sibling.next_sibling
        parent = node.parent_element
        if found or parent is None or (parent.tag or "") not in _AROUND_TAGS:
            break
        node = parent
    return found
