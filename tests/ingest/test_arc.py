"""ARC archives, version 1 and 2."""

import gzip
from pathlib import Path

from corpusforge.document import Document
from corpusforge.ingest import InputFile, read, read_at
from corpusforge.ingest.web.arc import arc_fields
from tests.ingest.dumps import CONFIG, PAGE, documents, ends, http, read_bytes

V1 = (
    b"filedesc://a.arc 0.0.0.0 20080430204825 text/plain 77\n"
    b"1 0 InternetArchive\nURL IP-address Archive-date Content-type Archive-length\n\n\n"
)
V2_INFO = b"2 0 x\nURL IP-address Archive-date Content-type Result-code Checksum Location Offset Filename Archive-length\n"
V2 = b"filedesc://a.arc 0.0.0.0 19961101120000 text/plain 200 - - 0 a.arc %d\n%s\n" % (len(V2_INFO), V2_INFO)


def v1(url: str, block: bytes, content_type: str = "text/html", date: str = "20080430204826") -> bytes:
    return f"{url} 192.0.2.1 {date} {content_type} {len(block)}\n".encode() + block + b"\n"


def v2(url: str, block: bytes) -> bytes:
    return (
        f"{url} 192.0.2.1 19961101120001 text/html 200 ABC - 99 a.arc {len(block)}\n".encode() + block + b"\n"
    )


def test_version_1(tmp_path: Path) -> None:
    data = V1 + v1("http://example.org/a b", http(PAGE)) + v1("dns:example.org", b"x", "text/dns")
    data += v1("http://example.org/c", http(PAGE, status="404 No"), "text/html; charset=utf-8")
    found = read_bytes(tmp_path, data, "a.arc")
    assert ends(found) == ["not_content", "html", "content_type", "http_status"]
    page = found[1]
    assert isinstance(page, Document)
    assert (page.raw, page.url, page.host) == (PAGE, "http://example.org/a b", "example.org")
    assert (page.date, page.locator) == ("2008-04-30T20:48:26Z", f"a.arc#offset={len(V1)}")


def test_version_2_and_pages_without_an_http_header(tmp_path: Path) -> None:
    found = read_bytes(
        tmp_path, V2 + v2("http://a.example/", http(PAGE)) + v2("http://b.example/", PAGE), "a.arc"
    )
    assert ends(found) == ["not_content", "html", "html"]
    assert [d.raw for d in documents(found)] == [PAGE, PAGE]
    assert documents(found)[1].notes == ("no HTTP header",)


def test_members_and_that_locators_lead_back(tmp_path: Path) -> None:
    path = tmp_path / "a.arc.gz"
    path.write_bytes(
        b"".join(gzip.compress(r) for r in (V1, *[v1(f"http://e.org/{n}", http(PAGE)) for n in range(3)]))
    )
    input = InputFile(str(path), path.name, "test")
    found = list(read(input, CONFIG))
    assert ends(found) == ["not_content", "html", "html", "html"]
    assert [read_at(input, CONFIG, r.locator) for r in found] == found


def test_damage_costs_only_itself(tmp_path: Path) -> None:
    good = [v1(f"http://e.org/{n}", http(PAGE)) for n in range(3)]
    packed = (
        V1
        + good[0]
        + b"garbage of some length\n"
        + good[1]
        + v1("http://e.org/x", http(PAGE)).replace(b" 6", b" 9", 1)
    )
    found = read_bytes(tmp_path, packed + good[2], "a.arc")
    assert "unreadable" in ends(found)
    urls = [d.url for d in documents(found)]
    assert {"http://e.org/0", "http://e.org/1", "http://e.org/2"} <= set(urls)


def test_the_fields_of_a_line() -> None:
    fields = arc_fields(b"http://e.org/a - 200804302048 text/html; charset=x 12\n")
    assert (fields["content-type"], fields["content-length"]) == ("text/html; charset=x", "12")
    assert fields["warc-date"] == "2008-04-30T20:48:00Z"
    assert arc_fields(b"nothing of the kind\n") == {}
