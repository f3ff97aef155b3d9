"""The counting pass on signs: relations, operations, notation, money, marks of code."""

from __future__ import annotations

from typing import Any

import numpy as np

from corpusforge.label.counting.state import (
    AFTER_CLOSE,
    AFTER_ELSE,
    AFTER_FUNCTION,
    AFTER_NUMBER,
    AFTER_VARIABLE,
    AFTER_WORD,
    ASSIGNMENTS,
    CELL_LENGTH,
    CHARS,
    CODE_SIGNS,
    COMMANDS,
    GAP,
    LINE_CHAINED,
    LINE_CHARS,
    LINE_EQUALS,
    LINE_LAST,
    LINE_RELATIONS,
    LINE_SEPARATORS,
    MONEY,
    NOTATION,
    OPENING,
    OPERATIONS,
    PREVIOUS,
    RELATIONS,
    SENTENCES,
    SIGNS,
    class_of,
    decode,
    emit,
    end_cell,
    jit,
)
from corpusforge.label.vocabulary import CURRENCY, DIGIT, GREEK, LETTER, OPEN, RELATION, SIGN


@jit
def sign(
    data: Any, at: int, size: int, point: int, kind: int, classes: Any, out: Any, state: Any, tokens: Any
) -> int:
    """Count a sign; return where it ends, with the second sign of a pair such as `<=`."""
    out[CHARS] += 1
    is_operand = (
        state[PREVIOUS] == AFTER_VARIABLE or state[PREVIOUS] == AFTER_NUMBER or state[PREVIOUS] == AFTER_CLOSE
    ) and state[GAP] <= 1
    after = at + size
    if kind == RELATION:
        after = _relation(data, at, size, point, is_operand, classes, out, state, tokens)
    elif kind == SIGN:
        out[SIGNS] += 1
        out[OPERATIONS] += is_operand and (point == 0xD7 or point == 0xF7 or point == 0xB7)
        emit(tokens, state, 83)
        state[PREVIOUS] = AFTER_CLOSE
    elif kind == CURRENCY:
        at_next = after + (data[after] == 32)
        if 48 <= data[at_next] <= 57 or (state[PREVIOUS] == AFTER_NUMBER and state[GAP] <= 1):
            out[MONEY] += 1
            emit(tokens, state, 36)
        elif point == 36 and (97 <= data[after] <= 122 or data[after] == 123):
            out[CODE_SIGNS] += 1  # $home, ${home}
        state[PREVIOUS] = AFTER_ELSE
    elif point < 0x80:
        _ascii(data, at, point, is_operand, out, state, tokens)
    else:
        if point == 0x3002 or point == 0xFF1F or point == 0xFF01:
            out[SENTENCES] += 1
            state[OPENING] = 1
        state[PREVIOUS] = AFTER_ELSE
    state[GAP] = 0
    state[LINE_CHARS] += 1
    state[CELL_LENGTH] += 1
    state[LINE_LAST] = point
    return after


@jit
def _relation(data: Any, at: int, size: int, point: int, is_operand: bool, classes: Any, out: Any, state: Any,
              tokens: Any) -> int:  # fmt: skip
    after = at + size
    if point == 61:
        state[LINE_EQUALS] = 1
        if data[after] == 61:  # ==
            out[CODE_SIGNS] += 1
            state[PREVIOUS] = AFTER_ELSE
            return after + 1
    if point == 60 and (data[after] == 47 or data[after] == 33):  # </ and <!
        out[CODE_SIGNS] += 1
        state[PREVIOUS] = AFTER_ELSE
        return after
    if point < 0x80 and data[after] == 61:  # <= and >=
        after += 1
    elif point == 61 and data[after] == 62:  # =>
        after += 1
    state[LINE_CHAINED] |= state[LINE_CHARS] == 0 and point != 62 and point != 60
    ahead = after + (data[after] == 32)
    ahead += data[ahead] == 45
    next_point, _ = decode(data, ahead)
    kind = class_of(next_point, classes)
    opens = next_point == 40 or next_point == 91 or next_point == 123 or next_point == 124 or next_point == 92
    if is_operand and (
        kind == DIGIT or kind == LETTER or kind == GREEK or kind == SIGN or kind == OPEN or opens
    ):
        out[RELATIONS] += 1
        state[LINE_RELATIONS] += 1
    elif state[PREVIOUS] == AFTER_WORD and point == 61 and state[GAP] <= 1:
        out[ASSIGNMENTS] += 1
    emit(tokens, state, 61)
    state[PREVIOUS] = AFTER_ELSE
    return after


@jit
def _ascii(data: Any, at: int, point: int, is_operand: bool, out: Any, state: Any, tokens: Any) -> None:
    """Count what an ASCII sign says; leaves in the state what it is to the sign after it."""
    after = np.int64(data[at + 1])
    previous, gap = state[PREVIOUS], state[GAP]
    is_digit, is_letter = 48 <= after <= 57, 97 <= after <= 122
    state[PREVIOUS] = AFTER_ELSE
    if point == 94:  # ^
        out[NOTATION] += is_operand and (is_digit or is_letter or after == 40 or after == 123 or after == 45)
    elif point == 95:  # _
        out[NOTATION] += (
            previous == AFTER_VARIABLE and gap == 0 and (is_digit or after == 123 or 105 <= after <= 110)
        )
    elif point == 40:  # (
        is_argument = (
            previous == AFTER_VARIABLE and gap == 0 and data[at + 2] == 41 and (is_digit or is_letter)
        )
        out[NOTATION] += is_argument or (previous == AFTER_FUNCTION and gap == 0)
    elif point == 41 or point == 93:
        state[PREVIOUS] = AFTER_CLOSE
    elif point == 43 or point == 42 or point == 45:  # + * -
        ahead = np.int64(data[at + 1 + (after == 32)])
        is_operation = is_operand and (48 <= ahead <= 57 or 97 <= ahead <= 122 or ahead == 40)
        is_variable = previous == AFTER_VARIABLE or (48 <= ahead <= 57 and point != 45)
        out[OPERATIONS] += is_operation and (is_variable or point != 45)
        out[CODE_SIGNS] += after == point or (point == 45 and after == 62)  # ++ -- ** ->
        emit(tokens, state, point)
    elif point == 92:  # a backslash
        out[COMMANDS] += is_letter
    elif point == 37:  # %
        out[MONEY] += previous == AFTER_NUMBER and gap <= 1
    elif point == 44 or point == 59 or point == 124:  # , ; |
        if after != 32 or point == 124:
            state[LINE_SEPARATORS] += 1
            end_cell(state)
        out[CODE_SIGNS] += point == 124 and after == 124
    elif point == 46 or point == 33 or point == 63:  # . ! ?
        if after == 32 or after == 10:
            out[SENTENCES] += 1
            state[OPENING] = 1
    elif point == 96 or ((point == 58 or point == 38 or point == 123) and after == point):  # ` :: && {{
        out[CODE_SIGNS] += 1
    elif point == 47:  # / and //
        out[CODE_SIGNS] += after == 47
