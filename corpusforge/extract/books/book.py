"""Books to text: Project Gutenberg text, EPUB by spine, XHTML."""

from __future__ import annotations

import html
import io
import posixpath
import re
import zipfile
import zlib
from collections.abc import Collection
from dataclasses import replace
from urllib.parse import unquote

from corpusforge.document import Document, Drop, DropReason, drop
from corpusforge.extract.books.gutenberg import (
    joined_lines,
    named_charset,
    unwrapped,
    without_credits,
    without_furniture,
    year_of,
)
from corpusforge.extract.books.pages import without_pages
from corpusforge.extract.config import ExtractConfig
from corpusforge.extract.encoding.charset import decode_html, decode_plain
from corpusforge.extract.web.html import page_text
from corpusforge.text import clean_text

_SPACES = re.compile(r"\s+")
_ROOTFILE = re.compile(r"<(?:\w+:)?rootfile\b([^<>]*)>", re.I)
_ITEM = re.compile(r"<(?:\w+:)?item\b([^<>]*)>", re.I)
_ITEMREF = re.compile(r"""<(?:\w+:)?itemref\b[^<>]*?\bidref\s*=\s*["']([^"']+)["']""", re.I)
_ATTRIBUTE = re.compile(r"""(?<![\w:-])([\w:-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_METADATA = re.compile(r"<dc:(title|date|creator|language)\b[^>]*>([^<]*)</dc:\1\s*>", re.I)
_GUIDE = re.compile(r"<(?:\w+:)?reference\b([^>]*)>", re.I)
_GUIDE_FRONT = frozenset("cover title-page toc copyright-page colophon loi lot".split())
_LANGUAGE = re.compile(
    r"""<html\b[^>]{0,500}?\b(?:xml:)?lang\s*=\s*["']([A-Za-z]{2,3}(?:-[A-Za-z]{2,4})?)["']"""
    r"""|<meta\s+name=["']dc\.language["'][^>]{0,99}?content=["']([A-Za-z]{2,3})["']""",
    re.I,
)
_DATE = re.compile(r"\d{4}(?:-\d\d(?:-\d\d)?)?")
_FRONT_MATTER = re.compile(
    r"<(?:body|section|nav|div)\b[^>]*(?:epub:type|role)\s*=\s*[\"'][^\"']*"
    r"\b(?:colophon|copyright-page|imprint|toc|loi|lot|landmarks|cover|titlepage|halftitlepage|seriespage|index)\b",
    re.I,
)
_FRONT_NAME = re.compile(
    r"(?:^|/)(?:toc|nav|loi|lot|cover(?:page|-page)?|colophon|(?:un)?copyright(?:page|-page)?|imprint|wrap\d*"
    r"|(?:half-?)?title-?page|half-?title|contents)\.x?html?$",
    re.I,
)
_FURNITURE = ",".join(
    f"{tag}.{name}"
    for tag in ("span", "a", "div", "p", "small")
    for name in ("pagenum", "pageno", "page-number", "pagebreak")
) + (
    r",[epub\:type~=pagebreak],[role=doc-pagebreak],[epub\:type~=backlink],[role=doc-backlink],#pg-header,#pg-footer"
    ",.pg-boilerplate,.pgheader,.pgfooter,.transnote,.tnote,.trnote,.mynote,.transcriber,.transcribers-note,.tnbox"
)
"""Page numbers, the way back from a note, and what the makers of the electronic text say of it."""
_NOTE_REFERENCE = re.compile(
    r"(<a\b[^>]*epub:type=[\"']noteref[\"'][^>]*>)\s*(\d{1,4}|[*†‡§]{1,3})\s*(</a>)", re.I
)
_COPYRIGHT_WORDS = (
    re.compile(r"copyright|©", re.I),
    re.compile(
        r"all rights reserved|no part of this (?:book|publication)|rechte vorbehalten|tous droits réservés",
        re.I,
    ),
    re.compile(r"\bISBN\b", re.I),
    re.compile(r"first published|published by|library of congress|cataloging|printed in|ebook edition", re.I),
)
_COPYRIGHT_CHARS = 6_000
_OF_GUTENBERG = re.compile(
    r"^\s*(?:The )?Project Gutenberg(?:['’]s)? E-?(?:Book|Text) of |\s*\|\s*Project Gutenberg\s*$", re.I
)
"""What Project Gutenberg puts around the title of a page."""

_CONTAINER, _ENCRYPTION = "META-INF/container.xml", "META-INF/encryption.xml"
_ENCRYPTED_DATA = re.compile(r"<(?:\w+:)?EncryptedData\b.*?</(?:\w+:)?EncryptedData\s*>", re.S | re.I)
_CIPHER_REFERENCE = re.compile(r"""<(?:\w+:)?CipherReference\b[^>]*?\bURI\s*=\s*["']([^"']+)["']""", re.I)
_FONT_CIPHER = re.compile(r"idpf\.org/2008/embedding|ns\.adobe\.com/pdf/enc#RC", re.I)
_ZIP_ERRORS = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    RuntimeError,  # an encrypted member
    KeyError,  # a member that the package names is missing
    ValueError,
)
_CHAPTER_NAME = re.compile(r"\.x?html?$", re.I)
_SWITCH, _DEFAULT, _CASE = (
    (re.compile(rf"<epub:{name}\b[^<>]*>", re.I), re.compile(rf"</epub:{name}\s*>", re.I))
    for name in ("switch", "default", "case")
)
"""(start, end) of elements."""
_LATEX_COMMENT = re.compile(r"^[ \t]*%.*\n?", re.M)
_INVISIBLE = str.maketrans("", "", "\u2060\ufeff\u200b")
"""Joiners that publishers set beside dashes; no word of a book holds them."""
_MAX_MEMBERS = 10_000
_HEAD_CHARS = 20_000


def extract_book_text(document: Document, config: ExtractConfig) -> Document | Drop:
    """Return a plain-text book without its publisher's wrapping, paragraphs as lines."""
    raw = document.raw or b""
    decoded = decode_plain(raw, document.charset or named_charset(raw))
    if decoded is None:
        return drop(document, DropReason.BINARY, f"binary: {len(raw)} bytes of a book in plain text")
    text, notes = decoded
    text, fields, more = unwrapped(text.replace("\r\n", "\n").replace("\r", "\n"))
    if "\\begin{document}" in text:
        text = _latex_body(text)
    else:
        text = without_pages(without_furniture(text))
        text = joined_lines(text) if config.join_book_lines else text
    return _finished(document, text, [*notes, *more], config, fields.get("Title"), year_of(fields))


def _latex_body(text: str) -> str:
    """Return the body of a book in LaTeX, without preamble and lines of comments."""
    body = text.partition("\\begin{document}")[2].partition("\\end{document}")[0]
    return _LATEX_COMMENT.sub("", body)


def extract_xhtml_book(document: Document, config: ExtractConfig) -> Document | Drop:
    """Return a book that is one (X)HTML page: everything visible, formulas kept."""
    page, notes = decode_html(document.raw or b"", document.charset)
    head = page.lower().find("<body")
    body, fields, more = unwrapped(page[max(head, 0) :].replace("\r\n", "\n").replace("\r", "\n"))
    text, title, _, _ = page_text(body, config, main_content=False, code=False, without=_FURNITURE)
    named = re.search(r"<title[^>]*>([^<]*)", page, re.I)
    title = fields.get("Title") or title or (html.unescape(named[1]) if named else None)
    title = _OF_GUTENBERG.sub("", title) if title else None
    text = without_credits(without_furniture(text)) if more else text
    named = _LANGUAGE.search(page[:_HEAD_CHARS])
    document = replace(document, language=document.language or (named[1] or named[2] if named else None))
    return _finished(document, text, [*notes, *more], config, title, year_of(fields))


def extract_epub(document: Document, config: ExtractConfig) -> Document | Drop:
    """Return an EPUB's chapters in the order of its spine, front and back matter left out."""
    try:
        with zipfile.ZipFile(io.BytesIO(document.raw or b"")) as archive:
            return _epub(document, archive, config)
    except _ZIP_ERRORS as error:
        return drop(document, DropReason.UNREADABLE, f"EPUB: {_one_line(error)}")


def _epub(document: Document, archive: zipfile.ZipFile, config: ExtractConfig) -> Document | Drop:
    members = {info.filename.replace("\\", "/"): info for info in archive.infolist()[:_MAX_MEMBERS]}
    if root := _folder_around(members):
        members = {name.removeprefix(root): info for name, info in members.items()}
    package_name, package = _package(archive, members, config)
    chapters = [_named(members, name) for name in _spine(package, package_name)]
    notes: list[str] = []
    if not any(name in members for name in chapters):
        chapters = [name for name in members if _CHAPTER_NAME.search(name)]
        notes = ["its package file names no chapter: all pages, in the order of the archive"]
    total = sum(members[name].file_size for name in chapters if name in members)
    if total > config.max_epub_bytes:
        return drop(document, DropReason.BOMB, f"EPUB unpacks to {total} bytes > {config.max_epub_bytes}")
    enciphered = _enciphered(archive, members, config) & set(chapters)
    if enciphered and 2 * len(enciphered) >= len(chapters):
        detail = f"EPUB: enciphered by META-INF/encryption.xml: {len(enciphered)} of {len(chapters)} chapters"
        return drop(document, DropReason.UNREADABLE, detail)
    front = _guide_front(package, package_name)
    texts, lost = _chapter_texts(
        archive, members, [c for c in chapters if c not in enciphered], front, config
    )
    if lost and not any(texts):
        return drop(document, DropReason.UNREADABLE, f"EPUB: {lost[0]}")
    text, _, more = unwrapped("\n\n".join(filter(None, texts)))
    notes += more
    if n_drawn := _n_drawn(package):
        notes.append(f"{n_drawn} pages of the spine are drawings (SVG)")
    notes += [f"{len(enciphered)} chapters are enciphered"] if enciphered else []
    notes += lost
    return _with_metadata(document, package, text, notes, config)


def _folder_around(members: Collection[str]) -> str:
    """Return the folder that a whole book was packed in, with its `/`; "" for most."""
    if any(name.lower() == _CONTAINER.lower() for name in members):
        return ""
    found = next((name for name in members if name.lower().endswith("/" + _CONTAINER.lower())), "")
    return found[: -len(_CONTAINER)]


def _package(
    archive: zipfile.ZipFile, members: dict[str, zipfile.ZipInfo], config: ExtractConfig
) -> tuple[str, str]:
    """Return (name, text) of the package file: the first rendition's; of a wrong name any that is one."""
    container = _member(archive, members, _named(members, _CONTAINER), config)
    rootfiles = [_attributes(found) for found in _ROOTFILE.findall(container)]
    if not rootfiles:
        raise ValueError("container.xml names no package file")
    rootfiles.sort(key=lambda each: "oebps-package" not in each.get("media-type", "").lower())
    name = _named(members, rootfiles[0].get("full-path", "").replace("\\", "/"))
    if name not in members:
        found = [each for each in members if each.lower().endswith(".opf")]
        if not found:
            raise ValueError(f"its package file {name[:100]!r} is missing")
        name = found[0]
    return name, _member(archive, members, name, config)


def _attributes(text: str) -> dict[str, str]:
    """Return the attributes of a tag by their names in lower case."""
    return {name.lower(): html.unescape(first or second) for name, first, second in _ATTRIBUTE.findall(text)}


def _n_drawn(package: str) -> int:
    """Return how many pages of the spine are SVG alone."""
    items = [_attributes(found) for found in _ITEM.findall(package)]
    drawn = {each.get("id") for each in items if "svg" in each.get("media-type", "").lower()}
    return sum(name in drawn for name in _ITEMREF.findall(package))


def _with_one_branch(source: str) -> str:
    """Return a chapter with one branch of each `epub:switch`: the case if it is MathML, else the default."""
    if "epub:switch" not in source:
        return source
    start, end = _SWITCH
    *pieces, rest = end.split(source)
    kept = list[str]()
    for piece in pieces:
        before, *inside = start.split(piece, maxsplit=1)
        kept += [before, *(_without(_DEFAULT if "<math" in each else _CASE, each) for each in inside)]
    return "".join([*kept, rest])


def _without(element: tuple[re.Pattern[str], re.Pattern[str]], source: str) -> str:
    """Return a text without elements of a kind that hold none of it."""
    start, end = element
    *pieces, rest = end.split(source)
    return "".join([*(start.split(piece, maxsplit=1)[0] for piece in pieces), rest])


def _chapter_texts(
    archive: zipfile.ZipFile,
    members: dict[str, zipfile.ZipInfo],
    chapters: list[str],
    front: set[str],
    config: ExtractConfig,
) -> tuple[list[str], list[str]]:
    """Return (texts of the chapters, notes on those that could not be read): damage costs one chapter."""
    texts: list[str] = []
    lost: list[str] = []
    missing = 0
    for name in chapters:
        if name not in members:
            missing += 1
            continue
        try:
            source = _member(archive, members, name, config)
        except _ZIP_ERRORS as error:
            lost.append(f"chapter {posixpath.basename(name)} lost: {_one_line(error)}")
            continue
        if _FRONT_NAME.search(name) or name in front or _FRONT_MATTER.search(source[:4000]):
            continue
        source = _NOTE_REFERENCE.sub(r"\1[\2]\3", _with_one_branch(source))
        text = page_text(source, config, main_content=False, code=False, without=_FURNITURE)[0]
        if not _is_copyright_page(text):
            texts.append(text)
    return texts, lost + ([f"{missing} chapters of the spine are missing"] if missing else [])


def _enciphered(
    archive: zipfile.ZipFile, members: dict[str, zipfile.ZipInfo], config: ExtractConfig
) -> set[str]:
    """Return the members that encryption.xml says are enciphered; fonts are only obfuscated."""
    name = _named(members, _ENCRYPTION)
    if name not in members:
        return set()
    found: set[str] = set()
    for block in _ENCRYPTED_DATA.findall(_member(archive, members, name, config)):
        if not _FONT_CIPHER.search(block):
            found |= {
                _named(members, unquote(html.unescape(uri))) for uri in _CIPHER_REFERENCE.findall(block)
            }
    return found


def _named(members: dict[str, zipfile.ZipInfo], name: str) -> str:
    """Return how an archive writes a member's name: percent signs undone, letters large or small."""
    if name in members:
        return name
    plain = unquote(name).lower().replace("\\", "/")
    return next((each for each in members if each.lower() == plain), name)


def _one_line(error: Exception) -> str:
    return _SPACES.sub(" ", str(error) or type(error).__name__)[:150]


def _with_metadata(
    document: Document, package: str, text: str, notes: list[str], config: ExtractConfig
) -> Document | Drop:
    """Return the finished EPUB with title, authors, language and date of its package file."""
    found = [(key.lower(), html.unescape(value).strip()) for key, value in _METADATA.findall(package)]
    metadata = dict(reversed(found))
    notes += [f"author: {value}" for key, value in found if key == "creator" and value]
    date = _DATE.match(metadata.get("date", ""))
    document = replace(document, language=document.language or metadata.get("language") or None)
    return _finished(document, text, notes, config, metadata.get("title"), date[0] if date else None)


def _is_copyright_page(text: str) -> bool:
    """Return whether a chapter is the publisher's page of rights: short, with two of its phrases."""
    return len(text) <= _COPYRIGHT_CHARS and sum(bool(word.search(text)) for word in _COPYRIGHT_WORDS) > 1


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


_MARKED_UP = re.compile(r"html|/xml$|dtbook|oeb1-document", re.I)
"""Media types of chapters: XHTML, and what books of the first years say of it."""


def _spine(package: str, package_name: str) -> list[str]:
    """Return the archive names of the chapters, in reading order."""
    folder = posixpath.dirname(package_name)
    items: dict[str, str] = {}
    for match in _ITEM.finditer(package):
        values = _attributes(match[1])
        if (
            _MARKED_UP.search(values.get("media-type", ""))
            and "nav" not in values.get("properties", "").split()
        ):
            href = values.get("href", "").partition("#")[0].replace("\\", "/")
            items[values.get("id", "")] = posixpath.normpath(posixpath.join(folder, unquote(href)))
    order = [items[name] for name in _ITEMREF.findall(package) if name in items]
    return list(dict.fromkeys(order)) or list(items.values())


def _guide_front(package: str, package_name: str) -> set[str]:
    """Return the archive names that an EPUB 2's guide calls cover, contents or copyright page."""
    found: set[str] = set()
    for match in _GUIDE.finditer(package):
        values = _attributes(match[1])
        target, mark, _ = values.get("href", "").partition("#")
        # A place inside a file: the file holds more than that.
        if values.get("type", "").lower() in _GUIDE_FRONT and not mark:
            found.add(posixpath.normpath(posixpath.join(posixpath.dirname(package_name), unquote(target))))
    return found


def _finished(
    document: Document,
    text: str,
    notes: list[str],
    config: ExtractConfig,
    title: str | None,
    date: str | None,
) -> Document | Drop:
    text = clean_text(text.translate(_INVISIBLE))
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
