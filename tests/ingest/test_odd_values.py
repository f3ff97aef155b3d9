"""One bad value costs one row: odd values in every column of every source that is like a table."""

from __future__ import annotations

import datetime
import io
import json
import os
import shutil
import struct
import subprocess
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import py7zr
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corpusforge.document import (
    Document,
    Drop,
    SourceKind,
    documents_to_batch,
    drops_to_batch,
    name_bytes,
    name_text,
)
from corpusforge.ingest import IngestConfig, InputFile, read
from corpusforge.ingest.archives.archive import entries
from corpusforge.ingest.archives.entry import Limits

QUICK = settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
TEXT = "def total(values):\n    return sum(values)\n"
STACK_V2 = {
    "content": TEXT,
    "path": "/a.py",
    "repo_name": "o/r",
    "revision_id": "c",
    "detected_licenses": ["MIT"],
    "gha_license_id": "MIT",
    "revision_date": "2024-01-02",
    "mode": "100644",
}
STACK_V1 = {
    "content": TEXT,
    "max_stars_repo_path": "a.py",
    "max_stars_repo_name": "o/r",
    "max_stars_repo_head_hexsha": "c",
    "max_stars_repo_licenses": ["MIT"],
}
FLAT = {
    "id": "1",
    "text": TEXT,
    "url": "https://e.org/a",
    "title": "T",
    "date": "2024-01-02",
    "license": "MIT",
    "repo": "o/r",
    "path": "a.py",
    "source": "web",
    "metadata": {"timestamp": "2024"},
}
NOTEBOOK = {"content": '{"cells": []}', "repo": "o/r", "path": "a.ipynb", "license": "MIT"}
ODD_JSON = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**20), 10**20),
    st.floats(),
    st.text(st.characters(codec=None), max_size=6),
    st.sampled_from(["\ud800", "a\udfff", "\x00", "NaN", "[", '["MIT"', " ", "../x"]),
    st.recursive(
        st.none() | st.integers() | st.text(max_size=2),
        lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=2), inner, max_size=2),
        max_leaves=4,
    ),
)
ODD_COLUMNS = [
    pa.array([10**18], pa.int64()).view(pa.timestamp("us")),
    pa.array([1], pa.int64()).view(pa.timestamp("ns")),
    pa.array([1], pa.int64()).view(pa.timestamp("us", "Nowhere/Land")),
    pa.array([10**8], pa.int32()).view(pa.date32()),
    pa.array([7], pa.int64()).view(pa.duration("ns")),
    pa.array([True]),
    pa.array([float("nan")]),
    pa.array([12]),
    pa.array(["twelve"]),
    pa.array([b"\xff\xfe"]),
    pa.array([b"na\xefve"], pa.binary()).view(pa.string()),
    pa.array([["a", "b"]]),
    pa.array([[b"\xff"]], pa.list_(pa.binary())),
    pa.array([{"key": "mit"}]),
    pa.array(["v"], pa.string_view()),
    pa.array(["d"]).dictionary_encode(),
    pa.array([None], pa.null()),
]


def records_of(path: Path, kind: SourceKind) -> list[Document | Drop]:
    """Return all records, storable as a part stores them."""
    records = list(read(InputFile(str(path), path.name, "test", kind), IngestConfig()))
    documents_to_batch(record for record in records if isinstance(record, Document))
    drops_to_batch(record for record in records if isinstance(record, Drop))
    assert all(isinstance(record, Document | Drop) for record in records)
    return [record for record in records if isinstance(record, Document | Drop)]


def check(records: list[Document | Drop], n_rows: int, bad_row: int) -> Drop | None:
    """Check that all rows but one are documents and the sum holds in rows; return that one's drop."""
    assert sum(record.n_records if isinstance(record, Drop) else 1 for record in records) == n_rows
    drops = [record for record in records if isinstance(record, Drop)]
    assert len(drops) <= 1 and all(drop.n_records == 1 for drop in drops)
    return drops[0] if drops else None


def json_case(row: dict[str, Any], kind: SourceKind) -> Any:
    return pytest.param(row, kind, id=f"{kind.value}-{len(row)}")


@pytest.mark.parametrize(
    "row, kind",
    [
        json_case(FLAT, SourceKind.JSONL),
        json_case(STACK_V1, SourceKind.JSONL),
        json_case(STACK_V2, SourceKind.JSONL),
        json_case(NOTEBOOK, SourceKind.NOTEBOOKS),
    ],
)
@QUICK
@given(data=st.data())
def test_an_odd_value_in_json_costs_its_row(
    tmp_path: Path, row: dict[str, Any], kind: SourceKind, data: st.DataObject
) -> None:
    column = data.draw(st.sampled_from([*row, "meta", "files", "\ud800"]))
    odd = {**row, column: data.draw(ODD_JSON)}
    path = tmp_path / "a.jsonl"
    path.write_text("".join(json.dumps(each) + "\n" for each in (row, odd, row)))
    drop = check(records_of(path, kind), 3, 1)
    if drop is not None:
        assert "line 2" in drop.detail or drop.reason in ("empty", "binary", "not_content"), drop


@pytest.mark.parametrize("column", [*STACK_V2, "size"])
@pytest.mark.parametrize("kind", [SourceKind.GITHUB, SourceKind.JSONL])
def test_an_odd_column_in_parquet_costs_its_rows(tmp_path: Path, column: str, kind: SourceKind) -> None:
    path = tmp_path / "a.parquet"
    for odd in ODD_COLUMNS:
        columns = {name: pa.array([value]) for name, value in STACK_V2.items()} | {column: odd}
        pq.write_table(pa.table(columns), path)
        check(records_of(path, kind), 1, 0)


def test_one_date_among_many_rows_costs_one(tmp_path: Path) -> None:
    dates = [0] * 2000
    dates[1234] = 10**18
    table = pa.table({"text": [f"Text {n}." for n in range(2000)], "date": pa.array(dates, pa.int64())})
    for unit in ("ms", "us", "ns"):
        odd = table.set_column(1, "date", table["date"].combine_chunks().view(pa.timestamp(unit)))
        pq.write_table(odd, tmp_path / "a.parquet")
        drop = check(records_of(tmp_path / "a.parquet", SourceKind.JSONL), 2000, 1234)
        if unit in ("ms", "us"):
            assert drop is not None and "row 1234, column date" in drop.detail and "10000000" in drop.detail
        else:
            assert drop is None  # a time of 2001


def test_times_in_nanoseconds_and_zones_are_dates(tmp_path: Path) -> None:
    second = 1_700_000_000
    nanoseconds = pa.array([second * 10**9 + 1], pa.int64()).view(pa.timestamp("ns", "Asia/Tokyo"))
    pq.write_table(pa.table({"text": ["Text."], "date": nanoseconds}), tmp_path / "a.parquet")
    (found,) = records_of(tmp_path / "a.parquet", SourceKind.JSONL)
    assert isinstance(found, Document)
    assert found.date == datetime.datetime.fromtimestamp(second, datetime.UTC).isoformat()


@pytest.mark.parametrize(
    "table, column",
    [
        *(("contents", name) for name in ("size", "id", "content", "binary")),
        *(("files", name) for name in ("path", "repo_name", "mode", "id")),
        *(("licenses", name) for name in ("license", "repo_name")),
    ],
)
def test_an_odd_value_in_a_joined_table_costs_its_row(tmp_path: Path, table: str, column: str) -> None:
    tables = {
        "contents": {"id": ["1"], "size": [3], "content": [TEXT], "binary": [False]},
        "files": {"repo_name": ["o/r"], "path": ["a.py"], "ref": ["r"], "mode": [33188], "id": ["1"]},
        "licenses": {"repo_name": ["o/r"], "license": ["mit"]},
    }
    for odd in ODD_COLUMNS:
        for name, columns in tables.items():
            made = {key: pa.array(values) for key, values in columns.items()}
            pq.write_table(
                pa.table(made | ({column: odd} if name == table else {})), tmp_path / f"{name}.parquet"
            )
        check(records_of(tmp_path / "contents.parquet", SourceKind.GITHUB), 1, 0)


def test_a_licence_that_is_none_is_never_passed_over(tmp_path: Path) -> None:
    for value in (True, 7, {"who": "knows"}, [True]):
        path = tmp_path / "a.jsonl"
        path.write_text(json.dumps({**FLAT, "license": value}) + "\n")
        (drop,) = records_of(path, SourceKind.JSONL)
        assert isinstance(drop, Drop) and "column license" in drop.detail and "line 1" in drop.detail


def test_rows_of_a_damaged_row_group_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    words = [f"{n} {n * 7919 % 10_007} words" for n in range(900)]
    pq.write_table(
        pa.table({"text": words}), path, row_group_size=300, use_dictionary=False, compression="gzip"
    )
    data = bytearray(path.read_bytes())
    start = pq.ParquetFile(path).metadata.row_group(1).column(0).data_page_offset
    data[start : start + 400] = bytes(400)
    path.write_bytes(data)
    records = records_of(path, SourceKind.JSONL)
    (drop,) = (record for record in records if isinstance(record, Drop))
    assert sum(record.n_records if isinstance(record, Drop) else 1 for record in records) == 900
    assert drop.n_records == 300 and "rows 300 to 599" in drop.detail


POST = (
    'Id="{n}" PostTypeId="1" Score="2" Body="&lt;p&gt;Text {n}&lt;/p&gt;" Title="T" CreationDate="2020-01-01"'
)
ATTRIBUTES = ("Score", "CreationDate", "Title", "Tags", "AcceptedAnswerId", "ContentLicense", "OwnerUserId")


@QUICK
@given(
    name=st.sampled_from(ATTRIBUTES),
    value=st.text(st.characters(exclude_characters='<"', codec="utf-8"), max_size=30)
    | st.sampled_from(["9" * 40, "-1", "&#xD800;", "&#0;", "&bogus;", "NaN"]),
)
def test_an_odd_attribute_of_a_post_costs_its_row(tmp_path: Path, name: str, value: str) -> None:
    odd = POST.format(n=2).replace(f'{name}="', 'X="') + f' {name}="{value}"'
    rows = [POST.format(n=1), odd, POST.format(n=3)]
    path = tmp_path / "Posts.xml"
    path.write_text(
        "<posts>\n" + "".join(f"<row {row} />\n" for row in rows) + "</posts>\n", encoding="utf-8"
    )
    check(records_of(path, SourceKind.STACKEXCHANGE), 3, 1)


@QUICK
@given(
    tag=st.sampled_from(["base", "dbname", "sitename"]),
    value=st.sampled_from(["http://[", "http://[::1/w", "https://]/", "\x00", "//", "http:///x", "9" * 50])
    | st.text(st.characters(exclude_characters="<", codec="utf-8"), max_size=30),
    key=st.sampled_from(["0", "-1", "9" * 4000, "x", ""]),
)
def test_an_odd_site_of_a_wiki_costs_no_page(tmp_path: Path, tag: str, value: str, key: str) -> None:
    pages = "".join(
        f"<page><title>P{n}</title><ns>0</ns><id>{n}</id><revision><id>1</id><timestamp>2020-01-01T00:00:00Z"
        f"</timestamp><text>Some text {n}.</text></revision></page>\n"
        for n in range(2)
    )
    path = tmp_path / "wiki.xml"
    site = f'<siteinfo><{tag}>{value}</{tag}><namespaces><namespace key="{key}">X</namespace></namespaces>'
    path.write_text(f'<mediawiki xml:lang="en">{site}</siteinfo>\n{pages}</mediawiki>', encoding="utf-8")
    assert check(records_of(path, SourceKind.MEDIAWIKI), 2, 0) is None


def test_a_deeply_nested_first_line_costs_itself(tmp_path: Path) -> None:
    for name, row, kind in (("rows", FLAT, SourceKind.JSONL), ("rows", NOTEBOOK, SourceKind.NOTEBOOKS)):
        path = tmp_path / f"{name}.jsonl"
        deep = '{"content": ' + "[" * 50_000 + "]" * 50_000 + "}\n"
        path.write_text(deep + (json.dumps(row) + "\n") * 2)
        drop = check(records_of(path, kind), 3, 0)
        assert drop is not None and drop.reason == "unreadable"


NAMES = [b"caf\xe9.py", "café.py".encode(), b"\xff\xfe.py", b"a\\xff.py", b"plain.py", b"d\xe9r/\xf0x.py"]


@given(st.binary(max_size=12))
def test_a_name_leads_back_to_its_bytes(name: bytes) -> None:
    text = name_text(name)
    assert name_bytes(text) == name
    assert text.encode().decode() == text
    assert name_text(text.encode()) == text or b"\\x" in text.encode()


@given(st.binary(max_size=6), st.binary(max_size=6))
def test_two_names_are_never_one(one: bytes, other: bytes) -> None:
    assert (name_text(one) == name_text(other)) == (one == other)


def _tar(names: list[bytes]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.GNU_FORMAT) as archive:
        for name in names:
            header = tarfile.TarInfo(name.decode("utf-8", "surrogateescape"))
            header.size = len(TEXT)
            archive.addfile(header, io.BytesIO(TEXT.encode()))
    return out.getvalue()


def _zip(names: list[bytes], *, says_utf8: bool) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for number, name in enumerate(names):
            archive.writestr(f"{number:01}".ljust(len(name), "~"), TEXT)
    data = bytearray(out.getvalue())
    for number, name in enumerate(names):
        stand_in = f"{number:01}".ljust(len(name), "~").encode()
        for signature, at_flags, n_head in ((b"PK\x03\x04", 6, 30), (b"PK\x01\x02", 8, 46)):
            at = next(at for at in _places(data, signature) if data[at + n_head :].startswith(stand_in))
            data[at + n_head : at + n_head + len(name)] = name
            if says_utf8:
                flags = struct.unpack_from("<H", data, at + at_flags)[0] | 0x800
                struct.pack_into("<H", data, at + at_flags, flags)
    return bytes(data)


def _places(data: bytearray, signature: bytes) -> Iterator[int]:
    at = data.find(signature)
    while at >= 0:
        yield at
        at = data.find(signature, at + 1)


def test_names_that_are_no_utf_8_are_the_same_in_every_reader(tmp_path: Path) -> None:
    expected = [name_text(name) for name in NAMES]
    for pack in (_tar(NAMES), _zip(NAMES, says_utf8=True), _zip(NAMES, says_utf8=False)):
        found = list(entries(io.BytesIO(pack), Limits(1 << 20, 1000.0)))
        assert [entry.name for entry in found] == expected
    cut = _zip(NAMES, says_utf8=True)
    cut = cut[: cut.index(b"PK\x01\x02")]
    assert [e.name for e in entries(io.BytesIO(cut), Limits(1 << 20, 1000.0))][: len(NAMES)] == expected
    folder = tmp_path / "folder"
    for name in NAMES:
        path = os.path.join(os.fsencode(folder), name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(TEXT.encode())
    records = records_of(folder, SourceKind.GITHUB)
    assert sorted(record.path or "" for record in records if isinstance(record, Document)) == sorted(expected)
    for pack, name in ((_tar(NAMES), "n.tar"), (_zip(NAMES, says_utf8=True), "n.zip")):
        (tmp_path / name).write_bytes(pack)
        records = records_of(tmp_path / name, SourceKind.GITHUB)
        assert [record.path for record in records if isinstance(record, Document)] == expected


def _seven_zip(odd_name: bool) -> bytes:
    """Return a 7z archive of two wikis; the name of the first has half of a UTF-16 pair where that is asked."""
    out = io.BytesIO()
    with py7zr.SevenZipFile(out, "w") as archive:
        archive.set_encoded_header_mode(False)
        archive.writestr(b"<mediawiki></mediawiki>", "aX.xml")
        archive.writestr(b"<mediawiki></mediawiki>", "b.xml")
    data = bytearray(out.getvalue())
    if odd_name:
        at = data.index("aX.xml".encode("utf-16-le")) + 2
        struct.pack_into("<H", data, at, 0xD800)
        offset, size = struct.unpack_from("<QQ", data, 12)
        struct.pack_into("<I", data, 28, zlib.crc32(data[32 + offset : 32 + offset + size]))
        struct.pack_into("<I", data, 8, zlib.crc32(data[12:32]))
    return bytes(data)


def test_an_odd_name_in_a_7z_costs_its_entry(tmp_path: Path) -> None:
    path = tmp_path / "wiki.7z"
    for odd_name in (False, True):
        path.write_bytes(_seven_zip(odd_name))
        records = records_of(path, SourceKind.MEDIAWIKI)
        assert [record.reason for record in records if isinstance(record, Drop)][-1] == "empty"
        names = {record.locator.rpartition("!")[2] for record in records}
        assert names == {"a\\xed\\xa0\\x80.xml" if odd_name else "aX.xml", "b.xml"}


@pytest.mark.skipif(shutil.which("git") is None, reason="needs the git command")
def test_names_in_git_are_those_of_other_readers(tmp_path: Path) -> None:
    def git(*arguments: str) -> None:
        options = ["-c", "user.name=t", "-c", "user.email=t@example.org"]
        subprocess.run(["git", *options, *arguments], cwd=tmp_path, check=True, capture_output=True)

    for name in (b"caf\xe9.py", b"a\\xff.py", b"plain.py"):
        with open(os.path.join(os.fsencode(tmp_path), name), "wb") as file:
            file.write(TEXT.encode() + name)
    git("init", "-q")
    git("add", "-A")
    git("commit", "-q", "-m", "one")
    records = records_of(tmp_path, SourceKind.GITHUB)
    paths = [record.path for record in records if isinstance(record, Document)]
    assert sorted(map(str, paths)) == sorted(map(name_text, (b"caf\xe9.py", b"a\\xff.py", b"plain.py")))
