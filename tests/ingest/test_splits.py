"""Splits of a file: together they give the records of the whole, wherever they lie."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpusforge.document import SourceKind
from corpusforge.ingest import IngestConfig, read, splits, survey, survey_range
from corpusforge.ingest.layout import layout_of
from corpusforge.ingest.surveys import merge_surveys, needs_survey
from tests.ingest.splitting import CONFIG, dumps, input_of, ranges_at, records_of

DUMPS = dumps()
SMALL = CONFIG.model_copy(update={"split_bytes": 1024})
BY_BYTES = [name for name, (_, data) in DUMPS.items() if not data.startswith((b"PK", b"PAR1"))]
DAMAGED = [name for name in BY_BYTES if name.endswith((".gz", ".bz2", ".zst", ".lz4", ".warc"))]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("dumps")
    for name, (_, data) in DUMPS.items():
        (path / name).write_bytes(data)
    return path


@pytest.mark.parametrize("name", DUMPS)
@pytest.mark.parametrize("split_bytes", [1024, 2500, 7000, 1 << 30])
def test_the_splits_of_any_size_give_the_records_of_the_whole(
    folder: Path, name: str, split_bytes: int
) -> None:
    input = input_of(folder / name, DUMPS[name][0])
    whole = list(read(input, CONFIG))
    assert len(whole) > 10
    config = CONFIG.model_copy(update={"split_bytes": split_bytes})
    ranges = splits(input, config, len(DUMPS[name][1]))
    if split_bytes in (1024, 1 << 30):
        assert (len(ranges) > 1) == (split_bytes == 1024)
    assert records_of(input, ranges, config) == whole


@pytest.mark.parametrize("name", BY_BYTES)
@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_ranges_that_end_anywhere_give_the_records_of_the_whole(
    folder: Path, name: str, data: st.DataObject
) -> None:
    kind, content = DUMPS[name]
    points = data.draw(st.lists(st.integers(1, len(content) - 1), max_size=8))
    input = input_of(folder / name, kind)
    assert records_of(input, ranges_at(points), CONFIG) == list(read(input, CONFIG))


@pytest.mark.parametrize("name", DAMAGED)
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_damage_is_told_of_once_wherever_it_is_split(folder: Path, name: str, data: st.DataObject) -> None:
    kind, content = DUMPS[name]
    at = data.draw(st.integers(0, len(content) - 1))
    junk = data.draw(st.binary(max_size=40))
    cut = data.draw(st.integers(0, 400))
    path = folder / f"damaged-{name}"
    path.write_bytes(content[:at] + junk + content[at + cut :])
    points = data.draw(st.lists(st.integers(1, len(content)), max_size=6))
    near = data.draw(st.lists(st.integers(max(1, at - 50), at + 500), max_size=2))
    input = input_of(path, kind)
    # A file that is not what its name says is told of as one, and is not split.
    is_split = kind is not SourceKind.JSONL or layout_of(input, kind, SMALL, len(content)).what != "one file"
    ranges = ranges_at(points + near) if is_split else [(0, None)]
    assert records_of(input, ranges, CONFIG) == list(read(input, CONFIG))


def test_a_survey_is_one_whoever_makes_it(folder: Path) -> None:
    for name in ("a.warc.gz", "stored.warc.gz", "a.jsonl", "repos.zip", "a.xml", "multistream.xml.bz2"):
        input = input_of(folder / name, DUMPS[name][0])
        ranges = splits(input, CONFIG, len(DUMPS[name][1]))
        assert needs_survey(input, CONFIG, ranges)
        parts = [survey_range(input, CONFIG, *bounds) for bounds in reversed(ranges)]
        assert merge_surveys(input, CONFIG, parts[::-1]) == survey(input, CONFIG)


def test_what_needs_no_survey_is_not_read_for_one(folder: Path) -> None:
    for name in ("ended.jsonl.gz", "a.parquet", "books.zip"):
        input = input_of(folder / name, DUMPS[name][0])
        assert not needs_survey(input, CONFIG, splits(input, CONFIG))
    whole = input_of(folder / "a.warc.gz", SourceKind.WARC)
    assert not needs_survey(whole, IngestConfig(), splits(whole, IngestConfig()))


@pytest.mark.parametrize("split_bytes", [1_000_000, 7_000_000])
@pytest.mark.parametrize(
    "name, kind, divisor",
    [
        ("web/crawl-20261121000000-00000.warc.gz", SourceKind.WARC, 1),
        ("wiki/multistream-pages-articles-multistream.xml.bz2", SourceKind.MEDIAWIKI, 10),
        ("github/snapshots/jwarc-9b5df862d35ff72ba965190941923b86b27ea6b5.zip", SourceKind.GITHUB, 40),
    ],
)
def test_real_dumps_split_into_the_records_of_the_whole(
    shared_data: Path, name: str, kind: SourceKind, divisor: int, split_bytes: int
) -> None:
    input = input_of(shared_data / name, kind)
    config = IngestConfig(split_bytes=split_bytes // divisor)
    ranges = splits(input, config)
    assert len(ranges) > 1
    assert records_of(input, ranges, config) == list(read(input, config))
