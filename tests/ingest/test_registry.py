"""What a file is taken for, and that every kind has its reader."""

import bz2
import gzip
import io
import json
import tarfile
import zipfile
from pathlib import Path

import lz4.frame
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from corpusforge.document import SourceKind
from corpusforge.ingest import READERS, IngestConfig, InputFile, detect_kind, read, splits
from corpusforge.ingest.registry import reader_of
from tests.ingest.dumps import page_record

NOTEBOOK = json.dumps({"cells": [], "nbformat": 4}, indent=1).encode()
MEDIAWIKI = b'<?xml version="1.0"?>\n<mediawiki xmlns="http://www.mediawiki.org/xml/export-0.11/">'
POSTS = b'\xef\xbb\xbf<?xml version="1.0" encoding="utf-8"?>\n<posts>\n  <row Id="1" />'
ARC = b"filedesc://a.arc 0.0.0.0 20080430204825 text/plain 1\nx\n"


def _tar(*names: str) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        for name in names:
            info = tarfile.TarInfo(name)
            info.size = 1
            archive.addfile(info, io.BytesIO(b"x"))
    return out.getvalue()


def _zip(*names: str, content: bytes = b"x") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in names:
            archive.writestr(name, content)
    return out.getvalue()


def _parquet(*columns: str) -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.table({name: ["x"] for name in columns}), out)
    return out.getvalue()


CASES = [
    (page_record(1), SourceKind.WARC),
    (gzip.compress(page_record(1)), SourceKind.WARC),
    (lz4.frame.compress(page_record(1)), SourceKind.WARC),
    (gzip.compress(ARC), SourceKind.WARC),
    (b"damage\n" + page_record(1), SourceKind.WARC),
    (MEDIAWIKI, SourceKind.MEDIAWIKI),
    (bz2.compress(MEDIAWIKI), SourceKind.MEDIAWIKI),
    (MEDIAWIKI.replace(b"<mediawiki", b"<mw:mediawiki"), SourceKind.MEDIAWIKI),
    (POSTS, SourceKind.STACKEXCHANGE),
    (NOTEBOOK, SourceKind.NOTEBOOKS),
    (NOTEBOOK.replace(b"cells", b"worksheets"), SourceKind.NOTEBOOKS),
    (_tar("a-1/x.ipynb", "a-1/y.ipynb", "a-1/README"), SourceKind.NOTEBOOKS),
    (_tar("a-1/x.py", "a-1/y.ipynb", "a-1/README"), SourceKind.GITHUB),
    (_zip("a-1/x.py"), SourceKind.GITHUB),
    (_zip("x.ipynb"), SourceKind.NOTEBOOKS),
    (_zip("mimetype", content=b"application/epub+zip"), SourceKind.BOOKS),
    (b"\xef\xbb\xbfThe Project Gutenberg eBook of X\n\n*** START OF", SourceKind.BOOKS),
    (_parquet("content", "path", "repo_name"), SourceKind.GITHUB),
    (_parquet("id", "size", "content", "binary", "copies"), SourceKind.GITHUB),
    (_parquet("repo_name", "license"), SourceKind.GITHUB),
    (_parquet("text", "url"), SourceKind.JSONL),
    (b'{"text": "a"}\n{"text": "b"}\n', SourceKind.JSONL),
    (gzip.compress(b'{"id": 1, "html": "<p>"}\n'), SourceKind.JSONL),
    (b'{"text": "' + b"x" * 100_000 + b'"}\n', SourceKind.JSONL),
]


@pytest.mark.parametrize("data, kind", CASES, ids=[f"{n}-{kind}" for n, (_, kind) in enumerate(CASES)])
def test_content_tells_under_any_name(tmp_path: Path, data: bytes, kind: SourceKind) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(data)
    assert detect_kind(str(path)) is kind


@pytest.mark.parametrize(
    "name, kind",
    [
        ("a.warc.gz", SourceKind.WARC),
        ("a.ipynb", SourceKind.NOTEBOOKS),
        ("a.jsonl", SourceKind.JSONL),
        ("enwiki-pages-articles.xml.bz2", SourceKind.MEDIAWIKI),
        ("math.stackexchange.com.7z", SourceKind.STACKEXCHANGE),
        ("a.txt", SourceKind.BOOKS),
        ("a.py", SourceKind.GITHUB),
    ],
)
def test_the_name_tells_where_the_content_does_not(tmp_path: Path, name: str, kind: SourceKind) -> None:
    path = tmp_path / name
    path.write_bytes(b"<<<<<<< HEAD\nsomething\n")
    assert detect_kind(str(path)) is kind


def test_a_folder_is_a_repository(tmp_path: Path) -> None:
    assert detect_kind(str(tmp_path)) is SourceKind.GITHUB


@pytest.mark.parametrize(
    "name, data", [("a.bin", b"\0\1\2"), ("b", b""), ("c.json", b"[1, 2]"), ("d.parquet", _parquet("n"))]
)
def test_what_cannot_be_told_is_one_clear_line(tmp_path: Path, name: str, data: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(ValueError) as error:
        detect_kind(str(path))
    assert str(path) in str(error.value) and "\n" not in str(error.value)


def test_every_kind_has_a_reader() -> None:
    assert set(READERS) == set(SourceKind)
    for kind in SourceKind:
        assert callable(reader_of(kind))


def test_an_error_page_under_a_warc_name(tmp_path: Path) -> None:
    path = tmp_path / "a.warc.gz"
    path.write_bytes(b'<?xml version="1.0"?><Error><Code>NoSuchKey</Code></Error>')
    (found,) = read(InputFile(str(path), "a.warc.gz", "web", SourceKind.WARC), IngestConfig())
    assert getattr(found, "reason", None) == "unreadable"
    assert splits(InputFile(str(path), "a.warc.gz", "web", SourceKind.WARC), IngestConfig()) == [(0, None)]
