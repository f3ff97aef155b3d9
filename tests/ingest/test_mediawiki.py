"""MediaWiki exports: every page is a document or a drop; damage costs the pages it touches."""

from __future__ import annotations

import bz2
import gzip
import json
import re
from collections import Counter
from xml.sax.saxutils import escape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpusforge.document import Document, DropReason, Markup
from corpusforge.ingest.compression.window import Window
from corpusforge.ingest.entities import unescape
from corpusforge.ingest.wiki.mediawiki import read_mediawiki
from corpusforge.ingest.wiki.pages import Page, PageScanner
from tests.ingest.reading import counts, documents, drops, outcomes, read_all

HEADER = """<mediawiki xmlns="http://www.mediawiki.org/xml/export-0.11/" version="0.11" xml:lang="de">
  <siteinfo><sitename>Wikipedia</sitename><dbname>dewiki</dbname>
    <base>https://de.wikipedia.org/wiki/Wikipedia:Hauptseite</base>
    <namespaces><namespace key="0" case="first-letter" /><namespace key="10" case="first-letter">Vorlage</namespace>
    </namespaces></siteinfo>
"""
FOOTER = "</mediawiki>\n"


def revision(
    text: str | None, when: str = "2024-01-02T03:04:05Z", number: int = 7, model: str = "wikitext"
) -> str:
    body = (
        '<text bytes="5" id="1" />' if text is None else f'<text xml:space="preserve">{escape(text)}</text>'
    )
    return (
        f"<revision><id>{number}</id><timestamp>{when}</timestamp><contributor><username>U</username><id>99</id>"
        f"</contributor><model>{model}</model>{body}<sha1>x</sha1></revision>"
    )


def page(
    title: str, text: str | None, number: int = 1, ns: int | None = 0, extra: str = "", revisions: str = ""
) -> str:
    tag = "" if ns is None else f"<ns>{ns}</ns>"
    body = revisions or revision(text)
    return f"  <page><title>{escape(title)}</title>{tag}<id>{number}</id>{extra}{body}</page>\n"


def write(tmp_path, xml: str | bytes, name: str = "dump.xml"):
    path = tmp_path / name
    data = xml.encode() if isinstance(xml, str) else xml
    pack = {"gz": gzip.compress, "bz2": bz2.compress}.get(name.rpartition(".")[2], bytes)
    path.write_bytes(pack(data))
    return path


def scan(data: bytes, block_bytes: int = 64) -> list:
    blocks = (data[at : at + block_bytes] for at in range(0, len(data), block_bytes))
    return list(PageScanner(Window(blocks), 1 << 20))


@pytest.mark.parametrize("name", ["dump.xml", "dump.xml.gz", "dump.xml.bz2"])
def test_a_page_becomes_a_document(tmp_path, name):
    text = "'''Grün''' & <math>a<b</math> [[Farbe]]"
    path = write(tmp_path, HEADER + page("Grün & Blau", text, number=42) + FOOTER, name)
    (document,) = documents(read_all(read_mediawiki, path))
    assert document.raw == text.encode()
    assert document.markup is Markup.WIKITEXT
    assert document.title == "Grün & Blau"
    assert document.url == "https://de.wikipedia.org/wiki/Gr%C3%BCn_%26_Blau"
    assert document.host == "de.wikipedia.org"
    assert document.language == "de" and document.language_score is None
    assert document.date == "2024-01-02T03:04:05Z"
    assert document.locator == f"{name}#page=42&offset={HEADER.encode().__len__() + 2}"


def test_what_is_no_article_is_dropped_with_its_reason(tmp_path):
    pages = [
        page("A", "text"),
        page("B", "#REDIRECT [[A]]", 2, extra='<redirect title="A" />'),
        page("C", "#WEITERLEITUNG [[A]]", 3),
        page("Vorlage:D", "text", 4, ns=10),
        page("Vorlage:E", "text", 5, ns=None),
        page("F", None, 6),
        page("G", "  \n", 7),
        page("H", "", 8, revisions=revision("{}", model="json")),
    ]
    records = read_all(read_mediawiki, write(tmp_path, HEADER + "".join(pages) + FOOTER))
    expected = [
        "wikitext",
        "redirect",
        "redirect",
        "namespace",
        "namespace",
        "empty",
        "empty",
        "content_type",
    ]
    assert outcomes(records) == expected


def test_the_latest_revision_counts_in_whatever_order(tmp_path):
    history = revision("old", "2020-01-01T00:00:00Z", 1) + revision("new", "2022-01-01T00:00:00Z", 3)
    history += revision("middle", "2021-01-01T00:00:00Z", 2)
    (document,) = documents(
        read_all(read_mediawiki, write(tmp_path, HEADER + page("A", "", revisions=history) + FOOTER))
    )
    assert document.raw == b"new"
    assert document.notes == ("latest of 3 revisions",)


def test_no_root_a_namespace_prefix_or_utf_16_are_read_alike(tmp_path):
    bare = page("A", "eins") + page("B", "zwei", 2)
    prefixed = (
        (HEADER + bare + FOOTER).replace("</", "</ns0:").replace("<", "<ns0:").replace("<ns0:/ns0:", "</ns0:")
    )
    for number, xml in enumerate((bare, prefixed, (HEADER + bare + FOOTER).encode("utf-16"))):
        records = read_all(read_mediawiki, write(tmp_path, xml, f"{number}.xml"))
        assert [document.raw for document in documents(records)] == [b"eins", b"zwei"]


def test_entities_are_never_expanded(tmp_path):
    laughs = (
        '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY f SYSTEM "file:///etc/passwd">]>'
    )
    xml = (
        laughs
        + HEADER
        + "<page><title>A</title><ns>0</ns><id>1</id><revision><text>&b; &f; &amp;lt; &#x41;&#66;</text>"
    )
    (document,) = documents(read_all(read_mediawiki, write(tmp_path, xml + "</revision></page>" + FOOTER)))
    assert document.raw == b"&b; &f; &lt; AB"


def test_reading_goes_on_after_damage(tmp_path):
    whole = [page(f"P{n}", f"text {n}", n) for n in range(6)]
    broken = whole[1].partition("</revision>")[0]  # never closed
    stray = whole[3].partition("<id>")[2]  # never opened
    xml = HEADER + whole[0] + broken + whole[2] + stray + whole[4] + whole[5][:90]
    records = read_all(read_mediawiki, write(tmp_path, xml))
    assert outcomes(records) == ["wikitext", "unreadable", "wikitext", "unreadable", "wikitext", "unreadable"]
    assert [document.title for document in documents(records)] == ["P0", "P2", "P4"]
    assert all("bytes" in drop.detail for drop in drops(records))


def test_a_truncated_bzip2_keeps_all_whole_pages(tmp_path):
    pages = "".join(page(f"P{n}", f"text {n} " * 9000, n) for n in range(40))
    path = write(tmp_path, HEADER + pages + FOOTER, "cut.xml.bz2")
    path.write_bytes(path.read_bytes()[:-20])
    records = read_all(read_mediawiki, path)
    assert counts(records)["unreadable"] == 1 and counts(records)["wikitext"] > 5
    assert "before the compressed data does" in drops(records)[0].detail


def multistream(tmp_path, n_streams: int = 5):
    parts = [HEADER] + [
        "".join(page(f"P{s}-{n}", f"text {s} {n}", s * 10 + n) for n in range(3)) for s in range(n_streams)
    ]
    streams = [bz2.compress(part.encode()) for part in [*parts, FOOTER]]
    path = tmp_path / "multi.xml.bz2"
    path.write_bytes(b"".join(streams))
    return path, streams


def test_a_multistream_locator_opens_the_stream_by_itself(tmp_path):
    path, _ = multistream(tmp_path)
    for document in documents(read_all(read_mediawiki, path)):
        place = dict(part.split("=") for part in document.locator.partition("#")[2].split("&"))
        stream = bz2.BZ2Decompressor().decompress(path.read_bytes()[int(place["stream"]) :])
        assert f"<title>{document.title}</title>".encode() in stream


def test_a_damaged_stream_costs_only_its_own_pages(tmp_path):
    path, streams = multistream(tmp_path)
    data = bytearray(path.read_bytes())
    at = len(streams[0]) + len(streams[1]) + len(streams[2]) // 2
    data[at : at + 4] = b"\0\0\0\0"
    path.write_bytes(bytes(data))
    records = read_all(read_mediawiki, path)
    assert counts(records) == {"wikitext": 12, "unreadable": 1}
    assert not any(document.title.startswith("P1-") for document in documents(records))


def test_other_files_are_told_of(tmp_path):
    index = write(tmp_path, "619:1:A\n619:2:B\n", "multi-index.txt.bz2")
    assert outcomes(read_all(read_mediawiki, index)) == ["not_content"]
    (tmp_path / "x.7z").write_bytes(b"7z\xbc\xaf\x27\x1c\x00\x04rest")
    (seven,) = drops(read_all(read_mediawiki, tmp_path / "x.7z"))
    assert seven.reason is DropReason.UNREADABLE and "7z" in seven.detail
    assert outcomes(read_all(read_mediawiki, write(tmp_path, HEADER + FOOTER, "none.xml"))) == ["empty"]
    assert outcomes(read_all(read_mediawiki, write(tmp_path, "", "nothing.xml"))) == ["empty"]


def test_a_page_over_the_limit_is_dropped_unread(tmp_path):
    xml = HEADER + page("Big", "x" * 5000) + page("Small", "x", 2) + FOOTER
    records = read_all(read_mediawiki, write(tmp_path, xml), max_record_bytes=2048)
    assert outcomes(records) == ["too_large", "wikitext"]


PAGES = [page(f"Title {n}", f"Body {n}: [[Link|ä]] <ref>x</ref> {{{{T}}}}\n" * (n + 1), n) for n in range(5)]


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_damage_touches_no_other_page(data):
    """Overwrite, insert or delete a stretch anywhere: pages before and after come out as they were."""
    whole = [part.encode() for part in (HEADER, *PAGES, FOOTER)]
    stream = b"".join(whole)
    at = data.draw(st.integers(0, len(stream) - 1))
    junk = data.draw(
        st.one_of(
            st.binary(max_size=30), st.sampled_from([b"<page>", b"</page>", b"<text>", b"</text>", b"<"])
        )
    )
    cut = data.draw(st.integers(0, 60))
    found = scan(stream[:at] + junk + stream[at + cut :], data.draw(st.sampled_from([7, 64, 4096])))
    read = {item.title: item.revision.text for item in found if isinstance(item, Page) and item.revision}
    start = 0
    bounds = []
    for part in whole:
        bounds.append((start, start + len(part)))
        start += len(part)
    n_untouched = 0
    for number, (begin, end) in enumerate(bounds[1:-1]):
        # The blanks between two pages belong to neither.
        if end - 1 <= at or begin + 2 >= at + cut:
            n_untouched += 1
            assert read[f"Title {number}"] == unescape(
                PAGES[number].partition('preserve">')[2].partition("</text>")[0].encode()
            )
    assert len(found) >= n_untouched + (n_untouched < len(PAGES)), "a touched page left no trace"


@given(st.text())
def test_unescaping_undoes_escaping(text):
    assert unescape(escape(text, {'"': "&quot;"}).encode()).decode() == text


@given(st.binary(max_size=300), st.integers(1, 40))
def test_any_bytes_are_scanned_the_same_in_blocks_of_any_size(data, block_bytes):
    stream = b"<page><title>A</title>" + data + b"<text>" + data + b"</text></page>"
    assert repr(scan(stream, block_bytes)) == repr(scan(stream, len(stream)))


def test_real_dumps_match_their_manifest(shared_data):
    folder = shared_data / "wiki"
    listed = {row["file"]: row for row in json.loads((folder / "manifest.json").read_text())}
    checked = 0
    for path in sorted(folder.rglob("*.bz2")):
        row = listed.get(str(path.relative_to(folder)), {})
        if not row.get("pages"):
            continue
        records = read_all(read_mediawiki, path)
        assert len(records) == row["pages"], path.name
        assert counts(records).get("unreadable", 0) == 0
        checked += 1
    assert checked > 100


def test_real_damaged_dumps_keep_their_whole_pages(shared_data):
    edge = shared_data / "wiki" / "edge"
    cut = read_all(read_mediawiki, edge / "truncated-xml.xml.bz2")
    assert len(cut) == 534 and counts(cut)["unreadable"] == 1
    cut = read_all(read_mediawiki, edge / "truncated.xml.bz2")
    assert len(cut) == 849 and counts(cut)["unreadable"] == 1
    for path in sorted(edge.iterdir()):
        assert read_all(read_mediawiki, path), path.name
    reasons = Counter(type(record) is Document for record in cut)
    assert reasons[True] > 400


_REFERENCE = re.compile(rb"&(?:#x([0-9A-Fa-f]{1,6})|#(\d{1,7})|(lt|gt|amp|quot|apos));")
_PIECES = [
    *(
        b"&",
        b"#",
        b";",
        b"l",
        b"t;",
        b"x26;",
        b"38;",
        b" ",
        "é".encode(),
        b"&lt;",
        b"&gt;",
        b"&amp;",
        b"&quot;",
    ),
    *(
        b"&apos;",
        b"&#10;",
        b"&#38;",
        b"&#x41;",
        b"&#108;",
        b"&#xD800;",
        b"&#x1F600;",
        b"&#x10FFFF;",
        b"&#x110000;",
    ),
    *(b"&#12345678;", b"&#x1234567;", b"&#;", b"&#x;", b"&#X41;", b"&nbsp;", b"&#0;"),
]


def _character(found: re.Match[bytes]) -> bytes:
    if found[3]:
        return {b"lt": b"<", b"gt": b">", b"amp": b"&", b"quot": b'"', b"apos": b"'"}[found[3]]
    point = int(found[1], 16) if found[1] else int(found[2])
    return chr(point).encode("utf-8", "replace") if point < 0x110000 else found[0]


@given(st.lists(st.sampled_from(_PIECES), max_size=12).map(b"".join))
def test_references_are_replaced_once(text):
    assert unescape(text) == _REFERENCE.sub(_character, text)
