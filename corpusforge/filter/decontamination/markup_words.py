r"""Words from markup: what a backslash, `&`, `<` or `[` begins, and how a word is written down.

\frac12  1 2      \le  ≤      \nLet  Let      &#215;        <b>        [asy]…[/asy]
"""

from __future__ import annotations

from typing import Any

import numpy as np

from corpusforge.compiled import jit
from corpusforge.filter.decontamination.spelling import (
    ACTIONS,
    ALONE,
    AS_CHARACTER,
    CLASS_SHIFT,
    CODE_MASK,
    CODES,
    DIGIT,
    DROP_WITH_ARGUMENT,
    FNV_BASIS,
    FNV_PRIME,
    FRACTION,
    LAST_CODE,
    LETTER,
    LOWERED,
    NAMES,
    OPERATOR,
    PASS,
    RAISED,
    SLOTS,
    STARTS,
)

WORD, SINGLE, NUMBER, CHARACTER, SIGN = range(1, 6)
"""Kinds of a word: letters, single letters joined, a number, a CJK or Greek letter, an operator."""
BASIS = np.uint64(FNV_BASIS)
PRIME = np.uint64(FNV_PRIME)
_MAX_NAME_BYTES = 24
_MAX_FIGURE_BYTES = 20_000
_MAX_TAG_BYTES = 300
BACKSLASH, _AMPERSAND, _LESS, _BRACKET = 0x5C, 0x26, 0x3C, 0x5B


HASH, START, STOP, KIND = range(4)
"""Columns of words, u64: hash, first byte, byte behind the last, kind."""


@jit
def hashed_character(code: int) -> Any:
    """Return the hash of a word of one character."""
    return (BASIS ^ np.uint64(code)) * PRIME


@jit
def add(out: Any, count: int, hashed: Any, start: int, stop: int, kind: int) -> Any:
    """Append one word, or join a single letter to the one before; return the new count."""
    out[count, HASH] = hashed
    out[count, START] = np.uint64(start)
    out[count, STOP] = np.uint64(stop)
    out[count, KIND] = np.uint64(kind)
    return count + 1


@jit
def add_letters(out: Any, count: int, hashed: Any, length: int, code: int, start: int, stop: int) -> Any:
    """Append a word of letters; a single letter is joined to single letters before it."""
    if length > 1:
        return add(out, count, hashed, start, stop, WORD)
    if count and out[count - 1, KIND] == SINGLE:
        out[count - 1, HASH] = (out[count - 1, HASH] ^ np.uint64(code)) * PRIME
        out[count - 1, STOP] = np.uint64(stop)
        return count
    return add(out, count, hashed, start, stop, SINGLE)


@jit
def add_character(entry: int, start: int, stop: int, out: Any, count: int) -> Any:
    """Append one folded character as a word, where it is one."""
    kind, code = entry >> CLASS_SHIFT, entry & CODE_MASK
    if kind == LETTER:
        return add_letters(out, count, hashed_character(code), 1, code, start, stop)
    if kind == DIGIT or kind == RAISED or kind == LOWERED:
        return add(out, count, hashed_character(code), start, stop, NUMBER)
    if kind == ALONE or kind == OPERATOR or code == _LESS:
        return add(out, count, hashed_character(code), start, stop, CHARACTER if kind == ALONE else SIGN)
    return count


@jit
def add_several(index: int, at: int, past: int, spellings: Any, out: Any, count: int) -> Any:
    """Append the words of a character that stands for several: ½, ㎡, ㈠."""
    for k in range(spellings[STARTS + index], spellings[STARTS + index + 1]):
        count = add_character(spellings[k], at, past, out, count)
    return count


@jit
def is_ascii_letter(byte: int) -> bool:
    """Return whether a byte is A-Z or a-z."""
    return 0x61 <= (byte | 0x20) <= 0x7A


@jit
def read_mark(data: Any, at: int, code: int, spellings: Any, state: Any, out: Any, count: int) -> Any:
    r"""Return (next byte, count) behind a backslash, `&`, `<` or `[`: command, entity, tag, figure."""
    if code == BACKSLASH:
        return _command(data, at, spellings, state, out, count)
    if code == _AMPERSAND:
        return _entity(data, at, spellings, out, count)
    if code == _LESS:
        past = _tag(data, at, spellings)
        if past == 0:
            return at + 1, add(out, count, hashed_character(_LESS), at, at + 1, SIGN)
        return past, count
    return _figure(data, at), count


@jit
def _name(data: Any, at: int) -> Any:
    """Return the hash of the lower-cased ASCII letters from a byte on, and the byte behind them."""
    hashed, past = BASIS, at
    while past < len(data) and past - at < _MAX_NAME_BYTES and is_ascii_letter(data[past]):
        hashed = (hashed ^ np.uint64(data[past] | 0x20)) * PRIME
        past += 1
    return hashed, past


@jit
def _slot(spellings: Any, hashed: Any) -> Any:
    """Return the place of a command, -1 where it is an ordinary word."""
    key = np.int64(hashed)
    slot = np.int64(hashed & np.uint64(SLOTS - 1))
    while spellings[NAMES + slot] != 0:
        if spellings[NAMES + slot] == key:
            return slot
        slot = (slot + 1) & (SLOTS - 1)
    return -1


@jit
def _command(data: Any, at: int, spellings: Any, state: Any, out: Any, count: int) -> Any:
    r"""Read \name, \\name, \n of JSON and \u00d7; other escapes say nothing."""
    first = at
    while at < len(data) and data[at] == BACKSLASH:
        at += 1
    if at < len(data) and data[at] == 0x75:
        code = _number(data, at + 1, at + 5, 16)
        if 0 < code < LAST_CODE:
            return at + 5, add_character(spellings[code], first, at + 5, out, count)
    hashed, past = _name(data, at)
    if past == at:
        return at, count
    slot = _slot(spellings, hashed)
    if slot < 0:  # \nLet of JSON is a line break and a word
        return at + (data[at] == 0x6E or data[at] == 0x72 or data[at] == 0x74), count
    action, code = spellings[ACTIONS + slot], spellings[CODES + slot]
    if action == PASS:
        return at + code, count
    if action == AS_CHARACTER:
        return past, add_character(code, first, past, out, count)
    if action == FRACTION:
        state[0] = 2
    elif action == DROP_WITH_ARGUMENT:
        past = _argument(data, past)
    return past, count


@jit
def _argument(data: Any, at: int) -> Any:
    """Return the byte behind {…} on the same line, or `at`."""
    if at >= len(data) or data[at] != 0x7B:
        return at
    for k in range(at + 1, min(len(data), at + 40)):
        if data[k] == 0x7D:
            return k + 1
        if data[k] == 0x0A:
            break
    return at


@jit
def _number(data: Any, at: int, stop: int, base: int) -> Any:
    """Return the number that all digits in `at:stop` write, -1 where one is none."""
    if stop > len(data) or stop <= at:
        return -1
    value = 0
    for k in range(at, stop):
        byte = np.int64(data[k])
        digit = byte - 0x30 if byte < 0x3A else (byte | 0x20) - 0x57
        if digit < 0 or digit >= base or (byte >= 0x3A and digit < 10):
            return -1
        value = value * base + digit
    return value


@jit
def _entity(data: Any, at: int, spellings: Any, out: Any, count: int) -> Any:
    """Read &name;, &#215; and &#xd7;; another ampersand says nothing."""
    stop = at + 1
    while stop < len(data) and stop - at < 12 and data[stop] != 0x3B and data[stop] > 0x20:
        stop += 1
    if stop >= len(data) or data[stop] != 0x3B:
        return at + 1, count
    if data[at + 1] == 0x23:
        is_hex = data[at + 2] | 0x20 == 0x78
        code = _number(data, at + 2 + is_hex, stop, 16 if is_hex else 10)
        if 0 < code < LAST_CODE:
            count = add_character(spellings[code], at, stop + 1, out, count)
        return (stop + 1 if code >= 0 else at + 1), count
    hashed, past = _name(data, at + 1)
    slot = _slot(spellings, hashed)
    if past != stop or slot < 0:
        return at + 1, count
    if spellings[ACTIONS + slot] == AS_CHARACTER:
        count = add_character(spellings[CODES + slot], at, stop + 1, out, count)
    return stop + 1, count


@jit
def _tag(data: Any, at: int, spellings: Any) -> Any:
    """Return the byte behind a known HTML tag, 0 where `<` is a sign."""
    first = at + 1
    first += first < len(data) and data[first] == 0x2F
    hashed, past = (BASIS ^ np.uint64(_LESS)) * PRIME, first
    while past < len(data) and past - first < 12 and 0x30 <= data[past] <= 0x7A and data[past] != _LESS:
        if data[past] == 0x3E:
            break
        hashed = (hashed ^ np.uint64(data[past] | 0x20)) * PRIME
        past += 1
    if past == first or past >= len(data) or _slot(spellings, hashed) < 0:
        return 0
    if data[past] != 0x3E and data[past] != 0x20 and data[past] != 0x2F:
        return 0  # $a<b$
    is_tag = data[past] != 0x20
    for k in range(past, min(len(data), at + _MAX_TAG_BYTES)):
        if data[k] == 0x3E:
            return k + 1 if is_tag or data[k - 1] == 0x2F else 0
        if data[k] == _LESS:
            return 0
        # attributes have quotation marks: a<b and c=d
        is_tag |= data[k] == 0x3D and k + 1 < len(data) and (data[k + 1] == 0x22 or data[k + 1] == 0x27)
    return 0


@jit
def _figure(data: Any, at: int) -> Any:
    """Return the byte behind [asy]…[/asy], a drawing program that pages show as an image; or at + 1."""
    if not _is_opening(data, at):
        return at + 1
    for k in range(at + 5, min(len(data) - 5, at + _MAX_FIGURE_BYTES)):
        if data[k] == _BRACKET and data[k + 1] == 0x2F and data[k + 2] == 0x61 and data[k + 3] == 0x73:
            return k + 6
        if data[k] == _BRACKET and _is_opening(data, k):
            break
    return at + 1


@jit
def _is_opening(data: Any, at: int) -> bool:
    if at + 5 > len(data):
        return False
    return data[at + 1] == 0x61 and data[at + 2] == 0x73 and data[at + 3] == 0x79 and data[at + 4] == 0x5D
