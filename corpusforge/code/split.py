"""The split: code, code_nl, a document for the label step, or a drop, and the figures why."""

from __future__ import annotations

import re
from dataclasses import replace

from corpusforge.code import documents, marks
from corpusforge.code.blocks import Blocks, read_blocks
from corpusforge.code.cells import CellScript, read_cells
from corpusforge.code.config import CodeConfig
from corpusforge.code.detect import Detected, detect
from corpusforge.code.features import (
    read_features,
    without_strings,
)
from corpusforge.code.grammars import language_row, languages
from corpusforge.code.notebooks import NotebookCounts, count_cells
from corpusforge.code.programs import feature_signals, is_misnamed_prose, judge_features
from corpusforge.code.verdict import Verdict
from corpusforge.document import DropReason
from corpusforge.domains import Domain
from corpusforge.traces import find_trace

_STATEMENT = re.compile(
    r"\b(?:return|function|def|void|struct|end if|endif|begin|include|then|sub|proc|class|print\w*"
    r"|for|while|import|using|module|end|const|let"
    r"|var|export|namespace|set)\b[^.,]{0,80}$|\bif\s*\(|\w\([^)\n]*\)",
    re.M | re.I,
)


def judge_text(text: str, path: str | None, config: CodeConfig) -> Verdict:
    """Return the verdict on a file as it lies in a repository; `path` may be unknown.

    A notebook is given as its JSON. Never raises on any text.
    """
    if "\r" in text:  # a file of one long line to whoever looks for line feeds
        text = text.replace("\r\n", "\n").replace("\r", "\n")
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
    if found.family != "literate" and (verdict := _trace(text, found)) is not None:
        return verdict
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
    features = found.features or read_features(text, row, config)
    if (
        found.how == "by its content"
        and row.error_weight
        and features.error_share > config.max_guessed_error_share
    ):
        return _unknown(text, path, config)
    # What its grammar reads whole, with something that it defines or imports, is a program.
    may_be_trace = (
        features.error_share >= config.min_trace_error_share
        or not features.parsed
        or found.how == "by its content"
        or not (features.definitions or features.imports)
    )
    if may_be_trace and (verdict := _trace(text, found)) is not None:
        return verdict
    if is_misnamed_prose(text, row, features, config):
        return _document(text, Detected("text", "text", "by its content"), config)
    return judge_features(text, found, features, config)


def _trace(text: str, found: Detected | None) -> Verdict | None:
    """Return the verdict on what a run left behind: never plain code, whatever its name says."""
    trace = find_trace(text)
    if trace is None:
        return None
    reason = f"execution trace ({trace.kind}): {trace.share:.0%} of the lines"
    if not trace.is_log:
        return Verdict(reason, domain=Domain.CODE_NL, signals={"has_execution_trace": 1.0})
    if found is not None and found.family == "prose":
        return None  # a report that shows one
    return Verdict(reason, drop=DropReason.LOG)


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


# --- no name, no known language

_SNIPPET = re.compile(r"(?:[\w.]{1,60}\([^\n]{1,200}\)(?: ?\{[^\n]{1,100}\})?;?(?:\n|$)){1,3}")
"""One to three calls and nothing else: code, if in no language in particular."""


def _unknown(text: str, path: str | None, config: CodeConfig) -> Verdict:
    mark = marks.vendored(path) or marks.minified(text, config)
    if mark is not None:
        return Verdict(mark[1], drop=mark[0])
    if (verdict := _trace(text, None)) is not None:
        return verdict
    density = marks.corruption_density(without_strings(text))
    if density >= config.min_corruption_density:
        detail = f"corrupted: {1000 * density:.1f} stray symbols a thousand characters"
        return Verdict(detail, drop=DropReason.CORRUPTED)
    # C for its comment tokens: the most common ones.
    row = replace(languages()["c"], grammar=None, name="unknown")
    features = read_features(text, row, config)
    share = features.code_line_share
    statements = len(_STATEMENT.findall(text))
    is_snippet = share == 1.0 and _SNIPPET.fullmatch(text.strip()) is not None
    is_code = share >= config.min_unknown_code_line_share and statements >= config.min_unknown_statements
    if is_code or is_snippet:
        reason = f"program in an unknown language, read as text: {share:.0%} of the lines look like code"
        return Verdict(reason, domain=Domain.CODE, signals=feature_signals(text, features))
    return Verdict(f"neither code nor prose: {share:.0%} of the lines look like code", drop=DropReason.DATA)
