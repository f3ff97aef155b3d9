"""What of a text is worth a closer look: one compiled pass over its bytes, for all detectors at once.

Most texts hold nothing that is looked for. Two automata run side by side, one over the literal
signs of secrets and the words that tell a telephone number, one over the text's shape (`9` a digit,
`A` a capital, `a` a small letter); where numbers may be telephones, cards or addresses, their places
are noted. Patterns are then tried at these places alone. Digits are those of ASCII.
"""

from __future__ import annotations

import string
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpusforge.compiled import jit_in_place
from corpusforge.signs import SignFinder, sign_finder

_KINDS = 5
TOLD, CARD, PHONE, IPV4, IPV6 = range(_KINDS)
"""What may begin at a place; TOLD is the end of a word that tells of a number behind it."""
_TOLD_BIT, _ACCOUNT_BIT = 61, 62
_MAX_DETECTORS = 61
_ACCOUNT_SIGNS = ("AC", "SK")
_FIRST_PLACES = 64

_WORD, _DIGIT, _HEX, _LOWER, _LETTER, _TOKEN = 1, 2, 4, 8, 16, 32
_IS = np.zeros(256, dtype=np.uint8)
for _chars, _class in (
    (string.ascii_letters + string.digits + "_", _WORD),
    (string.digits, _DIGIT),
    (string.hexdigits, _HEX),
    (string.ascii_lowercase, _LOWER),
    (string.ascii_letters, _LETTER),
    (string.ascii_letters + string.digits + "_-", _TOKEN),
):
    _IS[list(_chars.encode())] |= _class
_STOPS = np.zeros(256, dtype=np.uint8)
_STOPS[list(string.digits.encode())] = 1
_STOPS[list(b" -+(.:")] = (2, 3, 4, 5, 6, 7)
_SHAPES = np.arange(256, dtype=np.uint8)
_SHAPES[list(string.digits.encode())] = ord("9")
_SHAPES[list(string.ascii_uppercase.encode())] = ord("A")
_SHAPES[list(string.ascii_lowercase.encode())] = ord("a")


@dataclass(frozen=True, slots=True, eq=False)
class Scan:
    """What a text may hold."""

    secrets: int
    """Bits of the detectors of which a sign was met."""
    shapes: int
    """Bits of the shapes that were met alone: no word or number goes on before them, nor behind them but of
    the first."""
    places: tuple[list[int], ...]
    """By what may begin there: characters from the text's start, ascending, each once."""


@dataclass(frozen=True, slots=True, eq=False)
class Scanner:
    """The automata of one set of detectors."""

    signs: SignFinder
    shapes: SignFinder
    shape_classes: NDArray[np.uint8]
    shape_sizes: NDArray[np.int64]
    """Of the shapes, in the order of their bits."""
    told: NDArray[np.uint8]
    """Words beyond ASCII that tell a number, as `_in_rows` writes them."""
    tells: NDArray[np.uint8]
    """By byte: 1 where one of these may hold its first character beyond ASCII."""
    numbered: tuple[int, int]
    """Numbers of the detectors of Discord's tokens and Twilio's accounts, told by more than a sign."""

    def scan(self, text: str) -> Scan:
        """Return what a text may hold."""
        source = np.frombuffer(text.encode("utf-8", "replace"), dtype=np.uint8)
        capacity = _FIRST_PLACES
        while True:
            places, kinds, told = (
                np.empty(capacity, np.int64),
                np.empty(capacity, np.uint8),
                np.zeros(3, np.int64),
            )
            n_places = _scan(
                source, self.signs.classes, self.signs.following, self.signs.found,
                self.shape_classes, self.shapes.following, self.shapes.found, self.shape_sizes,
                self.numbered[0], self.numbered[1], _IS, _STOPS, self.told, self.tells, places, kinds, told,
            )  # fmt: skip
            if n_places <= capacity:
                break
            capacity = int(n_places)
        found: list[list[int]] = [[] for _ in range(_KINDS)]
        if n_places:
            for place, kind in zip(places[:n_places].tolist(), kinds[:n_places].tolist(), strict=True):
                found[int(kind)].append(place)
        return Scan(int(told[0]), int(told[1]), tuple(sorted(set(each)) for each in found))


def scanner(
    detectors: Sequence[tuple[str, ...]],
    told: Sequence[str],
    told_beyond: Sequence[str],
    shapes: Sequence[bytes],
    discord: int,
    twilio: int,
) -> Scanner:
    """Return the scanner of detectors, each with its signs, of words that tell a number, and of shapes.

    `told_beyond`: those words that hold characters beyond ASCII.
    """
    if len(detectors) > _MAX_DETECTORS:
        raise ValueError(f"{len(detectors)} detectors: at most {_MAX_DETECTORS}")
    values: dict[str, int] = {}
    for number, signs in enumerate(detectors):
        for sign in signs:
            values[sign] = values.get(sign, 0) | 1 << number
    values |= {sign: values.get(sign, 0) | 1 << _TOLD_BIT for sign in told}
    values |= {sign: values.get(sign, 0) | 1 << _ACCOUNT_BIT for sign in _ACCOUNT_SIGNS}
    of_shapes = sign_finder([shape.decode("ascii") for shape in shapes])
    words = _in_rows(told_beyond)
    tells = np.zeros(256, dtype=np.uint8)
    tells[[row[_HEAD + row[1]] for row in words]] = 1
    return Scanner(
        told=words,
        tells=tells,
        signs=sign_finder(list(values), list(values.values())),
        shapes=of_shapes,
        shape_classes=of_shapes.classes[_SHAPES],
        shape_sizes=np.array([len(shape) for shape in shapes], dtype=np.int64),
        numbered=(discord, twilio),
    )


_HEAD = 2


def _in_rows(words: Sequence[str]) -> NDArray[np.uint8]:
    """Return words as UTF-8, one a row, behind their size and the place of what is not ASCII first."""
    spelled = [word.encode() for word in words]
    rows = np.zeros((len(spelled), _HEAD + max(map(len, spelled))), dtype=np.uint8)
    for row, word in zip(rows, spelled, strict=True):
        row[0], row[1] = len(word), next(place for place, byte in enumerate(word) if byte >= 0x80)
        row[_HEAD : _HEAD + len(word)] = list(word)
    return rows


@jit_in_place
def _scan(
    data: Any, classes: Any, following: Any, found: Any, shape_classes: Any, shape_following: Any,
    shape_found: Any, shape_sizes: Any, discord: Any, twilio: Any, is_: Any, stops: Any, words: Any,
    tells: Any, places: Any, kinds: Any, told: Any,
) -> Any:  # fmt: skip
    state, shape, bits, shapes = np.int64(0), np.int64(0), np.int64(0), np.int64(0)
    n_places, place, run, run_place = 0, -1, 0, 0
    for k in range(data.shape[0]):
        byte = data[k]
        if byte & 0xC0 == 0x80:  # goes on with a character
            continue
        place += 1
        state = np.int64(following[state + classes[byte]])
        shape = np.int64(shape_following[shape + shape_classes[byte]])
        met = shape_found[shape >> 6]
        if met & ~shapes:
            shapes |= _standing_alone(data, is_, k + 1, met & ~shapes, shape_sizes)
        ending = found[state >> 6]
        if ending:
            bits |= ending
            if ending >> _TOLD_BIT & 1 and _tells(data, is_, k + 1):
                n_places = _note(places, kinds, n_places, place + 1, TOLD)
            if ending >> _ACCOUNT_BIT & 1 and _run_of(data, is_, k + 1, _LOWER | _DIGIT, 32) == 32:
                bits |= np.int64(1) << twilio
        stop = stops[byte]
        if stop == 0:
            run = 0
            if tells[byte]:
                n_bytes, n_chars = _word_around(data, k, words)
                if n_bytes and _tells(data, is_, k + n_bytes):
                    n_places = _note(places, kinds, n_places, place + n_chars, TOLD)
            continue
        if stop == 1:
            run += 1
            if run == 1:
                run_place = place
            elif run == 15:
                n_places = _note(places, kinds, n_places, run_place, CARD)
            continue
        if stop == 2:
            continue
        if stop == 3:
            if _is_american(data, is_, k, 45):
                n_places = _note(places, kinds, n_places, place - 3, PHONE)
            continue
        run = 0
        if stop == 4:
            if _is_international(data, is_, k):
                n_places = _note(places, kinds, n_places, place, PHONE)
        elif stop == 5:
            if _run_of(data, is_, k + 1, _DIGIT, 3) == 3 and k + 4 < data.shape[0] and data[k + 4] == 41:
                n_places = _note(places, kinds, n_places, place, PHONE)
        elif stop == 6:
            if _is_american(data, is_, k, 46):
                n_places = _note(places, kinds, n_places, place - 3, PHONE)
            before = _run_before(data, is_, k, _DIGIT, 4)
            if 1 <= before <= 3 and _is_dotted(data, is_, k + 1):
                n_places = _note(places, kinds, n_places, place - before, IPV4)
            if _is_token_of_parts(data, is_, k + 1):
                bits |= np.int64(1) << discord
        else:
            before = _run_before(data, is_, k, _HEX, 5)
            if 1 <= before <= 4:
                behind = k + 1 + _run_of(data, is_, k + 1, _HEX, 5)
                if behind > k + 1 and behind < data.shape[0] and data[behind] == 58:
                    n_places = _note(places, kinds, n_places, place - before, IPV6)
    told[0], told[1] = bits, shapes
    return n_places


@jit_in_place
def _standing_alone(data: Any, is_: Any, end: Any, bits: Any, sizes: Any) -> Any:
    """Return those shapes that end at a place and are no part of a longer word; the first may begin one."""
    n, goes_on = data.shape[0], False
    if end < n:
        goes_on = (is_[data[end]] & _WORD) != 0
        if end + 1 < n and 44 <= data[end] <= 47:  # , - . /
            goes_on = goes_on or (is_[data[end + 1]] & _DIGIT) != 0
    alone, number = np.int64(0), 0
    while bits >> number:
        start = end - sizes[number]
        if bits >> number & 1 and (number == 0 or not goes_on) and not _goes_on_before(data, is_, start):
            alone |= np.int64(1) << number
        number += 1
    return alone


@jit_in_place
def _goes_on_before(data: Any, is_: Any, start: Any) -> bool:
    """Return whether a word or number reaches a place, by a sign such as a point too."""
    if start == 0:
        return False
    before = data[start - 1]
    if is_[before] & _WORD:
        return True
    return start > 1 and 43 <= before <= 47 and (is_[data[start - 2]] & (_LETTER | _DIGIT)) != 0  # + , - . /


@jit_in_place
def _word_around(data: Any, at: Any, words: Any) -> Any:
    """Return (bytes, characters) from a place to the end of the word around it; (0, 0): none of `words`."""
    for row in range(words.shape[0]):
        start, size = at - np.int64(words[row, 1]), np.int64(words[row, 0])
        if start < 0 or start + size > data.shape[0]:
            continue
        same = 0
        while same < size and data[start + same] == words[row, _HEAD + same]:
            same += 1
        if same == size:
            n_chars = 0
            for k in range(at, start + size):
                n_chars += data[k] & 0xC0 != 0x80
            return start + size - at, n_chars
    return 0, 0


@jit_in_place
def _note(places: Any, kinds: Any, count: Any, place: Any, kind: Any) -> Any:
    if count < places.shape[0]:
        places[count], kinds[count] = place, kind
    return count + 1


@jit_in_place
def _run_of(data: Any, is_: Any, at: Any, wanted: Any, most: Any) -> Any:
    """Return how many bytes of a class follow, at most `most`."""
    count = 0
    while count < most and at + count < data.shape[0] and is_[data[at + count]] & wanted:
        count += 1
    return count


@jit_in_place
def _run_before(data: Any, is_: Any, at: Any, wanted: Any, most: Any) -> Any:
    count = 0
    while count < most and at - 1 - count >= 0 and is_[data[at - 1 - count]] & wanted:
        count += 1
    return count


@jit_in_place
def _tells(data: Any, is_: Any, at: Any) -> Any:
    """Return whether a word ends, perhaps after another, with a sign behind which its number may stand."""
    for _ in range(2):
        while at < data.shape[0] and (is_[data[at]] & _LETTER or data[at] >= 0x80):
            if data[at] == 0xEF:  # `：` in its full width
                return True
            at += 1
        if at >= data.shape[0]:
            return False
        if data[at] == 46 or data[at] == 58 or data[at] == 35:  # . : #
            return True
        if data[at] != 32:
            return False
        at += 1
    return False


@jit_in_place
def _is_international(data: Any, is_: Any, at: Any) -> Any:
    """Return whether seven digits or more follow a +, as telephone numbers are written."""
    digits, k = 0, at + 1
    if k >= data.shape[0] or not 49 <= data[k] < 58:
        return False
    if at and (is_[data[at - 1]] & _WORD):
        return False
    while k < data.shape[0] and k < at + 64 and digits < 7:
        byte = data[k]
        if is_[byte] & _DIGIT:
            digits += 1
        elif not (byte == 32 or byte == 40 or byte == 41 or byte == 45 or byte == 46 or byte >= 0x80):
            return False
        k += 1
    return digits >= 7


@jit_in_place
def _is_american(data: Any, is_: Any, at: Any, sign: Any) -> Any:
    """Return whether a sign stands behind three digits and before `ddd`, itself and `dddd`."""
    return (
        at + 8 < data.shape[0]
        and data[at + 4] == sign
        and _run_before(data, is_, at, _DIGIT, 3) == 3
        and _run_of(data, is_, at + 1, _DIGIT, 3) == 3
        and _run_of(data, is_, at + 5, _DIGIT, 4) == 4
    )


@jit_in_place
def _is_dotted(data: Any, is_: Any, at: Any) -> Any:
    """Return whether `d.d.d` follows, of one to three digits each."""
    for part in range(3):
        count = _run_of(data, is_, at, _DIGIT, 4)
        at += count
        if count == 0 or (part < 2 and (count > 3 or at >= data.shape[0] or data[at] != 46)):
            return False
        at += 1
    return True


@jit_in_place
def _is_token_of_parts(data: Any, is_: Any, at: Any) -> Any:
    """Return whether the later parts of a Discord token follow: six signs, a point, 27 signs."""
    return (
        at + 33 < data.shape[0]
        and data[at + 6] == 46
        and _run_of(data, is_, at, _TOKEN, 6) == 6
        and _run_of(data, is_, at + 7, _TOKEN, 27) == 27
    )
