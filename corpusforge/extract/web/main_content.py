"""Which blocks of a page are its main content: two forests.

The first gives each block the probability that it is content, from its features; the second looks
again, at what the first said of the blocks around. Then those blocks are kept that
maximise the F1 which these probabilities let one expect. The threshold so follows the
page: high where the model is sure, as on articles, low where it is not, as on listings.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpusforge.compiled import jit, jit_in_place
from corpusforge.extract.web import tags
from corpusforge.extract.web.around import around_features
from corpusforge.extract.web.blocks import AROUND_TAGS, Block, Node, Page
from corpusforge.extract.web.features import block_features, is_inside, same_texts
from corpusforge.extract.web.forest_pin import forest_bytes
from corpusforge.extract.web.furniture import drop_furniture
from corpusforge.extract.web.toggles import (
    REPEATED_CHARS,
    asks,
    drop_hidden,
    is_button_text,
    join_heads,
    toggled_items,
)

_HIDDEN = 1 << AROUND_TAGS.index("hidden")
_TABLE = tags.IDS["table"]
_MANY_HEADINGS = 4  # of one shape
_SLOT_CHARS = 20
_WORD_CHARS = 6  # what a word counts besides its letters
_SURE_FROM, _SURE_SPAN, _SHARPER = 0.75, 0.1, 0.6
"""Chosen on the development pages and on training pages of hosts left out, see docs/extraction.md."""
_GAP_BLOCKS, _GAP_SHARE = 4, 0.6
"""Blocks between two that are chosen, the share of the threshold that suffices there; chosen on the
development pages, where the values beside differ by 0.0002."""


@dataclass(frozen=True, slots=True)
class Forest:
    """Trees side by side, each node before its left child, which stands right behind it.

    `ways` i16 [nodes, 2]: the feature (-1 in a leaf), how far behind the right child stands;
    `values` f32 [nodes]: the threshold, in a leaf the value; `roots` i32 [trees].
    """

    ways: NDArray[np.int16]
    values: NDArray[np.float32]
    roots: NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Forests:
    """The model: a forest over `block_features`, one over `around_features`."""

    first: Forest
    second: Forest


_ARRAYS = tuple((look, name) for look in ("first", "second") for name in ("ways", "values", "roots"))


def arrays_of(forests: Forests) -> dict[str, NDArray[Any]]:
    """Return the arrays of a model as its file holds them."""
    return {f"{look}_{name}": getattr(getattr(forests, look), name) for look, name in _ARRAYS}


@lru_cache(maxsize=2)
def load_forests(sha256: str | None = None) -> Forests:
    """Return the model that ships with the package; raises as `forest_bytes`."""
    with np.load(io.BytesIO(forest_bytes(sha256))) as data:
        arrays = [data[f"{look}_{name}"] for look, name in _ARRAYS]
        return Forests(Forest(*arrays[:3]), Forest(*arrays[3:]))


def probabilities(page: Page, sha256: str | None = None) -> NDArray[np.float64]:
    """Return the probability of each block to be main content, f64 [blocks], by the model and the rules."""
    forests, features = load_forests(sha256), block_features(page)
    return second_look(page, features, first_look(features, forests.first), forests.second)


def first_look(features: NDArray[np.float32], first: Forest) -> NDArray[np.float64]:
    """Return the probability of each block by its features, f64 [blocks]."""
    out = np.empty(len(features), dtype=np.float64)
    _predict(features, first.ways, first.values, first.roots, out)
    return out


def second_look(
    page: Page, features: NDArray[np.float32], said: NDArray[np.float64], second: Forest
) -> NDArray[np.float64]:
    """Return the probability of each block, f64 [blocks], by what the first look `said` and by the rules."""
    out = np.empty(len(page.blocks), dtype=np.float64)
    _predict(around_features(page, features, said), second.ways, second.values, second.roots, out)
    _level_tables(page.nodes, page.blocks, out)
    _level_lists(page.nodes, page.blocks, out)
    _level_headings(page.nodes, page.blocks, out)
    again = same_texts(page.blocks, np.frombuffer(page.text, dtype=np.uint8))
    _apply_rules(page.nodes, page.blocks, again, out)
    drop_furniture(page, again, out)
    return out


def kept_blocks(
    page: Page, caution: float = 1.0, sha256: str | None = None
) -> tuple[NDArray[np.int64], float]:
    """Return (numbers of the blocks that are main content, expected F1 of that choice).

    `caution` as for `chosen_blocks`, `sha256` as for `load_forests`.
    """
    if not len(page.blocks):
        return np.empty(0, dtype=np.int64), 0.0
    return chosen_blocks(page, probabilities(page, sha256), caution)


def chosen_blocks(
    page: Page, probability: NDArray[np.float64], caution: float = 1.0
) -> tuple[NDArray[np.int64], float]:
    """Return (numbers of the blocks whose choice has the best F1 to be expected, that F1).

    A block raises the expected F1 exactly where its probability is above half of that;
    `caution` above 1 asks for more. Where that F1 is high the model knows more than it says (pages of
    hosts left out), and the probabilities are drawn apart first.
    """
    threshold, apart, best = _threshold(probability, page.blocks, caution)
    if apart != 1:  # the order stays
        odds = (probability / np.maximum(1 - probability, 1e-9)) ** apart
        probability = odds / (1 + odds)
        threshold = _threshold(probability, page.blocks, caution)[0]
    chosen = probability >= max(threshold, 1e-6)
    _fill_gaps(page.nodes, page.blocks, probability, threshold, chosen)
    return np.flatnonzero(chosen), best


@jit
def _fill_gaps(nodes: Any, blocks: Any, probability: Any, threshold: float, chosen: Any) -> None:
    """Choose what is nearly likely enough between chosen blocks: what stands beside both, and headings."""
    first, n = 1, chosen.shape[0]
    while first < n - 1:
        if chosen[first] or not chosen[first - 1]:
            first += 1
            continue
        stop = first + 1
        while stop < n and not chosen[stop]:
            stop += 1
        if stop < n and stop - first <= _GAP_BLOCKS:
            before, behind = blocks[first - 1, Block.NODE], blocks[stop, Block.NODE]
            for k in range(first, stop):
                node = nodes[blocks[k, Block.NODE]]
                around = node[Node.PARENT]
                if around > 0 and not _stands_in(nodes, behind, around):  # a caption in its figure
                    around = nodes[around, Node.PARENT]
                if _stands_in(nodes, behind, around) and (
                    node[Node.HEADING] or _stands_in(nodes, before, around)
                ):
                    chosen[k] = probability[k] >= _GAP_SHARE * threshold
        first = stop


@jit_in_place
def _stands_in(nodes: Any, node: int, around: int) -> bool:
    """Return whether a block's element is one, its child or that one's child, as code in its box."""
    parent = nodes[node, Node.PARENT]
    return node == around or parent == around or (parent > 0 and nodes[parent, Node.PARENT] == around)


@jit
def _threshold(probability: Any, blocks: Any, caution: float) -> Any:
    """Return (the threshold of the best F1 to be expected, how far to draw apart, that F1)."""
    order = np.argsort(-probability, kind="mergesort")
    weight = np.empty(order.shape[0], dtype=np.float64)
    for place in range(order.shape[0]):
        row = blocks[order[place]]
        weight[place] = row[Block.CHARS] + row[Block.SLOT_CHARS] + _WORD_CHARS * row[Block.WORDS]
    found = np.cumsum(probability[order] * weight)
    best = (2 * found / (np.cumsum(weight) + found[-1] + 1e-9)).max()
    apart = 1 + _SHARPER * min(1.0, max(0.0, (best - _SURE_FROM) / _SURE_SPAN))
    return best * caution / 2, apart, best


_FIRST_TREES = 80
_HOPELESS = -3.5  # after the first trees; the others are not asked for a block below it


@jit_in_place
def _predict(rows: Any, ways: Any, values: Any, roots: Any, out: Any) -> None:
    """Write the logistic of the sum of the leaves that each row reaches."""
    for k in range(rows.shape[0]):
        total = 0.0
        for tree in range(roots.shape[0]):
            if tree >= _FIRST_TREES and total < _HOPELESS:
                break
            node = np.uint64(
                roots[tree]
            )  # an index without a sign needs no look whether it counts from the end
            feature = ways[node, 0]
            while feature >= 0:
                is_left = rows[k, np.uint64(feature)] <= values[node]
                node += np.uint64(1) if is_left else np.uint64(ways[node, 1])
                feature = ways[node, 0]
            total += values[node]
        out[k] = 1 / (1 + np.exp(-total))


@jit
def _level_tables(nodes: Any, blocks: Any, out: Any) -> None:
    """Give all rows of a table of figures one probability, so that it stays or goes as a whole.

    It is their mean, or that of the texts before and behind it, whichever lets more stay: figures
    alone look like furniture, between paragraphs they are theirs. At the end of what holds it, a table
    goes half-way to the text before. A row that holds blocks of its
    own, or mostly links, is layout and is judged for itself.
    """
    n = out.shape[0]
    tables = np.full(n, -1, dtype=np.int64)
    for k in range(n):
        if blocks[k, Block.CELLS] < 2 or 2 * blocks[k, Block.LINK_CHARS] > blocks[k, Block.CHARS]:
            continue
        table = nodes[blocks[k, Block.NODE], Node.PARENT]
        while table > 0 and nodes[table, Node.TAG] != _TABLE:
            table = nodes[table, Node.PARENT]
        tables[k] = table if table > 0 else -1
    first = 0
    while first < n:
        stop = first + 1
        while stop < n and tables[stop] == tables[first]:
            stop += 1
        if tables[first] >= 0 and stop - first > 1:
            chars = np.maximum(1, blocks[first:stop, Block.CHARS])
            level = np.sum(chars * out[first:stop]) / np.sum(chars)
            around = nodes[tables[first], Node.PARENT]
            follows = first > 0 and is_inside(nodes, blocks[first - 1, Block.NODE], around)
            if follows and not (stop < n and is_inside(nodes, blocks[stop, Block.NODE], around)):
                level = max(level, (level + out[first - 1]) / 2)
            elif 0 < first and stop < n:
                level = max(level, min(out[first - 1], out[stop]))
            out[first:stop] = level
        first = stop


@jit
def _level_lists(nodes: Any, blocks: Any, out: Any) -> None:
    """Raise the items of a list of prose to their mean, so that none is left out between or behind others."""
    n, first = out.shape[0], 0
    while first < n:
        item = nodes[blocks[first, Block.NODE], Node.ITEM]
        if item < 0:
            first += 1
            continue
        around = nodes[item, Node.PARENT]
        stop, mass, chars, links = first, 0.0, 0, 0
        while (
            stop < n
            and nodes[blocks[stop, Block.NODE], Node.ITEM] >= 0
            and (nodes[nodes[blocks[stop, Block.NODE], Node.ITEM], Node.PARENT] == around)
        ):
            mass += out[stop] * blocks[stop, Block.CHARS]
            chars += blocks[stop, Block.CHARS]
            links += blocks[stop, Block.LINK_CHARS]
            stop += 1
        if stop - first > 1 and 5 * links < chars:
            level = mass / max(1, chars)
            for k in range(first, stop):
                out[k] = max(out[k], level)
        first = stop


@jit
def _level_headings(nodes: Any, blocks: Any, out: Any) -> None:
    """Raise a heading among many of its shape to their mean, as far as what follows it is as likely."""
    n = out.shape[0]
    paths = np.zeros(n, dtype=np.int64)
    for k in range(n - 1):
        if nodes[blocks[k, Block.NODE], Node.HEADING] > 1:
            paths[k] = nodes[blocks[k, Block.NODE], Node.PATH]
    order = np.argsort(paths)
    first = 0
    while first < n:
        stop, mass = first, 0.0
        while stop < n and paths[order[stop]] == paths[order[first]]:
            mass += out[order[stop]]
            stop += 1
        if paths[order[first]] != 0 and stop - first >= _MANY_HEADINGS:
            for place in range(first, stop):
                k = order[place]
                if nodes[blocks[k + 1, Block.NODE], Node.HEADING] == 0:
                    out[k] = max(out[k], min(mass / (stop - first), out[k + 1]))
        first = stop


@jit
def _apply_rules(nodes: Any, blocks: Any, again: Any, out: Any) -> None:
    """Make sure of code and formulas, which are no furniture; of buttons; of long texts said before."""
    for k in range(out.shape[0]):
        node, chars = nodes[blocks[k, Block.NODE]], blocks[k, Block.CHARS]
        slots = blocks[k, Block.SLOT_CHARS]
        if slots > chars and slots >= _SLOT_CHARS and not blocks[k, Block.LINK_CHARS]:
            if not node[Node.AROUND] & _HIDDEN:
                out[k] = 1
        is_button = is_button_text(nodes, blocks, k) and not asks(nodes, blocks, k)
        if is_button or (chars >= REPEATED_CHARS and again[k, 1] > 0):
            out[k] = 0
    items = toggled_items(nodes, blocks)
    join_heads(nodes, blocks, items, out)
    drop_hidden(nodes, blocks, again, items, out)
