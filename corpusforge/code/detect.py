"""What a file is: its language or format, from the path, the first line and the content."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable
from functools import cache

from corpusforge.code import documents, shapes
from corpusforge.code.config import CodeConfig
from corpusforge.code.content import MIN_WEAK_SCORE, by_text
from corpusforge.code.detected import Detected
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
from corpusforge.code.ranking import ranked as ranked_languages

HEAD_START = 2_000
"""Characters in which a text shows that it is markup or a key, not a program."""
_XML_START = re.compile(r"<\?xml[ \t]|<!DOCTYPE (?!html)\w+|<(?:TS|plist|svg|xs:schema|project)[ >]")
_ELEMENT_START = re.compile(
    r"<([A-Za-z_][\w.-]*(?::[\w.-]+)?)(?:\s+[\w:.-]+\s*=\s*(?:\"[^\"<]*\"|'[^'<]*'))*\s*>"
)
_WITHOUT_TAGS = frozenset({"typescript", "tsx", "objective-c", "game maker"})
"""Languages whose endings XML shares, and none of whose programs is one element."""
_PEM_STARTS = ("-----BEGIN ", "---- BEGIN ")
_GRAPH_START = re.compile(r"(?:#.*\n|Creator .*\n)*graph\s*\[", re.I)
_MAX_READINGS = 3
_MAX_READABLE_ERROR_SHARE = 0.5
_TEX_COMMAND = re.compile(r"^[ \t]*(?:\\[A-Za-z@]{3,}|%)", re.M)
_NAMELESS = ("data", "lock_file", "licence_text", "log")


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
    if not _WITHOUT_TAGS.isdisjoint(candidates) and _is_one_element(text, start):
        return Detected("markup", "xml", "by its content")
    named = by_shebang(text)
    if named is not None and (named in candidates or (text.startswith("#!") and len(candidates) > 1)):
        return Detected("program", named, "by its first line")
    if len(candidates) == 1 and row is None:
        return Detected("program", candidates[0], "by its name")
    ranked = ranked_languages(text, candidates, config)
    if row is not None and ranked[0][1] < MIN_WEAK_SCORE and not _is_no_tex(text, row):
        return None
    return _readable(text, [name for name, score in ranked if score > 0] or [ranked[0][0]], config)


def _readable(text: str, names: list[str], config: CodeConfig) -> Detected:
    """Return the program in the likeliest of several languages whose grammar does not find it all errors.

    Where each grammar finds errors alone the first stands, unnamed: no reading is right.
    """
    for name in names[:_MAX_READINGS]:
        features = read_features(text, language_row(name), config)
        if not features.parsed or features.error_share <= _MAX_READABLE_ERROR_SHARE:
            return Detected("program", name, "by its name", features=features)
    return Detected("program", names[0], "by its name", is_sure=False)


def _is_no_tex(text: str, row: FormatRow) -> bool:
    """Return whether a file by the ending of a TeX class or package holds no command of TeX."""
    return row.name == "latex" and _TEX_COMMAND.search(text[:HEAD_START]) is None


def _foreign_start(start: str) -> tuple[str, str] | None:
    """Return (family, name) of a text that opens as no program does, whatever its name."""
    if _XML_START.match(start):
        return "markup", "xml"
    if start.startswith(_PEM_STARTS):
        return "data", "pem"
    if _GRAPH_START.match(start):
        return "data", "graph"
    return None


def _is_one_element(text: str, start: str) -> bool:
    """Return whether a text is one element of XML, without the declaration that most begin with."""
    opened = _ELEMENT_START.match(start)
    return opened is not None and text.rstrip().endswith(f"</{opened[1]}>")


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
