"""Rows of ready text: what each becomes, and what a broken one costs."""

import bz2
import gzip
import json
import lzma
import random
from pathlib import Path

import lz4.frame
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

from corpusforge.document import Document, Drop, DropReason, Markup, SourceKind
from corpusforge.ingest import IngestConfig, InputFile, read_at, splits
from tests.ingest.dumps import documents, drops, ends, read_bytes, read_file

ROWS = [{"id": n, "text": f"Text {n}."} for n in range(4)]
LINES = b"".join(json.dumps(row).encode() + b"\n" for row in ROWS)


def _read(folder: Path, data: bytes, name: str = "a.jsonl", **options):
    return read_bytes(folder, data, name, SourceKind.JSONL, **options)


def _one(folder: Path, **row: object) -> Document | Drop:
    (found,) = _read(folder, json.dumps(row).encode())
    return found


@pytest.mark.parametrize(
    "name, pack",
    [
        ("a.jsonl", bytes),
        ("a.jsonl.gz", gzip.compress),
        ("a.jsonl.bz2", bz2.compress),
        ("a.jsonl.xz", lzma.compress),
        ("a.jsonl.zst", zstandard.ZstdCompressor().compress),
    ],
)
def test_compressions_are_told_by_content(tmp_path: Path, name: str, pack) -> None:
    found = read_bytes(tmp_path, pack(LINES), name, kind=None)
    assert [d.text for d in documents(found)] == [row["text"] for row in ROWS]
    assert found[1].locator == f"{name}#line=2&offset={len(LINES) // 4}"
    input = InputFile(str(tmp_path / name), name, "test")
    assert read_at(input, IngestConfig(), found[2].locator) == found[2]


def test_what_a_row_may_hold(tmp_path: Path) -> None:
    html = _one(tmp_path, html="<p>é", url="https://A.example/x", title="T", license="MIT")
    assert isinstance(html, Document)
    assert (html.markup, html.raw, html.charset, html.host) == (
        Markup.HTML,
        "<p>é".encode(),
        "utf-8",
        "a.example",
    )
    assert (html.title, html.licence, html.licence_source) == ("T", "MIT", "dump")
    notebook = _one(tmp_path, notebook={"cells": []})
    assert isinstance(notebook, Document)
    assert (notebook.markup, notebook.raw) == (Markup.NOTEBOOK, b'{"cells": []}')
    source = _one(tmp_path, text="x = 1", path="src/a.py")
    assert isinstance(source, Document)
    assert (source.markup, source.raw, source.path) == (Markup.SOURCE, b"x = 1", "src/a.py")
    prose = _one(tmp_path, text="Words.", path="a folder/without suffix")
    assert isinstance(prose, Document)
    assert (prose.markup, prose.text) == (Markup.TEXT, "Words.")


@pytest.mark.parametrize(
    "row, reason",
    [
        ({"id": 1}, DropReason.UNREADABLE),
        ({"text": 7}, DropReason.UNREADABLE),
        ({"text": ["a"]}, DropReason.UNREADABLE),
        ({"text": None}, DropReason.UNREADABLE),
        ({"text": " \n"}, DropReason.EMPTY),
    ],
)
def test_rows_without_text(tmp_path: Path, row: dict[str, object], reason: DropReason) -> None:
    found = _one(tmp_path, **row)
    assert isinstance(found, Drop) and found.reason is reason


def test_a_bad_line_costs_only_itself(tmp_path: Path) -> None:
    bad = [
        b"{not json",
        b'["a list"]',
        b"[" * 100_000,
        b'{"text": "' + b"x" * 5000 + b'"}',
        b"\xff\xfe\xfd",
        b"  ",
    ]
    data = b"".join(
        json.dumps({"text": str(n)}).encode() + b"\r\n" + line + b"\n" for n, line in enumerate(bad)
    )
    found = _read(tmp_path, b"\xef\xbb\xbf" + data, config=IngestConfig(max_record_bytes=4096))
    assert [d.text for d in documents(found)] == ["0", "1", "2", "3", "4", "5"]
    assert [d.reason.value for d in drops(found)] == [
        "unreadable",
        "unreadable",
        "too_large",
        "too_large",
        "unreadable",
    ]
    first = drops(found)[0]
    assert "line 2" in first.detail and first.locator.endswith(f"#line=2&offset={data.index(b'{not') + 3}")


def test_deep_nesting_is_refused(tmp_path: Path) -> None:
    assert ends(_read(tmp_path, b"[" * 100_000 + b"\n" + LINES)) == ["unreadable"] + ["text"] * 4


def test_a_cut_file_keeps_its_whole_lines(tmp_path: Path) -> None:
    rows = b"".join(json.dumps({"text": f"{n} " + str(hash(n) * 7919)}).encode() + b"\n" for n in range(3000))
    found = _read(tmp_path, gzip.compress(rows)[:-400], "a.jsonl.gz")
    assert len(documents(found)) > 1000
    assert {d.reason for d in drops(found)} <= {DropReason.TRUNCATED, DropReason.UNREADABLE} and drops(found)


def test_parquet_by_row_group(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(
        pa.table({"text": [f"Text {n}." for n in range(10)], "n": range(10)}), path, row_group_size=3
    )
    found = read_file(path)
    assert [d.text for d in documents(found)] == [f"Text {n}." for n in range(10)]
    assert found[9].locator == "a.parquet#row=9"
    input = InputFile(str(path), path.name, "test")
    parts = splits(input, IngestConfig(split_bytes=1024))
    one_each = [(n, n + 1) for n in range(4)]
    assert [r for start, stop in one_each for r in read_file(path, start=start, stop=stop)] == found
    assert [r for start, stop in parts for r in read_file(path, start=start, stop=stop)] == found


def test_html_as_bytes_and_dates_in_parquet(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    date = pa.array([0], pa.timestamp("s"))
    pq.write_table(pa.table({"html": [b"<p>\xe9"], "url": ["https://e.org/"], "date": date}), path)
    (found,) = documents(read_file(path))
    assert (found.raw, found.markup, found.date) == (b"<p>\xe9", Markup.HTML, "1970-01-01T00:00:00")


@pytest.mark.parametrize("cut", [6, 100, -8])
def test_a_cut_parquet_is_one_drop(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"text": ["Text."] * 100}), path)
    path.write_bytes(path.read_bytes()[:cut])
    assert ends(read_file(path)) == ["unreadable"]
    assert splits(InputFile(str(path), "a", "t"), IngestConfig()) == [(0, None)]


def test_a_damaged_row_group_costs_its_own_rows(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    words = [f"{n} {n * 7919 % 10_007} words" for n in range(9000)]
    pq.write_table(
        pa.table({"text": words}), path, row_group_size=3000, use_dictionary=False, compression="gzip"
    )
    data = bytearray(path.read_bytes())
    middle = pq.ParquetFile(path).metadata.row_group(1).column(0)
    start = middle.data_page_offset
    data[start : start + 400] = bytes(400)
    path.write_bytes(data)
    found = read_file(path)
    assert {d.text for d in documents(found)} >= set(words[:3000]) | set(words[6000:])
    assert [d.reason for d in drops(found)] == [DropReason.UNREADABLE]


def test_lines_in_lz4_are_read_and_damage_of_a_frame_costs_that_frame(tmp_path):
    texts = [[f"Words {n} {m}." for m in range(50)] for n in range(3)]
    frames = [
        lz4.frame.compress("".join(json.dumps({"text": text}) + "\n" for text in each).encode())
        for each in texts
    ]
    found = _read(tmp_path, b"".join(frames), "a.jsonl.lz4")
    assert [record.text for record in documents(found)] == [text for each in texts for text in each]
    cut = frames[0] + frames[1][: len(frames[1]) // 2] + frames[2]
    found = _read(tmp_path, cut, "a.jsonl.lz4")
    assert {record.text for record in documents(found)} >= {*texts[0], *texts[2]}
    assert any(record.reason is DropReason.UNREADABLE for record in drops(found))


@pytest.mark.parametrize("name", ["a.jsonl.gz", "a.jsonl.zst", "a.parquet", "a.jsonl"])
def test_noise_under_the_name_of_a_table_is_one_drop_from_its_first_byte(tmp_path, name):
    [drop] = _read(tmp_path, random.Random(5).randbytes(200_000), name)
    assert drop.reason is DropReason.UNREADABLE and drop.locator.endswith(f"{name}#offset=0")
    assert "no text" in drop.detail


def test_holes_and_plain_text_under_a_packed_name_are_no_noise(tmp_path):
    row = json.dumps({"text": "Grüße, größer, Füße " * 20}, ensure_ascii=False)
    data = b"\0" * 5000 + b"\n" + row.encode() + b"\n" + row.encode("latin-1") + b"\n"
    assert len(documents(_read(tmp_path, data, "a.jsonl.gz"))) == 1
