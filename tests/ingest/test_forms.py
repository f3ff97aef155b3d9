"""Dumps packed or written another way are read as what they are, or refused in one line."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile
import zipfile
from pathlib import Path

import pytest

from corpusforge.document import Document, Drop, DropReason, Markup, SourceKind
from corpusforge.extract import ExtractConfig, extract_document
from corpusforge.ingest import IngestConfig, InputFile, detect_kind, read, read_at

SENTENCE = "This is a sentence of the page that is long enough to be one. "
HTML = f"<html><head><title>T</title></head><body><article><p>{SENTENCE * 8}</p></article></body></html>".encode()
MHTML = (
    b"From: <Saved by Blink>\r\nSnapshot-Content-Location: https://example.org/p\r\nSubject: T\r\n"
    b"Date: Fri, 1 May 2020 10:00:00 -0000\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related;\r\n"
    b'\ttype="text/html";\r\n\tboundary="--X"\r\n\r\n----X\r\nContent-Type: text/html\r\n'
    b"Content-Transfer-Encoding: quoted-printable\r\nContent-Location: https://example.org/p\r\n\r\n"
    + HTML.replace(b"=", b"=3D")
    + b"\r\n----X\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\nAAAA\r\n----X--\r\n"
)
ROW = {
    "name": "Rome",
    "identifier": 25458,
    "date_modified": "2024-01-01T00:00:00Z",
    "url": "https://en.wikipedia.org/wiki/Rome",
    "namespace": {"identifier": 0},
    "in_language": {"identifier": "en"},
    "license": [{"identifier": "CC-BY-SA-4.0"}],
    "article_body": {
        "html": "<html><body><section><p>Rome is in <a href='./Italy'>Italy</a><sup class='mw-ref reference'>[1]</sup>, "
        "10<sup>6</sup> people.</p><table class='infobox'><tr><td>x</td></tr></table><h2>References</h2>"
        "<ol class='references'><li>x</li></ol></section></body></html>",
        "wikitext": "'''Rome'''",
    },
}
POSTS = (
    b'<?xml version="1.0"?><posts>\n<row Id="1" PostTypeId="1" Score="1" Title="T"'
    b' Body="&lt;p&gt;Question text&lt;/p&gt;" CreationDate="2020-01-01"/>\n</posts>'
)
WIKI = (
    b"<mediawiki xml:lang='en'><page><title>A</title><ns>0</ns><id>1</id>"
    b"<revision><id>1</id><text>Text of it</text></revision></page></mediawiki>"
)


def warc(url: str = "https://example.org/") -> bytes:
    body = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + HTML
    head = (
        f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: {url}\r\nWARC-Date: 2020-01-01T00:00:00Z\r\n"
        f"Content-Type: application/http; msgtype=response\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return gzip.compress(head.encode() + body + b"\r\n\r\n")


def zipped(path: Path, files: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path


def tarred(path: Path, files: dict[str, bytes], mode: str = "w:gz") -> Path:
    with tarfile.open(path, mode) as archive:  # pyright: ignore
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return path


def seven_zipped(path: Path, files: dict[str, bytes]) -> Path:
    with pytest.importorskip("py7zr").SevenZipFile(path, "w") as archive:
        for name, data in files.items():
            archive.writestr(data, name)
    return path


def found(path: Path, kind: SourceKind) -> tuple[list[Document], list[Drop]]:
    """Return the records of a dump of an expected kind; every document is found again by its locator."""
    assert detect_kind(str(path)) is kind
    input = InputFile(path=str(path), name=path.name, source="s")
    records = list(read(input, IngestConfig()))
    documents = [record for record in records if isinstance(record, Document)]
    assert [read_at(input, IngestConfig(), each.locator) for each in documents] == documents
    assert not any(str(path.parent) in repr(record) for record in records)
    return documents, [record for record in records if isinstance(record, Drop)]


def text_of(document: Document) -> str:
    result = extract_document(document, ExtractConfig())
    assert isinstance(result, Document), result
    return result.text


def test_a_wacz_gives_the_pages_of_its_warcs_and_a_drop_for_each_index(tmp_path: Path) -> None:
    files = {
        "archive/d.warc.gz": warc(),
        "indexes/index.cdx": b"x",
        "datapackage.json": b"{}",
        "pages/pages.jsonl": b"{}",
    }
    documents, drops = found(zipped(tmp_path / "a.wacz", files), SourceKind.WARC)
    assert [d.locator for d in documents] == ["a.wacz!archive/d.warc.gz#offset=0"]
    assert documents[0].url == "https://example.org/" and text_of(documents[0]).startswith("This is")
    assert [d.reason for d in drops] == [DropReason.NOT_CONTENT] * 3


@pytest.mark.parametrize("name", ["w.zip", "w.tar", "w.tar.gz"])
def test_archives_of_warcs_are_web_archives(tmp_path: Path, name: str) -> None:
    files = {"a.warc.gz": warc("https://example.org/a"), "sub/b.warc.gz": warc("https://example.org/b")}
    make = zipped if name.endswith("zip") else tarred
    path = make(tmp_path / name, files) if name != "w.tar" else tarred(tmp_path / name, files, "w")
    documents, drops = found(path, SourceKind.WARC)
    assert [d.url for d in documents] == ["https://example.org/a", "https://example.org/b"] and not drops


@pytest.mark.parametrize("name", ["p.mhtml", "p.mht", "noname"])
def test_mhtml_is_its_page_never_mime(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(MHTML)
    (document,), _ = found(tmp_path / name, SourceKind.WARC)
    assert (document.url, document.host, document.date) == (
        "https://example.org/p",
        "example.org",
        "2020-05-01T10:00:00Z",
    )
    assert document.markup is Markup.HTML and "MIME" not in text_of(document)


def test_an_mhtml_without_a_page_is_dropped_with_a_reason(tmp_path: Path) -> None:
    (tmp_path / "p.mhtml").write_bytes(
        MHTML.replace(b"text/html\r\nContent-Transfer", b"image/gif\r\nContent-Transfer")
    )
    documents, (drop,) = found(tmp_path / "p.mhtml", SourceKind.WARC)
    assert not documents and drop.reason is DropReason.EMPTY


@pytest.mark.parametrize("name", ["enwiki-NS0-20240101-ENTERPRISE-HTML.json.tar.gz", "enwiki.ndjson"])
def test_wikimedia_enterprise_rows_are_wikipedia(tmp_path: Path, name: str) -> None:
    rows = [
        ROW,
        {**ROW, "identifier": 2, "namespace": {"identifier": 10}},
        {**ROW, "identifier": 3, "article_body": {"wikitext": "'''X''' {{circa|1850}}"}},
    ]
    data = b"".join(json.dumps(row).encode() + b"\n" for row in rows) + b"{bad\n"
    path = tmp_path / name
    if name.endswith("gz"):
        tarred(path, {"enwiki_0.ndjson": data})
    else:
        path.write_bytes(data)
    documents, drops = found(path, SourceKind.MEDIAWIKI)
    assert [text_of(d) for d in documents] == ["Rome is in Italy, 10^6 people.", "X c. 1850"]
    first = documents[0]
    assert (first.title, first.language, first.licence) == ("Rome", "en", "CC-BY-SA-4.0")
    assert [d.reason for d in drops] == [DropReason.NAMESPACE, DropReason.UNREADABLE]


def test_7z_dumps_are_read_streamed(tmp_path: Path) -> None:
    (page,), _ = found(seven_zipped(tmp_path / "aawiki.xml.7z", {"aawiki.xml": WIKI}), SourceKind.MEDIAWIKI)
    assert page.locator.startswith("aawiki.xml.7z!aawiki.xml#page=1")
    path = seven_zipped(
        tmp_path / "math.stackexchange.com.7z", {"Posts.xml": POSTS, "Users.xml": b"<users/>"}
    )
    (post,), (drop,) = found(path, SourceKind.STACKEXCHANGE)
    assert post.url == "https://math.stackexchange.com/questions/1" and drop.reason is DropReason.NOT_CONTENT
    path = seven_zipped(tmp_path / "stackoverflow.com-Posts.7z", {"Posts.xml": POSTS})
    assert found(path, SourceKind.STACKEXCHANGE)[0][0].host == "stackoverflow.com"


def test_a_7z_of_something_else_is_refused_with_the_way_out(tmp_path: Path) -> None:
    path = seven_zipped(tmp_path / "other.7z", {"a.bin": b"x"})
    with pytest.raises(ValueError, match="7z x"):
        detect_kind(str(path))


def test_a_damaged_7z_is_one_drop(tmp_path: Path) -> None:
    data = seven_zipped(tmp_path / "w.xml.7z", {"w.xml": WIKI * 50}).read_bytes()
    (tmp_path / "wiki.xml.7z").write_bytes(data[: len(data) // 2])
    _, drops = found(tmp_path / "wiki.xml.7z", SourceKind.MEDIAWIKI)
    assert [d.reason for d in drops] == [DropReason.UNREADABLE]


def test_a_source_tree_with_web_archives_in_its_tests_is_a_repository(tmp_path: Path) -> None:
    files = {f"warcio/{n}.py": b"import os\n" for n in range(5)} | {"warcio/test/a.warc.gz": warc()}
    assert detect_kind(str(zipped(tmp_path / "warcio.zip", files))) is SourceKind.GITHUB


GUTENBERG = (
    b"The Project Gutenberg EBook of A Tale\r\n\r\nTitle: A Tale\r\n\r\n"
    b"*** START OF THE PROJECT GUTENBERG EBOOK A TALE ***\r\n\r\nText of it is here.\r\n"
)


@pytest.mark.parametrize(
    ("name", "files"),
    [
        ("12345-0.zip", {"12345-0.txt": GUTENBERG}),
        ("12345.zip", {"12345.txt": GUTENBERG}),
        (
            "12345-h.zip",
            {f"12345-h/images/{n}.jpg": b"\xff\xd8\xff" for n in range(80)}
            | {"12345-h/12345-h.htm": b"<html><head><title>The Project Gutenberg eBook of A</title></head><body><p>"
               + GUTENBERG + b"</p></body></html>"},
        ),
    ],
)  # fmt: skip
def test_zips_of_gutenberg_are_books(tmp_path: Path, name: str, files: dict[str, bytes]) -> None:
    (book,), _ = found(zipped(tmp_path / name, files), SourceKind.BOOKS)
    assert text_of(book) == "Text of it is here."


@pytest.mark.parametrize("name", ["foo10.zip", "1342-h.zip"])
def test_a_zip_of_one_long_book_is_a_book(tmp_path: Path, name: str) -> None:
    long = b"".join(hashlib.sha256(b"%d" % n).hexdigest().encode() + b"\n" for n in range(4000))
    text = {"foo10.txt": GUTENBERG + long} if name == "foo10.zip" else {"1342-h/1342-h.htm": b"<html>" + long}
    pictures = {f"1342-h/images/{n}.jpg": b"\xff\xd8\xff" for n in range(3)} if "-h" in name else {}
    assert detect_kind(str(zipped(tmp_path / name, pictures | text))) is SourceKind.BOOKS


CONTAINER = b'<container><rootfiles><rootfile full-path="OPS/p.opf"/></rootfiles></container>'
PACKAGE = (
    b'<package><metadata><dc:title>B</dc:title></metadata><manifest><item id="a" href="a.xhtml" '
    b'media-type="Application/XHTML+xml"/><item id="b" href="b.xhtml" media-type="application/xhtml+XML"/>'
    b'<item id="c" href="c.xhtml" media-type="application/xhtml+xml"/></manifest>'
    b'<spine><itemref idref="a"/><itemref idref="b"/><itemref idref="c"/></spine></package>'
)
CHAPTERS = {f"OPS/{n}.xhtml": f"<html><body><p>Chapter {n} text.</p></body></html>".encode() for n in "abc"}
ENCRYPTION = (
    "<encryption>"
    '<enc:EncryptedData xmlns:enc="x"><enc:EncryptionMethod Algorithm="{cipher}"/><enc:CipherData>'
    '<enc:CipherReference URI="{uri}"/></enc:CipherData></enc:EncryptedData></encryption>'
)
AES, FONT = "http://www.w3.org/2001/04/xmlenc#aes128-cbc", "http://www.idpf.org/2008/embedding"


@pytest.mark.parametrize("name", ["late.epub", "late.bin"])
def test_an_epub_is_told_by_its_container_wherever_mimetype_lies(tmp_path: Path, name: str) -> None:
    files = {
        "OPS/p.opf": PACKAGE,
        **CHAPTERS,
        "META-INF/container.xml": CONTAINER,
        "mimetype": b"application/epub+zip",
    }
    (book,), _ = found(zipped(tmp_path / name, files), SourceKind.BOOKS)
    assert text_of(book) == "Chapter a text.\n\nChapter b text.\n\nChapter c text."


def epub(tmp_path: Path, **more: bytes) -> Document:
    files = {"mimetype": b"application/epub+zip", "META-INF/container.xml": CONTAINER, "OPS/p.opf": PACKAGE}
    path = zipped(
        tmp_path / "b.epub", {**files, **CHAPTERS, **{k.replace("__", "/"): v for k, v in more.items()}}
    )
    (book,), _ = found(path, SourceKind.BOOKS)
    return book


def test_enciphered_chapters_never_ship(tmp_path: Path) -> None:
    marks = [ENCRYPTION.format(cipher=AES, uri=f"OPS/{n}.xhtml") for n in "abc"]
    book = epub(tmp_path, **{"META-INF__encryption.xml": "".join(marks).encode()})
    result = extract_document(book, ExtractConfig())
    assert isinstance(result, Drop) and "enciphered" in result.detail
    book = epub(tmp_path, **{"META-INF__encryption.xml": marks[0].encode()})
    result = extract_document(book, ExtractConfig())
    assert isinstance(result, Document) and result.text == "Chapter b text.\n\nChapter c text."
    assert "1 chapters are enciphered" in result.notes
    font = ENCRYPTION.format(cipher=FONT, uri="OPS/a.xhtml").encode()
    assert text_of(epub(tmp_path, **{"META-INF__encryption.xml": font})).startswith("Chapter a")


def test_one_bad_checksum_costs_one_chapter(tmp_path: Path) -> None:
    book = epub(tmp_path)
    raw = bytearray(book.raw or b"")
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        info = archive.getinfo("OPS/b.xhtml")
    raw[info.header_offset + 30 + len(info.filename) + 3] ^= 0xFF
    damaged = Document(
        doc_id=book.doc_id,
        source="s",
        source_kind=SourceKind.BOOKS,
        locator="b.epub",
        markup=Markup.EPUB,
        raw=bytes(raw),
    )
    result = extract_document(damaged, ExtractConfig())
    assert isinstance(result, Document) and result.text == "Chapter a text.\n\nChapter c text."
    assert any("b.xhtml lost" in note for note in result.notes)
