"""What opens on a click, and what is not shown: buttons that ask, <details>, accordions, hidden boxes."""

from __future__ import annotations

from typing import Any

import numpy as np

from corpusforge.compiled import jit, jit_in_place
from corpusforge.extract.web import tags
from corpusforge.extract.web.blocks import AROUND_TAGS, Block, Node
from corpusforge.extract.web.features import is_inside

_BUTTON, _SUMMARY, _DETAILS, _DT, _DD, _HIDDEN, _NOSCRIPT, _DIALOG = (
    1 << AROUND_TAGS.index(tag)
    for tag in ("button", "summary", "details", "dt", "dd", "hidden", "noscript", "dialog")
)
_NOT_SHOWN = _HIDDEN | _NOSCRIPT | _DIALOG
_FAQ, _TOGGLE = tags.BITS["faq"], tags.BITS["toggle"]
_HEAD_BLOCKS = 4
_FEW_BLOCKS = 12  # of a page too short to show the model what is its title
_MAX_HIDDEN_SHARE, _MAX_HIDDEN_BELOW_TITLE = 0.5, 0.7
_BUTTON_CHARS = 25
_QUESTION_MARK = ord("?")
REPEATED_CHARS = 80
"""Of a text that is told to stand twice on its page."""
_TOGGLE_CHARS, _TOGGLE_LEVELS, _TWIN_BLOCKS = 200, 3, 60


@jit
def toggled_items(nodes: Any, blocks: Any) -> Any:
    """Return, for each block that a toggle opens, the element that holds both, else -1; i64 [blocks].

    A toggle has `aria-expanded`, and there is another of its shape. What it opens stands behind it, in
    an element around both that holds no other toggle before it.
    """
    n = blocks.shape[0]
    items = np.full(n, -1, dtype=np.int64)
    shapes = np.full(n, -1, dtype=np.int64)
    for k in range(n):
        shapes[k] = _toggle(nodes, blocks, k)
    for k in range(n - 1):
        if shapes[k] < 0 or shapes[k + 1] >= 0 or not _has_twin(nodes, blocks, shapes, k):
            continue
        item = blocks[k, Block.NODE] if shapes[k] == 0 else nodes[shapes[k], Node.PARENT]
        levels = 0
        while levels < _TOGGLE_LEVELS and item > 0 and not is_inside(nodes, blocks[k + 1, Block.NODE], item):
            item = nodes[item, Node.PARENT]
            levels += 1
        behind = k + 1
        while behind < n and shapes[behind] < 0 and is_inside(nodes, blocks[behind, Block.NODE], item):
            if item > 0 and levels < _TOGGLE_LEVELS:
                items[behind] = item * n + k
            behind += 1
    return items


@jit_in_place
def _toggle(nodes: Any, blocks: Any, k: int) -> Any:
    """Return the element that a block is the whole text of and that opens another, 0: inline, -1: none."""
    node = blocks[k, Block.NODE]
    if blocks[k, Block.CHARS] > _TOGGLE_CHARS:
        return -1
    if blocks[k, Block.FLAGS] & _TOGGLE:
        return 0
    if not (nodes[node, Node.FLAGS] | nodes[node, Node.ABOVE]) & _TOGGLE:
        return -1
    while node > 0 and not nodes[node, Node.FLAGS] & _TOGGLE:
        node = nodes[node, Node.PARENT]
    return node if nodes[node, Node.BLOCKS] == 1 else -1


@jit_in_place
def _has_twin(nodes: Any, blocks: Any, shapes: Any, k: int) -> bool:
    """Return whether another toggle near by stands in the same tags and classes; its own may say "open"."""
    path = _shape_around(nodes, blocks, shapes, k)
    for other in range(max(0, k - _TWIN_BLOCKS), min(shapes.shape[0], k + _TWIN_BLOCKS)):
        if other != k and shapes[other] >= 0 and _shape_around(nodes, blocks, shapes, other) == path:
            return True
    return False


@jit_in_place
def _shape_around(nodes: Any, blocks: Any, shapes: Any, k: int) -> Any:
    node = shapes[k] if shapes[k] > 0 else blocks[k, Block.NODE]
    return nodes[nodes[node, Node.PARENT] if shapes[k] > 0 else node, Node.PATH]


@jit_in_place
def is_button_text(nodes: Any, blocks: Any, k: int) -> bool:
    """Return whether a block is what a button says, and no heading."""
    node = nodes[blocks[k, Block.NODE]]
    return (
        (node[Node.AROUND] & _BUTTON) != 0
        and blocks[k, Block.CHARS] < _BUTTON_CHARS
        and not node[Node.HEADING]
    )


@jit_in_place
def asks(nodes: Any, blocks: Any, k: int) -> bool:
    """Return whether a button is a question that opens its answer, the text behind it."""
    if blocks[k, Block.LAST] != _QUESTION_MARK or blocks[k, Block.WORDS] < 2 or k + 1 == blocks.shape[0]:
        return False
    return (nodes[blocks[k + 1, Block.NODE], Node.AROUND] & _BUTTON) == 0 and (
        blocks[k + 1, Block.CHARS] > blocks[k, Block.CHARS] // 2
    )


@jit
def join_heads(nodes: Any, blocks: Any, items: Any, out: Any) -> None:
    """Let what names or opens stay where what it opens stays: <summary>, <dt>, a short page's <h1>."""
    titled = out.shape[0] > _FEW_BLOCKS
    for k in range(out.shape[0] - 1):
        node = nodes[blocks[k, Block.NODE]]
        if node[Node.HEADING] == 1 and not titled:
            titled = True
            for behind in range(k + 1, min(out.shape[0], k + _HEAD_BLOCKS)):
                out[k] = max(out[k], out[behind])
        if node[Node.AROUND] & _BUTTON and not node[Node.HEADING] and asks(nodes, blocks, k):
            out[k] = out[k + 1]
        if items[k] < 0 <= items[k + 1] or (items[k + 1] >= 0 and items[k] != items[k + 1]):
            out[k] = max(out[k], out[k + 1])  # what opens the text behind it
        if not node[Node.AROUND] & (_SUMMARY | _DT):
            continue
        behind = k + 1
        while behind < out.shape[0] - 1 and nodes[blocks[behind, Block.NODE], Node.AROUND] & (_SUMMARY | _DT):
            behind += 1
        around = nodes[blocks[behind, Block.NODE], Node.AROUND]
        if around & (_DETAILS | _DD) and behind - k < _HEAD_BLOCKS:
            out[k] = max(out[k], out[behind])


@jit
def drop_hidden(nodes: Any, blocks: Any, again: Any, items: Any, out: Any) -> None:
    """Drop what the page does not show, unless that is much of its text or opens on a click."""
    hidden = total = 0.0
    is_titled = False
    for k in range(out.shape[0]):
        mass = out[k] * (blocks[k, Block.CHARS] + blocks[k, Block.SLOT_CHARS])
        total += mass
        if nodes[blocks[k, Block.NODE], Node.AROUND] & _NOT_SHOWN:
            hidden += mass
        elif nodes[blocks[k, Block.NODE], Node.HEADING] == 1:
            is_titled = True
    if hidden > (_MAX_HIDDEN_BELOW_TITLE if is_titled else _MAX_HIDDEN_SHARE) * total:
        return
    for k in range(out.shape[0]):
        node = nodes[blocks[k, Block.NODE]]
        if k and asks(nodes, blocks, k - 1) and nodes[blocks[k - 1, Block.NODE], Node.AROUND] & _BUTTON:
            continue
        if items[k] >= 0:
            continue
        if again[k, 0] > again[k, 1] and blocks[k, Block.CHARS] >= REPEATED_CHARS:
            continue  # the only one of its kind that stayed
        if node[Node.AROUND] & _NOT_SHOWN and not (node[Node.FLAGS] | node[Node.ABOVE]) & _FAQ:
            out[k] = 0
