"""Jupyter notebooks: single files, tar and zip archives of them, and JSON lines.

Only bytes and provenance are delivered: what is no sound notebook (a merge conflict, a
pointer of Git LFS, an error page) is for the extractor to mend or to refuse.
JSON lines hold `content` (text, or the notebook as an object) and, if known, `repo`,
`path`, `license`; `decoded_as` names the charset by which bytes became text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, cast

from corpusforge.document import Document, Drop, DropReason, Markup, SourceKind
from corpusforge.ingest.archives.archive import entries, is_archive
from corpusforge.ingest.archives.entry import Entry, Limits, Refused
from corpusforge.ingest.compression.inflate import Inflated
from corpusforge.ingest.compression.lines import Line, line_begun, lines, range_of
from corpusforge.ingest.config import IngestConfig
from corpusforge.ingest.coverage import Coverage
from corpusforge.ingest.inputs import InputFile
from corpusforge.ingest.opening import opened
from corpusforge.ingest.records import damage_drops, entry_locator, make_document, make_drop, note_stop
from corpusforge.ingest.repositories.files import is_notebook_file, licence_fields, refusal, snapshot_path
from corpusforge.ingest.repositories.licences import Licence, LicenceFiles, licence_files
from corpusforge.ingest.tables.cells import BadValue, is_blank, licences_of, name_of
from corpusforge.ingest.tables.columns import first_of

_KIND = SourceKind.NOTEBOOKS
_SUFFIXES = ".ipynb, .zpln, .deepnote"
_LINES_NAME = re.compile(r"\.(?:jsonl|ndjson)(?:\.\w+)?$", re.IGNORECASE)
_FILE_NAME = re.compile(r"\.(?:ipynb|zpln|deepnote)(?:\.\w+)?$", re.IGNORECASE)
_GITHUB_NAME = re.compile(r"[A-Za-z0-9][\w.-]*", re.ASCII)
_SNAPSHOT_TOP = re.compile(r".+-[0-9a-f]{7,64}")
_CONTENT_KEYS = ("content", "notebook", "text", "source")
_SHOWN_CHARS = 160


def read_notebooks(
    input: InputFile,
    config: IngestConfig,
    start: int = 0,
    stop: int | None = None,
    *,
    survey: bytes | None = None,
    coverage: Coverage | None = None,
) -> Iterator[Document | Drop]:
    """Yield one record per notebook, in the order of the file.

    `start` and `stop` are entries of a zip's directory, or bytes of JSON lines; `survey` holds the
    licence files of an archive, or the line ends of plain lines.
    Locators: `<archive>!<entry>`, `<file>#line=<n>&offset=<byte>`, or the file's name.
    """
    coverage = coverage or Coverage()
    with opened(input.path, coverage, will_reread=True) as stream:  # an archive's licences are read first
        if is_archive(stream):
            limits = Limits(config.max_record_bytes, config.max_ratio)
            licences = LicenceFiles.unpacked(survey) if survey else licence_files(stream, limits)
            for found in entries(stream, limits, start, stop, coverage):
                if isinstance(found, Refused):
                    locator = entry_locator(input, found)
                    yield make_drop(input, _KIND, locator, found.reason, found.detail, n_bytes=found.n_bytes)
                else:
                    yield _entry(input, config, found, licences.of(found.name))
            return
        inflated = range_of(stream, config.max_ratio, start, stop)
        if start > 0 or is_lines(input.name, next(Inflated(stream, config.max_ratio).blocks(), b"")):
            begun = line_begun(stream, inflated, start, survey)
            # JSON escapes at worst double a notebook, which is JSON itself.
            for line in lines(inflated, 2 * config.max_record_bytes, begun):
                yield from damage_drops(input, _KIND, inflated, line.out_bytes)
                yield from _line(input, config, line)
        else:
            data = inflated.whole(config.max_record_bytes)
            if inflated.is_whole:
                yield _notebook(input, config, data, input.name, path=input.name)
        yield from damage_drops(input, _KIND, inflated)
        note_stop(coverage, inflated)


def is_lines(name: str, head: bytes) -> bool:
    """Return whether a file is JSON lines: by name, else by whether its first line is a row."""
    if _LINES_NAME.search(name) or _FILE_NAME.search(name):
        return _LINES_NAME.search(name) is not None
    try:
        row = json.loads(head.partition(b"\n")[0])
    except (ValueError, RecursionError):
        return False
    return isinstance(row, dict) and any(key in row for key in _CONTENT_KEYS)


def _entry(input: InputFile, config: IngestConfig, found: Entry, licence: Licence | None) -> Document | Drop:
    name, data, locator = found.name, found.data, entry_locator(input, found)
    if not is_notebook_file(name, data):
        detail = f"no notebook by its name, which ends in none of {_SUFFIXES}"
        return make_drop(input, _KIND, locator, DropReason.NOT_CONTENT, detail, n_bytes=len(data))
    repo, path = repo_and_path(name, input.name)
    fields = licence_fields((), licence)
    return _notebook(input, config, data, locator, repo=repo, path=path, **fields)


def repo_and_path(entry: str, archive: str) -> tuple[str | None, str]:
    """Return (repository, path in it) of an archive's entry.

    A collection holds `<owner>/<name>/<path>`, a snapshot `<name>-<commit>/<path>`.
    """
    parts = entry.removeprefix("./").split("/")
    if _SNAPSHOT_TOP.fullmatch(parts[0]):
        return snapshot_path(entry, archive)
    if len(parts) >= 3 and all(_GITHUB_NAME.fullmatch(part) for part in parts[:2]):
        return "/".join(parts[:2]), "/".join(parts[2:])
    return None, "/".join(parts)


def _line(input: InputFile, config: IngestConfig, line: Line) -> Iterator[Document | Drop]:
    locator = f"{input.name}#{line.place()}"
    if line.n_bytes > len(line.data):
        detail = f"the line has {line.n_bytes} bytes, the limit is {2 * config.max_record_bytes}"
        yield make_drop(input, _KIND, locator, DropReason.TOO_LARGE, detail, n_bytes=line.n_bytes)
    elif line.data.strip():
        yield _row(input, config, line.data, locator, line.number)


def _row(input: InputFile, config: IngestConfig, line: bytes, locator: str, number: int) -> Document | Drop:
    try:
        value: object = json.loads(line)
    except (ValueError, RecursionError) as error:
        detail = f"the line is no JSON: {error}"
        return make_drop(input, _KIND, locator, DropReason.UNREADABLE, detail, n_bytes=len(line))
    row = cast("dict[str, Any]", value) if isinstance(value, dict) else {}
    held = [row[key] for key in _CONTENT_KEYS if row.get(key) is not None]
    content = next((value for value in held if not is_blank(value)), next(iter(held), None))
    if content is None and "cells" in row:
        content = row  # one bare notebook a line
    if not isinstance(content, str | dict | list):
        detail = f"no notebook in the line; keys: {', '.join(sorted(row))[:_SHOWN_CHARS] or 'none'}"
        return make_drop(input, _KIND, locator, DropReason.NOT_CONTENT, detail, n_bytes=len(line))
    charset = "latin-1" if row.get("decoded_as") == "latin-1" else "utf-8"
    try:
        text = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
        repo, path = (name_of(*first_of(row, field)) for field in ("repo", "path"))
        licences = licences_of(*first_of(row, "licence"))
    except (BadValue, RecursionError) as error:
        detail = f"line {number}, {error}"
        return make_drop(input, _KIND, locator, DropReason.UNREADABLE, detail, n_bytes=len(line))
    fields = licence_fields(licences, None)
    return _notebook(input, config, text.encode(charset, "replace"), locator, repo=repo, path=path, **fields)


def _notebook(
    input: InputFile, config: IngestConfig, data: bytes, locator: str, **fields: Any
) -> Document | Drop:
    if refused := refusal(data, config.max_record_bytes):
        return make_drop(input, _KIND, locator, *refused, n_bytes=len(data))
    return make_document(input, _KIND, locator, markup=Markup.NOTEBOOK, raw=data, **fields)
