"""What a file is by its content alone: forms, certain marks, a grammar that agrees, marks compared."""

from __future__ import annotations

import re
from functools import cache

from corpusforge.code import documents, shapes
from corpusforge.code.annotation import code_line_share, comment_lines
from corpusforge.code.cells import read_cells
from corpusforge.code.config import CodeConfig
from corpusforge.code.detected import Detected
from corpusforge.code.features import Features, read_features
from corpusforge.code.first_line import by_shebang
from corpusforge.code.grammars import known_languages, language_row, languages
from corpusforge.code.ranking import best_language, has_foreign_syntax
from corpusforge.code.ranking import ranked as ranked_languages

_MIN_SCORE = 3.0
MIN_WEAK_SCORE = 2.0
"""Marks that a language shows at least, where something else is as likely."""
# A parse without errors makes up for few marks; five candidates cover look-alikes.
_CANDIDATES = 5
_MIN_CONFIRMED_SCORE = 1.0
_MAX_CONFIRMED_ERROR_SHARE = 0.02
_SOUND_GRAMMAR = 0.5
# Chosen on the development files of benches/languages.py, as the two bars there trade right names for wrong.
_MIN_NAMED_SCORE = 1.1
_MIN_LEAD = 1.0
_FOREIGN_SHARE = 0.5
"""Of its marks, what a language keeps in a text with syntax that only its relatives have."""
_SHORT_CHARS = 1_000
_MAX_LINE_CHARS = 200
_BY_MARKS = "by its marks"
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
    r"^[ \t]+(?:(?:mov|push|pop|call|jmp|ret|add|sub|lea|xor|cmp|ldr|str|bl|addi|li|sw|lw)[lqwb]?"
    r"|[als]jmp|[al]call|reti|mov[xc]|setb|djnz|cjne|lda|sta|ldx|jsr|rts|rti|ldi|rjmp|rcall|djnz)(?:[ \t]|$)",
    re.M | re.I,
)
_SECTION = re.compile(
    r"^[ \t]*(?:\.(?:globl|global|section|text|data|org)\b|(?:section|global) [.\w]|org[ \t]+[$0])",
    re.M | re.I,
)
_SHELL_LINE = re.compile(
    r"[ \t]*(?:export [A-Z_]*PATH=|(?:source|\.) [~$/]|\[\[? -[a-z] .+ \]\]? (?:&&|\|\|)|setopt[ \t]+\w"
    r"|autoload -|typeset -\w|bindkey |unset \w+$|eval \"\$\(|[\w./~ -]+ &$|\w+=\([^)]*\$\w"
    r"|exec \w[\w./ -]*$|while true; do)"
)
_MIN_SHELL_SHARE = 0.3
"""Of the lines that are no comments, from which on commands alone make a script: a login's settings."""
_CYTHON = re.compile(
    r"^(?:from [\w.]+ )?cimport \w|^[ \t]*cdef (?:extern from|class|struct|enum|inline|\w+ \w+)|^ctypedef ",
    re.M,
)
_SQL = re.compile(
    r"^[ \t]*(?:create (?:or replace )?(?:temp(?:orary)? )?(?:unique )?(?:table|view|index|function"
    r"|trigger|schema|database|type|procedure|package|sequence|role|user)"
    r"|select [\w*.,() ]{1,80} from \w|declare @?\w+ \w+(?:\(\d+\))?;|insert into \S+|alter table \S+"
    r"|drop (?:table|index|view)|update \S+ set|delete from \S+|grant \w+)\b",
    re.M | re.I,
)
_CERTAIN = (
    (re.compile(r"\s*(?:#!.*\n)?<\?hh\b"), "hack"),
    (re.compile(r"\s*(?:#!.*\n)?<\?php\b"), "php"),
    (re.compile(r"(?:[ \t]*(?://.*|@Library.*)?\n)*[ \t]*pipeline \{\s*\n\s*(?:agent|//)"), "groovy"),
    (re.compile(r"(?:\s*;.*\n)*\s*#lang \w"), "racket"),
    (re.compile(r'\s*script "[^"\n]+"(?: with "[^"\n]+")?\s*\n'), "livecode script"),
    (
        re.compile(r"(?:\s++|//.*\n|`.*\n)*+module \w+\s*(?:#\s*\(|\()[^;]{0,400}\b(?:input|output)\b"),
        "verilog",
    ),
    (re.compile(r"(?:\s++|//.*\n)*+shader_type \w+"), "gdshader"),
    (re.compile(r"(?:\s++|//.*\n)*+#version \d+"), "glsl"),
)


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
        return Detected("program", _dialect(text, named, config), "by its first line")
    if (found := shapes.exact_shape(text)) is not None:
        return Detected(*found, how)
    if named is not None:
        return Detected("program", named, "by its first line")
    if (found := documents.exact_document(text)) is not None:
        return Detected(_family(found[1]), found[1], how)
    ranked = _without_foreign(text, ranked_languages(text, tuple(languages()), config), config)
    cells = read_cells(text)
    if cells is not None and cells.markdown_cells > 0:
        return Detected("program", ranked[0][0], how, is_sure=_is_sure(text, ranked[0], config))
    if (language := _by_certain_mark(text, ranked, config)) is not None:
        if language == "data":  # lists that nothing evaluates: boards, schematics, settings
            return Detected("data", "s-expressions", how)
        sure = not _is_of_another(text, ranked, config) and not has_foreign_syntax(text, language, config)
        return Detected("program", language, "by a certain mark", is_sure=sure)
    if _is_docstring(text, config):
        return Detected("program", "python", how)
    # A grammar is slow to find no sense in prose.
    least = MIN_WEAK_SCORE if documents.is_prose(text) else _MIN_CONFIRMED_SCORE
    for language, marked in ranked[:_CANDIDATES]:
        if marked >= least and (features := _confirmed(text, language, config)) is not None:
            is_rival = ranked[0][1] >= _MIN_SCORE and marked < _MIN_RIVAL_SHARE * ranked[0][1]
            if is_rival and (not _has_sound_grammar(ranked[0][0]) or _reads_well(text, ranked[0][0], config)):
                # A program by this grammar, and one of another language by its marks.
                return Detected("program", ranked[0][0], _BY_MARKS, is_sure=_is_sure(text, ranked[0], config))
            sure = marked >= _MIN_NAMED_SCORE and marked >= _MIN_RIVAL_SHARE * ranked[0][1]
            is_clear = features.error_share == 0 and language == ranked[0][0] and marked >= MIN_WEAK_SCORE
            sure = sure and (is_clear or not _is_of_another(text, ranked, config))
            sure = sure and not has_foreign_syntax(text, language, config)
            return Detected("program", language, how, is_sure=sure, features=features)
    return _by_balance(text, ranked, config)


def _dialect(text: str, named: str, config: CodeConfig) -> str:
    """Return the language that a first line names, or one that extends it and whose syntax the text shows."""
    extending = tuple(name for name, row in languages().items() if row.extends == named)
    if not extending or not has_foreign_syntax(text, named, config):
        return named
    return best_language(text, (named, *extending), config)


def _without_foreign(
    text: str, ranked: list[tuple[str, float]], config: CodeConfig
) -> list[tuple[str, float]]:
    """Return languages ranked anew, those among the best behind whose relatives' syntax the text shows."""
    best = [
        (name, score * _FOREIGN_SHARE if has_foreign_syntax(text, name, config) else score)
        for name, score in ranked[:_CANDIDATES]
    ]
    return sorted([*best, *ranked[_CANDIDATES:]], key=lambda pair: -pair[1])


def _family(document: str) -> str:
    return "literate" if document == "literate haskell" else "prose"


def _by_balance(text: str, ranked: list[tuple[str, float]], config: CodeConfig) -> Detected:
    """Return what a text is that no grammar confirms: marks of documents, data and languages compared."""
    how = "by its content"
    best, score = ranked[0]
    document = documents.document_shape(text)
    if document is not None and (document[1] > score or score < _MIN_SCORE):
        return Detected(_family(document[0]), document[0], how)
    if (score < _MIN_SCORE or best == "shell") and _is_login_script(text):
        return Detected("program", "shell", how)
    loose = shapes.loose_shape(text, config)
    if loose is not None and (loose[2] >= score or score < _MIN_SCORE):
        return Detected(loose[0], loose[1], how)
    prose = documents.is_prose(_uncommented(text, best) if score >= MIN_WEAK_SCORE else text)
    prose = prose or (score < MIN_WEAK_SCORE and documents.is_loose_prose(text))
    if score >= _MIN_SCORE and not prose and not _has_telling_grammar(best):
        # Assembly or Forth looks like no other code: many marks have the last word.
        return Detected("program", best, _BY_MARKS, is_sure=_is_sure(text, ranked[0], config))
    # Few lines hold few marks.
    least = MIN_WEAK_SCORE if len(text) >= _SHORT_CHARS else _MIN_NAMED_SCORE
    like = 0.0 if prose or score < least else _reads_as(text, best)
    if like >= (config.min_code_line_share if score >= _MIN_SCORE else config.min_unknown_code_line_share):
        return Detected("program", best, how, is_sure=_is_sure(text, ranked[0], config))
    return Detected("text" if prose else "unknown", "text", how)


def _is_login_script(text: str) -> bool:
    """Return whether a text is a list of a shell's commands, as `.profile` and `.xinitrc` are."""
    lines = [line for line in text[: documents.HEAD_CHARS].split("\n") if line.strip()[:1] not in ("", "#")]
    n_shell = sum(_SHELL_LINE.match(line[:_MAX_LINE_CHARS]) is not None for line in lines)
    return n_shell > 0 and n_shell >= _MIN_SHELL_SHARE * len(lines)


def _reads_as(text: str, language: str) -> float:
    """Return the share of the lines that look like code, comments of the language left out."""
    return code_line_share(text[: documents.HEAD_CHARS].split("\n"), language_row(language))


def _uncommented(text: str, language: str) -> str:
    """Return the head of a text without the lines that are comments in a language."""
    lines = text[: documents.HEAD_CHARS].split("\n")
    flags = comment_lines(lines, language_row(language))
    return "\n".join(line for line, is_comment in zip(lines, flags, strict=True) if not is_comment)


def _by_certain_mark(text: str, ranked: list[tuple[str, float]], config: CodeConfig) -> str | None:
    """Return the language of a text with a mark that no other kind of file has."""
    head = text[: config.sample_chars]
    for mark, language in _CERTAIN:
        if mark.match(head):
            return language
    if len(_DIRECTIVE.findall(head)) >= 2 or _INCLUDE.search(head):
        best, score = ranked[0]
        own = next(other for name, other in ranked if name in _WITH_PREPROCESSOR)
        # Many languages borrow the preprocessor of C: ATS, POV-Ray, Promela, SWIG.
        is_other = score >= _MIN_SCORE and score >= own + _MIN_LEAD
        return best if is_other else best_language(text, _WITH_PREPROCESSOR, config)
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


def _is_of_another(text: str, ranked: list[tuple[str, float]], config: CodeConfig) -> bool:
    """Return whether a language that is only known by name is marked clearly more than the best of ours."""
    _, other = ranked_languages(text, _known_with_marks(), config)[0]
    return other >= ranked[0][1] + _MIN_LEAD


@cache
def _known_with_marks() -> tuple[str, ...]:
    return tuple(name for name, row in known_languages().items() if row.marks)


def _is_sure(text: str, ranked: tuple[str, float], config: CodeConfig) -> bool:
    """Return whether a text shows a language enough to be named: by its marks, and no grammar objects."""
    language, score = ranked
    if score < _MIN_NAMED_SCORE or _is_of_another(text, [ranked], config):
        return False
    if has_foreign_syntax(text, language, config):
        return False
    row = languages()[language]
    if row.grammar is None or row.lenient or len(text) > _MAX_CONFIRMED_CHARS:
        return True
    features = read_features(text, row, config)
    # Where a grammar finds errors in sound files, many marks outweigh what it finds here.
    weight = row.error_weight if score >= _MIN_SCORE else 1.0
    return not features.parsed or features.error_share * weight <= _MAX_NAMED_ERROR_SHARE


def _is_docstring(text: str, config: CodeConfig) -> bool:
    """Return whether a text is a Python file with hardly more than its docstring."""
    if not text.lstrip()[:4].lstrip("ruRU").startswith(('"""', "'''")):
        return False
    features = read_features(text, languages()["python"], config)
    return features.docstring_share > 0 and features.error_share <= _MAX_CONFIRMED_ERROR_SHARE


def _has_sound_grammar(language: str) -> bool:
    row = language_row(language)
    return row.grammar is not None and not row.lenient and row.error_weight >= _SOUND_GRAMMAR


def _reads_well(text: str, language: str, config: CodeConfig) -> bool:
    """Return whether a grammar reads a text with few errors, if more than would confirm it."""
    features = read_features(text, language_row(language), config)
    return features.parsed and features.error_share <= _MAX_NAMED_ERROR_SHARE


def _has_telling_grammar(language: str) -> bool:
    row = language_row(language)
    return row.grammar is not None and row.error_weight > 0


def _confirmed(text: str, language: str, config: CodeConfig) -> Features | None:
    """Return the figures of a text that a sound grammar reads with hardly an error and finds code in."""
    row = language_row(language)
    if not _has_sound_grammar(language):
        return None
    if len(text) > _MAX_CONFIRMED_CHARS:  # a wrong grammar recovers from its errors in quadratic time
        return None
    features = read_features(text, row, config)
    code = features.definitions + features.imports + features.toplevel
    if not features.parsed or features.error_share > _MAX_CONFIRMED_ERROR_SHARE or code < 1:
        return None
    # A text read as one long string is no program of this language.
    limit = config.min_literal_share if features.imports == 0 else config.min_importing_literal_share
    return features if features.literal_share < limit else None
