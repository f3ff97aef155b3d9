"""Where a row of other people's data keeps its text, path, licence and the rest.

Publishers put them flat, below `metadata` or `meta` (an object, or JSON in a string), or as lists.
The first column that is not blank counts; `null` is absent.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping
from typing import Any, cast

from corpusforge.document import Markup

Values = Mapping[str, Any]

CONTENT = (
    ("notebook", Markup.NOTEBOOK),
    ("html", Markup.HTML),
    ("text", Markup.TEXT),
    ("content", Markup.TEXT),
    ("raw_content", Markup.TEXT),
    ("code", Markup.TEXT),
)
"""Columns that hold the content, the first that is not blank wins."""
FIELDS = {
    "url": ("url", "uri", "warc_target_uri", "source_url"),
    "repo": ("repo", "repo_name", "max_stars_repo_name", "repository", "repository_name", "full_name"),
    "path": ("path", "file_path", "max_stars_repo_path", "filepath", "file_name", "filename"),
    "title": ("title",),
    "date": ("date", "timestamp", "created"),
    "licence": (
        *("license", "licence", "licenses", "max_stars_repo_licenses", "detected_licenses", "repo_license"),
        *("gha_license_id", "license_id", "license_name", "repo_licenses", "spdx_license"),
    ),
}
"""Fields of a document, by the names that columns have for them; lists of licences apply together."""
METADATA = ("metadata", "meta", "meta_data", "file_metadata", "repo_metadata")
"""Columns that hold further columns."""
ALL = frozenset(
    {name for name, _ in CONTENT} | {name for names in FIELDS.values() for name in names} | set(METADATA)
)
"""Every column that is read."""
_MAX_METADATA_CHARS = 1 << 20


def with_metadata(values: Values) -> Values:
    """Return a row with the columns below its metadata beside its own, which win unless they are blank."""
    below: dict[str, Any] = {}
    for name in METADATA:
        inner = values.get(name)
        if isinstance(inner, str) and inner.lstrip()[:1] == "{" and len(inner) <= _MAX_METADATA_CHARS:
            try:
                inner = json.loads(inner)
            except (ValueError, RecursionError):
                continue
        if isinstance(inner, dict):
            below |= {key: value for key, value in cast(Values, inner).items() if not is_blank(value)}
    return {**values, **{k: v for k, v in below.items() if is_blank(values.get(k))}} if below else values


def is_blank(value: object) -> bool:
    """Return whether a cell says nothing: null, no characters but white space, an empty list."""
    if value is None:
        return True
    if isinstance(value, str | bytes):
        return not value.strip()
    return isinstance(value, list | dict) and not value


def content_of(values: Values) -> tuple[str, Markup]:
    """Return (column, markup) of a row's content: the first that is not blank, else the first there is."""
    present = [(name, markup) for name, markup in CONTENT if values.get(name) is not None]
    filled = [(name, markup) for name, markup in present if not is_blank(values[name])]
    return next(iter(filled or present), ("", Markup.TEXT))


def field_of(values: Values, field: str) -> str | None:
    """Return a field of a row: text, a date, or the licences of a list joined by AND."""
    for name in FIELDS[field]:
        value = values.get(name)
        if field == "licence" and isinstance(value, list):
            names = [item.strip() for item in cast("list[object]", value) if isinstance(item, str)]
            value = " AND ".join(dict.fromkeys(filter(None, names)))
        if isinstance(value, str) and value.strip():
            return value.strip()
        if isinstance(value, datetime.date):
            return value.isoformat()
    return None
