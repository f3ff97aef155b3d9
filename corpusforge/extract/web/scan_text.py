"""The scanner's state, and how it takes text: white space runs together, entities are decoded."""

from __future__ import annotations

from typing import Any

from corpusforge.compiled import jit_in_place
from corpusforge.extract.web import tags
from corpusforge.extract.web.blocks import Block

POS, OUT, NODE, BLOCKS, NODES, SKIP, LINK, STACK, SPACE, PRE, BREAKS, FLAGS = range(12)
STATES = 12


@jit_in_place
def take_text(src: Any, n: int, slot_chars: Any, st: Any, blocks: Any, out: Any, classes: Any) -> None:
    """Take text up to the next tag: white space runs together, four entities are decoded."""
    i = st[POS]
    if st[SKIP]:
        _skip_text(src, n, st)
        return
    row = blocks[st[BLOCKS]]
    o, space, pre, link = st[OUT], st[SPACE], st[PRE], st[LINK]
    first, chars = o, 0
    while i < n:
        c = src[i]
        kind = classes[c]
        if kind == tags.OTHER and not space:  # most bytes
            out[o] = c
            o += 1
            i += 1
            chars += 1
            continue
        if kind == tags.LESS:
            break
        i += 1
        if kind == tags.AMPERSAND:
            c, i = _entity(src, i, n)
            kind = tags.SPACE if c == 32 else tags.OTHER
        if kind == tags.SPACE:
            space = 2 if pre and c == 10 else max(space, 1)
            continue
        if space:
            if o > row[Block.START] and out[o - 1] != 9 and out[o - 1] != 10:
                out[o] = 10 if space == 2 else 32
                o += 1
                row[Block.WORDS] += 1
            space = 0
        out[o] = c
        o += 1
        chars += kind != tags.CONTINUATION
        if kind != tags.OTHER:
            _count(kind, row, out, first, o)
            if kind == tags.SLOT:
                row[Block.SLOT_CHARS] += _slot_length(src, i, n, slot_chars)
    row[Block.CHARS] += chars
    if chars:
        st[BREAKS] = 0
        row[Block.LAST] = out[o - 1]
        row[Block.FLAGS] |= st[FLAGS]
        if link:
            row[Block.LINK_CHARS] += chars
    st[POS], st[OUT], st[SPACE] = i, o, space


@jit_in_place
def _skip_text(src: Any, n: int, st: Any) -> None:
    i = st[POS]
    while i < n and src[i] != 60:
        i += 1
    st[POS] = i


@jit_in_place
def _count(kind: int, row: Any, out: Any, first: int, o: int) -> None:
    """Count the byte before `o` if it is a full stop, a capital or a digit."""
    if kind == tags.STOP:
        row[Block.STOPS] += 1
    elif kind == tags.UPPER:
        row[Block.UPPER] += 1
    elif kind == tags.DIGIT:
        row[Block.DIGITS] += 1
    elif kind == tags.CONTINUATION and out[o - 1] == 0x82:
        if o - 3 >= first and out[o - 2] == 0x80 and out[o - 3] == 0xE3:
            row[Block.STOPS] += 1  # the ideographic full stop, U+3002


@jit_in_place
def _entity(src: Any, i: int, n: int) -> Any:
    """Return (byte, position behind) of the entity whose `&` stands before `i`."""
    if i + 2 < n and src[i + 1] == 116 and src[i + 2] == 59:
        if src[i] == 108:
            return 60, i + 3
        if src[i] == 103:
            return 62, i + 3
    if i + 3 < n and src[i] == 97 and src[i + 1] == 109 and src[i + 2] == 112 and src[i + 3] == 59:
        return 38, i + 4
    if i + 4 < n and src[i] == 110 and src[i + 1] == 98 and src[i + 2] == 115 and src[i + 4] == 59:
        return 32, i + 5
    return 38, i


@jit_in_place
def _slot_length(src: Any, i: int, n: int, slot_chars: Any) -> Any:
    """Return the length of what a slot stands for whose `z` was at `i - 1`, 0 for other words."""
    if i + 3 >= n or src[i] != 113 or src[i + 1] != 120 or src[i + 2] != 106:
        return 0
    i += 3
    while i < n and src[i] == 106:
        i += 1
    number, digits = 0, 0
    while i < n and 48 <= src[i] <= 57 and digits < 9:
        number = number * 10 + src[i] - 48
        digits += 1
        i += 1
    if digits == 0 or i >= n or src[i] != 101 or number >= slot_chars.shape[0]:
        return 0
    return slot_chars[number]


@jit_in_place
def flush(st: Any, nodes: Any, blocks: Any, out: Any) -> None:
    """End the block being gathered, if it has text."""
    row = blocks[st[BLOCKS]]
    end = st[OUT]
    while end > row[Block.START] and out[end - 1] <= 32:
        end -= 1
    st[SPACE] = st[BREAKS] = 0
    if end > row[Block.START]:
        row[Block.NODE], row[Block.END] = st[NODE], end
        row[Block.WORDS] += 1
        st[BLOCKS] += 1
        st[OUT] = end
        row = blocks[st[BLOCKS]]
    else:
        st[OUT] = row[Block.START]
        row[:] = 0
    row[Block.START] = st[OUT]
