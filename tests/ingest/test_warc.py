"""What becomes of each WARC record, whatever the file went through."""

import gzip
import zlib
from pathlib import Path

import brotli
import lz4.frame
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from corpusforge.document import Document, Drop, DropReason, Markup, SourceKind
from corpusforge.ingest import IngestConfig, InputFile, read, read_at
from corpusforge.ingest.web.http import decode_body
from corpusforge.ingest.web.warc import read_warc
from tests.ingest.dumps import (
    PAGE,
    documents,
    drops,
    ends,
    http,
    members,
    page_record,
    read_bytes,
    record,
)


def _chunked(body: bytes, size: int = 7) -> bytes:
    chunks = [body[i : i + size] for i in range(0, len(body), size)]
    return b"".join(b"%x\r\n%s\r\n" % (len(c), c) for c in chunks) + b"0\r\n\r\n"


def _raw_deflate(body: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(body) + packer.flush()


ENCODERS = {
    "gzip": lambda body: gzip.compress(body, mtime=0),
    "x-gzip": lambda body: gzip.compress(body, mtime=0),
    "br": brotli.compress,
    "deflate": zlib.compress,
    "DEFLATE": _raw_deflate,
    "zstd": zstandard.ZstdCompressor().compress,
}


def test_a_page_with_all_that_its_record_tells(tmp_path: Path) -> None:
    block = http(PAGE, content_type='text/html; charset="ISO-8859-2"')
    (found,) = read_bytes(tmp_path, members(record(block, url="https://Example.org:80/a b")))
    assert isinstance(found, Document)
    assert (found.raw, found.markup, found.charset) == (PAGE, Markup.HTML, "ISO-8859-2")
    assert (found.url, found.host) == ("https://Example.org:80/a b", "example.org")
    assert (found.date, found.locator) == ("2026-11-21T00:00:00Z", "a.warc.gz#offset=0")
    assert (found.source, found.source_kind, found.text) == ("test", SourceKind.WARC, "")


@pytest.mark.parametrize("version", ["WARC/0.17", "WARC/0.18", "WARC/1.0", "WARC/1.1", "warc/1.0"])
def test_versions(tmp_path: Path, version: str) -> None:
    assert ends(read_bytes(tmp_path, members(record(http(PAGE), version=version)))) == ["html"]


def test_each_type_of_record_has_its_end(tmp_path: Path) -> None:
    data = members(
        record(b"software: x\r\n", "warcinfo", content_type="application/warc-fields"),
        record(b"GET / HTTP/1.1\r\n\r\n", "request", content_type="application/http; msgtype=request"),
        record(b"{}", "metadata", content_type="application/json"),
        record(http(b""), "revisit"),
        record(PAGE, "resource", content_type="text/html; charset=utf-8"),
        record("Ready tëxt.".encode(), "conversion", content_type="text/plain"),
        record(b"\0\1", "response", url="dns:example.org", content_type="text/dns"),
        record(http(PAGE, "Location: /b", status="302 Found")),
        record(http(PAGE, status="404 Not Found")),
        record(http(b"\x89PNG\r\n\x1a\n", content_type="image/png")),
        record(http(b"\x89PNG\r\n\x1a\n")),
        record(http(PAGE, content_type="image/png")),
        record(http(PAGE, content_type=None)),
        record(http(b"Plain.\n", content_type="text/plain")),
        record(http(b"User-agent: *", content_type="text/plain"), url="https://example.org/robots.txt"),
        record(http(b"  ")),
        record(b"no http at all"),
        record(PAGE, "continuation", extra=("WARC-Segment-Number: 2",)),
        record(b"?", "surprise"),
    )
    found = read_bytes(tmp_path, data)
    assert ends(found) == [
        "not_content", "not_content", "not_content", "revisit", "html", "text", "content_type", "redirect",
        "http_status", "content_type", "content_type", "html", "html", "text", "not_content", "empty",
        "unreadable", "truncated", "not_content",
    ]  # fmt: skip
    assert [(d.raw, d.charset) for d in documents(found) if d.markup is Markup.TEXT] == [
        ("Ready tëxt.".encode(), "utf-8"),
        (b"Plain.\n", None),
    ]
    assert len({r.doc_id for r in found}) == len(found)


@pytest.mark.parametrize("name", ENCODERS)
@pytest.mark.parametrize("chunked", [False, True])
def test_bodies_as_on_the_wire(tmp_path: Path, name: str, chunked: bool) -> None:
    body = ENCODERS[name](PAGE)
    headers = [f"Content-Encoding: {name}"] + (["Transfer-Encoding: chunked"] if chunked else [])
    block = http(_chunked(body) if chunked else body, *headers)
    (found,) = documents(read_bytes(tmp_path, members(record(block))))
    assert (found.raw, found.notes) == (PAGE, ())


def test_two_encodings_are_undone_in_order() -> None:
    body = gzip.compress(brotli.compress(PAGE))
    assert decode_body({"content-encoding": "br, gzip"}, body, 1 << 20).data == PAGE


@pytest.mark.parametrize("claim", ["Content-Encoding: gzip", "Content-Encoding: br", "Content-Encoding: deflate",
                                   "Transfer-Encoding: chunked", "Content-Encoding: sdch"])  # fmt: skip
def test_an_encoding_that_is_not_there_leaves_the_body(tmp_path: Path, claim: str) -> None:
    (found,) = documents(read_bytes(tmp_path, members(record(http(PAGE, claim)))))
    assert found.raw == PAGE and len(found.notes) == 1


def test_common_crawl_renames_the_fields_of_decoded_bodies(tmp_path: Path) -> None:
    (found,) = documents(read_bytes(tmp_path, members(record(http(PAGE, "X-Crawl-Content-Encoding: gzip")))))
    assert (found.raw, found.notes) == (PAGE, ())


def test_a_cut_body_keeps_what_there_is(tmp_path: Path) -> None:
    page = b"<!DOCTYPE html><html>" + bytes(range(32, 127)) * 50
    body = gzip.compress(page)[:-20]
    extra = ("WARC-Truncated: length",)
    data = members(record(http(body, "Content-Encoding: gzip"), extra=extra))
    (found,) = documents(read_bytes(tmp_path, data))
    assert page.startswith(found.raw or b"?") and len(found.notes) == 2
    assert ends(read_bytes(tmp_path, data, config=IngestConfig(keep_truncated=False))) == ["truncated"]


def test_a_bomb_and_a_large_body_are_told_apart(tmp_path: Path) -> None:
    config = IngestConfig(max_record_bytes=1 << 20, max_ratio=50)
    bomb = http(gzip.compress(bytes(9 << 20)), "Content-Encoding: gzip")
    noise = b"<html>" + brotli.compress(bytes(100)).hex().encode() * 200_000
    large = http(gzip.compress(noise[: 2 << 20], 0), "Content-Encoding: gzip")
    found = read_bytes(tmp_path, members(record(bomb), record(large), page_record(1)), config=config)
    assert ends(found) == ["bomb", "too_large", "html"]


@pytest.mark.parametrize("name", ["a.warc", "a.warc.gz", "single.warc.gz", "a.warc.lz4", "a.warc.zst"])
def test_containers_and_that_each_locator_leads_back(tmp_path: Path, name: str) -> None:
    records = [page_record(n) for n in range(5)]
    data = {
        "a.warc": b"".join(records),
        "a.warc.gz": members(*records),
        "single.warc.gz": gzip.compress(b"".join(records)),
        "a.warc.lz4": b"".join(lz4.frame.compress(item) for item in records),
        "a.warc.zst": b"".join(zstandard.ZstdCompressor().compress(item) for item in records),
    }[name]
    path = tmp_path / name
    path.write_bytes(data)
    input = InputFile(str(path), name, "test")
    found = list(read(input, IngestConfig()))
    assert ends(found) == ["html"] * 5
    assert [read_at(input, IngestConfig(), r.locator) for r in found] == found


def test_zstd_with_a_dictionary_frame(tmp_path: Path) -> None:
    samples = [page_record(n) for n in range(200)]
    dictionary = zstandard.train_dictionary(2048, samples)
    raw = dictionary.as_bytes()
    packer = zstandard.ZstdCompressor(dict_data=dictionary)
    data = (
        b"\x5d\x2a\x4d\x18"
        + len(raw).to_bytes(4, "little")
        + raw
        + b"".join(map(packer.compress, samples[:3]))
    )
    assert ends(read_bytes(tmp_path, data, "a.warc.zst")) == ["html"] * 3


def test_start_and_stop_share_a_file_without_loss(tmp_path: Path) -> None:
    data = members(*[page_record(n) for n in range(6)])
    found = read_bytes(tmp_path, data)
    middle = int(found[3].locator.rpartition("=")[2])
    halves = read_bytes(tmp_path, data, stop=middle) + read_bytes(tmp_path, data, start=middle)
    assert halves == found


@pytest.mark.parametrize("compressed", [False, True])
def test_a_false_length_costs_no_other_record(tmp_path: Path, compressed: bool) -> None:
    pack = members if compressed else lambda *items: b"".join(items)
    records = [
        page_record(0),
        page_record(1, length=9_999),
        page_record(2),
        page_record(3, length=60),
        page_record(4),
    ]
    found = read_bytes(tmp_path, pack(*records))
    urls = [d.url for d in documents(found)]
    assert [f"https://example.org/{n}" for n in (0, 1, 2, 4)] == [
        u for u in urls if not (u or "").endswith("/3")
    ]
    assert documents(found)[1].notes
    assert any(d.reason is DropReason.UNREADABLE for d in drops(found))  # what the short length left over


def test_a_length_beyond_the_limit_is_skipped_in_steps(tmp_path: Path) -> None:
    config = IngestConfig(max_record_bytes=1 << 16)
    big = record(http(b"<html>" + b"x" * (3 << 20)))
    liar = page_record(7, length=1 << 40)
    for pack in (members, lambda *items: b"".join(items)):
        found = read_bytes(tmp_path, pack(page_record(1), big, liar, page_record(2)), config=config)
        assert ends(found) == ["html", "too_large", "too_large", "html"]


def test_a_member_that_is_a_bomb_is_given_up(tmp_path: Path) -> None:
    liar = zlib.compressobj(wbits=31)
    head = liar.compress(page_record(3, length=1 << 40))
    liar_bomb = head + b"".join(liar.compress(bytes(1 << 20)) for _ in range(280)) + liar.flush()
    found = read_bytes(tmp_path, members(page_record(1)) + liar_bomb + members(page_record(2)))
    assert ends(found) == ["html", "bomb", "html"]


def test_an_endless_header_line(tmp_path: Path) -> None:
    endless = b"WARC/1.0\r\nWARC-Type: " + b"a" * (2 << 20)
    found = read_bytes(tmp_path, members(page_record(1), endless, page_record(2)))
    assert ends(found) == ["html", "unreadable", "html"]
    assert str(2 << 20)[:4] in drops(found)[0].detail


def test_header_fields_on_several_lines_twice_and_with_lf_only(tmp_path: Path) -> None:
    header = (
        "WARC/1.0\nWARC-Type: response\nWARC-Target-URI: <https://example.org/\n  folded>\n"
        f"Content-Type: application/http\nContent-Type: other\nContent-Length: {len(http(PAGE))}\n\n"
    )
    (found,) = documents(read_bytes(tmp_path, header.encode() + http(PAGE)))
    assert found.url == "https://example.org/ folded"


DAMAGES = ["flip", "garbage", "cut", "nul", "crc"]


@settings(max_examples=60, deadline=None)
@given(
    where=st.integers(0, 7),
    damage=st.sampled_from(DAMAGES),
    noise=st.binary(min_size=1, max_size=300),
    at=st.integers(0, 10_000),
)
def test_damage_costs_only_itself(tmp_path_factory, where: int, damage: str, noise: bytes, at: int) -> None:
    packed = [bytearray(members(page_record(n))) for n in range(8)]
    before, hurt, after = packed[:where], packed[where], packed[where + 1 :]
    hit = 20 + at % (len(hurt) - 30)
    if damage == "flip":
        hurt[hit] ^= 0xFF
    elif damage == "garbage":
        hurt = hurt + noise
    elif damage == "cut":
        hurt = hurt[:hit]
    elif damage == "nul":
        hurt[hit:] = bytes(len(hurt) - hit)
    else:
        hurt[-6] ^= 0xFF
    data = b"".join(bytes(item) for item in (*before, hurt, *after))
    found = read_bytes(tmp_path_factory.mktemp("d"), data)
    whole = {f"https://example.org/{n}" for n in range(8) if n != where}
    urls = [d.url for d in documents(found)]
    assert whole <= set(urls) and len(urls) == len(set(urls))
    is_padding = damage == "garbage" and not noise.strip(b"\0\r\n")
    assert is_padding or [
        d.reason in (DropReason.UNREADABLE, DropReason.TRUNCATED) for d in drops(found)
    ] == [True]


@settings(max_examples=40, deadline=None)
@given(bodies=st.lists(st.binary(min_size=1, max_size=400), min_size=1, max_size=6), compressed=st.booleans())
def test_records_written_are_records_read(tmp_path_factory, bodies: list[bytes], compressed: bool) -> None:
    pages = [b"<!DOCTYPE html><p>" + body for body in bodies]
    records = [record(http(page), url=f"https://example.org/{n}") for n, page in enumerate(pages)]
    data = members(*records) if compressed else b"".join(records)
    found = read_bytes(tmp_path_factory.mktemp("d"), data)
    assert len(found) == len(pages)
    for page, result in zip(pages, found, strict=True):
        assert isinstance(result, Drop) or result.raw == page


@settings(max_examples=100, deadline=None)
@given(
    body=st.binary(max_size=3000),
    names=st.lists(st.sampled_from(sorted(ENCODERS)), max_size=2),
    size=st.integers(1, 99),
)
def test_decoding_undoes_encoding(body: bytes, names: list[str], size: int) -> None:
    page = b"<html>" + body
    packed = page
    for name in names:
        packed = ENCODERS[name](packed)
    headers = {"content-encoding": ", ".join(names), "transfer-encoding": "chunked"}
    assert decode_body(headers, _chunked(packed, size), 1 << 20).data == page


@settings(max_examples=150, deadline=None)
@given(body=st.binary(max_size=600), name=st.sampled_from(sorted(ENCODERS)), chunked=st.booleans())
def test_no_body_breaks_the_decoders(body: bytes, name: str, chunked: bool) -> None:
    headers = {"content-encoding": name} | ({"transfer-encoding": "chunked"} if chunked else {})
    decode_body(headers, body, 1 << 20)
    decode_body(headers, ENCODERS[name](b"<html>some page")[: len(body)] + body, 1 << 20)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=2000))
def test_no_file_breaks_the_reader(tmp_path_factory, data: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "noise.warc.gz"
    for content in (
        data,
        b"WARC/1.0\r\n" + data,
        b"\x1f\x8b\x08" + data,
        members(data),
        page_record(1)[:90] + data,
    ):
        path.write_bytes(content)
        n_bytes = sum(
            r.n_bytes
            for r in read_warc(InputFile(str(path), "n", "t"), IngestConfig())
            if isinstance(r, Drop)
        )
        assert n_bytes >= 0
