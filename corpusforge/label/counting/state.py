"""What a counting pass counts and keeps in mind, and the small compiled functions that all of it shares."""

from __future__ import annotations

from typing import Any

import numpy as np

from corpusforge.compiled import jit_in_place
from corpusforge.label.vocabulary import ALONE, FNV_OFFSET, FNV_PRIME, OTHER, SIGN, STEM_SALT

COUNTERS: tuple[str, ...] = (
    "chars", "formula_chars", "formulas", "formula_relations", "words", "cjk", "strong", "weak", "people",
    "money_words", "connectives", "step_words", "digits", "numbers", "variables", "mixed", "hashes", "signs",
    "relations", "assignments", "operations", "notation", "commands", "money", "code_signs", "lines",
    "code_lines", "number_rows", "table_rows", "score_lines", "numbered_lines", "chain_lines",
    "opening_connectives", "sentences", "step_openings", "finance", "sport", "physics", "engineering",
)  # fmt: skip
"""What `count` counts, in order. Lines are those with anything on them; chars leave formulas out."""

(
    CHARS, FORMULA_CHARS, FORMULAS, FORMULA_RELATIONS, WORDS, CJK, STRONG, WEAK, PEOPLE, MONEY_WORDS,
    CONNECTIVES, STEP_WORDS, DIGITS, NUMBERS, VARIABLES, MIXED, HASHES, SIGNS, RELATIONS, ASSIGNMENTS,
    OPERATIONS, NOTATION, COMMANDS, MONEY, CODE_SIGNS, LINES, CODE_LINES, NUMBER_ROWS, TABLE_ROWS,
    SCORE_LINES, NUMBERED_LINES, CHAIN_LINES, OPENING_CONNECTIVES, SENTENCES, STEP_OPENINGS,
    FINANCE, SPORT, PHYSICS, ENGINEERING,
) = range(len(COUNTERS))  # fmt: skip

# What the token before was.
AFTER_NONE, AFTER_VARIABLE, AFTER_NUMBER, AFTER_CLOSE, AFTER_WORD, AFTER_FUNCTION, AFTER_ELSE = range(7)
# The state of the pass: the token before, spaces since, whether a sentence begins, the length of the tokens;
# then of the line, then of the cell.
(
    PREVIOUS, GAP, OPENING, LENGTH, SEPARATORS_BEFORE, LINE_CHARS, LINE_DIGITS, LINE_CELLS, LINE_NUMERIC,
    LINE_SEPARATORS, LINE_EQUALS, LINE_SCORES, LINE_CODE, LINE_LAST, LINE_WORDS, LINE_RELATIONS, LINE_CHAINED,
    CELL_LENGTH, CELL_LETTERS, CELL_DIGITS, N_STATE,
) = range(21)  # fmt: skip

U64 = np.uint64
BASIS, PRIME, SALT = U64(FNV_OFFSET), U64(FNV_PRIME), U64(STEM_SALT)
MASK_KINDS = (
    (0, STRONG), (1, WEAK), (2, PEOPLE), (3, MONEY_WORDS), (5, CONNECTIVES), (6, STEP_WORDS), (7, FINANCE),
    (8, SPORT), (9, PHYSICS), (10, ENGINEERING),
)  # fmt: skip
MAX_WORD_BYTES = 40


jit = jit_in_place
"""No compiled function here makes or keeps an array."""


@jit
def decode(data: Any, at: int) -> Any:
    """Return (code point, bytes) of the UTF-8 character that begins at `at`."""
    first = np.int64(data[at])
    if first < 0x80:
        return first, 1
    if first < 0xE0:
        return (first & 0x1F) << 6 | (np.int64(data[at + 1]) & 0x3F), 2
    if first < 0xF0:
        return (first & 0xF) << 12 | (np.int64(data[at + 1]) & 0x3F) << 6 | (np.int64(data[at + 2]) & 0x3F), 3
    return 0x10000 + ((first & 7) << 18 | (np.int64(data[at + 1]) & 0x3F) << 12), 4


@jit
def class_of(point: int, classes: Any) -> int:
    """Return a character's class; beyond the basic plane: mathematical letters, Han, and the rest."""
    if point < 0x10000:
        return classes[point]
    plane = point - 0x10000
    if 0x1D000 <= plane < 0x1E000:
        return SIGN
    return ALONE if 0x20000 <= plane < 0x32000 else OTHER


@jit
def lookup(key: Any, table: Any) -> Any:
    """Return the slot of a key, or -1."""
    keys = table[0]
    slot = np.int64(key & U64(keys.shape[0] - 1))
    while keys[slot] != 0:
        if keys[slot] == key:
            return slot
        slot = (slot + 1) & (keys.shape[0] - 1)
    return -1


@jit
def emit(tokens: Any, state: Any, byte: int) -> None:
    """Write one sign and a space behind the tokens."""
    length = state[LENGTH]
    tokens[length], tokens[length + 1] = byte, 32
    state[LENGTH] = length + 2


@jit
def end_cell(state: Any) -> None:
    """Count the cell of a line that ends here; a number or a single sign makes it numeric."""
    if state[CELL_LENGTH]:
        state[LINE_CELLS] += 1
        state[LINE_NUMERIC] += state[CELL_LETTERS] == 0 and (
            state[CELL_DIGITS] > 0 or state[CELL_LENGTH] == 1
        )
    state[CELL_LENGTH] = state[CELL_LETTERS] = state[CELL_DIGITS] = 0
