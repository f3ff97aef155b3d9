"""Labelled segments for the language identifier, out of the packages' texts: cleaned, cut, balanced.

packages --messages--> lines per language --clean, not English, right script--> segments --balance--> rows
"""

from __future__ import annotations

import math
import random
import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from pydantic import Field

from corpusforge.frozen import FrozenConfig
from corpusforge.label.language import cld2_shares
from corpusforge.label.script import script_of
from corpusforge.label.words import words_only
from corpusforge_classifiers.language_sources import messages, read_packages

_MARKUP = re.compile(
    r"\{\{[^{}]*\}\}|<[^<>]*>|\[\[[^\[\]|]*\||https?:\S+|\{[^{}]*\}|%\S|\$\w+|&\w+;|~\w\B|\\[nrt]|_"
)
# Serbian is written in both alphabets, and the second follows from the first, letter by letter.
_SERBIAN_LATIN = str.maketrans(
    dict(zip("абвгдђежзијклмнопрстћуфхцчш", "abvgdđežzijklmnoprstćufhcčš", strict=True))
    | {"љ": "lj", "њ": "nj", "џ": "dž"}
)
_LATIN_WORDS = re.compile(r"[a-z'\xdf-\u02af]+")
_WRITTEN_LATIN_TOO = frozenset({"Latn"})
_MIN_LINE_CHARS = 6
_SEGMENT_CHARS = (40, 220)
_MAX_SEGMENT_CHARS = 400
_WORDS_PER_DRAWN_SEGMENT = (6, 34)
_MIN_SCRIPT_SHARE = 0.1


class LanguageFastText(FrozenConfig):
    """Arguments of `fasttext.train_supervised` and of `quantize`; it always runs on one thread."""

    dim: int = Field(ge=2, description="Length of an n-gram's vector.")
    min_n: int = Field(ge=1, description="Shortest character n-gram.")
    max_n: int = Field(ge=1, description="Longest character n-gram.")
    min_count: int = Field(ge=1, description="Rarer words are features by their n-grams only.")
    buckets: int = Field(ge=1, description="Rows that hashed n-grams share.")
    epochs: int = Field(ge=1, description="Passes over the training rows.")
    learning_rate: float = Field(gt=0, description="At the start; it falls to zero.")
    cutoff: int = Field(ge=1000, description="Rows that quantising keeps, by norm.")
    dsub: int = Field(ge=1, description="Values of a vector that share a byte.")


class LanguageRecipe(FrozenConfig):
    """What the language identifier is made of."""

    name: str
    version: int = Field(ge=1, description="Raised with every change of this recipe.")
    sources: str = Field(description="TOML beside the recipe that pins the packages.")
    seed: int = Field(ge=0, description="Of the order of rows, of drawn words and of fastText.")
    message_chars: int = Field(ge=1, description="Of interface messages, per language.")
    word_chars: int = Field(ge=1, description="Of words drawn by frequency, per language that has a list.")
    word_min_log_probability: float = Field(description="Rarer words are not drawn.")
    min_chars_two_letter: int = Field(ge=1, description="Of messages, for a language with a two-letter code.")
    min_chars: int = Field(ge=1, description="Of messages, for any other language.")
    repeat_share: float = Field(
        gt=0, le=1, description="Of `message_chars`: small languages repeat up to it."
    )
    max_repeats: int = Field(ge=1)
    english_like: tuple[str, ...] = Field(description="Languages whose segments may look English.")
    left_out: tuple[str, ...] = Field(description="Tags not learned.")
    same: dict[str, tuple[str, ...]] = Field(description="Tags of the sources for one language here.")
    close: tuple[tuple[str, ...], ...] = Field(
        description="Languages that share most of their words: single ones tell them apart."
    )
    close_min_log_probability: float = Field(description="Rarer words tell nothing.")
    close_unknown_log_probability: float = Field(description="Of a word that a language's list lacks.")
    close_least: float = Field(gt=0, description="A word tells from this difference of log probabilities on.")
    close_most: float = Field(gt=0, description="And no word tells more than this.")
    fasttext: LanguageFastText


@dataclass(slots=True)
class Material:
    """What the packages hold of one language."""

    lines: dict[str, None] = field(default_factory=dict)
    scripts: frozenset[str] = frozenset()
    words: str = ""

    @property
    def n_chars(self) -> int:
        """Characters of its messages."""
        return sum(map(len, self.lines))


def read_language_recipe(path: Path) -> LanguageRecipe:
    """Return the recipe of a TOML file."""
    return LanguageRecipe.model_validate(tomllib.loads(path.read_text("utf-8")))


def gather(recipe: LanguageRecipe, sources: Path, folder: Path) -> dict[str, Material]:
    """Return the material of each language, cleaned; lines in the order of the packages."""
    labels = {tag: label for label, tags in recipe.same.items() for tag in tags}
    left_out = frozenset(recipe.left_out)
    found: dict[str, Material] = {}
    for package in read_packages(sources):
        for tag, text in messages(package, folder):
            if tag in left_out:
                continue
            material = found.setdefault(labels.get(tag, tag), Material())
            if package.kind == "word-frequencies":
                material.words = text
            elif len(line := words_only(_MARKUP.sub(" ", text))) >= _MIN_LINE_CHARS:
                material.lines[line] = None
    english = frozenset(found["en"].lines)
    for label, material in found.items():
        if label != "en":
            material.lines = {line: None for line in material.lines if line not in english}
        _keep_own_scripts(label, material)
    return {
        label: material for label, material in sorted(found.items()) if _is_enough(label, material, recipe)
    }


def _keep_own_scripts(label: str, material: Material) -> None:
    """Drop lines in scripts that the language is hardly written in, and Latin words from other scripts."""
    scripts = {line: script_of(line) for line in material.lines}
    shares: Counter[str] = Counter()
    for line, script in scripts.items():
        shares[script or ""] += len(line)
    shares.pop("", None)
    if shares.keys() - _WRITTEN_LATIN_TOO and label in ("zh", "yue", "ja"):
        shares.pop("Latn", None)
    enough = _MIN_SCRIPT_SHARE * shares.total()
    material.scripts = frozenset(script for script, n_chars in shares.items() if n_chars >= enough)
    if not material.scripts and material.words:
        material.scripts = frozenset({script_of(material.words[:5000]) or ""})
    kept: dict[str, None] = {}
    for line, script in scripts.items():
        if script in material.scripts:
            own = line if script == "Latn" else " ".join(_LATIN_WORDS.sub(" ", line).split())
            if len(own) >= _MIN_LINE_CHARS:
                kept[own] = None
    material.lines = kept


def _is_enough(label: str, material: Material, recipe: LanguageRecipe) -> bool:
    if len(label) == 2:
        return bool(material.words) or material.n_chars >= recipe.min_chars_two_letter
    return material.n_chars >= recipe.min_chars


def segments(label: str, material: Material, recipe: LanguageRecipe, rng: random.Random) -> list[str]:
    """Return the training segments of a language: joined messages, and words drawn by frequency."""
    lines = list(material.lines)
    rng.shuffle(lines)
    made = [
        segment
        for segment in _joined(lines, recipe.message_chars, rng)
        if label in recipe.english_like or not _is_english(segment)
    ]
    if material.words:
        made += _drawn(material.words, recipe, rng)
    if label == "sr":
        made += [latin for segment in made if (latin := segment.translate(_SERBIAN_LATIN)) != segment]
    n_chars = sum(map(len, made))
    repeats = int(recipe.repeat_share * recipe.message_chars / max(1, n_chars))
    return made * min(recipe.max_repeats, max(1, repeats))


def _joined(lines: Iterable[str], n_chars: int, rng: random.Random) -> Iterable[str]:
    current: list[str] = []
    goal, made = rng.randint(*_SEGMENT_CHARS), 0
    for line in lines:
        current.append(line[:_MAX_SEGMENT_CHARS])
        if sum(map(len, current)) >= goal:
            segment = " ".join(current)[:_MAX_SEGMENT_CHARS]
            yield segment
            made += len(segment)
            if made >= n_chars:
                return
            current, goal = [], rng.randint(*_SEGMENT_CHARS)
    if current:
        yield " ".join(current)[:_MAX_SEGMENT_CHARS]


def _is_english(segment: str) -> bool:
    """Return whether CLD2 takes half of a segment or more for English: a message left untranslated."""
    return cld2_shares(segment).get("en", 0.0) >= 0.5


def _drawn(words: str, recipe: LanguageRecipe, rng: random.Random) -> Iterable[str]:
    listed: list[str] = []
    weights: list[float] = []
    for line in words.splitlines()[1:]:
        word, _, log_probability = line.rpartition(" ")
        if word and float(log_probability) >= recipe.word_min_log_probability:
            listed.append(word)
            weights.append(math.exp(float(log_probability)))
    generator = np.random.default_rng(rng.randint(0, 2**31))
    share = np.array(weights) / sum(weights)
    n_chars = 0
    while n_chars < recipe.word_chars:
        chosen = generator.choice(len(listed), size=rng.randint(*_WORDS_PER_DRAWN_SEGMENT), p=share)
        segment = words_only(" ".join(listed[index] for index in chosen))
        n_chars += len(segment)
        yield segment


def training_rows(
    material: dict[str, Material], recipe: LanguageRecipe, skip: Sequence[str]
) -> list[tuple[str, str]]:
    """Return (language, segment) in a fixed random order; languages whose script names them are skipped."""
    rows: list[tuple[str, str]] = []
    for label, own in material.items():
        if label not in skip:
            rng = random.Random(f"{recipe.seed} {label}")
            rows += [(label, segment) for segment in segments(label, own, recipe, rng)]
    random.Random(recipe.seed).shuffle(rows)
    return rows
