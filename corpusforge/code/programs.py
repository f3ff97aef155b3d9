"""A program by its figures: code, explained line by line, a tutorial, a table, damaged, or none."""

from __future__ import annotations

from corpusforge.code import documents, marks
from corpusforge.code.annotation import comment_lines
from corpusforge.code.cirs import cirs_signals
from corpusforge.code.complexity import complexity_signals
from corpusforge.code.config import CodeConfig
from corpusforge.code.detected import Detected
from corpusforge.code.features import (
    Features,
    alphanumeric_share,
    damaged_text,
    prose_of,
    without_strings,
)
from corpusforge.code.grammars import LanguageRow, grammar_of, language_row
from corpusforge.code.imports import import_signals
from corpusforge.code.scan import line_figures
from corpusforge.code.verdict import Verdict
from corpusforge.document import DropReason
from corpusforge.domains import Domain

_MIN_STRAY_IN_PROSE = 4


def judge_features(text: str, found: Detected, features: Features, config: CodeConfig) -> Verdict:
    """Return the verdict on a program from its figures."""
    what = _defect(text, found, features, config)
    if what is not None:
        return Verdict(what[1], drop=what[0], language=found.named_language)
    signals = feature_signals(text, features)
    signals["code_error_weighted"] = features.error_share * language_row(found.name).error_weight
    figures = figures_of(features)
    if features.docstring_share >= config.min_tutorial_docstring_share and features.definitions == 0:
        return Verdict(
            f"tutorial in a docstring: {figures}", Domain.CODE_NL, None, found.named_language, signals
        )
    if is_annotated(features, config):
        reason = (
            f"{found.name} program explained line by line: {features.annotation.blocks} comment blocks of "
            f"{features.annotation.words:.0f} words, {features.annotation.lines:.1f} lines of code"
            f" after each; {figures}"
        )
        return Verdict(reason, Domain.CODE_NL, None, found.named_language, signals)
    if features.tree is not None and (grammar := grammar_of(found.name)) is not None:
        signals |= complexity_signals(features, grammar.keywords, config)
        signals |= cirs_signals(signals, config)
    signals |= import_signals(features, text, found.name)
    return Verdict(f"{found.name} program: {figures}", Domain.CODE, None, found.named_language, signals)


def _defect(text: str, found: Detected, features: Features, config: CodeConfig) -> marks.Mark | None:
    """Return why a program is none: damaged, a table, or not code at all."""
    name = found.name
    weighted = features.error_share * language_row(name).error_weight
    suspect = weighted >= config.min_error_share or not features.parsed
    damaged = ""
    if suspect:
        damaged = damaged_text(text, features) if features.parsed else without_strings(text)
    density = marks.corruption_density(damaged)
    if suspect and density < config.min_corruption_density:
        # Damage strikes words of a comment as well, where no operator can stand for it.
        density = marks.corruption_density(prose_of(features), min_different=_MIN_STRAY_IN_PROSE)
    if density >= config.min_corruption_density:
        stray = f"{1000 * density:.1f} stray symbols a thousand characters"
        return DropReason.CORRUPTED, f"corrupted: {features.error_share:.0%} parse errors, {stray}"
    if _is_table(name, features, config):
        literals = f"{features.literal_share:.0%} of the code is literals"
        return DropReason.DATA, f"data table: {literals}, {_counted(features.definitions, 'definition')}"
    # Forth or APL looks like no other code: without a tree the name of the file has the last word.
    doubtful = weighted >= 0.5 or (not features.parsed and found.how == "by its content")
    if doubtful and features.code_line_share < config.min_code_line_share:
        share = f"{features.code_line_share:.0%} of the lines look like code"
        return DropReason.LOW_VALUE_CODE, f"not code: {share}"
    return None


def _is_table(name: str, features: Features, config: CodeConfig) -> bool:
    """Return whether a program is a table of literals. A shell script is literals by nature."""
    if name in ("shell", "sql", "batch") or features.definitions > config.max_table_definitions:
        return False
    if features.error_share > config.max_table_error_share:
        return False  # what a grammar does not know it may take for a string
    if 0 < features.toplevel == features.toplevel_calls:
        return False  # each line does something with its literals: `puts "…"`, `brew "…"`
    # Who imports something mostly does something with it: only the extreme is a table then.
    limit = config.min_literal_share if features.imports == 0 else config.min_importing_literal_share
    return features.literal_share >= limit


def is_annotated(features: Features, config: CodeConfig) -> bool:
    """Return whether a program is explained line by line, as in Go by Example.

    Comments above definitions are documentation, and stay with a library; what is explained
    step by step speaks to the reader, or is a whole program with an entry point.
    """
    found = features.annotation
    documents_definitions = features.definitions > config.max_annotation_definition_share * found.blocks
    told = features.has_entry_point or found.teaching_share >= config.min_annotation_teaching_share
    return (
        told
        and not documents_definitions
        and features.comment_share >= config.min_annotation_share
        and found.blocks >= config.min_annotation_blocks
        and found.words >= config.min_annotation_words
        and found.words_per_line >= config.min_annotation_words_per_line
        and found.lines <= config.max_annotated_lines
        and found.sentence_share >= config.min_annotation_sentence_share
        and found.opening_share >= config.min_annotation_opening_share
    )


def figures_of(features: Features) -> str:
    """Return the figures of a program in words."""
    if not features.parsed:
        return (
            f"{features.executable_share:.0%} of the characters are code, "
            f"{features.comment_share:.0%} comments (read as text, without a syntax tree)"
        )
    shares = [f"{features.executable_share:.0%} of the characters are code"]
    shares.append(f"{features.comment_share:.0%} comments")
    if features.docstring_share:
        shares.append(f"{features.docstring_share:.0%} docstrings")
    errors = (
        f"{features.error_share:.1%} parse errors" if features.error_share >= 0.0005 else "no parse errors"
    )
    counts = f"{_counted(features.definitions, 'definition')}, {_counted(features.imports, 'import')}"
    return f"{', '.join(shares)}; {counts}, {errors}"


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number or 'no'} {noun}s"


def feature_signals(text: str, features: Features) -> dict[str, float]:
    """Return the `code_*` signals of a program."""
    lines = line_figures(text)
    return {
        "code_executable_share": features.executable_share,
        "code_comment_share": features.comment_share,
        "code_docstring_share": features.docstring_share,
        "code_literal_share": features.literal_share,
        "code_error_share": features.error_share,
        "code_definitions": float(features.definitions),
        "code_declarations": float(features.declarations),
        "code_toplevel": float(features.toplevel),
        "code_toplevel_calls": float(features.toplevel_calls),
        "code_imports": float(features.imports),
        "code_parsed": float(features.parsed),
        "code_entry_point": float(features.has_entry_point),
        "code_test": float(features.is_test),
        "code_nl_words": float(features.comment_words),
        # A file with one of these marks is dropped, so a kept one says 0.
        "code_generated": 0.0,
        "code_minified": 0.0,
        "code_vendored": 0.0,
        "code_build_file": 0.0,
        "code_lines": float(lines.total),
        "code_line_mean_chars": lines.chars / lines.total,
        "code_line_max_chars": float(lines.longest),
        "code_alphanumeric_share": alphanumeric_share(features.source),
        "code_like_line_share": features.code_line_share,
        "code_annotation_blocks": float(features.annotation.blocks),
        "code_annotation_words_per_line": features.annotation.words_per_line,
    }


def is_misnamed_prose(text: str, row: LanguageRow, features: Features, config: CodeConfig) -> bool:
    """Return whether a file with a program's name is prose: `tutor.el` in Greek, `README.C++`."""
    if features.parsed:
        odd = features.error_share >= config.min_prose_error_share
        # A lenient grammar reads words as names, without an error.
        silent = row.lenient and features.definitions == 0 and features.imports == 0
        if not odd and not silent:
            return False
    elif features.code_line_share >= config.min_code_line_share:
        return False
    lines = text[: documents.HEAD_CHARS].split("\n")
    comments = comment_lines(lines, row)
    bare = "\n".join(line for line, is_comment in zip(lines, comments, strict=True) if not is_comment)
    return documents.prose_line_share(bare) >= config.min_prose_line_share
