"""Books: Gutenberg text, LaTeX, HTML and EPUB; single files, compressed, or in archives.

One file is one book. Its bytes are delivered whole: headers, footers and chapters are for
the extractor. Locator: the file's name, or `<archive>!<entry>`.
"""

from __future__ import annotations

import html
import io
import re
from collections.abc import Iterator
from typing import IO, Any

from corpusforge.document import Document, Drop, DropReason, Markup, SourceKind
from corpusforge.ingest.archives.archive import ZIP_MAGICS, entries, is_archive
from corpusforge.ingest.archives.entry import Found, Limits, Refused
from corpusforge.ingest.archives.spill import entry_names
from corpusforge.ingest.compression.inflate import Inflated, grows_too_much
from corpusforge.ingest.config import IngestConfig
from corpusforge.ingest.coverage import Coverage
from corpusforge.ingest.epub import begins_as_epub, is_container, is_epub
from corpusforge.ingest.inputs import InputFile
from corpusforge.ingest.opening import opened
from corpusforge.ingest.records import damage_drops, entry_locator, make_document, make_drop, note_stop
from corpusforge.ingest.repositories.files import refusal

_KIND = SourceKind.BOOKS
_HTML = re.compile(
    rb"\A(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*>\s*)?(?:(?><!--.*?-->)\s*+)*+<(?:!doctype\s+html|html)\b",
    re.I | re.S,
)
_ZIP_HEAD_BYTES = 256
_BOOK_NAME = re.compile(r"\.(?:txt|text|tex|html?|xhtml|epub)$", re.IGNORECASE)
_HEADER_BYTES = 8 << 10
_PAGE_HEADER_BYTES = 64 << 10  # a page's styles stand before
_HEAD = re.compile(rb"Project Gutenberg", re.IGNORECASE)
_TAGS = rb"(?:<[^<>\n]{1,99}>)*"
_VALUE = rb":" + _TAGS + rb"[ \t]*([^\s<][^\r\n<]*)"
_TITLE = re.compile(rb"^[ \t]*" + _TAGS + rb"Title" + _TAGS + _VALUE, re.MULTILINE)
_AUTHOR = re.compile(rb"^[ \t]*" + _TAGS + rb"Author" + _TAGS + _VALUE, re.MULTILINE)
_LANGUAGE = re.compile(rb"^[ \t]*" + _TAGS + rb"Language" + _TAGS + _VALUE, re.MULTILINE)
_NUMBER = re.compile(rb"\[e(?:book|text) #(\d{1,7})\]", re.IGNORECASE)
_LANGUAGES = {
    "chinese": "zh",
    "danish": "da",
    "dutch": "nl",
    "english": "en",
    "esperanto": "eo",
    "finnish": "fi",
    "french": "fr",
    "german": "de",
    "greek": "el",
    "hungarian": "hu",
    "icelandic": "is",
    "italian": "it",
    "latin": "la",
    "norwegian": "no",
    "polish": "pl",
    "portuguese": "pt",
    "spanish": "es",
    "swedish": "sv",
    "tagalog": "tl",
    "welsh": "cy",
}
"""The languages of Project Gutenberg with more than fifty books, as its headers write them."""


def read_books(
    input: InputFile,
    config: IngestConfig,
    start: int = 0,
    stop: int | None = None,
    *,
    survey: bytes | None = None,
    coverage: Coverage | None = None,
) -> Iterator[Document | Drop]:
    """Yield one record per book; `start` and `stop` are entries of a zip's directory."""
    coverage = coverage or Coverage()
    with opened(input.path, coverage) as stream:
        if is_archive(stream) and not _is_epub(stream):
            limits = Limits(config.max_record_bytes, config.max_ratio)
            for found in entries(stream, limits, start, stop, coverage):
                yield _entry(input, config, found)
            return
        inflated = Inflated(stream, max_ratio=config.max_ratio)
        data = inflated.whole(config.max_record_bytes)
        if inflated.is_whole:
            yield _book(input, config, data, input.name, input.name)
        yield from damage_drops(input, _KIND, inflated)
        note_stop(coverage, inflated)


def _entry(input: InputFile, config: IngestConfig, found: Found) -> Document | Drop:
    locator = entry_locator(input, found)
    if isinstance(found, Refused):
        return make_drop(input, _KIND, locator, found.reason, found.detail, n_bytes=found.n_bytes)
    if not _BOOK_NAME.search(found.name):
        detail = "no book by its name"
        return make_drop(input, _KIND, locator, DropReason.NOT_CONTENT, detail, n_bytes=len(found.data))
    return _book(input, config, found.data, locator, found.name)


def _is_epub(stream: IO[bytes]) -> bool:
    """Return whether an archive is one EPUB, wherever its `mimetype` lies; leaves it at its start.

    Of one whose directory is lost the first entry tells.
    """
    stream.seek(0)
    head = stream.read(_ZIP_HEAD_BYTES)
    stream.seek(0)
    names = entry_names(stream)
    stream.seek(0)
    return begins_as_epub(head) if names is None else is_epub(names)


def _book(input: InputFile, config: IngestConfig, data: bytes, locator: str, path: str) -> Document | Drop:
    if data.startswith(ZIP_MAGICS):
        refused = _epub_refusal(data, config)
        markup = Markup.EPUB
    else:
        refused = refusal(data, config.max_record_bytes)
        markup = Markup.XHTML_BOOK if _HTML.match(data[:_HEADER_BYTES]) else Markup.BOOK_TEXT
    if refused is not None:
        return make_drop(input, _KIND, locator, *refused, n_bytes=len(data))
    head = {Markup.BOOK_TEXT: _HEADER_BYTES, Markup.XHTML_BOOK: _PAGE_HEADER_BYTES}.get(markup, 0)
    fields = gutenberg_fields(data[:head])
    return make_document(input, _KIND, locator, markup=markup, raw=data, path=path, **fields)


def _epub_refusal(data: bytes, config: IngestConfig) -> tuple[DropReason, str] | None:
    """Return why an EPUB is not handed on, or None: every entry is inflated once to see what it holds."""
    if len(data) > config.max_record_bytes:
        return DropReason.TOO_LARGE, f"{len(data)} bytes, the limit is {config.max_record_bytes}"
    limits = Limits(config.max_record_bytes, config.max_ratio)
    n_bytes, has_container = 0, False
    for found in entries(io.BytesIO(data), limits):
        if isinstance(found, Refused):
            if found.reason in (DropReason.BOMB, DropReason.UNSAFE_NAME) or found.name.startswith("#"):
                return found.reason, f"{found.name}: {found.detail}"
            continue
        has_container = has_container or is_container(found.name)
        n_bytes += len(found.data)
        if grows_too_much(len(data), n_bytes, config.max_ratio):
            return DropReason.BOMB, f"{len(data)} bytes inflate to over {n_bytes}"
    return (
        None
        if has_container
        else (DropReason.CONTENT_TYPE, "a zip inside that is no EPUB: no META-INF/container.xml")
    )


def gutenberg_fields(head: bytes) -> dict[str, Any]:
    """Return title, author (a note), language and address that a Gutenberg book's head tells."""
    if not _HEAD.search(head):
        return {}
    fields: dict[str, Any] = {}
    if found := _TITLE.search(head):
        fields["title"] = html.unescape(_decoded(found[1])).strip()
    if found := _AUTHOR.search(head):
        fields["notes"] = (f"author: {html.unescape(_decoded(found[1])).strip()}",)
    if found := _LANGUAGE.search(head):
        if language := _LANGUAGES.get(_decoded(found[1]).strip().lower()):
            fields["language"] = language
    if found := _NUMBER.search(head):
        fields["url"] = f"https://www.gutenberg.org/ebooks/{int(found[1])}"
        fields["host"] = "www.gutenberg.org"
    return fields


def _decoded(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("latin-1")
