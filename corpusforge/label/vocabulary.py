"""The word lists of `vocabulary.toml` as a hash table that a compiled pass looks words up in."""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from itertools import pairwise
from typing import Any

import numpy as np

from corpusforge import unicode

FIELDS = ("finance", "sport", "physics", "engineering")
"""Fields that apply mathematics: words of theirs speak against it."""

KINDS = ("strong", "weak", "people", "money", "code", "connective", "step", *FIELDS)
"""The lists; a word's mask has bit k where list k holds it."""

FNV_OFFSET, FNV_PRIME = 0xCBF29CE484222325, 0x100000001B3
STEM_SALT = 0x9E3779B97F4A7C15
"""Stems and words are told apart: a stem's hash is xored with this."""

_SIZE = 1 << 13
_MASK_64 = (1 << 64) - 1

# Classes of characters.
SPACE, NEWLINE, DIGIT, LETTER, ALONE, GREEK, SIGN, RELATION, CURRENCY, OTHER, OPEN, CLOSE = range(12)
FORMULA_OPEN, FORMULA_CLOSE = "\x01", "\x02"
"""Marks around a formula; clean text holds no control characters."""

_SIGNS = "∀⟨⟩⟶⟹ℂℕℚℝℤ→⇒⇔↦×÷±√′²³¹ⁿ⁰⁺⁻ⱼ∙·°"
_RELATIONS = "=<>≤≥≠≈≡∈∉⊂⊆⊃⊇≅∼≃⩽⩾≪≫∝"
_ALONE_RANGES = ((0x0E00, 0x0F00), (0x3040, 0x3100), (0x3400, 0xA000), (0xAC00, 0xD7A4), (0xF900, 0xFB00))


@dataclass(frozen=True, slots=True, eq=False)
class Vocabulary:
    """An open-addressed table: keys u64 (0: empty), masks u16, numbers u16 (of strong words, from 1)."""

    keys: Any
    masks: Any
    numbers: Any
    n_strong: int
    sha256: str


def fnv1a(data: bytes) -> int:
    """Return the 64-bit FNV-1a hash of bytes."""
    value = FNV_OFFSET
    for byte in data:
        value = ((value ^ byte) * FNV_PRIME) & _MASK_64
    return value


@lru_cache(maxsize=1)
def load_vocabulary() -> Vocabulary:
    """Return the packaged word lists; the same object for a whole process."""
    data = (resources.files("corpusforge.label") / "vocabulary.toml").read_bytes()
    masks: dict[int, int] = {}
    for kind, lists in tomllib.loads(data.decode()).items():
        for entry in " ".join(lists.values()).split():
            for key in _keys(entry):
                masks[key] = masks.get(key, 0) | 1 << KINDS.index(kind)
    return _table(masks, hashlib.sha256(data).hexdigest())


@lru_cache(maxsize=len(KINDS))
def spellings(kind: str) -> tuple[str, ...]:
    """Return the entries of a list in all its languages, in lower case, sorted: words, stems with a `*`."""
    data = (resources.files("corpusforge.label") / "vocabulary.toml").read_text("utf-8")
    return tuple(sorted({entry.lower() for entry in " ".join(tomllib.loads(data)[kind].values()).split()}))


def _keys(entry: str) -> list[int]:
    """Return the keys of one entry: a word, a stem, or the pairs of a word of Han, kana or Hangul."""
    if ord(entry[0]) >= 0x3000:
        return [fnv1a((a + b).encode()) for a, b in pairwise(entry)]
    if entry.endswith("*"):
        return [fnv1a(entry[:-1].lower().encode()) ^ STEM_SALT]
    return [fnv1a(entry.lower().encode())]


def _table(masks: dict[int, int], sha256: str) -> Vocabulary:
    keys = np.zeros(_SIZE, dtype=np.uint64)
    found = np.zeros(_SIZE, dtype=np.uint16)
    numbers = np.zeros(_SIZE, dtype=np.uint16)
    n_strong = 0
    for key, mask in sorted(masks.items()):
        slot = key & (_SIZE - 1)
        while keys[slot]:
            slot = (slot + 1) & (_SIZE - 1)
        keys[slot], found[slot] = key, mask
        if mask & 1:
            n_strong += 1
            numbers[slot] = n_strong
    return Vocabulary(keys, found, numbers, n_strong, sha256)


@lru_cache(maxsize=1)
def character_classes() -> Any:
    """Return u8 [0x10000]: the class of each character of the basic plane."""
    table = np.full(0x10000, OTHER, dtype=np.uint8)
    for point in range(0x10000):
        category = unicode.category(chr(point))
        if category[0] in "LM":
            table[point] = LETTER
        elif category == "Nd":
            table[point] = DIGIT
        elif category[0] == "Z":
            table[point] = SPACE
        elif category == "Sc":
            table[point] = CURRENCY
    for first, last in _ALONE_RANGES:
        window = table[first:last]
        window[window == LETTER] = ALONE
    table[0x370:0x400][table[0x370:0x400] == LETTER] = GREEK
    table[0x2200:0x2300] = SIGN
    table[0x2080:0x208F] = SIGN
    for signs, kind in ((_SIGNS, SIGN), (_RELATIONS, RELATION), ("\t ", SPACE), ("\n", NEWLINE)):
        for sign in signs:
            table[ord(sign)] = kind
    table[ord(FORMULA_OPEN)], table[ord(FORMULA_CLOSE)] = OPEN, CLOSE
    return table
