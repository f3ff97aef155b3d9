"""Which language a text shows most: marks of each counted in its head, by what they tell."""

from __future__ import annotations

from corpusforge.code.config import CodeConfig
from corpusforge.code.grammars import LanguageRow, foreign_syntax, language_row

_SAMPLE_LINE_CHARS = 200
_MAX_COUNT = 5
_MIN_OWN_SCORE = 0.9


def best_language(text: str, names: tuple[str, ...], config: CodeConfig) -> str:
    """Return the language whose marks are found most."""
    return ranked(text, names, config)[0][0]


def ranked(text: str, names: tuple[str, ...], config: CodeConfig) -> list[tuple[str, float]]:
    """Return (language, score), best first: the language whose marks are found most.

    Each mark counts up to five times, the first time most; the first named wins a tie. Marks of
    the language that another extends (C of C++) count for it once it shows enough of its own.
    """
    sample = sample_of(text, config.sample_chars)
    own: dict[str, float] = {}

    def score(name: str | None) -> float:
        if name is None:
            return 0.0
        row = language_row(name)
        if name not in own:
            own[name] = _score(sample, row)
        return own[name] + (score(row.extends) if own[name] >= _MIN_OWN_SCORE else 0.0)

    return sorted(((name, score(name)) for name in names), key=lambda pair: -pair[1])


def has_foreign_syntax(text: str, name: str, config: CodeConfig) -> bool:
    """Return whether a text shows syntax of a relative that the language itself does not have."""
    pattern = foreign_syntax().get(name)
    return pattern is not None and pattern.search(sample_of(text, config.sample_chars)) is not None


def _score(sample: str, row: LanguageRow) -> float:
    total = 0.0
    for mark, weight in zip(row.marks, row.weights, strict=True):
        for count, _ in enumerate(mark.finditer(sample), start=1):
            total += weight if count == 1 else 0.25 * weight
            if count == _MAX_COUNT:
                break
    return total


def sample_of(text: str, limit: int) -> str:
    """Return the head of a text with long lines cut, so that no mark can be slow."""
    return "\n".join(line[:_SAMPLE_LINE_CHARS] for line in text[:limit].split("\n"))
