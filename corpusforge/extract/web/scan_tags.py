"""What tags do to the scanner: they end blocks, open elements, hide text."""

from __future__ import annotations

from typing import Any

import numpy as np

from corpusforge.compiled import jit_in_place
from corpusforge.extract.web import tags
from corpusforge.extract.web.blocks import AROUND_TAGS, Block, Node
from corpusforge.extract.web.scan_text import (
    BLOCKS,
    BREAKS,
    FLAGS,
    LINK,
    NODE,
    NODES,
    OUT,
    POS,
    PRE,
    SKIP,
    SPACE,
    STACK,
    flush,
)

_CELL_CHARS = 160  # a cell with more text is laid out, not tabulated
_NUMBER_DIGITS = 6  # of an item of a list, at most
_HIDDEN_BIT = 1 << (len(AROUND_TAGS) - 1)
_A, _HR, _PRE_TAG = tags.IDS["a"], tags.IDS["hr"], tags.IDS["pre"]
_TEMPLATE = tags.IDS["template"]
_UL, _OL, _LI, _TR, _H1, _H6 = (tags.IDS[name] for name in ("ul", "ol", "li", "tr", "h1", "h6"))
_TD, _TABLE = tags.IDS["td"], tags.IDS["table"]
_TOGGLE, _SIGNUP, _RULE_BITS = tags.BITS["toggle"], tags.BITS["signup"], tags.RULE_BITS
ATTRIBUTES = 9
_STYLE_SHIFT = tags.STYLE_SHIFT


@jit_in_place
def end_tag(src: Any, n: int, st: Any, stack: Any, nodes: Any, blocks: Any, out: Any) -> None:
    """Read an end tag: what its start tag did, and all left open since, is undone."""
    i = st[POS] + 2
    value = np.int64(0x811C9DC5)
    while i < n and src[i] != 62:
        value = ((value ^ src[i]) * 0x01000193) & 0xFFFFFFFF
        i += 1
    st[POS] = i + 1
    top = st[STACK] - 1
    while top >= 0 and stack[top, 0] != value:
        top -= 1
    if top < 0:
        return
    while st[STACK] > top:
        st[STACK] -= 1
        _close(st, stack[st[STACK], 1], stack[st[STACK], 2], nodes, blocks, out)


@jit_in_place
def _close(st: Any, kind: int, undo: int, nodes: Any, blocks: Any, out: Any) -> None:
    """Undo what a start tag did; `undo` has bits 1 skip, 2 link, 4 pre, and flags above."""
    if kind == tags.BLOCK:
        flush(st, nodes, blocks, out)
        st[NODE] = nodes[st[NODE], Node.PARENT]
    elif kind == tags.CELL:
        _end_cell(st, nodes, blocks, out)
        st[NODE] = nodes[st[NODE], Node.PARENT]
    if undo & 1:
        st[SKIP] -= 1
    if undo & 2:
        st[LINK] -= 1
    if undo & 4:
        st[PRE] -= 1
    if kind == tags.INLINE:
        st[FLAGS] = undo >> 3


@jit_in_place
def _end_cell(st: Any, nodes: Any, blocks: Any, out: Any) -> None:
    """Part table cells by a tab, or end the block where a cell is no cell of a table."""
    row = blocks[st[BLOCKS]]
    if st[OUT] == row[Block.START]:
        if not st[SKIP] and nodes[nodes[st[NODE], Node.PARENT], Node.TAG] == _TR:
            out[st[OUT]] = 9  # an empty cell before others keeps its place
            st[OUT] += 1
            row[Block.CELLS] += 1
            st[SPACE] = 0
        return
    start = st[OUT]
    while start > row[Block.START] and out[start - 1] != 9:
        start -= 1
    if st[OUT] - start > _CELL_CHARS or row[Block.BREAKS] > 2:
        flush(st, nodes, blocks, out)
        return
    if row[Block.NODE] == 0:
        row[Block.NODE] = st[NODE]
    out[st[OUT]] = 9
    st[OUT] += 1
    row[Block.CELLS] += 1
    st[SPACE] = 0


@jit_in_place
def _tag_name(src: Any, i: int, n: int, hashes: Any, numbers: Any, kinds: Any) -> Any:
    """Return (position behind, hash, number, kind) of the tag whose name begins at `i`."""
    value, is_custom = np.int64(0x811C9DC5), False
    while i < n and src[i] != 62 and src[i] > 32:
        value = ((value ^ src[i]) * 0x01000193) & 0xFFFFFFFF
        is_custom |= src[i] == 45
        i += 1
    place = value % hashes.shape[0]
    while hashes[place] != 0 and hashes[place] != value:
        place = (place + 1) % hashes.shape[0]
    if hashes[place] == value:
        return i, value, numbers[place], kinds[numbers[place]]
    return (
        i,
        value,
        np.int64(0),
        np.int64(tags.BLOCK if is_custom else tags.INLINE),
    )  # custom ones hold parts of pages


@jit_in_place
def start_tag(
    src: Any, n: int, st: Any, attr: Any, stack: Any, nodes: Any, blocks: Any, out: Any,
    hashes: Any, numbers: Any, kinds: Any, following: Any, found: Any, bits: Any,
) -> None:  # fmt: skip
    """Read a start tag and its attributes, and do what the tag does."""
    first = st[POS] + 1
    i, value, number, kind = _tag_name(src, first, n, hashes, numbers, kinds)
    attr[:] = 0
    st[POS] = _attributes(src, i, n, attr, following, found)
    if kind == tags.VOID:
        if attr[7]:
            nodes[st[NODE], Node.FLAGS] |= _SIGNUP
        return
    if attr[6] and kind != tags.CELL and number != _TR and number != _TABLE:
        number, kind = _part_of_table(attr[6], number, kind)
    if number == _TEMPLATE and attr[4]:
        kind = np.int64(tags.BLOCK)  # a shadow root that the page declares, and shows
    if kind == tags.BREAK:
        _line_break(st, number == _HR, nodes, blocks, out)
        return
    undo = 0
    if kind == tags.SKIPPED or kind == tags.RAW or (attr[1] & 1 and kind == tags.INLINE):
        undo |= 1
        st[SKIP] += 1
    if kind == tags.RAW:
        st[POS] = _after_raw(src, st[POS], n, first, i)
    if number == _A and attr[5]:  # an anchor that leads nowhere is no link, and may be left open for good
        undo |= 2
        st[LINK] += 1
    if number == _PRE_TAG:
        undo |= 4
        st[PRE] += 1
    if kind == tags.BLOCK:
        flush(st, nodes, blocks, out)
    if kind == tags.BLOCK or kind == tags.CELL:
        _open_node(st, number, attr, nodes, bits)
    else:
        undo |= st[FLAGS] << 3
        if number != _A or attr[5]:
            st[FLAGS] |= attr[0]
        if number == _A and attr[5] and not st[SKIP]:
            blocks[st[BLOCKS], Block.LINKS] += 1
    stack[st[STACK], 0], stack[st[STACK], 1], stack[st[STACK], 2] = value, kind, undo
    st[STACK] += 1


@jit_in_place
def _part_of_table(role: int, number: int, kind: int) -> Any:
    """Return (tag number, kind) of an element that says that it is a table, a row or a cell."""
    if role == 3:
        return np.int64(_TABLE), np.int64(tags.BLOCK)
    if role == 2:
        return np.int64(_TR), np.int64(tags.BLOCK)
    return np.int64(_TD), np.int64(tags.CELL)


@jit_in_place
def _line_break(st: Any, rule: bool, nodes: Any, blocks: Any, out: Any) -> None:
    """Take `<br>`: the second in a row ends the block, and so does a rule."""
    if st[SKIP]:
        return
    row = blocks[st[BLOCKS]]
    st[BREAKS] += 1
    if rule or st[BREAKS] > 1:
        flush(st, nodes, blocks, out)
    elif st[OUT] > row[Block.START]:
        out[st[OUT]] = 10
        st[OUT] += 1
        row[Block.BREAKS] += 1
        row[Block.WORDS] += 1
        st[SPACE] = 0


@jit_in_place
def _after_raw(src: Any, i: int, n: int, first: int, last: int) -> Any:
    """Return where the end tag of a raw element stands whose name is src[first:last]."""
    size = last - first
    while i + 2 + size < n:
        if src[i] == 60 and src[i + 1] == 47:
            same = True
            for k in range(size):
                if src[i + 2 + k] != src[first + k]:
                    same = False
                    break
            if same:
                return i
        i += 1
    return n


@jit_in_place
def _open_node(st: Any, number: int, attr: Any, nodes: Any, bits: Any) -> None:
    parent, row = nodes[st[NODE]], nodes[st[NODES]]
    row[Node.TAG], row[Node.PARENT], row[Node.FLAGS] = number, st[NODE], attr[0]
    row[Node.ABOVE] = parent[Node.ABOVE] | parent[Node.FLAGS]
    row[Node.AROUND] = parent[Node.AROUND] | bits[number]
    if attr[1]:
        row[Node.AROUND] |= _HIDDEN_BIT
    row[Node.DEPTH] = parent[Node.DEPTH] + 1
    row[Node.HEADING] = number - _H1 + 1 if _H1 <= number <= _H6 else parent[Node.HEADING]
    row[Node.LISTS] = parent[Node.LISTS] + (number == _UL or number == _OL)
    row[Node.ITEM], row[Node.ROW] = parent[Node.ITEM], parent[Node.ROW]
    if number == _LI:
        row[Node.ITEM] = st[NODES]
        if parent[Node.TAG] == _OL:
            style = (parent[Node.NUMBER] + 1) >> _STYLE_SHIFT << _STYLE_SHIFT
            parent[Node.NUMBER] = style + attr[3] - 1 if attr[3] else parent[Node.NUMBER] + 1
            row[Node.NUMBER] = parent[Node.NUMBER] + 1
    elif number == _OL:
        row[Node.NUMBER] = (attr[3] - 2 if attr[3] else 0) + (attr[8] << _STYLE_SHIFT)
    elif number == _TR:
        row[Node.ROW] = st[NODES]
    row[Node.PATH] = (parent[Node.PATH] * 31 + number * 1000003 + attr[2]) & 0x7FFFFFFF
    st[NODE] = st[NODES]
    st[NODES] += 1


@jit_in_place
def _attributes(src: Any, i: int, n: int, attr: Any, following: Any, found: Any) -> Any:
    """Read attributes from `i`; return where the tag has ended.

    `attr`: flags, hidden, class hash, one more than the number of `start` or `value` (0 for none),
    whether it declares a shadow root, whether it has a `href`, its part of a table by `role` (1 cell, 2 row,
    3 table), whether it is a field for an e-mail address, how items are numbered (1 a, 2 A, 3 i, 4 I).
    """
    while i < n and src[i] != 62:
        if src[i] <= 32 or src[i] == 47:
            i += 1
            continue
        name = i
        while i < n and src[i] != 61 and src[i] != 62 and src[i] > 32:
            i += 1
        size = i - name
        start = end = i
        if i + 1 < n and src[i] == 61 and src[i + 1] == 34:
            start = end = i + 2
            while end < n and src[end] != 34:
                end += 1
            i = end + 1
        elif i < n and src[i] == 61:
            i += 1
        c = src[name]
        if (size == 5 and c == 99 and src[name + 1] == 108) or (
            size == 2 and c == 105 and src[name + 1] == 100
        ):
            _words(src, start, end, attr, following, found, size == 5)  # class, id
        elif size == 4 and c == 104 and src[name + 1] == 114 and src[name + 2] == 101:
            attr[5] = 1  # href
        elif size == 4 and c == 114 and src[name + 1] == 111:
            _words(src, start, end, attr, following, found, False)  # role
            attr[6] = _role(src, start, end)
        elif size == 4 and c == 116 and src[name + 1] == 121:
            _type(src, start, end, attr)
        elif size == 13 and c == 97 and src[name + 5] == 101:
            attr[0] |= _TOGGLE  # aria-expanded
        elif size == 9 and c == 100 and src[name + 5] == 114:
            before = attr[0]
            _words(src, start, end, attr, following, found, False)  # data-role
            attr[0] = before | (attr[0] & _RULE_BITS)
        elif size == 5 and c == 115 and src[name + 1] == 116 and src[name + 2] == 121:
            attr[1] |= _is_hidden_style(src, start, end)
            if end - start >= 16:
                _list_style(src, start, end, attr)
        elif size == 5 and (
            (c == 115 and src[name + 1] == 116 and src[name + 2] == 97) or (c == 118 and src[name + 1] == 97)
        ):
            attr[3] = _number(src, start, end) + 1  # start, value
        elif size == 6 and c == 104 and src[name + 1] == 105 and src[name + 2] == 100:
            attr[1] |= 1  # hidden
        elif size == 11 and c == 97 and src[name + 5] == 104 and end - start == 4 and src[start] == 116:
            attr[1] |= 2  # aria-hidden="true": inside a line it is seen all the same
        elif size >= 10 and c == 115 and src[name + 1] == 104 and src[name + 6] == 114:
            attr[4] = 1  # shadowroot, shadowrootmode
    return min(i + 1, n)


@jit_in_place
def _words(src: Any, i: int, end: int, attr: Any, following: Any, found: Any, classes: bool) -> None:
    """Look for the known words in an attribute's value; add a class to the hash, without its digits."""
    state = following[26]
    flags, value = attr[0], attr[2]
    for k in range(i, end):
        c = src[k]
        state = following[state + tags.SYMBOLS[c]]
        flags |= found[state >> 5]
        if classes and not 48 <= c <= 57:
            value = (value * 33 + c) & 0xFFFFFFFFFF
    attr[0] = flags | found[following[state + 26] >> 5]
    attr[2] = value


@jit_in_place
def _number(src: Any, i: int, end: int) -> Any:
    """Return the whole number that an attribute's value is, or -1."""
    if i == end or end - i > _NUMBER_DIGITS:
        return -1
    value = 0
    for k in range(i, end):
        if not 48 <= src[k] <= 57:
            return -1
        value = 10 * value + src[k] - 48
    return value


@jit_in_place
def _role(src: Any, i: int, end: int) -> Any:
    """Return 1 for the role of a cell, 2 for a row's, 3 for a table's, else 0."""
    size = end - i
    if size == 3 and src[i] == 114 and src[i + 1] == 111 and src[i + 2] == 119:
        return 2
    if (size == 4 or size == 8) and src[end - 4] == 99 and src[end - 3] == 101 and src[end - 1] == 108:
        return 1  # cell, gridcell
    if (size == 12 or size == 9) and src[end - 6] == 104 and src[end - 5] == 101 and src[end - 1] == 114:
        return 1  # columnheader, rowheader
    if size == 5 and src[i] == 116 and src[i + 1] == 97 and src[i + 2] == 98 and src[i + 4] == 101:
        return 3
    return 3 if size == 4 and src[i] == 103 and src[i + 1] == 114 and src[i + 3] == 100 else 0  # grid


@jit_in_place
def _type(src: Any, i: int, end: int, attr: Any) -> None:
    """Note the type of a field for e-mail addresses, or of an ordered list."""
    if end - i == 5 and src[i] == 101 and src[i + 1] == 109:
        attr[7] = 1
    elif end - i == 1:
        attr[8] = (src[i] == 97) + 2 * (src[i] == 65) + 3 * (src[i] == 105) + 4 * (src[i] == 73)


@jit_in_place
def _list_style(src: Any, i: int, end: int, attr: Any) -> None:
    """Note how a style numbers items: `lower-alpha`, `upper-latin`, `lower-roman` and their like."""
    for k in range(i + 5, end - 4):
        if src[k] != 45 or src[k - 1] != 114 or src[k - 2] != 101:
            continue  # lower-, upper-
        is_upper = src[k - 5] == 117
        if src[k + 1] == 114 and src[k + 2] == 111 and src[k + 3] == 109:
            attr[8] = 3 + is_upper
        elif (src[k + 1] == 97 and src[k + 2] == 108) or (src[k + 1] == 108 and src[k + 2] == 97):
            attr[8] = 1 + is_upper


@jit_in_place
def _is_hidden_style(src: Any, i: int, end: int) -> Any:
    """Return 1 for a style that holds `display: none` or `visibility: hidden`."""
    while i + 4 < end:
        if src[i] == 58:
            k = i + 1
            while k < end and src[k] <= 32:
                k += 1
            before = i
            while before > 0 and src[before - 1] <= 32:
                before -= 1
            if (
                k + 4 <= end
                and src[k] == 110
                and src[k + 1] == 111
                and src[k + 2] == 110
                and src[k + 3] == 101
            ):
                if src[before - 1] == 121 and src[before - 2] == 97 and src[before - 3] == 108:
                    return 1  # display
            if k + 6 <= end and src[k] == 104 and src[k + 1] == 105 and src[k + 2] == 100:
                if src[before - 1] == 121 and src[before - 2] == 116:
                    return 1  # visibility
        i += 1
    return 0
