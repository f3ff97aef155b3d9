"""A document's text taken apart once: prose, code blocks and formulas.

Language, mathematics and domain all judge the same `Reading`, so that each pass over
the text is made once per document.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass

from corpusforge.fences import split_fences
from corpusforge.label.delimiters import formula_places

_ENVIRONMENTS = "equation|align|alignat|gather|multline|eqnarray|displaymath|math|array|cases|[pbvBV]?matrix"
FORMULA = re.compile(
    r"\$\$(?P<display>[^$]{1,4000}?)\$\$"
    r"|\\\[(?P<bracket>.{1,4000}?)\\\]"
    r"|\\\((?P<paren>.{1,1000}?)\\\)"
    rf"|\\begin\{{(?P<name>{_ENVIRONMENTS})\*?\}}(?P<body>.{{1,4000}}?)\\end\{{(?P=name)\*?\}}"
    # A dollar pair is a formula when it hugs its content and no letter or digit follows (`$5`, `$HOME`).
    r"|(?<![\\$\w])\$(?P<inline>[^\s$](?:[^$\n]{0,300}[^\s$\\])?)\$(?![\w$])",
    re.S,
)
"""One formula in any of the delimiters that occur in running text."""

_INLINE_MARK = re.compile(r"[\\^_=<>+*{}|≤≥∈→√∑∫∞±×·−-]|^[A-Za-z]{1,2}'?$|^-?[0-9.,/]+$|^[Α-ω]$")
_WORDY = re.compile(r"(?:[A-Za-z]{4,}\s+){3}")
_COMMANDS = re.compile(r"\\[A-Za-z]+|\\text\{[^}]*\}")
_PLAIN_INFO = frozenset({"math", "latex", "tex", "text", "txt", "plain", "output", "csv", "log", "markdown"})
_CODE_LINE = re.compile(
    r"[;{}()=\[\]<>$]|^\s*(?:def|class|import|from|return|if|for|while|let|fn|sudo|git)\b"
)
_INLINE_CODE = re.compile(r"`[^`\n]{1,200}`")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A text in its parts; lengths in characters."""

    prose: str
    """The text outside fenced blocks, formulas still in place."""
    bare: str
    """The prose without its formulas and inline code."""
    n_chars: int
    n_code_chars: int
    n_code_lines: int
    n_code_blocks: int
    formulas: tuple[tuple[int, int], ...]
    """Where each formula begins and ends in the prose."""

    @property
    def n_formulas(self) -> int:
        """Formulas in the prose."""
        return len(self.formulas)

    @property
    def n_formula_chars(self) -> int:
        """Characters of the prose that are formulas, delimiters included."""
        return sum(end - start for start, end in self.formulas)

    @property
    def code_share(self) -> float:
        """Characters in code blocks over characters of the text."""
        return self.n_code_chars / max(1, self.n_chars)


def is_formula(match: re.Match[str]) -> bool:
    """Return whether a match of `FORMULA` holds mathematics and not a price or a sentence."""
    inline = match["inline"]
    if inline is None:
        return True
    return bool(_INLINE_MARK.search(inline)) and not _WORDY.search(_COMMANDS.sub("", inline))


def read(text: str) -> Reading:
    """Return the parts of a Markdown-like text."""
    blocks: list[tuple[str, str]] = []
    prose = text
    if "```" in text or "~~~" in text:
        prose, blocks = split_fences(text)
    code = [body for info, body in blocks if _is_code(info, body)]
    formulas = _formulas(prose) if "$" in prose or "\\" in prose else ()
    bare = _without(prose, formulas) if formulas else prose
    if "`" in bare:
        bare = _INLINE_CODE.sub(" ", bare)
    return Reading(
        prose=prose,
        bare=bare,
        n_chars=len(text),
        n_code_chars=sum(map(len, code)),
        n_code_lines=sum(body.count("\n") for body in code),
        n_code_blocks=len(code),
        formulas=formulas,
    )


def _formulas(prose: str) -> tuple[tuple[int, int], ...]:
    return tuple(match.span() for match in formula_matches(prose) if is_formula(match))


def formula_matches(prose: str) -> Iterator[re.Match[str]]:
    """Yield what `FORMULA.finditer` would, tried at the places alone where it may match."""
    end = 0
    for place in formula_places(prose):
        if place >= end and (match := FORMULA.match(prose, place)):
            end = match.end()
            yield match


def _without(prose: str, formulas: tuple[tuple[int, int], ...]) -> str:
    starts = (0, *(end for _, end in formulas))
    ends = (*(start for start, _ in formulas), len(prose))
    return " ".join(prose[start:end] for start, end in zip(starts, ends, strict=True))


def _is_code(info: str, body: str) -> bool:
    """Return whether a fenced block is code, by its info string or else by its lines."""
    language = info.strip("{}. ").split(" ")[0].lower()
    if language:
        return language not in _PLAIN_INFO
    lines = [line for line in body.splitlines() if line.strip()]
    return bool(lines) and sum(bool(_CODE_LINE.search(line)) for line in lines) >= len(lines) / 3


def passages(text: str, n_windows: int, window_chars: int) -> list[str]:
    """Return up to `n_windows` pieces of a text that are scored: at least one, of about `window_chars`."""
    n_needed = math.ceil(len(text) / window_chars)
    if n_needed <= 1:
        return [text]
    if n_needed > n_windows:
        return windows(text, n_windows, window_chars)
    size = math.ceil(len(text) / n_needed)
    return [text[start : start + size] for start in range(0, len(text), size)]


def windows(text: str, n_windows: int, window_chars: int) -> list[str]:
    """Return up to `n_windows` evenly spaced pieces of a text, cut at white space.

    A text of at most `n_windows * window_chars` characters comes back whole, as one piece.
    """
    if len(text) <= n_windows * window_chars:
        return [text]
    stride = (len(text) - window_chars) / max(1, n_windows - 1)
    return [_whole_words(text, round(i * stride), window_chars) for i in range(n_windows)]


def _whole_words(text: str, start: int, n_chars: int) -> str:
    piece = text[start : start + n_chars]
    if start and " " in piece[:100]:
        piece = piece[piece.index(" ") + 1 :]
    return piece
