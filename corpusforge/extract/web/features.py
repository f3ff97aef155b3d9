"""What a block of a page looks like, in figures: the input of the main-content model.

One row for each block: its text, its tag and the tags and class names around it, its
neighbours, the containers it stands in, how its shape repeats, and the page as a whole.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpusforge.compiled import jit, jit_in_place
from corpusforge.extract.web import tags
from corpusforge.extract.web.blocks import AROUND_TAGS, Block, Node, Page
from corpusforge.extract.web.features_more import MORE_FEATURES, fill_more_features

_CONTEXT = (-2, -1, 1, 2, 3)
_LEVELS = 4  # containers whose figures are columns: the block's element and three above

_TAG_CODES = {
    "div": 1, "td": 2, "th": 2, "tr": 2, "li": 3, "dt": 4, "dd": 4, "p": 5, "pre": 6, "blockquote": 6,
    "h1": 7, "h2": 8, "h3": 9, "h4": 10, "h5": 10, "h6": 10, "caption": 11, "figcaption": 11, "figure": 11,
    "button": 12, "label": 12, "option": 12, "legend": 12, "summary": 15, "section": 13, "article": 13,
    "main": 13, "address": 14, "footer": 14, "header": 14, "nav": 14, "aside": 14, "form": 14,
}  # fmt: skip


def _names() -> tuple[str, ...]:
    names = ["chars", "link_share", "words", "stops", "upper", "digits", "last", "links", "breaks", "cells",
             "slots", "tag", "heading", "lists", "depth"]  # fmt: skip
    names += [f"around_{tag}" for tag in AROUND_TAGS]
    names += [f"class_{group}" for group in tags.GROUPS]
    names += [f"says_{group}" for group in tags.PHRASES]
    for shift in _CONTEXT:
        names += [f"{name}_{shift:+d}" for name in ("chars", "link_share", "stops", "tag", "same_parent")]
    names += ["place", "text_before"]
    for level in range(_LEVELS):
        names += [
            f"{name}_up{level}" for name in ("chars", "link_share", "blocks", "mean_chars", "page_share")
        ]
    names += ["path_count", "path_chars", "path_link_share", "up_path_count", "up_path_chars"]
    names += [
        "best_levels",
        "best_here",
        "best_share",
        "best_score",
        "article_share",
        "main_share",
        "in_top_article",
    ]
    names += ["after_h1", "h1_levels", "same_text"]
    names += [
        "page_chars",
        "page_link_share",
        "page_blocks",
        "page_prose_share",
        "page_articles",
        "page_items",
    ]
    return tuple(names)


_OWN_FEATURES = _names()
FEATURES: tuple[str, ...] = (*_OWN_FEATURES, *MORE_FEATURES)
"""The columns, in order."""


def block_features(page: Page) -> NDArray[np.float32]:
    """Return f32 [blocks, len(FEATURES)]."""
    nodes, blocks = page.nodes, page.blocks
    out = np.zeros((len(blocks), len(FEATURES)), dtype=np.float32)
    if len(blocks):
        text = np.frombuffer(page.text, dtype=np.uint8)
        following, found = tags.phrase_automaton()
        _fill(nodes, blocks, text, _tag_codes(), following, found, out)
        fill_more_features(page, out, len(_OWN_FEATURES))
    return out


@lru_cache(maxsize=1)
def _tag_codes() -> NDArray[np.int64]:
    return np.array([_TAG_CODES.get(name, 0) for name in tags.NAMES], dtype=np.int64)


_ARTICLE = 1 << AROUND_TAGS.index("article")
_MAIN = 1 << AROUND_TAGS.index("main")
_N_AROUND, _N_GROUPS, _N_PHRASES = len(AROUND_TAGS), len(tags.GROUPS), len(tags.PHRASES)
_BODY_FLAGS = tags.BITS["content"] | tags.BITS["body"]
_FURNITURE_FLAGS = sum(
    tags.BITS[name] for name in ("nav", "footer", "side", "comment", "share", "related", "advert", "overlay")
)
_TAG_P, _TAG_LI, _TAG_ARTICLE = tags.IDS["p"], tags.IDS["li"], tags.IDS["article"]


@jit
def _fill(nodes: Any, blocks: Any, text: Any, codes: Any, following: Any, found: Any, out: Any) -> None:
    n = blocks.shape[0]
    said = np.empty(n, dtype=np.int64)
    same = same_texts(blocks, text)
    basis = _basis(nodes, blocks, codes)
    for k in range(n):
        said[k] = _phrases(text, blocks[k, Block.START], blocks[k, Block.END], following, found)
    scores = _scores(nodes, blocks)
    best = np.argmax(scores)
    total = max(1, nodes[0, Node.CHARS])
    page = _page(nodes, blocks, total)
    paths = _paths(nodes, blocks)
    top_article = _largest(nodes, _TAG_ARTICLE)
    h1 = _first_h1(nodes, blocks)
    before = 0
    for k in range(n):
        column = _own(out[k], nodes, blocks[k], basis[k], said[k], text)
        column = _neighbours(out[k], column, basis, k)
        out[k, column] = k / n
        out[k, column + 1] = before / total
        before += blocks[k, Block.CHARS]
        column = _containers(out[k], column + 2, nodes, blocks[k, Block.NODE], total)
        out[k, column : column + 5] = paths[k]
        column = _best(out[k], column + 5, nodes, blocks[k, Block.NODE], scores, int(best), total)
        out[k, column : column + 2] = page[6:]
        if top_article >= 0:
            out[k, column + 2] = 1 + is_inside(nodes, blocks[k, Block.NODE], top_article)
        column += 3
        out[k, column] = 0 if h1 < 0 else (np.log1p(k - h1) if k >= h1 else -np.log1p(h1 - k))
        out[k, column + 1] = -1 if h1 < 0 else _levels(nodes, blocks[h1, Block.NODE], blocks[k, Block.NODE])
        out[k, column + 2] = same[k, 0]
        out[k, column + 3 : column + 9] = page[:6]


@jit
def _basis(nodes: Any, blocks: Any, codes: Any) -> Any:
    """Return what neighbours see of each block: length, share of links, stops, tag, parent."""
    basis = np.empty((blocks.shape[0], 5), dtype=np.float32)
    for k in range(blocks.shape[0]):
        row = blocks[k]
        basis[k, 0] = np.log1p(row[Block.CHARS] + row[Block.SLOT_CHARS])
        basis[k, 1] = row[Block.LINK_CHARS] / max(1, row[Block.CHARS])
        basis[k, 2] = row[Block.STOPS]
        basis[k, 3] = codes[nodes[row[Block.NODE], Node.TAG]]
        basis[k, 4] = nodes[row[Block.NODE], Node.PARENT]
    return basis


@jit_in_place
def _phrases(text: Any, i: int, end: int, following: Any, found: Any) -> Any:
    """Return the groups of phrases in a block, of which only the first 200 bytes are read."""
    state, flags = following[26], 0
    for k in range(i, min(end, i + 200)):
        state = following[state + tags.SYMBOLS[text[k]]]
        flags |= found[state >> 5]
    return flags | found[following[state + 26] >> 5]


@jit
def same_texts(blocks: Any, text: Any) -> Any:
    """Return, for each block, how many others say the same, up to 5, and how many of them before it."""
    n = blocks.shape[0]
    hashes = np.empty(n, dtype=np.int64)
    for k in range(n):
        value = np.int64(17)
        for i in range(blocks[k, Block.START], blocks[k, Block.END]):
            value = (value * 31 + text[i]) & 0x3FFFFFFFFFFFFF
        hashes[k] = value
    order = np.argsort(hashes, kind="mergesort")
    counts = np.zeros((n, 2), dtype=np.int64)
    start = 0
    for place in range(1, n + 1):
        if place == n or hashes[order[place]] != hashes[order[start]]:
            for other in range(start, place):
                counts[order[other], 0] = min(5, place - start - 1)
                counts[order[other], 1] = other - start
            start = place
    return counts


@jit
def _scores(nodes: Any, blocks: Any) -> Any:
    """Return how much prose each element holds close to it, as readability scores containers."""
    scores = np.zeros(nodes.shape[0], dtype=np.float64)
    for k in range(blocks.shape[0]):
        row = blocks[k]
        chars = row[Block.CHARS] + row[Block.SLOT_CHARS] - row[Block.LINK_CHARS]
        if chars < 25:
            continue
        value = 1 + row[Block.STOPS] + min(chars / 100, 3)
        node = row[Block.NODE]
        if nodes[node, Node.TAG] == _TAG_P or nodes[node, Node.TAG] == _TAG_LI:
            node = nodes[node, Node.PARENT]
        weight = 1.0
        for _ in range(4):
            if node <= 0:
                break
            scores[node] += value * weight
            weight *= 0.6
            node = nodes[node, Node.PARENT]
    for node in range(nodes.shape[0]):
        scores[node] *= 1 - nodes[node, Node.LINK_CHARS] / max(1, nodes[node, Node.CHARS])
        if nodes[node, Node.FLAGS] & _BODY_FLAGS:
            scores[node] *= 1.3
        if nodes[node, Node.FLAGS] & _FURNITURE_FLAGS:
            scores[node] *= 0.6
    return scores


@jit
def _page(nodes: Any, blocks: Any, total: int) -> Any:
    out = np.zeros(8, dtype=np.float64)
    prose = articles = items = in_article = in_main = 0
    for k in range(blocks.shape[0]):
        chars = blocks[k, Block.CHARS]
        node = nodes[blocks[k, Block.NODE]]
        if chars >= 80 and blocks[k, Block.LINK_CHARS] * 3 < chars:
            prose += chars
        if node[Node.AROUND] & _ARTICLE:
            in_article += chars
        if node[Node.AROUND] & _MAIN:
            in_main += chars
        items += node[Node.TAG] == _TAG_LI
    for node in range(nodes.shape[0]):
        articles += nodes[node, Node.TAG] == _TAG_ARTICLE
    out[0] = np.log1p(total)
    out[1] = nodes[0, Node.LINK_CHARS] / total
    out[2] = np.log1p(blocks.shape[0])
    out[3] = prose / total
    out[4] = min(articles, 50)
    out[5] = items / max(1, blocks.shape[0])
    out[6] = in_article / total
    out[7] = in_main / total
    return out


@jit
def _paths(nodes: Any, blocks: Any) -> Any:
    """Return, for each block, how often its path and its parent's path occur and with how much text."""
    n = blocks.shape[0]
    out = np.zeros((n, 5), dtype=np.float64)
    keys = np.empty(n, dtype=np.int64)
    for up in range(2):
        for k in range(n):
            node = blocks[k, Block.NODE]
            if up:
                node = max(0, nodes[node, Node.PARENT])
            keys[k] = nodes[node, Node.PATH]
        order = np.argsort(keys)
        start = 0
        for place in range(1, n + 1):
            if place < n and keys[order[place]] == keys[order[start]]:
                continue
            chars = links = 0
            for other in range(start, place):
                chars += blocks[order[other], Block.CHARS]
                links += blocks[order[other], Block.LINK_CHARS]
            for other in range(start, place):
                k = order[other]
                out[k, 3 * up] = np.log1p(place - start)
                out[k, 3 * up + 1] = np.log1p(chars / (place - start))
                if not up:
                    out[k, 2] = links / max(1, chars)
            start = place
    return out


@jit_in_place
def _largest(nodes: Any, tag: int) -> Any:
    best, chars = -1, 0
    for node in range(nodes.shape[0]):
        if nodes[node, Node.TAG] == tag and nodes[node, Node.CHARS] > chars:
            best, chars = node, nodes[node, Node.CHARS]
    return best


@jit_in_place
def _first_h1(nodes: Any, blocks: Any) -> Any:
    for k in range(blocks.shape[0]):
        if nodes[blocks[k, Block.NODE], Node.HEADING] == 1:
            return k
    return -1


@jit_in_place
def is_inside(nodes: Any, node: int, outer: int) -> Any:
    """Return whether an element stands in another, or is it."""
    while node > outer:
        node = nodes[node, Node.PARENT]
    return node == outer


@jit_in_place
def _levels(nodes: Any, from_node: int, node: int) -> Any:
    """Return how many levels to climb from one element until the other is inside, up to 9."""
    for level in range(9):
        if from_node <= 0 or is_inside(nodes, node, from_node):
            return level
        from_node = nodes[from_node, Node.PARENT]
    return 9


@jit_in_place
def _own(out: Any, nodes: Any, block: Any, basis: Any, said: int, text: Any) -> Any:
    node = nodes[block[Block.NODE]]
    chars = max(1, block[Block.CHARS])
    last = text[block[Block.END] - 1]
    out[0], out[1], out[2] = basis[0], basis[1], np.log1p(block[Block.WORDS])
    out[3] = 100 * block[Block.STOPS] / chars
    out[4], out[5] = block[Block.UPPER] / chars, block[Block.DIGITS] / chars
    out[6] = 2 if last == 46 or last == 33 or last == 63 or last == 0x82 else 1 if last == 58 else 0
    out[7], out[8], out[9] = (
        min(50, block[Block.LINKS]),
        min(50, block[Block.BREAKS]),
        min(50, block[Block.CELLS]),
    )
    out[10] = np.log1p(block[Block.SLOT_CHARS])
    out[11], out[12], out[13] = basis[3], node[Node.HEADING], node[Node.LISTS]
    out[14] = min(40, node[Node.DEPTH])
    column = 15
    for bit in range(_N_AROUND):
        out[column] = (node[Node.AROUND] >> bit) & 1
        column += 1
    here = node[Node.FLAGS] | block[Block.FLAGS]
    parent = nodes[node[Node.PARENT], Node.FLAGS] if node[Node.PARENT] >= 0 else 0
    for group in range(_N_GROUPS):
        near = 3 * ((here >> group) & 1)
        close = 2 * ((parent >> group) & 1)
        out[column] = max(near, close, (node[Node.ABOVE] >> group) & 1)
        column += 1
    for group in range(_N_PHRASES):
        out[column] = (said >> group) & 1
        column += 1
    return column


@jit_in_place
def _neighbours(out: Any, column: int, basis: Any, k: int) -> Any:
    for shift in _CONTEXT:
        if 0 <= k + shift < basis.shape[0]:
            for value in range(4):
                out[column + value] = basis[k + shift, value]
            out[column + 4] = basis[k + shift, 4] == basis[k, 4]
        else:
            out[column] = -1
        column += 5
    return column


@jit_in_place
def _containers(out: Any, column: int, nodes: Any, node: int, total: int) -> Any:
    for _ in range(_LEVELS):
        row = nodes[max(0, node)]
        out[column] = np.log1p(row[Node.CHARS])
        out[column + 1] = row[Node.LINK_CHARS] / max(1, row[Node.CHARS])
        out[column + 2] = min(200, row[Node.BLOCKS])
        out[column + 3] = row[Node.CHARS] / max(1, row[Node.BLOCKS])
        out[column + 4] = row[Node.CHARS] / total
        column += 5
        node = row[Node.PARENT]
    return column


@jit_in_place
def _best(out: Any, column: int, nodes: Any, node: int, scores: Any, best: int, total: int) -> Any:
    out[column] = _levels(nodes, best, node)
    top, here = max(1.0, scores[best]), node
    highest = 0.0
    for _ in range(3):
        if here > 0:
            highest = max(highest, scores[here] / top)
            here = nodes[here, Node.PARENT]
    out[column + 1] = highest
    out[column + 2] = nodes[best, Node.CHARS] / total
    out[column + 3] = np.log1p(scores[best])
    return column + 4
