"""Threads of forums, by structure: short posts stay with long ones, quotations of posts above go."""

from __future__ import annotations

from typing import Any

import numpy as np

from corpusforge.compiled import jit, jit_in_place
from corpusforge.extract.web.blocks import AROUND_TAGS, Block, Node

_QUOTED = 1 << AROUND_TAGS.index("blockquote")
_DT, _DD = 1 << AROUND_TAGS.index("dt"), 1 << AROUND_TAGS.index("dd")
_LEAST_POSTS, _LEVEL, _NEVER = 3, 0.35, 1e-6
_WORDS_OF_TEXT = 8  # a block; profiles and dates hold fewer
_ENDS = 48  # bytes at the end of a quotation that stood before
_FEWEST = 10
_SAID_CHARS = 90  # of a line in a quotation that says whose it is
_LOOK_BACK = 200_000  # bytes
_MAX_QUOTES = 300
_LABEL_CHARS = 60
_TERM_CHARS, _SAID_OF_EACH = 22, 2
_COLON = ord(":")


@jit
def level_posts(nodes: Any, blocks: Any, out: Any) -> None:
    """Raise the blocks that stand where posts do to the mean of those: a post of three words is one."""
    n = out.shape[0]
    order = np.argsort(nodes[blocks[:, Block.NODE], Node.PATH], kind="mergesort")
    start = 0
    for place in range(1, n + 1):
        path = nodes[blocks[order[start], Block.NODE], Node.PATH]
        if place < n and nodes[blocks[order[place], Block.NODE], Node.PATH] == path:
            continue
        level = weights = 0.0
        texts = 0
        for other in order[start:place]:
            chars = blocks[other, Block.CHARS]
            level += chars * out[other]
            weights += chars
            texts += blocks[other, Block.WORDS] >= _WORDS_OF_TEXT and out[other] > _LEVEL
        level /= max(1.0, weights)
        if place - start >= _LEAST_POSTS and level > _LEVEL and 3 * texts >= place - start:
            for other in order[start:place]:
                if out[other] > _NEVER and not blocks[other, Block.LINK_CHARS]:
                    out[other] = max(out[other], level)
        start = place


@jit
def drop_quotes(nodes: Any, blocks: Any, text: Any, labels: Any, out: Any) -> None:
    """Drop quotations whose end stood above, with the line that says whose they are.

    `labels`: blocks that say so, as "Originally Posted by"; the text behind one is a quotation.
    """
    quotes = 0
    for k in range(1, out.shape[0]):
        first = _said_from(blocks, text, k)
        is_quoted = nodes[blocks[k, Block.NODE], Node.AROUND] & _QUOTED or (labels[k - 1] and not labels[k])
        if not is_quoted or blocks[k, Block.END] - first < _FEWEST:
            continue
        quotes += 1
        if quotes > _MAX_QUOTES:
            return
        if _stood_before(text, first, blocks[k, Block.END]):
            out[k] = 0
            before = blocks[k - 1]
            if labels[k - 1]:
                out[k - 1] = 0
                if k > 1 and labels[k - 2]:
                    out[k - 2] = 0
            elif before[Block.LAST] == _COLON and before[Block.CHARS] <= _LABEL_CHARS:
                if nodes[before[Block.NODE], Node.AROUND] & _QUOTED:
                    out[k - 1] = 0


@jit_in_place
def _said_from(blocks: Any, text: Any, k: int) -> Any:
    """Return where the quoted words of a block begin: behind a colon near its start, else at it."""
    start, end = blocks[k, Block.START], blocks[k, Block.END]
    for i in range(start, min(start + _SAID_CHARS, end - _FEWEST)):
        if text[i] == _COLON and text[i + 1] <= 32:
            return i + 2
    return start


@jit_in_place
def _stood_before(text: Any, start: int, end: int) -> bool:
    """Return whether the last bytes of a block stand before it."""
    size = min(_ENDS, end - start)
    first = end - size
    for place in range(max(0, start - _LOOK_BACK), start - size + 1):
        same = 0
        while same < size and text[place + same] == text[first + same]:
            same += 1
        if same == size:
            return True
    return False


@jit
def drop_terms(nodes: Any, blocks: Any, again: Any, out: Any) -> None:
    """Drop what is told of each member in pairs: a short term that recurs, and what stands beside it."""
    for k in range(out.shape[0] - 1):
        if not nodes[blocks[k, Block.NODE], Node.AROUND] & _DT or blocks[k, Block.CHARS] > _TERM_CHARS:
            continue
        if again[k, 0] < _SAID_OF_EACH or not nodes[blocks[k + 1, Block.NODE], Node.AROUND] & _DD:
            continue
        if blocks[k + 1, Block.CHARS] < 2 * _TERM_CHARS:
            out[k] = out[k + 1] = 0
