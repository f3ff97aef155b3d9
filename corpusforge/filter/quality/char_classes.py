"""The classes of a character that the compiled pass over a text asks for, one byte a code point."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpusforge.compiled import jit_in_place

SPACE, LETTER, LONE, SIGN, BULLET, TERMINAL, LOWER, CLOSER = (1 << place for place in range(8))
"""White space; a letter; a word of its own; counted by itself; opens a list item; ends a sentence; a small
letter; may stand behind the end of a sentence."""

_LAST_POINT = 0x40000  # no letter and no white space stands behind it (Unicode 15)
_LONE_RANGES = (  # scripts without blanks between words whose characters stand for words or syllables
    (0x3040, 0x30FF),  # kana
    (0x3400, 0x9FFF),  # Han
    (0xF900, 0xFAFF),  # compatibility Han
    (0x20000, 0x323AF),  # Han, extensions B to H
)
SEGMENT_LETTERS = 3
"""Of a word in a script that parts no words: Thai and Lao words have about three letters without marks."""
_SIGNS = "0123456789{#.…$`jJ"
_CLOSERS = "\"')]*_”’»"
_BULLETS = "-*•‣·●▪◦–➤"
_TERMINALS = """
21 2E 3F 589 61D-61F 6D4 700-702 7F9 837 839 83D 83E 964 965 104A 104B 1362 1367 1368 166E 1735 1736
17D4-17D6 17D9 17DA 1803 1809 1944 1945 1AA8-1AAB 1B5A 1B5B 1B5E 1B5F 1B7D 1B7E 1C3B 1C3C 1C7E 1C7F 203C 203D
2047-2049 2E2E 2E3C 2E53 2E54 3002 A4FF A60E A60F A6F3 A6F7 A876 A877 A8CE A8CF A92F A9C8 A9C9 AA5D-AA5F AAF0
AAF1 ABEB FE52 FE56 FE57 FF01 FF0E FF1F FF61 10A56 10A57 10F55-10F59 10F86-10F89 11047 11048 110BE-110C1
11141-11143 111C5 111C6 111CD 111DE 111DF 11238 11239 1123B 1123C 112A9 1144B 1144C 115C2 115C3 115C9-115D7
11641 11642 1173C-1173E 11944 11946 11A42 11A43 11A9B 11A9C 11C41 11C42 11EF7 11EF8 11F43 11F44 16A6E 16A6F
16AF5 16B37 16B38 16B44 16E98 1BC9F 1DA88
"""
"""Unicode 15.1, PropList.txt: Sentence_Terminal, by which FineWeb knows the end of a line."""


@lru_cache(maxsize=1)
def sentence_terminals() -> frozenset[str]:
    """Return the characters that end a sentence."""
    spans = [span.partition("-") for span in _TERMINALS.split()]
    return frozenset(
        chr(point) for first, _, last in spans for point in range(int(first, 16), int(last or first, 16) + 1)
    )


@lru_cache(maxsize=1)
def class_table() -> NDArray[np.uint8]:
    """Return the bits of each code point's classes, u8 [_LAST_POINT]."""
    characters = list(map(chr, range(_LAST_POINT)))
    classes = np.fromiter(map(str.isspace, characters), dtype=np.uint8) * SPACE
    classes |= np.fromiter(map(str.isalpha, characters), dtype=np.uint8) * LETTER
    classes |= np.fromiter(map(str.islower, characters), dtype=np.uint8) * LOWER
    for first, last in _LONE_RANGES:
        classes[first : last + 1] |= LONE
    kinds = ((BULLET, _BULLETS), (TERMINAL, sentence_terminals()), (SIGN, _SIGNS), (CLOSER, _CLOSERS))
    for bit, marks in kinds:
        for mark in marks:
            classes[ord(mark)] |= bit
    return classes


@jit_in_place
def class_of(points: Any, i: int, classes: Any) -> Any:
    """Return the bits of the character at `i`."""
    point = np.int64(points[i])
    return classes[point] if point < _LAST_POINT else np.uint8(0)


@jit_in_place
def is_unparted(point: Any) -> Any:
    """Return whether a letter is of Thai, Lao, Tibetan, Burmese, Khmer or Tai, which write no blanks."""
    if point < 0x0E00:
        return False
    return (
        point <= 0x109F
        or 0x1780 <= point <= 0x17FF
        or 0x1950 <= point <= 0x1AAF
        or 0xA9E0 <= point <= 0xA9FF
        or 0xAA60 <= point <= 0xAADF
    )
