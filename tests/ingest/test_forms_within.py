"""Dumps packed twice, pages saved as MIME, and files that no reader reads: each is read, or told of in one line."""

from __future__ import annotations

import base64
import io
import zipfile
from pathlib import Path

import pytest

from corpusforge.document import SourceKind
from corpusforge.ingest import detect_kind
from tests.ingest.test_forms import MHTML, found, seven_zipped, text_of, warc, zipped

PAGE = (
    b"<html><body><h1>Saved</h1><p>A page that was saved by a browser, of one part alone.</p></body></html>"
)
FIELDS = b"Subject: T\r\nMIME-Version: 1.0\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n"
SINGLE = {
    "ie.mht": b"From: <Saved by Windows Internet Explorer 8>\r\n"
    + FIELDS
    + b"\r\n"
    + base64.encodebytes(PAGE),
    "located.mht": FIELDS + b"Content-Location: https://example.org/a\r\n\r\n" + base64.encodebytes(PAGE),
}


def wacz(url: str = "https://example.org/") -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("archive/data.warc.gz", warc(url))
        archive.writestr("datapackage.json", "{}")
    return stream.getvalue()


def test_a_collection_of_wacz_files_is_read(tmp_path: Path) -> None:
    path = zipped(
        tmp_path / "all.wacz",
        {"one.wacz": wacz(), "two.wacz": wacz("https://example.com/"), "datapackage.json": b"{}"},
    )
    assert detect_kind(str(path)) is SourceKind.WARC
    documents, drops = found(path, SourceKind.WARC)
    assert [document.url for document in documents] == ["https://example.org/", "https://example.com/"]
    assert documents[0].locator == "all.wacz!one.wacz!archive/data.warc.gz#offset=0"
    assert [drop.locator for drop in drops] == [
        "all.wacz!one.wacz!datapackage.json", "all.wacz!two.wacz!datapackage.json", "all.wacz!datapackage.json",
    ]  # fmt: skip


def test_saved_pages_in_a_zip_are_pages_never_mime(tmp_path: Path) -> None:
    path = zipped(tmp_path / "pages.zip", {"a.mhtml": MHTML, "b.mht": SINGLE["located.mht"]})
    assert detect_kind(str(path)) is SourceKind.WARC
    documents, drops = found(path, SourceKind.WARC)
    assert not drops and [document.locator for document in documents] == [
        "pages.zip!a.mhtml",
        "pages.zip!b.mht",
    ]
    assert not any("MIME-Version" in text_of(document) for document in documents)


@pytest.mark.parametrize("name", SINGLE)
def test_a_saved_page_of_one_part_is_that_page(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(SINGLE[name])
    assert detect_kind(str(tmp_path / name)) is SourceKind.WARC
    (document,), drops = found(tmp_path / name, SourceKind.WARC)
    assert not drops and text_of(document).startswith("# Saved\n\nA page")


def test_a_7z_whose_names_are_enciphered_is_one_line_with_the_way_out(tmp_path: Path) -> None:
    py7zr = pytest.importorskip("py7zr")
    path = tmp_path / "enwiki.xml.7z"
    with py7zr.SevenZipFile(path, "w", password="secret", header_encryption=True) as archive:
        archive.writestr(b"<mediawiki></mediawiki>", "enwiki.xml")
    documents, (drop,) = found(path, detect_kind(str(path)))
    assert not documents and "enciphered" in drop.detail and "7z x FILE" in drop.detail
    assert seven_zipped(tmp_path / "plain.7z", {"a.py": b"x = 1\n"}).exists()


OFFICE = {
    "a.docx": ["[Content_Types].xml", "word/document.xml"],
    "a.odt": ["mimetype", "content.xml", "META-INF/manifest.xml"],
}


@pytest.mark.parametrize("name", OFFICE)
def test_an_office_document_is_no_repository(tmp_path: Path, name: str) -> None:
    path = zipped(tmp_path / name, dict.fromkeys(OFFICE[name], b"<x/>"))
    with pytest.raises(ValueError, match="not read; save it as text, HTML or EPUB first"):
        detect_kind(str(path))


@pytest.mark.parametrize(
    ("name", "data", "told"),
    [
        ("a.mobi", b"T".ljust(60, b"\0") + b"BOOKMOBI" + bytes(99), "convert it to EPUB first"),
        ("a.rar", b"Rar!\x1a\x07\x01\0" + bytes(99), "unpack it first"),
        ("a.iso", bytes(32769) + b"CD001" + bytes(99), "unpack it first"),
        ("a.db", b"SQLite format 3\0" + bytes(99), "write its texts to JSONL"),
        ("a.eml", b"From: a@b.org\r\nMIME-Version: 1.0\r\nContent-Type: text/plain\r\n\r\nHello\r\n", "a mail message"),
        ("b.eml", b"From: a@b.org\r\n" + FIELDS + b"\r\nPGh0bWw+\r\n", "a mail message"),
    ],
)  # fmt: skip
def test_what_no_reader_reads_says_what_it_is_and_what_to_do(
    tmp_path: Path, name: str, data: bytes, told: str
) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(ValueError, match=told) as refused:
        detect_kind(str(tmp_path / name))
    assert "\n" not in str(refused.value) and name in str(refused.value)
