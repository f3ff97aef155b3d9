"""Which domain a document belongs to: the first rule that holds decides, and says so."""

from __future__ import annotations

import re
from dataclasses import dataclass

from corpusforge.document import Document, Markup, SourceKind
from corpusforge.domains import Domain
from corpusforge.label.config import LabelConfig
from corpusforge.label.language import NO_LANGUAGE, UNDETERMINED, script_of
from corpusforge.label.reading import Reading
from corpusforge.text import WORD

_FORMAL_ENDINGS = {
    ".lean": "Lean", ".thy": "Isabelle", ".agda": "Agda", ".lagda": "Agda", ".lagda.md": "Agda",
    ".mm": "Metamath", ".miz": "Mizar", ".v": "Coq", ".ml4": "Coq",
}  # fmt: skip
# `.v` is Verilog and V too, `.mm` Objective-C++: these endings need their own words.
_FORMAL_WORDS = {
    ".v": re.compile(
        r"^\s*(?:Theorem|Lemma|Proof|Require|From \w+ Require|Inductive|Qed|Definition|Fixpoint)\b", re.M
    ),
    ".ml4": re.compile(r"VERNAC|TACTIC EXTEND"),
    ".mm": re.compile(r"\$[pca] \|-"),
    ".lean": re.compile(r"\b(?:theorem|lemma|by|def|import|example|inductive|structure|instance)\b"),
}


@dataclass(frozen=True, slots=True)
class Decision:
    """A domain and the rule, with its figures, that chose it."""

    domain: Domain
    reason: str
    is_formal: bool = False


def formal_language(document: Document) -> str | None:
    """Return the proof assistant whose file a document is, or None."""
    path = (document.path or "").lower()
    for ending, name in _FORMAL_ENDINGS.items():
        if path.endswith(ending):
            words = _FORMAL_WORDS.get(ending)
            return name if words is None or words.search(document.text[:20_000]) else None
    return None


def decide(document: Document, reading: Reading, config: LabelConfig) -> Decision:
    """Return the domain of a document that carries its language and math_score."""
    decision = _by_source(document, config) or _by_file(document, config)
    return decision or _by_content(document, reading, config)


def _by_source(document: Document, config: LabelConfig) -> Decision | None:
    score = document.math_score or 0.0
    is_mostly_math = score >= config.mostly_math_threshold
    if document.source_kind is SourceKind.MEDIAWIKI:
        if config.math_articles and is_mostly_math:
            return Decision(Domain.MATH, f"mostly mathematical wiki article: math_score {score:.2f}")
        return Decision(Domain.WIKIPEDIA, "article of a wiki dump")
    if document.source_kind is SourceKind.BOOKS or document.markup in (
        Markup.BOOK_TEXT, Markup.EPUB, Markup.XHTML_BOOK,
    ):  # fmt: skip
        if config.math_books and is_mostly_math:
            return Decision(Domain.MATH, f"mostly mathematical book: math_score {score:.2f}")
        return Decision(Domain.BOOKS, "book")
    return None


def _by_file(document: Document, config: LabelConfig) -> Decision | None:
    formal = formal_language(document)
    if formal and config.formal_proofs == "math":
        return Decision(Domain.MATH, f"formal proofs: {formal} file", is_formal=True)
    if formal:
        return Decision(
            Domain.CODE, f"formal proofs count as code by configuration: {formal} file", is_formal=True
        )
    if document.domain is not None:
        return Decision(Domain(document.domain), document.domain_reason or "set before")
    return None


def _by_content(document: Document, reading: Reading, config: LabelConfig) -> Decision:
    score = document.math_score or 0.0
    n_words = _prose_words(reading, config.code_nl_min_prose_words)
    if (
        config.code_nl_min_code_share <= reading.code_share <= config.code_nl_max_code_share
        and reading.n_code_lines >= config.code_nl_min_code_lines
        and n_words >= config.code_nl_min_prose_words
    ):
        blocks = "1 code block" if reading.n_code_blocks == 1 else f"{reading.n_code_blocks} code blocks"
        return Decision(
            Domain.CODE_NL,
            f"prose with code: {blocks}, {reading.n_code_lines} lines, {reading.code_share:.0%} of the text",
        )
    if score >= config.math_threshold:
        share = reading.n_formula_chars / max(1, reading.n_chars)
        formulas = f"{reading.n_formulas} formulas, {share:.0%} of the text"
        return Decision(
            Domain.MATH, f"mathematics: math_score {score:.2f} >= {config.math_threshold:g} ({formulas})"
        )
    return _by_language(document, reading)


def _prose_words(reading: Reading, enough: int) -> int:
    """Return the words outside code, counted no further than `enough`."""
    n_words = 0
    for n_words, _ in enumerate(WORD.finditer(reading.bare), start=1):
        if n_words >= enough:
            break
    return n_words


def _by_language(document: Document, reading: Reading) -> Decision:
    language, score = document.language or UNDETERMINED, document.language_score or 0.0
    if language in (UNDETERMINED, NO_LANGUAGE):
        script = script_of(reading.bare[:2000])
        if script not in (None, "Latn"):
            return Decision(Domain.MULTILINGUAL, f"language not told, script {script}")
        return Decision(Domain.WEB, "prose, language not told")
    if language.split("-")[0] == "en":
        return Decision(Domain.WEB, f"English prose: language score {score:.2f}")
    return Decision(Domain.MULTILINGUAL, f"language {language}, score {score:.2f}")
