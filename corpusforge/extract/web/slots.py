"""Slots: words that stand for formulas and code while the main content is found.

A formula or code block is taken out of the tree and a made-up word left in its place.
Extractors move words, they do not change them; afterwards each word is put back as
`$…$`, `$$…$$`, a code span or a fenced block, once.
"""

from __future__ import annotations

import re

_PREFIX = "zqxj"
_BULLET_ONLY = re.compile(r"(?:^|\n)[ \t]*(?:[-*•]|\d{1,3}\.|>|#{1,6})[ \t]*$")
_BLANKS_TO_LINE_END = re.compile(r"[ \t]*\n[ \t\n]*\n|[ \t]+|\n+")
_BACKTICKS = re.compile(r"`+")


class Slots:
    """The formulas and code of one page, each under the word that stands for it."""

    def __init__(self, page: str, doubtful: bool = True) -> None:
        """Choose a word that the page does not hold; not `doubtful`: it holds none that is like one."""
        prefix = _PREFIX
        while doubtful and prefix in page:
            prefix += "j"
        self._prefix = prefix
        self._values: list[tuple[str, bool]] = []

    def __len__(self) -> int:
        """Return how many slots there are."""
        return len(self._values)

    def lengths(self) -> list[int]:
        """Return the lengths of what the slots stand for, in characters."""
        return [len(value) for value, _ in self._values]

    def values(self) -> list[str]:
        """Return what the slots stand for, in order."""
        return [value for value, _ in self._values]

    def formula(self, tex: str, display: bool, stop: str = "") -> str:
        """Return the word that stands for a formula; `stop` ends the sentence behind a displayed one."""
        return self._add(f"$${tex}$${stop}" if display else f"${tex}$", display)

    def code_span(self, code: str) -> str:
        """Return the word that stands for inline code."""
        marks = "`" * (_longest_run(code) + 1)
        edge = " " if code.startswith("`") or code.endswith("`") else ""
        return self._add(f"{marks}{edge}{code}{edge}{marks}", False)

    def code_block(self, code: str, language: str) -> str:
        """Return the word that stands for a code block."""
        return self._add(fenced(code, language), True)

    def verbatim(self, text: str) -> str:
        """Return the word that stands for text which must not be read as markup."""
        return self._add(text, False)

    def _add(self, value: str, block: bool) -> str:
        self._values.append((value, block))
        return f"{self._prefix}{len(self._values) - 1}e"

    def restore(self, text: str) -> str:
        """Return the text with every word replaced by what it stands for, the first time."""
        pieces = re.split(rf"{self._prefix}(\d+)e", text)
        out: list[str] = [pieces[0]]
        used: set[int] = set()
        for position in range(1, len(pieces), 2):
            index, after = int(pieces[position]), pieces[position + 1]
            if index in used or index >= len(self._values):
                out.append(after)
                continue
            used.add(index)
            value, block = self._values[index]
            if block:
                _open_block(out)
                match = _BLANKS_TO_LINE_END.match(after)
                after = "\n\n" + (after[match.end() :] if match else after)
            out += [value, after]
        return "".join(out)

    def holds_block(self, text: str) -> bool:
        """Return whether a word of a text stands for a block: code, or a formula on lines of its own."""
        found = re.findall(rf"{self._prefix}(\d+)e", text) if self._prefix in text else ()
        return any(self._values[int(index)][1] for index in found)

    def pieces(self, text: str) -> list[str]:
        """Return what stands before, between and behind such words."""
        return re.split(rf"{self._prefix}\d+e", text)

    def expand(self, text: str) -> str:
        """Return the text with every word replaced, for text that goes into another slot."""
        return re.sub(rf"{self._prefix}(\d+)e", lambda match: self._values[int(match[1])][0], text)


def _open_block(out: list[str]) -> None:
    """End the line before a block: blanks and an empty bullet go, one empty line comes."""
    before = out[-1].rstrip()
    before = _BULLET_ONLY.sub("", before).rstrip() if before else before
    out[-1] = before + "\n\n" if before or len(out) > 1 else ""


def _longest_run(code: str) -> int:
    """Return how many backticks follow each other at most."""
    return max(map(len, _BACKTICKS.findall(code))) if "`" in code else 0


def fenced(code: str, language: str = "") -> str:
    """Return a fenced block whose marks are longer than any run of backticks in the code."""
    marks = "`" * max(3, _longest_run(code) + 1)
    return f"{marks}{language}\n{code}\n{marks}"
