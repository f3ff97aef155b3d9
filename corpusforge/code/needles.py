"""Many expressions over one text: each is tried only where literals that it cannot match without are found.

A search for a literal is some hundred times faster than one by an expression, and most expressions
of most languages are absent from a text. What is found is the same, match by match.
"""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

from corpusforge.code.pattern_literals import (
    alternatives,
    folded,
    is_anchored,
    looks_around,
    needed_literals,
    parsed,
    stays_in_line,
)

_GRAM_CHARS = 3
_FOLDED = 1 << 16
_MULTIPLIER = 1_000_003
_MAX_LINES = 12
_MAX_FOLLOWED = 3
"""Lines looked at one by one, and literals looked for in a row, before a plain search is as fast."""
_NEWLINE_FIRST = "\n"


class Needle:
    """One expression in multi-line mode, counted in texts that are prepared once for all."""

    __slots__ = ("_branches",)

    def __init__(self, pattern: re.Pattern[str]) -> None:
        self._branches = tuple(_Branch(text, pattern.flags) for text in alternatives(pattern))

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
        items = parsed(text, flags)
        self.number = _index.next_number()
        self.is_folded = bool(flags & re.IGNORECASE)
        self.literals = tuple(sorted(needed_literals(items, self.is_folded) or ()))
        self._starts_lines = bool(flags & re.MULTILINE) and is_anchored(items) and not looks_around(items)
        self._is_in_one_line = (
            bool(self.literals) and not self.is_folded and stays_in_line(items) and not looks_around(items)
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
            self._folded = folded(self.text)
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
