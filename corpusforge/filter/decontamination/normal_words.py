r"""UTF-8 bytes -> normal words: one compiled pass, the same for benchmark items and documents.

"If $\dfrac{x}{2} \le 1{,}000$"  and  "IF \(\frac x2≤1000\)"  ->  if  x  2  ≤  1000

Case, accents, punctuation, white space, LaTeX dress, HTML entities and tags, JSON escapes and
invisible characters say nothing. Letters and digits part; a CJK or Greek letter is a word;
neighbouring single letters are one word, since x y is xy; a word in two parts by a hyphen is one,
since it may have been broken at a line's end. Operators are words of their own kind, which only
short items are told by.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpusforge.compiled import jit
from corpusforge.filter.decontamination.invisible import decoded, visible
from corpusforge.filter.decontamination.markup_words import (
    BACKSLASH,
    BASIS,
    CHARACTER,
    NUMBER,
    PRIME,
    SIGN,
    add,
    add_letters,
    add_several,
    hashed_character,
    is_ascii_letter,
    read_mark,
)
from corpusforge.filter.decontamination.spelling import (
    ALONE,
    CLASS_SHIFT,
    CODE_MASK,
    DIGIT,
    IGNORED,
    LAST_CODE,
    LETTER,
    LETTERS,
    LOWERED,
    MARK,
    OPERATOR,
    RAISED,
    SEPARATOR,
    SEVERAL,
    STARTS,
    spelling,
)

_HYPHEN, _QUOTE = 0x2D, 0x3E
_MIN_LETTERS_BEFORE, _MIN_LETTERS_BEHIND = 2, 3
"""Of a hyphen within a word: what TeX leaves of a word that it breaks (\\lefthyphenmin, \\righthyphenmin).

So x-axis stays as $x$-axis, and $ab-cd$ as $ab - cd$."""
_MAX_MARGIN_BYTES = 40


def normal_words(text: str) -> NDArray[np.uint64]:
    """Return the normal words of a whole text, in order: u64 [words, 4]."""
    data = visible(text).data
    out = np.empty((len(data) * 2 + 64, 4), np.uint64)
    _, count = read_words(data, 0, spelling(), out, 0)
    return out[:count]


@jit
def read_words(data: Any, at: int, spellings: Any, out: Any, count: int) -> Any:
    """Write words from byte `at` on behind the first `count`; return the next byte and the new count.

    Stops where the text ends or fewer than 32 places are left: a call that goes on at the byte
    returned, with the words kept, gives what one call would.
    """
    state = np.zeros(1, np.int64)  # arguments of a \frac that may be a bare character: \frac12
    while at < len(data) and count < len(out) - 32:
        if data[at] < 0x80 and state[0] == 0:
            at, count = _plain_words(data, at, spellings, out, count)
            if at >= len(data) or count >= len(out) - 32:
                break
        code, past = decoded(data, at)
        entry = spellings[code] if code < LAST_CODE else 0
        kind = entry >> CLASS_SHIFT
        if kind == SEPARATOR or kind == IGNORED:
            if code == 0x7B:  # {
                state[0] = 0
            at = past
        elif kind == LETTER or kind == LETTERS:
            at, count = _letters(data, at, spellings, state, out, count)
        elif kind == DIGIT or kind == RAISED or kind == LOWERED:
            at, count = _digits(data, at, spellings, state, out, count)
        elif kind == MARK:
            at, count = read_mark(data, at, code, spellings, state, out, count)
        elif kind == SEVERAL:
            count = add_several(entry & CODE_MASK, at, past, spellings, out, count)
            at = past
        else:
            if kind == ALONE or _is_sign(data, at, past, entry & CODE_MASK):
                count = add(
                    out,
                    count,
                    hashed_character(entry & CODE_MASK),
                    at,
                    past,
                    CHARACTER if kind == ALONE else SIGN,
                )
            at = past
    return at, count


@jit
def _plain_words(data: Any, at: int, spellings: Any, out: Any, count: int) -> Any:
    """Read ASCII letters, digits and separators, most of all bytes, up to the first of anything else.

    Words with a hyphen are something else.
    """
    while at < len(data) and data[at] < 0x80 and count < len(out) - 32:
        kind = spellings[data[at]] >> CLASS_SHIFT
        if kind == SEPARATOR:
            at += 1
            continue
        if kind != LETTER and kind != DIGIT:
            break
        stop, hashed = at, BASIS
        while stop < len(data) and data[stop] < 0x80 and spellings[data[stop]] >> CLASS_SHIFT == kind:
            hashed = (hashed ^ np.uint64(spellings[data[stop]] & CODE_MASK)) * PRIME
            stop += 1
        if stop < len(data) and data[stop] >= 0x80:
            break
        if kind == LETTER and stop < len(data) and data[stop] == _HYPHEN:
            if _second_part(data, stop - at, stop + 1, spellings):
                break
        if kind == LETTER:
            count = add_letters(out, count, hashed, stop - at, spellings[data[at]] & CODE_MASK, at, stop)
        elif _may_group(data, stop):
            break
        else:
            count = add(out, count, hashed, at, stop, NUMBER)
        at = stop
    return at, count


@jit
def _may_group(data: Any, at: int) -> bool:
    """Return whether digits could go on behind a comma, brace or backslash."""
    return at < len(data) and (data[at] == 0x2C or data[at] == 0x7B or data[at] == BACKSLASH)


@jit
def _is_sign(data: Any, at: int, past: int, code: int) -> bool:
    """Return whether an operator is one: no mark of a quoted line, no rule, no hyphen."""
    if code == 0x3E and past < len(data) and data[past] == 0x20 and (at == 0 or data[at - 1] == 0x0A):
        return False
    return code != 0x2D or _is_minus(data, at, past)


@jit
def _is_minus(data: Any, at: int, past: int) -> bool:
    """Return whether a dash is a minus: not one of several, or between letters."""
    if (past < len(data) and data[past] == 0x2D) or (at and data[at - 1] == 0x2D):
        return False
    before = at - 1
    while before >= 0 and at - before < 9 and data[before] <= 0x20:
        before -= 1
    behind = past
    while behind < len(data) and behind - past < 8 and data[behind] <= 0x20:
        behind += 1
    return not (
        (before < 0 or is_ascii_letter(data[before]))
        and (behind >= len(data) or is_ascii_letter(data[behind]))
    )


@jit
def _letters(data: Any, at: int, spellings: Any, state: Any, out: Any, count: int) -> Any:
    hashed, length, last, start, stop = BASIS, 0, 0, at, at
    before = 0  # letters of the parts before the last hyphen
    while at < len(data):
        code, past = decoded(data, at)
        entry = spellings[code] if code < LAST_CODE else 0
        kind = entry >> CLASS_SHIFT
        if kind == LETTER:
            last = entry & CODE_MASK
            hashed = (hashed ^ np.uint64(last)) * PRIME
            length += 1
            stop = past
            if state[0]:  # \frac xy is x over y
                state[0] -= 1
                at = past
                break
        elif kind == LETTERS:
            index = STARTS + (entry & CODE_MASK)
            for k in range(spellings[index], spellings[index + 1]):
                hashed = (hashed ^ np.uint64(spellings[k] & CODE_MASK)) * PRIME
                length += 1
            stop = past
        elif kind == OPERATOR and entry & CODE_MASK == _HYPHEN:
            past = _second_part(data, length - before, past, spellings)
            if past == 0:
                break
            before = length
        elif kind != IGNORED:
            break
        at = past
    return at, add_letters(out, count, hashed, length, last, start, stop)


@jit
def _second_part(data: Any, n_letters: int, at: int, spellings: Any) -> Any:
    """Return the byte where a word goes on behind a hyphen, or a hyphen and a line break; else 0.

    The same parts make one word in a line and at its end, so that a line may be broken anywhere:
    real hyphens fall there too, and no dictionary tells which is which.
    """
    if n_letters < _MIN_LETTERS_BEFORE:
        return 0
    first, breaks, last = at, 0, min(len(data), at + _MAX_MARGIN_BYTES)
    while first < last and (data[first] <= 0x20 or (breaks and data[first] == _QUOTE)):
        breaks += data[first] == 0x0A
        first += 1
    if first > at and breaks != 1:
        return 0
    at, found = first, 0
    while at < len(data) and found < _MIN_LETTERS_BEHIND:
        code, past = decoded(data, at)
        entry = spellings[code] if code < LAST_CODE else 0
        kind = entry >> CLASS_SHIFT
        if kind != LETTER and kind != LETTERS and kind != IGNORED:
            return 0
        found += 0 if kind == IGNORED else 1 + (kind == LETTERS)
        at = past
    return first if found >= _MIN_LETTERS_BEHIND else 0


@jit
def _digits(data: Any, at: int, spellings: Any, state: Any, out: Any, count: int) -> Any:
    hashed, length, start, stop, first = BASIS, 0, at, at, 0
    while at < len(data):
        code, past = decoded(data, at)
        entry = spellings[code] if code < LAST_CODE else 0
        kind = entry >> CLASS_SHIFT
        first = kind if length == 0 else first
        if kind == first:  # 10² is not 102
            hashed = (hashed ^ np.uint64(entry & CODE_MASK)) * PRIME
            length += 1
            stop = past
            if state[0]:  # \frac12 is 1 over 2
                state[0] -= 1
                at = past
                break
        elif kind != IGNORED:
            group = _thousands(data, at) if length <= 3 or (stop - start) > length else 0
            if group == 0:
                break
            past = group
        at = past
    return at, add(out, count, hashed, start, stop, NUMBER)


@jit
def _thousands(data: Any, at: int) -> Any:
    r"""Return the byte of the next group of digits in 1,000, 1{,}000, 1\,000 or 10,\!000; else 0."""
    if not _may_group(data, at):
        return 0
    size = len(data)
    comma = at
    while comma < size and comma - at < 6 and data[comma] in (0x2C, 0x7B, 0x7D, BACKSLASH, 0x21):
        comma += 1
    has_comma = False
    for k in range(at, comma):
        has_comma |= data[k] == 0x2C
    if not has_comma or comma + 3 > size:
        return 0
    for k in range(comma, comma + 3):
        if not 0x30 <= data[k] <= 0x39:
            return 0
    return 0 if comma + 3 < size and 0x30 <= data[comma + 3] <= 0x39 else comma
