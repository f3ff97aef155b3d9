"""What a file is: its language or format, from the path, the first line and the content."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from corpusforge.code import documents, shapes
from corpusforge.code.annotation import code_line_share, comment_lines
from corpusforge.code.cells import read_cells
from corpusforge.code.config import CodeConfig
from corpusforge.code.features import read_features
from corpusforge.code.first_line import by_shebang
from corpusforge.code.grammars import (
    FormatRow,
    LanguageRow,
    formats,
    known_languages,
    language_row,
    languages,
)
from corpusforge.code.notebooks import looks_like_notebook
from corpusforge.code.ranking import best_language
from corpusforge.code.ranking import ranked as ranked_languages

_MIN_SCORE = 3.0
_MIN_WEAK_SCORE = 2.0
# A parse without errors makes up for few marks; five candidates cover look-alikes.
_CANDIDATES = 5
_MIN_CONFIRMED_SCORE = 1.0
_MAX_CONFIRMED_ERROR_SHARE = 0.02
_SOUND_GRAMMAR = 0.5
# Chosen on the development files of benches/languages.py, as the two bars there trade right names for wrong.
_MIN_NAMED_SCORE = 1.1
_MIN_LISP_SCORE = 0.4
_MIN_RIVAL_SHARE = 0.8
_MAX_NAMED_ERROR_SHARE = 0.1
_MAX_CONFIRMED_CHARS = 65_536
_WITH_PREPROCESSOR = ("c", "cpp", "objective-c", "cuda", "glsl", "assembly")
_LISPS = (
    "clojure",
    "common lisp",
    "scheme",
    "racket",
    "emacs lisp",
    "lfe",
    "tree-sitter query",
    "webassembly",
)
_CAPTURE = re.compile(r"[)\]\"_] @\w")
_DIRECTIVE = re.compile(
    r"^[ \t]*#[ \t]*(?:ifndef|ifdef|if|endif|define|pragma once|undef|error)\b(?=[^.:\n]*$)", re.M
)
_INCLUDE = re.compile(r"^#[ \t]*(?:include|import)[ \t]*[<\"][\w./+-]+[>\"][ \t]*(?:/[/*].*)?$", re.M)
_INSTRUCTION = re.compile(
    r"^[ \t]+(?:mov|push|pop|call|jmp|ret|add|sub|lea|xor|cmp|ldr|str|bl|addi|li|sw|lw)[lqwb]?(?:[ \t]|$)",
    re.M,
)
_SECTION = re.compile(r"^[ \t]*(?:\.(?:globl|global|section|text|data)\b|(?:section|global) [.\w])", re.M)
_CYTHON = re.compile(
    r"^(?:from [\w.]+ )?cimport \w|^[ \t]*cdef (?:extern from|class|struct|enum|inline|\w+ \w+)|^ctypedef ",
    re.M,
)
_SQL = re.compile(
    r"^[ \t]*(?:create (?:or replace )?(?:temp(?:orary)? )?(?:unique )?(?:table|view|index|function"
    r"|trigger|schema|database|type)"
    r"|insert into \S+|alter table \S+|drop (?:table|index|view)|update \S+ set|delete from \S+|grant \w+)\b",
    re.M | re.I,
)
_CERTAIN = (
    (re.compile(r"\s*(?:#!.*\n)?<\?hh\b"), "hack"),
    (re.compile(r"\s*(?:#!.*\n)?<\?php\b"), "php"),
    (re.compile(r"(?:\s*;.*\n)*\s*#lang \w"), "racket"),
    (re.compile(r"(?:\s*//.*\n|\s)*shader_type \w+"), "gdshader"),
    (re.compile(r"(?:\s*//.*\n|\s)*#version \d+"), "glsl"),
)
HEAD_START = 2_000
"""Characters in which a text shows that it is markup or a key, not a program."""
_XML_START = re.compile(r"<\?xml[ \t]|<!DOCTYPE (?!html)\w+|<(?:TS|plist|svg|xs:schema|project)[ >]")
_PEM_STARTS = ("-----BEGIN ", "---- BEGIN ")
_GRAPH_START = re.compile(r"(?:#.*\n|Creator .*\n)*graph\s*\[", re.I)
_NAMELESS = ("data", "lock_file", "licence_text", "log")


@dataclass(frozen=True, slots=True)
class Detected:
    """What a file is."""

    family: str
    """`program`, `prose`, `text`, `literate`, `notebook`, `unknown`, or a drop reason."""
    name: str
    """Of the language or format."""
    how: str
    """`by its name`, `by its first line`, `by a certain mark` or `by its content`, the least certain."""
    language: str | None = None
    """Of a build script; of a program the name above."""
    is_sure: bool = True
    """Whether a program's language is sure enough to be named to others."""

    @property
    def named_language(self) -> str | None:
        """The language to tell others, or None."""
        if self.family == "program":
            return self.name if self.is_sure else None
        return self.language


def detect(text: str, path: str | None, config: CodeConfig) -> Detected:
    """Return what a file is. The path decides where it is clear, the content elsewhere."""
    if looks_like_notebook(text):
        return Detected("notebook", "notebook", "by its content")
    by_path = _by_path(text, path, config) if path else None
    if by_path is not None and by_path.family != "text":
        return by_path
    if by_path is None:
        return by_text(text, config)
    return _by_plain_text(text, config) or by_path


def _by_plain_text(text: str, config: CodeConfig) -> Detected | None:
    """Return what a .txt or README is besides text: data, a licence, a document, no program."""
    how = "by its content"
    if documents.is_shell_session(text):
        return Detected("text", "shell session", how)
    if by_shebang(text) is not None:
        return None
    if (found := shapes.exact_shape(text)) is not None:
        return Detected(*found, how) if found[0] in _NAMELESS else None
    # Indented lines of a plain text are columns as often as code: only fences count there.
    if "\n```" in text:
        fenced = by_text(text, config)
        return fenced if fenced.family in ("prose", "literate", "text", *_NAMELESS) else None
    loose = shapes.loose_shape(text, config)
    return Detected(loose[0], loose[1], how) if loose is not None and loose[0] in _NAMELESS else None


def _by_path(text: str, path: str, config: CodeConfig) -> Detected | None:
    name = posixpath.basename(path).partition("#")[0].lower()
    if name.startswith("readme.") and name.rpartition(".")[2] not in _formats_by_extension():
        name = "readme"  # README.C++ tells of C++, README.el is Greek
    stem, _, extension = name.rpartition(".")
    if not stem:  # no dot, or a hidden file whose whole name is its extension
        stem = extension
    candidates = _candidates(name, extension)
    if (row := _format_by_name(name, stem)) is not None:
        # A build script is one in some language: the first of its name or ending.
        return Detected(row.family, row.name, "by its name", candidates[0] if candidates else None)
    if "." not in name and name not in _languages_by_name():
        return None
    row = _formats_by_extension().get(extension) if "." in name else None
    if candidates and (found := _settled(text, candidates, row, config)) is not None:
        return found
    return Detected(row.family, row.name, "by its name") if row is not None else None


def _candidates(name: str, extension: str) -> tuple[str, ...]:
    """Return the languages that a file's name may stand for, the likeliest first."""
    whole = _languages_by_name().get(name)
    if whole is not None:
        return whole
    double = name.partition(".")[2]
    return _languages_by_extension().get(double) or _languages_by_extension().get(extension, ())


def _settled(
    text: str, candidates: tuple[str, ...], row: FormatRow | None, config: CodeConfig
) -> Detected | None:
    """Return what a file is whose ending names programs: one of them, data by its form, or None.

    None where the ending is a format's too and no language is marked.
    """
    start = text[:HEAD_START].lstrip("\ufeff \t\r\n")
    if (data := _foreign_start(start)) is not None:
        return Detected(*data, "by its content")
    named = by_shebang(text)
    if named is not None and (named in candidates or (text.startswith("#!") and len(candidates) > 1)):
        return Detected("program", named, "by its first line")
    if len(candidates) == 1 and row is None:
        return Detected("program", candidates[0], "by its name")
    best, score = ranked_languages(text, candidates, config)[0]
    if row is not None and score < _MIN_WEAK_SCORE:
        return None
    return Detected("program", best, "by its name")


def _foreign_start(start: str) -> tuple[str, str] | None:
    """Return (family, name) of a text that opens as no program does, whatever its name."""
    if _XML_START.match(start):
        return "markup", "xml"
    if start.startswith(_PEM_STARTS):
        return "data", "pem"
    if _GRAPH_START.match(start):
        return "data", "graph"
    return None


def _format_by_name(name: str, stem: str) -> FormatRow | None:
    first = name.partition(".")[0]
    is_document = name == first or name.rpartition(".")[2] in (
        "md",
        "txt",
        "rst",
        "markdown",
        "html",
        "dtl",
        "adoc",
        "org",
    )
    is_program = not is_document and name.rpartition(".")[2] in _languages_by_extension()
    for row in formats().values():
        if name in row.names:
            return row
        # rollup.config.js builds; requirements.py is a program like any other
        if (row.family == "build_file" or not is_program) and any(p.search(stem) for p in row.stem_patterns):
            return row
        if first in row.stems and not is_program:
            return row
        if row.family == "licence_text" and is_document and re.match(r"(un)?licen[cs]e|copying", first):
            return row
    return None


@cache
def _languages_by_extension() -> dict[str, tuple[str, ...]]:
    return _index((extension, row.name) for row in _all_rows() for extension in row.extensions)


@cache
def _languages_by_name() -> dict[str, tuple[str, ...]]:
    return _index((name.lower(), row.name) for row in _all_rows() for name in row.filenames)


def _all_rows() -> Iterable[LanguageRow]:
    return (*languages().values(), *known_languages().values())


@cache
def _formats_by_extension() -> dict[str, FormatRow]:
    return {extension: row for row in formats().values() for extension in row.extensions}


def _index(pairs: Iterable[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for key, value in pairs:
        found[key] = (*found.get(key, ()), value)
    return found


def by_text(text: str, config: CodeConfig) -> Detected:
    """Return what a file is from its content alone.

    In order: first line, forms that leave no doubt, cell scripts, a language whose
    grammar agrees, documents, data and settings, the language marked best, prose.
    """
    how = "by its content"
    if not text.strip():
        return Detected("data", "empty file", how)
    if documents.is_shell_session(text):
        return Detected("text", "shell session", how)
    named = by_shebang(text)
    if named is not None and text.startswith("#!"):
        return Detected("program", named, "by its first line")
    if (found := shapes.exact_shape(text)) is not None:
        return Detected(*found, how)
    if named is not None:
        return Detected("program", named, "by its first line")
    if (found := documents.exact_document(text)) is not None:
        return Detected(_family(found[1]), found[1], how)
    ranked = ranked_languages(text, tuple(languages()), config)
    cells = read_cells(text)
    if cells is not None and cells.markdown_cells > 0:
        return Detected("program", ranked[0][0], how, is_sure=_is_sure(text, ranked[0], config))
    if (language := _by_certain_mark(text, config)) is not None:
        if language == "data":  # lists that nothing evaluates: boards, schematics, settings
            return Detected("data", "s-expressions", how)
        return Detected("program", language, "by a certain mark")
    if _is_docstring(text, config):
        return Detected("program", "python", how)
    # A grammar is slow to find no sense in prose.
    least = _MIN_WEAK_SCORE if documents.is_prose(text) else _MIN_CONFIRMED_SCORE
    for language, marked in ranked[:_CANDIDATES]:
        if marked >= least and _confirmed(text, language, config):
            sure = marked >= _MIN_NAMED_SCORE and marked >= _MIN_RIVAL_SHARE * ranked[0][1]
            return Detected("program", language, how, is_sure=sure)
    return _by_balance(text, ranked, config)


def _family(document: str) -> str:
    return "literate" if document == "literate haskell" else "prose"


def _by_balance(text: str, ranked: list[tuple[str, float]], config: CodeConfig) -> Detected:
    """Return what a text is that no grammar confirms: marks of documents, data and languages compared."""
    how = "by its content"
    best, score = ranked[0]
    document = documents.document_shape(text)
    if document is not None and (document[1] > score or score < _MIN_SCORE):
        return Detected(_family(document[0]), document[0], how)
    loose = shapes.loose_shape(text, config)
    if loose is not None and (loose[2] >= score or score < _MIN_SCORE):
        return Detected(loose[0], loose[1], how)
    prose = documents.is_prose(_uncommented(text, best) if score >= _MIN_WEAK_SCORE else text)
    prose = prose or (score < _MIN_WEAK_SCORE and documents.is_loose_prose(text))
    like = 0.0 if prose or score < _MIN_WEAK_SCORE else _reads_as(text, best)
    if like >= (config.min_code_line_share if score >= _MIN_SCORE else config.min_unknown_code_line_share):
        return Detected("program", best, how, is_sure=_is_sure(text, ranked[0], config))
    return Detected("text" if prose else "unknown", "text", how)


def _reads_as(text: str, language: str) -> float:
    """Return the share of the lines that look like code, comments of the language left out."""
    return code_line_share(text[: documents.HEAD_CHARS].split("\n"), language_row(language))


def _uncommented(text: str, language: str) -> str:
    """Return the head of a text without the lines that are comments in a language."""
    lines = text[: documents.HEAD_CHARS].split("\n")
    flags = comment_lines(lines, language_row(language))
    return "\n".join(line for line, is_comment in zip(lines, flags, strict=True) if not is_comment)


def _by_certain_mark(text: str, config: CodeConfig) -> str | None:
    """Return the language of a text with a mark that no other kind of file has."""
    head = text[: config.sample_chars]
    for mark, language in _CERTAIN:
        if mark.match(head):
            return language
    if len(_DIRECTIVE.findall(head)) >= 2 or _INCLUDE.search(head):
        return best_language(text, _WITH_PREPROCESSOR, config)
    if len(_INSTRUCTION.findall(head)) >= 2 and _SECTION.search(head):
        return "assembly"
    if _CYTHON.search(head):
        return "python"
    if len(_SQL.findall(head)) >= 1 and ";" in head and not documents.is_symbol_line(head.split("\n")[0]):
        return "sql"
    return _lisp(head, config)


def _lisp(head: str, config: CodeConfig) -> str | None:
    """Return the Lisp of a text of lists in balanced brackets, `data` without a Lisp's words, or None."""
    bare = re.sub(r'"(?:[^"\\]|\\.)*"|;.*', "", head)
    opened, closed = bare.count("("), bare.count(")")
    lines = [line for line in bare.split("\n") if line.strip()]
    tops = [line for line in lines if not line[0].isspace()]
    if opened < 3 or len(tops) < 1 or abs(opened - closed) > 0.05 * opened + 1:
        return None
    lists = sum(line[0] in "()" for line in tops)
    others = sum(line[0] in "[]'`:@{" for line in tops)
    if lists < 0.5 * len(tops) or lists + others < 0.95 * len(tops) or opened < 0.4 * len(lines):
        return None
    best, score = ranked_languages(head, _LISPS, config)[0]
    if best == "tree-sitter query" and _CAPTURE.search(head) is None:
        return "data"
    return best if score >= _MIN_LISP_SCORE else "data"


def _is_sure(text: str, ranked: tuple[str, float], config: CodeConfig) -> bool:
    """Return whether a text shows a language enough to be named: by its marks, and no grammar objects."""
    language, score = ranked
    if score < _MIN_NAMED_SCORE:
        return False
    row = languages()[language]
    if row.grammar is None or row.lenient or len(text) > _MAX_CONFIRMED_CHARS:
        return True
    features = read_features(text, row, config)
    return not features.parsed or features.error_share <= _MAX_NAMED_ERROR_SHARE


def _is_docstring(text: str, config: CodeConfig) -> bool:
    """Return whether a text is a Python file with hardly more than its docstring."""
    if not text.lstrip()[:4].lstrip("ruRU").startswith(('"""', "'''")):
        return False
    features = read_features(text, languages()["python"], config)
    return features.docstring_share > 0 and features.error_share <= _MAX_CONFIRMED_ERROR_SHARE


def _confirmed(text: str, language: str, config: CodeConfig) -> bool:
    """Return whether a sound grammar reads the text with hardly an error and finds code in it."""
    row = language_row(language)
    if row.grammar is None or row.lenient or row.error_weight < _SOUND_GRAMMAR:
        return False
    if len(text) > _MAX_CONFIRMED_CHARS:  # a wrong grammar recovers from its errors in quadratic time
        return False
    features = read_features(text, row, config)
    code = features.definitions + features.imports + features.toplevel
    if not features.parsed or features.error_share > _MAX_CONFIRMED_ERROR_SHARE or code < 1:
        return False
    # A text read as one long string is no program of this language.
    limit = config.min_literal_share if features.imports == 0 else config.min_importing_literal_share
    return features.literal_share < limit
