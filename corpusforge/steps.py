"""The one chain of steps that a document walks.

raw bytes --opt_out--> ours --guess--> perhaps in a wanted language --extract--> text
    --code--> program? --label--> domain --filter--> kept
"""

from __future__ import annotations

import gc
import importlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from corpusforge.code.likeness import may_be_program
from corpusforge.compiled import all_is_compiled
from corpusforge.config import ConfigError, StepsConfig
from corpusforge.dedup.normal import content_hash
from corpusforge.document import Document, Drop, DropReason, Markup, Quarantined, SourceKind, changed, drop
from corpusforge.extract import extract_document, load_extractors
from corpusforge.extract.web.forest_pin import forest_bytes
from corpusforge.filter import filter_document, judge_owner, load_lists, load_tables
from corpusforge.forked_server import fork_server, may_fork_server
from corpusforge.label import (
    Models,
    classify,
    judge_preview,
    judge_scores,
    label_document,
    load_models,
)
from corpusforge.own_steps import LoadedStep, Stage, apply_step, check_steps, load_steps
from corpusforge.own_steps import make_check as make_check
from corpusforge.sandbox import Failed, Sandbox, forks_here
from corpusforge.workers import WARM

if TYPE_CHECKING:
    from corpusforge.filter import Tables

_PROGRAM_HEAD_CHARS = 4096
"""How much of a text without a path is looked at to learn whether it is a program."""
_MAX_ERROR_SHARE = 0.02
_MIN_CODE_LINE_SHARE = 0.5
"""A text without a path is taken for a program only if it parses and looks like one: prose with
formulas is else read as shell or Tcl now and then."""

Record = Document | Drop | Quarantined
Step = Callable[[Document], Document | Drop]


@dataclass(frozen=True, slots=True)
class Tools:
    """The heavy things that steps use, loaded once per process."""

    models: Models
    tables: Tables | None
    own_steps: tuple[LoadedStep, ...] = ()


_first_markup = Markup.HTML
"""What the first documents are, as this process was told before it was forked."""


def load_rooms() -> None:
    """Load the modules that documents of every kind need: before workers fork, so that each does not."""
    load_extractors()
    importlib.import_module("corpusforge.code.judging")
    importlib.import_module("corpusforge.extract.web.preview")


def check_tools(config: StepsConfig, module: str, first: Markup = Markup.HTML) -> None:
    """Raise ValueError, one clear line, where a model, a list or a step of one's own cannot be used.

    No code of others runs in this process. `module`: as of `check_steps`; `first`: as of `walk_first`.
    """
    check_files(config)
    share_tools(config, first)
    if fault := check_steps(config.own_steps, config.sandbox, module):
        raise ConfigError(fault)


def share_tools(config: StepsConfig, first: Markup = Markup.HTML) -> None:
    """Fork the server of this command's children from it, with all that steps use loaded, where that can be.

    To be called before a thread is started. `first`: as of `walk_first`, for the children too.
    """
    global _first_markup
    if may_fork_server():
        _first_markup = first
        _load_before_fork(config)
        fork_server()


def check_files(config: StepsConfig) -> None:
    """Raise ValueError, one clear line, where a model or a list cannot be used."""
    load_tools(config.model_copy(update={"own_steps": ()}) if config.own_steps else config)


def load_tools(config: StepsConfig) -> Tools:
    """Return the models, tables and steps of one's own that a configuration names.

    Raises ValueError, one clear line, for a missing or wrong model file, list or function.
    """
    forest_bytes(config.extract.main_content_sha256)
    load_lists(config.filter)  # read while no document waits: the lists stay in the process
    return Tools(
        models=load_models(config.label),
        tables=load_tables(config.filter),
        own_steps=load_steps(config.own_steps),
    )


def chain(config: StepsConfig, tools: Tools) -> list[tuple[str, Step]]:
    """Return the steps in order, each with its name."""
    guess: list[tuple[str, Step]] = [("guess", lambda document: _guess(document, config, tools))]
    own = tools.models.own
    classifiers: list[tuple[str, Step]] = [
        ("classifiers", lambda document: classify(document, own)),
        ("thresholds", lambda document: judge_scores(document, own)),
    ]
    return [
        ("opt_out", lambda document: judge_owner(document, config.filter)),
        *(guess if config.label.languages else ()),
        ("extract", lambda document: extract_document(with_program(document, config), config.extract)),
        *_own(tools, "extract"),
        ("code", lambda document: _code(document, config)),
        ("label", lambda document: label_document(document, config.label, tools.models)),
        *(classifiers if own else ()),
        *_own(tools, "label"),
        ("filter", lambda document: filter_document(document, config.filter, tools.tables)),
        *_own(tools, "filter"),
    ]


def _own(tools: Tools, stage: Stage) -> list[tuple[str, Step]]:
    """Return the steps of one's own that follow a step, in the order of the configuration."""
    steps = (step for step in tools.own_steps if step.config.after == stage)
    return [(f"step:{step.config.name}", partial(apply_step, step)) for step in steps]


def _guess(document: Document, config: StepsConfig, tools: Tools) -> Document | Drop:
    """Return the document, or its drop where it is surely in a language that is not kept."""
    if document.markup is not Markup.HTML:
        return document
    from corpusforge.extract.web.preview import preview

    return judge_preview(document, preview(document), config.label, tools.models.language)


def with_program(document: Document, config: StepsConfig) -> Document:
    """Return ready text without a path or address as a source file, where it is a program beyond doubt."""
    if document.markup is not Markup.TEXT or document.url or not may_be_program(document.text):
        return document
    head = document.text[:_PROGRAM_HEAD_CHARS]
    if len(head) < len(document.text):  # a line that is cut would not parse
        head = head[: head.rfind("\n") + 1] or head
    from corpusforge.code import judge_text

    verdict = judge_text(head, None, config.code)
    if verdict.domain is None or verdict.language is None:
        return document
    error_share = verdict.signals.get("code_error_share", 1.0)
    code_line_share = verdict.signals.get("code_like_line_share", 0.0)
    if error_share > _MAX_ERROR_SHARE or code_line_share < _MIN_CODE_LINE_SHARE:
        return document
    raw = document.text.encode("utf-8", "replace")
    return changed(document, markup=Markup.SOURCE, raw=raw, charset="utf-8")


def _code(document: Document, config: StepsConfig) -> Document | Drop:
    if document.markup not in (Markup.SOURCE, Markup.NOTEBOOK):
        return document
    from corpusforge.code import judge_code  # with the first program: prose needs none of it

    return judge_code(document, config.code)


def process(document: Document, config: StepsConfig, tools: Tools) -> Document | Drop:
    """Return what becomes of one document; a kept one has text, domain and content hash."""
    result: Document | Drop = document
    for _, step in chain(config, tools):
        result = step(result)
        if isinstance(result, Drop):
            return result
    if not result.text.strip():
        return drop(result, DropReason.EMPTY, "nothing is left of the text")
    return changed(result, raw=None, content_hash=content_hash(result.text))


_FIRST_TEXTS = ("The first words that these steps are shown.", "Les premiers mots où rien n’est jugé…")
"""One of ASCII alone, one beyond it: there is compiled code for each."""


def make_process(config: StepsConfig) -> Step:
    """Return `process` bound to a configuration, its tools loaded: the sandbox's factory."""
    tools = load_tools(config)
    walk_first(config, tools, _first_markup)
    return lambda document: process(document, config, tools)


def walk_first(config: StepsConfig, tools: Tools, first: Markup = Markup.HTML) -> None:
    """Process a first text: what is compiled for it, or read from disk, is no part of any document's time.

    `first` is what the first document is: where it is ready text, what pages alone need is left to the
    first page, unless some of it may not be compiled yet. Steps of one's own are not called: what they
    raise is of a document.
    """
    tools = replace(tools, own_steps=())
    is_text = first is Markup.TEXT and all_is_compiled()
    for document in first_texts() if is_text else first_documents():
        process(document, config, tools)


def first_documents() -> Iterator[Document]:
    """Return small pages that take a document's way through all that is compiled."""
    for text in _FIRST_TEXTS:
        line = f"<div class=code><code>{text}</code></div>"
        raw = f"<h1>{text}</h1><p>{text} {text}</p>{3 * line}<pre>{text}</pre>".encode()
        yield _first(markup=Markup.HTML, raw=raw)


def first_texts() -> Iterator[Document]:
    """Return what `first_documents` does, as ready text."""
    for text in _FIRST_TEXTS:
        yield _first(markup=Markup.TEXT, text=f"{text}\n\n{text} {text}")


def _first(markup: Markup, text: str = "", raw: bytes | None = None) -> Document:
    return Document(
        doc_id="", source="", source_kind=SourceKind.WARC, locator="", markup=markup, text=text, raw=raw
    )


def open_sandbox(config: StepsConfig) -> Sandbox[Record, Document | Drop]:
    """Return a sandbox that runs `process` in a killable child.

    Where this process forks its children itself, what they use is loaded in it, once: they share its
    memory, and a child that replaces another begins at once.
    """
    if forks_here():
        _load_before_fork(config)
    return Sandbox("corpusforge.steps:make_process", config, config.sandbox, _record_bytes, WARM)


def _load_before_fork(config: StepsConfig) -> None:
    """Load models, lists and what is compiled; code of others, `own_steps`, is for the child alone."""
    ours = config.model_copy(update={"own_steps": ()}) if config.own_steps else config
    if _first_markup is not Markup.TEXT:
        load_rooms()
    with suppress(ValueError):  # the child meets it again, and its sandbox tells it
        walk_first(ours, load_tools(ours), _first_markup)
        gc.freeze()  # a search for cycles would copy what is shared


def process_all(records: Iterable[Record], sandbox: Sandbox[Record, Document | Drop]) -> Iterator[Record]:
    """Return one end for each record, in order: drops and quarantined pass through."""
    waiting: deque[Record] = deque()
    for result in sandbox.map(_remembered(records, waiting), _is_no_document):
        record = waiting.popleft()
        if isinstance(result, Failed):
            assert isinstance(record, Document)
            result = quarantine(record, result)
        yield result


def _remembered(records: Iterable[Record], waiting: deque[Record]) -> Iterator[Record]:
    for record in records:
        waiting.append(record)
        yield record


def _is_no_document(record: Record) -> bool:
    return not isinstance(record, Document)


def quarantine(document: Document, failure: Failed) -> Quarantined:
    """Return the quarantined record of a document on which a step failed."""
    return Quarantined(
        doc_id=document.doc_id,
        source=document.source,
        source_kind=document.source_kind,
        locator=document.locator,
        error=failure.error,
        traceback=failure.traceback,
    )


def _record_bytes(record: Record) -> int:
    return len(record.raw or b"") + len(record.text) if isinstance(record, Document) else 0
