"""Every threshold of the label step."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, SerializerFunctionWrapHandler, model_serializer, model_validator

from corpusforge.frozen import FrozenConfig
from corpusforge.label.model import language_pin, math_pin, packaged_min_scores, scaffold_pin
from corpusforge.label.own_config import ClassifierConfig

ApplyingField = Literal["finance", "sport", "physics", "engineering"]
"""`vocabulary.FIELDS`, for a configuration to name."""


class LabelConfig(FrozenConfig):
    """How language, mathematics, scaffolds and the domain are told.

    The thresholds of math and scaffold come with their models' pins: that of math fixed at 0.5 of a
    calibrated score, that of scaffold the best mean F1 on sources left out and on dev; weights of the
    language identifier were chosen on every other row of its development set (docs/classifiers.md and
    the model cards). `code_nl` of pages: docs/code-split.md.
    """

    languages: tuple[str, ...] = Field(
        default=(),
        description="BCP-47 codes to keep, `und` included; other documents are dropped. Empty: keep all.",
    )
    language_guess_min_score: float = Field(
        default=0.9,
        ge=0,
        le=1.01,
        description="With `languages`: a web page whose words are from this probability on in another one is"
        " dropped before it is parsed; above 1: never.",
    )
    language_guess_min_chars: int = Field(
        default=200, ge=1, description="Characters of paragraphs that such a guess needs."
    )
    language_min_score: float = Field(
        default=0.3, ge=0, le=1, description="Below this probability the language is `und`."
    )
    language_min_scores: dict[str, float] = Field(
        default_factory=packaged_min_scores,
        description="The same for single languages; by default the table of label/languages.toml.",
    )
    language_model_chars: int = Field(
        default=320, ge=50, description="Of them, what the own model reads: every n-th word."
    )
    language_own_weight: float = Field(
        default=0.7, ge=0, le=10, description="Of the own model's log probability of a language."
    )
    language_vote_weight: float = Field(
        default=0.8, ge=0, le=10, description="Of the log probability of CLD2's answer, given a language."
    )
    language_words_weight: float = Field(
        default=0.5,
        ge=0,
        le=10,
        description="Of the words that tell languages such as Indonesian and Malay apart.",
    )
    language_floor: float = Field(
        default=-9.0, ge=-100, le=0, description="Log probability of a language beyond the own model's best."
    )
    language_floor_step: float = Field(
        default=1.0, ge=0, le=100, description="How far below the last of its best such a language is put."
    )
    language_unseen_score: float = Field(
        default=-1.0, ge=-100, le=0, description="The own model's word on a language that it lacks."
    )
    language_rare_penalty: float = Field(
        default=3.0, ge=0, le=10, description="Off the score of a language without a two-letter code."
    )
    language_temperature: float = Field(
        default=1.5, gt=0, le=10, description="Scores over this become probabilities: above 1 less sure ones."
    )
    language_sha256: str = Field(
        default_factory=lambda: language_pin().sha256,
        description="Of the identifier's table of votes, which pins its model.",
    )
    language_min_letters: int = Field(
        default=12,
        ge=1,
        description="With fewer letters the language is `und`; a CJK character counts as three.",
    )
    language_min_script_letters: int = Field(
        default=4, ge=1, description="The same where the script alone tells the language."
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
    math_field_offsets: dict[ApplyingField, float] = Field(
        default_factory=dict[ApplyingField, float],
        description="Added to the log-odds of math_score, times ln(1 + a field's words in 1,000 words):"
        " above 0 more of its texts are mathematics, below 0 fewer.",
    )
    math_sha256: str = Field(
        default_factory=lambda: math_pin().sha256, description="Of the math tagger's weights file."
    )
    math_section_chars: int = Field(
        default=1500, ge=200, description="Characters of a section that the math tagger scores by itself."
    )
    math_sections: int = Field(
        default=40, ge=1, description="Sections of a text that it reads: of more, evenly spaced ones."
    )
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

    classifiers: tuple[ClassifierConfig, ...] = Field(
        default=(), description="fastText classifiers of one's own, beside or in the place of those above."
    )

    @model_validator(mode="after")
    def _classifiers_fit(self) -> LabelConfig:
        names = [one.name for one in self.classifiers]
        replaced = [one.replaces for one in self.classifiers if one.replaces]
        for given, what in ((names, "are named"), (replaced, "replace")):
            if twice := sorted({name for name in given if given.count(name) > 1}):
                raise ValueError(f"two classifiers {what} {twice[0]!r}")
        for name in replaced:
            if f"{name}_threshold" not in self.model_fields_set:
                raise ValueError(
                    f"a classifier replaces {name!r}: give label.{name}_threshold, the default is another's"
                )
        return self

    @model_serializer(mode="wrap")
    def _as_before(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Leave out what nobody configured: such a configuration keeps its fingerprint."""
        values: dict[str, Any] = handler(self)
        if not values.get("classifiers"):
            values.pop("classifiers", None)
        return values
