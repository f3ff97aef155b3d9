"""The record that every step reads and returns, and the three ways it can end.

A document is *kept*, or becomes a `Drop` (an expected end, its reason from a closed list), or is
`Quarantined` (an unexpected end, with its traceback).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from enum import StrEnum
from operator import attrgetter
from typing import Any, cast

import pyarrow
import xxhash

from corpusforge.quick import maker
from corpusforge.step import OwnReason

pa: Any = pyarrow  # ships no types for what is used here

SCHEMA_VERSION = 1
"""Version of `DOCUMENT_SCHEMA`; part of every part's fingerprint."""


class SourceKind(StrEnum):
    """What a dump is, and so which reader opens it."""

    WARC = "warc"
    GITHUB = "github"
    NOTEBOOKS = "notebooks"
    MEDIAWIKI = "mediawiki"
    STACKEXCHANGE = "stackexchange"
    BOOKS = "books"
    JSONL = "jsonl"


class Markup(StrEnum):
    """What `Document.raw` is, and so which extractor turns it into text."""

    HTML = "html"
    NOTEBOOK = "notebook"
    WIKITEXT = "wikitext"
    SOURCE = "source"
    """A file of a repository, whatever it holds: program, Markdown, configuration."""
    QA = "qa"
    """UTF-8 JSON of one question and its answers, as `ingest.stackexchange` writes it."""
    BOOK_TEXT = "book_text"
    EPUB = "epub"
    XHTML_BOOK = "xhtml_book"
    TEXT = "text"
    """Ready UTF-8 text: nothing to extract."""


class DropReason(StrEnum):
    """Why a record left the corpus. Closed but for what a configuration adds (`OwnReason`)."""

    # ingest: the record holds no document
    NOT_CONTENT = "not_content"  # request, metadata, directory, symlink: counted, not written out
    HTTP_STATUS = "http_status"
    CONTENT_TYPE = "content_type"
    REDIRECT = "redirect"
    REVISIT = "revisit"
    DUPLICATE_PAYLOAD = "duplicate_payload"  # the same bytes as an earlier page of the dump
    EMPTY = "empty"
    TRUNCATED = "truncated"
    UNREADABLE = "unreadable"  # corrupt or malformed bytes at a known offset
    UNSAFE_NAME = "unsafe_name"  # path traversal or absolute name inside an archive
    TOO_LARGE = "too_large"
    BOMB = "bomb"  # expands beyond the limit
    BINARY = "binary"
    ENCODING = "encoding"
    NAMESPACE = "namespace"  # a wiki page that is no article
    DISAMBIGUATION = "disambiguation"
    # extract
    NO_TEXT = "no_text"
    # code: what a repository holds besides programs and prose
    DATA = "data"
    CONFIG = "config"
    LOCK_FILE = "lock_file"
    GENERATED = "generated"
    MINIFIED = "minified"
    VENDORED = "vendored"
    LICENCE_TEXT = "licence_text"
    MARKUP = "markup"
    LOG = "log"
    SQL_DUMP = "sql_dump"
    MERGE_CONFLICT = "merge_conflict"
    CORRUPTED = "corrupted"
    BUILD_FILE = "build_file"
    LOW_VALUE_CODE = "low_value_code"
    # label
    LANGUAGE = "language"
    # filter
    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    QUALITY = "quality"
    REPETITION = "repetition"
    LICENCE = "licence"
    OPT_OUT = "opt_out"  # a list of its owner's wishes
    RESERVED = "reserved"  # a mark of its own: X-Robots-Tag, meta, tdm-reservation, robots.txt
    BLOCKED = "blocked"  # a block list of hosts and URLs
    RETRACTED = "retracted"  # taken out of the built corpus on request, and kept out
    CONTAMINATED = "contaminated"
    # dedup
    EXACT_DUPLICATE = "exact_duplicate"
    NEAR_DUPLICATE = "near_duplicate"
    BOILERPLATE = "boilerplate"  # too little is left without what many documents hold


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One document and all that is known about it.

    `raw` and `markup` exist between ingest and extract only, `text` from extract on. All else goes to a part.
    """

    doc_id: str
    """32 hex digits: `stable_id(source_kind, locator)`."""
    source: str
    """The name of the source in the configuration."""
    source_kind: SourceKind
    locator: str
    """Leads back to the bytes: `dump.warc.gz#offset=812`, `owner/repo@commit:path`."""
    markup: Markup = Markup.TEXT
    raw: bytes | None = None
    charset: str | None = None
    """The charset that the transport named (HTTP header), a hint for extract."""
    reservations: tuple[str, ...] = ()
    """What transport and site say on the use of a page, `x-robots-tag: noai`: read before extract."""
    templates: Mapping[str, str] = field(default_factory=dict[str, str])
    """Wikitext of the wiki's own templates that a page uses, by name: between ingest and extract only."""
    text: str = ""
    content_hash: str = ""
    """32 hex digits: xxh3-128 of the normalised text; set when the document is kept."""
    url: str | None = None
    host: str | None = None
    repo: str | None = None
    path: str | None = None
    title: str | None = None
    date: str | None = None
    """ISO 8601, as exact as the source tells."""
    language: str | None = None
    """BCP-47."""
    language_score: float | None = None
    programming_language: str | None = None
    licence: str | None = None
    """SPDX expression."""
    licence_source: str | None = None
    """Where the licence was found: `header`, `dump` or `repository`."""
    domain: str | None = None
    subset: str | None = None
    domain_reason: str | None = None
    """The rule that decided and its figures, for a person."""
    math_score: float | None = None
    scaffold_score: float | None = None
    signals: Mapping[str, float] = field(default_factory=dict[str, float])
    """Quality signals and code features by name: numbers, stored even when not acted on."""
    redactions: Mapping[str, int] = field(default_factory=dict[str, int])
    """How many spans of each type were replaced by a placeholder."""
    notes: Sequence[str] = ()
    """What a step left out or repaired, for a person: `3 images dropped`."""

    @property
    def n_bytes(self) -> int:
        """Bytes of the text in UTF-8."""
        return len(self.text.encode())

    def __reduce__(self) -> tuple[Any, tuple[Any, ...]]:
        """Pickle the values alone, a third of the work of the generated way: documents cross two pipes."""
        return _unpickled, (self.source_kind.value, self.markup.value, *_values_of(self))


_NAMES = tuple(each.name for each in fields(Document) if each.name not in ("source_kind", "markup"))
_values_of = attrgetter(*_NAMES)


def _unpickled(
    source_kind: str, markup: str, doc_id: str, source: str, locator: str, *values: Any
) -> Document:
    return new_document(doc_id, source, SourceKind(source_kind), locator, Markup(markup), *values)


@dataclass(frozen=True, slots=True, kw_only=True)
class Drop:
    """A record that left on purpose: where it was, why, and the deciding figures."""

    doc_id: str
    source: str
    source_kind: SourceKind
    locator: str
    reason: DropReason | OwnReason
    detail: str
    """The rule and its figures, in one line for a person."""
    domain: str | None = None
    n_bytes: int = 0
    n_records: int = 1
    """How many records it tells of: the rows of a row group that cannot be decoded."""
    excerpt: str = ""
    """The first characters of the text, where there was one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarantined:
    """A record that a step failed on, with what is needed to look into it."""

    doc_id: str
    source: str
    source_kind: SourceKind
    locator: str
    error: str
    """One line: the exception, or `killed: 10.0 s of CPU time`."""
    traceback: str


new_document, new_drop = maker(Document), maker(Drop)
"""Return one of values in the order of the fields, or named: quicker than the classes themselves."""

EXCERPT_CHARS = 400


def stable_id(source_kind: str, locator: str) -> str:
    """Return the document id: 32 hex digits of xxh3-128 over source kind and locator."""
    return xxhash.xxh3_128_hexdigest(f"{source_kind}\0{locator}".encode("utf-8", "surrogatepass"))


_LITERAL_ESCAPE = re.compile(rb"\\x(?=[0-9a-f]{2})")
_ESCAPE = re.compile(rb"\\x([0-9a-f]{2})")


def name_text(name: str | bytes) -> str:
    r"""Return the name of a file as text that UTF-8 can hold and that leads back to its bytes.

    A byte that is no UTF-8 becomes `\xff`, half of a surrogate pair its three bytes; a name that
    spells such a sequence itself has its backslash written as `\x5c`. Any other name is unchanged.

    >>> name_text(b"caf\xe9.py")
    'caf\\xe9.py'
    """
    if isinstance(name, str):
        if "\\x" not in name and (name.isascii() or _is_utf8(name)):
            return name
        name = name.encode("utf-8", "surrogatepass")
    return _LITERAL_ESCAPE.sub(rb"\\x5cx", name).decode("utf-8", "backslashreplace")


def name_bytes(text: str) -> bytes:
    """Return the bytes of the name that `name_text` gave a text of."""
    return _ESCAPE.sub(lambda found: bytes.fromhex(found[1].decode()), text.encode())


def well_formed(text: str) -> str:
    """Return text that UTF-8 can hold: halves of surrogate pairs, which JSON allows, become U+FFFD."""
    if text.isascii() or _is_utf8(text):
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _is_utf8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def drop(document: Document, reason: DropReason | OwnReason, detail: str) -> Drop:
    """Return the `Drop` of a document, keeping an excerpt of its text."""
    return new_drop(
        doc_id=document.doc_id,
        source=document.source,
        source_kind=document.source_kind,
        locator=document.locator,
        reason=reason,
        detail=detail,
        domain=document.domain,
        n_bytes=document.n_bytes if document.text else len(document.raw or b""),
        excerpt=document.text[:EXCERPT_CHARS],
    )


_FIELDS = {each.name: number for number, each in enumerate(fields(Document))}
_all_values_of = attrgetter(*_FIELDS)


def changed(document: Document, **changes: Any) -> Document:
    """Return the document with other values: what `dataclasses.replace` does, in a sixth of its time."""
    values = list(_all_values_of(document))
    for name, value in changes.items():
        values[_FIELDS[name]] = value
    return new_document(*values)


def with_signals(document: Document, signals: Mapping[str, float], **changes: Any) -> Document:
    """Return the document with more signals, sorted by name so that bytes are stable, and other changes."""
    merged = {**document.signals, **signals}
    return changed(document, signals={name: merged[name] for name in sorted(merged)}, **changes)


_STRING = pa.string()
DOCUMENT_SCHEMA: Any = pa.schema(
    [
        ("doc_id", _STRING),
        ("source", _STRING),
        ("source_kind", _STRING),
        ("locator", _STRING),
        ("text", pa.large_string()),
        ("content_hash", _STRING),
        ("url", _STRING),
        ("host", _STRING),
        ("repo", _STRING),
        ("path", _STRING),
        ("title", _STRING),
        ("date", _STRING),
        ("language", _STRING),
        ("language_score", pa.float32()),
        ("programming_language", _STRING),
        ("licence", _STRING),
        ("licence_source", _STRING),
        ("domain", _STRING),
        ("subset", _STRING),
        ("domain_reason", _STRING),
        ("math_score", pa.float32()),
        ("scaffold_score", pa.float32()),
        ("signals", pa.map_(_STRING, pa.float64())),
        ("redactions", pa.map_(_STRING, pa.int32())),
        ("notes", pa.list_(_STRING)),
        ("n_bytes", pa.int64()),
    ]
)
"""The columns of `documents.parquet` in a part."""

DROP_SCHEMA: Any = pa.schema(
    [
        ("doc_id", _STRING),
        ("source", _STRING),
        ("source_kind", _STRING),
        ("locator", _STRING),
        ("reason", _STRING),
        ("detail", _STRING),
        ("domain", _STRING),
        ("n_bytes", pa.int64()),
        ("n_records", pa.int64()),
        ("excerpt", _STRING),
    ]
)
"""The columns of `rejects.parquet` in a part."""

_MAP_COLUMNS = ("signals", "redactions")


def documents_to_batch(documents: Iterable[Document]) -> Any:
    """Return documents as one Arrow record batch of `DOCUMENT_SCHEMA`, in order."""
    rows = list(documents)
    columns: list[Any] = []
    for column in DOCUMENT_SCHEMA:
        values: list[Any] = [getattr(row, column.name) for row in rows]
        if column.name in _MAP_COLUMNS:
            values = [sorted(value.items()) for value in values]
        columns.append(_column(values, column.type))
    return pa.RecordBatch.from_arrays(columns, schema=DOCUMENT_SCHEMA)


def drops_to_batch(drops: Iterable[Drop]) -> Any:
    """Return drops as one Arrow record batch of `DROP_SCHEMA`, in order."""
    rows = list(drops)
    columns = [_column([getattr(r, c.name) for r in rows], c.type) for c in DROP_SCHEMA]
    return pa.RecordBatch.from_arrays(columns, schema=DROP_SCHEMA)


def _column(values: list[Any], type: Any) -> Any:
    """Return an Arrow array; what a reader let pass that is no UTF-8 fails no batch."""
    try:
        return pa.array(values, type=type)
    except UnicodeEncodeError:
        return pa.array([_storable(value) for value in values], type=type)


def _storable(value: Any) -> Any:
    if isinstance(value, str):
        return well_formed(value)
    if isinstance(value, tuple):
        return tuple(map(_storable, cast("tuple[Any, ...]", value)))
    if isinstance(value, list):
        return list(map(_storable, cast("list[Any]", value)))
    return value


def document_from_row(row: Mapping[str, Any]) -> Document:
    """Return the document of one `DOCUMENT_SCHEMA` row, as `to_pylist` gives it."""
    values = {name: value for name, value in row.items() if name != "n_bytes"}
    for name in _MAP_COLUMNS:
        values[name] = dict(values[name] or ())
    values["notes"] = tuple(values["notes"] or ())
    values["source_kind"] = SourceKind(values["source_kind"])
    return Document(**values)
