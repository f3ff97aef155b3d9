"""Difficulty and style of a mathematical document, as numbers to match on: no verdicts, no grades.

Most come from the counts of the math tagger and cost nothing; two read the text again. All of them
are kept as signals, and nothing is decided by them.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator
from itertools import islice, pairwise

from corpusforge.label.counting import COUNTERS
from corpusforge.label.lines import counts_rounds, header_places, state_lines
from corpusforge.label.math import MathScores
from corpusforge.traces import find_trace, hints, holds_machine_trace

_PLACE = {name: place for place, name in enumerate(COUNTERS)}
_SYMBOLS = ("signs", "relations", "operations", "notation", "formula_relations", "commands", "variables")
_READ_CHARS = 40_000
"""Of a text that the traces and phrases are looked for in."""

_SESSION = re.compile(
    r"^(?:>>> .+\n(?:\.\.\. .*\n)*(?!>>>|\s*$).+|In ?\[\d+\]:.+\n(?:.*\n){0,3}?Out ?\[\d+\]:.+)$",
    re.MULTILINE,
)
_STATE = re.compile(
    r"\b([a-z]\w{0,11}(?:\[\d{1,4}\])?)[ ]?(?:=|:|->|→|←|:=)[ ]?(-?\d[\d.]*|\[[-\d., ]{0,80}\])", re.I
)
_ROUND = re.compile(
    r"\b(?:iteration|iter|pass|round|loop|cycle|итерация|iteración|itération|durchlauf|第)\s?#?(\d{1,4})",
    re.I,
)
_ROUND_WORDS = (
    "iter", "pass", "round", "loop", "cycle", "итерация", "durchlauf", "第", "Iter", "Pass", "Round", "Loop",
    "Cycle", "Итерация", "Durchlauf", "ITER", "itération",
)  # fmt: skip
"""Looking for these first is many times cheaper than the expression that they begin."""
_HEADER = re.compile(r"^\|?[ \t]*(?:i|j|k|n|t|step|iter(?:ation)?|pass|line)[ \t]*(?:[|\t,]|  )", re.I | re.M)
_CELLS = re.compile(r"[|\t,]|  +")
_NUMBER = re.compile(r"-?\d[\d.]*\Z")
_MIN_STATES = 3
_BLOCK_OPENS = re.compile(r"\n```[^\n`]*\n")
_MAX_BLOCKS = 64

_PHRASES = (
    "as an ai", "language model", "certainly!", "sure!", "sure, ", "great question", "let's break",
    "break it down", "break this down", "step by step", "step-by-step", "i hope this helps", "feel free to",
    "it's important to note", "it is important to note", "in summary", "in conclusion", "here's how",
    "here is a", "let's dive", "delve", "key takeaway", "**step", "### step", "**final answer", "**answer",
    "**solution", "\\boxed{", "therefore, the answer is", "the final answer is", "we need to find",
    "to solve this problem", "let me know",
)  # fmt: skip
_MIN_LINES, _MAX_LINES = 6, 300


class _Skeleton(dict[int, int | None]):
    """What `str.translate` makes of a character: letters and digits go, the rest stays."""

    def __missing__(self, point: int) -> int | None:
        self[point] = None if chr(point).isalnum() else point
        return self[point]


_SKELETON = _Skeleton()


def attributes(text: str, scores: MathScores) -> dict[str, float]:
    """Return the signals of a mathematical document, by name; densities per 1,000 characters or words.

    | signal | is |
    | --- | --- |
    | `math_formula_share` | characters of formulas over characters |
    | `math_symbol_density` | signs, relations, operations, notation, variables, per 1,000 characters |
    | `math_steps` | numbered lines, sentences that begin with a connective or step word, chained relations |
    | `math_connective_density` | connectives per 1,000 words; two Han characters count as a word |
    | `math_words` | length in words |
    | `math_sections`, `math_section_max`, `_mean`, `_share` | how many; scores; share from 0.5 on |
    | `has_execution_trace` | 1 where states of variables follow each other, 0 elsewhere |
    | `synthetic_looking` | 0-1: phrases of chat assistants, and lines that repeat one template |
    """
    c = {name: int(scores.counters[place]) for name, place in _PLACE.items()}
    n_chars = max(1, c["chars"] + c["formula_chars"])
    n_words = c["words"] + c["cjk"] // 2
    found = scores.sections
    head = text[:_READ_CHARS]
    return {
        "math_formula_share": c["formula_chars"] / n_chars,
        "math_symbol_density": sum(c[name] for name in _SYMBOLS) * 1000 / n_chars,
        "math_steps": float(
            sum(c[n] for n in ("numbered_lines", "step_openings", "opening_connectives", "chain_lines"))
        ),
        "math_connective_density": c["connectives"] * 1000 / max(1, n_words),
        "math_words": float(n_words),
        **section_signals(found),
        **trace_signal(text),
        "synthetic_looking": synthetic_looking(head),
    }


def trace_signal(text: str) -> dict[str, float]:
    """Return `has_execution_trace`, which every document of mathematics and of Code-NL carries."""
    return {"has_execution_trace": float(has_execution_trace(text[:_READ_CHARS]))}


def section_signals(found: tuple[float, ...]) -> dict[str, float]:
    """Return the number of sections, their highest and mean score, and the share from 0.5 on."""
    return {
        "math_sections": float(len(found)),
        "math_section_max": max(found),
        "math_section_mean": math.fsum(found) / len(found),
        "math_section_share": sum(score >= 0.5 for score in found) / len(found),
    }


def has_execution_trace(text: str) -> bool:
    """Return whether a text lists states of a run: a session with output, rounds, states, a table.

    Also where it shows some lines of a crash, of system calls or of tests, or where it or one of its
    fenced blocks is a trace as a whole.
    """
    is_cells = ("In[" in text or "In [" in text) and ("Out[" in text or "Out [" in text)
    if (is_cells or text.startswith(">>> ") or "\n>>> " in text) and _SESSION.search(text):
        return True
    if _has_rounds(text) or _has_states(text) or _has_value_table(text):
        return True
    likely = hints(text)
    if holds_machine_trace(text, likely) or find_trace(text, likely) is not None:
        return True
    blocks = islice(_blocks(text), _MAX_BLOCKS) if "\n```" in text else ()
    return any(find_trace(block, likely) is not None for block in blocks)


def _blocks(text: str) -> Iterator[str]:
    """Yield what stands between two lines that begin with a fence, the first with no more backticks."""
    text, end = f"\n{text}", 0
    while opening := _BLOCK_OPENS.search(text, end):
        close = text.find("\n```", opening.end() - 1)
        if close < 0:
            return
        yield text[opening.end() : close + 1]
        end = close + 4


def _has_rounds(text: str) -> bool:
    """Return whether `iteration 1`, `iteration 2` follow each other with a value near each."""
    if not counts_rounds(text) or not any(word in text for word in _ROUND_WORDS):
        return False
    numbers = [
        int(match[1])
        for match in _ROUND.finditer(text)
        if _STATE.search(text, match.end(), match.end() + 120)
    ]
    return any(after == before + 1 for before, after in pairwise(numbers))


def _has_states(text: str) -> bool:
    """Return whether three lines give values to the same two names or more, not always the same values."""
    lines: dict[tuple[str, ...], set[tuple[str, ...]]] = {}
    for line in state_lines(text):
        pairs: list[tuple[str, str]] = _STATE.findall(line)
        if len(pairs) >= 2:
            names, values = zip(*pairs, strict=True)
            lines.setdefault(names, set()).add(values)
    return any(len(values) >= _MIN_STATES for values in lines.values())


def _has_value_table(text: str) -> bool:
    """Return whether a header with a step or index is followed by three rows of numbers that count up."""
    header = next((place for place in header_places(text) if _HEADER.match(text, place)), None)
    if header is None:
        return False
    rows, expected = -1, 0
    for line in text[header:].splitlines():
        if _HEADER.match(line):
            rows = 0
            continue
        if rows < 0 or set(line) <= set("|-: +="):
            continue
        cells = [cell.strip() for cell in _CELLS.split(line) if cell.strip()] if len(line) < 200 else []
        is_row = len(cells) >= 2 and all(map(_NUMBER.match, cells)) and cells[0].lstrip("-").isdecimal()
        if not is_row or (rows and int(cells[0]) != expected):
            rows = -1
            continue
        rows, expected = rows + 1, int(cells[0]) + 1
        if rows >= _MIN_STATES:
            return True
    return False


def synthetic_looking(text: str) -> float:
    """Return 0-1: a fifth for each phrase of chat assistants that occurs, half for lines of one template.

    Not calibrated: a number to match documents on, and no proof of where a text comes from.
    """
    lower = text.lower()
    n_phrases = sum(phrase in lower for phrase in _PHRASES)
    return min(1.0, 0.2 * n_phrases + 0.5 * regularity(text))


def regularity(text: str) -> float:
    """Return the share of lines that without letters and digits are as another; 0 below 6 lines."""
    lines = [line for line in text.splitlines() if len(line) > 8][:_MAX_LINES]
    if len(lines) < _MIN_LINES:
        return 0.0
    shapes = Counter(line.translate(_SKELETON) for line in lines)
    return sum(n for n in shapes.values() if n > 1) / len(lines)
