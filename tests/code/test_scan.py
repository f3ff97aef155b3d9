"""The compiled passes say what the plain way says, on any text."""

from __future__ import annotations

import re
from collections import Counter

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from corpusforge.code.scan import (
    NO_SPANS,
    PrintedTree,
    count_words,
    filled_in,
    in_order,
    known_tokens,
    line_figures,
    merge_spans,
    outside,
    token_figures,
)

WORD = re.compile(r"[^\W\d_]{2,}")
DENSE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0e7f]{2}")
TOKEN = re.compile(rb"[\w\x80-\xff\x00]+|[-+*/%&|^!=<>~?:.]+|\S")
KEYWORDS, DECISIONS = frozenset((b"if", b"return", b"def")), frozenset((b"if", b"while", b"&&", b"?"))
TEXT = st.text(st.one_of(st.sampled_from("ab if\n\t_1+&?.(中文กข²é"), st.characters()), max_size=60)
SPANS = st.lists(st.tuples(st.integers(0, 50), st.integers(1, 9)).map(lambda p: (p[0], sum(p))), max_size=12)


@settings(deadline=None)  # the first call compiles
@given(TEXT)
def test_words_and_lines(text: str) -> None:
    text = text.encode("utf-8", "replace").decode()
    lengths = [len(line) for line in text.split("\n")]
    assert line_figures(text) == (len(lengths), sum(lengths), max(lengths))
    assert count_words(text) == len(WORD.findall(text)) + len(DENSE.findall(text))


@settings(deadline=None)  # the first call compiles
@given(SPANS)
def test_merged_spans_cover_the_same_bytes_once(spans: list[tuple[int, int]]) -> None:
    merged = merge_spans([start for start, _ in spans], [end for _, end in spans]).tolist()
    covered = [byte for start, end in merged for byte in range(start, end)]
    assert covered == sorted({byte for start, end in spans for byte in range(start, end)})
    data = np.frombuffer(b"a b\tc\n" * 10, dtype=np.uint8)
    filled = sum(not bytes(data[byte : byte + 1]).isspace() for byte in covered)
    assert filled_in(data, np.array(merged, dtype=np.int64).reshape(-1, 2)) == filled
    halves = in_order(
        *(np.array(part, dtype=np.int64).reshape(-1, 2) for part in (merged[::2], merged[1::2]))
    )
    assert halves.tolist() == merged
    kept = outside(halves, np.array(merged[:1], dtype=np.int64).reshape(-1, 2))
    assert kept.tolist() == merged[1:]


@settings(deadline=None)  # the first call compiles
@given(TEXT)
def test_tokens_are_operands_operators_and_decisions(text: str) -> None:
    source = text.encode("utf-8", "replace")
    words = Counter(TOKEN.findall(source))
    operands = {
        token: count
        for token, count in words.items()
        if re.match(rb"[\w\x80-\xff\x00]", token) and token not in KEYWORDS
    }
    data = np.frombuffer(source, dtype=np.uint8)
    found = token_figures(data, NO_SPANS, NO_SPANS, known_tokens(KEYWORDS, DECISIONS))
    assert found.tolist() == [
        sum(operands.values()),
        sum(words.values()) - sum(operands.values()),
        len(operands),
        len(words) - len(operands),
        sum(words[token] for token in DECISIONS),
    ]


def test_a_literal_is_one_operand_and_a_comment_nothing() -> None:
    source = b"x = 'a b' // if x\ny = 'a b'"
    data = np.frombuffer(source, dtype=np.uint8)
    literals, comments = merge_spans([4, 22], [9, 27]), merge_spans([10], [17])
    assert token_figures(data, comments, literals, known_tokens(KEYWORDS, DECISIONS)).tolist() == [
        4,
        2,
        3,
        1,
        0,
    ]


def test_a_printed_tree_has_depth_and_kinds_of_nodes() -> None:
    tree = PrintedTree()
    tree.add('(module (call function: (name) (MISSING ")")) (name))', 0)
    assert (tree.depth, tree.types) == (3, 5)
    tree.add("(name (other))", 4)
    assert (tree.depth, tree.types) == (6, 6)
