"""Code that stands as plain text in an element of a page's own, or in a script that shows it.

<my-code language="python">a = 1 …</my-code>        a script sets it in lines
<script type="syntaxhighlighter" class="brush: js"><![CDATA[ … ]]></script>
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from resiliparse.parse.html import DocumentNode, ElementNode

from corpusforge.compiled import jit
from corpusforge.extract.web.codeboxes import says_box
from corpusforge.extract.web.codelanguage import language_of, names_language
from corpusforge.extract.web.codelike import NAMED, is_like_code
from corpusforge.extract.web.dom import select

ELEMENT_HINT = "element "
"""Begins a hint that names an element of a page's own."""
_CODE_WORDS = rb"(?:code|codeblock|snippet|highlight|highlighter|listing)"
_TAG = re.compile(
    rb"</((?:[a-z][a-z0-9]*-){1,4}" + _CODE_WORDS + rb"|" + _CODE_WORDS + rb"(?:-[a-z0-9]+){1,4})\s*>"
)
_SLASH, _HYPHEN, _GREATER = b"/->"
_MOST_TAGS = 4
_MOST = 200  # elements of a kind looked at on a page
_MOST_CHARS = 200_000
_BLOCKS = "p,div,pre,code,h1,h2,h3,form,article,img,table,ul,ol,br"
_SCRIPT_TYPE = re.compile(r"text/(?:x-)?([\w+#-]{1,20})")
_ROOTS = frozenset(("body", "head", "html"))
_CELL = re.compile(r"cell", re.I)

Block = tuple[ElementNode, list[ElementNode]]


def element_hints(source: bytes, opened: NDArray[np.int64]) -> Iterator[str]:
    """Yield a hint for each element of a page's own whose name says code; `opened`: where `<` stands."""
    ends = _ends_of_own(np.frombuffer(source, np.uint8), opened)
    found = (_TAG.match(source, place) for place in ends.tolist())
    for tag in list(dict.fromkeys(end[1] for end in found if end is not None))[:_MOST_TAGS]:
        yield ELEMENT_HINT + tag.decode("ascii")


@jit
def _ends_of_own(data: Any, opened: Any) -> Any:
    """Return where the end tags of elements stand whose names hold a hyphen: those of a page's own."""
    out = np.empty(opened.shape[0], dtype=np.int64)
    found = 0
    for place in range(opened.shape[0]):
        i = opened[place] + 1
        if i >= data.shape[0] or data[i] != _SLASH:
            continue
        i += 1
        while i < data.shape[0] and data[i] > _HYPHEN and data[i] != _GREATER:
            i += 1
        if i < data.shape[0] and data[i] == _HYPHEN:
            out[found] = opened[place]
            found += 1
    return out[:found]


def elements_of_code(document: DocumentNode, hints: frozenset[str]) -> Iterator[Block]:
    """Yield (element, itself) of such elements that hold lines of text and no blocks."""
    for hint in sorted(hints):
        if hint.startswith(ELEMENT_HINT):
            for element in select(document, f"{hint.removeprefix(ELEMENT_HINT)}")[:_MOST]:
                if element.closest("pre") is not None:
                    continue
                if _holds_lines(element) and element.query_selector(_BLOCKS) is None:
                    lines = (element.text or "").strip("\n").split("\n")
                    if is_like_code(lines, 0 if language_of(element) or _says_language(element) else NAMED):
                        yield element, [element]


def scripts_of_code(document: DocumentNode) -> Iterator[Block]:
    """Yield (script, itself) of scripts that are no program of the page: it shows what they hold."""
    for script in select(document, "script")[:_MOST]:
        around = script.parent_element
        kind = (script.getattr("type") or "").lower()
        if not kind or around is None or not _holds_lines(script):
            continue
        if kind == "syntaxhighlighter" or (kind == "text/plain" and language_of(script)):
            yield script, [script]
        elif around.tag not in _ROOTS and (said := _SCRIPT_TYPE.fullmatch(kind)):
            name = around.class_name or ""
            alone = script.next_element_sibling is None and script.previous_element_sibling is None
            if alone and (_CELL.search(name) or says_box(name)):
                if names_language(said[1]) or is_like_code((script.text or "").split("\n"), NAMED):
                    yield script, [script]


def _holds_lines(element: ElementNode) -> bool:
    text = element.text or ""
    return "\n" in text.strip() and len(text) <= _MOST_CHARS


def _says_language(element: ElementNode) -> bool:
    return names_language(element.getattr("language") or element.getattr("lang") or "")
