"""What is split and what is not, told by a little of the file; and threads by buckets."""

from __future__ import annotations

import bz2
import gzip
import io
import itertools
import lzma
import random
import tracemalloc
from pathlib import Path
from typing import IO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpusforge.document import SourceKind
from corpusforge.ingest import (
    IngestConfig,
    bucket_rows,
    needs_shuffle,
    opening,
    read,
    scatter,
    splits,
    thread_rows,
    threads,
    unsplittable,
)
from corpusforge.ingest.stackexchange.sort import in_order
from tests.ingest.splitting import CONFIG, dumps, input_of, question_rows, zstd
from tests.ingest.test_faults import tarred
from tests.ingest.test_mediawiki import FOOTER, HEADER, page

DUMPS = dumps()
RNG = random.Random(4)
LINES = b"".join(b'{"text": "%s"}\n' % RNG.randbytes(300).hex().encode() for _ in range(60))
PAGES = (HEADER + "".join(page(f"T{n}", RNG.randbytes(300).hex(), n) for n in range(60)) + FOOTER).encode()
WHOLE = {
    "one gzip stream": ("a.jsonl.gz", SourceKind.JSONL, gzip.compress(LINES)),
    "one bzip2 stream": ("a.xml.bz2", SourceKind.MEDIAWIKI, bz2.compress(PAGES)),
    "one xz stream": ("a.xml.xz", SourceKind.MEDIAWIKI, lzma.compress(PAGES)),
    "one 7z block": ("Posts.xml.7z", SourceKind.STACKEXCHANGE, b"7z\xbc\xaf\x27\x1c" + bytes(9000)),
    "one zstd frame": ("a.jsonl.zst", SourceKind.JSONL, zstd(LINES)),
    "a tar in one gzip stream": ("a.tar.gz", SourceKind.GITHUB, tarred(RNG.randbytes(9000))),
    "one file": ("book.txt", SourceKind.BOOKS, b"A line of a book.\n" * 999),
}


@pytest.mark.parametrize("what", WHOLE)
def test_what_cannot_be_split_says_what_it_is_and_how_long_it_takes(tmp_path: Path, what: str) -> None:
    name, kind, data = WHOLE[what]
    (tmp_path / name).write_bytes(data)
    input = input_of(tmp_path / name, kind)
    config = CONFIG.model_copy(update={"split_bytes": max(1024, len(data) // 5)})
    assert splits(input, config) == [(0, None)]
    line = unsplittable(input, config)
    assert line is not None and line.startswith(f"{name}: {what}, ") and "one worker, about" in line
    assert unsplittable(input, IngestConfig()) is None


@pytest.mark.parametrize("name", DUMPS)
def test_a_dump_that_is_split_is_not_told_of(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(DUMPS[name][1])
    assert unsplittable(input_of(tmp_path / name, DUMPS[name][0]), CONFIG) is None


class Counting(io.BytesIO):
    """A file that counts what is read of it."""

    n_bytes = 0

    def read(self, size: int | None = -1, /) -> bytes:
        data = super().read(size)
        Counting.n_bytes += len(data)
        return data


@pytest.mark.parametrize(
    "name", ["a.warc.gz", "multistream.xml.bz2", "a.jsonl", "repos.zip", "Posts.xml.zst"]
)
def test_splits_are_found_by_a_little_of_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    kind, data = DUMPS[name]
    data = data if name.endswith(".zip") else data * (3_000_000 // len(data))
    (tmp_path / name).write_bytes(data)

    def open_input(path: str, **how: object) -> IO[bytes]:
        return Counting(Path(path).read_bytes())

    monkeypatch.setattr(opening, "open_input", open_input)
    Counting.n_bytes = 0
    config = CONFIG.model_copy(update={"split_bytes": max(1024, len(data) // 6)})
    found = splits(input_of(tmp_path / name, kind), config, len(data))
    assert len(found) > 3
    assert Counting.n_bytes <= 256 << 10


def test_threads_of_any_ranges_and_buckets_are_those_of_the_whole(tmp_path: Path) -> None:
    path = tmp_path / "math.stackexchange.com-Posts.xml"
    path.write_bytes(question_rows())
    input = input_of(path, SourceKind.STACKEXCHANGE)
    whole = list(read(input, CONFIG))
    ranges = splits(input, CONFIG)
    assert needs_shuffle(input, ranges)
    with pytest.raises(ValueError, match="shuffle"):
        list(read(input, CONFIG, *ranges[1]))
    for n_buckets in (1, 3, 8):
        files = [str(tmp_path / f"{n_buckets}-{number}") for number in range(len(ranges))]
        n_rows = sum(
            scatter(input, CONFIG, *bounds, n_buckets, file)
            for bounds, file in zip(ranges, files, strict=True)
        )
        assert n_rows == len(list(thread_rows(input, CONFIG)))
        found = [list(threads(input, CONFIG, bucket_rows(files, n))) for n in range(n_buckets)]
        assert sorted(map(repr, itertools.chain(*found))) == sorted(map(repr, whole))
        backwards = [list(threads(input, CONFIG, bucket_rows(files[::-1], n))) for n in range(n_buckets)]
        assert backwards == found
    assert found[0] != [] and list(threads(input, CONFIG, bucket_rows(files, 0))) == found[0]


def test_a_bucket_file_that_is_cut_short_is_a_fault(tmp_path: Path) -> None:
    path = tmp_path / "Posts.xml"
    path.write_bytes(question_rows())
    file = tmp_path / "rows"
    scatter(input_of(path, SourceKind.STACKEXCHANGE), CONFIG, 0, None, 4, str(file))
    file.write_bytes(file.read_bytes()[:-10])
    with pytest.raises(OSError):
        list(bucket_rows([str(file)], 3))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.binary(max_size=300)), st.integers(1, 2000))
def test_rows_are_sorted_however_little_fits_in_memory(rows: list[bytes], run_bytes: int) -> None:
    assert list(in_order(rows, run_bytes)) == sorted(rows)


def test_a_sort_holds_no_more_than_its_runs() -> None:
    rows = (bytes(1000) + str(n * 7919 % 100_003).encode() for n in range(30_000))
    tracemalloc.start()
    n_rows = sum(1 for _ in in_order(rows, 1 << 20))
    peak_bytes = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert n_rows == 30_000 and peak_bytes < 12 << 20
