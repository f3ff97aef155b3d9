"""Elements that stand too deep in each other: what lies below the limit becomes its text.

Whatever asks each of many nested elements for what it holds takes the square of their number; browsers bound
the depth of their trees for the same reason. No page that is read has so many levels.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from resiliparse.parse.html import ElementNode, HTMLTree, Node

from corpusforge.compiled import jit_in_place

MAX_DEPTH = 256
"""Levels of elements that are kept; half of what Chromium keeps (512), and many times what pages have."""
_NAME_LETTERS = 8
_LESS, _GREATER, _SLASH, _HYPHEN, _QUOTE = b'<>/-"'


_FLAT, _CLOSED_BY_SLASH, _VOID, _RAW = 1, 2, 4, 8
_KINDS = {
    # Elements that hold none, or that another of their kind closes.
    _FLAT: "area base br col embed hr img input link meta param source track wbr p li td th tr dt dd option"
    " optgroup tbody thead tfoot colgroup rt rp html head body",
    # Elements of SVG and MathML, where `/>` closes.
    _CLOSED_BY_SLASH: "path circle rect line use polygon polyline ellipse stop image animate g defs mspace"
    " none mprescripts mrow mi mn mo mtd mtr mglyph feblend fecolormatrix feoffset fegaussianblur",
    _VOID: "area base br col embed hr img input link meta param source track wbr basefont bgsound frame"
    " keygen",
    _RAW: "script style xmp iframe noembed noframes plaintext",
}
_TABLE_BITS = 10
_FACTOR = 0x9E3779B97F4A7C15  # odd, its bits well mixed


def _kinds_by_key() -> tuple[NDArray[np.uint64], NDArray[np.uint8], np.uint64]:
    """Return (keys, kinds, factor): the first bits of key times factor are its place, no other has it."""
    kinds: dict[int, int] = {}
    for kind, names in _KINDS.items():
        for name in names.split():
            key = int.from_bytes(name.encode()[:_NAME_LETTERS], "big")
            kinds[key] = kinds.get(key, 0) | kind
    factor, places = _FACTOR, list[int]()
    while len(set(places)) < len(kinds):
        factor += 2
        places = [(key * factor & 0xFFFFFFFFFFFFFFFF) >> (64 - _TABLE_BITS) for key in kinds]
    keys, found = np.zeros(1 << _TABLE_BITS, np.uint64), np.zeros(1 << _TABLE_BITS, np.uint8)
    keys[places], found[places] = list(kinds), list(kinds.values())
    return keys, found, np.uint64(factor)


_TABLE = _kinds_by_key()


def cut_deep(tree: HTMLTree, source: bytes) -> bool:
    """Put their text in the place of elements below `MAX_DEPTH`; return whether there were any.

    `source` is the page, UTF-8: by its tags alone nearly all pages are told to be shallow, and most of
    those that leave tags open by the tags of their tree.
    """
    body, document = tree.body, tree.document
    if body is None or document is None:
        return False
    data = np.frombuffer(source, np.uint8)
    if _deepest(data, np.flatnonzero(data == _LESS), *_TABLE) <= MAX_DEPTH:
        return False
    data = np.frombuffer(document.html.encode("utf-8", "replace"), np.uint8)
    if _levels(data, *_TABLE) <= MAX_DEPTH:
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


@jit_in_place
def _deepest(data: Any, tags: Any, keys: Any, kinds: Any, factor: Any) -> int:
    """Return about how deep elements nest by their tags: never less than they do, but for a few.

    `tags` is where `<` stands.
    """
    depth, deepest, n = 0, 0, data.shape[0]
    for place in range(tags.shape[0]):
        i = tags[place] + 1
        is_end = i < n and data[i] == _SLASH
        key, i = _name(data, i + is_end)
        kind = _kind(key, keys, kinds, factor)
        if key == 0 or kind & _FLAT:
            continue
        if is_end:
            depth = max(0, depth - 1)
            continue
        depth += 1
        deepest = max(deepest, depth)
        if kind & _CLOSED_BY_SLASH:
            while i < n and data[i] != _LESS and data[i] != _GREATER:
                i += 1
            if i < n and data[i] == _GREATER and data[i - 1] == _SLASH:
                depth -= 1
    return deepest


@jit_in_place
def _levels(data: Any, keys: Any, kinds: Any, factor: Any) -> int:
    """Return how deep elements nest in what a tree is written as: each is closed, `<` stands for no text."""
    depth, deepest, i, n = 0, 0, 0, data.shape[0]
    while i < n:
        if data[i] != _LESS:
            i += 1
            continue
        is_end = i + 1 < n and data[i + 1] == _SLASH
        start = i + 1 + is_end
        key, i = _name(data, start)
        size = i - start
        if key == 0:  # a comment may hold anything
            is_comment = start + 2 < n and data[start + 1] == _HYPHEN and data[start + 2] == _HYPHEN
            i = start + 3 if is_comment else start
            while i < n and (
                data[i] != _GREATER or (is_comment and (data[i - 1] != _HYPHEN or data[i - 2] != _HYPHEN))
            ):
                i += 1
            continue
        is_quoted = False
        while i < n and (data[i] != _GREATER or is_quoted):
            is_quoted ^= data[i] == _QUOTE
            i += 1
        kind = _kind(key, keys, kinds, factor)
        if is_end:
            depth -= 1
        elif not kind & _VOID:
            depth += 1
            deepest = max(deepest, depth)
            if kind & _RAW:
                while i < n and not _ends(data, i, start, size):
                    i += 1
    return deepest


@jit_in_place
def _ends(data: Any, i: int, name: int, size: int) -> bool:
    """Return whether the end tag of an element stands at `i` whose name stands at `name`."""
    if data[i] != _LESS or i + 2 + size > data.shape[0] or data[i + 1] != _SLASH:
        return False
    for k in range(size):
        if data[i + 2 + k] != data[name + k]:
            return False
    return True


@jit_in_place
def _name(data: Any, i: int) -> Any:
    """Return (key of the tag's name that begins at `i`, 0 for none; where it ends)."""
    key, first = np.uint64(0), i
    while i < data.shape[0] and _is_letter(data[i]):
        if i - first < _NAME_LETTERS:
            key = (key << np.uint64(8)) | np.uint64(data[i] | 32)
        i += 1
    return key, i


@jit_in_place
def _is_letter(byte: int) -> bool:
    lower = byte | 32
    return (lower >= 97 and lower <= 122) or (byte >= 48 and byte <= 57)


@jit_in_place
def _kind(key: Any, keys: Any, kinds: Any, factor: Any) -> int:
    """Return the kinds of a tag by its key, 0 for any other."""
    place = (key * factor) >> np.uint64(64 - _TABLE_BITS)
    return kinds[place] if keys[place] == key else 0
