"""The licence of a file from its own first lines, and the policy that keeps or drops it."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from functools import lru_cache
from importlib import resources
from typing import Any, cast

import boolean
import license_expression

from corpusforge import lazy_re as re
from corpusforge.document import Document, Drop, DropReason, drop
from corpusforge.filter.config import FilterConfig
from corpusforge.filter.rights.notices import SIGNS, notices
from corpusforge.signs import sign_finder

HEADER = "header"
"""`licence_source` of a licence that the file itself states."""

# Before it stand comment marks and at most one short word (`REM`, `dnl`): never an assignment, nor a quote
# but the one that opens a comment of Basic.
_SPDX = re.compile(
    r"^(?:'[ \t]+(?=[^'\n]*$)|[^\w\"'`\n=]*)(?:(?:REM|rem|dnl|@\w+|C|c)[ \t]+)?SPDX-License-Identifier:[ \t]*"
    r"(?P<expression>[A-Za-z0-9.+() \t:-]+)",
    re.M,
)
_OPERATOR = re.compile(r"\s+(and|or|with)\s+", re.I)
_IS_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]*[A-Za-z0-9]")
_NEXT_LINE = re.compile(
    r"\n[ \t]*(?:#+|//+|\*+|--+|;+|%+|!+|REM|dnl)?[ \t]*(?P<rest>[A-Za-z0-9.+() -]+)", re.I
)
_GOES_ON = re.compile(r"(?:\b(?:AND|OR|WITH)[ \t]*$|^\s*\($)", re.I)
_PROGRAM_STRING = re.compile(
    r"^[ \t]*(?!#|//|/?\*|--|;|%)[^\"'`\n]*[=(,\[{:][ \t]*[rbufRBUF]*[\"'`].*$"
    r"|^[ \t]*[\"'][^\"'\n]*[\"'][,)\];]*[ \t]*$"
    r"|^[ \t{]*\"[^\"\n]*\"[ \t]*:.*$",  # a field of JSON
    re.M,
)
# What a comment quotes from another header.
_QUOTED = re.compile(
    r"(?<![\"'`])([\"'`])(?!\1)[^\"'`\n]*(?:(?:licen[cs]ed|released|distributed) under|SPDX-)[^\"'`\n]*\1"
)
_QUOTING = ("spdx", "released under", "distributed under")
_SAYS = sign_finder((*SIGNS, *_QUOTING), [1] * (len(SIGNS) + len(_QUOTING)))
# What a module of Python says of itself is no string like others.
_MODULE_FIELD = re.compile(r"^__licen[cs]e__[ \t]*=[ \t]*([\"'])(?P<name>[^\"'\n]{2,80})\1[ \t]*$", re.M)
_COPYLEFT_ID = re.compile(r"(?:[AL]?GPL|MPL|EPL|EUPL|CDDL|OSL|CC-BY)-?v?\d[\w.+-]*", re.I)
_DOCSTRING_LINE = re.compile(r"[\"']{3}")
# Names in full, as people and package indexes write them.
_NAMES = {
    "mit license": "MIT", "the mit license": "MIT", "mit licence": "MIT", "expat": "MIT",
    "expat license": "MIT",
    "the mit license (mit)": "MIT", "apache license 2.0": "Apache-2.0", "apache 2.0": "Apache-2.0",
    "apache license, version 2.0": "Apache-2.0", "apache license version 2.0": "Apache-2.0",
    "apache software license": "Apache-2.0", "apache 2": "Apache-2.0", "apache-2": "Apache-2.0",
    "the apache software license, version 2.0": "Apache-2.0", "apache software license 2.0": "Apache-2.0",
    "bsd 3-clause license": "BSD-3-Clause", "bsd 2-clause license": "BSD-2-Clause",
    "new bsd license": "BSD-3-Clause",
    'bsd 3-clause "new" or "revised" license': "BSD-3-Clause",
    'bsd 2-clause "simplified" license': "BSD-2-Clause",
    "simplified bsd license": "BSD-2-Clause", "isc license": "ISC", "the unlicense": "Unlicense",
    "zlib license": "Zlib",
    "gnu general public license v3.0": "GPL-3.0", "gnu general public license v2.0": "GPL-2.0",
    "gnu general public license": "GPL-2.0-or-later", "gplv3": "GPL-3.0", "gplv2": "GPL-2.0",
    "gpl": "GPL-2.0-or-later",
    "gnu affero general public license v3.0": "AGPL-3.0", "agplv3": "AGPL-3.0", "lgplv3": "LGPL-3.0",
    "gnu lesser general public license v3.0": "LGPL-3.0",
    "gnu lesser general public license v2.1": "LGPL-2.1",
    "mozilla public license 2.0": "MPL-2.0", "eclipse public license 2.0": "EPL-2.0",
    "boost software license 1.0": "BSL-1.0", "creative commons zero v1.0 universal": "CC0-1.0",
    "public domain": "public-domain", "do what the f*ck you want to public license": "WTFPL",
    "python software foundation license": "PSF-2.0", "universal permissive license v1.0": "UPL-1.0",
}  # fmt: skip
_boolean = cast(Any, boolean)
_library = cast(Any, license_expression)  # it ships no types
_ERRORS: tuple[type[Exception], ...] = (_library.ExpressionError, _boolean.ParseError)
_LICENSING = _library.Licensing()


def licence_in_header(text: str, header_chars: int) -> str | None:
    """Return the SPDX expression of all licences that the first characters of a file state, or None.

    `SPDX-License-Identifier` lines and the usual notices, joined by AND unless the words leave a choice.
    Riders (Commons Clause, non-commercial, confidential) are joined as `LicenseRef-…`, which no list
    of allowed licences holds. What a string of a program says is not the file's; of a part of the
    file only a licence that restricts is.
    """
    header = text[:header_chars]
    if not _SAYS.bits(header.lower()):
        return None  # one pass is many times cheaper than the expressions that it guards
    header = "\n".join(map(_said, header.split("\n")))
    stated = _spdx_lines(header)
    stated += [name for name in _module_fields(text[:header_chars]) if name not in stated]
    said = notices(header, lambda spdx: spdx.lower() in permissive_licences())
    parts = [*stated, *(name for name in said.names if not _is_among(name, stated))]
    is_told = any("-NC" in part for part in parts)
    riders = [
        name
        for name in said.riders
        if name not in parts and not (is_told and name == "LicenseRef-Non-Commercial")
    ]
    if not parts:
        return " AND ".join(riders) or None
    choice = len(parts) > 1 and said.may_choose
    joined = [f"({part})" if " " in part and len(parts) + len(riders) > 1 else part for part in parts]
    whole = (" OR " if choice else " AND ").join(joined)
    if riders:
        whole = f"({whole})" if choice else whole
        whole = " AND ".join([whole, *riders])
    return whole


def _said(line: str) -> str:
    """Return what a line says itself: nothing of a program's string, unless a docstring, and no quotation."""
    if '"' not in line and "'" not in line and "`" not in line:
        return line
    if _PROGRAM_STRING.match(line) is not None and _DOCSTRING_LINE.search(line) is None:
        return ""
    return _QUOTED.sub("", line) if "ed under" in line or "SPDX-" in line else line


def _spdx_lines(header: str) -> list[str]:
    """Return the expressions of the SPDX lines, each once, in order; one over two lines is joined."""
    found: list[str] = []
    for line in _SPDX.finditer(header) if "SPDX-License-Identifier:" in header else ():
        expression, end = line["expression"].strip(" \t-"), line.end()
        while (_GOES_ON.search(expression) or expression.count("(") > expression.count(")")) and (
            following := _NEXT_LINE.match(header, end)
        ):
            expression, end = f"{expression} {following['rest'].strip()}", following.end()
        expression = _OPERATOR.sub(lambda word: f" {word[1].upper()} ", expression).strip()
        if expression.count("(") != expression.count(")"):
            expression = expression.replace("(", "").replace(")", "").strip()
        if expression.upper() == "UNLICENSED":  # npm's and Solidity's word for: no licence is given
            expression = "LicenseRef-Proprietary"
        if _IS_ID.search(expression) and expression not in found:
            found.append(expression)
    return found


def _module_fields(header: str) -> list[str]:
    """Return the licences that `__license__ = "…"` names, where it is one that is known."""
    fields = _MODULE_FIELD.finditer(header) if "__licen" in header else ()
    names = (match["name"].strip() for match in fields)
    return [
        _NAMES.get(name.lower(), name)
        for name in names
        if name.lower() in _NAMES or name.lower() in permissive_licences() or _COPYLEFT_ID.fullmatch(name)
    ]


def _is_among(name: str, stated: list[str]) -> bool:
    """Return whether a notice repeats what an SPDX line says."""
    family = name.removesuffix("-or-later").lower()
    return any(family in expression.lower() for expression in stated)


@lru_cache(maxsize=1)
def permissive_licences() -> frozenset[str]:
    """Return the SPDX ids of the packaged permissive list, in lower case."""
    text = (resources.files("corpusforge.filter.rights") / "licences.toml").read_text("utf-8")
    return frozenset(name.lower() for name in cast(list[str], tomllib.loads(text)["permissive"]))


@lru_cache(maxsize=4096)
def _parsed(expression: str) -> Any:
    """Return the tree of an expression, or None of a malformed one. A full name is one licence."""
    name = _NAMES.get(" ".join(expression.lower().split()))
    try:
        return _LICENSING.parse(name or expression)
    except _ERRORS:
        return None


def is_allowed(expression: str, allowed: frozenset[str]) -> bool:
    """Return whether an SPDX expression can be met with these ids (lower case).

    `A OR B` needs one of both, `A AND B` both, `A WITH exception` needs A. A malformed one is not allowed.
    """
    tree = _parsed(expression)
    return tree is not None and _is_met(tree, lambda name: name in allowed or _plain(name) in allowed)


def needs_licence(expression: str, licences: frozenset[str]) -> bool:
    """Return whether an SPDX expression cannot be met without one of these licences (`licence_key`).

    `A OR B` does not need A, `A AND B` and `A WITH exception` do. Of a malformed one the whole is the name.
    """
    tree = _parsed(expression)
    if tree is None:
        return licence_key(expression) in licences
    return not _is_met(tree, lambda name: licence_key(name) not in licences)


def licence_key(name: str) -> str:
    """Return the name under which a licence is compared: lower case, its SPDX id, `-only` left out.

    >>> licence_key("GPL-3.0-only"), licence_key("GPL-3.0+"), licence_key("The MIT License")
    ('gpl-3.0', 'gpl-3.0-or-later', 'mit')
    """
    name = " ".join(name.lower().split())
    name = _NAMES.get(name, name).lower().removesuffix("-only")
    return f"{name[:-1]}-or-later" if name.endswith("+") else name


def _is_met(tree: Any, is_ok: Callable[[str], bool]) -> bool:
    if isinstance(tree, _LICENSING.OR):
        return any(_is_met(part, is_ok) for part in tree.args)
    if isinstance(tree, _LICENSING.AND):
        return all(_is_met(part, is_ok) for part in tree.args)
    symbol = tree.license_symbol if isinstance(tree, _library.LicenseWithExceptionSymbol) else tree
    name = str(symbol.key).lower()
    return is_ok(_NAMES.get(name, name).lower())


def _plain(name: str) -> str:
    return name.removesuffix("-only").removesuffix("-or-later").removesuffix("+")


def judge_licence(document: Document, config: FilterConfig) -> Drop | None:
    """Return the drop of a document whose licence the policy refuses, or None."""
    if config.licence_policy == "all":
        return None
    if config.licence_applies_to == "repositories" and document.repo is None and document.path is None:
        return None
    if document.licence is None:
        if config.unknown_licence == "keep":
            return None
        return drop(document, DropReason.LICENCE, f"policy {config.licence_policy}: no licence stated")
    custom = frozenset(name.lower() for name in config.licences)
    allowed = permissive_licences() if config.licence_policy == "permissive" else custom
    if is_allowed(document.licence, allowed):
        return None
    detail = (
        f"policy {config.licence_policy}: {document.licence} ({document.licence_source or 'source unknown'})"
    )
    return drop(document, DropReason.LICENCE, detail)
