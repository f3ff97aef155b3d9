"""What the attributes of a page's source say: class names and styles with a word that rules look for.

Told of the source, before any element is looked at: a selector that asks for such a name walks the tree.
More may be told than the tree has, as what a script writes; never less.
"""

from __future__ import annotations

import html
import re
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpusforge.compiled import jit_in_place
from corpusforge.extract.web.codeboxes import MONOSPACE, says_box
from corpusforge.extract.web.codelanguage import names_language
from corpusforge.signs import sign_finder

_STYLE = 2
_HINTS = frozenset(("named boxes", "fonts", "formula classes"))
_ASKING = frozenset(("code boxes", "code fonts", "wrapper"))
_FORMULA_CLASS = re.compile(
    r"(?:^|\s)(?:math|math-container|arithmatex|inline-formula|display-formula|math-inline|math-tex)(?:$|\s)",
    re.I,
)
_LIST = re.compile(
    rb"""<[oO][lL]\s[^<>]{0,1000}?(?<=[\s"'/])[cC][lL][aA][sS][sS]\s*=\s*["']?\s*([^"'>\s][^"'>]{0,100})"""
)
_CLASS_WORDS = (
    "code", "rogram", "snippet", "listing", "syntax", "verbatim", "font-mono", "whitespace-pre",
    "math", "formula", "arithmatex",
)  # fmt: skip
_FONTS = ("onospace", "onsolas", "ourier", "white-space")
_STYLE_WORDS = (*_FONTS, "menlo", "monaco")
_LONGEST = 2048  # bytes of a value that is read
_KNOWN = 512  # values that are told but once
_EQUALS, _DOUBLE, _SINGLE, _GREATER = b"=\"'>"


def attribute_hints(source: bytes, hints: frozenset[str]) -> frozenset[str]:
    """Return the hints of a source's attributes, where those of its words, as given, let one look for them.

    "named boxes": a class name is that of a box of code; "fonts": a style or face may be a typewriter's;
    "formula classes": a class marks formulas.
    """
    if hints.isdisjoint(_ASKING):
        return frozenset()
    said = _attributes_of(source)
    if said is None:
        return _HINTS
    names, styles = said
    found = {
        "fonts": any(word in style for style in styles for word in _FONTS),
        "named boxes": any(map(says_box, names))
        or any(map(MONOSPACE.search, styles))
        or _has_named_list(source),
        "formula classes": any(map(_FORMULA_CLASS.search, names)),
    }
    return frozenset(hint for hint, holds in found.items() if holds)


def _has_named_list(source: bytes) -> bool:
    """Return whether the class of an <ol> may be that of a box of code, or the name of a language."""
    names = [name.decode("utf-8", "replace") for name in _LIST.findall(source)]
    return any("&" in name or says_box(name) or names_language(name.split()[0]) for name in names)


def _attributes_of(source: bytes) -> tuple[set[str], set[str]] | None:
    """Return the (class names, styles) that hold a word, None where they are not all told."""
    finder = _finder()
    known, spans = np.zeros(_KNOWN, np.int64), np.empty((_KNOWN, 3), np.int64)
    data = np.frombuffer(source, np.uint8)
    n_values = _values(
        data,
        *(np.flatnonzero(data == _EQUALS), *finder, _words_of_kinds(), known, spans),
    )
    if n_values < 0:
        return None
    names, styles = set[str](), set[str]()
    for start, end, kind in spans[:n_values].tolist():
        value = source[start:end].decode("utf-8", "replace")
        (styles if kind == _STYLE else names).add(html.unescape(value) if "&" in value else value)
    return names, styles


@lru_cache(maxsize=1)
def _finder() -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """Return the tables that find the words, capitals or not."""
    finder = sign_finder([*_CLASS_WORDS, *_STYLE_WORDS, "&"])
    classes = finder.classes.copy()
    classes[65:91] = classes[97:123]
    return classes, finder.following, finder.found


@lru_cache(maxsize=1)
def _words_of_kinds() -> NDArray[np.int64]:
    """Return the bits of the words that count in an attribute of each kind."""
    of_class, of_style = len(_CLASS_WORDS), len(_STYLE_WORDS)
    written = 1 << (of_class + of_style)  # an entity may stand for a letter
    return np.array([0, (1 << of_class) - 1 | written, ((1 << of_style) - 1) << of_class | written])


@jit_in_place
def _values(
    data: Any, equals: Any, classes: Any, following: Any, found: Any, words: Any, known: Any, out: Any
) -> int:
    """Write (start, end, kind) of values, each once as far as `known` tells; return how many.

    -1 where one is too long to read, or there are too many.
    """
    n, n_found, last = data.shape[0], 0, 0
    for i in equals:
        kind = _kind(data, i) if i >= last else 0
        if kind == 0:
            continue
        start = i + 1
        while start < n and (data[start] == 32 or 9 <= data[start] <= 13):
            start += 1
        if start == n:
            break
        quote = data[start]
        is_quoted = quote == _DOUBLE or quote == _SINGLE
        start += is_quoted
        end, value = start, np.int64(kind)
        while (
            end < n and data[end] != quote
            if is_quoted
            else end < n and data[end] > 32 and data[end] != _GREATER
        ):
            value = value * 31 + data[end]
            end += 1
            if end - start == _LONGEST:
                return -1
        if not is_quoted:
            last = end
        if known[value % _KNOWN] == value:
            continue
        known[value % _KNOWN] = value
        state, bits = np.int64(0), np.int64(0)
        for k in range(start, end):
            state = np.int64(following[state + classes[data[k]]])
            bits |= found[state >> 6]
        if not bits & words[kind]:
            continue
        if n_found == out.shape[0]:
            return -1
        out[n_found, 0], out[n_found, 1], out[n_found, 2] = start, end, kind
        n_found += 1
    return n_found


@jit_in_place
def _kind(data: Any, i: int) -> int:
    """Return the kind of the attribute whose `=` stands at `i`."""
    end = i
    while end > 0 and (data[end - 1] == 32 or 9 <= data[end - 1] <= 13):
        end -= 1
    if end < 5:
        return 0
    last, third = data[end - 1] | 32, data[end - 3] | 32
    if last == 115:  # class
        if (
            data[end - 2] | 32 == 115
            and third == 97
            and data[end - 4] | 32 == 108
            and data[end - 5] | 32 == 99
        ):
            return 1
    elif last == 101:  # style, face
        if (
            data[end - 2] | 32 == 108
            and third == 121
            and data[end - 4] | 32 == 116
            and data[end - 5] | 32 == 115
        ):
            return 2
        if data[end - 2] | 32 == 99 and third == 97 and data[end - 4] | 32 == 102:
            return 2
    return 0
