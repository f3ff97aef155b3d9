"""The language of a text: its script, CLD2's vote and our own model, weighed against each other.

    sample --script--> few languages: one left? done
           --CLD2 (n-gram tables, 165 languages, inside its wheel)--> shares, e.g. {fr: 0.97}
           --own fastText model over character n-grams------------> probabilities
    score of a language = own_weight * log P(language | words)
                        + vote_weight * mean log P(CLD2 says what it said | language)
                        + words_weight * what single words say, between the best and its closest neighbours
    probability = softmax(score / temperature)

The last factor was counted by the workshop on texts of each language: CLD2, which does not know Walloon,
calls it French, and so "French" speaks for Walloon too, until the words decide. The identifier sees a
sample of the bare prose, never the whole text, its code or its formulas.
"""

from __future__ import annotations

import json
import math
import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import cast

from corpusforge.label.config import LabelConfig
from corpusforge.label.model import TextClassifier, load_fasttext, read_pin
from corpusforge.label.noise import without_noise
from corpusforge.label.reading import windows
from corpusforge.label.script import han_script, script_and_letters, script_of
from corpusforge.label.words import spread, words_only
from corpusforge.pinned import checked_bytes

__all__ = ["NO_LANGUAGE", "UNDETERMINED", "Identifier", "identify", "load_identifier", "script_of"]

UNDETERMINED = "und"
"""BCP-47: the language could not be told."""
NO_LANGUAGE = "zxx"
"""BCP-47: no linguistic content."""

_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
# Ancient Greek is written with breathings and accents of this block, modern Greek seldom is.
_POLYTONIC = re.compile("[\u1f00-\u1fff]")
Votes = tuple[tuple[str, str, int, float], ...]
"""CLD2's up to three languages: name, code, percent of the text, score."""
_CANDIDATES = 10
_NEVER = 1e-9
# P(CLD2 says c | language) where nothing was counted: a language that the own model lacks, and CLD2 knows.
_LOG_RIGHT, _LOG_WRONG = math.log(0.93), math.log(0.0005)


@dataclass(frozen=True, slots=True)
class Facts:
    """The tables of `languages.toml`."""

    script_languages: dict[str, list[str]]
    usual_script: dict[str, str]
    cld2: dict[str, str]
    common: frozenset[str]


@dataclass(frozen=True, slots=True)
class CloseLanguages:
    """Languages that share most words, and the words that tell them apart."""

    languages: tuple[str, ...]
    words: dict[str, tuple[int, ...]]
    """Word -> for each language, tenths of ln(its share of the words / that of the language it is most
    frequent in)."""


@dataclass(frozen=True, slots=True)
class Identifier:
    """The own model, and how CLD2 votes on texts of each language that it was trained on."""

    classifier: TextClassifier
    languages: dict[str, frozenset[str]]
    """Script -> the languages that the model knows in it."""
    votes: dict[str, dict[str, float]]
    """Language -> CLD2's answer, `un` for none and `other` for any not named -> log probability."""
    close: dict[str, CloseLanguages]
    """Language -> the languages it is close to, itself among them."""


@lru_cache(maxsize=1)
def facts() -> Facts:
    """Return the packaged tables of languages and scripts."""
    values = tomllib.loads((resources.files("corpusforge.label") / "languages.toml").read_text("utf-8"))
    return Facts(
        values["script_languages"], values["usual_script"], values["cld2"], frozenset(values["common"])
    )


@lru_cache(maxsize=1)
def _of_own_scripts() -> frozenset[str]:
    """Return the languages that have scripts nearly of their own: CLD2 names them for stray words."""
    return frozenset[str]().union(*facts().script_languages.values())


def load_identifier(folder: str, sha256: str) -> Identifier:
    """Return the identifier of a folder of models after checking its bytes.

    `language_votes.json`, whose sha256 is the given one, pins the fastText model beside it. Raises
    `ModelError` when a file is missing or not the pinned one.
    """
    path = read_pin("language", folder).path
    values = json.loads(checked_bytes(path, sha256))
    return Identifier(
        classifier=load_fasttext(Path(path.parent / values["fasttext"]), values["fasttext_sha256"]),
        languages={script: frozenset(known) for script, known in values["languages"].items()},
        votes=cast(dict[str, dict[str, float]], values["votes"]),
        close=_close_languages(values["close"]),
    )


def _close_languages(told: dict[str, dict[str, str]]) -> dict[str, CloseLanguages]:
    """Return each language's group, from `da nb` -> tenths such as `0 -12` -> the words they hold for."""
    found: dict[str, CloseLanguages] = {}
    for names, by_values in told.items():
        words = {
            word: tuple(map(int, values.split()))
            for values, listed in by_values.items()
            for word in listed.split()
        }
        group = CloseLanguages(tuple(names.split()), words)
        found |= dict.fromkeys(group.languages, group)
    return found


def cld2_shares(text: str) -> dict[str, float]:
    """Return CLD2's languages (BCP-47) of a text with their shares; they sum to 1 with `un`, unknown."""
    import pycld2  # imported late: only label workers need it

    detect = cast(Callable[..., tuple[bool, int, Votes]], pycld2.detect)  # pyright: ignore[reportUnknownMemberType]
    try:
        plain = text if text.isprintable() else _UNPRINTABLE.sub(" ", text)
        _, _, details = detect(plain, isPlainText=True, bestEffort=True)
    except cast(type[Exception], pycld2.error):  # pyright: ignore[reportUnknownMemberType]
        return {"un": 1.0}  # what it takes for broken UTF-8: as good as no vote
    spelled = facts().cld2
    shares: dict[str, float] = {}
    for _, code, percent, _ in details:
        code = spelled.get(code, code)
        if percent and code and code != "un" and not code.startswith("xx"):
            shares[code] = shares.get(code, 0.0) + percent / 100
    total = max(1.0, math.fsum(shares.values()))
    shares = {code: share / total for code, share in shares.items()}
    return {**shares, "un": max(0.0, 1 - math.fsum(shares.values()))}


def sample(bare: str, config: LabelConfig) -> str:
    """Return what the identifier is shown of a bare prose: evenly spaced windows, no markup, no digits."""
    pieces = windows(bare, config.language_windows, config.language_window_chars)
    return without_noise(" ".join(pieces))


def probabilities(shown: str, script: str, identifier: Identifier, config: LabelConfig) -> dict[str, float]:
    """Return the languages that a sample may be in with their probabilities, which sum to 1."""
    shares = cld2_shares(shown)
    words = words_only(shown)
    possible = facts().script_languages.get(script)
    known = identifier.languages.get(script, frozenset())
    own = {
        label.removeprefix("__label__"): math.log(max(probability, _NEVER))
        for probability, label in identifier.classifier.predict(
            spread(words, config.language_model_chars) + "\n", _CANDIDATES, 0.0, "strict"
        )
    }
    # A language that is not listed has at most the probability of the last one that is.
    floor = max(config.language_floor, min(own.values(), default=0.0) - config.language_floor_step)
    own = {language: score for language, score in own.items() if language in known}
    candidates = [language for language in {**own, **shares} if language != "un"]
    if possible:
        candidates = [language for language in candidates if language in possible] or possible[:1]
    else:
        elsewhere = _of_own_scripts()
        candidates = [code for code in candidates if code in known or code not in elsewhere]
    if not candidates:
        return {}
    common = facts().common
    scores = {
        language: config.language_own_weight * own.get(language, floor)
        if language in known
        else config.language_unseen_score
        for language in candidates
    }
    for language in candidates:
        counted = identifier.votes.get(language) if language in known else None
        scores[language] += config.language_vote_weight * _vote(language, shares, counted)
        if len(language) > 2 and language not in common:
            scores[language] -= config.language_rare_penalty
    group = identifier.close.get(max(scores, key=lambda language: scores[language]))
    if group:
        _tell_apart(scores, words, group, config)
    return _softmax(scores, config.language_temperature)


def _tell_apart(scores: dict[str, float], words: str, group: CloseLanguages, config: LabelConfig) -> None:
    """Add to the scores of close languages what their words say; one that is no candidate stays none."""
    told = [values for word in words.split() if (values := group.words.get(word))]
    for language, tenths in zip(group.languages, zip(*told, strict=True), strict=True) if told else ():
        if language in scores:
            scores[language] += config.language_words_weight * sum(tenths) / 10


def _softmax(scores: dict[str, float], temperature: float) -> dict[str, float]:
    best = max(scores.values())
    weights = {language: math.exp((score - best) / temperature) for language, score in scores.items()}
    total = math.fsum(weights.values())
    return {language: weight / total for language, weight in weights.items()}


def _vote(language: str, shares: dict[str, float], counted: dict[str, float] | None) -> float:
    """Return the mean log probability of CLD2's answers on a text of a language."""
    if counted is None:
        return math.fsum(
            [share * (_LOG_RIGHT if code == language else _LOG_WRONG) for code, share in shares.items()]
        )
    other = counted["other"]
    return math.fsum([share * counted.get(code, other) for code, share in shares.items()])


def identify(bare: str, identifier: Identifier, config: LabelConfig) -> tuple[str, float]:
    """Return (BCP-47 code, probability 0-1) of prose without code and formulas.

    `und` when there is too little of it (score 0), or the best language is below its threshold. A script
    subtag stands where a language is written in several and this one is not its usual one; Chinese
    carries `Hans` or `Hant` where the characters tell.
    """
    shown = sample(bare, config)
    script, n_letters = script_and_letters(shown)
    told = facts().script_languages.get(script or "", ())
    enough = config.language_min_script_letters if len(told) == 1 else config.language_min_letters
    if script is None or n_letters < enough:
        return UNDETERMINED, 0.0
    if len(told) == 1:
        found = {told[0]: 1.0}
    else:
        found = probabilities(shown, script, identifier, config)
    if not found:
        return UNDETERMINED, 0.0
    language = max(sorted(found), key=lambda code: found[code])
    score = found[language]
    if score < config.language_min_scores.get(language, config.language_min_score):
        return UNDETERMINED, score
    if language == "el" and len(_POLYTONIC.findall(shown)) > 0.02 * n_letters:
        language = "grc"
    return _with_script(language, script, shown), score


def _with_script(language: str, script: str, shown: str) -> str:
    if language == "zh":
        variant = han_script(shown)
        return f"zh-{variant}" if variant else "zh"
    usual = facts().usual_script.get(language)
    return language if usual in (None, script) else f"{language}-{script}"
