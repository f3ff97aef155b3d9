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
from corpusforge.ingest.tables.parquet import ParquetError, Row, Table, plain_text

_SYMLINK_MODE = 0o120000
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
    return {"repo_name", "path", "id"} <= columns and not columns & {"content", "code", "text", "content_id"}


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
            ids = {str(values["id"]) for values in table.rows(group, ["id"], config.batch_rows)}
            places = _places(files, ids)
            licence_of = _licences(licences, {place.repo for place in places.values()})
            for values in table.rows(group, _COLUMNS, config.batch_rows):
                yield _record(input, config, values, places.get(values["id"]), licence_of)
                row += 1
        except ParquetError as error:
            locator = f"{input.name}#row={row}"
            detail = f"rows {row} to {end - 1}, row group {group}: {error}"
            yield make_drop(input, SourceKind.GITHUB, locator, DropReason.UNREADABLE, detail)
            table.note_unread(coverage, group, row)


def tables_beside(input: InputFile) -> Beside:
    """Return the files and licenses tables in the folder of a contents table; nothing of any other dump."""
    path = input.path
    if path.endswith(_PACKED) or (not is_remote(path) and os.path.isdir(path)):
        return Beside()
    if not is_contents(_columns(path)):
        return Beside()
    pattern = join(path.rpartition("/")[0] or ".", "*.parquet")
    found = [one for one in list_entries(pattern) if is_join_side(_columns_of(one.path, one.version))]
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
        except ParquetError:
            return frozenset()  # it is an input of its own, and told of there


def _scan(tables: list[str], key: str, wanted: set[str], columns: tuple[str, ...]) -> Iterator[Row]:
    """Yield the rows of all tables whose key is wanted."""
    for path in tables:
        with opened(path) as stream:
            yield from Table(stream).where(key, wanted, columns)


def _places(tables: list[str], ids: set[str]) -> dict[str, _Place]:
    places: dict[str, _Place] = {}
    for row in _scan(tables, "id", ids, ("repo_name", "path", "ref", "mode", "id")):
        repo, path = plain_text(row["repo_name"]), plain_text(row["path"]).lstrip("/")
        place = _Place(repo, path, str(row.get("ref") or ""), row.get("mode") == _SYMLINK_MODE)
        known = places.get(row["id"])
        place.count = known.count + 1 if known else 1
        if known is None or place.order() < known.order():
            places[row["id"]] = place
        else:
            known.count = place.count
    return places


def _licences(tables: list[str], repos: set[str]) -> dict[str, str]:
    rows = _scan(tables, "repo_name", repos, ("repo_name", "license"))
    return {row["repo_name"]: row["license"] for row in rows}


def _record(
    input: InputFile,
    config: IngestConfig,
    row: Row,
    place: _Place | None,
    licence_of: dict[str, str],
) -> Document | Drop:
    locator = f"{input.name}#id={row['id']}"
    size = int(row.get("size") or 0)
    if place is None and row.get("sample_repo_name"):  # the `sample_contents` table names one place itself
        mode = row.get("sample_mode") == _SYMLINK_MODE
        place = _Place(row["sample_repo_name"], str(row.get("sample_path") or ""), "", mode)
    content: str | bytes | None = row["content"]
    if place is None:
        refused = DropReason.NOT_CONTENT, "no files table beside names this blob: repository and path unknown"
    elif place.is_symlink:
        refused = DropReason.NOT_CONTENT, "a symbolic link, no regular file"
    elif content is None and row.get("binary"):
        refused = DropReason.BINARY, f"the dump calls its {size} bytes binary"
    elif content is None:
        refused = DropReason.TOO_LARGE, f"the dump left out its {size} bytes"
    else:
        licence = licence_of.get(place.repo)
        others = place.count - 1
        return file_record(
            input,
            config,
            content.encode() if isinstance(content, str) else content,
            locator=locator,
            path=place.path,
            repo=place.repo,
            licences=[licence] if licence else [],
            notes=(f"the same blob stands at {others} other places",) if others > 0 else (),
        )
    return make_drop(input, SourceKind.GITHUB, locator, *refused, n_bytes=size)
