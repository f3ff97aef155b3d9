"""Books: one file one book, whatever its form; bombs and damage are told of."""

from __future__ import annotations

import gzip
import io
import zipfile

import pytest

from corpusforge.ingest.books import read_books
from tests.ingest.reading import counts, documents, drops, outcomes, read_all
from tests.ingest.test_archives import tar_of

GUTENBERG = (
    "The Project Gutenberg EBook of Émile, by Someone\r\n\r\nTitle: Émile\r\n\r\nRelease Date: May, 2002  [EBook #5200]\r\n"
    "Language: French\r\n\r\n*** START OF THIS PROJECT GUTENBERG EBOOK EMILE ***\r\n\r\nText.\r\n"
)


def epub(**files: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as book:
        book.writestr("mimetype", "application/epub+zip")
        book.writestr("META-INF/container.xml", "<container/>", zipfile.ZIP_DEFLATED)
        for name, data in files.items():
            book.writestr(name, data, zipfile.ZIP_DEFLATED)
    return out.getvalue()


FORMS = {
    "a.txt": (GUTENBERG.encode("latin-1"), "book_text"),
    "b.txt.gz": (gzip.compress(GUTENBERG.encode()), "book_text"),
    "c.tex": (b"\\documentclass{book}\n\\begin{document}x\\end{document}\n", "book_text"),
    "d.htm.gz": (gzip.compress(b"<!DOCTYPE HTML PUBLIC ''>\n<html><body>x</body></html>"), "xhtml_book"),
    "e.xhtml": (
        b'\xef\xbb\xbf<?xml version="1.0"?>\n<!-- c --><!DOCTYPE html>\n<html xmlns="x"></html>',
        "xhtml_book",
    ),
    "f.epub": (epub(text=b"<html/>"), "epub"),
    "g": (epub(text=b"<html/>"), "epub"),
    "empty.txt": (b"", "empty"),
    "binary.txt": (b"\0\1\2", "binary"),
}


@pytest.mark.parametrize("name", FORMS)
def test_the_form_is_told_from_the_content(tmp_path, name):
    data, expected = FORMS[name]
    (tmp_path / name).write_bytes(data)
    assert outcomes(read_all(read_books, tmp_path / name)) == [expected]


@pytest.mark.parametrize("charset", ["utf-8", "latin-1"])
def test_a_gutenberg_header_tells_title_language_and_address(tmp_path, charset):
    (tmp_path / "a.txt").write_bytes(GUTENBERG.encode(charset))
    (book,) = documents(read_all(read_books, tmp_path / "a.txt"))
    assert (book.title, book.language, book.host) == ("Émile", "fr", "www.gutenberg.org")
    assert book.url == "https://www.gutenberg.org/ebooks/5200"
    assert book.raw == GUTENBERG.encode(charset) and book.locator == "a.txt"


def test_a_book_that_is_not_from_gutenberg_tells_nothing(tmp_path):
    (tmp_path / "a.txt").write_text("Title: not a header\n\nLanguage: English\n")
    (book,) = documents(read_all(read_books, tmp_path / "a.txt"))
    assert (book.title, book.language, book.url) == (None, None, None)


def test_an_epub_that_expands_without_end_is_a_bomb(tmp_path):
    (tmp_path / "bomb.epub").write_bytes(epub(**{f"c{n}.xhtml": bytes(4 << 20) for n in range(3)}))
    records = read_all(read_books, tmp_path / "bomb.epub", max_record_bytes=1 << 20, max_ratio=100)
    assert outcomes(records) == ["bomb"]


def test_a_damaged_epub_is_unreadable_and_a_plain_zip_is_no_book(tmp_path):
    data = epub(text=b"<html/>" * 500)
    (tmp_path / "cut.epub").write_bytes(data[: len(data) // 2])
    assert outcomes(read_all(read_books, tmp_path / "cut.epub")) == ["unreadable"]


def test_archives_of_books_give_one_record_an_entry(tmp_path):
    (tmp_path / "books.tar").write_bytes(
        tar_of({"a.txt": b"One.", "b.epub": epub(), "cover.jpg": b"\xff\xd8\xff"})
    )
    records = read_all(read_books, tmp_path / "books.tar")
    assert outcomes(records) == ["book_text", "epub", "not_content"]
    assert records[0].locator == "books.tar!a.txt"


def test_a_truncated_book_is_told_of_and_trailing_bytes_cost_nothing(tmp_path):
    data = gzip.compress(GUTENBERG.encode() * 50)
    (tmp_path / "cut.txt.gz").write_bytes(data[:-20])
    assert outcomes(read_all(read_books, tmp_path / "cut.txt.gz")) == ["unreadable"]
    (tmp_path / "tail.txt.gz").write_bytes(data + b"junk")
    assert outcomes(read_all(read_books, tmp_path / "tail.txt.gz")) == ["book_text", "unreadable"]


def test_a_book_over_the_limit_is_too_large(tmp_path):
    (tmp_path / "a.txt.gz").write_bytes(gzip.compress(b"word " * 1000))
    (drop,) = drops(read_all(read_books, tmp_path / "a.txt.gz", max_record_bytes=2048))
    assert drop.reason == "too_large"


def test_every_real_book_is_a_document(shared_data):
    folder = shared_data / "books"
    found = [record for path in sorted(folder.glob("*/*")) for record in read_all(read_books, path)]
    assert set(counts(found)) == {"book_text", "xhtml_book", "epub"}
    assert len(found) == len(list(folder.glob("*/*")))
    titled = [book for book in documents(found) if book.markup == "book_text" and book.title]
    assert len(titled) >= 15


def test_a_zip_of_epubs_that_are_stored_in_it_is_no_epub(tmp_path):
    with zipfile.ZipFile(
        tmp_path / "many.zip", "w"
    ) as archive:  # stored: the first book's bytes lie at its head
        for name in ("one.epub", "two.epub"):
            archive.writestr(name, epub(text=b"<html/>"))
    assert [(r.locator, r.markup) for r in documents(read_all(read_books, tmp_path / "many.zip"))] == [
        ("many.zip!one.epub", "epub"),
        ("many.zip!two.epub", "epub"),
    ]


@pytest.mark.parametrize(("folder", "extra", "is_one"), [("", "", True), ("A Book/", "", True), ("A Book/", "README.md", False)])  # fmt: skip
def test_an_epub_whose_folder_was_packed_is_one(tmp_path, folder, extra, is_one):
    with zipfile.ZipFile(tmp_path / "b.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("META-INF/container.xml", "a.xhtml", "mimetype"):
            archive.writestr(folder + name, "<html/>")
        if extra:
            archive.writestr(extra, "# Read me")
    records = read_all(read_books, tmp_path / "b.zip")
    assert (outcomes(records) == ["epub"]) is is_one
