"""`corpusforge label`: documents in, one decision a row, in order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from enum import StrEnum
from itertools import chain as chain_rows
from typing import Any

from corpusforge.commands.compiling import compile_first
from corpusforge.commands.configuration import steps_config
from corpusforge.commands.console import note
from corpusforge.commands.errors import CommandError
from corpusforge.commands.output import refuse_overlap, writing_rows
from corpusforge.commands.privacy import redacted, redacted_detail
from corpusforge.commands.progress import RowProgress
from corpusforge.commands.rows import STDIN, Row, RowFault, read_rows
from corpusforge.commands.sandboxed import map_rows
from corpusforge.config import StepsConfig
from corpusforge.document import Document, Drop, Markup
from corpusforge.extract import extract_document
from corpusforge.files import is_remote
from corpusforge.label import math_of, scaffold_of
from corpusforge.label.attributes import attributes, section_signals
from corpusforge.label.language import identify
from corpusforge.label.reading import read
from corpusforge.own_steps import make_check as make_check
from corpusforge.printable import counted_as, json_text
from corpusforge.steps import Tools, chain, check_tools, load_tools, walk_first
from corpusforge.workers import WARM


class Task(StrEnum):
    """One step alone, instead of the whole chain."""

    CODE = "code"
    MATH = "math"
    SCAFFOLD = "scaffold"
    LANGUAGE = "language"


Fields = dict[str, Any]
Judge = Callable[[Document, StepsConfig, Tools], Fields]

FIELDS = (
    "id", "domain", "subset", "drop_reason", "drop_detail", "language", "language_score",
    "programming_language", "is_math", "math_score", "is_scaffold", "scaffold_score",
    "domain_reason", "signals", "redactions", "error",
)  # fmt: skip
"""The keys of every output row, null where there is nothing to say."""


def label(path: str, output: str | None, task: Task | None, config_path: str | None) -> None:
    """Write one decision for each row of `path` to `output`, or to stdout, as JSONL."""
    refuse_overlap([path], output)
    config = steps_config(config_path)
    compile_first(note)
    first, rows = _first_markup(path, config)
    check_tools(config, __name__, first)  # a missing model is told here, not once for every row
    n_faults = n_rows = 0
    decision: Fields = {}
    with writing_rows(output) as out, RowProgress("label") as progress:
        for decision in decisions(rows, config, task, first):
            out.write(json_text(decision) + "\n")
            n_rows += 1
            n_faults += decision["error"] is not None
            progress.step()
    if n_faults:
        name, rows = "stdin" if path == STDIN else path, counted_as(n_faults, "row")
        if n_faults == n_rows:
            raise CommandError(
                f"{name}: none of its {rows} is a document ({decision['error']}); rows of JSON or "
                "Parquet are labelled: `corpusforge trace FILE` shows the decisions on a file of another form"
            )
        note(f'{name}: {rows} could not be judged: the output says why under "error"')


def _first_markup(path: str, config: StepsConfig) -> tuple[Markup, Iterable[Row]]:
    """Return what the first row is, and all rows; a page where it cannot be looked at before a fork."""
    rows = read_rows(path, config.ingest)
    if path != STDIN and is_remote(path):
        return Markup.HTML, rows  # its client has threads
    first = next(rows, None)
    if first is None:
        return Markup.TEXT, ()
    markup = first.content.markup if isinstance(first.content, Document) else Markup.HTML
    return markup, chain_rows([first], rows)


def decisions(
    rows: Iterable[Row], config: StepsConfig, task: Task | None, first: Markup = Markup.HTML
) -> Iterator[Fields]:
    """Yield one output row an input row, in order; work runs in a child that can be killed.

    `first`: as of `walk_first`.
    """
    factory = "corpusforge.commands.label:make_judge"
    for row_id, result in map_rows(rows, factory, (config, task, first), config.sandbox, WARM):
        fields = told(result, config)
        yield {**dict.fromkeys(FIELDS), **fields, "id": row_id}


def told(result: Fields | Drop | RowFault, config: StepsConfig) -> Fields:
    """Return what a judge or a reader made of a row as the fields of its output row, redacted."""
    if isinstance(result, RowFault):
        return {"error": redacted(result, config.filter).message}
    if isinstance(result, Drop):
        return _dropped(redacted(result, config.filter))
    words = {name: result.get(name) for name in ("drop_detail", "domain_reason")}
    return {**result, **{name: redacted_detail(word, config.filter) for name, word in words.items() if word}}


def make_judge(argument: tuple[StepsConfig, Task | None, Markup]) -> Callable[[Document], Fields]:
    """Return the function that decides on one document: the sandbox's factory."""
    config, task, first = argument
    tools = load_tools(config)
    walk_first(config, tools, first)
    judge = judge_all if task is None else _TASKS[task]
    return lambda document: judge(document, config, tools)


def judge_all(document: Document, config: StepsConfig, tools: Tools) -> Fields:
    """Return the decision of the whole chain.

    Where the filter drops a document, its domain stays in the row beside the reason: the
    row says what the text is, and that it would not be kept.
    """
    last = document
    for _, step in chain(config, tools):
        result = step(last)
        if isinstance(result, Drop):
            return {**figures(last, config), "drop_reason": result.reason.value, "drop_detail": result.detail}
        last = result
    return figures(last, config)


def figures(document: Document, config: StepsConfig) -> Fields:
    """Return what a document's fields say, as an output row."""
    document = redacted(document, config.filter)
    is_labelled = document.subset is not None
    return {
        "domain": document.domain,
        "subset": document.subset,
        "language": document.language,
        "language_score": _rounded(document.language_score),
        "programming_language": document.programming_language,
        "is_math": _at_least(document.math_score, config.label.math_threshold, is_labelled),
        "math_score": _rounded(document.math_score),
        "is_scaffold": _at_least(document.scaffold_score, config.label.scaffold_threshold, is_labelled),
        "scaffold_score": _rounded(document.scaffold_score),
        "domain_reason": document.domain_reason,
        "signals": {name: _rounded(value) for name, value in document.signals.items()},
        "redactions": dict(document.redactions),
    }


def _code(document: Document, config: StepsConfig, tools: Tools) -> Fields:
    """Return code, code_nl or null, as the step judges a file: by its own text and path."""
    path = document.path
    if document.markup is Markup.HTML:
        text = _extracted(document, config)
        if isinstance(text, Drop):
            return _dropped(text)
        path = "page.md"  # extracted pages are Markdown
    else:
        text = document.text or (document.raw or b"").decode("utf-8", "replace")
    from corpusforge.code import judge_text

    verdict = judge_text(text, path, config.code)
    return {
        "domain": None if verdict.domain is None else verdict.domain.value,
        "drop_reason": None if verdict.drop is None else verdict.drop.value,
        "drop_detail": None if verdict.drop is None else verdict.reason,
        "domain_reason": verdict.reason,
        "programming_language": verdict.language,
        "signals": {name: _rounded(value) for name, value in verdict.signals.items()},
    }


def _math(document: Document, config: StepsConfig, tools: Tools) -> Fields:
    """Return whether a text is mathematics and, where it is, whether it is a scaffold."""
    text = _extracted(document, config)
    if isinstance(text, Drop):
        return _dropped(text)
    scores, own = math_of(text, read(text), config.label, tools.models)
    is_math = scores.score >= config.label.math_threshold
    fields: Fields = {"is_math": is_math, "math_score": _rounded(scores.score)}
    signals = {**(attributes(text, scores) if is_math else section_signals(scores.sections)), **own}
    fields["signals"] = {name: _rounded(value) for name, value in signals.items()}
    return {**fields, **(_scaffold_fields(text, config, tools) if is_math else {"is_scaffold": False})}


def _scaffold(document: Document, config: StepsConfig, tools: Tools) -> Fields:
    """Return both decisions whatever the first says: the rows are taken for mathematics."""
    text = _extracted(document, config)
    if isinstance(text, Drop):
        return _dropped(text)
    score = math_of(text, read(text), config.label, tools.models)[0].score
    is_math = score >= config.label.math_threshold
    return {"is_math": is_math, "math_score": _rounded(score), **_scaffold_fields(text, config, tools)}


def _scaffold_fields(text: str, config: StepsConfig, tools: Tools) -> Fields:
    score, _ = scaffold_of(text, config.label, tools.models)
    return {"is_scaffold": score >= config.label.scaffold_threshold, "scaffold_score": _rounded(score)}


def _language(document: Document, config: StepsConfig, tools: Tools) -> Fields:
    text = _extracted(document, config)
    if isinstance(text, Drop):
        return _dropped(text)
    language, score = identify(read(text).bare, tools.models.language, config.label)
    return {"language": language, "language_score": _rounded(score)}


_TASKS: dict[Task, Judge] = {
    Task.CODE: _code, Task.MATH: _math, Task.SCAFFOLD: _scaffold, Task.LANGUAGE: _language,
}  # fmt: skip


def _extracted(document: Document, config: StepsConfig) -> str | Drop:
    result = extract_document(document, config.extract)
    return result if isinstance(result, Drop) else result.text


def _dropped(result: Drop) -> Fields:
    return {"drop_reason": result.reason.value, "drop_detail": result.detail}


def _at_least(score: float | None, threshold: float, is_labelled: bool) -> bool | None:
    """Return whether a score is reached; a program has no math_score, and is no mathematics."""
    if score is None:
        return False if is_labelled else None
    return score >= threshold


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 6)
