"""Wiki pages, books and questions: what is kept, what is dropped, and why."""

from __future__ import annotations

import io
import time
import zipfile

import pytest

from corpusforge.document import Document, Drop, DropReason, Markup
from corpusforge.extract import ExtractConfig, extract_document
from corpusforge.extract.wiki.wikitext import wikitext_to_markdown

CONFIG = ExtractConfig()


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("#REDIRECT [[Circle]]", DropReason.REDIRECT),
        ("#WEITERLEITUNG [[Kreis]]", DropReason.REDIRECT),
        ("#перенаправление [[Круг]]", DropReason.REDIRECT),
        ("'''Mercury''' may be:\n* [[Mercury (planet)]]\n{{disambiguation}}", DropReason.DISAMBIGUATION),
        ("{{Infobox|a=b}}\n[[Category:X]]", DropReason.NO_TEXT),
    ],
)
def test_wiki_pages_that_are_no_articles(make, source: str, reason: DropReason) -> None:
    result = extract_document(make(source, Markup.WIKITEXT), CONFIG)
    assert isinstance(result, Drop) and result.reason is reason


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("[[Paris|the city]] and [[Rome]]s", "the city and Romes"),
        ("[https://a.b name] of http://c.d/", "name of http://c.d/"),
        ("x<ref name=a>note</ref>y<ref name=a />z", "xyz"),
        ("H<sub>2</sub>O and 10<sup>3</sup>", "H_2O and 10^3"),
        ("{{lang|fr|bonjour}} {{nowrap|a b}} c{{unknown|x}}", "bonjour a b c"),
        ("== A ==\n== B ==\ntext", "## B\n\ntext"),
        ("a &nbsp;&alpha; <!-- hidden --> b", "a α b"),
        ("<nowiki>[[x]]</nowiki> and <code>f(x)</code>", "[[x]] and `f(x)`"),
        ("<math>a < b</math> <math display=block>c</math>", "$a < b$\n\n$$c$$"),
    ],
)
def test_wikitext(source: str, expected: str) -> None:
    assert wikitext_to_markdown(source).replace("$ $$", "$\n\n$$") == expected


def test_hostile_wikitext_takes_linear_time() -> None:
    start = time.process_time()
    for piece in ("{{", "[[", "<ref>", "{|", "<math>", "''", "<div>", "{{{", "[http://x "):
        wikitext_to_markdown(piece * 3000)
    assert time.process_time() - start < 20


def epub(chapters: dict[str, str], spine: list[str], **more: str) -> bytes:
    package = (
        '<package><metadata><dc:title>A &amp; B</dc:title><dc:date>1901-02</dc:date></metadata><manifest>'
        + "".join(f'<item href="{n}" id="{n}" media-type="application/xhtml+xml"/>' for n in chapters)
        + "</manifest><spine>" + "".join(f'<itemref idref="{n}"/>' for n in spine) + "</spine></package>"
    )  # fmt: skip
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("META-INF/container.xml", '<container><rootfile full-path="OPS/p.opf"/></container>')
        archive.writestr("OPS/p.opf", package)
        for name, body in {**chapters, **more}.items():
            archive.writestr(f"OPS/{name}", f"<html><body>{body}</body></html>")
    return stream.getvalue()


def test_epub_follows_the_spine(make) -> None:
    raw = epub(
        {"a.xhtml": "<h1>One</h1><p>first</p>", "b.xhtml": "<h1>Two</h1><p>second</p>"},
        ["b.xhtml", "a.xhtml"],
    )
    result = extract_document(make(raw, Markup.EPUB), CONFIG)
    assert isinstance(result, Document)
    assert result.text == "# Two\n\nsecond\n\n# One\n\nfirst"
    assert (result.title, result.date) == ("A & B", "1901-02")


def test_epub_bomb_and_garbage_are_dropped(make) -> None:
    bomb = extract_document(make(epub({"a.xhtml": "x" * 3_000_000}, ["a.xhtml"]), Markup.EPUB), CONFIG)
    assert isinstance(bomb, Drop) and bomb.reason in (DropReason.UNREADABLE, DropReason.BOMB)
    garbage = extract_document(make(b"PK\x03\x04 no archive", Markup.EPUB), CONFIG)
    assert isinstance(garbage, Drop) and garbage.reason is DropReason.UNREADABLE


OLD = """The Project Gutenberg Etext of Old Days

*END*THE SMALL PRINT! FOR PUBLIC DOMAIN ETEXTS*Ver.04.29.93*END*

OLD DAYS

The text of the book which was written so very long ago that it is free to all
of its readers.

End of The Project Gutenberg Etext of Old Days
"""


def test_old_small_print_edition(make) -> None:
    result = extract_document(make(OLD, Markup.BOOK_TEXT), CONFIG)
    assert isinstance(result, Document)
    assert result.text.startswith("OLD DAYS\n\nThe text")
    assert result.text.endswith("free to all of its readers.")


def test_plain_book_without_marks_is_kept_whole(make) -> None:
    result = extract_document(make("Chapter 1\n\nText.\n", Markup.BOOK_TEXT), CONFIG)
    assert isinstance(result, Document) and result.text == "Chapter 1\n\nText."


def test_question_without_answers_and_broken_json(make) -> None:
    kept = extract_document(
        make('{"title": "T", "question": {"id": 1, "score": 0, "html": "<p>Q?</p>"}}', Markup.QA), CONFIG
    )
    assert isinstance(kept, Document) and kept.text == "# T\n\n## Question\n\nQ?"
    assert kept.signals["qa_answers"] == 0
    broken = extract_document(make("{", Markup.QA), CONFIG)
    assert isinstance(broken, Drop) and broken.reason is DropReason.UNREADABLE
