"""What the tags inside an element of code hold, told of what it is written as: no selector has to walk it.

More may be told than is there, as a class name within another; never less.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from corpusforge.compiled import jit_in_place
from corpusforge.signs import SignFinder, sign_finder

STRUCTURE, PAGE, LINES, LANGUAGE = 1, 2, 4, 8
"""What may end lines of code or stand beside them, be of a page, be named a line, say a language."""
ALL = STRUCTURE | PAGE | LINES | LANGUAGE
_WORDS = {
    STRUCTURE: (
        "<br", "<div", "<li", "<tr", "<p>", "<p ", "<section", "<button", "<summary", "<svg", "<script",
        "<style", "<input", "<textarea", "gutter", "fold", "tooltip", "ttc", "copy", "btn", "clip", "ln",
        "headerlink", "hidden", "blob", "toolbar", "popup", "popover", "annot", "hover", "select", "role",
    ),
    PAGE: ("<h1", "<h2", "<h3", "<table", "<iframe", "<form", "<article"),
    STRUCTURE | LINES: ("line",),
    LANGUAGE: (" lang=",),
}  # fmt: skip
_LESS, _GREATER, _MARK, _QUOTE, _HYPHEN = b'<>!"-'


def marks_in(html: str) -> int:
    """Return the bits of what the tags of an element, as it is written, may hold."""
    source = np.frombuffer(html.encode("utf-8", "replace"), dtype=np.uint8)
    finder = _finder()
    bits = int(_in_tags(source, finder.classes, finder.following, finder.found))
    return bits | STRUCTURE if html.count("<code") > 1 else bits


@lru_cache(maxsize=1)
def _finder() -> SignFinder:
    said = [(word, bits) for bits, words in _WORDS.items() for word in words]
    return sign_finder([word for word, _ in said], [bits for _, bits in said])


@jit_in_place
def _in_tags(data: Any, classes: Any, following: Any, found: Any) -> Any:
    """Return the bits of the words that stand within tags; values stand in double quotes."""
    bits, i, n = np.int64(0), 0, data.shape[0]
    while i < n:
        while i < n and data[i] != _LESS:
            i += 1
        if i + 1 < n and data[i + 1] == _MARK:
            i = behind_comment(data, i + 1)
            continue
        state, is_quoted = np.int64(0), False
        while i < n and (data[i] != _GREATER or is_quoted):
            is_quoted ^= data[i] == _QUOTE
            state = np.int64(following[state + classes[data[i]]])
            bits |= found[state >> 6]
            i += 1
        if i < n:
            bits |= found[following[state + classes[_GREATER]] >> 6]
    return bits


@jit_in_place
def behind_comment(data: Any, i: int) -> int:
    """Return where a comment or declaration has ended whose `!` stands at `i`."""
    n = data.shape[0]
    is_comment = i + 2 < n and data[i + 1] == _HYPHEN and data[i + 2] == _HYPHEN
    i += 3 if is_comment else 1
    while i < n:
        if data[i] == _GREATER and (not is_comment or (data[i - 1] == _HYPHEN and data[i - 2] == _HYPHEN)):
            return i + 1
        i += 1
    return n
