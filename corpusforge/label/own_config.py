"""`[[label.classifiers]]`: the settings of a fastText classifier of one's own."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, field_validator, model_validator

from corpusforge.domains import Domain
from corpusforge.frozen import FrozenConfig
from corpusforge.label.fasttext_file import check_label

_TAKEN = ("math", "scaffold", "language", "code_cirs", "qa_question", "qa_best_answer")
"""Their `NAME_score` is another's."""


class ClassifierConfig(FrozenConfig):
    """A fastText model, and what becomes of its score."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]{0,39}$", description="The score is the signal `NAME_score`.")
    path: str = Field(description="A `.bin` or `.ftz` of fastText, relative to this file.")
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$", description="Of the model: no other bytes are loaded.")
    label: str = Field(description="The label whose probability is the score, with or without `__label__`.")
    preparation: Literal["plain", "prepared"] = Field(
        default="plain",
        description="plain: the text on one line; prepared: as the math tagger's words are prepared, in lower"
        " case, signs apart, formulas marked, code blocks left out.",
    )
    windowing: Literal["whole", "first", "mean", "max"] = Field(
        default="whole",
        description="What is scored: the whole text, its first `window_chars`, or up to `windows` windows,"
        " evenly spaced, of `window_chars`, of which the mean or the highest score counts.",
    )
    window_chars: int = Field(default=1800, ge=50, description="Characters of a window, or of the beginning.")
    windows: int = Field(default=4, ge=1, description="Windows of a long text.")
    domains: tuple[str, ...] = Field(default=(), description="Domains whose documents it scores; none: all.")
    drop_below: float | None = Field(
        default=None, ge=0, le=1, description="Documents with a lower score are dropped."
    )
    drop_above: float | None = Field(
        default=None, ge=0, le=1, description="Documents with a higher score are dropped."
    )
    replaces: Literal["math", "scaffold"] | None = Field(
        default=None,
        description="Its score is math_score or scaffold_score, held against `label.math_threshold` or"
        " `label.scaffold_threshold`, which must be given.",
    )

    @property
    def signal(self) -> str:
        """The name of its score among the signals."""
        return f"{self.name}_score"

    @field_validator("name")
    @classmethod
    def _name_is_free(cls, name: str) -> str:
        if name in _TAKEN:
            raise ValueError(f"{name}_score is a signal already; choose another name")
        return name

    @field_validator("domains")
    @classmethod
    def _domains_are_known(cls, domains: tuple[str, ...]) -> tuple[str, ...]:
        known = [domain.value for domain in Domain]
        for domain in domains:
            if domain not in known:
                raise ValueError(f"no domain {domain!r}: expected some of {', '.join(known)}")
        return tuple(sorted(set(domains)))

    @model_validator(mode="after")
    def _fits(self) -> ClassifierConfig:
        if self.replaces and self.domains:
            raise ValueError("`replaces` says which documents it scores; leave `domains` out")
        if None not in (self.drop_below, self.drop_above) and (self.drop_below or 0) > (self.drop_above or 0):
            raise ValueError("drop_below is more than drop_above: every document would be dropped")
        check_label(self.path, self.sha256, self.label)
        return self
