"""The filter step: quality signals, licence, decontamination, privacy."""

from __future__ import annotations

from dataclasses import replace

from corpusforge.document import Document, Drop, DropReason, drop, with_signals
from corpusforge.filter.config import FilterConfig
from corpusforge.filter.contamination import Tables, judge_contamination, load_tables
from corpusforge.filter.licence import HEADER, judge_licence, licence_in_header
from corpusforge.filter.privacy import redact
from corpusforge.filter.quality import judge_quality, quality_signals, read_ruleset

__all__ = ["FilterConfig", "Tables", "filter_document", "load_tables"]


def filter_document(document: Document, config: FilterConfig, tables: Tables | None) -> Document | Drop:
    """Return the document with quality signals, licence and redactions, or the drop of the first rule broken.

    The order is by cost: length, licence, quality, contamination, privacy. `tables` comes from
    `load_tables`; None looks nothing up.
    """
    n_chars = len(document.text)
    if n_chars < config.min_chars:
        return drop(document, DropReason.TOO_SHORT, f"{n_chars} characters, under {config.min_chars}")
    if n_chars > config.max_chars:
        return drop(document, DropReason.TOO_LONG, f"{n_chars} characters, over {config.max_chars}")
    document = _with_licence(document, config)
    if refused := judge_licence(document, config):
        return refused
    measured = document.text[: config.quality_max_chars]
    document = with_signals(document, quality_signals(measured, document.language))
    if refused := judge_quality(document, read_ruleset(config.quality)):
        return refused
    if tables is not None and (refused := judge_contamination(document, tables, config)):
        return refused
    return _redacted(document, config) if config.privacy else document


def _with_licence(document: Document, config: FilterConfig) -> Document:
    """Return a repository's file with the licence that its own header states: it beats the repository's."""
    if document.repo is None and document.path is None:
        return document
    stated = licence_in_header(document.text, config.licence_header_chars)
    return replace(document, licence=stated, licence_source=HEADER) if stated else document


def _redacted(document: Document, config: FilterConfig) -> Document:
    text, counts = redact(document.text, config)
    if not counts:
        return document
    merged = dict(document.redactions)
    for kind, count in counts.items():
        merged[kind] = merged.get(kind, 0) + count
    return replace(document, text=text, redactions=dict(sorted(merged.items())))
