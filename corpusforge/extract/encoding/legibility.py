"""How much of a decoded text cannot be: the judge between charsets that all decode.

Bytes read in a wrong charset give letters, but no words: alphabets mix within a word, capitals stand
behind small letters, accents follow each other, characters are rare ones. No language is needed to
see that, and no model.
"""

from __future__ import annotations

import math
import re
from functools import lru_cache

_SAMPLE_CHARS = 1 << 17
_MAX_WORDS = 600
_MARK = (
    "\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0670\u0900-\u0903\u093a-\u094f\u0e31\u0e34-\u0e3a\u0e47-\u0e4e"
)
_MARKS = frozenset(sign for sign in map(chr, range(0x300, 0xE50)) if re.match(f"[{_MARK}]", sign))
_WORD = re.compile(rf"[^\W\d_]*[^\x00-\x7f\W\d_][^\W\d_{_MARK}]*(?:[{_MARK}]+[^\W\d_]*)*|[^\x00-\x7f\w\s]")
"""A word with a letter beyond ASCII, its marks with it, or a sign beyond ASCII."""
_TAG = re.compile(r"<[^<>]{0,2000}>|&#?\w{1,12};")
_SIGNS = frozenset(
    "“”„‘’‚«»‹›–—…·•©®™°§¶€£¥¢¡¿ªº²³¹½¼¾×÷±µ†‡→←↑↓★☆►▼▲■●○№‐‑−´¨¸~¦¬\u00ad\ufeff\u200b"
    "、。「」『』【】〜・：；，！？（）《》〈〉［］　"
)
_RARE = re.compile(
    "[\x80-\x9f\ufffd\ue000-\uf8ff\u2500-\u259f\uff61-\uff9f\u0250-\u02ff\u0370-\u0373"
    "\u07c0-\u08ff\ud800-\udfff]"
)
_LATIN = re.compile(r"[A-Za-z\u00aa\u00ba\u00c0-\u024f\u1e00-\u1eff]")
_LATIN_BEYOND = re.compile(r"[\u00c0-\u024f\u1e00-\u1eff]")
_CYRILLIC = re.compile(r"[\u0400-\u052f]")
_GREEK = re.compile(r"[\u0374-\u03ff\u1f00-\u1fff]")
_ARABIC = re.compile(r"[\u0600-\u06ff]")
_HEBREW = re.compile(r"[\u0590-\u05ff]")
_THAI = re.compile(r"[\u0e00-\u0e7f]")
_HAN = re.compile(r"[\u2e80-\u2fdf\u3400-\u9fff\uf900-\ufaff]")
_KANA = re.compile(r"[\u3040-\u30ff]")
_HANGUL = re.compile(r"[\u1100-\u11ff\uac00-\ud7af]")
_SCRIPTS = (_LATIN, _CYRILLIC, _GREEK, _ARABIC, _HEBREW, _THAI)
_SMALL_THEN_CAPITAL = re.compile(r"[a-zß-öø-ÿа-яѐ-џα-ώ][A-ZÀ-ÖØ-ÞА-ЯЀ-ЏΑ-Ω]")
_PLAIN = re.compile("[А-Я]?[а-я]+|[A-Z]?[a-z]*[à-öø-ÿ][a-z]*|[À-ÖØ-Þ][a-z]*")
"""Words in which nothing is wrong, as most are: in Cyrillic, or with one accent."""
_VIETNAMESE = re.compile("[\u01a0\u01a1\u01af\u01b0\u0102\u0103\u1ea0-\u1ef9]")


def illegible_share(text: str) -> tuple[float, int]:
    """Return (the share 0-1 of words and signs beyond ASCII that cannot be, how many were looked at)."""
    sample = _TAG.sub(" ", text[:_SAMPLE_CHARS])
    # A word crosses no white space: what is ASCII between it, most of a page, is not asked for one.
    beyond = " ".join([piece for piece in sample.split() if not piece.isascii()])
    words = [word[:40] for word in _WORD.findall(beyond)]
    if len(words) > _MAX_WORDS:
        words = words[:: len(words) // _MAX_WORDS][:_MAX_WORDS]
    if not words:
        return 0.0, 0
    return math.fsum(map(_badness, words)) / len(words), len(words)


@lru_cache(maxsize=4096)
def _badness(word: str) -> float:
    """Return how sure it is that a word or sign is none, 0-1."""
    if _PLAIN.fullmatch(word):
        return 0.0
    if _RARE.search(word):
        return 1.0
    if len(word) == 1 and not word.isalpha():
        if "\u0300" <= word <= "\u036f":  # a mark on a letter of ASCII, as Vietnamese may be written
            return 0.0
        return 0.0 if word in _SIGNS else 0.5 if word not in _MARKS else 1.0
    n_east = len(_HAN.findall(word)) + len(_KANA.findall(word)) + len(_HANGUL.findall(word))
    if n_east:
        if _HANGUL.search(word) and _HAN.search(word):
            return 0.5
        n_rare = sum(not is_common(character) for character in word)
        return n_rare / len(word)
    scripts = sum(bool(script.search(word)) for script in _SCRIPTS)
    if scripts != 1:  # mixed alphabets, or one that no legacy charset holds
        return 1.0 if scripts else 0.3
    if _SMALL_THEN_CAPITAL.search(word):
        return 1.0
    if _LATIN.search(word):
        return _latin_badness(word)
    return 0.0


def _latin_badness(word: str) -> float:
    """Accented letters seldom make up more than half of a word, but in Vietnamese."""
    n_beyond = len(_LATIN_BEYOND.findall(word))
    if _VIETNAMESE.search(word) or n_beyond * 2 <= len(word):
        return 0.0
    return 0.0 if n_beyond == 1 else 1.0


@lru_cache(maxsize=1 << 14)
def is_common(character: str) -> bool:
    """Return whether a character is of daily use in Chinese, Japanese or Korean, as their standards sort it.

    Level 1 of GB 2312 (3,755), of Big5 (5,401), of JIS X 0208 (2,965); kana; the syllables of KS X 1001.
    """
    if _KANA.match(character):
        return True
    if _HANGUL.match(character):
        return _lead(character, "euc_kr") > 0
    return (
        0xB0 <= _lead(character, "gb2312") <= 0xD7
        or 0xA4 <= _lead(character, "big5") <= 0xC6
        or 0xB0 <= _lead(character, "euc_jp") <= 0xCF
    )


def _lead(character: str, charset: str) -> int:
    try:
        data = character.encode(charset)
    except UnicodeEncodeError:
        return 0
    return data[0] if len(data) == 2 else 0
