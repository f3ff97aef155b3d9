"""The language of a text: py3langid's model over a sample, checked against the script.

The model (140 languages, naive Bayes over byte n-grams) is inside the `py3langid`
wheel. It walks a byte automaton in Python, 0.25 ms per 1,000 bytes, so it sees a
sample of the bare prose, never the whole text, its code or its formulas.
"""

from __future__ import annotations

import re
from typing import Protocol, cast

import numpy as np

from corpusforge.label.config import LabelConfig
from corpusforge.label.reading import windows

UNDETERMINED = "und"
"""BCP-47: the language could not be told."""
NO_LANGUAGE = "zxx"
"""BCP-47: no linguistic content."""


class Identifier(Protocol):
    """What label needs of a language identifier."""

    def classify(self, text: str) -> tuple[str, float]:
        """Return the language and its probability."""
        ...


_NOISE = re.compile(r"https?://\S+|www\.\S+|<[^<>\n]{1,200}>|&[a-z]{2,8};|\\[A-Za-z]+|[#*|=_~>{}\[\]]+|\d+")
_SPACES = re.compile(r"\s+")

# First code point of a block, its ISO 15924 script; "" between (common signs). Unicode 15, Blocks.txt.
_BLOCKS: tuple[tuple[int, str], ...] = (
    (0x0000, ""), (0x0041, "Latn"), (0x005B, ""), (0x0061, "Latn"), (0x007B, ""), (0x00C0, "Latn"),
    (0x0250, ""), (0x0370, "Grek"), (0x0400, "Cyrl"), (0x0530, "Armn"), (0x0590, "Hebr"),
    (0x0600, "Arab"), (0x0700, "Syrc"), (0x0750, "Arab"), (0x0780, "Thaa"), (0x07C0, "Nkoo"), (0x0800, ""),
    (0x08A0, "Arab"), (0x0900, "Deva"), (0x0980, "Beng"), (0x0A00, "Guru"), (0x0A80, "Gujr"),
    (0x0B00, "Orya"), (0x0B80, "Taml"), (0x0C00, "Telu"), (0x0C80, "Knda"), (0x0D00, "Mlym"),
    (0x0D80, "Sinh"), (0x0E00, "Thai"), (0x0E80, "Laoo"), (0x0F00, "Tibt"), (0x1000, "Mymr"),
    (0x10A0, "Geor"), (0x1100, "Hang"), (0x1200, "Ethi"), (0x13A0, "Cher"), (0x1400, "Cans"),
    (0x1680, ""), (0x1780, "Khmr"), (0x1800, "Mong"), (0x18B0, "Cans"), (0x1900, ""), 
    (0x1B80, "Sund"), (0x1BC0, ""), (0x1C90, "Geor"),
    (0x1CC0, ""), (0x1E00, "Latn"), (0x1F00, "Grek"), (0x2000, ""), (0x2C60, "Latn"), (0x2C80, ""),
    (0x2D30, "Tfng"), (0x2D80, "Ethi"), (0x2DE0, "Cyrl"), (0x2E00, ""), (0x3041, "Jpan"), (0x3100, "Hani"),
    (0x3130, "Hang"), (0x3190, ""), (0x3400, "Hani"), (0xA000, "Yiii"), (0xA4D0, ""), (0xA500, "Vaii"),
    (0xA640, "Cyrl"), (0xA6A0, ""), (0xA720, "Latn"), (0xA800, ""), (0xA8E0, "Deva"), 
    (0xA900, ""), (0xA980, "Java"), (0xA9E0, ""),
    (0xAA60, "Mymr"), (0xAA80, ""), (0xAB00, "Ethi"), (0xAB30, ""), (0xAC00, "Hang"), (0xD7B0, ""),
    (0xF900, "Hani"), (0xFB00, ""), (0xFB1D, "Hebr"), (0xFB50, "Arab"), (0xFE00, ""), (0xFE70, "Arab"),
    (0xFF00, ""), (0xFF66, "Jpan"), (0xFFA0, "Hang"), (0xFFE0, ""), (0x20000, "Hani"), (0x40000, ""),
)  # fmt: skip
_STARTS = np.array([start for start, _ in _BLOCKS], dtype=np.uint32)
_SCRIPTS = sorted({script for _, script in _BLOCKS})
_SCRIPT_INDEX = np.array([_SCRIPTS.index(script) for _, script in _BLOCKS])

# Which languages a script may hold, its main one first. Scripts that many languages share are absent:
# there the model's word stands.
_LANGUAGES_OF: dict[str, tuple[str, ...]] = {
    "Grek": ("el", "grc"), "Armn": ("hy", "hyw"), "Hebr": ("he", "yi", "hbo"), "Syrc": ("syc",),
    "Thaa": ("dv",), "Nkoo": ("nqo",), "Beng": ("bn", "as"), "Guru": ("pa",), "Gujr": ("gu",),
    "Orya": ("or",), "Taml": ("ta",), "Telu": ("te",), "Knda": ("kn",), "Mlym": ("ml",), "Sinh": ("si",),
    "Thai": ("th",), "Laoo": ("lo",), "Tibt": ("bo",), "Mymr": ("my",), "Geor": ("ka",),
    "Hang": ("ko",), "Ethi": ("am", "ti"), "Cher": ("chr",), "Cans": ("iu",), "Khmr": ("km",),
    "Mong": ("mn",), "Jpan": ("ja",), "Hani": ("zh", "yue", "wuu", "ja"), "Yiii": ("ii",), "Vaii": ("vai",),
    "Tfng": ("zgh",), "Java": ("jv",), "Sund": ("su",),
}  # fmt: skip
_NEVER_LATIN = frozenset[str]().union(*_LANGUAGES_OF.values()) - {"jv", "su", "mn", "iu", "zgh"}
# Languages written in more than one script: the one that needs no subtag.
_USUAL_SCRIPT = {
    **dict.fromkeys(("kk", "ky", "mn", "sr", "tg", "tt"), "Cyrl"),
    **dict.fromkeys(("az", "bs", "crh", "ku", "tk", "uz"), "Latn"),
    "ug": "Arab",
}
# Ancient Greek is written with breathings and accents of this block, modern Greek seldom is.
_POLYTONIC = re.compile("[\u1f00-\u1fff]")
# BCP-47 takes the two-letter code where there is one (RFC 5646, 2.2.1).
_SHORTEST = {"kik": "ki", "gug": "gn", "hbo": "he"}


def load_identifier() -> Identifier:
    """Return py3langid's identifier with its packaged model (0.8 s, 60 MB)."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier  # imported late: the model is heavy

    return cast(Identifier, LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True))  # pyright: ignore[reportUnknownMemberType]


def script_of(text: str) -> str | None:
    """Return the ISO 15924 code of the script of most letters, or None without letters.

    Any kana makes Han text Japanese (`Jpan`) from 5 % of the letters on.
    """
    if text.isascii():
        return "Latn" if any(map(str.isalpha, text)) else None
    points = np.frombuffer(text.encode("utf-32-le", "replace"), dtype=np.uint32)
    blocks = np.searchsorted(_STARTS, points, side="right") - 1
    counts = np.bincount(_SCRIPT_INDEX[blocks], minlength=len(_SCRIPTS))
    counts[_SCRIPTS.index("")] = 0
    n_letters = int(counts.sum())
    if not n_letters:
        return None
    if counts[_SCRIPTS.index("Jpan")] >= 0.05 * n_letters:
        return "Jpan"
    return _SCRIPTS[int(counts.argmax())]


def sample(bare: str, config: LabelConfig) -> str:
    """Return what the identifier is shown of a bare prose: evenly spaced windows, no markup, no digits."""
    pieces = windows(bare, config.language_windows, config.language_window_chars)
    return _SPACES.sub(" ", _NOISE.sub(" ", " ".join(pieces))).strip()


def identify(bare: str, identifier: Identifier, config: LabelConfig) -> tuple[str, float]:
    """Return (BCP-47 code, score 0-1) of prose without code and formulas.

    `und` with score 0 when there is too little of it or the model is too unsure. A script that
    belongs to few languages outvotes the model.
    """
    shown = sample(bare, config)
    script = script_of(shown)
    n_letters = sum(map(str.isalpha, shown))
    # A Chinese or Japanese character says as much as some three Latin letters.
    weight = 3 if script in ("Hani", "Jpan", "Hang") else 1
    if script is None or n_letters * weight < config.language_min_letters:
        return UNDETERMINED, 0.0
    language, score = identifier.classify(shown)
    if language == "grc" and not _POLYTONIC.search(shown):
        language = "el"
    possible = _LANGUAGES_OF.get(script)
    if possible and language not in possible:
        language, score = possible[0], max(0.5, min(score, 1 - score))
    elif script == "Latn" and language in _NEVER_LATIN:
        return UNDETERMINED, 0.0
    if score < config.language_min_score:
        return UNDETERMINED, score
    language = _SHORTEST.get(language, language)
    usual = _USUAL_SCRIPT.get(language)
    return (language if usual in (None, script) else f"{language}-{script}"), score
