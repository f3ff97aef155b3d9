"""The step: a repository's file or notebook with its domain and figures, or its drop."""

from __future__ import annotations

from dataclasses import replace

from corpusforge.code.config import CodeConfig
from corpusforge.code.notebooks import NotebookCounts
from corpusforge.code.split import judge_notebook, judge_text
from corpusforge.document import Document, Drop, Markup, drop, with_signals
from corpusforge.domains import Domain
from corpusforge.text import clean_text


def judge_code(document: Document, config: CodeConfig) -> Document | Drop:
    """Return a repository file or notebook with its domain and figures, or its drop.

    Documents of other markup pass unchanged; prose keeps `domain` None, for the label
    step judges it like a web page. A program's text stays as it is,
    to the character; a document's is cleaned.
    """
    if document.markup is Markup.NOTEBOOK:
        verdict = judge_notebook(_counts(document), config)
    elif document.markup is Markup.SOURCE:
        cleaned = clean_text(document.text)
        verdict = judge_text(cleaned, document.path, config)
        is_program = verdict.domain is Domain.CODE or (verdict.domain and verdict.language)
        if not is_program:
            document = replace(document, text=cleaned)  # words, not a program
    else:
        return document
    if verdict.drop is not None:
        return drop(document, verdict.drop, verdict.reason)
    return with_signals(
        document,
        verdict.signals,
        domain=verdict.domain,
        domain_reason=verdict.reason if verdict.domain is not None else None,
        programming_language=verdict.language or document.programming_language,
    )


def _counts(document: Document) -> NotebookCounts:
    def count(name: str) -> int:
        return int(document.signals.get(f"notebook_{name}", 0))

    return NotebookCounts(
        code_cells=count("code_cells"),
        markdown_cells=count("markdown_cells"),
        markdown_words=count("markdown_words"),
        code_chars=count("code_chars"),
        language=document.programming_language,
    )
