"""Raw figures for CIRS and difficulty: syntax tree size, Halstead counts, cyclomatic number.

CIRS (as in EasyInstruct's code selector) takes node count, node types and depth of the
tree as its structural part, Halstead difficulty and volume and the cyclomatic number as
its logical part. Only raw figures are stored here: z-scores belong to a whole corpus.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import cache
from typing import Any

import numpy as np
from tree_sitter import Tree

from corpusforge.code.config import CodeConfig
from corpusforge.code.features import Features
from corpusforge.code.scan import PrintedTree, known_tokens, token_figures

_DECISIONS = frozenset(
    (
        b"if", b"elif", b"elsif", b"elseif", b"for", b"foreach", b"while", b"until", b"unless", b"when",
        b"case", b"catch", b"except", b"rescue", b"and", b"or", b"andalso", b"orelse", b"cond",
        b"&&", b"||", b"?",
    )
)  # fmt: skip
# Left-recursive grammars nest a long sum as deep as it is long; printing such a tree
# recurses in C. A chain is as many nodes long as it is deep, so that probes at a distance
# see it to within that distance.
_MAX_DEPTH = 1_500
_PROBE_NODES = 1_000


def complexity_signals(
    features: Features, keywords: frozenset[bytes], config: CodeConfig
) -> dict[str, float]:
    """Return the `code_ast_*`, `code_halstead_*` and `code_cyclomatic` figures of a parsed program."""
    if features.tree is None:
        return {}
    return {
        **_tree_figures(features.tree, config.max_tree_bytes),
        **_token_figures(features, keywords),
    }


def _tree_figures(tree: Tree, head_bytes: int) -> dict[str, float]:
    root = tree.root_node
    nodes = root.descendant_count
    depth, printed = _probed_depth(tree, nodes), PrintedTree()
    if depth <= _MAX_DEPTH:
        whole = root.end_byte <= head_bytes
        for above, piece in ((0, str(root)),) if whole else _head_pieces(tree, head_bytes):
            printed.add(piece, above)
        # A probe sees tokens, which are no named nodes and are not printed.
        depth = max(depth - 1 if not whole else 0, printed.depth)
    return {
        "code_ast_nodes": float(nodes),
        "code_ast_depth": float(depth),
        "code_ast_types": float(printed.types),
    }


def _head_pieces(tree: Tree, head_bytes: int) -> Iterator[tuple[int, str]]:
    """Return (depth above, printed subtree) of the nodes that begin in the head of a file.

    A node that ends behind the head is printed by its children.
    """
    cursor, base = tree.walk(), 1
    yield 0, f"({tree.root_node.type})"
    more = cursor.goto_first_child()
    while more:
        node = cursor.node
        if node is None or node.start_byte >= head_bytes:
            return
        if node.end_byte > head_bytes and node.child_count:
            yield base, f"({node.type})"
            base += 1
            more = cursor.goto_first_child()
            continue
        if node.is_named:
            yield base, str(node)
        more = cursor.goto_next_sibling()


def _probed_depth(tree: Tree, nodes: int) -> int:
    """Return the depth seen by probes: at most `_PROBE_NODES` less than the true one."""
    cursor = tree.walk()
    deepest = 0
    for probe in range(_PROBE_NODES, nodes, _PROBE_NODES):
        cursor.goto_descendant(probe)
        deepest = max(deepest, cursor.depth)
    return deepest


@cache
def _known_tokens(keywords: frozenset[bytes]) -> tuple[Any, Any]:
    return known_tokens(keywords, _DECISIONS)


def _token_figures(features: Features, keywords: frozenset[bytes]) -> dict[str, float]:
    figures = token_figures(
        np.frombuffer(features.source, dtype=np.uint8),
        features.comments,
        features.literals,
        _known_tokens(keywords),
    )
    operands, operators, distinct_operands, distinct_operators, decisions = map(int, figures)
    length, vocabulary = operands + operators, distinct_operands + distinct_operators
    return {
        "code_halstead_operators": float(operators),
        "code_halstead_operators_distinct": float(distinct_operators),
        "code_halstead_operands": float(operands),
        "code_halstead_operands_distinct": float(distinct_operands),
        "code_halstead_volume": length * math.log2(vocabulary) if vocabulary > 1 else 0.0,
        "code_halstead_difficulty": distinct_operators / 2 * operands / max(1, distinct_operands),
        "code_cyclomatic": 1.0 + decisions,
    }
