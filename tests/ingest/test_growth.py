"""What once had as many readings as there are ways to part it: the reader of a page ends at once."""

from __future__ import annotations

import pytest

from corpusforge.ingest.books import read_books
from corpusforge.ingest.web.sniff import sniffed
from tests.ingest.reading import outcomes, read_all

COMMENTS = b"<!-- a note of the publisher -->\n" * 200


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        (COMMENTS + b"words without a tag", None),
        (COMMENTS + b"<html><p>words", "text/html"),
        (b"<?xml version='1.0'?>" + COMMENTS + b"<a/>", "application/xml"),
        (b"<?xml version='1.0'?>" + COMMENTS + b"<!doctype html><p>words", "text/html"),
    ],
)
def test_a_row_of_comments_before_a_page(page: bytes, expected: str | None) -> None:
    assert sniffed(page) == expected


def test_a_row_of_comments_before_a_book(tmp_path) -> None:
    (tmp_path / "a.html").write_bytes(COMMENTS + b"<html><body><p>A book of words.</p></body></html>")
    (tmp_path / "b.txt").write_bytes(COMMENTS + b"A book of words.")
    assert outcomes(read_all(read_books, tmp_path / "a.html")) == ["xhtml_book"]
    assert outcomes(read_all(read_books, tmp_path / "b.txt")) == ["book_text"]
