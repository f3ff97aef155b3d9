"""Many expressions over one text: each is tried only where literals that it cannot match without are found.

A search for a literal is some hundred times faster than one by an expression, and most expressions
of most languages are absent from a text. What is found is the same, match by match.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from importlib import import_module
from itertools import product
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

_MAX_ALTERNATIVES = 40
_MAX_SET_CHARS = 6
_GRAM_CHARS = 3
_FOLDED = 1 << 16
_MULTIPLIER = 1_000_003
_MAX_LINES = 12
_MAX_FOLLOWED = 3
"""Lines looked at one by one, and literals looked for in a row, before a plain search is as fast."""
_NEWLINE_FIRST = "\n"
# Case-insensitive matching takes these two for `i`; folding alone does not.
_DOTTED = str.maketrans({"İ": "i", "ı": "i"})
# The parsed form of an expression, as `re` itself compiles it.
_parser: Any = import_module("re._parser")
_WITH_NEWLINE = ("CATEGORY_SPACE", "CATEGORY_NOT_WORD", "CATEGORY_NOT_DIGIT")
_Items = Sequence[tuple[Any, Any]]


class Needle:
    """One expression in multi-line mode, counted in texts that are prepared once for all."""

    __slots__ = ("_branches",)

    def __init__(self, pattern: re.Pattern[str]) -> None:
        self._branches = tuple(_Branch(text, pattern.flags) for text in _branches(pattern))

    def count(self, sample: Sample, limit: int) -> int:
        """Return how many matches `finditer` would give, at most `limit`."""
        # (start, order, end, branch) of the next match of each branch: the leftmost wins, then the first.
        matches: list[tuple[int, int, int, _Branch]] = []
        for order, branch in enumerate(self._branches):
            if branch.may_match(sample) and (span := branch.find(sample, 0)) is not None:
                matches.append((span[0], order, span[1], branch))
        found = 0
        while matches:
            found += 1
            if found == limit:
                break
            end = min(matches)[2]
            left: list[tuple[int, int, int, _Branch]] = []
            for match in matches:
                span = (match[0], match[2]) if match[0] >= end else match[3].find(sample, end)
                if span is not None:
                    left.append((span[0], match[1], span[1], match[3]))
            matches = left
        return found

    def is_in(self, sample: Sample) -> bool:
        """Return whether the expression is found at all."""
        return any(
            branch.may_match(sample) and branch.find(sample, 0) is not None for branch in self._branches
        )


class _Branch:
    """One of the alternatives that an expression is made of."""

    __slots__ = ("_is_in_one_line", "_pattern", "_starts_lines", "is_folded", "literals", "number")

    def __init__(self, text: str, flags: int) -> None:
        parsed = _parser.parse(text, flags)
        items = cast(_Items, list(parsed))
        self.number = _index.next_number()
        self.is_folded = bool(flags & re.IGNORECASE)
        self.literals = tuple(sorted(_needed(items, self.is_folded) or ()))
        self._starts_lines = bool(flags & re.MULTILINE) and _is_anchored(items) and not _looks_around(items)
        self._is_in_one_line = (
            bool(self.literals) and not self.is_folded and _stays_in_line(items) and not _looks_around(items)
        )
        # A search for a line's end runs at the speed of memory, one for `^` tries each character.
        self._pattern = re.compile(f"\n(?:{text})" if self._starts_lines else text, flags)
        _index.add(self)

    def may_match(self, sample: Sample) -> bool:
        """Return False only where a text holds no literal that each match needs."""
        return not self.literals or sample.may_hold(self)

    def find(self, sample: Sample, start: int) -> tuple[int, int] | None:
        """Return (start, end) of the first match from an offset on."""
        if self._starts_lines:
            # That text has one character more, the line end before it, which opens the match.
            match = self._pattern.search(sample.after_newline, start)
            return None if match is None else (match.start(), match.end() - 1)
        if self._is_in_one_line:
            for _ in range(_MAX_LINES):
                at = sample.next_of(self.literals, start)
                if at < 0:
                    return None
                line_start = max(start, sample.text.rfind("\n", start, at) + 1)
                start = sample.text.find("\n", at) + 1 or len(sample.text)
                if (match := self._pattern.search(sample.text, line_start, start)) is not None:
                    return match.span()
        match = self._pattern.search(sample.text, start)
        return None if match is None else match.span()


class _Index:
    """Hashes of the three, two or one characters at each place of the literals of all branches."""

    def __init__(self) -> None:
        self._count = 0
        self._hashes: list[NDArray[np.int64]] = []
        self._literals: list[int] = []  # where each literal's hashes start
        self._branches: list[tuple[int, int]] = []  # (number, its first literal)
        self._n_hashes = 0
        self._arrays: tuple[NDArray[np.int64], ...] | None = None

    def next_number(self) -> int:
        self._count += 1
        return self._count - 1

    def add(self, branch: _Branch) -> None:
        """Add the literals of a branch; what is prepared of the index is void."""
        self._arrays = None
        if not branch.literals:
            return
        self._branches.append((branch.number, len(self._literals)))
        for literal in branch.literals:
            self._literals.append(self._n_hashes)
            hashes = _hashes(literal, min(len(literal), _GRAM_CHARS)) + _FOLDED * branch.is_folded
            self._hashes.append(hashes)
            self._n_hashes += len(hashes)

    def candidates(self, sample: Sample) -> NDArray[np.bool_]:
        """Return, by number of branch, whether a text may hold one of its literals."""
        if self._arrays is None:
            numbers, firsts = zip(*self._branches, strict=True)
            self._arrays = (
                np.concatenate(self._hashes),
                np.array(self._literals),
                np.array(firsts),
                np.array(numbers),
            )
        hashes, literals, firsts, numbers = self._arrays
        seen = np.zeros(2 * _FOLDED, np.bool_)
        for text, offset in ((sample.text, 0), (sample.folded, _FOLDED)):
            for size in range(1, _GRAM_CHARS + 1):
                seen[_hashes(text, size) + offset] = True
        has_literal = np.logical_and.reduceat(seen[hashes], literals)
        found = np.ones(self._count, np.bool_)
        found[numbers] = np.logical_or.reduceat(has_literal, firsts)
        return found


def _hashes(text: str, size: int) -> NDArray[np.int64]:
    """Return a number below `_FOLDED` for each `size` characters in a row."""
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32).astype(np.int64)
    count = max(0, len(codes) - size + 1)
    hashes = np.full(count, size, np.int64)
    for at in range(size):
        hashes = hashes * _MULTIPLIER + codes[at : at + count]
    return hashes % _FOLDED


class Sample:
    """A text that many expressions are counted in: which literals it holds is learned once each."""

    __slots__ = ("_candidates", "_folded", "_held", "after_newline", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self.after_newline = _NEWLINE_FIRST + text
        self._folded: str | None = None
        self._held: dict[str, bool] = {}
        self._candidates: NDArray[np.bool_] | None = None

    @property
    def folded(self) -> str:
        """The text for literals of case-insensitive expressions."""
        if self._folded is None:
            self._folded = self.text.translate(_DOTTED).casefold()
        return self._folded

    def prepare(self) -> None:
        """Learn in one pass which literals the text may hold: worth it for some hundred expressions."""
        if self._candidates is None:
            self._candidates = _index.candidates(self)

    def may_hold(self, branch: _Branch) -> bool:
        """Return whether one of the literals of a branch stands in the text."""
        known = self._candidates
        if known is not None and branch.number < len(known) and not known[branch.number]:
            return False
        if branch.is_folded:
            folded = self.folded
            return any(literal in folded for literal in branch.literals)
        held, text = self._held, self.text
        for literal in branch.literals:
            is_held = held.get(literal)
            if is_held is None:
                is_held = held[literal] = literal in text
            if is_held:
                return True
        return False

    def next_of(self, literals: tuple[str, ...], start: int) -> int:
        """Return where the first of the literals that the text holds is found from an offset on, -1 if none.

        The offset itself where many are held: then each line is as good as the next.
        """
        held = [literal for literal in literals if self._held.get(literal, True)]
        if len(held) > _MAX_FOLLOWED:
            return start if start < len(self.text) else -1
        found = [at for literal in held if (at := self.text.find(literal, start)) >= 0]
        return min(found, default=-1)


_index = _Index()


def _branches(pattern: re.Pattern[str]) -> list[str]:
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


def _needed(items: _Items, is_folded: bool) -> frozenset[str] | None:
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
        return None if added or removed else _needed(items, is_folded)
    if kind in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
        least, _, items = argument
        return _needed(items, is_folded) if least >= 1 else None
    if kind == "ATOMIC_GROUP":
        return _needed(argument, is_folded)
    if kind == "BRANCH":
        parts = [_needed(items, is_folded) for items in argument[1]]
        return _union(parts)
    return None


def _strings(operator: Any, argument: Any, is_folded: bool) -> frozenset[str] | None:
    """Return every string that an item can match, or None where they are many or unknown."""
    kind = str(operator)
    if kind in ("AT", "ASSERT", "ASSERT_NOT"):
        return frozenset({""})
    if kind == "LITERAL":
        return frozenset({_folded(argument) if is_folded else chr(argument)})
    if kind == "IN":
        if any(str(part) != "LITERAL" for part, _ in argument) or len(argument) > _MAX_SET_CHARS:
            return None
        return frozenset(_folded(code) if is_folded else chr(code) for _, code in argument)
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


def _folded(code: int) -> str:
    return chr(code).translate(_DOTTED).casefold()


def _is_anchored(items: _Items) -> bool:
    """Return whether each match begins at the start of a line."""
    if not items:
        return False
    operator, argument = items[0]
    kind = str(operator)
    if kind == "AT":
        return str(argument) == "AT_BEGINNING"
    if kind == "SUBPATTERN":
        return not argument[1] and not argument[2] and _is_anchored(list(argument[3]))
    return kind == "BRANCH" and all(_is_anchored(list(branch)) for branch in argument[1])


def _looks_around(items: Iterable[tuple[Any, Any]]) -> bool:
    """Return whether what stands around a match, or the very ends of the text, can matter to it."""
    shown = str(list(items))
    return any(name in shown for name in ("ASSERT", "AT_BEGINNING_STRING", "AT_END_STRING"))


def _stays_in_line(items: Any) -> bool:
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
            stays = not argument[1] and not argument[2] and _stays_in_line(argument[3])
        elif kind in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
            stays = _stays_in_line(argument[2])
        elif kind == "ATOMIC_GROUP":
            stays = _stays_in_line(argument)
        else:
            stays = kind == "BRANCH" and all(map(_stays_in_line, argument[1]))
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
