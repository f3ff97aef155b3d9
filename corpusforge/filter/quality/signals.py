"""Quality signals of a text as numbers, and the rule sets that judge them.

The signals are those of Gopher (Rae et al. 2021, Table A1), C4 (Raffel et al. 2020) and
FineWeb (Penedo et al. 2024). They are stored for every document; rules are data in
`rulesets/*.toml`, chosen by domain and language.
"""

from __future__ import annotations

import tomllib
from functools import lru_cache
from importlib import resources
from typing import Literal, cast

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from corpusforge.document import Document, Drop, DropReason, drop
from corpusforge.filter.quality import repeats, text_pass
from corpusforge.frozen import FrozenConfig

RULESET_NAMES = ("off", "default", "strict")


class Rule(FrozenConfig):
    """A bound on one signal. A document without that signal passes."""

    name: str
    signal: str
    min: float | None = None
    max: float | None = None
    domains: tuple[str, ...] = Field(description="Domains that the rule judges.")
    languages: tuple[str, ...] = Field(default=(), description="Languages that the rule judges; empty: all.")
    except_languages: tuple[str, ...] = Field(default=(), description="Languages that the rule passes over.")
    reason: Literal["quality", "repetition"] = "quality"
    why: str = Field(default="", exclude=True, description="Where the bound is from; no part of the sha256.")


class Ruleset(FrozenConfig):
    """The rules of one preset, in the order in which they judge."""

    rule: tuple[Rule, ...] = ()


@lru_cache(maxsize=len(RULESET_NAMES))
def read_ruleset(name: str) -> Ruleset:
    """Return a packaged rule set by name."""
    return Ruleset.model_validate(_read_toml(f"rulesets/{name}.toml"))


@lru_cache(maxsize=1)
def _stop_words() -> dict[str, list[str]]:
    """Return the stop words by language, Gopher's own as `gopher`."""
    return {
        language: sorted(set(str(words).split()))
        for language, words in _read_toml("rulesets/stopwords.toml").items()
    }


@lru_cache(maxsize=256)
def _gopher_words(language: str) -> NDArray[np.uint64]:
    """Return the hashes of Gopher's stop words, in small letters; none but for English."""
    words = _stop_words()["gopher"] if language == "en" else ()
    return np.array([text_pass.word_hash(word) for word in words], dtype=np.uint64)


@lru_cache(maxsize=256)
def _stop_spellings(language: str) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """Return (hashes of the spellings of a language's stop words, which word each spells, ascending)."""
    hashes: list[int] = []
    kinds: list[int] = []
    for kind, word in enumerate(_stop_words().get(language, ())):
        for spelling in sorted({word, word.capitalize(), word.upper()}):
            hashes.append(text_pass.word_hash(spelling))
            kinds.append(kind)
    return np.array(hashes, dtype=np.uint64), np.array(kinds, dtype=np.int64)


def _read_toml(name: str) -> dict[str, object]:
    return tomllib.loads((resources.files("corpusforge.filter.quality") / name).read_text("utf-8"))


def quality_signals(text: str, language: str | None) -> dict[str, float]:
    """Return the signals of a text by name; shares are 0-1 of words, lines or characters.

    A Chinese or Japanese character counts as a word; Korean words are those between blanks. Stop-word
    signals exist only for a language with a list, Gopher's own for English alone.
    """
    language = (language or "").split("-")[0]
    stop_words, stop_kinds = _stop_spellings(language)
    gopher_words = _gopher_words(language)
    counts, ngram_chars = text_pass.count(text, stop_words, stop_kinds, gopher_words)
    c: list[int] = counts.tolist()
    n_words = c[text_pass.WORDS]
    signals: dict[str, float] = {"n_words": float(n_words)}
    if not n_words:
        return signals
    signals |= _word_signals(c)
    if len(stop_words):
        signals["stop_word_kinds"] = float(c[text_pass.STOP_KINDS])
        signals["stop_word_share"] = c[text_pass.STOPS] / n_words
    if len(gopher_words):
        signals["gopher_stop_word_kinds"] = float(c[text_pass.GOPHER_STOP_KINDS])
    signals |= _line_signals(c)
    signals |= _ngram_signals(ngram_chars.tolist(), float(c[text_pass.WORD_CHARS]))
    return signals


def _word_signals(c: list[int]) -> dict[str, float]:
    n_words, n_chars = c[text_pass.WORDS], c[text_pass.CHARS]
    return {
        "mean_word_chars": c[text_pass.WORD_CHARS] / n_words,
        "unique_word_share": c[text_pass.KINDS] / n_words,
        "alphabetic_word_share": c[text_pass.ALPHABETIC] / n_words,
        "hash_word_ratio": c[text_pass.HASH_SIGNS] / n_words,
        "ellipsis_word_ratio": c[text_pass.ELLIPSES] / n_words,
        "digit_share": c[text_pass.DIGITS] / n_chars,
        "n_prose_braces": float(c[text_pass.BRACES]),
        "lorem_ipsum": float(c[text_pass.LOREM]),
    }


def _line_signals(c: list[int]) -> dict[str, float]:
    n_lines, n_paragraphs = c[text_pass.LINES], c[text_pass.PARAGRAPHS]
    return {
        "n_lines": float(n_lines),
        "n_c4_sentences": float(c[text_pass.C4_SENTENCES]),
        "c4_line_share": c[text_pass.C4_LINES] / n_lines,
        "few_word_line_share": c[text_pass.FEW_WORD_LINES] / n_lines,
        "javascript_line_share": c[text_pass.JAVASCRIPT_LINES] / n_lines,
        "policy_line_share": c[text_pass.POLICY_LINES] / n_lines,
        "bullet_line_share": c[text_pass.BULLET_LINES] / n_lines,
        "ellipsis_line_share": c[text_pass.ELLIPSIS_LINES] / n_lines,
        "terminal_line_share": c[text_pass.TERMINAL_LINES] / n_lines,
        "short_line_share": c[text_pass.SHORT_LINES] / n_lines,
        "newline_word_ratio": c[text_pass.NEWLINES] / c[text_pass.WORDS],
        "duplicate_line_share": c[text_pass.REPEATED_LINES] / n_lines,
        "duplicate_line_char_share": c[text_pass.REPEATED_LINE_CHARS] / c[text_pass.LINE_CHARS],
        "duplicate_paragraph_share": c[text_pass.REPEATED_PARAGRAPHS] / n_paragraphs,
        "duplicate_paragraph_char_share": c[text_pass.REPEATED_PARAGRAPH_CHARS]
        / c[text_pass.PARAGRAPH_CHARS],
    }


def _ngram_signals(chars: list[int], total: float) -> dict[str, float]:
    """Return the share of characters in the top 2- to 4-gram and in repeated 5- to 10-grams."""
    top = {f"top_{n}gram_char_share": min(1.0, chars[n] / total) for n in repeats.TOP_NGRAMS}
    repeated = {f"duplicate_{n}gram_char_share": min(1.0, chars[n] / total) for n in repeats.DUPLICATE_NGRAMS}
    return top | repeated


def judge_quality(document: Document, ruleset: Ruleset) -> Drop | None:
    """Return the drop of the first rule that a document breaks, or None; the detail names rule and figure."""
    language = (document.language or "und").split("-")[0]
    for rule in ruleset.rule:
        value = document.signals.get(rule.signal)
        if value is None or document.domain not in rule.domains:
            continue
        if (rule.languages and language not in rule.languages) or language in rule.except_languages:
            continue
        below, above = rule.min is not None and value < rule.min, rule.max is not None and value > rule.max
        if below or above:
            bound = f"below {cast(float, rule.min):g}" if below else f"above {cast(float, rule.max):g}"
            reason = DropReason(rule.reason)
            return drop(document, reason, f"{rule.name}: {rule.signal} {value:.4g} is {bound}")
    return None
