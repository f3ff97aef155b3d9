"""The counting pass on words, numbers, and characters of scripts without spaces."""

from __future__ import annotations

from typing import Any

import numpy as np

from corpusforge.label.counting.state import (
    AFTER_ELSE,
    AFTER_FUNCTION,
    AFTER_NUMBER,
    AFTER_VARIABLE,
    AFTER_WORD,
    BASIS,
    CELL_DIGITS,
    CELL_LENGTH,
    CELL_LETTERS,
    CHARS,
    CJK,
    CODE_SIGNS,
    DIGITS,
    GAP,
    HASHES,
    LENGTH,
    LINE_CHARS,
    LINE_CODE,
    LINE_DIGITS,
    LINE_LAST,
    LINE_SCORES,
    LINE_WORDS,
    MASK_KINDS,
    MAX_WORD_BYTES,
    MIXED,
    NUMBERED_LINES,
    NUMBERS,
    OPENING,
    OPENING_CONNECTIVES,
    PREVIOUS,
    PRIME,
    SALT,
    SIGNS,
    STEP_OPENINGS,
    U64,
    VARIABLES,
    WORDS,
    class_of,
    decode,
    emit,
    jit,
    lookup,
)
from corpusforge.label.vocabulary import DIGIT, GREEK, LETTER


@jit
def word(
    data: Any, at: int, stop: int, classes: Any, table: Any, out: Any, seen: Any, state: Any, tokens: Any
) -> int:
    """Count a run of letters, with the digits that go on it; return where it ends."""
    start, value, n_chars, stem = at, BASIS, 0, -1
    while at < stop:
        point, size = decode(data, at)
        kind = class_of(point, classes)
        if kind != LETTER and kind != GREEK:
            break
        for k in range(size):
            value = (value ^ U64(data[at + k])) * PRIME
        at += size
        n_chars += 1
        if n_chars >= 3 and stem < 0:
            stem = lookup(value ^ SALT, table)
    end = _tail_of_mixed(data, at, stop)
    out[CHARS] += n_chars + end - at
    state[LINE_CHARS] += n_chars + end - at
    state[CELL_LENGTH] += n_chars
    state[CELL_LETTERS] += n_chars
    if end > at:
        return _mixed(data, start, end, n_chars, out, state, tokens)
    if n_chars == 1:
        _variable(data, start, out, state, tokens)
        return at
    _whole_word(data, start, at, value, stem, table, out, seen, state, tokens)
    return at


@jit
def _whole_word(
    data: Any,
    start: int,
    at: int,
    value: Any,
    stem: int,
    table: Any,
    out: Any,
    seen: Any,
    state: Any,
    tokens: Any,
) -> None:
    slot = lookup(value, table)
    slot = slot if slot >= 0 else stem
    mask = _note(slot, table, out, seen, state) if slot >= 0 else 0
    if state[LINE_WORDS] == 0:
        state[LINE_CODE] = mask >> 4 & 1
    out[WORDS] += 1
    state[LINE_WORDS] += 1
    if data[at] == 95 and at - start >= 2 and (data[at + 1] >= 97 or 48 <= data[at + 1] <= 57):
        out[CODE_SIGNS] += 1  # snake_case
    state[PREVIOUS] = AFTER_FUNCTION if _is_function(data, start, at) else AFTER_WORD
    state[GAP] = state[OPENING] = 0
    if at - start > MAX_WORD_BYTES:
        emit(tokens, state, 76)
        return
    length = state[LENGTH]
    for k in range(start, at):
        tokens[length] = data[k]
        length += 1
    tokens[length] = 32
    state[LENGTH] = length + 1


@jit
def _note(slot: int, table: Any, out: Any, seen: Any, state: Any) -> Any:
    """Count what a word of the lists is; return its mask."""
    mask = np.int64(table[1][slot])
    for bit, counter in MASK_KINDS:
        if mask >> bit & 1:
            out[counter] += 1
    if mask & 1:
        seen[table[2][slot]] = 1
    if state[OPENING]:
        out[OPENING_CONNECTIVES] += mask >> 5 & 1
        out[STEP_OPENINGS] += mask >> 6 & 1
    return mask


@jit
def _is_function(data: Any, start: int, at: int) -> bool:
    """Return whether a word is sin, cos, tan, log, exp, lim, gcd, lcm, mod, det, max, min, ln or sqrt."""
    size = at - start
    if size == 2:
        return data[start] == 108 and data[start + 1] == 110
    if size == 4:
        return (
            data[start] == 115
            and data[start + 1] == 113
            and data[start + 2] == 114
            and data[start + 3] == 116
        )
    if size != 3:
        return False
    code = np.int64(data[start]) << 16 | np.int64(data[start + 1]) << 8 | np.int64(data[start + 2])
    for name in _FUNCTIONS:
        if code == name:
            return True
    return False


_FUNCTIONS = tuple(
    int.from_bytes(name.encode(), "big") for name in "sin cos tan log exp lim gcd lcm mod det max min".split()
)


@jit
def _variable(data: Any, start: int, out: Any, state: Any, tokens: Any) -> None:
    if data[start] >= 0x80:
        out[SIGNS] += 1  # a Greek letter by itself
    out[VARIABLES] += 1
    state[PREVIOUS] = AFTER_VARIABLE
    state[GAP] = state[OPENING] = 0
    emit(tokens, state, 86)


@jit
def _tail_of_mixed(data: Any, at: int, stop: int) -> int:
    """Return where the run of ASCII letters and digits that goes on at `at` with a digit ends."""
    if not 48 <= data[at] <= 57:
        return at
    while at < stop and (48 <= data[at] <= 57 or 97 <= data[at] <= 122):
        at += 1
    return at


@jit
def _mixed(data: Any, start: int, end: int, n_letters: int, out: Any, state: Any, tokens: Any) -> int:
    """Count a run of letters and digits: a variable with an index, a name, or a checksum."""
    n_digits = 0
    for k in range(start, end):
        n_digits += 48 <= data[k] <= 57
    state[LINE_DIGITS] += n_digits
    state[CELL_DIGITS] += n_digits
    state[OPENING] = state[GAP] = 0
    if end - start >= 8 and n_digits >= 2:
        out[HASHES] += 1
        state[PREVIOUS] = AFTER_ELSE
        emit(tokens, state, 72)
    else:
        out[MIXED] += 1
        state[PREVIOUS] = AFTER_VARIABLE if n_letters == 1 and end - start <= 3 else AFTER_ELSE
        emit(tokens, state, 77)
    return end


@jit
def character(data: Any, at: int, size: int, stop: int, table: Any, out: Any, seen: Any, state: Any) -> int:
    """Count a character of a script without spaces, and the pair that it begins.

    It is no token: fastText would take the language for the subject where one class has little of it.
    """
    value = BASIS
    for k in range(size):
        value = (value ^ U64(data[at + k])) * PRIME
    after = at + size
    if after < stop and data[after] >= 0xE0:
        _, next_size = decode(data, after)
        for k in range(next_size):
            value = (value ^ U64(data[after + k])) * PRIME
        slot = lookup(value, table)
        if slot >= 0:
            _note(slot, table, out, seen, state)
    out[CJK] += 1
    out[CHARS] += 1
    state[LINE_CHARS] += 1
    state[CELL_LENGTH] += 1
    state[CELL_LETTERS] += 1
    state[LINE_WORDS] += 1
    state[PREVIOUS] = AFTER_WORD
    state[GAP] = state[OPENING] = 0
    return after


@jit
def number(data: Any, at: int, stop: int, classes: Any, out: Any, state: Any, tokens: Any) -> int:
    """Count a number with its points and thousands; return where it ends."""
    start, n_digits, n_chars = at, 0, 0
    while at < stop:
        point, size = decode(data, at)
        if class_of(point, classes) == DIGIT:
            n_digits += 1
        elif not (data[at] == 46 and 48 <= data[at + 1] <= 57) and not _is_thousands(data, at):
            break
        at += size
        n_chars += 1
    if 97 <= data[at] <= 122 and (97 <= data[at + 1] <= 122 or 48 <= data[at + 1] <= 57):
        end = at
        n_after = 0
        while end < stop and (48 <= data[end] <= 57 or 97 <= data[end] <= 122):
            n_after += 48 <= data[end] <= 57
            end += 1
        if n_after and end - start >= 8:  # 5f3a...: a checksum
            out[CHARS] += n_chars + end - at
            state[LINE_CHARS] += n_chars + end - at
            state[CELL_LENGTH] += n_chars + end - at
            return _mixed(data, start, end, 0, out, state, tokens)
    _is_numbered_line(data, at, out, state)
    out[NUMBERS] += 1
    out[DIGITS] += n_digits
    out[CHARS] += n_chars
    state[LINE_CHARS] += n_chars
    state[LINE_DIGITS] += n_digits
    state[CELL_DIGITS] += n_digits
    state[CELL_LENGTH] += n_chars
    state[LINE_SCORES] += _is_score(data, at)
    state[PREVIOUS] = AFTER_NUMBER
    state[GAP] = state[OPENING] = 0
    emit(tokens, state, 48)
    return at


@jit
def _is_thousands(data: Any, at: int) -> bool:
    """Return whether a comma and three digits, no more, follow: 1,234,567 but not the cells 1,2,34."""
    if data[at] != 44 or 48 <= data[at + 4] <= 57:
        return False
    return 48 <= data[at + 1] <= 57 and 48 <= data[at + 2] <= 57 and 48 <= data[at + 3] <= 57


@jit
def _is_numbered_line(data: Any, at: int, out: Any, state: Any) -> None:
    """Count `1. ` and `(1) ` at the beginning of a line."""
    is_first = state[LINE_CHARS] == 0 or (state[LINE_CHARS] == 1 and state[LINE_LAST] == 40)
    if is_first and (data[at] == 46 or data[at] == 41) and (data[at + 1] == 32 or state[LINE_LAST] == 40):
        out[NUMBERED_LINES] += 1


@jit
def _is_score(data: Any, at: int) -> bool:
    """Return whether a sign between figures follows: `-`, `:` or an en dash, spaces around or not."""
    at += data[at] == 32
    if data[at] == 45 or data[at] == 58:
        at += 1
    elif data[at] == 0xE2 and data[at + 1] == 0x80 and data[at + 2] == 0x93:
        at += 3
    else:
        return False
    at += data[at] == 32
    return 48 <= data[at] <= 57
