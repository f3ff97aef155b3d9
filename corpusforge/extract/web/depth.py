"""Elements that stand too deep in each other: what lies below the limit becomes its text.

Whatever asks each of many nested elements for what it holds takes the square of their number; browsers bound
the depth of their trees for the same reason. No page that is read has so many levels.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from resiliparse.parse.html import ElementNode, HTMLTree, Node

from corpusforge.compiled import jit

MAX_DEPTH = 256
"""Levels of elements that are kept; half of what Chromium keeps (512), and many times what pages have."""
_NAME_LETTERS = 8


def _keys(names: str) -> Any:
    return np.array(
        [int.from_bytes(name.encode()[:_NAME_LETTERS], "big") for name in names.split()], np.uint64
    )


_FLAT = _keys(
    "area base br col embed hr img input link meta param source track wbr p li td th tr dt dd option optgroup"
    " tbody thead tfoot colgroup rt rp html head body"
)
"""Elements that hold none, or that another of their kind closes."""
_CLOSED_BY_SLASH = _keys(
    "path circle rect line use polygon polyline ellipse stop image animate g defs mspace none mprescripts"
    " mrow mi mn mo mtd mtr mglyph feblend fecolormatrix feoffset fegaussianblur"
)
"""Elements of SVG and MathML, where `/>` closes."""


def cut_deep(tree: HTMLTree, source: bytes) -> bool:
    """Put their text in the place of elements below `MAX_DEPTH`; return whether there were any.

    `source` is the page, UTF-8: by its tags alone nearly all pages are told to be shallow.
    """
    body = tree.body
    if body is None or _deepest(np.frombuffer(source, np.uint8), _FLAT, _CLOSED_BY_SLASH) <= MAX_DEPTH:
        return False
    found, depth, node = False, 0, body.first_child
    while node is not None:
        child: Node | None = node.first_child if isinstance(node, ElementNode) else None
        if child is not None and depth < MAX_DEPTH:
            node, depth = child, depth + 1
            continue
        if isinstance(node, ElementNode) and node.first_element_child is not None:
            node.text = node.text or ""
            found = True
        while node.next_sibling is None and depth > 0:
            parent = node.parent
            assert parent is not None
            node, depth = parent, depth - 1
        node = node.next_sibling
    return found


@jit
def _deepest(data: Any, flat: Any, closed_by_slash: Any) -> int:
    """Return about how deep elements nest by their tags: never less than they do, but for a few."""
    depth, deepest, i, key = 0, 0, 0, np.uint64(0)
    while i < data.shape[0]:
        byte = data[i]
        i += 1
        if byte == 62:
            if key != 0 and data[i - 2] == 47 and _is_one_of(key, closed_by_slash):
                depth -= 1
            key = np.uint64(0)
        if byte != 60:
            continue
        is_end = i < data.shape[0] and data[i] == 47
        i += 1 if is_end else 0
        key = np.uint64(0)
        n_letters = 0
        while i < data.shape[0] and _is_letter(data[i]):
            if n_letters < 8:
                key = (key << np.uint64(8)) | np.uint64(data[i] | 32)
            n_letters += 1
            i += 1
        if key == 0 or _is_one_of(key, flat):
            key = np.uint64(0)
        elif is_end:
            depth = max(0, depth - 1)
            key = np.uint64(0)
        else:
            depth += 1
            deepest = max(deepest, depth)
    return deepest


@jit
def _is_letter(byte: int) -> bool:
    lower = byte | 32
    return (lower >= 97 and lower <= 122) or (byte >= 48 and byte <= 57)


@jit
def _is_one_of(key: Any, keys: Any) -> bool:
    for one in keys:
        if one == key:
            return True
    return False
