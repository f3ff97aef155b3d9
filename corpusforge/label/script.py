"""The writing system of a text, by the blocks of its letters."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

# First code point of a block, its ISO 15924 script; "" between (common signs). Unicode 15, Blocks.txt.
_BLOCKS: tuple[tuple[int, str], ...] = (
    (0x0000, ""), (0x0041, "Latn"), (0x005B, ""), (0x0061, "Latn"), (0x007B, ""), (0x00C0, "Latn"),
    (0x02B0, ""), (0x0370, "Grek"), (0x0400, "Cyrl"), (0x0530, "Armn"), (0x0590, "Hebr"),
    (0x0600, "Arab"), (0x0700, "Syrc"), (0x0750, "Arab"), (0x0780, "Thaa"), (0x07C0, "Nkoo"), (0x0800, ""),
    (0x08A0, "Arab"), (0x0900, "Deva"), (0x0980, "Beng"), (0x0A00, "Guru"), (0x0A80, "Gujr"),
    (0x0B00, "Orya"), (0x0B80, "Taml"), (0x0C00, "Telu"), (0x0C80, "Knda"), (0x0D00, "Mlym"),
    (0x0D80, "Sinh"), (0x0E00, "Thai"), (0x0E80, "Laoo"), (0x0F00, "Tibt"), (0x1000, "Mymr"),
    (0x10A0, "Geor"), (0x1100, "Hang"), (0x1200, "Ethi"), (0x13A0, "Cher"), (0x1400, "Cans"),
    (0x1680, ""), (0x1780, "Khmr"), (0x1800, "Mong"), (0x18B0, "Cans"), (0x1900, "Limb"), (0x1950, ""),
    (0x1B00, "Bali"), (0x1B80, "Sund"), (0x1BC0, ""), (0x1C50, "Olck"), (0x1C80, ""), (0x1C90, "Geor"),
    (0x1CC0, ""), (0x1E00, "Latn"), (0x1F00, "Grek"), (0x2000, ""), (0x2C60, "Latn"), (0x2C80, "Copt"),
    (0x2D00, "Geor"), (0x2D30, "Tfng"), (0x2D80, "Ethi"), (0x2DE0, "Cyrl"), (0x2E00, ""), (0x3041, "Jpan"),
    (0x3100, "Hani"), (0x3130, "Hang"), (0x3190, ""), (0x3400, "Hani"), (0xA000, "Yiii"), (0xA4D0, ""),
    (0xA500, "Vaii"), (0xA640, "Cyrl"), (0xA6A0, ""), (0xA720, "Latn"), (0xA800, ""), (0xA8E0, "Deva"),
    (0xA900, ""), (0xA980, "Java"), (0xA9E0, "Mymr"), (0xAA00, ""), (0xAA60, "Mymr"), (0xAA80, ""),
    (0xABC0, "Mtei"), (0xAC00, "Hang"), (0xD7B0, ""), (0xF900, "Hani"), (0xFB00, ""), (0xFB1D, "Hebr"),
    (0xFB50, "Arab"), (0xFE00, ""), (0xFE70, "Arab"), (0xFF00, ""), (0xFF66, "Jpan"), (0xFFA0, "Hang"),
    (0xFFE0, ""), (0x10330, "Goth"), (0x10350, ""), (0x11100, "Cakm"), (0x11150, ""), (0x1E900, "Adlm"),
    (0x1E960, ""), (0x20000, "Hani"), (0x40000, ""),
)  # fmt: skip
_STARTS = np.array([start for start, _ in _BLOCKS], dtype=np.uint32)
_SCRIPTS = sorted({script for _, script in _BLOCKS})
_SCRIPT_INDEX = np.array([_SCRIPTS.index(script) for _, script in _BLOCKS])


_ALONE_WEIGHT = 3
"""A Chinese, Japanese or Korean character says as much as some three letters of an alphabet."""
_ALONE_WEIGHTS = np.array([_ALONE_WEIGHT if s in ("Hani", "Jpan", "Hang") else 1 for s in _SCRIPTS])


def script_of(text: str) -> str | None:
    """Return the ISO 15924 code of the script of most letters, or None without letters.

    Any kana makes Han text Japanese (`Jpan`) from 5 % of the letters on.
    """
    if text.isascii():
        return "Latn" if any(map(str.isalpha, text)) else None
    counts = _letters_of_scripts(text)
    return _named(counts, counts)


def script_and_letters(text: str) -> tuple[str | None, int]:
    """Return the script that says most of a text, and how many letters of an alphabet would say as much.

    Unlike in `script_of`, a few Chinese words among many Latin ones make a Chinese text. Vowels and
    marks that Indian and other scripts write with signs of their own count as letters.
    """
    if text.isascii():
        n_letters = sum(map(str.isalpha, text))
        return ("Latn" if n_letters else None), n_letters
    counts = _letters_of_scripts(text)
    weights = counts * _ALONE_WEIGHTS
    script = _named(counts, weights)
    with_han = weights[_SCRIPTS.index("Hani")] if script == "Jpan" else 0
    return script, int(weights[_SCRIPTS.index(script)] + with_han if script else 0)


def _letters_of_scripts(text: str) -> NDArray[np.int64]:
    """Return the letters, i64, of each of `_SCRIPTS` in a text."""
    points = np.frombuffer(text.encode("utf-32-le", "replace"), dtype=np.uint32)
    blocks = np.searchsorted(_STARTS, points, side="right") - 1
    counts = np.bincount(_SCRIPT_INDEX[blocks], minlength=len(_SCRIPTS))
    counts[_SCRIPTS.index("")] = 0
    return counts


def _named(counts: NDArray[np.int64], weights: NDArray[np.int64]) -> str | None:
    n_letters = int(counts.sum())
    if not n_letters:
        return None
    if counts[_SCRIPTS.index("Jpan")] >= 0.05 * n_letters:
        return "Jpan"
    return _SCRIPTS[int(weights.argmax())]


def han_script(text: str) -> str | None:
    """Return `Hans` or `Hant` when the characters of only one of them clearly prevail, else None."""
    simplified, traditional = _han_variants()
    n_simplified = sum(map(simplified.__contains__, text))
    n_traditional = sum(map(traditional.__contains__, text))
    if n_simplified > 2 * n_traditional:
        return "Hans"
    return "Hant" if n_traditional > 2 * n_simplified else None


@lru_cache(maxsize=1)
def _han_variants() -> tuple[frozenset[str], frozenset[str]]:
    """Return the characters of only GB 2312 and those of only Big5: the two national character sets."""
    characters = [chr(point) for point in range(0x4E00, 0xA000)]
    gb = {character for character in characters if _encodes(character, "gb2312")}
    big5 = {character for character in characters if _encodes(character, "big5")}
    return frozenset(gb - big5), frozenset(big5 - gb)


def _encodes(character: str, charset: str) -> bool:
    return bool(character.encode(charset, "ignore"))
