"""BigQuery's `github_repos`: a contents table, joined to the files and licenses tables beside it.

The contents are read once, in order. For each row group, the names of its blobs are looked
up by a scan over the files table that keeps only those, so memory follows the row group
and not the two billion rows of the files table. A blob that stands at several places
becomes one document, at the first place by (repository, path), with a note. A blob that
the files table does not name is dropped: its repository, path and licence are unknown.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from corpusforge.document import Document, Drop, DropReason, SourceKind
from corpusforge.files import is_remote, join, list_entries
from corpusforge.ingest.beside import Beside, beside
from corpusforge.ingest.config import IngestConfig
from corpusforge.ingest.coverage import Coverage
from corpusforge.ingest.inputs import InputFile
from corpusforge.ingest.opening import opened
from corpusforge.ingest.records import make_drop
from corpusforge.ingest.repositories.files import file_record
from corpusforge.ingest.tables.cells import BadValue, integer_of, licences_of, name_of, text_of
from corpusforge.ingest.tables.columns import CONTENT_LISTS
from corpusforge.ingest.tables.parquet import Row, Table, TableError, key_text
from corpusforge.ingest.tables.rows import lost_rows

_SYMLINK_MODE = 0o120000
_CONTENT = frozenset({"content_id", *CONTENT_LISTS})
_LICENCE_COLUMNS = frozenset({"repo_name", "license"})
_PACKED = (".gz", ".tgz", ".tar", ".zip", ".bz2", ".xz", ".zst", ".7z")
_MAGIC = b"PAR1"
_COLUMNS = (
    *("id", "size", "content", "binary"),
    *("sample_repo_name", "sample_path", "sample_mode"),  # in the `sample_contents` table
)


@dataclass(slots=True)
class _Place:
    """Where a blob stands: the first of its places, and how many there are."""

    repo: str
    path: str
    ref: str
    is_symlink: bool
    count: int = 1

    def order(self) -> tuple[bool, str, str, str]:
        return (self.is_symlink, self.repo, self.path, self.ref)


def is_contents(columns: frozenset[str]) -> bool:
    """Return whether these are the columns of a contents table: content by blob id, no path."""
    return {"id", "content"} <= columns and not columns & {"path", "repo_name", "max_stars_repo_path"}


def is_join_side(columns: frozenset[str]) -> bool:
    """Return whether these are the columns of a files or a licenses table."""
    return columns == _LICENCE_COLUMNS or _is_files(columns)


def _is_files(columns: frozenset[str]) -> bool:
    return {"repo_name", "path", "id"} <= columns and not columns & _CONTENT


def read_contents(
    input: InputFile,
    config: IngestConfig,
    table: Table,
    start: int,
    stop: int | None,
    coverage: Coverage,
) -> Iterator[Document | Drop]:
    """Yield one record per row of a contents table, row groups `start` to `stop`."""
    beside_it = beside(input, SourceKind.GITHUB).files
    tables = [(one.path, _columns_of(one.path, one.version)) for one in beside_it]
    files = [path for path, columns in tables if _is_files(columns)]
    licences = [path for path, columns in tables if columns == _LICENCE_COLUMNS]
    for group, row, end in table.groups(start, stop):
        try:
            ids = {key for values in table.rows(group, ["id"], config.batch_rows) if (key := _key(values))}
            places = _places(files, ids)
            repos = {place.repo for place in places.values() if isinstance(place, _Place)}
            licence_of = _licences(licences, repos)
            for values in table.rows(group, _COLUMNS, config.batch_rows):
                yield _record(input, config, row, values, places, licence_of)
                row += 1
        except TableError as error:
            yield lost_rows(input, SourceKind.GITHUB, group, row, end, error)
            table.note_unread(coverage, group, row)


def _key(values: Row) -> str | None:
    return key_text(values["id"])


def tables_beside(input: InputFile) -> Beside:
    """Return the files and licenses tables in the folder of a contents table; nothing of any other dump."""
    path = input.path
    if path.endswith(_PACKED) or (not is_remote(path) and os.path.isdir(path)):
        return Beside()
    if not is_contents(_columns(path)):
        return Beside()
    pattern = join(path.rpartition("/")[0] or ".", "*.parquet")
    listed = list_entries(pattern, links="inside")
    found = [one for one in listed if is_join_side(_columns_of(one.path, one.version))]
    return Beside(files=tuple(found), looked_at=pattern)


@lru_cache(maxsize=4096)
def _columns_of(path: str, version: tuple[int, ...]) -> frozenset[str]:
    """Return the columns of a table in one state: each of those beside is looked at once."""
    return _columns(path)


def _columns(path: str) -> frozenset[str]:
    """Return the columns of a table; none of what is no table."""
    with opened(path) as stream:
        if stream.read(len(_MAGIC)) != _MAGIC:
            return frozenset()
        stream.seek(0)
        try:
            return Table(stream).columns
        except TableError:
            return frozenset()  # it is an input of its own, and told of there


def _scan(tables: list[str], key: str, wanted: set[str], columns: tuple[str, ...]) -> Iterator[Row]:
    """Yield the rows of all tables whose key is wanted."""
    for path in tables:
        with opened(path) as stream:
            yield from Table(stream).where(key, wanted, columns)


def _places(tables: list[str], ids: set[str]) -> dict[str, _Place | BadValue]:
    """Return the first place of each blob; where its only places have a value that is none, that."""
    places: dict[str, _Place | BadValue] = {}
    for row in _scan(tables, "id", ids, ("repo_name", "path", "ref", "mode", "id")):
        key = _key(row) or ""
        known = places.get(key)
        try:
            place = _place(row)
        except BadValue as error:
            places.setdefault(key, error)
            continue
        if not isinstance(known, _Place):
            places[key] = place
            continue
        place.count = known.count + 1
        if place.order() < known.order():
            places[key] = place
        else:
            known.count = place.count
    return places


def _place(row: Row) -> _Place:
    repo, path = name_of("repo_name", row["repo_name"]) or "", name_of("path", row["path"]) or ""
    ref = text_of("ref", row.get("ref")) or ""
    return _Place(repo, path.lstrip("/"), ref, row.get("mode") == _SYMLINK_MODE)


def _licences(tables: list[str], repos: set[str]) -> dict[str, list[str] | BadValue]:
    """Return the licences of each repository, or the value that names none: it is not passed over."""
    found: dict[str, list[str] | BadValue] = {}
    for row in _scan(tables, "repo_name", repos, ("repo_name", "license")):
        repo = key_text(row["repo_name"]) or ""
        try:
            found[repo] = licences_of("license", row["license"])
        except BadValue as error:
            found[repo] = error
    return found


def _record(
    input: InputFile,
    config: IngestConfig,
    number: int,
    row: Row,
    places: dict[str, _Place | BadValue],
    licence_of: dict[str, list[str] | BadValue],
) -> Document | Drop:
    try:
        return _converted(input, config, number, row, places, licence_of)
    except BadValue as error:
        locator = f"{input.name}#row={number}"
        detail = f"row {number}, {error}"
        return make_drop(input, SourceKind.GITHUB, locator, DropReason.UNREADABLE, detail)


def _converted(
    input: InputFile,
    config: IngestConfig,
    number: int,
    row: Row,
    places: dict[str, _Place | BadValue],
    licence_of: dict[str, list[str] | BadValue],
) -> Document | Drop:
    """Return the record of one row; raises `BadValue` for a cell, of it or joined to it, that is none."""
    key = name_of("id", row["id"])
    locator = f"{input.name}#id={key}" if key else f"{input.name}#row={number}"
    size = integer_of("size", row.get("size")) or 0
    place = places.get(key or "")
    if place is None and row.get("sample_repo_name"):  # the `sample_contents` table names one place itself
        names = {field: row.get(f"sample_{field}") for field in ("repo_name", "path", "mode")}
        place = _place(names)
    if isinstance(place, BadValue):
        raise BadValue(f"{place.column} of the files table", place.value, place.expected)
    content: object = row["content"]
    if place is None:
        refused = DropReason.NOT_CONTENT, "no files table beside names this blob: repository and path unknown"
    elif place.is_symlink:
        refused = DropReason.NOT_CONTENT, "a symbolic link, no regular file"
    elif content is None and row.get("binary"):
        refused = DropReason.BINARY, f"the dump calls its {size} bytes binary"
    elif content is None:
        refused = DropReason.TOO_LARGE, f"the dump left out its {size} bytes"
    elif not isinstance(content, str | bytes):
        raise BadValue("content", content, "text")
    else:
        licences = licence_of.get(place.repo, [])
        if isinstance(licences, BadValue):
            raise BadValue("license of the licenses table", licences.value, licences.expected)
        others = place.count - 1
        return file_record(
            input,
            config,
            content.encode("utf-8", "replace") if isinstance(content, str) else content,
            locator=locator,
            path=place.path,
            repo=place.repo,
            licences=licences,
            notes=(f"the same blob stands at {others} other places",) if others > 0 else (),
        )
    return make_drop(input, SourceKind.GITHUB, locator, *refused, n_bytes=size)
