"""What a program imports: its language's own library, packages that everybody has, or its neighbours."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

from corpusforge.code.features import Features

_MAX_IMPORTS = 500


@dataclass(frozen=True, slots=True)
class Imports:
    """How many modules a program imports, by where they come from."""

    standard: int
    """Of the language's own library."""
    known: int
    """Packages that most installations have; `imports.toml` lists them."""
    local: int
    """Neighbours: relative names, quoted headers, the same crate."""
    other: int


@dataclass(frozen=True, slots=True)
class _Row:
    find: re.Pattern[str]
    text: re.Pattern[str] | None
    local: re.Pattern[str] | None
    root: re.Pattern[str]
    standard: frozenset[str]
    known: frozenset[str]


@cache
def _rows() -> Mapping[str, _Row]:
    source = resources.files("corpusforge.code").joinpath("imports.toml").read_text("utf-8")
    rows = tomllib.loads(source)
    return {language: _row(rows[row.get("same", language)]) for language, row in rows.items()}


def _row(row: Mapping[str, str | list[str]]) -> _Row:
    def pattern(key: str) -> re.Pattern[str] | None:
        return re.compile(str(row[key]), re.M) if key in row else None

    return _Row(
        find=re.compile(str(row["find"]), re.M),
        text=pattern("text"),
        local=pattern("local"),
        root=re.compile(str(row.get("root", r"[\w$-]+"))),
        standard=frozenset(row.get("standard", ())),
        known=frozenset(row.get("known", ())),
    )


def read_imports(statements: Sequence[str], text: str, language: str) -> Imports:
    """Return where the imports of a program come from.

    `statements` are its import statements as they stand. In a language without a row in
    `imports.toml` each counts as `other`, for nobody can tell.
    """
    row = _rows().get(language)
    if row is None:
        return Imports(0, 0, 0, len(statements))
    modules = {module for statement in statements for module in _found(row.find, statement)}
    if row.text is not None:
        modules.update(_found(row.text, text))
    counts = {"standard": 0, "known": 0, "local": 0, "other": 0}
    for module in modules:
        counts[_origin(module, row)] += 1
    return Imports(**counts)


def _found(pattern: re.Pattern[str], text: str) -> Iterable[str]:
    """Return the modules that a statement names: `import a, b as c` names two."""
    for match in pattern.finditer(text):
        listed = next((group for group in match.groups() if group), "")
        for name in listed.split(","):
            if words := name.split():
                yield words[0]


def _origin(module: str, row: _Row) -> str:
    if row.local is not None and row.local.search(module):
        return "local"
    root = row.root.search(module)
    names = {module, root[0] if root else module}
    if names & row.standard:
        return "standard"
    return "known" if names & row.known else "other"


def import_signals(features: Features, text: str, language: str) -> dict[str, float]:
    """Return the `code_imports_*` signals, and whether the program is self-contained.

    Self-contained: it imports its language's library, known packages, or nothing. A
    program read as text has no import figures and is not called self-contained.
    """
    spans = features.import_spans[:_MAX_IMPORTS]
    statements = [features.source[start:end].decode("utf-8", "replace") for start, end in spans]
    found = read_imports(statements, text, language)
    alone = features.parsed and found.local == 0 and found.other == 0
    return {
        "code_imports_standard": float(found.standard),
        "code_imports_known": float(found.known),
        "code_imports_local": float(found.local),
        "code_imports_other": float(found.other),
        "code_self_contained": float(alone),
    }
