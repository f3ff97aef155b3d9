"""What a page says on its use holds for all that was made from it; a page is read behind interim responses."""

from __future__ import annotations

import gzip
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corpusforge.document import Document, Drop, Markup, SourceKind
from corpusforge.filter import judge_owner
from corpusforge.filter.config import FilterConfig
from corpusforge.filter.rights.reservation import judge_reservation
from corpusforge.ingest import IngestConfig, InputFile, read
from corpusforge.ingest.web import warc
from corpusforge.ingest.web.derived import page_address
from corpusforge.ingest.web.http import parse_response
from corpusforge.ingest.web.site_files import parse_robots
from tests.ingest.splitting import input_of, ranges_at, records_of

SENTENCE = "This is a sentence of the page that is long enough to be one. "
TEXT = "Plain text of the page that is long enough to be kept by the reader of it. "


def page(meta: str = "") -> bytes:
    return f"<html><head><title>T</title>{meta}</head><body><p>{SENTENCE * 5}</p></body></html>".encode()


def response(body: bytes, fields: str = "") -> bytes:
    return f"HTTP/1.1 200 OK\r\n{fields}Content-Type: text/html\r\n\r\n".encode() + body


def record(uri: str, kind: str, body: bytes, media: str, more: str = "", identity: str = "") -> bytes:
    head = (
        f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Target-URI: {uri}\r\nWARC-Date: 2020-01-01T00:00:00Z\r\n"
        f"WARC-Record-ID: <urn:uuid:{identity or uri}>\r\n{more}Content-Type: {media}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body + b"\r\n\r\n"


def read_records(tmp_path: Path, *records: bytes, **config: object) -> list[Document]:
    path = tmp_path / "a.warc"
    path.write_bytes(b"".join(records))
    input = InputFile(path=str(path), name="a.warc", source="s")
    return [r for r in read(input, IngestConfig(**config)) if isinstance(r, Document)]  # pyright: ignore


PAGE = "https://example.org/a"
HTTP = "application/http; msgtype=response"
TWINS = [
    ("urn:text:" + PAGE, "resource", TEXT.encode(), "text/plain", ""),
    ("urn:textFinal:" + PAGE, "resource", TEXT.encode(), "text/plain", ""),
    (PAGE, "conversion", TEXT.encode(), "text/plain", "WARC-Refers-To: <urn:uuid:1>\r\n"),
    (
        "https://example.org/other",
        "conversion",
        TEXT.encode(),
        "text/plain",
        "WARC-Refers-To: <urn:uuid:1>\r\n",
    ),
    (PAGE, "resource", page("<!-- dom -->"), "text/html", ""),
    ("urn:dom:" + PAGE, "resource", page("<!-- dom -->"), "text/html", ""),
    (PAGE, "conversion", page("<!-- clean -->"), "text/html", ""),
    (
        "https://web.archive.org/web/20200101000000id_/" + PAGE,
        "response",
        response(page("<!-- replay -->")),
        HTTP,
        "",
    ),
    (
        "https://web.archive.org/web/2020/http://www.example.org/a",
        "response",
        response(page("<!-- r -->")),
        HTTP,
        "",
    ),
]


TWINS += [
    (uri, "resource", TEXT.encode(), "text/plain", "")
    for uri in (
        "urn:text:https%3A%2F%2Fexample.org%2Fa",
        "urn:text:https://example.org:443/a",
        "URN:TEXT:HTTPS://EXAMPLE.ORG/a#top",
        "http://localhost:8080/coll/20200101000000mp_/https://example.org/a",
    )
]


@pytest.mark.parametrize("is_first", [True, False])
@pytest.mark.parametrize("mark", ["meta", "x-robots", "tdm", "content-usage", "content-signal"])
@pytest.mark.parametrize("twin", TWINS)
def test_a_twin_of_a_reserved_page_is_reserved(
    tmp_path: Path, twin: tuple, mark: str, is_first: bool
) -> None:
    fields = {
        "x-robots": "X-Robots-Tag: noai\r\n",
        "tdm": "TDM-Reservation: 1\r\n",
        "content-usage": "Content-Usage: train-ai=n\r\n",
        "content-signal": "Content-Signal: search=yes, ai-train=no\r\n",
    }.get(mark, "")
    body = response(page('<meta name="robots" content="noai">' if mark == "meta" else ""), fields)
    uri, kind, data, media, more = twin
    both = [
        record(PAGE, "response", body, HTTP, identity="1"),
        record(uri, kind, data, media, more, identity="2"),
    ]
    found = read_records(tmp_path, *(both if is_first else reversed(both)))
    assert len(found) == 2
    assert all(isinstance(judge_reservation(document, FilterConfig()), Drop) for document in found)


OTHER = "https://other.example.net/"
CHAINS = {
    "by record id, at other addresses": [
        (OTHER + "1", "conversion", "WARC-Refers-To: <urn:uuid:1>\r\n"),
        (OTHER + "2", "conversion", "WARC-Refers-To: <urn:uuid:10>\r\n"),
        (OTHER + "3", "conversion", "WARC-Refers-To: <urn:uuid:11>\r\n"),
    ],
    "from a text of the page": [
        ("urn:text:" + PAGE, "resource", ""),
        (OTHER + "2", "conversion", "WARC-Refers-To: <urn:uuid:10>\r\n"),
    ],
    "by address": [
        (OTHER + "1", "conversion", "WARC-Refers-To: <urn:uuid:1>\r\n"),
        ("urn:textFinal:" + OTHER + "1", "resource", ""),
        (OTHER + "3", "conversion", f"WARC-Refers-To-Target-URI: urn:text:{OTHER}1\r\n"),
    ],
    "in a circle": [
        (OTHER + "1", "conversion", "WARC-Refers-To: <urn:uuid:11>\r\n"),
        (OTHER + "2", "conversion", "WARC-Refers-To: <urn:uuid:10>\r\nWARC-Concurrent-To: <urn:uuid:1>\r\n"),
    ],
}


@pytest.mark.parametrize("order", [1, -1])
@pytest.mark.parametrize("is_open", [False, True])
@pytest.mark.parametrize("chain", CHAINS)
def test_marks_travel_to_what_was_made_from_a_copy(
    tmp_path: Path, chain: str, is_open: bool, order: int
) -> None:
    mark = "" if is_open else '<meta name="robots" content="noai">'
    records = [record(PAGE, "response", response(page(mark)), HTTP, identity="1")]
    records += [
        record(uri, kind, f"{n} {TEXT}".encode(), "text/plain", more, identity=str(10 + n))
        for n, (uri, kind, more) in enumerate(CHAINS[chain])
    ]
    found = read_records(tmp_path, *records[::order])
    assert len(found) == len(records)
    assert all((judge_reservation(document, FilterConfig()) is None) == is_open for document in found)
    input = input_of(tmp_path / "a.warc", SourceKind.WARC)
    size = (tmp_path / "a.warc").stat().st_size
    split = records_of(input, ranges_at([size // 3, size // 2, size - 300]), IngestConfig())
    assert split == list(read(input, IngestConfig()))


@pytest.mark.parametrize("twin", TWINS)
def test_a_twin_of_an_open_page_stays(tmp_path: Path, twin: tuple) -> None:
    uri, kind, data, media, more = twin
    other = response(page('<meta name="robots" content="noai">'))
    found = read_records(
        tmp_path,
        record(PAGE, "response", response(page()), HTTP, identity="1"),
        record("https://example.org/b", "response", other, HTTP, identity="3"),
        record(uri, kind, data, media, more, identity="2"),
    )
    assert [judge_reservation(d, FilterConfig()) is None for d in found] == [True, False, True]


@pytest.mark.parametrize("is_first", [True, False])
def test_marks_travel_between_the_splits_of_a_dump(tmp_path: Path, is_first: bool) -> None:
    reserved = response(page('<meta name="robots" content="noai">'))
    both = [
        record(PAGE, "response", reserved, HTTP, identity="1"),
        record("urn:text:" + PAGE, "resource", TEXT.encode(), "text/plain", identity="2"),
    ]
    both = both if is_first else both[::-1]
    filler = [
        record(f"https://example.org/{n}", "response", response(page(f"<!--{n}-->")), HTTP) for n in range(9)
    ]
    path = tmp_path / "a.warc"
    path.write_bytes(both[0] + b"".join(filler) + both[1])
    input = input_of(path, SourceKind.WARC)
    whole = list(read(input, IngestConfig()))
    size = path.stat().st_size
    assert records_of(input, ranges_at([size // 3, size // 2, size - 300]), IngestConfig()) == whole
    marks = [
        d.reservations for d in whole if isinstance(d, Document) and d.url == PAGE and d.markup == "text"
    ]
    assert marks == [("meta robots: noai",)]


def test_block_lists_hold_for_what_was_made_from_a_page(tmp_path: Path) -> None:
    (found,) = read_records(tmp_path, record("urn:text:" + PAGE, "resource", TEXT.encode(), "text/plain"))
    assert (found.url, found.host) == (PAGE, "example.org")
    assert isinstance(judge_owner(found, FilterConfig(blocked=("example.org",))), Drop)


@pytest.mark.parametrize(
    ("uri", "address"),
    [
        ("urn:view:https://e.org/a?b=c", "https://e.org/a?b=c"),
        ("screenshot:http://e.org/a", "http://e.org/a"),
        ("<urn:pageinfo:https://e.org/>", "https://e.org/"),
        ("https://e.org/?u=https://f.org/", "https://e.org/?u=https://f.org/"),
        ("urn:text:https%3A%2F%2Fe.org%2Fa%3Fb", "https://e.org/a?b"),
        ("http://my.host/wb/20200101000000/http://e.org/a", "http://e.org/a"),
        ("https://e.org/web/2020/https://f.org/", "https://e.org/web/2020/https://f.org/"),
        ("https://web.archive.org/web/2020*/x", "https://web.archive.org/web/2020*/x"),
    ],
)
def test_the_address_of_a_page_within_another_uri(uri: str, address: str) -> None:
    assert page_address(uri) == address


def test_robots_txt_signals_count_where_site_files_are_read(tmp_path: Path) -> None:
    robots = b"HTTP/1.1 200 OK\r\n\r\nUser-agent: *\nContent-Signal: search=yes, ai-train=no\nAllow: /\nContent-Usage: /x train-ai=n\n"
    records = [
        record("https://example.org/robots.txt", "response", robots, HTTP),
        record(PAGE, "response", response(page()), HTTP),
    ]
    (read_without,) = read_records(tmp_path, *records)
    assert read_without.reservations == ()
    (found,) = read_records(tmp_path, *records, site_files=("/robots.txt",))
    assert found.reservations == ("content-signal: search=yes, ai-train=no",)
    assert isinstance(judge_reservation(found, FilterConfig()), Drop)
    assert judge_reservation(found, FilterConfig(honour=("noai",))) is None


def test_a_content_usage_line_holds_for_its_paths_and_crawlers() -> None:
    groups = parse_robots(
        "User-agent: a\nContent-Usage: /x train-ai=n\nDisallow: /y\n\nUser-agent: *\nAllow: /\n"
    )
    assert [(rule.pattern, rule.usage) for rule in groups["a"]] == [
        ("/x", "content-usage: train-ai=n"),
        ("/y", ""),
    ]


def test_interim_responses_stand_before_the_page_and_folded_fields_are_one() -> None:
    block = (
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
        b"HTTP/1.1 200 OK\r\nX-Robots-Tag: noindex,\r\n\tnoai\r\nContent-Type: text/html;\r\n charset=koi8-r\r\n\r\nbody"
    )
    found = parse_response(block)
    assert found is not None and found.status == 200 and block[found.body_start :] == b"body"
    assert found.headers["x-robots-tag"] == "noindex, noai"
    assert found.headers["content-type"] == "text/html; charset=koi8-r" and "link" not in found.headers


def test_an_interim_response_alone_stays_what_it_is() -> None:
    found = parse_response(b"HTTP/1.1 103 Early Hints\r\n\r\n")
    assert found is not None and found.status == 103


def test_a_message_in_parts_is_no_text(tmp_path: Path) -> None:
    mail = (
        b"MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\n"
        + TEXT.encode()
        + b"\r\n--x--"
    )
    assert not read_records(tmp_path, record("https://example.org/m", "resource", mail, "text/plain"))


@pytest.mark.parametrize("first", ["a.warc", "z.warc"])
def test_what_one_member_of_a_packed_dump_says_holds_in_all(tmp_path: Path, first: str) -> None:
    robots = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\nUser-agent: *\nDisallow: /closed\n"
    closed = "https://example.org/closed"
    files = {
        "m.warc": record(closed, "response", response(page("<i>1</i>")), HTTP, identity="3")
        + record("urn:text:" + PAGE, "resource", TEXT.encode(), "text/plain"),
        first: record("https://example.org/robots.txt", "response", robots, HTTP)
        + record(PAGE, "response", response(page('<meta name="robots" content="noai">')), HTTP, identity="1"),
    }
    path = tmp_path / "a.wacz"
    with zipfile.ZipFile(path, "w") as archive:
        for name in sorted(files):
            archive.writestr(f"archive/{name}", files[name])
    input = InputFile(path=str(path), name="a.wacz", source="s")
    config = IngestConfig(site_files=("/robots.txt",))
    pages = [d for d in read(input, config) if isinstance(d, Document)]
    closed_page = next(d for d in pages if d.url == closed)
    assert closed_page.reservations[0] == "robots.txt: anthropic-ai, Disallow: /closed"
    twin = next(d for d in pages if d.markup is Markup.TEXT)
    refused = judge_reservation(twin, FilterConfig())
    assert refused is not None and "noai" in refused.detail


def test_a_conversion_that_names_its_page_has_the_address_of_the_page(tmp_path: Path) -> None:
    more = f"WARC-Refers-To-Target-URI: urn:text:{PAGE}\r\n"
    (found,) = read_records(tmp_path, record(OTHER, "conversion", TEXT.encode(), "text/plain", more))
    assert found.url == PAGE  # so that lists and robots.txt of the page hold


@st.composite
def captures(draw: st.DrawFn) -> list[bytes]:
    """Return records of a few pages, several captures of each, and of what was made from them, in any order."""
    n_pages = draw(st.integers(1, 3))
    records: list[bytes] = []
    for number in range(draw(st.integers(2, 8))):
        address = f"https://example.org/{draw(st.integers(1, n_pages))}"
        mark = draw(
            st.sampled_from(["", '<meta name="robots" content="noai">', '<META name=bot content="x">'])
        )
        fields = draw(st.sampled_from(["", "TDM-Reservation: 1\r\n"]))
        more = draw(st.sampled_from(["", f"WARC-Refers-To: <urn:uuid:{draw(st.integers(0, 8))}>\r\n"]))
        prefix = draw(st.sampled_from(["urn:text:", "https://web.archive.org/web/20200101000000id_/"]))
        text = f"{draw(st.integers(0, 8))} {TEXT}".encode()
        records.append(
            draw(
                st.sampled_from(
                    [
                        record(address, "response", response(page(mark), fields), HTTP, "", str(number)),
                        record(address, "response", response(page(mark), fields), HTTP, "", str(number)),
                        record(prefix + address, "resource", text, "text/plain", more, str(number)),
                        record(address, "conversion", text, "text/plain", more, str(number)),
                        record(address, "revisit", b"", HTTP, more, str(number)),
                    ]
                )
            )
        )
    return records


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(records=captures(), is_packed=st.booleans(), held=st.sampled_from([0, 3000, 1 << 20]), data=st.data())
def test_one_reading_tells_what_two_do_whatever_waits_and_however_it_is_split(
    tmp_path: Path, records: list[bytes], is_packed: bool, held: int, data: st.DataObject
) -> None:
    path = tmp_path / "b.warc"
    path.write_bytes(b"".join(gzip.compress(each) if is_packed else each for each in records))
    input, config = input_of(path, SourceKind.WARC), IngestConfig()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(warc, "HELD_BYTES", -1)  # nothing waits: told by a pass of its own
        twice = list(read(input, config))
        patch.setattr(warc, "HELD_BYTES", held)
        assert list(read(input, config)) == twice
    size = path.stat().st_size
    cuts = sorted(data.draw(st.sets(st.integers(1, size - 1), max_size=3)))
    assert records_of(input, ranges_at(cuts), config) == twice
