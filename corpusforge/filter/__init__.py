"""The filter step: quality signals, licence, decontamination, privacy."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from corpusforge.document import Document, Drop, DropReason, drop, with_signals
from corpusforge.filter.config import FilterConfig
from corpusforge.filter.privacy.fields import redact_fields
from corpusforge.filter.privacy.redaction import redact
from corpusforge.filter.quality.signals import judge_quality, quality_signals, read_ruleset
from corpusforge.filter.rights.licence import HEADER, judge_licence, licence_in_header
from corpusforge.filter.rights.opt_out import (
    OptOut,
    judge_blocked,
    judge_opt_out,
    listed_entries,
    pinned_opt_out,
)
from corpusforge.filter.rights.reservation import judge_reservation
from corpusforge.lazy import at_first_use

if TYPE_CHECKING:
    from corpusforge.filter.decontamination.ngram_table import Tables

__all__ = [
    "FilterConfig",
    "Tables",
    "filter_document",
    "judge_owner",
    "load_lists",
    "load_tables",
    "redact_fields",
]

__getattr__, __dir__ = at_first_use(__name__, {"Tables": "decontamination.ngram_table"})


def load_tables(config: FilterConfig) -> Tables | None:
    """Return the table of the configured benchmarks, or None when there are none; as `contamination` does."""
    if config.benchmarks is None:
        return None
    from corpusforge.filter.decontamination import contamination

    return contamination.load_tables(config)


def filter_document(document: Document, config: FilterConfig, tables: Tables | None) -> Document | Drop:
    """Return the document with quality signals, licence and redactions, or the drop of the first rule broken.

    The order is by cost: length, licence, quality, contamination, privacy. `tables` comes from
    `load_tables`; None looks nothing up. What stands outside the text is redacted by `redact_fields`
    where a record is written.
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
    if tables is not None:
        from corpusforge.filter.decontamination.contamination import decontaminate

        result = decontaminate(document, tables, config)
        if isinstance(result, Drop):
            return result
        document = result
    return _redacted(document, config) if config.privacy else document


def judge_owner(document: Document, config: FilterConfig) -> Document | Drop:
    """Return the document, or the drop that a list or the page's own marks ask for: it needs no text."""
    opt_out, block_lists = load_lists(config)
    if opt_out is not None and (refused := judge_opt_out(document, opt_out)):
        return refused
    for name, listed in block_lists:
        if refused := judge_blocked(document, listed, name):
            return refused
    return judge_reservation(document, config) or document


def load_lists(config: FilterConfig) -> tuple[OptOut | None, list[tuple[str, OptOut]]]:
    """Return (the opt-out list or None, the block lists with their names), each read once per process.

    Raises ValueError, one clear line, where a file is gone or changed.
    """
    opt_out = pinned_opt_out(config.opt_out, config.opt_out_sha256) if config.opt_out else None
    pins = zip(config.block_lists, config.block_lists_sha256, strict=True)
    blocks = [
        (f"filter.block_lists[{number}]", pinned_opt_out(path, sha256))
        for number, (path, sha256) in enumerate(pins)  # by its place: a path has no part in a part's bytes
    ]
    if config.blocked:
        blocks.append(("filter.blocked", listed_entries(config.blocked)))
    return opt_out, blocks


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
