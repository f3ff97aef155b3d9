"""What a dump is, told from its content first and from its name where that says nothing."""

from __future__ import annotations

import io
import json
import os
import re
import zipfile
import zlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import IO, Any, cast

from corpusforge.document import SourceKind
from corpusforge.files import base_name, is_remote, read_range
from corpusforge.ingest.archives.archive import entries, is_archive
from corpusforge.ingest.archives.entry import Entry, Limits
from corpusforge.ingest.archives.spill import WAY_OUT_OF_7Z, entry_names
from corpusforge.ingest.archives.zip_names import open_zip
from corpusforge.ingest.compression.inflate import Inflated, compression_of
from corpusforge.ingest.epub import begins_as_epub
from corpusforge.ingest.forms import WARC_NAME, kind_of_names
from corpusforge.ingest.opening import opened
from corpusforge.ingest.records import lfs_pointer
from corpusforge.ingest.strange import HEAD_BYTES, strange, strange_archive
from corpusforge.ingest.tables.array import is_array
from corpusforge.ingest.tables.arrow import is_arrow
from corpusforge.ingest.tables.columns import may_hold_text
from corpusforge.ingest.tables.parquet import Table, TableError
from corpusforge.ingest.tables.rows import no_text
from corpusforge.ingest.web.archive_records import begins_record, holds_record
from corpusforge.ingest.web.members import archive_compression, pieces
from corpusforge.ingest.web.mhtml import is_mail, is_mhtml
from corpusforge.ingest.wiki.enterprise import is_enterprise

_HEAD_BYTES = 64 << 10
_PLAN_BYTES = 256 << 10
"""What telling a kind may read of a file; more only where that decompresses to nothing."""
_MAX_BLOCK_BYTES = 1 << 20
"""More than one block of bzip2, which gives nothing out before it is whole."""
_MAX_ENTRIES = 64
_ENTRY_LIMITS = Limits(max_entry_bytes=1 << 20, max_ratio=1000.0)
_PICTURES = frozenset(".jpg .jpeg .png .gif .svg .css .ttf .otf .mid .midi .mp3 .ogg .ly .pdf .xml".split())
_BOOK_SUFFIXES = frozenset((".txt", ".htm", ".html", ".xhtml", ".tex"))
"""Of what may stand beside a book, and of a book."""
_PARQUET_MAGIC = b"PAR1"
_MEDIAWIKI = re.compile(rb"<(?:\w+:)?mediawiki[\s>]")
_MULTISTREAM_INDEX = re.compile(rb"\d+:\d+:[^\n]+\n")
_STACKEXCHANGE = re.compile(rb"<(?:posts|badges|comments|postlinks|posthistory|tags|users|votes)\s*>", re.I)
_NOTEBOOK = re.compile(rb'\A\s*\{.*?"(?:cells|worksheets|nbformat)"\s*:', re.DOTALL)
_GUTENBERG = re.compile(rb"\*\*\* ?START OF|Project Gutenberg", re.IGNORECASE)
_JSON_ROW = re.compile(rb'\A\s*\{\s*"[^"\n]{1,80}"\s*:')
_PACKED = re.compile(r"\.(?:gz|bz2|xz|zst|lz4|7z)(?:\.\w{1,8})?$")
_GITHUB_COLUMNS = frozenset({"repo_name", "max_stars_repo_name", "repository_name", "max_stars_repo_path"})
_NAMES: tuple[tuple[re.Pattern[str], SourceKind], ...] = (
    (re.compile(r"\.(?:warc|arc|wet|wat)(?:\.|$)"), SourceKind.WARC),
    (re.compile(r"\.(?:ipynb|zpln|deepnote)$"), SourceKind.NOTEBOOKS),
    (re.compile(r"\.(?:jsonl|ndjson|parquet)$"), SourceKind.JSONL),
    (re.compile(r"wiki.*\.xml|pages-articles|pages-meta"), SourceKind.MEDIAWIKI),
    (re.compile(r"stackexchange|posts\.xml$"), SourceKind.STACKEXCHANGE),
    (re.compile(r"\.(?:epub|txt|text|html?|xhtml)$"), SourceKind.BOOKS),
)
_CALLED = {
    "zip": "zip archive", "gz": "gzip", "bz2": "bzip2", "xz": "xz", "zst": "zstd", "lz4": "LZ4",
    "7z": "7z archive", "tar": "tar archive", "tgz": "gzip",
}  # fmt: skip
_NO_SOURCE_FILE = re.compile(r"\.(?:json|csv|tsv|log|xml|cdxj?|idx|lock|md5|sha\d+|toml|ya?ml)$|^[^.]*$")


def detect_kind(path: str) -> SourceKind:
    """Return what a file or folder is.

    Raises ValueError, one clear line, where neither content nor name tells.
    """
    name = _PACKED.sub("", base_name(path).lower())
    if not is_remote(path) and os.path.isdir(path):
        return SourceKind.GITHUB  # a git repository, bare or not, or a folder of files
    with opened(path, until_bytes=_PLAN_BYTES) as stream:
        raw = stream.read(512)
        if raw.startswith(_PARQUET_MAGIC):
            stream.seek(0)
            return _parquet_kind(stream, path)
        if is_arrow(raw):
            return SourceKind.JSONL
        if (pointer := lfs_pointer(raw)) is not None:
            raise ValueError(f"{path}: {pointer}")
        stream.seek(0)
        first = stream.read(HEAD_BYTES)
        if (what := strange(first)) is not None and (b"\0" in first or is_mail(first)):
            raise ValueError(f"{path}: {what}")  # those in plain text are dropped as one record
        if raw[:2] == b"PK" or compression_of(raw) == "7z":
            return _packed_kind(stream, path, name, raw)
        beginning = _beginning(stream, raw)
        head = _head(beginning, raw)
        beginning.seek(0)
        if is_enterprise(head):
            return SourceKind.MEDIAWIKI
        if is_mhtml(head):
            return SourceKind.WARC
        if head and is_archive(beginning):
            return _archive_kind(stream)
    kind = _content_kind(head, name) or next((kind for rule, kind in _NAMES if rule.search(name)), None)
    if kind is None and head and b"\0" not in head and not _NO_SOURCE_FILE.search(name):
        kind = SourceKind.GITHUB  # one loose source file
    if kind is None:
        if raw and (packing := _CALLED.get(path.lower().rpartition(".")[2])):
            raise ValueError(
                f"{path}: no {packing}, as its name says, from byte 0 on (it begins {raw[:8].hex(' ')}): "
                "fetch it again, or take it out of the source"
            )
        what = "it is empty" if not raw else "neither its content nor its name tells"
        known = ", ".join(SourceKind)
        raise ValueError(f"{path}: no known kind of dump: {what} (kinds: {known})")
    return kind


def is_parquet(path: str) -> bool:
    """Return whether a path is a file that begins as Parquet does."""
    if not is_remote(path) and os.path.isdir(path):
        return False
    return read_range(path, 0, len(_PARQUET_MAGIC)) == _PARQUET_MAGIC


def _beginning(stream: IO[bytes], raw: bytes) -> IO[bytes]:
    """Return the first bytes of a file, as many as give some content; the file where that takes too many."""
    n_bytes = _HEAD_BYTES
    while n_bytes <= _MAX_BLOCK_BYTES:
        stream.seek(0)
        data = stream.read(n_bytes)
        if len(data) < n_bytes or _head(io.BytesIO(data), raw):
            return io.BytesIO(data)
        n_bytes *= 2
    return stream


def _head(stream: Any, raw: bytes) -> bytes:
    """Return the first decompressed bytes, as UTF-8 where a byte order mark says UTF-16."""
    stream.seek(0)
    if archive_compression(raw) and compression_of(raw) != "gzip":
        first = next(pieces(stream, 0, begins_record), None)
        head = getattr(first, "data", b"")
    else:
        head = next(Inflated(stream, max_ratio=1e6).blocks(), b"")
    head = head[:_HEAD_BYTES]
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        head = head.decode("utf-16", "replace").encode("utf-8", "replace")
    return head.removeprefix(b"\xef\xbb\xbf")


def _content_kind(head: bytes, name: str) -> SourceKind | None:
    if begins_record(head.lstrip(b"\r\n\0 ")) or (not name.endswith(".py") and holds_record(head)):
        return SourceKind.WARC
    text = head.lstrip()
    if text.startswith(b"<"):
        if _MEDIAWIKI.search(head[:8192]):
            return SourceKind.MEDIAWIKI
        if _STACKEXCHANGE.search(head[:4096]):
            return SourceKind.STACKEXCHANGE
    if _MULTISTREAM_INDEX.match(text) and "index" in name:
        return SourceKind.MEDIAWIKI
    if text.startswith(b"{"):
        return _json_kind(text, name)
    if is_array(text) and _JSON_ROW.match(text[1:]) and not name.endswith(".ipynb"):
        return SourceKind.JSONL
    return SourceKind.BOOKS if _GUTENBERG.search(head) and not name.endswith((".py", ".md")) else None


def _json_kind(text: bytes, name: str) -> SourceKind | None:
    """Return what JSON objects are: one notebook, rows of notebooks, or rows of text."""
    line, end, rest = text.partition(b"\n")
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        row = None
    if isinstance(row, dict):
        values = cast("dict[str, Any]", row)
        if values.keys() & {"cells", "worksheets"}:
            return SourceKind.NOTEBOOKS
        if _is_notebook_row(values):
            return SourceKind.NOTEBOOKS if _are_notebooks(rest) else SourceKind.JSONL
        if may_hold_text(values) or rest.lstrip().startswith(b"{"):
            return SourceKind.JSONL
        return None
    if _NOTEBOOK.search(text) or name.endswith(".ipynb"):
        return SourceKind.NOTEBOOKS
    is_long = not end and len(text) >= _HEAD_BYTES // 2
    return SourceKind.JSONL if _JSON_ROW.match(text) and (is_long or name.endswith("l")) else None


def _is_notebook_row(values: Mapping[str, Any]) -> bool:
    return str(values.get("path", "")).endswith(".ipynb") and "content" in values


def _are_notebooks(rows: bytes) -> bool:
    """Return whether all whole rows of some are notebooks: a repository's files may begin with one."""
    for line in rows.split(b"\n")[:-1]:
        try:
            row: object = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(row, dict) and not _is_notebook_row(cast("dict[str, Any]", row)):
            return False
    return True


def _parquet_kind(stream: Any, path: str) -> SourceKind:
    try:
        columns = Table(stream).columns
    except TableError:
        return SourceKind.JSONL  # its reader says what is wrong
    if columns & _GITHUB_COLUMNS or columns >= {"content", "path"} or columns >= {"id", "content", "binary"}:
        return SourceKind.GITHUB
    if may_hold_text(columns):
        return SourceKind.JSONL
    raise ValueError(f"{path}: {no_text(columns)}")


def _packed_kind(stream: Any, path: str, name: str, raw: bytes) -> SourceKind:
    """Return what a zip or 7z holds, by the names in its directory before anything is unpacked."""
    stream.seek(0)
    names = entry_names(stream)
    if (kind := kind_of_names(names or [])) is not None:
        return kind
    if (what := strange_archive(names or [])) is not None:
        raise ValueError(f"{path}: {what}")
    if compression_of(raw) != "7z":
        return SourceKind.BOOKS if begins_as_epub(raw) else _archive_kind(stream, names)
    if names is None and (kind := next((kind for rule, kind in _NAMES if rule.search(name)), None)):
        return kind  # its reader says what is wrong with it
    raise ValueError(f"{path}: a 7z archive that holds no dump of a known kind; {WAY_OUT_OF_7Z}")


def _archive_kind(stream: IO[bytes], names: Sequence[str] | None = None) -> SourceKind:
    """Return what an archive holds, by the names of its first files; `names` are those of its directory."""
    stream.seek(0)
    found = _first_entries(io.BytesIO(stream.read(_HEAD_BYTES if names else _PLAN_BYTES)))
    if not found.suffixes and not names:
        stream.seek(0)
        found = _first_entries(stream)
    elif not found.suffixes and _begins_as_a_book(stream):
        return SourceKind.BOOKS
    if found.kind is not None:
        return found.kind
    if 2 * found.n_gutenberg > found.suffixes.total():
        return SourceKind.BOOKS
    suffixes = _suffixes(names) if names else found.suffixes
    if 2 * suffixes[".ipynb"] > suffixes.total():
        return SourceKind.NOTEBOOKS
    if 2 * suffixes[".epub"] > suffixes.total():
        return SourceKind.BOOKS
    return SourceKind.GITHUB


def _begins_as_a_book(stream: IO[bytes]) -> bool:
    """Return whether a zip's only text, too long to be looked at whole, begins as Gutenberg's books do."""
    stream.seek(0)
    try:
        with open_zip(stream) as archive:
            members = [each for each in archive.infolist() if not each.is_dir()]
            texts = [each for each in members if _suffixes([each.filename])]
            if len(texts) != 1 or os.path.splitext(texts[0].filename)[1].lower() not in _BOOK_SUFFIXES:
                return False
            with archive.open(texts[0]) as content:
                return _GUTENBERG.search(content.read(_HEAD_BYTES)) is not None
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError):
        return False


@dataclass(slots=True)
class _First:
    """What the first whole entries of an archive tell."""

    suffixes: Counter[str] = field(default_factory=Counter[str])
    n_gutenberg: int = 0
    kind: SourceKind | None = None


def _first_entries(stream: IO[bytes]) -> _First:
    told, names = _First(), list[str]()
    for found in entries(stream, _ENTRY_LIMITS):
        suffix = os.path.splitext(found.name)[1].lower()
        names.append(found.name)
        if isinstance(found, Entry) and suffix not in _PICTURES:
            told.suffixes[suffix] += 1
            if suffix in _BOOK_SUFFIXES and _GUTENBERG.search(found.data[:_HEAD_BYTES]):
                told.n_gutenberg += 1
        if WARC_NAME.search(found.name) and (kind := kind_of_names(names)):
            told.kind = kind
            break
        if told.suffixes.total() >= _MAX_ENTRIES or len(names) >= 8 * _MAX_ENTRIES:
            break
    return told


def _suffixes(names: Sequence[str]) -> Counter[str]:
    """Return how the first names of a directory end, but for pictures and folders."""
    found = (os.path.splitext(name)[1].lower() for name in names if not name.endswith("/"))
    return Counter(islice((suffix for suffix in found if suffix not in _PICTURES), _MAX_ENTRIES))
