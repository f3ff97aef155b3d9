"""Real archives, whole and broken: every record is read or accounted for."""

import gzip
import hashlib
import json
from pathlib import Path

import pytest

from corpusforge.document import Document, DropReason, SourceKind
from corpusforge.ingest import IngestConfig, InputFile, read
from corpusforge.ingest.web.archive_records import ArchiveLimits, Gap, archive_records
from corpusforge.ingest.web.derived import page_address
from tests.ingest.dumps import drops, ends, read_file

LOST = {DropReason.UNREADABLE, DropReason.TRUNCATED}
LIMITS = ArchiveLimits(256 << 10, 16 << 20)

BROKEN = {
    # name: (records read, damaged stretches)
    "truncated-tail.warc.gz": (122, 1),
    "garbage-between-members.warc.gz": (123, 1),
    "corrupt-member.warc.gz": (122, 1),
    "single-member.warc.gz": (123, 0),
    "uncompressed.warc": (123, 0),
    "renamed-uncompressed.warc.gz": (48, 0),
    "bad-headers.warc.gz": (123, 0),
    "empty.warc.gz": (0, 0),
    "empty-member.warc.gz": (0, 0),
    "html-not-warc.warc.gz": (0, 1),
}

FEWER = {
    # Records that other readers count and we tell as gaps, each with its offset.
    "chatnoir-eu__chatnoir-resiliparse/clipped.warc.gz": "its only member is cut before its end",
    "webrecorder__warcio/bad.arc": "lengths of -1 and `abc`: nothing says where these records end",
    "webrecorder__pywb/bad.arc": "lengths of -1 and `abc`: nothing says where these records end",
    "openpreserve__jhove/invalid-warcheaderversion-20.warc": "one blank line",
    "openpreserve__jhove/invalid-warcreader-diagnosis-1.warc": "no WARC at all; warcio counts a bad first line",
}
"""And, in the test suite of JHOVE, every header without Content-Length, which FastWARC takes for 0."""


def _counts(path: Path) -> tuple[int, list[Gap]]:
    with path.open("rb") as stream:
        found = list(archive_records(stream, LIMITS))
    gaps = [item for item in found if isinstance(item, Gap)]
    return len(found) - len(gaps), gaps


@pytest.mark.parametrize("name", BROKEN)
def test_broken_files(shared_data: Path, name: str) -> None:
    path = shared_data / "web" / "broken" / name
    n_records, gaps = _counts(path)
    assert (n_records, len(gaps)) == BROKEN[name], gaps
    found = read_file(path, SourceKind.WARC)
    assert len(found) == n_records + len(gaps)
    assert len({item.doc_id for item in found}) == len(found)


def test_every_expected_file_is_tested(shared_data: Path) -> None:
    expected = json.loads((shared_data / "web" / "broken" / "expected.json").read_text())
    assert set(expected["files"]) == set(BROKEN)


def test_what_is_whole_in_a_broken_file_is_as_in_the_whole_one(shared_data: Path) -> None:
    whole = read_file(shared_data / "web" / "crawl-20261121000000-00000.warc.gz", stop=400_000)
    pages = {d.url: d.raw for d in whole if isinstance(d, Document)}
    for name in ("corrupt-member.warc.gz", "garbage-between-members.warc.gz", "truncated-tail.warc.gz"):
        found = [d for d in read_file(shared_data / "web" / "broken" / name) if isinstance(d, Document)]
        assert len(found) > 30
        assert all(pages[d.url] == d.raw for d in found)


def test_third_party_files(shared_data: Path) -> None:
    folder = shared_data / "web" / "thirdparty"
    worse: list[str] = []
    for row in json.loads((folder / "manifest.json").read_text()):
        path = folder / row["file"]
        n_records, gaps = _counts(path)
        peers = {name: row[name] for name in ("fastwarc", "warcio")}
        best = max((count for count in peers.values() if isinstance(count, int)), default=0)
        if n_records != best:
            print(
                f"{row['file']}: {n_records} records, {len(gaps)} gaps; peers {str(peers)[:120]}"
            )  # pytest -s
        untold = [gap for gap in gaps if "Content-Length" not in gap.detail]
        if n_records + len(gaps) < best and row["file"] not in FEWER:
            worse.append(f"{row['file']}: {n_records} records and {gaps}, others {best}")
        if n_records < best and untold and row["file"] not in FEWER:
            worse.append(f"{row['file']}: {untold}")
        found = read_file(path, SourceKind.WARC)
        assert len(found) == n_records + len(gaps), row["file"]
        assert len({item.doc_id for item in found}) == len(found), row["file"]
    assert worse == []


@pytest.mark.parametrize("number, least", [(0, 2080), (4, 1090)])
def test_bodies_are_those_of_the_manifest(shared_data: Path, number: int, least: int) -> None:
    name = f"crawl-20261121000000-0000{number}.warc.gz"
    with gzip.open(shared_data / "web" / "manifest.jsonl.gz") as lines:
        rows = {row["offset"]: row for row in map(json.loads, lines) if row["file"] == name}
    found = read_file(shared_data / "web" / name)
    assert not [d for d in drops(found) if d.reason in LOST]
    by_offset = {int(item.locator.rpartition("=")[2]): item for item in found}
    assert rows.keys() <= by_offset.keys()
    n_same = 0
    for offset, row in rows.items():
        item = by_offset[offset]
        if "content_sha1" not in row or row.get("truncated"):
            continue
        assert isinstance(item, Document), (row, item)
        assert hashlib.sha1(item.raw or b"").hexdigest() == row["content_sha1"], row
        assert item.url == page_address(row["url"])  # a replay's document is the page's
        n_same += 1
    assert n_same >= least


def test_looking_up_by_offset(shared_data: Path) -> None:
    name = "crawl-20261121000000-00000.warc.gz"
    path = shared_data / "web" / name
    with gzip.open(shared_data / "web" / "manifest.jsonl.gz") as lines:
        rows = [row for row in map(json.loads, lines) if row["file"] == name and "content_sha1" in row]
    for row in rows[::40]:
        input = InputFile(str(path), name, "web", SourceKind.WARC)
        (item,) = read(input, IngestConfig(), row["offset"], row["offset"] + 1)
        assert isinstance(item, Document) and item.url == row["url"]
        assert row.get("truncated") or hashlib.sha1(item.raw or b"").hexdigest() == row["content_sha1"]


def test_wet_holds_text_and_wat_holds_none(shared_data: Path) -> None:
    folder = shared_data / "web" / "thirdparty" / "commoncrawl__whirlwind-python"
    for name, expected in (
        ("whirlwind.warc.wet.gz", ["not_content", "text"]),
        ("whirlwind.warc.wat.gz", ["not_content"] * 2),
    ):
        assert ends(read_file(folder / name)) == expected
