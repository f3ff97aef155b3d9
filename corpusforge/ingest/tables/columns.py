"""Where a row of other people's data keeps its text, path, licence and the rest.

Publishers put them flat, below `metadata` or `meta` (an object, or JSON in a string), or as lists.
The first column that is not blank counts; `null` is absent. A source may name its own (`named`).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, cast

from corpusforge.document import Markup
from corpusforge.ingest.tables import origins
from corpusforge.ingest.tables.cells import is_blank

Values = Mapping[str, Any]
Named = tuple[tuple[str, str], ...]
"""(field, column) for each column that a source names itself (`[sources.columns]`)."""

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
    "date": ("date", "timestamp", "created", "revision_date", "commit_date"),
    "licence": (
        *("license", "licence", "detected_licenses", "max_stars_repo_licenses", "licenses", "repo_license"),
        *("gha_license_id", "license_id", "license_name", "repo_licenses", "spdx_license"),
    ),
    "commit": ("revision_id", "max_stars_repo_head_hexsha", "commit", "commit_id"),
    "mode": ("mode",),
    "source": ("source",),
    "id": ("id",),
}
"""Fields of a document, by the names that columns have for them: The Stack v1 and v2, the GitHub code
data set, RedPajama, Dolma, FineWeb and their like."""
METADATA = ("metadata", "meta", "meta_data", "file_metadata", "repo_metadata")
"""Columns that hold further columns."""
FILES = ("files", "repo_files", "file_list")
"""Columns that hold several files of one repository, an object each."""
CONTENT_LISTS = ("contents", "texts", "codes", "file_contents", *(name for name, _ in CONTENT))
PATH_LISTS = ("paths", "file_paths", "filepaths", "file_names", "filenames", *FILES, *FIELDS["path"])
"""Columns that hold the contents and the paths of several files as two lists of one length."""
NAMEABLE = ("text", "html", "notebook", "path", "url", "licence", "date", "id", "repo", "title")
"""What a source may name the column of."""
_CONTENT_NAMES = frozenset(name for name, _ in CONTENT)
ALL = frozenset(
    {*_CONTENT_NAMES, *METADATA, *FILES, *CONTENT_LISTS, *PATH_LISTS, *origins.ALL}
    | {name for names in FIELDS.values() for name in names}
)
"""Every column that is read."""
_MAX_METADATA_CHARS = 1 << 20


def read_columns(columns: Iterable[str], named: Named = ()) -> list[str]:
    """Return those of a table's columns that are read, sorted."""
    wanted = ALL | {column for _, column in named} | {column.partition(".")[0] for _, column in named}
    return sorted(wanted & set(columns))


def may_hold_text(columns: Iterable[str], named: Named = ()) -> bool:
    """Return whether rows with these columns may hold text: in one of them, in metadata or in files."""
    content = [column for field, column in named if field in _CONTENT_NAMES]
    known = {name for column in content for name in (column, column.partition(".")[0])}
    return not set(columns).isdisjoint(known or {*_CONTENT_NAMES, *METADATA, *FILES, *CONTENT_LISTS})


def arranged(values: Values, named: Named = ()) -> Values:
    """Return a row with the columns below its metadata beside its own, and those that its source names.

    Its own win unless they are blank; a column that the source names is the only one of its field.
    """
    values = _with_metadata(values)
    if not named:
        return values
    taken: dict[str, Any] = {}
    hidden: set[str] = set()
    for field, column in named:
        taken[FIELDS[field][0] if field in FIELDS else field] = _at(values, column)
        hidden |= _CONTENT_NAMES if field in _CONTENT_NAMES else set(FIELDS[field])
    return {**{name: value for name, value in values.items() if name not in hidden}, **taken}


def _at(values: Values, column: str) -> Any:
    """Return the value of a column, or of `outer.inner` of an object in it."""
    if column in values:
        return values[column]
    outer, _, inner = column.partition(".")
    below = values.get(outer)
    return _at(cast(Values, below), inner) if inner and isinstance(below, dict) else None


def _with_metadata(values: Values) -> Values:
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


def content_of(values: Values) -> tuple[str, Markup]:
    """Return (column, markup) of a row's content: the first that is not blank, else the first there is."""
    present = [(name, markup) for name, markup in CONTENT if name in values]
    filled = [(name, markup) for name, markup in present if not is_blank(values[name])]
    blank = [(name, markup) for name, markup in present if values[name] is not None]
    return next(iter(filled or blank or present), ("", Markup.TEXT))


def first_of(values: Values, field: str) -> tuple[str, Any]:
    """Return (column, value) of the first column of a field that is not blank, else ("", None)."""
    for name in FIELDS[field]:
        value = values.get(name)
        if value is not None and not is_blank(value):
            return name, value
    return "", None
