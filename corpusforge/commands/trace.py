"""`corpusforge trace FILE`: every step's decision on each document of a file."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import Any, cast

from corpusforge.commands.configuration import steps_config
from corpusforge.commands.console import note, show, show_json
from corpusforge.commands.errors import usage_error
from corpusforge.commands.inputs import Shape, dump_records, shape_of, single_document
from corpusforge.commands.privacy import redacted, redacted_start
from corpusforge.commands.rows import Row, RowFault, read_rows
from corpusforge.commands.sandboxed import map_rows
from corpusforge.config import StepsConfig
from corpusforge.document import Document, Drop, Quarantined, SourceKind, stable_id
from corpusforge.filter import FilterConfig
from corpusforge.ingest.registry import Record
from corpusforge.own_steps import make_check as make_check
from corpusforge.steps import chain, check_tools, load_tools, walk_first
from corpusforge.workers import WARM

_DOC_ID = re.compile(r"[0-9a-f]{32}")

Outcome = tuple[str, Document | Drop]
Fields = dict[str, Any]

_QUIET = ("doc_id", "source", "source_kind", "locator", "raw", "text", "content_hash", "charset", "markup")
"""Fields that no step decides, or that are shown apart."""
_MAPPINGS = ("signals", "redactions")


def trace_file(path: str, config_path: str | None, limit: int, as_json: bool) -> None:
    """Print what each step makes of the first documents of a file."""
    if _DOC_ID.fullmatch(path):
        raise usage_error(f"{path} is a document id: add --corpus CORPUS to look it up")
    config = steps_config(config_path)
    check_tools(config, __name__)
    records = list(islice(_records(path, config), limit + 1))
    rows = [Row(record.locator, record) for record in records if isinstance(record, Document)]
    results = map_rows(rows, "corpusforge.commands.trace:make_trace", config, config.sandbox, WARM)
    traced = iter(list(results))
    for record in records[:limit]:
        outcomes = cast("list[Outcome] | RowFault", next(traced)[1] if isinstance(record, Document) else [])
        told = tell(record, outcomes, config.filter)
        if as_json:
            show_json(told)
        else:
            show(*_as_text(told))
    if len(records) > limit:
        note(f"{path}: more records follow; `--limit N` shows more of them")


def trace_shipped(target: str, corpus: str, snapshot: str | None, as_json: bool) -> None:
    """Print the way of a shipped document, or of the document that a token is of."""
    if _DOC_ID.fullmatch(target):
        from corpusforge.commands.trace_id import trace_id

        trace_id(target, corpus, snapshot, as_json)
    else:
        from corpusforge.commands.trace_token import trace_token

        trace_token(target, corpus, snapshot, as_json)


def _records(path: str, config: StepsConfig) -> Iterator[Record]:
    shape = shape_of(path)
    if shape is Shape.SINGLE:
        yield single_document(path)
    elif shape is Shape.DUMP:
        yield from dump_records(path, config.ingest)
    else:
        for row in read_rows(path, config.ingest):
            yield _record_of_row(row)


def _record_of_row(row: Row) -> Record:
    if isinstance(row.content, RowFault):
        return Quarantined(
            doc_id=stable_id(SourceKind.JSONL, str(row.id)),
            source="file",
            source_kind=SourceKind.JSONL,
            locator=str(row.id),
            error=row.content.message,
            traceback="",
        )
    return row.content


def make_trace(config: StepsConfig) -> Callable[[Document], list[Outcome]]:
    """Return the function that walks one document through the chain: the sandbox's factory."""
    tools = load_tools(config)
    walk_first(config, tools)

    def walk(document: Document) -> list[Outcome]:
        outcomes: list[Outcome] = []
        for name, step in chain(config, tools):
            result = step(document)
            outcomes.append((name, result))
            if isinstance(result, Drop):
                break
            document = result
        return outcomes

    return walk


def tell(record: Record, outcomes: list[Outcome] | RowFault, config: FilterConfig) -> Fields:
    """Return the story of one record: where it is, what each step set, how it ended.

    What a build redacts is redacted here, also in what steps before the filter saw.
    """
    record = redacted(record, config)
    told: Fields = {
        "doc_id": record.doc_id, "locator": record.locator, "source_kind": record.source_kind.value,
    }  # fmt: skip
    if isinstance(record, Drop):
        return {**told, "steps": [_dropped("ingest", record)], "end": f"dropped: {record.reason.value}"}
    if isinstance(record, Quarantined):
        return {**told, "steps": [], "end": f"quarantined: {record.error}"}
    known = {"markup": record.markup.value, **_changes(_empty(record), record, config)}
    told["steps"] = [{"step": "ingest", "set": known}]
    if isinstance(outcomes, RowFault):
        return {**told, "end": f"quarantined: {redacted(outcomes, config).message}"}
    before, end = record, "kept"
    for name, outcome in outcomes:
        result = redacted(outcome, config)
        if isinstance(result, Drop):
            told["steps"].append(_dropped(name, result))
            end = f"dropped by {name}: {result.reason.value}"
            break
        told["steps"].append({"step": name, "set": _changes(before, result, config)})
        before = result
    told["end"] = f"kept as {_label(before)}" if end == "kept" else end
    return told


def _label(document: Document) -> str:
    return f"{document.domain}/{document.subset}"


def _dropped(step: str, result: Drop) -> Fields:
    return {"step": step, "drop_reason": result.reason.value, "detail": result.detail}


def _empty(document: Document) -> Document:
    """Return a document that differs from this one in all that the reader told of it."""
    return Document(
        doc_id=document.doc_id,
        source=document.source,
        source_kind=document.source_kind,
        locator=document.locator,
        markup=document.markup,
    )


def _changes(before: Document, after: Document, config: FilterConfig) -> Fields:
    """Return the fields that a step set, by name; of mappings, the entries it set."""
    changed: Fields = {}
    for name in Document.__dataclass_fields__:
        old, new = getattr(before, name), getattr(after, name)
        if old == new or name in _QUIET:
            continue
        if name in _MAPPINGS:
            new = {key: _figure(value) for key, value in new.items() if old.get(key) != value}
        elif name == "notes":
            new = [line for line in new if line not in old]
        changed[name] = _figure(new)
    if before.text != after.text:
        changed["text_chars"] = len(after.text)
        changed["text_start"] = redacted_start(after.text, 200, config)
    elif after.raw is not None and before.raw is not after.raw:
        changed["raw_bytes"] = len(after.raw)
    return changed


def _figure(value: Any) -> Any:
    return round(value, 4) if isinstance(value, float) else value


def _as_text(told: Mapping[str, Any]) -> list[str]:
    lines = [told["locator"], f"  id        {told['doc_id']} ({told['source_kind']})"]
    for step in told["steps"]:
        name = f"  {step['step']:<9} "
        if "drop_reason" in step:
            lines.append(f"{name}drop: {step['drop_reason']}: {step['detail']}")
            continue
        shown = [line for key, value in step["set"].items() for line in _lines_of(key, value)]
        lines.append(name + (shown[0] if shown else "nothing to decide"))
        lines += [" " * 12 + line for line in shown[1:]]
    lines += [f"  {'end':<10}{told['end']}", ""]
    return lines


def _lines_of(key: str, value: Any) -> list[str]:
    if isinstance(value, dict):
        figures = cast("dict[str, float]", value)
        shown = ", ".join(f"{name} {figure:g}" for name, figure in figures.items() if figure)
        return textwrap.wrap(f"{key}: {shown or 'all zero'}", 100, subsequent_indent="  ")
    if isinstance(value, list):
        return [f"{key}: {line}" for line in cast("list[str]", value)]
    if key == "text_start":
        return [f"text: {json.dumps(value, ensure_ascii=False)}"]
    return [f"{key}: {value:,}" if isinstance(value, int) else f"{key}: {value}"]
