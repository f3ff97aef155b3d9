"""Texts -> the bytes that duplicates are compared by, many texts in one compiled pass.

`normalised_bytes` gives exactly `text.normalised(...)` as UTF-8: NFKC, case folded, white
space single. Where every character's form depends on nothing beside it (all of ASCII, CJK,
Cyrillic, most of Latin), a table holds the form; a text with combining marks or Hangul
jamo, which compose with what stands before them, takes the slow way through `unicodedata`.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import xxhash
from numpy.typing import NDArray

from corpusforge import unicode
from corpusforge.compiled import jit, jit_in_place
from corpusforge.text import normalised

_ASCII_FORMS = np.array(
    [0x20 if chr(byte).isspace() else ord(chr(byte).lower()) for byte in range(128)], dtype=np.uint8
)
_ASCII_TABLES = (_ASCII_FORMS.astype(np.uint32), np.zeros(1, np.int32), np.zeros(0, np.uint32))
"""As of `_tables`, which take a twentieth of a second to make."""
_POINTS = 0x110000
_SPACE = 0x20
_SLOW = 1 << 30
_EXPANDS = 1 << 29
_SLACK_BYTES = 64
_RANGES = (
    (0, 0x3400), (0xA000, 0xAC00), (0xD7A4, 0xD800), (0xF900, 0x17000),
    (0x18D00, 0x20000), (0x2F800, 0x2FA20), (0xE0000, 0xE0200),
)  # fmt: skip
"""Code points outside are their own form: ideographs, Hangul syllables, private use, unassigned."""


def normalised_bytes(texts: Sequence[str]) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Return (bytes, ends): the normalised texts one after another, and where each ends."""
    encoded = [_encode(text) for text in texts]
    out = [np.empty(0, dtype=np.uint8)]
    sizes = np.zeros(len(texts), dtype=np.int64)
    ends = np.cumsum([len(data) for data in encoded], dtype=np.int64)
    data = np.frombuffer(b"".join(encoded), dtype=np.uint8)
    buffer = np.empty(2 * len(data) + _SLACK_BYTES, dtype=np.uint8)
    forms, places, letters = _ASCII_TABLES if data.max(initial=0) < len(_ASCII_FORMS) else _tables()
    _normalise(data, ends, forms, places, letters, buffer, sizes)
    place = 0
    for row in np.flatnonzero(sizes < 0).tolist():  # the slow ones, between runs of the others
        fast = int(sizes[int(place) : row].sum())
        out += [buffer[:fast], np.frombuffer(_slow(texts[row]), dtype=np.uint8)]
        sizes[row] = len(out[-1])
        buffer, place = buffer[fast:], row + 1
    out.append(buffer[: int(sizes[int(place) :].sum())])
    return np.concatenate(out), np.cumsum(sizes, dtype=np.int64)


def content_hash(text: str) -> str:
    """Return 32 hex digits: xxh3-128 of the normalised text."""
    if not text.isascii():
        return xxhash.xxh3_128_hexdigest(normalised(text).encode())
    data = np.frombuffer(text.encode(), dtype=np.uint8)
    squeezed = np.empty(len(data), dtype=np.uint8)
    return xxhash.xxh3_128_hexdigest(squeezed[: _squeeze(data, _ASCII_FORMS, squeezed)].data)


@jit_in_place
def _squeeze(data: Any, forms: Any, out: Any) -> int:
    """Return how many bytes were written: the forms of ASCII, white space single and none at the ends."""
    size, last = 0, np.uint8(_SPACE)
    for at in range(data.shape[0]):
        form = forms[data[at]]
        out[size] = form  # written over where it is no more than the next blank of a run
        size += (form != _SPACE) | (last != _SPACE)
        last = form
    return size - 1 if size and last == _SPACE else size


def _encode(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:  # an unpaired surrogate
        return text.encode("utf-8", "replace")


def _slow(text: str) -> bytes:
    return normalised(_encode(text).decode()).encode()


@lru_cache(maxsize=1)
def _tables() -> tuple[NDArray[np.uint32], NDArray[np.int32], NDArray[np.uint32]]:
    """Return (form of each code point, places of expansions, their code points).

    A form is a code point, `_SLOW`, or `_EXPANDS` + n for the code points
    `letters[places[n]:places[n + 1]]`. White space is U+0020 wherever it stands.
    """
    seconds = _composing_seconds()
    forms = np.arange(_POINTS, dtype=np.uint32)
    places, letters = [0], list[int]()
    for first, last in _RANGES:
        characters = list(map(chr, range(first, last)))
        # All at once: nothing composes over a line break, which is its own form.
        text = "\n".join(map(_not_space, characters))
        wholes = unicode.normalize("NFKC", text)
        starts = unicode.normalize("NFD", wholes).split("\n")
        folds = wholes.casefold().split("\n")
        classes = map(unicode.combining, characters)
        for point, (character, start, folded, combines) in enumerate(
            zip(characters, starts, folds, classes, strict=True), first
        ):
            if folded == start == character and not combines and point not in seconds:
                continue  # most are their own form
            if character.isspace():
                forms[point] = _SPACE
            elif not start or ord(start[0]) in seconds or unicode.combining(start[0]):
                forms[point] = _SLOW
            elif len(folded) == 1:
                forms[point] = _SPACE if folded.isspace() else ord(folded)
            else:
                forms[point] = _EXPANDS + len(places) - 1
                letters += [_SPACE if letter.isspace() else ord(letter) for letter in folded]
                places.append(len(letters))
    return forms, np.array(places, dtype=np.int32), np.array(letters, dtype=np.uint32)


def _not_space(character: str) -> str:
    return " " if character.isspace() else character


def _composing_seconds() -> set[int]:
    """Return the code points that may compose with the one before them, Hangul jamo included."""
    seconds = set(range(0x1161, 0x1176)) | set(range(0x11A7, 0x11C3))
    for first, last in _RANGES:
        for decomposition in map(unicode.decomposition, map(chr, range(first, last))):
            if decomposition and decomposition[0] != "<":
                parts = decomposition.split()
                if len(parts) == 2:
                    seconds.add(int(parts[1], 16))
    return seconds


@jit
def put_utf8(out: Any, at: int, point: Any) -> int:
    """Write a code point as UTF-8 at a place; return the place after it."""
    if point < 0x80:
        out[at] = point
        return at + 1
    if point < 0x800:
        out[at] = 0xC0 | (point >> 6)
        out[at + 1] = 0x80 | (point & 0x3F)
        return at + 2
    if point < 0x10000:
        out[at] = 0xE0 | (point >> 12)
        out[at + 1] = 0x80 | ((point >> 6) & 0x3F)
        out[at + 2] = 0x80 | (point & 0x3F)
        return at + 3
    out[at] = 0xF0 | (point >> 18)
    out[at + 1] = 0x80 | ((point >> 12) & 0x3F)
    out[at + 2] = 0x80 | ((point >> 6) & 0x3F)
    out[at + 3] = 0x80 | (point & 0x3F)
    return at + 4


@jit
def _normalise(data: Any, ends: Any, forms: Any, places: Any, letters: Any, out: Any, sizes: Any) -> None:
    """Write every text's form to `out`, one after another, its size to `sizes`; -1: go the slow way."""
    start = 0
    base = 0
    for row in range(ends.shape[0]):
        stop = ends[row]
        size = _normalise_one(data, start, stop, forms, places, letters, out, base)
        sizes[row] = size
        base += max(size, 0)
        start = stop


@jit
def _normalise_one(
    data: Any, start: int, stop: int, forms: Any, places: Any, letters: Any, out: Any, base: int
) -> int:
    at = base
    position = start
    spaced = True  # white space at the start is none
    while position < stop:
        point = np.int64(data[np.uint64(position)])
        position += 1
        if point < 0x80:  # without a branch: the compiler keeps this loop tight
            form = np.int64(forms[np.uint64(point)])
            out[np.uint64(at)] = form
            at += not (spaced and form == _SPACE)
            spaced = form == _SPACE
            continue
        length = 1 + (point >= 0xE0) + (point >= 0xF0)
        point &= 0x3F >> length
        for _ in range(length):
            point = (point << 6) | np.int64(data[np.uint64(position)] & 0x3F)
            position += 1
        form = np.int64(forms[np.uint64(point)])
        first, last = 0, 1
        if form & _SLOW:
            return -1
        if form & _EXPANDS:
            first, last = places[form - _EXPANDS], places[form - _EXPANDS + 1]
            if at + 4 * (last - first) > base + 2 * (position - start):
                return -1  # more than the buffer may hold
        for k in range(first, last):
            letter = np.int64(letters[k]) if form & _EXPANDS else form
            if letter != _SPACE or not spaced:
                at = put_utf8(out, at, letter)
            spaced = letter == _SPACE
    if spaced and at > base:
        at -= 1
    return at - base
