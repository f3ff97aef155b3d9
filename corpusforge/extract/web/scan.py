"""A page's markup to blocks of text, in one compiled pass over its bytes.

The bytes are lexbor's serialisation of its tree, so the markup is well formed: every
start tag has its end, attributes stand in double quotes, text holds only `&amp;`,
`&lt;`, `&gt;` and `&nbsp;`. What is left to do is simple and runs at memory speed.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpusforge.compiled import jit_in_place
from corpusforge.extract.web import tags
from corpusforge.extract.web.blocks import AROUND_TAGS, Block, Node, Page
from corpusforge.extract.web.scan_tags import ATTRIBUTES, end_tag, start_tag
from corpusforge.extract.web.scan_text import BLOCKS, NODES, OUT, POS, STATES, flush, take_text


def scan(html: str, slot_chars: list[int], title: str = "") -> Page:
    """Return the blocks of serialised HTML, in order; `slot_chars`: lengths of what slots stand for.

    Blocks that the page hides are among them, with a bit in `Node.AROUND`: what one page
    hides for good, another shows by script.
    """
    source = np.frombuffer(html.encode("utf-8", "replace"), dtype=np.uint8)
    rows = int(np.count_nonzero(source == ord("<"))) + 2
    nodes = np.zeros((rows, len(Node)), dtype=np.int32)
    blocks = np.zeros((rows, len(Block)), dtype=np.int32)
    text = np.empty(len(source) + rows + 1, dtype=np.uint8)
    lengths = np.array(slot_chars or [0], dtype=np.int64)
    following, found = tags.word_automaton()
    tables = (*tags.tag_table(), following, found, tags.byte_classes(), _tag_bits())
    stack = np.empty((rows + 1, 3), dtype=np.int64)  # name hash, tag kind, what to undo
    state, attributes = np.zeros(STATES, dtype=np.int64), np.zeros(ATTRIBUTES, dtype=np.int64)
    n_nodes, n_blocks, n_bytes = _scan(
        source, lengths, state, attributes, stack, nodes, blocks, text, *tables
    )
    _sum_up(nodes, n_nodes, blocks, n_blocks)
    return Page(
        nodes[:n_nodes], blocks[:n_blocks], text[:n_bytes].tobytes(), title.encode("utf-8", "replace")
    )


@lru_cache(maxsize=1)
def _tag_bits() -> NDArray[np.int64]:
    bits = np.zeros(len(tags.NAMES), dtype=np.int64)
    for place, name in enumerate(AROUND_TAGS[:-1]):
        bits[tags.IDS[name]] = 1 << place
    return bits


@jit_in_place
def _scan(
    src: Any, slot_chars: Any, st: Any, attr: Any, stack: Any, nodes: Any, blocks: Any, out: Any,
    hashes: Any, numbers: Any, kinds: Any, following: Any, found: Any, classes: Any, bits: Any,
) -> Any:  # fmt: skip
    nodes[0, Node.PARENT], nodes[0, Node.ITEM], nodes[0, Node.ROW] = -1, -1, -1
    st[NODES] = 1
    n = src.shape[0]
    while st[POS] < n:
        i = st[POS]
        if src[i] != 60:
            take_text(src, n, slot_chars, st, blocks, out, classes)
        elif i + 1 < n and src[i + 1] == 47:
            end_tag(src, n, st, stack, nodes, blocks, out)
        elif i + 1 < n and (src[i + 1] == 33 or src[i + 1] == 63):
            st[POS] = _after_declaration(src, i, n)
        else:
            start_tag(src, n, st, attr, stack, nodes, blocks, out,
                       hashes, numbers, kinds, following, found, bits)  # fmt: skip
    flush(st, nodes, blocks, out)
    return st[NODES], st[BLOCKS], st[OUT]


@jit_in_place
def _after_declaration(src: Any, i: int, n: int) -> Any:
    """Return where a comment or declaration has ended."""
    comment = i + 3 < n and src[i + 2] == 45 and src[i + 3] == 45
    i += 4 if comment else 2
    while i < n:
        if src[i] == 62 and (not comment or (src[i - 1] == 45 and src[i - 2] == 45)):
            return i + 1
        i += 1
    return n


@jit_in_place
def _sum_up(nodes: Any, n_nodes: int, blocks: Any, n_blocks: int) -> None:
    """Add the figures of blocks to the elements around them."""
    for k in range(n_blocks):
        node = nodes[blocks[k, Block.NODE]]
        node[Node.CHARS] += blocks[k, Block.CHARS]
        node[Node.LINK_CHARS] += blocks[k, Block.LINK_CHARS]
        node[Node.STOPS] += blocks[k, Block.STOPS]
        node[Node.BLOCKS] += 1
    for k in range(n_nodes - 1, 0, -1):
        parent = nodes[nodes[k, Node.PARENT]]
        parent[Node.CHARS] += nodes[k, Node.CHARS]
        parent[Node.LINK_CHARS] += nodes[k, Node.LINK_CHARS]
        parent[Node.STOPS] += nodes[k, Node.STOPS]
        parent[Node.BLOCKS] += nodes[k, Node.BLOCKS]
