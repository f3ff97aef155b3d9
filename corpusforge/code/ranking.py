"""Which language a text shows most: marks of each counted in its head, by what they tell."""

from __future__ import annotations

from functools import cache, lru_cache

from corpusforge.code.config import CodeConfig
from corpusforge.code.grammars import foreign_syntax, language_row
from corpusforge.code.needles import Needle, Sample

_SAMPLE_LINE_CHARS = 200
_MAX_COUNT = 5
_MIN_OWN_SCORE = 0.9
_MANY_LANGUAGES = 12
"""Languages from which on one pass over all literals is cheaper than looking for those of their marks."""


def best_language(text: str, names: tuple[str, ...], config: CodeConfig) -> str:
    """Return the language whose marks are found most."""
    return ranked(text, names, config)[0][0]


def ranked(text: str, names: tuple[str, ...], config: CodeConfig) -> list[tuple[str, float]]:
    """Return (language, score), best first: the language whose marks are found most.

    Each mark counts up to five times, the first time most; the first named wins a tie. Marks of
    the language that another extends (C of C++) count for it once it shows enough of its own.
    """
    sample = _sample(text[: config.sample_chars])
    if len(names) >= _MANY_LANGUAGES:
        _load_marks(names)
        sample.prepare()
    own: dict[str, float] = {}

    def score(name: str | None) -> float:
        if name is None:
            return 0.0
        if name not in own:
            own[name] = _score(sample, name)
        return own[name] + (score(language_row(name).extends) if own[name] >= _MIN_OWN_SCORE else 0.0)

    return sorted(((name, score(name)) for name in names), key=lambda pair: -pair[1])


def has_foreign_syntax(text: str, name: str, config: CodeConfig) -> bool:
    """Return whether a text shows syntax of a relative that the language itself does not have."""
    foreign = _foreign(name)
    return foreign is not None and foreign.is_in(_sample(text[: config.sample_chars]))


def _score(sample: Sample, name: str) -> float:
    total = 0.0
    for mark, weight in _marks(name):
        if count := mark.count(sample, _MAX_COUNT):
            total += weight
            for _ in range(count - 1):
                total += 0.25 * weight
    return total


@cache
def _marks(name: str) -> tuple[tuple[Needle, float], ...]:
    row = language_row(name)
    return tuple((Needle(mark), weight) for mark, weight in zip(row.marks, row.weights, strict=True))


@cache
def _foreign(name: str) -> Needle | None:
    pattern = foreign_syntax().get(name)
    return None if pattern is None else Needle(pattern)


@cache
def _load_marks(names: tuple[str, ...]) -> None:
    """Make the marks of languages ready before a text is prepared for them."""
    for name in names:
        _marks(name)


@lru_cache(maxsize=2)
def _sample(head: str) -> Sample:
    """Return a head of a text made ready: several questions in a row are about the same."""
    return Sample(sample_of(head, len(head)))


def sample_of(text: str, limit: int) -> str:
    """Return the head of a text with long lines cut, so that no mark can be slow."""
    return "\n".join(line[:_SAMPLE_LINE_CHARS] for line in text[:limit].split("\n"))
