"""The split: code, code_nl, a document for the label step, or a drop, and the figures why."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from corpusforge.code import documents, marks
from corpusforge.code.annotation import comment_lines
from corpusforge.code.blocks import Blocks, read_blocks
from corpusforge.code.cells import CellScript, read_cells
from corpusforge.code.cirs import cirs_signals
from corpusforge.code.complexity import complexity_signals
from corpusforge.code.config import CodeConfig
from corpusforge.code.detect import Detected, detect
from corpusforge.code.features import (
    Features,
    alphanumeric_share,
    damaged_text,
    read_features,
    without_strings,
)
from corpusforge.code.grammars import LanguageRow, grammar_of, language_row, languages
from corpusforge.code.imports import import_signals
from corpusforge.code.notebooks import NotebookCounts, count_cells
from corpusforge.code.scan import line_figures
from corpusforge.document import DropReason
from corpusforge.domains import Domain

_STATEMENT = re.compile(
    r"\b(?:return|function|def|void|struct|end if|endif|begin|include|then|sub|proc|class|print\w*"
    r"|for|while|import|using|module|end|const|let"
    r"|var|export|namespace|set)\b[^.,]{0,80}$|\bif\s*\(|\w\([^)\n]*\)",
    re.M | re.I,
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the split made of a file.

    `domain` and `drop` are both None for a document (prose, or too little code): the
    label step judges it like a web page.
    """

    reason: str
    domain: Domain | None = None
    drop: DropReason | None = None
    language: str | None = None
    signals: Mapping[str, float] = field(default_factory=dict[str, float])


def judge_text(text: str, path: str | None, config: CodeConfig) -> Verdict:
    """Return the verdict on a file as it lies in a repository; `path` may be unknown.

    A notebook is given as its JSON. Never raises on any text.
    """
    if (mark := marks.pointer(text) or marks.conflict(text)) is not None:
        return Verdict(mark[1], drop=mark[0])
    found = detect(text, path, config)
    if found.family == "notebook":
        return _notebook_text(text, config)
    if found.family == "program":
        return _program(text, path, found, config)
    if found.family in ("prose", "text", "literate"):
        return _document(text, found, config)
    if found.family == "unknown":
        return _unknown(text, path, config)
    return Verdict(_told(found), drop=DropReason(found.family), language=found.named_language)


_FAMILIES = {
    "config": "configuration",
    "data": "data",
    "markup": "markup or style sheet",
    "build_file": "build script",
    "lock_file": "lock file",
    "licence_text": "licence text",
    "log": "log or change log",
}


def _told(found: Detected) -> str:
    """Return what a file is that leaves the corpus by its format, and by what it was told."""
    family = _FAMILIES[found.family]
    name = f" ({found.name})" if found.name not in family and found.name not in found.family else ""
    return f"{family}{name}, told {found.how}"


# --- notebooks


def _notebook_text(text: str, config: CodeConfig) -> Verdict:
    counts = count_cells(text)
    if counts is None:
        return Verdict("corrupted: notebook JSON that does not load", drop=DropReason.CORRUPTED)
    return judge_notebook(counts, config)


def judge_notebook(counts: NotebookCounts, config: CodeConfig) -> Verdict:
    """Return the verdict on a notebook from its counts."""
    figures = (
        f"{counts.code_cells} code cells, {counts.markdown_cells} Markdown cells, "
        f"{counts.markdown_words} words"
    )
    signals = {
        "code_cells": float(counts.code_cells),
        "code_markdown_cells": float(counts.markdown_cells),
        "code_markdown_words": float(counts.markdown_words),
    }
    if counts.code_cells == 0:
        return Verdict(f"notebook without code: {figures}", signals=signals, language=counts.language)
    carries = (
        counts.markdown_cells >= config.min_notebook_markdown_cells
        and counts.markdown_words >= config.min_notebook_words
    )
    domain = Domain.CODE_NL if carries else Domain.CODE
    what = "notebook with explanation" if carries else "notebook that is a script"
    return Verdict(f"{what}: {figures}", domain=domain, signals=signals, language=counts.language)


# --- documents


def _document(text: str, found: Detected, config: CodeConfig) -> Verdict:
    if documents.is_shell_session(text) and found.family == "text":
        return Verdict("shell session: prompts, output and explanation", domain=Domain.CODE_NL)
    blocks = read_blocks(text, found.name)
    signals = block_signals(blocks)
    figures = (
        f"{blocks.code_blocks} code blocks with {blocks.code_share:.0%} of the characters, "
        f"{blocks.prose_words} words around them"
    )
    if found.family == "literate" and blocks.prose_words < config.min_literate_words:
        return Verdict(f"literate program without prose: {figures}", domain=Domain.CODE, signals=signals)
    if blocks.link_share > config.max_link_line_share and blocks.code_lines < config.min_fence_lines:
        return Verdict(
            f"list of links: {blocks.link_share:.0%} of the lines", drop=DropReason.DATA, signals=signals
        )
    if found.family != "text" and _explains_code(blocks, config):
        return Verdict(f"{found.name} that explains code: {figures}", domain=Domain.CODE_NL, signals=signals)
    return Verdict(f"{found.name} document: {figures}", signals=signals)


def _explains_code(blocks: Blocks, config: CodeConfig) -> bool:
    fenced = blocks.code_lines >= config.min_fence_lines and blocks.code_share >= config.min_fence_share
    return fenced and blocks.prose_words >= config.min_document_words


def block_signals(blocks: Blocks) -> dict[str, float]:
    """Return the `code_*` signals of a document."""
    return {
        "code_blocks": float(blocks.code_blocks),
        "code_block_share": blocks.code_share,
        "code_inline_share": blocks.inline_share,
        "code_nl_words": float(blocks.prose_words),
        "code_block_lines": float(blocks.code_lines),
        "code_settings_blocks": float(blocks.settings_blocks),
        "code_link_share": blocks.link_share,
    }


# --- programs


def _program(text: str, path: str | None, found: Detected, config: CodeConfig) -> Verdict:
    cells = read_cells(text)
    explained = (
        cells is not None and cells.markdown_cells > 0 and cells.markdown_words >= config.min_cell_words
    )
    mark = marks.vendored(path) or marks.bundled(text, found.name) or marks.minified(text, config)
    if mark is None and not explained:
        mark = marks.generated(text, path, config) or (
            marks.sql_dump(text, config) if found.name == "sql" else None
        )
    if mark is not None:
        return Verdict(mark[1], drop=mark[0], language=found.named_language)
    if len("".join(text[:1_000].split())) < config.min_chars:
        return Verdict(
            "too little code to learn from", drop=DropReason.LOW_VALUE_CODE, language=found.named_language
        )
    if cells is not None and explained:
        return _cell_script(cells, found)
    if documents.is_shell_session(text):
        return Verdict(
            "shell session: prompts, output and explanation",
            domain=Domain.CODE_NL,
            language=found.named_language,
        )
    row = language_row(found.name)
    features = read_features(text, row, config)
    if (
        found.how == "by its content"
        and row.error_weight
        and features.error_share > config.max_guessed_error_share
    ):
        return _unknown(text, path, config)
    if _is_misnamed_prose(text, row, features, config):
        return _document(text, Detected("text", "text", "by its content"), config)
    return _judge_features(text, found, features, config)


def _is_misnamed_prose(text: str, row: LanguageRow, features: Features, config: CodeConfig) -> bool:
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


def _cell_script(cells: CellScript, found: Detected) -> Verdict:
    reason = (
        f"{cells.style} script: {cells.markdown_cells} cells of Markdown with {cells.markdown_words} words, "
        f"{cells.code_cells} code cells"
    )
    signals = {
        "code_cells": float(cells.code_cells),
        "code_markdown_cells": float(cells.markdown_cells),
        "code_markdown_words": float(cells.markdown_words),
    }
    return Verdict(reason, domain=Domain.CODE_NL, language=found.named_language, signals=signals)


def _judge_features(text: str, found: Detected, features: Features, config: CodeConfig) -> Verdict:
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


# --- no name, no known language


def _unknown(text: str, path: str | None, config: CodeConfig) -> Verdict:
    mark = marks.vendored(path) or marks.minified(text, config)
    if mark is not None:
        return Verdict(mark[1], drop=mark[0])
    density = marks.corruption_density(without_strings(text))
    if density >= config.min_corruption_density:
        detail = f"corrupted: {1000 * density:.1f} stray symbols a thousand characters"
        return Verdict(detail, drop=DropReason.CORRUPTED)
    # C for its comment tokens: the most common ones.
    row = replace(languages()["c"], grammar=None, name="unknown")
    features = read_features(text, row, config)
    share = features.code_line_share
    statements = len(_STATEMENT.findall(text))
    if share >= config.min_unknown_code_line_share and statements >= config.min_unknown_statements:
        reason = f"program in an unknown language, read as text: {share:.0%} of the lines look like code"
        return Verdict(reason, domain=Domain.CODE, signals=feature_signals(text, features))
    return Verdict(f"neither code nor prose: {share:.0%} of the lines look like code", drop=DropReason.DATA)
