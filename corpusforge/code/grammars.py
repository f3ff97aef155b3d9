"""Languages, grammars and queries: what may be parsed, loaded once a process."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, cast

from tree_sitter import Language, Parser, Query, Tree

from corpusforge.extras import load

_LIST = tuple[str, ...]
_TYPICAL_MARK_BITS = 7.0
_MIN_CALLS = 1_000
"""Calls of a parser, one each 100 steps, that any source may take; beyond, one a byte. Of 1,755 real files
cut to 4 KiB, read by grammars of other languages too, none that ended took more than 0.27 a byte."""
_READ_BYTES = 1 << 14
"""Handed to a parser, and to a query that asks for a node's text, at a time."""


@dataclass(frozen=True, slots=True)
class LanguageRow:
    """One row of `languages.toml`."""

    name: str
    grammar: str | None
    extensions: _LIST
    filenames: _LIST
    shebangs: _LIST
    marks: tuple[re.Pattern[str], ...]
    weights: tuple[float, ...]
    """Of the marks, in typical marks: how telling each is by `mark_weights.toml`."""
    line_comments: _LIST
    block_comments: tuple[tuple[str, str], ...]
    extends: str | None
    """The language whose marks count for this one too, once it shows marks of its own."""
    error_weight: float
    lenient: bool


@dataclass(frozen=True, slots=True)
class FormatRow:
    """One row of `formats.toml`."""

    name: str
    family: str
    extensions: _LIST
    names: _LIST
    stems: _LIST
    stem_patterns: tuple[re.Pattern[str], ...]


@dataclass(frozen=True)
class Grammar:
    """A grammar of the allow-list, ready to parse with."""

    parser: Parser
    query: Query
    toplevel_query: Query
    """What begins at the root, apart: nodes below it need not be held against these patterns."""
    keywords: frozenset[bytes]
    """The words of the language's own: its anonymous nodes that are letters."""

    def parse(self, source: bytes) -> Tree | None:
        """Return the syntax tree, or None where the parser takes more steps than any real file of the size.

        A text in another language can keep error recovery busy for minutes. Steps are counted, not
        seconds: the same text has the same outcome on every machine.
        """
        left = _MIN_CALLS + len(source)

        def is_over(offset: int, has_error: bool) -> bool:
            nonlocal left
            left -= 1
            return left < 0

        try:
            return self.parser.parse(
                lambda offset, _point: source[offset : offset + _READ_BYTES], progress_callback=is_over
            )
        except ValueError:  # how the bindings tell of a parse that was called off
            self.parser.reset()
            return None


def _table(name: str) -> Mapping[str, Mapping[str, Any]]:
    return tomllib.loads(resources.files("corpusforge.code").joinpath(name).read_text("utf-8"))


@cache
def languages() -> Mapping[str, LanguageRow]:
    """Return the rows of `languages.toml` by name, in file order."""
    weights = cast(Mapping[str, Any], _table("mark_weights.toml"))
    return {
        name: _language_row(name, row, weights.get(name)) for name, row in _table("languages.toml").items()
    }


def _language_row(name: str, row: Mapping[str, Any], bits: Sequence[float] | None = None) -> LanguageRow:
    marks = tuple(re.compile(mark, re.MULTILINE) for mark in row.get("marks", ()))
    return LanguageRow(
        name=name,
        grammar=row.get("grammar"),
        extensions=tuple(row.get("extensions", ())),
        filenames=tuple(row.get("filenames", ())),
        shebangs=tuple(row.get("shebangs", ())),
        marks=marks,
        weights=tuple(weight / _TYPICAL_MARK_BITS for weight in bits) if bits else (1.0,) * len(marks),
        line_comments=tuple(row.get("line", ())),
        block_comments=tuple((start, end) for start, end in row.get("block", ())),
        extends=row.get("extends"),
        error_weight=float(row.get("error_weight", 1.0)),
        lenient=bool(row.get("lenient", False)),
    )


@cache
def known_languages() -> Mapping[str, LanguageRow]:
    """Return the rows of `known_languages.toml` by name: told by a file's name alone, read as text."""
    return {name: _language_row(name, row) for name, row in _table("known_languages.toml").items()}


@cache
def foreign_syntax() -> Mapping[str, re.Pattern[str]]:
    """Return, by language, what its relatives write and it never does: `foreign_syntax.toml`."""
    return {
        name: re.compile(
            "|".join(f"(?:{pattern})" for pattern in cast(Sequence[str], patterns)), re.MULTILINE
        )
        for name, patterns in _table("foreign_syntax.toml").items()
    }


def language_row(name: str) -> LanguageRow:
    """Return the row of a language that is parsed, marked or only known by name; KeyError for others."""
    return languages().get(name) or known_languages()[name]


@cache
def formats() -> Mapping[str, FormatRow]:
    """Return the rows of `formats.toml` by name, in file order."""
    return {
        name: FormatRow(
            name=name,
            family=str(row["family"]),
            extensions=tuple(row.get("extensions", ())),
            names=tuple(row.get("names", ())),
            stems=tuple(row.get("stems", ())),
            stem_patterns=tuple(re.compile(pattern) for pattern in row.get("stem_patterns", ())),
        )
        for name, row in _table("formats.toml").items()
    }


@cache
def grammar_of(language: str) -> Grammar | None:
    """Return the grammar of a language, or None where it has none on the allow-list."""
    row = languages().get(language)
    if row is None or row.grammar is None:
        return None
    # 190 MB on disk, and of no use to prose: an extra, loaded with the first program.
    grammar: Language = load("tree_sitter_language_pack").get_language(row.grammar)
    source = resources.files("corpusforge.code").joinpath(f"queries/{row.grammar}.scm").read_text("utf-8")
    query, toplevel = Query(grammar, source), Query(grammar, source)
    encoded = source.encode()
    for number in range(query.pattern_count):
        pattern = encoded[query.start_byte_for_pattern(number) : query.end_byte_for_pattern(number)]
        if b"@toplevel" in pattern or b"@item" in pattern:
            query.disable_pattern(number)
        else:
            toplevel.disable_pattern(number)
    return Grammar(Parser(grammar), query, toplevel, _keywords(grammar))


def _keywords(grammar: Language) -> frozenset[bytes]:
    kinds = (
        grammar.node_kind_for_id(number)
        for number in range(grammar.node_kind_count)
        if not grammar.node_kind_is_named(number)
    )
    return frozenset(kind.encode() for kind in kinds if kind and kind.isalpha())
