"""`corpusforge extract`: markup -> text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any

from corpusforge.commands.configuration import steps_config
from corpusforge.commands.console import note
from corpusforge.commands.errors import CommandError
from corpusforge.commands.inputs import Shape, dump_records, shape_of, single_document
from corpusforge.commands.output import refuse_overlap, write_text, writing_rows
from corpusforge.commands.privacy import redacted, redacted_detail
from corpusforge.commands.progress import RowProgress
from corpusforge.commands.rows import Row, RowFault, read_rows
from corpusforge.commands.sandboxed import map_rows
from corpusforge.config import StepsConfig
from corpusforge.document import Document, Drop, Markup, Quarantined
from corpusforge.extract import ExtractConfig, extract_document
from corpusforge.extract.notebooks.script import extract_script
from corpusforge.printable import json_text
from corpusforge.steps import first_documents
from corpusforge.workers import WARM

Fields = dict[str, Any]
_FACTORY = "corpusforge.commands.extract:make_extract"
_SCRIPT_FACTORY = "corpusforge.commands.extract:make_script"


def extract(
    path: str, output: str | None, markup: Markup | None, config_path: str | None, *, as_script: bool = False
) -> None:
    """Write the text of a file, or one {"id", "text"} a row for JSONL, Parquet and dumps.

    `as_script`: a notebook's cells as a script in the percent format, in place of Markdown.
    """
    refuse_overlap([path], output)
    config = steps_config(config_path)
    factory = _SCRIPT_FACTORY if as_script else _FACTORY
    shape = Shape.SINGLE if markup is not None else shape_of(path)
    if shape is Shape.SINGLE:
        _extract_single(single_document(path, markup), output, config, factory)
        return
    passed: Counter[str] = Counter()
    rows = read_rows(path, config.ingest) if shape is Shape.ROWS else _dump_rows(path, config, passed)
    n_rows = n_empty = 0
    with writing_rows(output) as out, RowProgress("extract") as progress:
        for row in texts(rows, config, factory):
            out.write(json_text(row) + "\n")
            n_rows += 1
            n_empty += not row["text"]
            progress.step()
    if not n_rows:
        note(f"{path}: {_nothing(passed)}")
    if n_empty:
        note(f'{path}: {n_empty:,} rows gave no text; they say why under "drop_reason" or "error"')


def _nothing(passed: Counter[str]) -> str:
    """Return why a file gave no row: what became of its records, each kind with the first that met it."""
    if not passed:
        return "no rows in it"
    kinds = "; ".join(f"{n:,} {kind}" for kind, n in passed.most_common(6))
    return f"no document among {passed.total():,} records: {kinds}"


def texts(rows: Iterable[Row], config: StepsConfig, factory: str = _FACTORY) -> Iterator[Fields]:
    """Yield {"id", "text"} for each row, in order; a row without text says why."""
    for row_id, result in map_rows(rows, factory, config.extract, config.sandbox, WARM):
        told = result if isinstance(result, Document) else redacted(result, config.filter)
        yield {"id": row_id, **_fields(told)}


def make_extract(config: ExtractConfig) -> Callable[[Document], Document | Drop]:
    """Return the extractor: the sandbox's factory. What is compiled for it is no part of any page's time."""
    for first in first_documents():
        extract_document(first, config)
    return lambda document: extract_document(document, config)


def make_script(_: ExtractConfig) -> Callable[[Document], Document | Drop]:
    """Return the writer of scripts: the sandbox's factory."""
    return extract_script


def _extract_single(document: Document, output: str | None, config: StepsConfig, factory: str) -> None:
    fields = next(texts([Row(document.locator, document)], config, factory))
    if "error" in fields:
        raise CommandError(f"{document.locator}: {fields['error']}")
    if "drop_reason" in fields:
        raise CommandError(f"{document.locator}: no text ({fields['drop_reason']}): {fields['drop_detail']}")
    write_text(output, fields["text"] if fields["text"].endswith("\n") else fields["text"] + "\n")


def _fields(result: Document | Drop | RowFault) -> Fields:
    if isinstance(result, RowFault):
        return {"text": "", "error": result.message}
    if isinstance(result, Drop):
        return {"text": "", "drop_reason": result.reason.value, "drop_detail": result.detail}
    return {"text": result.text}


def _dump_rows(path: str, config: StepsConfig, passed: Counter[str]) -> Iterator[Row]:
    """Yield the documents of a dump; records that hold none are counted in `passed`, damage is told."""
    first: dict[str, str] = {}
    for record in dump_records(path, config.ingest):
        if isinstance(record, Document):
            yield Row(record.locator, replace(record, source="file"))
        elif isinstance(record, Quarantined):
            yield Row(record.locator, RowFault(record.error))
        else:
            reason = record.reason.value
            if reason not in first:
                detail = redacted_detail(record.detail, config.filter)
                first[reason] = f"{reason} ({detail[:150]})"
            passed[first[reason]] += record.n_records
