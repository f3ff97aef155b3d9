"""The licence of a file from its own first lines, and the policy that keeps or drops it."""

from __future__ import annotations

import re
import tomllib
from functools import lru_cache
from importlib import resources
from typing import cast

from corpusforge.document import Document, Drop, DropReason, drop
from corpusforge.filter.config import FilterConfig

HEADER = "header"
"""`licence_source` of a licence that the file itself states."""

_SPDX = re.compile(
    r"SPDX-License-Identifier:[ \t]*([A-Za-z0-9.+()-]+(?:[ \t]+(?:AND|OR|WITH)[ \t]+[A-Za-z0-9.+()-]+)*)"
)
_IS_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]*[A-Za-z0-9]")
_MENTION = re.compile(r"licen[cs]e|permission|redistribut|public domain|copyleft", re.I)
_COMMENT = re.compile(r"[\s*#/;%'\"<>!(){}|-]+")
# (SPDX id, words that its usual notice holds, in order, after comment marks are gone). More exact ones first.
_NOTICES: tuple[tuple[str, str], ...] = (
    ("Apache-2.0", r"licensed under the apache license,? version 2\.0"),
    ("Apache-2.0", r"apache\.org/licenses/license 2\.0"),
    ("AGPL-3.0", r"gnu affero general public license"),
    ("LGPL-2.1", r"gnu lesser general public license.{0,200}version 2\.1"),
    ("LGPL-3.0", r"gnu lesser general public license.{0,200}version 3"),
    ("LGPL-2.0", r"gnu (?:library|lesser) general public license.{0,200}version 2"),
    ("GPL-3.0", r"gnu general public license.{0,200}version 3"),
    ("GPL-2.0", r"gnu general public license.{0,200}version 2"),
    ("MPL-2.0", r"mozilla public license,? v(?:ersion)?\.? ?2\.0"),
    ("EPL-2.0", r"eclipse public license (?:v|version )?2\.0"),
    ("EPL-1.0", r"eclipse public license (?:v|version )?1\.0"),
    ("BSL-1.0", r"boost software license,? version 1\.0"),
    ("Unlicense", r"this is free and unencumbered software released into the public domain"),
    ("CC0-1.0", r"creative commons cc0|creativecommons\.org publicdomain zero 1\.0"),
    ("ISC", r"permission to use, copy, modify, and or distribute this software for any purpose with or"),
    ("MIT", r"permission is hereby granted, free of charge, to any person obtaining a copy"),
    ("MIT", r"(?:licensed|released|distributed|available) under (?:the )?(?:terms of the )?mit license|"
            r"the mit license mit|license: mit\b|mit licensed?\b"),
    ("BSD-3-Clause", r"redistribution and use in source and binary forms.{0,1200}neither the name"),
    ("BSD-2-Clause", r"redistribution and use in source and binary forms"),
    ("BSD-3-Clause", r"(?:bsd 3 clause|3 clause bsd|new bsd|modified bsd|bsd style) license"),
)  # fmt: skip
_COMPILED = tuple((spdx, re.compile(pattern, re.S)) for spdx, pattern in _NOTICES)
_OR_LATER = re.compile(r"any later version")
_OR_LATER_CHARS = 80
_TERM = re.compile(r"\(|\)|[A-Za-z0-9.+-]+")


def licence_in_header(text: str, header_chars: int) -> str | None:
    """Return the SPDX expression that the first characters of a file state, or None.

    An `SPDX-License-Identifier` line wins; else the usual notices are recognised by their words.
    """
    header = text[:header_chars]
    stated = _SPDX.search(header)
    if stated and _IS_ID.search(stated[1]):
        return stated[1].strip("()") if stated[1].count("(") != stated[1].count(")") else stated[1]
    if not _MENTION.search(header):
        return None
    plain = _COMMENT.sub(" ", header).lower()
    for spdx, pattern in _COMPILED:
        if found := pattern.search(plain):
            after = plain[found.end() : found.end() + _OR_LATER_CHARS]
            return f"{spdx}-or-later" if "GPL-" in spdx and _OR_LATER.search(after) else spdx
    return None


@lru_cache(maxsize=1)
def permissive_licences() -> frozenset[str]:
    """Return the SPDX ids of the packaged permissive list, in lower case."""
    text = (resources.files("corpusforge.filter.rights") / "licences.toml").read_text("utf-8")
    return frozenset(name.lower() for name in cast(list[str], tomllib.loads(text)["permissive"]))


def is_allowed(expression: str, allowed: frozenset[str]) -> bool:
    """Return whether an SPDX expression can be met with these ids (lower case).

    `A OR B` needs one of both, `A AND B` both, `A WITH exception` needs A. A malformed one is not allowed.
    """
    tokens = _TERM.findall(expression.lower())
    value, rest = _any_of(tokens, allowed)
    return value and not rest


def _any_of(tokens: list[str], allowed: frozenset[str]) -> tuple[bool, list[str]]:
    value, tokens = _all_of(tokens, allowed)
    while tokens and tokens[0] == "or":
        other, tokens = _all_of(tokens[1:], allowed)
        value = value or other
    return value, tokens


def _all_of(tokens: list[str], allowed: frozenset[str]) -> tuple[bool, list[str]]:
    value, tokens = _one(tokens, allowed)
    while tokens and tokens[0] == "and":
        other, tokens = _one(tokens[1:], allowed)
        value = value and other
    return value, tokens


def _one(tokens: list[str], allowed: frozenset[str]) -> tuple[bool, list[str]]:
    if not tokens:
        return False, []
    if tokens[0] == "(":
        value, tokens = _any_of(tokens[1:], allowed)
        return (value, tokens[1:]) if tokens[:1] == [")"] else (False, tokens)
    name, tokens = tokens[0], tokens[1:]
    if tokens[:1] == ["with"]:
        tokens = tokens[2:]
    plain = name.removesuffix("-only").removesuffix("-or-later").removesuffix("+")
    return name in allowed or plain in allowed, tokens


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
