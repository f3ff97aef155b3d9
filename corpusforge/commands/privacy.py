"""What verbs that make no corpus show of a record: its fields without personal data, as a build has them."""

from __future__ import annotations

from typing import TypeVar, cast

from corpusforge.commands.rows import RowFault
from corpusforge.document import Document, Drop, DropReason, Quarantined, SourceKind
from corpusforge.filter import FilterConfig, redact_fields
from corpusforge.filter.privacy.redaction import redact

_Shown = TypeVar("_Shown", bound=Document | Drop | Quarantined | RowFault)

_BEHIND_CHARS = 200
"""Read behind an excerpt, so that what its end parts is still told."""


def redacted(record: _Shown, config: FilterConfig) -> _Shown:
    """Return a record without personal data and secrets outside its text; the counts are in a document's."""
    if isinstance(record, RowFault):
        return cast(_Shown, RowFault(redacted_error(record.message, config)))
    return redact_fields(record, config)[0]


def redacted_error(message: str, config: FilterConfig) -> str:
    """Return why a record could not be judged, as a build's quarantine tells it."""
    fault = Quarantined(
        doc_id="", source="", source_kind=SourceKind.JSONL, locator="", error=message, traceback=""
    )
    return redact_fields(fault, config)[0].error


def redacted_detail(detail: str, config: FilterConfig) -> str:
    """Return the deciding figures of a step, as a build's drops tell them."""
    told = Drop(
        doc_id="", source="", source_kind=SourceKind.JSONL, locator="", reason=DropReason.EMPTY, detail=detail
    )
    return redact_fields(told, config)[0].detail


def redacted_start(text: str, n_chars: int, config: FilterConfig) -> str:
    """Return the first characters of a text, without personal data and secrets."""
    start = text[: n_chars + _BEHIND_CHARS]
    return (redact(start, config)[0] if config.privacy else start)[:n_chars]
