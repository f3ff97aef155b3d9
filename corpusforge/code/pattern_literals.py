"""What each match of an expression must hold, read off its parsed form."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from importlib import import_module
from itertools import product
from typing import Any, cast

_MAX_ALTERNATIVES = 40
_MAX_SET_CHARS = 6
# Case-insensitive matching takes these two for `i`; folding alone does not.
_DOTTED = str.maketrans({"İ": "i", "ı": "i"})
# The parsed form of an expression, as `re` itself compiles it.
_parser: Any = import_module("re._parser")
_WITH_NEWLINE = ("CATEGORY_SPACE", "CATEGORY_NOT_WORD", "CATEGORY_NOT_DIGIT")
Items = Sequence[tuple[Any, Any]]
"""A parsed expression: (operator, argument) of each item."""


def parsed(text: str, flags: int) -> Items:
    """Return the items of an expression."""
    return cast(Items, list(_parser.parse(text, flags)))


def folded(text: str) -> str:
    """Return a text as case-insensitive matching takes it."""
    return text.translate(_DOTTED).casefold()


def alternatives(pattern: re.Pattern[str]) -> list[str]:
    """Return the alternatives at the top of an expression, in order."""
    text = pattern.pattern
    for flags in ("(?i)", "(?m)"):
        text = text.removeprefix(flags)
    if _parser.parse(text, pattern.flags).getwidth()[0] == 0:
        raise ValueError(f"the mark {pattern.pattern!r} matches nothing at all")
    return _split(text)


def _split(text: str) -> list[str]:
    """Return the alternatives of an expression, those of groups that hold nothing else among them."""
    parts: list[str] = []
    depth = start = at = 0
    closes_at_end = text.startswith("(?:")
    while at < len(text):
        char = text[at]
        if char == "\\":
            at += 1
        elif char == "[":
            at = text.index("]", at + (3 if text[at + 1] == "^" else 2))
            while text[at - 1] == "\\" and text[at - 2] != "\\":
                at = text.index("]", at + 1)
        elif char == "(":
            depth += 1
        elif char == ")":
            depth -= 1
            closes_at_end = closes_at_end and (depth > 0 or at == len(text) - 1)
        elif char == "|" and depth == 0:
            parts.append(text[start:at])
            start = at + 1
            closes_at_end = False
        at += 1
    parts.append(text[start:])
    if len(parts) == 1:
        return _split(text[3:-1]) if closes_at_end else parts
    return [inner for part in parts for inner in _split(part)]


def needed_literals(items: Items, is_folded: bool) -> frozenset[str] | None:
    """Return literals of which each match holds at least one, the most telling such set, or None."""
    candidates: list[frozenset[str]] = []
    run = frozenset({""})
    for operator, argument in items:
        strings = _strings(operator, argument, is_folded)
        if strings is not None and len(run) * len(strings) <= _MAX_ALTERNATIVES:
            run = frozenset(map("".join, product(run, strings)))
            continue
        candidates.append(run)
        run = frozenset({""})
        if strings is not None:
            candidates.append(strings)
        elif (inner := _needed_inside(operator, argument, is_folded)) is not None:
            candidates.append(inner)
    candidates.append(run)
    useful = [found for found in candidates if "" not in found]
    return max(useful, key=lambda found: (min(map(len, found)), -len(found)), default=None)


def _needed_inside(operator: Any, argument: Any, is_folded: bool) -> frozenset[str] | None:
    kind = str(operator)
    if kind == "SUBPATTERN":
        _, added, removed, items = argument
        return None if added or removed else needed_literals(items, is_folded)
    if kind in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
        least, _, items = argument
        return needed_literals(items, is_folded) if least >= 1 else None
    if kind == "ATOMIC_GROUP":
        return needed_literals(argument, is_folded)
    if kind == "BRANCH":
        parts = [needed_literals(items, is_folded) for items in argument[1]]
        return _union(parts)
    return None


def _strings(operator: Any, argument: Any, is_folded: bool) -> frozenset[str] | None:
    """Return every string that an item can match, or None where they are many or unknown."""
    kind = str(operator)
    if kind in ("AT", "ASSERT", "ASSERT_NOT"):
        return frozenset({""})
    if kind == "LITERAL":
        return frozenset({_folded_char(argument) if is_folded else chr(argument)})
    if kind == "IN":
        if any(str(part) != "LITERAL" for part, _ in argument) or len(argument) > _MAX_SET_CHARS:
            return None
        return frozenset(_folded_char(code) if is_folded else chr(code) for _, code in argument)
    if kind == "SUBPATTERN":
        _, added, removed, items = argument
        return None if added or removed else _strings_of(items, is_folded)
    if kind in ("MAX_REPEAT", "MIN_REPEAT"):
        least, most, items = argument
        inner = _strings_of(items, is_folded) if most == 1 else None
        if inner is None:
            return None
        return inner if least == 1 else inner | {""}
    if kind == "BRANCH":
        return _union([_strings_of(items, is_folded) for items in argument[1]])
    return None


def _strings_of(items: Iterable[tuple[Any, Any]], is_folded: bool) -> frozenset[str] | None:
    found = frozenset({""})
    for operator, argument in items:
        strings = _strings(operator, argument, is_folded)
        if strings is None or len(found) * len(strings) > _MAX_ALTERNATIVES:
            return None
        found = frozenset(map("".join, product(found, strings)))
    return found


def _union(parts: list[frozenset[str] | None]) -> frozenset[str] | None:
    found: frozenset[str] = frozenset()
    for part in parts:
        if part is None:
            return None
        found |= part
    return found if len(found) <= _MAX_ALTERNATIVES else None


def _folded_char(code: int) -> str:
    return folded(chr(code))


def is_anchored(items: Items) -> bool:
    """Return whether each match begins at the start of a line."""
    if not items:
        return False
    operator, argument = items[0]
    kind = str(operator)
    if kind == "AT":
        return str(argument) == "AT_BEGINNING"
    if kind == "SUBPATTERN":
        return not argument[1] and not argument[2] and is_anchored(list(argument[3]))
    return kind == "BRANCH" and all(is_anchored(list(branch)) for branch in argument[1])


def looks_around(items: Iterable[tuple[Any, Any]]) -> bool:
    """Return whether what stands around a match, or the very ends of the text, can matter to it."""
    shown = str(list(items))
    return any(name in shown for name in ("ASSERT", "AT_BEGINNING_STRING", "AT_END_STRING"))


def stays_in_line(items: Any) -> bool:
    """Return whether no match holds the end of a line."""
    for operator, argument in items:
        kind = str(operator)
        if kind == "LITERAL":
            stays = argument != ord("\n")
        elif kind == "NOT_LITERAL":
            stays = argument == ord("\n")
        elif kind in ("ANY", "AT"):
            stays = True
        elif kind == "IN":
            stays = not _holds_newline(argument)
        elif kind == "SUBPATTERN":
            stays = not argument[1] and not argument[2] and stays_in_line(argument[3])
        elif kind in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
            stays = stays_in_line(argument[2])
        elif kind == "ATOMIC_GROUP":
            stays = stays_in_line(argument)
        else:
            stays = kind == "BRANCH" and all(map(stays_in_line, argument[1]))
        if not stays:
            return False
    return True


def _holds_newline(parts: Iterable[tuple[Any, Any]]) -> bool:
    """Return whether a set of characters holds the end of a line."""
    is_negated = found = False
    for operator, argument in parts:
        kind = str(operator)
        if kind == "NEGATE":
            is_negated = True
        elif kind == "LITERAL":
            found = found or argument == ord("\n")
        elif kind == "RANGE":
            found = found or argument[0] <= ord("\n") <= argument[1]
        else:  # a category: white space, or all that is no letter or no digit
            found = found or str(argument) in _WITH_NEWLINE
    return found != is_negated
