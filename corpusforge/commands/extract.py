"""`corpusforge extract`: markup -> text."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any

from corpusforge.commands.configuration import steps_config
from corpusforge.commands.console import note
from corpusforge.commands.errors import CommandError
from corpusforge.commands.inputs import Shape, dump_records, shape_of, single_document
from corpusforge.commands.output import writing_rows
from corpusforge.commands.progress import RowProgress
from corpusforge.commands.rows import Row, RowFault, read_rows
from corpusforge.commands.sandboxed import map_rows
from corpusforge.config import StepsConfig
from corpusforge.document import Document, Drop, Markup, Quarantined
from corpusforge.extract import ExtractConfig, extract_document

Fields = dict[str, Any]
_FACTORY = "corpusforge.commands.extract:make_extract"


def extract(path: str, output: str | None, markup: Markup | None, config_path: str | None) -> None:
    """Write the text of a file, or one {"id", "text"} a row for JSONL, Parquet and dumps."""
    config = steps_config(config_path)
    shape = Shape.SINGLE if markup is not None else shape_of(path)
    if shape is Shape.SINGLE:
        _extract_single(single_document(path, markup), output, config)
        return
    rows = read_rows(path) if shape is Shape.ROWS else _dump_rows(path, config)
    n_empty = 0
    with writing_rows(output) as out, RowProgress("extract") as progress:
        for row in texts(rows, config):
            out.write(json.dumps(row, ensure_ascii=False) + "\n")
            n_empty += not row["text"]
            progress.step()
    if n_empty:
        note(f"{path}: {n_empty:,} rows gave no text; they say why under \"drop_reason\" or \"error\"")


def texts(rows: Iterable[Row], config: StepsConfig) -> Iterator[Fields]:
    """Yield {"id", "text"} for each row, in order; a row without text says why."""
    for row_id, result in map_rows(rows, _FACTORY, config.extract, config.sandbox):
        yield {"id": row_id, **_fields(result)}


def make_extract(config: ExtractConfig) -> Callable[[Document], Document | Drop]:
    """Return the extractor: the sandbox's factory."""
    return lambda document: extract_document(document, config)


def _extract_single(document: Document, output: str | None, config: StepsConfig) -> None:
    fields = next(texts([Row(document.locator, document)], config))
    if "error" in fields:
        raise CommandError(f"{document.locator}: {fields['error']}")
    if "drop_reason" in fields:
        raise CommandError(f"{document.locator}: no text ({fields['drop_reason']}): {fields['drop_detail']}")
    with writing_rows(output) as out:
        out.write(fields["text"].rstrip("\n") + "\n")


def _fields(result: Document | Drop | RowFault) -> Fields:
    if isinstance(result, RowFault):
        return {"text": "", "error": result.message}
    if isinstance(result, Drop):
        return {"text": "", "drop_reason": result.reason.value, "drop_detail": result.detail}
    return {"text": result.text}


def _dump_rows(path: str, config: StepsConfig) -> Iterator[Row]:
    """Yield the documents of a dump; records that hold none are passed over, damage is told."""
    for record in dump_records(path, config.ingest):
        if isinstance(record, Document):
            yield Row(record.locator, replace(record, source="file"))
        elif isinstance(record, Quarantined):
            yield Row(record.locator, RowFault(record.error))

