"""What grows beyond `max_ratio` is a bomb in every packing, records or none; what is small is read all the same."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import brotli
import pyarrow
import pyarrow.parquet
import pytest
import zstandard

from corpusforge.document import Document, Drop, DropReason
from corpusforge.ingest import IngestConfig, InputFile, read
from corpusforge.ingest.detect import detect_kind

BLANK = b"\n" * (8 << 20)
Pack = Callable[[bytes], bytes]
PACKINGS: dict[str, Pack] = {
    "bz2": bz2.compress,
    "xz": lzma.compress,
    "zst": zstandard.ZstdCompressor().compress,
}


def told(path: Path, **config: float) -> tuple[list[Document], list[Drop]]:
    """Return the documents and the drops of a file, whatever it is."""
    input = InputFile(str(path), path.name, "test", detect_kind(str(path)))
    records = list(read(input, IngestConfig(**config)))
    return [r for r in records if isinstance(r, Document)], [r for r in records if isinstance(r, Drop)]


@pytest.mark.parametrize("packing", PACKINGS)
def test_blank_lines_that_grow_are_a_bomb_though_no_record_comes_out(tmp_path, packing: str) -> None:
    path = tmp_path / f"a.jsonl.{packing}"
    path.write_bytes(PACKINGS[packing](b'{"text": "a row"}\n' + BLANK))
    documents, drops = told(path)
    assert len(documents) == 1 and [drop.reason for drop in drops] == [DropReason.BOMB]
    assert "beyond 1000 times" in drops[0].detail and "#compressed_offset=" in drops[0].locator


@pytest.mark.parametrize("packing", PACKINGS)
def test_a_small_file_of_one_repeated_row_is_read(tmp_path, packing: str) -> None:
    data = (json.dumps({"text": "the same row " * 100}).encode() + b"\n") * 2_000
    path = tmp_path / f"a.jsonl.{packing}"
    path.write_bytes(PACKINGS[packing](data))
    assert len(data) > 1000 * path.stat().st_size or packing == "zst"
    documents, drops = told(path)
    assert len(documents) == 2_000 and not drops


def test_a_tar_of_blank_lines(tmp_path) -> None:
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as archive:
        for name, body in (("r-0123456/a.py", b"x = 1\n" * 20), ("r-0123456/b.py", BLANK)):
            info = tarfile.TarInfo(name)
            info.size = len(body)
            archive.addfile(info, io.BytesIO(body))
    path = tmp_path / "r-0123456.tar.xz"
    path.write_bytes(lzma.compress(data.getvalue()))
    documents, drops = told(path, max_file_bytes=16 << 20)
    assert len(documents) == 1 and DropReason.BOMB in [drop.reason for drop in drops]


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_an_entry_of_a_zip_below_the_limit_on_its_size(tmp_path, method: int) -> None:
    path = tmp_path / "r-0123456.zip"
    with zipfile.ZipFile(path, "w", method) as archive:
        archive.writestr("r-0123456/a.py", "x = 1\n" * 20)
        archive.writestr("r-0123456/b.py", BLANK)
        archive.writestr("r-0123456/c.bin", bytes(range(256)) * 100, zipfile.ZIP_STORED)
    documents, drops = told(path, max_file_bytes=16 << 20)
    assert [document.path for document in documents] == ["a.py"]
    assert [drop.reason for drop in drops if "b.py" in drop.locator] == [DropReason.BOMB]


def _response(body: bytes, encoding: str) -> bytes:
    http = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: %b\r\n\r\n%b" % (
        encoding.encode(),
        body,
    )
    head = "WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: http://a.b/c\r\nContent-Type: application/http\r\n"
    return f"{head}Content-Length: {len(http)}\r\n\r\n".encode() + http + b"\r\n\r\n"


@pytest.mark.parametrize(("encoding", "pack"), [("br", brotli.compress), ("zstd", PACKINGS["zst"])])
def test_the_body_of_a_page(tmp_path, encoding: str, pack: Pack) -> None:
    path = tmp_path / "a.warc"
    path.write_bytes(
        _response(pack(BLANK), encoding) + _response(pack(b"<p>A page of words.</p>" * 9), encoding)
    )
    documents, drops = told(path)
    assert len(documents) == 1 and [drop.reason for drop in drops] == [DropReason.BOMB]


def test_members_of_a_web_archive_share_a_limit(tmp_path) -> None:
    pack = zstandard.ZstdCompressor().compress
    good = pack(_response(b"<p>A page of words.</p>" * 9, "identity"))
    path = tmp_path / "a.warc.zst"
    path.write_bytes(good + pack(b"\r\n" * (1 << 20)) * 20 + good * 9)
    documents, drops = told(path, drop_duplicate_payloads=False)
    assert DropReason.BOMB in [drop.reason for drop in drops]
    assert documents


def test_a_book_packed_by_more_than_its_ratio(tmp_path) -> None:
    path = tmp_path / "a.epub"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("mimetype", "application/epub+zip", zipfile.ZIP_STORED)
        archive.writestr("META-INF/container.xml", "<container/>", zipfile.ZIP_STORED)
        archive.writestr("a.xhtml", BLANK)
    documents, drops = told(path)
    assert not documents and [drop.reason for drop in drops] == [DropReason.BOMB]


def test_pages_of_a_parquet_column(tmp_path) -> None:
    path = tmp_path / "a.parquet"
    texts = pyarrow.table({"text": ["\n" * (8 << 20), "words"]})
    pyarrow.parquet.write_table(texts, path, compression="zstd", use_dictionary=False, write_statistics=False)
    documents, drops = told(path)
    assert not documents and len(drops) == 1 and "a bomb" in drops[0].detail


def test_gzip_of_rows_is_never_a_bomb(tmp_path) -> None:
    path = tmp_path / "a.jsonl.gz"
    path.write_bytes(
        gzip.compress(b"".join(json.dumps({"text": f"row {n}"}).encode() + b"\n" for n in range(900)))
    )
    documents, drops = told(path)
    assert len(documents) == 900 and not drops


def test_a_value_that_a_parquet_dictionary_holds_once_for_all_rows(tmp_path) -> None:
    path = tmp_path / "a.parquet"
    ids = pyarrow.array([0] * 600, pyarrow.int32())
    texts = pyarrow.DictionaryArray.from_arrays(ids, ["word " * (1 << 15)])
    pyarrow.parquet.write_table(pyarrow.table({"text": texts}), path)
    documents, drops = told(path)
    assert len(drops) == 1 and "a bomb" in drops[0].detail and "rows " in drops[0].detail
    assert len(documents) + drops[0].n_records == 600


@pytest.mark.parametrize("packing", ["bz2", "zst"])
def test_a_log_above_the_floor_whose_lines_differ_is_read(tmp_path, packing: str) -> None:
    line = f'{{"text": "%09d GET {"/index.html HTTP/1.1 200 512 Mozilla/5.0 " * 25}"}}\n'
    data = "".join(line % n for n in range(6_000)).encode()
    assert len(data) > 5 << 20
    path = tmp_path / f"a.jsonl.{packing}"
    path.write_bytes(PACKINGS[packing](data))
    documents, drops = told(path)
    assert len(documents) == 6_000 and not drops
