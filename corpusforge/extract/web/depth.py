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
_NAME_LETTERS = 8  # that fit a key
_SPREAD, _OTHER = np.uint64(31), np.uint64(1)
_LESS, _GREATER, _SLASH, _HYPHEN, _QUOTE, _MARK = b'<>/-"!'


_FLAT, _CLOSED_BY_SLASH, _VOID, _RAW, _SOURCE_RAW, _FOREIGN = 1, 2, 4, 8, 16, 32
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
    # Elements whose text holds no tags in a page's source, entities or not, but in SVG and MathML.
    _SOURCE_RAW: "script style textarea title",
    _FOREIGN: "svg math",
}
_TABLE_BITS = 10
_FACTOR = 0x9E3779B97F4A7C15  # odd, its bits well mixed


def _kinds_by_key() -> tuple[NDArray[np.uint64], NDArray[np.uint8], np.uint64]:
    """Return (keys, kinds, factor): the first bits of key times factor are its place, no other has it."""
    kinds: dict[int, int] = {}
    for kind, names in _KINDS.items():
        for name in names.split():
            key = int.from_bytes(name.encode()[:_NAME_LETTERS], "big")
            for letter in name.encode()[_NAME_LETTERS:]:
                key = (key * int(_SPREAD) + letter) & 0xFFFFFFFFFFFFFFFF
            kinds[key] = kinds.get(key, 0) | kind
    numbers = np.array(list(kinds), np.uint64)
    factor, places = _FACTOR, np.zeros(len(kinds), np.uint64)
    while len(np.unique(places)) < len(kinds):
        factor += 2
        places = numbers * np.uint64(factor) >> np.uint64(64 - _TABLE_BITS)
    keys, found = np.zeros(1 << _TABLE_BITS, np.uint64), np.zeros(1 << _TABLE_BITS, np.uint8)
    keys[places], found[places] = numbers, list(kinds.values())
    return keys, found, np.uint64(factor)


_TABLE = _kinds_by_key()


def may_be_deep(data: NDArray[np.uint8], opened: NDArray[np.int64]) -> bool:
    """Return whether elements may lie below `MAX_DEPTH`, by the tags of a page's source alone.

    `opened` is where `<` stands. Nearly all pages are told to be shallow so.
    """
    return _deepest(data, opened, *_TABLE) > MAX_DEPTH


def cut_deep(tree: HTMLTree) -> bool:
    """Put their text in the place of elements below `MAX_DEPTH`; return whether there were any.

    Pages that leave tags open are told to be shallow by the tags of their tree.
    """
    body, document = tree.body, tree.document
    if body is None or document is None:
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
    raw, foreign, behind = np.uint64(0), 0, 0  # what text is passed over, where a comment has ended
    for place in range(tags.shape[0]):
        i = tags[place] + 1
        if i <= behind:
            continue
        is_end = i < n and data[i] == _SLASH
        start = i + is_end
        key, i = _name(data, start)
        if raw != 0 and (key != raw or not is_end):
            continue
        raw = np.uint64(0)
        if key == 0:
            behind = _behind_comment(data, start)
            continue
        kind = _kind(key, keys, kinds, factor)
        if kind & _FLAT:
            continue
        if kind & _FOREIGN:
            foreign = max(0, foreign - 1) if is_end else foreign + 1
        elif kind & _SOURCE_RAW and not is_end and foreign == 0:
            raw = key
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
def _behind_comment(data: Any, i: int) -> int:
    """Return where the comment has ended whose `<` stands before `i`, 0 where none begins."""
    n = data.shape[0]
    if i + 2 >= n or data[i] != _MARK or data[i + 1] != _HYPHEN or data[i + 2] != _HYPHEN:
        return 0
    i += 3
    while i < n:
        if data[i] == _GREATER:
            last = i - (data[i - 1] == _MARK)
            if data[last - 1] == _HYPHEN and data[last - 2] == _HYPHEN:
                return i
        i += 1
    return n


@jit_in_place
def _levels(data: Any, keys: Any, kinds: Any, factor: Any) -> int:
    """Return how deep elements nest in what a tree is written as: each is closed, `<` stands for no text."""
    depth, deepest, foreign, i, n = 0, 0, 0, 0, data.shape[0]
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
        if kind & _FOREIGN:
            foreign += -1 if is_end else 1
        if is_end:
            depth -= 1
        elif not kind & _VOID:
            depth += 1
            deepest = max(deepest, depth)
            if kind & _RAW and foreign == 0:
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
    """Return (key of the tag's name that begins at `i`, 0 for none; where its letters end)."""
    key, first = np.uint64(0), i
    while i < data.shape[0] and _is_letter(data[i]):
        key = (key << np.uint64(8) if i - first < _NAME_LETTERS else key * _SPREAD) + np.uint64(data[i] | 32)
        i += 1
    if i < data.shape[0] and data[i] > 32 and data[i] != _GREATER and data[i] != _SLASH and key != 0:
        key = _OTHER  # as `<li-of-mine>`
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
