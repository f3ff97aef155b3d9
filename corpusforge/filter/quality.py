"""Quality signals of a text as numbers, and the rule sets that judge them.

The signals are those of Gopher (Rae et al. 2021, Table A1), C4 (Raffel et al. 2020) and
FineWeb (Penedo et al. 2024). They are stored for every document; rules are data in
`rulesets/*.toml`, chosen by domain and language.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Mapping
from functools import lru_cache
from importlib import resources
from itertools import count
from typing import Literal, cast

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from corpusforge.document import Document, Drop, DropReason, drop
from corpusforge.frozen import FrozenConfig

RULESET_NAMES = ("off", "default", "strict")

_CJK = re.compile(r"([぀-ヿ㐀-鿿豈-﫿])")
_BULLETS = ("-", "*", "•", "‣", "·", "●", "▪", "◦", "–", "➤")
_ELLIPSES = ("...", "…")
_TERMINALS = (".", "!", "?", '"', "'", "”", "’", ":", ";", ")", "。", "！", "？", "」", "』", "।", "؟", "…")
_SHORT_LINE_CHARS = 30  # FineWeb's fineweb_quality filter
_TOP_NGRAMS = range(2, 5)
_DUPLICATE_NGRAMS = range(5, 11)
_MIX = np.uint64(0x9E3779B97F4A7C15)  # 2^64 / golden ratio: Knuth's multiplicative hash


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


class Ruleset(FrozenConfig):
    """The rules of one preset, in the order in which they judge."""

    rule: tuple[Rule, ...] = ()


@lru_cache(maxsize=len(RULESET_NAMES))
def read_ruleset(name: str) -> Ruleset:
    """Return a packaged rule set by name."""
    return Ruleset.model_validate(_read_toml(f"rulesets/{name}.toml"))


@lru_cache(maxsize=1)
def _stop_words() -> dict[str, frozenset[str]]:
    return {
        language: frozenset(str(words).split())
        for language, words in _read_toml("rulesets/stopwords.toml").items()
    }


def _read_toml(name: str) -> dict[str, object]:
    return tomllib.loads((resources.files("corpusforge.filter") / name).read_text("utf-8"))


def quality_signals(text: str, language: str | None) -> dict[str, float]:
    """Return the signals of a text by name; shares are 0-1 of words, lines or characters.

    A CJK character counts as a word. Stop-word signals exist only for a language with a list.
    """
    spaced = text if text.isascii() else " ".join(_CJK.split(text))
    words = spaced.split()
    vocabulary = dict(zip(dict.fromkeys(words), count(), strict=False))
    ids = np.fromiter(map(vocabulary.__getitem__, words), dtype=np.int64, count=len(words))
    signals: dict[str, float] = {"n_words": float(len(ids))}
    if not len(ids):
        return signals
    lengths = np.fromiter(map(len, vocabulary), dtype=np.int64)[ids]
    signals |= _word_signals(text, vocabulary, ids, lengths)
    signals |= _stop_word_signals(vocabulary, ids, language)
    signals |= _line_signals(text, len(ids))
    signals |= _ngram_signals(ids, lengths)
    return signals


def _word_signals(
    text: str, vocabulary: Mapping[str, int], ids: NDArray[np.int64], lengths: NDArray[np.int64]
) -> dict[str, float]:
    n_words, n_chars = len(ids), len(text)
    is_alphabetic = np.fromiter((_has_letter(word) for word in vocabulary), dtype=bool, count=len(vocabulary))
    n_symbols = text.count("#") + sum(map(text.count, _ELLIPSES))
    return {
        "mean_word_chars": float(lengths.mean()),
        "unique_word_share": len(vocabulary) / n_words,
        "alphabetic_word_share": float(is_alphabetic[ids].mean()),
        "symbol_word_ratio": n_symbols / n_words,
        "digit_share": sum(map(text.count, "0123456789")) / n_chars,
        "brace_share": (text.count("{") + text.count("}")) / n_chars,
        "lorem_ipsum": float("lorem ipsum" in text.lower()),
    }


def _has_letter(word: str) -> bool:
    return word.isalpha() or any(map(str.isalpha, word))


def _stop_word_signals(
    vocabulary: Mapping[str, int], ids: NDArray[np.int64], language: str | None
) -> dict[str, float]:
    stop_words = _stop_words().get((language or "").split("-")[0])
    if stop_words is None:
        return {}
    counts = np.bincount(ids, minlength=len(vocabulary))
    n_kinds = n_found = 0
    for stop_word in stop_words:
        spellings = (stop_word, stop_word.capitalize(), stop_word.upper())
        n = sum(int(counts[vocabulary[spelling]]) for spelling in set(spellings) if spelling in vocabulary)
        n_kinds += n > 0
        n_found += n
    return {"stop_word_kinds": float(n_kinds), "stop_word_share": n_found / len(ids)}


def _line_signals(text: str, n_words: int) -> dict[str, float]:
    lines = [stripped for line in text.split("\n") if (stripped := line.strip())]
    paragraphs = [stripped for block in text.split("\n\n") if (stripped := block.strip())]
    n_lines = max(1, len(lines))
    line_share, line_chars = _duplicate_shares(lines)
    paragraph_share, paragraph_chars = _duplicate_shares(paragraphs)
    return {
        "n_lines": float(len(lines)),
        "bullet_line_share": sum(line.startswith(_BULLETS) for line in lines) / n_lines,
        "ellipsis_line_share": sum(line.endswith(_ELLIPSES) for line in lines) / n_lines,
        "terminal_line_share": sum(line.endswith(_TERMINALS) for line in lines) / n_lines,
        "short_line_share": sum(len(line) <= _SHORT_LINE_CHARS for line in lines) / n_lines,
        "newline_word_ratio": text.count("\n") / n_words,
        "duplicate_line_share": line_share,
        "duplicate_line_char_share": line_chars,
        "duplicate_paragraph_share": paragraph_share,
        "duplicate_paragraph_char_share": paragraph_chars,
    }


def _duplicate_shares(pieces: list[str]) -> tuple[float, float]:
    """Return the share of pieces, and of their characters, that repeat an earlier piece."""
    n_chars = sum(map(len, pieces))
    if len(pieces) < 2 or not n_chars:
        return 0.0, 0.0
    counts = Counter(pieces)
    if len(counts) == len(pieces):
        return 0.0, 0.0
    repeated = sum(len(piece) * (times - 1) for piece, times in counts.items() if times > 1)
    return (len(pieces) - len(counts)) / len(pieces), repeated / n_chars


def _ngram_signals(ids: NDArray[np.int64], lengths: NDArray[np.int64]) -> dict[str, float]:
    """Return the share of characters in the top 2- to 4-gram and in repeated 5- to 10-grams.

    An n-gram can only repeat where its first n - 1 words do, so each n looks at the positions
    that the one before left: the first costs a sort of all, the others nearly nothing.
    """
    total = float(lengths.sum())
    ends = np.concatenate(([0], np.cumsum(lengths)))
    words = (ids.astype(np.uint64) + np.uint64(1)) * _MIX
    positions = np.arange(len(ids))
    hashes = words.copy()
    signals = {f"top_{n}gram_char_share": 0.0 for n in _TOP_NGRAMS}
    signals |= {f"duplicate_{n}gram_char_share": 0.0 for n in _DUPLICATE_NGRAMS}
    for n in range(2, 11):
        keep = positions + n <= len(ids)
        positions = positions[keep]
        if len(positions) < 2:
            break
        hashes = (hashes[keep] ^ (hashes[keep] >> np.uint64(29))) * _MIX + words[positions + n - 1]
        order = np.argsort(hashes, kind="stable")
        ranked = hashes[order]
        starts = np.flatnonzero(np.concatenate(([True], ranked[1:] != ranked[:-1])))
        n_times = np.diff(np.append(starts, len(ranked)))
        if n in _TOP_NGRAMS:
            firsts = positions[order[starts]]
            chars = (ends[firsts + n] - ends[firsts]) * n_times
            signals[f"top_{n}gram_char_share"] = float(chars[n_times > 1].max(initial=0)) / total
        if n in _DUPLICATE_NGRAMS:
            later = np.ones(len(order), dtype=bool)
            later[starts] = False
            covered = _covered_chars(positions[order[later]], n, ends)
            signals[f"duplicate_{n}gram_char_share"] = covered / total
        repeated = np.sort(order[np.repeat(n_times > 1, n_times)])
        positions, hashes = positions[repeated], hashes[repeated]
    return {name: min(1.0, value) for name, value in signals.items()}


def _covered_chars(firsts: NDArray[np.int64], n: int, ends: NDArray[np.int64]) -> float:
    """Return the characters of the words that n-grams at these positions cover, each once."""
    edges = np.zeros(len(ends), dtype=np.int64)
    np.add.at(edges, firsts, 1)
    np.add.at(edges, firsts + n, -1)
    return float(np.diff(ends)[np.cumsum(edges[:-1]) > 0].sum())


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
