"""Books to text: Project Gutenberg text, EPUB by spine, XHTML."""

from __future__ import annotations

import html
import io
import posixpath
import re
import zipfile
import zlib
from dataclasses import replace
from urllib.parse import unquote

from corpusforge.document import Document, Drop, DropReason, drop
from corpusforge.extract.charset import decode_html, decode_plain
from corpusforge.extract.config import ExtractConfig
from corpusforge.extract.gutenberg import (
    joined_lines,
    named_charset,
    unwrapped,
    without_credits,
    without_furniture,
    year_of,
)
from corpusforge.extract.html import page_text
from corpusforge.text import clean_text

_SPACES = re.compile(r"\s+")
_ROOTFILE = re.compile(r"""<(?:\w+:)?rootfile\b[^>]*?\bfull-path\s*=\s*["']([^"']+)["']""", re.I)
_ITEM = re.compile(r"<(?:\w+:)?item\b([^>]*)>", re.I)
_ITEMREF = re.compile(r"""<(?:\w+:)?itemref\b[^>]*?\bidref\s*=\s*["']([^"']+)["']""", re.I)
_ATTRIBUTE = re.compile(r"""([\w:-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_METADATA = re.compile(r"<dc:(title|date|creator)\b[^>]*>([^<]*)</dc:\1\s*>", re.I)
_DATE = re.compile(r"\d{4}(?:-\d\d(?:-\d\d)?)?")
_FRONT_MATTER = re.compile(
    r"<(?:body|section)\b[^>]*epub:type\s*=\s*[\"'][^\"']*\b(?:colophon|copyright-page|imprint|toc|loi|landmarks|cover)\b",
    re.I,
)
_FRONT_NAME = re.compile(
    r"(?:^|/)(?:toc|nav|cover|colophon|uncopyright|imprint|wrap\d*|titlepage)\.x?html?$", re.I
)
_MAX_MEMBERS = 10_000


def extract_book_text(document: Document, config: ExtractConfig) -> Document | Drop:
    """Return a plain-text book without its publisher's wrapping, paragraphs as lines."""
    raw = document.raw or b""
    decoded = decode_plain(raw, document.charset or named_charset(raw))
    if decoded is None:
        return drop(document, DropReason.BINARY, f"binary: {len(raw)} bytes of a book in plain text")
    text, notes = decoded
    text, fields, more = unwrapped(text.replace("\r\n", "\n").replace("\r", "\n"))
    text = without_furniture(text)
    if config.join_book_lines:
        text = joined_lines(text)
    return _finished(document, text, [*notes, *more], config, fields.get("Title"), year_of(fields))


def extract_xhtml_book(document: Document, config: ExtractConfig) -> Document | Drop:
    """Return a book that is one (X)HTML page: everything visible, formulas kept."""
    page, notes = decode_html(document.raw or b"", document.charset)
    head = page.lower().find("<body")
    body, fields, more = unwrapped(page[max(head, 0) :].replace("\r\n", "\n").replace("\r", "\n"))
    text, title, _, _ = page_text(body, config, main_content=False, code=False)
    named = re.search(r"<title[^>]*>([^<]*)", page, re.I)
    title = fields.get("Title") or title or (html.unescape(named[1]) if named else None)
    text = without_credits(without_furniture(text)) if more else text
    return _finished(document, text, [*notes, *more], config, title, year_of(fields))


def extract_epub(document: Document, config: ExtractConfig) -> Document | Drop:
    """Return an EPUB's chapters in the order of its spine, front and back matter left out."""
    try:
        with zipfile.ZipFile(io.BytesIO(document.raw or b"")) as archive:
            return _epub(document, archive, config)
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        NotImplementedError,
        RuntimeError,
        KeyError,
        ValueError,
    ) as error:
        # RuntimeError: an encrypted member; KeyError: a member that the spine names is missing.
        return drop(document, DropReason.UNREADABLE, f"EPUB: {_SPACES.sub(' ', str(error))[:150]}")


def _epub(document: Document, archive: zipfile.ZipFile, config: ExtractConfig) -> Document | Drop:
    members = {info.filename: info for info in archive.infolist()[:_MAX_MEMBERS]}
    container = _member(archive, members, "META-INF/container.xml", config)
    found = _ROOTFILE.search(container)
    if found is None:
        raise ValueError("container.xml names no package file")
    package_name = html.unescape(found[1])
    package = _member(archive, members, package_name, config)
    chapters = _spine(package, package_name)
    total = sum(members[name].file_size for name in chapters if name in members)
    if total > config.max_epub_bytes:
        return drop(document, DropReason.BOMB, f"EPUB unpacks to {total} bytes > {config.max_epub_bytes}")
    texts: list[str] = []
    missing = 0
    for name in chapters:
        if name not in members:
            missing += 1
            continue
        source = _member(archive, members, name, config)
        if _FRONT_NAME.search(name) or _FRONT_MATTER.search(source[:4000]):
            continue
        texts.append(page_text(source, config, main_content=False, code=False)[0])
    notes = [f"{missing} chapters of the spine are missing"] if missing else []
    metadata = {
        key.lower(): html.unescape(value).strip() for key, value in reversed(_METADATA.findall(package))
    }
    date = _DATE.match(metadata.get("date", ""))
    text = "\n\n".join(filter(None, texts))
    return _finished(document, text, notes, config, metadata.get("title"), date[0] if date else None)


def _member(
    archive: zipfile.ZipFile, members: dict[str, zipfile.ZipInfo], name: str, config: ExtractConfig
) -> str:
    info = members[name]
    if info.file_size > config.max_epub_bytes:
        raise ValueError(f"{name} unpacks to {info.file_size} bytes")
    if info.file_size > config.max_epub_ratio * max(1, info.compress_size) and info.file_size > 1 << 20:
        raise ValueError(f"{name} unpacks {info.file_size / max(1, info.compress_size):.0f}-fold")
    with archive.open(info) as stream:
        # One byte more than promised shows a member whose header lies.
        data = stream.read(info.file_size + 1)
    return decode_html(data, None)[0]


def _spine(package: str, package_name: str) -> list[str]:
    """Return the archive names of the chapters, in reading order."""
    folder = posixpath.dirname(package_name)
    items: dict[str, str] = {}
    for match in _ITEM.finditer(package):
        values = {
            name.lower(): html.unescape(first or second)
            for name, first, second in _ATTRIBUTE.findall(match[1])
        }
        if "html" in values.get("media-type", "") and "nav" not in values.get("properties", "").split():
            items[values.get("id", "")] = posixpath.normpath(
                posixpath.join(folder, unquote(values.get("href", "")))
            )
    order = [items[name] for name in _ITEMREF.findall(package) if name in items]
    return list(dict.fromkeys(order)) or list(items.values())


def _finished(
    document: Document,
    text: str,
    notes: list[str],
    config: ExtractConfig,
    title: str | None,
    date: str | None,
) -> Document | Drop:
    text = clean_text(text)
    if len(_SPACES.sub("", text)) < config.min_text_chars:
        return drop(document, DropReason.NO_TEXT, f"no text in {len(document.raw or b'')} bytes of a book")
    return replace(
        document,
        raw=None,
        text=text,
        title=document.title or (_SPACES.sub(" ", title).strip() if title else None) or None,
        date=document.date or date,
        notes=(*document.notes, *notes),
    )
