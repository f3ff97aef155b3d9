"""What readers say below an article: by class names, or by a heading that counts or names comments."""

from __future__ import annotations

from typing import Any

import numpy as np

from corpusforge.compiled import jit, jit_in_place
from corpusforge.extract.web import tags
from corpusforge.extract.web.blocks import Block, Node
from corpusforge.extract.web.boxes import is_in_box, link_share

_SAID_COMMENT, _SAID_FORUM = tags.BITS["comment"] | tags.BITS["comments"], tags.BITS["forum"]
_LARGE_BOX = 0.95  # of a page's text
_FIRST_COMMENTS = 0.02  # of the comments; what stands before is no part of them
_LEAST_TEXT, _MOST_BEHIND = 0.03, 0.3  # shares of the comments, of the text before
_PROSE_CHARS = 40


@jit
def drop_comments(nodes: Any, blocks: Any, heads: Any, out: Any) -> None:
    """Drop comments where they end a text that is not small beside them. `heads`: blocks that name them."""
    is_comment = np.zeros(out.shape[0], dtype=np.uint8)
    for k in range(out.shape[0]):
        is_comment[k] = _is_comment(nodes, blocks, k)
    _mark_below_head(nodes, blocks, heads, is_comment)
    inside = passed = before = behind = 0.0
    for k in range(out.shape[0]):
        inside += out[k] * blocks[k, Block.CHARS] * is_comment[k]
    is_prose = False
    for k in range(out.shape[0]):
        mass = out[k] * blocks[k, Block.CHARS]
        if is_comment[k]:
            passed += mass
        elif passed > _FIRST_COMMENTS * inside:
            behind += mass
        else:
            before += mass
            if out[k] > 0.5 and blocks[k, Block.CHARS] >= _PROSE_CHARS and blocks[k, Block.STOPS] > 0:
                is_prose = is_prose or link_share(blocks, k) < 0.5
    if inside == 0 or not is_prose or before < _LEAST_TEXT * inside or behind > _MOST_BEHIND * before:
        return
    for k in range(out.shape[0]):
        if is_comment[k]:
            out[k] = 0


@jit_in_place
def _is_comment(nodes: Any, blocks: Any, k: int) -> bool:
    node = blocks[k, Block.NODE]
    is_post = (nodes[node, Node.FLAGS] | nodes[node, Node.ABOVE]) & _SAID_FORUM
    return not is_post and is_in_box(nodes, node, _SAID_COMMENT, _LARGE_BOX)


@jit_in_place
def _mark_below_head(nodes: Any, blocks: Any, heads: Any, is_comment: Any) -> None:
    """Mark what stands below the only heading that names comments, in what holds it."""
    head = -1
    for k in range(1, heads.shape[0]):
        if heads[k] and nodes[blocks[k, Block.NODE], Node.HEADING] > 1:
            if head >= 0:
                return
            head = k
    if head < 0 or nodes[blocks[head, Block.NODE], Node.ABOVE] & _SAID_FORUM:
        return
    around = blocks[head, Block.NODE]
    while around > 0 and nodes[around, Node.BLOCKS] == 1:
        around = nodes[around, Node.PARENT]
    for k in range(head, heads.shape[0]):
        node = blocks[k, Block.NODE]
        while node > around:
            node = nodes[node, Node.PARENT]
        if node == around:
            is_comment[k] = 1
