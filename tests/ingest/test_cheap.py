"""What is told of a page before any of it is parsed: too short, seen before, reserved by its site."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpusforge.document import Document, Drop, DropReason
from corpusforge.ingest import IngestConfig
from corpusforge.ingest.web.site_files import matches, parse_robots, parse_tdmrep
from tests.ingest.dumps import PAGE, documents, ends, http, members, read_bytes, record

LONG = PAGE.replace(b"A page.", b"A page that says enough to be one. " * 3)
CONFIG = IngestConfig()


def test_a_short_body_is_dropped_with_its_length(tmp_path: Path) -> None:
    data = members(record(http(b"<html><p>Hi.</p></html>")), record(http(LONG)))
    found = read_bytes(tmp_path, data, config=CONFIG)
    assert ends(found) == ["too_short", "html"]
    assert isinstance(found[0], Drop) and found[0].detail == "a body of 23 bytes, under 50"


def test_the_same_bytes_again_are_a_duplicate_of_the_first(tmp_path: Path) -> None:
    data = members(
        record(http(LONG), url="http://e.org/1"),
        record(http(LONG), url="http://e.org/2"),
        record(http(LONG, content_type="text/html; charset=koi8-r"), url="http://e.org/3"),
        record(http(LONG, "X-Robots-Tag: noai"), url="http://e.org/4"),
        record(http(LONG + b" "), url="http://e.org/5"),
        record(http(LONG), url="http://e.org/6"),
    )
    found = read_bytes(tmp_path, data, config=CONFIG)
    # what another header makes of the bytes is another page
    assert ends(found) == ["html", "duplicate_payload", "html", "html", "html", "duplicate_payload"]
    for drop in (found[1], found[5]):
        assert isinstance(drop, Drop) and drop.detail == f"the same {len(LONG)} bytes as the page at offset 0"
    kept = read_bytes(tmp_path, data, config=IngestConfig(drop_duplicate_payloads=False))
    assert ends(kept) == ["html"] * 6


def test_a_revisit_says_whether_its_page_is_in_the_dump(tmp_path: Path) -> None:
    digest = "WARC-Payload-Digest: sha1:AAAA"
    other = "WARC-Payload-Digest: sha1:BBBB"
    data = members(
        record(http(LONG), extra=(digest,)),
        record(http(b""), "revisit", extra=(digest,)),
        record(http(b""), "revisit", extra=(other,)),
    )
    found = read_bytes(tmp_path, data, config=CONFIG)
    assert ends(found) == ["html", "revisit", "revisit"]
    details = [drop.detail for drop in found if isinstance(drop, Drop)]
    assert details[0].endswith("in this dump: sha1:AAAA") and "not in" not in details[0]
    assert details[1].endswith("not in this dump: sha1:BBBB")


def test_fields_on_the_use_of_a_page_go_with_it(tmp_path: Path) -> None:
    head = http(LONG, "X-Robots-Tag: noai", "X-Robots-Tag: noindex", "TDM-Reservation: 1")
    (found,) = documents(read_bytes(tmp_path, members(record(head)), config=CONFIG))
    assert found.reservations == ("x-robots-tag: noai, noindex", "tdm-reservation: 1")


ROBOTS = b"""User-agent: *
Disallow: /private

User-agent: GPTBot
User-agent: CCBot/2.0
Disallow: /
Allow: /open/*.html$
"""
TDMREP = b'[{"location": "/free/*", "tdm-reservation": 0}, {"location": "/", "tdm-reservation": 1}]'


@pytest.mark.parametrize("files_first", [True, False])
def test_files_of_a_site_speak_for_its_pages_wherever_they_lie(tmp_path: Path, files_first: bool) -> None:
    files = [
        record(http(ROBOTS, content_type="text/plain"), url="https://a.org/robots.txt"),
        record(http(TDMREP, content_type="application/json"), url="https://b.org/.well-known/tdmrep.json"),
        record(http(b"Disallow: /", status="404 Not Found"), url="https://c.org/robots.txt"),
    ]
    urls = [
        "https://a.org/x",
        "https://a.org/open/x.html",
        "https://b.org/free/x",
        "http://b.org/x",
        "https://c.org/x",
    ]
    pages = [record(http(LONG + str(n).encode()), url=url) for n, url in enumerate(urls)]
    data = members(*files, *pages) if files_first else members(*pages, *files)
    config = IngestConfig(
        site_files=("/robots.txt", "/.well-known/tdmrep.json"), robots_agents=("GPTBot", "other")
    )
    found = documents(read_bytes(tmp_path, data, config=config))
    assert [d.reservations for d in found] == [
        ("robots.txt: gptbot, Disallow: /",),
        (),
        ("tdmrep.json: 0",),
        ("tdmrep.json: 1",),
        (),
    ]
    silent = documents(read_bytes(tmp_path, data, config=CONFIG))
    assert not any(d.reservations for d in silent)


def test_what_is_no_file_of_rules_rules_nothing() -> None:
    assert parse_tdmrep("<html>") == [] and parse_tdmrep('{"location": "/"}') == []
    assert parse_tdmrep("[" * 100_000) == [] and parse_tdmrep('[1, {"location": 2}]') == []
    assert parse_robots("<html><body>Not found</body></html>") == {}


@given(st.text(alphabet="ab/*$", max_size=12), st.text(alphabet="ab/", max_size=12))
def test_a_pattern_fits_as_its_expression_does(pattern: str, path: str) -> None:
    import re

    body = pattern.removesuffix("$")
    expression = "".join(".*" if sign == "*" else re.escape(sign) for sign in body)
    wanted = re.match(expression + (r"\Z" if pattern.endswith("$") else ""), path, re.S)
    assert matches(pattern, path) is (wanted is not None)
    matches("*a" * 5000 + "$", "a" * 5000 + "b")


def test_real_dumps_have_duplicates_and_every_record_its_end(shared_data: Path) -> None:
    from tests.ingest.dumps import read_file

    path = shared_data / "web" / "crawl-20261121000000-00000.warc.gz"
    plain, found = read_file(path), read_file(path, config=CONFIG)
    assert len(plain) == len(found)
    gone = [d for d in found if isinstance(d, Drop) and d.reason is DropReason.DUPLICATE_PAYLOAD]
    assert len(gone) > 5
    raws = {d.raw for d in found if isinstance(d, Document)}
    assert all(
        d.raw in raws or len(d.raw or b"") < CONFIG.min_body_bytes for d in plain if isinstance(d, Document)
    )
