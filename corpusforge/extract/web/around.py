"""What the first look at a page said around each block: the input of the model's second forest.

One row for each block: the first look's probability of the block and of those beside it, the means of
the containers it stands in, of a few and of many blocks around, of blocks of its shape, how much
content stands before and behind; and, again, some of the block's own features.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpusforge.compiled import jit
from corpusforge.extract.web.blocks import Block, Node, Page
from corpusforge.extract.web.features import FEATURES

_BESIDE = (-3, -2, -1, 1, 2, 3)
_LEVELS = 4  # the block's element and three above
_REACH = (5, 15)  # blocks to each side
_NO_BLOCK = -6.0  # log odds beyond the page's ends
_LEAST = 1e-4  # a probability counts as no less, and as no more than 1 less this
_OWN = (
    "chars link_share words stops tag heading place lists cells slots says_more says_byline says_share "
    "title_share title_cover after_title same_text page_chars page_prose_share class_related "
    "class_comment class_byline last has_year bytes_per_char page_forum page_product page_listing"
).split()  # fmt: skip
_OWN_COLUMNS = np.array([FEATURES.index(name) for name in _OWN])

AROUND_FEATURES: tuple[str, ...] = (
    "said", *(f"said_{shift:+d}" for shift in _BESIDE), *(f"said_up{level}" for level in range(_LEVELS)),
    *(f"said_within_{blocks}" for blocks in _REACH), "share_before", "said_page", "content_chars",
    "said_path", "path_blocks", "content_before", "content_behind", *_OWN,
)  # fmt: skip
"""The columns, in order."""


def around_features(
    page: Page, features: NDArray[np.float32], said: NDArray[np.float64]
) -> NDArray[np.float32]:
    """Return f32 [blocks, len(AROUND_FEATURES)] from `block_features` and the first look's probabilities."""
    out = np.empty((len(said), len(AROUND_FEATURES)), dtype=np.float32)
    if len(said):
        _fill(page.nodes, page.blocks, features, _OWN_COLUMNS, said, out)
    return out


@jit
def _fill(nodes: Any, blocks: Any, features: Any, own: Any, said: Any, out: Any) -> None:
    n = said.shape[0]
    odds = np.empty(n, dtype=np.float64)
    chars_before = np.zeros(n + 1, dtype=np.float64)
    content_before = np.zeros(n + 1, dtype=np.float64)
    blocks_before = np.zeros(n + 1, dtype=np.int64)
    for k in range(n):
        bounded = min(max(said[k], _LEAST), 1 - _LEAST)
        odds[k] = np.log(bounded / (1 - bounded))
        chars = blocks[k, Block.CHARS] + blocks[k, Block.SLOT_CHARS]
        chars_before[k + 1] = chars_before[k] + chars
        content_before[k + 1] = content_before[k] + said[k] * chars
        blocks_before[k + 1] = blocks_before[k] + (said[k] > 0.5)
    means = _container_means(nodes, blocks, said)
    paths = _path_means(nodes, blocks, said)
    content = max(content_before[n], 1e-9)
    page_share, page_content = content_before[n] / max(1, chars_before[n]), np.log1p(content_before[n])
    for k in range(n):
        row = out[k]
        row[0] = odds[k]
        column = 1
        for shift in _BESIDE:
            row[column] = odds[k + shift] if 0 <= k + shift < n else _NO_BLOCK
            column += 1
        node = blocks[k, Block.NODE]
        for _ in range(_LEVELS):
            row[column] = means[node]
            node = max(0, nodes[node, Node.PARENT])
            column += 1
        for reach in _REACH:
            first, stop = max(0, k - reach), min(n, k + reach + 1)
            chars = max(1, chars_before[stop] - chars_before[first])
            row[column] = (content_before[stop] - content_before[first]) / chars
            column += 1
        row[column] = content_before[k] / content
        row[column + 1] = page_share
        row[column + 2] = page_content
        row[column + 3], row[column + 4] = paths[k, 0], paths[k, 1]
        row[column + 5] = blocks_before[k]
        row[column + 6] = blocks_before[n] - blocks_before[k + 1]
        column += 7
        for place in range(own.shape[0]):
            row[column + place] = features[k, own[place]]


@jit
def _container_means(nodes: Any, blocks: Any, said: Any) -> Any:
    """Return the mean of the blocks in each element, at any depth; long blocks count more."""
    sums = np.zeros(nodes.shape[0], dtype=np.float64)
    weights = np.zeros(nodes.shape[0], dtype=np.float64)
    for k in range(said.shape[0]):
        weight = np.sqrt(blocks[k, Block.WORDS] + 1.0)
        sums[blocks[k, Block.NODE]] += weight * said[k]
        weights[blocks[k, Block.NODE]] += weight
    for node in range(nodes.shape[0] - 1, 0, -1):  # an element stands behind the one around it
        around = nodes[node, Node.PARENT]
        sums[around] += sums[node]
        weights[around] += weights[node]
    return sums / np.maximum(weights, 1e-9)


@jit
def _path_means(nodes: Any, blocks: Any, said: Any) -> Any:
    """Return, for each block, the mean of the blocks with its path and how many they are."""
    n = said.shape[0]
    keys = np.empty(n, dtype=np.int64)
    for k in range(n):
        keys[k] = nodes[blocks[k, Block.NODE], Node.PATH]
    order = np.argsort(keys, kind="mergesort")
    out = np.empty((n, 2), dtype=np.float64)
    start = 0
    for place in range(1, n + 1):
        if place < n and keys[order[place]] == keys[order[start]]:
            continue
        total = 0.0
        for other in range(start, place):
            total += said[order[other]]
        for other in range(start, place):
            out[order[other], 0] = total / (place - start)
            out[order[other], 1] = place - start
        start = place
    return out
