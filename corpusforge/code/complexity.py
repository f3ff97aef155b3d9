"""Raw figures for CIRS and difficulty: syntax tree size, Halstead counts, cyclomatic number.

CIRS (as in EasyInstruct's code selector) takes node count, node types and depth of the
tree as its structural part, Halstead difficulty and volume and the cyclomatic number as
its logical part. Only raw figures are stored here: z-scores belong to a whole corpus.
"""

from __future__ import annotations

import math
import re
from collections import Counter

import numpy as np
from tree_sitter import Tree

from corpusforge.code.config import CodeConfig
from corpusforge.code.features import Features

_TOKEN = re.compile(r"[^\W\d]\w*|\d[\w.]*|\x00\d+|[-+*/%&|^!=<>~?:.]+|[^\s\w]")
_DECISIONS = frozenset(
    "if elif elsif elseif for foreach while until unless case when catch except rescue and or && ||"
    " ? andalso orelse cond".split()
)
# Left-recursive grammars nest a long sum as deep as it is long; printing such a tree
# recurses in C. Probes at even distances see any chain long enough to matter.
_MAX_DEPTH = 1_500
_PROBES = 256


def complexity_signals(features: Features, keywords: frozenset[str], config: CodeConfig) -> dict[str, float]:
    """Return the `code_ast_*`, `code_halstead_*` and `code_cyclomatic` figures of a parsed program."""
    if features.tree is None:
        return {}
    return {
        **_tree_figures(features.tree, len(features.source) <= config.max_tree_bytes),
        **_token_figures(_code_only(features), keywords),
    }


def _tree_figures(tree: Tree, whole: bool) -> dict[str, float]:
    nodes = tree.root_node.descendant_count
    depth = _probed_depth(tree, nodes)
    types = 0
    if whole and depth <= _MAX_DEPTH:
        printed = str(tree.root_node).encode()
        marks = np.frombuffer(printed, dtype=np.uint8)
        steps = (marks == ord("(")).astype(np.int32) - (marks == ord(")")).astype(np.int32)
        depth = int(np.cumsum(steps).max(initial=0))
        types = len({word.strip(b"()") for word in set(printed.split()) if word[:1] == b"("})
    return {"code_ast_nodes": float(nodes), "code_ast_depth": float(depth), "code_ast_types": float(types)}


def _probed_depth(tree: Tree, nodes: int) -> int:
    cursor = tree.walk()
    deepest = 0
    for probe in range(0, nodes, max(1, nodes // _PROBES)):
        cursor.goto_descendant(probe)
        deepest = max(deepest, cursor.depth)
    return deepest


def _code_only(features: Features) -> str:
    """Return the source with comments gone and each literal as one operand, a NUL and a number."""
    source, parts, position = features.source, list[str](), 0
    literals = set(features.literals)
    for start, end in sorted((*features.comments, *literals)):
        if start < position:
            continue
        parts.append(source[position:start].decode("utf-8", "replace"))
        if (start, end) in literals:
            parts.append(f" \0{int.from_bytes(source[start:end][:32], 'big') % 1_000_003} ")
        position = end
    parts.append(source[position:].decode("utf-8", "replace"))
    return "".join(parts)


def _token_figures(code: str, keywords: frozenset[str]) -> dict[str, float]:
    counts = Counter(_TOKEN.findall(code))
    operands = {token: n for token, n in counts.items() if _is_operand(token, keywords)}
    distinct_operands, total_operands = len(operands), sum(operands.values())
    distinct_operators = len(counts) - distinct_operands
    total_operators = sum(counts.values()) - total_operands
    length, vocabulary = total_operands + total_operators, len(counts)
    return {
        "code_halstead_operators": float(total_operators),
        "code_halstead_operators_distinct": float(distinct_operators),
        "code_halstead_operands": float(total_operands),
        "code_halstead_operands_distinct": float(distinct_operands),
        "code_halstead_volume": length * math.log2(vocabulary) if vocabulary > 1 else 0.0,
        "code_halstead_difficulty": distinct_operators / 2 * total_operands / max(1, distinct_operands),
        "code_cyclomatic": 1.0 + sum(n for token, n in counts.items() if token in _DECISIONS),
    }


def _is_operand(token: str, keywords: frozenset[str]) -> bool:
    return (token[0] == "\0" or token[0] == "_" or token[0].isalnum()) and token not in keywords
