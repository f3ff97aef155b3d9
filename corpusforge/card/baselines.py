"""Two rules that anyone could write in an hour, to hold the split and the scaffold classifier against.

They read endings, fences and words, and nothing else. Where they agree with what ships on the same
rows, a simple rule would have done; where they do not, a person should look.
"""

from __future__ import annotations

import re

CODE, CODE_NL, NEITHER = "code", "code_nl", "neither"
SPLIT_LABELS = (CODE, CODE_NL, NEITHER)

_PROGRAMS = frozenset(
    "py pyw js jsx mjs ts tsx java c h cc cpp cxx hpp hh cs go rs rb php swift kt kts scala r jl m mm pl pm "
    "sh bash zsh ps1 lua hs ml mli fs ex exs erl clj lisp el scm f f90 f95 for pas ada d nim zig dart groovy "
    "vb sql sol v sv vhd asm s cu cuh tcl coffee elm hx cr".split()
)
_EXPLAINED = frozenset("ipynb rmd qmd rnw lhs".split())
_PROSE = frozenset("md markdown rst txt tex adoc org textile".split())
_FENCE = re.compile(r"^[ \t]*(?:```|~~~|\.\. code|\\begin\{(?:lstlisting|verbatim|minted)\})", re.MULTILINE)
_CODE_LINE = re.compile(
    r"[;{}]\s*$|^\s*(?:def|class|import|from|return|if|for|while|#include|function|var|let|const|public|private"
    r"|package|use|fn|func)\b.*[:;{()]|^\s*[\w.]+\(.*\)\s*$|^\s*[\w.\[\]]+ ?[-+*/]?= ?\S"
)
_MIN_CODE_LINES = 0.5

STEP_WORDS = (
    "proof", "prove", "proves", "suppose", "assume", "hence", "therefore", "thus", "since", "because", "step",
    "solution", "let", "then", "follows", "implies", "substituting", "simplify", "solve", "qed", "conclude",
    "obtain",
)  # fmt: skip
STEP_WORDS_PER_1000 = 25.0
"""From so many step words in 1,000 on, a passage is called a scaffold: the best F1, in fives, on
`scaffold/dev` (`python benches/shipped_figures.py`)."""
_STEP_WORD = re.compile(rf"\b(?:{'|'.join(STEP_WORDS)})\b", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]{2,}")


def split_by_rule(text: str, path: str | None) -> str:
    """Return `code`, `code_nl` or `neither`: by the path's ending, else by fences and the shape of lines."""
    name = (path or "").rpartition("/")[2].lower()
    ending = name.rpartition(".")[2] if "." in name else ""
    if ending in _PROGRAMS:
        return CODE
    if ending in _EXPLAINED:
        return CODE_NL
    if ending and ending not in _PROSE:
        return NEITHER
    if _FENCE.search(text):
        return CODE_NL
    if ending:
        return NEITHER
    lines = [line for line in text.splitlines() if line.strip()]
    n_code = sum(_CODE_LINE.search(line[:200]) is not None for line in lines)
    return CODE if n_code >= _MIN_CODE_LINES * max(1, len(lines)) else NEITHER


def step_words(text: str) -> float:
    """Return how many of 1,000 words are step words."""
    return 1000 * len(_STEP_WORD.findall(text)) / max(1, len(_WORD.findall(text)))


def is_scaffold_by_rule(text: str) -> bool:
    """Return whether a mathematical text holds enough step words to be called a scaffold."""
    return step_words(text) >= STEP_WORDS_PER_1000
