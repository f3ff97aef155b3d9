"""Books: only the book is kept, whatever the edition; verse stays verse, words broken by a line are whole."""

from __future__ import annotations

import io
import time
import zipfile

import pytest

from corpusforge.document import Document, Markup
from corpusforge.extract import ExtractConfig, extract_document

BODY = (
    "CHAPTER I\n\nIt was a dark night, and the wind that came over the moor shook every window\nof the house."
)
KEPT = (
    "CHAPTER I\n\nIt was a dark night, and the wind that came over the moor shook every window of the house."
)


def text_of(make, raw: str | bytes, markup: Markup = Markup.BOOK_TEXT) -> str:
    result = extract_document(make(raw, markup), ExtractConfig())
    assert isinstance(result, Document), result
    return result.text


@pytest.mark.parametrize(
    "start",
    [
        "*** START OF THE PROJECT GUTENBERG EBOOK A TALE ***",
        "*** START OF THIS PROJECT GUTENBERG EBOOK A LONG TITLE OF A TALE\nTHAT GOES ON ***",
        "***START OF THE PROJECT GUTENBERG EBOOK A TALE***",
        "*** START OF THE COPYRIGHTED PROJECT GUTENBERG EBOOK A TALE ***",
        "*** START OF THE PROJECT GUTENBERG E-BOOK A TALE ***",
        "*END*THE SMALL PRINT! FOR PUBLIC DOMAIN ETEXTS*Ver.04.29.93*END*",
        "*END THE SMALL PRINT! FOR PUBLIC DOMAIN ETEXTS*Ver.03.17.02*END*",
        "*** END ** THE SMALL PRINT! FOR PUBLIC DOMAIN ETEXTS*Ver.10/04/01*END*",
        '      ["Small Print" V.12.08.93]',
        "*** START OF THE PROJECT GUTENBERG EBOOK X ***\n\n\nProduced by Jane Doe and the Online Distributed\n"
        "Proofreading Team at https://www.pgdp.net",
        "*** START OF THE PROJECT GUTENBERG EBOOK X ***\n\n\nE-text prepared by J. D.\n\n\n\nNote: Project Gutenberg "
        "also has an HTML version\n      of this file.",
        "*** START OF THE PROJECT GUTENBERG EBOOK X ***\n\nThis etext was produced by David Widger",
        "*** START OF THE PROJECT GUTENBERG EBOOK X ***\n\n[This text uses UTF-8 (Unicode) file encoding.\n\n"
        "Typographical errors are listed at the end of the e-text.]",
        "*** START OF THE PROJECT GUTENBERG EBOOK X ***\n\n  Au lecteur.\n\n    Le texte en italiques dans l’original "
        "est _ainsi_.\n\n    D’autres précisions à la fin.\n\n",
        "*** START OF THE PROJECT GUTENBERG EBOOK X ***\n\nAnmerkungen zur Transkription:\n\n  Der Text folgt dem "
        "Original.\n\n",
        "*** START OF THE PROJECT GUTENBERG EBOOK X ***\n\nDieser Text wurde von Projekt Gutenberg-DE übernommen.",
    ],
)
@pytest.mark.parametrize(
    "end",
    [
        "*** END OF THE PROJECT GUTENBERG EBOOK A TALE ***",
        "End of the Project Gutenberg EBook of A Tale, by X",
        "End of The Project Gutenberg Etext of A Tale",
        "Ende dieses Project Gutenberg Etextes",
        "Fin de Project Gutenberg Etext",
        "*** END OF THE COPYRIGHTED PROJECT GUTENBERG EBOOK A TALE ***",
        "Transcriber's Note:\n\nPage 3: 'teh' corrected to 'the'.\n\n\nEnd of Project Gutenberg's A Tale, by X",
        "[Transcriber's Notes: spelling was not corrected.]\n\n*** END OF THIS PROJECT GUTENBERG EBOOK A TALE ***",
    ],
)
def test_every_wrapping_of_gutenberg_goes(make, start: str, end: str) -> None:
    head = "The Project Gutenberg EBook of A Tale, by X\n\nTitle: A Tale\n\nRelease Date: May, 2002\n\n"
    raw = f"{head}{start}\n\n\n{BODY}\n\n\n{end}\n\nlicence "
    assert text_of(make, raw) == KEPT


def test_a_short_book_ends_where_its_mark_says_though_long_small_print_follows(make) -> None:
    print_behind = (
        "***START**THE SMALL PRINT!**FOR PUBLIC DOMAIN EBOOKS**START***\n" + "You know: lawyers.\n" * 200
    )
    raw = (
        "The Project Gutenberg EBook of A Tale, by X\n\n*** START OF THE PROJECT GUTENBERG EBOOK, A TALE ***\n\n\n"
        f"A short tale it is.\n\n*** END OF THE PROJECT GUTENBERG EBOOK, A TALE ***\n\n{print_behind}"
        "*END THE SMALL PRINT! FOR PUBLIC DOMAIN EBOOKS*Ver.02/11/02*END*\n"
    )
    assert text_of(make, raw) == "A short tale it is."


def test_a_preface_to_the_reader_is_no_note(make) -> None:
    preface = "Au lecteur\n\nC'est ici un livre de bonne foy, lecteur.\n\n\nCHAPITRE I\n\nTexte."
    start = "*** START OF THE PROJECT GUTENBERG EBOOK X ***"
    assert text_of(make, f"{start}\n\n{preface}\n") == preface.replace("\n\n\n", "\n\n")


VERSE = (
    "   Lucian well skill'd in scoffing, this has writ,\n   Friend, that's your folly which you think your wit;\n"
    "   This you vent oft, void both of wit and fear,\n   Meaning another, when your self you jeer."
)


def test_verse_keeps_its_lines_and_prose_does_not(make) -> None:
    prose = (
        "The preface of a book that nobody has read is longer than this one by several\n"
        "pages, and the author of it was never seen again by anybody, neither in town\nnor anywhere."
    )
    assert text_of(make, f"{prose}\n\n{VERSE}\n\n{prose}\n") == (
        f"{prose.replace(chr(10), ' ')}\n\n{VERSE}\n\n{prose.replace(chr(10), ' ')}"
    )


def test_a_hyphen_goes_only_where_the_book_knows_the_word(make) -> None:
    lines = (
        "The writer of this paragraph about words that are broken at the end of a wri-\n"
        "ter's line knows of well-known and also of such real hyphens as stand in a well-\nknown word.\n"
    )
    assert text_of(make, lines) == (
        "The writer of this paragraph about words that are broken at the end of a writer's line knows of "
        "well-known and also of such real hyphens as stand in a well-known word."
    )


def page(number: int, body: str) -> str:
    return f"{number}          A TALE OF THE MOOR\n\n{body}\n"


def test_running_heads_between_pages_go_and_sentences_go_on(make) -> None:
    wide = "the wind that came over the moor shook every window of the house, and the"
    pages = [page(n, f"{wide}\n{wide}") for n in range(1, 7)]
    text = text_of(make, "\f".join(pages))
    assert "MOOR" not in text and not any(char.isdigit() for char in text)
    assert text.split() == (wide.split() * 12)


def test_lone_page_numbers_go_and_numbers_of_chapters_stay(make) -> None:
    wide = "the wind that came over the moor shook every window of the house, and then"
    assert not any(
        c.isdigit() for c in text_of(make, "".join(f"{wide}\n\n{n}\n\n" for n in range(7, 15)) + wide)
    )
    chapters = "".join(f"{n}\n\nThe wind came over the moor. It was cold.\n\n" for n in range(1, 9))
    assert [line for line in text_of(make, chapters).split("\n") if line.isdigit()] == list("12345678")


def test_page_numbers_and_notes_of_an_xhtml_book_go(make) -> None:
    raw = (
        '<html lang="fr"><head><title>T</title></head><body><div class="transnote"><p>Notes de transcription</p></div>'
        '<p>Une <span class="pagenum">[Pg 12]</span>phrase.<a id="r1" href="#n1" class="fnanchor">[1]</a></p></body></html>'
    )
    result = extract_document(make(raw, Markup.XHTML_BOOK), ExtractConfig())
    assert isinstance(result, Document) and (result.text, result.language) == ("Une phrase.[1]", "fr")


def test_an_epub_is_its_chapters_with_notes_formulas_and_metadata(make) -> None:
    chapters = {
        "cover.xhtml": "<p>Cover</p>",
        "rights.xhtml": "<p>Copyright © 1999 by X. All rights reserved. ISBN 1-2-3.</p>",
        "figures.xhtml": '<nav epub:type="loi"><ol><li>A map</li></ol></nav>',
        "one.xhtml": '<h1>One</h1><p>Text<a epub:type="noteref" href="#n">3</a> ⁠— <math><mi>x</mi></math>'
        '<span epub:type="pagebreak">7</span></p><p>Note <a epub:type="backlink" href="#r">↩</a></p>',
    }
    package = (
        "<package><metadata><dc:title>T</dc:title><dc:creator>A. B.</dc:creator><dc:creator>C. D.</dc:creator>"
        "<dc:language>nl</dc:language><dc:date>1901</dc:date></metadata><manifest>"
        + "".join(f'<item href="{n}" id="{n}" media-type="application/xhtml+xml"/>' for n in chapters)
        + "</manifest><spine>" + "".join(f'<itemref idref="{n}"/>' for n in chapters) + "</spine></package>"
    )  # fmt: skip
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("META-INF/container.xml", '<container><rootfile full-path="p.opf"/></container>')
        archive.writestr("p.opf", package)
        for name, body in chapters.items():
            archive.writestr(name, f"<html><body>{body}</body></html>")
    result = extract_document(make(stream.getvalue(), Markup.EPUB), ExtractConfig())
    assert isinstance(result, Document)
    assert result.text == "# One\n\nText[3] — $x$\n\nNote"
    assert (result.title, result.language, result.date) == ("T", "nl", "1901")
    assert result.notes == ("author: A. B.", "author: C. D.")


def test_a_latex_book_is_its_body(make) -> None:
    raw = (
        "\\documentclass{book}\n% version 1\n\\begin{document}\n% note\nText, 5\\% of it.\n\\end{document}\n"
    )
    assert text_of(make, raw) == "Text, 5\\% of it."


@pytest.mark.parametrize(
    "media_type",
    ["Application/XHTML+XML", "text/html", "application/xml", "text/xml", "text/x-oeb1-document",
     "application/x-dtbook+xml"],
)  # fmt: skip
def test_chapters_of_any_media_type_that_is_marked_up_text(make, media_type: str) -> None:
    package = (
        f'<package><manifest><item href="one" id="one" media-type="{media_type}"/>'
        '<item href="map.svg" id="map" media-type="image/svg+xml"/></manifest>'
        '<spine><itemref idref="one"/><itemref idref="map"/></spine></package>'
    )
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("META-INF/container.xml", '<container><rootfile full-path="p.opf"/></container>')
        archive.writestr("p.opf", package)
        archive.writestr("one", "<html><body><h1>One</h1><p>It was a bright cold day.</p></body></html>")
        archive.writestr("map.svg", "<svg><text>Not this</text></svg>")
    result = extract_document(make(stream.getvalue(), Markup.EPUB), ExtractConfig())
    assert isinstance(result, Document) and result.text == "# One\n\nIt was a bright cold day."


def packed(package: str, pages: dict[str, str], *, folder: str = "", container: str | None = None) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        files = {
            "META-INF/container.xml": container or '<container><rootfile full-path="O/p.opf"/></container>',
            "O/p.opf": package,
        }
        for name, body in {**files, **pages}.items():
            archive.writestr(folder + name, body)
    return stream.getvalue()


def pages_in(text: str) -> list[str]:
    return [word for word in text.replace("#", " ").split() if word.startswith("Page")]


def package_of(*hrefs: str) -> str:
    items = "".join(
        f'<item href="{href}" id="i{n}" media-type="application/xhtml+xml"/>' for n, href in enumerate(hrefs)
    )
    return (
        f"<package><manifest>{items}</manifest><spine>"
        + "".join(f'<itemref idref="i{n}"/>' for n in range(len(hrefs)))
        + "</spine></package>"
    )


PAGES = {
    f"O/{name}.xhtml": f"<html><body><h1>Page{name}</h1><p>It was a bright cold day.</p></body></html>"
    for name in "ab"
}


@pytest.mark.parametrize(
    "book",
    [
        packed(package_of("a.xhtml", "b.xhtml#two"), PAGES),
        packed(package_of("a.xhtml", "..\\O\\b.xhtml"), PAGES, container='<container><rootfile full-path="O\\p.opf"/></container>'),
        packed(package_of("a.xhtml", "b.xhtml"), PAGES, folder="My Book/"),
        packed(package_of("a.xhtml", "b.xhtml"), PAGES, container='<container><rootfile full-path="x.pdf" media-type="application/pdf"/>'
               '<rootfile full-path="O/p.opf" media-type="application/oebps-package+xml"/></container>'),
        packed(package_of("a.xhtml", "b.xhtml"), PAGES, container='<container><rootfile full-path="gone.opf"/></container>'),
        packed("<package><manifest>", PAGES),
    ],
)  # fmt: skip
def test_an_epub_that_is_packed_or_named_oddly_gives_all_its_chapters(make, book: bytes) -> None:
    assert pages_in(text_of(make, book, Markup.EPUB)) == ["Pagea", "Pageb"]


def test_drawn_pages_are_told_of_and_a_switch_shows_one_branch(make) -> None:
    package = package_of("a.xhtml", "d.svg").replace(
        'd.svg" id="i1" media-type="application/xhtml+xml', 'd.svg" id="i1" media-type="image/svg+xml'
    )
    page = (
        "<html><body><p>Let <epub:switch><epub:case required-namespace='m'><math><mi>y</mi></math></epub:case>"
        "<epub:default>why</epub:default></epub:switch> be, and <epub:switch><epub:case required-namespace='c'><cml>x</cml>"
        "</epub:case><epub:default>water</epub:default></epub:switch> flow.</p></body></html>"
    )
    result = extract_document(
        make(packed(package, {"O/a.xhtml": page, "O/d.svg": "<svg/>"}), Markup.EPUB), ExtractConfig()
    )
    assert isinstance(result, Document) and result.text == "Let $y$ be, and water flow."
    assert result.notes == ("1 pages of the spine are drawings (SVG)",)


def test_branches_that_are_never_closed_take_linear_time(make) -> None:
    page = "<html><body><p>It was a bright cold day." + "<epub:switch>" * 60_000 + "</p></body></html>"
    start = time.process_time()
    assert "bright cold day" in text_of(make, packed(package_of("a.xhtml"), {"O/a.xhtml": page}), Markup.EPUB)
    assert time.process_time() - start < 20  # minutes, if each looks for its end


@pytest.mark.parametrize(
    "title", ["A Tale | Project Gutenberg", "The Project Gutenberg eBook of A Tale", "A Tale"]
)
def test_the_title_of_a_page_of_gutenberg_is_the_books(make, title: str) -> None:
    raw = f"<html><head><title>{title}</title></head><body><p>It was a bright cold day in April.</p></body></html>"
    result = extract_document(make(raw, Markup.XHTML_BOOK), ExtractConfig())
    assert isinstance(result, Document) and result.title == "A Tale"


@pytest.mark.parametrize(
    "header",
    [
        "\nTitle:      A Tale\nAuthor:     X\n* A Project Gutenberg of Australia eBook *\neBook No.:  0100021.txt\nLanguage:   English\n\n"
        "Project Gutenberg of Australia eBooks are created from printed editions\nwhich are in the public domain.\n\n"
        "------------------------------------------------------\n\nA Project Gutenberg of Australia eBook\n\nTitle:      A Tale\nAuthor:     X\n\n\n",
        "* A Distributed Proofreaders Canada eBook *\n\nThis ebook is made available at no cost and with very few\nrestrictions.\n\n"
        "_Title:_ A Tale\n_Author:_ X\n\n\n\n",
    ],
)  # fmt: skip
@pytest.mark.parametrize("end", ["", "\n\n[End of A Tale, by X]\n", "\n\nThis site is full of FREE ebooks - Project Gutenberg Australia\n"])  # fmt: skip
def test_headers_of_the_sister_projects_go(make, header: str, end: str) -> None:
    result = extract_document(make(header + BODY + end, Markup.BOOK_TEXT), ExtractConfig())
    assert isinstance(result, Document) and (result.text, result.title) == (KEPT, "A Tale")
