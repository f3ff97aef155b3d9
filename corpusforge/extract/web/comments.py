"""What readers say below an article: by class names, or by a heading that counts or names comments.

A section of an article may have such a name, too ("Comments" in a style guide, "HTTP responses"): so the
heading is to count them, or a line below it to say when one was written.
"""

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
_DATED_CHARS = 80  # of a line that says when


@jit
def drop_comments(nodes: Any, blocks: Any, text: Any, heads: Any, out: Any) -> None:
    """Drop comments where they end a text that is not small beside them. `heads`: blocks that name them."""
    is_comment = np.zeros(out.shape[0], dtype=np.uint8)
    for k in range(out.shape[0]):
        is_comment[k] = _is_comment(nodes, blocks, k)
    _mark_below_head(nodes, blocks, text, heads, is_comment)
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
def _mark_below_head(nodes: Any, blocks: Any, text: Any, heads: Any, is_comment: Any) -> None:
    """Mark what stands below the only heading that names comments, in what holds it, if some are told."""
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
    is_told, stop = _has_digit(blocks, text, head), head
    for k in range(head, heads.shape[0]):
        node = blocks[k, Block.NODE]
        while node > around:
            node = nodes[node, Node.PARENT]
        if node != around:
            break
        stop = k + 1
        is_told = is_told or _says_when(blocks, text, k)
    if is_told:
        is_comment[head:stop] = 1


@jit_in_place
def _has_digit(blocks: Any, text: Any, k: int) -> bool:
    for i in range(blocks[k, Block.START], blocks[k, Block.END]):
        if 48 <= text[i] <= 57:
            return True
    return False


@jit_in_place
def _says_when(blocks: Any, text: Any, k: int) -> bool:
    """Return whether a short block holds a year of ours or a time of day."""
    if blocks[k, Block.CHARS] > _DATED_CHARS:
        return False
    n_digits, first = 0, 0
    for i in range(blocks[k, Block.START], blocks[k, Block.END] + 1):
        if i < blocks[k, Block.END] and 48 <= text[i] <= 57:
            first = i if n_digits == 0 else first
            n_digits += 1
            continue
        if n_digits == 4 and (
            (text[first] == 49 and text[first + 1] == 57) or (text[first] == 50 and text[first + 1] == 48)
        ):
            return True
        if n_digits == 2 and text[first - 1] == 58 and 48 <= text[first - 2] <= 57:
            return True
        n_digits = 0
    return False
