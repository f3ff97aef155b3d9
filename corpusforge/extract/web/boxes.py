"""Boxes beside a text, told by what their elements are: letters on offer, page turners, sizes."""

from __future__ import annotations

from typing import Any

from corpusforge.compiled import jit_in_place
from corpusforge.extract.web import tags
from corpusforge.extract.web.blocks import Block, Node

_SIGNUP, _PAGER = tags.BITS["signup"], tags.BITS["pager"]
_SIGNUP_CHARS, _SIGNUP_SHARE = 200, 0.2  # of a box that asks for an address, and of the page
_MAX_SIGNUPS = 8


@jit_in_place
def link_share(blocks: Any, k: int) -> float:
    """Return the share of a block's characters that stand in links."""
    return blocks[k, Block.LINK_CHARS] / max(1, blocks[k, Block.CHARS])


@jit_in_place
def is_in_box(nodes: Any, node: int, flag: int, most: float) -> bool:
    """Return whether the next element around with a word is one, and no more than a share of the page."""
    if not (nodes[node, Node.FLAGS] | nodes[node, Node.ABOVE]) & flag:
        return False
    while node > 0 and not nodes[node, Node.FLAGS] & flag:
        node = nodes[node, Node.PARENT]
    return nodes[node, Node.CHARS] <= most * nodes[0, Node.CHARS]


@jit_in_place
def drop_boxes(nodes: Any, blocks: Any, out: Any) -> None:
    """Drop what turns pages, and small boxes that ask for an e-mail address, all that they say."""
    for k in range(out.shape[0]):
        node = nodes[blocks[k, Block.NODE]]
        if (node[Node.FLAGS] | node[Node.ABOVE]) & _PAGER:
            out[k] = 0
    boxes = 0
    for field in range(1, nodes.shape[0]):
        if not nodes[field, Node.FLAGS] & _SIGNUP:
            continue
        boxes += 1
        if boxes > _MAX_SIGNUPS:
            return
        _drop_signup(nodes, blocks, field, out)


@jit_in_place
def _drop_signup(nodes: Any, blocks: Any, box: int, out: Any) -> None:
    """Drop the largest small box around a field for an address, unless it holds a title or is one of many."""
    most = min(_SIGNUP_CHARS, _SIGNUP_SHARE * nodes[0, Node.CHARS])
    if nodes[box, Node.CHARS] > most:
        return
    while nodes[box, Node.PARENT] > 0 and nodes[nodes[box, Node.PARENT], Node.CHARS] <= most:
        box = nodes[box, Node.PARENT]
    first = stop = 0
    for k in range(out.shape[0]):
        node = blocks[k, Block.NODE]
        while node > box:
            node = nodes[node, Node.PARENT]
        if node == box:
            level = nodes[blocks[k, Block.NODE], Node.HEADING]
            if level == 1 or (level > 1 and stop == 0 and _has_sibling(nodes, box)):
                return
            first = k if stop == 0 else first
            stop = k + 1
    for k in range(first, stop):
        out[k] = 0


@jit_in_place
def _has_sibling(nodes: Any, box: int) -> bool:
    """Return whether another element of the same tags and classes stands beside one."""
    for node in range(1, nodes.shape[0]):
        if node != box and nodes[node, Node.PARENT] == nodes[box, Node.PARENT]:
            if nodes[node, Node.PATH] == nodes[box, Node.PATH] and nodes[node, Node.BLOCKS] > 1:
                return True
    return False
