"""Figures of a block that need the page as a whole: its title, dates, repetition, the last heading, prose.

None knows a language but for the words of `tags.SECTIONS`; letters of any script count.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpusforge.compiled import jit, jit_in_place
from corpusforge.extract.web import tags
from corpusforge.extract.web.blocks import Block, Node, Page

_REPEATED_LEVELS = 5
_SHARES = ("comment", "related", "forum", "product", "listing", "byline", "faq")
_N_SECTIONS = len(tags.SECTIONS)


def _names() -> tuple[str, ...]:
    names = ["bytes_per_char", "page_bytes_per_char", "first", "ends", "bars", "has_year", "has_time"]
    names += ["money", "date_before", "date_behind"]
    names += ["title_share", "title_cover", "after_title", "title_levels"]
    names += ["prose_before", "prose_behind", "is_first_prose", "is_last_prose", "prose_in_parent"]
    for level in range(_REPEATED_LEVELS):
        names += [f"repeated_up{level}", f"repeated_chars_up{level}", f"repeated_links_up{level}"]
    names += [f"section_{name}" for name in tags.SECTIONS]
    names += [f"headed_{name}" for name in tags.SECTIONS]
    names += ["since_heading", "heading_level", "section_chars"]
    names += [f"page_{group}" for group in _SHARES]
    names += ["page_money"]
    return tuple(names)


MORE_FEATURES: tuple[str, ...] = _names()
"""The columns, in order."""

_SHARE_BITS = np.array([tags.BITS[group] for group in _SHARES], dtype=np.int64)


def fill_more_features(page: Page, out: NDArray[np.float32], first: int) -> None:
    """Write the columns into f32 [blocks, …], the first of them at `first`."""
    text = np.frombuffer(page.text, dtype=np.uint8)
    title = np.frombuffer(page.title or b" ", dtype=np.uint8)
    following, found = tags.section_automaton()
    _fill(page.nodes, page.blocks, text, title, following, found, out, first)


@jit
def _fill(
    nodes: Any, blocks: Any, text: Any, title: Any, following: Any, found: Any, out: Any, first_column: int
) -> None:
    n = blocks.shape[0]
    marks = _marks(blocks, text)
    titles, title_block = _titles(nodes, blocks, text, title)
    prose = _prose(blocks)
    repeated = _repeated(nodes)
    page = _page_shares(nodes, blocks)
    said = np.zeros(n, dtype=np.int64)
    for k in range(n):
        said[k] = _sections(text, blocks[k, Block.START], blocks[k, Block.END], following, found)
    dates_before, dates_behind = _distances(marks[:, 3] + marks[:, 4] > 0)
    prose_before, prose_behind = _distances(prose)
    first, last = _ends(prose)
    headed, heading, heading_level, section_chars = 0, -1, 0, 0
    n_bytes, n_chars, money = 0, 0, 0
    for k in range(n):
        n_bytes += blocks[k, Block.END] - blocks[k, Block.START]
        n_chars += blocks[k, Block.CHARS]
        money += marks[k, 5] > 0
    for k in range(n):
        row, node = out[k, first_column:], blocks[k, Block.NODE]
        row[0] = (blocks[k, Block.END] - blocks[k, Block.START]) / max(1, blocks[k, Block.CHARS])
        row[1] = n_bytes / max(1, n_chars)
        for column in range(6):
            row[2 + column] = marks[k, column]
        row[8], row[9] = dates_before[k], dates_behind[k]
        row[10], row[11] = titles[k, 0], titles[k, 1]
        row[12], row[13] = 0.0, -1.0
        if title_block >= 0:
            row[12] = np.log1p(k - title_block) if k >= title_block else -np.log1p(title_block - k)
            row[13] = _levels(nodes, blocks[title_block, Block.NODE], node)
        row[14], row[15] = prose_before[k], prose_behind[k]
        row[16], row[17] = k == first, k == last
        parent = max(0, nodes[node, Node.PARENT])
        row[18] = nodes[parent, Node.STOPS] / max(1, nodes[parent, Node.BLOCKS])
        column = 19
        for _ in range(_REPEATED_LEVELS):
            row[column : column + 3] = repeated[max(0, node)]
            node = nodes[max(0, node), Node.PARENT]
            column += 3
        if nodes[blocks[k, Block.NODE], Node.HEADING]:
            headed, heading, section_chars = said[k], k, 0
            heading_level = nodes[blocks[k, Block.NODE], Node.HEADING]
        for group in range(_N_SECTIONS):
            row[column + group] = (said[k] >> group) & 1
            row[column + _N_SECTIONS + group] = (headed >> group) & 1
        column += 2 * _N_SECTIONS
        row[column] = np.log1p(k - heading) if heading >= 0 else -1
        row[column + 1] = heading_level
        row[column + 2] = np.log1p(section_chars)
        section_chars += blocks[k, Block.CHARS]
        row[column + 3 : column + 3 + len(_SHARES)] = page
        row[column + 3 + len(_SHARES)] = money / n


@jit_in_place
def _sections(text: Any, i: int, end: int, following: Any, found: Any) -> Any:
    """Return the groups of `tags.SECTIONS` in the first 120 bytes of a block that is short."""
    if end - i > 240:
        return 0
    state, flags = 0, 0
    for k in range(i, min(end, i + 120)):
        byte = text[k]
        if 65 <= byte <= 90:
            byte += 32
        state = following[(state << 8) + byte]
        flags |= found[state]
    return flags


@jit
def _marks(blocks: Any, text: Any) -> Any:
    """Return, for each block: kind of first and last byte, bars, a year, a time of day, money."""
    out = np.zeros((blocks.shape[0], 6), dtype=np.float32)
    for k in range(blocks.shape[0]):
        start, end = blocks[k, Block.START], blocks[k, Block.END]
        first, last = text[start], text[end - 1]
        out[k, 0] = (
            1 if 65 <= first <= 90 else 2 if 97 <= first <= 122 else 3 if 48 <= first <= 57 else
            4 if first >= 0x80 else 5
        )  # fmt: skip
        if last == 46 or last == 33 or last == 63:
            out[k, 1] = 1
        elif last == 58 or last == 0x9A:
            out[k, 1] = 2
        elif last == 0xA6 or (end - start > 3 and last == 46 and text[end - 2] == 46):
            out[k, 1] = 3
        elif last == 41 or last == 93:
            out[k, 1] = 4
        elif 48 <= last <= 57:
            out[k, 1] = 5
        elif last == 0x82:
            out[k, 1] = 6
        digits, value = 0, 0
        for i in range(start, min(end, start + 200)):
            byte = text[i]
            if 48 <= byte <= 57:
                digits += 1
                value = value * 10 + byte - 48 if digits < 6 else value
                if i + 1 < end and i + 1 < start + 200:
                    continue
            if digits == 4 and 1990 <= value <= 2035:
                out[k, 3] = 1
            if byte == 58 and 0 < digits < 3 and value < 24 and i + 2 < end:
                out[k, 4] = max(out[k, 4], 48 <= text[i + 1] <= 53 and 48 <= text[i + 2] <= 57)
            digits = value = 0
            if byte == 124 or byte == 187 or byte == 62:
                out[k, 2] += 1
            elif byte == 36 or (byte == 0xAC and text[i - 1] == 0x82) or (byte == 0xA3 and i > start):
                out[k, 5] = 1
    return out


@jit_in_place
def _hashes(text: Any, start: int, end: int, out: Any) -> Any:
    """Write the hashes of words, of letters where a script knows no blanks; return how many."""
    n, value, size = 0, np.int64(17), 0
    for i in range(start, end):
        byte = text[i]
        if 65 <= byte <= 90:
            byte += 32
        is_letter = 97 <= byte <= 122 or 48 <= byte <= 57 or byte >= 0x80
        if (not is_letter or byte >= 0xE3) and size:
            out[n] = value
            n += 1
            value, size = np.int64(17), 0
            if n == out.shape[0]:
                return n
        if is_letter:
            value = (value * 31 + byte) & 0x3FFFFFFFFFFFFF
            size += 1
    if size:
        out[n] = value
        n += 1
    return n


@jit
def _titles(nodes: Any, blocks: Any, text: Any, title: Any) -> Any:
    """Return ([blocks, 2]: share of a block's words in the title, and the reverse; block of the title)."""
    n = blocks.shape[0]
    out = np.zeros((n, 2), dtype=np.float32)
    wanted, words = np.empty(40, dtype=np.int64), np.empty(60, dtype=np.int64)
    n_wanted = _hashes(title, 0, title.shape[0], wanted)
    best, best_score = -1, 0.0
    if n_wanted == 0:
        return out, best
    seen = np.zeros(40, dtype=np.int64)
    maybe = np.int64(0)  # a bit for the low bits of each wanted word: most others are told by it
    for j in range(n_wanted):
        maybe |= np.int64(1) << (wanted[j] & 63)
    for k in range(n):
        if blocks[k, Block.END] - blocks[k, Block.START] > 400:
            continue
        n_words = _hashes(text, blocks[k, Block.START], blocks[k, Block.END], words)
        hits = covered = 0
        for i in range(n_words):
            if not (maybe >> (words[i] & 63)) & 1:
                continue
            for j in range(n_wanted):
                if words[i] == wanted[j]:
                    hits += 1
                    covered += seen[j] != k + 1
                    seen[j] = k + 1
                    break
        if not n_words:
            continue
        out[k, 0], out[k, 1] = hits / n_words, covered / n_wanted
        level = nodes[blocks[k, Block.NODE], Node.HEADING]
        score = out[k, 0] * out[k, 1] * (3.0 if level == 1 else 2.0 if level == 2 else 1.5 if level else 1.0)
        if out[k, 0] >= 0.6 and out[k, 1] >= 0.3 and score > best_score + 1e-6:
            best, best_score = k, score
    return out, best


@jit
def _prose(blocks: Any) -> Any:
    """Return whether each block is a sentence or more that is mostly no link."""
    out = np.zeros(blocks.shape[0], dtype=np.bool_)
    for k in range(blocks.shape[0]):
        size = blocks[k, Block.END] - blocks[k, Block.START]
        out[k] = (
            size >= 100
            and blocks[k, Block.STOPS] > 0
            and 4 * blocks[k, Block.LINK_CHARS] < blocks[k, Block.CHARS]
        )
    return out


@jit
def _distances(is_there: Any) -> Any:
    """Return (log blocks back to the last one, log blocks on to the next one), 9 where there is none."""
    n = is_there.shape[0]
    before, behind = np.full(n, 9.0), np.full(n, 9.0)
    last = -1
    for k in range(n):
        if last >= 0:
            before[k] = np.log1p(k - last)
        if is_there[k]:
            last = k
    last = -1
    for k in range(n - 1, -1, -1):
        if last >= 0:
            behind[k] = np.log1p(last - k)
        if is_there[k]:
            last = k
    return before, behind


@jit_in_place
def _ends(is_there: Any) -> Any:
    first, last = -1, -1
    for k in range(is_there.shape[0]):
        if is_there[k]:
            last = k
            if first < 0:
                first = k
    return first, last


@jit
def _repeated(nodes: Any) -> Any:
    """Return, for each element: how many of its kind stand beside it, their mean text, their links."""
    n = nodes.shape[0]
    out = np.zeros((n, 3), dtype=np.float32)
    keys = np.empty(n, dtype=np.int64)
    for node in range(n):
        keys[node] = (np.int64(nodes[node, Node.PARENT] + 1) << 32) + nodes[node, Node.PATH]
    order = np.argsort(keys)
    start = 0
    for place in range(1, n + 1):
        if place < n and keys[order[place]] == keys[order[start]]:
            continue
        chars = links = count = 0
        for other in range(start, place):
            node = order[other]
            chars += nodes[node, Node.CHARS]
            links += nodes[node, Node.LINK_CHARS]
            count += nodes[node, Node.CHARS] > 0
        for other in range(start, place):
            node = order[other]
            out[node, 0] = np.log1p(count)
            out[node, 1] = np.log1p(chars / max(1, count))
            out[node, 2] = links / max(1, chars)
        start = place
    return out


@jit
def _page_shares(nodes: Any, blocks: Any) -> Any:
    """Return the shares of the page's text in elements whose class names say a group of words."""
    out = np.zeros(_SHARE_BITS.shape[0], dtype=np.float32)
    total = 1
    for k in range(blocks.shape[0]):
        node = nodes[blocks[k, Block.NODE]]
        flags, chars = node[Node.FLAGS] | node[Node.ABOVE], blocks[k, Block.CHARS]
        total += chars
        for group in range(_SHARE_BITS.shape[0]):
            if flags & _SHARE_BITS[group]:
                out[group] += chars
    return out / total


@jit_in_place
def _levels(nodes: Any, from_node: int, node: int) -> Any:
    """Return how many levels to climb from one element until the other is inside, up to 9."""
    for level in range(9):
        inner = node
        while inner > from_node:
            inner = nodes[inner, Node.PARENT]
        if from_node <= 0 or inner == from_node:
            return level
        from_node = nodes[from_node, Node.PARENT]
    return 9
