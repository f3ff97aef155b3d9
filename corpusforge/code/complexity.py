"""Raw figures for CIRS and difficulty: syntax tree size, Halstead counts, cyclomatic number.

CIRS (as in EasyInstruct's code selector) takes node count, node types and depth of the
tree as its structural part, Halstead difficulty and volume and the cyclomatic number as
its logical part. Only raw figures are stored here: z-scores belong to a whole corpus.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator
from zlib import crc32

import numpy as np
from tree_sitter import Tree

from corpusforge.code.config import CodeConfig
from corpusforge.code.features import Features

_OPERATOR = re.compile(rb"[-+*/%&|^!=<>~?:.]+|[^\s]")
_DECISION_WORDS = (
    b"if", b"elif", b"elsif", b"elseif", b"for", b"foreach", b"while", b"until", b"unless", b"when", b"case",
    b"catch", b"except", b"rescue", b"and", b"or", b"andalso", b"orelse", b"cond",
)  # fmt: skip
_DECISION_SYMBOLS = (b"&&", b"||", b"?")
# Words: letters, digits, "_", all that is not ASCII, and the NUL that marks a literal.
_IS_WORD = [byte == 0 or byte >= 128 or byte == 95 or chr(byte).isalnum() for byte in range(256)]
_WORDS_ONLY = bytes(byte if _IS_WORD[byte] else 32 for byte in range(256))
_SYMBOLS_ONLY = bytes(32 if _IS_WORD[byte] else byte for byte in range(256))
_BRACKET_STEPS = bytes({40: 1, 41: 255}.get(byte, byte) for byte in range(256))
_NO_BRACKETS = bytes(byte for byte in range(256) if byte not in b"()")
_BRACKETS_BLANK = bytes(32 if byte in b"()" else byte for byte in range(256))
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
        **_token_figures(_code_only(features), keywords),
    }


def _tree_figures(tree: Tree, head_bytes: int) -> dict[str, float]:
    nodes = tree.root_node.descendant_count
    depth, types = _probed_depth(tree, nodes), set[bytes]()
    if depth <= _MAX_DEPTH:
        whole = tree.root_node.end_byte <= head_bytes
        pieces = [(0, str(tree.root_node))] if whole else list(_head_pieces(tree, head_bytes))
        # A probe sees tokens, which are no named nodes and are not printed.
        depth = max(depth - 1 if not whole else 0, *(base + _printed_depth(text) for base, text in pieces))
        words = " ".join([text for _, text in pieces]).encode().translate(_BRACKETS_BLANK).split()
        types = {word for word in set(words) if not word.endswith(b":")}
    return {
        "code_ast_nodes": float(nodes),
        "code_ast_depth": float(depth),
        "code_ast_types": float(len(types)),
    }


def _printed_depth(printed: str) -> int:
    steps = printed.encode().translate(_BRACKET_STEPS, _NO_BRACKETS)
    return int(np.frombuffer(steps, dtype=np.int8).cumsum(dtype=np.int32).max(initial=0))


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


def _code_only(features: Features) -> bytes:
    """Return the source with comments gone and each literal as one operand, a NUL and a number."""
    source, parts, position = features.source, list[bytes](), 0
    spans = [(start, end, False) for start, end in features.comments]
    spans += [(start, end, True) for start, end in features.literals]
    spans.sort()
    for start, end, is_literal in spans:
        if start < position:
            continue
        parts.append(source[position:start])
        parts.append(b" \0%d " % crc32(source[start:end]) if is_literal else b" ")
        position = end
    parts.append(source[position:])
    return b"".join(parts)


def _token_figures(code: bytes, keywords: frozenset[bytes]) -> dict[str, float]:
    words = Counter(code.translate(_WORDS_ONLY).split())
    operators, decisions = _operators(code)
    operands = {word: n for word, n in words.items() if word not in keywords}
    distinct_operands, total_operands = len(operands), sum(operands.values())
    distinct_operators = len(words) - distinct_operands + len(operators)
    total_operators = sum(words.values()) - total_operands + sum(operators.values())
    length, vocabulary = total_operands + total_operators, distinct_operands + distinct_operators
    decisions += sum(words[word] for word in _DECISION_WORDS)
    return {
        "code_halstead_operators": float(total_operators),
        "code_halstead_operators_distinct": float(distinct_operators),
        "code_halstead_operands": float(total_operands),
        "code_halstead_operands_distinct": float(distinct_operands),
        "code_halstead_volume": length * math.log2(vocabulary) if vocabulary > 1 else 0.0,
        "code_halstead_difficulty": distinct_operators / 2 * total_operands / max(1, distinct_operands),
        "code_cyclomatic": 1.0 + decisions,
    }


def _operators(code: bytes) -> tuple[Counter[bytes], int]:
    """Return the operators, and how many of them are decisions.

    Runs of symbols repeat, so each different run is taken apart once.
    """
    operators: Counter[bytes] = Counter()
    for run, count in Counter(code.translate(_SYMBOLS_ONLY).split()).items():
        for token in _OPERATOR.findall(run):
            operators[token] += count
    return operators, sum(operators[token] for token in _DECISION_SYMBOLS)
