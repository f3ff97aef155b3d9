"""Figures about a program: from its syntax tree, or from its text where there is none."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

import numpy as np
from tree_sitter import Node, QueryCursor, Tree

from corpusforge.code.annotation import (
    NO_ANNOTATION,
    Annotation,
    code_line_share,
    comment_lines,
    read_annotation,
)
from corpusforge.code.config import CodeConfig
from corpusforge.code.grammars import Grammar, LanguageRow, grammar_of
from corpusforge.code.scan import NO_SPANS, Spans, count_words, filled_in, in_order, merge_spans, outside

_BLANK = b" \t\n\r\f\v"
_SYMBOLS = bytes(byte for byte in range(128) if not chr(byte).isalnum())
_Span = tuple[int, int]
_LICENCE = re.compile(r"copyright|licen[sc]e|all rights reserved|spdx-|\(c\) \d{4}", re.I)
# Searches that begin with a literal: anchored at every line they cost as much as parsing.
_MAIN = re.compile(r"[mM]ain ?\(")
_MAIN_HEAD = re.compile(r"\b(?:int|void|auto|func|fn|fun|def|Task|sub|proc|function) (?:_?t?w?|Win)$")
_MAIN_MARKS = ("\nif __name__ ==", "\nmain ::", "\nmain = ", "require.main === module", "import.meta.main")
_FILE_MARKS = ("\nif __FILE__ == $", "\nif $0 == __FILE__", "abspath(PROGRAM_FILE)")
_TEST = re.compile(
    r"\n[ \t]*(?:def test_|(?:public |final )*class \w*Tests?\b|@Test\b|\[(?:Test|Fact|TestMethod|Theory)\b"
    r"|func Test\w+\(|#\[test\]|(?:describe|it|test)\(['\"]|TEST(?:_F|_CASE)?\(|@testset\b|test_that\()"
)
_QUOTED = re.compile(r"\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'|`[^`\n]*`")
_LOST_ERROR_SHARE = 0.9
_CALLS = ("call", "invocation", "command")
_MAX_TOPLEVEL_NODES = 2_000
_NO_STATEMENT = re.compile(
    "package|import|module|include|header|attribute|preproc|comment|decl|defin|interface|implementation|extension"
    "|program|unit|signature|function|type|struct|class|enum|fun_|ERROR"
)


@dataclass(frozen=True, slots=True)
class Features:
    """Figures about one program.

    Shares are of the bytes that are no white space; the licence header is left out of
    both sides of every share.
    """

    parsed: bool
    executable_share: float
    comment_share: float
    docstring_share: float
    literal_share: float
    """Of the executable characters."""
    error_share: float
    """Parse errors and missing tokens, unweighted; 0 where there is no tree."""
    definitions: int
    toplevel: int
    toplevel_calls: int
    imports: int
    declarations: int
    has_entry_point: bool
    is_test: bool
    filled_chars: int
    comment_words: int
    annotation: Annotation
    code_line_share: float
    """Lines that look like code, of those that are no comment; 1 where there is a tree."""
    tree: Tree | None = field(default=None, compare=False)
    source: bytes = field(default=b"", repr=False)
    literals: Spans = field(default_factory=lambda: NO_SPANS, compare=False, repr=False)
    comments: Spans = field(default_factory=lambda: NO_SPANS, compare=False, repr=False)
    import_spans: tuple[_Span, ...] = field(default=(), repr=False)
    errors: Spans = field(default_factory=lambda: NO_SPANS, compare=False, repr=False)


def filled(source: bytes) -> int:
    """Return the bytes of a source that are no white space."""
    return len(source.translate(None, _BLANK))


def alphanumeric_share(source: bytes) -> float:
    """Return the share of a source's bytes that are letters, digits or not ASCII."""
    return len(source.translate(None, _SYMBOLS)) / max(1, len(source))


def read_features(text: str, row: LanguageRow, config: CodeConfig) -> Features:
    """Return the figures of a program in a known language.

    Parsed when the language has a grammar on the allow-list, the file is within the limits
    of `parseable` and the grammar does not run away on it; else read line by line.
    """
    source = text.encode("utf-8", "replace")
    grammar = grammar_of(row.name)
    tree = grammar.parse(source) if grammar is not None and parseable(source, config) else None
    if grammar is None or tree is None:
        return _from_text(text, source, row)
    return _from_tree(text, source, row, tree, _captures(grammar, tree), config)


def has_entry_point(text: str) -> bool:
    """Return whether a program says where it begins: a `main`, a script's guard, a first line `#!`."""
    if text.startswith(("#!", "if __name__ ==", "main ::")):
        return True
    if "main" in text and any(mark in text for mark in _MAIN_MARKS):
        return True
    if "_FILE" in text and any(mark in text for mark in _FILE_MARKS):
        return True
    if "\nif (!interactive())" in text or " extends App " in text:
        return True
    if "ain(" not in text and "ain (" not in text:
        return False  # a search without a literal head is slow
    places = (found.start() for found in _MAIN.finditer(text))
    return any(_MAIN_HEAD.search(text[max(0, place - 24) : place]) for place in places)


def is_test(text: str) -> bool:
    """Return whether a program holds unit tests."""
    if "est" not in text and "EST" not in text and "it(" not in text and "Fact" not in text:
        return False
    return _TEST.search(f"\n{text[:200]}") is not None or _TEST.search(text) is not None


def parseable(source: bytes, config: CodeConfig) -> bool:
    """Return whether a source is safe to hand to a parser: by size, unclosed comments and repeated lines."""
    open_comments = source.count(b"/*") - source.count(b"*/")
    if len(source) > config.max_parse_bytes or open_comments > config.max_open_comments:
        return False
    if source.count(b"\n") < config.min_repetitive_lines:
        return True
    lines = source.split(b"\n")
    return len(set(lines)) >= config.min_distinct_line_share * len(lines)


def _from_tree(
    text: str,
    source: bytes,
    row: LanguageRow,
    tree: Tree,
    captures: Mapping[str, list[Node]],
    config: CodeConfig,
) -> Features:
    data = np.frombuffer(source, dtype=np.uint8)
    docstrings = _merged(captures, "docstring")
    all_comments = _merged(captures, "comment")
    header_length = _licence_header(source, all_comments)
    header, comments = all_comments[:header_length], all_comments[header_length:]
    literals = outside(_merged(captures, "string", "number"), docstrings)
    total = max(1, filled(source) - filled_in(data, header))
    comment_chars, docstring_chars = filled_in(data, comments), filled_in(data, docstrings)
    executable = max(0, total - comment_chars - docstring_chars)
    error_spans = _merged(captures, "error")
    errors = filled_in(data, error_spans) + len(captures.get("missing", ()))
    comment_share = comment_chars / total
    explained = comment_share >= config.min_annotation_share
    mostly_errors = errors > total / 4
    lines = text.split("\n") if explained or mostly_errors else []
    imports = _spans(captures.get("import", ()))
    toplevel = captures.get("toplevel") or _statements(captures, imports)
    return Features(
        parsed=True,
        executable_share=executable / total,
        comment_share=comment_share,
        docstring_share=docstring_chars / total,
        literal_share=min(1.0, filled_in(data, literals) / max(1, executable)),
        error_share=min(1.0, errors / total),
        definitions=len(captures.get("definition", ())),
        toplevel=len(toplevel),
        toplevel_calls=_calls(toplevel),
        imports=len(imports),
        declarations=len(captures.get("declaration", ())),
        has_entry_point=has_entry_point(text),
        is_test=is_test(text),
        filled_chars=total,
        comment_words=count_words(_joined(source, comments, docstrings)),
        annotation=read_annotation(lines, row) if explained else NO_ANNOTATION,
        code_line_share=code_line_share(lines, row) if mostly_errors else 1.0,
        tree=tree,
        source=source,
        literals=literals,
        comments=in_order(all_comments, docstrings),
        import_spans=tuple(imports),
        errors=error_spans,
    )


def _captures(grammar: Grammar, tree: Tree) -> Mapping[str, list[Node]]:
    """Return the captured nodes by name, each once, in no order.

    Read match by match: where captures are asked for in order, tree-sitter looks through all matches that
    are under way before each of them, which takes half as long again.
    """
    root = tree.root_node
    at_root = QueryCursor(grammar.toplevel_query)
    at_root.set_max_start_depth(0)
    found: dict[str, set[Node]] = {}
    for cursor in (QueryCursor(grammar.query), at_root):
        for _, captured in cursor.matches(root):
            for name, nodes in captured.items():
                known = found.get(name)
                if known is None:
                    found[name] = set(nodes)
                else:
                    known.update(nodes)
    return {name: list(nodes) for name, nodes in found.items()}


def _statements(captures: Mapping[str, list[Node]], imports: Iterable[_Span]) -> list[Node]:
    """Return the children of the root that are no definition, declaration, import or comment."""
    items = _first(captures.get("item", ()))
    known = {*imports, *_spans(captures.get("definition", ()))} if items else set[_Span]()
    return [node for node in items if _is_statement(node.type) and node.byte_range not in known]


@cache
def _is_statement(kind: str) -> bool:
    return not _NO_STATEMENT.search(kind)


def _first(nodes: Sequence[Node]) -> Sequence[Node]:
    """Return the nodes that are looked at: where there are too many, the first in the file."""
    if len(nodes) <= _MAX_TOPLEVEL_NODES:
        return nodes
    return sorted(nodes, key=lambda node: (node.start_byte, node.end_byte))[:_MAX_TOPLEVEL_NODES]


def _calls(nodes: Sequence[Node]) -> int:
    """Return how many top-level statements are calls, or are made of nothing but one."""
    found = 0
    for node in _first(nodes):
        kind = node.type
        if kind == "expression_statement" and node.named_child_count:
            kind = node.named_children[0].type
        found += any(call in kind for call in _CALLS)
    return found


def _joined(source: bytes, *spans: Spans) -> str:
    pieces = [source[start:end] for some in spans for start, end in some.tolist()]
    return b"\n".join(pieces).decode("utf-8", "replace")


def _spans(nodes: Iterable[Node]) -> list[_Span]:
    return sorted([node.byte_range for node in nodes])


def _merged(captures: Mapping[str, list[Node]], *names: str) -> Spans:
    found = [nodes for name in names if (nodes := captures.get(name))]
    if not found:
        return NO_SPANS
    nodes = found[0] if len(found) == 1 else [node for nodes in found for node in nodes]
    return merge_spans([node.start_byte for node in nodes], [node.end_byte for node in nodes])


def damaged_text(text: str, features: Features) -> str:
    """Return the lines that a parser made no sense of, without the strings and comments in them.

    Where that is nearly the whole file the tree tells no string from code: the quotes do.
    """
    source = bytearray(features.source)
    if features.error_share >= _LOST_ERROR_SHARE:
        return without_strings(text)
    for spans in (features.literals, features.comments):
        for start, end in spans.tolist():
            source[start:end] = b" " * (end - start)
    pieces: list[bytes] = []
    position = 0
    for start, end in features.errors.tolist():
        first = max(features.source.rfind(b"\n", 0, start) + 1, position)
        last = features.source.find(b"\n", max(end - 1, 0))
        position = len(source) if last < 0 else last
        pieces.append(bytes(source[first:position]))
    return b"\n".join(pieces).decode("utf-8", "replace")


def prose_of(features: Features) -> str:
    """Return the comments and docstrings of a program, one after another; "" without a tree."""
    return _joined(features.source, features.comments)


def without_strings(text: str) -> str:
    """Return a text without what stands in quotes on one line: a pattern there is full of symbols."""
    return _QUOTED.sub('""', text)


def _licence_header(source: bytes, comments: Spans) -> int:
    """Return how many comments open the file, with nothing between them, if they name a licence."""
    if not len(comments) or source[: comments[0, 0]].strip():
        return 0
    length = position = 0
    for start, end in comments.tolist():
        if source[position:start].strip():
            break
        if length and source.count(b"\n", position, start) > 1:
            break  # a blank line ends the header
        length += 1
        position = end
    text = source[:position].decode("utf-8", "replace")
    return length if _LICENCE.search(text) else 0


def _from_text(text: str, source: bytes, row: LanguageRow) -> Features:
    lines = text.split("\n")
    total = max(1, filled(source))
    comment = "\n".join(line for line, flag in zip(lines, comment_lines(lines, row), strict=True) if flag)
    comment_chars = filled(comment.encode("utf-8", "replace"))
    return Features(
        parsed=False,
        executable_share=max(0.0, 1 - comment_chars / total),
        comment_share=min(1.0, comment_chars / total),
        docstring_share=0.0,
        literal_share=0.0,
        error_share=0.0,
        definitions=0,
        toplevel=0,
        toplevel_calls=0,
        imports=0,
        declarations=0,
        has_entry_point=has_entry_point(text),
        is_test=is_test(text),
        filled_chars=total,
        comment_words=count_words(comment),
        annotation=read_annotation(lines, row),
        code_line_share=code_line_share(lines, row),
        source=source,
    )
