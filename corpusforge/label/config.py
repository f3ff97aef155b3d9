"""Every threshold of the label step."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from corpusforge.frozen import FrozenConfig
from corpusforge.label.model import math_pin, scaffold_pin


class LabelConfig(FrozenConfig):
    """How language, mathematics, scaffolds and the domain are told."""

    languages: tuple[str, ...] = Field(
        default=(),
        description="BCP-47 codes to keep, `und` included; other documents are dropped. Empty: keep all.",
    )
    language_min_score: float = Field(
        default=0.35, ge=0, le=1, description="Below this probability the language is `und`."
    )
    language_min_letters: int = Field(
        default=20,
        ge=1,
        description="With fewer letters the language is `und`; a CJK character counts as three.",
    )
    language_windows: int = Field(
        default=3, ge=1, description="Pieces of a long text that the identifier sees."
    )
    language_window_chars: int = Field(default=200, ge=50, description="Characters of one such piece.")

    math_threshold: float = Field(
        default_factory=lambda: math_pin().threshold,
        ge=0,
        le=1,
        description="A document is mathematics from this math_score on.",
    )
    math_sha256: str = Field(
        default_factory=lambda: math_pin().sha256, description="Of the math tagger's weights file."
    )
    math_windows: int = Field(
        default=4, ge=1, description="Pieces of a long text that the math tagger reads."
    )
    math_window_chars: int = Field(default=1500, ge=200, description="Characters of one such piece.")
    math_articles: bool = Field(default=False, description="Mostly mathematical wiki articles are math.")
    math_books: bool = Field(default=False, description="Mostly mathematical books are math.")
    mostly_math_threshold: float = Field(
        default=0.9,
        ge=0,
        le=1,
        description="math_score from which an article or book is mostly mathematical.",
    )

    scaffold_threshold: float = Field(
        default_factory=lambda: scaffold_pin().threshold,
        ge=0,
        le=1,
        description="A math document is a scaffold from this scaffold_score on.",
    )
    scaffold_sha256: str = Field(
        default_factory=lambda: scaffold_pin().sha256, description="Of the scaffold model's file."
    )
    scaffold_windows: int = Field(
        default=4, ge=1, description="Windows of a long text, their scores averaged."
    )
    scaffold_window_chars: int = Field(
        default=1800, ge=200, description="Characters of a window: about the longest training passage."
    )
    models_folder: str | None = Field(
        default=None, description="Folder of other models with their TOML pins; None: those in the package."
    )

    formal_proofs: Literal["math", "code"] = Field(
        default="math", description="Where Lean, Coq, Isabelle, Agda and the like go."
    )
    code_nl_min_code_share: float = Field(
        default=0.08,
        ge=0,
        le=1,
        description="Characters in code blocks over all, from which prose is code_nl.",
    )
    code_nl_max_code_share: float = Field(
        default=0.95, ge=0, le=1, description="Above this share the prose around the code carries no weight."
    )
    code_nl_min_code_lines: int = Field(
        default=3, ge=1, description="Lines in code blocks that code_nl needs."
    )
    code_nl_min_prose_words: int = Field(
        default=30, ge=0, description="Words around the code that code_nl needs."
    )
