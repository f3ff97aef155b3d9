"""Every limit on size and every refusal of bytes is a drop that tells the figures."""

from __future__ import annotations

import re

import pytest

from corpusforge.document import Document, Drop, DropReason, Markup, SourceKind
from corpusforge.extract import ExtractConfig, extract_document
from corpusforge.ingest.repositories.github import read_github
from tests.ingest.reading import drops, read_all
from tests.ingest.test_archives import tar_of, zip_of
from tests.ingest.test_github import stack_row, write_rows


@pytest.mark.parametrize("holder", ["parquet", "tar", "zip", "folder", "loose"])
def test_a_file_over_the_limit_tells_both_figures(tmp_path, holder: str) -> None:
    data = b"x = 1\n" * 1000
    path = tmp_path / f"d.{holder}"
    if holder == "parquet":
        write_rows(path, [stack_row("/big.py", data)])
    elif holder in ("tar", "zip"):
        path.write_bytes((tar_of if holder == "tar" else zip_of)({"big.py": data}))
    elif holder == "folder":
        path.mkdir()
        (path / "big.py").write_bytes(data)
    else:
        path.write_bytes(data)
    (drop,) = drops(read_all(read_github, path, max_file_bytes=2000))
    assert drop.reason is DropReason.TOO_LARGE and "2000" in drop.detail
    assert re.search(r"\d+ bytes", drop.detail) and drop.n_bytes > 2000
    assert not drops(read_all(read_github, path, max_file_bytes=10_000))


def source(raw: bytes, charset: str | None = None) -> Document:
    return Document(doc_id="0" * 32, source="s", source_kind=SourceKind.GITHUB, locator="l",
                    markup=Markup.SOURCE, raw=raw, charset=charset, path="a.py")  # fmt: skip


@pytest.mark.parametrize(
    ("raw", "reason", "detail"),
    [
        (b"x" * 2001, DropReason.TOO_LARGE, "2001 bytes > 2000"),
        (b"", DropReason.EMPTY, "0 bytes"),
        (b" \n\t", DropReason.EMPTY, "3 bytes"),
        (b"abcdef\0" * 9, DropReason.BINARY, "NUL byte at offset 6, 63 bytes"),
        (b"\x01\x02\x03\x04\x05\x06" * 30, DropReason.BINARY, "180 bytes"),
    ],
)
def test_bytes_that_are_no_text_are_dropped_with_figures(raw: bytes, reason: DropReason, detail: str) -> None:
    result = extract_document(source(raw), ExtractConfig(max_raw_bytes=2000))
    assert isinstance(result, Drop) and result.reason is reason and detail in result.detail


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "latin-1", "shift_jis", "koi8-r"]
)
def test_text_in_any_usual_encoding_is_read(encoding: str) -> None:
    words = {
        "shift_jis": "# これは日本語のコメントです。関数を定義します。",
        "koi8-r": "# Это комментарий на русском языке",
    }
    text = "\n".join(
        [words.get(encoding, "# caf\u00e9 d\u00e9j\u00e0 vu, na\u00efve fa\u00e7ade")] * 20 + ["x = 1"]
    )
    raw = ("\ufeff" + text if encoding == "utf-16-le" else text).encode(encoding)
    result = extract_document(source(raw), ExtractConfig())
    assert isinstance(result, Document) and result.text == text
