"""What one row of a table becomes: a document, one for each file that it holds, or the drop it calls for.

The same for JSON lines, Parquet and Arrow, whether a build, `label` or `extract` reads them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import cast

from corpusforge.document import Document, Drop, DropReason, Markup, SourceKind, stable_id, well_formed
from corpusforge.ingest.config import IngestConfig
from corpusforge.ingest.coverage import Coverage
from corpusforge.ingest.inputs import InputFile
from corpusforge.ingest.records import host_of, make_drop
from corpusforge.ingest.repositories.files import licence_expression, refusal
from corpusforge.ingest.tables import cells
from corpusforge.ingest.tables.arrow import ArrowTable
from corpusforge.ingest.tables.cells import BadValue, shown
from corpusforge.ingest.tables.columns import (
    CONTENT,
    CONTENT_LISTS,
    FIELDS,
    FILES,
    PATH_LISTS,
    Values,
    arranged,
    content_of,
    first_of,
    may_hold_text,
    read_columns,
)
from corpusforge.ingest.tables.origins import origin_signals
from corpusforge.ingest.tables.parquet import Table, TableError

_SHOWN_CHARS = 160
_CONTENT_NAMES = "text, html, notebook, content, raw_content, code"
_SUFFIX = re.compile(r"\.[A-Za-z0-9_+\-]{1,12}$")
_DUMP_SUFFIX = re.compile(r"\.(?:gz|bz2|xz|zst|lz4|zip|7z|tar|tgz|parquet|arrow|jsonl|ndjson|warc)$", re.I)
"""Of the shard that a row was published in: no file of a repository."""
_NAME_WITHOUT_SUFFIX = re.compile(r"(?:^|/)[^\s/]+$")
_SYMLINK_MODES = ("120000", "40960")
_KIND_BY_SOURCE = {
    "wikipedia": SourceKind.MEDIAWIKI,
    "wiki": SourceKind.MEDIAWIKI,
    "books": SourceKind.BOOKS,
    "gutenberg": SourceKind.BOOKS,
    **{kind.value: kind for kind in SourceKind},
}
"""What a row's `source` says of where the row comes from; anything else says nothing."""
_CONVERTERS: dict[str, Callable[[str, object], str | None]] = {
    "url": cells.text_of,
    "title": cells.text_of,
    "date": cells.date_of,
    "path": cells.name_of,
    "repo": cells.name_of,
    "commit": cells.name_of,
}


@dataclass(frozen=True, slots=True)
class Row:
    """One row as it lies in a table."""

    values: Values
    locator: str
    place: str
    """What a person calls it: `row 7`, `line 8`."""
    n_bytes: int = 0


def table_records(
    input: InputFile,
    config: IngestConfig,
    kind: SourceKind,
    table: Table | ArrowTable,
    start: int,
    stop: int | None,
    coverage: Coverage,
    *,
    are_files: bool = False,
) -> Iterator[Document | Drop]:
    """Yield the records of row groups `start` to `stop` of a table, in order.

    The rows of a group that cannot be decoded are one drop, which tells how many they are.
    """
    columns = read_columns(table.columns, input.columns)
    if not may_hold_text(table.columns, input.columns):
        if start == 0:
            detail = f"{no_text(table.columns)}; {table.n_rows} rows"
            yield make_drop(
                input, kind, input.name, DropReason.UNREADABLE, detail, n_records=max(1, table.n_rows)
            )
        return
    batch_rows = 1 if table.is_nested(FILES) else config.batch_rows
    for group, first, end in table.groups(start, stop):
        number = first
        try:
            for values in table.rows(group, columns, batch_rows):
                row = Row(values, f"{input.name}#row={number}", f"row {number}")
                yield from row_records(input, config, kind, row, are_files=are_files)
                number += 1
        except TableError as error:
            yield lost_rows(input, kind, group, number, end, error)
            table.note_unread(coverage, group, number)


def no_text(columns: Iterable[str]) -> str:
    """Return the line on a table whose columns hold no text, with the columns there are."""
    known = ", ".join(name for name, _ in CONTENT)
    return (
        f"no column holds text ({known}); columns: {', '.join(sorted(map(well_formed, columns)))}; "
        "name the one that does in [sources.columns]: text = …"
    )


def lost_rows(input: InputFile, kind: SourceKind, group: int, first: int, end: int, error: Exception) -> Drop:
    """Return the drop of the rows `first` to before `end` of a row group that could not be decoded."""
    detail = f"rows {first} to {end - 1}, row group {group}: {error}"
    locator = f"{input.name}#row={first}"
    return make_drop(input, kind, locator, DropReason.UNREADABLE, detail, n_records=end - first)


def row_records(
    input: InputFile, config: IngestConfig, kind: SourceKind, row: Row, *, are_files: bool = False
) -> Iterator[Document | Drop]:
    """Yield the record of a row, or one for each file that it holds; what is no value costs its record.

    `are_files`: the source is known to hold source code, whatever its rows say.
    """
    values = arranged(row.values, input.columns)
    try:
        files = _files_of(values)
    except BadValue as error:
        yield _bad(input, kind, row, row.locator, error)
        return
    if files is None:
        yield row_record(input, config, kind, row, values, row.locator, are_files=are_files)
        return
    for number, file in enumerate(files):
        mark = "&" if "#" in row.locator else "#"
        locator = f"{row.locator}{mark}file={number}"
        yield row_record(input, config, kind, row, file, locator, are_files=True)


def _files_of(values: Values) -> list[Values] | None:
    """Return the files that a row holds, each with what the row says of all; None where it is one itself."""
    name, _ = content_of(values)
    if name and not cells.is_blank(values[name]) and not isinstance(values[name], list):
        return None
    for column in FILES:
        items = values.get(column)
        if isinstance(items, list) and any(_holds_content(item) for item in cast("list[object]", items)):
            rest = {key: value for key, value in values.items() if key != column}
            return [_within(rest, item) for item in cast("list[object]", items)]
    contents = next((key for key in CONTENT_LISTS if _is_filled_list(values, key)), "")
    paths = next((key for key in PATH_LISTS if key != contents and _is_filled_list(values, key)), "")
    if not contents or not paths:
        return None
    length = len(values[contents])
    if len(values[paths]) != length:
        raise BadValue(paths, values[paths], f"a list of {length}, as many as in {contents}")
    lists = [
        key
        for names in (*FIELDS.values(), ("languages", "language"))
        for key in names
        if _is_filled_list(values, key) and len(values[key]) == length and _is_per_file(key, values[key])
    ]
    rest = {key: value for key, value in values.items() if key not in (contents, paths, *lists)}
    return [
        _within(
            rest,
            {
                "text": values[contents][number],
                "path": values[paths][number],
                **{key: values[key][number] for key in lists},
            },
        )
        for number in range(length)
    ]


def _is_filled_list(values: Values, key: str) -> bool:
    return isinstance(values.get(key), list) and bool(values[key])


def _is_per_file(key: str, items: list[object]) -> bool:
    """Return whether a list tells of each file; a flat list of licences is of all files together."""
    return key not in FIELDS["licence"] or any(isinstance(item, list) for item in items)


def _holds_content(item: object) -> bool:
    return isinstance(item, dict) and content_of(arranged(cast(Values, item)))[0] != ""


def _within(rest: Values, item: object) -> Values:
    """Return what a row and one of its files say together: the file's own word counts first.

    No column of the row stands for a field that the file has its own of.
    """
    own = arranged(cast(Values, item)) if isinstance(item, dict) else {"text": item}
    told = {key: value for key, value in own.items() if value is not None}
    known = {name for field, names in FIELDS.items() if first_of(told, field)[0] for name in names}
    hidden = known | {name for name, _ in CONTENT}
    return {**{key: value for key, value in rest.items() if key not in hidden}, **told}


def row_record(
    input: InputFile,
    config: IngestConfig,
    kind: SourceKind,
    row: Row,
    values: Values,
    locator: str,
    *,
    are_files: bool = False,
) -> Document | Drop:
    """Return the document of one arranged row, or the drop that says what it lacks."""
    try:
        return _document(input, config, kind, row, values, locator, are_files)
    except BadValue as error:
        return _bad(input, kind, row, locator, error)


def _bad(input: InputFile, kind: SourceKind, row: Row, locator: str, error: BadValue) -> Drop:
    detail = f"{row.place}, {error}"
    return make_drop(input, kind, locator, DropReason.UNREADABLE, detail, n_bytes=row.n_bytes)


def _document(
    input: InputFile,
    config: IngestConfig,
    kind: SourceKind,
    row: Row,
    values: Values,
    locator: str,
    are_files: bool,
) -> Document | Drop:
    name, markup = content_of(values)
    content = values.get(name)
    fields = {field: convert(*first_of(values, field)) for field, convert in _CONVERTERS.items()}
    path = fields["path"].lstrip("/") if fields["path"] else None
    repo, commit = fields["repo"], fields.pop("commit")
    licence = licence_expression(cells.licences_of(*first_of(values, "licence")))
    if kind is SourceKind.GITHUB and repo and commit and path:
        locator = f"{repo}@{commit}:{path}"
    elif any(field == "id" for field, _ in input.columns) and (own := cells.text_of(*first_of(values, "id"))):
        locator = f"{locator}&id={own}"
    markup = _markup(name, markup, path, repo, fields["url"], are_files)
    is_file = markup is Markup.SOURCE
    if markup is Markup.NOTEBOOK and isinstance(content, dict | list):
        content = _json(name, cast("object", content))
    is_text = markup is Markup.TEXT and isinstance(content, str)
    if isinstance(content, str) and not is_text:
        raw: object = content.encode("utf-8", "replace")
    else:
        raw = content
    refused = _refusal(config, values, name, raw, row, is_file, bool(path or repo))
    if refused is not None:
        n_bytes = row.n_bytes or (len(raw) if isinstance(raw, str | bytes) else 0)
        return make_drop(input, kind, locator, *refused, n_bytes=n_bytes)
    return Document(
        doc_id=stable_id(kind, locator),
        source=input.source,
        source_kind=kind_of(kind, values),
        locator=locator,
        markup=markup,
        raw=raw if isinstance(raw, bytes) else None,
        text=raw if isinstance(raw, str) else "",
        charset="utf-8" if isinstance(content, str) and not is_text else None,
        host=host_of(fields["url"]),
        url=fields["url"],
        repo=repo,
        path=path,
        title=fields["title"],
        date=fields["date"],
        licence=licence,
        licence_source="dump" if licence else None,
        signals=origin_signals(values, repo, fields["url"]),
    )


def _refusal(
    config: IngestConfig,
    values: Values,
    name: str,
    content: object,
    row: Row,
    is_file: bool,
    is_known: bool,
) -> tuple[DropReason, str] | None:
    """Return why a row's content is no document, or None."""
    if str(first_of(values, "mode")[1]) in _SYMLINK_MODES:
        return DropReason.NOT_CONTENT, "a symbolic link, no regular file"
    if content is None:
        keys = ", ".join(sorted(str(key) for key in values))[:_SHOWN_CHARS]
        if is_known:
            return DropReason.EMPTY, f"the dump holds no content of the file; the row has: {keys}"
        return DropReason.UNREADABLE, f"{row.place} needs one of the columns {_CONTENT_NAMES}; it has: {keys}"
    if not isinstance(content, str | bytes):
        return DropReason.UNREADABLE, f"{row.place}, column {name}: expected text, got {shown(content)}"
    if not content.strip():
        return DropReason.EMPTY, f"{name} is blank"
    if is_file and isinstance(content, bytes):
        return refusal(content, config.max_file_bytes)
    if len(content) > config.max_record_bytes:
        limit = config.max_record_bytes
        return DropReason.TOO_LARGE, f"{name} has {len(content)} bytes, the limit is {limit}"
    return None


def _json(column: str, content: object) -> str:
    try:
        return json.dumps(content, ensure_ascii=False)
    except RecursionError:
        raise BadValue(column, content, "a notebook") from None


def _markup(
    column: str, markup: Markup, path: str | None, repo: str | None, url: str | None, are_files: bool
) -> Markup:
    """Return what a row's content is: ready text, or a file of a repository as its path tells."""
    if markup is not Markup.TEXT:
        return markup
    if path is not None and path.lower().endswith(".ipynb"):
        return Markup.NOTEBOOK
    is_file = are_files or column == "code" or repo is not None or _is_file(path, url)
    return Markup.SOURCE if is_file else Markup.TEXT


def _is_file(path: str | None, url: str | None) -> bool:
    if path is None or _DUMP_SUFFIX.search(path):
        return False
    return _SUFFIX.search(path) is not None or (url is None and _NAME_WITHOUT_SUFFIX.search(path) is not None)


def kind_of(kind: SourceKind, values: Values) -> SourceKind:
    """Return where a row comes from by its own `source`, or what its reader says."""
    stated = first_of(values, "source")[1]
    return _KIND_BY_SOURCE.get(stated.strip().lower(), kind) if isinstance(stated, str) else kind
