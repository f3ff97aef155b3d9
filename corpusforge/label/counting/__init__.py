r"""One compiled pass over a text: what speaks for and against mathematics, counted.

    text --marked--> lower case, no fenced blocks, \x01formula\x02 --scan--> counters + tokens

The counters are whole numbers and add up: the counts of a document are the sum of those
of its sections. The same pass writes the tokens that fastText sees, so that training and
serving cannot differ: words in lower case, `F` a formula, `0` a number, `V` a variable,
`H` a run of letters and digits such as a checksum, and signs that stand for themselves.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import xxhash
from numpy.typing import NDArray

from corpusforge.label.counting.signs import sign
from corpusforge.label.counting.state import (
    AFTER_CLOSE,
    AFTER_NONE,
    CELL_LENGTH,
    CELL_LETTERS,
    CHAIN_LINES,
    CHARS,
    CODE_LINES,
    COUNTERS,
    FORMULA_CHARS,
    FORMULA_RELATIONS,
    FORMULAS,
    GAP,
    LENGTH,
    LINE_CELLS,
    LINE_CHAINED,
    LINE_CHARS,
    LINE_CODE,
    LINE_DIGITS,
    LINE_EQUALS,
    LINE_LAST,
    LINE_NUMERIC,
    LINE_RELATIONS,
    LINE_SCORES,
    LINE_SEPARATORS,
    LINE_WORDS,
    LINES,
    N_STATE,
    NUMBER_ROWS,
    OPENING,
    PREVIOUS,
    SCORE_LINES,
    SEPARATORS_BEFORE,
    TABLE_ROWS,
    class_of,
    decode,
    emit,
    end_cell,
    jit,
)
from corpusforge.label.counting.words import character, number, word
from corpusforge.label.vocabulary import (
    ALONE,
    CLOSE,
    DIGIT,
    GREEK,
    LETTER,
    NEWLINE,
    OPEN,
    RELATION,
    SPACE,
    character_classes,
    load_vocabulary,
)

__all__ = ["COUNTERS", "count"]


def count(marked: str) -> tuple[NDArray[np.int64], NDArray[np.uint8], str]:
    """Return (counters i64 [COUNTERS], strong words seen u8 [n_strong + 1], tokens) of a marked text.

    Marked: in lower case, formulas between the marks of `vocabulary`.
    """
    vocabulary = load_vocabulary()
    data = np.frombuffer(marked.encode("utf-8", "replace") + b"\n\0\0\0\0", dtype=np.uint8)
    counters = np.zeros(len(COUNTERS), dtype=np.int64)
    seen = np.zeros(vocabulary.n_strong + 1, dtype=np.uint8)
    tokens = np.empty(2 * len(data) + 8, dtype=np.uint8)
    table = (vocabulary.keys, vocabulary.masks, vocabulary.numbers)
    state = np.zeros(N_STATE, dtype=np.int64)
    length = _pass()(data, len(data) - 4, character_classes(), table, counters, seen, state, tokens)
    return counters, seen, tokens[:length].tobytes().decode("utf-8", "replace")


@lru_cache(maxsize=1)
def _pass() -> Any:
    return _compile(_digest())


def _compile(sources: int) -> Any:
    """Return the pass, compiled. The compiled code is kept under `sources`, a hash of these files.

    The cache on disk looks at one file alone: a change of another one would go unseen.
    """

    def scan(
        data: Any, stop: int, classes: Any, table: Any, out: Any, seen: Any, state: Any, tokens: Any
    ) -> int:
        return _scan(data, stop, classes, table, out, seen, state, tokens) if sources else 0

    return jit(scan)


def _digest() -> int:
    files = sorted(Path(__file__).parent.glob("*.py"))
    return 1 | xxhash.xxh3_64_intdigest(b"".join(path.read_bytes() for path in files)) >> 2


@jit
def _scan(
    data: Any, stop: int, classes: Any, table: Any, out: Any, seen: Any, state: Any, tokens: Any
) -> int:
    state[OPENING] = 1
    at = 0
    while at < stop:
        point, size = decode(data, at)
        kind = class_of(point, classes)
        if kind == OPEN:
            at = formula(data, at + 1, stop, classes, out, state, tokens)
        elif kind == LETTER or kind == GREEK:
            at = word(data, at, stop, classes, table, out, seen, state, tokens)
        elif kind == ALONE:
            at = character(data, at, size, stop, table, out, seen, state)
        elif kind == DIGIT:
            at = number(data, at, stop, classes, out, state, tokens)
        elif kind == SPACE:
            end_cell(state)
            state[GAP] += 1
            out[CHARS] += 1
            at += size
        elif kind == NEWLINE:
            end_cell(state)
            end_line(out, state)
            at += 1
        else:
            at = sign(data, at, size, point, kind, classes, out, state, tokens)
    return state[LENGTH]


@jit
def formula(data: Any, at: int, stop: int, classes: Any, out: Any, state: Any, tokens: Any) -> int:
    relations = 0
    while at < stop:
        point, size = decode(data, at)
        kind = class_of(point, classes)
        at += size
        if kind == CLOSE:
            break
        out[FORMULA_CHARS] += 1
        relations += kind == RELATION
    out[FORMULAS] += 1
    out[FORMULA_RELATIONS] += relations
    state[LINE_RELATIONS] += relations
    state[LINE_CHARS] += 1
    state[CELL_LENGTH] += 1
    state[CELL_LETTERS] += 1
    state[PREVIOUS] = AFTER_CLOSE
    state[GAP] = state[OPENING] = 0
    emit(tokens, state, 70)
    return at


@jit
def end_line(out: Any, state: Any) -> None:
    if state[LINE_CHARS]:
        last, cells = state[LINE_LAST], state[LINE_CELLS]
        out[LINES] += 1
        is_dense = (
            state[LINE_DIGITS] >= 2
            and state[LINE_DIGITS] * 12 >= state[LINE_CHARS]
            and not state[LINE_EQUALS]
        )
        out[NUMBER_ROWS] += is_dense and cells >= 3 and state[LINE_NUMERIC] * 2 >= cells
        out[SCORE_LINES] += is_dense and state[LINE_SCORES] > 0
        separators = state[LINE_SEPARATORS]
        out[TABLE_ROWS] += separators >= 2 and separators == state[SEPARATORS_BEFORE]
        out[CODE_LINES] += (
            last == 59 or last == 123 or last == 125 or (state[LINE_CODE] and state[LINE_WORDS] < 7)
        )
        out[CHAIN_LINES] += state[LINE_RELATIONS] >= 2 or state[LINE_CHAINED]
        state[SEPARATORS_BEFORE] = separators
    for k in range(LINE_CHARS, N_STATE):
        state[k] = 0
    state[PREVIOUS] = AFTER_NONE
    state[GAP] = 0
    state[OPENING] = 1
